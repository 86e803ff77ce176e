"""The catalogue of hostile inputs, one row a case: what is found, incomplete, refused or clean.

No row may end as clean when it is not listed so, and none may take more than its share of memory.
The inputs are made when their turn comes and thrown away; several run at once.
"""
import concurrent.futures
import datetime
import gzip
import importlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import time
from typing import Dict, List, Tuple

import hostile
import hostile_zips
from harness import CLEAN, FOUND, INCOMPLETE, NO_VERDICT, ROOT, Case, Outcome
from hostile import Elsewhere, Line, NotDone, Row

CHAPTERS = ["images", "streams", "tars", "zips", "files", "rest"]
LINES: List[Line] = [line for name in CHAPTERS
                     for line in importlib.import_module(f"hostile_{name}").ROWS]
AT_ONCE = 3


class Catalogue(Case):
    def result(self, row: Row) -> Tuple[Row, Outcome, float, str]:
        folder = self.world.folder("hostile")
        try:
            arguments = row.make(folder)
            start = time.monotonic()
            outcome = self.run_it(*arguments, "--format", "json", "-j", 1)
            seconds = time.monotonic() - start
            return row, outcome, seconds, self.problem(row, outcome)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def problem(self, row: Row, outcome: Outcome) -> str:
        why = [expect.why_not(outcome) for expect in row.accepts]
        if all(why):
            return "; or ".join(why)
        if outcome.peak_bytes > hostile.MOST_MEMORY and not self.world.sanitized:
            return f"{outcome.peak_bytes >> 20} MiB of memory"
        return ""

    def test_every_row_ends_as_it_should(self) -> None:
        rows = [line for line in LINES if isinstance(line, Row) and
                not (line.slow and self.world.quick)]
        if self.world.quick:
            rows = rows[::3]  # the whole of it takes minutes with sanitizers
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            results = list(pool.map(self.result, rows))
        for row, outcome, seconds, problem in results:
            with self.subTest(case=row.number, name=row.name):
                if problem:
                    self.fail(f"{problem}\n{outcome.said}")
        wrong_clean = [row.name for row, outcome, _, problem in results
                       if problem and outcome.status == CLEAN]
        self.assertEqual(wrong_clean, [], "clean, though it is not")


class Table(Case):
    def test_every_case_of_the_catalogue_has_a_row(self) -> None:
        self.assertEqual({line.number for line in LINES}, set(range(1, 151)))
        for line in LINES:
            if isinstance(line, NotDone):
                print(f"        case {line.number} is not done: {line.name}, because {line.why}")

    def test_what_is_tested_elsewhere_is_there(self) -> None:
        for line in LINES:
            for name in line.tests if isinstance(line, Elsewhere) else ():
                with self.subTest(case=line.number, test=name):
                    self.assertTrue(self.exists(name), f"{name} is gone")

    def exists(self, name: str) -> bool:
        folder = pathlib.Path(__file__).resolve().parent
        if name.endswith(".py"):
            return (folder / name).exists()
        if name.startswith("tests/"):
            path, _, claim = name.partition(": ")
            # A claim may stand on two lines.
            text = (ROOT / path).read_text() if (ROOT / path).exists() else ""
            return claim in re.sub(r'"\s+"', "", text) and bool(text)
        module, group, test = name.split(".")
        return hasattr(getattr(importlib.import_module(module), group, None), test)


