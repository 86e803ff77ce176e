#pragma once
// What a combination of evidence means.  Rules are data, loaded from signatures/.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/view.h"

namespace minescan {

enum class Level : std::uint8_t { note, warning, error };
std::string_view level_name(Level level);

enum class Confidence : std::uint8_t { low, medium, high };
std::string_view confidence_name(Confidence confidence);

// How far apart the evidence of one combination may lie.
enum class Scope : std::uint8_t { view, file, directory, artifact };
std::string_view scope_name(Scope scope);

// A condition over indicators.
struct Condition {
  enum class Kind : std::uint8_t {
    indicator,  // `indicator` was seen
    all,        // every part holds
    any,        // at least one part holds
    at_least,   // at least `number` of the parts hold (parts are distinct indicators)
    none,       // no part holds
  };
  Kind kind = Kind::indicator;
  std::string indicator;
  std::uint32_t number = 0;
  std::vector<Condition> parts;
};

struct Rule {
  std::string id;           // stable for ever: "MSN1001"
  std::string name;         // PascalCase
  std::string title;        // one sentence with full stop
  std::string description;  // why it matters, sentences with full stops
  std::string
      class_name;      // "miner", "miner-config", "miner-command", "pool", "wallet", "dropper" …
  std::string family;  // "xmrig"; "" when the rule names none
  Level level = Level::note;
  Confidence confidence = Confidence::medium;
  Scope scope = Scope::file;
  std::uint64_t within = 0;    // bytes between first and last evidence in one view; 0 = no bound
  ViewMask views = kAllViews;  // only evidence from these kinds counts
  Condition when;
  std::string help;  // what to do
  std::vector<std::string> references;
  std::string attack;  // MITRE ATT&CK technique: "T1496.001"
  // Rules that say the same with less: their findings at the same place are dropped.
  std::vector<std::string> supersedes;
};

}  // namespace minescan
