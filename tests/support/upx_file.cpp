#include "support/upx_file.h"

#include <ucl/ucl.h>

#include <array>
#include <cstring>

#include "support/compressors.h"
#include "support/elf_file.h"
#include "support/pe_file.h"

namespace minescan::test {
namespace {

// Text that packs to about half, and starts differently for each seed.
std::string filler(std::size_t size, std::uint32_t seed) {
  std::string text = "program part " + std::to_string(seed) + " ";
  while (text.size() < size) {
    seed = seed * 1664525 + 1013904223;
    text += "constant " + std::to_string(seed >> 8) + ";";
  }
  text.resize(size);
  return text;
}

std::string noise(std::size_t size) {
  std::string text;
  std::uint32_t value = 7;
  while (text.size() < size) {
    value = value * 1664525 + 1013904223;
    text += static_cast<char>(value >> 24);
  }
  return text;
}

std::string lzma_raw(std::string_view text) {
  lzma_options_lzma options;
  MINESCAN_CHECK(!lzma_lzma_preset(&options, 6));
  const lzma_filter filters[] = {{LZMA_FILTER_LZMA1, &options}, {LZMA_VLI_UNKNOWN, nullptr}};
  std::string out(text.size() + text.size() / 2 + 1024, '\0');
  std::size_t size = 0;
  MINESCAN_CHECK(lzma_raw_buffer_encode(filters, nullptr,
                                        reinterpret_cast<const std::uint8_t*>(text.data()),
                                        text.size(), reinterpret_cast<std::uint8_t*>(out.data()),
                                        &size, out.size()) == LZMA_OK);
  out.resize(size);
  const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
  return std::string{byte((options.lc + options.lp) << 3 | options.pb),
                     byte(options.lp << 4 | options.lc)} +
         out;
}

std::uint32_t adler(std::string_view text) {
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char c : text) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

struct Record {
  unsigned format = 22;
  unsigned method = 2;
  std::uint32_t file_size = 0;
  std::uint8_t filter = 0;
  std::uint8_t filter_value = 0;
};

std::string record_of(const Record& record, std::string_view unpacked, std::string_view packed) {
  const bool big_endian = record.format >= 128;
  const auto word = [&](std::size_t value) {
    std::string text = little(static_cast<std::uint32_t>(value));
    return big_endian ? std::string(text.rbegin(), text.rend()) : text;
  };
  const auto byte = [](unsigned value) { return std::string(1, static_cast<char>(value)); };
  const std::string sums = word(adler(unpacked)) + word(adler(packed));
  const std::string sizes = word(unpacked.size()) + word(packed.size());
  std::string text = "UPX!" + byte(14) + byte(record.format) + byte(record.method) + byte(9) +
                     (big_endian ? sizes + sums : sums + sizes) + word(record.file_size) +
                     byte(record.filter) + byte(record.filter_value) + byte(0);
  unsigned sum = 0;
  for (const char c : text.substr(4)) sum += static_cast<unsigned char>(c);
  return text + byte(sum % 251);
}

// Calls with displacements, which the filter makes the places that they go to, in big-endian order.
std::string filtered(std::string code, std::uint8_t value, std::uint32_t added = 0) {
  for (std::size_t i = 0; i + 5 < code.size(); ++i) {
    if (code[i] != '\xe8') continue;
    std::uint32_t displacement = 0;
    std::memcpy(&displacement, code.data() + i + 1, 4);
    const std::uint32_t target =
        displacement + static_cast<std::uint32_t>(i) + 1 + added + (std::uint32_t{value} << 24);
    for (std::size_t k = 0; k < 4; ++k) {
      code[i + 1 + k] = static_cast<char>(target >> (24 - 8 * k) & 0xff);
    }
    i += 4;
  }
  return code;
}

}  // namespace

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + 1)) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string upx_compress(unsigned method, std::string_view text) {
  if (method == 14) return lzma_raw(text);
  if (method == 15) return raw_deflate(text);
  ucl_compress_config_t config;
  std::memset(&config, 0xff, sizeof config);
  config.bb_endian = 0;
  config.bb_size = std::array{32, 8, 16}[(method - 2) % 3];
  const auto compress = std::array{ucl_nrv2b_99_compress, ucl_nrv2d_99_compress,
                                   ucl_nrv2e_99_compress}[(method - 2) / 3];
  std::string out(text.size() + text.size() / 8 + 256, '\0');
  auto size = static_cast<ucl_uint>(out.size());
  auto* in = reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
  MINESCAN_CHECK(compress(in, static_cast<ucl_uint>(text.size()),
                          reinterpret_cast<unsigned char*>(out.data()), &size, nullptr, 5, &config,
                          nullptr) == UCL_E_OK);
  out.resize(size);
  return out;
}

