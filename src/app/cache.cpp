#include "app/cache.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "app/engine.h"
#include "base/digest.h"
#include "base/printable.h"

namespace minescan::app {
namespace {

// "" when no variable names an absolute path.
std::string from_environment(const char* variable, const char* below) {
  const char* value = std::getenv(variable);
  if (value == nullptr || *value != '/') return {};
  return std::string(value) + below;
}

}  // namespace

std::string cache_place(const Options& options) {
  if (!options.cache_directory.empty()) return options.cache_directory;
  const std::string named = from_environment("XDG_CACHE_HOME", "/minescan");
  return named.empty() ? from_environment("HOME", "/.cache/minescan") : named;
}

std::string state_place() {
  const std::string named = from_environment("XDG_STATE_HOME", "/minescan");
  return named.empty() ? from_environment("HOME", "/.local/state/minescan") : named;
}

bool comes_again(GapReason reason) {
  switch (reason) {
    case GapReason::limit_bytes:
    case GapReason::limit_depth:
    case GapReason::limit_entries:
    case GapReason::limit_hits:
    case GapReason::decode_corrupt:
    case GapReason::decode_truncated:
    case GapReason::decode_unsupported:
    case GapReason::decode_encrypted:
    case GapReason::decode_dictionary:
    case GapReason::parse_ambiguous:
      return true;
    case GapReason::limit_time:
    case GapReason::limit_memory:  // also when the machine had none to give
    case GapReason::io_unreadable:
    case GapReason::io_special:
    case GapReason::io_changed:
    case GapReason::io_link_out:
    case GapReason::net_missing:
    case GapReason::net_foreign:
    case GapReason::net_platform:
    case GapReason::net_failed:
    case GapReason::policy_excluded:
    case GapReason::worker_crash:
    case GapReason::worker_timeout:
    case GapReason::matcher_error:
    case GapReason::internal_error:
      return false;
  }
  return false;
}

Recall::Recall(const Options& options, const std::string& signatures, const Limits& limits,
               std::string& note)
    : signatures_(signatures), limits_(limits) {
  if (!options.use_cache) return;
  const std::string directory = cache_place(options);
  if (directory.empty()) return;
  const auto engine = engine_identity();
  if (!engine) {
    note = "the cache is not used: the program or a library of it has no build id";
    return;
  }
  engine_ = *engine;
  auto cache = store::Cache::open(directory, options.cache_bytes);
  if (cache) {
    cache_ = std::move(*cache);
    return;
  }
  // No home to write to is common where programs run for machines, and is no one's mistake.
  const bool asked_for = !options.cache_directory.empty();
  if (asked_for || cache.error().code == Code::refused) {
    note = "the cache is not used: " + cache.error().what;
  }
}

store::Key Recall::key(const Unit& unit) const {
  return {.digest = unit.digest,
          .size = unit.size,
          .kind = unit.kind,
          .name = unit.name,
          .signatures = signatures_,
          .engine = engine_,
          .limits = limits_};
}

std::optional<Record> Recall::find(const Unit& unit) {
  // Of trees nobody knows the digest before they are read; others are too weak to stand for bytes.
  if (cache_ == nullptr || !is_digest(unit.digest)) return std::nullopt;
  try {
    return cache_->find(key(unit));
  } catch (const std::bad_alloc&) {
    return std::nullopt;  // no memory for it: then it is examined
  }
}

void Recall::keep(const Unit& unit, const Record& record) {
  if (cache_ == nullptr || !is_digest(unit.digest)) return;
  const bool same_again = std::all_of(record.gaps.begin(), record.gaps.end(),
                                      [](const Gap& gap) { return comes_again(gap.reason); });
  if (!same_again) return;
  try {
    cache_->keep(key(unit), record);
  } catch (const std::bad_alloc&) {
    return;  // nothing is lost: then it is examined again
  }
}

Result<int> run_cache(const Options& options) {
  const std::string directory = cache_place(options);
  if (directory.empty()) {
    return fail(Code::usage,
                "there is no cache: neither HOME nor XDG_CACHE_HOME is set; name one with "
                "--cache-dir");
  }
  const bool clean = options.command == Command::cache_clean;
  MINESCAN_TRY_ASSIGN(const store::Usage usage,
                      clean ? store::clean(directory) : store::usage(directory));
  std::printf("%s: %s%llu records, %llu bytes", printable(directory).c_str(),
              clean ? "removed " : "", static_cast<unsigned long long>(usage.records),
              static_cast<unsigned long long>(usage.bytes));
  if (!clean) std::printf(" of %llu", static_cast<unsigned long long>(options.cache_bytes));
  std::printf("\n");
  return 0;
}

}  // namespace minescan::app
