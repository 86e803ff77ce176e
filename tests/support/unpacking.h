#pragma once
// Runs a format over bytes in memory, once with a generous Source and once with a stingy one, and
// fails the test when the two differ or the accounting is wrong.

#include <doctest/doctest.h>

#include <string>

#include "support/collecting_sink.h"
#include "support/stingy_source.h"
#include "unpack/format.h"

namespace minescan::test {

inline std::string rest_of(Source& source) {
  std::string rest;
  while (true) {
    const ByteView bytes = source.peek(1);
    if (bytes.empty()) return rest;
    rest += as_text(bytes);
    source.skip(bytes.size());
  }
}

// What one walk saw.  `rest` is what it left to its caller.
struct Seen {
  std::vector<SeenEntry> entries;
  std::string own;
  std::vector<SeenGap> gaps;
  std::vector<std::string> anomalies;
  std::string rest;

  [[nodiscard]] std::string summary() const {
    std::string all;
    for (const SeenEntry& entry : entries) all += entry.summary() + "\n";
    for (const SeenGap& gap : gaps) {
      all += std::string(gap_name(gap.reason)) + gap.detail + std::to_string(gap.bytes) + "\n";
    }
    for (const std::string& what : anomalies) all += what + "\n";
    return all + own + rest;
  }
  [[nodiscard]] bool has_gap(GapReason reason) const {
    return std::any_of(gaps.begin(), gaps.end(),
                       [reason](const SeenGap& gap) { return gap.reason == reason; });
  }
  [[nodiscard]] bool has_anomaly(std::string_view part) const {
    return std::any_of(anomalies.begin(), anomalies.end(), [part](const std::string& what) {
      return what.find(part) != std::string::npos;
    });
  }
  // Text of the first entry of this name; "(none)" when there is none.
  [[nodiscard]] std::string text(std::string_view name) const {
    for (const SeenEntry& entry : entries) {
      if (entry.member.name == name) return entry.text;
    }
    return "(none)";
  }
  [[nodiscard]] std::string names() const {
    std::string all;
    for (const SeenEntry& entry : entries) all += (all.empty() ? "" : " ") + entry.member.name;
    return all;
  }
};

inline Seen walk_once(const unpack::Format& format, Source& source, std::string_view bytes,
                      const Limits& limits, std::size_t read_most) {
  CollectingSink sink(source, bytes);
  sink.read_most = read_most;
  format.walk(source, limits, sink);
  sink.finish();
  CHECK(sink.broken == "");
  return {.entries = std::move(sink.entries),
          .own = std::move(sink.own),
          .gaps = std::move(sink.gaps),
          .anomalies = std::move(sink.anomalies),
          .rest = rest_of(source)};
}

inline Seen walk(std::string_view format_name, const std::string& bytes, const Limits& limits = {},
                 std::size_t read_most = ~std::size_t{0}) {
  const unpack::Format* format = unpack::format_by_name(format_name);
  REQUIRE(format != nullptr);
  REQUIRE(bool{format->walk != nullptr});
  MemorySource generous(as_bytes(bytes));
  Seen seen = walk_once(*format, generous, bytes, limits, read_most);
  StingySource stingy(bytes);
  const Seen again = walk_once(*format, stingy, bytes, limits, read_most);
  CHECK(seen.summary() == again.summary());
  return seen;
}

struct Decoded {
  std::string text;
  std::optional<Error> fault;
  std::string rest;  // behind the encoding
};

// `moved`: most of it by read(), into room of changing width, so that both ways take turns.
inline Decoded decode_once(const unpack::Format& format, Source& parent, const Limits& limits,
                           std::size_t step, bool moved = false) {
  const auto source = format.decode(parent, limits);
  Decoded decoded;
  std::string room;
  while (true) {
    if (moved) {
      room.resize(room.size() > (std::size_t{1} << 20) ? 10 : 3 * room.size() + 1);
      const std::size_t n = source->read(std::as_writable_bytes(std::span(room)));
      decoded.text.append(room, 0, n);
      if (n == 0) break;
    }
    const ByteView bytes = source->peek(step);
    if (bytes.empty()) break;
    const std::size_t n = std::min(step, bytes.size());
    decoded.text += as_text(bytes.first(n));
    source->skip(n);
  }
  CHECK(source->position() == decoded.text.size());
  decoded.fault = source->fault();
  const std::uint64_t end = parent.position();
  decoded.rest = rest_of(parent);
  CHECK(parent.position() == end + decoded.rest.size());
  return decoded;
}

inline Decoded decode(std::string_view format_name, const std::string& bytes,
                      const Limits& limits = {}) {
  const unpack::Format* format = unpack::format_by_name(format_name);
  REQUIRE(format != nullptr);
  REQUIRE(bool{format->decode != nullptr});
  MemorySource generous(as_bytes(bytes));
  Decoded decoded = decode_once(*format, generous, limits, 1 << 20);
  StingySource stingy(bytes);
  const Decoded again = decode_once(*format, stingy, limits, 1000);
  MemorySource third(as_bytes(bytes));
  const Decoded moved = decode_once(*format, third, limits, 1, true);
  for (const Decoded* other : {&again, &moved}) {
    CHECK(decoded.text == other->text);
    CHECK(decoded.rest == other->rest);
    CHECK(decoded.fault.has_value() == other->fault.has_value());
    if (decoded.fault && other->fault) CHECK(decoded.fault->what == other->fault->what);
  }
  return decoded;
}

inline std::string format_of(std::string_view bytes) {
  const unpack::Format* format = unpack::recognise(as_bytes(bytes));
  return format == nullptr ? "" : std::string(format->name);
}

}  // namespace minescan::test