class Output(Case):
    FORMATS = ("text", "json", "sarif", "markdown", "html", "github", "gitlab",
               "gitlab-codequality")
    HOSTILE = ["\x1b[31mred\x1b]52;c;eA==\x07", "\x1b]8;;http://x\x07", "\rover", "bell\x07", "c1\x9b31m",
               "a\n::error::x", "::set-output name=x::y", "##[error]x", "##vso[task.complete]",
               "##teamcity[x]", "<img src=x onerror=alert(1)>", "[x](javascript:1)", "=cmd|'/C x'!A0",
               "`x`", "|x|y|", "\u202egpj.exe", "zero\u200bwidth", "-o", "--help"]

    def test_no_sink_passes_on_what_a_name_or_a_text_holds(self) -> None:
        tree = self.world.folder("names")
        for number, text in enumerate(self.HOSTILE):
            name = text.replace("/", "_") + str(number)
            around = f"#!/bin/sh\n# {text}\n".encode(errors="surrogateescape")
            command = hostile.EVIL.replace(b" -p x ", f" -p '{text}' ".encode()).split(b"\n")[-2]
            (tree / name).write_bytes(around + command + b"\n")
        for form in self.FORMATS:
            with self.subTest(format=form):
                outcome = self.run_it("repo", tree, "--format", form, "-v")
                self.assertEqual(outcome.status, FOUND, outcome.said)
                shown = outcome.out.decode()
                self.assertNotRegex(shown, "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]")
                for line in shown.splitlines():
                    # GitHub's format is made of commands, and only of these.
                    own = form == "github" and line.startswith(("::error ", "::warning ", "::notice "))
                    self.assertTrue(own or not line.lstrip().startswith("::"), line)
                    for word in ("##[", "##vso[", "##teamcity["):
                        self.assertNotIn(word, line)
                if form == "markdown":
                    self.assertNotIn("<img", re.sub(r"`[^`]*`", "", shown))
                if form == "html":
                    self.assertNotIn("<img", shown)

    def test_more_findings_than_readers_take_are_cut_and_counted(self) -> None:
        tree = self.world.folder("flood")
        for number in range(2600):  # two findings each
            (tree / f"f{number}.sh").write_bytes(hostile.EVIL.split(b"\n", 2)[2])
        path = self.world.folder("sarif") / "report.sarif"
        outcome = self.run_it("repo", tree, "-q", "-o", f"sarif={path}")
        self.assertEqual(outcome.status, FOUND, outcome.said)
        log = path.read_bytes()
        run = json.loads(log)["runs"][0]
        self.assertLessEqual(len(run["results"]), 5000)
        self.assertLess(len(gzip.compress(log, 1)), 10 << 20)
        self.assertIn("5,", json.dumps(run["invocations"]), "how many were left out is not said")

    def test_a_fifo_is_no_report(self) -> None:
        path = self.world.folder("fifo") / "pipe"
        os.mkfifo(path)
        outcome = self.run_it("package", __file__, "-q", "-o", path)
        self.assertEqual(outcome.status, NO_VERDICT, outcome.said)

    def test_a_secret_beside_the_command_is_masked(self) -> None:
        secret, tree = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY", self.world.folder("secret")
        line = hostile.EVIL.split(b"\n")[-2]
        (tree / "a.sh").write_bytes(b"#!/bin/sh\nAWS_SECRET_ACCESS_KEY=" + secret.encode() + b" " + line)
        for form in self.FORMATS:
            with self.subTest(format=form):
                outcome = self.run_it("repo", tree, "--format", form, "-v")
                self.assertEqual(outcome.status, FOUND, outcome.said)
                self.assertNotIn(secret.encode(), outcome.out)


class Policy(Case):
    def evil(self) -> pathlib.Path:
        tree = self.world.folder("policy")
        (tree / "a.sh").write_bytes(hostile.EVIL)
        return tree

    def locked(self) -> pathlib.Path:
        path = self.world.folder("locked") / "vendor.zip"
        path.write_bytes(hostile_zips.Zip().add(b"lib/x", b"secret", 0, 1).end())
        return path

    def test_no_variable_changes_the_verdict(self) -> None:
        names = ("FAIL_ON", "CONFIG", "BASELINE", "ACCEPT_GAP", "IGNORE", "FORMAT", "QUIET",
                 "SIGNATURES", "SIGNATURES_ONLY", "PLATFORM")
        environment = {f"MINESCAN_{name}": "never" for name in names}
        self.scan(FOUND, "repo", self.evil(), environment=environment)

    def test_arguments_are_bytes(self) -> None:
        folder = self.world.folder("arguments")
        for name in (b"-", b"--", b"@file", b"a\nb", b"x\xff\xfe", b"--help", b"-v", b" "):
            path = os.path.join(os.fsencode(folder), name)
            with open(path, "wb") as file:
                file.write(hostile.EVIL)
            with self.subTest(name=name):
                self.scan(FOUND, "package", path.decode(errors="surrogateescape"))
                if name != b"--":
                    outcome = self.run_it("package", "--", name.decode(errors="surrogateescape"),
                                          cwd=folder)
                    self.assertEqual(outcome.status, FOUND, outcome.said)

    def test_costly_signatures_are_refused(self) -> None:
        folder, target = self.world.folder("costly"), self.evil()
        for match in ("(a{1,5000}){1,5000}", "(.*){100}x", "a{1,100000}", "(?:a|b|c)*d"):
            (folder / "own.yaml").write_text(
                f"- indicator: own\n  match: '{match}'\n  strength: strong\n  hits: [a]\n"
                "  misses: [z]\n")
            with self.subTest(match=match):
                outcome = self.run_it("repo", target, "--signatures", folder)
                self.assert_one_sentence(outcome, NO_VERDICT, "own.yaml")
                self.assertLess(outcome.peak_bytes, 1 << 30)

    def test_locale_and_home_do_not_change_the_report(self) -> None:
        tree = self.evil()
        (tree / "Iıİi.txt").write_text("x")
        outputs = set()
        for changes in ({}, {"LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"}, {"LC_ALL": "C"},
                        {"HOME": None, "XDG_CACHE_HOME": None}, {"TMPDIR": None}, {"LANG": None},
                        {"HOME": "/proc", "XDG_CACHE_HOME": None}, {"TMPDIR": "/nonexistent"}):
            outcome = self.run_it("repo", tree, "--format", "json", environment=changes)
            self.assertEqual(outcome.status, FOUND, outcome.said)
            outputs.add(outcome.out)
        self.assertEqual(len(outputs), 1)

    def test_an_accepted_gap_is_shown_and_does_not_count(self) -> None:
        path = self.locked()
        self.scan(INCOMPLETE, "package", path)
        for option in ("decode.encrypted", "decode.encrypted:*", "decode.encrypted:vendor.*"):
            with self.subTest(option=option):
                report = self.scan(CLEAN, "package", path, "--accept-gap", option)
                self.assertEqual([gap["accepted"] for gap in report.gaps], [f"--accept-gap {option}"])
                self.assertTrue(report.complete)
        self.scan(INCOMPLETE, "package", path, "--accept-gap", "decode.corrupt")
        shown = self.run_it("package", path, "--accept-gap", "decode.encrypted")
        self.assertIn("1 gap accepted", shown.out.decode().splitlines()[0])
        self.assertIn("accepted by --accept-gap decode.encrypted", shown.out.decode())
        unused = self.scan(CLEAN, "package", __file__, "--accept-gap", "limit.time")
        self.assertIn("limit.time", json.dumps(unused.json["policy_notes"]))

    def test_a_kind_of_gap_that_is_none_is_one_sentence(self) -> None:
        for option in ("all", "decode", "*", "decode.encrypted:"):
            with self.subTest(option=option):
                self.assert_one_sentence(self.run_it("package", self.locked(), "--accept-gap", option),
                                         NO_VERDICT, option)

    def test_a_configuration_accepts_gaps_with_a_reason(self) -> None:
        config = self.world.folder("config") / "policy.yaml"
        config.write_text("accept-gaps:\n  - gap: decode.encrypted\n    reason: theirs\n"
                          f"    expires: {datetime.date.today() + datetime.timedelta(days=9)}\n")
        report = self.scan(CLEAN, "package", self.locked(), "--config", config)
        self.assertIn("theirs", report.gaps[0]["accepted"])


