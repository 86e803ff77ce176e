#include "match/matcher.h"

#include <algorithm>
#include <array>
#include <limits>
#include <new>

#include "base/reader.h"
#include "match/compiled.h"

namespace minescan::match {
namespace {

// A hit as Hyperscan tells it: only where it ends.  Of runs the begin is known.
struct Hit {
  std::uint32_t expression;
  std::uint32_t begin;  // 0 when not known
  std::uint32_t end;
};

// A word as Hyperscan tells it.
struct WordHit {
  std::uint32_t needle;
  std::uint32_t end;
};

// A window of 1 MiB in which every byte ends a hit of several patterns stays below this; beyond it
// the input is a flood made to exhaust memory (48 MB here), and the caller reports a gap.
constexpr std::size_t kMostHits = std::size_t{4} << 20;

// How many confirmed texts around one hit are looked at before it is given up: overlapping
// candidates of one indicator, such as addresses in a long run of base58.
constexpr int kMostCandidates = 64;

// Bytes on either side of a run that confirming may look at: the option or the key before it.
constexpr std::size_t kRunBorder = 40;

// Where the run that reaches `at` ends; no wallet is longer than half of kReach.
std::size_t run_end(std::string_view text, std::size_t at, Alphabet alphabet) {
  const std::size_t limit = std::min(text.size(), at + kReach / 2);
  while (at < limit && is_member(static_cast<std::byte>(text[at]), alphabet)) ++at;
  return at;
}

struct Collector {
  std::vector<Hit>* hits;
  std::vector<WordHit>* words;  // nullptr where nobody asks for them
  std::size_t first_word;       // the first one's Hyperscan id
  const std::vector<Expression>* expressions;
  const std::vector<Indicator>* indicators;
  ViewMask view;
  bool flooded = false;  // there were more hits than are kept
};

// Called from within hs_scan: only appends, must not throw into C.
int collect(unsigned id, unsigned long long /*from*/, unsigned long long to, unsigned /*flags*/,
            void* context) noexcept {
  auto& collector = *static_cast<Collector*>(context);
  const auto end = static_cast<std::uint32_t>(to);
  try {
    if (id >= collector.first_word) {
      if (collector.words == nullptr) return 0;
      // At most one ends at each byte.
      collector.words->push_back({static_cast<std::uint32_t>(id - collector.first_word), end});
      return 0;
    }
    const Expression& expression = (*collector.expressions)[id];
    if (((*collector.indicators)[expression.indicator].views & collector.view) == 0) return 0;
    if (collector.hits->size() >= kMostHits) {
      // Whoever makes a flood does not hide words with it.
      collector.flooded = true;
      return collector.words == nullptr ? 1 : 0;
    }
    collector.hits->push_back({id, 0, end});
  } catch (const std::bad_alloc&) {
    return 1;
  }
  return 0;
}

}  // namespace

struct Matcher::Impl {
  std::shared_ptr<const SignatureSet> signatures;
  ScratchHandle scratch;
  std::vector<const hs_database_t*> ready;  // databases that the scratch is large enough for
  std::atomic<std::uint64_t>* pulse = nullptr;
  std::vector<Hit> hits;
  std::vector<WordHit> word_hits;
  // By expression: the text confirmed last.  Further hits inside it would only confirm it again; an
  // open-ended pattern has a hit at every one of its ends.
  struct Range {
    std::size_t start = 0, end = 0;
  };
  // By expression: the text refused last; a pattern may hit it at many places.
  std::vector<Range> refused;
  std::vector<Range> confirmed;
  std::vector<std::uint32_t> touched;  // expressions for which these say something

