"""What CI systems and hooks run: the action, the pre-commit hooks, GitLab's template."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

import yaml

import images
from harness import CLEAN, FOUND, INCOMPLETE, NO_VERDICT, ROOT, Case
from images import rogue

EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


def read(name: str) -> object:
    return yaml.safe_load((ROOT / name).read_text())


class Action(Case):
    action = read("action.yml")

    def steps(self) -> list:
        return self.action["runs"]["steps"]

    def test_no_expression_is_part_of_a_script(self) -> None:
        self.assertEqual(self.action["runs"]["using"], "composite")
        for step in self.steps():
            self.assertEqual(step["shell"], "bash", step["name"])
            self.assertNotIn("${{", step["run"], step["name"])

    def test_every_input_comes_through_the_environment(self) -> None:
        passed = set()
        for step in self.steps():
            for value in step.get("env", {}).values():
                passed.update(EXPRESSION.findall(value))
        for name in self.action["inputs"]:
            self.assertIn(f"inputs.{name}", passed)
        for one in passed:
            self.assertRegex(one, r"^(inputs\.[a-z-]+|github\.[a-z_.]+)$")
            if one.startswith("inputs."):
                self.assertIn(one[len("inputs."):], self.action["inputs"])

    def test_what_is_passed_is_read_and_what_is_read_is_passed(self) -> None:
        script = (ROOT / "integrations/github-action.sh").read_text()
        read_there = set(re.findall(r"\bINPUT_[A-Z_]+", script)) - {"INPUT_"}
        self.assertEqual(read_there, {name for name in self.steps()[1]["env"]
                                      if name.startswith("INPUT_")})

    def test_every_input_and_output_is_described(self) -> None:
        for name, one in {**self.action["inputs"], **self.action["outputs"]}.items():
            self.assertTrue(one["description"], name)
        for name, one in self.action["inputs"].items():
            self.assertIsInstance(one["default"], str, name)

    def test_nothing_is_built_where_a_program_is_there(self) -> None:
        self.assertEqual(self.steps()[0]["if"], "inputs.binary-path == ''")

    def run_action(self, workspace: pathlib.Path, github: dict = {}, **inputs: str):
        """The step as the runner runs it; returns it with its outputs and its summary."""
        values = {name: one["default"] for name, one in self.action["inputs"].items()}
        values["binary-path"] = str(self.world.binary)
        values.update({name.replace("_", "-"): value for name, value in inputs.items()})
        context = {"action_path": str(ROOT), "event_name": "push", **github}
        step = self.steps()[1]

        def resolve(expression: re.Match) -> str:
            kind, name = expression[1].split(".", 1)
            return values[name] if kind == "inputs" else str(context.get(name, ""))

        runner = self.world.folder("runner")
        for name in ("output", "summary"):
            (runner / name).touch()
        environment = self.world.environment({
            "GITHUB_OUTPUT": str(runner / "output"), "GITHUB_STEP_SUMMARY": str(runner / "summary"),
            "GITHUB_ACTIONS": "true", "RUNNER_TEMP": str(runner), "GITHUB_WORKSPACE": str(workspace)})
        if "base_ref" in context:
            environment["GITHUB_BASE_REF"] = context["base_ref"]
        environment.update({name: EXPRESSION.sub(resolve, value)
                            for name, value in step["env"].items()})
        done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                              cwd=workspace, env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
        lines = (runner / "output").read_text().splitlines()
        done.outputs = dict(line.split("=", 1) for line in lines)
        self.assertEqual(len(done.outputs), len(lines), "an output is given twice")
        done.summary = (runner / "summary").read_text()
        done.text = done.stdout.decode()
        return done

    def tree(self, files: dict) -> pathlib.Path:
        return images.write_files(self.world.folder("workspace"), files)

    def test_a_miner_in_the_tree_fails_the_step_and_is_shown_everywhere(self) -> None:
        done = self.run_action(self.tree({"bin/worker": rogue.fake_miner(), "README.md": b"x\n"}))
        self.assertEqual(done.returncode, FOUND, done.text)
        self.assertEqual(done.outputs["exit-code"], "1")
        self.assertEqual(done.outputs["highest-level"], "error")
        self.assertGreater(int(done.outputs["findings"]), 0)
        self.assertEqual(done.outputs["incomplete"], "false")
        for name in ("report-file", "sarif-file", "markdown-file"):
            self.assertTrue(pathlib.Path(done.outputs[name]).is_file(), name)
        self.assertRegex(done.text, r"(?m)^::error file=bin/worker,line=1,title=minescan MSN")
        self.assertRegex(done.text, r"(?m)^FOUND \d+ error")
        self.assertTrue(done.summary.startswith("### minescan: FOUND "))
        self.assertIn("<!-- minescan -->\n", done.summary)

    def test_a_clean_tree_passes(self) -> None:
        done = self.run_action(self.tree({"README.md": b"hello\n"}))
        self.assertEqual(done.returncode, CLEAN, done.text)
        self.assertEqual((done.outputs["findings"], done.outputs["highest-level"]), ("0", ""))
        self.assertIn("::notice title=minescan%3A CLEAN::", done.text)

    def test_annotations_and_summary_can_be_left_out(self) -> None:
        done = self.run_action(self.tree({"worker": rogue.fake_miner()}), annotations="false",
                               summary="false")
        self.assertEqual(done.returncode, FOUND, done.text)
        self.assertNotIn("::error", done.text)
        self.assertEqual(done.summary, "")

    def test_an_incomplete_scan_fails_unless_that_is_allowed(self) -> None:
        tree = self.tree({"README.md": b"hello\n"})
        os.mkfifo(tree / "pipe")
        done = self.run_action(tree)
        self.assertEqual((done.returncode, done.outputs["incomplete"]), (INCOMPLETE, "true"), done.text)
        done = self.run_action(tree, allow_incomplete="true")
        self.assertEqual((done.returncode, done.outputs["exit-code"]), (0, "3"), done.text)

    def test_allowing_incomplete_scans_allows_no_findings(self) -> None:
        tree = self.tree({"worker": rogue.fake_miner()})
        os.mkfifo(tree / "pipe")
        done = self.run_action(tree, allow_incomplete="true")
        self.assertEqual(done.returncode, FOUND, done.text)

    def test_a_package_and_an_image_are_targets(self) -> None:
        tree = self.tree({"odd name; $(touch pwned).bin": rogue.fake_miner()})
        done = self.run_action(tree, scan_type="package", target="odd name; $(touch pwned).bin")
        self.assertEqual(done.returncode, FOUND, done.text)
        self.assertFalse((tree / "pwned").exists())
        done = self.run_action(tree, scan_type="image", target=f"oci:{self.world.rogue_layout}:latest",
                               platform="linux/amd64", sarif_location="Dockerfile")
        self.assertEqual(done.returncode, FOUND, done.text)
        self.assertIn("::error file=Dockerfile,line=1,", done.text)

    def test_a_target_that_looks_like_an_option_is_none(self) -> None:
        tree = self.tree({"--help": rogue.fake_miner()})
        done = self.run_action(tree, scan_type="package", target="--help")
        self.assertEqual(done.returncode, FOUND, done.text)

    def test_hostile_names_are_no_commands_and_no_outputs(self) -> None:
        tree = self.tree({name: rogue.fake_miner() for name in
                          ("::set-output name=a::b", "a\n::error::pwned", "`x` @all <b>")})
        done = self.run_action(tree)
        self.assertEqual(done.returncode, FOUND, done.text)
        commands = [line for line in done.text.splitlines() if line.lstrip().startswith("::")]
        for line in commands:
            self.assertRegex(line, r"^::((error|warning|notice) (file=|title=)|group::|endgroup::)")
        self.assertEqual(len(done.outputs), 7)
        report = self.world.folder("summary") / "summary.md"
        report.write_text(done.summary)
        self.tool_passes("tests/markdown_rules.py", report)

    def tool_passes(self, script: str, *files: pathlib.Path) -> None:
        done = subprocess.run([sys.executable, str(ROOT / script), *map(str, files)],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout.decode(errors="replace"))

    def test_wrong_inputs_are_one_error_and_no_verdict(self) -> None:
        tree = self.tree({"README.md": b"hello\n"})
        wrong = [({"scan_type": "everything"}, "scan-type"), ({"scan_type": "image"}, "target"),
                 ({"annotations": "yes"}, "annotations"), ({"scan_type": "gate"}, "base-ref"),
                 ({"platform": "linux/amd64"}, "platform"),
                 ({"report_directory": "a\nfindings=0"}, "report-directory"),
                 ({"binary_path": "/nonexistent"}, "binary-path")]
        for inputs, named in wrong:
            with self.subTest(inputs=inputs):
                done = self.run_action(tree, **inputs)
                self.assertEqual(done.returncode, NO_VERDICT, done.text)
                self.assertRegex(done.text, rf"^::error title=minescan::[^\n]*{named}[^\n]*\n$")

    def test_a_scan_without_verdict_has_an_exit_code_as_its_only_output(self) -> None:
        done = self.run_action(self.tree({}), scan_type="package", target="nonexistent")
        self.assertEqual(done.returncode, NO_VERDICT, done.text)
        self.assertEqual(done.outputs, {"exit-code": "2"})

    def test_pull_requests_are_gated_against_their_target(self) -> None:
        recorder = self.recorder()
        for github, wanted in (
                ({"event_name": "pull_request", "base_ref": "main"}, "gate --base=origin/main"),
                ({"event_name": "merge_group", "event.merge_group.base_sha": "0" * 40},
                 "gate --base=" + "0" * 40)):
            with self.subTest(event=github["event_name"]):
                done = self.run_action(self.tree({}), github, binary_path=str(recorder))
                self.assertIn(wanted, done.text)
        done = self.run_action(self.tree({}), {"event_name": "push"}, binary_path=str(recorder))
        self.assertRegex(done.text, r"(?m)^repo .* -- \.$")

    def recorder(self) -> pathlib.Path:
        """A program that says what it was called with and writes no report."""
        path = self.world.folder("recorder") / "minescan"
        path.write_text('#!/bin/sh\necho "$*"\nexit 2\n')
        path.chmod(0o755)
        return path

    def test_shellcheck_has_no_complaint(self) -> None:
        if shutil.which("shellcheck") is None:
            self.skipTest("there is no shellcheck")
        self.world.tool("shellcheck", ROOT / "integrations/github-action.sh")


class Hooks(Case):
    def test_hooks_name_what_pre_commit_needs_and_take_no_file_names(self) -> None:
        hooks = read(".pre-commit-hooks.yaml")
        self.assertEqual([hook["id"] for hook in hooks], ["minescan", "minescan-system"])
        for hook in hooks:
            self.assertTrue(hook["name"] and hook["description"])
            self.assertIs(hook["pass_filenames"], False)
            self.assertTrue(hook["entry"].endswith("gate --staged"), hook["entry"])
        # Of a script the first word is a file of this repository; of the system a program.
        self.assertEqual([hook["language"] for hook in hooks], ["script", "system"])
        self.assertTrue(os.access(ROOT / hooks[0]["entry"].split()[0], os.X_OK))

    def test_the_hook_finds_what_is_staged(self) -> None:
        if b"gate" not in self.run_it("--help").out:
            self.skipTest("this minescan has no gate")
        folder = self.world.folder("staged")
        git = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@e.example", "GIT_COMMITTER_NAME": "a",
               "GIT_COMMITTER_EMAIL": "a@e.example", "GIT_CONFIG_NOSYSTEM": "1"}

        def run_git(*arguments: str) -> None:
            subprocess.run(["git", "-c", "init.defaultBranch=main", *arguments], cwd=folder, check=True,
                           env={**self.world.environment(), **git}, stdout=subprocess.DEVNULL)

        run_git("init", "-q")
        (folder / "README.md").write_text("hello\n")
        run_git("add", ".")
        run_git("commit", "-qm", "first")
        entry = read(".pre-commit-hooks.yaml")[1]["entry"].split()[1:]
        self.assertEqual(self.run_it(*entry, cwd=folder).status, CLEAN)
        (folder / "worker").write_bytes(rogue.fake_miner())
        self.assertEqual(self.run_it(*entry, cwd=folder).status, CLEAN, "it is not staged yet")
        run_git("add", "worker")
        self.assertEqual(self.run_it(*entry, cwd=folder).status, FOUND)


class GitLab(Case):
    template = read("templates/minescan.gitlab-ci.yml")

    def run_job(self, variables: dict, cwd: pathlib.Path) -> subprocess.CompletedProcess:
        job = self.template["minescan_dependency_scanning"]
        values = {**self.template["variables"], **variables}
        return subprocess.run(["sh", "-c", "\n".join(job["script"])], cwd=cwd, timeout=300,
                              env=self.world.environment(values), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def test_the_job_writes_the_reports_that_it_names(self) -> None:
        tree = images.write_files(self.world.folder("gitlab"), {"worker": rogue.fake_miner()})
        done = self.run_job({"MINESCAN_BINARY": str(self.world.binary)}, tree)
        self.assertEqual(done.returncode, FOUND, done.stdout.decode(errors="replace"))
        artifacts = self.template["minescan_dependency_scanning"]["artifacts"]
        reports = [tree / name for name in artifacts["reports"].values()]
        for path in reports + [tree / name for name in artifacts["paths"]]:
            self.assertTrue(path.is_file(), path.name)
        checked = []
        for path, kind in zip(reports, (".gitlab.json", ".codequality.json")):
            checked.append(path.with_name("checked" + kind))
            path.rename(checked[-1])
        self.world.tool(sys.executable, ROOT / "tests/gitlab_rules.py", *checked)

    def test_without_a_program_the_job_says_what_to_set(self) -> None:
        done = self.run_job({}, self.world.folder("gitlab"))
        self.assertEqual(done.returncode, NO_VERDICT)
        self.assertIn(b"MINESCAN_REPOSITORY", done.stdout)

    def test_merge_requests_are_gated_and_an_incomplete_scan_is_a_warning(self) -> None:
        job = self.template["minescan_dependency_scanning"]
        self.assertEqual(job["allow_failure"], {"exit_codes": [INCOMPLETE]})
        self.assertEqual(job["artifacts"]["when"], "always")
        path = self.world.folder("recorder") / "minescan"
        path.write_text('#!/bin/sh\necho "$*"\n')
        path.chmod(0o755)
        done = self.run_job({"MINESCAN_BINARY": str(path), "CI_MERGE_REQUEST_DIFF_BASE_SHA": "1" * 40},
                            self.world.folder("gitlab"))
        self.assertTrue(done.stdout.startswith(b"gate --base=" + b"1" * 40 + b" --fail-on=error "))
