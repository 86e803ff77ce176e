#include "inspect/decoders/triggers.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "base/wide.h"

namespace minescan::inspect::decoders {
namespace {

// Marks are gathered for so many bytes at a time, so that a text made of nothing else takes no
// memory.
constexpr std::size_t kPiece = std::size_t{64} << 10;

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kHex = "0123456789abcdefABCDEF";
constexpr std::string_view kWord = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

constexpr std::string_view kNames = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$";

struct Classes {
  std::string_view first, second, third;
  std::string_view more_second = {}, more_third = {};
};

// By MarkKind.  A set is looked up by the halves of a byte, so a member of each half too many gives
// false alarms all over ordinary text: that is why backticks, tabs and backslashes are left out.
constexpr std::array<Classes, 16> kClasses = {{
    {"\"'", "+.", "\"'", {}, " \n"},
    {"\"'", " \n", "\"'", {}, "+. \n"},
    {"\"'", "\"'", kWord},
    {"\\%", kHex, kHex, "xuU", "{"},
    {"([{", kDigits, kDigits, {}, "x, }"},
    {"([{", " \n:", kDigits, {}, " \n\t:"},
    {"/abcdefghijklmnopqrstuvwxyz", "/:", ":/"},
    {"rne", "(", kDigits, {}, "\"'[()"},
    {"o", "id", "ne"},
    {"+", " $", kNames, kNames, " 0123456789+)'\""},
    {".", " $", "abcdefghijklmnopqrstuvwxyz_$"},
    {"bert", "6eo", "4bv"},
    {"8zZt_", "581", "dD._(53"},
    {"\nb", "Me", "0123456789g", {}, "()+,-./*:;<=>?'_"},
    {"=", "234567", kHex},
    {"([", kDigits, kDigits, "\"'", "x)]"},
}};

using Table = std::array<std::uint16_t, 256>;

constexpr Table table_of(int position) {
  Table table{};
  for (std::size_t kind = 0; kind < kClasses.size(); ++kind) {
    const Classes& classes = kClasses[kind];
    const auto add = [&](std::string_view members) {
      for (const char c : members) {
        table[static_cast<unsigned char>(c)] = static_cast<std::uint16_t>(
            table[static_cast<unsigned char>(c)] | mark_bit(static_cast<MarkKind>(kind)));
      }
    };
    if (position == 0) add(classes.first);
    if (position == 1) add(classes.second), add(classes.more_second);
    if (position == 2) add(classes.third), add(classes.more_third);
  }
  return table;
}

constexpr std::array<Table, 3> kTables = {table_of(0), table_of(1), table_of(2)};

unsigned char byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

std::uint16_t kinds_at(std::string_view text, std::size_t at) {
  if (at + 3 > text.size()) return 0;
  return static_cast<std::uint16_t>(kTables[0][byte_at(text, at)] &
                                    kTables[1][byte_at(text, at + 1)] &
                                    kTables[2][byte_at(text, at + 2)]);
}

#if defined(__x86_64__)

// Of a table with more bits than eight those from `shift` on.
template <class T>
constexpr Halves halves_of(const std::array<T, 256>& table, unsigned shift = 0) {
  Halves halves;
  for (std::size_t c = 0; c < 128; ++c) {
    const auto bits = static_cast<std::uint8_t>(table[c] >> shift);
    halves.add(static_cast<std::uint8_t>(c), bits);
  }
  return halves;
}

constexpr std::array<Halves, 6> kHalves = {halves_of(kTables[0]),    halves_of(kTables[1]),
                                           halves_of(kTables[2]),    halves_of(kTables[0], 8),
                                           halves_of(kTables[1], 8), halves_of(kTables[2], 8)};
constexpr Halves kAlphabetHalves = halves_of(kAlphabet);

using Neighbours = TriggerScan::Neighbours;

// Whether 64 bytes and those before them hold a run of kShortestRun, or of what may become one
// behind them.
inline bool holds_run(std::uint64_t before, std::uint64_t here) {
  static_assert(kShortestRun == 24);
  const auto shifted = [](std::uint64_t low, std::uint64_t high, unsigned by) {
    return std::pair{(low >> by) | (high << (64 - by)), (high >> by) | ~(~std::uint64_t{0} >> by)};
  };
  std::pair run{before, here};
  for (const unsigned by : {1u, 2u, 4u, 8u, 8u}) {
    const auto [low, high] = shifted(run.first, run.second, by);
    run = {run.first & low, run.second & high};
  }
  // A run that begins in the last bytes shows again in the next 64.
  return (run.first | (run.second << 8)) != 0;
}

// Reads 64 bytes at a time while that and two bytes more are there; calls `found` for each 64 bytes
// in which something may be.  Returns where it stopped.  `before` is kept from call to call:
// whether the last eight bytes were all of the alphabet.
template <class Found>
[[gnu::target("avx2")]] std::size_t scan_wide(std::string_view text, std::size_t from,
                                              std::size_t to, Neighbours& before,
                                              const Found& found) {
  const __m256i alphabet_low = both_lanes(kAlphabetHalves.low);
  const __m256i alphabet_high = both_lanes(kAlphabetHalves.high);
  const __m256i low0 = both_lanes(kHalves[0].low), high0 = both_lanes(kHalves[0].high);
  const __m256i low1 = both_lanes(kHalves[1].low), high1 = both_lanes(kHalves[1].high);
  const __m256i low2 = both_lanes(kHalves[2].low), high2 = both_lanes(kHalves[2].high);
  const __m256i low3 = both_lanes(kHalves[3].low), high3 = both_lanes(kHalves[3].high);
  const __m256i low4 = both_lanes(kHalves[4].low), high4 = both_lanes(kHalves[4].high);
  const __m256i low5 = both_lanes(kHalves[5].low), high5 = both_lanes(kHalves[5].high);
  std::size_t at = from;
  for (; at + 64 <= to && at + 66 <= text.size(); at += 64) {
    std::uint64_t alphabet = 0, marks = 0;
    for (std::size_t half = 0; half < 2; ++half) {
      const char* const here = text.data() + at + 32 * half;
      const __m256i a = load(here), b = load(here + 1), c = load(here + 2);
      const __m256i a_high = high_half(a), b_high = high_half(b), c_high = high_half(c);
      const __m256i first = _mm256_and_si256(
          _mm256_and_si256(look_up(low0, high0, a, a_high), look_up(low1, high1, b, b_high)),
          look_up(low2, high2, c, c_high));
      const __m256i second = _mm256_and_si256(
          _mm256_and_si256(look_up(low3, high3, a, a_high), look_up(low4, high4, b, b_high)),
          look_up(low5, high5, c, c_high));
      const __m256i mark = _mm256_or_si256(first, second);
      alphabet |= std::uint64_t{not_zero(look_up(alphabet_low, alphabet_high, a, a_high))}
                  << (32 * half);
      marks |= std::uint64_t{not_zero(mark)} << (32 * half);
    }
    // Every run of 23 or more holds two neighbouring groups of eight that are all of the alphabet.
    std::uint64_t groups = alphabet & (alphabet >> 4);
    groups &= groups >> 2;
    groups &= groups >> 1;
    groups &= 0x0101010101010101u;
    std::uint64_t pairs = groups & ((groups << 8) | before.groups);
    if (pairs != 0 && !holds_run(before.alphabet, alphabet)) pairs = 0;
    before = {alphabet, groups >> 56};
    if ((pairs | marks) != 0) found(at, pairs, marks);
  }
  return at;
}

// Stops at a place inside a run of 64, or where less than 64 bytes are left.  `before`: how many
// bytes before that are of the alphabet.
[[gnu::target("avx2")]] std::size_t wide_long_run(std::string_view bytes, std::size_t at,
                                                  unsigned& before) {
  const __m256i low = both_lanes(kAlphabetHalves.low), high = both_lanes(kAlphabetHalves.high);
  for (; at + 64 <= bytes.size(); at += 64) {
    const __m256i a = load(bytes.data() + at), b = load(bytes.data() + at + 32);
    const std::uint64_t mask = not_zero(look_up(low, high, a, high_half(a))) |
                               std::uint64_t{not_zero(look_up(low, high, b, high_half(b)))} << 32;
    if (before + static_cast<unsigned>(std::countr_one(mask)) >= 64) break;
    before = static_cast<unsigned>(std::countl_one(mask));
  }
  return at;
}

#endif

}  // namespace

std::size_t find_long_run(std::string_view bytes, std::size_t from) {
  unsigned run = 0;
  std::size_t at = from;
#if defined(__x86_64__)
  if (has_avx2()) at = wide_long_run(bytes, at, run);
#endif
  for (; at < bytes.size(); ++at) {
    run = in_base64_alphabet(bytes[at]) ? run + 1 : 0;
    if (run >= 64) return at;
  }
  return std::string_view::npos;
}

std::size_t TriggerScan::add_run(std::size_t inside, std::vector<Span>& runs) {
  if (inside < run_end_) return run_end_;
  Span run{inside, inside};
  while (run.begin > run_end_ && in_base64_alphabet(text_[run.begin - 1])) --run.begin;
  while (run.end < text_.size() && in_base64_alphabet(text_[run.end])) ++run.end;
  if (run.end - run.begin >= kShortestRun) {
    run_end_ = run.end;
    runs.push_back(run);
  }
  return run.end;
}

std::size_t TriggerScan::wide(std::size_t from, std::size_t to, std::vector<Span>& runs,
                              std::vector<Mark>& marks) {
#if defined(__x86_64__)
  if (!has_avx2()) return from;
  return scan_wide(
      text_, from, to, before_, [&](std::size_t at, std::uint64_t pairs, std::uint64_t marked) {
        for (; pairs != 0; pairs &= pairs - 1) {
          add_run(at + static_cast<std::size_t>(std::countr_zero(pairs)), runs);
        }
        for (; marked != 0; marked &= marked - 1) {
          const std::size_t mark = at + static_cast<std::size_t>(std::countr_zero(marked));
          if (const std::uint16_t kinds = kinds_at(text_, mark); kinds != 0) {
            marks.push_back({mark, kinds});
          }
        }
      });
#else
  static_cast<void>(to), static_cast<void>(runs), static_cast<void>(marks);
  return from;
#endif
}

void TriggerScan::plain(std::size_t from, std::size_t to, std::vector<Span>& runs,
                        std::vector<Mark>& marks) {
  for (std::size_t at = from; at < to; ++at) {
    if (const std::uint16_t kinds = kinds_at(text_, at); kinds != 0) marks.push_back({at, kinds});
  }
  for (std::size_t at = from; at < to;) {
    at = in_base64_alphabet(text_[at]) ? add_run(at, runs) : at + 1;
  }
}

bool TriggerScan::next(std::vector<Span>& runs, std::vector<Mark>& marks) {
  runs.clear();
  marks.clear();
  if (at_ >= text_.size()) return false;
  const std::size_t to = std::min(text_.size(), at_ + kPiece);
  const std::size_t reached = wide(at_, to, runs, marks);
  plain(reached, to, runs, marks);
  at_ = to;
  return true;
}

}  // namespace minescan::inspect::decoders
