#pragma once
// A record in which every field has a value that tells it from all others.

#include "model/record.h"

namespace minescan::test {

inline Record sample_record(const std::string& unit = "layer sha256:aa") {
  const Trail trail{{Step{Step::Kind::unit, unit}, Step{Step::Kind::decoder, "gzip"},
                     Step{Step::Kind::member, std::string("a\0b\xff", 4)},
                     Step{Step::Kind::offset, "@0x10"}, Step{Step::Kind::view, "strings"}}};
  Record record;
  record.evidence.push_back({.indicator = "stratum-url",
                             .trail = trail,
                             .view = kLastView,
                             .offset = 0xfedcba9876543210,
                             .length = 12,
                             .line = 0xffffffff,
                             .column = 14,
                             .captures = {{"coin", "xmr"}, {"host", "pool.example"}},
                             .excerpt = std::string("\0\xff\n", 3),
                             .count = 15});
  record.evidence.push_back({.indicator = "second"});
  record.contents.push_back({.trail = trail, .digest = "sha256:bb"});
  record.gaps.push_back({.trail = trail,
                         .reason = GapReason::internal_error,
                         .detail = "a detail",
                         .offset = 16,
                         .bytes = 17});
  record.anomalies.push_back({.trail = trail, .what = "odd"});
  record.paths.push_back({.path = "usr/bin/x", .kind = PathEntry::Kind::special, .target = "y"});
  record.paths.push_back({.path = "", .kind = PathEntry::Kind::file, .target = ""});
  record.packages.push_back({.trail = trail, .package = "pkg:npm/x@1", .folder = "y"});
  record.unit_bytes = 24;
  record.ledger = {.bytes = 18, .scanned = 19, .decoded = 20, .gap = 21, .nodes = 22, .files = 23};
  record.content_digest = "sha256:cc";
  return record;
}

}  // namespace minescan::test
