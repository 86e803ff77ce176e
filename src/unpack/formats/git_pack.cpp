// Packs of git (gitformat-pack): objects one behind another, each a zlib stream behind its kind and
// size.  Many are told as what changes in an earlier one; those are put together again, as far as
// the earlier one was kept.  Tested by git_pack_test.cpp.

#include <deque>
#include <map>
#include <memory>
#include <utility>

#include "base/reader.h"
#include "unpack/formats/all.h"
#include "unpack/git_delta.h"
#include "unpack/walk.h"

namespace minescan::unpack {
namespace {

constexpr std::size_t kHeader = 12;
constexpr std::size_t kTrailer = 20;  // SHA-1 of all before
constexpr std::size_t kId = 20;
// Kind and size, how far back the earlier object lies or its id, and two bytes of zlib.
constexpr std::size_t kLongestFront = 10 + kId + 2;
// Objects up to this size are kept for what changes in them, as many as fit in a quarter of the
// memory of decoders.
constexpr std::size_t kMostKept = std::size_t{16} << 20;

enum class Kind : std::uint8_t { commit = 1, tree = 2, blob = 3, tag = 4, at = 6, of_id = 7 };

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::commit:
      return "commit";
    case Kind::tree:
      return "tree";
    case Kind::tag:
      return "tag";
    case Kind::blob:
    case Kind::at:
    case Kind::of_id:
      break;
  }
  return "blob";
}

struct Front {
  Kind kind = Kind::blob;
  std::uint64_t back = 0;  // of Kind::at
  std::size_t bytes = 0;
};

