"""Workers: confined, replaced when they are lost, and never the end of a scan."""
import bz2
import gzip
import json
import lzma
import os
import pathlib
import random
import resource
import signal
import subprocess
import tarfile
import threading
import time
from typing import Callable, List, Optional

import harness
import images
import test_gate
from harness import CLEAN, FOUND, INCOMPLETE, NO_VERDICT

SECRET = "s3cret-of-a-test-0123456789"
# Processor time after which a worker is surely at the large unit, and no small one is.
BUSY_SECONDS = 0.6


def children(pid: int) -> List[int]:
    try:
        return [int(child) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
                for child in (task / "children").read_text().split()]
    except OSError:
        return []


def workers(pid: int) -> List[int]:
    """The worker processes of a run: the children of its only child."""
    return [worker for nursery in children(pid) for worker in children(nursery)]


def git_reader(pid: int) -> Optional[int]:
    """The process that reads git's files for a run."""
    for child in children(pid):
        try:
            if pathlib.Path(f"/proc/{child}/comm").read_text() == "minescan-git\n":
                return child
        except OSError:
            pass
    return None


def cpu_seconds(pid: int) -> float:
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError):
        return 0


class WorkerCase(harness.Case):
    @classmethod
    def large(cls, members: int = 200) -> bytes:
        """Takes seconds: 16 MiB a member."""
        return gzip.compress(bytes(range(256)) * 65536, 6) * members

    def large_file(self) -> pathlib.Path:
        path = self.world.folder("large") / "large.gz"
        path.write_bytes(self.large())
        return path

    def layout(self, members: int) -> pathlib.Path:
        """The rogue image with a layer that takes long."""
        image = images.rogue_image()
        image.layers.append(images.layer(images.rogue.File("opt/large.gz", self.large(members)),
                                         packed="none"))
        return images.write_layout(self.world.folder("mixed") / "layout",
                                   {"latest": image.build()})

    def watched(self, act: Callable[[int, int], bool], *arguments: object,
                environment: Optional[dict] = None) -> harness.Outcome:
        """Runs it; act(process, worker) is called for each worker, again and again, until it says
        that it is done with that one."""
        out = self.world.folder("out")
        with open(out / "out", "wb") as stdout, open(out / "err", "wb") as stderr:
            process = subprocess.Popen(
                [str(self.world.binary), *map(str, arguments)], stdin=subprocess.DEVNULL,
                stdout=stdout, stderr=stderr, cwd=self.world.scratch,
                env=self.world.environment({"XDG_CACHE_HOME": str(out), **(environment or {})}))
            done = set()
            ended = threading.Event()

            def watch() -> None:
                while not ended.is_set():
                    for worker in workers(process.pid):
                        if worker not in done and act(process.pid, worker):
                            done.add(worker)
                    time.sleep(0.002)

            watcher = threading.Thread(target=watch)
            watcher.start()
            try:
                status, peak = harness.wait(process)
            finally:
                ended.set()
                watcher.join()
        return harness.Outcome(status, (out / "out").read_bytes(), (out / "err").read_bytes(), peak)

    def when_busy(self, act: Callable[[int], object]) -> Callable[[int, int], bool]:
        busy = BUSY_SECONDS * (4 if self.world.sanitized else 1)

        def look(_process: int, worker: int) -> bool:
            if cpu_seconds(worker) < busy:
                return False
            act(worker)
            return True
        return look

    @staticmethod
    def kill(worker: int) -> None:
        os.kill(worker, signal.SIGKILL)

    def report(self, outcome: harness.Outcome, status: int) -> harness.Report:
        self.assertEqual(outcome.status, status, outcome.said)
        return harness.Report(outcome.out)

    def confined(self) -> bool:
        """Whether this system and build give everything."""
        outcome = self.run_it("doctor", "-f", "json")
        self.assertIn(outcome.status, (CLEAN, INCOMPLETE), outcome.said)
        return json.loads(outcome.out)["sandbox"]["whole"]


