#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "app/cache.h"
#include "app/sandbox.h"
#include "app/signatures.h"
#include "base/json.h"
#include "base/printable.h"
#include "examine/worker/desk.h"
#include "examine/worker/reading.h"

namespace minescan::app {
namespace {

using examine::worker::Confinement;

// One line of the table.
struct Check {
  std::string name;
  bool good = false;
  std::string what;
};

// What a worker was stopped at, by trying.
std::vector<Check> tried(examine::worker::Nursery& nursery) {
  std::vector<Check> checks;
  examine::worker::Desk desk(nursery, std::chrono::seconds(10));
  const auto attempts = examine::worker::attempts();
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    const auto outcome = desk.attempt(i);
    Check check{.name = std::string(attempts[i].name)};
    check.good = outcome && !outcome->possible;
    check.what = outcome ? outcome->what : outcome.error().what;
    checks.push_back(std::move(check));
  }
  return checks;
}

// The same of a process that reads files: one for each attempt.
std::vector<Check> tried_reading(const Options& options) {
  std::vector<Check> checks;
  for (const auto& attempt : examine::worker::reader_attempts()) {
    Check check{.name = std::string(attempt.name)};
    const auto process = examine::worker::ReadingProcess::start(
        {.name = "minescan-try",
         .prepare = [] {},
         .open = [] { return std::vector<Readable>{{.path = examine::worker::kGiven}}; },
         .serve =
             [&](int socket) {
               const char worked = attempt.act() ? 1 : 0;
               static_cast<void>(::write(socket, &worked, 1) < 0);
             },
         .environment = {},
         .told = options.told,
         .patience = std::chrono::seconds(10)});
    if (!process || !(*process)->confinement()) {
      check.what = process ? (*process)->confinement().error().what : process.error().what;
    } else {
      char worked = 0;
      const bool said = ::recv((*process)->socket(), &worked, 1, 0) == 1;
      check.good = !said || worked == 0;
      check.what = !said ? (*process)->end() : worked == 0 ? "it was refused" : "it is possible";
    }
    checks.push_back(std::move(check));
  }
  return checks;
}

std::vector<Check> steps(const Confinement& got) {
  return {
      {"processes", got.processes, got.processes ? "workers are apart" : "none can be made"},
      {"Landlock", got.landlock != 0,
       got.landlock != 0 ? "version " + std::to_string(got.landlock)
                         : "not there, or not enabled in the kernel"},
      {"seccomp", got.seccomp, got.seccomp ? "filters" : "not there, or left out of this build"},
      {"memory limit", got.memory,
       got.memory ? std::to_string(examine::worker::kMostAddresses >> 20) + " MiB"
                  : "left out of this build"}};
}

std::string kernel() {
  utsname system{};
  if (::uname(&system) != 0) return "unknown";
  return std::string(system.sysname) + " " + system.release + " " + system.machine;
}

bool all_good(const std::vector<Check>& checks) {
  for (const Check& check : checks) {
    if (!check.good) return false;
  }
  return true;
}

void print(const char* title, const std::vector<Check>& checks) {
  std::printf("%s\n", title);
  for (const Check& check : checks) {
    std::printf("  %-8s %-24s %s\n", check.good ? "ok" : "MISSING", check.name.c_str(),
                printable(check.what).c_str());
  }
}

Json as_json(const std::vector<Check>& checks) {
  Json list = Json::array();
  for (const Check& check : checks) {
    list.push_back({{"name", check.name}, {"ok", check.good}, {"what", check.what}});
  }
  return list;
}

}  // namespace

Result<int> run_doctor(const Options& options) {
  MINESCAN_TRY_ASSIGN(const auto signatures, load_signatures(options));
  Confinement confinement;
  std::vector<Check> trials, git_trials;
  MINESCAN_TRY_ASSIGN(const Sandbox sandbox, Sandbox::start(options, signatures, Limits{}));
  if (sandbox.nursery() != nullptr) {
    MINESCAN_TRY_ASSIGN(confinement, sandbox.nursery()->confinement());
    trials = tried(*sandbox.nursery());
    git_trials = tried_reading(options);
  }
  const std::vector<Check> checks = steps(confinement);
  const bool whole = all_good(checks) && all_good(trials) && all_good(git_trials);
  const std::string cache = cache_place(options);
  if (options.outputs.front().format == "json") {
    Json json;
    json["version"] = MINESCAN_VERSION;
    json["kernel"] = kernel();
    json["sandbox"] = {{"whole", whole},
                       {"steps", as_json(checks)},
                       {"attempts", as_json(trials)},
                       {"git_attempts", as_json(git_trials)}};
    json["cache"] = cache;
    json["signatures"] = {{"rules", signatures->rules().size()}, {"digest", signatures->digest()}};
    std::printf("%s\n", write_json(json, 2).c_str());
  } else {
    std::printf("minescan %s on %s\n\n", MINESCAN_VERSION, printable(kernel()).c_str());
    print("What reads untrusted bytes is confined by", checks);
    print("A confined worker cannot", trials);
    print("What reads git repositories cannot", git_trials);
    std::printf("\nThe sandbox is %s\nCache: %s\nSignatures: %zu rules, %s\n",
                whole ? "whole" : "weaker than it could be; scans say so in their reports",
                cache.empty() ? "none, because neither HOME nor XDG_CACHE_HOME is set"
                              : printable(cache).c_str(),
                signatures->rules().size(), signatures->digest().c_str());
  }
  if (std::fflush(stdout) != 0) {
    return fail(Code::io, "the report could not be written to standard output");
  }
  return whole ? 0 : 3;
}

}  // namespace minescan::app
