#pragma once
// A text's words as a shell, or the language around them, would put them together.

#include <string>
#include <string_view>
#include <vector>

#include "inspect/commands/variables.h"

namespace minescan::inspect::commands {

// The words of each command in `text`, with names that stand for a value replaced by it.  Variables
// that are written as such ("$POOL") must be put in already.
std::vector<std::vector<std::string>> words_of(std::string_view text, const Variables& variables);

}  // namespace minescan::inspect::commands
