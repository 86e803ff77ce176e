// yarn.lock of version 1: blocks of lines, no YAML.  Tested by yarn_test.cpp.

#include <optional>
#include <utility>
#include <vector>

#include "lockfiles/descriptors.h"
#include "lockfiles/document.h"
#include "lockfiles/formats.h"
#include "lockfiles/integrity.h"
#include "lockfiles/npm_source.h"
#include "lockfiles/places.h"
#include "lockfiles/text.h"

namespace minescan::lockfiles {
namespace {

// A text in quotes, with its escapes, or up to one of `ends`.  Takes it off `text`.
std::optional<std::string> take_word(std::string_view& text, std::string_view ends) {
  if (!text.starts_with('"')) {
    const auto word = text.substr(0, text.find_first_of(ends));
    text.remove_prefix(word.size());
    return word.empty() ? std::nullopt : std::optional(std::string(word));
  }
  std::string word;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return word;
    }
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    word += text[i];
  }
  return std::nullopt;
}

// "name@range, "name@range":", or nothing when the line is not of this form.
std::vector<Descriptor> head(std::string_view line) {
  std::vector<Descriptor> descriptors;
  while (true) {
    const auto word = take_word(line, ",:");
    if (!word) return {};
    descriptors.push_back(descriptor(*word));
    if (trimmed(line) == ":") return descriptors;
    if (!line.starts_with(',')) return {};
    line = trimmed(line.substr(1));
  }
}

bool is_repository(std::string_view url, std::string_view fragment, const Dependency& entry) {
  if (!is_web_url(url) || fragment.size() != 40 || !is_commit(fragment) ||
      is_registry_tarball(url, entry.name, entry.version)) {
    return false;
  }
  const std::string path = lower(url.substr(0, url.find('?')));
  for (const char* part : {"/-/", "/tar.gz/", "/tarball/", "/archive/", "/download/"}) {
    if (path.find(part) != std::string::npos) return false;
  }
  for (const char* ending : {".tgz", ".tar.gz", ".tar", ".zip"}) {
    if (path.ends_with(ending)) return false;
  }
  return true;
}

struct Block {
  std::uint32_t line = 0;
  std::vector<Descriptor> descriptors;
  std::string version;
  std::string resolved;
  std::string integrity;
};

void set_source(const Block& block, const Descriptor& wanted, Entries& entries, Dependency& entry) {
  const auto [url, fragment] = cut(block.resolved, block.resolved.find('#'));
  if (url.empty()) {
    // Folders have no 'resolved'.
    const bool is_local = wanted.range.starts_with("file:") || wanted.range.starts_with("link:");
    if (is_local) {
      entry.source = Dependency::Source::path;
      entry.location = wanted.range.substr(5);
      return;
    }
    set_npm_source(entries, entry, "", block.integrity);
    return;
  }
  if (is_repository(url, fragment, entry)) {
    entries.set_git(entry, block.resolved);
    return;
  }
  if (git_place(block.resolved)) {
    set_npm_source(entries, entry, block.resolved, "");
    return;
  }
  // A name alone is a file of the offline mirror; what else is no URL is no place in the tree.
  const bool is_mirrored = url.find_first_of(":/\\") == std::string_view::npos;
  set_npm_source(entries, entry, is_mirrored ? std::string_view() : url, block.integrity);
  auto digest = hex_digest("sha1", fragment);
  if (!digest && !is_mirrored) return;
  if (entry.files.empty()) entry.files.emplace_back();
  if (is_mirrored) entry.files.front().name = url;
  if (digest) entry.files.front().integrity.push_back(std::move(*digest));
}

void add(const Block& block, Entries& entries) {
  for (const Descriptor& wanted : block.descriptors) {
    const bool is_alias = wanted.installed != wanted.name;
    entries.wish("*", wanted.installed,
                 is_alias ? "npm:" + wanted.name + "@" + wanted.range : wanted.range);
  }
  for (const Descriptor& wanted : distinct(block.descriptors)) {
    if (entries.is_full()) return;
    Dependency entry;
    entry.line = block.line;
    entry.name = wanted.name;
    if (wanted.installed != wanted.name) entry.alias = wanted.installed;
    entry.version = block.version;
    set_source(block, wanted, entries, entry);
    entries.add(std::move(entry));
  }
}

}  // namespace

Result<void> read_yarn_classic(const Input& input, Entries& entries) {
  std::optional<Block> block;
  bool in_list = false;
  const auto broken = [&](const Lines& lines) {
    return fail_at(Code::corrupt, input.path, lines.number(),
                   quoted(lines.line()) + " is no line of a lockfile of yarn");
  };
  Lines lines(input.text);
  while (lines.next()) {
    std::string_view text = trimmed(lines.line());
    if (text.empty() || text.starts_with('#')) continue;
    const std::size_t indent = lines.line().find_first_not_of(' ');
    if (indent == 0) {
      if (block) add(*block, entries);
      block = Block{.line = lines.number(), .descriptors = head(text)};
      in_list = false;
      if (block->descriptors.empty()) return broken(lines);
    } else if (!block || (indent != 2 && !in_list)) {
      return broken(lines);
    } else if (indent == 2) {
      in_list = text.ends_with(':');
      const auto key = take_word(text, " :");
      text = trimmed(text);
      const auto value = take_word(text, " ");
      if (!key || (!in_list && !value)) return broken(lines);
      std::string* member = *key == "version"     ? &block->version
                            : *key == "resolved"  ? &block->resolved
                            : *key == "integrity" ? &block->integrity
                                                  : nullptr;
      if (in_list || member == nullptr) continue;
      if (!member->empty()) {
        entries.problem(lines.number(), quoted(*key) + " stands twice in one entry");
      }
      // Of several digests of an unquoted list none may be lost.
      *member = *value + std::string(text);
    }
  }
  if (block) add(*block, entries);
  return {};
}

}  // namespace minescan::lockfiles
