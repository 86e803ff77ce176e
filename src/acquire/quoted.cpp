#include "acquire/quoted.h"

#include "base/printable.h"

namespace minescan::acquire {

std::string in_quotes(std::string_view name, std::size_t limit) {
  std::string text(1, '\'');
  text += printable(name, limit);
  text += '\'';
  return text;
}

}  // namespace minescan::acquire
