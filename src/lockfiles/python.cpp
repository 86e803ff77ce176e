#include "lockfiles/python.h"

#include <charconv>

#include "lockfiles/integrity.h"
#include "lockfiles/places.h"
#include "lockfiles/text.h"

namespace minescan::lockfiles {

std::pair<std::string, std::string> release_of(std::string_view file_name) {
  for (const auto ending : kArchiveEndings) {
    if (!lower(file_name).ends_with(ending)) continue;
    const auto stem = file_name.substr(0, file_name.size() - ending.size());
    const bool is_wheel = ending == ".whl";
    const auto dash = is_wheel ? stem.find('-') : stem.rfind('-');
    const auto [name, rest] = cut(stem, dash);
    const auto version = is_wheel ? rest.substr(0, rest.find('-')) : rest;
    if (version.empty()) return {};
    return {std::string(name), std::string(version)};
  }
  return {};
}

PackageFile read_file(const Node& node, Entries& entries, const Dependency& entry) {
  PackageFile file;
  file.url = node.text_of("url");
  for (const char* key : {"name", "filename", "file", "path", "url"}) {
    if (file.name.empty()) file.name = base_name(node.text_of(key));
  }
  // The fragment is a digest of its own when there is one; the URL is kept without it.
  if (const auto hash = file.url.find('#'); hash != std::string::npos) file.url.resize(hash);
  if (const auto hash = node.text_of("hash"); !hash.empty()) {
    entries.add_digest(entry, hash, file);
  }
  for (const Node& hash : node.items_of("hashes")) {
    const std::string text = hash.key.empty() ? hash.text : hash.key + ":" + hash.text;
    entries.add_digest(entry, text, file);
  }
  if (const Node* size = node.find("size"); size != nullptr && size->kind == Node::Kind::number) {
    const char* end = size->text.data() + size->text.size();
    if (std::from_chars(size->text.data(), end, file.size).ptr != end) file.size = 0;
  }
  return file;
}

}  // namespace minescan::lockfiles
