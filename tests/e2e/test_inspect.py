"""GPU code and packed programs: found in an image, and shown by `minescan inspect`."""
import gzip
import io
import json
import pathlib
import shutil
import struct
import subprocess
import zipfile

import images
from harness import CLEAN, FOUND, INCOMPLETE, ROOT, Case

GPU = ROOT / "testdata" / "gpu" / "built"


def shared_object(*codes: bytes) -> bytes:
    """A program that carries fat binaries or bundles among its bytes."""
    header = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00\x01\x00\x00\x00" + bytes(40)
    return header + b"\x90" * 5000 + (b"\x00" * 40).join(codes) + b"\x00" * 5000


class GpuCode(Case):
    def layer_with(self, files: dict) -> pathlib.Path:
        return images.write_files(self.world.folder("tree") / "t", files)

    def test_a_search_for_nonces_in_a_library_is_an_error(self) -> None:
        bundle = (GPU / "two.hipfb").read_bytes()
        clean = (GPU / "vector_add.size.fatbin").read_bytes()
        tree = self.layer_with({"opt/libgood.so": shared_object(clean),
                                "opt/libworse.so": shared_object(clean, bundle)})
        report = self.scan(FOUND, "repo", tree)
        self.assertEqual({(f["path"], f["rule"]) for f in report.findings},
                         {("opt/libworse.so", "MSN1511")})
        steps = [s["name"] for s in report.findings[0]["evidence"][0]["trail"]]
        self.assertIn("offload-bundle", steps)
        self.assertIn("hipv4-amdgcn-amd-amdhsa--gfx906", steps)
        self.assertTrue(report.complete)

    def test_ordinary_kernels_are_clean(self) -> None:
        names = ["vector_add.sm_90.cubin", "vector_add.gfx1030.o", "vector_add.none.fatbin",
                 "vector_add.speed.fatbin", "vector_add.size.fatbin", "file_sha256.sm_90.cubin",
                 "file_sha256.gfx1030.o"]
        tree = self.layer_with({name: (GPU / name).read_bytes() for name in names})
        self.assertEqual(self.scan(CLEAN, "repo", tree).findings, [])

    def test_what_shares_parts_with_a_search_is_clean(self) -> None:
        folder = GPU.parent / "benign"
        keccak = (folder / "keccak.h").read_bytes()
        files = {p.name: p.read_bytes() for p in (folder / "built").iterdir()}
        for source in folder.glob("*.cl"):
            files[source.name] = source.read_bytes().replace(b'#include "keccak.h"', keccak)
        self.assertEqual(len(files), 17)
        report = self.scan(CLEAN, "repo", self.layer_with(files))
        # The nonce that a prover's source searches for is worth a note.
        self.assertEqual([(f["path"], f["rule"], f["level"]) for f in report.findings],
                         [("proof_grind.cl", "MSN1516", "note")])

    def test_sources_of_searches_are_errors_and_of_hashers_not(self) -> None:
        folder = GPU.parent
        tree = self.layer_with({p.name: p.read_bytes() for p in folder.glob("*.cl")})
        report = self.scan(FOUND, "repo", tree)
        self.assertEqual({f["path"] for f in report.findings if f["level"] == "error"},
                         {"dag_search.cl", "keccak_search.cl", "sha256d_search.cl"})


class Inspect(Case):
    def test_it_shows_parts_kernels_and_constants(self) -> None:
        outcome = self.run_it("inspect", GPU / "two.hipfb")
        self.assertEqual(outcome.status, CLEAN)
        text = outcome.out.decode()
        for part in ("offload-bundle", "AMD GPU", "kernels (gfx906 kernels): search",
                     "kernels (gfx1030 kernels): vector_add", "words-sha256d-header: 2 of 2",
                     "error MSN1511"):
            self.assertIn(part, text)

    def test_json_says_the_same(self) -> None:
        outcome = self.run_it("inspect", GPU / "vector_add.speed.fatbin", "-f", "json")
        self.assertEqual(outcome.status, CLEAN)
        document = json.loads(outcome.out)
        facts = {fact["name"] for node in document["nodes"] for fact in node["facts"]}
        self.assertIn("program", facts)
        self.assertTrue(any(name.startswith("kernels") for name in facts))
        self.assertEqual((document["findings"], document["gaps"]), ([], []))

    def test_help_tells_the_exit_codes_that_it_has(self) -> None:
        text = self.run_it("inspect", "--help").out.decode()
        codes = [line.split()[0] for line in text.split("Exit codes:")[1].splitlines() if line]
        self.assertEqual(codes, ["0", "2", "3"])

    def test_any_file_will_do(self) -> None:
        tree = self.world.folder("odd")
        (tree / "empty").write_bytes(b"")
        (tree / "text").write_bytes(b"hello\n")
        (tree / "elf").write_bytes(b"\x7fELF\x02\x01\x01" + b"\xff" * 100)
        for name in ("empty", "text", "elf"):
            self.assertEqual(self.run_it("inspect", tree / name).status, CLEAN)

    def test_what_is_no_file_is_told_in_one_sentence(self) -> None:
        self.assert_one_sentence(self.run_it("inspect", "/nowhere/at/all"), 2, "/nowhere/at/all")
        self.assert_one_sentence(self.run_it("inspect", self.world.folder("d")), 2, "directory")

    def test_names_cannot_reach_the_terminal(self) -> None:
        tree = self.world.folder("hostile")
        # A kernel source whose name of a kernel is honest and whose text around it is not.
        (tree / "x.cl").write_bytes(b"// " + b"\x1b[31m" * 60 + b"\n__kernel void f(__global int*a)"
                                    b"{a[get_global_id(0)]=1;}\n")
        self.assertNotIn(b"\x1b", self.run_it("inspect", tree / "x.cl").out)


