// rpm: a lead, two headers (signatures, then names, versions and scripts) and the payload, a
// compressed cpio archive.  The headers are the archive's own bytes, so the install scripts in them
// are looked at as text; the payload is one entry, whose body is recognised by what it is.

#include "base/reader.h"
#include "unpack/formats/all.h"
#include "unpack/walk.h"

namespace minescan::unpack {
namespace {

constexpr std::uint32_t kLeadMagic = 0xedabeedb;
constexpr std::size_t kLead = 96;
// 8e ad e8 and version 1.
constexpr std::uint32_t kHeaderMagic = 0x8eade801;
constexpr std::size_t kIntro = 16;
constexpr std::size_t kIndexEntry = 16;

bool recognise(ByteView head) {
  Reader reader(head);
  if (reader.big<std::uint32_t>() != kLeadMagic) return false;
  const auto major = reader.little<std::uint8_t>();
  return major == 3 || major == 4;
}

// The size of a header, from its magic, the number of index entries and the size of their data.
// Nothing when there is none.
std::optional<std::uint64_t> header_bytes(ByteView intro) {
  Reader reader(intro);
  if (reader.big<std::uint32_t>() != kHeaderMagic) return std::nullopt;
  reader.take(4);
  const auto entries = reader.big<std::uint32_t>();
  const auto data = reader.big<std::uint32_t>();
  if (!data) return std::nullopt;
  return kIntro + std::uint64_t{*entries} * kIndexEntry + *data;
}

void walk(Source& container, const Limits& limits, MemberSink& sink) {
  Walk walk("rpm", container, limits, sink);
  walk.own(kLead);
  for (const bool is_signature : {true, false}) {
    const auto size = header_bytes(walk.peek(kIntro));
    if (!size) {
      walk.anomaly("package lacks a header; what follows was read as its payload");
      break;
    }
    walk.own(is_signature ? *size + padding(*size, 8) : *size);
  }
  if (walk.at_end()) {
    walk.gap(GapReason::decode_truncated, "rpm package ends before its payload", 0);
    return;
  }
  RestSource body(container);
  static_cast<void>(walk.member({.name = "payload"}, body));
}

}  // namespace

const Format kRpm{.name = "rpm", .recognise = recognise, .walk = walk, .runs_own_bytes = true};

}  // namespace minescan::unpack
