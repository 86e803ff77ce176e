#pragma once
// What was asked for on the command line.

#include <optional>
#include <string>
#include <vector>

#include "acquire/acquire.h"
#include "base/result.h"
#include "model/rule.h"
#include "store/store.h"

namespace minescan::app {

struct Output {
  std::string format;  // of report::format_names()
  std::string path;    // "-" = standard output
};

enum class Command {
  image,
  package,
  repo,
  gate,
  diff,
  inspect,
  signatures_list,
  signatures_show,
  signatures_test,
  explain,
  cache_info,
  cache_clean
};
enum class Colour { automatic, always, never };

struct Options {
  Command command = Command::image;
  std::string target;  // reference, path, or what signatures show is asked for
  acquire::Options acquire;
  std::vector<Output> outputs;
  Level fail_on = Level::error;
  bool fail_on_given = false;            // else a configuration may say
  std::string config;                    // --config FILE
  std::string baseline;                  // --baseline FILE, a JSON report
  std::vector<std::string> accept_gaps;  // --accept-gap KIND[:PATH], as written
  bool verify_installed = false;
  // Of gate and diff.
  bool base_given = false;
  std::string base;      // revision, or for diff the artifact before
  std::string head;      // revision; "" = the working tree
  bool staged = false;   // the index instead
  std::string lockfile;  // --lockfile, compared with `against`, without git
  std::string against;
  std::string sarif_location;
  bool timestamps = false;
  unsigned jobs = 0;  // 0 = one per processor
  Colour colour = Colour::automatic;
  bool progress = true;
  bool quiet = false;
  bool verbose = false;
  std::string signatures_added;  // directory
  std::string signatures_only;   // directory
  std::string report;            // JSON report that explain reads
  bool use_cache = true;
  std::string cache_directory;  // "" = the user's
  std::uint64_t cache_bytes = store::kDefaultBytes;
};

// The options, or the exit code with which the program ends at once (help, version, wrong usage;
// what there is to say has been said).
struct Parsed {
  std::optional<Options> options;
  int exit_code = 0;
};
Parsed parse_options(int argc, char** argv);

}  // namespace minescan::app
