#include "judge/layers.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <unordered_map>
#include <utility>

namespace minescan::judge {
namespace {

using Components = std::vector<std::string_view>;

constexpr std::uint32_t kNone = UINT32_MAX;
constexpr std::uint32_t kRoot = 0;
// PATH_MAX of Linux: nothing longer can be extracted by path, and a link target cannot be longer.
constexpr std::size_t kLongestPath = 4096;
// As the kernel's MAXSYMLINKS.
constexpr unsigned kLinksFollowed = 40;
// Components looked up on behalf of symbolic links in one image.  Honest images need a few per
// path (/lib -> usr/lib); chains of long targets are made to cost time.
constexpr std::uint64_t kLinkSteps = 50'000'000;

constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kBookkeeping = ".wh..wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";

constexpr std::string_view kShadowed = "a later entry of the same layer takes its place";
constexpr std::string_view kBodyOfNoFile = "it is the body of an entry that is not a file";
constexpr std::string_view kWhiteoutBody = "a whiteout is never extracted";

Components split(std::string_view path) {
  Components components;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view component = path.substr(0, slash);
    if (!component.empty() && component != ".") components.push_back(component);
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  return components;
}

// As split, with ".." taken back inside the root.
Components split_clean(std::string_view path) {
  Components components = split(path);
  std::size_t kept = 0;
  for (const std::string_view component : components) {
    if (component != "..") {
      components[kept++] = component;
    } else if (kept > 0) {
      --kept;
    }
  }
  components.resize(kept);
  return components;
}

std::string join(const Components& components) {
  std::string path;
  for (const std::string_view component : components) {
    if (!path.empty()) path += '/';
    path += component;
  }
  return path;
}

enum class Role { entry, whiteout, opaque, bookkeeping };

Role role_of(const Components& components) {
  const std::string_view name = components.back();
  if (name == kOpaque) return Role::opaque;
  if (name.starts_with(kBookkeeping) || components.front().starts_with(kBookkeeping)) {
    return Role::bookkeeping;
  }
  if (name.starts_with(kWhiteout) && name.size() > kWhiteout.size()) return Role::whiteout;
  return Role::entry;
}

// What one question hangs on: it stands as long as one node carries it.
struct Watch {
  std::size_t question = 0;
  std::uint32_t layer = 0;
  std::uint32_t nodes = 0;
  std::string place;  // resolved path at which it was placed last
};

struct Node {
  std::uint32_t parent = kNone;
  std::uint32_t first_child = kNone;
  std::uint32_t next = kNone;
  std::uint32_t previous = kNone;
  PathEntry::Kind kind = PathEntry::Kind::directory;
  bool watched = false;
  std::string_view name;
  std::string_view target;  // of symbolic links
};

struct Key {
  std::uint32_t parent;
  std::string_view name;
  bool operator==(const Key&) const = default;
};
struct KeyHash {
  std::size_t operator()(const Key& key) const {
    return std::hash<std::string_view>()(key.name) ^ (key.parent * std::size_t{0x9e3779b97f4a7c15});
  }
};

// The file system that the layers so far make.  Names are borrowed from the layers' paths.
class FileSystem {
 public:
  FileSystem(std::vector<Standing>& standings) : standings_(standings) { nodes_.emplace_back(); }

  using Questions = std::unordered_map<std::string, std::vector<std::size_t>>;

  void add_layer(std::uint32_t layer, const std::vector<PathEntry>& paths,
                 const std::vector<Question>& questions, const Questions& asked);

 private:
  enum class Cause { whiteout, replaced };

  void hide_lower(const std::vector<PathEntry>& paths);
  void place(const PathEntry& entry, const Components& components,
             const std::vector<std::size_t>& questions, const std::vector<Question>& all);
  void settle_removed();

  // The directory that the first `count` components lead to, links followed; missing parts and
  // files in the way become directories when `create`.  kNone when there is none.
  std::uint32_t walk(const Components& components, std::size_t count, bool create);
  bool enter_link(const Node& link, std::uint32_t& at, std::deque<std::string_view>& ahead,
                  unsigned& followed);

  [[nodiscard]] std::uint32_t child(std::uint32_t parent, std::string_view name) const {
    const auto found = children_.find({parent, name});
    return found == children_.end() ? kNone : found->second;
  }
  std::uint32_t add_child(std::uint32_t parent, std::string_view name, PathEntry::Kind kind);
  void remove(std::uint32_t node, Cause cause);
  void forget(std::uint32_t node, Cause cause);
  void attach(std::uint32_t node, std::uint32_t watch);
  [[nodiscard]] std::string path_of(std::uint32_t node) const;
  [[nodiscard]] bool covered(const std::string& path);

