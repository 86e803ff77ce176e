#include "model/gap.h"

#include <algorithm>
#include <array>
#include <utility>

namespace minescan {
namespace {

constexpr std::array<std::string_view, 25> kNames = {
    "limit.bytes",        "limit.time",       "limit.depth",       "limit.entries",
    "limit.memory",       "limit.hits",       "decode.corrupt",    "decode.truncated",
    "decode.unsupported", "decode.encrypted", "decode.dictionary", "parse.ambiguous",
    "io.unreadable",      "io.special",       "io.changed",        "io.link-out",
    "net.missing",        "net.foreign",      "net.platform",      "net.failed",
    "policy.excluded",    "worker.crash",     "worker.timeout",    "matcher.error",
    "internal.error"};
static_assert(kNames.size() == static_cast<std::size_t>(GapReason::internal_error) + 1);

}  // namespace

std::string_view gap_name(GapReason reason) { return kNames.at(static_cast<std::size_t>(reason)); }

std::optional<GapReason> gap_by_name(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<GapReason>(found - kNames.begin());
}

std::vector<std::string_view> gap_names() { return {kNames.begin(), kNames.end()}; }

GapReason gap_reason(Code code) {
  switch (code) {
    case Code::usage:
    case Code::internal:
      return GapReason::internal_error;
    case Code::not_found:
      return GapReason::net_missing;
    case Code::unreachable:
    case Code::refused:
    case Code::integrity:
      return GapReason::net_failed;
    case Code::io:
      return GapReason::io_unreadable;
    case Code::changed:
      return GapReason::io_changed;
    case Code::truncated:
      return GapReason::decode_truncated;
    case Code::corrupt:
      return GapReason::decode_corrupt;
    case Code::encrypted:
      return GapReason::decode_encrypted;
    case Code::dictionary:
      return GapReason::decode_dictionary;
    case Code::unsupported:
      return GapReason::decode_unsupported;
    case Code::limit_bytes:
      return GapReason::limit_bytes;
    case Code::limit_depth:
      return GapReason::limit_depth;
    case Code::limit_entries:
      return GapReason::limit_entries;
    case Code::limit_memory:
      return GapReason::limit_memory;
    case Code::worker_crash:
      return GapReason::worker_crash;
    case Code::worker_timeout:
      return GapReason::worker_timeout;
  }
  return GapReason::internal_error;
}

bool is_outside(GapReason reason) {
  return reason == GapReason::net_platform || reason == GapReason::policy_excluded ||
         reason == GapReason::io_link_out;
}

bool is_open(const Gap& gap) { return !is_outside(gap.reason) && gap.accepted.empty(); }

}  // namespace minescan