// Seven bits a byte, the lowest first.
std::optional<std::uint64_t> size_in(ByteView bytes, std::size_t& at) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 63 && at < bytes.size(); shift += 7) {
    const auto byte = std::to_integer<std::uint64_t>(bytes[at++]);
    value |= (byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  return std::nullopt;
}

std::optional<Front> front_of(ByteView bytes) {
  if (bytes.empty()) return std::nullopt;
  const auto first = std::to_integer<unsigned>(bytes[0]);
  const unsigned kind = first >> 4 & 7;
  if (kind == 0 || kind == 5) return std::nullopt;
  Front front{.kind = static_cast<Kind>(kind)};
  std::size_t at = 1;
  if ((first & 0x80) != 0 && !size_in(bytes, at)) return std::nullopt;
  if (front.kind == Kind::of_id) at += kId;
  if (front.kind == Kind::at) {
    // The highest first, and each further byte counts one more.
    for (bool more = true, begun = false; more; begun = true) {
      if (at >= bytes.size() || front.back >> 56 != 0) return std::nullopt;
      const auto byte = std::to_integer<std::uint64_t>(bytes[at++]);
      front.back = (begun ? front.back + 1 : 0) << 7 | (byte & 0x7f);
      more = (byte & 0x80) != 0;
    }
  }
  const auto zlib = Reader(bytes).slice(at, 2);
  if (!zlib) return std::nullopt;
  const std::uint32_t mark = Reader(*zlib).big<std::uint16_t>().value_or(0);
  if ((mark >> 8 & 0x0f) != 8 || mark % 31 != 0) return std::nullopt;
  front.bytes = at;
  return front;
}

bool recognise(ByteView head) {
  using namespace std::string_view_literals;
  const std::string_view text = as_text(head);
  return (text.starts_with("PACK\0\0\0\2"sv) || text.starts_with("PACK\0\0\0\3"sv)) &&
         head.size() > kHeader && front_of(head.subspan(kHeader)).has_value();
}

struct Kept {
  Kind kind = Kind::blob;
  std::string text;
};
using KeptPointer = std::shared_ptr<const Kept>;

// An object as it is; keeps what passes, if it is not too much.
class WholeBody final : public Source {
 public:
  explicit WholeBody(Source& packed) : packed_(packed) {}
  ByteView peek(std::size_t want) override { return seen_ = packed_.peek(want); }
  void skip(std::size_t n) override {
    if (seen_.size() < n) seen_ = packed_.peek(n);
    fits_ = fits_ && text_.size() + n <= kMostKept;
    if (fits_) text_ += as_text(seen_.first(n));
    seen_ = {};
    packed_.skip(n);
  }
  [[nodiscard]] std::uint64_t position() const override { return packed_.position(); }
  [[nodiscard]] std::optional<Error> fault() const override { return packed_.fault(); }
  std::optional<std::string> take() {
    return fits_ ? std::optional(std::move(text_)) : std::nullopt;
  }

 private:
  Source& packed_;
  ByteView seen_;
  std::string text_;
  bool fits_ = true;
};

// An object that is told as what changes in another one.  Reads it when it is first looked at, so
// that its bytes count as the member's.
class ChangedBody final : public Source {
 public:
  ChangedBody(Source& packed, KeptPointer base) : packed_(packed), base_(std::move(base)) {}
  ByteView peek(std::size_t want) override {
    load();
    return text_ ? as_bytes(*text_).subspan(at_) : packed_.peek(want);
  }
  void skip(std::size_t n) override {
    if (text_) {
      at_ += n;
    } else {
      packed_.skip(n);
    }
  }
  [[nodiscard]] std::uint64_t position() const override { return text_ ? at_ : packed_.position(); }
  [[nodiscard]] std::optional<Error> fault() const override {
    return wrong_ ? wrong_ : packed_.fault();
  }
  std::optional<std::string> take() {
    load();
    return std::move(text_);
  }

 private:
  void load() {
    if (std::exchange(loaded_, true)) return;
    // One byte more tells whether it is all.
    const ByteView delta = packed_.peek(kMaxPeek);
    const auto sizes = delta_sizes(as_text(delta));
    if (delta.size() < kMaxPeek && sizes && sizes->result <= kMostKept) {
      text_ = apply_delta(base_->text, as_text(delta));
    }
    if (!text_) {
      wrong_ = Error{Code::corrupt, "git object is told as a change of another one that it is not"};
      return;
    }
    packed_.skip(delta.size());
    static_cast<void>(packed_.peek(1));  // to its end
  }

  Source& packed_;
  KeptPointer base_;
  std::optional<std::string> text_;
  std::optional<Error> wrong_;
  std::size_t at_ = 0;
  bool loaded_ = false;
};

class PackWalk {
 public:
  PackWalk(Source& container, const Limits& limits, MemberSink& sink)
      : walk_("git pack", container, limits, sink), start_(walk_.position()) {}
  void run() {
    const std::uint32_t count = count_in(walk_.peek(kHeader));
    walk_.own(kHeader);
    for (number_ = 1; number_ <= count; ++number_) {
      if (!object()) break;
    }
    if (number_ > count) walk_.own(kTrailer);
    if (unresolved_ == 0) return;
    walk_.gap(GapReason::limit_memory,
              std::to_string(unresolved_) +
                  " objects are told as changes of others that are not at hand, so only what they "
                  "add was looked at",
              0);
  }

 private:
  static std::uint32_t count_in(ByteView header) {
    const auto count = Reader(header).slice(8, 4);
    return count ? Reader(*count).big<std::uint32_t>().value_or(0) : 0;
  }

  // False: the walk ends.
  bool object() {
    const std::uint64_t place = walk_.position() - start_;
    const auto front = front_of(walk_.peek(kLongestFront));
    if (!front) {
      walk_.gap(GapReason::decode_corrupt,
                "object " + std::to_string(number_) + " has a header that breaks the rules", 0);
      return false;
    }
    walk_.own(front->bytes);
    const auto packed = kZlib.decode(walk_.container(), walk_.limits());
    const bool changes = front->kind == Kind::at || front->kind == Kind::of_id;
    KeptPointer base;
    if (front->kind == Kind::at && front->back <= place) {
      const auto found = kept_.find(place - front->back);
      if (found != kept_.end()) {
        base = found->second.object;
        // What was used will be used again sooner than others.
        found->second.used = ++uses_;
        order_.emplace_back(found->first, uses_);
      }
    }
    const Kind kind = base ? base->kind : front->kind;
    Member member;
    member.name = std::string(kind_name(kind)) + " " + std::to_string(number_);
    member.decoder = "zlib";
    bool goes_on = false;
    std::optional<std::string> text;
    if (base) {
      ChangedBody body(*packed, std::move(base));
      goes_on = walk_.member(member, body);
      if (goes_on) text = body.take();
    } else {
      WholeBody body(*packed);
      goes_on = walk_.member(member, body);
      if (!changes) text = body.take();
      if (changes) ++unresolved_;
    }
    if (!goes_on || packed->fault()) return false;
    if (text) keep(place, kind, std::move(*text));
    return true;
  }

  void keep(std::uint64_t place, Kind kind, std::string text) {
    const std::uint64_t room = walk_.limits().decoder_memory / 4;
    // What a place in the map costs besides.
    constexpr std::size_t kOverhead = 200;
    held_ += text.size() + kOverhead;
    kept_.emplace(place, Place{std::make_shared<const Kept>(Kept{kind, std::move(text)}), ++uses_});
    order_.emplace_back(place, uses_);
    while (held_ > room && !order_.empty()) {
      const auto [oldest, used] = order_.front();
      order_.pop_front();
      const auto found = kept_.find(oldest);
      if (found == kept_.end() || found->second.used != used)
        continue;  // it stands further behind, too
      held_ -= found->second.object->text.size() + kOverhead;
      kept_.erase(found);
    }
  }

  struct Place {
    KeptPointer object;
    std::uint64_t used = 0;
  };

  Walk walk_;
  std::uint64_t start_;
  std::uint64_t number_ = 1;
  std::uint64_t unresolved_ = 0;
  std::map<std::uint64_t, Place> kept_;  // by where in the pack they begin
  // What was kept or used, in that order: where it begins, and which use it was.  What was used
  // again stands there several times, and counts where it stands last.
  std::deque<std::pair<std::uint64_t, std::uint64_t>> order_;
  std::uint64_t uses_ = 0;
  std::uint64_t held_ = 0;
};

void walk(Source& container, const Limits& limits, MemberSink& sink) {
  PackWalk(container, limits, sink).run();
}

}  // namespace

const Format kGitPack{.name = "git pack", .recognise = recognise, .walk = walk, .in_memory = true};

}  // namespace minescan::unpack