class TestLostWorkers(WorkerCase):
    def test_a_unit_whose_worker_was_killed_is_examined_again(self) -> None:
        killed = []

        def once(worker: int) -> None:
            if not killed:
                killed.append(worker)
                self.kill(worker)

        outcome = self.watched(self.when_busy(once), "package", self.large_file(), "-f", "json")
        self.assertTrue(killed)
        self.assertTrue(self.report(outcome, CLEAN).complete)

    def test_a_unit_that_loses_two_workers_is_a_gap_and_others_are_found(self) -> None:
        layout = self.layout(400 if self.world.sanitized else 100)
        killed = []

        def each(worker: int) -> None:
            killed.append(worker)
            self.kill(worker)

        outcome = self.watched(self.when_busy(each), "image", f"oci:{layout}", "-f", "json", "-j1")
        report = self.report(outcome, FOUND)
        self.assertEqual(len(killed), 2)
        self.assert_finds_rogue(report)
        gaps = [gap for gap in report.gaps if gap["reason"] == "worker.crash"]
        self.assertEqual(len(gaps), 1, report.gaps)
        self.assertIn("signal 9", gaps[0]["detail"])
        self.assertIn("opt/large.gz", [step["name"] for step in gaps[0]["trail"]])
        self.assertFalse(report.complete)

    def test_a_worker_that_stands_still_is_given_up(self) -> None:
        outcome = self.watched(self.when_busy(lambda worker: os.kill(worker, signal.SIGSTOP)),
                               "package", self.large_file(), "-f", "json", "--unit-timeout", "1")
        report = self.report(outcome, INCOMPLETE)
        self.assertEqual(report.gap_reasons(), {"worker.timeout"})
        self.assertIn("no progress for 1 seconds", report.gaps[0]["detail"])

    def test_a_worker_without_processor_time_is_given_up(self) -> None:
        # At work: before, it would set its own limit.
        def starve(worker: int) -> None:
            resource.prlimit(worker, resource.RLIMIT_CPU, (1, 20))

        outcome = self.watched(self.when_busy(starve), "package", self.large_file(), "-f", "json")
        self.assertEqual(self.report(outcome, INCOMPLETE).gap_reasons(), {"worker.timeout"})

    def test_workers_end_with_their_parent(self) -> None:
        seen = []

        def end(process: int, worker: int) -> bool:
            seen.extend([worker, *children(process)])
            os.kill(process, signal.SIGKILL)
            return True

        self.watched(end, "package", self.large_file())
        deadline = time.monotonic() + 10
        left = set(seen)
        while left and time.monotonic() < deadline:
            left = {pid for pid in left if self.runs(pid)}
            time.sleep(0.01)
        self.assertTrue(seen)
        self.assertEqual(left, set())

    @staticmethod
    def runs(pid: int) -> bool:
        try:
            return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
        except OSError:
            return False


