"""Inputs of gigabytes: read to the last byte, in bounded memory."""
import gzip
import hashlib
import io
import tarfile

import images
from harness import CLEAN, FOUND, Case, Report
from images import rogue

MIB = 1 << 20
CHUNK = 64 * MIB
# 256 MiB is the promise per worker; the rest is the parent's and the test runner's share.
MEMORY = 400 * MIB


class Repeated:
    """A layer of one file: a head, `chunks` times 64 MiB of zeros, a tail.  As gzip, with the zeros
    as one precompressed member that is repeated, so that 4 GiB take a second to make."""

    def __init__(self, path: str, head: bytes, chunks: int, tail: bytes) -> None:
        header = tarfile.TarInfo(path)
        header.size = len(head) + chunks * CHUNK + len(tail)
        self.size = header.size
        # Over 8 GiB a size needs PAX or base 256; GNU's base 256 is forced here by the format.
        start = header.tobuf(tarfile.GNU_FORMAT) + head
        end = tail + bytes(-header.size % 512 + 1024)
        zeros = bytes(CHUNK)
        member = gzip.compress(zeros, 6, mtime=0)
        self.blob = (gzip.compress(start, mtime=0) + member * chunks + gzip.compress(end, mtime=0))
        whole = hashlib.sha256(start)
        for _ in range(chunks):
            whole.update(zeros)
        whole.update(end)
        self.diff_id = "sha256:" + whole.hexdigest()

    def layer(self) -> images.Layer:
        return images.Layer(b"", "RUN make-big", "gzip", stored=self.blob, promised=self.diff_id)


class Large(Case):
    def setUp(self) -> None:
        if self.world.quick:
            self.skipTest("reads gigabytes")

    def scan_layer(self, big: Repeated, status: int):
        image = images.clean_image()
        image.layers.append(big.layer())
        built = image.build()
        layout = images.write_layout(self.world.folder("large") / "l", {"t": built})
        outcome = self.run_it("image", f"oci:{layout}", "--format", "json")
        self.assertEqual(outcome.status, status, outcome.said)
        self.assertLess(outcome.peak_bytes, MEMORY)
        return Report(outcome.out)

    def test_a_file_over_4_gib_is_read_to_its_last_byte(self) -> None:
        miner = rogue.fake_miner()
        strings = b"\0".join(s.encode() for s in rogue.MINER_STRINGS) + b"\0"
        # An ELF padded with zeros past every scanner's limit; what gives it away comes last.
        head = miner[:0x88] + bytes(512 - 0x88)
        big = Repeated("srv/data/worker", head, 64, strings)
        self.assertGreater(big.size, 4 << 30)
        report = self.scan_layer(big, FOUND)
        found = report.at("srv/data/worker", "error")
        self.assertTrue(found, report.keys())
        self.assertGreater(max(e["offset"] for e in found[0]["evidence"]), 4 << 30)
        self.assertTrue(report.complete, report.gaps)
        self.assertGreater(report.coverage["scanned"], 4 << 30)

    def test_sizes_in_pax_headers_are_read(self) -> None:
        out = io.BytesIO()
        info = tarfile.TarInfo("srv/worker")
        miner = rogue.fake_miner()
        info.size, info.pax_headers = len(miner), {"size": str(len(miner)), "comment": "x" * 600}
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
            archive.addfile(info, io.BytesIO(miner))
        image = images.Image([images.Layer(out.getvalue())])
        layout = images.write_layout(self.world.folder("pax") / "l", {"t": image.build()})
        self.assertTrue(self.scan(FOUND, "image", f"oci:{layout}").at("srv/worker", "error"))

    def test_many_small_files_are_walked_in_bounded_memory(self) -> None:
        path = self.world.folder("many") / "many.tar"
        header = tarfile.TarInfo("")
        with open(path, "wb") as out:
            for number in range(200_000):
                header.name, header.size = f"srv/d{number // 1000}/f{number}", 20
                out.write(header.tobuf(tarfile.USTAR_FORMAT) + (b"%020d" % number).ljust(512, b"\0"))
            out.write(bytes(1024))
        outcome = self.run_it("package", path, "--format", "json")
        self.assertEqual(outcome.status, CLEAN, outcome.said)
        self.assertEqual(Report(outcome.out).coverage["files"], 200_000)
        self.assertLess(outcome.peak_bytes, MEMORY)
