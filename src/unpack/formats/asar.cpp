// asar, the archive of Electron's programs: a header in JSON names all files and says where behind
// it they lie.  Layout: facts of its reference implementation, and Chromium's Pickle around the
// header.

#include <algorithm>

#include "base/json.h"
#include "base/printable.h"
#include "base/reader.h"
#include "unpack/formats/all.h"
#include "unpack/walk.h"

namespace minescan::unpack {
namespace {

// A pickle that holds the header's size, one that holds the header: sizes of 32 bits each.
constexpr std::size_t kFixed = 16;
constexpr std::uint32_t kSizeOfSize = 4;
// Large programs have about 1 MiB; folders in folders take two levels each.
constexpr JsonLimits kHeaderLimits{.bytes = std::size_t{8} << 20, .depth = 200};

struct Sizes {
  std::uint32_t header = 0;  // of the second pickle: files begin behind it
  std::uint32_t json = 0;
};

std::optional<Sizes> read_sizes(ByteView head) {
  Reader reader(head);
  const auto first = reader.little<std::uint32_t>();
  const auto header = reader.little<std::uint32_t>();
  const auto payload = reader.little<std::uint32_t>();
  const auto json = reader.little<std::uint32_t>();
  if (!json || *first != kSizeOfSize) return std::nullopt;
  // The rest of either size is padding.
  const bool nested = *payload <= *header && *header - *payload >= 4 && *json <= *payload &&
                      *payload - *json >= 4 && *json >= 2;
  if (!nested) return std::nullopt;
  return Sizes{.header = *header, .json = *json};
}

bool recognise(ByteView head) {
  if (!read_sizes(head)) return false;
  const std::string_view text = as_text(head.subspan(kFixed));
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t brace = text.find_first_not_of(kBlank);
  if (brace == std::string_view::npos || text[brace] != '{') return false;
  const std::size_t key = text.find_first_not_of(kBlank, brace + 1);
  return key != std::string_view::npos && text[key] == '"';
}

struct Entry {
  std::string name;
  std::uint64_t offset = 0;  // from the end of the header
  std::uint64_t size = 0;
};

class AsarWalk {
 public:
  AsarWalk(Source& container, const Limits& limits, MemberSink& sink)
      : walk_("asar", container, limits, sink) {}

  void run() {
    const auto sizes = read_sizes(walk_.peek(kFixed));
    if (!sizes) return;
    // The pickle's own size field comes before what `header` counts.
    const std::uint64_t base = walk_.position() + 8 + std::uint64_t{sizes->header};
    const bool listed = list(*sizes);
    walk_.own(base - walk_.position());
    if (!listed) return;
    for (const Member& link : links_) {
      EmptySource none;
      if (!walk_.member(link, none)) return;
    }
    std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
      return a.offset < b.offset || (a.offset == b.offset && a.size > b.size);
    });
    start_ = base;
    for (const Entry& entry : entries_) {
      if (!file(entry)) return;
    }
  }

 private:
  bool list(const Sizes& sizes) {
    const auto json_bytes = static_cast<std::size_t>(sizes.json);
    if (json_bytes > kHeaderLimits.bytes) {
      return broken(GapReason::limit_bytes, "has a header of more than 8 MiB");
    }
    const ByteView header = walk_.peek(kFixed + json_bytes);
    if (header.size() < kFixed + json_bytes) {
      return broken(GapReason::decode_truncated, "ends in its header");
    }
    const auto tree = parse_json(header.subspan(kFixed), kHeaderLimits);
    if (!tree) return broken(GapReason::decode_corrupt, "header: " + tree.error().what);
    if (!folder(*tree, "")) return broken(GapReason::decode_corrupt, "header lists no files");
    if (outside_ != 0) {
      walk_.anomaly("names " + std::to_string(outside_) + " files that lie beside the archive");
    }
    return true;
  }

  bool broken(GapReason reason, const std::string& what) {
    walk_.gap(reason, "asar " + what, 0);
    return false;
  }

  // As deep as the JSON may be.
  bool folder(const Json& node, const std::string& path) {
    const auto files = node.find("files");
    if (files == node.end() || !files->is_object()) return false;
    for (const auto& [key, value] : files->items()) {
      if (entries_.size() + links_.size() > walk_.limits().entries) return true;
      const std::string name = path.empty() ? key : path + "/" + key;
      if (!value.is_object() || name.size() > walk_.limits().name_bytes) {
        walk_.anomaly("has an entry that is none: " + printable(name, 200));
      } else if (!folder(value, name)) {
        leaf(value, name);
      }
    }
    return true;
  }

  void leaf(const Json& node, const std::string& name) {
    if (const std::string target = json_string(node, "link"); !target.empty()) {
      links_.push_back({.name = name, .kind = Member::Kind::symlink, .target = target});
      return;
    }
    const auto unpacked = node.find("unpacked");
    if (unpacked != node.end() && *unpacked == true) {
      ++outside_;
      return;
    }
    const auto size = node.find("size");
    const auto offset = number_in_text(json_string(node, "offset"), 10);
    const bool sized = size != node.end() && size->is_number_unsigned();
    if (sized && *size == 0U) {
      entries_.push_back({.name = name});
    } else if (!sized || !offset) {
      walk_.anomaly("does not say where " + printable(name, 200) + " lies");
    } else {
      entries_.push_back({.name = name, .offset = *offset, .size = size->get<std::uint64_t>()});
    }
  }

  // False: the walk ends.
  bool file(const Entry& entry) {
    const std::uint64_t here = walk_.position() - start_;
    std::uint64_t size = entry.size;
    if (size != 0 && entry.offset > here) {
      walk_.own(entry.offset - here);
    } else if (size != 0 && entry.offset < here) {
      // What two files share was shown with the first.
      walk_.anomaly("has files that share bytes, such as " + printable(entry.name, 200));
      size -= std::min(size, here - entry.offset);
    }
    BoundedSource body(walk_.container(), size);
    return walk_.member({.name = entry.name}, body);
  }

  Walk walk_;
  std::uint64_t start_ = 0;
  std::uint64_t outside_ = 0;
  std::vector<Member> links_;
  std::vector<Entry> entries_;
};

void walk(Source& container, const Limits& limits, MemberSink& sink) {
  AsarWalk(container, limits, sink).run();
}

}  // namespace

const Format kAsar{.name = "asar", .recognise = recognise, .walk = walk};

}  // namespace minescan::unpack
