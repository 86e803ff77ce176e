#include "match/yaml/indicators.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

#include "match/validators.h"
#include "match/words.h"
#include "match/yaml/values.h"

namespace minescan::match::yaml {
namespace {

constexpr std::size_t kLongestPattern = 4096;  // bytes of the expression

std::string as_regex(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string regex;
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (std::isalnum(byte) != 0) {
      regex += c;
    } else {
      regex += "\\x";
      regex += kDigits[byte >> 4];
      regex += kDigits[byte & 15];
    }
  }
  return regex;
}

Pattern literal_pattern(const YAML::Node& node, std::string_view bytes) {
  if (bytes.size() < 4) reject(node, "a literal of fewer than 4 bytes is everywhere");
  if (bytes.size() > kReach) reject(node, "a literal may have at most 2048 bytes");
  const auto size = static_cast<std::uint32_t>(bytes.size());
  return {.regex = as_regex(bytes), .literal = size, .least = size, .widest = size};
}

std::string from_hex(const YAML::Node& node, std::string_view text) {
  std::string bytes;
  int half = -1;
  for (const char c : text) {
    if (c == ' ') continue;
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) reject(node, "'hex' holds something that is no hex digit");
    if (half < 0) {
      half = digit;
    } else {
      bytes += static_cast<char>(half * 16 + digit);
      half = -1;
    }
  }
  if (half >= 0) reject(node, "'hex' has an odd number of digits");
  return bytes;
}

Pattern run_pattern(const YAML::Node& node) {
  if (!node.IsMap()) reject(node, "'run' is {of: ALPHABET, at_least: NUMBER, at_most: NUMBER}");
  check_keys(node, {"of", "at_least", "at_most"});
  const std::string name = scalar(need(node, "of"), "of");
  const auto alphabet = alphabet_by_name(name);
  if (!alphabet) reject(node, "'run' knows no alphabet '" + name + "'; use base58, bech32 or hex");
  std::uint32_t least = 0;
  if (!YAML::convert<std::uint32_t>::decode(need(node, "at_least"), least) || least < 16 ||
      least > kReach) {
    reject(node, "'at_least' must be a number from 16 to 2048");
  }
  std::uint32_t most = 0;
  if (const auto at_most = node["at_most"]) {
    if (!YAML::convert<std::uint32_t>::decode(at_most, most) || most < least || most > kReach) {
      reject(node, "'at_most' must be a number from 'at_least' to 2048");
    }
  }
  return {
      .regex = {}, .run = *alphabet, .most = most, .literal = 0, .least = least, .widest = kReach};
}

std::vector<Pattern> patterns_of(const YAML::Node& object) {
  std::vector<Pattern> patterns;
  int forms = 0;
  if (const auto node = object["match"]) {
    ++forms;
    for (std::string& regex : texts(node, "match")) {
      if (regex.size() > kLongestPattern) reject(node, "a pattern may have at most 4096 bytes");
      patterns.push_back({.regex = std::move(regex)});
    }
  }
  if (const auto node = object["literal"]) {
    ++forms;
    for (const std::string& text : texts(node, "literal")) {
      patterns.push_back(literal_pattern(node, text));
    }
  }
  if (const auto node = object["hex"]) {
    ++forms;
    for (const std::string& text : texts(node, "hex")) {
      patterns.push_back(literal_pattern(node, from_hex(node, text)));
    }
  }
  if (forms > 1) reject(object, "an indicator has only one of 'match', 'literal' and 'hex'");
  if (const auto node = object["run"]) {
    // May stand beside the others: some addresses have one form in base58 and one with a prefix.
    if (node.IsSequence()) {
      for (const auto& item : node) patterns.push_back(run_pattern(item));
    } else {
      patterns.push_back(run_pattern(node));
    }
    if (!object["confirm"]) reject(node, "'run' needs 'confirm': what is looked for in the run");
  }
  if (patterns.empty()) {
    reject(object, "an indicator needs one of 'match', 'literal', 'hex', 'run' and 'words'");
  }
  return patterns;
}

