#include "acquire/git/work_tree.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "acquire/files.h"

namespace minescan::acquire {
namespace {

// A target is a path; what is longer is no link that a system could make.
constexpr std::size_t kMaxTarget = 4096;

}  // namespace

TreeFile file_on_disk(const std::string& root, const std::string& path) {
  struct stat info {};
  if (::lstat((root + "/" + path).c_str(), &info) != 0) return {};
  if (S_ISLNK(info.st_mode)) return {TreeFile::Kind::link, ""};
  if (!S_ISREG(info.st_mode)) return {};
  return {(info.st_mode & S_IXUSR) != 0 ? TreeFile::Kind::executable : TreeFile::Kind::file, ""};
}

Result<std::string> read_on_disk(const std::string& root, const std::string& path, bool link,
                                 std::uint64_t limit) {
  Fd directory(::open(root.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
  if (!directory.valid()) return tl::unexpected(system_error(errno, "open", root));
  std::string_view rest = path;
  for (auto slash = rest.find('/'); slash != std::string_view::npos; slash = rest.find('/')) {
    MINESCAN_TRY_ASSIGN(directory,
                        open_directory_at(directory.get(), std::string(rest.substr(0, slash))));
    rest.remove_prefix(slash + 1);
  }
  const std::string name(rest);
  if (link) {
    std::string target(kMaxTarget, '\0');
    const ssize_t n = ::readlinkat(directory.get(), name.c_str(), target.data(), target.size());
    if (n < 0) return tl::unexpected(system_error(errno, "read", path));
    target.resize(static_cast<std::size_t>(n));
    return target;
  }
  MINESCAN_TRY_ASSIGN(const Fd file, open_file_at(directory.get(), name));
  return read_whole(file.get(), path, limit);
}

bool is_work_tree_of(const std::string& root, const std::string& path) {
  std::string real(PATH_MAX, '\0');
  if (::realpath(path.c_str(), real.data()) == nullptr) return false;
  real.resize(real.find('\0'));
  const bool around =
      real == root || (real.starts_with(root) && (root == "/" || real[root.size()] == '/'));
  struct stat info {};
  return root.starts_with('/') && around && ::lstat((root + "/.git").c_str(), &info) == 0;
}

}  // namespace minescan::acquire
