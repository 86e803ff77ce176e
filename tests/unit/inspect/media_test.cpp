#include "inspect/media.h"

#include <doctest/doctest.h>

#include <string>

#include "support/elf_file.h"
#include "support/pe_file.h"

namespace {

using namespace minescan;

std::string elf(std::uint16_t type = 2, unsigned bits = 64) {
  test::ElfSpec spec;
  spec.bits = bits;
  spec.type = type;
  spec.segments = {{.size = 100}};
  spec.sections = {{.name = ".text", .body = std::string(300, 'x'), .flags = 6}};
  return test::ElfFile(spec).bytes;
}

std::string pe(unsigned bits) {
  test::PeSpec spec;
  spec.bits = bits;
  spec.machine = bits == 64 ? 0x8664 : 0x14c;
  spec.sections = {{.name = ".text", .body = std::string(300, 'x')}};
  return test::PeFile(spec).bytes;
}

}  // namespace

TEST_CASE("media: pictures, sound and documents, and nothing else") {
  for (const std::string& begin :
       {std::string("\x89PNG\r\n\x1a\n"), std::string("\xff\xd8\xff\xe0"), std::string("GIF89a"),
        std::string("%PDF-1.7"), std::string("RIFF1234WAVE"),
        std::string("\0\0\0\x18"
                    "ftypmp42",
                    12)}) {
    CHECK(inspect::is_media(as_bytes(begin + "more than 12 bytes")));
  }
  for (const std::string& begin : {std::string(), std::string("f"),
                                   std::string("\x7f"
                                               "ELF"),
                                   std::string("SQLite format 3"), std::string("ftyp")}) {
    CHECK_FALSE(inspect::is_media(as_bytes(begin)));
  }
}

TEST_CASE("media: programs are found at any place, and not where their headers are none") {
  const std::string front = "\x89PNG" + std::string(1'001, '\xa5');
  for (const std::string& program : {elf(), elf(3), elf(2, 32), pe(64), pe(32)}) {
    const std::string bytes = front + program + front;
    CHECK(inspect::find_program(as_bytes(bytes), 0) == front.size());
    CHECK_FALSE(inspect::find_program(as_bytes(bytes), front.size() + 1).has_value());
    for (std::size_t n = 0; n < 200; ++n) {
      inspect::find_program(as_bytes(bytes).first(front.size() + n), 0);
    }
  }
  // An object file is nothing that runs.
  CHECK_FALSE(inspect::find_program(as_bytes(front + elf(1)), 0).has_value());
  std::string odd = elf();
  odd[0x36] = 57;  // bytes of a program header
  CHECK_FALSE(inspect::find_program(as_bytes(front + odd), 0).has_value());
  const std::string marks = "MZ" + front + std::string("PE\0\0\x64\x86", 6) +
                            "\x7f"
                            "ELF\2\1\1" +
                            front;
  CHECK_FALSE(inspect::find_program(as_bytes(front + marks), 0).has_value());
}
