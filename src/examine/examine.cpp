#include "examine/examine.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/digest.h"
#include "base/json.h"
#include "base/printable.h"
#include "examine/kept_source.h"
#include "examine/leaf.h"
#include "examine/ledger.h"
#include "examine/read_ahead.h"
#include "examine/recorder.h"
#include "examine/wheel_files.h"
#include "inspect/decoders/worth.h"
#include "inspect/image_config.h"
#include "inspect/installed.h"
#include "inspect/payload.h"
#include "inspect/whole.h"
#include "unpack/embedded.h"
#include "unpack/format.h"
#include "unpack/raw_deflate.h"

namespace minescan::examine {
namespace {

// A container's own bytes (headers, names, padding) are gathered and matched in pieces of this
// size.
constexpr std::size_t kOwnBytes = std::size_t{64} << 10;
// Bytes of MD5, SHA-1 and the forms of SHA-2.
constexpr bool is_digest_size(std::size_t bytes) {
  return bytes == 16 || bytes == 20 || bytes == 28 || bytes == 32 || bytes == 48 || bytes == 64;
}
// Headers with install scripts are kept up to this size; lists of files make them long.
constexpr std::size_t kScripts = std::size_t{16} << 20;
// Names of members are matched together, this many bytes at a time.
constexpr std::size_t kNames = std::size_t{64} << 10;

std::string cleaned(std::string_view name) {
  std::string path;
  while (!name.empty()) {
    const std::size_t end = std::min(name.find('/'), name.size());
    const std::string_view part = name.substr(0, end);
    name.remove_prefix(std::min(name.size(), end + 1));
    if (part.empty() || part == ".") continue;
    if (!path.empty()) path += '/';
    path += part;
  }
  return path;
}

PathEntry::Kind path_kind(unpack::Member::Kind kind) {
  switch (kind) {
    case unpack::Member::Kind::file:
      return PathEntry::Kind::file;
    case unpack::Member::Kind::directory:
      return PathEntry::Kind::directory;
    case unpack::Member::Kind::symlink:
      return PathEntry::Kind::symlink;
    case unpack::Member::Kind::hardlink:
      return PathEntry::Kind::hardlink;
    case unpack::Member::Kind::special:
      return PathEntry::Kind::special;
  }
  return PathEntry::Kind::special;
}

constexpr std::string_view kCopy = "copy ";

Step copy_step(std::uint32_t number) {
  return {Step::Kind::offset, std::string(kCopy) + std::to_string(number)};
}

bool is_copy_step(const Step& step) {
  return step.kind == Step::Kind::offset && step.name.starts_with(kCopy);
}

// The rest of a file's decoded parts are not looked at when one of its limits was reached; that is
// told once.
struct Decoding {
  std::uint64_t bytes = 0;  // decoded and looked at
  std::uint64_t parts = 0;
  std::uint64_t unknown = 0;  // bytes of no known kind among them
  std::uint64_t seen = 0;     // bytes of the file
  bool told = false;
};

// Bytes of no known kind are matched once, up to so many in a file; they are guesses, so no gap
// says that there were more.
constexpr std::uint64_t kUnknownBytes = std::uint64_t{4} << 20;

// What such bytes inflate to is looked at up to so many.
constexpr std::size_t kInflated = std::size_t{8} << 20;

// How far into a script what is appended to it is looked for.
constexpr std::size_t kScriptHead = std::size_t{128} << 10;

bool is_turn(std::string_view decoder) { return decoder == "reversed" || decoder == "rot13"; }

// Formats whose magic is two bytes.
bool is_weak(const unpack::Format& format) {
  return format.name == "zlib" || format.name == "lzma";
}

// So much of what looks like a compressed stream inside a program is decoded to see whether it is,
// so often in a file.
constexpr std::size_t kTrial = std::size_t{64} << 10;
constexpr unsigned kTries = 1000;

// What comes out of a stream: enough bytes, or all of it without a fault, is proof.
struct Trial {
  bool any = false;
  bool proof = false;
};
Trial decoded_from(const unpack::Format& format, ByteView bytes, const Limits& limits) {
  constexpr std::size_t kEnough = 1024;
  MemorySource source(bytes);
  const std::unique_ptr<Source> decoded = format.decode(source, limits);
  const std::size_t made = decoded->peek(kEnough).size();
  return {.any = made > 0, .proof = made >= kEnough || (made > 0 && !decoded->fault())};
}

// Whether decoded bytes that look like `format` are that: they may be text that only happens to be
// of an encoding's alphabet.  What decodes to anything behind a magic of three bytes or more is
// meant, though it may be broken; two bytes prove nothing before 1 KiB came out of them.
bool holds(const unpack::Format& format, ByteView bytes, const Limits& limits) {
  if (format.walk != nullptr) return true;
  if (format.decode == nullptr) return format.name != "lha" && format.name != "compress";
  const Trial trial = decoded_from(format, bytes, limits);
  return is_weak(format) ? trial.proof : trial.any;
}

class Examination {
 public:
  Examination(const Unit& unit, match::Matcher& matcher, const Limits& limits, Observer* observer)
      : unit_(unit), matcher_(matcher), limits_(limits), recorder_(observer) {}

