#pragma once
// Reading one value of a signature's YAML, with a place and a reason for what is wrong.

#include <yaml-cpp/yaml.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/view.h"

namespace minescan::match::yaml {

// Thrown to leave nested YAML; load() turns it into an Error.  It stays in this folder.  yaml-cpp
// itself reports by exceptions, so there is one catch either way.
struct Problem {
  int line;
  std::string what;
};

int line_of(const YAML::Node& node);  // from 1

[[noreturn]] void reject(const YAML::Node& node, std::string what);

// A text, or what !!binary decodes to.  `key` is for the reason only, as below.
std::string scalar(const YAML::Node& node, std::string_view key);
// One text or a list of them; never empty.
std::vector<std::string> texts(const YAML::Node& node, std::string_view key);

// Every key is one of `known`, and there once.
void check_keys(const YAML::Node& object, std::initializer_list<std::string_view> known);
const YAML::Node need(const YAML::Node& object, const char* key);

ViewMask view_mask(const YAML::Node& node);

// An indicator's or context's: a-z, 0-9 and '-'.
bool is_id(std::string_view id);

template <class Enum>
Enum one_of(const YAML::Node& node, std::string_view key,
            std::initializer_list<std::pair<std::string_view, Enum>> names) {
  const std::string text = scalar(node, key);
  std::string known;
  for (const auto& [name, value] : names) {
    if (name == text) return value;
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  reject(node, "'" + std::string(key) + "' is '" + text + "'; it must be one of " + known);
}

}  // namespace minescan::match::yaml
