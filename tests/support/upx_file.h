#pragma once
// Packs programs for tests in the layouts of UPX, with the compressors of UCL and liblzma.  The
// stub is no code, so nothing made here can run.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace minescan::test {

// method: UPX's number, see inspect/packers/streams.h.
std::string upx_compress(unsigned method, std::string_view text);

struct UpxElfSpec {
  unsigned bits = 64;
  bool big_endian = false;
  std::uint16_t machine = 62;
  unsigned method = 2;
  std::size_t block_size = ~std::size_t{0};
  std::uint8_t filter = 0;  // of the first segment; 0x49: its calls go to `filter_value`
  std::uint8_t filter_value = 0;
};

struct UpxFile {
  std::string original;
  std::string packed;
  std::size_t info = 0;             // ELF: where l_info is; p_info follows 12 bytes later
  std::size_t record = 0;           // of 32 bytes
  std::vector<std::size_t> blocks;  // ELF: where they begin
};

// Two segments with a gap between them, and behind them what is in no segment.
UpxFile upx_elf(const UpxElfSpec& spec);

// A shared library, of which the front and the writable segment stay as they were.  `old`: as UPX
// 3.9x does it, whose first segment has the code too; else as 4.2, where the code has its own.
UpxFile upx_library(bool old);

struct UpxPeSpec {
  unsigned bits = 64;
  unsigned method = 8;
  bool headers = false;  // the image holds the original's, and calls are filtered (0x26)
};
// `original` is the image.
UpxFile upx_pe(const UpxPeSpec& spec);

// l_info, p_info and blocks of these parts, as UPX writes them into shared libraries and Mach-O.
// `told`: what they say the size of the original is.
std::string upx_blocks(unsigned method, const std::vector<std::string>& parts,
                       std::size_t told = 1'000'000);

// Every `from` made `to`, which is as long.
std::string replaced(std::string text, std::string_view from, std::string_view to);

}  // namespace minescan::test
