#include "acquire/tar_header.h"

#include <algorithm>
#include <string_view>

namespace minescan::acquire {
namespace {

// Field widths of ustar.
constexpr std::size_t kName = 100;
constexpr std::uint64_t kMaxOctalSize = (std::uint64_t{1} << 33) - 1;

void put(std::string& block, std::size_t offset, std::string_view text) {
  block.replace(offset, text.size(), text);
}

// width-1 octal digits and a NUL.
std::string octal(std::uint64_t value, std::size_t width) {
  std::string digits(width - 1, '0');
  for (std::size_t i = digits.size(); i-- > 0 && value != 0; value >>= 3) {
    digits[i] = static_cast<char>('0' + (value & 7));
  }
  return digits + '\0';
}

std::string size_field(std::uint64_t size) {
  if (size <= kMaxOctalSize) return octal(size, 12);
  std::string field(12, '\0');
  field[0] = static_cast<char>(0x80);
  for (std::size_t i = 12; i-- > 4; size >>= 8) field[i] = static_cast<char>(size & 0xff);
  return field;
}

std::string block(std::string_view name, char type, std::uint64_t size, std::string_view target) {
  std::string header(kTarBlock, '\0');
  put(header, 0, name.substr(0, kName));
  put(header, 100, octal(0, 8));  // mode
  put(header, 108, octal(0, 8));  // uid
  put(header, 116, octal(0, 8));  // gid
  put(header, 124, size_field(size));
  put(header, 136, octal(0, 12));  // mtime
  put(header, 148, "        ");    // the checksum counts itself as blanks
  header[156] = type;
  put(header, 157, target.substr(0, kName));
  put(header, 257,
      std::string_view("ustar\0"
                       "00",
                       8));
  std::uint64_t sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put(header, 148, octal(sum, 7) + ' ');
  return header;
}

// "<length> <key>=<value>\n", where the length counts itself.
std::string pax_record(std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest + 1;
  while (length != rest + std::to_string(length).size()) {
    length = rest + std::to_string(length).size();
  }
  return std::to_string(length) + " " + std::string(key) + "=" + std::string(value) + "\n";
}

std::string header(const std::string& name, char type, std::uint64_t size,
                   const std::string& target) {
  std::string records;
  if (name.size() > kName) records += pax_record("path", name);
  if (target.size() > kName) records += pax_record("linkpath", target);
  std::string bytes;
  if (!records.empty()) {
    bytes = block("././@PaxHeader", 'x', records.size(), "");
    bytes += records;
    bytes.append(tar_padding(records.size()), '\0');
  }
  return bytes + block(name, type, size, target);
}

}  // namespace

std::string tar_file_header(const std::string& name, std::uint64_t size) {
  return header(name, '0', size, "");
}

std::string tar_symlink_header(const std::string& name, const std::string& target) {
  return header(name, '2', 0, target);
}

}  // namespace minescan::acquire
