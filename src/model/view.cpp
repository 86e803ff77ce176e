#include "model/view.h"

namespace minescan {
namespace {
constexpr std::array<std::string_view, kViewKinds> kNames = {
    "executable",   "script", "config",  "document", "text", "binary",   "argv",  "command",
    "image_config", "path",   "kernels", "packer",   "code", "gpu_code", "change"};
}

std::string_view view_name(ViewKind kind) { return kNames.at(static_cast<std::size_t>(kind)); }

std::optional<ViewKind> view_by_name(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<ViewKind>(i);
  }
  return std::nullopt;
}

}  // namespace minescan