UpxFile upx_elf(const UpxElfSpec& spec) {
  UpxFile file;
  ElfSpec original{.bits = spec.bits, .big_endian = spec.big_endian, .machine = spec.machine};
  std::string code = filler(30'000, 1);
  if (spec.filter != 0) {
    for (std::size_t at = 100; at < 20'000; at += 500) {
      code.replace(at, 5, "\xe8" + little(static_cast<std::uint32_t>(25'000 - at)));
    }
  }
  original.sections = {{.name = ".text", .body = code, .flags = 6},
                       {.name = ".padding", .body = filler(3'000, 2), .flags = 0},
                       {.name = ".data", .body = filler(10'000, 3), .flags = 3},
                       {.name = ".comment", .body = filler(5'000, 4), .flags = 0}};
  original.segments.resize(2);
  const ElfFile first(original);
  const std::size_t headers = spec.bits == 64 ? 64 + 2 * 56 : 52 + 2 * 32;
  const std::size_t text_end = first.offsets[0] + code.size();
  original.segments[0] = {.offset = 0, .address = 0x400000, .size = text_end};
  original.segments[1] = {.flags = 6,
                          .offset = first.offsets[2],
                          .address = 0x400000 + first.offsets[2],
                          .size = 10'000};
  const ElfFile whole(original);
  file.original = whole.bytes;

  ElfSpec stub{.bits = spec.bits, .big_endian = spec.big_endian, .machine = spec.machine};
  stub.section_headers = false;
  stub.segments = {{.address = 0x100000, .size = 4096},
                   {.address = 0x200000, .size = 0},
                   {.type = 0x6474e551, .flags = 6}};
  file.packed = ElfFile(stub).bytes;
  file.info = spec.bits == 64 ? 64 + 3 * 56 : 52 + 3 * 32;
  file.packed.resize(file.info);
  const auto word = [&](std::size_t value) { return whole.number(value, 4); };
  const auto byte = [&](unsigned value) { return whole.number(value, 1); };
  file.packed += word(0x12345678) + "UPX!" + whole.number(500, 2) + byte(14) + byte(22);
  const std::size_t p_info = file.packed.size();
  file.packed += word(0) + word(file.original.size()) + word(file.original.size());

  std::string all_packed;
  const auto add = [&](std::size_t offset, std::size_t size, std::uint8_t filter) {
    while (size != 0) {
      const std::size_t n = std::min(size, spec.block_size);
      std::string part = file.original.substr(offset, n);
      if (filter == 0x49) part = filtered(part, spec.filter_value);
      std::string packed = upx_compress(spec.method, part);
      unsigned method = spec.method;
      if (packed.size() >= n) {
        packed = part;
        method = 0;
      }
      file.blocks.push_back(file.packed.size());
      file.packed += word(n) + word(packed.size()) + byte(method) + byte(filter) +
                     byte(spec.filter_value) + byte(0) + packed;
      all_packed += packed;
      offset += n;
      size -= n;
    }
  };
  const std::size_t data_end = whole.offsets[2] + 10'000;
  add(0, headers, 0);
  add(headers, text_end - headers, spec.filter);
  add(whole.offsets[2], 10'000, 0);
  file.packed += noise(1'001);  // the stub
  add(text_end, whole.offsets[2] - text_end, 0);
  add(data_end, file.original.size() - data_end, 0);
  file.packed += word(0) + "UPX!" + word(0);
  file.record = file.packed.size();
  const Record record{.format = spec.big_endian ? 137U : 22U,
                      .method = spec.method,
                      .file_size = static_cast<std::uint32_t>(file.original.size())};
  file.packed += record_of(record, file.original, all_packed) + word(p_info);
  return file;
}

UpxFile upx_library(bool old) {
  constexpr unsigned kMethod = 8;
  constexpr std::size_t kCode = 20'000, kData = 3'000;
  UpxFile file;
  ElfSpec original{.type = 3};
  original.sections = {{.name = ".dynsym", .body = filler(5'001, 1)},
                       {.name = ".text", .body = filler(kCode, 2), .flags = 6},
                       {.name = ".padding", .body = filler(1'000, 3), .flags = 0},
                       {.name = ".data", .body = filler(kData, 4), .flags = 3}};
  original.segments.resize(old ? 3 : 4);
  const ElfFile first(original);
  const std::size_t names_end = first.offsets[0] + 5'001;
  const std::size_t text_end = first.offsets[1] + kCode;
  const std::size_t data = first.offsets[3];
  const ElfSegmentSpec writable{.flags = 6, .offset = data, .address = 0x30000, .size = kData};
  if (old) {
    original.segments = {{.size = text_end}, writable};
  } else {
    original.segments = {{.flags = 4, .size = names_end},
                         {.offset = first.offsets[1],
                          .address = first.offsets[1],
                          .size = text_end - first.offsets[1]},
                         writable};
  }
  original.segments.push_back(
      {.type = 2, .flags = 6, .offset = data, .address = 0x30000, .size = 64});
  const std::string whole = ElfFile(original).bytes;
  file.original = whole;

  const std::size_t headers = 64 + original.segments.size() * 56;
  file.info = old ? first.offsets[1] : (names_end + 3) / 4 * 4;
  const auto word = [](std::size_t value) { return little(static_cast<std::uint32_t>(value)); };
  std::string rest = word(0x12345678) + "UPX!" + std::string("\x90\1\x0d\x16", 4) + word(0) +
                     word(whole.size()) + word(whole.size());
  std::string all_packed;
  const auto add = [&](std::size_t from, std::size_t to) {
    const std::string part = whole.substr(from, to - from);
    std::string packed = upx_compress(kMethod, part);
    if (packed.size() >= part.size()) packed = part;
    file.blocks.push_back(file.info + rest.size());
    rest += word(to - from) + word(packed.size()) + std::string("\x08\0\0\0", 4) + packed;
    all_packed += packed;
  };
  add(0, headers);
  add(old ? file.info : first.offsets[1], text_end);
  rest += noise(901);
  if (!old) add(names_end, first.offsets[1]);
  add(text_end, data);
  add(data + kData, whole.size());
  rest += word(0) + "UPX!" + word(0);
  const std::size_t data_at = (file.info + rest.size() + 4095) / 4096 * 4096;
  rest.resize(data_at - file.info);
  rest += whole.substr(data, kData);

  ElfSpec stub{.type = 3};
  stub.section_headers = false;
  stub.segments = {{.size = data_at},
                   {.flags = 6, .offset = data_at, .address = 0x30000, .size = kData},
                   {.type = 2, .flags = 6, .offset = data_at, .address = 0x30000, .size = 64}};
  stub.segments.resize(original.segments.size());
  file.packed = ElfFile(stub).bytes;
  file.packed.resize(headers);
  file.packed += whole.substr(headers, file.info - headers) + rest;
  file.record = file.packed.size();
  const Record record{
      .format = 22, .method = kMethod, .file_size = static_cast<std::uint32_t>(whole.size())};
  file.packed += record_of(record, whole, all_packed) + word(file.info + 12);
  return file;
}

std::string upx_blocks(unsigned method, const std::vector<std::string>& parts, std::size_t told) {
  const auto word = [](std::size_t value) { return little(static_cast<std::uint32_t>(value)); };
  std::string bytes = word(0x12345678) + "UPX!" + std::string("\x90\1\x0d\x16", 4) + word(0) +
                      word(told) + word(told);
  for (const std::string& part : parts) {
    const std::string packed = upx_compress(method, part);
    bytes += word(part.size()) + word(packed.size()) +
             std::string{static_cast<char>(method), 0, 0, 0} + packed;
  }
  return bytes + word(0) + "UPX!" + word(0);
}

UpxFile upx_pe(const UpxPeSpec& spec) {
  UpxFile file;
  constexpr std::uint32_t kFirst = 0x1000;
  std::string image = filler(40'000, 5) + std::string(20'000, '\0') + filler(9'000, 6);
  std::string packed_image = image;
  Record record{.format = spec.bits == 64 ? 36U : 9U, .method = spec.method};
  if (spec.headers) {
    // The code begins a page behind the first section.
    constexpr std::uint32_t kCode = 4096, kCodeSize = 20'000;
    for (std::size_t at = kCode + 100; at < kCode + kCodeSize - 600; at += 500) {
      image.replace(at, 5, "\xe8" + little(static_cast<std::uint32_t>(500)));
    }
    PeSpec original{.bits = spec.bits};
    original.machine = spec.bits == 64 ? 0x8664 : 0x14c;
    original.sections = {{.name = ".text", .body = "x", .address = kFirst, .memory_size = 40'000},
                         {.name = ".data",
                          .body = "x",
                          .address = kFirst + 40'960,
                          .memory_size = 20'000,
                          .flags = 0xc0000040}};
    std::string headers = PeFile(original).bytes;
    headers = headers.substr(headers.find("PE" + std::string(2, '\0')));
    const std::size_t optional = 24;
    const std::size_t size = optional + (spec.bits == 64 ? 240 : 224) + 2 * 40;
    headers.resize(size);
    headers.replace(optional + 4, 4, little(std::uint32_t{kCodeSize}));
    headers.replace(optional + 20, 4, little(std::uint32_t{kFirst + kCode}));
    const std::string tail = headers + little(static_cast<std::uint32_t>(image.size()));
    record.filter = 0x26;
    record.filter_value = 0xf1;
    packed_image = image.substr(0, kCode) +
                   filtered(image.substr(kCode, kCodeSize), record.filter_value, kCode) +
                   image.substr(kCode + kCodeSize) + tail;
    image += tail;
  }
  file.original = image;
  const std::string packed = upx_compress(spec.method, packed_image);
  record.file_size = static_cast<std::uint32_t>(packed_image.size());
  PeSpec stub{.bits = spec.bits};
  stub.machine = spec.bits == 64 ? 0x8664 : 0x14c;
  const std::string version = std::string("4.22") + '\0';
  stub.sections = {{.name = "UPX0", .body = "", .memory_size = 0x10000, .flags = 0xe0000080},
                   {.name = "UPX1",
                    .body = version + record_of(record, packed_image, packed) + packed + noise(700),
                    .memory_size = 0x8000,
                    .flags = 0xe0000040},
                   {.name = ".rsrc", .body = "resources", .flags = 0xc0000040}};
  const PeFile made(stub);
  file.packed = made.bytes;
  file.record = made.offsets[1] + version.size();
  return file;
}

}  // namespace minescan::test
