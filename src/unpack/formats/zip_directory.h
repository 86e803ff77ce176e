#pragma once
// Compares a zip file's central directory with the local headers that were walked.  Installers
// read by the directory, streaming readers by the local headers; where the two differ somebody sees
// other files than somebody else.

#include <cstdint>
#include <string>
#include <vector>

#include "unpack/formats/zip_records.h"
#include "unpack/walk.h"

namespace minescan::unpack::zip {

class Directory {
 public:
  // Offsets here are from where the walk began, which is at `start` in the container.
  Directory(Walk& walk, std::uint64_t start) : walk_(walk), start_(start) {}

  // A local header at `offset`.  Until the next call, set_body() says what its body really was.
  void add_local(std::uint64_t offset, const Entry& entry);
  void set_body(std::uint64_t packed, std::uint64_t size, std::uint32_t crc);

  void add_central(std::uint64_t offset, const Entry& entry);
  void set_end64(const End& end) { end64_ = end; }
  // The end record: what follows belongs to another zip file.
  void add_end(std::uint64_t offset, const End& end);

  // After the last record.
  void finish();

 private:
  struct Local {
    std::uint64_t offset = 0;
    std::uint64_t packed = 0;
    std::uint64_t size = 0;
    std::size_t name_hash = 0;
    std::uint32_t crc = 0;
    std::uint16_t method = 0;
    bool encrypted = false;
    bool measured = false;  // sizes and checksum are known
    bool listed = false;
  };

  Local* find(std::uint64_t central_offset);
  void compare(const Local& local, const Entry& entry);
  void check_end(const End& end);

  Walk& walk_;
  std::uint64_t start_;
  std::vector<Local> locals_;  // by offset
  // What must be added to a stated offset: files may have other bytes in front of the archive.
  std::uint64_t base_ = 0;
  std::uint64_t part_ = 0;  // where the current zip file of several begins
  std::uint64_t central_entries_ = 0;
  std::uint64_t central_offset_ = 0;  // of the first one
  std::optional<End> end64_;
  std::uint64_t lost_ = 0;  // central entries without a local header
  bool shared_ = false;
  bool any_central_ = false;
};

}  // namespace minescan::unpack::zip
