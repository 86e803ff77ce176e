// Unpacking of what UPX packed: bounded, the same every time.  The first byte picks the bound.

#include "fuzz/expect.h"
#include "inspect/packers/upx.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace minescan;
  using fuzz::expect;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const ByteView file = as_bytes(text);
  const std::uint64_t most = std::uint64_t{1} << (data[0] % 21);
  const auto unpacked = inspect::packers::unpack_upx(file, most);
  if (!unpacked) return 0;
  expect(inspect::packers::looks_packed_by_upx(file), "the gate lets pass what can be unpacked");
  expect(unpacked->bytes.size() <= most, "no more is made than is wanted");
  expect(!unpacked->bytes.empty() || !unpacked->problem.empty(), "nothing is a problem");
  const auto again = inspect::packers::unpack_upx(file, most);
  expect(again && again->bytes == unpacked->bytes && again->tampered == unpacked->tampered,
         "unpacking is a function of the bytes");
  return 0;
}
