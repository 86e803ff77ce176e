// Rules as SARIF reportingDescriptors.  GitHub requires id, short and full description and help;
// security-severity and precision order the alerts there.
#include <array>

#include "base/printable.h"
#include "report/sarif_parts.h"

namespace minescan::report::sarif {
namespace {

// GitHub refuses longer descriptions.
constexpr std::size_t kLongestDescription = 1024;

std::string_view precision(const Rule& rule) {
  switch (rule.confidence) {
    case Confidence::high:
      return rule.level == Level::error ? "very-high" : "high";
    case Confidence::medium:
      return "medium";
    case Confidence::low:
      return "low";
  }
  return "medium";
}

std::string_view problem_severity(const Rule& rule) {
  return rule.level == Level::note ? "recommendation" : level_name(rule.level);
}

std::string sentence(std::string_view text, const Rule& rule) {
  // Some room for the mark of a cut and the full stop.
  std::string line =
      printable(text.empty() ? std::string_view(rule.title) : text, kLongestDescription - 16);
  if (line.empty()) line = printable(rule.id, 80);
  if (!line.ends_with('.')) line += '.';
  return line;
}

std::string markdown(const Rule& rule) {
  std::string text = sentence(rule.help, rule);
  for (const std::string& reference : rule.references) {
    text += "\n\n* <" + printable(reference, 2048) + ">";
  }
  return text;
}

std::string help_uri(const Rule& rule) {
  for (const std::string& reference : rule.references) {
    if (is_plain_url(reference)) return reference;
  }
  return std::string(kHomePage);
}

Json tags(const Rule& rule) {
  Json tags = {"security", "cryptomining"};
  const auto add = [&](const std::string& prefix, const std::string& text) {
    if (!text.empty()) tags.push_back(prefix + printable(text, 80));
  };
  add("", rule.class_name);
  if (rule.family != rule.class_name) add("", rule.family);
  add("external/attack/", rule.attack);
  // CWE-506: embedded malicious code.
  if (rule.level == Level::error) add("", "external/cwe/cwe-506");
  return tags;
}

Json rule_json(const Rule& rule, Level level) {
  Json json = {{"id", printable(rule.id, 80)}};
  if (!rule.name.empty() && rule.name != rule.id) json["name"] = printable(rule.name, 200);
  json["shortDescription"] = {{"text", sentence(rule.title, rule)}};
  json["fullDescription"] = {{"text", sentence(rule.description, rule)}};
  json["help"] = {{"text", sentence(rule.help, rule)}, {"markdown", markdown(rule)}};
  json["helpUri"] = help_uri(rule);
  json["defaultConfiguration"] = {{"level", level_name(rule.level)}};
  Json properties;
  properties["tags"] = tags(rule);
  properties["precision"] = precision(rule);
  properties["problem.severity"] = problem_severity(rule);
  properties["security-severity"] = security_severity(level, rule.confidence);
  json["properties"] = std::move(properties);
  return json;
}

}  // namespace

bool is_plain_url(std::string_view text) {
  const bool plain = text.find_first_not_of(
                         "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                         "-._~:/?#@!$&'()*+,;=%") == std::string_view::npos;
  return plain && (text.starts_with("https://") || text.starts_with("http://"));
}

std::string_view security_severity(Level level, Confidence confidence) {
  // By level, then confidence (low, medium, high).  GitHub reads 9.0 and more as critical, 7.0 as
  // high, 4.0 as medium, less as low.
  static constexpr std::array<std::array<std::string_view, 3>, 3> kSeverity = {
      {{"2.0", "3.0", "3.5"}, {"5.0", "6.5", "6.9"}, {"7.5", "8.6", "9.8"}}};
  return kSeverity.at(static_cast<std::size_t>(level)).at(static_cast<std::size_t>(confidence));
}

Json rules(const std::vector<const Rule*>& rules, const Levels& found) {
  Json json = Json::array();
  for (const Rule* rule : rules) {
    const auto level = found.find(rule);
    json.push_back(rule_json(*rule, level == found.end() ? rule->level : level->second));
  }
  return json;
}

}  // namespace minescan::report::sarif