class TestMemory(WorkerCase):
    """What a worker may take is a limit of the kernel; it is lowered here, to meet it sooner."""

    def setUp(self) -> None:
        if self.world.sanitized:
            self.skipTest("a sanitizer takes terabytes of addresses")

    def starved(self, room: int, *last: images.rogue.File) -> harness.Outcome:
        """Scans the rogue image with a layer of which much is read before `last`; by then its worker
        may take no more than `room` bytes beyond what it has."""
        image = images.rogue_image()
        image.layers.append(images.layer(images.rogue.File("opt/large.gz", self.large(100)), *last,
                                         packed="none"))
        layout = images.write_layout(self.world.folder("starved") / "layout",
                                     {"latest": image.build()})
        self.limits: List[int] = []

        def lower(worker: int) -> None:
            self.limits.append(resource.prlimit(worker, resource.RLIMIT_AS)[0])
            pages = int(pathlib.Path(f"/proc/{worker}/statm").read_text().split()[0])
            most = pages * resource.getpagesize() + room
            resource.prlimit(worker, resource.RLIMIT_AS, (most, most))

        outcome = self.watched(self.when_busy(lower), "image", f"oci:{layout}", "-f", "json", "-j1")
        self.assertEqual(self.limits, [2 << 30], "the limit of a worker that nobody lowered")
        return outcome

    def test_a_worker_that_wants_more_than_its_limit_is_a_gap_and_others_are_found(self) -> None:
        # Of a program a block of up to 48 MiB is held, and a script behind it is not reached.
        program = images.rogue.File("opt/program", b"\x7fELF\2\1\1" + bytes(40 << 20))
        report = self.report(self.starved(0, program), FOUND)
        self.assert_finds_rogue(report)
        self.assertEqual([gap["reason"] for gap in report.gaps], ["limit.memory"])
        self.assertIn("no memory to examine it", report.gaps[0]["detail"])
        self.assertFalse(report.complete)

    def test_a_decoder_that_wants_more_than_its_limit_is_a_gap_and_its_layer_goes_on(self) -> None:
        packed = lzma.compress(b"nothing", lzma.FORMAT_XZ, filters=[
            {"id": lzma.FILTER_LZMA2, "dict_size": 128 << 20}])
        wants = images.rogue.File("opt/wants.xz", packed)
        script = images.rogue.File("opt/behind.sh", images.rogue.dropper_script())
        report = self.report(self.starved(64 << 20, wants, script), FOUND)
        self.assertEqual([gap["reason"] for gap in report.gaps], ["limit.memory"])
        self.assertIn("opt/wants.xz", [step["name"] for step in report.gaps[0]["trail"]])
        self.assertIn("opt/behind.sh", [step["name"] for finding in report.findings
                                        for step in finding["trail"]])


