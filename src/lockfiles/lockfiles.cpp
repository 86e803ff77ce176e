#include "lockfiles/lockfiles.h"

namespace minescan::lockfiles {

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
    case Change::Kind::source:
      break;
  }
  return "source";
}

}  // namespace minescan::lockfiles
