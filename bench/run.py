#!/usr/bin/env python3
"""Speed and memory of image scans, beside what merely inflating costs and beside other scanners.

    ./dev bench                  three runs of each row; some minutes
    ./dev bench --quick          small inputs, for a first look
    ./dev bench --runs 7         more runs
    ./dev bench --large          also the memory for an image of 8 GB
    ./dev bench --plot           draws bench/speed.svg afterwards; --plot-only, of the last figures
    ./dev bench scaling          time against bytes, files, signatures and cores
    ./dev bench micro            single parts, with Google Benchmark

The image has six layers and 500 MB unpacked, made of the files of installed Debian packages, with a
fake miner that comes with layer 3 and is deleted by layer 5; and it has a clean twin.  Both are
pulled from a docker-registry on loopback, as a pipeline would.  All figures of one table are of one
machine and one run: compare ratios, not seconds.  They are kept in build/bench/results.json.
"""
import argparse
import hashlib
import json
import os
import pathlib
import subprocess
import sys
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence

import inputs as made
import others
import plot
from inputs import CACHE, Inputs
from measure import (ROOT, Cost, cost, cpu, each_of, machine, middle, peak, repeated, spread,
                     start_seconds, versions, wall)

import harness  # in the path since inputs was imported
import peers

RESULTS, CHART = CACHE / "results.json", ROOT / "bench/speed.svg"
PACKAGES = ["isal", "gzip", "zstd", "libarchive-tools", "clamav", "yara", "libhyperscan5", "libisal2"]
MIB = 1 << 20


class Row(NamedTuple):
    name: str
    costs: Optional[List[Cost]]  # None: not installed
    note: str = ""


class Group(NamedTuple):
    """Rows over the same bytes; the first one is what the others are compared with."""
    title: str
    unpacked: int
    rows: List[Row]

    def costs(self, name: str) -> Optional[List[Cost]]:
        return next((row.costs for row in self.rows if row.name == name), None)


class Goal(NamedTuple):
    what: str
    value: Optional[float]  # None: not measured
    limit: float
    least: bool = False     # the value must reach the limit and not keep below it
    unit: str = ""

    def verdict(self) -> str:
        if self.value is None:
            return "not measured"
        good = self.value >= self.limit if self.least else self.value <= self.limit
        return "ok" if good else "over" if not self.least else "under"

    def line(self) -> str:
        value = "-" if self.value is None else f"{self.value:.3g}{self.unit}"
        sign = ">=" if self.least else "<="
        return f"{self.what:58}{value:>12}  {sign} {self.limit:g}{self.unit}: {self.verdict()}"


# --- measuring -------------------------------------------------------------------------------------