  void forget(std::size_t expressions);
  // nullptr when there is none.
  Result<const hs_database_t*> database(const LazyDatabase& lazy);
  Result<void> find(ByteView bytes, ViewKind kind, bool words);
  Result<void> find_runs(ByteView bytes, const GroupDatabase& group, ViewKind kind);
  void confirm(ByteView bytes, const Hit& hit, const GroupDatabase& group, std::size_t from,
               std::size_t to, std::vector<Match>& matches);
  bool accept(std::string_view text, const Expression& expression, std::size_t start,
              std::size_t length, const RE2* regex, std::vector<Match>& matches);
};

Matcher::Matcher() : impl_(std::make_unique<Impl>()) {}
Matcher::~Matcher() = default;

void Matcher::set_pulse(std::atomic<std::uint64_t>* pulse) { impl_->pulse = pulse; }

const SignatureSet& Matcher::signatures() const { return *impl_->signatures; }

std::shared_ptr<const SignatureSet> Matcher::shared_signatures() const { return impl_->signatures; }

Result<std::unique_ptr<Matcher>> Matcher::create(std::shared_ptr<const SignatureSet> signatures) {
  if (hs_valid_platform() != HS_SUCCESS) {
    return fail(Code::unsupported,
                "this processor cannot run the pattern matcher (SSSE3 is needed)");
  }
  std::unique_ptr<Matcher> matcher(new Matcher());
  matcher->impl_->signatures = std::move(signatures);
  return matcher;
}

Result<const hs_database_t*> Matcher::Impl::database(const LazyDatabase& lazy) {
  MINESCAN_TRY_ASSIGN(const hs_database_t* database, lazy.get());
  if (database == nullptr || std::find(ready.begin(), ready.end(), database) != ready.end()) {
    return database;
  }
  hs_scratch_t* raw = scratch.release();
  const hs_error_t status = hs_alloc_scratch(database, &raw);
  scratch.reset(raw);
  if (status != HS_SUCCESS) return fail(Code::limit_memory, "no memory for the pattern matcher");
  ready.push_back(database);
  return database;
}

void Matcher::prepare() {
  const SignatureSet::Compiled& compiled = impl_->signatures->compiled();
  for (const GroupDatabase& group : compiled.groups) {
    static_cast<void>(impl_->database(group.database));
  }
}

Result<void> Matcher::Impl::find(ByteView bytes, ViewKind kind, bool words) {
  hits.clear();
  word_hits.clear();
  const GroupDatabase& group = signatures->compiled().groups[group_of(kind)];
  if (bytes.size() > std::numeric_limits<std::uint32_t>::max()) {
    return fail(Code::internal, "more than 4 GiB were given to the matcher at once");
  }
  auto in_runs = find_runs(bytes, group, kind);
  if (bytes.empty() || (!in_runs && !words)) return in_runs;
  MINESCAN_TRY_ASSIGN(const hs_database_t* database, this->database(group.database));
  if (database == nullptr) return in_runs;
  Collector collector{.hits = &hits,
                      .words = words ? &word_hits : nullptr,
                      .first_word = group.first_run,
                      .expressions = &group.expressions,
                      .indicators = &signatures->indicators(),
                      .view = view_bit(kind)};
  const hs_error_t status =
      hs_scan(database, reinterpret_cast<const char*>(bytes.data()),
              static_cast<unsigned>(bytes.size()), 0, scratch.get(), collect, &collector);
  if (status == HS_SCAN_TERMINATED || collector.flooded) {
    return fail(Code::limit_memory, "more pattern hits than a window may hold");
  }
  if (status != HS_SUCCESS) {
    return fail(Code::internal, "the pattern matcher failed with code " + std::to_string(status));
  }
  return in_runs;
}

Result<void> Matcher::Impl::find_runs(ByteView bytes, const GroupDatabase& group, ViewKind kind) {
  const auto& indicators = signatures->indicators();
  const auto pattern_of = [&](std::size_t i) -> const Pattern& {
    const Expression& expression = group.expressions[i];
    return indicators[expression.indicator].patterns[expression.pattern];
  };
  Lengths least{};  // the shortest run that anybody wants of each alphabet
  for (std::size_t i = group.first_run; i < group.expressions.size(); ++i) {
    if ((indicators[group.expressions[i].indicator].views & view_bit(kind)) == 0) continue;
    std::size_t& shortest = least.at(static_cast<std::size_t>(pattern_of(i).run));
    const std::size_t wanted = pattern_of(i).least;
    shortest = shortest == 0 ? wanted : std::min(shortest, wanted);
  }
  bool flooded = false;
  const auto add = [&](std::size_t i, std::size_t begin, std::size_t end) {
    // A long run is told in steps, so that confirming sees all of it.
    for (std::size_t at = begin; at < end; at += kReach / 2) {
      if (hits.size() >= kMostHits) flooded = true;
      if (flooded) return;
      hits.push_back({.expression = static_cast<std::uint32_t>(i),
                      .begin = static_cast<std::uint32_t>(at),
                      .end = static_cast<std::uint32_t>(std::min(end, at + kReach / 2))});
    }
  };
  for_each_run(bytes, least, [&](Alphabet alphabet, std::size_t begin, std::size_t end) {
    for (std::size_t i = group.first_run; i < group.expressions.size(); ++i) {
      const Pattern& pattern = pattern_of(i);
      if (pattern.run != alphabet || end - begin < pattern.least) continue;
      if (pattern.most != 0 && end - begin > pattern.most) continue;
      if ((indicators[group.expressions[i].indicator].views & view_bit(kind)) == 0) continue;
      add(i, begin, end);
    }
  });
  if (flooded) return fail(Code::limit_memory, "more pattern hits than a window may hold");
  return {};
}

bool Matcher::Impl::accept(std::string_view text, const Expression& expression, std::size_t start,
                           std::size_t length, const RE2* regex, std::vector<Match>& matches) {
  Match match{.indicator = expression.indicator, .start = start, .length = length, .captures = {}};
  if (regex != nullptr && regex->NumberOfCapturingGroups() > 0) {
    const int groups = regex->NumberOfCapturingGroups() + 1;
    std::vector<re2::StringPiece> pieces(static_cast<std::size_t>(groups));
    if (regex->Match(text, start, start + length, RE2::ANCHOR_BOTH, pieces.data(), groups)) {
      for (const auto& [name, index] : regex->NamedCapturingGroups()) {
        const re2::StringPiece& piece = pieces[static_cast<std::size_t>(index)];
        if (piece.data() != nullptr) match.captures[name] = std::string(piece);
      }
    }
  }
  const Validator* validator = signatures->compiled().validators[expression.indicator];
  if (validator != nullptr && !validator->check(text.substr(start, length), match.captures))
    return false;
  matches.push_back(std::move(match));
  return true;
}

void Matcher::Impl::confirm(ByteView bytes, const Hit& hit, const GroupDatabase& group,
                            std::size_t from, std::size_t to, std::vector<Match>& matches) {
  const std::string_view text = as_text(bytes);
  const Expression& expression = group.expressions[hit.expression];
  Range& last = confirmed[hit.expression];
  if (hit.end > last.start && hit.end <= last.end) return;
  const Indicator& indicator = signatures->indicators()[expression.indicator];
  const Pattern& pattern = indicator.patterns[expression.pattern];
  const Confirmation& confirmation = signatures->compiled().confirmation(indicator, expression);
  const RE2* regex = confirmation.regex(indicator, pattern);
  if (regex == nullptr) {
    const std::size_t start = hit.end - pattern.literal;
    if (start >= from && start < to) {
      accept(text, expression, start, pattern.literal, nullptr, matches);
    }
    return;
  }
  // Of a run the place is known, so confirming looks just a little beyond it: there are many runs
  // in ordinary programs.
  const bool is_run = pattern.run != Alphabet::none;
  // What confirms may begin so far before the hit that it just touches its first byte.
  const std::size_t before =
      is_run ? hit.end - hit.begin + kRunBorder
             : std::min<std::size_t>(reach(indicator, pattern) + pattern.widest, kReach);
  const std::size_t after = is_run ? kReach / 2 : reach(indicator, pattern);
  const std::size_t least = is_run ? hit.end - hit.begin : pattern.least;
  const int candidates = is_run ? static_cast<int>(kReach) : kMostCandidates;
  std::size_t at = hit.end > before ? hit.end - before : 0;
  std::size_t end = std::min(text.size(), hit.end + after);
  if (is_run) end = std::min(end, run_end(text, hit.end, pattern.run) + kRunBorder);
  end = std::min(end, text.size());
  for (int candidate = 0; candidate < candidates && at < hit.end; ++candidate) {
    re2::StringPiece found;
    if (!regex->Match(text, at, end, RE2::UNANCHORED, &found, 1)) return;
    const auto start = static_cast<std::size_t>(found.data() - text.data());
    const std::size_t found_end = start + found.size();
    if (start >= hit.end) return;
    at = start + 1;
    // A confirmed text must overlap the hit; otherwise it belongs to another hit or to none.
    if (found_end + least <= hit.end) continue;
    if (start < from || start >= to) continue;
    if (start >= last.start && found_end <= last.end) continue;
    Range& no = refused[hit.expression];
    if (start == no.start && found_end == no.end) continue;
    if (accept(text, expression, start, found.size(), regex, matches)) {
      last = {start, found_end};
      touched.push_back(hit.expression);
      if (!is_run) return;
      at = found_end;
    } else {
      no = {start, found_end};
      touched.push_back(hit.expression);
    }
  }
}

// What was said of another window.  There are many expressions, and most windows have a few hits.
void Matcher::Impl::forget(std::size_t expressions) {
  for (const std::uint32_t one : touched) confirmed[one] = refused[one] = {};
  touched.clear();
  if (confirmed.size() < expressions) {
    confirmed.resize(expressions);
    refused.resize(expressions);
  }
}

std::optional<WordScan> Matcher::words(ViewKind kind) const {
  const SignatureSet::Compiled& compiled = impl_->signatures->compiled();
  const LazyWordTable& table = is_words(kind) ? compiled.number_words : compiled.byte_words;
  if ((table.views() & view_bit(kind)) == 0) return std::nullopt;
  return WordScan(table.get(), kind);
}

void Matcher::look_up_words(WordScan& view, ByteView bytes, std::uint64_t offset) {
  Reader reader(bytes);
  for (std::uint64_t at = offset; const auto value = reader.little<std::uint32_t>(); at += 4) {
    if (const auto needle = view.table().find(*value)) view.seen(*needle, at);
  }
}

Result<void> Matcher::scan(ByteView bytes, ViewKind kind, std::size_t from, std::size_t to,
                           std::vector<Match>& matches, WordScan* words, std::uint64_t offset) {
  if (is_words(kind)) return {};
  if (impl_->pulse != nullptr) impl_->pulse->fetch_add(1, std::memory_order_relaxed);
  const auto found = impl_->find(bytes, kind, words != nullptr);
  // Hyperscan promises no order.
  std::sort(impl_->word_hits.begin(), impl_->word_hits.end(),
            [](const WordHit& a, const WordHit& b) { return a.end < b.end; });
  for (const WordHit& hit : impl_->word_hits) {
    if (hit.end > from && hit.end <= to) words->seen(hit.needle, offset + hit.end - from - 4);
  }
  MINESCAN_TRY(found);
  if (impl_->hits.empty()) return {};
  const std::size_t first = matches.size();
  const auto& group = impl_->signatures->compiled().groups[group_of(kind)];
  impl_->forget(group.expressions.size());
  for (const Hit& hit : impl_->hits) impl_->confirm(bytes, hit, group, from, to, matches);
  const auto begin = matches.begin() + static_cast<std::ptrdiff_t>(first);
  std::sort(begin, matches.end(), [](const Match& a, const Match& b) {
    if (a.start != b.start) return a.start < b.start;
    if (a.indicator != b.indicator) return a.indicator < b.indicator;
    return a.length > b.length;
  });
  matches.erase(std::unique(begin, matches.end(),
                            [](const Match& a, const Match& b) {
                              return a.start == b.start && a.indicator == b.indicator;
                            }),
                matches.end());
  return {};
}

}  // namespace minescan::match