  std::vector<Standing>& standings_;
  std::vector<Node> nodes_;
  std::unordered_map<Key, std::uint32_t, KeyHash> children_;
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> watches_of_;
  std::vector<Watch> watches_;
  std::vector<std::uint32_t> removed_;  // watches that this layer's whiteouts took the last node of
  std::uint32_t layer_ = 0;
  std::uint64_t link_steps_ = 0;
};

std::uint32_t FileSystem::add_child(std::uint32_t parent, std::string_view name,
                                    PathEntry::Kind kind) {
  const auto node = static_cast<std::uint32_t>(nodes_.size());
  Node fresh;
  fresh.parent = parent;
  fresh.name = name;
  fresh.kind = kind;
  fresh.next = nodes_[parent].first_child;
  nodes_.push_back(fresh);
  if (fresh.next != kNone) nodes_[fresh.next].previous = node;
  nodes_[parent].first_child = node;
  children_[{parent, name}] = node;
  return node;
}

std::string FileSystem::path_of(std::uint32_t node) const {
  Components components;
  for (; node != kRoot; node = nodes_[node].parent) components.push_back(nodes_[node].name);
  std::reverse(components.begin(), components.end());
  return join(components);
}

void FileSystem::attach(std::uint32_t node, std::uint32_t watch) {
  nodes_[node].watched = true;
  watches_of_[node].push_back(watch);
  ++watches_[watch].nodes;
  watches_[watch].place = path_of(node);
}

// Takes one node out of the tree, without its children.
void FileSystem::forget(std::uint32_t node, Cause cause) {
  const Node& gone = nodes_[node];
  if (gone.previous != kNone) {
    nodes_[gone.previous].next = gone.next;
  } else {
    nodes_[gone.parent].first_child = gone.next;
  }
  if (gone.next != kNone) nodes_[gone.next].previous = gone.previous;
  children_.erase({gone.parent, gone.name});
  if (!gone.watched) return;
  const auto found = watches_of_.find(node);
  for (const std::uint32_t watch : found->second) {
    if (--watches_[watch].nodes > 0) continue;
    Standing& standing = standings_[watches_[watch].question];
    if (watches_[watch].layer == layer_) {
      standing = {State::unreachable, layer_, kShadowed};
    } else if (cause == Cause::replaced) {
      standing = {State::overwritten, layer_, {}};
    } else {
      removed_.push_back(watch);
    }
  }
  watches_of_.erase(found);
}

// Takes a node and all below it out of the tree, children before parents.
void FileSystem::remove(std::uint32_t node, Cause cause) {
  std::uint32_t at = node;
  while (true) {
    while (nodes_[at].first_child != kNone) at = nodes_[at].first_child;
    const std::uint32_t parent = nodes_[at].parent;
    forget(at, cause);
    if (at == node) return;
    at = parent;
  }
}

bool FileSystem::enter_link(const Node& link, std::uint32_t& at,
                            std::deque<std::string_view>& ahead, unsigned& followed) {
  if (++followed > kLinksFollowed || link.target.size() > kLongestPath) return false;
  const Components target = split(link.target);
  link_steps_ += target.size() + 1;
  if (link_steps_ > kLinkSteps) return false;
  ahead.insert(ahead.begin(), target.begin(), target.end());
  if (link.target.starts_with('/')) at = kRoot;
  return true;
}

std::uint32_t FileSystem::walk(const Components& components, std::size_t count, bool create) {
  // Only links put anything here: most paths are walked without it.
  std::deque<std::string_view> ahead;
  std::size_t taken = 0;
  std::uint32_t at = kRoot;
  unsigned followed = 0;
  while (!ahead.empty() || taken < count) {
    std::string_view name;
    if (ahead.empty()) {
      name = components[taken++];
    } else {
      name = ahead.front();
      ahead.pop_front();
    }
    if (name == "..") {
      if (at != kRoot) at = nodes_[at].parent;
      continue;
    }
    std::uint32_t node = child(at, name);
    if (node != kNone && nodes_[node].kind == PathEntry::Kind::symlink) {
      if (!enter_link(nodes_[node], at, ahead, followed)) return kNone;
      continue;
    }
    if (node == kNone || nodes_[node].kind != PathEntry::Kind::directory) {
      if (!create) return kNone;
      if (node != kNone) remove(node, Cause::replaced);
      node = add_child(at, name, PathEntry::Kind::directory);
    }
    at = node;
  }
  return at;
}

// Whiteouts work on what lower layers left, so all of a layer's come before its first entry.
void FileSystem::hide_lower(const std::vector<PathEntry>& paths) {
  std::vector<Components> whiteouts;
  for (const PathEntry& entry : paths) {
    if (entry.path.size() > kLongestPath || entry.path.find(kWhiteout) == std::string::npos) {
      continue;
    }
    Components components = split_clean(entry.path);
    if (components.empty()) continue;
    const Role role = role_of(components);
    if (role == Role::whiteout || role == Role::opaque) whiteouts.push_back(std::move(components));
  }
  // A directory link that is itself removed must not lead deeper whiteouts elsewhere.
  std::stable_sort(whiteouts.begin(), whiteouts.end(),
                   [](const Components& a, const Components& b) { return a.size() < b.size(); });
  for (const Components& components : whiteouts) {
    const std::uint32_t directory = walk(components, components.size() - 1, false);
    if (directory == kNone) continue;
    if (components.back() == kOpaque) {
      while (nodes_[directory].first_child != kNone) {
        remove(nodes_[directory].first_child, Cause::whiteout);
      }
    } else {
      const std::uint32_t node = child(directory, components.back().substr(kWhiteout.size()));
      if (node != kNone) remove(node, Cause::whiteout);
    }
  }
}

void FileSystem::place(const PathEntry& entry, const Components& components,
                       const std::vector<std::size_t>& questions,
                       const std::vector<Question>& all) {
  using Kind = PathEntry::Kind;
  const std::uint32_t directory = walk(components, components.size() - 1, true);
  if (directory == kNone) return;
  const std::string_view name = components.back();
  const std::uint32_t old = child(directory, name);

  // Looked up first: the link may replace what it names.
  std::vector<std::uint32_t> shared;
  if (entry.kind == Kind::hardlink && entry.target.size() <= kLongestPath) {
    const Components target = split_clean(entry.target);
    const std::uint32_t parent = target.empty() ? kNone : walk(target, target.size() - 1, false);
    const std::uint32_t linked = parent == kNone ? kNone : child(parent, target.back());
    if (linked != kNone && linked == old) return;
    if (linked != kNone && nodes_[linked].watched) {
      for (const std::uint32_t watch : watches_of_[linked]) {
        if (!all[watches_[watch].question].name_only) shared.push_back(watch);
      }
    }
  }
  for (const std::uint32_t watch : shared) ++watches_[watch].nodes;

  std::uint32_t node = old;
  const bool merges =
      old != kNone && entry.kind == Kind::directory && nodes_[old].kind == Kind::directory;
  if (!merges) {
    if (old != kNone) remove(old, Cause::replaced);
    node = add_child(directory, name, entry.kind);
    if (entry.kind == Kind::symlink) nodes_[node].target = entry.target;
  }
  for (const std::uint32_t watch : shared) {
    attach(node, watch);
    --watches_[watch].nodes;
  }
  for (const std::size_t question : questions) {
    const bool has_bytes = entry.kind == Kind::file || entry.kind == Kind::hardlink;
    if (!has_bytes && !all[question].name_only) {
      standings_[question] = {State::unreachable, layer_, kBodyOfNoFile};
      continue;
    }
    watches_.push_back({question, layer_, 0, {}});
    attach(node, static_cast<std::uint32_t>(watches_.size() - 1));
  }
}

// Whether this path, or something that is no directory above it, is there.
bool FileSystem::covered(const std::string& path) {
  std::uint32_t at = kRoot;
  for (const std::string_view name : split(path)) {
    at = child(at, name);
    if (at == kNone) return false;
    if (nodes_[at].kind != PathEntry::Kind::directory) return true;
  }
  return true;
}

// What the whiteouts removed is overwritten where the same layer puts something in its place.
void FileSystem::settle_removed() {
  for (const std::uint32_t watch : removed_) {
    const bool replaced = covered(watches_[watch].place);
    standings_[watches_[watch].question] = {
        replaced ? State::overwritten : State::deleted, layer_, {}};
  }
  removed_.clear();
}

void FileSystem::add_layer(std::uint32_t layer, const std::vector<PathEntry>& paths,
                           const std::vector<Question>& questions, const Questions& asked) {
  layer_ = layer;
  hide_lower(paths);

  // How often each asked path is there decides which copy is the last.
  std::unordered_map<std::string, std::uint32_t> total, seen;
  if (!asked.empty()) {
    for (const PathEntry& entry : paths) {
      std::string path = clean_path(entry.path);
      if (asked.contains(path)) ++total[std::move(path)];
    }
  }
  for (const PathEntry& entry : paths) {
    if (entry.path.size() > kLongestPath) continue;
    const Components components = split_clean(entry.path);
    if (components.empty()) continue;
    std::vector<std::size_t> meant;
    if (!total.empty()) {
      const std::string path = join(components);
      if (const auto found = asked.find(path); found != asked.end()) {
        const std::uint32_t copy = ++seen[path];
        for (const std::size_t question : found->second) {
          const std::uint32_t wanted = questions[question].copy;
          if (wanted == copy || (wanted == 0 && copy == total[path])) meant.push_back(question);
        }
      }
    }
    if (role_of(components) == Role::entry) {
      place(entry, components, meant, questions);
    } else {
      for (const std::size_t question : meant) {
        standings_[question] = {State::unreachable, layer, kWhiteoutBody};
      }
    }
  }
  settle_removed();
}

}  // namespace

std::string clean_path(std::string_view path) { return join(split_clean(path)); }

std::vector<Standing> settle(const std::vector<const std::vector<PathEntry>*>& layers,
                             const std::vector<Question>& questions) {
  std::vector<Standing> standings(questions.size());
  std::vector<FileSystem::Questions> asked(layers.size());
  std::size_t first = layers.size();
  for (std::size_t i = 0; i < questions.size(); ++i) {
    if (questions[i].layer >= layers.size()) continue;
    asked[questions[i].layer][questions[i].path].push_back(i);
    first = std::min(first, questions[i].layer);
  }
  if (first == layers.size()) return standings;
  FileSystem files(standings);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    files.add_layer(static_cast<std::uint32_t>(i), *layers[i], questions, asked[i]);
  }
  return standings;
}

}  // namespace minescan::judge
