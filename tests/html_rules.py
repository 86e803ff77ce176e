#!/usr/bin/env python3
"""Checks that HTML reports hold no markup but minescan's own, and that nothing in them acts.

    tests/html_rules.py FILE…

Every tag and attribute is one of the few that minescan writes, tags nest and end, nothing is fetched,
and the policy in the page allows its one style and nothing else.  One line per broken rule; exit
status 1 when there is any, 2 when a file cannot be read.
"""
import base64
import hashlib
import html.parser
import pathlib
import re
import sys

VOID = {"meta"}
TAGS = {"html": {"lang": "en"}, "head": {}, "title": {}, "style": {}, "body": {},
        "h1": {"class": "verdict (good|doubtful|bad)"}, "h2": {}, "h3": {}, "p": {}, "ul": {}, "li": {},
        "table": {}, "tr": {}, "th": {}, "td": {}, "code": {},
        "article": {"class": "(error|warning|note)"},
        "a": {"href": r"https://[\w./?#=&%+,:~-]+", "rel": "noopener noreferrer"},
        "meta": {"charset": "utf-8", "name": "viewport", "http-equiv": "Content-Security-Policy",
                 "content": ".*"}}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.bad, self.open, self.style, self.policy = [], [], "", ""

    def handle_starttag(self, tag, attributes):
        known = TAGS.get(tag)
        if known is None:
            self.bad.append(f"holds <{tag}>")
            known = {}
        for name, value in attributes:
            if name not in known or not re.fullmatch(known[name], value or "", re.S):
                self.bad.append(f"holds <{tag} {name}={value!r}>")
        if dict(attributes).get("http-equiv"):
            self.policy = dict(attributes).get("content", "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.bad.append(f"</{tag}> closes nothing")

    def handle_comment(self, data):
        self.bad.append(f"holds a comment: {data[:80]!r}")

    def handle_pi(self, data):
        self.bad.append(f"holds an instruction: {data[:80]!r}")

    def unknown_decl(self, data):
        self.bad.append(f"holds a declaration: {data[:80]!r}")

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.style += data


def check(text):
    page = Page()
    page.feed(text)
    page.close()
    bad = page.bad
    if page.open:
        bad.append(f"leaves <{page.open[-1]}> open")
    if not text.startswith("<!DOCTYPE html>\n") or not text.endswith("</html>\n"):
        bad.append("is no whole page")
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    if page.policy != f"default-src 'none'; style-src 'sha256-{digest}'":
        bad.append(f"has another policy: {page.policy!r}")
    if "url(" in page.style or "@import" in page.style:
        bad.append("has a style that fetches")
    if re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]", text):
        bad.append("holds a character that acts")
    return bad


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    broken = []
    for name in sys.argv[1:]:
        try:
            text = pathlib.Path(name).read_bytes().decode()
        except (OSError, ValueError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            return 2
        broken += [f"{name}: {what}" for what in check(text)]
    for line in broken:
        print(line)
    if not broken:
        print(f"{len(sys.argv) - 1} HTML reports follow the rules")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