def program() -> bytes:
    """One that says where it ends: a segment of all its bytes."""
    size = 5000
    header = (b"\x7fELF\x02\x01\x01" + bytes(9)
              + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0x400078, 64, 0, 0, 64, 56, 1, 64, 0, 0)
              + struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, size, size, 4096))
    return header + b"\x90" * (size - len(header))


def zipped(*entries: tuple) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


def brotli(content: bytes) -> bytes:
    return subprocess.run(["brotli", "-c"], input=content, check=True, capture_output=True).stdout


class Wrapped(Case):
    """A script in what people wrap scripts in.  bench/samples.py tries what real tools make."""

    SCRIPT = b"#!/bin/sh\nexec ./sync -a rx/0 -o gate.example:443 -u somebody.rig\n"

    def wrappers(self) -> dict:
        inner = zipped(("META-INF/MANIFEST.MF", b"x"), ("start.sh", self.SCRIPT))
        picture = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(200) + b"\xff\xd9"
        packed = gzip.compress(self.SCRIPT)
        return {
            "gzexe": b"#!/bin/sh\nskip=3\ntail -n +$skip <\"$0\" | gzip -cd >x; exit 0\n" + packed,
            "makeself.run": b"#!/bin/sh\n# self-extracting\nskip=\"4\"\nexit 0\n" + packed,
            "app.pyz": b"#!/usr/bin/env python3\n" + zipped(
                ("__main__.py", b"import os\nos.system('" + self.SCRIPT.split(b"exec ")[1].strip()
                 + b"')\n")),
            "outer.jar": zipped(("BOOT-INF/lib/mid.jar", zipped(("lib/inner.jar", inner)))),
            "boot.jar": b"#!/bin/bash\nexec java -jar $0\nexit 0\n" + inner,
            "app.js.br": brotli(self.SCRIPT),
            "overlay": program() + self.SCRIPT,
            "overlay-later": program() + b"\n\n" + self.SCRIPT,
            "overlay-packed": program() + packed,
            "overlay-zip": program() + inner,
            "picture.jpg": picture + inner,
            "paper.pdf": b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + bytes(50) + b"%%EOF\n" + inner,
        }

    def test_a_script_in_each_of_them_is_an_error(self) -> None:
        tree = images.write_files(self.world.folder("tree") / "t", self.wrappers())
        report = self.scan(FOUND, "repo", tree)
        self.assertEqual({f["path"].split("/")[0] for f in report.findings
                          if f["level"] == "error"}, set(self.wrappers()))
        self.assertTrue(report.complete)

    def test_a_script_on_a_disk_is_an_error(self) -> None:
        if shutil.which("genisoimage") is None:
            self.skipTest("genisoimage is not installed")
        names = {"usr/bin/a script with a long name.sh": self.SCRIPT, "README": b"text\n"}
        source = images.write_files(self.world.folder("disk") / "d", names)
        out = self.world.folder("disk") / "t"
        out.mkdir()
        subprocess.run(["genisoimage", "-quiet", "-R", "-J", "-o", out / "disk.iso", source],
                       check=True, capture_output=True)
        (out / "type1.AppImage").write_bytes(shared_object() + bytes(22704)
                                             + (out / "disk.iso").read_bytes()[32768:])
        report = self.scan(FOUND, "repo", out)
        self.assertTrue(report.complete)
        self.assertEqual({f["path"].split("/")[0] for f in report.findings
                          if f["level"] == "error"}, {"disk.iso", "type1.AppImage"})

    def test_a_disk_whose_directory_cannot_be_read_is_a_gap(self) -> None:
        descriptor = (b"\x01CD001\x01\x00" + b" " * 64 + bytes(56) + b"\x00\x08\x08\x00"
                      + bytes(1900))
        runtime = bytearray(shared_object())
        runtime[8:11] = b"AI\x01"
        files = {"type1.AppImage": bytes(runtime) + bytes(22704) + descriptor + bytes(4096),
                 "disk.iso": bytes(32768) + descriptor + bytes(4096)}
        tree = images.write_files(self.world.folder("tree") / "t", files)
        report = self.scan(INCOMPLETE, "repo", tree)
        self.assertEqual([g["reason"] for g in report.gaps], ["decode.unsupported"] * len(files))
