"""What cannot be done or cannot be read: the exit status, and one clear sentence."""
import gzip
import json
import os
import subprocess

import images
from harness import CLEAN, FOUND, INCOMPLETE, NO_VERDICT, Case, Report
from images import rogue


class Usage(Case):
    def test_what_is_no_command_is_one_sentence(self) -> None:
        for arguments, word in ((["scan"], "scan"), (["image"], "REFERENCE"), ([], "command"),
                                (["image", "a", "b"], "b"),
                                (["image", "x", "--no-such-option"], "--no-such-option"),
                                (["--format", "json", "image", "x"], "come after the command"),
                                (["image", "x", "--platfrom", "y"], "did you mean --platform"),
                                (["image", "x", "--format", "yaml"], "yaml"),
                                (["image", "x", "--fail-on", "never"], "never"),
                                (["image", "x", "-j", "many"], "many"),
                                (["image", "x", "-j", "-1"], "-1"),
                                (["image", "x", "--color", "pink"], "pink"),
                                (["image", "x", "-o", "json="], "json="),
                                (["image", "x", "-o", "a", "-o", "json=a"], "twice"),
                                (["signatures", "show", "MSN0"], "MSN0"),
                                (["explain", "MSN0"], "MSN0"),
                                (["explain", "0123456789abcdef"], "--report"),
                                (["explain", "0123456789abcdef", "--report", "/none"], "/none"),
                                (["explain", "0123456789abcdef", "--report", "/etc/passwd"],
                                 "-o json=")):
            with self.subTest(arguments=arguments):
                self.assert_one_sentence(self.run_it(*arguments), NO_VERDICT, word)

    def test_help_and_version_are_asked_for_and_go_to_stdout(self) -> None:
        for arguments in (["--help"], ["--version"], ["image", "--help"], ["repo", "--help"],
                          ["package", "--help"], ["signatures", "--help"]):
            with self.subTest(arguments=arguments):
                outcome = self.run_it(*arguments)
                self.assertEqual((outcome.status, outcome.err), (CLEAN, b""), outcome.said)
                self.assertTrue(outcome.out)


class Paths(Case):
    def test_what_is_missing_is_one_sentence(self) -> None:
        missing = self.world.scratch / "no-such-thing"
        for arguments in (["package", missing], ["repo", missing], ["image", f"oci:{missing}"],
                          ["image", f"oci-archive:{missing}"],
                          ["image", f"docker-archive:{missing}"]):
            with self.subTest(arguments=arguments[:1]):
                self.assert_one_sentence(self.run_it(*arguments), NO_VERDICT, "no-such-thing")

    def test_a_directory_where_a_file_is_meant_is_one_sentence(self) -> None:
        folder = self.world.folder("directory")
        for arguments in (["package", folder], ["image", f"oci-archive:{folder}"],
                          ["image", f"docker-archive:{folder}"]):
            with self.subTest(arguments=str(arguments[1])[:8]):
                self.assert_one_sentence(self.run_it(*arguments), NO_VERDICT, "directory")

    def test_an_empty_directory_is_never_clean(self) -> None:
        folder = self.world.folder("empty")
        for arguments in (["repo", folder], ["image", f"oci:{folder}"], ["image", folder]):
            with self.subTest(arguments=arguments[:1]):
                self.assert_one_sentence(self.run_it(*arguments), NO_VERDICT, folder.name)

    def test_a_fifo_where_a_file_is_meant_does_not_hang(self) -> None:
        path = self.world.folder("fifo") / "pipe"
        os.mkfifo(path)
        self.assert_one_sentence(self.run_it("package", path), NO_VERDICT, "pipe")

    def test_a_file_that_may_not_be_read_is_one_sentence(self) -> None:
        path = self.world.folder("secret") / "file"
        path.parent.chmod(0o755)
        path.write_text("x")
        path.chmod(0)
        outcome = self.run_it("package", path, user=None if os.getuid() else 65534)
        self.assert_one_sentence(outcome, NO_VERDICT, "permission")


