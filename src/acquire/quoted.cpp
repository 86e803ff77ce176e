#include "acquire/quoted.h"

#include "base/printable.h"

namespace minescan::acquire {

std::string in_quotes(std::string_view name, std::size_t limit) {
  std::string text(1, '\'');
  text += printable(name, limit);
  text += '\'';
  return text;
}

bool is_sentence(const std::string& text) {
  return !text.empty() && text.size() <= kLongestSentence &&
         printable(text, kLongestSentence + 1) == text;
}

}  // namespace minescan::acquire
