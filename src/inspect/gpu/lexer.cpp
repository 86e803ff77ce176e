#include "inspect/gpu/lexer.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace minescan::inspect::gpu {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

constexpr std::array<std::uint8_t, 256> make_digits() {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(99);
  for (unsigned i = 0; i < 10; ++i) digits['0' + i] = static_cast<std::uint8_t>(i);
  for (unsigned i = 0; i < 6; ++i) {
    digits['a' + i] = digits['A' + i] = static_cast<std::uint8_t>(10 + i);
  }
  return digits;
}
constexpr std::array<std::uint8_t, 256> kDigits = make_digits();

unsigned digit_value(char c) { return kDigits[static_cast<unsigned char>(c)]; }

// The digits of `base` at the front, quotes between them (C++14) left out.  Nothing without a
// digit or when 64 bits do not hold them.
struct Digits {
  std::optional<std::uint64_t> value;
  std::size_t size = 0;
};
Digits read_digits(std::string_view text, unsigned base) {
  std::uint64_t value = 0;
  bool fits = true;
  const char* at = text.data();
  const char* const end = at + text.size();
  for (; at != end; ++at) {
    const unsigned digit = digit_value(*at);
    if (digit >= base) {
      const bool between = *at == '\'' && at != text.data() && end - at > 1;
      if (between && digit_value(at[1]) < base) continue;
      break;
    }
    fits = !__builtin_mul_overflow(value, std::uint64_t{base}, &value) && fits;
    fits = !__builtin_add_overflow(value, std::uint64_t{digit}, &value) && fits;
  }
  Digits digits;
  digits.size = static_cast<std::size_t>(at - text.data());
  if (digits.size != 0 && fits) digits.value = value;
  return digits;
}

}  // namespace

Lexer::Lexer(std::string_view text, std::string_view word_signs)
    : at_(text.data()), end_(text.data() + text.size()) {
  for (unsigned c = 0; c < in_word_.size(); ++c) {
    const char character = static_cast<char>(c);
    in_word_[c] = is_letter(character) || is_digit(character) ||
                  word_signs.find(character) != std::string_view::npos;
  }
}

bool Lexer::skip_comment() {
  const std::string_view text = left();
  if (text.starts_with("//")) {
    // A line ends in one character, or in two where the text is a string of another program.
    const std::string_view line = text.substr(0, text.find('\n'));
    at_ += std::min(line.size(), line.find("\\n"));
    return true;
  }
  if (text.starts_with("/*")) {
    const std::size_t end = text.find("*/", 2);
    at_ += end == std::string_view::npos ? text.size() : end + 2;
    return true;
  }
  return false;
}

void Lexer::number(Token& token) {
  const std::string_view text = left();
  const char mark = text.size() > 1 ? static_cast<char>(text[1] | 0x20) : '\0';
  const bool zero = text[0] == '0';
  Digits digits;
  std::size_t prefix = 2;
  // "0f" and "0d" are PTX's when as many digits follow as bits need; in C, 0f is a float.
  const std::size_t bits_digits = mark == 'f' ? 8 : 16;
  if (zero && mark == 'x') {
    digits = read_digits(text.substr(2), 16);
  } else if (zero && mark == 'b') {
    digits = read_digits(text.substr(2), 2);
  } else if (zero && (mark == 'f' || mark == 'd')) {
    digits = read_digits(text.substr(2), 16);
    if (digits.size != bits_digits) digits = {};
  } else {
    prefix = 0;
    digits = read_digits(text, 10);
    // 0755
    if (zero && digits.size > 1) {
      const Digits octal = read_digits(text, 8);
      digits.value = octal.size == digits.size ? octal.value : std::nullopt;
    }
  }
  std::size_t end = prefix + digits.size;
  bool whole = digits.value.has_value();
  // A fraction or an exponent makes it a float, which is told apart from a suffix (u, l, z, i, and
  // WGSL's) by what can follow.
  while (end < text.size() && (in_word(text[end]) || text[end] == '.')) {
    const char lower = static_cast<char>(text[end] | 0x20);
    const bool suffix = lower == 'u' || lower == 'l' || lower == 'z' || lower == 'i';
    if (!suffix) whole = false;
    const bool exponent = (lower == 'e' || lower == 'p') && end + 1 < text.size() &&
                          (text[end + 1] == '+' || text[end + 1] == '-');
    end += exponent ? 2 : 1;
  }
  token.kind = Token::Kind::number;
  token.text = text.substr(0, end);
  token.value = whole ? digits.value : std::nullopt;
  at_ += end;
}

bool Lexer::next(Token& token) {
  while (true) {
    while (at_ != end_ && is_blank(*at_)) ++at_;
    if (at_ == end_) return false;
    if (is_digit(*at_)) {
      number(token);
      return true;
    }
    const char* const begin = at_;
    const char* at = begin;
    while (at != end_ && in_word(*at)) ++at;
    const bool word = at != begin;
    if (*begin == '/' && skip_comment()) continue;
    at_ = word ? at : begin + 1;
    if (*begin == '\\') {
      if (at_ != end_) ++at_;
      continue;
    }
    token.kind = word ? Token::Kind::word : Token::Kind::sign;
    token.text = {begin, static_cast<std::size_t>(at_ - begin)};
    return true;
  }
}

}  // namespace minescan::inspect::gpu
