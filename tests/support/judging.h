#pragma once
// Builders for what judging takes: conditions, rules, evidence, trails.

#include <string>
#include <utility>
#include <vector>

#include "model/artifact.h"
#include "model/record.h"
#include "model/rule.h"

namespace minescan::test {

inline Condition seen(std::string indicator) {
  Condition condition;
  condition.indicator = std::move(indicator);
  return condition;
}

inline Condition combine(Condition::Kind kind, std::vector<Condition> parts,
                         std::uint32_t number = 0) {
  Condition condition;
  condition.kind = kind;
  condition.parts = std::move(parts);
  condition.number = number;
  return condition;
}

inline Rule rule(std::string id, Condition when, Scope scope = Scope::file,
                 Level level = Level::error) {
  Rule rule;
  rule.id = std::move(id);
  rule.name = "SomeMiner";
  rule.title = "A miner.";
  rule.description = "It mines.";
  rule.class_name = "miner";
  rule.family = "some";
  rule.level = level;
  rule.scope = scope;
  rule.when = std::move(when);
  rule.help = "Remove it.";
  return rule;
}

// "layer a" › "usr/bin/x": the first part is the unit, the others members.
inline Trail trail(std::string unit, std::vector<std::string> members = {}) {
  Trail trail{{{Step::Kind::unit, std::move(unit)}}};
  for (std::string& member : members) {
    trail.steps.push_back({Step::Kind::member, std::move(member)});
  }
  return trail;
}

inline Evidence evidence(std::string indicator, Trail where, std::uint64_t offset = 0,
                         ViewKind view = ViewKind::script) {
  Evidence evidence;
  evidence.indicator = std::move(indicator);
  evidence.trail = std::move(where);
  evidence.offset = offset;
  evidence.length = 1;
  evidence.view = view;
  return evidence;
}

}  // namespace minescan::test
