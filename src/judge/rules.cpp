#include "judge/rules.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "judge/layers.h"

namespace minescan::judge {
namespace {

using Ids = std::unordered_set<std::string_view>;

struct Sighting {
  const Evidence* evidence = nullptr;
  std::size_t unit = 0;
};

constexpr std::string_view kCopy = "copy ";

bool is_copy(const Step& step) {
  return step.kind == Step::Kind::offset && step.name.starts_with(kCopy);
}

// --- conditions

void collect_ids(const Condition& condition, bool positive, Ids& wanted, Ids& guards) {
  if (condition.kind == Condition::Kind::indicator) {
    (positive ? wanted : guards).insert(condition.indicator);
  }
  for (const Condition& part : condition.parts) {
    collect_ids(part, positive && condition.kind != Condition::Kind::none, wanted, guards);
  }
}

// What was seen: `near` counts for what must be there, `all` for what must not, so that a guard
// works on the whole group even where a rule asks for evidence that lies close together.
struct Seen {
  const Ids& near;
  const Ids& all;
};

// Whether it holds; if so the indicators that made it hold are added to `because`.
bool holds(const Condition& condition, const Seen& seen, Ids& because);

std::size_t count_parts(const Condition& condition, const Seen& seen, Ids& because) {
  std::size_t count = 0;
  Ids counted;
  for (const Condition& part : condition.parts) {
    if (!holds(part, seen, because)) continue;
    // The same indicator twice is not two.
    if (part.kind != Condition::Kind::indicator || counted.insert(part.indicator).second) ++count;
  }
  return count;
}

bool holds(const Condition& condition, const Seen& seen, Ids& because) {
  Ids found;
  bool result = false;
  switch (condition.kind) {
    case Condition::Kind::indicator:
      result = seen.near.contains(condition.indicator);
      if (result) found.insert(condition.indicator);
      break;
    case Condition::Kind::all:
      result = std::all_of(condition.parts.begin(), condition.parts.end(),
                           [&](const Condition& part) { return holds(part, seen, found); });
      break;
    case Condition::Kind::any:
      result = count_parts(condition, seen, found) > 0;
      break;
    case Condition::Kind::at_least:
      result = count_parts(condition, seen, found) >= condition.number;
      break;
    case Condition::Kind::none: {
      const Seen whole{seen.all, seen.all};
      result = std::none_of(condition.parts.begin(), condition.parts.end(),
                            [&](const Condition& part) { return holds(part, whole, found); });
      found.clear();
      break;
    }
  }
  if (result) because.merge(found);
  return result;
}

// --- groups

void append_step(std::string& key, const Step& step) {
  key += static_cast<char>('0' + static_cast<int>(step.kind));
  key += std::to_string(step.name.size());
  key += ':';
  key += step.name;
}

std::string key_of(const Trail& trail, std::size_t unit) {
  std::string key = std::to_string(unit) + ';';
  for (const Step& step : trail.steps) append_step(key, step);
  return key;
}

std::string file_key(const Sighting& sighting) {
  return key_of(file_of(sighting.evidence->trail), sighting.unit);
}

// The directory that holds the innermost member.
std::string directory_key(const Artifact& artifact, const Sighting& sighting) {
  Trail file = sighting.evidence->trail.file();
  // Slices divide a tree by size: files of one directory may lie in two.
  const bool sliced = artifact.units[sighting.unit].kind == Unit::Kind::tree_slice;
  if (file.steps.empty() || file.steps.back().kind != Step::Kind::member) {
    return key_of(file, sighting.unit);
  }
  std::string& name = file.steps.back().name;
  name = clean_path(name);
  const std::size_t slash = name.rfind('/');
  name.resize(slash == std::string::npos ? 0 : slash);
  if (sliced) file.steps.front().name.clear();
  return key_of(file, sliced ? 0 : sighting.unit);
}

std::string group_key(const Artifact& artifact, const Sighting& sighting, Scope scope) {
  switch (scope) {
    case Scope::view:
      return key_of(sighting.evidence->trail, sighting.unit);
    case Scope::file:
      return file_key(sighting);
    case Scope::directory:
      return directory_key(artifact, sighting);
    case Scope::artifact:
      return {};
  }
  return {};
}

// --- rules over groups

struct Compiled {
  const Rule* rule = nullptr;
  Ids wanted;  // what may make it hold
  Ids guards;  // what may make it not hold
};

// A context is looked for as a rule is.
Rule as_rule(const Context& context) {
  Rule rule;
  rule.id = context.id;
  rule.scope = context.scope;
  rule.views = context.views;
  rule.when = context.when;
  rule.distinct = context.distinct;
  return rule;
}

using Sightings = std::vector<Sighting>;

// What a rule found in one group; empty when it does not hold there.
class RuleInGroup {
 public:
  RuleInGroup(const Compiled& compiled, const Sightings& group) : compiled_(compiled) {
    for (const Sighting& sighting : group) {
      const Evidence& evidence = *sighting.evidence;
      if ((compiled.rule->views & view_bit(evidence.view)) == 0) continue;
      const bool wanted = compiled.wanted.contains(evidence.indicator);
      if (wanted) wanted_.push_back(sighting);
      if (wanted || compiled.guards.contains(evidence.indicator)) all_.insert(evidence.indicator);
    }
  }