class Bench:
    def __init__(self, world: harness.World, inputs: Inputs, runs: int, quick: bool) -> None:
        self.world, self.inputs, self.runs, self.quick = world, inputs, runs, quick
        self.binary, self.environment = str(world.binary), world.environment()
        self.folder = inputs.layout.parent

    def row(self, name: str, command: Sequence[str], wanted: Sequence[int] = (0,),
            note: str = "") -> Row:
        print(f"bench: {name}", file=sys.stderr)
        return Row(name, repeated(self.runs, lambda: cost(command, wanted, self.environment)), note)

    def optional(self, name: str, programs: Sequence[str], command: Callable[[], Sequence[str]],
                 wanted: Sequence[int] = (0,), note: str = "") -> Row:
        if not others.installed(*programs):
            return Row(name, None)
        return self.row(name, command(), wanted, note)

    def scan(self, reference: str, *more: str) -> List[str]:
        return [self.binary, "image", reference, "--no-cache", "-q", *more]

    def tag(self, tag: str, *more: str) -> List[str]:
        return self.scan(f"oci:{self.inputs.layout}:{tag}", *more)

    def paths(self, tag: str) -> List[pathlib.Path]:
        return [layer.path for layer in self.inputs.layers[tag]]

    def group(self, title: str, tag: str, rows: List[Row]) -> Group:
        return Group(title, made.unpacked_bytes(self.inputs.layers[tag]), rows)

    def image(self) -> Group:
        """The whole image, and what others take to read its layers once."""
        layers = self.paths("rogue")
        cores = sorted(os.sched_getaffinity(0))
        two = ["taskset", "-c", ",".join(map(str, cores[:2]))] if len(cores) > 2 else []
        with peers.Registry(self.world.folder("bench") / "registry") as registry:
            remote = f"{registry.host}/bench/image"
            for tag in ("rogue", "clean"):
                self.world.skopeo("copy", "--dest-tls-verify=false",
                                  f"oci:{self.inputs.layout}:{tag}", f"docker://{remote}:{tag}")
            rows = [self.row("igzip -dc", each_of('igzip -dc "$f"', layers)),
                    self.row("gzip -dc", each_of('gzip -dc "$f"', layers)),
                    self.optional("bsdtar -xO", ["bsdtar"], lambda: others.bsdtar(layers)),
                    self.row("igzip -dc | grep, one text", others.grep(layers)),
                    self.row("minescan, registry, -j2",
                             [*two, *self.scan(f"{remote}:rogue", "-j", "2")], (1,)),
                    self.row("minescan, registry, clean", self.scan(f"{remote}:clean")),
                    self.row("minescan, layout", self.tag("rogue"), (1,)),
                    self.row("minescan, layout, -j1", self.tag("rogue", "-j", "1"), (1,)),
                    self.clamscan(layers), self.yara(layers)]
            again = [self.binary, "image", f"{remote}:clean"]
            subprocess.run(again, stdout=subprocess.DEVNULL, check=True, env=self.environment)
            self.again = start_seconds(again, self.environment)
        return self.group("an image of six layers", "rogue", rows)

    def clamscan(self, layers: Sequence[pathlib.Path]) -> Row:
        return self.optional("clamscan, no signatures", ["clamscan"],
                             lambda: others.clamscan(self.folder, layers))

    def yara(self, layers: Sequence[pathlib.Path]) -> Row:
        name = "gunzip, tar, yara"
        if not others.installed("yara", "yarac"):
            return Row(name, None)
        rules = others.yara_rules(self.folder)
        note = f"{rules.taken} of minescan's patterns; YARA refuses {rules.refused}"
        return self.row(name, others.yara(rules, self.folder, layers), note=note)

    def zstd(self) -> Group:
        return self.group("the same layers as zstd -3", "zstd", [
            self.row("zstd -dc", each_of('zstd -q -dc "$f"', self.paths("zstd"))),
            self.row("minescan, zstd layers", self.tag("zstd"))])

    def small(self) -> Group:
        count = self.inputs.small_files
        return self.group(f"{count:,} files of {made.SMALL_BYTES} bytes", "small", [
            self.row("igzip -dc, small files", each_of('igzip -dc "$f"', self.paths("small"))),
            self.row("minescan, small files", self.tag("small", "-j", "1")),
            self.row("minescan, their bytes in one", self.tag("small-in-one", "-j", "1"))])

    def memory(self, unpacked: int) -> Row:
        with made.repeated_layers(self.inputs.layers["clean"], unpacked) as layout:
            command = self.scan(f"oci:{layout}", "-j", "1")
            print(f"bench: memory for {unpacked / 1e6:.0f} MB", file=sys.stderr)
            return Row(f"{unpacked / 1e6:.0f} MB", [cost(command, environment=self.environment)])

    def starts(self) -> Dict[str, List[float]]:
        tiny = self.world.folder("tiny") / "file"
        tiny.write_text("hello\n")
        return {"minescan --version": start_seconds([self.binary, "--version"], self.environment),
                "minescan package TINY": start_seconds([self.binary, "package", str(tiny)],
                                                       self.environment)}

    def same_reports(self) -> bool:
        """Whether reports at -j1, -j2 and -j8 have the same bytes."""
        reports = set()
        for jobs in ("1", "2", "8"):
            done = subprocess.run(self.tag("rogue", "-j", jobs, "-f", "json"),
                                  stdout=subprocess.PIPE, env=self.environment)
            if done.returncode != 1 or not done.stdout:
                sys.exit(f"bench: minescan -j {jobs} ended with {done.returncode}, not 1")
            reports.add(hashlib.sha256(done.stdout).hexdigest())
        return len(reports) == 1


