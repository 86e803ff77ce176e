#!/usr/bin/env python3
"""Checks SARIF logs against what code-scanning services require beyond the JSON schema.

    tests/sarif_rules.py FILE…

GitHub's required properties and limits, its rules for locations, the rules of the SARIF 2.1.0
specification that a schema cannot express, and minescan's own: nothing in a log may be a runner
command, an escape sequence or a path of this machine.  Needs no network.  One line per broken rule;
exit status 1 when there is any, 2 when a file cannot be read.
"""
import json
import re
import sys

LEVELS = ("none", "note", "warning", "error")
PRECISIONS = ("very-high", "high", "medium", "low")
UTC = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z$")
URI_PATH = re.compile(r"^(?:[A-Za-z0-9\-._~!$&'()*+,;=@/]|%[0-9A-F]{2})+$")
ABSOLUTE = re.compile(r"^https?://[A-Za-z0-9.\-]+(:\d+)?(/[A-Za-z0-9\-._~:/?#@!$&'()*+,;=%]*)?$")
# What the specification lists as required, by property name of the object.
REQUIRED = {
    "tool": ["driver"], "driver": ["name"], "message": ["text"], "help": ["text"],
    "shortDescription": ["text"], "fullDescription": ["text"], "artifactLocation": ["uri"],
}


