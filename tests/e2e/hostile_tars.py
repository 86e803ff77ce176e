"""Chapter 3.3 of the catalogue: tars that readers read in different ways, and that claim too much."""
import io
import struct
import tarfile
from typing import Dict, List, Tuple

from hostile import EVIL, GOOD, NAME, Line, found, incomplete, package, row
from hostile_streams import gz

BLOCK = 512
END = bytes(2 * BLOCK)


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % BLOCK)


def header(name: bytes, size: object, kind: bytes = b"0", magic: bytes = b"ustar\x0000",
           target: bytes = b"", prefix: bytes = b"", checksum: int = -1, rest: bytes = b"") -> bytes:
    """A header block; `size` is a number or the twelve bytes of its field."""
    field = size if isinstance(size, bytes) else b"%011o\0" % size
    block = bytearray(BLOCK)

    def put(at: int, data: bytes) -> None:
        block[at:at + len(data)] = data

    put(0, name[:100])
    put(100, b"0000755\0" b"0000000\0" b"0000000\0")
    put(124, field)
    put(136, b"00000000000\0" + b" " * 8 + kind)
    put(157, target[:100])
    put(257, magic)
    put(345, prefix)
    if rest:
        put(BLOCK - len(rest), rest)
    total = sum(block) if checksum < 0 else checksum
    put(148, b"%06o\0 " % total)
    return bytes(block)


def entry(name: str, data: bytes, **fields: object) -> bytes:
    return header(name.encode(), len(data), **fields) + padded(data)


EVIL_ENTRY = entry(NAME, EVIL)
GOOD_ENTRY = entry("good.sh", GOOD)


def pax(records: List[Tuple[str, str]], kind: bytes = b"x") -> bytes:
    body = b""
    for keyword, value in records:
        rest = f" {keyword}={value}\n".encode()
        size = len(rest) + len(str(len(rest)))
        size += len(str(size)) - len(str(len(rest)))
        body += str(size).encode() + rest
    return pax_raw(body, kind)


def pax_raw(body: bytes, kind: bytes = b"x") -> bytes:
    return header(b"PaxHeaders/x", len(body), kind) + padded(body)


def deep_path() -> bytes:
    path = "d/" * 4000 + NAME
    return pax([("path", path)]) + EVIL_ENTRY + END


def many_entries() -> bytes:
    return b"".join(entry(f"f{i}", b"x") for i in range(20000)) + EVIL_ENTRY + END


def gnu_sparse_tib() -> bytes:
    """An old GNU sparse file of 1 TiB of which one region is stored."""
    size = 1 << 40
    base256 = b"\x80" + size.to_bytes(11, "big")
    where = base256 + b"%011o\0" % len(EVIL)
    block = bytearray(header(NAME.encode(), len(EVIL), b"S", b"ustar  \0"))
    block[386:386 + len(where)] = b"%011o\0" % 0 + b"%011o\0" % len(EVIL)
    block[483:483 + 12] = base256
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + padded(EVIL) + END


def sparse_map_bomb() -> bytes:
    body = b"1000000000\n" + b"0\n1\n" * 300
    return (pax([("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"),
                 ("GNU.sparse.name", "s"), ("GNU.sparse.realsize", "99999999")]) +
            header(b"s", len(body)) + padded(body) + EVIL_ENTRY + END)


def link(kind: bytes) -> bytes:
    return entry(NAME, EVIL, kind=kind, target=b"elsewhere") + GOOD_ENTRY + END


