#pragma once
// Signatures as data: what signatures/*.yaml say after loading and checking.  The language is
// described for authors in signatures/README.md.

#include <cstdint>
#include <string>
#include <vector>

#include "model/rule.h"
#include "model/view.h"

namespace minescan::match {

enum class Strength : std::uint8_t { weak, supporting, strong };

// An atom: a pattern, where it counts, and how a hit is confirmed.
struct Indicator {
  std::string id;
  std::vector<std::string> patterns;  // Hyperscan and RE2 syntax; any of them
  bool caseless = false;
  ViewMask views = kAllViews;
  std::string confirm;   // RE2 with named captures, tried around the hit; "" = the pattern itself
  std::string validate;  // name of a validator; "" = none
  Strength strength = Strength::supporting;
  std::uint32_t width = 0;  // bytes that the widest match of patterns and confirm can have
  std::vector<std::string> hits, misses;
  std::string where;  // "network/stratum.yaml:12", for messages
};

// Rule and the examples that prove it.
struct RuleExample {
  std::string text;
  ViewKind view = ViewKind::text;
};
struct RuleSource {
  Rule rule;
  std::vector<RuleExample> hits, misses;
  std::string where;
};

}  // namespace minescan::match
