"""Streams of deflate that decode to the file around them.

Such a stream is a program of two instructions, each as long as the others: write the next n bytes
(a stored block), and write the last n bytes once more (a fixed block with matches).  Whatever comes
before the stream and behind it is written by it too, so both may be of any kind; their checksum is
that of the whole file, which it is a part of.
"""
import binascii
import gzip
import itertools
import struct
import zlib
from typing import Callable, List, Optional, Tuple

UNIT = 5  # bytes of an instruction

# Length and distance codes: (first value, bits that follow), from code 257 and code 0 on.
LENGTHS = [(3 + i, 0) for i in range(8)] + [
    (first + (step << bits), bits) for bits, first in ((1, 11), (2, 19), (3, 35), (4, 67), (5, 131))
    for step in range(4)] + [(258, 0)]
DISTANCES = [(1, 0), (2, 0)] + [(1 + (2 + step << bits), bits) for bits in range(14)
                                for step in range(2)]


class Bits:
    def __init__(self) -> None:
        self.bits: List[int] = []

    def number(self, value: int, bits: int) -> None:
        self.bits += [value >> i & 1 for i in range(bits)]

    def code(self, value: int, bits: int) -> None:
        """The bits of Huffman codes come the other way round."""
        self.bits += [value >> i & 1 for i in reversed(range(bits))]

    def match(self, length: int, distance: int) -> None:
        code = max(i for i, (first, _) in enumerate(LENGTHS) if first <= length)
        symbol = 257 + code
        if symbol < 280:
            self.code(symbol - 256, 7)
        else:
            self.code(0b11000000 + symbol - 280, 8)
        self.number(length - LENGTHS[code][0], LENGTHS[code][1])
        code = max(i for i, (first, _) in enumerate(DISTANCES) if first <= distance)
        self.code(code, 5)
        self.number(distance - DISTANCES[code][0], DISTANCES[code][1])

    def block(self, matches: List[Tuple[int, int]]) -> None:
        self.number(0b010, 3)  # not the last one; fixed codes
        for length, distance in matches:
            self.match(length, distance)
        self.code(0, 7)


def literal(size: int, last: bool = False) -> bytes:
    return struct.pack("<BHH", last, size, size ^ 0xffff)


def repeat(size: int) -> Optional[bytes]:
    """The last `size` bytes once more, in exactly one unit; nothing when no way of it is that long."""
    ways = [[size]] + [[part, size - part] for part in range(3, size - 2)]
    for parts, empty in itertools.product(ways, range(4)):
        if max(parts) > 258:
            continue
        bits = Bits()
        bits.block([(part, size) for part in parts])
        for _ in range(empty):
            bits.block([])
        if len(bits.bits) == 8 * UNIT:
            return bytes(sum(bit << i for i, bit in enumerate(bits.bits[at:at + 8]))
                         for at in range(0, 8 * UNIT, 8))
    return None


def quine(before: bytes, behind: bytes) -> bytes:
    """`before`, a stream, `behind`: the stream decodes to all of it.  `behind` begins with the end
    of the stream."""
    # Each line writes what stands beside it; the first column is, in its order, the second.
    head, tail = len(before) + UNIT, len(behind) + UNIT
    again_head, again_tail, again_4 = repeat(head), repeat(tail), repeat(4 * UNIT)
    assert again_head and again_tail and again_4, "no instruction repeats so many bytes"
    one, four = literal(UNIT), literal(4 * UNIT)
    steps = [
        (before, b""),
        (literal(head) + before + literal(head), before + literal(head)),
        (again_head, before + literal(head)),
        (one + again_head, again_head),
        (one + one, one),
        (four + again_head + one + one + four, again_head + one + one + four),
        (again_4, again_head + one + one + four),
        (four + again_4 + four + again_4 + four, again_4 + four + again_4 + four),
        (again_4, again_4 + four + again_4 + four),
        (four + again_4 + literal(0) + literal(0) + literal(tail),
         again_4 + literal(0) + literal(0) + literal(tail)),
        (again_4, again_4 + literal(0) + literal(0) + literal(tail)),
        (literal(0) + literal(0) + literal(tail) + again_tail + behind, again_tail + behind),
        (again_tail, again_tail + behind),
        (behind, b""),
    ]
    file = b"".join(code for code, _ in steps)
    assert file == b"".join(output for _, output in steps)
    return file


def with_own_checksum(make: Callable[[int], bytes]) -> bytes:
    """make(c) for the c that is the CRC-32 of what it makes.  The checksum is linear in every bit
    of the file, so c is the solution of 32 equations."""
    zero = binascii.crc32(make(0))
    # Row i: which bits of c, and what constant (bit 32), make bit i of checksum(c) ^ c.
    columns = [binascii.crc32(make(1 << bit)) ^ zero ^ (1 << bit) for bit in range(32)]
    rows = [sum((columns[bit] >> i & 1) << bit for bit in range(32)) | (zero >> i & 1) << 32
            for i in range(32)]
    solved: List[Tuple[int, int]] = []  # (bit, row in which it is the only one of the solved)
    for bit in range(32):
        pivot = next((row for row in rows if row >> bit & 1), None)
        assert pivot is not None, "no file of this kind has its own checksum"
        rows.remove(pivot)
        rows = [row ^ pivot if row >> bit & 1 else row for row in rows]
        solved = [(b, row ^ pivot if row >> bit & 1 else row) for b, row in solved]
        solved.append((bit, pivot))
    checksum = sum((row >> 32 & 1) << bit for bit, row in solved)
    file = make(checksum)
    assert binascii.crc32(file) == checksum
    return file


def gzip_quine() -> bytes:
    def make(checksum: int) -> bytes:
        before = bytes([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 255]) + b"q\0"
        end = literal(0, last=True) + struct.pack("<I", checksum)
        size = len(quine(before, end + bytes(4)))
        return quine(before, end + struct.pack("<I", size))

    file = with_own_checksum(make)
    assert gzip.decompress(file) == file
    return file


def zip_quine(name: bytes = b"quine.zip") -> bytes:
    reach = 258 - UNIT  # what goes before and comes behind is filled up to the longest match

    def make(checksum: int) -> bytes:
        def parts(packed: int, size: int) -> Tuple[bytes, bytes]:
            extra = reach - 30 - len(name)
            about = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0x21, checksum, packed, size, len(name),
                                extra)
            before = (b"PK\3\4" + about + name + struct.pack("<HH", 0xffff, extra - 4) +
                      bytes(extra - 4))
            directory = (b"PK\1\2\x14\0" + about[:-2] + struct.pack("<HHHHII", 0, 0, 0, 0, 0, 0) +
                         name)
            comment = reach - UNIT - len(directory) - 22
            at = len(before) + packed
            end = (b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(directory), at, comment) +
                   bytes(comment))
            return before, literal(0, last=True) + directory + end

        before, behind = parts(0, 0)
        size = len(quine(before, behind))
        return quine(*parts(size - len(before) - len(behind) + UNIT, size))

    file = with_own_checksum(make)
    data = file[reach:]
    assert zlib.decompressobj(-15).decompress(data) == file
    return file
