"""Packages of every kind, made with their own tools where these are installed."""
import gzip
import io
import pathlib
import shutil
import subprocess
import zipfile

import images
from harness import CLEAN, FOUND, Case
from images import rogue

NAME = "kworkerds"


class Packages(Case):
    def check(self, path: pathlib.Path, inside: str = NAME) -> None:
        report = self.scan(FOUND, "package", path)
        self.assertTrue(report.inside(inside, "error"), report.keys())
        self.assertTrue(report.complete, report.gaps)

    def write(self, name: str, data: bytes) -> pathlib.Path:
        path = self.world.folder("package") / name
        path.write_bytes(data)
        return path

    @staticmethod
    def zipped(names: list, method: int = zipfile.ZIP_DEFLATED) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as archive:
            for name in names:
                archive.writestr(name, rogue.fake_miner() if name.endswith(NAME) else b"text\n")
        return out.getvalue()

    def test_npm_tarballs_and_crates(self) -> None:
        for name, top in (("left-shop-1.0.0.tgz", "package"), ("shop-0.1.0.crate", "shop-0.1.0"),
                          ("shop-1.0.tar.gz", "shop-1.0")):
            with self.subTest(name=name):
                data = images.tar([rogue.File(f"{top}/package.json", b"{}"),
                                   rogue.File(f"{top}/lib/{NAME}", rogue.fake_miner())])
                self.check(self.write(name, gzip.compress(data, mtime=0)))

    def test_tars_of_every_compression(self) -> None:
        data = images.tar([rogue.File(f"lib/{NAME}", rogue.fake_miner())])
        for packed in images.PACKINGS:
            with self.subTest(packed=packed):
                self.check(self.write(f"file.tar.{packed}", images.pack(data, packed)))

    def test_wheels_zips_and_jars(self) -> None:
        for name, entries in (("shop-1.0-py3-none-any.whl", ["shop/__init__.py", f"shop/{NAME}"]),
                              ("files.zip", [f"a/b/{NAME}"]),
                              ("shop.jar", ["META-INF/MANIFEST.MF", f"native/{NAME}"])):
            for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                with self.subTest(name=name, method=method):
                    self.check(self.write(name, self.zipped(entries, method)))

    def test_what_other_ecosystems_pack_is_seen_into(self) -> None:
        """Each kind of archive, the miner where such a package has its files, and nothing of a
        registry in the trail."""
        data = gzip.compress(images.tar([rogue.File(f"ext/{NAME}", rogue.fake_miner())]), mtime=0)
        empty = gzip.compress(b"--- {}\n", mtime=0)
        for name, packed in (
                ("shop-1.0.gem", images.tar([rogue.File("metadata.gz", empty),
                                             rogue.File("data.tar.gz", data),
                                             rogue.File("checksums.yaml.gz", empty)])),
                ("shop.1.0.0.nupkg", self.zipped(["shop.nuspec", f"tools/{NAME}"])),
                ("shop-1.0.jar", self.zipped(["META-INF/MANIFEST.MF", f"native/{NAME}"])),
                ("shop-1.0.war", self.zipped(["WEB-INF/web.xml", f"WEB-INF/lib/{NAME}"])),
                ("v1.0.0.zip", self.zipped(["go.example/shop@v1.0.0/go.mod",
                                            f"go.example/shop@v1.0.0/{NAME}"])),
                ("shop-1.0-py3-none-any.whl", self.zipped(["shop/__init__.py", f"shop/{NAME}"])),
                ("shop-1.0.0.crate", gzip.compress(images.tar(
                    [rogue.File(f"shop-1.0.0/{NAME}", rogue.fake_miner())]), mtime=0)),
                ("shop-1.0.0.tgz", gzip.compress(images.tar(
                    [rogue.File(f"package/{NAME}", rogue.fake_miner())]), mtime=0))):
            with self.subTest(name=name):
                report = self.scan(FOUND, "package", self.write(name, packed))
                found = report.inside(NAME, "error")
                self.assertTrue(found, report.keys())
                self.assertTrue(report.complete, report.gaps)
                self.assertEqual(found[0]["trail"][0]["name"], name)
                self.assertNotIn("pkg:", " ".join(step["name"] for step in found[0]["trail"]))

    def test_an_archive_in_an_archive_in_an_archive(self) -> None:
        jar = self.zipped([f"native/{NAME}"])
        tgz = gzip.compress(images.tar([rogue.File("lib/inner.jar", jar)]), mtime=0)
        self.check(self.write("outer.tar", images.tar([rogue.File("data.tgz", tgz)])))

    def test_debian_packages(self) -> None:
        for compression in ("xz", "gzip", "none", "zstd"):
            with self.subTest(compression=compression):
                folder = self.world.folder("deb")
                images.write_files(folder / "tree", {
                    "DEBIAN/control": b"Package: shop\nVersion: 1\nArchitecture: all\n"
                                      b"Maintainer: Nobody <nobody@shop.example>\n"
                                      b"Description: test\n",
                    f"usr/bin/{NAME}": rogue.fake_miner()})
                # dpkg-deb wants a setgid-free control folder.
                (folder / "tree/DEBIAN").chmod(0o755)
                made = subprocess.run(["dpkg-deb", f"-Z{compression}", "--root-owner-group", "-b",
                                       str(folder / "tree"), str(folder / "shop.deb")],
                                      stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
                if made.returncode != 0 and b"compress" in made.stderr:
                    self.skipTest(f"dpkg-deb here has no {compression}")
                self.assertEqual(made.returncode, 0, made.stderr)
                self.check(folder / "shop.deb")

    def test_rpm_packages(self) -> None:
        if not shutil.which("rpmbuild"):
            self.skipTest("rpmbuild is not installed")
        for payload in ("w9.gzdio", "w6.xzdio", "w3.zstdio"):
            with self.subTest(payload=payload):
                folder = self.world.folder("rpm")
                (folder / NAME).write_bytes(rogue.fake_miner())
                spec = folder / "shop.spec"
                spec.write_text(
                    "Name: shop\nVersion: 1\nRelease: 1\nSummary: test\nLicense: none\n"
                    f"BuildArch: noarch\n%global _binary_payload {payload}\n"
                    "%description\ntest\n"
                    f"%install\nmkdir -p %{{buildroot}}/opt\ncp {folder}/{NAME} %{{buildroot}}/opt\n"
                    f"%files\n/opt/{NAME}\n")
                self.world.tool("rpmbuild", "-bb", "--define", f"_topdir {folder}/top",
                                "--define", "_build_id_links none",
                                "--define", "__os_install_post %{nil}",
                                "--define", "_binaries_in_noarch_packages_terminate_build 0", spec)
                self.check(next((folder / "top").rglob("*.rpm")))

    def test_single_files(self) -> None:
        for name, data in ((NAME, rogue.fake_miner()),
                           (f"{NAME}.gz", gzip.compress(rogue.fake_miner(), mtime=0)),
                           (f"{NAME}.sh", rogue.dropper_script()),
                           (f"{NAME}.json", rogue.miner_config())):
            with self.subTest(name=name):
                report = self.scan(FOUND, "package", self.write(name, data))
                self.assertTrue([f for f in report.findings if f["level"] == "error"])

    def test_clean_files_are_clean(self) -> None:
        for data in (b"", b"hello\n", bytes(1000), pathlib.Path("/bin/true").read_bytes()):
            with self.subTest(size=len(data)):
                report = self.scan(CLEAN, "package", self.write("file", data),
                                   "--fail-on", "note")
                self.assertEqual(report.coverage["unit_bytes"], len(data))

    def test_every_byte_is_accounted_for(self) -> None:
        data = images.tar([rogue.File("a.gz", gzip.compress(bytes(50000), mtime=0)),
                           rogue.File("b", b"x" * 1000)])
        report = self.scan(CLEAN, "package", self.write("file.tar", data))
        ledger = report.coverage
        self.assertEqual(ledger["scanned"] + ledger["decoded"] + ledger["gap"], ledger["bytes"])
        self.assertEqual(ledger["gap"], 0)
