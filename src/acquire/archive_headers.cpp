#include "acquire/archive_headers.h"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <utility>

#include "acquire/quoted.h"
#include "base/check.h"
#include "base/source.h"
#include "base/wire.h"
#include "unpack/format.h"
#include "unpack/tar_steps.h"

namespace minescan::acquire {
namespace {

constexpr std::uint64_t kBlock = 512;
// Two texts of an extended header, which has 4 MiB at most, and numbers.
constexpr std::size_t kLongestState = std::size_t{9} << 20;
constexpr std::array kRefusals = {Code::unsupported, Code::integrity, Code::limit_bytes};
constexpr std::uint64_t kKinds = static_cast<std::uint64_t>(StoredMember::Kind::other) + 1;

std::uint64_t round_up(std::uint64_t offset) {
  return offset + (kBlock - offset % kBlock) % kBlock;
}

// --- the worker's side

// A part of a file.  What is hidden is shown as zeros, also where it is no part of the part.
class PartSource final : public Source {
 public:
  PartSource(ByteView part, std::uint64_t offset, std::uint64_t file_size)
      : part_(part), begin_(offset), file_size_(file_size), position_(offset) {}

  ByteView peek(std::size_t want) override {
    if (hidden_ || position_ < shown_from_) {
      const std::uint64_t end = hidden_ ? file_size_ : std::min(shown_from_, file_size_);
      const std::uint64_t left = end - position_;
      return ByteView(kZeros).first(
          static_cast<std::size_t>(std::min<std::uint64_t>(left, kZeros.size())));
    }
    const std::uint64_t at = position_ - begin_;
    const ByteView bytes =
        at < part_.size() ? part_.subspan(static_cast<std::size_t>(at)) : ByteView();
    const std::uint64_t needed = std::min<std::uint64_t>(want, file_size_ - position_);
    if (bytes.size() < needed && !missing_) missing_ = position_ + needed;
    return bytes;
  }
  void skip(std::size_t n) override {
    MINESCAN_CHECK(n <= file_size_ - position_);
    position_ += n;
  }
  [[nodiscard]] std::uint64_t position() const override { return position_; }
  [[nodiscard]] std::optional<Error> fault() const override { return std::nullopt; }

  // From here on.
  void hide() { hidden_ = true; }
  // Up to there.
  void hide_until(std::uint64_t offset) {
    hidden_ = false;
    shown_from_ = offset;
  }
  // Where bytes end that were asked for and are no part of the part.  What was shown after that is
  // as if the file were cut off there, so it means nothing.
  [[nodiscard]] std::optional<std::uint64_t> missing() const { return missing_; }

 private:
  static constexpr std::array<std::byte, std::size_t{64} << 10> kZeros{};

  ByteView part_;
  std::uint64_t begin_;
  std::uint64_t file_size_;
  std::uint64_t position_;
  std::uint64_t shown_from_ = 0;
  bool hidden_ = false;
  std::optional<std::uint64_t> missing_;
};

std::string directory_of(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string::npos ? std::string() : name.substr(0, slash);
}

class HeaderSink final : public unpack::MemberSink {
 public:
  HeaderSink(PartSource& part, ArchiveHeaders& headers) : part_(part), headers_(headers) {}

  bool on_member(const unpack::Member& member, Source& body) override {
    // Nobody looks at the body here, nor at what pads it.
    const std::uint64_t offset = part_.position();
    part_.hide();
    const std::uint64_t size = skip_bytes(body, std::numeric_limits<std::uint64_t>::max());
    part_.hide_until(round_up(part_.position()));
    if (member.named_otherwise) {
      return refuse(Code::integrity, "has the member " + in_quotes(member.name, 200) +
                                         ", to which other readers give another name");
    }
    if (member.kind == unpack::Member::Kind::directory && size != 0) {
      return refuse(Code::integrity, "has the folder " + in_quotes(member.name, 200) +
                                         " with a body, which other readers take for a file");
    }
    if (member.kind == unpack::Member::Kind::directory) return true;
    if (member.name.size() > kMaxMemberName) {
      return refuse(Code::limit_bytes,
                    "has a member with a name of " + std::to_string(member.name.size()) + " bytes");
    }
    auto name = clean_name(member.name);
    if (!name) {
      return refuse(Code::integrity, "has the member " + in_quotes(member.name, 200) +
                                         ", whose name leaves the archive");
    }
    StoredMember stored{.offset = offset, .size = size};
    stored.whole = !body.fault().has_value();
    stored.plain = !member.sparse;
    describe(member, *name, stored);
    headers_.members.push_back({std::move(*name), std::move(stored)});
    return true;
  }
  void on_bytes(ByteView /*bytes*/) override {}
  void on_gap(GapReason /*reason*/, std::string detail, std::uint64_t /*bytes*/) override {
    on_anomaly(std::move(detail));
  }
  void on_anomaly(std::string what) override {
    if (headers_.notes.size() < kMaxArchiveNotes) headers_.notes.push_back(std::move(what));
  }

