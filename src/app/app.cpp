#include "app/app.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <span>
#include <string>

#include "app/cache.h"
#include "app/clock.h"
#include "app/explain.h"
#include "app/inspect.h"
#include "app/options.h"
#include "app/sandbox.h"
#include "app/scan.h"
#include "app/signatures.h"
#include "base/printable.h"
#include "report/report.h"

namespace minescan::app {
namespace {

void complain(const std::string& what) {
  std::fprintf(stderr, "minescan: %s\n", printable(what).c_str());
}

// There may be none for a sentence that has to be put together.
void complain_of_memory() {
  constexpr std::string_view kSentence =
      "minescan: there is not enough memory; give it more, or scan less at once (-j 1)\n";
  static_cast<void>(::write(STDERR_FILENO, kSentence.data(), kSentence.size()) < 0);
}

bool environment_says(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

bool colour_wanted(Colour colour, bool terminal) {
  if (colour != Colour::automatic) return colour == Colour::always;
  if (environment_says("NO_COLOR")) return false;
  const char* forced = std::getenv("CLICOLOR_FORCE");
  if (forced != nullptr && *forced != '\0' && std::strcmp(forced, "0") != 0) return true;
  const char* term = std::getenv("TERM");
  return terminal && term != nullptr && std::strcmp(term, "dumb") != 0;
}

// As SARIF wants it.
std::string utc_now() { return utc("%Y-%m-%dT%H:%M:%SZ"); }

// A reader that went away (`| head -1`) has what it wanted; anything else is a failure.
Result<void> write_stdout(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(STDOUT_FILENO, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EPIPE) return {};
    if (n < 0)
      return fail(Code::io,
                  std::string("cannot write to standard output: ") + std::strerror(errno));
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// Writes every report asked for; goes on after a failure, so that one bad path costs one report.
bool write_reports(const Options& options, const Report& report, report::Style style) {
  bool written = true;
  bool on_stdout = false;
  for (const Output& output : options.outputs) {
    const report::Format* format = report::format_by_name(output.format);
    const bool to_stdout = output.path == "-";
    on_stdout = on_stdout || to_stdout;
    style.colour = to_stdout && colour_wanted(options.colour, ::isatty(STDOUT_FILENO) == 1);
    const std::string text = format->write(report, style);
    const auto done = to_stdout ? write_stdout(text) : report::write_file(output.path, text);
    if (!done) {
      complain(done.error().what);
      written = false;
    }
  }
  // Beside a report that is missing, a verdict on standard error would contradict the exit code.
  if (!on_stdout && !options.quiet && written) {
    style.colour = false;
    const std::string text = report::format_by_name("text")->write(report, style);
    std::fprintf(stderr, "%s\n", first_line(text).c_str());
  }
  return written;
}

// Why there is no verdict belongs where errors are looked for, not only into the report.
void explain_no_verdict(const Report& report) {
  if (report.exit_code != 2 || report.failures.empty()) return;
  const std::size_t more = report.failures.size() - 1;
  complain("no verdict on " + report.artifact.name + ": " + report.failures.front().what +
           (more == 0 ? "" : ", and " + std::to_string(more) + " more; see the report"));
}

// The file that a target names, behind a transport and before a tag; "" when it names none.
std::string target_file(std::string target) {
  for (const std::string_view transport : {"oci-archive:", "docker-archive:"}) {
    if (target.starts_with(transport)) target.erase(0, transport.size());
  }
  struct stat info {};
  if (::stat(target.c_str(), &info) == 0) return target;
  return target.substr(0, target.find(':'));
}

// A report must not take the place of what it is about.
Result<void> check_outputs(const Options& options) {
  struct stat target {};
  if (::stat(target_file(options.target).c_str(), &target) != 0) return {};
  for (const Output& output : options.outputs) {
    struct stat file {};
    if (output.path == "-" || ::stat(output.path.c_str(), &file) != 0) continue;
    if (S_ISREG(file.st_mode) && file.st_dev == target.st_dev && file.st_ino == target.st_ino) {
      return fail(Code::usage, "-o '" + output.path +
                                   "' is what is to be scanned; name another file for the report");
    }
  }
  return {};
}

Result<int> run_scan(Options& options) {
  MINESCAN_TRY(check_outputs(options));
  report::Style style{.verbose = options.verbose, .sarif_location = options.sarif_location};
  if (options.timestamps) style.start_time = utc_now();
  MINESCAN_TRY_ASSIGN(const auto signatures, load_signatures(options));
  // Taken apart with the process: to do it piece by piece costs as much as a small scan.
  static const auto* const kept = new std::shared_ptr<const match::SignatureSet>(signatures);
  static_cast<void>(kept);
  const bool show_progress =
      options.progress && !options.quiet && ::isatty(STDERR_FILENO) == 1 && !environment_says("CI");
  const Limits limits;
  MINESCAN_TRY_ASSIGN(Sandbox sandbox, Sandbox::start(options, signatures, limits));
  if (options.command == Command::gate && options.lockfile.empty()) {
    MINESCAN_TRY(sandbox.start_git(options));
  }
  options.acquire.tasks = &sandbox.tasks();
  MINESCAN_TRY(take_credentials(options));
  std::string note;
  Recall recall(options, signatures->digest(), limits, note);
  if (!note.empty() && !options.quiet) complain(note);
  MINESCAN_TRY_ASSIGN(const Report report,
                      scan(options, signatures, limits, recall, sandbox, show_progress));
  sandbox.dismiss();
  if (options.timestamps) style.end_time = utc_now();
  const bool written = write_reports(options, report, style);
  explain_no_verdict(report);
  // A report that could not be written must not pass for a clean one; findings still say 1.
  return written || report.exit_code == 1 ? report.exit_code : 2;
}

// The memory in which the kernel put the arguments, and the environment behind them.
std::span<char> told_to(int argc, char** argv) {
  if (argc < 1) return {};
  char* end = argv[0];
  const auto follow = [&](char* text) {
    if (text == end) end = text + std::strlen(text) + 1;
  };
  for (int i = 0; i < argc; ++i) follow(argv[i]);
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    follow(*variable);
  }
  return {argv[0], end};
}

Result<int> run_command(Options& options) {
  switch (options.command) {
    case Command::image:
    case Command::package:
    case Command::repo:
    case Command::gate:
    case Command::diff:
      return run_scan(options);
    case Command::signatures_list:
    case Command::signatures_show:
    case Command::signatures_test:
    case Command::signatures_build:
    case Command::signatures_keygen:
      return run_signatures(options);
    case Command::inspect:
      return run_inspect(options);
    case Command::explain:
      return run_explain(options);
    case Command::doctor:
      return run_doctor(options);
    case Command::cache_info:
    case Command::cache_clean:
      return run_cache(options);
  }
  return 2;
}

}  // namespace

int run(int argc, char** argv) {
  const std::span<char> told = told_to(argc, argv);
  // Writes to a pipe without reader fail with EPIPE instead of ending the program, so that the exit
  // code stays the verdict's.
  std::signal(SIGPIPE, SIG_IGN);
  // And writes beyond a limit on files with EFBIG: a cache that cannot grow must not end a scan.
  std::signal(SIGXFSZ, SIG_IGN);
  // libcurl would write the keys of its connections to the file that this names.
  ::unsetenv("SSLKEYLOGFILE");
  // Botan locks a pool of pages for secrets, which takes longer than a small scan; digests of what
  // is scanned are none.
  ::setenv("BOTAN_MLOCK_POOL_SIZE", "0", 0);
  try {
    Parsed parsed = parse_options(argc, argv);
    if (!parsed.options) return parsed.exit_code;
    parsed.options->told = told;
    const auto code = run_command(*parsed.options);
    if (code) return *code;
    complain(code.error().what);
  } catch (const std::bad_alloc&) {
    complain_of_memory();
  } catch (const std::exception& e) {
    try {
      complain(std::string("stopped by an internal failure: ") + e.what());
    } catch (const std::exception&) {
      complain_of_memory();
    }
  }
  return 2;
}

}  // namespace minescan::app
