// Encodings and archives: what they hold becomes nodes, what is their own is matched.

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/printable.h"
#include "examine/examination.h"
#include "examine/read_ahead.h"
#include "examine/wheel_files.h"

namespace minescan::examine {
namespace {

// A container's own bytes (headers, names, padding) are gathered and matched in pieces of this
// size.
constexpr std::size_t kOwnBytes = std::size_t{64} << 10;

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

}  // namespace

Step copy_step(std::uint32_t number) {
  return {Step::Kind::offset, std::string(kCopy) + std::to_string(number)};
}

bool is_copy_step(const Step& step) {
  return step.kind == Step::Kind::offset && step.name.starts_with(kCopy);
}

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
  // What looks at a body's front moves the container already.
  const std::uint64_t before = container_.position();
  if (wheel_ && member.kind == unpack::Member::Kind::file) wheel_->add(path, body);
  const bool whole = place_.outermost ? e.member(member, inside, body) : e.node(body, inside);
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
  // Of an encoding that a name told, what is inside has the name in front.
  if (unpack::guess_by_name(place.name) == &format) {
    inside.name.erase(inside.name.find_last_of('.'));
  }
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

}  // namespace minescan::examine