  Sightings rests_on() {
    if (wanted_.empty()) return {};
    if (!compiled_.rule->same.empty()) return same_together();
    return enough_values(enough_files(together()));
  }

 private:
  Sightings together() {
    const Rule& rule = *compiled_.rule;
    if (rule.scope == Scope::view && rule.within > 0) return near_together();
    Ids because;
    if (!holds(rule.when, {all_, all_}, because)) return {};
    Sightings found;
    for (const Sighting& sighting : wanted_) {
      if (because.contains(sighting.evidence->indicator)) found.push_back(sighting);
    }
    return found;
  }

  // Once for every value of the capture, each with what does not have it.
  Sightings same_together() {
    const std::string& name = compiled_.rule->same;
    std::map<std::string_view, Sightings> by_value;
    Sightings others;
    for (const Sighting& sighting : wanted_) {
      const auto value = sighting.evidence->captures.find(name);
      (value == sighting.evidence->captures.end() ? others : by_value[value->second])
          .push_back(sighting);
    }
    Sightings found;
    std::set<const Evidence*> taken;
    for (auto& [value, sightings] : by_value) {
      wanted_ = sightings;
      wanted_.insert(wanted_.end(), others.begin(), others.end());
      const Ids whole = all_;
      all_.clear();
      for (const Sighting& sighting : wanted_) all_.insert(sighting.evidence->indicator);
      for (const std::string_view id : whole) {
        if (compiled_.guards.contains(id)) all_.insert(id);
      }
      // In how many files is asked of what has the value.
      Sightings part = together();
      Sightings valued;
      std::copy_if(part.begin(), part.end(), std::back_inserter(valued),
                   [&](const Sighting& s) { return s.evidence->captures.contains(name); });
      if (!enough_files(std::move(valued)).empty()) {
        for (const Sighting& sighting : part) {
          if (taken.insert(sighting.evidence).second) found.push_back(sighting);
        }
      }
      all_ = whole;
    }
    return found;
  }

  Sightings enough_values(Sightings found) const {
    const Distinct& distinct = compiled_.rule->distinct;
    if (distinct.at_least == 0) return found;
    std::set<std::string_view> values;
    for (const Sighting& sighting : found) {
      const auto value = sighting.evidence->captures.find(distinct.capture);
      if (value != sighting.evidence->captures.end()) values.insert(value->second);
    }
    return values.size() >= distinct.at_least ? std::move(found) : Sightings();
  }

  Sightings enough_files(Sightings found) const {
    if (compiled_.rule->files <= 1) return found;
    std::set<std::string> files;
    for (const Sighting& sighting : found) files.insert(file_key(sighting));
    return files.size() >= compiled_.rule->files ? std::move(found) : Sightings();
  }

  // Slides a window of `within` bytes over the starts of the evidence.
  Sightings near_together() {
    std::stable_sort(wanted_.begin(), wanted_.end(), [](const Sighting& a, const Sighting& b) {
      return a.evidence->offset < b.evidence->offset;
    });
    std::vector<bool> used(wanted_.size(), false);
    std::map<std::string_view, std::size_t> inside;
    std::size_t end = 0;
    for (std::size_t begin = 0; begin < wanted_.size(); ++begin) {
      const std::uint64_t from = wanted_[begin].evidence->offset;
      while (end < wanted_.size() &&
             wanted_[end].evidence->offset - from <= compiled_.rule->within) {
        ++inside[wanted_[end++].evidence->indicator];
      }
      Ids near, because;
      for (const auto& [id, count] : inside) near.insert(id);
      if (holds(compiled_.rule->when, {near, all_}, because)) {
        for (std::size_t i = begin; i < end; ++i) {
          if (because.contains(wanted_[i].evidence->indicator)) used[i] = true;
        }
      }
      const auto first = inside.find(wanted_[begin].evidence->indicator);
      if (--first->second == 0) inside.erase(first);
    }
    Sightings found;
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      if (used[i]) found.push_back(wanted_[i]);
    }
    return found;
  }

