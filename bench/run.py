#!/usr/bin/env python3
"""Speed and memory of a whole image scan, beside what merely inflating its layers costs.

    ./dev bench                three runs of each
    ./dev bench --runs 7       more

Builds once, under build/bench: an image of six layers and at least 500 MB unpacked, from the files
of installed Debian packages, with a fake miner that comes with layer 3 and is deleted by layer 5;
and its clean twin.  Both are pulled from a docker-registry on loopback, as a pipeline would.  All
figures of one table are of one machine and one run: compare ratios, not seconds.
"""
import argparse
import gzip
import hashlib
import io
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from typing import Callable, List, NamedTuple, Sequence

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/e2e"))
import harness  # noqa: E402  (its folder is only now on the path)
import images  # noqa: E402
import peers  # noqa: E402

CACHE = ROOT / "build/bench"
UNPACKED = 500_000_000
LAYERS = 6
MINER = "opt/tools/worker"
# design.md's figures: what the ratios must not exceed.
CPU_LIMIT, WALL_LIMIT, MEMORY_LIMIT, START_LIMIT = 2.0, 1.3, 256 << 20, 0.030
AGAIN_LIMIT = 0.100  # seconds


class Cost(NamedTuple):
    cpu: float   # seconds of user and system time
    wall: float
    peak: int    # bytes of resident memory
    status: int


# --- the images ------------------------------------------------------------------------------------


def packages_by_size() -> List[str]:
    """Installed packages, largest first."""
    listed = subprocess.run(["dpkg-query", "-W", "-f=${Installed-Size} ${Package}\n"],
                            stdout=subprocess.PIPE, check=True, text=True).stdout
    sized = [line.split() for line in listed.splitlines() if len(line.split()) == 2]
    return [name for _, name in sorted(((int(size), name) for size, name in sized),
                                       key=lambda one: (-one[0], one[1]))]


def split_files() -> List[List[pathlib.Path]]:
    """At least UNPACKED bytes of package files in LAYERS equal parts.  Packages that would fill half
    a layer alone are left out: an image is a mixture of libraries, programs, scripts and texts."""
    parts: List[List[pathlib.Path]] = [[] for _ in range(LAYERS)]
    sizes = [0] * LAYERS
    for package in packages_by_size():
        if sum(sizes) >= UNPACKED:
            break
        smallest = sizes.index(min(sizes))
        files = harness.package_files(package)
        size = sum(path.stat().st_size for path in files)
        if size <= UNPACKED // LAYERS // 2:
            parts[smallest] += files
            sizes[smallest] += size
    if sum(sizes) < UNPACKED:
        print(f"bench: this machine's packages hold only {sum(sizes) / 1e6:.0f} MB",
              file=sys.stderr)
    return parts


