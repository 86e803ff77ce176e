#include "match/words.h"

#include <doctest/doctest.h>

#include <string>

#include "match/matcher.h"
#include "match/signature_set.h"
#include "support/trusted_pack.h"

using namespace minescan;
using namespace minescan::match;

namespace {

std::string file_with(const std::string& words,
                      const std::string& in = "executable, code, gpu_code") {
  return "- indicator: constants\n  words: " + words + "\n  in: [" + in + R"(]
  hits: ['a1b2c3d4']
  misses: ['01020304']
- rule: MSN1001
  name: One
  title: A.
  description: A.
  class: miner
  level: error
  confidence: high
  when: constants
  help: A.
  references: [x]
  attack: T1
  hits: [a]
  misses: [b]
)";
}

std::shared_ptr<const SignatureSet> set_of(const std::string& words) {
  auto compiled = SignatureSet::compile({{"words.yaml", file_with(words)}});
  if (!compiled) FAIL(compiled.error().what);
  // As it comes out of a pack, which is where most programs get it from.
  const auto pack = (*compiled)->to_pack();
  REQUIRE(pack.has_value());
  auto unpacked = SignatureSet::from_pack(test::trusted_pack(*pack));
  if (!unpacked) FAIL(unpacked.error().what);
  return *unpacked;
}

std::string refused(const std::string& words, const std::string& in = "code") {
  const auto compiled = SignatureSet::compile({{"a.yaml", file_with(words, in)}});
  REQUIRE_FALSE(compiled.has_value());
  return compiled.error().what;
}

std::string little(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

// How many words are seen in one place, given `bytes` in pieces of `step`.
std::size_t seen(const std::string& words, const std::string& bytes, ViewKind kind,
                 std::size_t step = std::size_t{1} << 20) {
  const auto set = set_of(words);
  const auto matcher = Matcher::create(set);
  REQUIRE(matcher.has_value());
  auto view = (*matcher)->words(kind);
  REQUIRE(view.has_value());
  for (std::size_t from = 0; from < bytes.size(); from += step) {
    const std::size_t to = std::min(bytes.size(), from + step);
    if (is_words(kind)) {
      Matcher::look_up_words(*view, as_bytes(bytes).subspan(from, to - from), from);
      continue;
    }
    // As windows are: with a little on either side.
    const std::size_t first = from - std::min<std::size_t>(from, 100);
    const std::size_t last = std::min(bytes.size(), to + 100);
    std::vector<Match> matches;
    REQUIRE((*matcher)
                ->scan(as_bytes(bytes).subspan(first, last - first), kind, from - first, to - first,
                       matches, &*view, from)
                .has_value());
  }
  const auto found = view->finish(set->indicators());
  return found.empty() ? 0 : found[0].words.size();
}

const std::string kThree = "{at_least: 1, of: ['a1b2c3d4', '5e6f7a8b', '1122334455667788']}";

}  // namespace

TEST_CASE("words: a value counts at any place of a program, and once") {
  CHECK(seen(kThree, "x" + little(0xa1b2c3d4, 4), ViewKind::executable) == 1);
  CHECK(seen(kThree, little(0xa1b2c3d4, 4) + "yyy" + little(0xa1b2c3d4, 4), ViewKind::executable) ==
        1);
  CHECK(seen(kThree, little(0xa1b2c3d4, 4) + "yyy" + little(0x5e6f7a8b, 4), ViewKind::executable) ==
        2);
  CHECK(seen(kThree, little(0xa1b2c3d5, 4), ViewKind::executable) == 0);
}

TEST_CASE("words: negated, inverted and byte-swapped values are the same word") {
  for (const std::uint32_t value : {0xa1b2c3d4u, 0u - 0xa1b2c3d4u, ~0xa1b2c3d4u, 0xd4c3b2a1u}) {
    CHECK(seen(kThree, little(value, 4), ViewKind::executable) == 1);
    CHECK(seen(kThree, little(value, 4), ViewKind::gpu_code) == 1);
  }
}

TEST_CASE("words: both halves of 64 bits are needed, wherever they are") {
  CHECK(seen(kThree, little(0x1122334455667788, 8), ViewKind::executable) == 1);
  CHECK(seen(kThree, little(0x11223344, 4) + "code" + little(0x55667788, 4),
             ViewKind::executable) == 1);
  CHECK(seen(kThree, little(0x11223344, 4), ViewKind::executable) == 0);
  // A half of two zero bytes says nothing by itself.
  CHECK(seen("{at_least: 1, of: ['0000000055667788']}", little(0x55667788, 4),
             ViewKind::gpu_code) == 1);
}

TEST_CASE("words: numbers of code lie at multiples of four") {
  CHECK(seen(kThree, "abcd" + little(0xa1b2c3d4, 4), ViewKind::gpu_code) == 1);
  CHECK(seen(kThree, "abcde" + little(0xa1b2c3d4, 4) + "xyz", ViewKind::gpu_code) == 0);
}

