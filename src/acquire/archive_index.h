#pragma once
// Where the members of a tar lie, so that an image archive can be read in any order without being
// unpacked.  Only its headers are read; nothing is written.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "acquire/archive_headers.h"
#include "base/handle.h"
#include "base/result.h"
#include "base/source.h"
#include "model/task.h"

namespace minescan::acquire {

class ArchiveIndex {
 public:
  // The headers are read by a task, or here when there is no runner, whose errors are among those
  // that come.  Code::integrity when the archive is built so that readers disagree about it (a name
  // twice with different content, a name that leaves the archive), unsupported when it is no tar.
  static Result<ArchiveIndex> build(std::shared_ptr<const Fd> file, const std::string& path,
                                    TaskRunner* tasks);

  // The file member of that name, through links.  Nothing when it is not there.
  [[nodiscard]] const StoredMember* find(const std::string& name) const;

  // The sha256 of its bytes, as far as they are there, which is computed once.
  [[nodiscard]] Result<std::string> digest(const StoredMember& member);

  // Its bytes.  Code::not_found, or truncated and the like when it is not all there.
  [[nodiscard]] Result<std::unique_ptr<Source>> open(const std::string& name) const;

  // All of a small member in memory.
  [[nodiscard]] Result<std::string> read(const std::string& name, std::size_t limit) const;

  [[nodiscard]] const std::map<std::string, StoredMember>& members() const { return members_; }
  // What was odd about the archive, for people.
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

 private:
  ArchiveIndex(std::shared_ptr<const Fd> file, std::string path)
      : file_(std::move(file)), path_(std::move(path)) {}
  Result<void> read_headers(TaskRunner* tasks);
  Result<void> add(std::string name, StoredMember member);
  [[nodiscard]] Result<void> check_links() const;

  std::shared_ptr<const Fd> file_;
  std::string path_;
  std::map<std::string, StoredMember> members_;
  std::size_t count_ = 0;  // with those that are there twice
  std::vector<std::string> notes_;
  std::map<std::uint64_t, std::string> digests_;  // by the body's offset
};

}  // namespace minescan::acquire
