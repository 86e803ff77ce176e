#include "match/references.h"

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace minescan::match {
namespace {

using Ids = std::map<std::string, std::string>;  // id to where it is defined

void collect(const Condition& condition, std::set<std::string>& ids) {
  if (condition.kind == Condition::Kind::indicator) ids.insert(condition.indicator);
  for (const Condition& part : condition.parts) collect(part, ids);
}

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
