#!/usr/bin/env python3
"""How much of each room's lines the unit tests run: `./dev coverage [ROOM…]`.

Builds the preset coverage, runs the unit tests of the rooms (by default of those that read untrusted
bytes) and prints a line a room, then the files with the most lines that no test ran.  Needs gcov,
which comes with gcc.
"""
import collections
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from typing import Dict

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/coverage"
PARSERS = ["unpack", "inspect", "lockfiles", "match", "acquire", "examine", "model", "base"]
SHOWN = 25


def lines_of(room: str) -> Dict[str, Dict[int, bool]]:
    """By file, which lines were run; only lines that code was made for."""
    found: Dict[str, Dict[int, bool]] = collections.defaultdict(dict)
    data = sorted(BUILD.glob(f"src/CMakeFiles/{room}.dir/**/*.gcda"))
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["gcov-12", "--json-format", "--preserve-paths", *map(str, data)],
                       cwd=folder, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        for path in pathlib.Path(folder).glob("*.gcov.json.gz"):
            for file in json.loads(gzip.decompress(path.read_bytes()))["files"]:
                name = os.path.relpath(os.path.join(BUILD, file["file"]), ROOT)
                if not name.startswith(f"src/{room}/"):
                    continue
                lines = found[name]
                for line in file["lines"]:
                    number = line["line_number"]
                    lines[number] = lines.get(number, False) or line["count"] > 0
    return found


def main() -> int:
    rooms = sys.argv[1:] or PARSERS
    for path in BUILD.glob("src/**/*.gcda"):
        path.unlink()
    for room in rooms:
        program = BUILD / f"tests/test_{room}"
        subprocess.run([str(program), "--no-colors=true"], cwd=ROOT, check=True,
                       stdout=subprocess.DEVNULL)
    missed = []
    for room in rooms:
        files = lines_of(room)
        run = sum(sum(lines.values()) for lines in files.values())
        every = sum(len(lines) for lines in files.values())
        print(f"{room:10} {run:6} of {every:6} lines  {100 * run / max(1, every):5.1f} %")
        missed += [(len(lines) - sum(lines.values()), name, len(lines))
                   for name, lines in files.items()]
    print("\nlines that no test ran:")
    for count, name, every in sorted(missed, reverse=True)[:SHOWN]:
        print(f"{count:6} of {every:5}  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
