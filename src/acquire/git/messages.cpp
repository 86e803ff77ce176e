#include "acquire/git/messages.h"

#include <algorithm>

#include "base/wire.h"

namespace minescan::acquire {
namespace {

constexpr std::size_t kIdSize = 40;  // SHA-1 in hexadecimal

bool is_id(const std::string& id) {
  return id.size() == kIdSize && id.find_first_not_of("0123456789abcdef") == std::string::npos;
}

void write(WireWriter& out, const TreeFile& file) {
  out.number(static_cast<std::uint64_t>(file.kind));
  out.text(file.id);
}

// Whether a file of the working tree has no id is said by `on_disk`; a submodule there may have
// one.
TreeFile read_file(WireReader& in, bool on_disk) {
  TreeFile file;
  file.kind = static_cast<TreeFile::Kind>(
      in.number_below(static_cast<std::uint64_t>(TreeFile::Kind::submodule) + 1));
  file.id = in.text();
  const bool may_lack = on_disk || file.kind == TreeFile::Kind::none;
  const bool may_have =
      file.kind == TreeFile::Kind::submodule || (!on_disk && file.kind != TreeFile::Kind::none);
  if (file.id.empty() ? !may_lack : !may_have || !is_id(file.id)) in.fail();
  return file;
}

std::string read_path(WireReader& in) {
  std::string path = in.text();
  if (!is_path_in_tree(path)) in.fail();
  return path;
}

}  // namespace

std::string request_bytes(const GitRequest& request) {
  WireWriter out;
  out.number(static_cast<std::uint64_t>(request.kind));
  out.number(static_cast<std::uint64_t>(request.side));
  out.list(request.paths, [&](const std::string& path) { out.text(path); });
  out.text(request.id);
  out.number(request.limit);
  return out.take();
}

std::optional<GitRequest> request_from_bytes(ByteView bytes) {
  WireReader in(bytes);
  GitRequest request;
  request.kind = static_cast<GitRequest::Kind>(
      in.number_below(static_cast<std::uint64_t>(GitRequest::Kind::blob) + 1));
  request.side = static_cast<Comparison::Side>(
      in.number_below(static_cast<std::uint64_t>(Comparison::Side::trusted) + 1));
  in.list([&] { request.paths.push_back(in.text()); });
  request.id = in.text();
  request.limit = in.number();
  if (request.kind == GitRequest::Kind::blob && request.paths.size() != 1) in.fail();
  if (!in.at_end()) return std::nullopt;
  return request;
}

std::string compared_bytes(const Compared& compared) {
  WireWriter out;
  out.text(compared.work_tree);
  out.text(compared.base_name);
  out.text(compared.head_name);
  out.list(compared.changes, [&](const FileChange& change) {
    out.text(change.path);
    write(out, change.before);
    write(out, change.after);
  });
  return out.take();
}

std::optional<Compared> compared_from_bytes(ByteView bytes, Revision::Kind head) {
  WireReader in(bytes);
  Compared compared;
  compared.work_tree = in.text();
  compared.base_name = in.text();
  compared.head_name = in.text();
  for (const std::string* text : {&compared.work_tree, &compared.base_name, &compared.head_name}) {
    if (text->size() > kMostSentence) in.fail();
  }
  in.list([&] {
    FileChange change;
    change.path = read_path(in);
    change.before = read_file(in, false);
    change.after = read_file(in, head == Revision::Kind::working_tree);
    const auto& changes = compared.changes;
    if (changes.size() >= kMostPaths) in.fail();
    if (!changes.empty() && change.path < changes.back().path) in.fail();
    compared.changes.push_back(std::move(change));
  });
  if (!in.at_end()) return std::nullopt;
  return compared;
}

std::string found_bytes(const std::vector<TreeFile>& files) {
  WireWriter out;
  out.list(files, [&](const TreeFile& file) { write(out, file); });
  return out.take();
}

std::optional<std::vector<TreeFile>> found_from_bytes(ByteView bytes, std::size_t asked) {
  WireReader in(bytes);
  std::vector<TreeFile> files;
  in.list([&] {
    if (files.size() >= asked) in.fail();
    files.push_back(read_file(in, false));
  });
  if (!in.at_end() || files.size() != asked) return std::nullopt;
  return files;
}

std::string paths_bytes(const std::vector<std::string>& paths) {
  WireWriter out;
  out.list(paths, [&](const std::string& path) { out.text(path); });
  return out.take();
}

std::optional<std::vector<std::string>> paths_from_bytes(ByteView bytes) {
  WireReader in(bytes);
  std::vector<std::string> paths;
  in.list([&] {
    std::string path = read_path(in);
    if (paths.size() >= kMostPaths || (!paths.empty() && path <= paths.back())) in.fail();
    paths.push_back(std::move(path));
  });
  if (!in.at_end()) return std::nullopt;
  return paths;
}

std::string error_bytes(const Error& error) {
  WireWriter out;
  out.number(static_cast<std::uint64_t>(error.code));
  out.text(std::string_view(error.what).substr(0, kMostSentence));
  return out.take();
}

std::optional<Error> error_from_bytes(ByteView bytes) {
  WireReader in(bytes);
  Error error;
  error.code = static_cast<Code>(in.number_below(static_cast<std::uint64_t>(Code::internal) + 1));
  error.what = in.text();
  const bool of_parent = error.code == Code::worker_crash || error.code == Code::worker_timeout;
  if (!in.at_end() || of_parent || error.what.empty() || error.what.size() > kMostSentence) {
    return std::nullopt;
  }
  return error;
}

}  // namespace minescan::acquire