  Record run(Source& bytes);

 private:
  friend class ContainerSink;
  friend class DerivedNodes;

  // Where a node stands: how deep, what it is called, and whether it is the unit's own stream.
  struct Place {
    Trail trail;
    std::string name;
    unsigned depth = 0;
    bool outermost = false;  // the unit's bytes, or those after its outer compression
    // Below here: what was decoded from a text.
    unsigned decoders = 0;         // how many decoders led here
    bool turned = false;           // one of them was its own inverse, as reversing is
    bool plain = false;            // the bytes only look like a container
    Decoding* decoding = nullptr;  // of the file that all of it lies in
    bool part = false;             // of a program
    unsigned held = 0;             // archives around it that are in memory
    std::optional<ViewKind> within = std::nullopt;  // the kind of the text
  };

  // Reads all of `source`.  False when a limit stopped it before the end.
  bool node(Source& source, const Place& place);
  // Reads what `source` stands at as `format`.  May take nothing of it.
  bool container(const unpack::Format& format, Source& source, const Place& place,
                 NodeLedger& ledger);
  bool decode(const unpack::Format& format, Source& source, const Place& place, NodeLedger& ledger);
  bool walk(const unpack::Format& format, Source& source, const Place& place, NodeLedger& ledger);
  // What an encoding carries beside its data becomes nodes of their own.
  void beside(const unpack::Beside& beside, const Place& place);
  bool leaf(Source& source, const Place& place, NodeLedger& ledger);
  // The container that a leaf's next bytes are, if any: behind the end of a program anything that
  // is surely one, else what lies inside of programs.
  // `tries`: how often more it may be tried whether something is compressed.
  const unpack::Format* part_at(Source& source, const Place& place, bool behind_program,
                                unsigned& tries);
  // Reads that container.  May take nothing.  False when a limit was reached.
  bool part(const unpack::Format& format, Source& source, const Place& place, std::uint64_t offset,
            NodeLedger& ledger);
  // A leaf with all its views, to the end of `source`.
  struct LeafSinks {
    EvidenceWriter& writer;
    DecodedSink& nodes;
  };
  bool file(Source& source, const Place& place, Leaf leaf, NodeLedger& ledger,
            const LeafSinks& sinks);
  // Its bytes and the containers between them; where these were goes to `covered`.
  bool pieces(Source& source, const Place& place, Leaf leaf, NodeLedger& ledger,
              const LeafSinks& sinks, std::vector<inspect::Covered>& covered);
  // What decoders found in a view of `place` becomes nodes below it.
  void derived(const Place& place, const Trail& trail, ViewKind kind,
               std::vector<inspect::Decoded>& found);
  void derived_node(const Place& place, const Trail& trail, ViewKind kind,
                    const inspect::Decoded& decoded);
  void derived_gap(const Place& place, GapReason reason, std::string detail, std::uint64_t bytes);
  // Passes over what is left, as a gap.  False when even that is more than a leaf may have.
  bool pass_over(Source& source, const Place& place, NodeLedger& ledger, GapReason reason,
                 std::string detail);
  bool within_unit_limit(const Place& place);
  void image_config(Source& source, const Place& place);
  void name_first_copies(Record& record) const;

