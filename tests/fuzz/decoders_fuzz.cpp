// All decoders over any bytes: no crash, bounded output, and the same however windows are cut.  The
// first byte picks the kind of view and the width of windows; the rest is the input.

#include <algorithm>
#include <string>

#include "fuzz/expect.h"
#include "inspect/decoders.h"
#include "inspect/payload.h"

namespace {

using namespace minescan;
using fuzz::expect;

std::vector<inspect::Decoded> decoded(std::string_view text, ViewKind kind, std::size_t width) {
  inspect::Decoders decoders(kind);
  std::vector<inspect::Decoded> found;
  for (std::size_t at = 0; at < text.size(); at += width) {
    const std::size_t begin = at > 2048 ? at - 2048 : 0;
    const std::size_t to = std::min(text.size(), at + width);
    const std::size_t end = std::min(text.size(), to + 4096);
    decoders.window(
        {.bytes = as_bytes(text.substr(begin, end - begin)), .from = at - begin, .to = to - begin},
        to == text.size(), found);
  }
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const ViewKind kind = (data[0] & 1) != 0 ? ViewKind::script : ViewKind::executable;
  const auto whole = decoded(text, kind, std::max<std::size_t>(text.size(), 1));
  for (const auto& part : whole) {
    expect(part.begin <= part.end && part.end <= text.size() + 1, "a part lies in its text");
    expect(part.bytes.size() <= 4 * text.size() + 16, "no decoder inflates");
    expect(!part.name.empty(), "every part has a name");
  }
  const auto cut = decoded(text, kind, 1 + (data[0] >> 1));
  const auto bytes_in = [](const std::vector<inspect::Decoded>& parts) {
    std::size_t sum = 0;
    for (const auto& part : parts) sum += part.bytes.size();
    return sum;
  };
  expect(cut.size() == whole.size() && bytes_in(cut) == bytes_in(whole), "windows do not matter");
  const std::uint64_t script =
      inspect::script_length(as_bytes(text), [](ByteView rest) { return rest.size() % 3 == 0; });
  expect(script <= text.size(), "a script ends in its file");
  return 0;
}
