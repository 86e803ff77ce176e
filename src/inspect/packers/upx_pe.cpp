// A packed PE file: a section of memory without bytes in the file, into which the next one, which
// has the stub and the packed data, unpacks one image of all original sections.  In front of the
// data is a record of 32 bytes, somewhere near the start of that section.

#include <algorithm>
#include <array>

#include "inspect/packers/upx_parts.h"
#include "inspect/programs/fields.h"
#include "inspect/programs/pe_header.h"

namespace minescan::inspect::packers {
namespace {

using programs::PeHeader;
using programs::Section;

constexpr std::size_t kBefore = 64;     // how far before the section's bytes the record may be
constexpr std::size_t kBehind = 1024;   // and how far behind their start
constexpr std::size_t kNearby = 96;     // the same for packed data without a record
constexpr std::size_t kTrial = 65'536;  // bytes that tell a stream from what is none
constexpr std::size_t kLeast = 1024;    // bytes that a stream without a record must make
constexpr std::size_t kMostTrials = 4;  // streams that break after that

struct Place {
  const Section* memory = nullptr;
  const Section* packed = nullptr;
  std::size_t from = 0;  // where in the file the record or the data may begin
  [[nodiscard]] std::uint64_t room() const {
    return (packed->address - memory->address) + packed->memory_size;
  }
};

std::optional<Place> place_of(const PeHeader& header) {
  if (header.sections.size() < 2) return std::nullopt;
  const Section& memory = header.sections[0];
  const Section& packed = header.sections[1];
  const bool right = memory.size == 0 && memory.memory_size != 0 && memory.executable &&
                     memory.writable && packed.size != 0 && packed.executable &&
                     packed.address > memory.address;
  if (!right) return std::nullopt;
  const auto offset = static_cast<std::size_t>(packed.offset);
  return Place{.memory = &memory, .packed = &packed, .from = offset - std::min(offset, kBefore)};
}

// UPX keeps the original's headers in the image; its last four bytes tell where.  They tell where
// the code is, whose filter is undone, and are put in front, so that a program comes back.  Tables
// that UPX keeps in its own form (imports, relocations) are no more where they say, so they say
// nothing.
void put_headers(const std::optional<UpxRecord>& record, std::uint64_t most, Unpacked& result) {
  constexpr std::size_t kDos = 0x40, kSection = 40, kDirectory = 8;
  constexpr std::uint32_t kMostSections = 96, kMostBefore = 65'536;
  const ByteView image = as_bytes(result.bytes);
  if (image.size() < 4) return;
  const std::uint32_t start = programs::Fields(image, false, image.size() - 4).word();
  programs::Fields fields(image, false, start);
  if (fields.word() != 0x4550) return;  // "PE\0\0"
  fields.half();
  const std::uint16_t sections = fields.half();
  fields.skip(12);
  const std::uint16_t optional_size = fields.half();
  fields.half();
  const std::size_t optional_at = fields.position() - start;
  const std::uint16_t kind = fields.half();
  fields.half();
  const std::uint32_t code_size = fields.word();
  fields.skip(12);
  const std::uint32_t code_at = fields.word();
  const std::size_t directories = kind == 0x20b ? 112 : 96;
  if (!fields.good() || (kind != 0x10b && kind != 0x20b) || sections == 0 ||
      sections > kMostSections || optional_size < directories) {
    return;
  }
  const std::size_t size = optional_at + optional_size + std::size_t{sections} * kSection;
  std::string headers(as_text(programs::content(image, start, size)));
  if (headers.size() != size) return;
  const auto put = [&](std::size_t at, std::uint32_t value) {
    for (std::size_t k = 0; k < 4; ++k)
      headers[at + k] = static_cast<char>(value >> (8 * k) & 0xff);
  };
  std::fill_n(headers.begin() + static_cast<std::ptrdiff_t>(optional_at + directories),
              std::min<std::size_t>(16 * kDirectory, optional_size - directories), '\0');
  std::uint32_t first = 0;
  for (std::size_t i = 0; i < sections; ++i) {
    const std::size_t at = optional_at + optional_size + i * kSection;
    programs::Fields section(as_bytes(headers), false, at + 8);
    const std::uint32_t memory = section.word();
    const std::uint32_t address = section.word();
    if (i == 0) first = address;
    put(at + 16, memory);
    put(at + 20, address);  // where it is in what is made here
  }
  if (first < kDos + size || first > kMostBefore) return;
  if (record && record->filter != 0 && code_at >= first && code_at - first <= image.size()) {
    const std::span<char> code(result.bytes.data() + (code_at - first),
                               std::min<std::size_t>(code_size, image.size() - (code_at - first)));
    if (!undo_filter(record->filter, record->filter_value, code, code_at - first) &&
        result.problem.empty()) {
      result.problem = "its filter is not known, so calls in its code are not what they were";
    }
  }
  if (first > most - std::min<std::uint64_t>(most, result.bytes.size())) return;
  std::string front = "MZ" + std::string(kDos - 6, '\0');
  front += std::string("\x40\0\0\0", 4) + headers;
  front.resize(first);
  result.bytes.insert(0, front);
}

std::optional<UpxRecord> find_record(ByteView file, const Place& place) {
  const auto end = static_cast<std::size_t>(place.packed->offset) + kBehind;
  std::optional<UpxRecord> unmarked;
  for (std::size_t at = place.from; at < end; ++at) {
    const auto record = upx_record_at(file, at);
    if (!record || record->unpacked_size > place.room()) continue;
    if (record->packed_size > file.size() - at - UpxRecord::kSize) continue;
    if (record->marked) return record;
    if (!unmarked) unmarked = record;
  }
  return unmarked;
}

void unpack_by_record(ByteView file, const UpxRecord& record, std::uint64_t most,
                      Unpacked& result) {
  const ByteView packed = file.subspan(record.offset + UpxRecord::kSize, record.packed_size);
  result.bytes.resize(
      static_cast<std::size_t>(std::min<std::uint64_t>(record.unpacked_size, most)));
  const std::size_t made = unpack_stream(record.method, packed, result.bytes).made;
  result.method = method_name(record.method);
  if (record.unpacked_size > most) {
    result.problem =
        "the original has " + std::to_string(record.unpacked_size) + " bytes, more than are kept";
  } else if (made != record.unpacked_size) {
    result.problem = "the packed data is broken after " + std::to_string(made) + " bytes";
  } else if (adler32(as_bytes(result.bytes)) != record.unpacked_sum) {
    result.tampered.emplace_back("the sum of the packed data is wrong");
  }
  if (!record.marked) result.tampered.emplace_back("the mark UPX! of the record is gone");
  result.bytes.resize(made);
}

// Without a record every place and method is tried: a stream that is none breaks soon.
bool unpack_by_trial(ByteView file, const Place& place, std::uint64_t most, Unpacked& result) {
  constexpr std::array kMethods = {Method::nrv2e_le32, Method::nrv2d_le32, Method::nrv2b_le32,
                                   Method::lzma, Method::deflate};
  const auto room = static_cast<std::size_t>(std::min(place.room(), most));
  const auto end =
      std::min<std::size_t>(file.size(), static_cast<std::size_t>(place.packed->offset) + kNearby);
  std::string begin(std::min(room, kTrial), '\0');
  std::size_t trials = 0;
  for (std::size_t at = place.from; at < end; ++at) {
    for (const Method method : kMethods) {
      const ByteView packed = file.subspan(at);
      // Zeros, of which padding is made, are LZMA of zeros.
      if (method == Method::lzma && packed[0] == std::byte{0}) continue;
      const Unpacking trial = unpack_stream(method, packed, begin);
      // By chance no stream gets to its end, and few get far.
      if (!trial.end && !trial.full) continue;
      if (++trials > kMostTrials) break;
      result.bytes.resize(room);
      const Unpacking all = unpack_stream(method, packed, result.bytes);
      // LZMA knows no end: what follows the data is decoded until it makes no sense.
      if (!all.end && !all.full && method != Method::lzma) continue;
      if (all.made < kLeast) continue;
      result.bytes.resize(all.made);
      result.method = method_name(method);
      result.tampered.emplace_back("UPX's record in front of the packed data is gone");
      return true;
    }
  }
  result.bytes.clear();
  return false;
}

}  // namespace

bool may_be_upx_pe(ByteView head) {
  const auto header = programs::read_pe_header(head);
  return header && place_of(*header);
}

std::optional<Unpacked> unpack_upx_pe(ByteView file, std::uint64_t most_bytes) {
  const auto header = programs::read_pe_header(file);
  if (!header) return std::nullopt;
  const auto place = place_of(*header);
  if (!place) return std::nullopt;
  Unpacked result;
  result.format = "PE";
  const bool named =
      place->memory->name.starts_with("UPX") && place->packed->name.starts_with("UPX");
  if (!named) result.tampered.emplace_back("sections have not the names that UPX gives");
  if (const auto record = find_record(file, *place)) {
    unpack_by_record(file, *record, most_bytes, result);
    if (result.problem.empty()) put_headers(record, most_bytes, result);
    return result;
  }
  if (unpack_by_trial(file, *place, most_bytes, result)) {
    put_headers(std::nullopt, most_bytes, result);
    return result;
  }
  if (!named) return std::nullopt;
  result.problem = "no packed data was found where UPX puts it";
  return result;
}

}  // namespace minescan::inspect::packers
