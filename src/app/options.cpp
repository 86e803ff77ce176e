#include "app/options.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string_view>
#include <utility>

#include "app/command_line/commands.h"
#include "app/command_line/mistakes.h"
#include "base/printable.h"
#include "report/report.h"

namespace minescan::app {
namespace {

constexpr const char* kIntroduction =
    R"(Finds cryptomining in container images, packages and source trees before it runs.

Examples:
  minescan image registry.example/team/app:1.2        an image, all its platforms
  minescan image oci-archive:app.tar --fail-on warning
  minescan image localhost:5000/app:1 -o sarif=app.sarif -o json=app.json
  minescan package npm:left-pad@1.3.0                 a package, out of its registry
  minescan package left-pad-1.3.0.tgz                 a package's file, or any other file
  minescan repo .                                     a tree
  minescan gate --base origin/main                    what a change brings, before it is merged
  minescan diff npm:left-pad@1.2.0 npm:left-pad@1.3.0 what a version brought
  minescan inspect libfoo.so                          what is seen in one file
  minescan explain MSN1001                            what a rule means and what to do
  minescan explain 5dfadb9a4f867cc0 --report app.json why a finding was made)";

constexpr const char* kExitCodes =
    R"(Exit codes:
  0  complete, and nothing at or above --fail-on
  1  findings at or above --fail-on
  2  no verdict: wrong usage, not reachable, refused, wrong digest
  3  nothing found, but some bytes could not be looked at (see the gaps in the report))";

std::string version_line() { return std::string("minescan ") + MINESCAN_VERSION; }

// One thing went wrong with what was typed.
int usage_error(const std::string& what) {
  std::fprintf(stderr, "minescan: %s\n", printable(what).c_str());
  return 2;
}

Result<void> read_outputs(const Typed& typed, Options& options) {
  for (const std::string& output : typed.outputs) {
    const std::size_t equals = output.find('=');
    const std::string format = output.substr(0, equals);
    const bool named = equals != std::string::npos && report::format_by_name(format) != nullptr;
    Output parsed{.format = named ? format : typed.format,
                  .path = named ? output.substr(equals + 1) : output};
    const bool like_format =
        equals != std::string::npos && equals > 0 &&
        format.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string::npos;
    if (like_format && !named) {
      std::string what = "-o '" + output;
      what.append("': there is no format '").append(format);
      what.append("'; use ").append(format_list());
      what.append(" (a file of that name is ./").append(output);
      return fail(Code::usage, what + ")");
    }
    if (parsed.path.empty()) return fail(Code::usage, "-o '" + output + "' names no file");
    for (const Output& other : options.outputs) {
      if (other.path == parsed.path) {
        return fail(Code::usage, "-o names '" + parsed.path + "' twice");
      }
    }
    options.outputs.push_back(std::move(parsed));
  }
  if (options.outputs.empty()) options.outputs.push_back({typed.format, "-"});
  return {};
}

Result<void> check_password(const Typed& typed, const Options& options) {
  if (options.username.empty() && !typed.password_stdin) return {};
  if (options.username.empty()) return fail(Code::usage, "--password-stdin needs --username");
  if (!typed.password_stdin) {
    return fail(Code::usage, "--username needs --password-stdin; a password is never an argument");
  }
  return {};
}

constexpr std::string_view kToken = "--registry-token";

// The arguments without the secret among them, of which the parser would make copies.
struct Arguments {
  std::vector<std::string> texts;
  const char* token = nullptr;
};
Arguments without_secrets(int argc, char** argv) {
  Arguments arguments;
  for (int i = 0; i < argc; ++i) {
    const std::string_view text = argv[i];
    const bool joined = text.starts_with(kToken) && text.substr(kToken.size()).starts_with('=');
    const bool apart = i > 0 && std::string_view(argv[i - 1]) == kToken;
    if (joined) {
      arguments.token = argv[i] + kToken.size() + 1;
      arguments.texts.push_back(std::string(kToken) + "=given");
    } else if (apart) {
      arguments.token = argv[i];
      arguments.texts.emplace_back("given");
    } else {
      arguments.texts.emplace_back(text);
    }
  }
  return arguments;
}