class Signatures(Case):
    def test_a_folder_without_signatures_is_one_sentence(self) -> None:
        empty = self.world.folder("empty-signatures")
        path = self.world.folder("data") / "file"
        path.write_text("hello\n")
        for option in ("--signatures", "--signatures-only"):
            with self.subTest(option=option):
                outcome = self.run_it("package", path, option, empty)
                self.assert_one_sentence(outcome, NO_VERDICT, empty.name)

    def test_a_signature_that_does_not_load_is_one_sentence_that_names_the_file(self) -> None:
        folder = self.world.folder("bad-signatures")
        path = self.world.folder("data") / "file"
        path.write_text("hello\n")
        for text in ("- indicator: [", "- indicator: lonely\n", "just text\n"):
            with self.subTest(text=text):
                (folder / "bad.yaml").write_text(text)
                outcome = self.run_it("package", path, "--signatures", folder)
                self.assert_one_sentence(outcome, NO_VERDICT, "bad.yaml")

    def test_built_in_signatures_pass_their_own_tests(self) -> None:
        outcome = self.run_it("signatures", "test")
        self.assertEqual(outcome.status, CLEAN, outcome.said)
        self.assertTrue(outcome.out, "says how many were tested")

    def test_every_listed_rule_can_be_shown(self) -> None:
        listed = self.run_it("signatures", "list")
        self.assertEqual(listed.status, CLEAN, listed.said)
        rules = {word for word in listed.out.decode().split() if word.startswith("MSN")}
        self.assertTrue(rules, listed.said)
        for rule in sorted(rules)[:5]:
            shown = self.run_it("signatures", "show", rule)
            self.assertEqual(shown.status, CLEAN, shown.said)
            self.assertIn(rule, shown.out.decode())


    def test_a_finding_is_explained_from_its_report(self) -> None:
        folder = self.world.folder("explained")
        (folder / "a.sh").write_text("#!/bin/sh\n./a -o pool.example:3333 -u somebody.rig -p x\n")
        (folder / "b.sh").write_text("#!/bin/sh\n./b -o pool.example:3333 -u somebody.rig -p x\n")
        report = self.world.scratch / "explained.json"
        self.assertEqual(self.run_it("repo", folder, "-q", "-o", f"json={report}").status, FOUND)
        read = json.loads(report.read_text())
        finding = read["findings"][0]
        explained = self.run_it("explain", finding["id"], "--report", report)
        self.assertEqual(explained.status, CLEAN, explained.said)
        text = explained.out.decode()
        for word in (finding["rule"], "a.sh", "pool.example", "What to do", "b.sh", "somebody.rig"):
            self.assertIn(word, text)
        self.assertEqual([c["value"] for c in read["clusters"]], ["somebody.rig"])
        self.assert_one_sentence(
            self.run_it("explain", "0" * 16, "--report", report), NO_VERDICT, "0" * 16)


