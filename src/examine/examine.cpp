#include "examine/examine.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/json.h"
#include "base/printable.h"
#include "examine/examination.h"
#include "examine/kept_source.h"
#include "examine/trial.h"
#include "inspect/image_config.h"
#include "inspect/installed.h"
#include "inspect/media.h"
#include "inspect/payload.h"
#include "unpack/embedded.h"

namespace minescan::examine {
namespace {

// How far into a script what is appended to it is looked for.
constexpr std::size_t kScriptHead = std::size_t{128} << 10;

// So much of what looks like a compressed stream inside a program is decoded to see whether it is,
// so often in a file.
constexpr std::size_t kTrial = std::size_t{64} << 10;
constexpr unsigned kTries = 1000;

// What lies in pictures and the like.
std::optional<std::uint64_t> find_in_media(ByteView window, std::size_t from) {
  const auto container = unpack::find_embedded(window, from);
  const ByteView before =
      container ? window.first(std::min<std::size_t>(
                      window.size(), static_cast<std::size_t>(*container) + inspect::kProgramHead))
                : window;
  const auto program = inspect::find_program(before, from);
  return program && (!container || *program < *container) ? program : container;
}

// What lies behind a text: a zip is read from its end, so a text may stand in front of it, and a
// script may unpack what follows it.  What reads as text names a format and is none.
std::optional<std::uint64_t> find_in_text(ByteView window, std::size_t from) {
  constexpr std::size_t kEnough = 64;
  for (auto at = unpack::find_embedded(window, from); at;
       at = unpack::find_embedded(window, static_cast<std::size_t>(*at) + 1)) {
    const ByteView rest = window.subspan(static_cast<std::size_t>(*at));
    const ByteView head = rest.first(std::min(rest.size(), kEnough));
    if (inspect::file_type(head, {}).view == ViewKind::binary) return at;
  }
  return std::nullopt;
}

}  // namespace

bool Examination::within_unit_limit(const Place& place) {
  const Ledger& sums = recorder_.ledger();
  if (stopped_ || sums.scanned + sums.gap <= limits_.unit_bytes) return !stopped_;
  recorder_.gap({.trail = place.trail,
                 .reason = GapReason::limit_bytes,
                 .detail = "more decoded bytes than a unit may have; the rest of it was not read"});
  stopped_ = true;
  return false;
}

bool Examination::pass_over(Source& source, const Place& place, NodeLedger& ledger,
                            GapReason reason, std::string detail) {
  const std::uint64_t offset = source.position();
  const std::uint64_t passed = skip_bytes(source, limits_.leaf_bytes);
  ledger.gap(passed);
  recorder_.gap({.trail = place.trail,
                 .reason = reason,
                 .detail = std::move(detail),
                 .offset = offset,
                 .bytes = passed});
  return source.peek(1).empty();
}

bool Examination::leaf(Source& source, const Place& place, NodeLedger& ledger) {
  EvidenceWriter writer(matcher_, recorder_, limits_);
  DerivedNodes nodes(*this, place);
  Leaf leaf{.trail = place.trail,
            .name = place.name,
            .within = place.within,
            .part_of_program = place.part};
  const ByteView head = source.peek(2);
  if (!place.plain && as_text(head).starts_with("#!")) {
    // What is appended to a script is looked at as what it is.
    const std::uint64_t script = inspect::script_length(
        source.peek(kScriptHead), [](ByteView rest) { return unpack::recognise(rest) != nullptr; });
    if (script != 0 && script < limits_.leaf_bytes) {
      BoundedSource front(source, script);
      return file(front, place, leaf, ledger, {writer, nodes});
    }
  }
  return file(source, place, leaf, ledger, {writer, nodes});
}

bool Examination::file(Source& source, const Place& place, Leaf leaf, NodeLedger& ledger,
                       const LeafSinks& sinks) {
  const inspect::FileType type = leaf_type(source, leaf);
  leaf.type = type;
  Observer* const observer = recorder_.observer();
  if (observer != nullptr) observer->on_node(place.trail, type.name, type.view);
  const std::size_t evidence = recorder_.own_evidence();
  std::vector<inspect::Covered> covered;
  inspect::BlockViews blocks(type);
  const auto show = [&](ByteView bytes, std::uint64_t offset, bool last) {
    if (observer != nullptr) observer->on_block(place.trail, bytes, offset);
    if (offset == 0 && last && inspect::describes_package(place.name)) {
      for (auto& described : inspect::described_package(place.name, bytes)) {
        recorder_.package({place.trail, std::move(described.package), std::move(described.folder)});
      }
    }
    MatchingViews views(sinks.writer, sinks.nodes, place.trail);
    blocks.show({.bytes = bytes, .offset = offset, .last = last, .covered = covered}, views,
                [&](inspect::Decoded&& hidden) {
                  std::vector<inspect::Decoded> found;
                  found.push_back(std::move(hidden));
                  sinks.nodes.on_decoded(place.trail, type.view, offset + bytes.size(), found);
                });
  };
  KeptSource kept(source, inspect::block_size(type), Buffers::of_thread(),
                  [&](ByteView bytes, std::uint64_t offset) { show(bytes, offset, false); });
  if (!pieces(kept, place, leaf, ledger, sinks, covered)) return false;
  if (!kept.kept().empty()) show(kept.kept(), kept.offset(), true);
  if (kept.offset() == 0 && !kept.kept().empty() && may_be_found(evidence)) {
    recorder_.content(place.trail, sha256(kept.kept()));
  }
  return !stopped_;
}

bool Examination::may_be_found(std::size_t evidence) const {
  std::set<std::string_view> seen;
  // What other threads found is never behind it.
  const std::size_t own = recorder_.own_evidence() - evidence;
  for (std::size_t i = recorder_.evidence_count() - own; i < recorder_.evidence_count(); ++i) {
    seen.insert(recorder_.evidence_at(i).indicator);
  }
  return !seen.empty() && matcher_.signatures().may_hold(seen);
}

const unpack::Format* Examination::part_at(Source& source, const Place& place, bool behind_program,
                                           unsigned& tries) {
  const ByteView head = source.peek(unpack::kHeadBytes);
  if (head.empty()) return nullptr;
  if (behind_program) {
    const unpack::Format* format = unpack::recognise(head);
    return format == nullptr || is_weak(*format) ? nullptr : format;
  }
  if (unpack::find_embedded(head, 0) != 0) return nullptr;
  const unpack::Format* format = unpack::recognise(head);
  if (format == nullptr || unpack::is_sure(head)) return format;
  if (tries == 0) return nullptr;
  if (decoded_from(*format, source.peek(kTrial), limits_).proof) return format;
  // Each try costs a decoder; honest programs have a few dozen at most.
  if (--tries == 0) {
    recorder_.gap({.trail = place.trail,
                   .reason = GapReason::limit_entries,
                   .detail = "more places look like compressed data than are tried",
                   .offset = source.position()});
  }
  return nullptr;
}

bool Examination::part(const unpack::Format& format, Source& source, const Place& place,
                       std::uint64_t offset, NodeLedger& ledger) {
  if (format.walk == nullptr && format.decode == nullptr) {
    recorder_.gap({.trail = place.trail,
                   .reason = GapReason::decode_unsupported,
                   .detail = "the format " + std::string(format.name) +
                             " is known but not read; only its raw bytes were matched",
                   .offset = offset});
    return true;
  }
  if (place.depth >= limits_.depth) {
    return pass_over(source, place, ledger, GapReason::limit_depth,
                     "nested deeper than " + std::to_string(limits_.depth) + " levels");
  }
  Place inside = place;
  inside.outermost = false;
  inside.trail = place.trail / Step{Step::Kind::offset, "@" + hexadecimal(offset)};
  if (format.walk != nullptr) {
    inside.trail = inside.trail / Step{Step::Kind::decoder, std::string(format.name)};
  }
  return container(format, source, inside, ledger);
}

bool Examination::program_inside(Source& source, const Place& place, std::uint64_t offset,
                                 NodeLedger& ledger) {
  if (place.depth >= limits_.depth) {
    return pass_over(source, place, ledger, GapReason::limit_depth,
                     "nested deeper than " + std::to_string(limits_.depth) + " levels");
  }
  const std::uint64_t before = source.position();
  const std::uint64_t told = inspect::program_length(source.peek(inspect::kTypeBytes));
  BoundedSource program(source, told != 0 ? told : std::numeric_limits<std::uint64_t>::max());
  Place inside = place;
  inside.outermost = false;
  inside.trail = place.trail / Step{Step::Kind::offset, "@" + hexadecimal(offset)};
  ++inside.depth;
  const bool whole = node(program, inside);
  ledger.decoded(source.position() - before);
  return whole;
}

bool Examination::pieces(Source& source, const Place& place, Leaf leaf, NodeLedger& ledger,
                         const LeafSinks& sinks, std::vector<inspect::Covered>& covered) {
  const bool is_program = leaf.type->view == ViewKind::executable;
  const std::uint64_t start = source.position();
  // What follows a program is looked at as what it is: self-extractors, payloads of installers.
  std::uint64_t length = 0;
  unsigned tries = kTries;
  if (is_program || (!place.plain && leaf.type->view == ViewKind::binary)) {
    leaf.stop = unpack::find_embedded;
  } else if (!place.plain) {
    leaf.stop = find_in_text;
  }
  if (is_program) length = inspect::program_length(source.peek(inspect::kTypeBytes));
  const bool is_media =
      !is_program && !place.plain && inspect::is_media(source.peek(inspect::kMediaHead));
  if (is_media) leaf.stop = find_in_media;
  while (true) {
    leaf.offset = source.position() - start;
    if (leaf.offset >= limits_.leaf_bytes) break;
    if (leaf.offset > 0) {
      const unpack::Format* format = part_at(source, place, leaf.offset == length, tries);
      const std::uint64_t before = source.position();
      // While it is read, a block may end in its midst.
      covered.push_back({leaf.offset, std::numeric_limits<std::uint64_t>::max()});
      if (format != nullptr && !part(*format, source, place, leaf.offset, ledger)) return false;
      if (format == nullptr && is_media &&
          inspect::find_program(source.peek(inspect::kProgramHead), 0) == 0 &&
          !program_inside(source, place, leaf.offset, ledger)) {
        return false;
      }
      if (source.position() != before) {
        covered.back().end = source.position() - start;
        continue;
      }
      covered.pop_back();
    }
    if (source.peek(1).empty()) return true;
    Scanned scanned;
    if (length > leaf.offset) {
      BoundedSource program(source, length - leaf.offset);
      scanned = scan_leaf(program, leaf, sinks.writer, sinks.nodes, limits_);
    } else {
      scanned = scan_leaf(source, leaf, sinks.writer, sinks.nodes, limits_);
    }
    ledger.scanned(scanned.bytes);
    leaf.line += scanned.lines;
  }
  if (source.peek(1).empty()) return true;
  return pass_over(
      source, place, ledger, GapReason::limit_bytes,
      "longer than " + std::to_string(limits_.leaf_bytes) + " bytes; the rest was not matched");
}

const unpack::Format* Examination::guess(Source& source, const Place& place) {
  const unpack::Format* format = place.plain ? nullptr : unpack::guess_by_name(place.name);
  if (format == nullptr) return nullptr;
  const ByteView seen = source.peek(kTrial);
  const ByteView begin = seen.first(std::min(seen.size(), kTrial));
  if (decoded_from(*format, begin, limits_).proof) return format;
  if (inspect::file_type(begin, {}).view == ViewKind::binary) {
    recorder_.gap({.trail = place.trail,
                   .reason = GapReason::decode_corrupt,
                   .detail = "named as " + std::string(format->name) +
                             ", but cannot be decoded; only its raw bytes were matched",
                   .offset = source.position()});
  }
  return nullptr;
}

bool Examination::node(Source& source, const Place& place) {
  NodeLedger ledger;
  const std::uint64_t start = source.position();
  bool whole = true;
  bool is_container = false;
  bool by_name = true;  // whether its name may tell what comes next
  while (whole && !stopped_) {
    const ByteView head = source.peek(unpack::kHeadBytes);
    if (head.empty()) break;
    const unpack::Format* format = place.plain ? nullptr : unpack::recognise(head);
    by_name = by_name && format == nullptr;
    if (by_name) format = guess(source, place);
    by_name = by_name && format != nullptr;
    if (format == nullptr) {
      whole = leaf(source, place, ledger);
    } else if (place.depth >= limits_.depth) {
      whole = pass_over(source, place, ledger, GapReason::limit_depth,
                        "nested deeper than " + std::to_string(limits_.depth) + " levels");
    } else if (format->decode != nullptr || format->walk != nullptr) {
      is_container = true;
      const std::uint64_t before = source.position();
      whole = container(*format, source, place, ledger);
      // What took nothing would be asked again for ever.
      if (whole && source.position() == before) whole = leaf(source, place, ledger);
    } else {
      recorder_.gap({.trail = place.trail,
                     .reason = GapReason::decode_unsupported,
                     .detail = "the format " + std::string(format->name) +
                               " is known but not read; only its raw bytes were matched",
                     .offset = source.position()});
      whole = leaf(source, place, ledger);
    }
    whole = whole && within_unit_limit(place);
  }
  if (place.depth == 0 && !is_container) ++recorder_.ledger().files;
  if (const std::uint64_t lost = ledger.close(source.position() - start, recorder_.ledger());
      lost != 0) {
    recorder_.gap({.trail = place.trail,
                   .reason = GapReason::internal_error,
                   .detail = "the ledger does not add up; please report this as a defect",
                   .bytes = lost});
  }
  return whole && !stopped_;
}

void Examination::image_config(Source& source, const Place& place) {
  EvidenceWriter writer(matcher_, recorder_, limits_);
  DerivedNodes nodes(*this, place);
  MatchingViews views(writer, nodes, place.trail);
  const auto shown = inspect::image_config(source.peek(JsonLimits{}.bytes + 1), views);
  views.finish();
  if (!shown) {
    recorder_.gap({.trail = place.trail,
                   .reason = GapReason::decode_corrupt,
                   .detail = "the image config cannot be read: " + shown.error().what});
  }
}

Record Examination::run(Source& bytes) {
  const Place place{
      .trail = {{Step{Step::Kind::unit, unit_.name}}}, .name = unit_.name, .outermost = true};
  if (unit_.kind == Unit::Kind::image_config) image_config(bytes, place);
  if (unit_.kind == Unit::Kind::layer) {
    // Bytes without outer compression are what diffID is taken over, and their digest is promised.
    const unpack::Format* format = unpack::recognise(bytes.peek(unpack::kHeadBytes));
    const bool packed = format != nullptr && format->decode != nullptr;
    if (packed) recorder_.packing(format->name);
    if (!packed) recorder_.content_digest(unit_.digest);
  }
  const bool whole = node(bytes, place);
  settle();
  // What a limit left unread counts as much as what was read and not looked at.
  if (!whole && unit_.size > bytes.position() && !bytes.peek(1).empty()) {
    recorder_.gap({.trail = place.trail,
                   .reason = GapReason::limit_bytes,
                   .detail = "a limit was reached before; the rest of it was not read",
                   .offset = bytes.position(),
                   .bytes = unit_.size - bytes.position()});
  }
  if (const auto fault = bytes.fault()) {
    recorder_.gap({.trail = place.trail,
                   .reason = gap_reason(fault->code),
                   .detail = fault->what,
                   .offset = bytes.position()});
  }
  Record record = recorder_.finish();
  record.unit_bytes = bytes.position();
  name_first_copies(record);
  return record;
}

Record examine(const Unit& unit, Source& bytes, match::Matcher& matcher, const Limits& limits,
               Observer* observer, Aside* aside) {
  return Examination(unit, matcher, limits, observer, aside).run(bytes);
}

}  // namespace minescan::examine
