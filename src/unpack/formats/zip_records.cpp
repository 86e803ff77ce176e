#include "unpack/formats/zip_records.h"

#include <algorithm>
#include <cstring>

#include "base/reader.h"

namespace minescan::unpack::zip {
namespace {

constexpr std::uint32_t kInZip64 = 0xffffffff;
constexpr std::uint16_t kExtraZip64 = 0x0001;

// The zip64 field has only those of the numbers that the header refers to it, in this order.
void read_zip64(ByteView field, Entry& entry) {
  Reader reader(field);
  for (std::uint64_t* number : {&entry.size, &entry.packed, &entry.offset}) {
    if (*number != kInZip64) continue;
    const auto value = reader.little<std::uint64_t>();
    if (!value) {
      entry.broken_extra = true;
      return;
    }
    *number = *value;
  }
}

void read_extra(ByteView extra, Entry& entry) {
  const bool refers =
      entry.size == kInZip64 || entry.packed == kInZip64 || entry.offset == kInZip64;
  bool found = false;
  Reader reader(extra);
  while (reader.left() >= 4) {
    const auto id = reader.little<std::uint16_t>();
    const auto size = reader.little<std::uint16_t>();
    const auto field = size ? reader.take(*size) : std::nullopt;
    if (!field) break;
    if (id == kExtraZip64 && refers && !found) {
      found = true;
      read_zip64(*field, entry);
    }
  }
  // A size of exactly 4 GiB - 1 is legal without the field, but no writer does that.
  if (refers && !found) entry.broken_extra = true;
}

struct Lengths {
  std::size_t name = 0;
  std::size_t extra = 0;
  std::size_t comment = 0;
};

// Flags to the length of the extra field lie the same in both headers.
Lengths read_common(Reader& reader, Entry& entry) {
  entry.flags = reader.little<std::uint16_t>().value_or(0);
  entry.method = reader.little<std::uint16_t>().value_or(0);
  reader.take(4);  // time and date
  entry.crc = reader.little<std::uint32_t>().value_or(0);
  entry.packed = reader.little<std::uint32_t>().value_or(0);
  entry.size = reader.little<std::uint32_t>().value_or(0);
  Lengths lengths;
  lengths.name = reader.little<std::uint16_t>().value_or(0);
  lengths.extra = reader.little<std::uint16_t>().value_or(0);
  return lengths;
}

std::optional<Entry> read_variable(Reader& reader, const Lengths& lengths, Entry entry) {
  const auto name = reader.take(lengths.name);
  const auto extra = reader.take(lengths.extra);
  if (!name || !extra || !reader.take(lengths.comment)) return std::nullopt;
  entry.name = as_text(*name);
  read_extra(*extra, entry);
  entry.header_bytes = reader.position();
  return entry;
}

}  // namespace

std::size_t local_bytes(ByteView fixed) {
  Reader reader(fixed);
  reader.seek(26);
  const std::size_t name = reader.little<std::uint16_t>().value_or(0);
  return kLocalBytes + name + reader.little<std::uint16_t>().value_or(0);
}

std::size_t central_bytes(ByteView fixed) {
  Reader reader(fixed);
  reader.seek(28);
  const std::size_t name = reader.little<std::uint16_t>().value_or(0);
  const std::size_t extra = reader.little<std::uint16_t>().value_or(0);
  return kCentralBytes + name + extra + reader.little<std::uint16_t>().value_or(0);
}

std::optional<Entry> read_local(ByteView bytes) {
  if (bytes.size() < kLocalBytes) return std::nullopt;
  Entry entry;
  Reader reader(bytes);
  reader.seek(6);  // signature and version
  const Lengths lengths = read_common(reader, entry);
  return read_variable(reader, lengths, std::move(entry));
}

std::optional<Entry> read_central(ByteView bytes) {
  if (bytes.size() < kCentralBytes) return std::nullopt;
  Entry entry;
  Reader reader(bytes);
  reader.seek(8);  // signature and two versions
  Lengths lengths = read_common(reader, entry);
  lengths.comment = reader.little<std::uint16_t>().value_or(0);
  entry.disk = reader.little<std::uint16_t>().value_or(0);
  reader.take(2);  // internal attributes
  entry.attributes = reader.little<std::uint32_t>().value_or(0);
  entry.offset = reader.little<std::uint32_t>().value_or(0);
  return read_variable(reader, lengths, std::move(entry));
}

std::optional<End> read_end(ByteView bytes) {
  if (bytes.size() < kEndBytes) return std::nullopt;
  Reader reader(bytes);
  reader.seek(4);
  End end;
  end.disk = reader.little<std::uint16_t>().value_or(0);
  end.central_disk = reader.little<std::uint16_t>().value_or(0);
  end.entries_here = reader.little<std::uint16_t>().value_or(0);
  end.entries = reader.little<std::uint16_t>().value_or(0);
  end.central_bytes = reader.little<std::uint32_t>().value_or(0);
  end.central_offset = reader.little<std::uint32_t>().value_or(0);
  end.comment = reader.little<std::uint16_t>().value_or(0);
  return end;
}

std::optional<End> read_end64(ByteView bytes) {
  if (bytes.size() < kEnd64Bytes) return std::nullopt;
  Reader reader(bytes);
  reader.seek(16);  // signature, size of the record, two versions
  End end;
  end.disk = reader.little<std::uint32_t>().value_or(0);
  end.central_disk = reader.little<std::uint32_t>().value_or(0);
  end.entries_here = reader.little<std::uint64_t>().value_or(0);
  end.entries = reader.little<std::uint64_t>().value_or(0);
  end.central_bytes = reader.little<std::uint64_t>().value_or(0);
  end.central_offset = reader.little<std::uint64_t>().value_or(0);
  return end;
}

std::optional<Descriptor> read_descriptor(ByteView bytes, std::uint64_t packed,
                                          std::optional<std::uint64_t> size) {
  for (const bool with_signature : {true, false}) {
    for (const bool wide : {true, false}) {
      Reader reader(bytes);
      if (with_signature && reader.little<std::uint32_t>() != kDescriptor) continue;
      const auto number = [&reader, wide]() -> std::optional<std::uint64_t> {
        if (wide) return reader.little<std::uint64_t>();
        return reader.little<std::uint32_t>();
      };
      const auto crc = reader.little<std::uint32_t>();
      const auto says_packed = number();
      const auto says_size = number();
      if (!crc || !says_size || says_packed != packed) continue;
      if (size && *size != *says_size) continue;
      return Descriptor{.crc = *crc, .size = *says_size, .bytes = reader.position()};
    }
  }
  return std::nullopt;
}

bool is_likely_local(ByteView bytes) {
  if (bytes.size() < kLocalBytes || signature(bytes) != kLocal) return false;
  Reader reader(bytes);
  reader.seek(4);
  const unsigned version = reader.little<std::uint16_t>().value_or(0);
  Entry entry;
  const Lengths lengths = read_common(reader, entry);
  // APPNOTE.TXT 4.4.3: 6.3 is the newest version, and 20 systems have a number; 4.4.4: flags up to
  // bit 13; 4.4.5: methods up to 20, and those from 93 on.
  const bool known_method = entry.method <= 20 || (entry.method >= 93 && entry.method <= 99);
  if ((version & 0xff) > 63 || version >> 8 > 20 || entry.flags >> 14 != 0 || !known_method) {
    return false;
  }
  constexpr std::size_t kLongestName = 1024;
  if (lengths.name == 0 || lengths.name > kLongestName) return false;
  const std::string_view name = as_text(bytes).substr(kLocalBytes, lengths.name);
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= ' '; });
}

std::optional<std::uint32_t> signature(ByteView bytes) {
  const auto found = Reader(bytes).little<std::uint32_t>();
  if (!found) return std::nullopt;
  switch (*found) {
    case kLocal:
    case kCentral:
    case kEnd:
    case kEnd64:
    case kLocator64:
    case kDescriptor:
      return found;
    default:
      return std::nullopt;
  }
}

std::optional<std::size_t> find_signature(ByteView bytes) {
  std::size_t at = 0;
  while (at + 4 <= bytes.size()) {
    const void* found = std::memchr(bytes.data() + at, 'P', bytes.size() - at - 3);
    if (found == nullptr) return std::nullopt;
    at = static_cast<std::size_t>(static_cast<const std::byte*>(found) - bytes.data());
    if (signature(bytes.subspan(at))) return at;
    ++at;
  }
  return std::nullopt;
}

}  // namespace minescan::unpack::zip
