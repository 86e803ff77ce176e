#include "inspect/payload.h"

#include <algorithm>

#include "inspect/file_type.h"

namespace minescan::inspect {
namespace {

// First bytes of what compressors, archives and programs begin with; that it is one is then asked.
bool may_begin(char c) {
  constexpr std::string_view kFirst = "\x1f\xfd\x28\x04P7B\x7f\x5d\x78!\xed";
  return kFirst.find(c) != std::string_view::npos;
}

}  // namespace

std::uint64_t script_length(ByteView head, bool (*known)(ByteView rest)) {
  const std::string_view text = as_text(head);
  // Nothing of that kind goes far without a zero byte, and no script has one.
  const std::size_t zero = text.find('\0');
  if (zero == std::string_view::npos) return 0;
  std::size_t last = 0;
  for (std::size_t at = 0; at < zero;) {
    const std::size_t end = text.find('\n', at);
    if (end >= zero) break;
    last = at = end + 1;
    if (!may_begin(text[at])) continue;
    const ByteView rest = head.subspan(at);
    if (known(rest) || file_type(rest, {}).view == ViewKind::executable) return at;
  }
  // A tar begins with a name, which is text.
  return last != 0 && known(head.subspan(last)) ? last : 0;
}

}  // namespace minescan::inspect
