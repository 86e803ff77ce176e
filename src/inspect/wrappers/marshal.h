#pragma once
// Python's marshalled objects, as .pyc files and PyInstaller hold them.  Layout: CPython's
// Python/marshal.c.  Nothing is executed or loaded: strings and the shape of tuples are read.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace minescan::inspect::wrappers {

// How the objects of code are laid out.
enum class Python { two, before_3_8, before_3_11, later };
Python python_of_magic(std::uint16_t magic);            // the first two bytes of a .pyc file
std::uint16_t magic_of_version(std::uint32_t version);  // 311 = 3.11; of any release alike

struct Object {
  enum class Kind : std::uint8_t { other, number, text, sequence };
  Kind kind = Kind::other;
  bool bytes = false;  // a text that Python calls bytes
  bool line = false;   // a text that can be shown
  bool word = false;   // one without blanks
  std::int64_t number = 0;
  std::string_view text;             // borrowed from what was read
  std::vector<std::uint32_t> items;  // of sequences: indices
};

struct Marshalled {
  std::vector<Object> objects;        // the last is the outermost; none when nothing could be read
  std::string constants;              // strings of code and tuples, a line each; see below
  std::vector<std::string_view> raw;  // constants of bytes that are no text
  bool whole = false;                 // all of it was read
};

// Reads one object.  What code holds as constants becomes lines: a tuple of nothing but strings is
// one, its strings apart by blanks, because that is how lists of arguments are kept; so are words
// that follow one another when there is an option among them.  What was read before a fault stays.
Marshalled read_marshal(ByteView bytes, Python python);

// A .pyc file: its header and then one object; or that object, a module's code, alone, as programs
// that hide it carry it along.  The strings of its constants, and in `raw` what of them is no text.
// Nothing when it is none.
struct Pyc {
  std::string constants;
  std::vector<std::string_view> raw;  // borrowed
  bool whole = false;
};
bool is_pyc(ByteView head);
bool is_bare_code(ByteView head);
Pyc read_pyc(ByteView file);

}  // namespace minescan::inspect::wrappers
