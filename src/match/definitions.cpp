#include "match/definitions.h"

namespace minescan::match {
namespace {

// Texts are bytes (examples and patterns may hold any), so they travel as CBOR byte strings.
Json bytes(const std::string& text) {
  return Json::binary(std::vector<std::uint8_t>(text.begin(), text.end()));
}
std::string text(const Json& json) {
  const auto& binary = json.get_binary();
  return {binary.begin(), binary.end()};
}

Json list(const std::vector<std::string>& texts) {
  Json json = Json::array();
  for (const std::string& item : texts) json.push_back(bytes(item));
  return json;
}
std::vector<std::string> list(const Json& json) {
  std::vector<std::string> texts;
  for (const Json& item : json) texts.push_back(text(item));
  return texts;
}

Json of(const Indicator& indicator) {
  Json patterns = Json::array();
  for (const Pattern& p : indicator.patterns) {
    patterns.push_back({bytes(p.regex), p.literal, p.least, p.widest, static_cast<int>(p.run)});
  }
  return {{"id", bytes(indicator.id)},
          {"patterns", patterns},
          {"caseless", indicator.caseless},
          {"views", indicator.views},
          {"confirm", bytes(indicator.confirm)},
          {"validate", bytes(indicator.validate)},
          {"strength", static_cast<int>(indicator.strength)},
          {"hits", list(indicator.hits)},
          {"misses", list(indicator.misses)},
          {"where", bytes(indicator.where)}};
}

Indicator indicator_of(const Json& json) {
  Indicator indicator;
  indicator.id = text(json.at("id"));
  for (const Json& p : json.at("patterns")) {
    Pattern pattern;
    pattern.regex = text(p.at(0));
    pattern.literal = p.at(1).get<std::uint32_t>();
    pattern.least = p.at(2).get<std::uint32_t>();
    pattern.widest = p.at(3).get<std::uint32_t>();
    pattern.run = static_cast<Alphabet>(p.at(4).get<int>());
    indicator.patterns.push_back(std::move(pattern));
  }
  indicator.caseless = json.at("caseless").get<bool>();
  indicator.views = json.at("views").get<ViewMask>();
  indicator.confirm = text(json.at("confirm"));
  indicator.validate = text(json.at("validate"));
  indicator.strength = static_cast<Strength>(json.at("strength").get<int>());
  indicator.hits = list(json.at("hits"));
  indicator.misses = list(json.at("misses"));
  indicator.where = text(json.at("where"));
  return indicator;
}

Json of(const Condition& condition) {
  Json parts = Json::array();
  for (const Condition& part : condition.parts) parts.push_back(of(part));
  return {static_cast<int>(condition.kind), bytes(condition.indicator), condition.number, parts};
}

// A pack is made by this program's build, so its nesting is that of the loader.
Condition condition_of(const Json& json) {
  Condition condition;
  condition.kind = static_cast<Condition::Kind>(json.at(0).get<int>());
  condition.indicator = text(json.at(1));
  condition.number = json.at(2).get<std::uint32_t>();
  for (const Json& part : json.at(3)) condition.parts.push_back(condition_of(part));
  return condition;
}

Json of(const std::vector<RuleExample>& examples) {
  Json json = Json::array();
  for (const RuleExample& e : examples) json.push_back({bytes(e.text), static_cast<int>(e.view)});
  return json;
}

std::vector<RuleExample> examples_of(const Json& json) {
  std::vector<RuleExample> examples;
  for (const Json& e : json) {
    RuleExample example;
    example.text = text(e.at(0));
    example.view = static_cast<ViewKind>(e.at(1).get<int>());
    examples.push_back(std::move(example));
  }
  return examples;
}

Json of(const RuleSource& source) {
  const Rule& rule = source.rule;
  return {{"id", bytes(rule.id)},
          {"name", bytes(rule.name)},
          {"title", bytes(rule.title)},
          {"description", bytes(rule.description)},
          {"class", bytes(rule.class_name)},
          {"family", bytes(rule.family)},
          {"level", static_cast<int>(rule.level)},
          {"confidence", static_cast<int>(rule.confidence)},
          {"scope", static_cast<int>(rule.scope)},
          {"within", rule.within},
          {"views", rule.views},
          {"when", of(rule.when)},
          {"help", bytes(rule.help)},
          {"references", list(rule.references)},
          {"attack", bytes(rule.attack)},
          {"supersedes", list(rule.supersedes)},
          {"hits", of(source.hits)},
          {"misses", of(source.misses)},
          {"where", bytes(source.where)}};
}

RuleSource rule_of(const Json& json) {
  RuleSource source;
  Rule& rule = source.rule;
  rule.id = text(json.at("id"));
  rule.name = text(json.at("name"));
  rule.title = text(json.at("title"));
  rule.description = text(json.at("description"));
  rule.class_name = text(json.at("class"));
  rule.family = text(json.at("family"));
  rule.level = static_cast<Level>(json.at("level").get<int>());
  rule.confidence = static_cast<Confidence>(json.at("confidence").get<int>());
  rule.scope = static_cast<Scope>(json.at("scope").get<int>());
  rule.within = json.at("within").get<std::uint64_t>();
  rule.views = json.at("views").get<ViewMask>();
  rule.when = condition_of(json.at("when"));
  rule.help = text(json.at("help"));
  rule.references = list(json.at("references"));
  rule.attack = text(json.at("attack"));
  rule.supersedes = list(json.at("supersedes"));
  source.hits = examples_of(json.at("hits"));
  source.misses = examples_of(json.at("misses"));
  source.where = text(json.at("where"));
  return source;
}

}  // namespace

Json to_json(const std::vector<Indicator>& indicators, const std::vector<RuleSource>& rules) {
  Json json = {{"indicators", Json::array()}, {"rules", Json::array()}};
  for (const Indicator& indicator : indicators) json["indicators"].push_back(of(indicator));
  for (const RuleSource& source : rules) json["rules"].push_back(of(source));
  return json;
}

Result<void> from_json(const Json& json, std::vector<Indicator>& indicators,
                       std::vector<RuleSource>& rules) {
  try {
    for (const Json& item : json.at("indicators")) indicators.push_back(indicator_of(item));
    for (const Json& item : json.at("rules")) rules.push_back(rule_of(item));
  } catch (const Json::exception&) {
    return fail(Code::corrupt, "the signature pack is damaged");
  }
  return {};
}

}  // namespace minescan::match
