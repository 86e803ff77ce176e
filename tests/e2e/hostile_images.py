"""Chapter 3.1 of the catalogue: images whose documents, digests and layers do not fit together."""
import base64
import json
import pathlib
from typing import Callable, Dict, List

import images
from hostile import (EVIL, GOOD, NAME, Line, Elsewhere, archive, clean, found, image, incomplete,
                     refused, row)
from hostile_tars import BLOCK, END, EVIL_ENTRY, GOOD_ENTRY
from images import rogue

IMAGES = "test_images.Layouts."
AWAY = "app/" + NAME


def evil_layer(**fields: object) -> images.Layer:
    made = images.layer(rogue.File(AWAY, EVIL))
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def with_layers(*layers: images.Layer, **fields: object) -> images.Image:
    return images.Image([images.layer(rogue.File("etc/os-release", b"ID=clean\n")), *layers],
                        **fields)


def evil_image() -> images.Built:
    return with_layers(evil_layer()).build()


def changed(build: Callable[[], images.Built],
            change: Callable[[dict], None]) -> Callable[[], images.Built]:
    """The image with another manifest; its digest is right."""
    def make() -> images.Built:
        built = build()
        document = json.loads(built.document)
        change(document)
        built.document = images.to_json(document)
        return built
    return make


def retyped(build: Callable[[], images.Built], old: str, new: str) -> Callable[[], images.Built]:
    def make() -> images.Built:
        built = build()
        assert old.encode() in built.document
        built.document = built.document.replace(old.encode(), new.encode(), 1)
        return built
    return make


def good_image() -> images.Built:
    return images.clean_image().build()


def last_layer(field: str, value: object) -> Callable[[dict], None]:
    def change(document: dict) -> None:
        document["layers"][-1][field] = value
    return change


def blob_of(layout: pathlib.Path, digest: str) -> pathlib.Path:
    return layout / "blobs" / digest.replace(":", "/")


def replace_layer(data: bytes) -> Callable[[pathlib.Path], None]:
    def change(layout: pathlib.Path) -> None:
        blob_of(layout, good_image().layers[-1]).write_bytes(data)
    return change


def link_layer(layout: pathlib.Path) -> None:
    blob = blob_of(layout, good_image().layers[-1])
    away = layout.parent / "outside"
    blob.rename(away)
    blob.symlink_to(away)


def other_diff_id(image_: images.Image) -> images.Built:
    honest = image_.config()
    other = honest.replace(images.digest_of(image_.layers[-1].tar)[7:].encode(), b"0" * 64)
    image_.config = lambda: other  # type: ignore[method-assign]
    return image_.build()


def index_chain() -> images.Built:
    built = evil_image()
    for _ in range(64):
        built = images.index([built])
    return built


def with_config(change: Callable[[dict], None]) -> images.Built:
    one = images.clean_image()
    config = json.loads(one.config())
    change(config)
    one.config = lambda: images.to_json(config)  # type: ignore[method-assign]
    return one.build()


COMMAND = " ".join(rogue.miner_argv())


def env(config: dict) -> None:
    config["config"]["Env"].append("START=" + COMMAND)


def cmd(config: dict) -> None:
    config["config"]["Cmd"] = ["sh", "-c", COMMAND]


def health(config: dict) -> None:
    config["config"]["Healthcheck"] = {"Test": ["CMD-SHELL", COMMAND]}


def onbuild(config: dict) -> None:
    config["config"]["OnBuild"] = ["RUN " + COMMAND]


def label(config: dict) -> None:
    config["config"]["Labels"] = {"start": COMMAND}


def history(config: dict) -> None:
    config["history"][0]["created_by"] = "RUN /bin/sh -c " + COMMAND


def climbing_archive() -> bytes:
    one = images.clean_image()
    return images.tar([
        rogue.File("config.json", one.config()), rogue.File("../layer.tar", one.layers[0].tar),
        rogue.File("manifest.json", images.to_json([{
            "Config": "config.json", "RepoTags": ["shop:1"],
            "Layers": ["../layer.tar", "../layer.tar"]}]))])


def repeated() -> images.Built:
    one = with_layers()
    one.layers = [evil_layer()] * 500
    return one.build()


def zstd_chunked() -> images.Built:
    """A layer whose table of contents, in skippable frames, names a chunk that the tar has not."""
    chunk = images.zstd(EVIL)
    tar = images.zstd(images.tar([rogue.File("app/good.sh", GOOD)]))
    offset = len(tar) + 8
    toc = images.zstd(images.to_json({"version": 1, "entries": [
        {"type": "reg", "name": AWAY, "size": len(EVIL), "offset": offset,
         "endOffset": offset + len(chunk), "digest": images.digest_of(EVIL)}]}))

    def skippable(data: bytes) -> bytes:
        return b"\x50\x2a\x4d\x18" + len(data).to_bytes(4, "little") + data

    footer = b"".join(n.to_bytes(8, "little") for n in (
        offset + len(chunk) + 8, len(toc), 1000, 1)) + b"GNUlInUx"
    return with_layers(evil_layer(
        tar=images.tar([rogue.File("app/good.sh", GOOD)]), packed="zstd",
        stored=tar + skippable(chunk) + skippable(toc) + skippable(footer))).build()


