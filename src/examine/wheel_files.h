#pragma once
// A wheel's RECORD lists all of its files (binary distribution format of PyPA).  pip installs what
// is not listed too, and whoever checks an installation by RECORD does not see it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/source.h"

namespace minescan::examine {

class WheelFiles {
 public:
  // A file of the archive; its body is only looked at, and only when it is the RECORD.
  void add(std::string_view path, Source& body);

  // Once all are there: one sentence on those that are not listed, if any are.
  [[nodiscard]] std::optional<std::string> oddity();

 private:
  std::vector<std::string> files_;
  std::vector<std::string> listed_;
  bool has_record_ = false;
};

}  // namespace minescan::examine