  const Compiled& compiled_;
  Sightings wanted_;
  Ids all_;
};

// --- hits

class HitMaker {
 public:
  explicit HitMaker(const Knowledge& knowledge) : knowledge_(knowledge) {}

  Hit make(const Rule& rule, Sightings sightings) const {
    std::sort(sightings.begin(), sightings.end(),
              [this](const Sighting& a, const Sighting& b) { return before(a, b); });
    Hit hit;
    hit.rule = &rule;
    hit.unit = sightings.front().unit;
    hit.file = file_of(sightings.front().evidence->trail);
    std::set<std::string> places;
    for (const Sighting& sighting : sightings) {
      places.insert(file_key(sighting));
      hit.views = static_cast<ViewMask>(hit.views | view_bit(sighting.evidence->view));
    }
    hit.places.assign(places.begin(), places.end());
    hit.evidence = strongest(sightings);
    return hit;
  }

 private:
  bool before(const Sighting& a, const Sighting& b) const {
    const auto x = knowledge_.strength(a.evidence->indicator);
    const auto y = knowledge_.strength(b.evidence->indicator);
    if (x != y) return x > y;
    if (a.unit != b.unit) return a.unit < b.unit;
    if (const auto order = file_of(a.evidence->trail) <=> file_of(b.evidence->trail); order != 0) {
      return order < 0;
    }
    if (a.evidence->offset != b.evidence->offset) return a.evidence->offset < b.evidence->offset;
    return *a.evidence < *b.evidence;
  }

  // The first of every indicator before the second of any: a flood of one must not hide the others.
  static std::vector<const Evidence*> strongest(const Sightings& sorted) {
    std::unordered_map<std::string_view, std::size_t> seen;
    std::vector<std::pair<std::size_t, std::size_t>> order;  // how many before it, where
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      order.emplace_back(std::min<std::size_t>(seen[sorted[i].evidence->indicator]++, 1), i);
    }
    std::sort(order.begin(), order.end());
    if (order.size() > kEvidenceKept) order.resize(kEvidenceKept);
    std::sort(order.begin(), order.end(),
              [](const auto& a, const auto& b) { return a.second < b.second; });
    std::vector<const Evidence*> kept;
    kept.reserve(order.size());
    for (const auto& [turn, at] : order) kept.push_back(sorted[at].evidence);
    return kept;
  }

  const Knowledge& knowledge_;
};

// --- superseding

// For every rule id the ids that it supersedes, directly or through others.
class Superseding {
 public:
  explicit Superseding(const std::vector<const Rule*>& rules) {
    for (const Rule* rule : rules) {
      for (const std::string& id : rule->supersedes) direct_[rule->id].push_back(id);
    }
    for (const auto& [id, below] : direct_) {
      std::vector<std::string_view> ahead(below.begin(), below.end());
      Ids& reached = reached_[id];
      while (!ahead.empty()) {
        const std::string_view next = ahead.back();
        ahead.pop_back();
        if (!reached.insert(next).second) continue;
        const auto further = direct_.find(std::string(next));
        if (further == direct_.end()) continue;
        ahead.insert(ahead.end(), further->second.begin(), further->second.end());
      }
    }
  }

  // Rules that supersede one another in a circle all stay: none may vanish because of another.
  [[nodiscard]] bool covers(const std::string& upper, const std::string& lower) const {
    return reaches(upper, lower) && !reaches(lower, upper);
  }

 private:
  [[nodiscard]] bool reaches(const std::string& from, const std::string& to) const {
    const auto found = reached_.find(from);
    return found != reached_.end() && found->second.contains(to);
  }

  std::unordered_map<std::string, std::vector<std::string>> direct_;
  std::unordered_map<std::string, Ids> reached_;  // views into direct_
};

