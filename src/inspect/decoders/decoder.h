#pragma once
// A decoder finds bytes that a text hides in an encoding.  Pure functions; the table in table.cpp
// lists them, and adding one is a source file and a line there.  What only looks encoded is dropped
// without a word: the text itself is matched as it is.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/decoders/triggers.h"

namespace minescan::inspect {

// What a decoder made from a part of a text.
struct Decoded {
  std::string name;         // of the decoder, as trails show it: "base64", "xor 0x5a"
  std::uint64_t begin = 0;  // the part: [begin, end) of the text or stream
  std::uint64_t end = 0;
  std::uint32_t line = 0;    // 1-based, of `begin`; 0 where lines mean nothing
  std::uint32_t column = 0;  // 1-based, in bytes
  std::string bytes;
  // Neither text nor of a known magic: random or encrypted bytes, or no encoding at all.
  bool unknown = false;
  bool cut = false;  // the part is longer than what is decoded at once; the bytes are its begin
};

// Takes what was hidden, one after the other, so that only one is in memory.
using TakeDecoded = std::function<void(Decoded&&)>;

namespace decoders {

// Longer parts of a text are not decoded to their end.
inline constexpr std::size_t kLongestPart = std::size_t{32} << 20;

// Where decoders put what they find.
using Found = std::vector<Decoded>;

// Each looks at one place that begins (or, for joins, ends its first part) at `at` and appends what
// it decodes.  Returns where the part that it looked at ends: places before that need no second
// look; `at` when it is none of its.  No place before `from` belongs to it.
class Names;
struct Place {
  std::string_view text;
  std::size_t from = 0;
  Span hit;                 // the run, or {at, at} of a mark
  bool only_known = false;  // what is neither text nor of a known magic is not wanted
  Names* names = nullptr;   // of the whole text; not for runs
};

std::size_t decode_hex(const Place& place, Found& found);
std::size_t decode_decimal(const Place& place, Found& found);
std::size_t decode_uuids(const Place& place, Found& found);
std::size_t decode_base58(const Place& place, Found& found);
std::size_t decode_base32(const Place& place, Found& found);
std::size_t decode_base64(const Place& place, Found& found);
std::size_t decode_joined(const Place& place, Found& found);     // "a" + "b", "a" "b", 'a''b'
std::size_t decode_escapes(const Place& place, Found& found);    // \x41 \u0041 \101
std::size_t decode_percent(const Place& place, Found& found);    // %41
std::size_t decode_numbers(const Place& place, Found& found);    // [104, 116, …]
std::size_t decode_addresses(const Place& place, Found& found);  // ptth//: uggc://
std::size_t decode_calls(const Place& place, Found& found);  // join, chr + chr, reversing a literal
std::size_t decode_calls_of_characters(const Place& place, Found& found);  // the second of them
std::size_t decode_unescaped(const Place& place, Found& found);  // str\x61tum, with what is around
std::size_t decode_join_of_names(const Place& place, Found& found);  // "".join(parts)
std::size_t decode_sum(const Place& place, Found& found);            // a + b + c
std::size_t decode_base64_words(const Place& place, Found& found);   // [f("LW8="), f("YTox")]
std::size_t decode_named(const Place& place, Found& found);          // b85decode(".."), rot13("..")
std::size_t decode_uuencoded(const Place& place, Found& found);      // begin 644 x
std::size_t decode_quoted(const Place& place, Found& found);         // =63=75=72=6C
std::size_t decode_index(const Place& place, Found& found);          // _0x2b(0x10) of a list
std::size_t decode_format(const Place& place, Found& found);         // "{1}{0}" -f 'b', 'a'
std::size_t decode_translated(const Place& place, Found& found);     // | tr a-z n-za-m

// Letters moved on in the alphabet by 0 to 26.
std::string caesar(std::string_view text, unsigned by);

// These look through the whole text: "63 75 72 6c", "63:75:72:6c", "0x63 0x75", "99 117 114 108";
// c^u^r^l; eval(function(p,a,c,k,e,r)….
void decode_spaced_hex(std::string_view text, Found& found);
void decode_carets(std::string_view text, Found& found);
void decode_packed_words(std::string_view text, Found& found);

// Everything that a text hides, in the order of the text.  Short texts that lie near one another
// come as one, a line each: that is what a program would put together, and it is cheaper.
void decode_text(std::string_view text, Found& found);

// A run of the base64 alphabet between bytes that are no text; `text` is the run and what follows.
void decode_run(std::string_view text, Found& found);

}  // namespace decoders
}  // namespace minescan::inspect
