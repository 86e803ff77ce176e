#include "lockfiles/requirement.h"

#include <algorithm>
#include <array>
#include <utility>

#include "lockfiles/names.h"
#include "lockfiles/places.h"
#include "lockfiles/python.h"
#include "lockfiles/text.h"

namespace minescan::lockfiles {
namespace {

constexpr std::size_t kFullCommit = 40;

bool is_archive(std::string_view path) {
  const std::string name = lower(path);
  return std::any_of(kArchiveEndings.begin(), kArchiveEndings.end(),
                     [&](std::string_view ending) { return name.ends_with(ending); });
}

bool problem_of(Entries& entries, const Dependency& entry, std::string what) {
  entries.problem(entry.file, entry.line, std::move(what) + ", so the entry is left out");
  return false;
}

// "egg=name[extra]&sha256=…" behind a URL's '#'.
void read_fragment(std::string_view fragment, Entries& entries, Dependency& entry) {
  while (!fragment.empty()) {
    const auto [part, rest] = cut(fragment, fragment.find('&'));
    fragment = rest;
    const auto [key, value] = cut(part, part.find('='));
    if (key == "egg") {
      if (entry.name.empty()) entry.name = std::string(value.substr(0, value.find('[')));
    } else if (key != "subdirectory" && !entry.files.empty()) {
      entries.add_digest(entry, part, entry.files.front());
    }
  }
}

bool read_url(std::string_view text, Entries& entries, Dependency& entry) {
  const auto [url, fragment] = cut(text, text.find('#'));
  const std::string scheme = lower(url.substr(0, url.find(':')));
  if (scheme.starts_with("git+") || scheme == "git" || scheme == "ssh") {
    read_fragment(fragment, entries, entry);
    // A user's name has an '@' too, but before the first slash of the path.
    const auto slashes = url.find("//");
    const auto path = url.find('/', slashes == std::string_view::npos ? 0 : slashes + 2);
    const auto at = path == std::string_view::npos ? path : url.find('@', path);
    const auto [repository, reference] = cut(url, at);
    if (entry.name.empty()) {
      entry.name = base_name(repository);
      if (entry.name.ends_with(".git")) entry.name.resize(entry.name.size() - 4);
    }
    const bool is_full = reference.size() == kFullCommit;
    entries.set_git(entry, std::string(repository.substr(scheme.starts_with("git+") ? 4 : 0)),
                    is_full ? reference : std::string_view());
    return true;
  }
  if (scheme == "file") {
    auto path = url.substr(5);
    if (path.starts_with("//")) path.remove_prefix(2);
    return read_path(path, entries, entry);
  }
  if (!is_web_url(url)) {
    return problem_of(entries, entry, quoted(text) + " comes from where nothing is read");
  }
  entry.source = Dependency::Source::url;
  entry.location = url;
  entry.files = {{.name = base_name(url), .url = std::string(url)}};
  read_fragment(fragment, entries, entry);
  const auto [name, version] = release_of(entry.files.front().name);
  if (entry.name.empty()) entry.name = name;
  if (entry.version.empty()) entry.version = version;
  if (entry.name.empty()) {
    return problem_of(entries, entry, quoted(text) + " does not say which package it is");
  }
  return true;
}

bool is_url(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string scheme = lower(text.substr(0, colon));
  static constexpr std::array<std::string_view, 7> kSchemes = {"http", "https", "file", "ftp",
                                                               "ssh",  "git",   "sftp"};
  return std::find(kSchemes.begin(), kSchemes.end(), scheme) != kSchemes.end() ||
         scheme.starts_with("git+") || scheme.starts_with("hg+") || scheme.starts_with("svn+") ||
         scheme.starts_with("bzr+");
}

std::string_view without_extras(std::string_view text) {
  if (!text.ends_with(']')) return text;
  return trimmed(text.substr(0, text.rfind('[')));
}

}  // namespace

bool read_path(std::string_view path, Entries& entries, Dependency& entry) {
  entry.source = Dependency::Source::path;
  entry.location = path;
  const auto inside = path_in_tree(folder_of(entry.file), path);
  if (is_same_folder(path) || inside == ".") return false;  // the tree itself
  const auto [name, version] = release_of(base_name(path));
  if (entry.name.empty()) entry.name = name;
  if (entry.version.empty()) entry.version = version;
  if (entry.name.empty()) entry.name = base_name(inside.value_or(std::string(path)));
  if (is_package_name(Ecosystem::pypi, entry.name)) return true;
  return problem_of(entries, entry, quoted(path) + " does not say which package it is");
}

std::optional<std::string> pinned_version(std::string_view specifiers) {
  specifiers = trimmed(specifiers);
  if (specifiers.starts_with('(') && specifiers.ends_with(')')) {
    specifiers = specifiers.substr(1, specifiers.size() - 2);
  }
  std::string pinned;
  std::size_t count = 0;
  while (!specifiers.empty()) {
    const auto [part, rest] = cut(specifiers, specifiers.find(','));
    specifiers = rest;
    const auto one = trimmed(part);
    const auto end = one.find_first_not_of("=!~<>");
    if (one.empty()) continue;  // pip takes a comma at the end
    if (end == 0 || end == std::string_view::npos || end > 3) return std::nullopt;
    const auto version = trimmed(one.substr(end));
    if (version.find_first_of(" \t") != std::string_view::npos) return std::nullopt;
    ++count;
    const auto op = one.substr(0, end);
    if ((op == "==" || op == "===") && version.find('*') == std::string_view::npos) {
      pinned = version;
    }
  }
  return count == 1 ? pinned : "";
}

bool read_requirement(std::string_view text, Entries& entries, Dependency& entry) {
  text = trimmed(text);
  if (is_url(text)) {
    return read_url(trimmed(text.substr(0, text.find("; "))), entries, entry);
  }
  const auto name_end =
      text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");
  const auto name = text.substr(0, name_end);
  auto rest = trimmed(text.substr(name.size()));
  if (rest.starts_with('[')) {
    const auto close = rest.find(']');
    if (close != std::string_view::npos) rest = trimmed(rest.substr(close + 1));
  }
  if (!name.empty() && rest.starts_with('@')) {
    entry.name = name;
    const auto url = trimmed(rest.substr(1));
    return read_url(url.substr(0, url.find_first_of(" \t")), entries, entry);
  }
  const auto before_marker = trimmed(text.substr(0, text.find(';')));
  const auto path = without_extras(before_marker);
  if (path.starts_with('.') || path.find('/') != std::string_view::npos || is_archive(path)) {
    return read_path(path, entries, entry);
  }
  const auto version = pinned_version(rest.substr(0, rest.find(';')));
  if (name.empty() || !version) {
    return problem_of(entries, entry, quoted(text) + " is no requirement");
  }
  entry.name = name;
  entry.version = *version;
  return true;
}

}  // namespace minescan::lockfiles
