#pragma once
// The commands: their arguments, options, help and examples.

#include <CLI/CLI.hpp>

#include "app/command_line/option_groups.h"
#include "app/options.h"

namespace minescan::app {

// Parsing fills in both, and Options::command with the command that was given.  They must outlive
// the app.
void add_commands(CLI::App& app, Options& options, Typed& typed);

}  // namespace minescan::app
