// Members of a unit's archive that other threads examine (aside.h).
//
// A part is examined with sums that begin at zero.  That decides nothing differently as long as the
// sums of the whole unit keep below their limits when it is taken: they only grow.  Whatever would
// need to know more spoils the unit, which is then examined without threads.

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "examine/examination.h"

namespace minescan::examine {
namespace {

// So much may become of one part, or as much as a unit may have.
constexpr std::uint64_t kMostOfPart = std::uint64_t{256} << 20;
// So many wait for one that takes long.
constexpr std::size_t kMostParts = 256;

// What was read of a body, and how it ended.
class ReadBody final : public Source {
 public:
  ReadBody(ByteView bytes, const std::optional<Error>& fault) : bytes_(bytes), fault_(fault) {}
  ByteView peek(std::size_t want) override { return bytes_.peek(want); }
  void skip(std::size_t n) override { bytes_.skip(n); }
  [[nodiscard]] std::uint64_t position() const override { return bytes_.position(); }
  [[nodiscard]] std::optional<Error> fault() const override { return fault_; }

 private:
  MemorySource bytes_;
  const std::optional<Error>& fault_;
};

}  // namespace

Examination::Examination(const Unit& unit, match::Matcher& matcher, const Limits& limits,
                         Observer* observer, Aside* aside)
    : unit_(unit), matcher_(matcher), limits_(limits), recorder_(observer), aside_(aside) {
  if (aside_ == nullptr) return;
  aside_->begin();
  recorder_.set_settle([this] { settle(); });
}

Examination::~Examination() {
  for (const auto& part : parts_) part->done.wait(false);
}

bool Examination::may_go_aside(const unpack::Member& member) {
  return member.kind == unpack::Member::Kind::file && member.most &&
         *member.most >= aside_->least() && *member.most <= kMostAside &&
         held_.load() + *member.most <= kMostHeldAside && aside_->has_room();
}

bool Examination::member(const unpack::Member& member, const Place& place, Source& body) {
  if (aside_ == nullptr) return node(body, place);
  take_done();
  if (parts_.size() >= kMostParts) settle();
  if (may_go_aside(member)) {
    aside(place, *member.most, body);
    return !stopped_;
  }
  if (parts_.empty()) return node(body, place);
  // What it has to say comes after those parts; the walk need not wait for them.
  const auto part = std::make_shared<Part>(place);
  examine_part(*part, body, matcher_, limits_, recorder_.observer());
  part->done.store(true);
  parts_.push_back(part);
  return part->whole;
}

void Examination::aside(const Place& place, std::uint64_t most, Source& body) {
  auto part = std::make_shared<Part>(place);
  part->bytes.reserve(static_cast<std::size_t>(most));
  for (ByteView bytes = body.peek(1); !bytes.empty(); bytes = body.peek(1)) {
    part->bytes.append(as_text(bytes));
    body.skip(bytes.size());
  }
  part->fault = body.fault();
  Aside::Work work = [this, part, held = part->bytes.size()](match::Matcher& matcher) {
    try {
      Limits limits = limits_;
      limits.unit_bytes = std::min(limits.unit_bytes, kMostOfPart);
      ReadBody source(as_bytes(part->bytes), part->fault);
      examine_part(*part, source, matcher, limits, nullptr);
    } catch (const std::exception&) {
      part->whole = false;  // of memory there may be enough without other threads
    }
    std::string().swap(part->bytes);
    held_ -= held;
    part->done.store(true);
    part->done.notify_all();
  };
  held_ += part->bytes.size();
  parts_.push_back(std::move(part));
  aside_->start(std::move(work));
}

void Examination::examine_part(Part& part, Source& source, match::Matcher& matcher,
                               const Limits& limits, Observer* observer) const {
  Examination inner(unit_, matcher, limits, observer);
  part.whole = inner.node(source, part.place);
  part.entries = inner.entries_;
  part.derived = inner.derived_;
  part.recorder = std::move(inner.recorder_);
}

void Examination::take_done() {
  while (!parts_.empty() && parts_.front()->done.load()) {
    // Out of the list first: taking records something.
    const std::shared_ptr<Part> part = std::move(parts_.front());
    parts_.pop_front();
    take(*part);
  }
}

void Examination::settle() {
  while (!parts_.empty()) {
    parts_.front()->done.wait(false);
    take_done();
  }
}

void Examination::take(Part& part) {
  const Ledger& sums = recorder_.ledger();
  const Ledger& its = part.recorder.ledger();
  if (part.whole && entries_ + part.entries <= limits_.unit_entries &&
      derived_ + part.derived <= limits_.derived_unit_bytes &&
      sums.scanned + sums.gap + its.scanned + its.gap <= limits_.unit_bytes &&
      recorder_.take(part.recorder)) {
    entries_ += part.entries;
    derived_ += part.derived;
    return;
  }
  aside_->spoil();
  stopped_ = true;
}

}  // namespace minescan::examine
