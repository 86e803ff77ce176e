#include "unpack/walk.h"

#include <algorithm>
#include <limits>

namespace minescan::unpack {
namespace {

std::size_t leading_zeros(ByteView bytes) {
  const auto other =
      std::find_if(bytes.begin(), bytes.end(), [](std::byte b) { return b != std::byte{0}; });
  return static_cast<std::size_t>(other - bytes.begin());
}

std::size_t least(std::uint64_t a, std::size_t b) {
  return static_cast<std::size_t>(std::min<std::uint64_t>(a, b));
}

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

}  // namespace

ByteView Walk::peek(std::size_t want) {
  if (want == 0) return {};
  const ByteView bytes = container_.peek(want);
  return bytes.first(std::min(bytes.size(), want));
}

std::uint64_t Walk::own(std::uint64_t n) {
  std::uint64_t done = 0;
  while (done < n) {
    const ByteView bytes = container_.peek(1);
    if (bytes.empty()) break;
    const std::size_t take = least(n - done, bytes.size());
    sink_.on_bytes(bytes.first(take));
    container_.skip(take);
    done += take;
  }
  return done;
}

std::uint64_t Walk::own_zeros(std::size_t unit) {
  const std::size_t zeros = leading_zeros(container_.peek(unit));
  return own(zeros - zeros % unit);
}

bool Walk::stray(std::uint64_t n) {
  // Shorter than any script or command that does something.
  constexpr std::uint64_t kLeast = 24;
  const ByteView shown = peek(least(n, kMaxPeek));
  if (n < kLeast || leading_zeros(shown) == shown.size()) {
    own(n);
    return true;
  }
  BoundedSource bytes(container_, n);
  if (!sink_.on_stray(bytes)) return false;
  skip_bytes(bytes, std::numeric_limits<std::uint64_t>::max());
  return true;
}

std::uint64_t Walk::gap(GapReason reason, const std::string& detail, std::uint64_t n) {
  if (n == 0) sink_.on_gap(reason, detail, 0);
  std::uint64_t done = 0;
  while (done < n) {
    const std::size_t take = least(n - done, container_.peek(1).size());
    if (take == 0) break;
    sink_.on_gap(reason, detail, take);
    container_.skip(take);
    done += take;
  }
  return done;
}

void Walk::anomaly(const std::string& what) {
  if (counts_.anomalies > kMostAnomalies) return;
  if (++counts_.anomalies > kMostAnomalies) {
    sink_.on_anomaly(std::string(name_) + " archive has more oddities than are listed");
    return;
  }
  sink_.on_anomaly(std::string(name_) + " " + what + " (at byte " + std::to_string(position()) +
                   " of the archive)");
}

bool Walk::may_have_member() {
  if (counts_.entries < limits_.entries) return true;
  if (!at_end()) {
    gap(GapReason::limit_entries,
        std::string(name_) + " archive has more than " + std::to_string(limits_.entries) +
            " entries; the rest was not looked at",
        std::numeric_limits<std::uint64_t>::max());
  }
  return false;
}

bool Walk::offer(const Member& member, Source& body) {
  if (!may_have_member()) return false;
  ++counts_.entries;
  return sink_.on_member(member, body);
}

bool Walk::member(const Member& member, Source& body) {
  if (!offer(member, body)) return false;
  skip_bytes(body, std::numeric_limits<std::uint64_t>::max());
  return true;
}

std::optional<std::uint64_t> number_in_text(std::string_view text, unsigned base) {
  constexpr std::string_view kBlank(" \0", 2);
  const std::size_t from = text.find_first_not_of(kBlank);
  if (from == std::string_view::npos) return std::nullopt;
  text = text.substr(from);
  std::uint64_t value = 0;
  std::size_t digits = 0;
  for (; digits < text.size(); ++digits) {
    const auto digit = static_cast<unsigned>(digit_value(text[digits]));
    if (digit >= base) break;
    if (value > (std::numeric_limits<std::uint64_t>::max() - digit) / base) return std::nullopt;
    value = value * base + digit;
  }
  const bool clean = text.find_first_not_of(kBlank, digits) == std::string_view::npos;
  if (digits == 0 || !clean) return std::nullopt;
  return value;
}

std::string_view up_to_nul(std::string_view text) { return text.substr(0, text.find('\0')); }

}  // namespace minescan::unpack
