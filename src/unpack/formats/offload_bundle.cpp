// Offload bundles (clang's OffloadBundler documentation, "Bundled Binary File Layout"): code
// objects for several processors one behind the other, with a table in front.  HIP programs carry
// one for each of their source files.

#include <algorithm>

#include "base/printable.h"
#include "base/reader.h"
#include "unpack/formats/all.h"
#include "unpack/walk.h"

namespace minescan::unpack {
namespace {

constexpr std::string_view kMagic = "__CLANG_OFFLOAD_BUNDLE__";
constexpr std::size_t kFixed = kMagic.size() + 8;  // and the number of entries
constexpr std::size_t kEntry = 24;                 // offset, size, length of the name
// A library for every processor that ROCm knows has about a hundred; names are below 100 bytes.
constexpr std::uint64_t kMostEntries = 4096;
constexpr std::uint64_t kLongestName = 4096;

struct Entry {
  std::uint64_t offset = 0;  // from the magic
  std::uint64_t size = 0;
  std::uint64_t name_bytes = 0;
  std::string name;
};

std::optional<Entry> read_entry(ByteView bytes) {
  Reader reader(bytes);
  const auto offset = reader.little<std::uint64_t>();
  const auto size = reader.little<std::uint64_t>();
  const auto name = reader.little<std::uint64_t>();
  if (!offset || !size || !name || *name > kLongestName) return std::nullopt;
  return Entry{.offset = *offset, .size = *size, .name_bytes = *name};
}

// "hipv4-amdgcn-amd-amdhsa--gfx906:xnack-".
bool is_target(std::string_view name) {
  const bool printable_ascii =
      std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  return printable_ascii && name.find('-') != std::string_view::npos;
}

bool recognise(ByteView head) {
  if (!as_text(head).starts_with(kMagic) || head.size() < kFixed + kEntry) return false;
  const auto count = Reader(head.subspan(kMagic.size())).little<std::uint64_t>();
  const auto first = read_entry(head.subspan(kFixed));
  if (!first || count == 0 || count > kMostEntries) return false;
  const auto name = Reader(head).slice(kFixed + kEntry, first->name_bytes);
  return name && is_target(as_text(*name)) && first->offset >= kFixed + kEntry;
}

class BundleWalk {
 public:
  BundleWalk(Source& container, const Limits& limits, MemberSink& sink)
      : walk_("offload bundle", container, limits, sink), start_(container.position()) {}

  void run() {
    if (!table()) return;
    // Readers go by the table; where two entries share bytes, those are shown once.
    std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
      if (a.offset != b.offset) return a.offset < b.offset;
      return a.size == 0 ? b.size != 0 : a.size > b.size && b.size != 0;
    });
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (!entry(i)) return;
    }
  }

 private:
  [[nodiscard]] std::uint64_t here() const { return walk_.position() - start_; }

  bool table() {
    const ByteView fixed = walk_.peek(kFixed);
    const ByteView number = fixed.subspan(std::min(kMagic.size(), fixed.size()));
    const std::uint64_t count = Reader(number).little<std::uint64_t>().value_or(0);
    walk_.own(kFixed);
    for (std::uint64_t i = 0; i < std::min(count, kMostEntries); ++i) {
      auto entry = read_entry(walk_.peek(kEntry));
      if (!entry) return broken();
      walk_.own(kEntry);
      const auto size = static_cast<std::size_t>(entry->name_bytes);
      if (walk_.peek(std::max<std::size_t>(size, 1)).size() < size) return broken();
      entry->name = as_text(walk_.peek(size));
      walk_.own(size);
      entries_.push_back(std::move(*entry));
    }
    if (count > kMostEntries) {
      walk_.gap(GapReason::limit_entries,
                "offload bundle has more than " + std::to_string(kMostEntries) + " entries", 0);
    }
    return true;
  }

  bool broken() {
    walk_.gap(GapReason::decode_corrupt, "offload bundle has a table that breaks its rules", 0);
    return false;
  }

  // False: the walk ends.
  bool entry(std::size_t i) {
    const Entry& entry = entries_[i];
    const bool again =
        i > 0 && entries_[i - 1].offset == entry.offset && entries_[i - 1].size == entry.size;
    std::uint64_t size = entry.size;
    if (entry.size == 0 || again) {
      size = 0;
    } else if (entry.offset < here()) {
      overlap(entry);
      const std::uint64_t shown = here() - entry.offset;
      size -= std::min(size, shown);
    } else {
      walk_.own(entry.offset - here());
    }
    if (i + 1 < entries_.size() && size != 0) {
      const std::uint64_t next = entries_[i + 1].offset;
      const bool same = next == entry.offset && entries_[i + 1].size == entry.size;
      if (!same && entries_[i + 1].size != 0 && next >= here() && next - here() < size) {
        overlap(entry);
        size = next - here();
      }
    }
    BoundedSource body(walk_.container(), size);
    return walk_.member({.name = entry.name}, body);
  }

  void overlap(const Entry& entry) {
    const std::string what =
        "bundle has entries that share bytes, such as " + printable(entry.name, 200);
    if (!told_) walk_.gap(GapReason::parse_ambiguous, "offload " + what, 0);
    told_ = true;
  }

  Walk walk_;
  std::uint64_t start_;
  std::vector<Entry> entries_;
  bool told_ = false;
};

void walk(Source& container, const Limits& limits, MemberSink& sink) {
  BundleWalk(container, limits, sink).run();
}

}  // namespace

const Format kOffloadBundle{
    .name = "offload-bundle", .recognise = recognise, .walk = walk, .parts_of_file = true};

}  // namespace minescan::unpack
