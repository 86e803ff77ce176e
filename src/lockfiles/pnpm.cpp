// pnpm-lock.yaml, versions 5, 6 and 9.  Tested by pnpm_test.cpp.

#include <map>
#include <utility>

#include "lockfiles/document.h"
#include "lockfiles/formats.h"
#include "lockfiles/npm_source.h"
#include "lockfiles/places.h"
#include "lockfiles/text.h"

namespace minescan::lockfiles {
namespace {

enum class Keys { slashes, old_at_signs, at_signs };  // "/a/1.0.0", "/a@1.0.0", "a@1.0.0"

// What a key says: "registry.example/a/1.0.0_peer@2" and its likes.
struct Key {
  std::string registry;
  std::string name;
  std::string version;
};

Key read_key(std::string_view text, Keys keys) {
  Key key;
  if (text.starts_with("file:")) {
    key.name = base_name(text.substr(5, text.find('(') - 5));
    return key;
  }
  text = text.substr(0, text.find('('));  // peers
  if (keys != Keys::at_signs) {
    // In front of the slash is the registry's host, unless it is the configured one.
    const auto [host, rest] = cut(text, text.find('/'));
    if (!host.empty()) key.registry = "https://" + std::string(host) + "/";
    text = rest;
  }
  auto divided = split_at_version(text);
  if (keys == Keys::slashes) {
    // What tells peers may hold slashes too.
    const auto scope = text.starts_with('@') ? text.find('/') : std::string_view::npos;
    divided = cut(text, text.find('/', scope == std::string_view::npos ? 0 : scope + 1));
    divided.second = divided.second.substr(0, divided.second.find('_'));
  }
  key.name = divided.first;
  const std::string_view version = divided.second;
  if (version.find(':') == std::string_view::npos) key.version = version;
  return key;
}

void add_file(const Node& resolution, Entries& entries, Dependency& entry) {
  PackageFile file;
  file.url = resolution.text_of("url");
  file.name = base_name(file.url);
  if (const auto sri = resolution.text_of("integrity"); !sri.empty()) {
    entries.add_sri(entry, sri, file);
  }
  entry.files.push_back(std::move(file));
}

void set_source(const Node& resolution, Key key, Entries& entries, Dependency& entry) {
  const auto type = resolution.text_of("type");
  const auto tarball = resolution.text_of("tarball");
  const auto integrity = resolution.text_of("integrity");
  if (type == "git") {
    entries.set_git(entry, std::string(resolution.text_of("repo")), resolution.text_of("commit"));
  } else if (type == "directory") {
    entry.source = Dependency::Source::path;
    entry.location = resolution.text_of("directory");
  } else if (type == "binary") {
    entry.source = Dependency::Source::url;
    entry.location = resolution.text_of("url");
    add_file(resolution, entries, entry);
  } else if (type == "variations") {
    // One archive for each platform; which is installed the machine decides.
    const auto& variants = resolution.items_of("variants");
    for (const Node& variant : variants) {
      const Node* one = variant.find("resolution");
      if (one != nullptr) add_file(*one, entries, entry);
    }
    entry.source = Dependency::Source::url;
    if (!entry.files.empty()) entry.location = entry.files.front().url;
  } else if (!type.empty()) {
    entries.problem(entry.line, quoted(entry.name) + " comes from a source of the unknown type " +
                                    quoted(type));
  } else if (!tarball.empty() && !tarball.starts_with("file:") && !is_web_url(tarball)) {
    // Seen from the registry.  Only where its own archive is can it be fetched by its name.
    const bool is_own =
        is_registry_tarball("/" + std::string(tarball), entry.name, entry.version) &&
        tarball.find(':') == std::string_view::npos && !tarball.starts_with('/');
    if (!is_own) {
      entries.problem(entry.line, quoted(entry.name) + " comes from " + quoted(tarball) +
                                      ", which is not read");
    }
    set_npm_source(entries, entry, "", integrity);
  } else {
    set_npm_source(entries, entry, tarball, integrity);
    if (tarball.empty()) {
      entry.registry = std::move(key.registry);
      if (const auto registry = resolution.text_of("registry"); !registry.empty()) {
        entry.registry = registry;
      }
    }
  }
}

// Folders of the workspace that an importer links to.
void read_links(const Node& importer, const std::string& folder, Entries& entries) {
  for (const char* section : {"dependencies", "devDependencies", "optionalDependencies"}) {
    for (const Node& node : importer.items_of(section)) {
      const auto version = node.is_map() ? node.text_of("version") : std::string_view(node.text);
      if (!version.starts_with("link:")) continue;
      Dependency entry;
      entry.line = node.line;
      entry.name = node.key;
      entry.source = Dependency::Source::path;
      entry.location = folder + "/" + std::string(version.substr(5, version.find('(') - 5));
      entry.development = section == std::string_view("devDependencies");
      entry.optional = section == std::string_view("optionalDependencies");
      entries.add(std::move(entry));
    }
  }
}

// What an importer asks for: version 5 says it apart.
void read_wishes(const Node& importer, const std::string& folder, Entries& entries) {
  entries.wishes(folder, importer, "specifier");
  for (const Node& node : importer.items_of("specifiers")) {
    if (node.is_text()) entries.wish(folder, node.key, node.text);
  }
}

// Version 9 says apart from the packages, for each set of peers, whether they are optional.
std::map<std::string, bool> optional_snapshots(const Node& root) {
  std::map<std::string, bool> optional;
  for (const Node& snapshot : root.items_of("snapshots")) {
    const auto name = std::string_view(snapshot.key).substr(0, snapshot.key.find('('));
    const auto [at, is_new] = optional.emplace(name, true);
    at->second = at->second && snapshot.is_true("optional");
  }
  return optional;
}

Result<void> read_document(const Input& input, const Node& root, Entries& entries) {
  const auto version = root.text_of("lockfileVersion");
  const std::string_view major = version.substr(0, version.find('.'));
  if (major != "5" && major != "6" && major != "9") {
    const Node* at = root.find("lockfileVersion");
    return fail_at(Code::unsupported, input.path, at == nullptr ? 1 : at->line,
                   "lockfileVersion " + quoted(version) + " is not known; 5, 6 and 9 are");
  }
  const Keys keys = major == "5"   ? Keys::slashes
                    : major == "6" ? Keys::old_at_signs
                                   : Keys::at_signs;
  read_links(root, ".", entries);
  read_wishes(root, ".", entries);
  for (const Node& importer : root.items_of("importers")) {
    read_links(importer, importer.key, entries);
    read_wishes(importer, importer.key, entries);
  }
  const auto optional = optional_snapshots(root);
  for (const Node& node : root.items_of("packages")) {
    Key key = read_key(node.key, keys);
    Dependency entry;
    entry.line = node.line;
    entry.name = node.text_of("name").empty() ? key.name : std::string(node.text_of("name"));
    entry.version =
        node.text_of("version").empty() ? key.version : std::string(node.text_of("version"));
    entry.development = node.is_true("dev");
    const auto snapshot = optional.find(node.key);
    entry.optional = node.is_true("optional") || (snapshot != optional.end() && snapshot->second);
    entry.install_script = node.is_true("requiresBuild");
    if (const Node* resolution = node.find("resolution")) {
      set_source(*resolution, std::move(key), entries, entry);
    } else {
      entries.problem(node.line, quoted(node.key) + " has no resolution");
    }
    entries.add(std::move(entry));
  }
  return {};
}

}  // namespace

Result<void> read_pnpm(const Input& input, Entries& entries) {
  MINESCAN_TRY_ASSIGN(const auto documents, parse_yaml(input.path, input.text));
  if (documents.empty()) return fail_at(Code::corrupt, input.path, 1, "holds nothing");
  // A first document may hold what pnpm itself needs.
  for (const Node& document : documents) MINESCAN_TRY(read_document(input, document, entries));
  return {};
}

}  // namespace minescan::lockfiles