Word word_of(const YAML::Node& node) {
  const std::string text = scalar(node, "words");
  Word word{.value = 0, .wide = text.size() == 16};
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, word.value, 16);
  if (error != std::errc() || at != end || (text.size() != 8 && text.size() != 16)) {
    reject(node,
           "'words' holds '" + text + "'; a word is 8 or 16 hex digits, most significant first");
  }
  if (word_forms(word, kTellingInCode).empty()) {
    reject(node, "the word '" + text +
                     "' is everywhere: at least two of its bytes must be neither 00 nor ff");
  }
  return word;
}

void words_of(const YAML::Node& node, Indicator& indicator) {
  if (!node.IsMap()) reject(node, "'words' is {at_least: NUMBER, of: [hex words]}");
  check_keys(node, {"at_least", "of"});
  const YAML::Node list = need(node, "of");
  if (!list.IsSequence() || list.size() == 0 || list.size() > kMostWords) {
    reject(list, "'of' must list 1 to 128 words");
  }
  // Different words must be different in code, or one would count twice.
  std::set<std::array<std::uint32_t, 2>> seen;
  for (const auto& item : list) {
    indicator.words.push_back(word_of(item));
    for (const auto& form : word_forms(indicator.words.back(), kTellingInCode)) {
      if (seen.insert(form).second) continue;
      reject(item, "the word '" + item.Scalar() + "' looks like another one of the list in code");
    }
  }
  if (!YAML::convert<std::uint32_t>::decode(need(node, "at_least"), indicator.least_words) ||
      indicator.least_words < 1 || indicator.least_words > indicator.words.size()) {
    reject(node, "'at_least' must be a number from 1 to the number of words");
  }
}

}  // namespace

std::string word_bytes(const YAML::Node& node, const std::string& text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) {
      const Word word = word_of(YAML::Node(text.substr(at, end - at)));
      for (int i = 0; i < (word.wide ? 8 : 4); ++i)
        bytes += static_cast<char>(word.value >> (8 * i));
    }
    at = end + 1;
  }
  if (bytes.empty()) reject(node, "an example of words has none");
  return bytes;
}

Indicator indicator_of(const YAML::Node& object, const std::string& file) {
  check_keys(object, {"indicator", "match", "literal", "hex", "run", "words", "caseless", "in",
                      "confirm", "validate", "strength", "hits", "misses"});
  Indicator indicator;
  indicator.where = file + ":" + std::to_string(line_of(object));
  indicator.id = scalar(need(object, "indicator"), "indicator");
  if (!is_id(indicator.id)) {
    reject(object, "an indicator's id has only a-z, 0-9 and '-': '" + indicator.id + "'");
  }
  if (const auto node = object["words"]) {
    for (const char* key : {"match", "literal", "hex", "run", "confirm", "validate", "caseless"}) {
      if (object[key])
        reject(object[key], "'words' stands alone; '" + std::string(key) + "' does not go with it");
    }
    words_of(node, indicator);
    indicator.views = kWordViews;
  } else {
    indicator.patterns = patterns_of(object);
  }
  if (const auto node = object["caseless"]) {
    indicator.caseless = one_of<bool>(node, "caseless", {{"true", true}, {"false", false}});
  }
  if (const auto node = object["in"]) indicator.views = view_mask(node);
  if (!indicator.words.empty() && (indicator.views & ~kWordViews) != 0) {
    reject(object["in"], "words are looked for in executable, code and gpu_code only");
  }
  if (const auto node = object["confirm"]) indicator.confirm = scalar(node, "confirm");
  if (const auto node = object["validate"]) {
    indicator.validate = scalar(node, "validate");
    if (validator_by_name(indicator.validate) == nullptr) {
      reject(node, "there is no validator '" + indicator.validate + "'");
    }
  }
  if (const auto node = object["strength"]) {
    indicator.strength = one_of<Strength>(node, "strength",
                                          {{"strong", Strength::strong},
                                           {"supporting", Strength::supporting},
                                           {"weak", Strength::weak}});
  }
  indicator.hits = texts(need(object, "hits"), "hits");
  indicator.misses = texts(need(object, "misses"), "misses");
  if (!indicator.words.empty()) {
    for (std::vector<std::string>* list : {&indicator.hits, &indicator.misses}) {
      for (std::string& text : *list) text = word_bytes(object, text);
    }
  }
  return indicator;
}

}  // namespace minescan::match::yaml
