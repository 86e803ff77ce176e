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

// So many different values of one capture; { "", 0 } asks for none.
struct Distinct {
  std::string capture;
  std::uint32_t at_least = 0;
};

// A kind of file in which evidence means less than elsewhere: documentation, a block list, the rule
// set of a security tool.
struct Context {
  std::string id;              // "security-rules"
  std::string title;           // one sentence with full stop
  Scope scope = Scope::file;   // file, directory or artifact
  ViewMask views = kAllViews;  // only evidence from these kinds counts, and only it is lowered
  Condition when;
  Distinct distinct;
  std::vector<std::string> classes;  // of rules that it lowers; empty = all
  Level to = Level::note;            // findings are at most this
};

// In Rule::despite: no context at all lowers the rule.
inline constexpr std::string_view kAnyContext = "any";

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
  // The name of a capture: only evidence that has the same value of it counts together, beside
  // evidence that has no such capture.  "" = does not matter.
  std::string same;
  Distinct distinct;
  std::uint32_t files = 1;  // in how many files its evidence must lie, at least
  // Contexts that do not lower it.
  std::vector<std::string> despite;
  std::string help;  // what to do
  std::vector<std::string> references;
  std::string attack;  // MITRE ATT&CK technique: "T1496.001"
  // Rules that say the same with less: their findings at the same place are dropped.
  std::vector<std::string> supersedes;
};

}  // namespace minescan
