#pragma once
// Keeps what a walker reports, and checks the promise that MemberSink is made: every byte of the
// container is the container's own, in a gap, or read through a body, in the order of the bytes.
// A broken promise is kept as a sentence in `broken`.

#include <algorithm>
#include <string>
#include <vector>

#include "unpack/format.h"

namespace minescan::test {

struct SeenEntry {
  unpack::Member member;
  std::string text;
  std::optional<Error> fault;
  [[nodiscard]] std::string summary() const {
    return member.name + "|" + std::to_string(static_cast<int>(member.kind)) + "|" + member.target +
           "|" + member.decoder + "|" + text + "|" + (fault ? fault->what : "");
  }
};

struct SeenGap {
  GapReason reason = GapReason::internal_error;
  std::string detail;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  auto operator<=>(const SeenGap&) const = default;
};

class CollectingSink final : public unpack::MemberSink {
 public:
  // `all`, what the container shows from `container`'s present position on, must outlive the sink.
  CollectingSink(const Source& container, std::string_view all)
      : container_(container), all_(all), start_(container.position()) {}

  std::vector<SeenEntry> entries;
  std::string own;            // one after the other
  std::vector<SeenGap> gaps;  // adjacent pieces of the same gap as one
  std::vector<std::string> anomalies;
  std::string broken;

  std::size_t stop_after = ~std::size_t{0};  // entries
  std::size_t read_most = ~std::size_t{0};   // of each body
  std::size_t step = 4096;

  bool on_member(const unpack::Member& member, Source& body) override {
    arrive();
    SeenEntry entry{.member = member};
    while (entry.text.size() < read_most) {
      const ByteView bytes = body.peek(step);
      if (bytes.empty()) break;
      const std::size_t n = std::min({bytes.size(), step, read_most - entry.text.size()});
      entry.text += as_text(bytes.first(n));
      body.skip(n);
    }
    entry.fault = body.fault();
    const bool whole = body.peek(1).empty();
    if (body.position() != entry.text.size()) broken = "a body has a wrong position";
    // How many bytes of the container a packed body takes only the walker knows.
    body_ = true;
    body_bytes_ = member.decoder.empty() && whole ? entry.text.size() : kUnknown;
    entries.push_back(std::move(entry));
    return entries.size() < stop_after;
  }

  void on_bytes(ByteView bytes) override {
    arrive();
    if (bytes.empty()) broken = "on_bytes without bytes";
    if (as_text(bytes) != all_.substr(at(), bytes.size())) broken = "on_bytes shows other bytes";
    own += as_text(bytes);
    expected_ += bytes.size();
  }

  void on_gap(GapReason reason, std::string detail, std::uint64_t bytes) override {
    arrive();
    if (expected_ + bytes > all_.size()) broken = "a gap reaches behind the end";
    const std::uint64_t offset = at();
    expected_ += bytes;
    if (!gaps.empty() && bytes != 0 && gaps.back().reason == reason &&
        gaps.back().detail == detail && gaps.back().offset + gaps.back().bytes == offset) {
      gaps.back().bytes += bytes;
      return;
    }
    gaps.push_back(
        {.reason = reason, .detail = std::move(detail), .offset = offset, .bytes = bytes});
  }

  void on_anomaly(std::string what) override { anomalies.push_back(std::move(what)); }

  // After the walk.
  void finish() { arrive(); }

 private:
  static constexpr std::uint64_t kUnknown = ~std::uint64_t{0};

  [[nodiscard]] std::size_t at() const {
    return static_cast<std::size_t>(container_.position() - start_);
  }

  // Before each report: the container stands where the reports so far say.
  void arrive() {
    const std::uint64_t here = at();
    if (body_) {
      // A body that is shown a second time is not read from the container.
      const bool right = body_bytes_ == kUnknown
                             ? here >= expected_
                             : here == expected_ + body_bytes_ || here == expected_;
      if (!right) broken = "a body took " + std::to_string(here - expected_) + " bytes";
      expected_ = here;
      body_ = false;
    } else if (here != expected_) {
      broken = "bytes from " + std::to_string(expected_) + " to " + std::to_string(here) +
               " were not reported";
      expected_ = here;
    }
  }

  const Source& container_;
  std::string_view all_;
  std::uint64_t start_;
  std::uint64_t expected_ = 0;
  bool body_ = false;
  std::uint64_t body_bytes_ = 0;
};

}  // namespace minescan::test
