#pragma once
// The records of a zip file (APPNOTE.TXT 6.3.10, section 4.3), read from bytes that may say
// anything.

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace minescan::unpack::zip {

// Signatures, as little-endian numbers.
inline constexpr std::uint32_t kLocal = 0x04034b50;
inline constexpr std::uint32_t kCentral = 0x02014b50;
inline constexpr std::uint32_t kEnd = 0x06054b50;
inline constexpr std::uint32_t kEnd64 = 0x06064b50;
inline constexpr std::uint32_t kLocator64 = 0x07064b50;
inline constexpr std::uint32_t kDescriptor = 0x08074b50;
inline constexpr std::uint32_t kSplitMarker = 0x30304b50;  // "PK00"

inline constexpr std::size_t kLocalBytes = 30;
inline constexpr std::size_t kCentralBytes = 46;
inline constexpr std::size_t kEndBytes = 22;
inline constexpr std::size_t kEnd64Bytes = 56;
inline constexpr std::size_t kLocator64Bytes = 20;

inline constexpr std::uint16_t kFlagEncrypted = 1 << 0;
inline constexpr std::uint16_t kFlagLzmaEnd = 1 << 1;  // the LZMA stream has an end marker
inline constexpr std::uint16_t kFlagDescriptor = 1 << 3;
inline constexpr std::uint16_t kFlagStrongEncryption = 1 << 6;

// What local and central headers have in common.
struct Entry {
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint32_t crc = 0;
  std::uint64_t packed = 0;  // sizes: of zip64 where the plain ones refer to it
  std::uint64_t size = 0;
  std::string name;
  std::uint64_t offset = 0;      // of the local header; central only
  std::uint32_t attributes = 0;  // external; central only
  std::uint16_t disk = 0;        // central only
  std::size_t header_bytes = 0;  // with name, extra field and comment
  bool broken_extra = false;     // zip64 was referred to but is not there

  [[nodiscard]] bool encrypted() const {
    return (flags & (kFlagEncrypted | kFlagStrongEncryption)) != 0 || method == 99;
  }
};

// How long a local header is, from its first kLocalBytes; a central one from its kCentralBytes.
std::size_t local_bytes(ByteView fixed);
std::size_t central_bytes(ByteView fixed);
// Nothing when `bytes` end before the record does.
std::optional<Entry> read_local(ByteView bytes);
std::optional<Entry> read_central(ByteView bytes);

struct End {
  std::uint32_t disk = 0;
  std::uint32_t central_disk = 0;
  std::uint64_t entries_here = 0;
  std::uint64_t entries = 0;
  std::uint64_t central_bytes = 0;
  std::uint64_t central_offset = 0;
  std::size_t comment = 0;
};
std::optional<End> read_end(ByteView bytes);
std::optional<End> read_end64(ByteView bytes);

// A data descriptor in any of its four forms: with or without signature, sizes of 4 or 8 bytes.
struct Descriptor {
  std::uint32_t crc = 0;
  std::uint64_t size = 0;
  std::size_t bytes = 0;
};
// The form at the front of `bytes` that says these sizes (any decoded size when that is not known),
// if there is one.
std::optional<Descriptor> read_descriptor(ByteView bytes, std::uint64_t packed,
                                          std::optional<std::uint64_t> size);
inline constexpr std::size_t kLongestDescriptor = 24;

// Whether `bytes` begin with a local header that a writer of zips makes: a signature alone stands
// in every program that reads them.  Of a long name the beginning is enough.
bool is_likely_local(ByteView bytes);

// The signature that `bytes` begin with when it is one of a record that the walk knows.
std::optional<std::uint32_t> signature(ByteView bytes);
// The first such signature in `bytes`.
std::optional<std::size_t> find_signature(ByteView bytes);

}  // namespace minescan::unpack::zip
