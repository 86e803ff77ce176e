#!/usr/bin/env python3
"""Reads every #include in src/ and fails on an arrow that climbs or crosses.

main -> app -> {acquire, examine, judge, review, report, store} -> {unpack, inspect, match, lockfiles} -> model -> base
Rooms on one floor never include one another, and a vendor's header stays in its room.
"""
import pathlib
import re
import sys

FLOORS = [["base"], ["model"], ["unpack", "inspect", "match", "lockfiles"],
          ["acquire", "examine", "judge", "review", "report", "store"], ["app"]]
FLOOR = {room: i for i, rooms in enumerate(FLOORS) for room in rooms}
VENDORS = {
    r"hs(/hs)?\.h|re2/": {"match"},
    r"yaml-cpp/": {"match", "lockfiles", "judge"},
    r"toml\+\+": {"lockfiles", "acquire"},
    r"curl/": {"acquire"},
    r"CLI/": {"app"},
    r"zstd\.h": {"unpack", "match", "store"},
    r"lzma\.h|isa-l": {"unpack", "inspect"},
    r"bzlib\.h|lz4|archive": {"unpack"},
    r"ucl/": {"inspect"},
    r"botan/": {"base", "match", "store"},
    r"git2": {"acquire"},
    r"seccomp|linux/(seccomp|landlock)": {"examine"},
}

def main() -> int:
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve() / "src"
    bad, seen = [], 0
    for path in sorted(root.rglob("*")):
        if path.suffix not in (".h", ".cpp"):
            continue
        relative = path.relative_to(root)
        room = relative.parts[0] if len(relative.parts) > 1 else "main"
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if not match:
                continue
            seen += 1
            where = f"src/{relative}:{number}"
            kind, name = match.groups()
            if kind == '"' and room != "main":
                other = name.split("/")[0]
                if other not in FLOOR:
                    bad.append(f"{where}: {name}: no such room")
                elif other != room and FLOOR[other] >= FLOOR[room]:
                    bad.append(f"{where}: {room} may not include {name}")
            for pattern, rooms in VENDORS.items():
                if kind == "<" and re.match(pattern, name) and room not in rooms:
                    bad.append(f"{where}: <{name}> belongs to {', '.join(sorted(rooms))}")
    print("\n".join(bad) if bad else f"include order: {seen} includes follow the arrows")
    return 1 if bad or not seen else 0

sys.exit(main())
