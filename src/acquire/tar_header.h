#pragma once
// Headers of the tar streams that stand for slices of a tree: always the same bytes for the same
// name, kind and size.  POSIX ustar; a pax header goes before it where a name is too long (pax
// interchange format, IEEE Std 1003.1), base-256 where a size is (GNU).

#include <cstdint>
#include <string>

namespace minescan::acquire {

inline constexpr std::size_t kTarBlock = 512;

// Zeros that fill the last block of a body.
constexpr std::size_t tar_padding(std::uint64_t size) {
  return static_cast<std::size_t>((kTarBlock - size % kTarBlock) % kTarBlock);
}

// Names are raw bytes.
std::string tar_file_header(const std::string& name, std::uint64_t size);
std::string tar_symlink_header(const std::string& name, const std::string& target);

}  // namespace minescan::acquire
