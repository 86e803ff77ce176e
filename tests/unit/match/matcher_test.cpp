#include "match/matcher.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <thread>

#include "match/compiled.h"
#include "match/definitions.h"
#include "support/signatures.h"
#include "support/trusted_pack.h"

using namespace minescan;
using namespace minescan::match;

namespace {

std::vector<Match> scan(const std::string& text, ViewKind kind = ViewKind::text) {
  const auto matcher = Matcher::create(test::small_signatures());
  REQUIRE(matcher.has_value());
  std::vector<Match> matches;
  REQUIRE((*matcher)->scan(as_bytes(text), kind, matches).has_value());
  return matches;
}

std::string id(const Match& match) {
  return test::small_signatures()->indicators()[match.indicator].id;
}

// Indicators that look for runs; the rule is there because a set needs one.
std::shared_ptr<const SignatureSet> run_signatures() {
  static const auto set = [] {
    auto compiled = SignatureSet::compile({{"runs.yaml", R"(
- indicator: short
  run: [{of: base58, at_least: 20, at_most: 22}, {of: hex, at_least: 30, at_most: 30}]
  in: [text]
  confirm: '(?:^|[^0-9A-Za-z])(?:key=)?(?P<run>[0-9A-Za-z]{20,30})(?:[^0-9A-Za-z]|$)'
  hits: [aaaaaaaaaaaaaaaaaaaaa]
  misses: [a]
- indicator: long
  run: {of: base58, at_least: 40}
  confirm: 'x{40}'
  hits: [xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx]
  misses: [a]
- rule: MSN1001
  name: One
  title: A.
  description: A.
  class: miner
  level: error
  confidence: high
  when: long
  help: A.
  references: [x]
  attack: T1
  hits: [a]
  misses: [b]
)"}});
    if (!compiled) FAIL(compiled.error().what);
    const auto pack = (*compiled)->to_pack();
    REQUIRE(pack.has_value());
    auto unpacked = SignatureSet::from_pack(test::trusted_pack(*pack));
    if (!unpacked) FAIL(unpacked.error().what);
    return *unpacked;
  }();
  return set;
}

// "short@0+21 long@30+40": what is found in the window, where and how long.
std::string runs_in(const std::string& text, ViewKind kind = ViewKind::text) {
  const auto matcher = Matcher::create(run_signatures());
  REQUIRE(matcher.has_value());
  std::vector<Match> matches;
  REQUIRE((*matcher)->scan(as_bytes(text), kind, matches).has_value());
  std::string list;
  for (const Match& match : matches) {
    list += (list.empty() ? "" : " ") + run_signatures()->indicators()[match.indicator].id + "@" +
            std::to_string(match.start) + "+" + std::to_string(match.length);
  }
  return list;
}

}  // namespace

TEST_CASE("matcher: what confirms all patterns of an indicator is compiled once, not for each") {
  const auto set = run_signatures();
  CHECK(set->indicators()[0].patterns.size() == 2);
  CHECK(set->compiled().confirmations.size() == 2);  // one for each of two indicators
  const Indicator& both = set->indicators()[0];
  const auto of = [&](std::uint32_t pattern) {
    const Expression expression{.indicator = 0, .pattern = pattern};
    return set->compiled().confirmation(both, expression).regex(both, both.patterns[pattern]);
  };
  CHECK(of(0) != nullptr);
  CHECK(of(0) == of(1));
}

TEST_CASE("matcher: a literal is found where it stands") {
  const auto matches = scan("xxMINESCAN-TEST-MARKERyy");
  REQUIRE(matches.size() == 1);
  CHECK(id(matches[0]) == "marker");
  CHECK(matches[0].start == 2);
  CHECK(matches[0].length == 20);
}

TEST_CASE("matcher: of several ends of one match the longest counts, and groups are captured") {
  const auto matches = scan("-o stratum+tcp://pool.example:33333 -u x");
  REQUIRE(matches.size() == 1);
  CHECK(matches[0].length == 32);
  CHECK(matches[0].captures.at("host") == "pool.example");
  CHECK(matches[0].captures.at("port") == "33333");
}

TEST_CASE("matcher: two matches of one indicator side by side are two") {
  CHECK(scan("stratum+tcp://a.example:1111,stratum+tcp://b.example:2222").size() == 2);
}

TEST_CASE("matcher: an indicator counts only in its views") {
  CHECK(scan("usr/bin/xmrig").empty());
  CHECK(scan("usr/bin/xmrig", ViewKind::path).size() == 1);
}

TEST_CASE("matcher: runs are told to those whose lengths, alphabet and views they fit") {
  CHECK(runs_in(std::string(19, 'x')) == "");
  CHECK(runs_in(std::string(20, 'x')) == "short@0+20");
  CHECK(runs_in("key=" + std::string(22, 'x') + ".") == "short@0+27");
  CHECK(runs_in(std::string(22, 'x'), ViewKind::executable) == "");
  CHECK(runs_in(std::string(23, 'x')) == "");  // at_most
  CHECK(runs_in(std::string(30, '0')) == "short@0+30");
  CHECK(runs_in(std::string(31, '0')) == "");
  CHECK(runs_in(std::string(40, 'x')) == "long@0+40");
  CHECK(runs_in(std::string(81, 'x'), ViewKind::executable) == "long@0+40 long@40+40");
}

TEST_CASE("matcher: a run that is found does not hide the one beside it") {
  CHECK(runs_in(std::string(20, 'x') + "  " + std::string(21, 'y') + "  " + std::string(40, 'x')) ==
        "short@0+21 short@21+23 long@45+40");
}

TEST_CASE("matcher: a long run is searched to its end") {
  CHECK(runs_in(std::string(5'000, 'y') + std::string(40, 'x')) == "long@5000+40");
}

TEST_CASE("matcher: windows that share what they must divide a stream without loss or repetition") {
  std::string text(60'000, '.');
  std::vector<std::size_t> planted;
  for (std::size_t at = 7; at + 40 < text.size(); at += 1'003) {
    text.replace(at, 31, "stratum+tcp://pool.example:3333");
    planted.push_back(at);
  }
  const auto matcher = Matcher::create(test::small_signatures());
  REQUIRE(matcher.has_value());
  std::vector<std::size_t> found;
  const std::size_t step = 4'999;
  for (std::size_t from = 0; from < text.size(); from += step) {
    const std::size_t to = std::min(text.size(), from + step);
    const std::size_t begin = from - std::min(from, kBefore);
    const std::size_t end = std::min(text.size(), to + kAfter);
    std::vector<Match> matches;
    REQUIRE((*matcher)
                ->scan(as_bytes(text).subspan(begin, end - begin), ViewKind::text, from - begin,
                       to - begin, matches)
                .has_value());
    for (const Match& match : matches) found.push_back(begin + match.start);
  }
  CHECK(found == planted);
}

TEST_CASE("pack: a packed set is the same set") {
  const auto set = test::small_signatures();
  const auto pack = set->to_pack();
  REQUIRE(pack.has_value());
  const auto unpacked = SignatureSet::from_pack(test::trusted_pack(*pack));
  REQUIRE(unpacked.has_value());
  CHECK((*unpacked)->digest() == set->digest());
  CHECK((*unpacked)->rules().size() == set->rules().size());
  const auto matcher = Matcher::create(*unpacked);
  REQUIRE(matcher.has_value());
  std::vector<Match> matches;
  REQUIRE(
      (*matcher)->scan(as_bytes("MINESCAN-TEST-MARKER"), ViewKind::script, matches).has_value());
  CHECK(matches.size() == 1);
}

TEST_CASE("pack: examples are read when they are asked for, and kept in what is packed again") {
  const auto set = test::small_signatures();
  const auto pack = set->to_pack();
  REQUIRE(pack.has_value());
  const auto without = SignatureSet::from_pack(test::trusted_pack(*pack));
  const auto with = SignatureSet::from_pack(test::trusted_pack(*pack), Examples::with);
  REQUIRE(without.has_value());
  REQUIRE(with.has_value());
  CHECK((*with)->digest() == (*without)->digest());
  CHECK((*without)->indicators().front().hits.empty());
  CHECK((*without)->rules().front().misses.empty());
  CHECK((*with)->indicators().front().hits == set->indicators().front().hits);
  REQUIRE((*with)->rules().front().misses.size() == 1);
  CHECK((*with)->rules().front().misses.front().text == "nothing");
  CHECK((*with)->to_pack() == *pack);
}

TEST_CASE("definitions: examples of other definitions are refused") {
  Definitions two;
  two.indicators.resize(2);
  two.indicators[1].hits = {"a hit"};
  two.rules.resize(1);
  two.rules[0].misses.push_back({.text = "a miss", .view = ViewKind::text, .with = {}});
  const std::string bytes = write_examples(two);
  Definitions same;
  same.indicators.resize(2);
  same.rules.resize(1);
  REQUIRE(read_examples(as_bytes(bytes), same).has_value());
  CHECK(same.indicators[1].hits == two.indicators[1].hits);
  CHECK(same.rules[0].misses.front().text == "a miss");
  Definitions more = two, fewer = two;
  more.indicators.resize(3);
  fewer.rules.clear();
  CHECK(read_examples(as_bytes(bytes), more).error().code == Code::corrupt);
  CHECK(read_examples(as_bytes(bytes), fewer).error().code == Code::corrupt);
  CHECK_FALSE(read_examples(as_bytes(bytes + "x"), same).has_value());
}

TEST_CASE("pack: threads with a matcher each unpack one set's databases together") {
  const auto pack = test::small_signatures()->to_pack();
  REQUIRE(pack.has_value());
  const auto set = SignatureSet::from_pack(test::trusted_pack(*pack));
  REQUIRE(set.has_value());
  constexpr std::array kKinds = {ViewKind::script, ViewKind::executable, ViewKind::path};
  std::array<std::size_t, 4> found{};
  {
    std::vector<std::jthread> threads;
    for (std::size_t& count : found) {
      threads.emplace_back([&set = *set, &count, &kKinds] {
        const auto matcher = Matcher::create(set);
        if (!matcher) return;
        for (const ViewKind kind : kKinds) {
          std::vector<Match> matches;
          if ((*matcher)->scan(as_bytes("MINESCAN-TEST-MARKER"), kind, matches)) {
            count += matches.size();
          }
        }
      });
    }
  }
  for (const std::size_t count : found) CHECK(count == kKinds.size());
}

TEST_CASE("pack: its patterns are not readable as plain strings") {
  const auto pack = test::small_signatures()->to_pack();
  REQUIRE(pack.has_value());
  CHECK(pack->find("MINESCAN-TEST-MARKER") == std::string::npos);
}

TEST_CASE("pack: a damaged pack is refused wherever it is cut") {
  const auto pack = test::small_signatures()->to_pack();
  REQUIRE(pack.has_value());
  for (std::size_t size = 0; size < pack->size(); size += 101) {
    CHECK_FALSE(SignatureSet::from_pack(test::trusted_pack(pack->substr(0, size))).has_value());
  }
}

TEST_CASE("signatures: a directory can be added to a set, but not repeat its ids") {
  const auto base = test::small_signatures();
  const auto more = SignatureSet::extend(
      *base,
      {{"b.yaml", "- indicator: other\n  literal: OTHER-MARKER\n  hits: [a]\n  misses: [b]\n"}});
  REQUIRE(more.has_value());
  CHECK((*more)->indicators().size() == base->indicators().size() + 1);
  CHECK((*more)->digest() != base->digest());
  CHECK_FALSE(SignatureSet::extend(*base, {{"b.yaml", ""}}).has_value());
  CHECK_FALSE(SignatureSet::extend(*base, {{"b.yaml", test::kSmallSignatures}}).has_value());
}
