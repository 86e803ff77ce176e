#include "model/report.h"

namespace minescan {

std::string_view state_name(State state) {
  switch (state) {
    case State::present:
      return "present";
    case State::overwritten:
      return "overwritten";
    case State::deleted:
      return "deleted";
    case State::unreachable:
      return "unreachable";
  }
  return "present";
}

std::string Platform::text() const {
  if (os.empty() && architecture.empty()) return "unknown";
  std::string joined =
      (os.empty() ? "unknown" : os) + "/" + (architecture.empty() ? "unknown" : architecture);
  if (!variant.empty()) joined += "/" + variant;
  return joined;
}

}  // namespace minescan