# --- what it comes to ------------------------------------------------------------------------------


def ratio(group: Group, upper: str, lower: str,
          figure: Callable[[Sequence[Cost]], float] = cpu) -> Optional[float]:
    above, below = group.costs(upper), group.costs(lower)
    if not above or not below:
        return None
    return figure(above) / max(figure(below), 0.01)  # GNU time's least


def goals(groups: Dict[str, Group], memory: List[Row], bench: Bench,
          starts: Dict[str, List[float]], same: bool) -> List[Goal]:
    image, small = groups["image"], groups["small"]
    beyond = cpu(small.costs("minescan, small files")) - cpu(
        small.costs("minescan, their bytes in one"))
    return [
        Goal("CPU, registry, to igzip -dc",
             ratio(image, "minescan, registry, -j2", "igzip -dc"), 2.0, unit=" ×"),
        Goal("wall, registry, two cores, to igzip -dc",
             ratio(image, "minescan, registry, -j2", "igzip -dc", wall), 1.3, unit=" ×"),
        Goal("CPU, zstd layers, to zstd -dc",
             ratio(groups["zstd"], "minescan, zstd layers", "zstd -dc"), 2.5, unit=" ×"),
        Goal("CPU of clamscan without signatures to minescan's",
             ratio(image, "clamscan, no signatures", "minescan, layout"), 12, True, " ×"),
        Goal("CPU of gunzip and yara, equal patterns, to minescan's",
             ratio(image, "gunzip, tar, yara", "minescan, layout"), 20, True, " ×"),
        *(Goal(f"peak memory at -j1, image of {row.name}", peak(row.costs) / MIB, 256, unit=" MiB")
          for row in memory),
        Goal("start-up, median of 20", max(map(middle, starts.values())) * 1000, 30, unit=" ms"),
        Goal("an unchanged image again, median of 20", middle(bench.again) * 1000, 100, unit=" ms"),
        Goal("each small file beyond its bytes, CPU",
             beyond / bench.inputs.small_files * 1e6, 15, unit=" µs"),
        Goal("different reports at -j1, -j2, -j8", 0 if same else 1, 0)]


def print_group(group: Group) -> None:
    base = group.rows[0].costs
    assert base
    print(f"\n{group.title}, {group.unpacked / 1e6:.0f} MB unpacked\n"
          f"{'':36}{'CPU s':>7} {'spread':>12}{'wall s':>8} {'spread':>12}"
          f"{'CPU ×':>7}{'wall ×':>8}{'peak MiB':>10}")
    for row in group.rows:
        if row.costs is None:
            print(f"{row.name:36}  not installed")
            continue
        print(f"{row.name:36}{cpu(row.costs):7.2f} {spread([c.cpu for c in row.costs]):>12}"
              f"{wall(row.costs):8.2f} {spread([c.wall for c in row.costs]):>12}"
              f"{cpu(row.costs) / max(cpu(base), 0.01):7.2f}"
              f"{wall(row.costs) / max(wall(base), 0.01):8.2f}"
              f"{peak(row.costs) / MIB:10.0f}  {row.note}".rstrip())


def slower_than(groups: Sequence[Group]) -> List[str]:
    """Where minescan is slower than something, in sentences; of each group its first row of ours."""
    found = []
    for group in groups:
        ours = next(row for row in group.rows if row.name.startswith("minescan"))
        if ours.costs:
            for other in group.rows:
                if other.costs and not other.name.startswith("minescan"):
                    times = wall(ours.costs) / max(wall(other.costs), 0.01)
                    work = cpu(ours.costs) / max(cpu(other.costs), 0.01)
                    if times > 1 or work > 1:
                        found.append(f"{ours.name}: {work:.2f} × the CPU and {times:.2f} × the wall "
                                     f"time of {other.name}")
    return found


