#!/usr/bin/env python3
"""What minescan sees in the samples of testdata: a table of samples, kernels, constants and verdicts.

    ./dev bench samples                 every sample, with build/release/minescan
    ./dev bench samples --binary PATH   another program
    ./dev bench samples FILE…           other files

Made searches should be found, and everything in benign/ should not.
"""
import argparse
import json
import pathlib
import subprocess
import sys
from typing import Dict, List

ROOT = pathlib.Path(__file__).resolve().parent.parent
TESTDATA = ROOT / "testdata"
FOLDERS = ["gpu", "gpu/built", "gpu/benign", "gpu/benign/built", "squashfs"]
TYPES = {".cl", ".o", ".ptx", ".cubin", ".fatbin", ".hipfb", ".gz", ".squashfs", ".tar"}
HEAD = ["sample", "kernels", "sets of constants", "verdict"]


def samples() -> List[pathlib.Path]:
    found = [p for folder in FOLDERS for p in sorted((TESTDATA / folder).iterdir())
             if p.suffix in TYPES]
    return found + [TESTDATA / "rogue-image.tar"]


def short(items: List[str], most: int = 4) -> str:
    shown = ", ".join(items[:most])
    return shown + (f" and {len(items) - most} more" if len(items) > most else "") or "-"


def row(binary: str, sample: pathlib.Path) -> List[str]:
    run = subprocess.run([binary, "inspect", "-f", "json", str(sample)], capture_output=True,
                         check=False)
    if run.returncode not in (0, 3):
        raise SystemExit(f"{sample}: {run.stderr.decode(errors='replace').strip()}")
    document = json.loads(run.stdout)
    facts: Dict[str, List[str]] = {"kernels": [], "constants": []}
    for node in document["nodes"]:
        for fact in node["facts"]:
            for key, values in facts.items():
                if fact["name"].startswith(key):
                    values += [value["text"] for value in fact["values"]]
    sets = dict.fromkeys(" ".join(text.replace("words-", "", 1).split(" words:")[0].split(": "))
                         for text in facts["constants"])
    verdict = dict.fromkeys(f"{f['level']} {f['rule']}" for f in document["findings"])
    if document["gaps"]:
        verdict[f"{len(document['gaps'])} gaps"] = None
    name = sample.relative_to(TESTDATA) if sample.is_relative_to(TESTDATA) else sample.name
    return [str(name), short(list(dict.fromkeys(facts["kernels"]))), short(list(sets)),
            short(list(verdict)) if verdict else "nothing"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(ROOT / "build" / "release" / "minescan"))
    parser.add_argument("files", nargs="*", type=pathlib.Path, metavar="FILE")
    arguments = parser.parse_args()
    if not pathlib.Path(arguments.binary).exists():
        print(f"{arguments.binary} is not there: build it with ./dev build", file=sys.stderr)
        return 2
    print("| " + " | ".join(HEAD) + " |\n|" + "---|" * len(HEAD))
    for sample in arguments.files or samples():
        # Names come from the files.
        print("| " + " | ".join(cell.replace("|", "\\|") for cell in row(arguments.binary, sample))
              + " |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
