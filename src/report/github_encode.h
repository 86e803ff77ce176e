#pragma once
// One workflow command of GitHub Actions: "::error file=a,line=3::text\n".

#include <string>
#include <string_view>

namespace minescan::report {

class WorkflowCommand {
 public:
  // kind: "error", "warning" or "notice".
  explicit WorkflowCommand(std::string_view kind) : head_("::" + std::string(kind)) {}

  // In a value "%", line ends, ":" and "," are written as %XX, which the runner resolves.
  void property(std::string_view name, std::string_view value);

  // The whole command.  In the text "%" and line ends are written as %XX; it should be printable.
  [[nodiscard]] std::string text(std::string_view text) const;

 private:
  std::string head_;
  bool has_property_ = false;
};

}  // namespace minescan::report
