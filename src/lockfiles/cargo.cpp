// Cargo.lock, versions 1 to 4.  Tested by cargo_test.cpp.

#include <map>
#include <utility>

#include "lockfiles/document.h"
#include "lockfiles/formats.h"
#include "lockfiles/integrity.h"
#include "lockfiles/text.h"

namespace minescan::lockfiles {
namespace {

// Cargo writes it for packages of crates.io whatever it is configured to fetch them from.
constexpr std::string_view kCratesIo = "registry+https://github.com/rust-lang/crates.io-index";

void set_source(std::string_view source, Entries& entries, Dependency& entry) {
  if (source.empty()) {
    entry.source = Dependency::Source::path;
  } else if (source.starts_with("git+")) {
    entries.set_git(entry, source);
  } else if (source.starts_with("registry+") || source.starts_with("sparse+")) {
    if (source != kCratesIo) entry.registry = source;
  } else {
    entries.problem(entry.line, quoted(entry.name) + " comes from " + quoted(source) +
                                    ", a source of an unknown kind");
    entry.registry = source;
  }
}

}  // namespace

Result<void> read_cargo(const Input& input, Entries& entries) {
  MINESCAN_TRY_ASSIGN(const Node root, parse_toml(input.path, input.text));
  const Node* version = root.find("version");
  if (version != nullptr &&
      (version->text.size() != 1 || version->text[0] < '1' || version->text[0] > '4')) {
    return fail_at(Code::unsupported, input.path, version->line,
                   "version " + quoted(version->text) + " is not known; 1 to 4 are");
  }
  // Version 1 keeps digests apart, under "checksum name version (source)".
  std::map<std::string_view, std::string_view> checksums;
  if (const Node* metadata = root.find("metadata")) {
    for (const Node& one : metadata->items) checksums.emplace(one.key, one.text);
  }
  for (const Node& package : root.items_of("package")) {
    Dependency entry;
    entry.line = package.line;
    entry.name = package.text_of("name");
    entry.version = package.text_of("version");
    const auto source = package.text_of("source");
    set_source(source, entries, entry);
    std::string_view checksum = package.text_of("checksum");
    if (checksum.empty()) {
      const auto old = checksums.find("checksum " + entry.name + " " + entry.version + " (" +
                                      std::string(source) + ")");
      if (old != checksums.end() && old->second != "<none>") checksum = old->second;
    }
    // Packages of the tree have none; a registry's whose source is gone would be taken for one.
    if (!checksum.empty() && entry.source == Dependency::Source::path) {
      entries.problem(entry.line, quoted(entry.name) +
                                      " has a checksum but no source, so it is "
                                      "not known where it comes from");
    }
    if (!checksum.empty()) {
      PackageFile file;
      entries.add_digest(entry, "sha256:" + std::string(checksum), file);
      entry.files.push_back(std::move(file));
    }
    entries.add(std::move(entry));
  }
  return {};
}

}  // namespace minescan::lockfiles
