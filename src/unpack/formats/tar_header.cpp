#include "unpack/formats/tar_header.h"

#include <algorithm>

#include "unpack/walk.h"

namespace minescan::unpack {
namespace {

struct Field {
  std::size_t at;
  std::size_t size;
};

// POSIX.1-1988 ustar; GNU's fields behind 345 from tar(5).
constexpr Field kName{0, 100};
constexpr Field kMode{100, 8};
constexpr Field kUid{108, 8};
constexpr Field kGid{116, 8};
constexpr Field kSize{124, 12};
constexpr Field kTime{136, 12};
constexpr Field kChecksum{148, 8};
constexpr std::size_t kType = 156;
constexpr Field kTarget{157, 100};
constexpr Field kMagic{257, 8};
constexpr Field kPrefix{345, 155};
constexpr std::size_t kGnuSparseContinues = 482;

std::string_view field(ByteView block, Field where) {
  return as_text(block).substr(where.at, where.size);
}

// Octal, or with the top bit set GNU's base-256: big-endian two's complement.
std::optional<std::uint64_t> number(ByteView block, Field where) {
  const std::string_view text = field(block, where);
  const auto first = static_cast<unsigned char>(text[0]);
  if ((first & 0x80) == 0) return number_in_text(text, 8);
  if ((first & 0x40) != 0) return std::nullopt;  // negative
  std::uint64_t value = first & 0x3f;
  for (const char c : text.substr(1)) {
    if (value >> 55 != 0) return std::nullopt;
    value = value << 8 | static_cast<unsigned char>(c);
  }
  return value;
}

// A field that is blank stands for 0, as in entries without a size.
bool blank(std::string_view text) {
  return text.find_first_not_of(std::string_view(" \0", 2)) == std::string_view::npos;
}

TarHeader::Dialect dialect(ByteView block) {
  const std::string_view magic = field(block, kMagic);
  if (magic == "ustar  " + std::string(1, '\0')) return TarHeader::Dialect::gnu;
  return magic.starts_with("ustar") ? TarHeader::Dialect::ustar : TarHeader::Dialect::v7;
}

}  // namespace

bool has_tar_checksum(ByteView block) {
  const auto stored = number_in_text(field(block, kChecksum), 8);
  if (!stored) return false;
  std::uint64_t plain = 0;
  std::uint64_t high = 0;  // bytes that count 256 less when they are signed
  for (const std::byte b : block) {
    plain += std::to_integer<unsigned>(b);
    high += std::to_integer<unsigned>(b) >> 7;
  }
  // The field itself counts as blanks.
  for (const char c : field(block, kChecksum)) {
    plain -= static_cast<unsigned char>(c);
    high -= static_cast<unsigned char>(c) >> 7;
  }
  plain += kChecksum.size * ' ';
  return *stored == plain || *stored + 256 * high == plain;
}

bool plausible_tar_fields(ByteView block) {
  for (const Field where : {kMode, kUid, kGid, kSize, kTime}) {
    if (!number(block, where) && !blank(field(block, where))) return false;
  }
  return true;
}

TarHeader parse_tar_header(ByteView block) {
  TarHeader header;
  header.dialect = dialect(block);
  header.type = static_cast<char>(block[kType]);
  header.name = up_to_nul(field(block, kName));
  if (header.dialect == TarHeader::Dialect::ustar) {
    const std::string_view prefix = up_to_nul(field(block, kPrefix));
    if (!prefix.empty()) {
      header.name =
          header.name.empty() ? std::string(prefix) : std::string(prefix) + "/" + header.name;
    }
  }
  header.target = up_to_nul(field(block, kTarget));
  header.mode = static_cast<std::uint32_t>(number(block, kMode).value_or(0));
  header.size = number(block, kSize);
  if (!header.size && blank(field(block, kSize))) header.size = 0;
  header.sparse_continues = header.type == 'S' && block[kGnuSparseContinues] != std::byte{0};
  return header;
}

std::optional<std::string> PaxRecords::text(std::string_view keyword) const {
  const auto found = values.find(keyword);
  if (found == values.end()) return std::nullopt;
  return found->second;
}

std::optional<std::uint64_t> PaxRecords::number(std::string_view keyword) const {
  const auto found = values.find(keyword);
  return found == values.end() ? std::nullopt : number_in_text(found->second, 10);
}

// Records are "LENGTH KEYWORD=VALUE\n", where LENGTH counts all of that.
PaxRecords parse_pax(std::string_view body) {
  PaxRecords records;
  while (!body.empty() && body[0] != '\0') {
    const std::size_t blank_at = body.find(' ');
    const auto length = blank_at > 20 ? std::nullopt : number_in_text(body.substr(0, blank_at), 10);
    if (!length || *length > body.size() || *length < blank_at + 3 ||
        body[static_cast<std::size_t>(*length) - 1] != '\n') {
      records.oddities.emplace_back("extended header has a record of a wrong length");
      break;
    }
    const auto size = static_cast<std::size_t>(*length);
    const std::string_view record = body.substr(blank_at + 1, size - blank_at - 2);
    body.remove_prefix(size);
    const std::size_t equals = record.find('=');
    if (equals == std::string_view::npos) {
      records.oddities.emplace_back("extended header has a record without =");
      continue;
    }
    const std::string keyword(record.substr(0, equals));
    // GNU sparse 0.0 repeats two keywords by design.
    const bool repeats = keyword == "GNU.sparse.offset" || keyword == "GNU.sparse.numbytes";
    const bool is_new =
        records.values.insert_or_assign(keyword, std::string(record.substr(equals + 1))).second;
    if (!is_new && !repeats) {
      records.oddities.emplace_back("extended header states a keyword twice");
    }
  }
  return records;
}

}  // namespace minescan::unpack
