#!/usr/bin/env python3
"""Everything that `./dev test` runs, in order, and the one line that sums it up.

Builds the presets release (gcc) and dev (clang, ASan and UBSan), then runs the unit tests of both,
the source checks, and the end-to-end tests against both programs.  The last line of stdout is
"N passed, N failed"; the exit status is 0 only when nothing failed and something passed.

`tests/run.py NAME…` runs only the steps whose name contains one of the NAMEs (build steps always
run); `--list` prints the names.  As many steps run at once as there are processors, or
$MINESCAN_JOBS.
"""
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, List, NamedTuple, Tuple

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
JOBS = int(os.environ.get("MINESCAN_JOBS", os.cpu_count() or 1))
# A hung step is a failure, not a hung pipeline.  The whole run is meant to take under 30 minutes on
# two cores; a busy machine may need some times as long to build.
STEP_SECONDS = 2400
BUILD_SECONDS = 7200
SANITIZED = {
    "ASAN_OPTIONS": "abort_on_error=1:detect_leaks=1:allocator_may_return_null=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
}


class Step(NamedTuple):
    name: str
    command: List[str]
    # Reads (exit status, output) as (passed, failed).
    count: Callable[[int, str], Tuple[int, int]]
    environment: dict = {}
    is_build: bool = False
    live: bool = False  # show the output while it runs


def as_one(status: int, _output: str) -> Tuple[int, int]:
    return (1, 0) if status == 0 else (0, 1)


def as_summed(pattern: str) -> Callable[[int, str], Tuple[int, int]]:
    """Counts of the last line that matches; a program that dies without one is one failure."""

    def count(status: int, output: str) -> Tuple[int, int]:
        found = re.findall(pattern, output, re.MULTILINE)
        passed, failed = (int(number) for number in found[-1]) if found else (0, 0)
        if (status != 0 or not found) and failed == 0:
            failed = 1
        return passed, failed

    return count


doctest = as_summed(r"^\[doctest\] test cases: *\d+ *\| *(\d+) passed *\| *(\d+) failed")
summed = as_summed(r"^(\d+) passed, (\d+) failed")


def build(preset: str) -> Step:
    script = (f"[ -f build/{preset}/build.ninja ] || cmake --preset {preset} || exit 1; "
              f"cmake --build --preset {preset} -j {JOBS}")
    return Step(f"build-{preset}", ["sh", "-c", script], lambda s, _: (0, 0 if s == 0 else 1),
                is_build=True)


def unit_steps(preset: str) -> List[Step]:
    programs = sorted(p for p in (BUILD / preset / "tests").glob("test_*")
                      if p.is_file() and os.access(p, os.X_OK))
    return [Step(f"{p.name.replace('test_', 'unit-')}-{preset}", [str(p), "--no-colors=true"],
                 doctest, SANITIZED if preset == "dev" else {}) for p in programs]


def source_files() -> List[str]:
    return sorted(str(p.relative_to(ROOT)) for folder in ("src", "tests", "bench")
                  for p in (ROOT / folder).rglob("*") if p.suffix in (".h", ".cpp"))


def other_steps() -> List[Step]:
    python = sys.executable
    return [
        Step("include-order", [python, "tests/include_order.py"], as_one),
        Step("format", ["clang-format-14", "--dry-run", "-Werror"] + source_files(), as_one),
        Step("testdata", [python, "testdata/make_rogue_image.py", "--check"], as_one),
    ]


def e2e_steps() -> List[Step]:
    """Each program's tests in two parts: they wait as much as they compute."""

    def step(preset: str, part: int, *more: str) -> Step:
        return Step(f"e2e-{preset}-{part}",
                    [sys.executable, "tests/e2e/run.py", "--binary", f"build/{preset}/minescan",
                     "--part", f"{part}/2", *more],
                    summed, SANITIZED if preset == "dev" else {}, live=True)

    # The sanitized program is some ten times slower: all but the large inputs, and begun first.
    return [step("dev", part, "--quick") for part in (1, 2)] + [
        step("release", part) for part in (1, 2)]


# Steps run at once, and each line is of one.
talking = threading.Lock()


def say(text: str) -> None:
    with talking:
        print(text, flush=True)


def run(step: Step) -> Tuple[int, int]:
    say(f"== {step.name}")
    began = time.monotonic()
    lines: List[str] = []
    # A session of its own, so that what a step started can be ended with it.
    process = subprocess.Popen(step.command, cwd=ROOT, env={**os.environ, **step.environment},
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, errors="replace",
                               start_new_session=True)
    limit = BUILD_SECONDS if step.is_build else STEP_SECONDS
    watchdog = threading.Timer(limit, os.killpg, (process.pid, signal.SIGKILL))
    watchdog.start()
    try:
        for line in process.stdout:
            lines.append(line)
            if step.live:
                say(f"   {step.name}: {line.rstrip()}")
        status = process.wait()
    finally:
        watchdog.cancel()
    if status == -signal.SIGKILL:
        lines.append(f"killed, perhaps for taking more than {limit} s\n")
    output = "".join(lines)
    passed, failed = step.count(status, output)
    if failed and not step.live:
        say(output.rstrip("\n"))
    say(f"   {step.name}: {passed} passed, {failed} failed in {time.monotonic() - began:.0f} s")
    return passed, failed


def main() -> int:
    wanted = [name for name in sys.argv[1:] if not name.startswith("-")]
    passed = failed = 0
    for preset in ("release", "dev"):
        if run(build(preset))[1]:
            print("0 passed, 1 failed")
            return 1
    steps = e2e_steps() + unit_steps("dev") + unit_steps("release") + other_steps()
    if "--list" in sys.argv:
        print("\n".join(step.name for step in steps))
        return 0
    steps = [step for step in steps if not wanted or any(name in step.name for name in wanted)]
    broken = []
    with ThreadPoolExecutor(JOBS) as pool:
        for step, (good, bad) in zip(steps, pool.map(run, steps)):
            passed, failed = passed + good, failed + bad
            if bad:
                broken.append(step.name)
    if broken:
        print(f"failed steps: {', '.join(broken)}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
