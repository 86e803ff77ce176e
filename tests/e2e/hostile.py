"""What a row of the catalogue of hostile inputs is, and whether an outcome is one that it accepts.

The rows stand in hostile_*.py, one module a chapter; test_hostile.py runs them.  Every row hides the
same harmless script, whose wallet nobody holds, and is found only when that wallet is reported.
"""
import dataclasses
import pathlib
from typing import Callable, Dict, List, Optional, Sequence, Union

import images
from harness import CLEAN, FOUND, INCOMPLETE, NO_VERDICT, Outcome, Report
from images import rogue

NAME = "evil.sh"
EVIL = rogue.dropper_script()
GOOD = b"#!/bin/sh\n# Test data of minescan: nothing here.\nexit 0\n"

# What reading one input may take of memory, whatever it claims.
MOST_MEMORY = 1 << 30


@dataclasses.dataclass(frozen=True)
class Expect:
    """One outcome that is right: an exit status and what else must be so."""
    status: int
    inside: str = ""                 # found: below a step with these words
    state: str = ""                  # found: the state of the finding
    reasons: Sequence[str] = ()      # incomplete: one of these gaps
    words: Sequence[str] = ()        # refused: in the one sentence; else: in gaps, anomalies or notes

    def why_not(self, outcome: Outcome) -> str:
        """What is wrong with the outcome; "" when it is as expected."""
        if outcome.status != self.status:
            return f"exit status {outcome.status} instead of {self.status}"
        if self.status == NO_VERDICT and not outcome.out:
            return refusal_problem(outcome, self.words)
        report = Report(outcome.out)
        return self.found_problem(report) or self.told_problem(report)

    def found_problem(self, report: Report) -> str:
        if self.status == FOUND:
            found = [f for f in report.findings if f["level"] == "error" and holds_wallet(f) and
                     (not self.inside or passes(f, self.inside)) and
                     self.state in ("", f["state"])]
            if not found:
                return f"the script is not found below '{self.inside}' {self.state}"
        if self.reasons and not report.gap_reasons() & set(self.reasons):
            return f"no gap of {', '.join(self.reasons)} in {sorted(report.gap_reasons())}"
        return ""

    def told_problem(self, report: Report) -> str:
        told = "\n".join([a["what"] for a in report.json["anomalies"]] +
                         [gap["detail"] for gap in report.gaps] +
                         [note["what"] for note in report.json["artifact"]["notes"]] +
                         [failure["what"] for failure in report.json["failures"]]).lower()
        return "".join(f"'{word}' is not told; " for word in self.words if word.lower() not in told)


def holds_wallet(finding: dict) -> bool:
    return any(rogue.wallet() in e["captures"].values() or rogue.POOL.split(":")[0] in
               e["captures"].values() for e in finding["evidence"])


def passes(finding: dict, inside: str) -> bool:
    steps = finding["trail"] + [s for e in finding["evidence"] for s in e["trail"]]
    return any(inside in step["name"] for step in steps)


def refusal_problem(outcome: Outcome, words: Sequence[str]) -> str:
    lines = outcome.err.decode(errors="replace").splitlines()
    if len(lines) != 1:
        return f"{len(lines)} lines on standard error instead of one"
    missing = [word for word in words if word.lower() not in lines[0].lower()]
    return f"the error does not say {missing}" if missing else ""


def found(inside: str = NAME, *words: str, state: str = "") -> Expect:
    return Expect(FOUND, inside=inside, words=words, state=state)


def incomplete(*reasons: str) -> Expect:
    return Expect(INCOMPLETE, reasons=reasons)


def refused(*words: str) -> Expect:
    return Expect(NO_VERDICT, words=words)


def clean(*words: str) -> Expect:
    return Expect(CLEAN, words=words)


# Writes the input into a folder and returns the arguments of the program.
Make = Callable[[pathlib.Path], List[object]]


@dataclasses.dataclass(frozen=True)
class Row:
    number: int
    name: str
    make: Make
    accepts: Sequence[Expect]
    slow: bool = False


@dataclasses.dataclass(frozen=True)
class Elsewhere:
    """A case that tests of their own cover: `module.Class.test` of this folder, or the path of a unit
    test and the words of its claim."""
    number: int
    name: str
    tests: Sequence[str]


@dataclasses.dataclass(frozen=True)
class NotDone:
    number: int
    name: str
    why: str


Line = Union[Row, Elsewhere, NotDone]


def row(number: int, name: str, make: Make, *accepts: Expect, slow: bool = False) -> Row:
    return Row(number, name, make, accepts, slow)


# --- how an input reaches the program --------------------------------------------------------------

Bytes = Union[bytes, Callable[[], bytes]]


def made(data: Bytes) -> bytes:
    return data() if callable(data) else data


def package(name: str, data: Bytes) -> Make:
    """A file, made when its turn comes."""
    def make(folder: pathlib.Path) -> List[object]:
        (folder / name).write_bytes(made(data))
        return ["package", folder / name]
    return make


def repo(files: Union[Dict[str, bytes], Callable[[pathlib.Path], None]]) -> Make:
    def make(folder: pathlib.Path) -> List[object]:
        tree = folder / "tree"
        tree.mkdir()
        if callable(files):
            files(tree)
        else:
            images.write_files(tree, files)
        return ["repo", tree]
    return make


def image(build: Callable[[], Union[images.Built, Dict[str, bytes]]], *options: str,
          change: Optional[Callable[[pathlib.Path], None]] = None) -> Make:
    """A layout with one image, or of these files; `change` damages it afterwards."""
    def make(folder: pathlib.Path) -> List[object]:
        built = build()
        files = images.layout_files({"t": built}) if isinstance(built, images.Built) else built
        layout = images.write_files(folder / "layout", files)
        if change:
            change(layout)
        return ["image", f"oci:{layout}:t", *options]
    return make


def archive(transport: str, build: Callable[[], bytes]) -> Make:
    def make(folder: pathlib.Path) -> List[object]:
        (folder / "image.tar").write_bytes(build())
        return ["image", f"{transport}:{folder / 'image.tar'}"]
    return make
