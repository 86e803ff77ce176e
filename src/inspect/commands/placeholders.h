#pragma once
// Texts with places for values: "-o %s:%d" % (host, port), format("-o {}", host), printf '-o %s' x.

#include <string>
#include <string_view>

#include "inspect/commands/variables.h"

namespace minescan::inspect::commands {

// Cheap; says yes a little too often.
bool has_placeholder(std::string_view text);

// The text with the values that stand behind such literals put into them.  Names that `variables`
// knows are values.  Linear; up to 16 values are read behind a literal.
std::string fill_placeholders(std::string_view text, const Variables& variables);

}  // namespace minescan::inspect::commands
