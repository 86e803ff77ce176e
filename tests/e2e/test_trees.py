"""Trees and single files on disk: everything is looked at, nothing outside, nothing hangs."""
import base64
import gzip
import os
import pathlib
import socket

import images
from harness import CLEAN, FOUND, INCOMPLETE, Case
from images import rogue


class Trees(Case):
    def tree(self, files: dict) -> pathlib.Path:
        return images.write_files(self.world.folder("tree") / "t", files)

    def test_no_directory_and_no_name_is_a_blind_spot(self) -> None:
        paths = ["worker", ".hidden", ".git/hooks/post-checkout", "node_modules/x/lib/worker.js",
                 "vendor/y/worker", "build/worker.png", "docs/worker.md.bak", "a/b/c/d/e/f/g/worker",
                 "__pycache__/x.pyc", "worker.svg", "test/fixtures/worker"]
        report = self.scan(FOUND, "repo", self.tree({p: rogue.fake_miner() for p in paths}))
        self.assertEqual({f["path"] for f in report.findings if f["level"] == "error"}, set(paths))

    def test_fs_is_repo(self) -> None:
        tree = self.tree({"worker": rogue.fake_miner()})
        outputs = [self.run_it(command, tree, "--format", "json").out for command in ("repo", "fs")]
        self.assertIn(b'"worker"', outputs[0])
        self.assertEqual(outputs[0], outputs[1])

    def test_symlink_loops_end_and_links_are_not_followed_outside(self) -> None:
        outside = self.tree({"worker": rogue.fake_miner()})
        tree = self.tree({"a/file": b"hello\n"})
        (tree / "a/up").symlink_to("..")
        (tree / "a/self").symlink_to("self")
        (tree / "loop1").symlink_to("loop2")
        (tree / "loop2").symlink_to("loop1")
        (tree / "dangling").symlink_to("nothing")
        report = self.scan(CLEAN, "repo", tree)
        self.assertEqual(report.findings, [])
        (tree / "out").symlink_to(outside)
        report = self.scan(CLEAN, "repo", tree)
        self.assertEqual(report.findings, [])
        self.assertEqual(report.gap_reasons(), {"io.link-out"})

    def test_what_is_no_file_is_a_gap_and_does_not_hang(self) -> None:
        tree = self.tree({"file": b"hello\n"})
        os.mkfifo(tree / "pipe")
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(tree / "socket"))
            report = self.scan(INCOMPLETE, "repo", tree)
        self.assertEqual(report.gap_reasons(), {"io.special"})
        self.assertEqual(len(report.gaps), 2)

    def test_what_may_not_be_read_is_a_gap(self) -> None:
        tree = self.tree({"file": b"hello\n", "secret": b"x", "closed/file": b"x"})
        tree.parent.chmod(0o755)
        (tree / "secret").chmod(0)
        (tree / "closed").chmod(0)
        report = self.scan(INCOMPLETE, "repo", tree, user=None if os.getuid() else 65534)
        (tree / "closed").chmod(0o755)
        self.assertEqual(report.gap_reasons(), {"io.unreadable"})
        self.assertEqual(len(report.gaps), 2)

    def test_archives_in_a_tree_are_opened(self) -> None:
        inner = images.pack(images.tar([rogue.File("deep/worker", rogue.fake_miner())]), "gzip")
        tree = self.tree({"release/data.tgz": inner})
        report = self.scan(FOUND, "repo", tree)
        self.assertTrue(report.inside("deep/worker", "error"))
        self.assertTrue(report.at("release/data.tgz", "error"))

    def test_a_deep_tree_and_long_names_are_walked(self) -> None:
        tree = self.world.folder("deep")
        here = os.open(tree, os.O_RDONLY)
        name = "d" * 200
        for _ in range(30):  # 6,000 bytes: more than PATH_MAX
            os.mkdir(name, dir_fd=here)
            below = os.open(name, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
        file = os.open("worker", os.O_WRONLY | os.O_CREAT, dir_fd=here)
        os.write(file, rogue.fake_miner())
        os.close(file)
        os.close(here)
        report = self.scan(FOUND, "repo", tree)
        self.assertTrue(report.inside("/worker", "error"))

    def test_a_single_file_is_a_tree_of_one(self) -> None:
        tree = self.tree({"worker": rogue.fake_miner()})
        self.scan(FOUND, "repo", tree / "worker")

    def test_an_ignore_file_in_the_tree_has_no_say(self) -> None:
        tree = self.tree({"worker": rogue.fake_miner(), ".gitignore": b"*\n", ".ignore": b"*\n",
                          ".minescanignore": b"worker\n", ".minescan.yaml": b"fail-on: never\n"})
        report = self.scan(FOUND, "repo", ".", cwd=tree)
        self.assertTrue(report.at("worker", "error"))

    def test_what_a_script_hides_is_found_with_the_way_to_it(self) -> None:
        command = " ".join(rogue.miner_argv()) + "\n"
        packed = base64.b64encode(gzip.compress(command.encode(), mtime=0)).decode()
        tree = self.tree({"setup.py": f"import os\nrun('{packed}')\n".encode(),
                          "plain.py": b"print('hello')\n"})
        report = self.scan(FOUND, "repo", tree)
        self.assertEqual({f["path"] for f in report.findings if f["level"] == "error"}, {"setup.py"})
        steps = [[step["name"] for step in evidence["trail"]]
                 for finding in report.findings for evidence in finding["evidence"]]
        way = ["line 2:6", "base64", "gzip"]
        # The command that was found last lies one step farther in.
        self.assertTrue([names for names in steps if way in (names[-3:], names[-4:-1])], steps)
