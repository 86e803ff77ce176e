// All formats over any bytes: no crash, no endless loop, and every byte is accounted for.  A first
// line that names a format ("tar") picks it and the rest is the input; without one the input is
// what it is recognised as.

#include <string>

#include "fuzz/expect.h"
#include "support/collecting_sink.h"
#include "support/stingy_source.h"
#include "unpack/embedded.h"
#include "unpack/format.h"
#include "unpack/raw_deflate.h"

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

void find_all(ByteView bytes) {
  std::size_t from = 0;
  while (const auto found = unpack::find_embedded(bytes, from)) {
    expect(*found >= from && *found < bytes.size(), "a container outside of the window");
    from = static_cast<std::size_t>(*found) + 1;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view name = input.substr(0, input.find('\n'));
  const unpack::Format* format = unpack::format_by_name(name);
  const bool deflate = name == "raw-deflate";
  const bool named = format != nullptr || deflate;
  const std::string bytes(named ? input.substr(std::min(size, name.size() + 1)) : input);
  if (!named) format = unpack::recognise(as_bytes(bytes));
  find_all(as_bytes(bytes));
  if (deflate) {
    const auto inflated = unpack::inflate_all(as_bytes(bytes), kMostDecoded);
    expect(!inflated || inflated->bytes.size() <= 2 * kMostDecoded, "more is made than is wanted");
  }
  if (format == nullptr) return 0;
  Limits limits;
  limits.decoder_memory = std::uint64_t{16} << 20;
  limits.entries = 1000;
  const bool stingy = size % 2 != 0;
  MemorySource generous(as_bytes(bytes));
  test::StingySource mean(stingy ? bytes : std::string());
  Source& source = stingy ? static_cast<Source&>(mean) : generous;
  if (format->decode != nullptr) decode(*format, source, limits);
  if (format->walk != nullptr) walk(*format, source, bytes, limits);
  return 0;
}
