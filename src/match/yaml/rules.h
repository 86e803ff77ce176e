#pragma once
// Rules and contexts of a signature's YAML: which indicators together mean what.

#include <yaml-cpp/yaml.h>

#include <string>

#include "match/signature.h"

namespace minescan::match::yaml {

// `file` is for the source's `where`.  Throw Problem.
RuleSource rule_of(const YAML::Node& object, const std::string& file);
ContextSource context_of(const YAML::Node& object, const std::string& file);

}  // namespace minescan::match::yaml
