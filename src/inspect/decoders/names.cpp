#include "inspect/decoders/names.h"

#include <algorithm>

#include "inspect/decoders/decoder.h"
#include "inspect/decoders/literals.h"

namespace minescan::inspect::decoders {
namespace {

constexpr std::size_t kMostNames = 50'000;
constexpr std::size_t kLongestName = 64;
// A text is put together of its parts once; twice and a little more is enough for honest ones.
constexpr std::size_t kMostSpent = std::size_t{8} << 20;

constexpr bool in_name(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '$';
}

std::string_view plain(std::string_view name) {
  while (!name.empty() && (name.front() == '$' || name.front() == '@')) name.remove_prefix(1);
  return name;
}

// The quote at `at` or behind the letter of Python's b"", r"", u""; npos.
std::size_t quote_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return std::string_view::npos;
  if (is_quote(text[at])) return at;
  const bool letter = text[at] == 'b' || text[at] == 'r' || text[at] == 'u';
  return letter && at + 1 < text.size() && is_quote(text[at + 1]) ? at + 1 : std::string_view::npos;
}

}  // namespace

std::size_t name_begin(std::string_view text, std::size_t end, std::size_t from) {
  std::size_t begin = end;
  while (begin > from && end - begin < kLongestName && in_name(text[begin - 1])) --begin;
  return begin;
}

std::size_t name_end(std::string_view text, std::size_t begin) {
  std::size_t end = begin;
  while (end < text.size() && end - begin < kLongestName && in_name(text[end])) ++end;
  return end;
}

void Names::read() {
  read_ = true;
  for (std::size_t at = text_.find('='); at != std::string_view::npos;
       at = text_.find('=', at + 1)) {
    if (at + 2 >= text_.size() || text_[at + 1] == '=') {
      ++at;
      continue;
    }
    std::size_t end = at;
    if (end > 0 && text_[end - 1] == ':') --end;
    while (end > 0 && (text_[end - 1] == ' ' || text_[end - 1] == '\t')) --end;
    const std::size_t begin = name_begin(text_, end, 0);
    if (begin == end) continue;
    std::size_t value = at + 1;
    while (value < text_.size() && (text_[value] == ' ' || text_[value] == '\t')) ++value;
    const std::string_view name = plain(text_.substr(begin, end - begin));
    if (value >= text_.size()) break;
    if (given_.size() >= kMostNames) return;
    // Go's and PHP's lists begin with their type.
    if (text_.substr(value).starts_with("array(")) value += 5;
    if (text_.substr(value).starts_with("[]string{")) value += 8;
    if (text_[value] == '[' || text_[value] == '(' || text_[value] == '{') {
      const std::size_t first = skip_blanks(text_, value + 1);
      if (quote_at(text_, first) != std::string_view::npos) given_[name].list = value + 1;
      continue;
    }
    const std::size_t quote = quote_at(text_, value);
    if (quote == std::string_view::npos) continue;
    if (const auto literal = literal_at(text_, quote)) {
      given_[name].literal = *literal;
      at = literal->end;
    }
  }
}

const Names::Given* Names::find(std::string_view name) {
  if (!read_) read();
  const auto found = given_.find(plain(name));
  return found == given_.end() ? nullptr : &found->second;
}

bool Names::spend(std::size_t bytes) {
  if (spent_ + bytes > kMostSpent + 2 * text_.size()) return false;
  spent_ += bytes;
  return true;
}

bool Names::append_literal(std::string_view name, std::string& out) {
  const Given* given = find(name);
  if (given == nullptr || given->literal.end == 0) return false;
  const std::string_view value = part(text_, given->literal);
  if (!spend(value.size() + 1)) return false;
  out += value;
  return true;
}

std::size_t Names::list_of(std::string_view name) {
  const Given* given = find(name);
  return given == nullptr ? std::string_view::npos : given->list;
}

std::string Names::joined(std::string_view name, std::string_view between) {
  const std::size_t list = list_of(name);
  bool named = false;
  return list == std::string_view::npos ? std::string() : joined_at(list - 1, between, named);
}

std::string Names::joined_at(std::size_t open, std::string_view between, bool& named) {
  std::string bytes;
  std::size_t count = 0;
  std::size_t at = open + 1;
  named = false;
  while (true) {
    at = skip_blanks(text_, at);
    if (at >= text_.size()) return {};
    if (text_[at] == ']' || text_[at] == ')' || text_[at] == '}') break;
    if (count++ > 0) bytes += between;
    std::size_t end = at;
    if (const std::size_t quote = quote_at(text_, at); quote != std::string_view::npos) {
      const auto literal = literal_at(text_, quote);
      if (!literal) return {};
      bytes += part(text_, *literal);
      end = literal->end + 1;
    } else {
      end = name_end(text_, at);
      if (end == at || !append_literal(text_.substr(at, end - at), bytes)) return {};
      named = true;
    }
    if (!spend(end - at + between.size())) return {};
    at = skip_blanks(text_, end);
    if (at < text_.size() && text_[at] == ',') ++at;
  }
  return count > 1 ? bytes : std::string();
}

}  // namespace minescan::inspect::decoders
