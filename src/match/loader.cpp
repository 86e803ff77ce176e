#include "match/loader.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>

#include "match/validators.h"
#include "match/words.h"

namespace minescan::match {
namespace {

// A condition of a rule nests in YAML; honest ones are two or three levels.
constexpr int kDeepestCondition = 16;
constexpr std::size_t kLargestFile = std::size_t{16} << 20;
constexpr std::size_t kLongestPattern = 4096;  // bytes of the expression

// Raised inside this file only, to leave nested YAML with a place and a reason; load() turns it
// into an Error.  yaml-cpp itself reports by exceptions, so there is one catch either way.
struct Problem {
  int line;
  std::string what;
};

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

bool is_id(std::string_view id) {
  return !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

bool is_rule_id(std::string_view id) {
  // As SARIF2009 wants ids; MSN is minescan's own, other letters are for others' rules.
  const std::size_t letters = id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  return letters >= 2 && letters <= 8 && letters + 4 == id.size() &&
         id.find_first_not_of("0123456789", letters) == std::string_view::npos;
}

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

// Examples of words are words: what they are in a program's bytes.
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

Condition condition_of(const YAML::Node& node, int depth) {
  if (depth > kDeepestCondition) reject(node, "'when' is nested deeper than 16 levels");
  if (node.IsScalar()) {
    return {.kind = Condition::Kind::indicator, .indicator = scalar(node, "when")};
  }
  if (!node.IsMap() || node.size() != 1) {
    reject(node, "a condition is an indicator's id or one of all, any, none, at_least");
  }
  const auto& pair = *node.begin();
  const std::string key = scalar(pair.first, "when");
  YAML::Node parts = pair.second;
  Condition condition;
  if (key == "all") {
    condition.kind = Condition::Kind::all;
  } else if (key == "any") {
    condition.kind = Condition::Kind::any;
  } else if (key == "none") {
    condition.kind = Condition::Kind::none;
  } else if (key == "at_least") {
    condition.kind = Condition::Kind::at_least;
    if (!parts.IsMap()) reject(parts, "'at_least' is {of: NUMBER, from: [indicators]}");
    check_keys(parts, {"of", "from"});
    if (!YAML::convert<std::uint32_t>::decode(need(parts, "of"), condition.number)) {
      reject(parts, "'of' must be a number");
    }
    parts.reset(need(pair.second, "from"));
  } else {
    reject(pair.first, "unknown condition '" + key + "'; use all, any, none or at_least");
  }
  if (!parts.IsSequence() || parts.size() == 0) reject(pair.first, "'" + key + "' needs a list");
  for (const auto& part : parts) condition.parts.push_back(condition_of(part, depth + 1));
  if (condition.kind == Condition::Kind::at_least) {
    if (condition.number < 1 || condition.number > condition.parts.size()) {
      reject(pair.first, "'of' must be from 1 to the number of indicators listed");
    }
    for (const Condition& part : condition.parts) {
      if (part.kind != Condition::Kind::indicator) {
        reject(pair.first, "'at_least' lists indicators only");
      }
    }
  }
  return condition;
}

// Whether the condition can hold only when something was seen.
bool needs_evidence(const Condition& condition) {
  switch (condition.kind) {
    case Condition::Kind::indicator:
    case Condition::Kind::at_least:
      return true;
    case Condition::Kind::none:
      return false;
    case Condition::Kind::all:
      return std::any_of(condition.parts.begin(), condition.parts.end(), needs_evidence);
    case Condition::Kind::any:
      return std::all_of(condition.parts.begin(), condition.parts.end(), needs_evidence);
  }
  return false;
}

ViewKind first_view(ViewMask mask, ViewKind otherwise) {
  if (mask == kAllViews) return otherwise;
  for (std::size_t i = 0; i < kViewKinds; ++i) {
    if ((mask & view_bit(static_cast<ViewKind>(i))) != 0) return static_cast<ViewKind>(i);
  }
  return otherwise;
}

RuleExample example_of(const YAML::Node& item, std::string_view key, ViewMask views, bool nested) {
  RuleExample example{.text = {}, .view = first_view(views, ViewKind::text)};
  if (!item.IsMap()) {
    example.text = scalar(item, key);
    return example;
  }
  check_keys(item, {"in", "text", "words", "with"});
  if (const auto text = item["text"]) example.text = scalar(text, "text");
  if (const auto words = item["words"]) {
    example.text.resize((example.text.size() + 3) & ~std::size_t{3});
    example.text += word_bytes(item, scalar(words, "words"));
  }
  if (example.text.empty()) reject(item, "an example has 'text', 'words' or both");
  if (const auto in = item["in"]) {
    const auto kind = view_by_name(scalar(in, "in"));
    if (!kind) reject(in, "'in' names no view kind");
    example.view = *kind;
  }
  if (const auto with = item["with"]) {
    if (nested || !with.IsSequence()) reject(with, "'with' is a list of further views");
    for (const auto& more : with) example.with.push_back(example_of(more, key, views, true));
  }
  return example;
}

std::vector<RuleExample> examples(const YAML::Node& node, std::string_view key, ViewMask views) {
  std::vector<RuleExample> list;
  if (!node.IsSequence() || node.size() == 0) {
    reject(node, "'" + std::string(key) + "' needs a list of examples");
  }
  for (const auto& item : node) list.push_back(example_of(item, key, views, false));
  return list;
}

// Sentences end with a full stop: SARIF's consumers require it.
std::string sentence(const YAML::Node& object, const char* key) {
  const YAML::Node node = need(object, key);
  std::string text = scalar(node, key);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  if (text.empty() || text.back() != '.') {
    reject(node, "'" + std::string(key) + "' must end with a full stop");
  }
  return text;
}

Distinct distinct_of(const YAML::Node& node) {
  if (!node.IsMap()) reject(node, "'distinct' is {capture: NAME, at_least: NUMBER}");
  check_keys(node, {"capture", "at_least"});
  Distinct distinct;
  distinct.capture = scalar(need(node, "capture"), "capture");
  if (!YAML::convert<std::uint32_t>::decode(need(node, "at_least"), distinct.at_least) ||
      distinct.at_least < 2 || distinct.at_least > 100 || distinct.capture.empty()) {
    // Of one indicator a file's first hundred hits are kept.
    reject(node, "'distinct' needs a capture and a number from 2 to 100");
  }
  return distinct;
}

Scope scope_of(const YAML::Node& node) {
  return one_of<Scope>(node, "scope",
                       {{"view", Scope::view},
                        {"file", Scope::file},
                        {"directory", Scope::directory},
                        {"artifact", Scope::artifact}});
}

void read_levels(const YAML::Node& object, Rule& rule) {
  rule.level =
      one_of<Level>(need(object, "level"), "level",
                    {{"error", Level::error}, {"warning", Level::warning}, {"note", Level::note}});
  rule.confidence = one_of<Confidence>(
      need(object, "confidence"), "confidence",
      {{"high", Confidence::high}, {"medium", Confidence::medium}, {"low", Confidence::low}});
  if (const auto node = object["scope"]) rule.scope = scope_of(node);
  if (const auto node = object["within"]) {
    if (!YAML::convert<std::uint64_t>::decode(node, rule.within)) {
      reject(node, "'within' must be a number of bytes");
    }
    if (rule.scope != Scope::view) reject(node, "'within' needs 'scope: view'");
  }
}

RuleSource rule_of(const YAML::Node& object, const std::string& file) {
  check_keys(object, {"rule",       "name",       "title", "description", "class",      "family",
                      "level",      "confidence", "scope", "within",      "in",         "when",
                      "same",       "distinct",   "files", "despite",     "supersedes", "help",
                      "references", "attack",     "hits",  "misses"});
  RuleSource source;
  Rule& rule = source.rule;
  source.where = file + ":" + std::to_string(line_of(object));
  rule.id = scalar(need(object, "rule"), "rule");
  if (!is_rule_id(rule.id)) {
    reject(object, "a rule's id is 2 to 8 capital letters and four digits: '" + rule.id + "'");
  }
  rule.name = scalar(need(object, "name"), "name");
  if (rule.name.empty() || std::isupper(static_cast<unsigned char>(rule.name[0])) == 0 ||
      !std::all_of(rule.name.begin(), rule.name.end(),
                   [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; })) {
    reject(object, "'name' must be in PascalCase");
  }
  rule.title = sentence(object, "title");
  rule.description = sentence(object, "description");
  rule.help = sentence(object, "help");
  rule.class_name = scalar(need(object, "class"), "class");
  if (const auto node = object["family"]) rule.family = scalar(node, "family");
  read_levels(object, rule);
  if (const auto node = object["in"]) rule.views = view_mask(node);
  rule.when = condition_of(need(object, "when"), 1);
  if (!needs_evidence(rule.when)) {
    reject(object, "'when' would hold where nothing was seen; add an indicator to it");
  }
  if (const auto node = object["same"]) {
    rule.same = scalar(node, "same");
    if (rule.same.empty()) reject(node, "'same' names a capture");
  }
  if (const auto node = object["distinct"]) rule.distinct = distinct_of(node);
  if (const auto node = object["files"]) {
    if (!YAML::convert<std::uint32_t>::decode(node, rule.files) || rule.files < 2 ||
        rule.files > 1000) {
      reject(node, "'files' must be a number from 2 to 1000");
    }
    if (rule.scope < Scope::directory) reject(node, "'files' needs scope directory or artifact");
  }
  if (const auto node = object["despite"]) rule.despite = texts(node, "despite");
  if (const auto node = object["supersedes"]) rule.supersedes = texts(node, "supersedes");
  rule.references = texts(need(object, "references"), "references");
  rule.attack = scalar(need(object, "attack"), "attack");
  source.hits = examples(need(object, "hits"), "hits", rule.views);
  source.misses = examples(need(object, "misses"), "misses", rule.views);
  return source;
}

ContextSource context_of(const YAML::Node& object, const std::string& file) {
  check_keys(object, {"context", "title", "scope", "in", "when", "distinct", "classes", "to",
                      "hits", "misses"});
  ContextSource source;
  Context& context = source.context;
  source.where = file + ":" + std::to_string(line_of(object));
  context.id = scalar(need(object, "context"), "context");
  if (!is_id(context.id)) {
    reject(object, "a context's id has only a-z, 0-9 and '-': '" + context.id + "'");
  }
  context.title = sentence(object, "title");
  if (const auto node = object["scope"]) {
    context.scope = scope_of(node);
    if (context.scope == Scope::view) reject(node, "a context's scope is a file or more");
  }
  // Without bounds a comment in a script could whiten it.
  context.views = view_mask(need(object, "in"));
  context.when = condition_of(need(object, "when"), 1);
  if (!needs_evidence(context.when)) {
    reject(object, "'when' would hold where nothing was seen; add an indicator to it");
  }
  if (const auto node = object["distinct"]) context.distinct = distinct_of(node);
  if (const auto node = object["classes"]) context.classes = texts(node, "classes");
  if (const auto node = object["to"]) {
    context.to = one_of<Level>(node, "to", {{"warning", Level::warning}, {"note", Level::note}});
  }
  source.hits = examples(need(object, "hits"), "hits", context.views);
  source.misses = examples(need(object, "misses"), "misses", context.views);
  return source;
}

void load_document(const YAML::Node& document, const std::string& file, Definitions& into) {
  if (document.IsNull()) return;
  if (!document.IsSequence()) {
    reject(document, "the file must be a list of indicators, rules and contexts");
  }
  for (const auto& object : document) {
    if (!object.IsMap()) reject(object, "an indicator, rule or context must be a map of keys");
    if (object["indicator"]) {
      into.indicators.push_back(indicator_of(object, file));
    } else if (object["rule"]) {
      into.rules.push_back(rule_of(object, file));
    } else if (object["context"]) {
      into.contexts.push_back(context_of(object, file));
    } else {
      reject(object, "neither 'indicator' nor 'rule' nor 'context'");
    }
  }
}

void collect(const Condition& condition, std::set<std::string>& ids) {
  if (condition.kind == Condition::Kind::indicator) ids.insert(condition.indicator);
  for (const Condition& part : condition.parts) collect(part, ids);
}

}  // namespace

Result<void> load(const SignatureFile& file, Definitions& definitions) {
  if (file.text.size() > kLargestFile) {
    return fail(Code::usage, file.name + ": a signature file may have at most 16 MiB");
  }
  try {
    load_document(YAML::Load(file.text), file.name, definitions);
  } catch (const Problem& problem) {
    return fail(Code::usage, file.name + ":" + std::to_string(problem.line) + ": " + problem.what);
  } catch (const YAML::Exception& e) {
    return fail(Code::usage,
                file.name + ":" + std::to_string(e.mark.line + 1) + ": not YAML: " + e.msg);
  }
  return {};
}

namespace {

using Ids = std::map<std::string, std::string>;  // id to where it is defined

Result<void> define(Ids& ids, std::string_view what, const std::string& id,
                    const std::string& where) {
  const auto [at, fresh] = ids.emplace(id, where);
  if (fresh) return {};
  return fail(Code::usage, where + ": the " + std::string(what) + " '" + id +
                               "' is already defined at " + at->second);
}

Result<void> check_condition(const Condition& condition, const std::string& subject,
                             const std::string& where, const Ids& indicators) {
  std::set<std::string> named;
  collect(condition, named);
  for (const std::string& id : named) {
    if (indicators.contains(id)) continue;
    return fail(Code::usage, where + ": the " + subject + " names the indicator '" + id +
                                 "', which does not exist");
  }
  return {};
}

}  // namespace

Result<void> check_references(const Definitions& definitions) {
  Ids indicators, rules, contexts;
  std::set<std::string> classes;
  for (const Indicator& indicator : definitions.indicators) {
    MINESCAN_TRY(define(indicators, "indicator", indicator.id, indicator.where));
  }
  for (const RuleSource& source : definitions.rules) {
    MINESCAN_TRY(define(rules, "rule", source.rule.id, source.where));
    classes.insert(source.rule.class_name);
  }
  for (const ContextSource& source : definitions.contexts) {
    const Context& context = source.context;
    const std::string subject = "context '" + context.id + "'";
    MINESCAN_TRY(define(contexts, "context", context.id, source.where));
    MINESCAN_TRY(check_condition(context.when, subject, source.where, indicators));
    for (const std::string& name : context.classes) {
      if (classes.contains(name)) continue;
      return fail(Code::usage, source.where + ": the " + subject + " lowers the class '" + name +
                                   "', which no rule has");
    }
  }
  for (const RuleSource& source : definitions.rules) {
    const Rule& rule = source.rule;
    const std::string subject = "rule '" + rule.id + "'";
    MINESCAN_TRY(check_condition(rule.when, subject, source.where, indicators));
    for (const std::string& id : rule.supersedes) {
      if (rules.contains(id)) continue;
      return fail(Code::usage, source.where + ": the " + subject + " supersedes '" + id +
                                   "', which does not exist");
    }
    for (const std::string& id : rule.despite) {
      if (contexts.contains(id) || id == kAnyContext) continue;
      return fail(Code::usage, source.where + ": the " + subject + " stands despite the context '" +
                                   id + "', which does not exist");
    }
  }
  return {};
}

}  // namespace minescan::match
