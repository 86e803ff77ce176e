// Loose objects of git, behind their zlib: "blob 12", NUL, and the file's bytes; commits, tags and
// trees alike.  Without their header they are the texts that they are.

#include "unpack/formats/all.h"
#include "unpack/walk.h"

namespace minescan::unpack {
namespace {

// Kind, blank, and the digits of a size of 64 bits.
constexpr std::size_t kLongestHeader = 6 + 1 + 20;

struct Header {
  std::string_view kind;
  std::uint64_t size = 0;
  std::size_t bytes = 0;
};

std::optional<Header> parse(ByteView head) {
  const std::string_view text = as_text(head).substr(0, kLongestHeader + 1);
  const std::size_t end = text.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  for (const std::string_view kind : {"blob", "commit", "tree", "tag"}) {
    if (!text.starts_with(kind) || text[kind.size()] != ' ') continue;
    const std::string_view digits = text.substr(kind.size() + 1, end - kind.size() - 1);
    if (digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    const auto size = number_in_text(digits, 10);
    if (!size) return std::nullopt;
    return Header{.kind = kind, .size = *size, .bytes = end + 1};
  }
  return std::nullopt;
}

bool recognise(ByteView head) { return parse(head).has_value(); }

void walk(Source& container, const Limits& limits, MemberSink& sink) {
  Walk walk("git object", container, limits, sink);
  const auto header = parse(walk.peek(kLongestHeader + 1));
  if (!header) return;
  Member member;
  member.name = header->kind;
  walk.own(header->bytes);
  BoundedSource body(container, header->size);
  static_cast<void>(walk.member(member, body));
}

}  // namespace

const Format kGitObject{.name = "git object", .recognise = recognise, .walk = walk};

}  // namespace minescan::unpack
