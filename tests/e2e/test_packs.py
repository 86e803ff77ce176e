"""Signature packs as files: made, signed, used; and refused when they are not what was signed."""
import json
import os
import pathlib
import shutil
import unittest

from harness import CLEAN, FOUND, NO_VERDICT, Case, own_signatures

def signatures(word: str = "plughxyzzy") -> str:
    return own_signatures(word, f"say {word}", "say plugh")


class PackCase(Case):
    def setUp(self) -> None:
        self.folder = self.world.folder("packs")
        self.state = {"XDG_STATE_HOME": str(self.folder / "state")}
        self.text = self.folder / "text"
        self.text.write_text("the word is plughxyzzy\n")
        self.key = self.folder / "signing.key"
        self.public = self.folder / "signing.key.pub"
        outcome = self.run_it("signatures", "keygen", self.key)
        self.assertEqual((outcome.status, outcome.err), (CLEAN, b""), outcome.said)
        self.key_id = outcome.out.decode().split()[1].rstrip(":")

    def yaml(self, word: str = "plughxyzzy") -> pathlib.Path:
        folder = self.world.folder("signatures")
        (folder / "own.yaml").write_text(signatures(word))
        return folder

    def build(self, version: int, *more: object, key: object = None, word: str = "plughxyzzy",
              only: bool = True) -> pathlib.Path:
        pack = self.world.folder("pack") / "own.pack"
        outcome = self.run_it("signatures", "build", self.yaml(word), "-o", pack, "--sign-key",
                              key or self.key, "--pack-version", version,
                              *(["--only"] if only else []), *more)
        self.assertEqual((outcome.status, outcome.err), (CLEAN, b""), outcome.said)
        return pack

    def used(self, pack: object, *more: object, option: str = "--signatures-only",
             **options: object):
        options.setdefault("environment", self.state)
        return self.run_it("package", self.text, option, pack, "--signature-key", self.public, *more,
                           **options)

    def refused(self, pack: object, *words: str, more: tuple = (), **options: object) -> None:
        self.assert_one_sentence(self.used(pack, *more, **options), NO_VERDICT, *words)


class Packs(PackCase):
    def test_a_pack_is_what_its_directory_is_and_reports_name_it(self) -> None:
        pack = self.build(12, "--name", "ours")
        outcome = self.used(pack, "-f", "json")
        self.assertEqual((outcome.status, outcome.err), (FOUND, b""), outcome.said)
        report = json.loads(outcome.out)
        named = {"name": "ours", "version": 12, "key": self.key_id}
        self.assertEqual(report["signatures"].pop("pack"), named)
        directory = self.scan(FOUND, "package", self.text, "--signatures-only", self.yaml())
        self.assertEqual(report, directory.json)
        sarif = json.loads(self.used(pack, "-f", "sarif").out)
        self.assertIn(self.key_id, json.dumps(sarif["runs"][0]))
        listed = self.run_it("signatures", "list", "--signatures-only", pack, "--signature-key",
                             self.public, environment=self.state)
        self.assertIn(f"pack ours version 12, signed with key {self.key_id}", listed.out.decode())

    def test_a_pack_that_was_made_to_be_added_keeps_the_built_in_signatures(self) -> None:
        if self.world.sanitized:
            raise unittest.SkipTest("compiling all patterns for two processors takes long enough")
        pack = self.build(1, only=False)
        layout = f"oci:{self.world.rogue_layout}:latest"
        trusted = ["--signature-key", self.public]
        with_pack = self.scan(FOUND, "image", layout, "--signatures", pack, *trusted)
        self.assert_finds_rogue(with_pack)
        self.assertEqual(self.used(pack, option="--signatures").status, FOUND)
        # Used the other way it is compiled, which is said, and means the same as its directory.
        outcome = self.used(pack, "-f", "json")
        self.assertEqual(outcome.status, FOUND, outcome.said)
        self.assertEqual(outcome.err.count(b"\n"), 1, outcome.said)
        self.assertIn(b"compiled at every start", outcome.err)
        self.assertIn("no rule", self.run_it("explain", "MSN1001", "--signatures-only", pack,
                                             *trusted, environment=self.state).err.decode())

    def test_the_same_files_make_the_same_pack_and_it_shows_nothing(self) -> None:
        first, second = self.build(3).read_bytes(), self.build(3).read_bytes()
        self.assertEqual(first, second)
        self.assertNotIn(b"plughxyzzy", first)
        dated = self.run_it("signatures", "build", self.yaml(), "--only", "-o", self.folder / "dated",
                            "--sign-key", self.key, "--pack-version", 3,
                            environment={"SOURCE_DATE_EPOCH": "1700000000"})
        self.assertEqual(dated.status, CLEAN, dated.said)
        self.assertNotEqual((self.folder / "dated").read_bytes(), first)
        # A repository with a pack in it is no miner.
        self.scan(CLEAN, "package", self.build(4, word="stratum"))

    def test_keys_of_openssl_sign_and_are_trusted(self) -> None:
        if shutil.which("openssl") is None:
            raise unittest.SkipTest("openssl is not installed")
        key, public = self.folder / "o.key", self.folder / "o.pub"
        self.world.tool("openssl", "genpkey", "-algorithm", "ed25519", "-out", key)
        self.world.tool("openssl", "pkey", "-in", key, "-pubout", "-out", public)
        pack = self.build(1, key=key)
        outcome = self.run_it("package", self.text, "--signatures-only", pack, "--signature-key",
                              self.public, "--signature-key", public, environment=self.state)
        self.assertEqual((outcome.status, outcome.err), (FOUND, b""), outcome.said)
        # And openssl can verify what minescan signed.
        whole = pack.read_bytes()
        (self.folder / "message").write_bytes(whole[:-64])
        (self.folder / "signature").write_bytes(whole[-64:])
        self.world.tool("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", "-in",
                        self.folder / "message", "-sigfile", self.folder / "signature")
        self.world.tool("openssl", "pkey", "-in", self.key, "-noout")

    def test_a_record_of_other_signatures_does_not_answer(self) -> None:
        cache = self.folder / "cache"
        first = self.build(1, word="never-there")
        self.assertEqual(self.used(first, "--cache-dir", cache).status, CLEAN)
        self.assertEqual(self.used(self.build(2), "--cache-dir", cache).status, FOUND)


