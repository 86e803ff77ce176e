#pragma once
// One pack and its index: many objects in a file, most of them deltas of others.  Nothing of it is
// believed: offsets lie in the file, chains of deltas end, and no size is more than a promise.
//
// Files are read, not mapped: a pack may be cut meanwhile.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "acquire/git/object.h"
#include "base/handle.h"
#include "base/result.h"

namespace minescan::acquire {

// Bases that many deltas share, the same for all packs of a repository.
class DeltaBases {
 public:
  using Key = std::pair<const void*, std::uint64_t>;  // a pack, and the offset in it
  [[nodiscard]] std::shared_ptr<const GitObject> find(const Key& key) const;
  void keep(const Key& key, const std::shared_ptr<const GitObject>& object);

 private:
  std::map<Key, std::shared_ptr<const GitObject>> kept_;
  std::uint64_t bytes_ = 0;
};

class Pack {
 public:
  // `stem` is the path of both files without .pack and .idx.  Reads the head of the index.  Errors:
  // one sentence about the index.
  static Result<std::unique_ptr<Pack>> open(const std::string& stem);

  // Where the object lies; nullopt when it is not here.  Errors: as open().
  Result<std::optional<std::uint64_t>> find(const ObjectId& id) const;
  // Appends the ids that begin with these digits: two of them at most.
  Result<void> find(const std::string& prefix, std::vector<ObjectId>& found) const;
  // What lies there.  Errors: one sentence about the object, that it is damaged or too large.
  Result<GitObject> read(std::uint64_t offset, DeltaBases& bases) const;
  Result<ObjectHeader> header(std::uint64_t offset) const;
  // Closes its files until it is asked again: a repository may have more packs than a process
  // files.
  void close() const {
    index_.reset();
    pack_.reset();
  }

 private:
  struct Entry;
  struct Chain;
  explicit Pack(std::string stem) : stem_(std::move(stem)) {}

  Result<int> open_file(Fd& kept, const char* kind) const;
  [[nodiscard]] tl::unexpected<Error> bad_index(Code code, const std::string& why) const;
  [[nodiscard]] tl::unexpected<Error> bad_entry(Code code, std::uint64_t offset,
                                                const std::string& why) const;
  [[nodiscard]] std::uint64_t id_place(std::uint32_t at) const;  // in the index
  Result<ObjectId> id_at(int index, std::uint32_t at) const;
  // The first object, of those from `first` on, that does not come before `id`.
  Result<std::uint32_t> lower_bound(int index, const ObjectId& id) const;
  Result<std::uint64_t> offset_of(int index, std::uint32_t at) const;
  Result<Entry> entry_at(int pack, std::uint64_t offset) const;
  Result<Chain> chain_at(int pack, std::uint64_t offset, const DeltaBases* bases) const;

  const std::string stem_;
  std::array<std::uint32_t, 256> counts_{};  // of objects whose id begins with this byte or a lower
  bool version_2_ = true;
  std::uint64_t large_offsets_ = 0;
  mutable Fd index_, pack_;  // once asked for
};

}  // namespace minescan::acquire
