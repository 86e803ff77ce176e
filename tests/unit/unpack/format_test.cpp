#include "unpack/format.h"

#include <set>

#include "support/archives.h"
#include "support/compressors.h"
#include "support/unpacking.h"

using namespace minescan;
using namespace minescan::test;

TEST_CASE("formats: every name is there once and leads to its format") {
  const auto names = unpack::format_names();
  CHECK(std::set<std::string_view>(names.begin(), names.end()).size() == names.size());
  for (const std::string_view name : names) {
    const unpack::Format* format = unpack::format_by_name(name);
    REQUIRE(format != nullptr);
    CHECK(format->name == name);
    CHECK_FALSE((format->decode != nullptr && format->walk != nullptr));
  }
  CHECK(unpack::format_by_name("nonsense") == nullptr);
}

TEST_CASE("formats: what is not read is known by its magic, and is neither decoded nor walked") {
  const std::string pad(600, '\0');
  struct Known {
    std::string name;
    std::string bytes;
  };
  const Known known[] = {
      {"7z", "7z\xbc\xaf\x27\x1c" + pad},
      {"rar", std::string("Rar!\x1a\x07\0", 7) + pad},
      {"rar", std::string("Rar!\x1a\x07\1\0", 8) + pad},
      {"cab", std::string("MSCF\0\0\0\0", 8) + std::string(16, '\0') + "\3\1" + pad},
      {"squashfs-be", "sqsh" + std::string(24, '\0') + std::string("\0\4\0\0", 4) + pad},
      {"xar", std::string("xar!\0\x1c\0\1", 8) + pad},
      {"lha", std::string("\x22\x11-lh5-", 7) + std::string(13, '\0') + pad},
      {"compress", "\x1f\x9d\x90" + std::string("h\xca\xb0", 3) + pad},
      {"lzop", std::string("\x89LZO\0\r\n\x1a\n", 9) + pad},
      {"wim", std::string("MSWIM\0\0\0", 8) + pad},
      {"qcow", std::string("QFI\xfb\0\0\0\3", 8) + pad},
      {"vmdk", std::string("KDMV\1\0\0\0", 8) + pad},
      {"vhdx", "vhdxfile" + pad},
      {"luks", std::string("LUKS\xba\xbe\0\2", 8) + pad},
      {"ext", std::string(1024, '\0') + little(16u) + little(64u) + std::string(12, '\0') +
                  little(1u) + std::string(32, '\0') + std::string("\x53\xef\1\0\1\0", 6) + pad},
      {"erofs", std::string(1024, '\0') + "\xe2\xe1\xf5\xe0" + std::string(8, '\0') + "\x0c" + pad},
      {"f2fs", std::string(1024, '\0') + "\x10\x20\xf5\xf2" + std::string(4, '\0') + "\x09" + pad},
      {"xfs", std::string("XFSB\0\0\x10\0", 8) + pad},
      {"cramfs", "\x45\x3d\xcd\x28" + std::string(12, '\0') + "Compressed ROMFS" + pad},
      {"lrzip", std::string("LRZI\0\6", 6) + pad},
      {"zpaq", "zPQ\2\1" + pad},
      {"zpaq", "7kSt\xa0\x31\x83\xd3\x8c\xb2\x28\xb0\xd3zPQ\1\1" + pad},
      {"zoo", "ZOO 2.10 Archive.\x1a" + std::string(2, '\0') + "\xdc\xa7\xc4\xfd" + pad},
      {"arj", "\x60\xea" + std::string("\x1e\0", 2) + std::string(30, 'a') +
                  little(crc32_of(std::string(30, 'a'))) + pad},
  };
  for (const Known& one : known) {
    CAPTURE(one.name);
    CHECK(format_of(one.bytes) == one.name);
    const unpack::Format* format = unpack::format_by_name(one.name);
    REQUIRE(format != nullptr);
    CHECK(bool{format->decode == nullptr});
    CHECK(bool{format->walk == nullptr});
  }
}

TEST_CASE("formats: ordinary files are none") {
  const std::string numbers_text = numbers(1024);
  std::string random;
  std::uint32_t state = 7;
  for (int i = 0; i < 1024; ++i) {
    state = state * 1664525 + 1013904223;
    random.push_back(static_cast<char>(state >> 24));
  }
  const std::string ordinary[] = {
      "",
      "x",
      std::string(1024, '\0'),
      std::string(1024, '\xff'),
      numbers_text,
      random,
      "#!/bin/sh\necho hello\n",
      "\x7f"
      "ELF\2\1\1" +
          std::string(500, '\0'),
      "MZ" + std::string(500, '\0'),
      "{\"name\": \"left-pad\"}",
      "070707 is a number in this text, and 070701 too",
      "PK is a common start of a word",
      "BZh91 is not enough",
      "hsqs",
      "xar! xar!",
      "Rar!",
      "LZIP is short for something",
  };
  for (const std::string& bytes : ordinary) {
    CAPTURE(bytes);
    CHECK(format_of(bytes) == "");
  }
}

TEST_CASE("formats: no prefix of anything is read past its end") {
  for (const std::string& bytes :
       {gzip("text"), zstd("text"), xz("text"), bzip2("text"), lz4("text"), lzma_alone("text"),
        skippable("x") + zstd("text")}) {
    for (std::size_t n = 0; n < bytes.size(); ++n) {
      // In memory of its own, so that a sanitizer sees a read behind it.
      const std::vector<char> exact(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
      static_cast<void>(format_of(std::string_view(exact.data(), exact.size())));
    }
  }
}
