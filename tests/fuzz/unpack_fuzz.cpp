// All formats over any bytes: no crash, no endless loop, and every byte is accounted for.  The
// first byte picks the format; the rest is the input.

#include <string>

#include "fuzz/expect.h"
#include "support/collecting_sink.h"
#include "support/stingy_source.h"
#include "unpack/embedded.h"
#include "unpack/format.h"

namespace {

using namespace minescan;
using fuzz::expect;

// Enough for the seams of buffers; more only makes fuzzing slow.
constexpr std::uint64_t kMostDecoded = std::uint64_t{2} << 20;

void decode(const unpack::Format& format, Source& parent, const Limits& limits) {
  const auto source = format.decode(parent, limits);
  std::size_t step = 1;
  while (source->position() < kMostDecoded) {
    const ByteView bytes = source->peek(step);
    if (bytes.empty()) break;
    source->skip(std::min(bytes.size(), step));
    step = step * 3 % 70'001;
  }
  static_cast<void>(source->fault());
}

void walk(const unpack::Format& format, Source& container, std::string_view all,
          const Limits& limits) {
  test::CollectingSink sink(container, all);
  sink.read_most = std::size_t{1} << 20;
  format.walk(container, limits, sink);
  sink.finish();
  expect(sink.broken.empty(), sink.broken);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto names = unpack::format_names();
  const unpack::Format* format = unpack::format_by_name(names[data[0] % names.size()]);
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  static_cast<void>(unpack::recognise(as_bytes(bytes)));
  std::size_t from = 0;
  while (const auto found = unpack::find_embedded(as_bytes(bytes), from)) {
    expect(*found >= from && *found < bytes.size(), "a container outside of the window");
    from = static_cast<std::size_t>(*found) + 1;
  }
  Limits limits;
  limits.decoder_memory = std::uint64_t{16} << 20;
  limits.entries = 1000;
  const bool stingy = (data[0] & 0x80) != 0;
  MemorySource generous(as_bytes(bytes));
  test::StingySource mean(stingy ? bytes : std::string());
  Source& source = stingy ? static_cast<Source&>(mean) : generous;
  if (format->decode != nullptr) decode(*format, source, limits);
  if (format->walk != nullptr) walk(*format, source, bytes, limits);
  return 0;
}
