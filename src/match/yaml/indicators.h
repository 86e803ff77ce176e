#pragma once
// An indicator of a signature's YAML: what it looks for, and where.

#include <yaml-cpp/yaml.h>

#include <string>

#include "match/signature.h"

namespace minescan::match::yaml {

// `file` is for Indicator::where.  Throws Problem.
Indicator indicator_of(const YAML::Node& object, const std::string& file);

// Examples of words are words: what they are in a program's bytes.  Throws Problem.
std::string word_bytes(const YAML::Node& node, const std::string& text);

}  // namespace minescan::match::yaml
