#include "match/yaml/values.h"

#include <algorithm>
#include <set>

namespace minescan::match::yaml {

int line_of(const YAML::Node& node) { return node.Mark().line + 1; }

[[noreturn]] void reject(const YAML::Node& node, std::string what) {
  throw Problem{line_of(node), std::move(what)};
}

std::string scalar(const YAML::Node& node, std::string_view key) {
  if (!node.IsScalar()) reject(node, "'" + std::string(key) + "' must be a text");
  if (node.Tag() == "tag:yaml.org,2002:binary") {
    const auto binary = node.as<YAML::Binary>();
    return {reinterpret_cast<const char*>(binary.data()), binary.size()};
  }
  return node.Scalar();
}

std::vector<std::string> texts(const YAML::Node& node, std::string_view key) {
  std::vector<std::string> list;
  if (node.IsSequence()) {
    for (const auto& item : node) list.push_back(scalar(item, key));
  } else {
    list.push_back(scalar(node, key));
  }
  if (list.empty()) reject(node, "'" + std::string(key) + "' is empty");
  return list;
}

void check_keys(const YAML::Node& object, std::initializer_list<std::string_view> known) {
  std::set<std::string> seen;
  for (const auto& pair : object) {
    const std::string key = scalar(pair.first, "key");
    if (!seen.insert(key).second) reject(pair.first, "the key '" + key + "' is repeated");
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      reject(pair.first, "unknown key '" + key + "'");
    }
  }
}

const YAML::Node need(const YAML::Node& object, const char* key) {
  const YAML::Node value = object[key];
  if (!value) reject(object, "the key '" + std::string(key) + "' is missing");
  return value;
}

ViewMask view_mask(const YAML::Node& node) {
  ViewMask mask = 0;
  for (const std::string& name : texts(node, "in")) {
    const auto kind = view_by_name(name);
    if (!kind) reject(node, "'in' names no view kind: '" + name + "'");
    mask = static_cast<ViewMask>(mask | view_bit(*kind));
  }
  return mask;
}

bool is_id(std::string_view id) {
  return !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace minescan::match::yaml