def estargz() -> images.Built:
    """A layer whose table of contents lists a file at a gzip member behind the tar's end."""
    toc = images.to_json({"version": 1, "entries": [{
        "name": AWAY, "type": "reg", "size": len(EVIL), "offset": 0,
        "digest": images.digest_of(EVIL)}]})
    tar = images.tar([rogue.File("app/good.sh", GOOD), rogue.File("stargz.index.json", toc)])
    packed = images.pack(EVIL, "gzip") + images.pack(tar, "gzip-members")
    return with_layers(evil_layer(tar=EVIL + tar, stored=packed)).build()


def artifact(files: Dict[str, bytes], subject: images.Built) -> None:
    """Adds an artifact of OCI 1.1 that is attached to `subject`, as layouts keep them."""
    blobs = {"config": b"{}", "layer": EVIL}
    for data in blobs.values():
        files["blobs/" + images.digest_of(data).replace(":", "/")] = data
    document = images.to_json({
        "schemaVersion": 2, "mediaType": images.OCI + "manifest.v1+json",
        "artifactType": "application/vnd.shop.example.tool",
        "config": {"mediaType": images.OCI + "empty.v1+json", "size": 2,
                   "digest": images.digest_of(b"{}")},
        "layers": [{"mediaType": "application/x-sh", "size": len(EVIL),
                    "digest": images.digest_of(EVIL)}],
        "subject": subject.descriptor()})
    digest = images.digest_of(document)
    files["blobs/" + digest.replace(":", "/")] = document
    index = json.loads(files["index.json"])
    index["manifests"].append({"mediaType": images.OCI + "manifest.v1+json", "digest": digest,
                               "size": len(document)})
    files["index.json"] = images.to_json(index)


def attached() -> Dict[str, bytes]:
    subject = good_image()
    files = images.layout_files({"t": subject})
    artifact(files, subject)
    return files


def unknown_artifact() -> images.Built:
    def change(document: dict) -> None:
        document["config"]["mediaType"] = "application/x"
        document["artifactType"] = "application/x"
        document["layers"][-1]["mediaType"] = "application/x"
    return changed(lambda: with_layers(evil_layer(stored=EVIL)).build(), change)()


def whiteouts() -> images.Built:
    odd = [rogue.File("app/" + name) for name in
           (".wh.", ".wh...", ".wh..", ".wh.a/b", ".wh..wh.", ".wh..wh..opq/x", ".wh.\n", "x/.wh.")]
    return with_layers(evil_layer(), images.layer(*odd)).build()


def planted(*deleted_by: object) -> Callable[[], images.Built]:
    return lambda: with_layers(evil_layer(), images.layer(*deleted_by)).build()


def foreign(document: dict) -> None:
    document["layers"][-1].update(
        mediaType=images.OCI + "layer.nondistributable.v1.tar+gzip",
        urls=["http://169.254.169.254/latest", "http://127.0.0.1:9/x"])


