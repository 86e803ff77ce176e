#!/usr/bin/env python3
"""Checks GitLab reports against what GitLab validates and what its pages need.

    tests/gitlab_rules.py FILE…

FILE ends in .gitlab.json (a security report: schema 15.0.7 of container and dependency scanning) or
in .codequality.json.  The schemas here are written after the properties that GitLab demands and are
stricter: a member that is not listed is an error.  Needs no network.  One line per broken rule; exit
status 1 when there is any, 2 when a file cannot be read.
"""
import json
import pathlib
import re
import sys

import jsonschema

TEXT = {"type": "string", "minLength": 1}
URL = {"type": "string", "pattern": "^https?://."}
TIME = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$"}
UUID5 = {"type": "string",
         "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"}


def record(required, optional=None):
    return {"type": "object", "required": list(required), "additionalProperties": False,
            "properties": {**required, **(optional or {})}}


def array(items, **more):
    return {"type": "array", "items": items, **more}


TOOL = record({"id": TEXT, "name": TEXT, "version": TEXT, "vendor": record({"name": TEXT})},
              {"url": URL})
DEPENDENCY = record({"package": record({"name": TEXT}), "version": TEXT})
LOCATION = {
    "container_scanning": record({"dependency": DEPENDENCY, "operating_system": TEXT, "image": TEXT}),
    "dependency_scanning": record({"file": TEXT, "dependency": DEPENDENCY}),
}


def security(kind):
    scan = record({"analyzer": TOOL, "scanner": TOOL, "start_time": TIME, "end_time": TIME,
                   "status": {"enum": ["success", "failure"]}, "type": {"const": kind}},
                  {"messages": array(record({"level": {"enum": ["info", "warn", "fatal"]},
                                             "value": TEXT}))})
    identifier = record({"type": TEXT, "name": TEXT, "value": TEXT}, {"url": URL})
    vulnerability = record(
        {"id": UUID5, "identifiers": array(identifier, minItems=1, maxItems=20),
         "location": LOCATION[kind]},
        {"name": {**TEXT, "maxLength": 255}, "description": {**TEXT, "maxLength": 1 << 20},
         "severity": {"enum": ["Info", "Unknown", "Low", "Medium", "High", "Critical"]},
         "solution": {**TEXT, "maxLength": 7000}, "links": array(record({"url": URL}))})
    root = {"version": {"const": "15.0.7"}, "scan": scan, "vulnerabilities": array(vulnerability)}
    if kind == "dependency_scanning":
        root["dependency_files"] = array({})
    return record(root)


CODE_QUALITY = array(record({
    "type": {"const": "issue"}, "check_name": TEXT, "description": TEXT,
    "categories": array({"const": "Security"}, minItems=1, maxItems=1),
    "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
    "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    "location": record({"path": TEXT, "lines": record({"begin": {"type": "integer", "minimum": 1}})}),
}))


def repeated(values):
    return sorted({value for value in values if values.count(value) > 1})


def check(name, raw):
    document = json.loads(raw)
    bad = []
    if re.search(rb"[^\n\x20-\x7e]", raw):
        bad.append("holds a byte that is no printable ASCII")
    if re.search(rb"##\[|##vso\[|##teamcity\[|^\s*::", raw, re.M):
        bad.append("holds a runner command")
    if name.endswith(".codequality.json"):
        schema, paths = CODE_QUALITY, [issue["location"]["path"] for issue in document]
        bad += [f"fingerprint {one} repeats" for one in
                repeated([issue["fingerprint"] for issue in document])]
    else:
        kind = document["scan"]["type"]
        schema = security(kind)
        found = document["vulnerabilities"]
        paths = [one["location"]["file"] for one in found] if kind == "dependency_scanning" else []
        bad += [f"id {one} repeats" for one in repeated([one["id"] for one in found])]
        bad += [f"first identifier of {one['id']} is not the rule" for one in found
                if one["identifiers"][0]["type"] != "minescan_rule_id"]
        if document["scan"]["end_time"] < document["scan"]["start_time"]:
            bad.append("the scan ends before it starts")
    bad += [f"path {path!r} leaves the repository" for path in paths
            if path.startswith("/") or {"", ".", ".."} & set(path.split("/"))]
    validator = jsonschema.Draft202012Validator(schema)
    bad += [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
            for error in validator.iter_errors(document)]
    return [f"{name}: {one}" for one in bad]


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    broken = []
    for name in sys.argv[1:]:
        try:
            broken += check(name, pathlib.Path(name).read_bytes())
        except (OSError, ValueError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            return 2
    print("\n".join(broken) if broken else f"{len(sys.argv) - 1} GitLab reports follow the rules")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
