#pragma once
// The bodies of zip entries as Sources.

#include <memory>
#include <optional>
#include <string>

#include "unpack/decoding_source.h"
#include "unpack/format.h"
#include "unpack/formats/zip_records.h"
#include "unpack/inflater.h"

namespace minescan::unpack::zip {

// The name of a method that decode_body() knows, as it stands in trails; "" for stored.  Nothing
// for other methods.
std::optional<std::string_view> method_name(std::uint16_t method);
inline constexpr std::uint16_t kStored = 0;
inline constexpr std::uint16_t kDeflate = 8;
inline constexpr std::uint16_t kLzma = 14;

// A Source of what `packed` decodes to, by a method with a name.  `lzma_header` are the bytes in
// front of an LZMA stream (empty for other methods).
std::unique_ptr<Source> decode_body(Source& packed, const Entry& entry, ByteView lzma_header,
                                    const Limits& limits);
// In front of an LZMA stream: version, size of the properties, and five of those.
inline constexpr std::size_t kLzmaHeader = 9;

// Where the body of an entry ends that states no size and whose bytes do not tell: before a data
// descriptor whose size is the number of bytes before it (both of its sizes with `stored`).
// `before` bytes of the body are gone already; with `last` nothing follows `bytes`.
struct DescriptorSearch {
  std::size_t body = 0;  // so many of `bytes` are body
  bool found = false;    // and then comes the descriptor
};
DescriptorSearch find_descriptor(ByteView bytes, std::uint64_t before, bool stored, bool last);

// Stored bytes up to their data descriptor.
class StoredSource final : public DecodingSource {
 public:
  explicit StoredSource(Source& parent) : DecodingSource(parent, "zip", 0) {}

 private:
  Step decode(ByteView in, bool last, OutBytes out) override;
  std::uint64_t copied_ = 0;
};

// Counts and checksums what is read through it.
class ChecksumSource final : public Source {
 public:
  explicit ChecksumSource(Source& parent) : parent_(parent) {}
  ByteView peek(std::size_t want) override { return seen_ = parent_.peek(want); }
  void skip(std::size_t n) override;
  [[nodiscard]] std::uint64_t position() const override { return size_; }
  [[nodiscard]] std::optional<Error> fault() const override { return parent_.fault(); }
  [[nodiscard]] std::uint32_t crc() const { return crc_; }

 private:
  Source& parent_;
  ByteView seen_;
  std::uint64_t size_ = 0;
  std::uint32_t crc_ = 0;
};

}  // namespace minescan::unpack::zip