class Refused(PackCase):
    def test_what_is_not_what_was_signed_is_one_sentence(self) -> None:
        whole = self.build(1).read_bytes()
        other = self.folder / "other.pack"
        middle = len(whole) // 2
        for name, data, words in (
                ("changed", whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1:],
                 ["changed after it was signed"]),
                ("cut", whole[:middle], ["cut short", f"{middle} of {len(whole)}"]),
                ("behind", whole + b"\n", ["changed after it was signed"]),
                ("version", whole[:32] + b"\x09" + whole[33:], ["changed after it was signed"]),
                ("format", b"MSNSIGN7" + whole[8:], ["of format '7'"]),
                ("unsigned", b"MSNPACK4" + whole[8:], ["is not signed"]),
                ("text", b"- indicator: x\n", ["no signature pack"]),
                ("empty", b"", ["no signature pack"])):
            with self.subTest(name=name):
                other.write_bytes(data)
                self.refused(other, "other.pack", *words)
                self.assertEqual(list((self.folder / "state").glob("**/pack-*")), [])

    def test_keys_decide(self) -> None:
        pack = self.build(1)
        stranger = self.folder / "stranger.key"
        self.assertEqual(self.run_it("signatures", "keygen", stranger).status, CLEAN)
        self.refused(self.build(1, key=stranger), "not trusted", self.key_id)
        unnamed = self.run_it("package", self.text, "--signatures-only", pack)
        self.assert_one_sentence(unnamed, NO_VERDICT, "--signature-key")
        self.assert_one_sentence(
            self.run_it("package", self.text, "--signatures", pack, "--signature-key", self.key),
            NO_VERDICT, "private key")
        self.assert_one_sentence(
            self.run_it("package", self.text, "--signatures", pack, "--signature-key", self.text),
            NO_VERDICT, "no public key")
        # Whoever demands a signature does not get signatures that nobody signed.
        for more in (["--signatures", self.yaml()], []):
            for demand in (["--signature-key", self.public], ["--signatures-min-version", 1]):
                self.assert_one_sentence(self.run_it("package", self.text, *more, *demand),
                                         NO_VERDICT, "signature pack")

    def test_an_older_pack_than_was_used_is_refused(self) -> None:
        old, new = self.build(5), self.build(6)
        for pack in (old, old, new, new):
            self.assertEqual(self.used(pack).status, FOUND)
        self.refused(old, "version 5", "version 6 was used before")
        # Of another name, or by another key, or on another machine it is not older.
        self.assertEqual(self.used(self.build(1, "--name", "other")).status, FOUND)
        fresh = {"XDG_STATE_HOME": str(self.folder / "fresh")}
        self.assertEqual(self.used(old, environment=fresh).status, FOUND)
        self.refused(old, "--signatures-min-version", "is 6", more=("--signatures-min-version", 6),
                     environment=fresh)
        self.assertEqual(
            self.used(new, "--signatures-min-version", 6, environment=fresh).status, FOUND)
        # Where it is written is said, so that one can go back on purpose.
        said = self.used(old).err.decode()
        memory = next((self.folder / "state/minescan").glob("pack-*-signatures"))
        self.assertIn(f"remove '{memory}'", said)
        memory.unlink()
        self.assertEqual(self.used(old).status, FOUND)

    def test_a_home_that_cannot_be_written_is_a_warning(self) -> None:
        pack, fixed = self.build(5), self.folder / "fixed"
        fixed.write_text("no directory")
        open_to_all = self.folder / "open/minescan"
        open_to_all.mkdir(parents=True)
        open_to_all.chmod(0o777)
        for environment in ({"XDG_STATE_HOME": None, "HOME": None}, {"XDG_STATE_HOME": str(fixed)},
                            {"XDG_STATE_HOME": str(self.folder / "open")},
                            {"XDG_STATE_HOME": "/proc"}):
            with self.subTest(environment=environment):
                warned = self.used(pack, environment=environment)
                self.assert_one_sentence(warned, FOUND, "is not remembered",
                                         "--signatures-min-version")
                quiet = self.used(pack, "--signatures-min-version", 5, environment=environment)
                self.assertEqual((quiet.status, quiet.err), (FOUND, b""), quiet.said)

    def test_what_is_damaged_in_the_memory_of_versions_is_said_and_mended(self) -> None:
        pack = self.build(5)
        self.assertEqual(self.used(pack).status, FOUND)
        memory = next((self.folder / "state/minescan").glob("pack-*-signatures"))
        self.assertEqual(memory.read_text(), "5\n")
        for text in (b"", b"\xff" * 100, b"-1\n", b"9" * 30 + b"\n"):
            memory.write_bytes(text)
            self.assert_one_sentence(self.used(pack), FOUND, memory.name)
            self.assertEqual(memory.read_text(), "5\n")


