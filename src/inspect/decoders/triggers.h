#pragma once
// Finds, in one pass over a text, the places where a decoder could have something to do.  This pass
// is all that ordinary text costs, so it compares 32 bytes at a time where the processor can.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace minescan::inspect::decoders {

// text[begin, end)
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Three bytes that begin something a decoder knows.  Each is a bit of Mark::kinds.
enum class MarkKind : std::uint8_t {
  join_plus,       // a quote, + or ., a quote or a blank
  join_space,      // a quote, a blank, a quote, + or a blank
  join_pair,       // two quotes, a word
  escape,          // \x41, \u0041, \101, %41
  numbers,         // ([{, a digit, more of a number or what follows one; {0}
  spaced_numbers,  // ([{, a blank, a digit or a blank; "[::"
  address,         // "//:", and "://" after a letter
  call,            // "join('", "chr(1"
  join_names,      // of "join(" and "implode("
  sum,             // a plus, a name
  sum_of_php,      // a full stop, $name
  base64_name,     // of "base64", "b64decode", "atob"; "rev"
  named,           // of what is called after its encoding: "b85decode", "z85", "rot13"
  uuencoded,       // a line of it, or the one before the first
  quoted,          // =41
  index,           // ([, then a number, or a number in quotes
};
constexpr std::uint16_t mark_bit(MarkKind kind) {
  return static_cast<std::uint16_t>(1u << static_cast<unsigned>(kind));
}

struct Mark {
  std::size_t at = 0;
  std::uint16_t kinds = 0;
};

// A run of at least this many characters of [A-Za-z0-9+/_-] may be base64, base32 or hex: 18 bytes,
// less than the shortest address of a pool with its port.
inline constexpr std::size_t kShortestRun = 24;

// The alphabet by the high half of a byte, one bit for each of five ranges; 0 outside.
constexpr std::array<std::uint8_t, 256> alphabet_table() {
  std::array<std::uint8_t, 256> table{};
  for (unsigned c = 0; c < 128; ++c) {
    const bool digit = c >= '0' && c <= '9';
    const bool upper = c >= 'A' && c <= 'Z';
    const bool lower = c >= 'a' && c <= 'z';
    if (digit || upper || lower || c == '+' || c == '/' || c == '-' || c == '_') {
      table[c] = static_cast<std::uint8_t>(1u << (c >> 4));
    }
  }
  return table;
}
inline constexpr auto kAlphabet = alphabet_table();

inline bool in_base64_alphabet(char c) { return kAlphabet[static_cast<unsigned char>(c)] != 0; }

// Where in bytes[from, end) a run of at least 64 characters of the alphabet may lie: a place inside
// it.  No run begins before `from`.  npos when there is none.
std::size_t find_long_run(std::string_view bytes, std::size_t from);

// Walks a text once.  The text must outlive it.
class TriggerScan {
 public:
  explicit TriggerScan(std::string_view text) : text_(text) {}

  // Replaces `runs` and `marks` by those that begin in the next piece of the text, each in order.
  // Runs are whole even where the piece ends.  False at the end of the text.
  bool next(std::vector<Span>& runs, std::vector<Mark>& marks);

  // Of the 64 bytes before: which are of the alphabet, and whether the last eight all are.
  struct Neighbours {
    std::uint64_t alphabet = 0;
    std::uint64_t groups = 0;
  };

 private:
  // Returns where the run that `inside` lies in ends; tells it when it is long enough and new.
  std::size_t add_run(std::size_t inside, std::vector<Span>& runs);
  void plain(std::size_t from, std::size_t to, std::vector<Span>& runs, std::vector<Mark>& marks);
  std::size_t wide(std::size_t from, std::size_t to, std::vector<Span>& runs,
                   std::vector<Mark>& marks);

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t run_end_ = 0;  // of the last run told
  Neighbours before_;
};

}  // namespace minescan::inspect::decoders
