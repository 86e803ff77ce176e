#pragma once
// A Gap says which bytes were not looked at, and why.  A gap is never silence: it shows in the
// first line of the text report, in JSON, in SARIF notifications and in the exit code.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/trail.h"

namespace minescan {

// A closed list; the names of gap_name() are part of the report formats.
enum class GapReason {
  limit_bytes,
  limit_time,
  limit_depth,
  limit_entries,
  limit_memory,
  limit_hits,
  decode_corrupt,
  decode_truncated,
  decode_unsupported,
  decode_encrypted,
  decode_dictionary,
  parse_ambiguous,
  io_unreadable,
  io_special,  // FIFO, socket, device: nothing was read from it
  io_changed,
  io_link_out,   // a link that leaves the tree; not followed
  net_missing,   // a blob that the registry or layout does not have
  net_foreign,   // a layer that lives at a URL of the image's choice; not fetched
  net_platform,  // a platform left out by the user's wish
  net_failed,    // transfer broke or digest was wrong
  policy_excluded,
  worker_crash,
  worker_timeout,
  matcher_error,
  internal_error,
};

std::string_view gap_name(GapReason reason);  // "limit.bytes", "decode.corrupt", …
std::optional<GapReason> gap_by_name(std::string_view name);
std::vector<std::string_view> gap_names();

// The gap that a failure while reading means.
GapReason gap_reason(Code code);

struct Gap {
  Trail trail;
  GapReason reason = GapReason::internal_error;
  std::string detail;        // one sentence without full stop
  std::uint64_t offset = 0;  // in the node that the trail names
  std::uint64_t bytes = 0;   // how many; 0 when nobody can know
  std::string accepted;      // by what the user said that it does not count; "" = it counts
  auto operator<=>(const Gap&) const = default;
};

// A gap outside of what was to be scanned is listed but does not make a scan incomplete: what was
// left out as asked (net.platform, policy.excluded), and links out of a tree (io.link-out), whose
// targets are no part of it.
bool is_outside(GapReason reason);

// Whether it makes a scan incomplete: it is not outside, and nobody accepted it.
bool is_open(const Gap& gap);

}  // namespace minescan
