#include "acquire/git/places.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "acquire/acquire.h"

namespace minescan::acquire {
namespace {

namespace fs = std::filesystem;

// As deep as libgit2 goes.
constexpr unsigned kMostBorrowing = 5;
// Each is asked for each object.
constexpr std::size_t kMostDirectories = 256;
// Nobody writes such a list by hand; a line is a path.
constexpr std::size_t kMostAlternates = std::size_t{1} << 20;
// Submodules within submodules, with slashes in their names, and how many of them.
constexpr unsigned kMostModuleDepth = 16;
constexpr std::size_t kMostModules = 10'000;

// Calls visit(name, path) for what a folder holds.
template <class Visit>
void each_entry(const std::string& folder, const Visit& visit) {
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    visit(at->path().filename().string(), at->path());
  }
}

void add_alternates(const std::string& objects, unsigned depth, std::vector<std::string>& found) {
  const auto text = read_text(objects + "/info/alternates", kMostAlternates);
  if (!text) return;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const auto end = rest.find_first_of("\r\n");
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.empty() || line.front() == '#') continue;
    std::error_code failed;
    // An absolute path takes the place of what it is added to.
    const fs::path place = fs::canonical(fs::path(objects) / line, failed);
    if (failed || place.filename() != "objects" || found.size() >= kMostDirectories ||
        std::find(found.begin(), found.end(), place.string()) != found.end()) {
      continue;
    }
    found.push_back(place.string());
    if (depth < kMostBorrowing) add_alternates(place.string(), depth + 1, found);
  }
}

// The name of a submodule may have slashes, so a folder is one, or has some.
void find_configurations(const std::string& folder, unsigned depth,
                         std::vector<std::string>& found) {
  each_entry(folder, [&](const std::string& /*name*/, const fs::path& path) {
    std::error_code failed;
    if (depth > kMostModuleDepth || found.size() >= kMostModules ||
        !fs::is_directory(fs::symlink_status(path, failed))) {
      return;
    }
    const bool module = fs::is_regular_file(path / "HEAD", failed);
    if (module) found.push_back((path / "config").string());
    find_configurations((module ? path / "modules" : path).string(), depth + 1, found);
  });
}

}  // namespace

void add_file(const std::string& path, std::vector<Readable>& places) {
  std::error_code failed;
  const fs::path real = fs::canonical(path, failed);
  if (!failed && fs::is_regular_file(real, failed)) places.push_back({.path = real.string()});
}

void add_repository(const std::string& directory, std::vector<Readable>& places) {
  places.push_back({.path = directory, .names_only = true});
  each_entry(directory, [&](const std::string& name, const fs::path& path) {
    if (name.starts_with("config") || name == "hooks") return;
    std::error_code failed;
    const fs::path real = fs::canonical(path, failed);
    if (!failed && real.filename() == name) places.push_back({.path = real.string()});
  });
}

std::vector<std::string> object_directories(const std::string& objects) {
  std::error_code failed;
  const fs::path real = fs::canonical(objects, failed);
  std::vector<std::string> found = {failed ? objects : real.string()};
  add_alternates(std::string(found.front()), 1, found);
  return found;
}

std::vector<std::string> submodule_configurations(const std::string& modules) {
  std::vector<std::string> found;
  find_configurations(modules, 1, found);
  return found;
}

void add_work_tree(const std::string& root, std::vector<Readable>& places) {
  places.push_back({.path = root, .names_only = true});
  each_entry(root, [&](const std::string& name, const fs::path& path) {
    if (name != ".git") places.push_back({.path = path.string()});
  });
}

}  // namespace minescan::acquire
