#include "lockfiles/entries.h"

#include <algorithm>
#include <utility>

#include "lockfiles/document.h"
#include "lockfiles/integrity.h"
#include "lockfiles/names.h"
#include "lockfiles/places.h"
#include "lockfiles/text.h"

namespace minescan::lockfiles {
namespace {

// About what an entry takes in memory.
std::size_t size_of(const Dependency& entry) {
  std::size_t bytes = sizeof(Dependency) + entry.location.size() + entry.registry.size();
  for (const PackageFile& file : entry.files) {
    bytes += sizeof(PackageFile) + file.name.size() + file.url.size();
    for (const Integrity& digest : file.integrity) bytes += sizeof(Integrity) + digest.hex.size();
  }
  return bytes;
}

}  // namespace

std::optional<std::string> flaw_of(const Dependency& entry) {
  if (!is_package_name(entry.ecosystem, entry.name)) {
    return quoted(entry.name) + " cannot be the name of a package";
  }
  if (!entry.alias.empty() && !is_package_name(entry.ecosystem, entry.alias)) {
    return quoted(entry.alias) + " cannot be the name of a package";
  }
  if (!entry.version.empty() && !is_version(entry.version)) {
    return quoted(entry.version) + " cannot be a version of " + quoted(entry.name);
  }
  const bool has_place =
      entry.source == Dependency::Source::url || entry.source == Dependency::Source::git;
  if (has_place && !is_plain_url(entry.location)) {
    return quoted(entry.location) + " cannot be a URL";
  }
  if (!entry.registry.empty() && !is_plain_url(entry.registry)) {
    return quoted(entry.registry) + " cannot be a registry";
  }
  for (const PackageFile& file : entry.files) {
    if (!file.url.empty() && !is_plain_url(file.url)) return quoted(file.url) + " cannot be a URL";
  }
  return std::nullopt;
}

Entries::Entries(Ecosystem ecosystem, std::string path, std::size_t most_bytes)
    : path_(std::move(path)), most_bytes_(most_bytes) {
  lockfile_.ecosystem = ecosystem;
}

void Entries::wish(std::string_view folder, std::string_view name, std::string_view range) {
  if (folder == ".") folder = {};
  bytes_ += sizeof(Wish) + folder.size() + name.size() + range.size();
  if (lockfile_.wishes.size() >= kMostEntries || bytes_ > most_bytes_) {
    is_full_ = true;
    return;
  }
  lockfile_.wishes.push_back({std::string(folder), std::string(name), std::string(range)});
}

void Entries::wishes(std::string_view folder, const Node& sections, std::string_view member) {
  for (const char* section : {"dependencies", "devDependencies", "optionalDependencies"}) {
    for (const Node& node : sections.items_of(section)) {
      const std::string_view range = node.is_map() ? node.text_of(member) : node.text;
      wish(folder, node.key, range.empty() ? "*" : range);
    }
  }
}

void Entries::problem(std::uint32_t line, std::string what) {
  problem(path_, line, std::move(what));
}

void Entries::problem(std::string file, std::uint32_t line, std::string what) {
  if (lockfile_.problems.size() >= kMostProblems) {
    ++unlisted_problems_;
    return;
  }
  lockfile_.problems.push_back({std::move(file), line, std::move(what)});
}

bool Entries::is_sound(const Dependency& entry) {
  const auto flaw = flaw_of(entry);
  if (flaw) problem(entry.file, entry.line, *flaw + ", so the entry is left out");
  return !flaw;
}

void Entries::place_in_tree(Dependency& entry) {
  if (entry.source != Dependency::Source::path || entry.location.empty()) return;
  if (auto inside = path_in_tree(folder_of(entry.file), entry.location)) {
    entry.location = std::move(*inside);
  } else {
    problem(entry.file, entry.line,
            quoted(entry.name) + " lies outside of the tree, at " + quoted(entry.location) +
                ", and is not read");
  }
}

void Entries::add(Dependency entry) {
  entry.ecosystem = lockfile_.ecosystem;
  if (entry.file.empty()) entry.file = path_;
  if (!is_sound(entry)) return;
  entry.name = normalised_name(entry.ecosystem, entry.name);
  if (entry.alias == entry.name) entry.alias.clear();
  std::erase_if(entry.files, [&](const PackageFile& file) {
    if (file.name.empty() || is_file_name(file.name)) return false;
    problem(entry.file, entry.line,
            quoted(file.name) + " of " + quoted(entry.name) + " cannot be the name of a file");
    return true;
  });
  place_in_tree(entry);
  if (entry.source == Dependency::Source::registry && entry.version.empty()) {
    problem(entry.file, entry.line,
            quoted(entry.name) +
                " is not pinned to a version, so what is installed can change at any time");
  }
  bytes_ += size_of(entry);
  if (lockfile_.dependencies.size() >= kMostEntries || bytes_ > most_bytes_) {
    is_full_ = true;
    return;
  }
  lockfile_.dependencies.push_back(std::move(entry));
}

void Entries::add_sri(const Dependency& entry, std::string_view sri, PackageFile& file) {
  if (lockfiles::add_sri(sri, file.integrity)) return;
  problem(entry.file.empty() ? path_ : entry.file, entry.line,
          quoted(sri) + " of " + quoted(entry.name) + " is no digest");
}

void Entries::add_digest(const Dependency& entry, std::string_view digest, PackageFile& file) {
  if (auto found = prefixed_digest(digest)) {
    file.integrity.push_back(std::move(*found));
    return;
  }
  problem(entry.file.empty() ? path_ : entry.file, entry.line,
          quoted(digest) + " of " + quoted(entry.name) + " is no digest");
}

void Entries::set_git(Dependency& entry, std::string repository, std::string_view commit) {
  entry.source = Dependency::Source::git;
  entry.location = std::move(repository);
  if (is_commit(commit)) {
    entry.commit = lower(commit);
    return;
  }
  problem(entry.file.empty() ? path_ : entry.file, entry.line,
          quoted(entry.name) + " comes from " + quoted(entry.location) +
              " without a commit, so it can change at any time");
}

void Entries::set_git(Dependency& entry, std::string_view url) {
  GitPlace place = git_place(url, true).value_or(GitPlace{std::string(url), ""});
  set_git(entry, std::move(place.repository), place.commit);
}

Result<Lockfile> Entries::take() {
  if (is_full_) {
    return fail_at(Code::limit_entries, path_, 1,
                   "more than " + std::to_string(kMostEntries) + " packages, or too many digests");
  }
  if (unlisted_problems_ > 0) {
    lockfile_.problems.push_back(
        {path_, 1, "there are " + std::to_string(unlisted_problems_) + " further problems"});
  }
  auto& wishes = lockfile_.wishes;
  std::sort(wishes.begin(), wishes.end());
  wishes.erase(std::unique(wishes.begin(), wishes.end()), wishes.end());
  return std::move(lockfile_);
}

}  // namespace minescan::lockfiles
