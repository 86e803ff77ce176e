// Bytes in hex with something between them: "63 75 72 6c", "63:75", "0x63, 0x75", "\x63 \x75",
// "6375 726c".  The same in decimal: "99 117 114 108".

#include <algorithm>
#include <array>

#include "inspect/decoders/characters.h"
#include "inspect/decoders/decoder.h"
#include "inspect/decoders/worth.h"

namespace minescan::inspect::decoders {
namespace {

constexpr std::size_t kFewest = 20;  // bytes; they take at least 50 characters
// So only every so many characters of a text need a look, and behind one of those in such a run all
// of these belong to it.
constexpr std::size_t kStride = 30;
constexpr std::array<std::size_t, 4> kSure = {0, 7, 13, 19};
constexpr std::size_t kLongestToken = 16;  // digits

constexpr bool is_separator(char c) {
  return c == ' ' || c == ':' || c == ',' || c == '-' || c == '\n' || c == '\r' || c == '\t';
}

constexpr std::array<bool, 256> members() {
  std::array<bool, 256> table{};
  for (int c = 0; c < 128; ++c) {
    const char as_char = static_cast<char>(c);
    table[static_cast<std::size_t>(c)] = hex_value(as_char) >= 0 || is_separator(as_char) ||
                                         as_char == 'x' || as_char == 'X' || as_char == '\\';
  }
  return table;
}
constexpr auto kMembers = members();

bool is_member(char c) { return kMembers[static_cast<unsigned char>(c)]; }

class Run {
 public:
  Run(std::string_view text, Span run, Found& found) : text_(text), run_(run), found_(found) {}

  void read() {
    std::size_t at = run_.begin;
    while (at < run_.end) {
      if (is_separator(text_[at])) {
        ++at;
        continue;
      }
      std::size_t end = at;
      while (end < run_.end && !is_separator(text_[end])) ++end;
      token(at, end);
      code(at, end);
      at = end;
    }
    finish();
    finish_codes();
  }

 private:
  void token(std::size_t begin, std::size_t end) {
    std::string_view digits = text_.substr(begin, end - begin);
    if (digits.starts_with("0x") || digits.starts_with("0X") || digits.starts_with("\\x")) {
      digits.remove_prefix(2);
    }
    const bool good =
        !digits.empty() && digits.size() % 2 == 0 && digits.size() <= kLongestToken &&
        std::all_of(digits.begin(), digits.end(), [](char c) { return hex_value(c) >= 0; });
    // Decimal numbers of two digits are of the alphabet; texts in hex have letters too.
    if (!good || (bytes_.size() == kFewest && !letters_)) {
      finish();
      return;
    }
    if (bytes_.empty()) begin_ = begin;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
      bytes_ += static_cast<char>(hex_value(digits[i]) * 16 + hex_value(digits[i + 1]));
      letters_ = letters_ || !is_digit(digits[i + 1]);
    }
    end_ = end;
  }

  // Characters in decimal, each with two or three digits.
  void code(std::size_t begin, std::size_t end) {
    std::uint32_t value = end - begin <= 3 ? 0 : 1000;
    for (std::size_t at = begin; at < end && value < 1000; ++at) {
      value = is_digit(text_[at]) ? value * 10 + static_cast<std::uint32_t>(text_[at] - '0') : 1000;
    }
    if (end - begin < 2 || !(is_printable(value) || value == '\n' || value == '\r')) {
      finish_codes();
      return;
    }
    if (codes_.empty()) codes_begin_ = begin;
    codes_ += static_cast<char>(value);
    codes_end_ = end;
  }

  // Numbers of other things are of that size too, but as characters they are not mostly letters.
  void finish_codes() {
    const auto letters = std::count_if(codes_.begin(), codes_.end(), [](char c) {
      return c == ' ' || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
    });
    if (codes_.size() >= kFewest && 2 * static_cast<std::size_t>(letters) >= codes_.size() &&
        codes_.find(' ') != std::string::npos) {
      found_.push_back({.name = "character codes",
                        .begin = codes_begin_,
                        .end = codes_end_,
                        .bytes = std::move(codes_)});
    }
    codes_.clear();
  }

  void finish() {
    const Worth worth = bytes_.size() >= kFewest && letters_ ? worth_of(bytes_) : Worth::nothing;
    if (worth == Worth::known || (worth == Worth::text && decoders::is_text(bytes_))) {
      found_.push_back({.name = "hex", .begin = begin_, .end = end_, .bytes = std::move(bytes_)});
    }
    bytes_.clear();
    letters_ = false;
  }

  std::string_view text_;
  Span run_;
  Found& found_;
  std::string bytes_;
  std::size_t begin_ = 0, end_ = 0;
  bool letters_ = false;
  std::string codes_;
  std::size_t codes_begin_ = 0, codes_end_ = 0;
};

}  // namespace

void decode_spaced_hex(std::string_view text, Found& found) {
  std::size_t done = 0;
  for (std::size_t at = kStride - 1; at < text.size(); at += kStride) {
    if (at < done || !std::all_of(kSure.begin(), kSure.end(), [&](std::size_t behind) {
          return at + behind < text.size() && is_member(text[at + behind]);
        })) {
      continue;
    }
    Span run{at, at};
    while (run.begin > done && is_member(text[run.begin - 1])) --run.begin;
    while (run.end < text.size() && is_member(text[run.end])) ++run.end;
    done = run.end;
    if (run.end - run.begin >= 2 * kFewest) Run(text, run, found).read();
  }
}

}  // namespace minescan::inspect::decoders
