#include "store/versions.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>

#include "base/printable.h"
#include "store/place.h"

namespace minescan::store {
namespace {

constexpr Purpose kState{.name = "state", .remedy = "set XDG_STATE_HOME to another place"};
constexpr std::uint64_t kMostText = 21;  // 20 digits of a u64 and the line end

std::string name_of(const SignaturePack& pack) { return "pack-" + pack.key + "-" + pack.name; }

Result<std::uint64_t> version_in(const Fd& directory, const std::string& path,
                                 const SignaturePack& pack) {
  const std::string name = name_of(pack);
  struct stat info {};
  if (::fstatat(directory.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 &&
      errno == ENOENT) {
    return 0;
  }
  const auto text = read_file(directory, name, kMostText);
  std::uint64_t version = 0;
  if (text && text->ends_with('\n')) {
    const char* const end = text->data() + text->size() - 1;
    const auto [stop, error] = std::from_chars(text->data(), end, version);
    if (error == std::errc() && stop == end) return version;
  }
  return fail(Code::corrupt, "'" + printable(version_file(path, pack)) + "' holds no version");
}

}  // namespace

std::string version_file(const std::string& directory, const SignaturePack& pack) {
  return directory + "/" + name_of(pack);
}

Result<std::uint64_t> highest_version(const std::string& path, const SignaturePack& pack) {
  const auto directory = open_directory(path, false, kState);
  if (!directory && directory.error().code == Code::not_found) return 0;
  if (!directory) return tl::unexpected(directory.error());
  return version_in(*directory, path, pack);
}

Result<void> remember_version(const std::string& path, const SignaturePack& pack) {
  MINESCAN_TRY_ASSIGN(const Fd directory, open_directory(path, true, kState));
  // Between reading and writing no other may write a lower one.
  if (::flock(directory.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return {};
  const auto known = version_in(directory, path, pack);
  if (known && *known >= pack.version) return {};
  const std::string text = std::to_string(pack.version) + "\n";
  if (!replace_file(directory, name_of(pack), as_bytes(text), {})) {
    return fail(Code::io, "cannot write '" + printable(version_file(path, pack)) + "'");
  }
  return {};
}

}  // namespace minescan::store
