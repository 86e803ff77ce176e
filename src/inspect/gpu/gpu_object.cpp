#include "inspect/gpu/gpu_object.h"

#include <utility>

namespace minescan::inspect::gpu {

void Kernels::add(std::string_view name) {
  if (name.empty() || full_) return;
  name = name.substr(0, kLongestKernel);
  // Twice as many as are kept, so that tidying is rare.
  if (names_.size() >= 2 * kMostKernels || bytes_ + name.size() > 2 * kMostKernelBytes) {
    tidy();
    full_ = names_.size() >= kMostKernels || bytes_ >= kMostKernelBytes;
    if (full_) return;
  }
  names_.emplace_back(name);
  bytes_ += name.size();
}

void Kernels::tidy() {
  std::sort(names_.begin(), names_.end());
  names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
  bytes_ = 0;
  for (const std::string& name : names_) bytes_ += name.size();
}

std::vector<std::string> Kernels::take() {
  tidy();
  if (names_.size() > kMostKernels) {
    names_.resize(kMostKernels);
    full_ = true;
  }
  return std::exchange(names_, {});
}

ByteView Allowance::take(ByteView section, GpuObject& object) {
  const ByteView part = section.first(std::min(section.size(), left_));
  left_ -= part.size();
  if (part.size() < section.size() && !told_) {
    add_problem(object, "sections claim more bytes than twice the file; the rest was not read");
    told_ = true;
  }
  return part;
}

void finish(GpuObject& object, Kernels& kernels, code::Words& words) {
  object.kernels = kernels.take();
  if (kernels.full()) add_problem(object, "more kernels than are listed");
  if (words.full()) {
    add_problem(object, "more than " + std::to_string(code::kMostWords) +
                            " different constants; the rest was left out");
  }
  object.words = words.take();
}

}  // namespace minescan::inspect::gpu
