#pragma once
// Reads a file by position, and long holes without asking the system for their zeros: it would make
// a page for each 4 KiB of them.  Measured: 20 GiB of hole took 38 s of system time; of a file of
// 1 TiB it would be half an hour.

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace minescan::acquire {

class FileReader {
 public:
  // Fills a prefix of `room` (never empty) with the bytes at `offset` and returns its length; 0 is
  // the end, less than 0 an error (errno).  What the file system calls a hole comes as zeros, which
  // is what reading it would give.  Moves the position of the descriptor: nobody may use it.  One
  // file a reader, offsets that never go back.
  ssize_t read(int file, std::span<std::byte> room, std::uint64_t offset);

 private:
  // Shorter holes are read: they cost less than it does to ask for them, and a file may have
  // millions.  So small files are never asked about.
  static constexpr std::uint64_t kLeastHole = std::uint64_t{1} << 20;

  void look(int file, std::uint64_t offset);

  bool looked_ = false;
  // From bytes_end_ to hole_end_ there is nothing but zeros; what lies before is read, and what
  // comes after was not looked at.
  std::uint64_t bytes_end_ = kLeastHole;
  std::uint64_t hole_end_ = kLeastHole;
};

}  // namespace minescan::acquire