void drop_superseded(std::vector<Hit>& hits, const std::vector<const Rule*>& rules) {
  const Superseding superseding(rules);
  std::set<const Rule*> everywhere;  // hit rules whose scope is the artifact
  std::unordered_map<std::string_view, std::set<const Rule*>> at;
  for (const Hit& hit : hits) {
    if (hit.rule->supersedes.empty()) continue;
    if (hit.rule->scope == Scope::artifact) everywhere.insert(hit.rule);
    for (const std::string& place : hit.places) at[place].insert(hit.rule);
  }
  const auto covered_by = [&](const std::set<const Rule*>& uppers, const Rule& lower) {
    return std::any_of(uppers.begin(), uppers.end(),
                       [&](const Rule* upper) { return superseding.covers(upper->id, lower.id); });
  };
  // Marked first: `at` holds views into the hits.
  std::vector<bool> dropped;
  dropped.reserve(hits.size());
  for (const Hit& hit : hits) {
    // What spans several files is only said with less where all of them are covered.
    dropped.push_back(covered_by(everywhere, *hit.rule) ||
                      std::all_of(hit.places.begin(), hit.places.end(), [&](const auto& place) {
                        const auto found = at.find(place);
                        return found != at.end() && covered_by(found->second, *hit.rule);
                      }));
  }
  std::vector<Hit> kept;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    if (!dropped[i]) kept.push_back(std::move(hits[i]));
  }
  hits = std::move(kept);
}

// --- the whole

class Evaluation {
 public:
  Evaluation(const Artifact& artifact, const std::vector<Record>& records,
             const Knowledge& knowledge)
      : artifact_(artifact), records_(records), knowledge_(knowledge) {
    for (const Rule* rule : knowledge.rules) add_rule(*rule);
    context_rules_.reserve(knowledge.contexts.size());
    for (const Context* context : knowledge.contexts) {
      context_rules_.push_back(as_rule(*context));
      add_rule(context_rules_.back());
    }
  }

  std::vector<Hit> run() {
    evaluate_scopes();
    const HitMaker maker(knowledge_);
    std::vector<Hit> hits;
    for (auto& [place, sightings] : found_) {
      if (place.first >= knowledge_.rules.size()) {
        // Groups of a context's scope hold whole files, so its key is enough to know them by.
        contexts_at_[place.second].insert(place.first - knowledge_.rules.size());
        continue;
      }
      const Sightings kept = sightings;
      hits.push_back(maker.make(*rules_[place.first].rule, std::move(sightings)));
      groups_of_hits_.push_back(kept);
    }
    for (std::size_t i = 0; i < hits.size(); ++i) {
      hits[i].context = context_of(hits[i], groups_of_hits_[i]);
    }
    drop_superseded(hits, knowledge_.rules);
    return hits;
  }

  std::vector<std::string> contexts() {
    evaluate_scopes();
    std::set<std::string> ids;
    for (const auto& [place, sightings] : found_) {
      if (place.first >= knowledge_.rules.size()) ids.insert(rules_[place.first].rule->id);
    }
    return {ids.begin(), ids.end()};
  }

 private:
  void evaluate_scopes() {
    for (const Scope scope : {Scope::view, Scope::file, Scope::directory, Scope::artifact}) {
      evaluate_scope(scope);
    }
  }

  void add_rule(const Rule& rule) {
    Compiled compiled{&rule, {}, {}};
    collect_ids(rule.when, true, compiled.wanted, compiled.guards);
    rules_.push_back(std::move(compiled));
  }

  // The context that lowers a hit furthest: one that holds wherever its evidence lies.
  [[nodiscard]] const Context* context_of(const Hit& hit, const Sightings& sightings) const {
    const Context* lowest = nullptr;
    for (std::size_t i = 0; i < knowledge_.contexts.size(); ++i) {
      const Context& context = *knowledge_.contexts[i];
      if (context.to >= hit.rule->level || (lowest != nullptr && context.to >= lowest->to))
        continue;
      if ((hit.views & ~context.views) != 0 || !lowers(context, *hit.rule)) continue;
      const bool everywhere =
          std::all_of(sightings.begin(), sightings.end(), [&](const Sighting& sighting) {
            const auto at = contexts_at_.find(group_key(artifact_, sighting, context.scope));
            return at != contexts_at_.end() && at->second.contains(i);
          });
      if (everywhere) lowest = &context;
    }
    return lowest;
  }