class Sources(Case):
    """Rules of the ledger that only the sources show."""

    @staticmethod
    def sources() -> Dict[str, str]:
        return {str(path.relative_to(ROOT)): path.read_text()
                for kind in ("*.cpp", "*.h") for path in sorted((ROOT / "src").rglob(kind))}

    def test_results_cannot_be_dropped(self) -> None:
        compiler = shutil.which("g++-12") or shutil.which("clang++-14")
        if not compiler:
            self.skipTest("there is no compiler")
        kept = """#include "base/result.h"
                  minescan::Result<int> number() { return 1; }
                  minescan::Result<void> nothing() { return {}; }
                  int main() { return number() && nothing() ? 0 : 1; }"""
        for text, good in ((kept, True), (kept.replace("return number() && nothing() ? 0 : 1",
                                                       "number()"), False),
                           (kept.replace("return number() && nothing() ? 0 : 1",
                                         "nothing()"), False)):
            with self.subTest(text=text):
                done = self.run_compiler(compiler, text)
                self.assertEqual(done.returncode == 0, good, done.stderr)
                self.assertEqual("nodiscard" in done.stderr, not good, done.stderr)

    @staticmethod
    def run_compiler(compiler: str, text: str) -> subprocess.CompletedProcess:
        return subprocess.run([compiler, "-std=c++20", "-Werror", "-I", ROOT / "src", "-x", "c++",
                               "-fsyntax-only", "-"], input=text, capture_output=True, text=True)

    def test_no_exception_is_swallowed(self) -> None:
        for name, text in self.sources().items():
            for found in re.finditer(r"catch \(([^)]*)\) \{\s*\}", text):
                self.fail(f"{name}: an empty handler of {found[1]}")

    def test_what_libraries_answer_is_looked_at(self) -> None:
        # Calls as statements of their own; what only frees or cannot fail is no answer.
        harmless = re.compile(r"hs_free_\w+|lzma_end|LZ4F_free\w+|ZSTD_free\w+|ZSTD_DCtx_setParameter|"
                              r"BZ2_bzDecompressEnd|curl_(easy_setopt|easy_getinfo|easy_reset|easy_cleanup|multi_\w+|slist_free"
                              r"_all|share_\w+|global_cleanup)|git_\w+_(free|dispose)|git_libgit2_\w+|sqfs_destroy")
        call = re.compile(r"^\s*((?:hs|lzma|LZ4F|ZSTD|BZ2|curl|git|sqfs)_\w+|RE2::\w+)\(", re.M)
        for name, text in self.sources().items():
            for found in call.finditer(text):
                before = text[:found.start()].rstrip()
                # The continuation of an expression is no statement.
                if before.endswith((";", "{", "}", ")", "*/")) and not harmless.fullmatch(found[1]):
                    with self.subTest(file=name, call=found[1]):
                        self.fail(f"{name}: the answer of {found[1]} is dropped")

    def test_no_limit_looks_at_the_clock(self) -> None:
        for name, text in self.sources().items():
            room = name.split("/")[1]
            # What confines workers lists calls by name.
            if (room in ("unpack", "inspect", "match", "examine", "judge")
                    and not name.endswith("confine.cpp")):
                self.assertNotRegex(text, r"system_clock|std::time\(|gettimeofday", name)
