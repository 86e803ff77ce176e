#!/usr/bin/env python3
"""Checks that Markdown reports hold no markup but minescan's own.

    tests/markdown_rules.py FILE…

What stands outside of code spans must be words that no renderer turns into anything: no link, no
mention, no reference, no HTML but the few tags and the one marker that minescan writes.  Where
cmark-gfm is installed the reports are rendered with the extensions that GitHub and GitLab use, and
the HTML is checked too.  One line per broken rule; exit status 1 when there is any, 2 when a file
cannot be read.
"""
import html.parser
import pathlib
import re
import shutil
import subprocess
import sys

MOST = 65536  # of GitHub's comments
MARKER = "<!-- minescan -->"
LINE = re.compile(r"""
    | \#\#\#\ minescan:\ [ A-Za-z0-9,():@]+\ <!--\ minescan\ -->
    | \*\*[A-Za-z0-9,:\ ]+\*\* (\ .*)?
    | (\ \ )?-\ .*
    | \|\ .*\ \|
    | \|---\|---\|---\|---\|
    | <details><summary>[A-Za-z0-9,:\ ]+</summary>
    | </details>
    | (Scanned|[0-9,]+\ failures?,|Compared|What\ to\ do:|Not\ shown\ here:|minescan)\ .*
    """, re.X)
# Outside of code, once minescan's own markup is taken away.
PLAIN = re.compile(r"[A-Za-z0-9 .,:;!?()'\"@\u0080-\U0010ffff-]*")
REFERENCE = re.compile(r"@\w|\bGH-\d|www\.|://|\b[0-9a-f]{7,}\b|#|\b\w+-\d")
TAGS = {"h3", "p", "strong", "ul", "li", "code", "details", "summary", "table", "thead", "tbody",
        "tr", "th", "td"}


def without_code(line):
    """The line with every code span as "@" (which nothing else may be); None when a fence is open."""
    out = ""
    while "`" in line:
        before, fence, rest = re.match(r"([^`]*)(`+)(.*)", line, re.S).groups()
        end = re.search(rf"(?<!`){fence}(?!`)", rest)
        if not end:
            return None
        if not end.start():
            return None  # an empty span is none
        out += before + "@"
        line = rest[end.end():]
    return out + line


def check_source(text):
    bad = []
    if len(text.encode("utf-16-le")) // 2 > MOST:
        bad.append(f"is longer than {MOST} UTF-16 units")
    if re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]", text):
        bad.append("holds a character that acts")
    lines = text.split("\n")
    if not lines[0].endswith(MARKER) or text.count(MARKER) < 1:
        bad.append("has no marker in its first line")
    for number, line in enumerate(lines, 1):
        plain = without_code(line)
        if plain is None:
            bad.append(f"line {number}: a code span does not end")
        elif not LINE.fullmatch(plain):
            bad.append(f"line {number}: is no line of minescan's: {plain[:80]!r}")
        else:
            rest = re.sub(r"^### |^(\s*)- |\*\*|</?details>|</?summary>|^\| | \| | \|$|^\|---.*|"
                          + re.escape(MARKER), " ", plain)
            if not PLAIN.fullmatch(rest) or REFERENCE.search(rest):
                bad.append(f"line {number}: holds markup: {rest[:80]!r}")
    return bad


class Html(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.bad, self.open, self.markers = [], [], 0

    def handle_starttag(self, tag, attributes):
        if tag not in TAGS or attributes:
            self.bad.append(f"renders as <{tag} {attributes}>")
        self.open.append(tag)

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.bad.append(f"</{tag}> closes nothing")

    def handle_comment(self, data):
        self.markers += 1
        if data != " minescan ":
            self.bad.append(f"renders a comment {data!r}")

    def handle_data(self, data):
        if "code" not in self.open and re.search(r"[@#`|\[\]<>*_~\\]", data):
            self.bad.append(f"renders markup as text: {data[:80]!r}")


def check_rendered(text):
    done = subprocess.run(["cmark-gfm", "--unsafe", "-e", "table", "-e", "autolink", "-e",
                           "strikethrough", "-e", "tasklist", "-e", "footnotes"],
                          input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        done = subprocess.run(["cmark-gfm", "--unsafe", "-e", "table", "-e", "autolink", "-e",
                               "strikethrough", "-e", "tasklist"], input=text.encode(),
                              stdout=subprocess.PIPE, check=True)
    parser = Html()
    parser.feed(done.stdout.decode())
    parser.close()
    bad = parser.bad
    if parser.open:
        bad.append(f"leaves <{parser.open[-1]}> open")
    if parser.markers != 1:
        bad.append(f"renders {parser.markers} markers")
    return bad


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    broken = []
    renders = shutil.which("cmark-gfm") is not None
    for name in sys.argv[1:]:
        try:
            text = pathlib.Path(name).read_bytes().decode()
        except (OSError, ValueError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            return 2
        broken += [f"{name}: {bad}" for bad in check_source(text)]
        if renders:
            broken += [f"{name}: {bad}" for bad in check_rendered(text)]
    print("\n".join(broken) if broken else f"{len(sys.argv) - 1} Markdown reports follow the rules"
          + ("" if renders else ", not rendered: there is no cmark-gfm"))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