TEST_CASE("words: only what lies in one place of a program counts together") {
  const std::string two = little(0xa1b2c3d4, 4), three = little(0x5e6f7a8b, 4);
  CHECK(seen(kThree, two + std::string(100'000, 'x') + three, ViewKind::executable) == 2);
  CHECK(seen(kThree, two + std::string(2 * kWordBlock, 'x') + three, ViewKind::executable) == 1);
  // All of a code object's numbers are one place.
  CHECK(seen(kThree, two + std::string(2 * kWordBlock, 'x') + three, ViewKind::gpu_code) == 2);
}

TEST_CASE("words: how a program is cut into windows changes nothing") {
  std::string bytes(3 * kWordBlock, 'x');
  bytes.replace(kWordBlock - 2, 4, little(0xa1b2c3d4, 4));
  bytes.replace(2 * kWordBlock - 5, 4, little(0x5e6f7a8b, 4));
  const std::size_t whole = seen(kThree, bytes, ViewKind::executable);
  CHECK(whole == 2);
  for (const std::size_t step : {1000u, 4096u, 131'072u, 131'071u, 200'000u}) {
    CHECK(seen(kThree, bytes, ViewKind::executable, step) == whole);
  }
}

TEST_CASE("words: below the least number there is no evidence") {
  const std::string both = "{at_least: 2, of: ['a1b2c3d4', '5e6f7a8b']}";
  CHECK(seen(both, little(0xa1b2c3d4, 4), ViewKind::executable) == 0);
  CHECK(seen(both, little(0xa1b2c3d4, 4) + little(0x5e6f7a8b, 4), ViewKind::executable) == 2);
}

TEST_CASE("words: in programs a word needs three bytes that are neither 00 nor ff") {
  const std::string rare = "{at_least: 1, of: ['00a00055']}";
  CHECK(seen(rare, little(0x00a00055, 4), ViewKind::executable) == 0);
  CHECK(seen(rare, little(0x00a00055, 4), ViewKind::gpu_code) == 1);
}

TEST_CASE("words: a flood of them is counted, not collected") {
  std::string bytes;
  for (int i = 0; i < 300'000; ++i) bytes += little(i % 2 == 0 ? 0xa1b2c3d4 : 0x5e6f7a8b, 4);
  CHECK(seen(kThree, bytes, ViewKind::executable) == 2);
  CHECK(seen(kThree, bytes, ViewKind::gpu_code) == 2);
}

TEST_CASE("words: a flood of other hits hides none") {
  const std::string file =
      file_with(kThree) + "\n- indicator: flood\n  match:" +
      "\n    - 'qqqqqq'\n    - '[q][q]q{4}[q]'\n    - 'q{8}'\n    - 'q{9}'" +
      "\n    - 'q{10}'\n  in: [executable]\n  hits: [qqqqqqqqqq]\n  misses: [q]\n";
  const auto set = SignatureSet::compile({{"flood.yaml", file}});
  if (!set) FAIL(set.error().what);
  const auto matcher = Matcher::create(*set);
  REQUIRE(matcher.has_value());
  const std::string bytes = std::string(std::size_t{1} << 20, 'q') + little(0xa1b2c3d4, 4);
  auto words = (*matcher)->words(ViewKind::executable);
  REQUIRE(words.has_value());
  std::vector<Match> matches;
  const auto scanned =
      (*matcher)->scan(as_bytes(bytes), ViewKind::executable, 0, bytes.size(), matches, &*words);
  REQUIRE_FALSE(scanned.has_value());
  CHECK(scanned.error().what == "more pattern hits than a window may hold");
  CHECK(words->finish((*set)->indicators()).size() == 1);
}

TEST_CASE("words: what cannot be looked for is refused with its reason") {
  CHECK(refused("{at_least: 1, of: ['123']}") ==
        "a.yaml:2: 'words' holds '123'; a word is 8 or 16 hex digits, most significant first");
  CHECK(refused("{at_least: 1, of: ['0000ff01']}") ==
        "a.yaml:2: the word '0000ff01' is everywhere: at least two of its bytes must be neither 00 "
        "nor ff");
  CHECK(refused("{at_least: 3, of: ['a1b2c3d4', '5e6f7a8b']}") ==
        "a.yaml:2: 'at_least' must be a number from 1 to the number of words");
  CHECK(refused("{at_least: 1, of: ['a1b2c3d4', 'd4c3b2a1']}") ==
        "a.yaml:2: the word 'd4c3b2a1' looks like another one of the list in code");
  CHECK(refused("{at_least: 1, of: ['a1b2c3d4']}", "text") ==
        "a.yaml:3: words are looked for in executable, code and gpu_code only");
}

TEST_CASE("words: people are told which were seen") {
  const auto set = set_of(kThree);
  CHECK(words_text(set->indicators()[0], {.indicator = 0, .offset = 0, .words = {0, 2}}) ==
        "2 of 3 words: a1b2c3d4, 1122334455667788");
}
