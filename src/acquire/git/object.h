#pragma once
// An object of git, as it lies in a repository, and what is read of one at most.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace minescan::acquire {

using ObjectId = std::array<std::uint8_t, 20>;  // SHA-1

// As packs number them.
enum class ObjectKind : std::uint8_t { commit = 1, tree = 2, blob = 3, tag = 4 };

struct ObjectHeader {
  ObjectKind kind = ObjectKind::blob;
  std::uint64_t size = 0;
};

struct GitObject {
  ObjectKind kind = ObjectKind::blob;
  std::string bytes;
};

// A blob is held in memory as a whole.
inline constexpr std::uint64_t kMaxBlob = std::uint64_t{1} << 30;
// The others are parsed as a whole, which takes several times their size; two million files
// (reader.h) in one folder take half of it.
inline constexpr std::uint64_t kMaxListing = std::uint64_t{256} << 20;

constexpr std::uint64_t most_bytes(ObjectKind kind) {
  return kind == ObjectKind::blob ? kMaxBlob : kMaxListing;
}

}  // namespace minescan::acquire
