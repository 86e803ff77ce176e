#!/usr/bin/env python3
"""End-to-end tests: the real program against real components, all on loopback.

    tests/e2e/run.py                       all tests with build/release/minescan
    tests/e2e/run.py -k registry -k tls    tests whose name contains one of these
    tests/e2e/run.py --binary PATH         another program
    tests/e2e/run.py --quick               without what reads gigabytes or waits for long
    tests/e2e/run.py --part 1/2            every second class of tests, so that two may run at once
    tests/e2e/run.py --keep                leave the scratch folder for looking into

A test that needs a component this machine lacks is skipped and says which.  The last line is
"N passed, N failed, N skipped"; the exit status is 0 when none failed and one passed.
"""
import argparse
import pathlib
import sys
import time
import traceback
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import harness  # noqa: E402  (its folder is only now on the path)


class Teller(unittest.TestResult):
    """One line a test, and what went wrong right below it."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        self.began, self.bad_parts = time.monotonic(), 0

    def tell(self, word: str, test: unittest.TestCase, note: str = "") -> None:
        name = test.id().replace(".test_", ".").replace("_", " ").removeprefix("test ")
        print(f"{word:7} {name} ({time.monotonic() - self.began:.1f} s){note}", flush=True)

    def addSuccess(self, test: unittest.TestCase) -> None:
        if self.bad_parts == 0:
            self.passed += 1
            self.tell("ok", test)

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        super().addSkip(test, reason)
        self.tell("skipped", test, ": " + reason)

    def bad(self, test: unittest.TestCase, error: tuple, part: str = "") -> None:
        self.tell("FAILED", test, part)
        text = "".join(traceback.format_exception(*error))
        print("        " + text.rstrip().replace("\n", "\n        "), flush=True)

    def addFailure(self, test: unittest.TestCase, error: tuple) -> None:
        super().addFailure(test, error)
        self.bad(test, error)

    def addError(self, test: unittest.TestCase, error: tuple) -> None:
        super().addError(test, error)
        self.bad(test, error)

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, error: tuple) -> None:
        super().addSubTest(test, subtest, error)
        if error is not None:
            self.bad_parts += 1
            self.bad(test, error, f": {dict(subtest.params)}")


def chosen(suite: unittest.TestSuite, words: list) -> unittest.TestSuite:
    found = unittest.TestSuite()
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            found.addTests(chosen(test, words))
        elif not words or any(word in test.id() for word in words):
            found.addTest(test)
    return found


def part_of(suite: unittest.TestSuite, part: str) -> unittest.TestSuite:
    """The tests of every N-th class from the K-th on, for "K/N": what a class shares is made once."""
    number, parts = (int(word) for word in part.split("/"))
    if not 1 <= number <= parts:
        raise SystemExit(f"--part {part}: the first number must be from 1 to the second")
    classes = []
    found = unittest.TestSuite()
    for test in suite:
        if type(test) not in classes:
            classes.append(type(test))
        if classes.index(type(test)) % parts == number - 1:
            found.addTest(test)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=harness.ROOT / "build/release/minescan",
                        type=pathlib.Path)
    parser.add_argument("-k", dest="words", action="append", default=[])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--part", default="1/1", metavar="K/N")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    binary = options.binary.resolve()
    if not binary.is_file():
        print(f"{options.binary} is missing: run ./dev build", file=sys.stderr)
        return 2
    world = harness.World(binary, options.quick)
    harness.Case.world = world
    folder = pathlib.Path(__file__).resolve().parent
    result = Teller()
    try:
        suite = unittest.defaultTestLoader.discover(str(folder), "test_*.py", str(folder))
        part_of(chosen(suite, options.words), options.part).run(result)
    finally:
        if options.keep:
            world.stack.close()
            print(f"kept: {world.scratch}")
        else:
            world.close()
    failed = len(result.failures) + len(result.errors)
    print(f"{result.passed} passed, {failed} failed, {len(result.skipped)} skipped")
    return 1 if failed or not result.passed else 0


if __name__ == "__main__":
    sys.exit(main())
