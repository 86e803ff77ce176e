"""What is measured: images made of the files of installed Debian packages, as OCI layouts.

Made once and kept under build/bench; made anew when this file changes.
"""
import contextlib
import gzip
import hashlib
import io
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
from typing import Dict, Iterator, List, NamedTuple, Sequence

from measure import ROOT

sys.path.insert(0, str(ROOT / "tests/e2e"))
import harness  # noqa: E402  (its folder is only now on the path)
import images  # noqa: E402

CACHE = ROOT / "build/bench"
LAYERS = 6
MINER = "opt/tools/worker"
SMALL_BYTES = 200  # of each small file


class Layer(NamedTuple):
    path: pathlib.Path
    diff_id: str
    unpacked: int  # bytes of the tar
    media_type: str = "tar+gzip"


class Inputs(NamedTuple):
    layout: pathlib.Path       # tags rogue, clean, one (layer), zstd, small, small-in-one
    layers: Dict[str, List[Layer]]
    small_files: int


# --- layouts ---------------------------------------------------------------------------------------


def file_digest(path: pathlib.Path) -> str:
    found = hashlib.sha256()
    with open(path, "rb") as file:
        for chunk in iter(lambda: file.read(1 << 20), b""):
            found.update(chunk)
    return "sha256:" + found.hexdigest()


def blob_path(layout: pathlib.Path, digest: str) -> pathlib.Path:
    path = layout / "blobs" / digest.replace(":", "/")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def keep(layout: pathlib.Path, layer: Layer) -> Layer:
    """Moves a layer's file to where its digest says."""
    path = blob_path(layout, file_digest(layer.path))
    layer.path.replace(path)
    return layer._replace(path=path)


def write_image(layout: pathlib.Path, tag: str, layers: Sequence[Layer]) -> dict:
    """Writes config and manifest; returns the index's entry."""
    def store(data: bytes, media_type: str) -> dict:
        digest = images.digest_of(data)
        blob_path(layout, digest).write_bytes(data)
        return {"mediaType": media_type, "digest": digest, "size": len(data)}

    config = images.to_json({
        "architecture": "amd64", "os": "linux", "created": images.CREATED,
        "config": {"Entrypoint": ["/bin/true"]},
        "rootfs": {"type": "layers", "diff_ids": [one.diff_id for one in layers]},
        "history": [{"created": images.CREATED, "created_by": f"RUN step {number + 1}"}
                    for number in range(len(layers))]})
    manifest = images.to_json({
        "schemaVersion": 2, "mediaType": images.OCI + "manifest.v1+json",
        "config": store(config, images.OCI + "config.v1+json"),
        "layers": [{"mediaType": f"{images.OCI}layer.v1.{one.media_type}",
                    "digest": "sha256:" + one.path.name, "size": one.path.stat().st_size}
                   for one in layers]})
    return {**store(manifest, images.OCI + "manifest.v1+json"),
            "annotations": {"org.opencontainers.image.ref.name": tag}}


