#pragma once
// Reports made by hand for the reporters' tests: one of each verdict, and one full of names that
// were made to break out.

#include <string>
#include <vector>

#include "model/report.h"
#include "support/judging.h"

namespace minescan::test {

inline const Rule& miner_rule() {
  static const Rule kRule = [] {
    Rule made = rule("MSN1001", seen("xmrig-strings"));
    made.name = "XmrigProgram";
    made.title = "An XMRig miner.";
    made.description = "XMRig is a program that mines Monero. It has no place in an image.";
    made.family = "xmrig";
    made.confidence = Confidence::high;
    made.help = "Find out who added the file, remove it and rebuild from a trusted base.";
    made.references = {"https://attack.mitre.org/techniques/T1496/001/"};
    made.attack = "T1496.001";
    return made;
  }();
  return kRule;
}

inline const Rule& command_rule() {
  static const Rule kRule = [] {
    Rule made = rule("MSN2001", seen("stratum-url"), Scope::view);
    made.name = "MinerCommand";
    made.title = "A command line that starts a miner.";
    made.description = "Whatever runs this connects to a mining pool.";
    made.class_name = "miner-command";
    made.family = "";
    made.help = "Remove the command.";
    made.references = {"not a uri", "https://attack.mitre.org/techniques/T1496/001/"};
    return made;
  }();
  return kRule;
}

inline const Rule& wallet_rule() {
  static const Rule kRule = [] {
    Rule made = rule("MSN4001", seen("wallet-xmr"), Scope::file, Level::note);
    made.name = "MoneroWallet";
    made.title = "A Monero wallet address.";
    made.description = "An address by itself is no miner.";
    made.class_name = "wallet";
    made.family = "";
    made.confidence = Confidence::low;
    made.help = "Nothing, if it asks for donations.";
    return made;
  }();
  return kRule;
}

inline Report empty_report(Artifact::Kind kind, std::string name) {
  Report report;
  report.artifact.kind = kind;
  report.artifact.name = std::move(name);
  report.coverage.units = 1;
  report.coverage.unit_bytes = 1000;
  report.coverage.ledger = {
      .bytes = 512'345'678, .scanned = 512'345'678, .nodes = 21'005, .files = 21'004};
  report.exit_code = 0;
  report.tool_version = "0.1.0";
  report.signatures_digest = "sha256:" + std::string(64, 'a');
  report.rules = {&miner_rule(), &command_rule(), &wallet_rule()};
  report.signatures_count = report.rules.size();
  return report;
}

inline Finding finding(const Rule& rule, Trail where, std::vector<Evidence> evidence) {
  Finding made;
  made.id = "0123456789abcdef";
  made.rule = &rule;
  made.level = rule.level;
  made.path = where.top_path();
  made.trail = std::move(where);
  made.evidence = std::move(evidence);
  made.message = rule.title;
  made.message.pop_back();
  made.message += ", found in '" + made.path + "'.";
  return made;
}

// Two platforms that share a layer with a miner that one of them deletes; a command in a config; a
// script with lines; gaps; an oddity; notes.
inline Report image_report() {
  Report report = empty_report(Artifact::Kind::image, "registry.example:5000/team/app:1.2");
  Artifact& artifact = report.artifact;
  artifact.digest = "sha256:" + std::string(64, '1');
  artifact.notes = {"plain HTTP was used for registry.example:5000"};
  const auto digest = [](char c) { return "sha256:" + std::string(64, c); };
  for (const char c : {'b', 'c', 'd'}) {
    Unit unit;
    unit.kind = Unit::Kind::layer;
    unit.name = "layer " + digest(c);
    unit.digest = digest(c);
    unit.size = 333;
    unit.media_type = "application/vnd.oci.image.layer.v1.tar+gzip";
    artifact.units.push_back(unit);
  }
  Unit config;
  config.kind = Unit::Kind::image_config;
  config.name = "config " + digest('e');
  config.digest = digest('e');
  config.media_type = "application/vnd.oci.image.config.v1+json";
  artifact.units.push_back(config);
  report.coverage.units = 4;

  Image amd;
  amd.digest = digest('2');
  amd.platform = {"linux", "amd64", ""};
  amd.config = 3;
  amd.layers = {{0, digest('b'), digest('3'), "FROM scratch"},
                {1, digest('c'), digest('4'), "COPY x /usr/bin/x"},
                {2, digest('d'), digest('5'), "RUN rm /usr/bin/x"}};
  Image arm = amd;
  arm.digest = digest('6');
  arm.platform = {"linux", "arm64", "v8"};
  arm.config.reset();
  arm.layers.pop_back();
  artifact.images = {amd, arm};

  const Trail layer{{{Step::Kind::unit, artifact.units[1].name}, {Step::Kind::decoder, "gzip"}}};
  const Trail miner = layer / Step{Step::Kind::member, "usr/bin/x"};
  Evidence strings = evidence("xmrig-strings", miner / Step{Step::Kind::view, ".rodata"}, 8000,
                              ViewKind::executable);
  strings.length = 19;
  strings.captures = {{"version", "6.21.0"}};
  strings.excerpt = std::string("\0donate.v2.xmrig.com\0", 21);
  Finding first = finding(miner_rule(), miner, {strings, strings, strings, strings});
  first.digest = "sha256:" + std::string(64, '5');
  first.evidence[3].count = 250;
  first.message =
      "An XMRig miner, found in 'usr/bin/x' of layer 2 of 3 (deleted by layer 3 of 3) "
      "for linux/amd64 and in 1 more place.";
  first.places = {{"linux/amd64", 1, 3, digest('c'), "COPY x /usr/bin/x", State::deleted,
                   "layer 3 of 3: RUN rm /usr/bin/x"},
                  {"linux/arm64/v8", 1, 2, digest('c'), "COPY x /usr/bin/x", State::present, ""}};

  Evidence url = evidence("stratum-url", trail(config.name) / Step{Step::Kind::view, "Entrypoint"},
                          4, ViewKind::argv);
  url.length = 30;
  url.captures = {{"host", "pool.example"}, {"port", "3333"}};
  url.excerpt = "-o stratum+tcp://pool.example:3333";
  Finding second = finding(command_rule(), trail(config.name), {url});
  second.id = "1123456789abcdef";
  second.message =
      "A command line that starts a miner, found in 'Entrypoint' of the image configuration for "
      "linux/amd64.";
  second.places = {{"linux/amd64", 0, 3, "", "", State::present, ""}};

  const Trail readme = layer / Step{Step::Kind::member, "app/README.md"};
  Evidence wallet = evidence("wallet-xmr", readme, 70, ViewKind::document);
  wallet.line = 5;
  wallet.column = 11;
  wallet.length = 95;
  wallet.captures = {{"coin", "XMR"}};
  wallet.excerpt = "donate to 4made-up-address";
  Finding third = finding(wallet_rule(), readme, {wallet});
  third.id = "2123456789abcdef";
  third.places = {{"linux/amd64", 1, 3, digest('c'), "COPY x /usr/bin/x", State::present, ""},
                  {"linux/arm64/v8", 1, 2, digest('c'), "COPY x /usr/bin/x", State::present, ""}};
  static const Context kDocumentation{.id = "documentation", .title = "A text for people."};
  third.context = &kDocumentation;
  report.findings = {first, second, third};
  report.clusters = {{"wallet", "4made-up-address", "XMR", {miner, readme}, {first.id, third.id}}};

  report.coverage.gaps = {
      {{{{Step::Kind::unit, artifact.units[2].name}, {Step::Kind::member, "srv/a.zip"}}},
       GapReason::decode_encrypted,
       "the entry needs a password",
       128,
       13'600},
      {{{{Step::Kind::unit, artifact.units[2].name}, {Step::Kind::member, "srv/b.zip"}}},
       GapReason::parse_ambiguous,
       "two readings",
       0,
       700,
       "--accept-gap parse.ambiguous:srv/*.zip"},
      {{{{Step::Kind::unit, "linux/s390x"}}}, GapReason::net_platform, "left out", 0, 0}};
  report.coverage.complete = false;
  report.anomalies = {{trail(artifact.units[1].name), "the archive goes on behind its end"}};
  report.exit_code = 1;
  return report;
}

inline Report clean_report() {
  Report report = empty_report(Artifact::Kind::tree, "services/app");
  report.signatures_pack = {.name = "example", .version = 12, .made = 0, .key = "0011223344556677"};
  report.coverage.ledger.files = 1;
  report.coverage.ledger.scanned = 999;
  return report;
}

inline Report incomplete_report() {
  Report report = empty_report(Artifact::Kind::package, "/tmp/left-pad-1.0.0.tgz");
  report.artifact.digest = "sha256:" + std::string(64, '7');
  const Trail file{{{Step::Kind::unit, "left-pad-1.0.0.tgz"},
                    {Step::Kind::decoder, "gzip"},
                    {Step::Kind::member, "package/README.md"}}};
  report.findings = {finding(wallet_rule(), file, {evidence("wallet-xmr", file, 9)})};
  for (int i = 0; i < 23; ++i) {
    report.coverage.gaps.push_back(
        {trail("left-pad-1.0.0.tgz", {"package/" + std::to_string(100 + i)}),
         i % 2 == 0 ? GapReason::limit_depth : GapReason::decode_corrupt, "too deep", 0,
         static_cast<std::uint64_t>(i)});
  }
  report.coverage.complete = false;
  report.exit_code = 3;
  return report;
}

inline Report failed_report() {
  Report report = empty_report(Artifact::Kind::image, "registry.example/app");
  report.failures = {{Code::integrity, "layer sha256:00 has other bytes than its digest promises"}};
  report.coverage.complete = false;
  report.exit_code = 2;
  return report;
}

// Two states of a tree: a package that mines at its lockfile's line, a script of the tree itself,
// findings that do not count, a package that could not be fetched.
inline Report gate_report() {
  Report report = empty_report(Artifact::Kind::tree, "services/app");
  report.review =
      Review{.base = "origin/main (commit 0123456789ab)",
             .head = "working tree",
             .files_changed = 3,
             .packages = {
                 {"added", "", "pkg:npm/%40scope/demo@1.2.3", "package-lock.json", 412, "scanned"},
                 {"version", "pkg:npm/left@1.0.0", "pkg:npm/left@1.0.1", "package-lock.json", 500,
                  "not scanned: the registry does not answer"},
                 {"removed", "pkg:npm/right@2.0.0", "", "package-lock.json", 600, "removed"},
                 {"added", "", "pkg:pypi/demo@0.1", "tools/requirements.txt", 7, "scanned"}}};
  const Trail setup = trail("npm:@scope/demo@1.2.3", {"package/setup.js"});
  Evidence url = evidence("stratum-url", setup, 120, ViewKind::script);
  url.line = 9;
  url.column = 3;
  url.length = 33;
  url.captures = {{"host", "pool.example"}, {"port", "3333"}};
  url.excerpt = "run('-o stratum+tcp://pool.example:3333')";
  Finding in_package = finding(command_rule(), setup, {url});
  in_package.package = "pkg:npm/%40scope/demo@1.2.3";
  in_package.lockfile = "package-lock.json";
  in_package.lockfile_line = 412;
  in_package.message =
      "A command line that starts a miner, found in 'package/setup.js' of npm:@scope/demo@1.2.3.";

  const Trail script = trail("slice 1", {"tools/build.sh"});
  Evidence wallet = evidence("wallet-xmr", script, 70, ViewKind::script);
  wallet.line = 5;
  wallet.column = 11;
  wallet.length = 17;
  wallet.excerpt = "WALLET=4made-up-address | sh";
  Finding in_tree = finding(wallet_rule(), script, {wallet});
  in_tree.id = "1123456789abcdef";

  Finding old = finding(miner_rule(), trail("slice 1", {"testdata/miner"}),
                        {evidence("xmrig-strings", trail("slice 1", {"testdata/miner"}), 8)});
  old.id = "2123456789abcdef";
  old.suppressed = Suppression{"baseline", "origin/main (commit 0123456789ab)"};
  const Trail wheel = trail("pypi:demo@0.1 › demo-0.1.tar.gz", {"demo/README.md"});
  Finding ignored = finding(wallet_rule(), wheel, {evidence("wallet-xmr", wheel, 9)});
  ignored.id = "3123456789abcdef";
  ignored.package = "pkg:pypi/demo@0.1";
  ignored.lockfile = "tools/requirements.txt";
  ignored.lockfile_line = 7;
  ignored.suppressed = Suppression{"ignored", "donations of the author, until 2027-01-01"};
  report.findings = {old, in_package, in_tree, ignored};
  report.coverage.units = 3;
  report.coverage.gaps = {
      {trail("npm:left@1.0.1"), GapReason::net_failed, "the registry does not answer", 0, 0}};
  report.coverage.complete = false;
  report.policy_notes = {"entry 2 of .minescan-ignore.yaml expired on 2026-11-01"};
  report.exit_code = 1;
  return report;
}

// Names that were made to break out of a terminal, a CI log, a URI or a JSON string.
inline std::vector<std::string> hostile_names() {
  return {"esc\x1b[31m\x1b]8;;https://e.example\x07",
          "new\nline\r::error::x",
          "::error file=x::y",
          "##vso[task.setvariable]x ##[error]y ##teamcity[z]",
          "bidi\xe2\x80\xaegnp.exe",
          "c1\xc2\x9b"
          "31m",
          "not-utf8\xff\xfe\xc0\xaf",
          std::string("nul\0name", 8),
          "https://e.example/x",
          "../../a",
          "/absolute//./x",
          "C:\\windows\\x",
          "per%20cent?query#fragment",
          "<script>alert(1)</script>",
          "=cmd|' /C calc'!A0",
          "[click](https://e.example)",
          "{0} {1}",
          "quote'quote\"",
          "\xef\xbb\xbf"
          "bom",
          "a b:c",
          "`code` ``two`` *bold* _it_ ~~del~~ | cell | \\| <!-- x --> -->",
          "@everyone #1 GH-1 owner/repo#2 0123456789abcdef0123456789abcdef01234567 www.e.example",
          "<img src=x onerror=alert(1)> <!-- minescan --> &lt;b&gt; &#64;all",
          "100%,file=other:1::error::x%0A::error::y",
          "```\n# heading\n```",
          std::string(4096, 'n'),
          ""};
}

inline Report hostile_report() {
  Report report = empty_report(Artifact::Kind::image, "registry.example/app:1\x1b[0m");
  Unit unit;
  unit.kind = Unit::Kind::layer;
  unit.name = "layer sha256:\x1b";
  report.artifact.units = {unit};
  Image image;
  image.platform = {"li\nnux", "::error::", "\xff"};
  image.layers = {{0, "sha256:\x1b", "", "RUN echo '##vso[x]'\n::warning::y"}};
  report.artifact.images = {image};
  std::size_t number = 0;
  for (const std::string& name : hostile_names()) {
    const Trail where = trail(unit.name, {name});
    Evidence found = evidence("xmrig-strings", where, number);
    found.excerpt = name.substr(0, 200);
    found.captures = {{"host", name.substr(0, 200)}};
    Finding made = finding(miner_rule(), where, {found});
    made.id = "h" + std::to_string(100 + number++);
    made.places = {{image.platform.text(), 0, 1, image.layers[0].digest, image.layers[0].command,
                    State::unreachable, name}};
    report.findings.push_back(made);
    report.coverage.gaps.push_back({where, GapReason::decode_corrupt, name, 0, 1});
    report.anomalies.push_back({where, name});
    report.artifact.notes.push_back(name);
    report.failures.push_back({Code::integrity, name});
  }
  report.coverage.complete = false;
  report.exit_code = 1;
  return report;
}

// The same names in what only a gate's report has.
inline Report hostile_gate_report() {
  Report report = empty_report(Artifact::Kind::tree, "tree\n::error::x");
  report.review = Review{.base = "base\x1b[31m` -->", .head = "head\n@all", .files_changed = 1};
  std::uint32_t number = 0;
  for (const std::string& name : hostile_names()) {
    const Trail where = trail("unit " + name, {name});
    Evidence found = evidence("xmrig-strings", where, number);
    found.line = number;
    found.excerpt = name.substr(0, 200);
    Finding made = finding(miner_rule(), where, {found});
    made.id = "g" + std::to_string(100 + number++);
    made.package = number % 2 == 0 ? name : "pkg:npm/" + name + "@1";
    made.lockfile = name;
    made.lockfile_line = number;
    if (number % 3 == 0) made.suppressed = Suppression{name, name};
    report.findings.push_back(made);
    report.review->packages.push_back({name, name, name + "2", name, number, name});
    report.coverage.gaps.push_back(
        {where, GapReason::net_failed, name, 0, 1, number % 2 == 0 ? name : ""});
    report.policy_notes.push_back(name);
  }
  report.coverage.complete = false;
  report.exit_code = 1;
  return report;
}

}  // namespace minescan::test