ROWS: List[Line] = [
    row(1, "other bytes than the digest says",
        image(good_image, change=replace_layer(images.pack(EVIL_ENTRY + END, "gzip"))),
        refused(good_image().layers[-1][7:19]), found(NAME)),
    row(1, "fewer bytes than the digest says", image(good_image, change=replace_layer(b"")),
        refused(good_image().layers[-1][7:19])),
    row(2, "a size that is too small", image(changed(good_image, last_layer("size", 7))),
        refused("7")),
    row(2, "a size that is too large", image(changed(good_image, last_layer("size", 1 << 40))),
        refused()),
    row(2, "a negative size", image(changed(good_image, last_layer("size", -1))), refused("size")),
    row(2, "a size that is no integer", image(changed(good_image, last_layer("size", 7.5))),
        refused("size")),
    row(3, "another diff_id, harmless", image(lambda: other_diff_id(images.clean_image())),
        refused("diffID")),
    row(3, "another diff_id, and it is scanned",
        image(lambda: other_diff_id(with_layers(evil_layer()))), found(NAME, "diffID")),
    row(4, "deleted later", image(planted(rogue.File("app/.wh." + NAME))),
        found(NAME, state="deleted")),
    row(4, "hidden by an opaque folder", image(planted(rogue.File("app/.wh..wh..opq"))),
        found(NAME, state="deleted")),
    row(4, "overwritten later", image(planted(rogue.File(AWAY, GOOD))),
        found(NAME, state="overwritten")),
    row(5, "a manifest that is an index too",
        image(changed(evil_image, lambda d: d.update(manifests=[]))), refused("index and image")),
    row(5, "an index that is typed as a manifest", image(changed(
        lambda: images.index([evil_image()]),
        lambda d: d.update(mediaType=images.OCI + "manifest.v1+json"))), refused()),
    row(6, "layers twice", image(retyped(
        evil_image, '"schemaVersion": 2', '"layers": [], "schemaVersion": 2')), refused("layers")),
    row(6, "layers twice, in other letters", image(retyped(
        evil_image, '"schemaVersion": 2', '"Layers": [], "schemaVersion": 2')), refused("layers")),
    row(7, "a digest that climbs", image(changed(
        good_image, last_layer("digest", "sha256:../../../../etc/passwd"))), refused("digest")),
    row(7, "an unknown digest", image(changed(good_image, last_layer("digest", "md5:" + "0" * 32))),
        refused("digest")),
    row(7, "a digest in capitals", image(changed(
        good_image, last_layer("digest", "sha256:" + "A" * 64))), refused("digest")),
    row(8, "a media type that lies about compression", image(lambda: with_layers(
        evil_layer(media_type=images.OCI + "layer.v1.tar+zstd")).build()), found(NAME, "zstd")),
    row(8, "packed, though its type says it is not", image(lambda: with_layers(
        evil_layer(media_type=images.OCI + "layer.v1.tar")).build()), found(NAME, "gzip")),
    row(9, "an encrypted layer", image(lambda: with_layers(evil_layer(
        media_type=images.OCI + "layer.v1.tar+gzip+encrypted",
        stored=bytes(range(256)) * 9)).build()), incomplete("decode.encrypted")),
    row(10, "a foreign layer", image(changed(good_image, foreign)), incomplete("net.foreign")),
    Elsewhere(10, "a foreign layer is not asked for",
              ["test_hostile_network.Network.test_10_a_foreign_layer_is_not_asked_for"]),
    row(11, "a missing blob", image(good_image, change=lambda layout: blob_of(
        layout, good_image().layers[0]).unlink()), incomplete("net.missing")),
    row(12, "a blob that is a link out of the layout", image(good_image, change=link_layer),
        refused()),
    row(13, "64 nested indexes", image(index_chain), refused("nested"), incomplete("limit.depth")),
    row(14, "the script only for another platform", image(lambda: images.index(
        [good_image(), with_layers(evil_layer(), platform="linux/arm64").build()])), found(NAME)),
    row(14, "another platform left out", image(lambda: images.index(
        [good_image(), with_layers(evil_layer(), platform="linux/arm64").build()]), "--platform",
        "linux/amd64"), clean("left out by")),
    row(15, "the entry point", image(lambda: images.clean_image(
        ).__class__(images.clean_image().layers, rogue.miner_argv()).build()), found("")),
    row(15, "the command", image(lambda: with_config(cmd)), found("")),
    row(15, "the environment", image(lambda: with_config(env)), found("")),
    row(15, "the health check", image(lambda: with_config(health)), found("")),
    row(15, "a trigger for builds", image(lambda: with_config(onbuild)), found("")),
    row(15, "a label", image(lambda: with_config(label)), found("")),
    row(15, "the history", image(lambda: with_config(history)), found("")),
    row(16, "a saved image's layer that climbs", archive("docker-archive", climbing_archive),
        refused("..")),
    row(17, "one layer 500 times", image(repeated), found(NAME)),
    row(18, "zstd:chunked whose table names other chunks", image(zstd_chunked), found("")),
    row(18, "eStargz whose table names another member", image(estargz), found("")),
    row(19, "inline data that is not what its digest says", image(changed(
        good_image, lambda d: d["config"].update(data=base64.b64encode(b"{}").decode()))),
        refused("data")),
    row(20, "10,000 manifests", image(lambda: images.index([evil_image()] * 10_000)),
        refused(), incomplete()),
    row(20, "a manifest of 4 MiB and a byte", image(changed(
        good_image, lambda d: d.update(annotations={"a": "x" * (4 << 20)}))), refused("4")),
    Elsewhere(21, "a tag that moves between manifest and blobs",
              ["test_hostile_network.Network.test_21_a_tag_that_moves_is_one_image"]),
    row(22, "an attached artifact", image(attached), found(""), incomplete(), clean("attached")),
    row(23, "an artifact of an unknown type", image(unknown_artifact), found("")),
    row(24, "odd whiteouts", image(whiteouts), found(NAME, state="present")),
]
