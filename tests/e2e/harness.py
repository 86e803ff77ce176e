"""Runs the program under test and reads what it says.  The one place that knows report formats.

`World` is what one run of the tests shares: the program, a scratch folder, and peers that start
when a test first asks for them.  `Case` is the base of all test classes.
"""
import contextlib
import functools
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from typing import Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

import images
import peers

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLEAN, FOUND, NO_VERDICT, INCOMPLETE = 0, 1, 2, 3
# Far above what any test needs; a program that waits for a FIFO or a dead peer must not hang CI.
RUN_SECONDS = 300


class Outcome(NamedTuple):
    status: int
    out: bytes
    err: bytes
    peak_bytes: int  # of resident memory

    @property
    def said(self) -> str:
        return (f"exit status {self.status}\n--- stdout\n{self.out[-3000:].decode(errors='replace')}"
                f"\n--- stderr\n{self.err[-3000:].decode(errors='replace')}")


class Report:
    """What tests ask of a JSON report."""

    def __init__(self, text: bytes) -> None:
        self.json = json.loads(text)

    @property
    def findings(self) -> List[dict]:
        return self.json["findings"]

    def keys(self) -> Set[Tuple[str, str, str]]:
        """(rule, path, state) of every finding: what must not depend on how an image is stored."""
        return {(f["rule"], f["path"], f["state"]) for f in self.findings}

    def at(self, path: str, level: str = "") -> List[dict]:
        """Findings at a path; at the image's configuration when the path is ""."""
        return [f for f in self.findings if f["path"] == path and level in ("", f["level"])]

    def inside(self, name: str, level: str = "") -> List[dict]:
        """Findings whose trail passes through a member of that name, at whatever depth."""
        return [f for f in self.findings
                if level in ("", f["level"]) and any(name in step["name"] for step in f["trail"])]

    @property
    def coverage(self) -> dict:
        return self.json["coverage"]

    @property
    def gaps(self) -> List[dict]:
        return self.coverage["gaps"]

    def gap_reasons(self) -> Set[str]:
        return {gap["reason"] for gap in self.gaps}

    @property
    def complete(self) -> bool:
        return self.coverage["complete"]


def own_signatures(pattern: str, hit: str, miss: str) -> str:
    """An indicator and a rule, OWN1001, that is an error wherever the pattern is."""
    return f"""\
- indicator: own-word
  match: '{pattern}'
  strength: strong
  hits: ["{hit}"]
  misses: ["{miss}"]
- rule: OWN1001
  name: OwnWord
  title: The word is here.
  description: A rule of a test.
  class: miner
  level: error
  confidence: high
  when: own-word
  help: Remove the word.
  references: ["https://docs.shop.example/word"]
  attack: T1496.001
  hits: ["{hit}"]
  misses: ["{miss}"]
"""


class World:
    def __init__(self, binary: pathlib.Path, quick: bool) -> None:
        self.binary, self.quick = binary, quick
        self.sanitized = any(name.endswith("SAN_OPTIONS") for name in os.environ)
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="minescan-e2e."))
        self.scratch.chmod(0o755)  # some tests run the program as another user
        self.home = self.folder("home")
        self.policy = self.scratch / "policy.json"
        self.policy.write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
        self.stack = contextlib.ExitStack()

    def close(self) -> None:
        self.stack.close()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def folder(self, name: str) -> pathlib.Path:
        """A new empty folder; the name is for people who look into a kept scratch folder."""
        return pathlib.Path(tempfile.mkdtemp(prefix=name + ".", dir=self.scratch))

    # --- running -----------------------------------------------------------------------------------

    def environment(self, changes: Optional[Dict[str, Optional[str]]] = None) -> Dict[str, str]:
        """Nothing of the caller's but what sanitizers read: no proxies, no credentials, no locale."""
        found = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(self.home),
                 "TMPDIR": str(self.scratch), "LANG": "C.UTF-8", "CI": "true"}
        found.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})
        for name, value in (changes or {}).items():
            if value is None:
                found.pop(name, None)
            else:
                found[name] = value
        return found

    def run(self, *arguments: object, stdin: bytes = b"", stdout: object = subprocess.PIPE,
            environment: Optional[Dict[str, Optional[str]]] = None,
            cwd: Optional[pathlib.Path] = None, user: Optional[int] = None) -> Outcome:
        def become() -> None:
            if user is not None:
                os.setgroups([])
                os.setgid(user)
                os.setuid(user)

        binary = self.binary if user is None else self.public_binary
        # A cache of its own: what one run learned must not answer for what another looks at.
        environment = {"XDG_CACHE_HOME": str(self.folder("cache")), **(environment or {})}
        source = tempfile.TemporaryFile()
        source.write(stdin)
        source.seek(0)
        with source, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen(
                [str(binary), *map(str, arguments)], stdin=source,
                stdout=out if stdout == subprocess.PIPE else stdout, stderr=err,
                env=self.environment(environment), cwd=cwd or self.scratch,
                preexec_fn=become if user is not None else None)
            status, peak = wait(process)
            texts = []
            for stream in (out, err):
                stream.seek(0)
                texts.append(stream.read())
            return Outcome(status, texts[0], texts[1], peak)

    def tool(self, *arguments: object, environment: Optional[Dict[str, str]] = None,
             cwd: Optional[pathlib.Path] = None) -> bytes:
        """Runs a tool that makes test data; its failure is an error of the test."""
        done = subprocess.run([str(a) for a in arguments], stdin=subprocess.DEVNULL, cwd=cwd,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=RUN_SECONDS,
                              env=self.environment(environment))
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(map(str, arguments))}: exit status {done.returncode}\n"
                               f"{done.stdout[-2000:].decode(errors='replace')}")
        return done.stdout

    def skopeo(self, *arguments: object) -> bytes:
        return self.tool("skopeo", "--policy", self.policy, *arguments)

    @functools.cached_property
    def public_binary(self) -> pathlib.Path:
        """A copy for other users: the checkout may be in a folder that only its owner can enter."""
        return pathlib.Path(shutil.copy(self.binary, self.scratch / "minescan"))

    # --- what many tests share ---------------------------------------------------------------------

    @functools.cached_property
    def authority(self) -> peers.Authority:
        return peers.Authority(self.folder("authority") / "ca")

    @functools.cached_property
    def registry(self) -> peers.Registry:
        return self.stack.enter_context(peers.Registry(self.folder("registry") / "plain"))

    @functools.cached_property
    def tls_registry(self) -> peers.Registry:
        return self.stack.enter_context(
            peers.Registry(self.folder("registry") / "tls", tls=self.authority))

    @functools.cached_property
    def basic_registry(self) -> peers.Registry:
        return self.stack.enter_context(
            peers.Registry(self.folder("registry") / "basic", basic={"reader": "s3cret:word"}))

    @functools.cached_property
    def rogue_layout(self) -> pathlib.Path:
        return images.write_layout(self.folder("rogue") / "layout",
                                   {"latest": images.rogue_image().build()})

    @functools.cached_property
    def debian_layout(self) -> pathlib.Path:
        """An image by umoci of the files of some Debian packages that every test machine has."""
        folder = self.folder("debian")
        root, layout = folder / "root", folder / "layout"
        copy_packages(["zstd", "xz-utils", "openssl", "ca-certificates", "zip"], root)
        self.tool("umoci", "init", "--layout", layout)
        self.tool("umoci", "new", "--image", f"{layout}:debian")
        for part in sorted(root.iterdir()):
            self.tool("umoci", "insert", "--rootless", "--image", f"{layout}:debian", part,
                      f"/{part.name}")
        self.tool("umoci", "config", "--image", f"{layout}:debian", "--os", "linux",
                  "--architecture", "amd64", "--config.entrypoint", "/usr/bin/openssl")
        return layout