class Checker:
    def __init__(self, name):
        self.name, self.broken = name, []

    def need(self, holds, where, what):
        if not holds:
            self.broken.append(f"{self.name}: {where}: {what}")
        return holds

    def text(self, holder, key, where, most=None):
        value = holder.get(key) if isinstance(holder, dict) else None
        if not self.need(isinstance(value, str) and value.strip() != "", f"{where}.{key}",
                         "must be a text that is not empty"):
            return ""
        if most is not None:
            self.need(len(value) <= most, f"{where}.{key}", f"is longer than {most}")
        return value

    def number(self, holder, key, where, least):
        value = holder.get(key)
        self.need(isinstance(value, int) and not isinstance(value, bool) and value >= least,
                  f"{where}.{key}", f"must be a whole number, at least {least}")
        return value if isinstance(value, int) else least

    # --- everywhere

    def strings(self, node, where):
        if isinstance(node, dict):
            for key, value in node.items():
                for needed in REQUIRED.get(key, []):
                    if isinstance(value, dict):
                        self.need(needed in value, f"{where}.{key}", f"lacks {needed}")
                self.strings(value, f"{where}.{key}")
        elif isinstance(node, list):
            for i, value in enumerate(node):
                self.strings(value, f"{where}[{i}]")
        elif isinstance(node, str):
            bad = re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
                            r"\ufeff]", node)
            self.need(bad is None, where, f"holds a character that acts: {bad and bad[0]!r}")
            self.need("\\ud" not in node and not re.search("[\ud800-\udfff]", node), where,
                      "holds half a surrogate pair")

    def unique(self, items, where):
        texts = [json.dumps(item, sort_keys=True) for item in items]
        self.need(len(texts) == len(set(texts)), where, "repeats an element")

    def message(self, message, where):
        text = self.text(message, "text", where)
        self.need(text.endswith("."), where, "must end in a full stop")
        arguments = message.get("arguments", []) if isinstance(message, dict) else []
        plain = text.replace("{{", "").replace("}}", "")
        for number in re.findall(r"\{(\d+)\}", plain):
            self.need(int(number) < len(arguments), where, f"placeholder {{{number}}} without argument")
        for link in re.findall(r"(?<!\\)\[[^\[\]]*\]\(([^)]*)\)", text):
            self.need(link.isdigit(), where, f"links to {link!r}")

    # --- the parts

    def rule(self, rule, where):
        identifier = self.text(rule, "id", where)
        if "name" in rule:
            name = self.text(rule, "name", where, 255)
            self.need(name != identifier, where, "name equals id")
            self.need(re.fullmatch(r"([A-Z][a-z0-9]*)+", name), where, "name is not PascalCase")
        for key in ("shortDescription", "fullDescription"):
            text = self.text(rule.get(key, {}), "text", f"{where}.{key}", 1024)
            self.need(text.endswith("."), f"{where}.{key}", "must end in a full stop")
        self.text(rule.get("help", {}), "text", f"{where}.help")
        if "helpUri" in rule:
            self.need(ABSOLUTE.match(rule["helpUri"]), f"{where}.helpUri", "is not an absolute URI")
        level = rule.get("defaultConfiguration", {}).get("level")
        self.need(level in LEVELS, where, "defaultConfiguration.level is not a level")

    def rule_properties(self, rule, where):
        properties = rule.get("properties", {})
        tags = properties.get("tags", [])
        self.need("security" in tags, where, "lacks the tag security")
        self.need(len(tags) <= 10, where, "more than 10 tags are not shown")
        self.unique(tags, f"{where}.tags")
        self.need(properties.get("precision") in PRECISIONS, where, "precision is none of GitHub's")
        severity = properties.get("security-severity")
        good = isinstance(severity, str) and re.fullmatch(r"\d+\.\d", severity or "")
        if self.need(good, where, "security-severity must be a decimal in a text"):
            self.need(0 < float(severity) <= 10, where, "security-severity is out of (0, 10]")

    def uri(self, uri, where):
        self.need(isinstance(uri, str) and URI_PATH.match(uri or ""), where,
                  f"is no percent-encoded relative path: {str(uri)[:80]!r}")
        parts = str(uri).split("/")
        self.need("" not in parts, where, "has an empty part or a leading slash")
        self.need(not {".", ".."} & set(parts), where, "has a part of dots")

    def location(self, location, where, bases):
        physical = location.get("physicalLocation")
        if not self.need(isinstance(physical, dict), where, "lacks physicalLocation"):
            return
        artifact = physical.get("artifactLocation", {})
        self.uri(artifact.get("uri"), f"{where}.uri")
        if "uriBaseId" in artifact:
            self.need(artifact["uriBaseId"] in bases, where, "uriBaseId is not defined")
        region = physical.get("region", {})
        start, end = (self.number(region, key, where, 1) for key in ("startLine", "endLine"))
        left, right = (self.number(region, key, where, 1) for key in ("startColumn", "endColumn"))
        self.need((end, right) >= (start, left), where, "region ends before it starts")
        for logical in location.get("logicalLocations", []):
            self.text(logical, "fullyQualifiedName", where)
        if "message" in location:
            self.message(location["message"], f"{where}.message")

    def result(self, result, where, rules, bases):
        identifier = self.text(result, "ruleId", where)
        index = self.number(result, "ruleIndex", where, 0)
        if self.need(index < len(rules), where, "ruleIndex is out of range"):
            own = rules[index]["id"]
            self.need(identifier == own or identifier.startswith(own + "/"), where,
                      "ruleId is not the id at ruleIndex")
        self.need(result.get("level") in LEVELS, where, "level is missing or unknown")
        if result.get("kind", "fail") != "fail":
            self.need(result.get("level", "none") == "none", where, "level with a kind but fail")
        self.message(result.get("message"), f"{where}.message")
        locations = result.get("locations", [])
        self.need(1 <= len(locations) <= 1000, where, "needs 1 to 1,000 locations")
        for key in ("locations", "relatedLocations"):
            for i, location in enumerate(result.get(key, [])):
                self.location(location, f"{where}.{key}[{i}]", bases)
        self.unique(result.get("relatedLocations", []), f"{where}.relatedLocations")
        hash_ = result.get("partialFingerprints", {}).get("primaryLocationLineHash", "")
        self.need(re.fullmatch(r"[0-9a-f]{1,16}:[1-9]\d*", hash_), where,
                  "primaryLocationLineHash must be hex:count")
        rank = result.get("rank", -1)
        self.need(rank == -1 or 0 <= rank <= 100, where, "rank is out of 0..100")

    def notification(self, notification, where, descriptors):
        self.message(notification.get("message"), f"{where}.message")
        self.need(notification.get("level") in LEVELS, where, "level is missing or unknown")
        descriptor = notification.get("descriptor", {})
        index = self.number(descriptor, "index", where, 0)
        if self.need(index < len(descriptors), where, "descriptor.index is out of range"):
            self.need(descriptors[index]["id"] == descriptor.get("id"), where,
                      "descriptor.id is not the id at its index")

    def invocation(self, invocation, where, descriptors):
        self.need(isinstance(invocation.get("executionSuccessful"), bool), where,
                  "lacks executionSuccessful")
        for key in ("startTimeUtc", "endTimeUtc"):
            if key in invocation:
                self.need(UTC.match(invocation[key]), f"{where}.{key}", "is not UTC with a Z")
        if "startTimeUtc" in invocation and "endTimeUtc" in invocation:
            self.need(invocation["endTimeUtc"] >= invocation["startTimeUtc"], where,
                      "ends before it starts")
        worst = False
        for i, one in enumerate(invocation.get("toolExecutionNotifications", [])):
            self.notification(one, f"{where}.toolExecutionNotifications[{i}]", descriptors)
            worst = worst or one.get("level") == "error"
        self.need(not (worst and invocation.get("executionSuccessful")), where,
                  "errors while scanning, but executionSuccessful")

    def driver(self, driver, where):
        name = self.text(driver, "name", where)
        self.need(len(name.split()) <= 3, where, "name has more than three words")
        for key in ("version", "semanticVersion"):
            value = self.text(driver, key, where)
            self.need(re.match(r"\d", value), f"{where}.{key}", "does not start with a digit")
        self.text(driver, "fullName", where)
        self.need(ABSOLUTE.match(driver.get("informationUri", "")), where,
                  "informationUri is not an absolute URI")
        rules = driver.get("rules")
        if not self.need(isinstance(rules, list), where, "lacks rules"):
            return []
        self.need(len(rules) <= 25000, where, "has more than 25,000 rules")
        for i, rule in enumerate(rules):
            self.rule(rule, f"{where}.rules[{i}]")
            self.rule_properties(rule, f"{where}.rules[{i}]")
        for i, descriptor in enumerate(driver.get("notifications", [])):
            self.rule(descriptor, f"{where}.notifications[{i}]")
        for key in ("rules", "notifications"):
            self.unique([one.get("id") for one in driver.get(key, [])], f"{where}.{key}")
        return rules

    def run(self, run, where):
        driver = run.get("tool", {}).get("driver", {})
        rules = self.driver(driver, f"{where}.tool.driver")
        category = self.text(run.get("automationDetails", {}), "id", f"{where}.automationDetails")
        self.need(re.fullmatch(r"minescan/([a-z0-9-]+/)+", category), where,
                  "automationDetails.id is not slugs that end in a slash")
        self.need(run.get("columnKind") == "utf16CodeUnits", where, "columnKind is not utf16CodeUnits")
        bases = run.get("originalUriBaseIds", {})
        for name, base in bases.items():
            self.need("uri" not in base, where, f"{name} names a place on this machine")
        invocations = run.get("invocations", [])
        self.need(len(invocations) == 1, where, "needs one invocation")
        for one in invocations:
            self.invocation(one, f"{where}.invocations[0]", driver.get("notifications", []))
        results = run.get("results")
        if self.need(isinstance(results, list), where, "lacks results"):
            self.need(len(results) <= 5000, where, "has more than 5,000 results")
            for i, result in enumerate(results):
                self.result(result, f"{where}.results[{i}]", rules, bases)
        return category

    def log(self, raw):
        self.need(not raw.startswith(b"\xef\xbb\xbf"), "file", "starts with a byte order mark")
        self.need(re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", raw) is None, "file",
                  "holds raw control bytes")
        self.need(re.search(rb"##\[|##vso\[|##teamcity\[|^\s*::", raw, re.M) is None, "file",
                  "holds a runner command")
        log = json.loads(raw.decode("utf-8"))
        self.need(log.get("version") == "2.1.0", "log", "version is not 2.1.0")
        self.need(str(log.get("$schema", "")).endswith("sarif-schema-2.1.0.json"), "log",
                  "$schema is not the final one")
        runs = log.get("runs", [])
        self.need(1 <= len(runs) <= 20, "log", "needs 1 to 20 runs")
        self.unique([self.run(run, f"runs[{i}]") for i, run in enumerate(runs)], "categories")
        self.strings(log, "log")


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    broken = []
    for name in sys.argv[1:]:
        checker = Checker(name)
        try:
            with open(name, "rb") as file:
                checker.log(file.read())
        except (OSError, ValueError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            return 2
        broken += checker.broken
    print("\n".join(broken) if broken else f"{len(sys.argv) - 1} SARIF logs follow the rules")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
