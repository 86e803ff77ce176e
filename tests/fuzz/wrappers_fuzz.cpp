// What programs wrap, and Python's bytecode: bounded, within the file, the same every time.  The
// first byte picks where the block begins.

#include "fuzz/expect.h"
#include "inspect/wrappers/marshal.h"
#include "inspect/wrappers/wrappers.h"

namespace {

using namespace minescan;
using fuzz::expect;

struct Sink final : inspect::ViewSink {
  std::uint64_t bytes = 0;
  std::size_t limits = 0;
  void on_view(ViewKind /*kind*/, const Step& /*step*/, const inspect::Window& window,
               std::uint64_t /*offset*/) override {
    bytes += window.bytes.size();
  }
  void on_limit(const std::string& /*what*/) override { ++limits; }
};

}  // namespace

inspect::TakeDecoded into(std::vector<inspect::Decoded>& parts) {
  return [&parts](inspect::Decoded&& part) { parts.push_back(std::move(part)); };
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const ByteView file = as_bytes(text);
  const std::uint64_t offset = data[0] < 128 ? 0 : data[0];
  Sink sink;
  std::vector<inspect::Decoded> parts;
  inspect::wrappers::unwrap(file, offset, sink, into(parts));
  for (const auto& part : parts) {
    expect(part.begin >= offset && part.begin < part.end && part.end <= offset + file.size(),
           "a part lies outside of the file");
    expect(!part.bytes.empty(), "a part is empty");
  }
  Sink again;
  std::vector<inspect::Decoded> same;
  inspect::wrappers::unwrap(file, offset, again, into(same));
  expect(same.size() == parts.size() && again.limits == sink.limits,
         "unwrapping is a function of the bytes");
  inspect::wrappers::show_python(file, sink, into(parts));
  expect(sink.bytes <= 5 * file.size() + 5, "strings of bytecode come again and again");
  static_cast<void>(inspect::wrappers::read_marshal(file, inspect::wrappers::Python::two));
  return 0;
}
