#pragma once
// Where the cache lies, and what else outlives a run: a directory that only its user can write to,
// the secret in it, and the files of its records.

#include <array>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/handle.h"
#include "base/result.h"

namespace minescan::store {

// Records lie in folders named by the first digit of their names.
inline constexpr std::size_t kShards = 16;
std::string shard_name(std::size_t shard);  // "0" … "f"

// What messages call a directory, and what to do when another one is needed.
struct Purpose {
  const char* name = "cache";
  const char* remedy = "name another with --cache-dir";
};

// The directory as it is, or made with its parents (0700) if `make`.  Code::refused when it is a
// link, belongs to another user or may be written by others; Code::not_found when it is not there;
// else Code::io.
Result<Fd> open_directory(const std::string& path, bool make, const Purpose& purpose = {});

// The folder of the records in such a directory; made if `make`.
Result<Fd> open_records(const Fd& directory, const std::string& path, bool make);

// Keys of the MAC.
using Secret = std::array<std::byte, 32>;

// The secret of a directory, made by whoever comes first.  Code::refused when the file is a link,
// belongs to another user, or is open to others.
Result<Secret> open_secret(const Fd& directory, const std::string& path);
void remove_secret(const Fd& directory);

// A regular file of at most `most` bytes; nullopt when it is anything else or cannot be read.
std::optional<std::string> read_file(const Fd& folder, const std::string& name, std::uint64_t most);

// Writes the parts one after the other to a new file beside `name` and puts it in its place.  Of
// what fails nothing stays.
bool replace_file(const Fd& folder, const std::string& name, ByteView head, ByteView body);

// One file of a shard that a Cache made.
struct StoredFile {
  std::string name;         // within the shard
  std::uint64_t bytes = 0;  // on disk
  timespec used{};
  bool unfinished = false;  // being written, or left behind by a process that was ended
};
std::vector<StoredFile> files_of(const Fd& records, std::size_t shard);
void remove_file(const Fd& records, std::size_t shard, const std::string& name);

}  // namespace minescan::store
