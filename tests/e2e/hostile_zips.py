"""Chapter 3.4 of the catalogue: zips of which somebody sees other files than somebody else, and
other archives."""
import binascii
import io
import struct
import zipfile
import zlib
from typing import List, Optional, Sequence

import images
from hostile import EVIL, GOOD, NAME, Elsewhere, Line, clean, found, incomplete, package, row
from hostile_streams import deflated, gz
from hostile_tars import END, EVIL_ENTRY, entry


class Zip:
    """Writes the records of a zip one by one, each as it is told to."""

    def __init__(self, before: bytes = b"") -> None:
        self.data = bytearray(before)
        self.central: List[bytes] = []
        self.places: List[int] = []

    def local(self, name: bytes, body: bytes, method: int = 0, flags: int = 0, *,
              crc: Optional[int] = None, size: Optional[int] = None, packed: Optional[int] = None,
              data: bytes = b"") -> "Zip":
        """A local header and its body; `data` is what the body stands for."""
        plain = data or body
        self.places.append(len(self.data))
        self.data += struct.pack("<IHHHIIIIHH", 0x04034b50, 20, flags, method, 0x21 << 16,
                                 binascii.crc32(plain) if crc is None else crc,
                                 len(body) if packed is None else packed,
                                 len(plain) if size is None else size, len(name), 0)
        self.data += name + body
        return self

    def listed(self, name: bytes, body: bytes, method: int = 0, flags: int = 0, *,
               place: Optional[int] = None, data: bytes = b"", size: Optional[int] = None,
               attributes: int = 0, disk: int = 0) -> "Zip":
        """An entry of the directory, of the last local header or another `place`."""
        plain = data or body
        self.central.append(struct.pack(
            "<IHHHHIIIIHHHHHII", 0x02014b50, 20, 20, flags, method, 0x21 << 16,
            binascii.crc32(plain), len(body), len(plain) if size is None else size, len(name), 0, 0,
            disk, 0, attributes, self.places[-1] if place is None else place) + name)
        return self

    def add(self, name: bytes, body: bytes, method: int = 0, flags: int = 0,
            data: bytes = b"") -> "Zip":
        return self.local(name, body, method, flags, data=data).listed(name, body, method, flags,
                                                                       data=data)

    def end(self, comment: bytes = b"", count: Optional[int] = None, disk: int = 0,
            central_at: Optional[int] = None, zip64: bytes = b"") -> bytes:
        at = len(self.data)
        directory = b"".join(self.central)
        count = len(self.central) if count is None else count
        return bytes(self.data) + directory + zip64 + struct.pack(
            "<IHHHHIIH", 0x06054b50, disk, disk, count, count, len(directory),
            at if central_at is None else central_at, len(comment)) + comment


def good_zip() -> bytes:
    return Zip().add(b"good.sh", GOOD).end()


def evil_zip(method: int = 8) -> bytes:
    return Zip().add(NAME.encode(), deflated(EVIL) if method else EVIL, method, data=EVIL).end()


def eocd_in_comment() -> bytes:
    """Its comment holds another archive's directory and end, which point to the hidden entry."""
    first = Zip().add(b"good.sh", GOOD)
    at = len(first.data)
    first.local(NAME.encode(), EVIL)
    hidden = Zip()
    hidden.places = [at]
    hidden.listed(NAME.encode(), EVIL)
    plain = first.end(b"")
    fake = b"".join(hidden.central)
    fake += struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, 1, 1, len(fake), len(plain), 0)
    return first.end(fake)


def zip64_elsewhere() -> bytes:
    """The end record lists a harmless entry, the zip64 one another directory with the script."""
    archive = Zip().add(b"good.sh", GOOD)
    archive.local(NAME.encode(), EVIL)
    hidden = Zip()
    hidden.places = archive.places[-1:]
    hidden.listed(NAME.encode(), EVIL)
    directory = b"".join(hidden.central)
    at = len(archive.data)
    archive.data += directory
    record_at = len(archive.data) + len(archive.central[0])
    record = struct.pack("<IQHHIIQQQQ", 0x06064b50, 44, 45, 45, 0, 0, 1, 1, len(directory), at)
    locator = struct.pack("<IIQI", 0x07064b50, 0, record_at, 1)
    return archive.end(zip64=record + locator)


