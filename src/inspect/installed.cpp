#include "inspect/installed.h"

#include <algorithm>

#include "base/json.h"
#include "model/dependency.h"

namespace minescan::inspect {
namespace {

constexpr std::string_view kNodeModules = "node_modules/";
constexpr std::size_t kMostName = 214;  // npm's own limit

std::string_view folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view name_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// "name", "@scope/name" below the innermost node_modules; "" when the folder is none of its.
std::string_view below_node_modules(std::string_view folder) {
  const auto at = folder.rfind(kNodeModules);
  if (at == std::string_view::npos || (at > 0 && folder[at - 1] != '/')) return {};
  const std::string_view name = folder.substr(at + kNodeModules.size());
  const auto slashes = std::count(name.begin(), name.end(), '/');
  return slashes == (name.starts_with('@') ? 1 : 0) ? name : std::string_view();
}

bool plain(std::string_view text) {
  return !text.empty() && text.size() <= kMostName &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

std::optional<Described> described(Ecosystem ecosystem, std::string_view name,
                                   std::string_view version, std::string_view folder) {
  if (!plain(name) || !plain(version)) return std::nullopt;
  return Described{purl(ecosystem, normalised_name(ecosystem, name), version), std::string(folder)};
}

std::optional<Described> npm(std::string_view folder, ByteView file) {
  const auto json = parse_json(file);
  if (!json || !json->is_object()) return std::nullopt;
  const std::string name = json_string(*json, "name");
  if (folder != "package" && below_node_modules(folder) != name) return std::nullopt;
  return described(Ecosystem::npm, name, json_string(*json, "version"), folder);
}

// The value of a header of METADATA and PKG-INFO, which end at the first empty line.
std::string header(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(text.size(), end + 1));
    while (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) break;
    if (line.starts_with(key)) return std::string(line.substr(key.size()));
  }
  return {};
}

std::optional<Described> python(std::string_view folder, ByteView file) {
  const std::string name = header(as_text(file), "Name: ");
  return described(Ecosystem::pypi, name, header(as_text(file), "Version: "), folder);
}

// The first `key = "…"` behind [package].
std::string toml_value(std::string_view text, std::string_view key) {
  const auto section = text.find("[package]");
  if (section == std::string_view::npos) return {};
  text.remove_prefix(section + 9);
  text = text.substr(0, text.find("\n["));
  const std::string wanted = "\n" + std::string(key) + " = \"";
  const auto at = text.find(wanted);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + wanted.size());
  return std::string(text.substr(0, text.find('"')));
}

std::optional<Described> crate(std::string_view folder, ByteView file) {
  return described(Ecosystem::cargo, toml_value(as_text(file), "name"),
                   toml_value(as_text(file), "version"), folder);
}

bool is_metadata(std::string_view path) {
  const std::string_view folder = folder_of(path);
  const std::string_view name = name_of(path);
  return (name == "METADATA" && folder.ends_with(".dist-info")) ||
         (name == "PKG-INFO" && folder.ends_with(".egg-info"));
}

// Vendored crates, and those that Cargo has unpacked in its home.
bool is_crate(std::string_view path) {
  if (name_of(path) != "Cargo.toml") return false;
  const std::string_view parent = folder_of(folder_of(path));
  return name_of(parent) == "vendor" || parent.find("registry/src/") != std::string_view::npos;
}

}  // namespace

bool describes_package(std::string_view path) {
  if (name_of(path) == "package.json") {
    const std::string_view folder = folder_of(path);
    return folder == "package" || !below_node_modules(folder).empty();
  }
  return is_metadata(path) || is_crate(path);
}

std::optional<Described> described_package(std::string_view path, ByteView file) {
  const std::string_view folder = folder_of(path);
  if (name_of(path) == "package.json") return npm(folder, file);
  if (is_metadata(path)) return python(folder_of(folder), file);
  if (is_crate(path)) return crate(folder, file);
  return std::nullopt;
}

}  // namespace minescan::inspect
