#include "inspect/installed.h"

#include <algorithm>
#include <set>

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
  const bool whole = slashes == (name.starts_with('@') ? 1 : 0) && !name.ends_with('/');
  return whole ? name : std::string_view();
}

bool plain(std::string_view text) {
  return !text.empty() && text.size() <= kMostName &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

std::vector<Described> described(Ecosystem ecosystem, std::string_view name,
                                 std::string_view version, std::string_view folder) {
  if (!plain(name) || !plain(version)) return {};
  return {{purl(ecosystem, normalised_name(ecosystem, name), version), std::string(folder)}};
}

std::vector<Described> npm(std::string_view folder, ByteView file) {
  const auto json = parse_json(file);
  if (!json || !json->is_object()) return {};
  const std::string name = json_string(*json, "name");
  if (folder != "package" && below_node_modules(folder) != name) return {};
  return described(Ecosystem::npm, name, json_string(*json, "version"), folder);
}

// RECORD of "site-packages/My_Lib-1.0.dist-info" lists the package's files, one a line, as paths
// from site-packages.
std::vector<Described> python(std::string_view info, ByteView file) {
  constexpr std::string_view kInfo = ".dist-info";
  const std::string_view site = folder_of(info);
  std::string_view name = name_of(info);
  name.remove_suffix(kInfo.size());
  const auto dash = name.rfind('-');
  if (dash == std::string_view::npos) return {};
  std::set<std::string_view> tops;
  std::string_view text = as_text(file);
  while (!text.empty() && tops.size() < kMostFolders) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view path = text.substr(0, std::min(end, text.find(',')));
    text.remove_prefix(std::min(text.size(), end + 1));
    const std::string_view top = path.substr(0, path.find('/'));
    const bool shared = top.empty() || top == ".." || top == "." || top == "__pycache__" ||
                        top.front() == '"' || top.ends_with(kInfo);
    if (!shared) tops.insert(top);
  }
  std::vector<Described> all;
  for (const std::string_view top : tops) {
    const std::string folder = (site.empty() ? "" : std::string(site) + "/") + std::string(top);
    for (Described& one :
         described(Ecosystem::pypi, name.substr(0, dash), name.substr(dash + 1), folder)) {
      all.push_back(std::move(one));
    }
  }
  return all;
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

std::vector<Described> crate(std::string_view folder, ByteView file) {
  return described(Ecosystem::cargo, toml_value(as_text(file), "name"),
                   toml_value(as_text(file), "version"), folder);
}

bool is_record(std::string_view path) {
  return name_of(path) == "RECORD" && folder_of(path).ends_with(".dist-info");
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
  return is_record(path) || is_crate(path);
}

std::vector<Described> described_package(std::string_view path, ByteView file) {
  const std::string_view folder = folder_of(path);
  if (name_of(path) == "package.json") return npm(folder, file);
  if (is_record(path)) return python(folder, file);
  if (is_crate(path)) return crate(folder, file);
  return {};
}

}  // namespace minescan::inspect
