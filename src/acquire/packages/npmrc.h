#pragma once
// The text of an .npmrc: INI as npm reads it.  Pure.  Tested by npmrc_test.cpp and fuzzed.

#include <map>
#include <string>
#include <string_view>

#include "acquire/environment.h"

namespace minescan::acquire {

// Keys and values as written, without quotes and comments; ${VARIABLES} are still in them.  What
// stands in sections and in arrays ("key[] = …") is left out: nothing that is looked for is written
// so.
std::map<std::string, std::string> parse_npmrc(std::string_view text);

// Whether expand_variables would look at the environment.
bool has_variables(std::string_view text);

// npm's ${NAME} and ${NAME?}; \${NAME} stays.  An absent variable leaves ${NAME} as it is, and
// nothing of ${NAME?}.
std::string expand_variables(std::string_view text, const Environment& environment);

}  // namespace minescan::acquire
