#pragma once
// The options that make a line worth a look.  What they mean together is the matcher's business
// (match/command_words.h), whose tables a new miner's options belong into as well.

#include <string_view>

namespace minescan::inspect::commands {

// Where the first option of a miner stands at or behind `from`; npos when there is none.
std::size_t find_option(std::string_view text, std::size_t from = 0);

// Whether `word` begins with such an option, and with one that few other programs have.
bool is_option(std::string_view word);
bool is_rare_option(std::string_view word);

// Whether a command is worth the matcher's look: compilers and archivers have options of these
// names too, by the thousand.
bool is_telling(std::string_view command);

}  // namespace minescan::inspect::commands
