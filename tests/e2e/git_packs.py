"""Packs of git as no git writes them."""
import hashlib
import pathlib
import struct
import zlib
from typing import List, Optional, Tuple

KINDS = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}


def object_id(kind: str, data: bytes) -> str:
    return hashlib.sha1(b"%s %d\0" % (kind.encode(), len(data)) + data).hexdigest()


def commit(tree: str, parents: List[str]) -> bytes:
    who = "a <a@team.example> 1700000000 +0000"
    lines = [f"tree {tree}", *(f"parent {one}" for one in parents), f"author {who}",
             f"committer {who}", "", "odd", ""]
    return "\n".join(lines).encode()


def delta(base: int, result: bytes) -> bytes:
    """Of less than 128 bytes, inserted whole."""
    return bytes([base, len(result), len(result)]) + result


class Pack:
    def __init__(self) -> None:
        self.body = bytearray(b"PACK" + struct.pack(">II", 2, 0))
        self.entries: List[Tuple[bytes, int]] = []

    def add(self, name: str, kind: int, size: int, data: bytes, base: bytes = b"") -> int:
        head = [kind << 4 | size & 15]
        size >>= 4
        while size:
            head[-1] |= 0x80
            head.append(size & 0x7f)
            size >>= 7
        offset = len(self.body)
        self.body += bytes(head) + base + data
        self.entries.append((bytes.fromhex(name), offset))
        return offset

    def object(self, kind: str, data: bytes, name: str = "", size: Optional[int] = None) -> str:
        name = name or object_id(kind, data)
        self.add(name, KINDS[kind], len(data) if size is None else size, zlib.compress(data, 1))
        return name

    def of_name(self, name: str, base: str, data: bytes) -> None:
        self.add(name, 7, len(data), zlib.compress(data, 1), bytes.fromhex(base))

    def of_last(self, name: str, data: bytes) -> None:
        distance, digits = len(self.body) - self.entries[-1][1], []
        digits.append(distance & 0x7f)
        while distance >> 7:
            distance = (distance >> 7) - 1
            digits.insert(0, 0x80 | distance & 0x7f)
        self.add(name, 6, len(data), zlib.compress(data, 1), bytes(digits))

    def write(self, git: pathlib.Path) -> pathlib.Path:
        self.body[8:12] = struct.pack(">I", len(self.entries))
        trailer = hashlib.sha1(self.body).digest()
        entries = sorted(self.entries)
        index = b"\xfftOc" + struct.pack(">I256I", 2, *self.counted(entries))
        index += b"".join(name for name, _ in entries) + bytes(4 * len(entries))
        index += b"".join(struct.pack(">I", offset) for _, offset in entries) + trailer
        stem = git / "objects/pack" / ("pack-" + trailer.hex())
        stem.parent.mkdir(exist_ok=True)
        stem.with_suffix(".pack").write_bytes(bytes(self.body) + trailer)
        stem.with_suffix(".idx").write_bytes(index + hashlib.sha1(index).digest())
        return stem

    @staticmethod
    def counted(entries: List[Tuple[bytes, int]]) -> List[int]:
        counts = [0] * 256
        for name, _ in entries:
            counts[name[0]] += 1
        for i in range(1, 256):
            counts[i] += counts[i - 1]
        return counts
