#include "acquire/git/handles.h"

#include "acquire/quoted.h"

namespace minescan::acquire {

std::string git_message() {
  const git_error* error = git_error_last();
  return error != nullptr && error->message != nullptr ? error->message : "no reason given";
}

std::string hex(const git_oid& id) {
  char text[GIT_OID_HEXSZ + 1];
  return git_oid_tostr(text, sizeof text, &id);
}

TreeFile::Kind kind_of(std::uint16_t mode) {
  // As git takes modes that it would not write itself: only their type counts, and one bit.
  constexpr unsigned kType = 0170000, kExecutable = 0100;
  switch (mode & kType) {
    case GIT_FILEMODE_TREE:
    case 0:
      return TreeFile::Kind::none;
    case GIT_FILEMODE_LINK:
      return TreeFile::Kind::link;
    case GIT_FILEMODE_COMMIT:
      return TreeFile::Kind::submodule;
    default:
      return (mode & kExecutable) != 0 ? TreeFile::Kind::executable : TreeFile::Kind::file;
  }
}

std::optional<std::uint64_t> blob_size(git_repository* repo, const std::string& id) {
  git_oid oid;
  git_odb* raw = nullptr;
  if (git_oid_fromstr(&oid, id.c_str()) != 0 || git_repository_odb(&raw, repo) != 0) {
    return std::nullopt;
  }
  const Odb odb(raw);
  std::size_t size = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  if (git_odb_read_header(&size, &type, raw, &oid) != 0) return std::nullopt;
  return size;
}

Result<std::string> read_blob(git_repository* repo, const std::string& id, const std::string& path,
                              std::uint64_t limit) {
  const auto missing = [&] {
    return fail(Code::io, "the bytes of " + in_quotes(path) + " (object " + id.substr(0, 12) +
                              ") cannot be read: " + git_message());
  };
  const auto size = blob_size(repo, id);
  if (!size) return missing();
  if (*size > limit) {
    return fail(Code::limit_bytes, in_quotes(path) + " has " + std::to_string(*size) +
                                       " bytes, more than the " + std::to_string(limit) +
                                       " that are read of such a file");
  }
  git_oid oid;
  git_blob* raw = nullptr;
  if (git_oid_fromstr(&oid, id.c_str()) != 0 || git_blob_lookup(&raw, repo, &oid) != 0) {
    return missing();
  }
  const Blob blob(raw);
  return std::string(static_cast<const char*>(git_blob_rawcontent(raw)),
                     static_cast<std::size_t>(git_blob_rawsize(raw)));
}

}  // namespace minescan::acquire
