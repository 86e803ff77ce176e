#pragma once
// What a file is, from its first bytes; its name only helps to tell kinds of text apart.

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "model/view.h"

namespace minescan::inspect {

enum class Encoding : std::uint8_t { bytes, utf16le, utf16be, utf32le, utf32be };
std::string_view encoding_name(Encoding encoding);  // "utf-16le"

struct FileType {
  ViewKind view = ViewKind::binary;  // the kind of the view that is the whole file
  std::string_view name = "data";  // "ELF", "PE", "Mach-O", "shell script", "JSON", "Markdown" …
  Encoding encoding = Encoding::bytes;
};

// How many first bytes are worth passing.
inline constexpr std::size_t kTypeBytes = 4096;

// head: the first bytes, up to kTypeBytes.  name: the path as the archive says, may be empty.
FileType file_type(ByteView head, std::string_view name);

}  // namespace minescan::inspect
