#pragma once
// What a SignatureSet compiles to; only match/ looks inside.

#include <re2/re2.h>

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "match/hyperscan.h"
#include "match/signature_set.h"
#include "match/validators.h"
#include "match/words.h"

namespace minescan::match {

// Confirms hits of one pattern, or of all patterns of an indicator with an expression of its own
// for that.  Compiled at first use: most patterns never hit, and start-up counts.
class Confirmation {
 public:
  // nullptr when a hit of a literal needs no confirmation.  `indicator` has `pattern`, and they are
  // as good as the same at every call.  Threads may ask at once.
  const RE2* regex(const Indicator& indicator, const Pattern& pattern) const;

 private:
  mutable std::once_flag once_;
  mutable std::unique_ptr<const RE2> regex_;
};

// Bytes of the longest match of what confirms.
std::size_t reach(const Indicator& indicator, const Pattern& pattern);

// A database that is unpacked when it is first asked for: a scan of texts alone has no use for what
// binaries are matched with, and start-up counts.
class LazyDatabase {
 public:
  void set(std::function<Result<DatabaseHandle>()> make) { make_ = std::move(make); }
  void set(DatabaseHandle database) { database_ = std::move(database); }
  // nullptr when no indicator needs it.  Threads may ask at once.
  [[nodiscard]] Result<const hs_database_t*> get() const;

 private:
  std::function<Result<DatabaseHandle>()> make_;
  mutable std::once_flag once_;
  mutable Result<DatabaseHandle> database_;
};

struct GroupDatabase {
  LazyDatabase database;                // none when no indicator looks at these views
  std::vector<Expression> expressions;  // by Hyperscan id, then the runs
  std::size_t first_run = 0;            // index into expressions, and the first word's Hyperscan id
};

struct SignatureSet::Compiled {
  std::array<GroupDatabase, kGroups> groups;
  // One indicator's together: one for each pattern, or a single one for all where they share it.
  std::vector<Confirmation> confirmations;
  std::vector<std::size_t> first_confirmation;  // by indicator
  std::vector<const Validator*> validators;     // by indicator; nullptr = none
  LazyWordTable byte_words;                     // looked for by the databases of groups with words
  LazyWordTable number_words;                   // looked up

  [[nodiscard]] const Confirmation& confirmation(const Indicator& indicator,
                                                 const Expression& expression) const {
    const bool shared = !indicator.confirm.empty();
    return confirmations[first_confirmation[expression.indicator] +
                         (shared ? 0 : expression.pattern)];
  }
};

RE2::Options regex_options(bool caseless);

}  // namespace minescan::match
