"""Faults of the system: calls that fail, and processes that are killed at any moment."""
import concurrent.futures
import errno
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import time
from typing import Dict, Iterator, List, Optional

import harness
import images
from harness import CLEAN, FOUND

SHIM = pathlib.Path(__file__).with_name("faults.c")
# A run may not be a crash, and of an input with a miner not clean.
LEGAL = (1, 2, 3)
KINDS = {"malloc": [errno.ENOMEM], "read": [errno.EIO, errno.EINTR, "short"],
         "write": [errno.ENOSPC, errno.EINTR, "short"], "open": [errno.EMFILE, errno.EIO],
         "rename": [errno.EIO, errno.ENOSPC], "fsync": [errno.EIO, errno.ENOSPC]}
# After these the same call works when it is made again.
HARMLESS = (errno.EINTR, "short")


def compiler() -> Optional[str]:
    return next(filter(None, map(shutil.which, ("gcc-12", "gcc", "cc"))), None)


def places(count: int) -> Iterator[int]:
    """Every call of the first few, then ever fewer."""
    at = 1
    while at <= count:
        yield at
        at += 1 + at // 6


@harness.unittest.skipUnless(compiler(), "there is no C compiler")
class Faults(harness.Case):
    def setUp(self) -> None:
        super().setUp()
        if "ASAN_OPTIONS" in os.environ:
            self.skipTest("the sanitizers have a malloc of their own")
        self.folder = self.world.folder("faults")
        self.shim = self.folder / "faults.so"
        subprocess.run([compiler(), "-O1", "-shared", "-fPIC", "-o", self.shim, SHIM, "-ldl"],
                       check=True, capture_output=True)
        self.target = self.folder / "rogue.tar"
        self.target.write_bytes(images.tar_of({"opt/worker": images.rogue.fake_miner()}))

    def faulty(self, name: str, settings: Dict[str, object], *arguments: object
               ) -> subprocess.CompletedProcess:
        place = self.folder / name
        place.mkdir()
        (place / "report.json").write_text("the report before")
        return subprocess.run(
            [str(self.world.binary), "package", str(self.target), "--format", "json",
             "-o", str(place / "report.json"), "--no-progress", *map(str, arguments)],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=120, cwd=place,
            env=self.world.environment({
                "LD_PRELOAD": str(self.shim), "XDG_CACHE_HOME": str(place / "cache"),
                **{f"MINESCAN_FAULT_{key}": str(value) for key, value in settings.items()}}))

    def check(self, name: str, call: str, at: int, how: object, all_of_them: bool) -> List[str]:
        """What is wrong with such a run."""
        settings: Dict[str, object] = {"CALL": call, "AT": at, "HOW": how}
        if all_of_them:
            settings["ALL"] = 1
        done = self.faulty(name, settings)
        said = f"{call} {at} {how}{' on' if all_of_them else ''}: {done.stderr.decode()[-300:]}"
        report = self.folder / name / "report.json"
        text = report.read_text() if report.exists() else ""
        shutil.rmtree(self.folder / name)
        wrong = []
        if done.returncode not in LEGAL:
            wrong.append(f"exit status {done.returncode}: {said}")
        if how in HARMLESS and not all_of_them and done.returncode != FOUND:
            wrong.append(f"gave up, exit status {done.returncode}: {said}")
        if text != "the report before":
            try:
                json.loads(text)
            except ValueError:
                wrong.append(f"a torn report: {said}")
        return wrong

    def test_no_call_that_fails_makes_a_crash_or_a_clean_verdict_or_half_a_report(self) -> None:
        runs = []
        for call, errors in KINDS.items():
            counted = self.folder / f"count-{call}"
            done = self.faulty(f"count{call}", {"CALL": call, "COUNT": counted})
            self.assertEqual(done.returncode, FOUND, done.stderr)
            for how in errors:
                for at in places(int(counted.read_text())):
                    for all_of_them in ([False] if how == errno.EINTR else [False, True]):
                        runs.append((call, at, how, all_of_them))
        random.Random(7).shuffle(runs)
        limit = int(os.environ.get("MINESCAN_FAULT_RUNS", "150"))
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            wrong = [sentence for sentences in pool.map(
                lambda one: self.check(f"run{one[0]}", *one[1]), enumerate(runs[:limit]))
                for sentence in sentences]
        self.assertEqual(wrong, [])

    def test_killed_at_any_moment_no_report_is_torn_and_no_process_is_left(self) -> None:
        rng = random.Random(11)
        for number in range(int(os.environ.get("MINESCAN_KILL_RUNS", "25"))):
            place = self.folder / f"kill{number}"
            place.mkdir()
            report = place / "report.json"
            report.write_text("the report before")
            process = subprocess.Popen(
                [str(self.world.binary), "package", str(self.target), "--format", "json",
                 "-o", str(report)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, cwd=place, start_new_session=True,
                env=self.world.environment({"XDG_CACHE_HOME": str(place / "cache")}))
            time.sleep(rng.random() * 0.15)
            process.send_signal(signal.SIGKILL)
            process.wait()
            text = report.read_text()
            if text != "the report before":
                json.loads(text)
            for _ in range(200):
                if not self.in_session(process.pid):
                    break
                time.sleep(0.02)
            self.assertEqual(self.in_session(process.pid), [])
            # What it left in the cache does no harm.
            again = self.run_it("package", self.target, "--quiet",
                                environment={"XDG_CACHE_HOME": str(place / "cache")})
            self.assertEqual(again.status, FOUND)

    def in_session(self, session: int) -> List[str]:
        left = []
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[3]) == session and fields[0] != "Z":
                left.append(stat.parent.name)
        return left