def with_links(names: Dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, data in names.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            if name.endswith("@"):
                info.type, info.linkname, info.size = tarfile.SYMTYPE, "/etc", 0
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def types(letters: bytes) -> bytes:
    """A good entry of each type, then the script as a file of the last of them."""
    return b"".join(entry(f"t{chr(k)}", GOOD, kind=bytes([k])) for k in letters) + entry(
        NAME, EVIL, kind=letters[-1:]) + END


BEHIND = "behind its end marker"
ROWS: List[Line] = [
    row(44, "entries behind the two zero blocks",
        package("a.tar.gz", lambda: gz(GOOD_ENTRY + END + EVIL_ENTRY + END)), found(NAME, BEHIND)),
    row(44, "the same in a tar that is not packed",
        package("a.tar", lambda: GOOD_ENTRY + END + EVIL_ENTRY + END), found(NAME, BEHIND)),
    row(44, "junk behind the end, then entries",
        package("a.tar", lambda: GOOD_ENTRY + END + b"junk" * 300 + bytes(336) + EVIL_ENTRY + END),
        found(NAME)),
    row(44, "a tar in gzip members behind the end of another",
        package("a.tar.gz", lambda: gz(GOOD_ENTRY + END) + gz(EVIL_ENTRY + END)), found(NAME)),
    row(45, "a lone zero block, then entries",
        package("a.tar.gz", lambda: gz(GOOD_ENTRY + bytes(BLOCK) + EVIL_ENTRY + END)),
        found(NAME, "lone zero block")),
    row(45, "a lone zero block in front",
        package("a.tar.gz", lambda: gz(bytes(BLOCK) + EVIL_ENTRY + END)), found(NAME)),
    row(45, "the script itself behind a lone zero block and the end",
        package("a.tar.gz", lambda: gz(GOOD_ENTRY + END + EVIL)), found("")),
    row(46, "a name that begins with NUL and has only a prefix", package(
        "a.tar.gz", lambda: gz(header(b"", len(EVIL), prefix=b"evil.sh") + padded(EVIL) + END)),
        found(NAME)),
    row(47, "a pax size that is larger", package("a.tar.gz", lambda: gz(
        pax([("size", "1536")]) + header(b"good.sh", 0) + EVIL_ENTRY + END)),
        found("", "its extended header one of")),
    row(47, "a pax size of zero", package("a.tar.gz", lambda: gz(
        pax([("size", "0")]) + EVIL_ENTRY + GOOD_ENTRY + END)),
        found("", "its extended header one of")),
    row(47, "a pax size that hides an entry as another one's body", package("a.tar.gz", lambda: gz(
        pax([("size", str(BLOCK + len(padded(EVIL))))]) + header(b"data.png", 10) +
        padded(b"0123456789") + EVIL_ENTRY + GOOD_ENTRY + END)),
        found("", "its extended header one of")),
    row(48, "two pax paths", package("a.tar.gz", lambda: gz(
        pax([("path", "one"), ("path", NAME)]) + EVIL_ENTRY + END)), found(NAME, "twice")),
    row(48, "a global pax path", package("a.tar.gz", lambda: gz(
        pax([("path", NAME)], b"g") + entry("other", EVIL) + END)), found(NAME, "for all entries")),
    row(48, "a pax record of a wrong length", package("a.tar.gz", lambda: gz(
        pax_raw(b"999 path=x\n") + EVIL_ENTRY + END)), found(NAME, "wrong length")),
    row(49, "a long name that claims 2 GiB", package("a.tar", lambda: header(
        b"././@LongLink", 2 << 30, b"L", b"ustar  \0") + EVIL_ENTRY + END),
        found(NAME), incomplete("limit.memory")),
    row(50, "a negative size", package("a.tar", lambda: header(
        b"n", b"\xff" * 12) + EVIL_ENTRY + END), found(NAME, "size")),
    row(50, "a size of 2^60", package("a.tar", lambda: header(
        b"n", b"\x80" + (1 << 60).to_bytes(11, "big")) + EVIL_ENTRY + END), found(NAME, "size")),
    row(50, "a size of garbage", package("a.tar.gz", lambda: gz(header(
        b"n", b"!@#$%^&*()_+") + EVIL_ENTRY + END)), found(NAME, "size")),
    row(50, "a size of 2^60 and nothing behind it", package("a.tar", lambda: header(
        b"n", b"\x80" + (1 << 60).to_bytes(11, "big")) + padded(GOOD)),
        incomplete("parse.ambiguous")),
    row(51, "a bad checksum, then a good header", package("a.tar.gz", lambda: gz(
        header(b"good.sh", len(GOOD), checksum=1) + padded(GOOD) + EVIL_ENTRY + END)),
        found(NAME, "no header")),
    row(51, "a bad checksum of the script's own header", package("a.tar.gz", lambda: gz(
        GOOD_ENTRY + header(NAME.encode(), len(EVIL), checksum=1) + padded(EVIL) + END)),
        found("", "no header")),
    row(52, "an entry cut short", package("a.tar", lambda: entry("f", GOOD * 40)[:-BLOCK]),
        incomplete("decode.truncated")),
    row(53, "a body on a hard link", package("a.tar.gz", lambda: gz(link(b"1"))),
        found(NAME, "should have no body")),
    row(53, "a body on a symlink", package("a.tar.gz", lambda: gz(link(b"2"))),
        found(NAME, "should have no body")),
    row(53, "a body on a directory", package("a.tar.gz", lambda: gz(link(b"5"))),
        found(NAME, "should have no body")),
    row(53, "a body on a FIFO", package("a.tar.gz", lambda: gz(link(b"6"))),
        found(NAME, "should have no body")),
    row(53, "an unknown type", package("a.tar.gz", lambda: gz(link(b"Q"))), found(NAME, "unknown type")),
    row(54, "a hard link to a later entry", package("a.tar.gz", lambda: gz(
        header(b"first", 0, b"1", target=NAME.encode()) + EVIL_ENTRY + END)), found(NAME)),
    row(55, "one path twice, the last copy harmless", package("a.tar.gz", lambda: gz(
        EVIL_ENTRY + entry(NAME, GOOD) + END)), found(NAME)),
    row(56, "a sparse file of 1 TiB", package("a.tar", gnu_sparse_tib), found(NAME)),
    row(56, "a sparse map of a thousand million regions",
        package("a.tar.gz", lambda: gz(sparse_map_bomb())), found(NAME)),
    row(57, "4,000 levels", package("a.tar.gz", lambda: gz(deep_path())), found(NAME)),
    row(57, "a name of 1 MiB", package("a.tar.gz", lambda: gz(
        pax([("path", "n" * (1 << 20) + NAME)]) + EVIL_ENTRY + END)), found(""),
        incomplete("limit.memory")),
    row(57, "20,000 entries", package("a.tar.gz", lambda: gz(many_entries())), found(NAME)),
    row(58, "names that climb out and absolute ones", package("a.tar", lambda: with_links(
        {"../../tmp/hostile-evil.sh": EVIL, "/tmp/hostile-evil.sh": EVIL})), found(NAME)),
    row(58, "a name through a symlink", package("a.tar", lambda: with_links(
        {"l@": b"", "l@/evil.sh": EVIL})), found(NAME)),
    row(59, "volumes, old names and Solaris' types", package("a.tar", lambda: types(b"MVNAX0")),
        found(NAME)),
    row(59, "the script as an entry of a multi-volume type", package("a.tar", lambda: types(b"M")),
        found(NAME, "unknown type")),
    row(59, "v7 and star headers", package("a.tar", lambda: entry(
        "good.sh", GOOD, magic=b"") + entry(NAME, EVIL, magic=b"ustar\x0000", rest=b"tar\0") + END),
        found(NAME)),
    row(59, "the script as the record of a Solaris access list", package("a.tar", lambda: entry(
        "acl", EVIL, kind=b"A") + GOOD_ENTRY + END), found("acl", "unknown type")),
]
