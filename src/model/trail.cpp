#include "model/trail.h"

#include <array>

namespace minescan {

std::string_view step_kind_name(Step::Kind kind) {
  static constexpr std::array<std::string_view, 5> kNames = {"unit", "member", "decoder", "view",
                                                             "offset"};
  return kNames.at(static_cast<std::size_t>(kind));
}

Trail Trail::file() const {
  std::size_t end = steps.empty() ? 0 : 1;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].kind == Step::Kind::member) end = i + 1;
  }
  return {{steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(end)}};
}

std::string Trail::top_path() const {
  for (const Step& step : steps) {
    if (step.kind == Step::Kind::member) return step.name;
  }
  return {};
}

std::string Trail::text() const {
  std::string joined;
  for (const Step& step : steps) {
    if (!joined.empty()) joined += " › ";
    joined += step.name;
  }
  return joined;
}

}  // namespace minescan