 private:
  static void describe(const unpack::Member& member, const std::string& name,
                       StoredMember& stored) {
    using Kind = unpack::Member::Kind;
    if (member.kind == Kind::file) stored.kind = StoredMember::Kind::file;
    if (member.kind != Kind::symlink && member.kind != Kind::hardlink) return;
    stored.kind = StoredMember::Kind::link;
    const bool symbolic = member.kind == Kind::symlink;
    // A longer one is no member's name.
    if (member.target.size() > kMaxMemberName) return;
    stored.target =
        clean_name(member.target, symbolic ? directory_of(name) : "", symbolic).value_or("");
    if (stored.target.size() > kMaxMemberName) stored.target.clear();
  }

  bool refuse(Code code, std::string what) {
    headers_.refused = Error{code, std::move(what)};
    return false;
  }

  PartSource& part_;
  ArchiveHeaders& headers_;
};

std::string place_bytes(const unpack::TarPlace& place) {
  const auto& [path, linkpath, zero_blocks, counts] = place;
  WireWriter out;
  for (const auto& text : {path, linkpath}) {
    out.number(text ? 1 : 0);
    if (text) out.text(*text);
  }
  out.number(zero_blocks);
  out.number(counts.entries);
  out.number(counts.anomalies);
  return out.take();
}

std::optional<unpack::TarPlace> place_from_bytes(ByteView bytes) {
  WireReader in(bytes);
  unpack::TarPlace place;
  for (auto* text : {&place.path, &place.linkpath}) {
    if (in.number_below(2) == 1) *text = std::make_shared<const std::string>(in.text());
  }
  place.zero_blocks = in.number();
  place.counts.entries = in.number();
  place.counts.anomalies = in.number();
  if (!in.at_end()) return std::nullopt;
  return place;
}

bool is_tar(ByteView head) {
  const unpack::Format* format = unpack::recognise(head);
  return format != nullptr && format->name == "tar" && format->walk != nullptr;
}

// All headers that are in the part; `refused` or `next` says why it was not gone on with.
void read_headers(const ArchivePart& part, unpack::TarPlace place, ArchiveHeaders& headers) {
  // Directories do not count here, so the number of members is limited where all are known.
  const Limits limits{.entries = std::numeric_limits<std::uint64_t>::max()};
  PartSource source(part.bytes, part.offset, part.file_size);
  const auto go_on_at = [&](std::uint64_t offset, std::uint64_t least, std::string state) {
    if (least > kMaxPart) {
      headers.refused = Error{Code::limit_bytes, "has more than " + std::to_string(kMaxPart >> 20) +
                                                     " MiB of headers before one member"};
    } else {
      headers.next = {.offset = offset, .least = least, .state = std::move(state)};
    }
  };
  if (part.state.empty()) {
    const ByteView head = source.peek(unpack::kHeadBytes);
    if (source.missing()) return go_on_at(part.offset, *source.missing() - part.offset, "");
    if (!is_tar(head)) {
      headers.refused = Error{Code::unsupported,
                              "is not a tar archive, so it holds no image; scan other files with "
                              "'minescan package'"};
      return;
    }
  }
  HeaderSink sink(source, headers);
  for (bool on = true; on;) {
    const unpack::TarPlace before = place;
    const std::uint64_t offset = source.position();
    const std::size_t members = headers.members.size(), notes = headers.notes.size();
    on = unpack::step_tar(source, limits, sink, place);
    if (!source.missing()) continue;
    headers.members.erase(headers.members.begin() + static_cast<std::ptrdiff_t>(members),
                          headers.members.end());
    headers.notes.resize(notes);
    headers.refused.reset();
    return go_on_at(offset, *source.missing() - offset, place_bytes(before));
  }
}

// --- what comes back

bool is_clean(const std::string& name) {
  return name.size() <= kMaxMemberName && clean_name(name) == name;
}

class HeadersReader {
 public:
  HeadersReader(ByteView bytes, const ArchivePart& part)
      : in_(bytes), part_(part), part_end_(part.offset + part.bytes.size()), behind_(part.offset) {}

  std::optional<ArchiveHeaders> read() {
    ArchiveHeaders headers;
    in_.list([&] {
      headers.members.push_back({in_.text(), {}});
      check(is_clean(headers.members.back().name));
      member(headers.members.back().member);
    });
    in_.list([&] {
      headers.notes.push_back(in_.text());
      check(is_sentence(headers.notes.back()) && headers.notes.size() <= kMaxArchiveNotes);
    });
    switch (in_.number_below(3)) {
      case 1: {
        const auto code = static_cast<std::size_t>(in_.number_below(kRefusals.size()));
        headers.refused = Error{kRefusals.at(code), in_.text()};
        check(is_sentence(headers.refused->what));
        break;
      }
      case 2:
        headers.next = next();
        break;
      default:
        break;
    }
    if (!in_.at_end()) return std::nullopt;
    return headers;
  }