  static bool lowers(const Context& context, const Rule& rule) {
    const auto& classes = context.classes;
    if (!classes.empty() &&
        std::find(classes.begin(), classes.end(), rule.class_name) == classes.end()) {
      return false;
    }
    return std::none_of(rule.despite.begin(), rule.despite.end(), [&](const std::string& id) {
      return id == context.id || id == kAnyContext;
    });
  }

  void evaluate_scope(Scope scope) {
    std::unordered_map<std::string_view, std::vector<std::size_t>> rules_of;  // by wanted indicator
    Ids used;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      if (rules_[i].rule->scope != scope) continue;
      for (const std::string_view id : rules_[i].wanted) rules_of[id].push_back(i);
      used.insert(rules_[i].wanted.begin(), rules_[i].wanted.end());
      used.insert(rules_[i].guards.begin(), rules_[i].guards.end());
    }
    if (used.empty()) return;
    for (const Sightings& group : groups(scope, used)) {
      std::set<std::size_t> candidates;
      for (const Sighting& sighting : group) {
        const auto found = rules_of.find(sighting.evidence->indicator);
        if (found != rules_of.end()) candidates.insert(found->second.begin(), found->second.end());
      }
      for (const std::size_t rule : candidates)
        add(rule, RuleInGroup(rules_[rule], group).rests_on());
    }
  }

  [[nodiscard]] std::vector<Sightings> groups(Scope scope, const Ids& used) const {
    std::unordered_map<std::string, std::size_t> index;
    std::vector<Sightings> groups;
    for (std::size_t unit = 0; unit < records_.size(); ++unit) {
      for (const Evidence& evidence : records_[unit].evidence) {
        if (!used.contains(evidence.indicator)) continue;
        const Sighting sighting{&evidence, unit};
        const auto [at, fresh] =
            index.emplace(group_key(artifact_, sighting, scope), groups.size());
        if (fresh) groups.emplace_back();
        groups[at->second].push_back(sighting);
      }
    }
    return groups;
  }

  // One finding per rule and file (or directory, or artifact): views of a file are put together.
  void add(std::size_t rule, const Sightings& sightings) {
    if (sightings.empty()) return;
    Scope scope = rules_[rule].rule->scope;
    if (scope == Scope::view) scope = Scope::file;
    Sightings& all = found_[{rule, group_key(artifact_, sightings.front(), scope)}];
    all.insert(all.end(), sightings.begin(), sightings.end());
  }

  const Artifact& artifact_;
  const std::vector<Record>& records_;
  const Knowledge& knowledge_;
  std::vector<Rule> context_rules_;  // the contexts as rules; rules_ points to them
  std::vector<Compiled> rules_;      // of knowledge.rules, then of knowledge.contexts
  std::map<std::pair<std::size_t, std::string>, Sightings> found_;
  // By the key of a file, directory or artifact: the contexts that hold there.
  std::unordered_map<std::string, std::set<std::size_t>> contexts_at_;
  std::vector<Sightings> groups_of_hits_;
};

}  // namespace

Trail file_of(const Trail& trail) {
  Trail file = trail.file();
  const std::size_t size = file.steps.size();
  if (size > 1 && size < trail.steps.size() && is_copy(trail.steps[size])) {
    file.steps.push_back(trail.steps[size]);
  }
  return file;
}

std::uint32_t copy_of(const Trail& trail) {
  const auto member = std::find_if(trail.steps.begin(), trail.steps.end(), [](const Step& step) {
    return step.kind == Step::Kind::member;
  });
  if (member == trail.steps.end() || member + 1 == trail.steps.end() || !is_copy(*(member + 1))) {
    return 0;
  }
  const std::string_view number = std::string_view((member + 1)->name).substr(kCopy.size());
  std::uint32_t copy = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), copy);
  return error == std::errc() && end == number.data() + number.size() ? copy : 0;
}

std::vector<Hit> evaluate(const Artifact& artifact, const std::vector<Record>& records,
                          const Knowledge& knowledge) {
  return Evaluation(artifact, records, knowledge).run();
}

std::vector<std::string> contexts_in(const Artifact& artifact, const std::vector<Record>& records,
                                     const Knowledge& knowledge) {
  return Evaluation(artifact, records, knowledge).contexts();
}

}  // namespace minescan::judge
