#include "match/signature_set.h"

#include <algorithm>

#include "base/digest.h"
#include "match/compiled.h"
#include "match/definitions.h"
#include "match/references.h"
#include "match/yaml/loader.h"

namespace minescan::match {

std::string_view strength_name(Strength strength) {
  switch (strength) {
    case Strength::weak:
      return "weak";
    case Strength::supporting:
      return "supporting";
    case Strength::strong:
      return "strong";
  }
  return "weak";
}

namespace {

using Seen = std::set<std::string_view>;

// Whether a condition may hold; `some` = as soon as one of its indicators was seen.
bool may_hold(const Condition& condition, const Seen& seen, bool some) {
  const auto holds = [&](const Condition& part) { return may_hold(part, seen, some); };
  const auto& parts = condition.parts;
  switch (condition.kind) {
    case Condition::Kind::indicator:
      return seen.contains(condition.indicator);
    case Condition::Kind::all:
      if (!some) return std::all_of(parts.begin(), parts.end(), holds);
      [[fallthrough]];
    case Condition::Kind::any:
      return std::any_of(parts.begin(), parts.end(), holds);
    case Condition::Kind::at_least:
      return std::count_if(parts.begin(), parts.end(), holds) >= (some ? 1 : condition.number);
    case Condition::Kind::none:
      return !some;
  }
  return true;
}

}  // namespace

RE2::Options regex_options(bool caseless) {
  RE2::Options options(RE2::Latin1);
  options.set_log_errors(false);
  options.set_dot_nl(true);
  options.set_case_sensitive(!caseless);
  return options;
}

const RE2* Confirmation::regex(const Indicator& indicator, const Pattern& pattern) const {
  if (indicator.confirm.empty() && pattern.literal != 0) return nullptr;
  std::call_once(once_, [&] {
    const std::string& text = indicator.confirm.empty() ? pattern.regex : indicator.confirm;
    regex_ = std::make_unique<const RE2>(text, regex_options(indicator.caseless));
  });
  return regex_.get();
}

std::size_t reach(const Indicator& indicator, const Pattern& pattern) {
  if (!indicator.confirm.empty()) return indicator.confirm_widest;
  return pattern.literal == 0 ? pattern.widest : 0;
}

Result<const hs_database_t*> LazyDatabase::get() const {
  std::call_once(once_, [this] {
    if (make_) database_ = make_();
  });
  if (!database_) return tl::unexpected(database_.error());
  return database_->get();
}

SignatureSet::SignatureSet() : compiled_(std::make_unique<Compiled>()) {}
SignatureSet::~SignatureSet() = default;

bool SignatureSet::may_hold(const std::set<std::string_view>& seen) const {
  return std::any_of(rules().begin(), rules().end(), [&](const RuleSource& source) {
    const bool wider = source.rule.scope > Scope::file;
    return match::may_hold(source.rule.when, seen, wider);
  });
}

Result<void> SignatureSet::finish(ByteView definitions) {
  digest_ = sha256(definitions);
  std::size_t confirmations = 0;
  for (const Indicator& indicator : indicators()) {
    compiled_->first_confirmation.push_back(confirmations);
    confirmations += indicator.confirm.empty() ? indicator.patterns.size() : 1;
    compiled_->validators.push_back(
        indicator.validate.empty() ? nullptr : validator_by_name(indicator.validate));
    if (!indicator.validate.empty() && compiled_->validators.back() == nullptr) {
      return fail(Code::corrupt, "the signatures need the validator '" + indicator.validate +
                                     "', which this program does not have");
    }
  }
  compiled_->confirmations = std::vector<Confirmation>(confirmations);
  compiled_->byte_words.set(indicators(), view_bit(ViewKind::executable), kTellingInBytes);
  compiled_->number_words.set(indicators(), kNumberViews, kTellingInCode);
  for (std::size_t group = 0; group < kGroups; ++group) {
    GroupDatabase& at = compiled_->groups[group];
    at.expressions = expressions(indicators(), group);
    at.first_run = at.expressions.size();
    const std::vector<Expression> more = runs(indicators(), group);
    at.expressions.insert(at.expressions.end(), more.begin(), more.end());
  }
  return {};
}

Result<std::shared_ptr<const SignatureSet>> SignatureSet::build(
    Definitions definitions, const std::optional<SignaturePack>& pack) {
  auto& indicators = definitions.indicators;
  if (indicators.empty() || definitions.rules.empty()) {
    return fail(Code::usage,
                "no signatures are enabled: at least one indicator and one rule are needed");
  }
  MINESCAN_TRY(check_references(definitions));
  MINESCAN_TRY(measure(indicators));
  for (const Indicator& indicator : indicators) {
    // RE2 must accept what Hyperscan did, or a hit could never be confirmed.
    std::vector<std::string> regexes;
    if (!indicator.confirm.empty()) {
      regexes.push_back(indicator.confirm);
    } else {
      for (const Pattern& pattern : indicator.patterns) {
        if (pattern.literal == 0) regexes.push_back(pattern.regex);
      }
    }
    for (const std::string& text : regexes) {
      const RE2 regex(text, regex_options(indicator.caseless));
      if (!regex.ok()) {
        return fail(Code::usage, indicator.where + ": RE2 refuses a pattern of '" + indicator.id +
                                     "': " + regex.error());
      }
    }
  }
  std::shared_ptr<SignatureSet> set(new SignatureSet());
  set->definitions_ = std::move(definitions);
  set->pack_ = pack;
  std::sort(set->definitions_.rules.begin(), set->definitions_.rules.end(),
            [](const RuleSource& a, const RuleSource& b) { return a.rule.id < b.rule.id; });
  MINESCAN_TRY(set->finish(as_bytes(write_definitions(set->definitions_))));
  for (std::size_t group = 0; group < kGroups; ++group) {
    // At once: what Hyperscan refuses is an error of the signatures.
    MINESCAN_TRY_ASSIGN(DatabaseHandle database,
                        compile_group(set->indicators(), group,
                                      set->compiled_->byte_words.get().needles(), Cpu::native));
    set->compiled_->groups[group].database.set(std::move(database));
  }
  return std::shared_ptr<const SignatureSet>(std::move(set));
}

Result<std::shared_ptr<const SignatureSet>> SignatureSet::compile(
    const std::vector<SignatureFile>& files, const std::optional<SignaturePack>& pack) {
  Definitions definitions;
  for (const SignatureFile& file : files) MINESCAN_TRY(load(file, definitions));
  return build(std::move(definitions), pack);
}

Result<std::shared_ptr<const SignatureSet>> SignatureSet::extend(
    const SignatureSet& base, const std::vector<SignatureFile>& files,
    const std::optional<SignaturePack>& pack) {
  Definitions definitions = base.definitions_;
  const auto size = [&] {
    return definitions.indicators.size() + definitions.rules.size() + definitions.contexts.size();
  };
  const std::size_t before = size();
  for (const SignatureFile& file : files) MINESCAN_TRY(load(file, definitions));
  if (size() == before) {
    return fail(Code::usage, "the added signature files hold neither an indicator nor a rule");
  }
  return build(std::move(definitions), pack);
}

}  // namespace minescan::match
