#pragma once
// What the process was given from outside, as a value, so that a test can give something else.

#include <map>
#include <string>

namespace minescan::acquire {

struct Environment {
  std::map<std::string, std::string> variables;
  unsigned user = 0;  // effective user id

  // "" when the variable is absent.
  [[nodiscard]] std::string get(const std::string& name) const;
};

Environment process_environment();

}  // namespace minescan::acquire
