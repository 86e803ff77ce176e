// What became of each package between two states of a lockfile.  Tested by compare_test.cpp.

#include <algorithm>
#include <compare>
#include <iterator>
#include <span>
#include <tuple>

#include "lockfiles/lockfiles.h"
#include "lockfiles/places.h"

namespace minescan::lockfiles {
namespace {

using Source = Dependency::Source;
using Pointers = std::vector<const Dependency*>;

std::string_view installed_name(const Dependency& entry) {
  return entry.alias.empty() ? entry.name : entry.alias;
}

// Packages that can follow one another: installed under one name, and the same by their real one.
auto place(const Dependency& entry) {
  return std::tuple(entry.ecosystem, installed_name(entry), std::string_view(entry.name));
}

// What is a release of a package: of git a commit is one.
auto release(const Dependency& entry) { return std::tie(entry.version, entry.commit); }

// What makes two entries of one place the same package; flags and lines do not.
auto identity(const Dependency& entry) {
  return std::tie(entry.version, entry.commit, entry.source, entry.registry, entry.location,
                  entry.files);
}

Pointers sorted(const std::vector<Dependency>& entries) {
  Pointers pointers;
  pointers.reserve(entries.size());
  for (const Dependency& entry : entries) pointers.push_back(&entry);
  std::sort(pointers.begin(), pointers.end(), [](const Dependency* a, const Dependency* b) {
    if (const auto order = place(*a) <=> place(*b); order != 0) return order < 0;
    if (const auto order = identity(*a) <=> identity(*b); order != 0) return order < 0;
    return std::tie(a->file, a->line) < std::tie(b->file, b->line);
  });
  // The first of equal ones stays.
  pointers.erase(std::unique(pointers.begin(), pointers.end(),
                             [](const Dependency* a, const Dependency* b) {
                               return place(*a) == place(*b) && identity(*a) == identity(*b);
                             }),
                 pointers.end());
  return pointers;
}

// The digests of an entry, sorted; with `named` each under its file's name.
using Digest = std::tuple<std::string_view, std::string_view, std::string_view>;
std::vector<Digest> digests(const Dependency& entry, bool named) {
  std::vector<Digest> all;
  for (const PackageFile& file : entry.files) {
    for (const Integrity& digest : file.integrity) {
      all.emplace_back(named ? file.name : std::string_view(), digest.algorithm, digest.hex);
    }
  }
  std::sort(all.begin(), all.end());
  return all;
}

// Whether one file has other digests of one algorithm: none of those that both sides state is the
// same.
bool contradict(const std::vector<Digest>& before, const std::vector<Digest>& after) {
  const auto group = [](const Digest& digest) {
    return std::tuple(std::get<0>(digest), std::get<1>(digest));
  };
  auto a = before.begin();
  auto b = after.begin();
  while (a != before.end() && b != after.end()) {
    if (group(*a) != group(*b)) {
      ++(group(*a) < group(*b) ? a : b);
      continue;
    }
    const auto here = group(*a);
    bool shared = false;
    while (true) {
      const bool in_a = a != before.end() && group(*a) == here;
      const bool in_b = b != after.end() && group(*b) == here;
      if (!in_a && !in_b) break;
      shared = shared || (in_a && in_b && *a == *b);
      ++(in_a && (!in_b || *a < *b) ? a : b);
    }
    if (!shared) return true;
  }
  return false;
}

bool integrity_changed(const Dependency& before, const Dependency& after) {
  const auto old = digests(before, false);
  if (old.empty()) return false;
  const auto now = digests(after, false);
  const bool one_left = std::any_of(old.begin(), old.end(), [&](const Digest& digest) {
    return std::binary_search(now.begin(), now.end(), digest);
  });
  return !one_left || contradict(digests(before, true), digests(after, true));
}

std::vector<std::string> origins(const Dependency& entry) {
  std::vector<std::string> all;
  for (const PackageFile& file : entry.files) all.push_back(origin(file.url));
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

bool source_changed(const Dependency& before, const Dependency& after) {
  if (before.source != after.source || before.registry != after.registry ||
      before.location != after.location) {
    return true;
  }
  const auto old = origins(before);
  const auto now = origins(after);
  return !std::includes(old.begin(), old.end(), now.begin(), now.end());
}

// Whether there is anything to be had that was not there before.
bool has_new_files(const Dependency& before, const Dependency& after) {
  return std::any_of(after.files.begin(), after.files.end(), [&](const PackageFile& file) {
    return std::find(before.files.begin(), before.files.end(), file) == before.files.end();
  });
}

// Of two entries of one release.
void compare_release(const Dependency& before, const Dependency& after,
                     std::vector<Change>& changes) {
  // A repository or a folder has no digests, so they are not missed.
  const bool has_archive = after.source == Source::registry || after.source == Source::url;
  const std::size_t told = changes.size();
  if ((has_archive || before.source == after.source) && integrity_changed(before, after)) {
    changes.push_back({Change::Kind::integrity, before, after});
  }
  if (source_changed(before, after)) changes.push_back({Change::Kind::source, before, after});
  if (changes.size() == told && has_new_files(before, after)) {
    changes.push_back({Change::Kind::files, before, after});
  }
}

// What of one name is not there on the other side.
struct Unmatched {
  Pointers before;
  Pointers after;
};

using Range = std::span<const Dependency* const>;

// Compares all entries of one release of one name, either of which may be none.
void compare_release(Range before, Range after, Unmatched& unmatched,
                     std::vector<Change>& changes) {
  Pointers old;
  Pointers now;
  const auto less = [](const Dependency* a, const Dependency* b) {
    return identity(*a) < identity(*b);
  };
  std::set_difference(before.begin(), before.end(), after.begin(), after.end(),
                      std::back_inserter(old), less);
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                      std::back_inserter(now), less);
  if (before.empty()) {
    unmatched.after.insert(unmatched.after.end(), now.begin(), now.end());
    return;
  }
  // A release that was there, if only in another place, is not a new one.
  for (std::size_t i = 0; i < now.size(); ++i) {
    compare_release(i < old.size() ? *old[i] : *before.front(), *now[i], changes);
  }
  for (std::size_t i = now.size(); i < old.size(); ++i) unmatched.before.push_back(old[i]);
}

// Pairs what is left of one name, so that an update is one change and not two.
void pair_up(Unmatched& unmatched, std::vector<Change>& changes) {
  auto& [before, after] = unmatched;
  const auto by_line = [](const Dependency* a, const Dependency* b) {
    return std::tie(a->file, a->line) < std::tie(b->file, b->line);
  };
  std::sort(before.begin(), before.end(), by_line);
  std::sort(after.begin(), after.end(), by_line);
  const std::size_t pairs = std::min(before.size(), after.size());
  for (std::size_t i = 0; i < pairs; ++i) {
    // The same version from a commit and not from a commit: two releases, but no other version.
    if (before[i]->version == after[i]->version && before[i]->source != after[i]->source) {
      compare_release(*before[i], *after[i], changes);
    } else {
      changes.push_back({Change::Kind::version, *before[i], *after[i]});
    }
  }
  for (std::size_t i = pairs; i < before.size(); ++i) {
    changes.push_back({Change::Kind::removed, *before[i], {}});
  }
  for (std::size_t i = pairs; i < after.size(); ++i) {
    changes.push_back({Change::Kind::added, {}, *after[i]});
  }
}

// Calls back with the ranges of both lists that share a key, in the order of the keys.  Both are
// sorted by it.
template <class Key, class Callback>
void by_key(Range before, Range after, Key key, Callback callback) {
  while (!before.empty() || !after.empty()) {
    const bool from_before =
        after.empty() || (!before.empty() && !(key(*after.front()) < key(*before.front())));
    const auto here = key(from_before ? *before.front() : *after.front());
    const auto take = [&](Range& range) {
      const auto end = std::find_if(range.begin(), range.end(),
                                    [&](const Dependency* entry) { return key(*entry) != here; });
      const auto n = static_cast<std::size_t>(end - range.begin());
      const Range taken = range.first(n);
      range = range.subspan(n);
      return taken;
    };
    const Range a = take(before);
    const Range b = take(after);
    callback(a, b);
  }
}

}  // namespace

std::string_view change_name(Change::Kind kind) {
  switch (kind) {
    case Change::Kind::added:
      return "added";
    case Change::Kind::removed:
      return "removed";
    case Change::Kind::version:
      return "version";
    case Change::Kind::integrity:
      return "integrity";
    case Change::Kind::files:
      return "files";
    case Change::Kind::source:
      break;
  }
  return "source";
}

std::vector<Change> compare(const std::vector<Dependency>& before,
                            const std::vector<Dependency>& after) {
  const Pointers old = sorted(before);
  const Pointers now = sorted(after);
  std::vector<Change> changes;
  by_key(old, now, place, [&](Range one_before, Range one_after) {
    Unmatched unmatched;
    by_key(one_before, one_after, release,
           [&](Range a, Range b) { compare_release(a, b, unmatched, changes); });
    pair_up(unmatched, changes);
  });
  const auto key = [](const Change& change) {
    const Dependency& entry = change.kind == Change::Kind::removed ? change.before : change.after;
    return std::tie(entry.file, entry.line, change.kind, entry.name, entry.version);
  };
  std::stable_sort(changes.begin(), changes.end(),
                   [&](const Change& x, const Change& y) { return key(x) < key(y); });
  return changes;
}

}  // namespace minescan::lockfiles
