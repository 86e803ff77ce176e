"""Other scanners, set up to do comparable work: clamscan without signatures, yara with minescan's."""
import itertools
import pathlib
import re
import shutil
import subprocess
import sys
from typing import List, NamedTuple, Sequence, Tuple

import yaml

from measure import ROOT, each_of


def installed(*programs: str) -> bool:
    return all(shutil.which(program) for program in programs)


# --- clamscan --------------------------------------------------------------------------------------


def clamscan(folder: pathlib.Path, paths: Sequence[pathlib.Path]) -> List[str]:
    """A scan of archives by all of clamscan's parsers and next to no signatures: one digest that
    nothing has.  Its limits on sizes are lifted, as it would leave out most of a layer."""
    database = folder / "clamav"
    database.mkdir(exist_ok=True)
    (database / "one.hdb").write_text("0123456789abcdef0123456789abcdef:1048577:Bench.Nothing\n")
    return ["clamscan", "--quiet", "-d", str(database), "--max-filesize=2000M",
            "--max-scansize=2000M", "--max-files=0", "--max-scantime=0", *map(str, paths)]


# --- yara ------------------------------------------------------------------------------------------


class YaraRules(NamedTuple):
    path: pathlib.Path
    taken: int    # patterns
    refused: int  # by YARA, whose regular expressions know less


def as_list(value: object) -> list:
    return value if isinstance(value, list) else [value]


def yara_strings(indicator: dict) -> List[str]:
    """The patterns of one indicator in YARA's words.  Runs, words and whatever confirms a hit have
    no counterpart and are left out, which spares YARA their work."""
    after = " nocase" if indicator.get("caseless") else ""
    found = []
    for pattern in as_list(indicator.get("match", [])):
        # There are no groups without a number in YARA.
        escaped = re.sub(r"(?<!\\)/", r"\\/", pattern.replace("(?:", "("))
        found.append(f"/{escaped}/{after}")
    for text in as_list(indicator.get("literal", [])):
        data = text if isinstance(text, bytes) else str(text).encode()
        shown = "".join(f"\\x{byte:02x}" for byte in data)
        found.append(f'"{shown}"{after}')
    for digits in as_list(indicator.get("hex", [])):
        found.append("{ " + str(digits) + " }")
    return found


def yara_source(strings: Sequence[Tuple[str, str]]) -> str:
    """Rules of (indicator, string) pairs, of which each stands on a line of its own."""
    lines = []
    for name, group in itertools.groupby(strings, key=lambda one: one[0]):
        lines += [f"rule i_{name.replace('-', '_')} {{ strings:"]
        lines += [f"$s{number} = {text}" for number, (_, text) in enumerate(group)]
        lines += ["condition: any of them }"]
    return "\n".join(lines) + "\n"


def yara_rules(folder: pathlib.Path) -> YaraRules:
    """Writes the rules, one for each indicator, and compiles them as YARA's users do."""
    strings = [(one["indicator"], text)
               for path in sorted((ROOT / "signatures").rglob("*.yaml"))
               for one in yaml.safe_load(path.read_text()) if "indicator" in one
               for text in yara_strings(one)]
    source, compiled = folder / "minescan.yar", folder / "minescan.yarc"
    refused = 0
    while True:
        text = yara_source(strings)
        source.write_text(text)
        done = subprocess.run(["yarac", "-w", str(source), str(compiled)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode == 0:
            return YaraRules(compiled, len(strings), refused)
        # Messages name lines; the strings of those lines are left out and the rest is tried again.
        lines = text.splitlines()
        bad = {lines[int(number) - 1].partition(" = ")[2]
               for number in re.findall(r"\.yar\((\d+)\): ", done.stderr)}
        kept = [one for one in strings if one[1] not in bad]
        if len(kept) == len(strings):
            sys.exit(f"bench: yarac refuses {source}: {done.stderr[:500]}")
        refused += len(strings) - len(kept)
        strings = kept


def yara(rules: YaraRules, folder: pathlib.Path, paths: Sequence[pathlib.Path]) -> List[str]:
    """Unpacks the layers into a folder, as YARA reads no archives, and matches the files there."""
    target = folder / "yara-files"
    return ["sh", "-c", 'target=$1 rules=$2; shift 2; rm -rf "$target"; mkdir -p "$target"; '
            'for f; do gzip -dc "$f" | tar -xf - -C "$target" || exit 1; done; '
            'yara -w -C -r "$rules" "$target"', "sh", str(target), str(rules.path),
            *map(str, paths)]


# --- bsdtar, grep ----------------------------------------------------------------------------------


def bsdtar(paths: Sequence[pathlib.Path]) -> List[str]:
    return each_of('bsdtar -xOf "$f"', paths)


def grep(paths: Sequence[pathlib.Path]) -> List[str]:
    """The least that anyone would do by hand."""
    return each_of('igzip -dc "$f" | LC_ALL=C grep -acF stratum+tcp:// >/dev/null; [ $? -le 1 ]',
                   paths)