def same_data(count: int) -> bytes:
    """One body of 8 MiB under many names: 24 GiB for readers by the directory."""
    plain = bytes(8 << 20)
    body = deflated(plain)
    archive = Zip().local(b"f0", body, 8, data=plain)
    for number in range(count):
        archive.listed(b"f%d" % number, body, 8, data=plain)
    return archive.end()


def fifield(count: int) -> bytes:
    """Local headers quoted by stored blocks in front of one kernel: each entry holds all later ones."""
    kernel = deflated(bytes(1 << 20) + EVIL)
    plain_size = (1 << 20) + len(EVIL)
    tail, entries = b"", []
    names = [b"q%03d" % i for i in range(count)]

    def local(name: bytes, body: bytes, size: int) -> bytes:
        return struct.pack("<IHHHIIIIHH", 0x04034b50, 20, 0, 8, 0x21 << 16, 0, len(body), size,
                           len(name), 0) + name

    body, size = kernel, plain_size
    tail = local(names[-1], body, size) + body
    entries.append((names[-1], len(body), size, len(tail)))
    for name in reversed(names[:-1]):
        head = tail[:30 + 4]
        body = struct.pack("<BHH", 0, len(head), len(head) ^ 0xffff) + tail
        size += len(head)
        tail = local(name, body, size) + body
        entries.append((name, len(body), size, len(tail)))
    directory = b"".join(struct.pack(
        "<IHHHHIIIIHHHHHII", 0x02014b50, 20, 20, 0, 8, 0x21 << 16, 0, packed, size, len(name), 0, 0,
        0, 0, 0, len(tail) - at) + name for name, packed, size, at in entries)
    return tail + directory + struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, count, count,
                                          len(directory), len(tail), 0)


def nested_zips(width: int, depth: int) -> bytes:
    """width ^ depth files of 4 MiB of zeros; each level packs the one below so many times."""
    data = bytes(4 << 20)
    for level in range(depth + 1):
        body = deflated(data)
        archive = Zip()
        for number in range(width if level else 1):
            archive.add(b"%d.zip" % number, body, 8, data=data)
        data = archive.end()
    return data


def png(chunks: Sequence[bytes] = ()) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(
            ">I", binascii.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return (b"\x89PNG\r\n\x1a\n" + head + b"".join(chunk(c[:4], c[4:]) for c in chunks) +
            chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b""))


def wheel() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("p/__init__.py", "")
        archive.writestr("p/" + NAME, EVIL)
        archive.writestr("p-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: p\nVersion: 1\n")
        archive.writestr("p-1.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("p-1.dist-info/RECORD", "p/__init__.py,,\np-1.dist-info/METADATA,,\n"
                         "p-1.dist-info/WHEEL,,\np-1.dist-info/RECORD,,\n")
    return out.getvalue()


def ar(members: Sequence[tuple]) -> bytes:
    out = b"!<arch>\n"
    for name, data in members:
        out += name.ljust(16) + b"0           0     0     100644  " + str(len(data)).encode().ljust(
            10) + b"`\n" + data + (b"\n" if len(data) % 2 else b"")
    return out


def deb() -> bytes:
    return ar([(b"debian-binary", b"2.0\n"), (b"control.tar.xz", images.pack(END, "xz")),
               (b"data.tar.xz", images.pack(EVIL_ENTRY + END, "xz"))])


def cpio_entry(name: bytes, data: bytes, mode: int = 0o100755, links: int = 1) -> bytes:
    head = b"070701" + b"".join(b"%08x" % v for v in (
        1, mode, 0, 0, links, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0))
    out = head + name + b"\0"
    out += bytes(-len(out) % 4)
    return out + data + bytes(-len(data) % 4)


TRAILER = cpio_entry(b"TRAILER!!!", b"", 0)
OTHER = "in its own header"