def wait(process: subprocess.Popen) -> Tuple[int, int]:
    """(exit status, peak resident bytes); a process over its time is ended and is an error."""
    deadline = time.monotonic() + RUN_SECONDS
    pause = 0.001
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, usage.ru_maxrss * 1024
        if time.monotonic() > deadline:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            raise AssertionError(f"{process.args} ran for more than {RUN_SECONDS} s")
        time.sleep(pause)
        pause = min(pause * 2, 0.02)


def package_files(package: str) -> List[pathlib.Path]:
    listed = subprocess.run(["dpkg", "-L", package], stdout=subprocess.PIPE, check=True, text=True)
    paths = [pathlib.Path(line) for line in listed.stdout.splitlines() if line.startswith("/")]
    return [p for p in paths if p.is_file() and not p.is_symlink()]


def copy_packages(packages: Sequence[str], root: pathlib.Path) -> None:
    for package in packages:
        for path in package_files(package):
            copy = root / str(path)[1:]
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
            copy.chmod(path.stat().st_mode & 0o777)


class Case(unittest.TestCase):
    world: World  # set by run.py
    maxDiff = None

    def run_it(self, *arguments: object, **options: object) -> Outcome:
        return self.world.run(*arguments, **options)

    def scan(self, status: int, *arguments: object, **options: object) -> Report:
        """Runs with --format json, wants that exit status, and reads the report."""
        outcome = self.run_it(*arguments, "--format", "json", **options)
        self.assertEqual(outcome.status, status, outcome.said)
        try:
            return Report(outcome.out)
        except (ValueError, KeyError) as error:
            raise AssertionError(f"no JSON report: {error}\n{outcome.said}") from error

    def assert_one_sentence(self, outcome: Outcome, status: int, *words: str) -> None:
        """The exit status, and exactly one line on stderr that holds every one of `words`."""
        self.assertEqual(outcome.status, status, outcome.said)
        lines = outcome.err.decode().splitlines()
        self.assertEqual(len(lines), 1, outcome.said)
        for word in words:
            self.assertIn(word.lower(), lines[0].lower(), outcome.said)
        self.assertNotRegex(lines[0], r"[\x00-\x1f\x7f]", "control characters on stderr")
        self.assertLess(len(lines[0]), 600, "one sentence is not an essay")

    def assert_finds_rogue(self, report: Report) -> None:
        """Everything that is wrong with the rogue image, each at its place and in its state."""
        rogue = images.rogue
        for path, state in ((rogue.MINER_PATH, "present"), (rogue.CONFIG_PATH, "present"),
                            (rogue.DROPPER_PATH, "deleted"), ("", "present")):
            found = report.at(path, "error")
            self.assertTrue(found, f"nothing at '{path}' in {sorted(report.keys())}")
            self.assertEqual({f["state"] for f in found}, {state}, path)
