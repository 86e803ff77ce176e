// Kept records: any bytes are read within bounds, and what is read is written as the same bytes.

#include "fuzz/expect.h"
#include "model/record_bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace minescan;
  const ByteView bytes(reinterpret_cast<const std::byte*>(data), size);
  if (const auto record = record_from_bytes(bytes)) {
    fuzz::expect(as_text(bytes) == record_to_bytes(*record), "other bytes than were read");
  }
  return 0;
}
