#include "acquire/notes.h"

#include <iterator>
#include <utility>

namespace minescan::acquire {
namespace {

// Whoever can make us note things must not fill the memory.
constexpr std::size_t kKept = 4096;

}  // namespace

void Notes::add(std::string note) {
  const std::lock_guard lock(mutex_);
  if (notes_.size() < kKept) notes_.insert(std::move(note));
}

std::vector<std::string> Notes::all() const {
  const std::lock_guard lock(mutex_);
  if (notes_.size() <= kNotesLimit) return {notes_.begin(), notes_.end()};
  std::vector<std::string> shown(notes_.begin(), std::next(notes_.begin(), kNotesLimit));
  shown.push_back("and " + std::to_string(notes_.size() - kNotesLimit) +
                  (notes_.size() == kKept ? " or more" : "") + " further notes");
  return shown;
}

}  // namespace minescan::acquire
