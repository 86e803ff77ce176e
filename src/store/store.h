#pragma once
// Records that were made before, on this machine: the local cache.
//
// A directory of plain files, one a record, that many processes read and write at once without
// locks: a file appears whole under its name (written aside, then renamed), is never changed, and
// may vanish at any moment.  Each carries a MAC over its key and its bytes, so that one that was
// planted, damaged, cut by a crash or renamed is no record: it is removed, and the unit is
// examined.
//
//   DIRECTORY/key                 32 random bytes, readable by the user alone
//   DIRECTORY/v1/<digit>/<name>   a record; digit and name are the digest of its Key
//
// The MAC keeps out whoever can write records but not read the key.  Whoever can do both is the
// user: a directory that is restored from where others can write is none to use as a cache.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/handle.h"
#include "base/result.h"
#include "model/artifact.h"
#include "model/limits.h"
#include "model/record.h"
#include "store/place.h"

namespace minescan::store {

// All that a Record depends on, and what tells whether a promise about the unit was kept.  Equal
// keys mean equal records.
struct Key {
  std::string digest;  // of the unit's bytes; is_digest(), and verified before a record is kept
  std::uint64_t size =
      0;  // as promised with it: a wrong promise must not find the right one's record
  Unit::Kind kind = Unit::Kind::file;
  std::string name;        // trails begin with it, and it helps to tell kinds of text apart
  std::string signatures;  // their digest
  std::string engine;      // which program, built how
  Limits limits;
};

struct Usage {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;  // on disk
};

inline constexpr std::uint64_t kDefaultBytes = std::uint64_t{1} << 30;

// Threads may use one Cache at once.  Nothing that fails after open() is an error: what cannot be
// read is not there, what cannot be written is not kept.
class Cache {
 public:
  // Makes the directory and its key when there are none.  Code::refused when either is a link,
  // belongs to another user, or may be written by others; Code::io when there is none to use.
  static Result<std::unique_ptr<Cache>> open(const std::string& directory,
                                             std::uint64_t most_bytes = kDefaultBytes);

  // Removes what was used longest ago while there is more than most_bytes, in the parts that this
  // Cache wrote to.
  ~Cache();
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  std::optional<Record> find(const Key& key);
  void keep(const Key& key, const Record& record);

 private:
  Cache(Fd records, const Secret& secret, std::uint64_t most_bytes);

  Fd records_;
  Secret secret_;
  std::uint64_t most_bytes_;
  std::array<std::atomic<bool>, kShards> written_{};
  std::atomic<bool> failed_ = false;  // to write; a full disk is not asked again
};

// Of a directory that may not be there; Code::refused as for Cache::open.
Result<Usage> usage(const std::string& directory);

// Removes all records and the key, and nothing that no Cache made.  Returns what there was.
Result<Usage> clean(const std::string& directory);

}  // namespace minescan::store
