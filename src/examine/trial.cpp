#include "examine/trial.h"

#include <memory>

#include "base/source.h"

namespace minescan::examine {

bool is_weak(const unpack::Format& format) {
  return format.name == "zlib" || format.name == "lzma";
}

Trial decoded_from(const unpack::Format& format, ByteView bytes, const Limits& limits) {
  constexpr std::size_t kEnough = 1024;
  MemorySource source(bytes);
  const std::unique_ptr<Source> decoded = format.decode(source, limits);
  const std::size_t made = decoded->peek(kEnough).size();
  return {.any = made > 0, .proof = made >= kEnough || (made > 0 && !decoded->fault())};
}

bool holds(const unpack::Format& format, ByteView bytes, const Limits& limits) {
  if (format.walk != nullptr) return true;
  if (format.decode == nullptr) return format.name != "lha" && format.name != "compress";
  const Trial trial = decoded_from(format, bytes, limits);
  return is_weak(format) ? trial.proof : trial.any;
}

}  // namespace minescan::examine
