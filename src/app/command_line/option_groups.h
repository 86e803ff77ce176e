#pragma once
// The options that several commands share.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "app/options.h"

namespace minescan::app {

// What CLI11 fills in as text before it is checked.
struct Typed {
  std::string format = "text";
  std::string inspect_format = "text";
  std::vector<std::string> outputs;
  std::string token;  // that there is one; its value stays where it is
  std::string fail_on = "error";
  std::string colour = "auto";
  bool password_stdin = false;
  bool no_progress = false;
  bool no_cache = false;
  bool no_sandbox = false;
};

// "text, json or sarif"
std::string format_list();

// A check for CLI11, which itself takes "-1" for the highest number there is: what is wrong, or "".
std::string is_pack_version(const std::string& text);

// Each adds its options to a command; they are filled in when it is parsed.
void add_signature_options(CLI::App& command, Options& options);
void add_cache_options(CLI::App& command, Options& options);
void add_sandbox_options(CLI::App& command, Options& options, Typed& typed);
void add_scan_options(CLI::App& command, Options& options, Typed& typed);
// For every command that fetches packages.
void add_package_options(CLI::App& command, Options& options);
void add_verify_options(CLI::App& command, Options& options);
void add_image_options(CLI::App& command, Options& options, Typed& typed);

}  // namespace minescan::app
