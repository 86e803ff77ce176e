// The blob of a "single executable application" of Node.js: the script that the program runs, and
// files that it brings along.  It lies in a note, a resource or a segment of node itself.  Layout:
// node's src/node_sea.cc, versions 20 to 24.

#include <algorithm>

#include "base/reader.h"
#include "unpack/formats/all.h"
#include "unpack/walk.h"

namespace minescan::unpack {
namespace {

constexpr std::uint32_t kMagic = 0x0143da20;
constexpr std::uint32_t kSnapshot = 2;
constexpr std::uint32_t kCodeCache = 4;
constexpr std::uint32_t kAssets = 8;
constexpr std::uint32_t kKnownFlags = 0x1f;
constexpr std::size_t kFixed = 8;             // magic and flags
constexpr std::uint64_t kLongestPath = 4096;  // Linux's PATH_MAX; keys of assets too
constexpr std::uint64_t kLongestBody = std::uint64_t{1} << 40;

struct Header {
  std::uint32_t flags = 0;
  std::size_t path_at = 0;
  std::uint64_t path_size = 0;
};

std::optional<Header> read_header(ByteView head) {
  Reader reader(head);
  const auto magic = reader.little<std::uint32_t>();
  const auto flags = reader.little<std::uint32_t>();
  if (!flags || *magic != kMagic || *flags > kKnownFlags) return std::nullopt;
  // Since version 24 a byte says where further arguments come from.
  for (const std::size_t extra : {0U, 1U}) {
    Reader lengths(head);
    if (!lengths.seek(kFixed + extra)) return std::nullopt;
    const auto size = lengths.little<std::uint64_t>();
    if (!size || *size == 0 || *size > kLongestPath) continue;
    const std::size_t shown =
        std::min<std::size_t>(static_cast<std::size_t>(*size), lengths.left());
    const std::string_view path = as_text(*lengths.take(shown));
    const bool is_text = std::none_of(path.begin(), path.end(), [](char c) {
      return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
    });
    if (shown != 0 && is_text) {
      return Header{.flags = *flags, .path_at = kFixed + extra, .path_size = *size};
    }
  }
  return std::nullopt;
}

bool recognise(ByteView head) { return read_header(head).has_value(); }

// The script is one, whatever it is called.
std::string script_name(std::string name) {
  for (const std::string_view suffix : {".js", ".cjs", ".mjs", ".ts"}) {
    if (name.ends_with(suffix)) return name;
  }
  return name + ".js";
}

class SeaWalk {
 public:
  SeaWalk(Source& container, const Limits& limits, MemberSink& sink)
      : walk_("node-sea", container, limits, sink) {}

  void run() {
    const auto header = read_header(walk_.peek(kUpToPath));
    if (!header) return;
    walk_.own(header->path_at);
    const auto path = name();
    if (!path) return;
    const bool snapshot = (header->flags & kSnapshot) != 0;
    if (!body(snapshot ? "snapshot" : script_name(*path))) return;
    // Compiled from the script.
    if ((header->flags & kCodeCache) != 0) {
      const auto size = length(kLongestBody);
      if (!size || walk_.own(*size) < *size) return;
    }
    if ((header->flags & kAssets) == 0) return;
    const auto count = length(walk_.limits().entries);
    for (std::uint64_t i = 0; count && i < *count; ++i) {
      const auto key = name();
      if (!key || !body(*key)) return;
    }
  }

 private:
  static constexpr std::size_t kUpToPath = kFixed + 1 + 8 + kLongestPath;

  // The number of 64 bits that comes next, its bytes passed on; nothing, with a gap, when it is not
  // there or larger than `most`.
  std::optional<std::uint64_t> length(std::uint64_t most) {
    const auto number = Reader(walk_.peek(8)).little<std::uint64_t>();
    if (number && *number <= most) {
      walk_.own(8);
      return number;
    }
    walk_.gap(number ? GapReason::decode_corrupt : GapReason::decode_truncated,
              number ? "node-sea has a length that cannot be" : "node-sea ends early", 0);
    return std::nullopt;
  }

  std::optional<std::string> name() {
    const auto size = length(kLongestPath);
    if (!size) return std::nullopt;
    std::string text;
    if (*size != 0) text = as_text(walk_.peek(static_cast<std::size_t>(*size)));
    walk_.own(*size);
    return text;
  }

  bool body(const std::string& name) {
    const auto size = length(kLongestBody);
    if (!size) return false;
    BoundedSource bytes(walk_.container(), *size);
    return walk_.member({.name = name}, bytes);
  }

  Walk walk_;
};

void walk(Source& container, const Limits& limits, MemberSink& sink) {
  SeaWalk(container, limits, sink).run();
}

}  // namespace

const Format kNodeSea{.name = "node-sea", .recognise = recognise, .walk = walk};

}  // namespace minescan::unpack
