#pragma once
// Small things about texts that several formats need.

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/ascii.h"

namespace minescan::lockfiles {

std::string_view unquoted(std::string_view text);    // without a pair of " or ' around it
bool is_hex(std::string_view text);                  // not empty, and only hexadecimal digits
std::string percent_decoded(std::string_view text);  // what is no escape stays

// What stands before and after the character at `at`; all and nothing when `at` is npos.
std::pair<std::string_view, std::string_view> cut(std::string_view text, std::size_t at);

// "'name'", safe to show and cut after 128 bytes.
std::string quoted(std::string_view text);

// Walks over the lines of a text.  A line ends at "\n"; a "\r" before it does not belong to it.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  bool next();
  [[nodiscard]] std::string_view line() const { return line_; }
  [[nodiscard]] std::uint32_t number() const { return number_; }  // 1-based

 private:
  std::string_view rest_;
  std::string_view line_;
  std::uint32_t number_ = 0;
};

// "name@range" of JavaScript's lockfiles: the '@' of a scope is not the one that divides.
std::pair<std::string_view, std::string_view> split_at_version(std::string_view text);

// Where a carriage return stands that no line feed follows; some readers end a line, or a comment,
// there.
std::optional<std::size_t> lone_return(std::string_view text);

// The number of the line, from 1, that the place is in.
std::size_t line_at(std::string_view text, std::size_t place);

}  // namespace minescan::lockfiles