  const Unit& unit_;
  match::Matcher& matcher_;
  const Limits& limits_;
  Recorder recorder_;
  std::uint64_t entries_ = 0;
  std::unordered_map<std::string, std::uint32_t> copies_;  // of a layer's paths
  std::uint64_t derived_ = 0;                              // bytes that decoders made
  bool stopped_ = false;                                   // a limit of the whole unit was reached
};

// Takes what is hidden in the views of one place.
class DerivedNodes final : public DecodedSink {
 public:
  DerivedNodes(Examination& examination, const Examination::Place& place)
      : examination_(examination), place_(place) {
    if (place_.decoding == nullptr) place_.decoding = &own_;
  }
  DerivedNodes(const DerivedNodes&) = delete;
  DerivedNodes& operator=(const DerivedNodes&) = delete;
  void on_decoded(const Trail& trail, ViewKind kind, std::uint64_t seen,
                  std::vector<inspect::Decoded>& found) override {
    place_.decoding->seen = std::max(place_.decoding->seen, seen);
    examination_.derived(place_, trail, kind, found);
  }

 private:
  Examination& examination_;
  Examination::Place place_;
  Decoding own_;
};

// Takes the members of one container.
class ContainerSink final : public unpack::MemberSink {
 public:
  ContainerSink(Examination& examination, Source& container, const Examination::Place& place,
                NodeLedger& ledger, const unpack::Format& format)
      : examination_(examination),
        container_(container),
        place_(place),
        ledger_(ledger),
        format_(format),
        own_writer_(examination.matcher_, examination.recorder_, examination.limits_) {
    if (format.name == "zip" && place.name.ends_with(".whl")) wheel_.emplace();
  }

  bool on_member(const unpack::Member& member, Source& body) override;
  void on_bytes(ByteView bytes) override;
  bool on_stray(Source& bytes) override;
  void on_gap(GapReason reason, std::string detail, std::uint64_t bytes) override;
  void on_anomaly(std::string what) override {
    examination_.recorder_.anomaly(place_.trail, std::move(what));
  }
  void finish() {
    flush_own(true);
    flush_names();
    if (!scripts_.empty()) match_scripts();
    if (wheel_) {
      if (auto what = wheel_->oddity()) on_anomaly(std::move(*what));
    }
  }
  [[nodiscard]] bool stopped() const { return stopped_; }

 private:
  void flush_own(bool last);
  void flush_names();
  void match_scripts();

