"""Container images as values: layers in, manifests, blobs, layouts and archives out.

Nothing here is random and nothing is read from the machine; the rogue parts are those of
testdata/make_rogue_image.py.
"""
import dataclasses
import gzip
import hashlib
import io
import json
import lzma
import pathlib
import subprocess
import sys
import tarfile
from typing import Dict, Iterable, List, Optional, Sequence, Tuple

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "testdata"))
import make_rogue_image as rogue  # noqa: E402  (its folder is only now on the path)

OCI = "application/vnd.oci.image."
DOCKER = "application/vnd.docker."
CREATED = "2026-01-01T00:00:00Z"


def digest_of(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def to_json(value: object) -> bytes:
    return json.dumps(value, indent=1).encode()


def zstd(data: bytes, *options: str) -> bytes:
    return subprocess.run(["zstd", "-q", "-c", *options], input=data, stdout=subprocess.PIPE,
                          check=True).stdout


def pack(data: bytes, how: str) -> bytes:
    """Compresses a layer; `how` is a name of PACKINGS or "none"."""
    return PACKINGS[how](data)


PACKINGS = {
    "none": lambda data: data,
    "gzip": lambda data: gzip.compress(data, 6, mtime=0),
    # One member per 10,000 bytes, as pigz and estargz make them.
    "gzip-members": lambda data: b"".join(gzip.compress(data[at:at + 10000], 6, mtime=0)
                                          for at in range(0, len(data), 10000)),
    "zstd": zstd,
    # A skippable frame, then two frames: what zstd:chunked is made of.
    "zstd-frames": lambda data: (b"\x50\x2a\x4d\x18\x04\x00\x00\x00skip" +
                                 zstd(data[:len(data) // 2]) + zstd(data[len(data) // 2:])),
    "xz": lambda data: lzma.compress(data),
    "bzip2": lambda data: __import__("bz2").compress(data),
}
SUFFIXES = {"none": "", "gzip": "+gzip", "gzip-members": "+gzip", "zstd": "+zstd",
            "zstd-frames": "+zstd", "xz": "+xz", "bzip2": "+bzip2"}


def tar(entries: Iterable[object]) -> bytes:
    """A layer's tar.  An entry is rogue.File, or a tarfile.TarInfo without content."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for entry in entries:
            if isinstance(entry, tarfile.TarInfo):
                archive.addfile(entry)
                continue
            info = tarfile.TarInfo(entry.path)
            info.size, info.mode = len(entry.data), entry.mode
            archive.addfile(info, io.BytesIO(entry.data))
    return out.getvalue()


def symlink(path: str, target: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(path)
    info.type, info.linkname = tarfile.SYMTYPE, target
    return info


def directory(path: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(path)
    info.type, info.mode = tarfile.DIRTYPE, 0o755
    return info


@dataclasses.dataclass
class Layer:
    tar: bytes
    command: str = ""
    packed: str = "gzip"
    media_type: Optional[str] = None  # a lie, or a type that no one knows
    stored: Optional[bytes] = None    # other bytes than the packed tar: damage
    promised: str = ""                # the diffID; "" = that of the tar

    @property
    def blob(self) -> bytes:
        return pack(self.tar, self.packed) if self.stored is None else self.stored


def layer(*entries: object, command: str = "", packed: str = "gzip") -> Layer:
    return Layer(tar(entries), command or "COPY . / # buildkit", packed)


@dataclasses.dataclass
class Built:
    """A manifest or index, and every blob it needs (other manifests included)."""
    document: bytes
    media_type: str
    blobs: Dict[str, bytes]
    platform: str = ""
    layers: Sequence[str] = ()  # digests of the layers, lowest first
    config: str = ""

    @property
    def digest(self) -> str:
        return digest_of(self.document)

    def descriptor(self) -> dict:
        found = {"mediaType": self.media_type, "digest": self.digest, "size": len(self.document)}
        if self.platform:
            names = ("os", "architecture", "variant")
            found["platform"] = dict(zip(names, self.platform.split("/")))
        return found


@dataclasses.dataclass
class Image:
    layers: List[Layer]
    entrypoint: Sequence[str] = ("/bin/true",)
    platform: str = "linux/amd64"
    docker: bool = False          # Docker's media types instead of OCI's
    manifest_extra: dict = dataclasses.field(default_factory=dict)

    def config(self) -> bytes:
        os_name, architecture, *variant = self.platform.split("/")
        config = {
            "created": CREATED, "architecture": architecture, "os": os_name,
            "config": {"Entrypoint": list(self.entrypoint), "Env": ["PATH=/usr/bin:/bin"]},
            "rootfs": {"type": "layers", "diff_ids": [x.promised or digest_of(x.tar) for x in self.layers]},
            "history": [{"created": CREATED, "created_by": x.command} for x in self.layers] +
                       [{"created": CREATED, "created_by": "ENTRYPOINT", "empty_layer": True}],
        }
        if variant:
            config["variant"] = variant[0]
        return to_json(config)

    def layer_type(self, one: Layer) -> str:
        if one.media_type:
            return one.media_type
        if self.docker:
            return DOCKER + "image.rootfs.diff.tar" + SUFFIXES[one.packed].replace("+", ".")
        return OCI + "layer.v1.tar" + SUFFIXES[one.packed]

    def build(self) -> Built:
        blobs: Dict[str, bytes] = {}

        def add(media_type: str, data: bytes) -> dict:
            blobs[digest_of(data)] = data
            return {"mediaType": media_type, "digest": digest_of(data), "size": len(data)}

        config = add(DOCKER + "container.image.v1+json" if self.docker else OCI + "config.v1+json",
                     self.config())
        layers = [add(self.layer_type(one), one.blob) for one in self.layers]
        media_type = (DOCKER + "distribution.manifest.v2+json" if self.docker
                      else OCI + "manifest.v1+json")
        manifest = {"schemaVersion": 2, "mediaType": media_type, "config": config,
                    "layers": layers, **self.manifest_extra}
        return Built(to_json(manifest), media_type, blobs, self.platform,
                     [one["digest"] for one in layers], config["digest"])


def index(images: Sequence[Built], docker: bool = False) -> Built:
    """A multi-platform index (Docker: manifest list), written by hand."""
    media_type = (DOCKER + "distribution.manifest.list.v2+json" if docker
                  else OCI + "index.v1+json")
    document = to_json({"schemaVersion": 2, "mediaType": media_type,
                        "manifests": [one.descriptor() for one in images]})
    blobs: Dict[str, bytes] = {}
    for one in images:
        blobs.update(one.blobs)
        blobs[one.digest] = one.document
    return Built(document, media_type, blobs)


# --- where images are kept -------------------------------------------------------------------------


def layout_files(tagged: Dict[str, Built]) -> Dict[str, bytes]:
    """name -> bytes of an OCI layout that holds the images under their tags."""
    entries, files = [], {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}
    for tag, built in tagged.items():
        entries.append({**built.descriptor(),
                        "annotations": {"org.opencontainers.image.ref.name": tag}})
        for digest, data in {**built.blobs, built.digest: built.document}.items():
            files["blobs/" + digest.replace(":", "/")] = data
    files["index.json"] = to_json({"schemaVersion": 2, "mediaType": OCI + "index.v1+json",
                                   "manifests": entries})
    return files


def write_files(folder: pathlib.Path, files: Dict[str, bytes]) -> pathlib.Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def write_layout(folder: pathlib.Path, tagged: Dict[str, Built]) -> pathlib.Path:
    return write_files(folder, layout_files(tagged))


def tar_of(files: Dict[str, bytes]) -> bytes:
    return tar([rogue.File(name, data) for name, data in files.items()])


def docker_archive_files(image: Image, reference: Optional[str]) -> List[object]:
    """`docker save` before 25: folders named by layer ids, uncompressed, a repeated layer a link."""
    built_config = image.config()
    config_name = hashlib.sha256(built_config).hexdigest() + ".json"
    entries: List[object] = [rogue.File(config_name, built_config)]
    names, seen = [], {}
    for number, one in enumerate(image.layers):
        identity = hashlib.sha256(f"{number} ".encode() + one.tar).hexdigest()
        name = f"{identity}/layer.tar"
        entries += [directory(identity), rogue.File(f"{identity}/VERSION", b"1.0"),
                    rogue.File(f"{identity}/json", to_json({"id": identity}))]
        digest = digest_of(one.tar)
        if digest in seen:
            entries.append(symlink(name, f"../{seen[digest]}"))
        else:
            entries.append(rogue.File(name, one.tar))
            seen[digest] = name
        names.append(name)
    manifest = [{"Config": config_name, "RepoTags": [reference] if reference else None,
                 "Layers": names}]
    return entries + [rogue.File("manifest.json", to_json(manifest))]


def docker25_files(built: Built, reference: str) -> Dict[str, bytes]:
    """`docker save` since 25, and containerd's export: an OCI layout that has a manifest.json too."""
    files = layout_files({reference.rpartition(":")[2]: built})
    names = {digest: "blobs/" + digest.replace(":", "/") for digest in built.blobs}
    files["manifest.json"] = to_json([{
        "Config": names[built.config], "RepoTags": [reference],
        "Layers": [names[digest] for digest in built.layers]}])
    return files


# --- images that many tests use --------------------------------------------------------------------


def rogue_image(**changes: object) -> Image:
    """testdata's rogue image as an Image; `packed` changes the compression of every layer."""
    packed = changes.pop("packed", "gzip")
    return Image([Layer(data, command, packed) for command, data in rogue.rogue_layers()],
                 rogue.miner_argv(), **changes)


def clean_image(**changes: object) -> Image:
    packed = changes.pop("packed", "gzip")
    return Image([layer(rogue.File("etc/os-release", b"ID=clean\n"), packed=packed),
                  layer(rogue.File("srv/app/server.py", b"print('hello')\n"), packed=packed)],
                 ["/srv/app/server.py"], **changes)


def planted_image(deleted_by: Sequence[object], at_layer: int = 5, count: int = 6,
                  path: str = "opt/tools/worker") -> Tuple[Image, str]:
    """`count` layers; the fake miner comes with layer 3; layer `at_layer` holds `deleted_by`."""
    layers = []
    for number in range(1, count + 1):
        if number == 3:
            layers.append(layer(rogue.File(path, rogue.fake_miner(), 0o755),
                                command="RUN /bin/sh -c fetch-tools # buildkit"))
        elif number == at_layer:
            layers.append(layer(*deleted_by, command="RUN /bin/sh -c clean-up # buildkit"))
        else:
            layers.append(layer(rogue.File(f"srv/part{number}.txt", b"part %d\n" % number),
                                command=f"COPY part{number} /srv # buildkit"))
    return Image(layers), path
