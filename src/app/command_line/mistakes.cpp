#include "app/command_line/mistakes.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string_view>
#include <vector>

namespace minescan::app {
namespace {

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

const CLI::App& chosen(const CLI::App& app) {
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  return *command;
}

std::string chosen_name(const CLI::App& app) {
  std::string name;
  for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().front();
    name += (name.empty() ? "" : " ") + at->get_name();
  }
  return name;
}

std::string no_command(int argc, char** argv) {
  const std::string first = argc > 1 ? argv[1] : "";
  const std::string commands =
      "the commands are image, package, repo, gate, diff, inspect, explain, signatures, cache "
      "and doctor";
  if (first.empty()) return "a command is missing; " + commands + "; see minescan --help";
  if (first.front() == '-') {
    return "'" + first + "' is no option of minescan itself; options come after the command (" +
           commands + ")";
  }
  return "there is no command '" + first + "'; " + commands;
}

std::string suggestion(const CLI::App& command, const std::string& typed) {
  std::string best;
  std::size_t least = 4;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      const std::size_t d = distance("--" + name, typed.substr(0, typed.find('=')));
      if (d < least) {
        least = d;
        best = name;
      }
    }
  }
  if (best.empty()) return "";
  if (least == 0) return " (options come after the command)";
  return " (did you mean --" + best + "?)";
}

}  // namespace minescan::app
