#pragma once
// Files of a tree as one tar stream, made while it is read.  The stream is always a legal tar: the
// size in a header is that of what follows, whatever happens to the file meanwhile.

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "acquire/file_reader.h"
#include "acquire/listing.h"
#include "acquire/pulled_source.h"

namespace minescan::acquire {

// What all sources of one tree share.  Lives as long as any of them.
struct TreeState {
  std::string name;  // what trails of gaps begin with
  Fd root;
  Listing listing;

  std::mutex mutex;
  std::vector<Gap> late_gaps;  // guarded by mutex
};

class TreeSource final : public PulledSource {
 public:
  // The files [first, last) of the listing.
  TreeSource(std::shared_ptr<TreeState> state, std::size_t first, std::size_t last);

 private:
  Result<std::size_t> pull(std::span<std::byte> room) override;

  void start_next();
  void start_file(const ListedFile& file);
  void take_small(const std::string& path);
  std::size_t pull_large(std::span<std::byte> room);
  void finish_large();
  void gap(const std::string& path, GapReason reason, std::string detail, std::uint64_t offset,
           std::uint64_t bytes);

  std::shared_ptr<TreeState> state_;
  DirectoryOpener opener_;
  std::size_t next_;
  std::size_t last_;
  bool ended_ = false;

  std::string ready_;  // headers, small files, padding: goes out before anything else
  std::size_t ready_used_ = 0;

  Fd file_;  // the file that is being read
  FileReader reader_;
  struct Stamp {  // tells whether a file was changed
    std::uint64_t size = 0;
    std::int64_t changed_s = 0, changed_ns = 0;
    auto operator<=>(const Stamp&) const = default;
  };
  Result<Stamp> stamp(const std::string& path) const;
  Stamp before_;
  std::string large_path_;
  std::uint64_t large_size_ = 0;
  std::uint64_t large_done_ = 0;
  bool large_cut_ = false;  // it ended early; zeros stand for the rest
};

}  // namespace minescan::acquire