def write_layer(number: int, files: Sequence[pathlib.Path], rogue: bool) -> dict:
    """Writes layer `number` (from 1) as gzip into CACHE; returns what a manifest says of it."""
    unpacked = hashlib.sha256()
    path = CACHE / "layer.tmp"

    class Tee(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            unpacked.update(data)
            return out.write(data)

    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as out:
        with tarfile.open(fileobj=Tee(), mode="w|", format=tarfile.PAX_FORMAT) as archive:
            def add(name: str, data: bytes) -> None:
                info = tarfile.TarInfo(name)
                info.size, info.mode = len(data), 0o755
                archive.addfile(info, io.BytesIO(data))

            for file in files:
                add(str(file)[1:], file.read_bytes())
            if rogue and number == 3:
                add(MINER, images.rogue.fake_miner())
            if rogue and number == 5:
                folder, _, name = MINER.rpartition("/")
                add(f"{folder}/.wh.{name}", b"")
    digest = file_digest(path)
    blob = CACHE / "layout/blobs" / digest.replace(":", "/")
    blob.parent.mkdir(parents=True, exist_ok=True)
    path.replace(blob)
    return {"mediaType": images.OCI + "layer.v1.tar+gzip", "digest": digest,
            "size": blob.stat().st_size, "diff_id": "sha256:" + unpacked.hexdigest()}


def file_digest(path: pathlib.Path) -> str:
    found = hashlib.sha256()
    with open(path, "rb") as file:
        for chunk in iter(lambda: file.read(1 << 20), b""):
            found.update(chunk)
    return "sha256:" + found.hexdigest()


def write_image(layers: Sequence[dict]) -> dict:
    """Writes config and manifest; returns the manifest's descriptor."""
    config = images.to_json({
        "architecture": "amd64", "os": "linux", "created": images.CREATED,
        "config": {"Entrypoint": ["/bin/true"]},
        "rootfs": {"type": "layers", "diff_ids": [one["diff_id"] for one in layers]},
        "history": [{"created": images.CREATED, "created_by": f"RUN step {number + 1}"}
                    for number in range(len(layers))]})
    blobs = CACHE / "layout/blobs/sha256"

    def store(data: bytes, media_type: str) -> dict:
        digest = images.digest_of(data)
        (blobs / digest[7:]).write_bytes(data)
        return {"mediaType": media_type, "digest": digest, "size": len(data)}

    described = [{k: v for k, v in one.items() if k != "diff_id"} for one in layers]
    return store(images.to_json({
        "schemaVersion": 2, "mediaType": images.OCI + "manifest.v1+json",
        "config": store(config, images.OCI + "config.v1+json"), "layers": described}),
        images.OCI + "manifest.v1+json")


def build_images() -> None:
    """build/bench/layout: an OCI layout with the tags rogue and clean.  Kept between runs."""
    done = CACHE / "done.json"
    recipe = hashlib.sha256(b"".join(path.read_bytes() for path in (
        pathlib.Path(__file__), ROOT / "testdata/make_rogue_image.py"))).hexdigest()
    if done.exists() and json.loads(done.read_text()) == recipe:
        return
    shutil.rmtree(CACHE, ignore_errors=True)
    CACHE.mkdir(parents=True)
    print("bench: making the images, once (some minutes)", file=sys.stderr)
    parts = split_files()
    clean = [write_layer(number, part, False) for number, part in enumerate(parts, 1)]
    rogue = [write_layer(number, part, True) if number in (3, 5) else clean[number - 1]
             for number, part in enumerate(parts, 1)]
    entries = [{**write_image(layers), "annotations": {"org.opencontainers.image.ref.name": tag}}
               for tag, layers in (("clean", clean), ("rogue", rogue))]
    (CACHE / "layout/index.json").write_bytes(images.to_json(
        {"schemaVersion": 2, "mediaType": images.OCI + "index.v1+json", "manifests": entries}))
    (CACHE / "layout/oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    done.write_text(json.dumps(recipe))


def layer_paths(tag: str) -> List[pathlib.Path]:
    def blob(digest: str) -> pathlib.Path:
        return CACHE / "layout/blobs" / digest.replace(":", "/")

    entries = json.loads((CACHE / "layout/index.json").read_text())["manifests"]
    entry = next(e for e in entries
                 if e["annotations"]["org.opencontainers.image.ref.name"] == tag)
    manifest = json.loads(blob(entry["digest"]).read_text())
    return [blob(one["digest"]) for one in manifest["layers"]]


# --- measuring -------------------------------------------------------------------------------------


def cost(command: Sequence[str], wanted: Sequence[int] = (0,), environment=None) -> Cost:
    """Runs a command under GNU time: its own figures, with all its children, without ours."""
    with tempfile.NamedTemporaryFile("r") as figures, tempfile.TemporaryFile() as errors:
        done = subprocess.run(["/usr/bin/time", "-q", "-o", figures.name, "-f", "%U %S %e %M",
                               *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=errors, env=environment)
        errors.seek(0)
        if done.returncode not in wanted:
            sys.exit(f"bench: {' '.join(command)}: exit status {done.returncode}\n"
                     f"{errors.read().decode(errors='replace')[-2000:]}")
        user, system, wall, peak = figures.read().split()[-4:]
        return Cost(float(user) + float(system), float(wall), int(peak) * 1024, done.returncode)


def repeated(runs: int, measure: Callable[[], Cost]) -> List[Cost]:
    return [measure() for _ in range(runs)]


def middle(values: Sequence[float]) -> float:
    return statistics.median(values)


def spread(values: Sequence[float]) -> str:
    return f"{min(values):.2f}–{max(values):.2f}"


def start_seconds(command: Sequence[str], environment: dict) -> List[float]:
    """Wall times of 20 starts, least first; GNU time only knows hundredths of a second."""
    seconds = []
    for _ in range(20):
        began = time.perf_counter()
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True,
                       env=environment)
        seconds.append(time.perf_counter() - began)
    return sorted(seconds)


# --- the table -------------------------------------------------------------------------------------


def verdict(value: float, limit: float) -> str:
    return "ok" if value <= limit else "over"


def print_table(rows: dict, base: str) -> None:
    base_cpu, base_wall = (middle([c.cpu for c in rows[base]]), middle([c.wall for c in rows[base]]))
    print(f"\n{'':34}{'CPU s':>7} {'spread':>12}{'wall s':>8} {'spread':>12}"
          f"{'CPU ×':>7}{'wall ×':>8}{'peak MiB':>10}")
    for name, costs in rows.items():
        cpu, wall = [c.cpu for c in costs], [c.wall for c in costs]
        print(f"{name:34}{middle(cpu):7.2f} {spread(cpu):>12}{middle(wall):8.2f} {spread(wall):>12}"
              f"{middle(cpu) / base_cpu:7.2f}{middle(wall) / base_wall:8.2f}"
              f"{max(c.peak for c in costs) / (1 << 20):10.0f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--binary", default=str(ROOT / "build/release/minescan"))
    options = parser.parse_args()
    if options.runs < 3:
        parser.error("fewer than three runs have no spread")
    build_images()
    world = harness.World(pathlib.Path(options.binary).resolve(), False)
    try:
        return measure_all(world, options.runs)
    finally:
        world.close()


def measure_all(world: harness.World, runs: int) -> int:
    environment, binary = world.environment(), str(world.binary)
    with peers.Registry(world.folder("bench") / "registry") as registry:
        for tag in ("rogue", "clean"):
            world.skopeo("copy", "--dest-tls-verify=false",
                         f"oci:{CACHE}/layout:{tag}", f"docker://{registry.host}/bench/image:{tag}")
        paths = {tag: [str(p) for p in layer_paths(tag)] for tag in ("rogue", "clean")}
        stored = sum(os.path.getsize(p) for p in paths["rogue"])
        inflated = sum(int(subprocess.run(f"igzip -dc {p} | wc -c", shell=True, check=True,
                                          stdout=subprocess.PIPE).stdout) for p in paths["rogue"])
        print(f"image: {LAYERS} layers, {stored / 1e6:.0f} MB stored, {inflated / 1e6:.0f} MB "
              f"unpacked; {os.cpu_count()} cores; {runs} runs each")

        def inflate(tool: str) -> Callable[[], Cost]:
            script = 'for f; do ' + tool + ' -dc < "$f" || exit 1; done'
            return lambda: cost(["sh", "-c", script, "sh", *paths["rogue"]])

        def scan(reference: str, *more: str, wanted: int = 0) -> Callable[[], Cost]:
            return lambda: cost([binary, "image", reference, "--no-cache", *more], (wanted,),
                                environment)

        remote, local = f"{registry.host}/bench/image", f"oci:{CACHE}/layout"
        rows = {
            "igzip -dc of the layers": repeated(runs, inflate("igzip")),
            "gzip -dc of the layers": repeated(runs, inflate("gzip")),
            "minescan, registry, rogue": repeated(runs, scan(f"{remote}:rogue", wanted=1)),
            "minescan, registry, clean": repeated(runs, scan(f"{remote}:clean")),
            "minescan, layout, rogue": repeated(runs, scan(f"{local}:rogue", wanted=1)),
            "minescan, layout, rogue, -j1": repeated(
                runs, scan(f"{local}:rogue", "-j", "1", wanted=1)),
        }
        scan_cached = [binary, "image", f"{remote}:clean"]
        subprocess.run(scan_cached, stdout=subprocess.DEVNULL, check=True, env=environment)
        again = start_seconds(scan_cached, environment)
    print_table(rows, "igzip -dc of the layers")
    tiny = world.folder("tiny") / "file"
    tiny.write_text("hello\n")
    starts = {"minescan --version": start_seconds([binary, "--version"], environment),
              "minescan package TINY": start_seconds([binary, "package", str(tiny)], environment)}
    print("\nstart-up, median of 20 (least): " +
          ", ".join(f"{name} {middle(seconds) * 1000:.1f} ms ({seconds[0] * 1000:.1f})"
                    for name, seconds in starts.items()))
    print(f"an unchanged image again, median of 20 (least): {middle(again) * 1000:.1f} ms "
          f"({again[0] * 1000:.1f})")
    return judge(rows, starts, middle(again))


def judge(rows: dict, starts: dict, again: float) -> int:
    base, scans = rows["igzip -dc of the layers"], rows["minescan, registry, rogue"]
    cpu = middle([c.cpu for c in scans]) / middle([c.cpu for c in base])
    wall = middle([c.wall for c in scans]) / middle([c.wall for c in base])
    peak = max(c.peak for c in scans)
    start = max(middle(seconds) for seconds in starts.values())
    lines = [f"CPU {cpu:.2f} × igzip (limit {CPU_LIMIT}): {verdict(cpu, CPU_LIMIT)}",
             f"wall {wall:.2f} × igzip (limit {WALL_LIMIT}): {verdict(wall, WALL_LIMIT)}",
             f"peak {peak >> 20} MiB (limit {MEMORY_LIMIT >> 20}): {verdict(peak, MEMORY_LIMIT)}",
             f"start {start * 1000:.1f} ms (limit {START_LIMIT * 1000:g}): "
             f"{verdict(start, START_LIMIT)}",
             f"unchanged image again {again * 1000:.1f} ms (limit {AGAIN_LIMIT * 1000:g}): "
             f"{verdict(again, AGAIN_LIMIT)}"]
    print("\n" + "\n".join(lines))
    return 0 if all(line.endswith("ok") for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