def write_layout(layout: pathlib.Path, tagged: Dict[str, Sequence[Layer]]) -> None:
    entries = [write_image(layout, tag, layers) for tag, layers in tagged.items()]
    (layout / "index.json").write_bytes(images.to_json(
        {"schemaVersion": 2, "mediaType": images.OCI + "index.v1+json", "manifests": entries}))
    (layout / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')


@contextlib.contextmanager
def repeated_layers(layers: Sequence[Layer], unpacked: int) -> Iterator[pathlib.Path]:
    """A layout of as many layers as come nearest to so many unpacked bytes, removed afterwards.  No
    digest comes twice, so that nothing is looked at once for all: the gzip header of each says
    another time."""
    with tempfile.TemporaryDirectory(prefix="repeated.", dir=CACHE) as name:
        layout, made, total = pathlib.Path(name), [], 0
        while not made or total + layers[len(made) % len(layers)].unpacked / 2 < unpacked:
            layer = layers[len(made) % len(layers)]
            copy = layout / "layer"
            shutil.copyfile(layer.path, copy)
            with open(copy, "r+b") as file:
                file.seek(4)  # RFC 1952: MTIME
                file.write(len(made).to_bytes(4, "little"))
            made.append(keep(layout, layer._replace(path=copy)))
            total += layer.unpacked
        write_layout(layout, {"latest": made})
        yield layout


# --- layers ----------------------------------------------------------------------------------------


class LayerWriter:
    """Writes one layer as gzip; use as a context, then layer()."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path, self.unpacked, self.digest = path, 0, hashlib.sha256()
        self.stack = contextlib.ExitStack()

    def __enter__(self) -> "LayerWriter":
        raw = self.stack.enter_context(open(self.path, "wb"))
        # Level 6 is what image builders use.
        self.out = self.stack.enter_context(gzip.GzipFile("", "wb", 6, raw, mtime=0))
        self.archive = self.stack.enter_context(
            tarfile.open(fileobj=self, mode="w|", format=tarfile.PAX_FORMAT))  # type: ignore
        return self

    def __exit__(self, *error: object) -> None:
        self.stack.close()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.unpacked += len(data)
        return self.out.write(data)

    def add(self, name: str, data: bytes) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(data), 0o755
        self.archive.addfile(info, io.BytesIO(data))

    def layer(self) -> Layer:
        return Layer(self.path, "sha256:" + self.digest.hexdigest(), self.unpacked)


def packages_by_size() -> List[str]:
    """Installed packages, largest first."""
    listed = subprocess.run(["dpkg-query", "-W", "-f=${Installed-Size} ${Package}\n"],
                            stdout=subprocess.PIPE, check=True, text=True).stdout
    sized = [line.split() for line in listed.splitlines() if len(line.split()) == 2]
    return [name for _, name in sorted(((int(size), name) for size, name in sized),
                                       key=lambda one: (-one[0], one[1]))]


def split_files(unpacked: int) -> List[List[pathlib.Path]]:
    """At least so many bytes of package files in LAYERS equal parts.  Packages that would fill half
    a layer alone are left out: an image is a mixture of libraries, programs, scripts and texts."""
    parts: List[List[pathlib.Path]] = [[] for _ in range(LAYERS)]
    sizes = [0] * LAYERS
    for package in packages_by_size():
        if sum(sizes) >= unpacked:
            break
        smallest = sizes.index(min(sizes))
        files = harness.package_files(package)
        size = sum(path.stat().st_size for path in files)
        if size <= unpacked // LAYERS // 2:
            parts[smallest] += files
            sizes[smallest] += size
    if sum(sizes) < unpacked:
        print(f"bench: this machine's packages hold only {sum(sizes) / 1e6:.0f} MB",
              file=sys.stderr)
    return parts


def package_layer(layout: pathlib.Path, number: int, files: Sequence[pathlib.Path],
                  rogue: bool) -> Layer:
    """Layer `number` (from 1); a rogue one has the miner (3) or deletes it (5)."""
    with LayerWriter(layout / "layer") as writer:
        for file in files:
            writer.add(str(file)[1:], file.read_bytes())
        if rogue and number == 3:
            writer.add(MINER, images.rogue.fake_miner())
        if rogue and number == 5:
            folder, _, name = MINER.rpartition("/")
            writer.add(f"{folder}/.wh.{name}", b"")
    return keep(layout, writer.layer())


def as_zstd(layout: pathlib.Path, layer: Layer) -> Layer:
    path = layout / "layer"
    with open(path, "wb") as out, subprocess.Popen(["igzip", "-dc", str(layer.path)],
                                                   stdout=subprocess.PIPE) as plain:
        subprocess.run(["zstd", "-q", "-3"], stdin=plain.stdout, stdout=out, check=True)
    return keep(layout, layer._replace(path=path, media_type="tar+zstd"))


def small_texts(count: int) -> Iterator[bytes]:
    """Ordinary words of no meaning, SMALL_BYTES each; the same every time."""
    dice = random.Random(1)
    words = ["".join(dice.choice("etaoinshrdlu") for _ in range(dice.randint(2, 9)))
             for _ in range(4000)]
    for _ in range(count):
        text = " ".join(dice.choice(words) for _ in range(SMALL_BYTES // 3))
        yield text[:SMALL_BYTES - 1].encode() + b"\n"


def small_layer(layout: pathlib.Path, texts: Sequence[bytes], files: int) -> Layer:
    """The texts in so many files of equal size."""
    share = -(-len(texts) // files)
    with LayerWriter(layout / "layer") as writer:
        for number, at in enumerate(range(0, len(texts), share)):
            writer.add(f"srv/{number // 1000:03}/{number % 1000:03}.txt",
                       b"".join(texts[at:at + share]))
    return keep(layout, writer.layer())


# --- all of them -----------------------------------------------------------------------------------


def build(quick: bool) -> Inputs:
    """The inputs, from the cache when they are there.  A short run has a fifth of the bytes."""
    folder = CACHE / ("quick" if quick else "full")
    layout, done = folder / "layout", folder / "done.json"
    small = 20_000 if quick else 200_000
    recipe = hashlib.sha256(b"".join(path.read_bytes() for path in (
        pathlib.Path(__file__), ROOT / "testdata/make_rogue_image.py"))).hexdigest()
    if done.exists():
        kept = json.loads(done.read_text())
        if kept["recipe"] == recipe:
            return Inputs(layout, {tag: [Layer(pathlib.Path(one[0]), *one[1:]) for one in layers]
                                   for tag, layers in kept["layers"].items()}, small)
    shutil.rmtree(folder, ignore_errors=True)
    layout.mkdir(parents=True)
    print("bench: making the images, once (some minutes)", file=sys.stderr)
    parts = split_files(100_000_000 if quick else 500_000_000)
    clean = [package_layer(layout, number, part, False) for number, part in enumerate(parts, 1)]
    rogue = [package_layer(layout, number, part, True) if number in (3, 5) else clean[number - 1]
             for number, part in enumerate(parts, 1)]
    texts = list(small_texts(small))
    tagged = {"clean": clean, "rogue": rogue, "one": clean[:1],
              "zstd": [as_zstd(layout, one) for one in clean],
              "small": [small_layer(layout, texts, small)],
              "small-in-one": [small_layer(layout, texts, 1)]}
    write_layout(layout, tagged)
    done.write_text(json.dumps({"recipe": recipe, "layers": {
        tag: [[str(one.path), *one[1:]] for one in layers] for tag, layers in tagged.items()}}))
    return Inputs(layout, tagged, small)


def unpacked_bytes(layers: Sequence[Layer]) -> int:
    return sum(one.unpacked for one in layers)
