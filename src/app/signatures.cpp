#include "app/signatures.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/packs.h"
#include "base/printable.h"
#include "judge/judge.h"
#include "match/matcher.h"
#include "match/pack.h"
#include "report/words.h"

namespace minescan::app {
namespace {

namespace fs = std::filesystem;

// The record of one text seen as one view.
Result<Record> record_of(match::Matcher& matcher, const std::string& text, ViewKind view) {
  std::vector<match::Match> matches;
  auto words = matcher.words(view);
  MINESCAN_TRY(
      matcher.scan(as_bytes(text), view, 0, text.size(), matches, words ? &*words : nullptr));
  Record record;
  record.ledger = {.bytes = text.size(), .scanned = text.size(), .nodes = 1, .files = 1};
  for (const match::Match& match : matches) {
    Evidence evidence{.indicator = matcher.signatures().indicators()[match.indicator].id,
                      .trail = {{Step{Step::Kind::unit, "example"}}},
                      .view = view,
                      .offset = match.start,
                      .length = match.length};
    evidence.captures = match.captures;
    record.evidence.push_back(std::move(evidence));
  }
  if (words) {
    if (is_words(view)) match::Matcher::look_up_words(*words, as_bytes(text), 0);
    const auto& indicators = matcher.signatures().indicators();
    for (const match::WordMatch& match : words->finish(indicators)) {
      record.evidence.push_back({.indicator = indicators[match.indicator].id,
                                 .trail = {{Step{Step::Kind::unit, "example"}}},
                                 .view = view,
                                 .offset = match.offset});
    }
  }
  return record;
}

// The same of all views of an example.
Result<Record> record_of(match::Matcher& matcher, const match::RuleExample& example) {
  MINESCAN_TRY_ASSIGN(Record record, record_of(matcher, example.text, example.view));
  for (const match::RuleExample& more : example.with) {
    MINESCAN_TRY_ASSIGN(Record further, record_of(matcher, more.text, more.view));
    record.evidence.insert(record.evidence.end(), further.evidence.begin(), further.evidence.end());
  }
  return record;
}

Result<bool> seen(match::Matcher& matcher, const match::Indicator& indicator,
                  const std::string& text) {
  std::size_t kind = 0;
  // Without `in:` an example is a text.
  if (indicator.views == kAllViews) {
    kind = static_cast<std::size_t>(ViewKind::text);
  } else {
    while ((indicator.views & view_bit(static_cast<ViewKind>(kind))) == 0) ++kind;
  }
  MINESCAN_TRY_ASSIGN(const Record record, record_of(matcher, text, static_cast<ViewKind>(kind)));
  return std::any_of(record.evidence.begin(), record.evidence.end(),
                     [&](const Evidence& e) { return e.indicator == indicator.id; });
}

Result<bool> fires(match::Matcher& matcher, const Rule& rule, const match::RuleExample& example) {
  std::vector<Record> records;
  MINESCAN_TRY_ASSIGN(Record record, record_of(matcher, example));
  records.push_back(std::move(record));
  Artifact artifact{.kind = Artifact::Kind::package, .name = "example"};
  artifact.units.push_back({.kind = Unit::Kind::file, .name = "example"});
  const Report report =
      judge::judge(std::move(artifact), records, {}, matcher.signatures(), judge::Policy{});
  return std::any_of(report.findings.begin(), report.findings.end(), [&](const Finding& finding) {
    // A superseding rule says the same with more: the example still proves this one's condition.
    if (finding.rule->id == rule.id) return true;
    const auto& less = finding.rule->supersedes;
    return std::find(less.begin(), less.end(), rule.id) != less.end();
  });
}

Result<bool> holds(match::Matcher& matcher, const Context& context,
                   const match::RuleExample& example) {
  std::vector<Record> records;
  MINESCAN_TRY_ASSIGN(Record record, record_of(matcher, example));
  records.push_back(std::move(record));
  Artifact artifact{.kind = Artifact::Kind::package, .name = "example"};
  artifact.units.push_back({.kind = Unit::Kind::file, .name = "example"});
  const auto ids = judge::contexts_in(artifact, records, matcher.signatures());
  return std::find(ids.begin(), ids.end(), context.id) != ids.end();
}

std::string failure(const std::string& where, const std::string& id, bool should_hit,
                    const std::string& text) {
  return where + ": '" + id + "' " + (should_hit ? "misses its hit: " : "hits its miss: ") +
         text.substr(0, 120);
}

int list(const match::SignatureSet& signatures) {
  for (const match::RuleSource& source : signatures.rules()) {
    std::printf("%s  %-7s  %-14s  %s\n", source.rule.id.c_str(),
                std::string(level_name(source.rule.level)).c_str(), source.rule.class_name.c_str(),
                printable(source.rule.title).c_str());
  }
  for (const match::ContextSource& source : signatures.contexts()) {
    std::printf("%-36s  %-10s  %s\n", source.context.id.c_str(), "context",
                printable(source.context.title).c_str());
  }
  for (const match::Indicator& indicator : signatures.indicators()) {
    std::printf("%-36s  %-10s  %s\n", indicator.id.c_str(),
                std::string(match::strength_name(indicator.strength)).c_str(),
                printable(indicator.where).c_str());
  }
  std::printf("%zu rules, %zu indicators, %s%s\n", signatures.rules().size(),
              signatures.indicators().size(), signatures.digest().c_str(),
              signatures.pack() ? (", " + report::pack_text(*signatures.pack())).c_str() : "");
  return 0;
}

std::string condition_text(const Condition& condition) {
  if (condition.kind == Condition::Kind::indicator) return condition.indicator;
  std::string parts;
  for (const Condition& part : condition.parts) {
    parts += (parts.empty() ? "" : ", ") + condition_text(part);
  }
  switch (condition.kind) {
    case Condition::Kind::all:
      return "all of (" + parts + ")";
    case Condition::Kind::any:
      return "any of (" + parts + ")";
    case Condition::Kind::none:
      return "none of (" + parts + ")";
    default:
      return "at least " + std::to_string(condition.number) + " of (" + parts + ")";
  }
}

}  // namespace

Result<std::vector<match::SignatureFile>> read_signatures(const std::string& directory) {
  std::error_code error;
  if (!fs::is_directory(directory, error)) {
    return fail(Code::usage, "the signature directory '" + directory + "' does not exist");
  }
  std::vector<match::SignatureFile> files;
  fs::recursive_directory_iterator it(directory, error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (!it->is_regular_file() || it->path().extension() != ".yaml") continue;
    std::ifstream in(it->path(), std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return fail(Code::io, "cannot read '" + it->path().string() + "'");
    files.push_back({fs::relative(it->path(), directory).string(), text.str()});
  }
  if (error) return fail(Code::io, "cannot read '" + directory + "': " + error.message());
  if (files.empty()) {
    return fail(Code::usage, "no signatures are enabled: '" + directory + "' holds no *.yaml file");
  }
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return files;
}

Result<int> show_signature(const match::SignatureSet& signatures, const std::string& id) {
  for (const match::RuleSource& source : signatures.rules()) {
    const Rule& rule = source.rule;
    if (rule.id != id) continue;
    std::printf("%s %s (%s, confidence %s)\n%s\n\n%s\n\nFires on: %s, within one %s.\n\n%s\n\n",
                rule.id.c_str(), rule.name.c_str(), std::string(level_name(rule.level)).c_str(),
                std::string(confidence_name(rule.confidence)).c_str(),
                printable(rule.title).c_str(), printable(rule.description).c_str(),
                condition_text(rule.when).c_str(), std::string(scope_name(rule.scope)).c_str(),
                printable(rule.help).c_str());
    for (const std::string& reference : rule.references) {
      std::printf("See %s\n", printable(reference).c_str());
    }
    std::printf("ATT&CK %s; defined at %s\n", rule.attack.c_str(), printable(source.where).c_str());
    return 0;
  }
  for (const match::ContextSource& source : signatures.contexts()) {
    const Context& context = source.context;
    if (context.id != id) continue;
    std::string classes;
    for (const std::string& name : context.classes) {
      classes += (classes.empty() ? "" : ", ") + name;
    }
    std::printf("%s: %s\nHolds on: %s, within one %s.\nLowers %s to %s.\nDefined at %s\n",
                context.id.c_str(), printable(context.title).c_str(),
                condition_text(context.when).c_str(),
                std::string(scope_name(context.scope)).c_str(),
                classes.empty() ? "every class" : classes.c_str(),
                std::string(level_name(context.to)).c_str(), printable(source.where).c_str());
    return 0;
  }
  for (const match::Indicator& indicator : signatures.indicators()) {
    if (indicator.id != id) continue;
    std::printf("%s (%s), defined at %s\n", indicator.id.c_str(),
                std::string(match::strength_name(indicator.strength)).c_str(),
                printable(indicator.where).c_str());
    for (const match::Pattern& pattern : indicator.patterns) {
      std::printf("  matches  %s\n", printable(pattern.regex).c_str());
    }
    if (!indicator.words.empty()) {
      std::printf("  at least %u of %zu words\n", indicator.least_words, indicator.words.size());
    }
    if (!indicator.confirm.empty())
      std::printf("  confirm  %s\n", printable(indicator.confirm).c_str());
    if (!indicator.validate.empty()) std::printf("  validate %s\n", indicator.validate.c_str());
    return 0;
  }
  return fail(Code::usage, "there is no rule, context or indicator '" + id +
                               "'; minescan signatures list shows all");
}

Result<std::shared_ptr<const match::SignatureSet>> load_signatures(const Options& options) {
  const bool alone = !options.signatures_only.empty();
  const match::Examples examples = wanted_examples(options);
  const std::string& path = alone ? options.signatures_only : options.signatures_added;
  const bool signed_wanted = !options.signature_keys.empty() || options.signatures_least != 0;
  if (path.empty() && signed_wanted) {
    return fail(Code::usage,
                "--signature-key and --signatures-min-version are about a signature pack; name it "
                "with --signatures or --signatures-only");
  }
  std::error_code error;
  if (!path.empty() && fs::is_directory(path, error)) {
    // Whoever says who must have signed them would not get that.
    if (signed_wanted) {
      return fail(Code::usage, "'" + path +
                                   "' is a directory, which nobody signs; make a signature pack of "
                                   "it with minescan signatures build");
    }
    MINESCAN_TRY_ASSIGN(const auto files, read_signatures(path));
    if (alone) return match::SignatureSet::compile(files);
    MINESCAN_TRY_ASSIGN(const auto built_in,
                        match::SignatureSet::from_pack(match::built_in_pack(), examples));
    return match::SignatureSet::extend(*built_in, files);
  }
  if (!path.empty() && !fs::exists(path, error) && !error) {
    return fail(Code::usage, "the directory or pack of signatures '" + path + "' does not exist");
  }
  if (!path.empty()) return load_pack(options, path);
  return match::SignatureSet::from_pack(match::built_in_pack(), examples);
}

Result<std::vector<std::string>> failing_examples(
    const std::shared_ptr<const match::SignatureSet>& signatures) {
  MINESCAN_TRY_ASSIGN(const auto matcher, match::Matcher::create(signatures));
  std::vector<std::string> failures;
  for (const match::Indicator& indicator : signatures->indicators()) {
    for (const bool should : {true, false}) {
      for (const std::string& text : should ? indicator.hits : indicator.misses) {
        MINESCAN_TRY_ASSIGN(const bool did, seen(*matcher, indicator, text));
        if (did != should) failures.push_back(failure(indicator.where, indicator.id, should, text));
      }
    }
  }
  for (const match::RuleSource& source : signatures->rules()) {
    for (const bool should : {true, false}) {
      for (const match::RuleExample& example : should ? source.hits : source.misses) {
        MINESCAN_TRY_ASSIGN(const bool did, fires(*matcher, source.rule, example));
        if (did != should) {
          failures.push_back(failure(source.where, source.rule.id, should, example.text));
        }
      }
    }
  }
  for (const match::ContextSource& source : signatures->contexts()) {
    for (const bool should : {true, false}) {
      for (const match::RuleExample& example : should ? source.hits : source.misses) {
        MINESCAN_TRY_ASSIGN(const bool did, holds(*matcher, source.context, example));
        if (did != should) {
          failures.push_back(failure(source.where, source.context.id, should, example.text));
        }
      }
    }
  }
  return failures;
}

Result<int> run_signatures(const Options& options) {
  if (options.command == Command::signatures_build) return run_signatures_build(options);
  if (options.command == Command::signatures_keygen) return run_signatures_keygen(options);
  MINESCAN_TRY_ASSIGN(const auto signatures, load_signatures(options));
  if (options.command == Command::signatures_list) return list(*signatures);
  if (options.command == Command::signatures_show)
    return show_signature(*signatures, options.target);
  MINESCAN_TRY_ASSIGN(const auto failures, failing_examples(signatures));
  for (const std::string& line : failures) std::printf("%s\n", printable(line).c_str());
  std::printf("%zu rules and %zu indicators: %zu examples fail\n", signatures->rules().size(),
              signatures->indicators().size(), failures.size());
  return failures.empty() ? 0 : 1;
}

}  // namespace minescan::app
