#include "unpack/formats/zip_directory.h"

#include <algorithm>
#include <functional>

#include "base/printable.h"

namespace minescan::unpack::zip {
namespace {

// Gaps that are reported one by one; more are counted.
constexpr std::uint64_t kMostLost = 100;

std::string shown(std::string_view name) { return printable(name, 200); }

}  // namespace

void Directory::add_local(std::uint64_t offset, const Entry& entry) {
  locals_.push_back({.offset = offset,
                     .packed = entry.packed,
                     .size = entry.size,
                     .name_hash = std::hash<std::string_view>{}(entry.name),
                     .crc = entry.crc,
                     .method = entry.method,
                     .encrypted = entry.encrypted(),
                     .measured = (entry.flags & kFlagDescriptor) == 0});
}

void Directory::set_body(std::uint64_t packed, std::uint64_t size, std::uint32_t crc) {
  locals_.back().packed = packed;
  locals_.back().size = size;
  locals_.back().crc = crc;
  locals_.back().measured = true;
}

Directory::Local* Directory::find(std::uint64_t central_offset) {
  // Unsigned numbers wrap, so that a base may be negative.
  for (const std::uint64_t base : {base_, std::uint64_t{0}, part_, std::uint64_t{0} - start_}) {
    const std::uint64_t offset = central_offset + base;
    const auto found = std::lower_bound(
        locals_.begin(), locals_.end(), offset,
        [](const Local& local, std::uint64_t wanted) { return local.offset < wanted; });
    if (found == locals_.end() || found->offset != offset) continue;
    base_ = base;
    return &*found;
  }
  return nullptr;
}

void Directory::add_central(std::uint64_t offset, const Entry& entry) {
  any_central_ = true;
  if (central_entries_++ == 0) central_offset_ = offset;
  if (entry.disk != 0 && entry.disk != 0xffff) {
    walk_.anomaly("directory places " + shown(entry.name) + " in another file of a set");
  }
  Local* const local = find(entry.offset);
  if (local == nullptr) {
    if (++lost_ > kMostLost) return;
    walk_.anomaly("directory lists " + shown(entry.name) + ", which no local header is at");
    walk_.gap(
        GapReason::parse_ambiguous,
        "zip directory lists " + shown(entry.name) + " at a place that was read as something else",
        0);
    return;
  }
  if (local->listed && !shared_) {
    shared_ = true;
    walk_.anomaly("directory lists one body under several names");
  }
  local->listed = true;
  compare(*local, entry);
}

void Directory::compare(const Local& local, const Entry& entry) {
  const std::string name = shown(entry.name);
  if (local.name_hash != std::hash<std::string_view>{}(entry.name)) {
    walk_.anomaly("directory calls an entry " + name + " that has another name in its own header");
  }
  if (local.method != entry.method) {
    walk_.anomaly("directory and header of " + name + " state different methods");
  }
  if (local.encrypted != entry.encrypted()) {
    walk_.anomaly("directory and header of " + name + " disagree on whether it is encrypted");
  }
  if (!local.measured) return;
  if (local.packed != entry.packed || local.size != entry.size) {
    walk_.anomaly("directory states other sizes of " + name + " than it has");
  } else if (local.crc != entry.crc) {
    walk_.anomaly("directory states another checksum of " + name + " than it has");
  }
}

void Directory::add_end(std::uint64_t offset, const End& end) {
  check_end(end64_ ? *end64_ : end);
  if (end64_) {
    const bool points_elsewhere = end.central_offset != 0xffffffff && end.central_offset != 0 &&
                                  end.central_offset != end64_->central_offset;
    const bool counts_otherwise = end.entries != 0xffff && end.entries != end64_->entries;
    if (points_elsewhere || counts_otherwise) {
      walk_.anomaly("end record and zip64 end record point to different directories");
    }
  } else if (end.entries != 0xffff && end.entries != (central_entries_ & 0xffff)) {
    walk_.anomaly("end record counts " + std::to_string(end.entries) +
                  " entries, but the directory has " + std::to_string(central_entries_));
  }
  end64_.reset();
  central_entries_ = 0;
  part_ = offset + kEndBytes + end.comment;
}

void Directory::check_end(const End& end) {
  if (end64_ && end.entries != central_entries_) {
    walk_.anomaly("zip64 end record counts " + std::to_string(end.entries) +
                  " entries, but the directory has " + std::to_string(central_entries_));
  }
  const bool in_set =
      (end.disk != 0 && end.disk != 0xffff && end.disk != 0xffffffff) ||
      (end.central_disk != 0 && end.central_disk != 0xffff && end.central_disk != 0xffffffff);
  if (in_set) walk_.anomaly("end record says that this is one file of a set");
  if (central_entries_ != 0 && end.central_offset != 0xffffffff &&
      end.central_offset + base_ != central_offset_) {
    walk_.anomaly("end record points to another place than the directory is at");
  }
}

void Directory::finish() {
  if (lost_ > kMostLost) {
    walk_.gap(GapReason::parse_ambiguous,
              "zip directory lists " + std::to_string(lost_ - kMostLost) +
                  " more entries at places that were read as something else",
              0);
  }
  const auto unlisted = std::count_if(locals_.begin(), locals_.end(),
                                      [](const Local& local) { return !local.listed; });
  if (any_central_ && unlisted != 0) {
    walk_.anomaly("archive has " + std::to_string(unlisted) +
                  " entries that its directory does not list");
  }
}

}  // namespace minescan::unpack::zip