class TestTasks(WorkerCase):
    """What else is read of untrusted bytes: lockfiles, facts, pages, archives of images."""

    def lockfile(self, packages: int) -> pathlib.Path:
        """One of which the parser has much work, and nothing is to be fetched."""
        entries = "".join(f"  p{i}@1.0.{i}:\n    resolution: {{integrity: sha512-{'A' * 86}==}}\n"
                          for i in range(packages))
        path = self.world.folder("locked") / "pnpm-lock.yaml"
        path.write_text(f"lockfileVersion: '9.0'\npackages:\n{entries}")
        return path

    def gate_while(self, path: pathlib.Path, act: Callable[[int], object],
                   *arguments: object) -> harness.Outcome:
        """Compares a lockfile with itself; act(worker) is called for each worker that reads it."""
        first = []

        def look(_process: int, worker: int) -> bool:
            # It matches the text for signatures, the others parse it.
            if not first:
                first.append(worker)
            if worker == first[0]:
                return True
            if cpu_seconds(worker) < 0.02:
                return False
            act(worker)
            return True

        return self.watched(look, "gate", "--lockfile", path, "--against", path, "-f", "json",
                            *arguments)

    def test_a_worker_that_is_killed_while_it_parses_a_lockfile_is_made_once_more(self) -> None:
        killed = []

        def once(worker: int) -> None:
            if not killed:
                killed.append(worker)
                self.kill(worker)

        outcome = self.gate_while(self.lockfile(8_000), once)
        self.assertTrue(killed)
        self.assertTrue(self.report(outcome, CLEAN).complete)

    def test_a_lockfile_that_loses_two_workers_is_a_gap_with_its_name(self) -> None:
        killed = []

        def each(worker: int) -> None:
            killed.append(worker)
            self.kill(worker)

        report = self.report(self.gate_while(self.lockfile(8_000), each), INCOMPLETE)
        self.assertEqual(len(killed), 4)  # two for each side
        self.assertFalse(report.complete)
        gaps = [gap for gap in report.gaps if gap["reason"] == "worker.crash"]
        self.assertEqual(len(gaps), 2, report.gaps)
        for gap in gaps:
            self.assertIn("pnpm-lock.yaml", [step["name"] for step in gap["trail"]])
            self.assertIn("lost twice", gap["detail"])
            self.assertIn("signal 9", gap["detail"])

    def test_a_parser_that_stands_still_is_given_up(self) -> None:
        outcome = self.gate_while(self.lockfile(8_000),
                                  lambda worker: os.kill(worker, signal.SIGSTOP),
                                  "--unit-timeout", "1")
        self.assertEqual(self.report(outcome, INCOMPLETE).gap_reasons(), {"worker.timeout"})

    def archive(self) -> pathlib.Path:
        """One of whose headers the reader has much work: those of two folders have very many lines."""
        lines = b"".join(b"13 k%d=v\n" % i for i in range(100_000, 300_000))
        header = tarfile.TarInfo("PaxHeaders/x")
        header.type, header.size = tarfile.XHDTYPE, len(lines)
        folder = tarfile.TarInfo("blobs")
        folder.type = tarfile.DIRTYPE
        block = (header.tobuf(tarfile.USTAR_FORMAT) + lines + bytes(-len(lines) % 512)
                 + folder.tobuf(tarfile.USTAR_FORMAT))
        files = images.layout_files({"latest": images.rogue_image().build()})
        path = self.world.folder("slow") / "image.tar"
        path.write_bytes(block * 2 + images.tar_of(files))
        return path

    def compressed_archive(self) -> pathlib.Path:
        """One that takes a second to unpack."""
        files = images.layout_files({"latest": images.rogue_image().build()})
        header = tarfile.TarInfo("blobs/large")
        header.size = 24 << 20
        path = self.world.folder("packed") / "image.tar.bz2"
        path.write_bytes(bz2.compress(header.tobuf(tarfile.USTAR_FORMAT))
                         + bz2.compress(random.Random(1).randbytes(1 << 20), 1) * 24
                         + bz2.compress(images.tar_of(files)))
        return path

    def image_while(self, act: Callable[[int], object], archive: pathlib.Path, busy: float,
                    *arguments: object) -> harness.Outcome:
        """Scans an archive; act(worker) is called for the first two workers that are at work."""
        seen = []

        def look(_process: int, worker: int) -> bool:
            if len(seen) < 2 and cpu_seconds(worker) < busy:
                return False
            if len(seen) < 2:
                seen.append(worker)
                act(worker)
            return True

        return self.watched(look, "image", f"oci-archive:{archive}", "-f", "json", *arguments)

    def headers_while(self, act: Callable[[int], object]) -> harness.Outcome:
        return self.image_while(act, self.archive(), 0.02)

    def unpacked_while(self, act: Callable[[int], object], *arguments: object) -> harness.Outcome:
        return self.image_while(act, self.compressed_archive(), 0.1, *arguments)

    def test_a_worker_that_is_killed_while_it_reads_an_archive_is_made_once_more(self) -> None:
        killed = []

        def once(worker: int) -> None:
            if not killed:
                killed.append(worker)
                self.kill(worker)

        for read in (self.headers_while, self.unpacked_while):
            killed.clear()
            report = self.report(read(once), FOUND)
            self.assertTrue(killed)
            self.assert_finds_rogue(report)
            self.assertTrue(report.complete)

    def test_an_archive_whose_headers_lose_two_workers_is_an_error_with_its_name(self) -> None:
        outcome = self.headers_while(self.kill)
        # With sanitizers a worker is at work before it comes to the headers.
        words = () if self.world.sanitized else ("headers",)
        self.assert_one_sentence(outcome, NO_VERDICT, "image.tar", "lost twice", "signal 9", *words)

    def test_an_archive_whose_unpacking_loses_two_workers_is_an_error_with_its_name(self) -> None:
        outcome = self.unpacked_while(self.kill)
        self.assert_one_sentence(outcome, NO_VERDICT, "image.tar.bz2", "is not unpacked",
                                 "lost twice", "signal 9")
        outcome = self.unpacked_while(lambda worker: os.kill(worker, signal.SIGSTOP),
                                      "--unit-timeout", "1")
        self.assert_one_sentence(outcome, NO_VERDICT, "image.tar.bz2", "is not unpacked",
                                 "no progress for 1 seconds")

    def test_archives_are_read_alike_with_and_without_a_sandbox(self) -> None:
        built = images.rogue_image().build()
        many = {f"blobs/sha256/{i:064x}": b"%d" % i for i in range(300)}
        folder = self.world.folder("archives")
        for name, files in (("oci", {**many, **images.layout_files({"latest": built})}),
                            ("docker25", images.docker25_files(built, "app:1"))):
            path = folder / f"{name}.tar"
            path.write_bytes(images.tar_of(files))
            apart, here = (self.scan(FOUND, "image", path, *options)
                           for options in ((), ("--no-sandbox",)))
            ours, theirs = ([note for note in report.json["artifact"]["notes"]
                             if "sandbox" not in str(note)] for report in (apart, here))
            self.assertEqual(ours, theirs)
            self.assertEqual(apart.json["artifact"]["digest"], here.json["artifact"]["digest"])

    def test_compressed_archives_are_read_alike_with_and_without_a_sandbox(self) -> None:
        tar = images.tar(images.docker_archive_files(images.rogue_image(), "app:1"))
        path = self.world.folder("compressed") / "image.tar.gz"
        for how in ("gzip-members", "zstd-frames", "xz", "bzip2"):
            path.write_bytes(images.pack(tar, how) + bytes(1000))
            self.assert_finds_rogue(self.scan(FOUND, "image", path))
        self.assert_finds_rogue(self.scan(FOUND, "image", path, "--no-sandbox"))
        packed = images.pack(tar, "gzip")
        for wrong, words in ((packed[:-100], "gzip data ends before its format says so"),
                             (packed + bytes(100) + b"#", "more bytes behind its gzip data")):
            path.write_bytes(wrong)
            said = set()
            for options in ((), ("--no-sandbox",)):
                outcome = self.run_it("image", path, *options)
                self.assert_one_sentence(outcome, NO_VERDICT, "image.tar.gz", words)
                said.add(outcome.err)
            self.assertEqual(len(said), 1, said)

    def test_lockfiles_are_read_alike_with_and_without_a_sandbox(self) -> None:
        samples = harness.ROOT / "testdata" / "lockfiles"
        for sample, name in (("npm-v3.json", "package-lock.json"), ("yarn-v8.lock", "yarn.lock"),
                             ("pnpm-v9.yaml", "pnpm-lock.yaml"), ("uv.lock", "uv.lock"),
                             ("requirements.txt", "requirements.txt")):
            folder = self.world.folder("alike")
            (folder / name).write_bytes((samples / sample).read_bytes())
            (folder / "old").mkdir()
            (folder / "old" / name).write_bytes((samples / sample).read_bytes())
            reports = set()
            for options in ([], ["--no-sandbox"]):
                outcome = self.run_it("gate", "--lockfile", folder / name, "--against",
                                      folder / "old" / name, "-f", "json", *options)
                self.assertIn(outcome.status, (CLEAN, INCOMPLETE), outcome.said)
                report = harness.Report(outcome.out)
                self.assertFalse(report.gap_reasons() & {"worker.crash", "worker.timeout"},
                                 report.gaps)
                report.json["artifact"].pop("notes")
                reports.add(json.dumps(report.json))
            self.assertEqual(len(reports), 1, name)


