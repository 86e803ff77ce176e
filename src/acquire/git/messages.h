#pragma once
// What is said between a comparison and the process that reads git's files for it: questions, and
// answers that are read as hostile.  Each *_from_bytes() is nullopt when the bytes are not as its
// other half writes them, or say what no repository can: see there.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "acquire/git/reader.h"
#include "base/bytes.h"
#include "base/result.h"

namespace minescan::acquire {

struct GitRequest {
  enum class Kind : std::uint8_t { find, paths, blob };
  Kind kind = Kind::find;
  Comparison::Side side = Comparison::Side::base;  // of find, paths
  std::vector<std::string> paths;                  // of find; of blob one, what errors say
  std::string id;                                  // of blob ...
  std::uint64_t limit = 0;                         // ... and the most bytes of it
};
std::string request_bytes(const GitRequest& request);
std::optional<GitRequest> request_from_bytes(ByteView bytes);

// Paths are in order and lie in the tree, ids are SHA-1, and of a working tree there are none.
std::string compared_bytes(const Compared& compared);
std::optional<Compared> compared_from_bytes(ByteView bytes, Revision::Kind head);

// As many as were asked for, each with an id.
std::string found_bytes(const std::vector<TreeFile>& files);
std::optional<std::vector<TreeFile>> found_from_bytes(ByteView bytes, std::size_t asked);

// In order, none twice, all in the tree.
std::string paths_bytes(const std::vector<std::string>& paths);
std::optional<std::vector<std::string>> paths_from_bytes(ByteView bytes);

// A sentence of at most kMostSentence bytes; not a code that only the parent can give.
inline constexpr std::size_t kMostSentence = 8192;
std::string error_bytes(const Error& error);
std::optional<Error> error_from_bytes(ByteView bytes);

}  // namespace minescan::acquire