  Examination& examination_;
  Source& container_;
  const Examination::Place& place_;
  NodeLedger& ledger_;
  const unpack::Format& format_;
  EvidenceWriter own_writer_;
  std::string scripts_;                   // own bytes of which something is run, as lines
  std::string own_;                       // own bytes not yet matched, after some that were
  std::size_t own_matched_ = 0;           // how many of them were
  std::uint64_t own_offset_ = 0;          // own bytes matched in all
  std::optional<WheelFiles> wheel_;       // of a Python wheel
  std::string names_;                     // each with a line end behind it
  std::vector<std::size_t> name_starts_;  // of each in names_
  bool stopped_ = false;
};

bool ContainerSink::on_member(const unpack::Member& member, Source& body) {
  Examination& e = examination_;
  if (++e.entries_ > e.limits_.unit_entries) {
    e.recorder_.gap({.trail = place_.trail,
                     .reason = GapReason::limit_entries,
                     .detail = "more entries than a unit may have"});
    e.stopped_ = stopped_ = true;
    return false;
  }
  const std::string path = cleaned(member.name);
  if (place_.outermost && e.unit_.kind == Unit::Kind::layer) {
    e.recorder_.path({.path = path, .kind = path_kind(member.kind), .target = member.target});
  }
  if (!format_.parts_of_file) {
    name_starts_.push_back(names_.size());
    names_ += member.name;
    names_ += '\n';
    if (names_.size() >= kNames) flush_names();
    if (member.kind == unpack::Member::Kind::file) ++e.recorder_.ledger().files;
  }
  const auto step = format_.parts_of_file ? Step::Kind::view : Step::Kind::member;
  Examination::Place inside{.trail = place_.trail / Step{step, path},
                            .name = path,
                            .depth = place_.depth + 1,
                            .decoders = place_.decoders,
                            .turned = place_.turned,
                            .decoding = place_.decoding,
                            .part = format_.parts_of_file,
                            .held = place_.held + (format_.in_memory ? 1U : 0U)};
  if (place_.outermost && e.unit_.kind == Unit::Kind::layer) {
    // Of several entries at one path only the last is ever extracted; judging tells them apart.
    const std::uint32_t copy = ++e.copies_[path];
    if (copy > 1) inside.trail = inside.trail / copy_step(copy);
  }
  if (!member.decoder.empty())
    inside.trail = inside.trail / Step{Step::Kind::decoder, member.decoder};
  if (wheel_ && member.kind == unpack::Member::Kind::file) wheel_->add(path, body);
  const std::uint64_t before = container_.position();
  const bool whole = e.node(body, inside);
  ledger_.decoded(container_.position() - before);
  // A body that ends because its container does is told once, by whoever reads the container.
  const auto fault = body.fault();
  const auto outer = container_.fault();
  if (fault && whole && !(outer && outer->what == fault->what)) {
    e.recorder_.gap({.trail = inside.trail,
                     .reason = gap_reason(fault->code),
                     .detail = fault->what,
                     .offset = body.position()});
  }
  // The walker needs the whole body read.  One of which not even that is possible within a leaf's
  // limit ends the unit.
  if (!whole && !body.peek(1).empty()) e.stopped_ = true;
  if (e.stopped_) stopped_ = true;
  return !stopped_;
}

bool ContainerSink::on_stray(Source& bytes) {
  Examination& e = examination_;
  const std::uint64_t before = container_.position();
  Examination::Place inside = place_;
  inside.trail = place_.trail / Step{Step::Kind::offset, "@" + hexadecimal(before)};
  inside.name.clear();
  inside.outermost = false;
  ++inside.depth;
  if (!e.node(bytes, inside) && !bytes.peek(1).empty()) e.stopped_ = true;
  ledger_.decoded(container_.position() - before);
  stopped_ = stopped_ || e.stopped_;
  return !stopped_;
}

void ContainerSink::on_bytes(ByteView bytes) {
  ledger_.scanned(bytes.size());
  own_.append(as_text(bytes));
  if (format_.runs_own_bytes) {
    const std::size_t room = kScripts - std::min(kScripts, scripts_.size());
    if (bytes.size() > room && scripts_.size() <= kScripts) {
      examination_.recorder_.gap({.trail = place_.trail,
                                  .reason = GapReason::limit_bytes,
                                  .detail = "more headers than are read for install scripts",
                                  .offset = container_.position()});
      scripts_ += '\n';  // says it once
    }
    scripts_.append(as_text(bytes.first(std::min(bytes.size(), room))));
  }
  if (own_.size() - own_matched_ >= kOwnBytes) flush_own(false);
}

void ContainerSink::match_scripts() {
  // Strings of a header end in zero bytes; a script reads as one between line ends.
  std::replace(scripts_.begin(), scripts_.end(), '\0', '\n');
  EvidenceWriter writer(examination_.matcher_, examination_.recorder_, examination_.limits_);
  DerivedNodes nodes(examination_, place_);
  const Trail trail = place_.trail / Step{Step::Kind::view, "install scripts"};
  MemorySource source(as_bytes(scripts_));
  scan_leaf(source, {.trail = trail, .name = {}, .as = ViewKind::script}, writer, nodes,
            examination_.limits_);
}

void ContainerSink::flush_own(bool last) {
  // The container's own bytes are matched as one stream, though they come from here and there.
  if (own_.size() == own_matched_) return;
  if (!last && own_.size() < own_matched_ + match::kAfter) return;
  const std::size_t to = last ? own_.size() : own_.size() - match::kAfter;
  own_writer_.match(ViewKind::binary, place_.trail / Step{Step::Kind::view, "archive headers"},
                    {.bytes = as_bytes(own_), .from = own_matched_, .to = to}, own_offset_, 0);
  own_offset_ += to - own_matched_;
  const std::size_t used = to - std::min(to, match::kBefore);
  own_.erase(0, used);
  own_matched_ = to - used;
}

void ContainerSink::flush_names() {
  if (names_.empty()) return;
  std::vector<match::Match> matches;
  const auto done = examination_.matcher_.scan(as_bytes(names_), ViewKind::path, matches);
  if (!done) {
    examination_.recorder_.gap({.trail = place_.trail,
                                .reason = GapReason::matcher_error,
                                .detail = done.error().what,
                                .bytes = 0});
  }
  for (const match::Match& match : matches) {
    // A name may hold a line end itself, so the places where names begin are kept.
    const auto next = std::upper_bound(name_starts_.begin(), name_starts_.end(), match.start);
    const std::size_t begin = *(next - 1);
    const std::size_t end = next == name_starts_.end() ? names_.size() : *next;
    const std::string name = names_.substr(begin, end - begin - 1);
    Evidence evidence{
        .indicator = examination_.matcher_.signatures().indicators()[match.indicator].id,
        .trail = place_.trail / Step{Step::Kind::member, cleaned(name)},
        .view = ViewKind::path,
        .offset = match.start - begin,
        .length = match.length};
    evidence.captures = match.captures;
    evidence.excerpt = name.substr(0, 200);
    examination_.recorder_.evidence(std::move(evidence));
  }
  names_.clear();
  name_starts_.clear();
}

void ContainerSink::on_gap(GapReason reason, std::string detail, std::uint64_t bytes) {
  ledger_.gap(bytes);
  examination_.recorder_.gap({.trail = place_.trail,
                              .reason = reason,
                              .detail = std::move(detail),
                              .offset = container_.position(),
                              .bytes = bytes});
}

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

bool Examination::decode(const unpack::Format& format, Source& source, const Place& place,
                         NodeLedger& ledger) {
  const std::uint64_t before = source.position();
  Place inside{.trail = place.trail / Step{Step::Kind::decoder, std::string(format.name)},
               .name = place.name,
               .depth = place.depth + 1,
               .outermost = place.outermost,
               .decoders = place.decoders,
               .turned = place.turned,
               .decoding = place.decoding,
               .held = place.held,
               .within = place.within};
  bool whole = false;
  std::uint64_t yielded = 0;
  std::optional<Error> fault;
  {
    const std::unique_ptr<unpack::Decoded> decoded = format.decode(source, limits_);
    if (place.outermost) {
      ReadAhead ahead(*decoded, unit_.kind == Unit::Kind::layer);
      whole = node(ahead, inside);
      yielded = ahead.position();
      fault = ahead.fault();
      if (whole) recorder_.content_digest(ahead.digest());
    } else {
      whole = node(*decoded, inside);
      yielded = decoded->position();
      fault = decoded->fault();
    }
    if (decoded->beside() != nullptr && !stopped_) beside(*decoded->beside(), inside);
  }
  ledger.decoded(source.position() - before);
  // Encoded bytes that end early are told once, by whoever reads them.
  const auto outer = source.fault();
  if (fault && whole && !(outer && outer->what == fault->what)) {
    recorder_.gap({.trail = inside.trail,
                   .reason = gap_reason(fault->code),
                   .detail = fault->what,
                   .offset = yielded});
  }
  if (stopped_) return false;
  if (!whole) {
    return pass_over(source, place, ledger, GapReason::limit_bytes,
                     "not decoded further after the limit");
  }
  return true;
}

void Examination::beside(const unpack::Beside& beside, const Place& place) {
  std::size_t number = 0;
  const auto look_at = [&](const std::string& bytes) {
    Place inside = place;
    inside.trail =
        place.trail / Step{Step::Kind::view, "beside the data, " + std::to_string(++number)};
    inside.name.clear();
    inside.outermost = false;
    MemorySource source(as_bytes(bytes));
    node(source, inside);
  };
  for (const std::string& piece : beside.pieces()) look_at(piece);
  if (!beside.lines().empty()) look_at(beside.lines());
  if (beside.left_out() == 0) return;
  recorder_.gap({.trail = place.trail,
                 .reason = GapReason::limit_bytes,
                 .detail = "carries more beside its data than is looked at",
                 .bytes = beside.left_out()});
}

bool Examination::container(const unpack::Format& format, Source& source, const Place& place,
                            NodeLedger& ledger) {
  if (Observer* const observer = recorder_.observer())
    observer->on_node(place.trail, format.name, ViewKind::binary);
  return format.decode != nullptr ? decode(format, source, place, ledger)
                                  : walk(format, source, place, ledger);
}

bool Examination::walk(const unpack::Format& format, Source& source, const Place& place,
                       NodeLedger& ledger) {
  ContainerSink sink(*this, source, place, ledger, format);
  Limits limits = limits_;
  // Archives in memory that lie in one another get less and less of it, so that all of them
  // together hold no more than twice what one may.
  if (format.in_memory) limits.decoder_memory >>= std::min(place.held, 63U);
  format.walk(source, limits, sink);
  sink.finish();
  return !sink.stopped();
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
  const std::size_t evidence = recorder_.evidence_count();
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
  if (recorder_.evidence_count() > evidence && kept.offset() == 0 && !kept.kept().empty()) {
    recorder_.content(place.trail, sha256(kept.kept()));
  }
  return !stopped_;
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

bool Examination::pieces(Source& source, const Place& place, Leaf leaf, NodeLedger& ledger,
                         const LeafSinks& sinks, std::vector<inspect::Covered>& covered) {
  const bool is_program = leaf.type->view == ViewKind::executable;
  const std::uint64_t start = source.position();
  // What follows a program is looked at as what it is: self-extractors, payloads of installers.
  std::uint64_t length = 0;
  unsigned tries = kTries;
  if (is_program || (!place.plain && leaf.type->view == ViewKind::binary)) {
    leaf.stop = unpack::find_embedded;
    if (is_program) length = inspect::program_length(source.peek(inspect::kTypeBytes));
  }
  while (true) {
    leaf.offset = source.position() - start;
    if (leaf.offset >= limits_.leaf_bytes) break;
    if (leaf.offset > 0) {
      const unpack::Format* format = part_at(source, place, leaf.offset == length, tries);
      const std::uint64_t before = source.position();
      // While it is read, a block may end in its midst.
      covered.push_back({leaf.offset, std::numeric_limits<std::uint64_t>::max()});
      if (format != nullptr && !part(*format, source, place, leaf.offset, ledger)) return false;
      if (source.position() != before) {
        covered.back().end = source.position() - start;
        continue;
      }
      covered.pop_back();
    }
    if (source.peek(1).empty()) return true;
    if (length > leaf.offset) {
      BoundedSource program(source, length - leaf.offset);
      ledger.scanned(scan_leaf(program, leaf, sinks.writer, sinks.nodes, limits_));
    } else {
      ledger.scanned(scan_leaf(source, leaf, sinks.writer, sinks.nodes, limits_));
    }
  }
  if (source.peek(1).empty()) return true;
  return pass_over(
      source, place, ledger, GapReason::limit_bytes,
      "longer than " + std::to_string(limits_.leaf_bytes) + " bytes; the rest was not matched");
}

void Examination::derived_gap(const Place& place, GapReason reason, std::string detail,
                              std::uint64_t bytes) {
  if (place.decoding->told) return;
  place.decoding->told = true;
  recorder_.gap(
      {.trail = place.trail, .reason = reason, .detail = std::move(detail), .bytes = bytes});
}

void Examination::derived(const Place& place, const Trail& trail, ViewKind kind,
                          std::vector<inspect::Decoded>& found) {
  for (const inspect::Decoded& decoded : found) {
    if (stopped_) return;
    if (place.turned && is_turn(decoded.name)) continue;
    derived_node(place, trail, kind, decoded);
  }
}

void Examination::derived_node(const Place& place, const Trail& trail, ViewKind kind,
                               const inspect::Decoded& decoded) {
  Decoding& file = *place.decoding;
  const ByteView bytes = as_bytes(decoded.bytes);
  const unpack::Format* format =
      unpack::recognise(bytes.first(std::min(bytes.size(), unpack::kHeadBytes)));
  const bool container = format != nullptr && holds(*format, bytes, limits_);
  if (decoded.unknown && !container && !is_digest_size(bytes.size()) &&
      file.bytes < limits_.derived_file_bytes) {
    if (auto inflated = unpack::inflate_all(bytes, kInflated)) {
      file.bytes += inflated->bytes.size();
      derived_ += inflated->bytes.size();
      // Random bytes inflate too, once in a great many; hardly ever to a text.
      if (inspect::decoders::is_text(inflated->bytes)) {
        derived_node(place, trail, kind,
                     {.name = decoded.name + ", deflate",
                      .begin = decoded.begin,
                      .end = decoded.end,
                      .line = decoded.line,
                      .column = decoded.column,
                      .bytes = std::move(inflated->bytes),
                      .cut = inflated->cut});
        return;
      }
    }
  }
  if (decoded.unknown && !container) {
    // Digests: lock files hold tens of thousands.
    if (is_digest_size(bytes.size())) return;
    if (file.unknown + bytes.size() > kUnknownBytes || place.decoders >= limits_.decoder_depth)
      return;
    file.unknown += bytes.size();
  }
  if (place.decoders >= limits_.decoder_depth) {
    derived_gap(place, GapReason::limit_depth,
                "decoded more than " + std::to_string(limits_.decoder_depth) + " times in a row",
                bytes.size());
    return;
  }
  if (file.parts >= limits_.derived_per_file) {
    derived_gap(place, GapReason::limit_entries, "more decoded parts than a file may have",
                bytes.size());
    return;
  }
  if (file.bytes + bytes.size() > limits_.derived_file_bytes + 8 * file.seen ||
      derived_ + bytes.size() > limits_.derived_unit_bytes) {
    derived_gap(place, GapReason::limit_bytes, "more decoded bytes than a file or unit may have",
                bytes.size());
    return;
  }
  if (!decoded.unknown) ++file.parts;
  file.bytes += bytes.size();
  derived_ += bytes.size();
  const std::string where = decoded.line != 0 ? "line " + std::to_string(decoded.line) + ":" +
                                                    std::to_string(decoded.column)
                                              : "@" + hexadecimal(decoded.begin);
  const Place inside{
      .trail = trail / Step{Step::Kind::offset, where} / Step{Step::Kind::decoder, decoded.name},
      .name = place.name,
      .depth = place.depth + 1,
      .decoders = place.decoders + 1,
      .turned = place.turned || is_turn(decoded.name),
      .plain = !container,
      .decoding = place.decoding,
      .held = place.held,
      .within = kind};
  if (decoded.cut && !decoded.unknown) {
    recorder_.gap({.trail = inside.trail,
                   .reason = GapReason::limit_bytes,
                   .detail = "too long to be decoded at once; only its begin was",
                   .offset = bytes.size()});
  }
  MemorySource source(bytes);
  node(source, inside);
}

bool Examination::node(Source& source, const Place& place) {
  NodeLedger ledger;
  const std::uint64_t start = source.position();
  bool whole = true;
  bool is_container = false;
  while (whole && !stopped_) {
    const ByteView head = source.peek(unpack::kHeadBytes);
    if (head.empty()) break;
    const unpack::Format* format = place.plain ? nullptr : unpack::recognise(head);
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

// Only at the end it is known which paths came again.
void Examination::name_first_copies(Record& record) const {
  for (Evidence& evidence : record.evidence) {
    auto& steps = evidence.trail.steps;
    const auto member = std::find_if(steps.begin(), steps.end(), [](const Step& step) {
      return step.kind == Step::Kind::member;
    });
    if (member == steps.end()) continue;
    const auto copies = copies_.find(member->name);
    if (copies == copies_.end() || copies->second < 2) continue;
    if (member + 1 != steps.end() && is_copy_step(*(member + 1))) continue;
    steps.insert(member + 1, copy_step(1));
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
  node(bytes, place);
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

}  // namespace

Record examine(const Unit& unit, Source& bytes, match::Matcher& matcher, const Limits& limits,
               Observer* observer) {
  return Examination(unit, matcher, limits, observer).run(bytes);
}

}  // namespace minescan::examine