class TestGit(WorkerCase):
    """The process that reads git's files."""

    def setUp(self) -> None:
        super().setUp()
        self.repository = test_gate.Repository(self.world, {"a": b"a\n"})
        # Takes long, and others are read after it.
        self.repository.write({"b.gz": self.large(20 if self.world.sanitized else 100),
                               "c": b"c\n"})
        self.repository.commit("large")

    def gate_while(self, act: Callable[[int], object], *arguments: object,
                   environment: Optional[dict] = None) -> harness.Outcome:
        """Compares; act(process) is called once, while the large file is examined."""
        def look(process: int, worker: int) -> bool:
            if cpu_seconds(worker) < 0.1:
                return False
            reader = git_reader(process)
            if reader is not None and not done:
                done.append(reader)
                act(reader)
            return True

        done: List[int] = []
        outcome = self.watched(look, "gate", self.repository.path, "--base", "HEAD~1", "--head",
                               "HEAD", "-f", "json", *arguments, environment=environment)
        self.assertTrue(done, outcome.said)
        return outcome

    def test_when_it_is_killed_there_is_no_verdict(self) -> None:
        outcome = self.gate_while(self.kill)
        self.assert_one_sentence(outcome, NO_VERDICT, str(self.repository.path), "was lost",
                                 "signal 9", "again")

    def test_when_it_stands_still_there_is_no_verdict(self) -> None:
        outcome = self.gate_while(lambda reader: os.kill(reader, signal.SIGSTOP),
                                  "--unit-timeout", "4")
        self.assert_one_sentence(outcome, NO_VERDICT, "was lost", "said nothing for 4 seconds")

    def test_it_has_nothing_but_its_socket_and_the_repository(self) -> None:
        facts = {}

        def look(reader: int) -> None:
            folder = pathlib.Path(f"/proc/{reader}")
            try:
                facts["open"] = [os.readlink(path) for path in (folder / "fd").iterdir()]
                facts["status"] = dict(line.split(":\t", 1) for line in
                                       (folder / "status").read_text().splitlines() if ":\t" in line)
                facts["told"] = (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
                facts["memory"] = (not self.world.sanitized
                                   and TestConfinement.holds(folder, SECRET.encode()))
            except OSError as error:
                facts["error"] = error

        self.gate_while(look, environment={"MINESCAN_REGISTRY_TOKEN": SECRET})
        if isinstance(facts.get("error"), PermissionError):
            self.skipTest("only root can look into a process that is locked")
        self.assertNotIn("error", facts)
        sockets = [name for name in facts["open"] if name.startswith("socket:")]
        self.assertEqual(len(sockets), 1, facts["open"])
        if self.confined():
            self.assertEqual(facts["status"]["Seccomp"].strip(), "2")
            for name in set(facts["open"]) - set(sockets) - {"/dev/null"}:
                self.assertTrue(name.startswith(str(self.repository.path) + "/.git/"), name)
        self.assertEqual(facts["status"]["NoNewPrivs"].strip(), "1")
        self.assertNotIn(SECRET.encode(), facts["told"])
        self.assertFalse(facts["memory"], "a secret is in the memory of what reads git's files")


class TestConfinement(WorkerCase):
    def test_a_worker_has_nothing_but_its_socket(self) -> None:
        facts = {}

        def look(_process: int, worker: int) -> bool:
            folder = pathlib.Path(f"/proc/{worker}")
            # What is confined has done its first work.
            if "open" in facts or cpu_seconds(worker) < 0.1:
                return False
            try:
                # It must not end while it is looked at.
                os.kill(worker, signal.SIGSTOP)
            except ProcessLookupError:
                return True
            try:
                facts["open"] = {path.name: os.readlink(path)
                                 for path in (folder / "fd").iterdir()}
                facts["status"] = dict(line.split(":\t", 1) for line in
                                       (folder / "status").read_text().splitlines() if ":\t" in line)
                facts["told"] = (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
                # Sanitizers have terabytes of it.
                facts["memory"] = (not self.world.sanitized
                                   and self.holds(folder, SECRET.encode()))
            except OSError as error:
                facts["error"] = error
            finally:
                os.kill(worker, signal.SIGCONT)
            return True

        layout = self.layout(120)
        for secret in (["--registry-token", SECRET], []):
            facts.clear()
            environment = {} if secret else {"MINESCAN_REGISTRY_TOKEN": SECRET}
            self.watched(look, "image", f"oci:{layout}", *secret, environment=environment)
            if isinstance(facts.get("error"), PermissionError):
                self.skipTest("only root can look into a process that is locked")
            self.assertNotIn("error", facts)
            whole = self.confined()
            if whole:
                self.assertEqual(set(facts["open"]), {"0", "1", "2", "3"}, facts["open"])
                self.assertEqual({facts["open"][name] for name in "012"}, {"/dev/null"})
                self.assertEqual(facts["status"]["Seccomp"].strip(), "2")
            self.assertTrue(facts["open"]["3"].startswith("socket:"), facts["open"])
            self.assertEqual(facts["status"]["NoNewPrivs"].strip(), "1")
            self.assertNotIn(b"HOME=", facts["told"])
            self.assertNotIn(SECRET.encode(), facts["told"])
            self.assertFalse(facts["memory"], "a secret is in a worker's memory")

    @staticmethod
    def holds(folder: pathlib.Path, text: bytes) -> bool:
        """Whether the private memory of a process holds a text."""
        with open(folder / "maps") as maps, open(folder / "mem", "rb", 0) as memory:
            for line in maps:
                span, rights, _offset, _device, inode = line.split()[:5]
                if not rights.startswith("rw") or inode != "0":
                    continue
                begin, end = (int(number, 16) for number in span.split("-"))
                try:
                    memory.seek(begin)
                    if text in memory.read(end - begin):
                        return True
                except (OSError, ValueError, OverflowError):
                    continue
        return False

    def test_reports_are_the_same_without_it_and_with_any_jobs(self) -> None:
        reports = set()
        for options in (["-j1"], ["-j8"], ["-j1", "--no-sandbox"], ["-j8", "--no-sandbox"]):
            outcome = self.run_it("image", f"oci:{self.world.rogue_layout}", "-f", "json", *options)
            report = self.report(outcome, FOUND)
            notes = report.json["artifact"].pop("notes")
            self.assertEqual("--no-sandbox" in options,
                             any("without a sandbox" in str(note) for note in notes), notes)
            reports.add(json.dumps(report.json))
        self.assertEqual(len(reports), 1)

    def test_threads_that_help_with_a_large_layer_change_nothing(self) -> None:
        """Neither do they where they cannot: of a bomb too much comes to be a part."""
        pool = b"url = 'stratum+tcp://pool.minexmr.example:4444'\n"
        bomb = gzip.compress(bytes(300 << 20), 1)
        for last in (b"", bomb):
            files = [images.rogue.File(f"srv/file{n}.py", b"# a line\n" * (4000 + n) + pool * (n % 3))
                     for n in range(80)]
            if last:
                files.insert(40, images.rogue.File("srv/zeros.gz", last))
            image = images.rogue_image()
            image.layers[:] = [images.layer(*files)]
            layout = images.write_layout(self.world.folder("helped") / "layout",
                                         {"latest": image.build()})
            reports = {jobs: self.run_it("image", f"oci:{layout}", "--no-cache", "-f", "json",
                                         "-j", jobs).out for jobs in (1, 4, 9)}
            self.assertIn("file79", str(reports[1]))
            self.assertEqual(reports[1], reports[4])
            self.assertEqual(reports[1], reports[9])

    def test_it_can_be_required(self) -> None:
        tree = self.world.folder("required")
        (tree / "a.txt").write_text("nothing")
        outcome = self.run_it("repo", tree, "--require-sandbox")
        if self.confined():
            self.assertEqual(outcome.status, CLEAN, outcome.said)
        else:
            self.assert_one_sentence(outcome, NO_VERDICT, "--require-sandbox", "doctor")
        self.assertEqual(self.run_it("repo", tree, "--require-sandbox", "--no-sandbox").status,
                         NO_VERDICT)

    def test_doctor_says_what_there_is(self) -> None:
        outcome = self.run_it("doctor", "-f", "json")
        found = json.loads(outcome.out)
        whole = found["sandbox"]["whole"]
        self.assertEqual(outcome.status, CLEAN if whole else INCOMPLETE, outcome.said)
        self.assertEqual({step["name"] for step in found["sandbox"]["steps"]},
                         {"processes", "Landlock", "seccomp", "memory limit"})
        for which, more in (("attempts", 5), ("git_attempts", 8)):
            self.assertGreater(len(found["sandbox"][which]), more)
            if whole:
                self.assertTrue(all(one["ok"] for one in found["sandbox"][which]))
        self.assertLessEqual({"open a file that it was not given", "use the network"},
                             {one["name"] for one in found["sandbox"]["git_attempts"]})
        self.assertRegex(found["signatures"]["digest"], "^sha256:[0-9a-f]{64}$")
        text = self.run_it("doctor")
        self.assertEqual(text.status, outcome.status, text.said)
        self.assertIn(b"The sandbox is whole" if whole else b"MISSING", text.out)
