#pragma once
// Objects of libgit2 that are freed, and what it says in words of ours.

#include <git2.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "acquire/repository.h"
#include "base/result.h"

namespace minescan::acquire {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Repo = std::unique_ptr<git_repository, Freed<git_repository_free>>;
using Object = std::unique_ptr<git_object, Freed<git_object_free>>;
using Commit = std::unique_ptr<git_commit, Freed<git_commit_free>>;
using Tree = std::unique_ptr<git_tree, Freed<git_tree_free>>;
using TreeEntry = std::unique_ptr<git_tree_entry, Freed<git_tree_entry_free>>;
using Index = std::unique_ptr<git_index, Freed<git_index_free>>;
using Diff = std::unique_ptr<git_diff, Freed<git_diff_free>>;
using Blob = std::unique_ptr<git_blob, Freed<git_blob_free>>;
using Config = std::unique_ptr<git_config, Freed<git_config_free>>;
using ConfigEntries = std::unique_ptr<git_config_iterator, Freed<git_config_iterator_free>>;
using Odb = std::unique_ptr<git_odb, Freed<git_odb_free>>;

std::string git_message();
std::string hex(const git_oid& id);
TreeFile::Kind kind_of(std::uint16_t mode);

// Of any object; nullopt when there is none, or it cannot be read.
std::optional<std::uint64_t> blob_size(git_repository* repo, const std::string& id);
// A blob; `path` is for what errors say.  Code::limit_bytes above `limit`.
Result<std::string> read_blob(git_repository* repo, const std::string& id, const std::string& path,
                              std::uint64_t limit);

}  // namespace minescan::acquire
