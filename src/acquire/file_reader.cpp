#include "acquire/file_reader.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

namespace minescan::acquire {
namespace {

constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

// Whether the file system keeps less than it would keep of a file without holes.
bool has_holes(int file) {
  constexpr std::uint64_t kUnit = 512;  // of st_blocks, on every file system
  struct stat info {};
  return ::fstat(file, &info) == 0 && info.st_size > 0 &&
         static_cast<std::uint64_t>(info.st_blocks) * kUnit <
             static_cast<std::uint64_t>(info.st_size);
}

// Where the next byte lies that is in no hole; the file's end when there is none, and `offset` when
// the system does not say.
std::uint64_t next_byte(int file, std::uint64_t offset) {
  const off_t at = ::lseek(file, static_cast<off_t>(offset), SEEK_DATA);
  if (at >= 0) return static_cast<std::uint64_t>(at);
  struct stat info {};
  if (errno != ENXIO || ::fstat(file, &info) != 0 || info.st_size < 0) return offset;
  return std::max(offset, static_cast<std::uint64_t>(info.st_size));
}

}  // namespace

void FileReader::look(int file, std::uint64_t offset) {
  if (!looked_) {
    looked_ = true;
    if (!has_holes(file)) {
      bytes_end_ = hole_end_ = kNever;
      return;
    }
  }
  const std::uint64_t byte = next_byte(file, offset);
  if (byte >= offset && byte - offset >= kLeastHole) {
    bytes_end_ = offset;
    hole_end_ = byte;
    return;
  }
  const off_t hole = ::lseek(file, static_cast<off_t>(std::max(byte, offset)), SEEK_HOLE);
  // At least this far, or many small holes would cost two calls each.
  bytes_end_ = std::max(hole < 0 ? 0 : static_cast<std::uint64_t>(hole), offset + kLeastHole);
  hole_end_ = bytes_end_;
}

ssize_t FileReader::read(int file, std::span<std::byte> room, std::uint64_t offset) {
  if (offset >= hole_end_) look(file, offset);
  const bool in_hole = offset >= bytes_end_;
  const auto most = static_cast<std::size_t>(
      std::min<std::uint64_t>(room.size(), (in_hole ? hole_end_ : bytes_end_) - offset));
  if (in_hole) {
    std::memset(room.data(), 0, most);
    return static_cast<ssize_t>(most);
  }
  ssize_t got = 0;
  do {
    got = ::pread(file, room.data(), most, static_cast<off_t>(offset));
  } while (got < 0 && errno == EINTR);
  return got;
}

}  // namespace minescan::acquire
