// gradle.lockfile: "group:artifact:version=configuration,configuration" a line.  Tested by
// gradle_test.cpp.

#include <utility>

#include "lockfiles/formats.h"
#include "lockfiles/text.h"

namespace minescan::lockfiles {
namespace {

bool is_for_tests(std::string_view configurations) {
  if (configurations.empty()) return false;
  while (!configurations.empty()) {
    const auto [one, rest] = cut(configurations, configurations.find(','));
    if (!one.starts_with("test")) return false;
    configurations = rest;
  }
  return true;
}

}  // namespace

Result<void> read_gradle(const Input& input, Entries& entries) {
  Lines lines(input.text);
  while (lines.next()) {
    const auto text = trimmed(lines.line());
    // "empty=" lists configurations without any dependency.
    if (text.empty() || text.starts_with('#') || text.starts_with("empty=")) continue;
    const auto [module, configurations] = cut(text, text.find('='));
    const auto colon = module.rfind(':');
    const auto [name, version] = cut(module, colon);
    if (version.empty() || name.find(':') == std::string_view::npos) {
      entries.problem(lines.number(), quoted(text) + " is no line of a lockfile of Gradle");
      continue;
    }
    Dependency entry;
    entry.line = lines.number();
    entry.name = name;
    entry.version = version;
    entry.development = is_for_tests(configurations);
    entries.add(std::move(entry));
  }
  return {};
}

}  // namespace minescan::lockfiles
