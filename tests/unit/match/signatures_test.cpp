#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "match/matcher.h"
#include "match/signature_set.h"

// The signatures that come with minescan.  `minescan signatures test` runs the rules' examples,
// for which judging is needed; here are the indicators' and what examples cannot say.

using namespace minescan;
namespace fs = std::filesystem;

namespace {

std::shared_ptr<const match::SignatureSet> signatures() {
  static const auto set = [] {
    std::vector<match::SignatureFile> files;
    const fs::path root = fs::path(MINESCAN_SOURCE_DIR) / "signatures";
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      if (entry.path().extension() != ".yaml") continue;
      std::ostringstream text;
      text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      files.push_back({fs::relative(entry.path(), root).string(), text.str()});
    }
    std::sort(files.begin(), files.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    auto compiled = match::SignatureSet::compile(files);
    if (!compiled) FAIL(compiled.error().what);
    return *compiled;
  }();
  return set;
}

const match::Indicator& indicator(std::string_view id) {
  const auto& all = signatures()->indicators();
  const auto found =
      std::find_if(all.begin(), all.end(), [id](const auto& one) { return one.id == id; });
  REQUIRE(found != all.end());
  return *found;
}

bool sees(match::Matcher& matcher, const match::Indicator& wanted, const std::string& text) {
  ViewKind kind = ViewKind::text;
  if (wanted.views != kAllViews) {
    std::size_t first = 0;
    while ((wanted.views & view_bit(static_cast<ViewKind>(first))) == 0) ++first;
    kind = static_cast<ViewKind>(first);
  }
  if (!wanted.words.empty()) {
    auto words = matcher.words(kind);
    REQUIRE(words.has_value());
    if (is_words(kind)) {
      match::Matcher::look_up_words(*words, as_bytes(text), 0);
    } else {
      std::vector<match::Match> matches;
      REQUIRE(matcher.scan(as_bytes(text), kind, 0, text.size(), matches, &*words).has_value());
    }
    const auto found = words->finish(signatures()->indicators());
    return std::any_of(found.begin(), found.end(), [&](const match::WordMatch& match) {
      return &signatures()->indicators()[match.indicator] == &wanted;
    });
  }
  std::vector<match::Match> matches;
  REQUIRE(matcher.scan(as_bytes(text), kind, matches).has_value());
  return std::any_of(matches.begin(), matches.end(), [&](const match::Match& match) {
    return &signatures()->indicators()[match.indicator] == &wanted;
  });
}

std::unique_ptr<match::Matcher> matcher() {
  auto created = match::Matcher::create(signatures());
  REQUIRE(created.has_value());
  return std::move(*created);
}

// The bytes of a literal, which is kept as an expression of letters, digits and \xNN.
std::string literal(const match::Pattern& pattern) {
  std::string bytes;
  for (std::size_t i = 0; i < pattern.regex.size(); ++i) {
    if (pattern.regex[i] != '\\') {
      bytes += pattern.regex[i];
    } else {
      bytes += static_cast<char>(std::stoi(pattern.regex.substr(i + 2, 2), nullptr, 16));
      i += 3;
    }
  }
  return bytes;
}

}  // namespace

TEST_CASE("signatures: every indicator sees its hits and not its misses") {
  const auto scanner = matcher();
  CHECK(signatures()->indicators().size() > 150);
  for (const match::Indicator& one : signatures()->indicators()) {
    CAPTURE(one.id);
    for (const std::string& text : one.hits) CHECK_MESSAGE(sees(*scanner, one, text), text);
    for (const std::string& text : one.misses) CHECK_FALSE_MESSAGE(sees(*scanner, one, text), text);
  }
}

TEST_CASE("signatures: every pool name that is looked for is also confirmed") {
  const auto scanner = matcher();
  for (const char* id : {"pool-host", "pool-host-medium", "pool-host-ambiguous", "mining-service",
                         "campaign-host", "miner-donation-host"}) {
    for (const match::Pattern& pattern : indicator(id).patterns) {
      const std::string host = literal(pattern);
      CAPTURE(host);
      CHECK(sees(*scanner, indicator(id), "-o eu." + host + ":3333 -u x"));
      CHECK_FALSE(sees(*scanner, indicator(id), "-o " + host + "x:3333 -u x"));
      CHECK_FALSE(sees(*scanner, indicator(id), "-o " + host + ".example:3333 -u x"));
    }
  }
}

TEST_CASE("signatures: what a pool's address captures names host and port") {
  std::vector<match::Match> matches;
  REQUIRE(matcher()
              ->scan(as_bytes("x=stratum+tcp://Pool.Example:03333"), ViewKind::script, matches)
              .has_value());
  const auto found = std::find_if(matches.begin(), matches.end(), [](const match::Match& match) {
    return signatures()->indicators()[match.indicator].id == "stratum-url";
  });
  REQUIRE(found != matches.end());
  CHECK(found->captures.at("host") == "pool.example");
  CHECK(found->captures.at("port") == "3333");
}

namespace {

void gather(const Condition& condition, std::set<std::string_view>& indicators) {
  if (condition.kind == Condition::Kind::none) return;
  if (condition.kind == Condition::Kind::indicator) indicators.insert(condition.indicator);
  for (const Condition& part : condition.parts) gather(part, indicators);
}

}  // namespace

TEST_CASE("signatures: where no rule may hold, the contents need no digest") {
  for (const match::RuleSource& source : signatures()->rules()) {
    std::set<std::string_view> all;
    gather(source.rule.when, all);
    CAPTURE(source.rule.id);
    CHECK(signatures()->may_hold(all));
    // What is missing may lie in another file.
    if (source.rule.scope > Scope::file) CHECK(signatures()->may_hold({*all.begin()}));
  }
  CHECK_FALSE(signatures()->may_hold({}));
  // Says of a kernel that it compares with a target, as much code does; alone it means nothing.
  CHECK_FALSE(signatures()->may_hold({"source-target"}));
  // Contexts lower findings and make none.
  CHECK_FALSE(signatures()->may_hold({"block-list", "test-code"}));
}