class Layers(Case):
    """Layers whose digest is right and whose content cannot be read to the end."""

    def scanned(self, image: images.Image, status: int):
        layout = images.write_layout(self.world.folder("layers") / "l", {"t": image.build()})
        return self.scan(status, "image", f"oci:{layout}")

    def test_a_layer_cut_short_is_scanned_as_far_as_it_goes(self) -> None:
        for packed in ("gzip", "zstd", "none"):
            with self.subTest(packed=packed):
                image = images.clean_image(packed=packed)
                image.layers[1].stored = image.layers[1].blob[:-600 if packed == "none" else -20]
                if packed == "none":  # tars end in zeros: cut inside the file
                    image.layers[1].stored = image.layers[1].tar[:520]
                # Of bytes that nothing packs it is known that they are not what the config promises.
                report = self.scanned(image, NO_VERDICT if packed == "none" else INCOMPLETE)
                self.assertIn("decode.truncated", report.gap_reasons())
                self.assertFalse(report.complete)

    def test_what_was_found_before_the_cut_counts(self) -> None:
        image = images.rogue_image()
        image.layers[2].stored = image.layers[2].blob[:-20]
        report = self.scanned(image, FOUND)
        self.assertFalse(report.complete)

    def test_bytes_after_the_end_of_a_layer_are_scanned(self) -> None:
        image = images.clean_image()
        image.layers[0].stored = image.layers[0].blob + images.pack(
            images.tar([rogue.File("worker", rogue.fake_miner())]), "gzip")
        self.scanned(image, FOUND)

    def test_an_encrypted_layer_is_a_gap(self) -> None:
        folder = self.world.folder("encrypted")
        layout = images.write_layout(folder / "plain", {"t": images.clean_image().build()})
        key = folder / "key.pem"
        self.world.tool("openssl", "genrsa", "-out", key, "2048")
        self.world.tool("openssl", "rsa", "-in", key, "-pubout", "-out", folder / "public.pem")
        self.world.skopeo("copy", "--encryption-key", f"jwe:{folder}/public.pem",
                          f"oci:{layout}:t", f"oci:{folder}/locked:t")
        report = self.scan(INCOMPLETE, "image", f"oci:{folder}/locked:t")
        self.assertIn("decode.encrypted", report.gap_reasons())

    def test_a_layer_that_lives_elsewhere_is_a_gap_and_not_fetched(self) -> None:
        built = images.clean_image().build()
        document = built.document.decode().replace(
            images.OCI + "layer.v1.tar+gzip",
            images.OCI + 'layer.nondistributable.v1.tar+gzip", "urls": ["http://127.0.0.1:9/x"], '
            '"annotations": {}, "artifactType": "', 1)
        built.document = document.replace(', "artifactType": ""', "").encode()
        layout = images.write_layout(self.world.folder("foreign") / "l", {"t": built})
        report = self.scan(INCOMPLETE, "image", f"oci:{layout}")
        self.assertIn("net.foreign", report.gap_reasons())

    def test_a_layer_of_garbage_is_scanned_as_it_is(self) -> None:
        image = images.clean_image()
        image.layers[1].stored = b"\x93garbage" * 1000
        layout = images.write_layout(self.world.folder("garbage") / "l", {"t": image.build()})
        outcome = self.run_it("image", f"oci:{layout}", "--format", "json")
        # It is not the layer that the config promises.
        self.assertEqual(outcome.status, NO_VERDICT, outcome.said)
        self.assertGreaterEqual(Report(outcome.out).coverage["bytes"], 8000)

    def test_a_gzip_that_is_damaged_in_the_middle_is_never_clean(self) -> None:
        image = images.clean_image()
        noise = os.urandom(20000)
        image.layers.append(images.layer(rogue.File("srv/noise", noise)))
        blob = bytearray(image.layers[2].blob)
        blob[len(blob) // 2] ^= 0xff
        image.layers[2].stored = bytes(blob)
        self.scanned(image, INCOMPLETE)


class Archives(Case):
    def test_a_zip_with_a_password_is_a_gap(self) -> None:
        folder = self.world.folder("zip")
        (folder / "secret.txt").write_text("secret " * 100)
        self.world.tool("zip", "-q", "-P", "word", "locked.zip", "secret.txt", cwd=folder)
        report = self.scan(INCOMPLETE, "package", folder / "locked.zip")
        self.assertIn("decode.encrypted", report.gap_reasons())

    def test_a_gap_stands_in_the_first_line_of_the_text(self) -> None:
        path = self.world.folder("cut") / "cut.gz"
        path.write_bytes(gzip.compress(os.urandom(5000))[:3000])
        outcome = self.run_it("package", path)
        self.assertEqual(outcome.status, INCOMPLETE, outcome.said)
        self.assertRegex(outcome.out.decode().splitlines()[0], r"(?i)incomplete.*1 gap")

    def test_a_bomb_ends_within_bounds_and_is_never_clean(self) -> None:
        path = self.world.folder("bomb") / "bomb.gz"
        data = bytes(1 << 20)
        for _ in range(30):
            data = gzip.compress(data, 9, mtime=0)
        path.write_bytes(data)
        outcome = self.run_it("package", path)
        self.assertEqual(outcome.status, INCOMPLETE, outcome.said)

    def test_files_of_every_first_byte_never_crash(self) -> None:
        folder = self.world.folder("bytes")
        for name, head in (("gz", b"\x1f\x8b"), ("zst", b"\x28\xb5\x2f\xfd"), ("xz", b"\xfd7zXZ\0"),
                           ("bz2", b"BZh9"), ("lz4", b"\x04\x22\x4d\x18"), ("zip", b"PK\3\4"),
                           ("elf", b"\x7fELF"), ("ar", b"!<arch>\n"), ("rpm", b"\xed\xab\xee\xdb"),
                           ("cpio", b"070701"), ("7z", b"7z\xbc\xaf\x27\x1c"), ("rar", b"Rar!\x1a\7")):
            for tail in (b"", b"\0" * 600, b"\xff" * 600, bytes(range(256)) * 3):
                with self.subTest(name=name, tail=tail[:2]):
                    path = folder / f"file.{name}"
                    path.write_bytes(head + tail)
                    outcome = self.run_it("package", path, "--format", "json")
                    self.assertIn(outcome.status, (CLEAN, INCOMPLETE), outcome.said)
                    self.assertEqual(outcome.err, b"")
                    ledger = Report(outcome.out).coverage
                    self.assertEqual(ledger["bytes"],
                                     ledger["scanned"] + ledger["decoded"] + ledger["gap"])


class Resources(Case):
    def test_no_descriptors_left_is_one_sentence_or_a_gap(self) -> None:
        if self.world.sanitized:
            self.skipTest("sanitizers need descriptors for checks of their own")
        layout = self.world.rogue_layout
        done = subprocess.run(["sh", "-c", 'ulimit -n 4; exec "$@"', "sh", str(self.world.binary),
                               "image", f"oci:{layout}"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                              env=self.world.environment())
        self.assertIn(done.returncode, (FOUND, NO_VERDICT, INCOMPLETE), done.stderr)
        self.assertTrue(done.stdout or len(done.stderr.splitlines()) == 1, done.stderr)
