#include "match/definitions.h"

#include "base/wire.h"

namespace minescan::match {
namespace {

// The loader refuses deeper conditions, so a pack holds none.
constexpr int kDeepestCondition = 17;

void write_texts(WireWriter& out, const std::vector<std::string>& texts) {
  out.list(texts, [&](const std::string& text) { out.text(text); });
}

std::vector<std::string> read_texts(WireReader& in) {
  std::vector<std::string> texts;
  in.list([&] { texts.push_back(in.text()); });
  return texts;
}

template <class Enum>
void write_enum(WireWriter& out, Enum value) {
  out.number(static_cast<std::uint64_t>(value));
}

// `last` is the enumeration's last value.
template <class Enum>
Enum read_enum(WireReader& in, Enum last) {
  return static_cast<Enum>(in.number_below(static_cast<std::uint64_t>(last) + 1));
}

void write(WireWriter& out, const Indicator& indicator) {
  out.text(indicator.id);
  out.list(indicator.patterns, [&](const Pattern& pattern) {
    out.text(pattern.regex);
    write_enum(out, pattern.run);
    out.number(pattern.most);
    out.number(pattern.literal);
    out.number(pattern.least);
    out.number(pattern.widest);
  });
  out.list(indicator.words, [&](const Word& word) {
    out.number(word.value);
    out.number(word.wide ? 1 : 0);
  });
  out.number(indicator.least_words);
  out.number(indicator.caseless ? 1 : 0);
  out.number(indicator.views);
  out.text(indicator.confirm);
  out.number(indicator.confirm_widest);
  out.text(indicator.validate);
  write_enum(out, indicator.strength);
  out.text(indicator.where);
}

Pattern read_pattern(WireReader& in) {
  Pattern pattern;
  pattern.regex = in.text();
  pattern.run = read_enum(in, kLastAlphabet);
  pattern.most = static_cast<std::uint32_t>(in.number_below(kReach + 1));
  pattern.literal = static_cast<std::uint32_t>(in.number_below(kReach + 1));
  pattern.least = static_cast<std::uint32_t>(in.number_below(kReach + 1));
  pattern.widest = static_cast<std::uint32_t>(in.number_below(kReach + 1));
  return pattern;
}

Indicator read_indicator(WireReader& in) {
  Indicator indicator;
  indicator.id = in.text();
  in.list([&] { indicator.patterns.push_back(read_pattern(in)); });
  in.list([&] {
    const std::uint64_t value = in.number();
    indicator.words.push_back({value, in.number_below(2) != 0});
  });
  indicator.least_words = static_cast<std::uint32_t>(in.number_below(kMostWords + 1));
  indicator.caseless = in.number_below(2) != 0;
  indicator.views = static_cast<ViewMask>(in.number_below(kAllViews + 1));
  indicator.confirm = in.text();
  indicator.confirm_widest = static_cast<std::uint32_t>(in.number_below(kReach + 1));
  indicator.validate = in.text();
  indicator.strength = read_enum(in, Strength::strong);
  indicator.where = in.text();
  return indicator;
}

void write(WireWriter& out, const Condition& condition) {
  write_enum(out, condition.kind);
  out.text(condition.indicator);
  out.number(condition.number);
  out.list(condition.parts, [&](const Condition& part) { write(out, part); });
}

Condition read_condition(WireReader& in, int depth) {
  Condition condition;
  if (depth > kDeepestCondition) in.fail();
  condition.kind = read_enum(in, Condition::Kind::none);
  condition.indicator = in.text();
  condition.number = static_cast<std::uint32_t>(in.number_below(1'000'000));
  in.list([&] { condition.parts.push_back(read_condition(in, depth + 1)); });
  return condition;
}

void write(WireWriter& out, const Distinct& distinct) {
  out.text(distinct.capture);
  out.number(distinct.at_least);
}

Distinct read_distinct(WireReader& in) {
  Distinct distinct;
  distinct.capture = in.text();
  distinct.at_least = static_cast<std::uint32_t>(in.number_below(1'000'000));
  return distinct;
}

void write(WireWriter& out, const std::vector<RuleExample>& examples) {
  out.list(examples, [&](const RuleExample& example) {
    out.text(example.text);
    write_enum(out, example.view);
    write(out, example.with);
  });
}

std::vector<RuleExample> read_rule_examples(WireReader& in, bool nested = false) {
  std::vector<RuleExample> examples;
  in.list([&] {
    RuleExample example;
    example.text = in.text();
    example.view = read_enum(in, kLastView);
    if (!nested) {
      example.with = read_rule_examples(in, true);
    } else if (in.number() != 0) {
      in.fail();
    }
    examples.push_back(std::move(example));
  });
  return examples;
}

void write(WireWriter& out, const RuleSource& source) {
  const Rule& rule = source.rule;
  for (const std::string* text : {&rule.id, &rule.name, &rule.title, &rule.description,
                                  &rule.class_name, &rule.family, &rule.help, &rule.attack}) {
    out.text(*text);
  }
  write_enum(out, rule.level);
  write_enum(out, rule.confidence);
  write_enum(out, rule.scope);
  out.number(rule.within);
  out.number(rule.views);
  write(out, rule.when);
  out.text(rule.same);
  write(out, rule.distinct);
  out.number(rule.files);
  write_texts(out, rule.despite);
  write_texts(out, rule.references);
  write_texts(out, rule.supersedes);
  out.text(source.where);
}

RuleSource read_rule(WireReader& in) {
  RuleSource source;
  Rule& rule = source.rule;
  for (std::string* text : {&rule.id, &rule.name, &rule.title, &rule.description, &rule.class_name,
                            &rule.family, &rule.help, &rule.attack}) {
    *text = in.text();
  }
  rule.level = read_enum(in, Level::error);
  rule.confidence = read_enum(in, Confidence::high);
  rule.scope = read_enum(in, Scope::artifact);
  rule.within = in.number();
  rule.views = static_cast<ViewMask>(in.number_below(kAllViews + 1));
  rule.when = read_condition(in, 1);
  rule.same = in.text();
  rule.distinct = read_distinct(in);
  rule.files = static_cast<std::uint32_t>(in.number_below(1'000'000));
  rule.despite = read_texts(in);
  rule.references = read_texts(in);
  rule.supersedes = read_texts(in);
  source.where = in.text();
  return source;
}

void write(WireWriter& out, const ContextSource& source) {
  const Context& context = source.context;
  out.text(context.id);
  out.text(context.title);
  write_enum(out, context.scope);
  out.number(context.views);
  write(out, context.when);
  write(out, context.distinct);
  write_texts(out, context.classes);
  write_enum(out, context.to);
  out.text(source.where);
}

ContextSource read_context(WireReader& in) {
  ContextSource source;
  Context& context = source.context;
  context.id = in.text();
  context.title = in.text();
  context.scope = read_enum(in, Scope::artifact);
  context.views = static_cast<ViewMask>(in.number_below(kAllViews + 1));
  context.when = read_condition(in, 1);
  context.distinct = read_distinct(in);
  context.classes = read_texts(in);
  context.to = read_enum(in, Level::error);
  source.where = in.text();
  return source;
}

}  // namespace

std::string write_definitions(const Definitions& definitions) {
  WireWriter out;
  out.list(definitions.indicators, [&](const Indicator& indicator) { write(out, indicator); });
  out.list(definitions.rules, [&](const RuleSource& source) { write(out, source); });
  out.list(definitions.contexts, [&](const ContextSource& source) { write(out, source); });
  return out.take();
}

std::string write_examples(const Definitions& definitions) {
  WireWriter out;
  out.list(definitions.indicators, [&](const Indicator& indicator) {
    write_texts(out, indicator.hits);
    write_texts(out, indicator.misses);
  });
  const auto write_both = [&](const auto& source) {
    write(out, source.hits);
    write(out, source.misses);
  };
  out.list(definitions.rules, write_both);
  out.list(definitions.contexts, write_both);
  return out.take();
}

Result<Definitions> read_definitions(ByteView bytes) {
  Definitions definitions;
  WireReader in(bytes);
  in.list([&] { definitions.indicators.push_back(read_indicator(in)); });
  in.list([&] { definitions.rules.push_back(read_rule(in)); });
  in.list([&] { definitions.contexts.push_back(read_context(in)); });
  if (!in.at_end()) return fail(Code::corrupt, "the signature pack is damaged");
  return definitions;
}

Result<void> read_examples(ByteView bytes, Definitions& definitions) {
  WireReader in(bytes);
  // Calls read(item) for as many as there are.
  const auto list = [&](auto& items, const auto& read) {
    if (in.number() != items.size()) in.fail();
    for (auto& item : items) {
      if (in.good()) read(item);
    }
  };
  list(definitions.indicators, [&](Indicator& indicator) {
    indicator.hits = read_texts(in);
    indicator.misses = read_texts(in);
  });
  const auto read_both = [&](auto& source) {
    source.hits = read_rule_examples(in);
    source.misses = read_rule_examples(in);
  };
  list(definitions.rules, read_both);
  list(definitions.contexts, read_both);
  if (!in.at_end()) return fail(Code::corrupt, "the signature pack is damaged");
  return {};
}

}  // namespace minescan::match
