#include "match/yaml/rules.h"

#include <algorithm>
#include <cctype>

#include "match/yaml/indicators.h"
#include "match/yaml/values.h"

namespace minescan::match::yaml {
namespace {

// A condition of a rule nests in YAML; honest ones are two or three levels.
constexpr int kDeepestCondition = 16;

bool is_rule_id(std::string_view id) {
  // As SARIF2009 wants ids; MSN is minescan's own, other letters are for others' rules.
  const std::size_t letters = id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  return letters >= 2 && letters <= 8 && letters + 4 == id.size() &&
         id.find_first_not_of("0123456789", letters) == std::string_view::npos;
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

}  // namespace

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

}  // namespace minescan::match::yaml
