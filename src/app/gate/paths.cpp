#include "app/gate/paths.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/ascii.h"
#include "lockfiles/lockfiles.h"

namespace minescan::app {

bool is_pointer(std::string_view text) {
  return text.starts_with("version https://") && text.find("oid sha256:") != std::string::npos &&
         text.find("size ") != std::string::npos;
}

bool is_reviewed_lockfile(const std::string& path) {
  return lockfiles::is_lockfile(path) && ("/" + path).find("/node_modules/") == std::string::npos;
}

bool is_unread_lockfile(const std::string& path) {
  constexpr std::array<std::string_view, 16> kNames = {
      "deno.lock",         "composer.lock",   "shrinkwrap.yaml",  "environment.yml",
      "conda-lock.yml",    "pubspec.lock",    "mix.lock",         "podfile.lock",
      "package.resolved",  "flake.lock",      "environment.yaml", "rebar.lock",
      "cartfile.resolved", "stack.yaml.lock", "paket.lock",       "cabal.project.freeze"};
  const std::string name = lower(path.substr(path.rfind('/') + 1));
  if (std::find(kNames.begin(), kNames.end(), name) != kNames.end()) return true;
  if (name.starts_with("pnpm-lock.") && name.ends_with(".yaml") && name != "pnpm-lock.yaml") {
    return true;
  }
  // The same name in other letters, which some file systems take for it.
  const std::string lowered = path.substr(0, path.size() - name.size()) + name;
  return !lockfiles::is_lockfile(path) && lockfiles::is_lockfile(lowered);
}

std::optional<std::string> path_below(const std::string& folder, std::string_view relative) {
  if (relative.starts_with('/')) return std::nullopt;
  std::vector<std::string> parts;
  const std::string whole = folder + "/" + std::string(relative);
  std::string_view rest = whole;
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.emplace_back(part);
    } else if (parts.empty()) {
      return std::nullopt;
    } else {
      parts.pop_back();
    }
  }
  std::string path;
  for (const std::string& part : parts) path += (path.empty() ? "" : "/") + part;
  return path;
}

std::string place(const std::string& file, std::uint32_t line) {
  return line == 0 ? file : file + ":" + std::to_string(line);
}

}  // namespace minescan::app