Result<void> interpret(const Typed& typed, Options& options) {
  MINESCAN_TRY(read_outputs(typed, options));
  MINESCAN_TRY(check_password(typed, options));
  options.fail_on = typed.fail_on == "note"      ? Level::note
                    : typed.fail_on == "warning" ? Level::warning
                                                 : Level::error;
  options.colour = typed.colour == "always"  ? Colour::always
                   : typed.colour == "never" ? Colour::never
                                             : Colour::automatic;
  options.progress = !typed.no_progress;
  options.use_cache = !typed.no_cache;
  options.sandbox = !typed.no_sandbox;
  return {};
}

}  // namespace

Parsed parse_options(int argc, char** argv) {
  CLI::App app(kIntroduction, "minescan");
  app.footer(kExitCodes);
  app.set_version_flag("-V,--version", version_line());
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);

  Options options;
  Typed typed;
  add_commands(app, options, typed);

  const Arguments arguments = without_secrets(argc, argv);
  std::vector<const char*> texts;
  for (const std::string& text : arguments.texts) texts.push_back(text.c_str());
  try {
    app.parse(argc, texts.data());
  } catch (const CLI::CallForHelp&) {
    std::fputs(chosen(app).help("", CLI::AppFormatMode::Normal).c_str(), stdout);
    return {.options = std::nullopt, .exit_code = 0};
  } catch (const CLI::CallForVersion&) {
    std::printf("%s\n", version_line().c_str());
    return {.options = std::nullopt, .exit_code = 0};
  } catch (const CLI::ExtrasError&) {
    if (app.get_subcommands().empty()) {
      return {.options = std::nullopt, .exit_code = usage_error(no_command(argc, argv))};
    }
    const std::string first = app.remaining(true).empty() ? "" : app.remaining(true).front();
    return {.options = std::nullopt,
            .exit_code =
                usage_error("unknown argument '" + first + "'" + suggestion(chosen(app), first) +
                            "; see minescan " + chosen_name(app) + " --help")};
  } catch (const CLI::ParseError& e) {
    if (app.get_subcommands().empty()) {
      return {.options = std::nullopt, .exit_code = usage_error(no_command(argc, argv))};
    }
    return {.options = std::nullopt,
            .exit_code = usage_error(std::string(e.what()) + "; see minescan " + chosen_name(app) +
                                     " --help")};
  }
  if (options.command == Command::image) {
    options.token = typed.token.empty() ? std::getenv("MINESCAN_REGISTRY_TOKEN") : arguments.token;
  }
  options.fail_on_given =
      chosen(app).get_option_no_throw("--fail-on") != nullptr && chosen(app).count("--fail-on") > 0;
  if (options.command == Command::inspect || options.command == Command::doctor) {
    options.sandbox = !typed.no_sandbox;
    options.outputs = {{.format = typed.inspect_format, .path = "-"}};
    return {.options = std::move(options)};
  }
  if (const auto done = interpret(typed, options); !done) {
    return {.options = std::nullopt, .exit_code = usage_error(done.error().what)};
  }
  return {.options = std::move(options), .exit_code = 0};
}

Result<void> take_credentials(Options& options) {
  if (options.token != nullptr) options.acquire.registry_token = options.token;
  if (options.username.empty()) return {};
  std::string line;
  if (!std::getline(std::cin, line) || line.empty()) {
    return fail(Code::usage, "--password-stdin: standard input holds no password");
  }
  if (line.back() == '\r') line.pop_back();
  options.acquire.username = options.username;
  options.acquire.password = line;
  return {};
}

}  // namespace minescan::app
