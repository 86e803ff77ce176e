#include "model/rule.h"

namespace minescan {

std::string_view level_name(Level level) {
  switch (level) {
    case Level::note:
      return "note";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
  }
  return "error";
}

std::string_view confidence_name(Confidence confidence) {
  switch (confidence) {
    case Confidence::low:
      return "low";
    case Confidence::medium:
      return "medium";
    case Confidence::high:
      return "high";
  }
  return "high";
}

std::string_view scope_name(Scope scope) {
  switch (scope) {
    case Scope::view:
      return "view";
    case Scope::file:
      return "file";
    case Scope::directory:
      return "directory";
    case Scope::artifact:
      return "artifact";
  }
  return "artifact";
}

}  // namespace minescan
