#pragma once
// What inspectors of wrappers take out of a program, and how much of it.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "inspect/decoders/decoder.h"
#include "inspect/views.h"

namespace minescan::inspect::wrappers {

// A block of a program, or all of it.
struct Wrapped {
  ByteView bytes;
  std::uint64_t offset = 0;  // of the block in the file
};

// Takes parts until there are more than a block may hold; that is told once.
class Parts {
 public:
  // Of one block.  One part at a time is in memory, and none is larger than kMostPart.
  static constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30;
  static constexpr std::uint64_t kMostPart = std::uint64_t{96} << 20;
  static constexpr std::size_t kMostParts = 100'000;

  Parts(ViewSink& sink, const TakeDecoded& hidden) : sink_(sink), hidden_(hidden) {}

  // [begin, end) of the file is where the part lies, `name` what trails call it.  False when no
  // more is taken.
  bool add(std::string name, std::uint64_t begin, std::uint64_t end, std::string_view bytes,
           bool cut = false);
  // How many bytes the next part may have.
  [[nodiscard]] std::uint64_t room() const { return std::min(kMostPart, kMostBytes - bytes_); }
  // Something is not looked into.
  void limit(const std::string& what) { sink_.on_limit(what); }

 private:
  ViewSink& sink_;
  const TakeDecoded& hidden_;
  std::uint64_t bytes_ = 0;
  std::size_t count_ = 0;
  bool told_ = false;
};

// The name of a part: who wrapped it and the end of its path, which says most.
std::string part_name(std::string_view wrapper, std::string_view path);

struct Inflated {
  std::string bytes;
  bool whole = false;  // the stream ended by its own mark
};
// Raw deflate, or zlib with its header.  No more than `most` bytes are made; nothing when not even
// one is.
std::optional<Inflated> inflate(ByteView packed, std::uint64_t most);
std::optional<Inflated> inflate_zlib(ByteView packed, std::uint64_t most);
// Brotli, which has neither magic nor checksum: nothing unless it ends with the last byte of
// `packed`, or makes `most` bytes and more, of which the first are given and are not whole.
std::optional<Inflated> inflate_brotli(ByteView packed, std::uint64_t most);

// Parts of at least `shortest` bytes that read as text, of bytes that hold texts between numbers.
void add_texts(const Wrapped& block, std::size_t begin, std::size_t end, std::size_t shortest,
               std::string_view name, Parts& parts);

}  // namespace minescan::inspect::wrappers
