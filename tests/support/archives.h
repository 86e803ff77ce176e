#pragma once
// Makes the bytes of archives for tests, honest ones and others: every field can be set to
// anything.

#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/compressors.h"

namespace minescan::test {

inline std::string padded(std::string text, std::size_t unit) {
  text.resize((text.size() + unit - 1) / unit * unit, '\0');
  return text;
}

template <class... Args>
std::string format_text(const char* format, Args... args) {
  std::array<char, 512> buffer{};
  const int size = std::snprintf(buffer.data(), buffer.size(), format, args...);
  return {buffer.data(), static_cast<std::size_t>(size)};
}

// --- tar

struct TarSpec {
  std::string name;
  std::string body;
  char type = '0';
  std::string target;
  std::string magic = std::string(
      "ustar\0"
      "00",
      8);
  std::string prefix;
  std::optional<std::string> size_field;  // instead of the body's size
  bool bad_checksum = false;
  bool signed_checksum = false;
};

inline std::string tar_header(const TarSpec& spec) {
  std::string block(512, '\0');
  const auto put = [&block](std::size_t at, std::string_view text) {
    block.replace(at, text.size(), text);
  };
  put(0, std::string_view(spec.name).substr(0, 100));
  put(100, "0000755");
  put(108, "0000000");
  put(116, "0000000");
  put(124, spec.size_field.value_or(
               format_text("%011llo", static_cast<unsigned long long>(spec.body.size()))));
  put(136, "00000000000");
  put(148, "        ");
  block[156] = spec.type;
  put(157, std::string_view(spec.target).substr(0, 100));
  put(257, spec.magic);
  put(345, spec.prefix);
  long sum = spec.bad_checksum ? 1 : 0;
  for (const char c : block) {
    sum += spec.signed_checksum ? static_cast<signed char>(c) : static_cast<unsigned char>(c);
  }
  put(148, format_text("%06lo", static_cast<unsigned long>(sum)) + std::string(1, '\0') + " ");
  return block;
}

inline std::string tar_entry(const TarSpec& spec) {
  return tar_header(spec) + padded(spec.body, 512);
}

inline std::string pax_record(const std::string& keyword, const std::string& value) {
  const std::size_t rest = keyword.size() + value.size() + 3;
  std::size_t length = rest + 1;
  while (std::to_string(length).size() + rest != length) {
    length = std::to_string(length).size() + rest;
  }
  return std::to_string(length) + " " + keyword + "=" + value + "\n";
}

inline std::string pax_header(const std::string& records, char type = 'x') {
  return tar_entry({.name = "PaxHeaders/x", .body = records, .type = type});
}

inline const std::string kTarEnd(1024, '\0');

inline std::string tar(const std::vector<TarSpec>& entries) {
  std::string bytes;
  for (const TarSpec& entry : entries) bytes += tar_entry(entry);
  return bytes + kTarEnd;
}

// --- zip

struct ZipSpec {
  std::string name;
  std::string body;
  std::uint16_t method = 0;
  std::string packed;  // "" = body, deflated for method 8
  std::uint16_t flags = 0;
  bool descriptor = false;  // sizes behind the body instead of in front
  bool descriptor_signature = true;
  bool descriptor_wide = false;  // zip64
  bool descriptor_keeps_sizes = false;
  std::optional<std::uint32_t> crc;  // instead of the body's
  std::optional<std::uint32_t> packed_size;
  std::optional<std::uint32_t> size;
  std::string extra;
  // In the directory, instead of the same as in the local header:
  std::optional<std::string> central_name;
  std::optional<std::uint16_t> central_method;
  std::optional<std::uint32_t> central_size;
  std::optional<std::uint32_t> central_offset;
  bool listed = true;

