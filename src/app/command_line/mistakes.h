#pragma once
// What to say when the command line is wrong.

#include <CLI/CLI.hpp>
#include <string>

namespace minescan::app {

// The innermost command that was given.
const CLI::App& chosen(const CLI::App& app);
// Its name with those of the commands around it: "signatures build".
std::string chosen_name(const CLI::App& app);

// What to say when the command line does not begin with a command.
std::string no_command(int argc, char** argv);

// " (did you mean --platform?)" when an option of the command is close to what was typed, and a
// word about the order when it is one.
std::string suggestion(const CLI::App& command, const std::string& typed);

}  // namespace minescan::app
