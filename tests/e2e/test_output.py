"""Reports: several at once, valid, whole or not at all, safe to show, the same bytes every time."""
import json
import os
import pathlib
import subprocess
import sys

import images
from harness import CLEAN, FOUND, NO_VERDICT, ROOT, Case, own_signatures
from images import rogue

HOSTILE = ["esc\x1b[31mred", "new\nline", "bidi\u202egpj.exe", "::error file=x::pwned",
           "##vso[task.complete]done", "back\\slash", "https:", "quote'\"<script>", "tab\there",
           "latin\udce9", "x" * 200]


class Files(Case):
    def reference(self) -> str:
        return f"oci:{self.world.rogue_layout}:latest"

    def test_several_reports_come_of_one_scan(self) -> None:
        folder = self.world.folder("several")
        outcome = self.run_it("image", self.reference(), "-o", f"json={folder}/r.json",
                              "-o", f"sarif={folder}/r.sarif", "-o", f"text={folder}/r.txt")
        self.assertEqual(outcome.status, FOUND, outcome.said)
        report = json.loads((folder / "r.json").read_text())
        sarif = json.loads((folder / "r.sarif").read_text())
        self.assertEqual(sarif["version"], "2.1.0")
        self.assertEqual(len(report["findings"]), sum(len(r["results"]) for r in sarif["runs"]))
        self.assertIn(rogue.MINER_PATH, (folder / "r.txt").read_text())
        self.assertEqual(sorted(p.name for p in folder.iterdir()), ["r.json", "r.sarif", "r.txt"])

    def test_a_file_without_a_format_takes_that_of_the_option(self) -> None:
        path = self.world.folder("format") / "report"
        self.run_it("image", self.reference(), "--format", "json", "-o", path)
        self.assertTrue(json.loads(path.read_text())["findings"])

    def test_json_keeps_its_schema(self) -> None:
        schema = ROOT / "src/report/report.schema.json"
        if not schema.exists():
            self.skipTest("there is no src/report/report.schema.json")
        import jsonschema
        report = self.scan(FOUND, "image", self.reference())
        jsonschema.validate(report.json, json.loads(schema.read_text()))

    def test_sarif_keeps_the_rules_of_its_readers(self) -> None:
        checker = ROOT / "tests/sarif_rules.py"
        if not checker.exists():
            self.skipTest("there is no tests/sarif_rules.py")
        folder = self.world.folder("sarif")
        both = images.index([images.rogue_image().build(),
                             images.rogue_image(platform="linux/arm64").build()])
        layout = images.write_layout(folder / "l", {"t": both})
        self.run_it("image", self.reference(), "-o", f"sarif={folder}/one.sarif")
        self.run_it("image", f"oci:{layout}", "-o", f"sarif={folder}/two.sarif",
                    "--sarif-location", "docker/Dockerfile")
        self.run_it("package", "/bin/true", "-o", f"sarif={folder}/clean.sarif")
        self.run_it("repo", hostile_tree(self.world.folder("tree")),
                    "-o", f"sarif={folder}/tree.sarif")
        names = sorted(folder.glob("*.sarif"))
        self.assertEqual(len(names), 4)
        done = subprocess.run([sys.executable, str(checker), *map(str, names)],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout.decode(errors="replace"))

    def test_markdown_html_and_gitlab_reports_keep_the_rules_of_their_readers(self) -> None:
        folder = self.world.folder("rules")
        tree = hostile_tree(self.world.folder("tree"))
        for name, arguments in (("tree", ["repo", tree]), ("image", ["image", self.reference()]),
                                ("file", ["package", "/bin/true"])):
            self.run_it(*arguments, "-q", "-o", f"markdown={folder}/{name}.md",
                        "-o", f"html={folder}/{name}.html", "-o", f"gitlab={folder}/{name}.gitlab.json",
                        "-o", f"gitlab-codequality={folder}/{name}.codequality.json")
        names = sorted(folder.iterdir())
        self.assertEqual(len(names), 12)
        for script, suffix in (("markdown_rules.py", ".md"), ("html_rules.py", ".html"),
                               ("gitlab_rules.py", ".json")):
            files = [str(path) for path in names if path.suffix == suffix]
            done = subprocess.run([sys.executable, str(ROOT / "tests" / script), *files],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(done.returncode, 0, done.stdout.decode(errors="replace"))

    def clean_reference(self) -> str:
        built = images.clean_image().build()
        return f"oci:{images.write_layout(self.world.folder('clean') / 'l', {'t': built})}"

    def test_a_full_disk_is_one_sentence_and_no_verdict(self) -> None:
        outcome = self.run_it("image", self.clean_reference(), "-q", "-o", "/dev/full")
        self.assert_one_sentence(outcome, NO_VERDICT, "/dev/full")

    def test_findings_whose_report_is_lost_still_fail(self) -> None:
        outcome = self.run_it("image", self.reference(), "-q", "-o", "/dev/full")
        self.assert_one_sentence(outcome, FOUND, "/dev/full")

    def test_a_full_stdout_is_one_sentence_and_no_verdict(self) -> None:
        with open("/dev/full", "wb") as full:
            outcome = self.run_it("image", self.clean_reference(), stdout=full)
        self.assert_one_sentence(outcome, NO_VERDICT, "standard output")

    def test_a_closed_stdout_is_no_verdict(self) -> None:
        done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", str(self.world.binary), "image",
                               self.clean_reference()], stdin=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, env=self.world.environment(), timeout=120)
        self.assertEqual(done.returncode, NO_VERDICT, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def test_a_closed_stdin_harms_nothing(self) -> None:
        done = subprocess.run(["sh", "-c", 'exec "$@" <&-', "sh", str(self.world.binary), "image",
                               self.clean_reference()], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=self.world.environment(), timeout=120)
        self.assertEqual((done.returncode, done.stderr), (CLEAN, b""))
        self.assertTrue(done.stdout)

    def test_a_reader_that_leaves_early_is_no_crash_and_no_clean(self) -> None:
        done = subprocess.run(["bash", "-c", '"$@" | head -n 1; exit "${PIPESTATUS[0]}"', "bash",
                               str(self.world.binary), "image", self.reference(), "-v"],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=self.world.environment(), timeout=120)
        self.assertEqual(len(done.stdout.splitlines()), 1)
        self.assertEqual((done.returncode, done.stderr), (FOUND, b""))

    def test_a_report_that_cannot_be_written_is_one_sentence(self) -> None:
        folder = self.world.folder("unwritable")
        for path in (folder, folder / "none/report"):
            with self.subTest(path=path.name):
                outcome = self.run_it("image", self.clean_reference(), "-q", "-o", path)
                self.assert_one_sentence(outcome, NO_VERDICT, path.name)

    def test_a_report_is_not_written_through_a_symlink(self) -> None:
        folder = self.world.folder("link")
        (folder / "target").write_text("keep")
        (folder / "report").symlink_to(folder / "target")
        outcome = self.run_it("image", self.clean_reference(), "-q", "-o", folder / "report")
        self.assert_one_sentence(outcome, NO_VERDICT, "report")
        self.assertEqual((folder / "target").read_text(), "keep")

    def test_an_old_report_is_replaced_whole_and_nothing_is_left_beside_it(self) -> None:
        path = self.world.folder("old") / "report.json"
        path.write_text("x" * 1_000_000)
        self.run_it("image", self.reference(), "-o", f"json={path}")
        json.loads(path.read_text())
        self.assertEqual([p.name for p in path.parent.iterdir()], ["report.json"])


class Safety(Case):
    def test_hostile_names_reach_no_terminal(self) -> None:
        tree = hostile_tree(self.world.folder("hostile"))
        for options in ([], ["-v"], ["--format", "sarif"], ["--format", "json"],
                        ["--format", "markdown"], ["--format", "html"], ["--format", "gitlab"],
                        ["--format", "gitlab-codequality"]):
            with self.subTest(options=options):
                outcome = self.run_it("repo", tree, *options)
                self.assertEqual(outcome.status, FOUND, outcome.said)
                shown = outcome.out.decode()  # UTF-8, or this fails
                self.assertIn("gpj.exe", shown)
                self.assertNotRegex(shown, "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]")
                for line in shown.splitlines():
                    self.assertFalse(line.lstrip().startswith(("::", "##vso[")), line)

    def test_exact_bytes_of_a_name_stay_in_json(self) -> None:
        folder = self.world.folder("bytes")
        path = os.path.join(os.fsencode(folder), b"work\xe9er")
        pathlib.Path(os.fsdecode(path)).write_bytes(rogue.fake_miner())
        outcome = self.run_it("repo", folder, "--format", "json")
        self.assertEqual(outcome.status, FOUND, outcome.said)
        import base64
        self.assertIn(base64.b64encode(b"work\xe9er").decode(), outcome.out.decode())

    def test_colour_is_only_where_it_is_wanted(self) -> None:
        reference = f"oci:{self.world.rogue_layout}:latest"
        for options, coloured in ((["--color", "always"], True), (["--color", "never"], False),
                                  ([], False)):
            with self.subTest(options=options):
                outcome = self.run_it("image", reference, *options)
                self.assertEqual(b"\x1b[" in outcome.out, coloured)


class Verdicts(Case):
    def test_fail_on_decides_what_is_a_failure(self) -> None:
        folder = self.world.folder("level")
        (folder / "README.md").write_text(f"Donations: XMR {rogue.wallet('donations')}\n")
        self.scan(CLEAN, "repo", folder)
        report = self.scan(FOUND, "repo", folder, "--fail-on", "note")
        self.assertEqual({f["level"] for f in report.findings}, {"note"})

    def test_a_report_in_a_file_leaves_its_first_line_on_the_terminal(self) -> None:
        reference = f"oci:{self.world.rogue_layout}:latest"
        path = self.world.folder("first") / "report.txt"
        loud = self.run_it("image", reference, "-o", path)
        self.assertEqual((loud.status, loud.out), (FOUND, b""))
        self.assertEqual(loud.err.decode(), path.read_text().splitlines(True)[0])
        quiet = self.run_it("image", reference, "-q", "-o", path)
        self.assertEqual((quiet.status, quiet.out, quiet.err), (FOUND, b"", b""))

    def test_own_signatures_add_and_replace(self) -> None:
        folder = self.world.folder("signatures")
        data = self.world.folder("data") / "file.txt"
        data.write_text("the word is plughxyzzy\n")
        (folder / "own.yaml").write_text(OWN_SIGNATURES)
        self.scan(CLEAN, "package", data)
        self.scan(FOUND, "package", data, "--signatures", folder)
        layout = f"oci:{self.world.rogue_layout}:latest"
        self.scan(FOUND, "image", layout, "--signatures", folder)
        self.scan(CLEAN, "image", layout, "--signatures-only", folder)
        outcome = self.run_it("signatures", "test", "--signatures-only", folder)
        self.assertEqual(outcome.status, CLEAN, outcome.said)


class Determinism(Case):
    def references(self) -> list:
        both = images.index([images.rogue_image().build(),
                             images.rogue_image(platform="linux/arm64", packed="zstd").build()])
        layout = images.write_layout(self.world.folder("same") / "l", {"t": both})
        return [["image", f"oci:{layout}"], ["image", f"oci:{self.world.debian_layout}:debian"],
                ["repo", ROOT / "tests"], ["repo", hostile_tree(self.world.folder("same"))]]

    def test_one_thread_and_eight_give_the_same_bytes(self) -> None:
        forms = ("text", "json", "sarif", "markdown", "html", "github", "gitlab",
                 "gitlab-codequality")
        for arguments in self.references():
            runs = []
            for jobs in (1, 8, 8):
                folder = self.world.folder("jobs")
                outputs = [part for form in forms for part in ("-o", f"{form}={folder}/{form}")]
                done = self.run_it(*arguments, *outputs, "-q", "-j", jobs)
                runs.append((done.status, [(folder / form).read_bytes() for form in forms]))
            for i, form in enumerate(forms):
                with self.subTest(command=arguments[0], form=form):
                    self.assertTrue(runs[0][1][i])
                    self.assertEqual({run[0] for run in runs}, {runs[0][0]})
                    self.assertTrue(runs[0][1][i] == runs[1][1][i] == runs[2][1][i],
                                    "reports differ by threads")

    def test_the_order_in_which_files_were_made_does_not_show(self) -> None:
        names = [f"part{i}/{name}" for i in range(5) for name in ("a.txt", "b.py", "worker")]
        outputs = []
        for order in (names, names[::-1]):
            folder = self.world.folder("order")
            images.write_files(folder / "tree", {name: rogue.fake_miner() for name in order})
            outputs.append(self.run_it("repo", "tree", "--format", "json", cwd=folder).out)
        self.assertIn(b"part4/worker", outputs[0])
        self.assertEqual(outputs[0], outputs[1])


def hostile_tree(folder: pathlib.Path) -> pathlib.Path:
    """A fake miner under each name that is meant to harm whoever shows it."""
    tree = folder / "tree"
    tree.mkdir()
    for name in HOSTILE:
        pathlib.Path(tree / name).write_bytes(rogue.fake_miner())
    return tree


OWN_SIGNATURES = own_signatures("plughxyzzy", "say plughxyzzy", "say plugh")
