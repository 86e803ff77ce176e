#include "acquire/listing.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "acquire/files.h"
#include "model/limits.h"

namespace minescan::acquire {
namespace {

// Open at once per reader; trees are seldom deeper, and ulimit -n is often 1,024.
constexpr std::size_t kHeld = 24;

using DirectoryStream = std::unique_ptr<DIR, Freer<::closedir>>;

// The names in a directory, in order of their bytes.
Result<std::vector<std::string>> names_in(int directory, const std::string& shown) {
  // Opened anew, since a DIR owns its descriptor and its position.
  const int fd = ::openat(directory, ".", O_RDONLY | O_CLOEXEC | O_DIRECTORY);
  if (fd < 0) return tl::unexpected(system_error(errno, "read", shown));
  const DirectoryStream stream(::fdopendir(fd));
  if (!stream) {
    const Error error = system_error(errno, "read", shown);
    ::close(fd);
    return tl::unexpected(error);
  }
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr && errno != 0) return tl::unexpected(system_error(errno, "read", shown));
    if (entry == nullptr) break;
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

// A link's target of any length.
std::optional<std::string> read_link(int directory, const std::string& name) {
  std::string target(256, '\0');
  while (true) {
    const ssize_t got = ::readlinkat(directory, name.c_str(), target.data(), target.size());
    if (got < 0) return std::nullopt;
    if (static_cast<std::size_t>(got) < target.size()) {
      target.resize(static_cast<std::size_t>(got));
      return target;
    }
    target.resize(target.size() * 2);
  }
}

// Whether a link in a directory `depth` levels below the root can leave the tree.  Links inside the
// tree are judged each by itself, so only this one's own steps count; but ".." behind a name may
// start from wherever that name, if it is a link, leads to.
bool leaves(const std::string& target, std::size_t depth) {
  if (target.starts_with('/')) return true;
  std::size_t level = depth;
  bool named = false;
  std::string part;
  for (const char c : target + "/") {
    if (c != '/') {
      part += c;
      continue;
    }
    if (part == "..") {
      if (level == 0 || named) return true;
      --level;
    } else if (!part.empty() && part != ".") {
      named = true;
    }
    part.clear();
  }
  return false;
}

class Walker {
 public:
  Walker(const Fd& root, const std::string& tree) : root_(root), tree_(tree) {}

  Result<Listing> run() {
    listing_.directories.push_back({});
    places_.push_back({});
    std::vector<std::uint32_t> pending = {0};
    DirectoryOpener opener(root_, listing_.directories);
    while (!pending.empty() && !full_) {
      const std::uint32_t directory = pending.back();
      pending.pop_back();
      const auto fd = opener.open(directory);
      const auto names = fd ? names_in(*fd, shown(directory))
                            : Result<std::vector<std::string>>(tl::unexpected(fd.error()));
      if (!names && directory == 0) return tl::unexpected(names.error());
      if (!names) {
        gap(listing_.path(directory, ""), GapReason::io_unreadable, names.error().what, 0);
        continue;
      }
      const auto first = static_cast<std::uint32_t>(listing_.directories.size());
      for (const std::string& name : *names) take(*fd, directory, name);
      // Reversed, so that the first is taken next.
      for (auto child = static_cast<std::uint32_t>(listing_.directories.size()); child > first;) {
        pending.push_back(--child);
      }
    }
    return std::move(listing_);
  }

 private:
  struct Place {
    std::size_t depth = 0;
    std::size_t length = 0;  // of the path
  };

  std::string shown(std::uint32_t directory) const {
    return directory == 0 ? tree_ : listing_.path(directory, "");
  }

