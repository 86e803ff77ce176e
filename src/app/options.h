#pragma once
// What was asked for on the command line.

#include <optional>
#include <span>
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
  doctor,
  signatures_list,
  signatures_show,
  signatures_test,
  signatures_build,
  signatures_keygen,
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
  std::string signatures_added;             // directory or signature pack
  std::string signatures_only;              // the same, instead of the built-in ones
  std::vector<std::string> signature_keys;  // files of public keys, one of which signed the pack
  std::uint64_t signatures_least = 0;       // --signatures-min-version; 0 = not given
  // Of signatures build.
  struct Pack {
    std::string file;
    std::string key;  // file of the private key
    std::string name = "signatures";
    std::uint64_t version = 0;
    bool only = false;  // without the built-in ones
  };
  Pack pack;
  std::string report;  // JSON report that explain reads
  // What reads untrusted bytes runs in confined processes (app/sandbox.h).
  bool sandbox = true;
  bool require_sandbox = false;
  unsigned unit_seconds = 120;  // --unit-timeout: without any progress
  std::span<char> told;         // the memory that holds the arguments and the environment
  std::string username;         // --username, whose password is read by take_credentials()
  const char* token = nullptr;  // value of --registry-token
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

// Reads the password and the token that were announced into options.acquire.  Apart from parsing,
// so that they are not in memory when worker processes are made.
Result<void> take_credentials(Options& options);

}  // namespace minescan::app
