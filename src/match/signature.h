#pragma once
// Signatures as data: what signatures/*.yaml say after loading and checking.  The language is
// described for authors in signatures/README.md.

#include <cstdint>
#include <string>
#include <vector>

#include "match/runs.h"
#include "model/rule.h"
#include "model/view.h"

namespace minescan::match {

// How far, in bytes, a match may reach: the widest pattern, and how far around a hit `confirm`
// looks. Windows of one stream overlap by a multiple of it, so no match is lost at a seam.
inline constexpr std::uint32_t kReach = 2048;

// Constants that one indicator may list.
inline constexpr std::uint32_t kMostWords = 128;

enum class Strength : std::uint8_t { weak, supporting, strong };
std::string_view strength_name(Strength strength);

struct Pattern {
  std::string regex;              // Hyperscan and RE2 syntax, bytes as Latin-1; "" for a run
  Alphabet run = Alphabet::none;  // or: a run of at least `least` of these,
  std::uint32_t most = 0;         // and, unless 0, at most so many
  std::uint32_t literal = 0;      // its length when it is nothing but a literal, else 0
  std::uint32_t least = 0;        // bytes of the shortest match
  std::uint32_t widest = 0;       // bytes of the longest match, at most kReach
};

// A constant that code is made of, wherever it stands in it: see words.h.
struct Word {
  std::uint64_t value = 0;
  bool wide = false;  // 64 bits; 32 otherwise
};

// An atom: patterns, where they count, and how a hit is confirmed.
struct Indicator {
  std::string id;
  std::vector<Pattern> patterns;  // any of them
  std::vector<Word> words;        // or: constants,
  std::uint32_t least_words = 0;  // of which at least so many different ones are in one place
  bool caseless = false;
  ViewMask views = kAllViews;
  std::string confirm;  // RE2 with named captures, tried around the hit; "" = the pattern itself
  std::uint32_t confirm_widest = kReach;  // bytes of its longest match, at most kReach
  std::string validate;                   // name of a validator; "" = none
  Strength strength = Strength::supporting;
  std::vector<std::string> hits, misses;
  std::string where;  // "network/stratum.yaml:12", for messages
};

struct RuleExample {
  std::string text;
  ViewKind view = ViewKind::text;
  std::vector<RuleExample> with;  // further views of the same file; theirs is empty
};

// A rule and the examples that prove it.
struct RuleSource {
  Rule rule;
  std::vector<RuleExample> hits, misses;
  std::string where;
};

// A context and the examples that prove it.
struct ContextSource {
  Context context;
  std::vector<RuleExample> hits, misses;
  std::string where;
};

// All that signature files say.
struct Definitions {
  std::vector<Indicator> indicators;
  std::vector<RuleSource> rules;
  std::vector<ContextSource> contexts;
};

}  // namespace minescan::match