  void take(int fd, std::uint32_t directory, const std::string& name) {
    if (full_) return;
    const auto path = [&] { return listing_.path(directory, name); };
    struct stat info {};
    if (::fstatat(fd, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
      return gap(path(), GapReason::io_unreadable, system_error(errno, "look at", path()).what, 0);
    }
    const std::size_t length = places_[directory].length + name.size() + 1;
    if (length > limits_.name_bytes) {
      return gap(path(), GapReason::limit_bytes,
                 "its path is longer than " + std::to_string(limits_.name_bytes) + " bytes", 0);
    }
    if (listing_.files.size() + listing_.directories.size() >= limits_.unit_entries) {
      full_ = true;
      return gap(path(), GapReason::limit_entries,
                 "the tree has more than " + std::to_string(limits_.unit_entries) +
                     " files; this one and those after it are not scanned",
                 0);
    }
    if (S_ISDIR(info.st_mode)) {
      listing_.directories.push_back({directory, name});
      places_.push_back({places_[directory].depth + 1, length});
    } else if (S_ISREG(info.st_mode)) {
      listing_.files.push_back(
          {.directory = directory, .name = name, .size = static_cast<std::uint64_t>(info.st_size)});
    } else if (S_ISLNK(info.st_mode)) {
      take_link(fd, directory, name);
    } else {
      gap(path(), GapReason::io_special,
          "it is " + std::string(kind_name(info.st_mode)) + ", which is not read", 0);
    }
  }

  void take_link(int fd, std::uint32_t directory, const std::string& name) {
    auto target = read_link(fd, name);
    if (!target) {
      return gap(listing_.path(directory, name), GapReason::io_unreadable,
                 "the link cannot be read", 0);
    }
    if (leaves(*target, places_[directory].depth)) {
      gap(listing_.path(directory, name), GapReason::io_link_out,
          "it is a link that may leave the tree, and is not followed", 0);
    }
    listing_.files.push_back(
        {.directory = directory, .name = name, .target = std::move(*target), .link = true});
  }

  void gap(const std::string& path, GapReason reason, std::string detail, std::uint64_t bytes) {
    Gap gap;
    gap.trail.steps = {{Step::Kind::unit, tree_}, {Step::Kind::member, path}};
    gap.reason = reason;
    gap.detail = std::move(detail);
    gap.bytes = bytes;
    listing_.gaps.push_back(std::move(gap));
  }

  const Fd& root_;
  const std::string& tree_;
  const Limits limits_;
  Listing listing_;
  std::vector<Place> places_;  // of each directory
  bool full_ = false;
};

}  // namespace

std::string Listing::path(std::uint32_t directory, const std::string& name) const {
  std::vector<const std::string*> parts;
  for (; directory != 0; directory = directories[directory].parent) {
    parts.push_back(&directories[directory].name);
  }
  std::string path;
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    if (!path.empty()) path += '/';
    path += **part;
  }
  if (!path.empty() && !name.empty()) path += '/';
  return path + name;
}

Result<Listing> list_tree(const Fd& root, const std::string& tree) {
  return Walker(root, tree).run();
}

Result<int> DirectoryOpener::open(std::uint32_t directory) {
  // Up to the nearest one that is open.
  std::vector<std::uint32_t> missing;
  std::uint32_t at = directory;
  std::size_t keep = 0;
  for (; at != 0; at = directories_[at].parent) {
    const auto held = std::find_if(held_.begin(), held_.end(),
                                   [&](const Held& one) { return one.directory == at; });
    if (held != held_.end()) {
      keep = static_cast<std::size_t>(held - held_.begin()) + 1;
      break;
    }
    missing.push_back(at);
  }
  held_.resize(0 == keep ? 0 : keep);
  // And down again.
  for (auto next = missing.rbegin(); next != missing.rend(); ++next) {
    const int parent = held_.empty() ? root_.get() : held_.back().fd.get();
    MINESCAN_TRY_ASSIGN(Fd fd, open_directory_at(parent, directories_[*next].name));
    held_.push_back({*next, std::move(fd)});
    if (held_.size() > kHeld) held_.pop_front();
  }
  return held_.empty() ? root_.get() : held_.back().fd.get();
}

}  // namespace minescan::acquire
