#pragma once
// Where packages come from, in the spellings of lockfiles: URLs, repositories, paths.

#include <optional>
#include <string>
#include <string_view>

namespace minescan::lockfiles {

bool is_web_url(std::string_view text);  // "http://" or "https://", in any case

// Not empty, at most 4 KiB, and only printable ASCII without blanks and quotes.
bool is_plain_url(std::string_view text);

// "https://host:port" in lower case without a user's name; "" when there is no "//".
std::string origin(std::string_view url);

// The last part of a URL's or a file's path, percent-decoded: "demo-1.0.tar.gz".
std::string base_name(std::string_view url);

// A repository of git and what is wanted of it.
struct GitPlace {
  std::string repository;  // URL without "git+", query and fragment
  std::string commit;      // "" when a branch, a tag or nothing is named instead
};

// Of "git+ssh://…#sha", "git@host:owner/repo.git#commit=sha", "github:owner/repo#sha" and the like.
// nullopt when it is no repository.  `forced` also takes an http URL without such a sign.
std::optional<GitPlace> git_place(std::string_view text, bool forced = false);

// Whether it names one commit: 7 to 64 hexadecimal digits.
bool is_commit(std::string_view text);

// Whether the path of a URL is what a registry of npm's kind gives this package:
// ".../name/-/file.tgz", ".../name/version/..." or ".../name/version.tgz".
bool is_registry_tarball(std::string_view url, std::string_view name, std::string_view version);

// A path inside the tree: `relative` as seen from the folder `base`, without "." and "..".  The
// tree's root is ".".  nullopt when it leaves the tree or is absolute.
std::optional<std::string> path_in_tree(std::string_view base, std::string_view relative);

// Whether a path is nothing but ".", in any spelling: the folder that the lockfile is in.
bool is_same_folder(std::string_view path);

std::string_view folder_of(std::string_view path);  // "" for a file in the root

}  // namespace minescan::lockfiles
