#pragma once
// Words and numbers of languages that look like C: OpenCL C, CUDA, Metal, WGSL, PTX.  Comments are
// left out; texts in quotes are read like code, since kernels are often written in the strings of
// another program, in which "\n" is two characters.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace minescan::inspect::gpu {

struct Token {
  enum class Kind { word, number, sign };
  Kind kind = Kind::sign;
  std::string_view text;
  // Of integers in decimal, hexadecimal (0x), octal (0) and binary (0b), with any suffix, and of
  // PTX's 0f and 0d, which are the bits of a float or double.  Nothing for other numbers.
  std::optional<std::uint64_t> value;
};

// What stands between tokens.
inline bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0'; }

class Lexer {
 public:
  // `word_signs`: what may stand in words beside letters, digits and '_'.
  explicit Lexer(std::string_view text, std::string_view word_signs = {});
  // False at the end.  In place, because this runs over hundreds of megabytes.
  bool next(Token& token);
  // Goes to another place of the same text.
  void move_to(const char* at) { at_ = at; }
  [[nodiscard]] const char* at() const { return at_; }

 private:
  [[nodiscard]] bool in_word(char c) const { return in_word_[static_cast<unsigned char>(c)]; }
  [[nodiscard]] std::string_view left() const {
    return {at_, static_cast<std::size_t>(end_ - at_)};
  }
  bool skip_comment();
  void number(Token& token);

  const char* at_;
  const char* end_;
  std::array<bool, 256> in_word_{};
};

}  // namespace minescan::inspect::gpu
