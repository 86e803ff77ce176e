#!/usr/bin/env python3
"""Validates JSON reports against src/report/report.schema.json.

    tests/report_schema.py FILE…

Stricter than the schema says to its readers: members that it does not know are errors here, so that
a new one cannot be forgotten there, and <name>_base64 must hold other bytes than the text beside it.
"""
import base64
import json
import pathlib
import sys

import jsonschema

SCHEMA = pathlib.Path(__file__).resolve().parent.parent / "src/report/report.schema.json"


def tighten(node):
    if isinstance(node, dict):
        if "properties" in node:
            node["additionalProperties"] = False
            node["patternProperties"] = {"_base64$": {"type": "string"}}
        for value in node.values():
            tighten(value)
    elif isinstance(node, list):
        for value in node:
            tighten(value)


def exact_bytes(node):
    """The texts whose bytes are given twice but do not fit together."""
    if isinstance(node, list):
        return [bad for value in node for bad in exact_bytes(value)]
    if not isinstance(node, dict):
        return []
    bad = [bad for value in node.values() for bad in exact_bytes(value)]
    for key, value in node.items():
        if key.endswith("_base64"):
            text = node.get(key[:-len("_base64")])
            exact = base64.b64decode(value, validate=True)
            try:
                exact.decode("utf-8")
                bad.append(f"{key} is there although the bytes are UTF-8")
            except UnicodeDecodeError:
                if not isinstance(text, str) or "\ufffd" not in text:
                    bad.append(f"{key} stands beside no text that shows broken bytes")
    return bad


def main():
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    tighten(schema)
    validator = jsonschema.Draft202012Validator(schema)
    broken = []
    for name in sys.argv[1:]:
        report = json.loads(pathlib.Path(name).read_text())
        broken += [f"{name}: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
                   for error in validator.iter_errors(report)]
        broken += [f"{name}: {bad}" for bad in exact_bytes(report)]
    print("\n".join(broken) if broken else f"{len(sys.argv) - 1} reports follow the schema")
    return 1 if broken or len(sys.argv) < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
