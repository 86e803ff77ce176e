#include "review/seen.h"

#include "review/facts.h"

namespace minescan::review {
namespace {

// More files than that in two artifacts that someone compares are not compared one by one.
constexpr std::size_t kMostFiles = 2'000'000;

// A file itself, and nothing decoded or cut from it.
bool is_file(const Trail& trail) {
  return !trail.steps.empty() && (trail.steps.back().kind == Step::Kind::member ||
                                  trail.steps.back().kind == Step::Kind::unit);
}

}  // namespace

Seen::Seen(const Artifact& artifact, bool strip_first_folder) : strip_(strip_first_folder) {
  for (std::size_t i = 0; i < artifact.units.size(); ++i) units_[artifact.units[i].name] = i;
}

std::string Seen::path_of(const Trail& trail) const {
  std::string path;
  bool first = true;
  for (const Step& step : trail.steps) {
    if (step.kind != Step::Kind::member) continue;
    std::string_view name = step.name;
    while (name.starts_with("./")) name.remove_prefix(2);
    while (name.starts_with('/')) name.remove_prefix(1);
    if (first && strip_) {
      const auto slash = name.find('/');
      if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
    }
    if (!first) path += '!';
    path += name;
    first = false;
  }
  return path;
}

Seen::Open* Seen::at(const Trail& trail) {
  const auto found = files_.find(path_of(trail));
  return found == files_.end() || found->second.file.trail != trail ? nullptr : &found->second;
}

void Seen::on_node(const Trail& trail, std::string_view type, ViewKind view) {
  if (!is_file(trail)) return;
  const std::lock_guard lock(mutex_);
  if (files_.size() >= kMostFiles) {
    full_ = true;
    return;
  }
  // A later layer, or a later entry of the same name, takes the place of an earlier one, whichever
  // thread is first.
  std::string path = path_of(trail);
  if (const auto other = files_.find(path); other != files_.end()) {
    const auto order = [&](const Trail& one) {
      const auto unit = units_.find(one.steps.front().name);
      return unit == units_.end() ? std::size_t{0} : unit->second;
    };
    if (order(other->second.file.trail) > order(trail)) return;
  }
  Open open;
  open.file.type = type;
  open.file.trail = trail;
  open.file.program = view == ViewKind::executable;
  files_.insert_or_assign(std::move(path), std::move(open));
}

void Seen::on_block(const Trail& trail, ByteView bytes, std::uint64_t offset) {
  if (!is_file(trail)) return;
  const std::lock_guard lock(mutex_);
  Open* open = at(trail);
  if (open == nullptr) return;
  if (!open->hasher) open->hasher.emplace();
  open->hasher->update(bytes);
  if (offset <= kMostText && open->file.text.size() == offset && has_facts(path_of(trail))) {
    open->file.text += as_text(bytes).substr(0, kMostText - open->file.text.size());
  }
}

void Seen::on_view(const Trail& trail, ViewKind kind, ByteView /*bytes*/) {
  if (kind != ViewKind::kernels) return;
  const std::lock_guard lock(mutex_);
  if (Open* open = at(trail.file()); open != nullptr) open->file.gpu = true;
}

void Seen::on_words(const Trail&, ViewKind, const std::string&, const std::string&) {}

SeenFiles Seen::take() {
  SeenFiles seen;
  for (auto& [path, open] : files_) {
    if (open.hasher) open.file.digest = open.hasher->finish();
    seen.emplace(path, std::move(open.file));
  }
  files_.clear();
  return seen;
}

}  // namespace minescan::review
