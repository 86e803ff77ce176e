#include "lockfiles/places.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "lockfiles/text.h"

namespace minescan::lockfiles {
namespace {

constexpr std::size_t kLongestUrl = 4096;

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kHosters = {{
    {"github:", "https://github.com/"},
    {"gitlab:", "https://gitlab.com/"},
    {"bitbucket:", "https://bitbucket.org/"},
}};

// The fragment's commit: "sha", "commit=sha", "commit:sha", also among others with "&".
std::string commit_in(std::string_view fragment) {
  while (!fragment.empty()) {
    auto [part, rest] = cut(fragment, fragment.find('&'));
    if (part.starts_with("commit=") || part.starts_with("commit:")) part.remove_prefix(7);
    if (is_commit(part)) return lower(part);
    fragment = rest;
  }
  return {};
}

std::string_view without_query(std::string_view url) {
  return url.substr(0, url.find_first_of("?#"));
}

}  // namespace

bool is_web_url(std::string_view text) {
  const std::string scheme = lower(text.substr(0, 8));
  return scheme.starts_with("http://") || scheme.starts_with("https://");
}

bool is_plain_url(std::string_view text) {
  return !text.empty() && text.size() <= kLongestUrl &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return c > ' ' && c < '\x7f' && c != '"' && c != '<' && c != '>' && c != '\\' &&
                  c != '`';
         });
}

std::string origin(std::string_view url) {
  const auto slashes = url.find("//");
  if (slashes == std::string_view::npos) return {};
  const auto rest = url.substr(slashes + 2);
  auto host = rest.substr(0, rest.find_first_of("/?#"));
  if (const auto at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
  return lower(url.substr(0, slashes + 2)) + lower(host);
}

std::string base_name(std::string_view url) {
  const auto path = without_query(url);
  return percent_decoded(path.substr(path.rfind('/') + 1));
}

bool is_commit(std::string_view text) {
  return text.size() >= 7 && text.size() <= 64 && is_hex(text);
}

std::optional<GitPlace> git_place(std::string_view text, bool forced) {
  const auto [whole, fragment] = cut(text, text.find('#'));
  std::string_view url = without_query(whole);
  for (const auto& [prefix, host] : kHosters) {
    if (url.starts_with(prefix)) {
      return GitPlace{std::string(host) + std::string(url.substr(prefix.size())),
                      commit_in(fragment)};
    }
  }
  const bool marked = url.starts_with("git+");
  if (marked) url.remove_prefix(4);
  const bool ends_as_git = url.ends_with(".git");
  const bool is_git = marked || url.starts_with("git://") || url.starts_with("ssh://") ||
                      (url.starts_with("git@") && url.find(':') != std::string_view::npos) ||
                      (is_web_url(url) && (forced || ends_as_git));
  if (!is_git) return std::nullopt;
  return GitPlace{std::string(url), commit_in(fragment)};
}

bool is_registry_tarball(std::string_view url, std::string_view name, std::string_view version) {
  const std::string path = percent_decoded(without_query(url));
  const std::string part = "/" + std::string(name) + "/";
  const std::string release(version);
  for (auto at = path.find(part); at != std::string::npos; at = path.find(part, at + 1)) {
    const std::string_view rest = std::string_view(path).substr(at + part.size());
    if (rest.starts_with("-/")) return true;
    if (!release.empty() && (rest.starts_with(release + "/") || rest == release + ".tgz")) {
      return true;
    }
  }
  return false;
}

std::optional<std::string> path_in_tree(std::string_view base, std::string_view relative) {
  if (relative.starts_with('/') || relative.starts_with('~') ||
      relative.find_first_of("\\:") != std::string_view::npos) {
    return std::nullopt;
  }
  std::vector<std::string_view> parts;
  for (std::string_view path : {base, relative}) {
    while (!path.empty()) {
      const auto [part, rest] = cut(path, path.find('/'));
      path = rest;
      if (part.empty() || part == ".") continue;
      if (part != "..") {
        parts.push_back(part);
      } else if (parts.empty()) {
        return std::nullopt;
      } else {
        parts.pop_back();
      }
    }
  }
  std::string out;
  for (const auto part : parts) {
    if (!out.empty()) out += '/';
    out += part;
  }
  return out.empty() ? "." : out;
}

bool is_same_folder(std::string_view path) {
  return !path.empty() && path_in_tree("", path) == ".";
}

std::string_view folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

}  // namespace minescan::lockfiles