class Making(PackCase):
    def build_fails(self, *words: str, folder: object = None, **changes: object) -> None:
        values = {"--sign-key": self.key, "--pack-version": 1, "-o": self.folder / "x.pack", **changes}
        arguments = [part for pair in values.items() for part in pair]
        outcome = self.run_it("signatures", "build", folder or self.yaml(), "--only", *arguments)
        self.assert_one_sentence(outcome, NO_VERDICT, *words)
        self.assertFalse((self.folder / "x.pack").exists())

    def test_what_cannot_be_a_pack_is_one_sentence(self) -> None:
        bad = self.yaml()
        (bad / "own.yaml").write_text(signatures().replace(
            'misses: ["say plugh"]', 'misses: ["say plughxyzzy"]', 1))
        self.build_fails("own.yaml", "hits its miss", folder=bad)
        self.build_fails("no signatures", folder=self.world.folder("empty"))
        self.build_fails("PEM", **{"--sign-key": self.public})
        self.build_fails("missing.key", **{"--sign-key": self.folder / "missing.key"})
        self.build_fails("no name of a pack", **{"--name": "../x"})
        for version in (0, -1, "x", 1 << 64):
            self.build_fails("--pack-version", **{"--pack-version": version})
        self.build_fails("directory", **{"-o": self.folder})

    def test_a_key_is_for_its_owner_and_is_never_overwritten(self) -> None:
        self.assertEqual(os.stat(self.key).st_mode & 0o777, 0o600)
        before = self.key.read_bytes()
        self.assert_one_sentence(self.run_it("signatures", "keygen", self.key), NO_VERDICT,
                                 "there already")
        self.assertEqual(self.key.read_bytes(), before)
        self.key.unlink()
        self.assert_one_sentence(self.run_it("signatures", "keygen", self.key), NO_VERDICT,
                                 "there already")
        self.assertFalse(self.key.exists())
        self.assert_one_sentence(self.run_it("signatures", "keygen", "/proc/x/y"), NO_VERDICT,
                                 "/proc/x/y")


class Itself(Case):
    """What minescan knows of miners must not make it one: in its own program, nor in its source."""

    def test_the_program_is_no_miner_stripped_or_not(self) -> None:
        folder = self.world.folder("program")
        # What it knows lies masked in it, or every image with minescan in it would fail.
        shutil.copy(self.world.binary, folder / "minescan")
        self.world.tool("strip", "-o", folder / "minescan-stripped", self.world.binary)
        report = self.scan(CLEAN, "repo", folder)
        self.assertEqual(report.findings, [])

    def test_the_source_is_no_miner(self) -> None:
        # Examples of what is found are found: they lie in four folders, and nowhere else.
        others = shutil.ignore_patterns("bench", "signatures", "testdata", "tests",
                                        "build", ".git", ".cache", "*.swp", "__pycache__")
        tree = self.world.folder("checkout") / "tree"
        root = pathlib.Path(__file__).resolve().parents[2]
        shutil.copytree(root, tree, symlinks=True,
                        ignore=lambda folder, names: others(folder, names)
                        if pathlib.Path(folder) == root else ())
        self.assertTrue((tree / "src/main.cpp").is_file())
        report = self.scan(CLEAN, "repo", tree)
        self.assertEqual([f for f in report.findings if f["level"] != "note"], [])