def chart(result: dict) -> str:
    """CPU time of every row beside igzip's, or zstd's, for the same bytes."""
    groups = []
    for group in result["groups"].values():
        rows = [row for row in group["rows"] if row["cpu"]]
        base = max(middle(rows[0]["cpu"]), 0.01)
        groups.append((f"{group['title']}, {group['unpacked'] / 1e6:.0f} MB unpacked", [
            plot.Bar(row["name"], middle(row["cpu"]) / base, min(row["cpu"]) / base,
                     max(row["cpu"]) / base, row["name"].startswith("minescan"))
            for row in rows]))
    about = result["machine"]
    busy = ", busy with other things" if about["load"] > 0.5 else ""
    return plot.bars(
        "CPU time, as a multiple of merely inflating the same bytes",
        f"median and spread of {result['runs']} runs, logarithmic; {about['cores']} cores, "
        f"{about['processor']}{busy}", groups)


def measure_all(bench: Bench, large: bool) -> dict:
    about = machine()
    if about["load"] > 0.5:
        print(f"bench: this machine is busy (load {about['load']}): only ratios of CPU time mean "
              "anything", file=sys.stderr)
    groups = {"image": bench.image(), "zstd": bench.zstd(), "small": bench.small()}
    sizes = [100_000_000, *([] if bench.quick else [1_000_000_000]),
             *([8_000_000_000] if large else [])]
    memory = [bench.memory(size) for size in sizes]
    starts, same = bench.starts(), bench.same_reports()
    for group in groups.values():
        print_group(group)
    print("\nstart-up, median of 20 (least): " +
          ", ".join(f"{name} {middle(seconds) * 1000:.1f} ms ({seconds[0] * 1000:.1f})"
                    for name, seconds in starts.items()))
    slower = slower_than(list(groups.values()))
    print("\nwhere minescan is slower\n" + "\n".join(slower))
    reached = goals(groups, memory, bench, starts, same)
    small = ", on small inputs, in which start-up weighs more" if bench.quick else ""
    print(f"\ngoals{small}\n" + "\n".join(goal.line() for goal in reached))
    return {
        "machine": about, "versions": versions(PACKAGES), "runs": bench.runs, "quick": bench.quick,
        "groups": {key: {"title": group.title, "unpacked": group.unpacked, "rows": [
            {"name": row.name, "note": row.note,
             **{field: None if row.costs is None else [getattr(c, field) for c in row.costs]
                for field in Cost._fields}} for row in group.rows]}
                   for key, group in groups.items()},
        "memory": {row.name: peak(row.costs) for row in memory},
        "start_seconds": starts, "again_seconds": bench.again, "slower": slower,
        "goals": [{"what": goal.what, "value": goal.value, "limit": goal.limit,
                   "verdict": goal.verdict()} for goal in reached]}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--binary", default=str(ROOT / "build/release/minescan"))
    parser.add_argument("--quick", action="store_true", help="small inputs, fewer rows")
    parser.add_argument("--large", action="store_true", help="also an image of 8 GB")
    parser.add_argument("--plot", action="store_true", help="draw bench/speed.svg")
    parser.add_argument("--plot-only", action="store_true", help="draw it of the last figures")
    options = parser.parse_args()
    if options.runs < 3:
        parser.error("fewer than three runs have no spread")
    if options.plot_only:
        if not RESULTS.exists():
            parser.error("nothing was measured yet; run ./dev bench first")
        CHART.write_text(chart(json.loads(RESULTS.read_text())))
        return 0
    inputs = made.build(options.quick)
    world = harness.World(pathlib.Path(options.binary).resolve(), False)
    try:
        result = measure_all(Bench(world, inputs, options.runs, options.quick), options.large)
    finally:
        world.close()
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    if options.plot:
        CHART.write_text(chart(result))
    return 0 if all(goal["verdict"] in ("ok", "not measured") for goal in result["goals"]) else 1


if __name__ == "__main__":
    sys.exit(main())