ROWS: List[Line] = [
    row(60, "two zips behind each other, the script in the first",
        package("a.zip", lambda: evil_zip() + good_zip()), found(NAME)),
    row(60, "two zips behind each other, the script in the last",
        package("a.zip", lambda: good_zip() + evil_zip()), found(NAME)),
    row(61, "a second end record in the comment", package("a.zip", eocd_in_comment),
        found(NAME, "records in its comment")),
    row(62, "a comment of 64 KiB", package("a.zip", lambda: Zip().add(
        NAME.encode(), EVIL).end(b"c" * 65535)), found(NAME)),
    row(62, "the script as the comment", package("a.zip", lambda: Zip().add(
        b"good.sh", GOOD).end(EVIL)), found("")),
    row(63, "a local entry that is not listed", package("a.zip", lambda: Zip().add(
        b"good.sh", GOOD).local(NAME.encode(), EVIL).end()), found(NAME, "does not list")),
    row(64, "two names", package("a.zip", lambda: Zip().local(
        b"good.txt", EVIL).listed(NAME.encode(), EVIL).end()), found("", OTHER)),
    row(64, "two methods", package("a.zip", lambda: Zip().local(
        NAME.encode(), deflated(EVIL), 8, data=EVIL).listed(NAME.encode(), deflated(EVIL), 0).end()),
        found(NAME, "different methods")),
    row(64, "the other two methods", package("a.zip", lambda: Zip().local(
        NAME.encode(), EVIL, 0).listed(NAME.encode(), EVIL, 8).end()),
        found(NAME, "different methods")),
    row(64, "two sizes", package("a.zip", lambda: Zip().local(
        NAME.encode(), deflated(EVIL), 8, data=EVIL, size=7).listed(
            NAME.encode(), deflated(EVIL), 8, data=EVIL, size=9).end()), found(NAME, "sizes")),
    row(64, "a short size in front of a stored body", package("a.zip", lambda: Zip().local(
        NAME.encode(), EVIL, packed=2, size=2).listed(NAME.encode(), EVIL).end()), found("")),
    row(65, "stored by its headers, deflated in truth", package("a.zip", lambda: Zip().local(
        NAME.encode(), deflated(EVIL), 0, data=EVIL, size=len(deflated(EVIL))).listed(
            NAME.encode(), deflated(EVIL), 0, data=EVIL).end()), found(NAME, "deflated")),
    row(66, "3,000 names for one body of 8 MiB", package("a.zip", lambda: same_data(3000)),
        clean("one body under several names"), incomplete("parse.ambiguous")),
    row(67, "250 quoted headers that overlap", package("a.zip", lambda: fifield(250)), found(""),
        incomplete("parse.ambiguous")),
    row(68, "one name twice", package("a.zip", lambda: Zip().add(NAME.encode(), EVIL).add(
        NAME.encode(), GOOD).end()), found(NAME)),
    row(68, "a name that begins with NUL", package("a.zip", lambda: Zip().add(
        b"\0evil.sh", EVIL).end()), found(NAME)),
    row(68, "names that climb out", package("a.zip", lambda: Zip().add(
        b"../../../tmp/evil.sh", EVIL).add(b"C:\\evil.sh", EVIL).end()), found(NAME)),
    row(69, "a program in front", package("a.exe", lambda: Zip(
        images.rogue.fake_miner([])).add(NAME.encode(), EVIL).end()), found(NAME)),
    row(69, "a shell script in front", package("a.sh", lambda: GOOD + evil_zip()), found(NAME)),
    row(69, "a picture in front", package("a.png", lambda: png() + evil_zip()), found(NAME)),
    row(69, "a PDF file in front", package("a.pdf", lambda: b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n" +
                                           evil_zip()), found(NAME)),
    row(69, "a text in front", package("a.txt", lambda: b"Nothing to see here.\n" * 9 + evil_zip()),
        found(NAME)),
    row(69, "a Java module, whose zip has four bytes in front",
        package("a.jmod", lambda: b"JM\1\0" + evil_zip()), found(NAME)),
    row(69, "a picture and junk in front", package("a.png", lambda: png() + bytes(range(256)) * 9 +
                                                   evil_zip()), found(NAME)),
    row(70, "a count that lies", package("a.zip", lambda: Zip().add(b"good.sh", GOOD).add(
        NAME.encode(), EVIL).end(count=1)), found(NAME, "counts 1 entries")),
    row(70, "a zip64 record that points elsewhere", package("a.zip", zip64_elsewhere),
        found(NAME, "zip64")),
    row(71, "stored, with its sizes behind it", package("a.zip", lambda: Zip().local(
        NAME.encode(), EVIL + struct.pack("<IIII", 0x08074b50, binascii.crc32(EVIL), len(EVIL),
                                          len(EVIL)), 0, 8, crc=0, size=0, packed=0).listed(
            NAME.encode(), EVIL, 0, 8).end()), found(NAME)),
    row(72, "a file that is marked as a directory", package("a.zip", lambda: Zip().local(
        b"evil.sh/", EVIL).listed(b"evil.sh/", EVIL, attributes=0x10).end()), found(NAME)),
    row(73, "a password", package("a.zip", lambda: Zip().add(NAME.encode(), EVIL, 0, 1).end()),
        incomplete("decode.encrypted")),
    row(73, "AES", package("a.zip", lambda: Zip().add(NAME.encode(), EVIL, 99, 1).end()),
        incomplete("decode.encrypted")),
    row(73, "a method that nobody knows",
        package("a.zip", lambda: Zip().add(NAME.encode(), deflated(EVIL), 77).end()),
        incomplete("decode.unsupported")),
    row(42, "deflate64", package("a.zip", lambda: Zip().add(NAME.encode(), deflated(EVIL), 9).end()),
        incomplete("decode.unsupported")),
    row(74, "a disk of a set", package("a.zip", lambda: Zip().local(NAME.encode(), EVIL).listed(
        NAME.encode(), EVIL, disk=3).end(disk=5)), found(NAME, "of a set")),
    row(74, "no directory at all", package("a.zip", lambda: bytes(Zip().local(
        NAME.encode(), EVIL).data)), found(NAME)),
    row(74, "no directory and nothing found", package("a.zip", lambda: bytes(Zip().local(
        b"good.sh", GOOD).data)), incomplete("decode.truncated")),
    row(75, "16 zips in each of 16 zips of 4 MiB", package("a.zip", lambda: nested_zips(16, 2)),
        clean()),
    Elsewhere(75, "more of them than a unit may have",
              ["tests/unit/examine/examine_test.cpp: examine: a bomb of zips in zips ends at the unit's limit"]),
    row(76, "a wheel's file that its RECORD does not list", package(
        "p-1-py3-none-any.whl", wheel), found(NAME, "RECORD")),
    row(76, "a second folder beside the package's", package("p-1.tgz", lambda: gz(
        entry("package/index.js", b"1\n") + EVIL_ENTRY + END)), found(NAME)),
    row(77, "a Debian package", package("p.deb", deb), found(NAME)),
    row(77, "cpio entries behind the trailer", package("a.cpio", lambda: cpio_entry(
        b"good.sh", GOOD) + TRAILER + cpio_entry(NAME.encode(), EVIL) + TRAILER), found(NAME)),
    row(78, "RAR with encrypted headers", package("a.rar", lambda: b"Rar!\x1a\x07\x01\x00" + bytes(
        range(256)) * 4), incomplete("decode.unsupported", "decode.encrypted")),
    row(78, "a broken 7z", package("a.7z", lambda: b"7z\xbc\xaf\x27\x1c\0\4" + bytes(range(200))),
        incomplete("decode.unsupported", "decode.corrupt")),
    row(78, "a stub of squashfs", package("a.img", lambda: b"hsqs" + struct.pack(
        "<IIIIHHHHHH", 1, 0, 131072, 0, 1, 17, 0, 1, 4, 0) + b"\xff" * 64),
        incomplete("decode.corrupt", "decode.truncated", "decode.unsupported")),
    row(79, "bodies of links in cpio", package("a.cpio", lambda: cpio_entry(
        b"evil.sh", EVIL, 0o100755, 2) + cpio_entry(b"link", EVIL, 0o120777) + TRAILER),
        found(NAME)),
    row(79, "the script as a symlink's target in cpio", package("a.cpio", lambda: cpio_entry(
        b"evil.sh", EVIL, 0o120777) + TRAILER), found(NAME)),
    row(79, "a long name of ar that is out of range", package("a.a", lambda: ar(
        [(b"//", b"short/\n"), (b"/99999", EVIL)])), found("")),
]
