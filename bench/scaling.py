#!/usr/bin/env python3
"""How the time of a scan grows with bytes, with files, with signatures and with cores.

    ./dev bench scaling            draws bench/scaling.svg; figures in build/bench/scaling.json
    ./dev bench scaling --quick    small inputs; --only CURVE for one of them

A scan whose time grows faster than what is scanned can be stopped by a large input.
"""
import argparse
import json
import os
import pathlib
import random
import sys
import tempfile
from typing import Callable, Dict, List, Sequence, Tuple

import inputs as made
import plot
from inputs import CACHE, Inputs
from measure import ROOT, cost, cpu, each_of, machine, repeated, wall

import harness  # in the path since inputs was imported

RESULTS, CHART = CACHE / "scaling.json", ROOT / "bench/scaling.svg"
Lines = Dict[str, List[Tuple[float, float]]]  # by name: (how much, seconds)


class Scaling:
    def __init__(self, world: harness.World, inputs: Inputs, runs: int, quick: bool) -> None:
        self.inputs, self.runs, self.quick = inputs, runs, quick
        self.binary, self.environment = str(world.binary), world.environment()

    def seconds(self, command: Sequence[str], figure: Callable = cpu, runs: int = 0) -> float:
        return figure(repeated(runs or self.runs,
                               lambda: cost(command, environment=self.environment)))

    def scan(self, layout: pathlib.Path, *more: str) -> List[str]:
        return [self.binary, "image", f"oci:{layout}", "--no-cache", "-q", "-j", "1", *more]

    def bytes(self) -> Lines:
        """CPU time of an image of more and more layers, all different."""
        lines: Lines = {"minescan": [], "igzip -dc": []}
        step = 25_000_000 if self.quick else 200_000_000
        for unpacked in range(step, 5 * step, step):
            with made.repeated_layers(self.inputs.layers["clean"], unpacked) as layout:
                # Config and manifest lie beside the layers, and are no gzip.
                blobs = [path for path in (layout / "blobs/sha256").iterdir()
                         if path.read_bytes()[:2] == b"\x1f\x8b"]
                lines["minescan"].append((unpacked / 1e6, self.seconds(self.scan(layout))))
                lines["igzip -dc"].append((unpacked / 1e6, self.seconds(
                    each_of('igzip -dc "$f"', blobs))))
        return lines

    def files(self) -> Lines:
        """CPU time of the same bytes in more and more files."""
        count = 20_000 if self.quick else 200_000
        texts = list(made.small_texts(count))
        line = []
        for files in (1, count // 4, count // 2, count):
            with tempfile.TemporaryDirectory(prefix="files.", dir=CACHE) as name:
                layout = pathlib.Path(name)
                made.write_layout(layout, {"latest": [made.small_layer(layout, texts, files)]})
                line.append((float(files), self.seconds(self.scan(layout))))
        return {"minescan": line}

    def signatures(self) -> Lines:
        """CPU time of one layer with so many indicators instead of minescan's, and of a file of
        a few bytes: what loading and compiling them costs."""
        lines: Lines = {"one layer": [], "loading alone": []}
        layout, tag = self.inputs.layout, "one"
        for count in (100, 300, 1000) if self.quick else (100, 1000, 3000, 10_000):
            with tempfile.TemporaryDirectory(prefix="signatures.", dir=CACHE) as name:
                folder = pathlib.Path(name)
                (folder / "made.yaml").write_text(made_signatures(count))
                tiny = folder / "tiny"
                tiny.write_text("hello\n")
                only = ["--signatures-only", str(folder)]
                # Thousands are compiled for most of a minute: one run has to do.
                runs = 1 if count > 1000 else self.runs
                print(f"bench: {count} signatures", file=sys.stderr)
                lines["one layer"].append((float(count), self.seconds(
                    [self.binary, "image", f"oci:{layout}:{tag}", "--no-cache", "-q", "-j", "1",
                     *only], runs=runs)))
                lines["loading alone"].append((float(count), self.seconds(
                    [self.binary, "package", str(tiny), "--no-cache", "-q", *only], runs=runs)))
        return lines

    def cores(self) -> Lines:
        """Wall time of an image of six layers with so many cores and as many jobs."""
        available = sorted(os.sched_getaffinity(0))
        line = []
        for count in [n for n in (1, 2, 4, 8, 16, 32, 64) if n <= len(available)]:
            line.append((float(count), self.seconds(
                ["taskset", "-c", ",".join(map(str, available[:count])), self.binary, "image",
                 f"oci:{self.inputs.layout}:clean", "--no-cache", "-q", "-j", str(count)], wall)))
        return {"minescan": line, "no core idle": [(n, line[0][1] / n) for n, _ in line]}


def made_signatures(count: int) -> str:
    """So many indicators, literals and regular expressions in turn, which no file has."""
    dice = random.Random(count)

    def word(length: int) -> str:
        return "".join(dice.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(length))

    lines = []
    for number in range(count):
        head, tail = "q" + word(dice.randint(7, 15)), word(6)
        if number % 2 == 0:
            lines.append(f"- indicator: made-{number}\n  literal: '{head}-{tail}'\n"
                         f"  hits: ['{head}-{tail}']\n  misses: ['none']\n")
        else:
            lines.append(f"- indicator: made-{number}\n"
                         f"  match: '{head}[a-z.-]{{2,20}}(?:{tail}|{word(5)}):[0-9]{{2,5}}'\n"
                         f"  caseless: true\n  hits: ['{head}.a.{tail}:443']\n"
                         "  misses: ['none']\n")
    lines.append("- rule: ABC1001\n  name: Made\n  title: A made-up text.\n"
                 "  description: Made to measure with.\n  class: pool\n  level: error\n"
                 "  confidence: high\n  scope: file\n  when: made-0\n  help: None.\n"
                 "  references: ['https://files.example/']\n  attack: T1496.001\n"
                 "  hits: [" + lines[0].split("hits: [")[1].split("]")[0] + "]\n"
                 "  misses: ['none']\n")
    return "\n".join(lines)


CURVES = {"bytes": ("CPU time against bytes", "MB unpacked"),
          "files": ("CPU time against files, bytes equal", "files"),
          "signatures": ("CPU time against signatures", "indicators"),
          "cores": ("wall time against cores", "cores")}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--binary", default=str(ROOT / "build/release/minescan"))
    parser.add_argument("--quick", action="store_true", help="small inputs")
    parser.add_argument("--only", choices=sorted(CURVES), help="one curve; nothing is drawn")
    options = parser.parse_args()
    if options.runs < 1:
        parser.error("nothing comes out of no runs")
    inputs = made.build(options.quick)
    world = harness.World(pathlib.Path(options.binary).resolve(), False)
    found: Dict[str, Lines] = {}
    try:
        scaling = Scaling(world, inputs, options.runs, options.quick)
        for name in [options.only] if options.only else CURVES:
            print(f"bench: {name}", file=sys.stderr)
            found[name] = getattr(scaling, name)()
            for line, points in found[name].items():
                print(f"{CURVES[name][0]}, {line}: " + ", ".join(
                    f"{amount:g}: {seconds:.2f} s" for amount, seconds in points))
    finally:
        world.close()
    if options.only:
        return 0
    RESULTS.write_text(json.dumps({"machine": machine(), "runs": options.runs,
                                   "quick": options.quick, "curves": found}, indent=1) + "\n")
    CHART.write_text(plot.curves([plot.Curve(*CURVES[name], list(lines.items()))
                                  for name, lines in found.items()]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
