#pragma once
// What all walkers share: the accounting that MemberSink asks for, the limit on entries, and a
// bound on how many oddities one archive may report.

#include <string>
#include <string_view>

#include "unpack/format.h"

namespace minescan::unpack {

// How much of what is limited there was, so that another walk can go on with it.
struct WalkCounts {
  std::uint64_t entries = 0;
  std::uint64_t anomalies = 0;
};

class Walk {
 public:
  // `name` is for messages and must be a literal, as "tar".
  Walk(std::string_view name, Source& container, const Limits& limits, MemberSink& sink,
       WalkCounts counts = {})
      : name_(name), container_(container), limits_(limits), sink_(sink), counts_(counts) {}
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  [[nodiscard]] Source& container() { return container_; }
  [[nodiscard]] const Limits& limits() const { return limits_; }
  [[nodiscard]] const WalkCounts& counts() const { return counts_; }
  // Of the container; need not be 0 where the walk begins.
  [[nodiscard]] std::uint64_t position() const { return container_.position(); }

  // At least min(want, what is left) bytes of the container, and no more than `want`.
  [[nodiscard]] ByteView peek(std::size_t want);
  [[nodiscard]] bool at_end() { return container_.peek(1).empty(); }

  // Passes up to n bytes to the sink as the container's own; returns how many there were.
  std::uint64_t own(std::uint64_t n);
  // The NUL bytes that come next, in whole units, as far as they are at hand; returns how many
  // bytes those were.
  std::uint64_t own_zeros(std::size_t unit);

  // As own(), for bytes that are not the archive's either: they are looked at as what they are.
  // Few or only NULs are the archive's own.  False: the walk ends.
  [[nodiscard]] bool stray(std::uint64_t n);

  // Up to n bytes that nobody can look into.  They come to the sink in pieces, each with the same
  // reason and detail; n == 0 says that nobody knows how many are meant.
  std::uint64_t gap(GapReason reason, const std::string& detail, std::uint64_t n);

  // One sentence without full stop.  Where in the container is added.  After kMostAnomalies only
  // that there are more.
  void anomaly(const std::string& what);
  static constexpr std::size_t kMostAnomalies = 100;

  // Offers one entry and moves past what the sink left of its body.  False: the walk ends, because
  // the sink wants that or because there are too many entries (then the rest is a gap).
  [[nodiscard]] bool member(const Member& member, Source& body);
  // Whether on_member may be called once more; otherwise the rest of the container becomes a gap.
  [[nodiscard]] bool may_have_member();
  // As member(), but what is left of the body is the caller's to move past.
  [[nodiscard]] bool offer(const Member& member, Source& body);

 private:
  std::string_view name_;
  Source& container_;
  const Limits& limits_;
  MemberSink& sink_;
  WalkCounts counts_;
};

// No bytes.
class EmptySource final : public Source {
 public:
  ByteView peek(std::size_t /*want*/) override { return {}; }
  void skip(std::size_t /*n*/) override {}
  [[nodiscard]] std::uint64_t position() const override { return 0; }
  [[nodiscard]] std::optional<Error> fault() const override { return std::nullopt; }
};

// All that is left of a parent, which must outlive it.
class RestSource final : public Source {
 public:
  explicit RestSource(Source& parent) : parent_(parent), start_(parent.position()) {}
  ByteView peek(std::size_t want) override { return parent_.peek(want); }
  void skip(std::size_t n) override { parent_.skip(n); }
  [[nodiscard]] std::uint64_t position() const override { return parent_.position() - start_; }
  [[nodiscard]] std::optional<Error> fault() const override { return parent_.fault(); }

 private:
  Source& parent_;
  std::uint64_t start_;
};

// The number that `text` states in base 8, 10 or 16: digits with blanks or NULs around them.
// Nothing for anything else, no digits included.
std::optional<std::uint64_t> number_in_text(std::string_view text, unsigned base);

// The bytes up to the first NUL.
std::string_view up_to_nul(std::string_view text);

// How many bytes bring n to a multiple of `unit`.
constexpr std::uint64_t padding(std::uint64_t n, std::uint64_t unit) {
  return (unit - n % unit) % unit;
}

}  // namespace minescan::unpack