  [[nodiscard]] std::string data() const {
    if (!packed.empty()) return packed;
    return method == 8 ? raw_deflate(body) : body;
  }
};

inline std::string zip_local(const ZipSpec& spec) {
  const std::string data = spec.data();
  const auto flags = static_cast<std::uint16_t>(spec.flags | (spec.descriptor ? 8 : 0));
  const bool blank = spec.descriptor && !spec.descriptor_keeps_sizes;
  const std::uint32_t crc = spec.crc.value_or(crc32_of(spec.body));
  const auto packed = spec.packed_size.value_or(static_cast<std::uint32_t>(data.size()));
  const auto size = spec.size.value_or(static_cast<std::uint32_t>(spec.body.size()));
  std::string bytes =
      "PK\3\4" + little(std::uint16_t{20}) + little(flags) + little(spec.method) +
      little(std::uint32_t{0}) + little(blank ? 0 : crc) + little(blank ? 0 : packed) +
      little(blank ? 0 : size) + little(static_cast<std::uint16_t>(spec.name.size())) +
      little(static_cast<std::uint16_t>(spec.extra.size())) + spec.name + spec.extra + data;
  if (!spec.descriptor) return bytes;
  if (spec.descriptor_signature) bytes += "PK\7\10";
  bytes += little(crc);
  bytes += spec.descriptor_wide ? little(std::uint64_t{packed}) + little(std::uint64_t{size})
                                : little(packed) + little(size);
  return bytes;
}

inline std::string zip_central(const ZipSpec& spec, std::uint32_t offset) {
  const auto flags = static_cast<std::uint16_t>(spec.flags | (spec.descriptor ? 8 : 0));
  const std::string name = spec.central_name.value_or(spec.name);
  return "PK\1\2" + little(std::uint16_t{20}) + little(std::uint16_t{20}) + little(flags) +
         little(spec.central_method.value_or(spec.method)) + little(std::uint32_t{0}) +
         little(spec.crc.value_or(crc32_of(spec.body))) +
         little(spec.packed_size.value_or(static_cast<std::uint32_t>(spec.data().size()))) +
         little(spec.central_size.value_or(
             spec.size.value_or(static_cast<std::uint32_t>(spec.body.size())))) +
         little(static_cast<std::uint16_t>(name.size())) + little(std::uint16_t{0}) +
         little(std::uint16_t{0}) + little(std::uint16_t{0}) + little(std::uint16_t{0}) +
         little(std::uint32_t{0}) + little(spec.central_offset.value_or(offset)) + name;
}

inline std::string zip_end(std::size_t entries, std::size_t central_bytes, std::size_t offset,
                           const std::string& comment = "") {
  return "PK\5\6" + little(std::uint16_t{0}) + little(std::uint16_t{0}) +
         little(static_cast<std::uint16_t>(entries)) + little(static_cast<std::uint16_t>(entries)) +
         little(static_cast<std::uint32_t>(central_bytes)) +
         little(static_cast<std::uint32_t>(offset)) +
         little(static_cast<std::uint16_t>(comment.size())) + comment;
}

inline std::string zip(const std::vector<ZipSpec>& entries, const std::string& comment = "") {
  std::string bytes;
  std::string central;
  std::size_t listed = 0;
  for (const ZipSpec& entry : entries) {
    if (entry.listed) {
      central += zip_central(entry, static_cast<std::uint32_t>(bytes.size()));
      ++listed;
    }
    bytes += zip_local(entry);
  }
  return bytes + central + zip_end(listed, central.size(), bytes.size(), comment);
}

// --- ar

inline std::string ar_member(const std::string& name, const std::string& body,
                             const std::string& size_field = "") {
  const std::string size = size_field.empty() ? std::to_string(body.size()) : size_field;
  return format_text("%-16s%-12s%-6s%-6s%-8s%-10s`\n", name.c_str(), "0", "0", "0", "100644",
                     size.c_str()) +
         body + (body.size() % 2 != 0 ? "\n" : "");
}

// --- cpio

struct CpioSpec {
  std::string name;
  std::string body;
  unsigned mode = 0100644;
  std::optional<std::uint32_t> sum;  // makes it "070702"
};

inline std::string cpio_newc(const CpioSpec& spec) {
  std::string header = spec.sum ? "070702" : "070701";
  const auto field = [&header](std::size_t value) {
    header += format_text("%08lX", static_cast<unsigned long>(value));
  };
  field(1);
  field(spec.mode);
  for (const unsigned value : {0U, 0U, 1U, 0U}) field(value);
  field(spec.body.size());
  for (int i = 0; i < 4; ++i) field(0);
  field(spec.name.size() + 1);
  field(spec.sum.value_or(0));
  return padded(header + spec.name + std::string(1, '\0'), 4) + padded(spec.body, 4);
}

inline std::string cpio_odc(const CpioSpec& spec) {
  return format_text("070707%06o%06o%06o%06o%06o%06o%06o%011o%06o%011o", 1, 1, spec.mode, 0, 0, 1,
                     0, 0, static_cast<unsigned>(spec.name.size() + 1),
                     static_cast<unsigned>(spec.body.size())) +
         spec.name + std::string(1, '\0') + spec.body;
}

inline std::string cpio_binary(const CpioSpec& spec, bool big_endian) {
  std::string bytes;
  const auto field = [&bytes, big_endian](std::size_t value) {
    const char low = static_cast<char>(value & 0xff);
    const char high = static_cast<char>(value >> 8 & 0xff);
    bytes.push_back(big_endian ? high : low);
    bytes.push_back(big_endian ? low : high);
  };
  for (const std::size_t value :
       {std::size_t{070707}, std::size_t{1}, std::size_t{1}, std::size_t{spec.mode}, std::size_t{0},
        std::size_t{0}, std::size_t{1}, std::size_t{0}, std::size_t{0}, std::size_t{0},
        spec.name.size() + 1, spec.body.size() >> 16, spec.body.size() & 0xffff}) {
    field(value);
  }
  return padded(bytes + spec.name + std::string(1, '\0'), 2) + padded(spec.body, 2);
}

}  // namespace minescan::test