 private:
  void check(bool sound) {
    if (!sound) in_.fail();
  }

  // Its header is a block of the part, behind the members before it; its body one of the file.
  void member(StoredMember& member) {
    member.kind = static_cast<StoredMember::Kind>(in_.number_below(kKinds));
    member.offset = in_.number();
    member.size = in_.number();
    member.target = in_.text();
    member.whole = in_.number_below(2) == 1;
    member.plain = in_.number_below(2) == 1;
    check(member.offset % kBlock == 0 || member.offset == part_.file_size);
    check(member.offset <= part_end_ && member.offset >= behind_ &&
          member.offset - behind_ >= kBlock);
    check(member.offset <= part_.file_size && member.size <= part_.file_size - member.offset);
    check(member.whole || member.size == part_.file_size - member.offset);
    check(is_clean(member.target) &&
          (member.target.empty() || member.kind == StoredMember::Kind::link));
    if (in_.good()) behind_ = std::min(round_up(member.offset + member.size), part_.file_size);
  }

  // Behind all that was read, and not without bytes that this part does not have.
  ArchiveHeaders::Next next() {
    ArchiveHeaders::Next next{.offset = in_.number(), .least = in_.number(), .state = in_.text()};
    check(next.offset >= behind_ && next.offset <= part_.file_size && next.least <= kMaxPart &&
          next.least <= part_.file_size - next.offset && next.least > 0);
    check(next.offset > part_end_ || next.least > part_end_ - next.offset);
    check(next.state.size() <= kLongestState);
    return next;
  }

  WireReader in_;
  const ArchivePart& part_;
  const std::uint64_t part_end_;
  std::uint64_t behind_;  // where the next header may be
};

}  // namespace

std::optional<std::string> clean_name(const std::string& name, const std::string& base,
                                      bool up_allowed) {
  if (name.starts_with('/')) return std::nullopt;
  std::vector<std::string> parts;
  std::string part;
  std::string path = base;
  path += '/';
  path += name;
  path += '/';
  for (const char c : path) {
    if (c != '/') {
      part += c;
      continue;
    }
    if (part == ".." && (!up_allowed || parts.empty())) return std::nullopt;
    if (part == "..") {
      parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
    part.clear();
  }
  std::string clean;
  for (const std::string& piece : parts) {
    if (!clean.empty()) clean += '/';
    clean += piece;
  }
  return clean;
}

std::string part_bytes(const ArchivePart& part) {
  const auto& [file_size, offset, bytes, state] = part;
  WireWriter out;
  out.number(file_size);
  out.number(offset);
  out.text(state);
  std::string all = out.take();
  all += as_text(bytes);
  return all;
}

std::string headers_bytes(const ArchiveHeaders& headers) {
  const auto& [members, notes, refused, next] = headers;
  WireWriter out;
  out.list(members, [&](const ArchiveHeaders::Named& one) {
    const auto& [kind, offset, size, target, whole, plain] = one.member;
    out.text(one.name);
    out.number(static_cast<std::uint64_t>(kind));
    out.number(offset);
    out.number(size);
    out.text(target);
    out.number(whole ? 1 : 0);
    out.number(plain ? 1 : 0);
  });
  out.list(notes, [&](const std::string& note) { out.text(note); });
  if (refused) {
    const auto code = std::find(kRefusals.begin(), kRefusals.end(), refused->code);
    MINESCAN_CHECK(code != kRefusals.end());
    out.number(1);
    out.number(static_cast<std::uint64_t>(code - kRefusals.begin()));
    out.text(refused->what);
  } else if (next) {
    out.number(2);
    out.number(next->offset);
    out.number(next->least);
    out.text(next->state);
  } else {
    out.number(0);
  }
  return out.take();
}

std::optional<ArchiveHeaders> headers_from_bytes(ByteView bytes, const ArchivePart& part) {
  return HeadersReader(bytes, part).read();
}

std::string archive_task(ByteView input) {
  WireReader in(input);
  ArchivePart part{
      .file_size = in.number(), .offset = in.number(), .bytes = {}, .state = in.text()};
  part.bytes = in.rest();
  const auto place = part.state.empty() ? std::make_optional<unpack::TarPlace>()
                                        : place_from_bytes(as_bytes(part.state));
  // Nothing that anybody asks for, and nothing that anybody believes.
  if (!in.at_end() || !place || part.offset > part.file_size ||
      part.bytes.size() > part.file_size - part.offset) {
    return {};
  }
  ArchiveHeaders headers;
  read_headers(part, *place, headers);
  return headers_bytes(headers);
}

}  // namespace minescan::acquire
