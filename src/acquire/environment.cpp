#include "acquire/environment.h"

#include <unistd.h>

#include <string_view>

namespace minescan::acquire {

std::string Environment::get(const std::string& name) const {
  const auto at = variables.find(name);
  return at == variables.end() ? std::string() : at->second;
}

Environment process_environment() {
  Environment environment;
  environment.user = ::geteuid();
  for (char** at = ::environ; at != nullptr && *at != nullptr; ++at) {
    const std::string_view entry = *at;
    const auto equals = entry.find('=');
    if (equals == std::string_view::npos) continue;
    environment.variables.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return environment;
}

}  // namespace minescan::acquire
