"""The catalogue of hostile inputs, one row a case: what is found, incomplete, refused or clean.

No row may end as clean when it is not listed so, and none may take more than its share of memory.
The inputs are made when their turn comes and thrown away; several run at once.
"""
import concurrent.futures
import importlib
import pathlib
import shutil
import time
from typing import Dict, List, Tuple

import hostile
from harness import CLEAN, ROOT, Case, Outcome, Report
from hostile import Elsewhere, Line, NotDone, Row

CHAPTERS = ["images", "streams", "tars", "zips", "files"]
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
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            results = list(pool.map(self.result, rows))
        for row, outcome, seconds, problem in results:
            with self.subTest(case=row.number, name=row.name):
                if problem:
                    self.fail(f"{problem}\n{outcome.said}")
        wrong_clean = [row.name for row, outcome, _, problem in results
                       if problem and outcome.status == CLEAN]
        self.assertEqual(wrong_clean, [], "clean, though it is not")
