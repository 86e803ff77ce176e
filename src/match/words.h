#pragma once
// Constants in code.  What survives stripping, renaming and packing of strings is what an algorithm
// computes with: round constants, keys, initial values.  A compiler puts one into a table, into an
// instruction, negates or inverts it, swaps its bytes, or splits 64 bits into two halves; so an
// indicator lists values, and every such form of them is looked for.  Some words prove nothing, so
// an indicator says how many different ones must be in one place.

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "match/signature.h"
#include "model/view.h"

namespace minescan::match {

// The kinds of view that words are looked for in: bytes, and numbers.
inline constexpr ViewMask kNumberViews = view_bit(ViewKind::code) | view_bit(ViewKind::gpu_code);
inline constexpr ViewMask kWordViews = view_bit(ViewKind::executable) | kNumberViews;

// Of 32 bits so many bytes must be neither 00 nor ff, or they are no evidence: in numbers of code,
// and at any place of a program's bytes.
inline constexpr int kTellingInCode = 2;
inline constexpr int kTellingInBytes = 3;

// What a word may look like in code: one or two values of 32 bits each (the same twice where one is
// enough).  Empty when no part of the word has so many telling bytes.
std::vector<std::array<std::uint32_t, 2>> word_forms(const Word& word, int telling);

// What the words of all indicators that look into some views come to.
class WordTable {
 public:
  // One form of one word of one indicator; holds when all its needles were seen.
  struct Form {
    std::uint32_t indicator = 0;  // index into SignatureSet::indicators()
    std::uint32_t word = 0;       // index into Indicator::words
    std::uint32_t first = 0;      // indices into needles(); the same where 32 bits are enough
    std::uint32_t second = 0;
  };

  WordTable() = default;
  WordTable(const std::vector<Indicator>& indicators, ViewMask views, int telling);

  // The different 32-bit values to look for, ascending; as bytes they are little-endian.
  [[nodiscard]] const std::vector<std::uint32_t>& needles() const { return needles_; }
  [[nodiscard]] const std::vector<Form>& forms() const { return forms_; }
  // Indices into forms(): those that a needle is part of.
  [[nodiscard]] std::span<const std::uint32_t> forms_of(std::uint32_t needle) const {
    return std::span(forms_of_).subspan(first_form_[needle],
                                        first_form_[needle + 1] - first_form_[needle]);
  }
  // The index of a needle.
  [[nodiscard]] std::optional<std::uint32_t> find(std::uint32_t value) const {
    const auto at = std::lower_bound(needles_.begin(), needles_.end(), value);
    if (at == needles_.end() || *at != value) return std::nullopt;
    return static_cast<std::uint32_t>(at - needles_.begin());
  }

 private:
  std::vector<std::uint32_t> needles_;
  std::vector<Form> forms_;
  std::vector<std::uint32_t> first_form_;  // index into forms_of_, by needle; one more at the end
  std::vector<std::uint32_t> forms_of_;
};

// A table that is made when it is first asked for: texts have no use for it, and start-up counts.
class LazyWordTable {
 public:
  // The indicators outlive this.
  void set(const std::vector<Indicator>& indicators, ViewMask views, int telling);
  // The kinds of view that any indicator with words looks into.
  [[nodiscard]] ViewMask views() const { return views_; }
  // Threads may ask at once.  After set().
  [[nodiscard]] const WordTable& get() const;

 private:
  const std::vector<Indicator>* indicators_ = nullptr;
  ViewMask views_ = 0;
  int telling_ = 0;
  mutable std::once_flag once_;
  mutable std::unique_ptr<const WordTable> table_;
};

// Of the bytes of a program two neighbours of these are one place; a view of words is one as a
// whole.  Enough for an unrolled hash (20 KiB of code) beside its tables, and little enough that
// chance does not count: random bytes of 256 KiB hold a given word once in 16,384 times.
inline constexpr std::uint64_t kWordBlock = std::uint64_t{128} << 10;

struct WordMatch {
  std::size_t indicator = 0;
  std::uint64_t offset = 0;          // of the first word seen in that place
  std::vector<std::uint32_t> words;  // the most that were in one place: indices, ascending
};

// "9 of 72 words: b4f44917, dbb5552b, …", for people.
std::string words_text(const Indicator& indicator, const WordMatch& match);

// The words seen so far in one view.  Fed by Matcher::scan and look_up_words.
class WordScan {
 public:
  WordScan(const WordTable& table, ViewKind kind) : table_(&table), kind_(kind) {}

  [[nodiscard]] ViewKind kind() const { return kind_; }
  [[nodiscard]] const WordTable& table() const { return *table_; }
  // A needle was seen at `offset` of the view.  Blocks come in order.
  void seen(std::uint32_t needle, std::uint64_t offset);
  // What the view comes to, by indicator: those whose least number of words was reached.
  std::vector<WordMatch> finish(const std::vector<Indicator>& indicators);

 private:
  struct Seen {
    std::uint32_t needle;
    std::uint64_t offset;  // where first
  };
  void close_block();

  const WordTable* table_;
  ViewKind kind_;
  std::uint64_t block_ = 0;
  std::vector<bool> present_;       // by needle, in the block at hand
  std::vector<Seen> now_, before_;  // the different needles of the block at hand, and of the last
  std::vector<WordMatch> best_;     // the most words of every indicator that has any
};

}  // namespace minescan::match
