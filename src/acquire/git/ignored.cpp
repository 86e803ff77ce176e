#include "acquire/git/ignored.h"

#include <fnmatch.h>

#include <algorithm>
#include <span>

namespace minescan::acquire {
namespace {

constexpr std::string_view kFolders = "**";

std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const auto slash = text.find('/');
    if (const auto part = text.substr(0, slash); !part.empty()) parts.emplace_back(part);
    if (slash == std::string_view::npos) return parts;
    text.remove_prefix(slash + 1);
  }
}

bool matches(std::span<const std::string> pattern, std::span<const std::string> path) {
  if (pattern.empty()) return path.empty();
  if (pattern.front() == kFolders) {
    // At the end it is everything in the folder, and not the folder.
    if (pattern.size() == 1) return !path.empty();
    for (std::size_t i = 0; i <= path.size(); ++i) {
      if (matches(pattern.subspan(1), path.subspan(i))) return true;
    }
    return false;
  }
  return !path.empty() && ::fnmatch(pattern.front().c_str(), path.front().c_str(), 0) == 0 &&
         matches(pattern.subspan(1), path.subspan(1));
}

// Without spaces at its end, but for one that a backslash keeps.
std::string_view trimmed(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  while (line.ends_with(' ') && !line.ends_with("\\ ")) line.remove_suffix(1);
  return line;
}

}  // namespace

void IgnoreRules::add(const std::string& folder, std::string_view text) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#') continue;
    Rule rule;
    if (!folder.empty()) rule.folder = folder + "/";
    if (line.front() == '!') {
      rule.negated = true;
      line.remove_prefix(1);
    }
    if (line.ends_with('/')) {
      rule.folders_only = true;
      line.remove_suffix(1);
    }
    // A pattern of one part is about names at any depth.
    const bool anywhere = line.find('/') == std::string_view::npos;
    rule.parts = parts_of(line);
    if (rule.parts.empty()) continue;
    if (anywhere) rule.parts.insert(rule.parts.begin(), std::string(kFolders));
    rules_.push_back(std::move(rule));
  }
}

bool IgnoreRules::ignores(const std::string& path, bool is_folder) const {
  std::string_view split_from = "/";  // no folder is called so
  std::vector<std::string> parts;
  for (auto rule = rules_.rbegin(); rule != rules_.rend(); ++rule) {
    if ((rule->folders_only && !is_folder) || !path.starts_with(rule->folder)) continue;
    if (rule->folder != split_from) {
      parts = parts_of(std::string_view(path).substr(rule->folder.size()));
      split_from = rule->folder;
    }
    if (matches(rule->parts, parts)) return !rule->negated;
  }
  return false;
}

}  // namespace minescan::acquire
