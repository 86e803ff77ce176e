// go.sum.  It names what may be fetched, which is at least what is built.  Tested by
// go_sum_test.cpp.

#include <utility>

#include "lockfiles/formats.h"
#include "lockfiles/integrity.h"
#include "lockfiles/text.h"

namespace minescan::lockfiles {

Result<void> read_go_sum(const Input& input, Entries& entries) {
  Lines lines(input.text);
  while (lines.next()) {
    const auto text = trimmed(lines.line());
    if (text.empty()) continue;
    const auto [module, rest] = cut(text, text.find(' '));
    const auto [version, digest] = cut(rest, rest.find(' '));
    const auto [algorithm, base64] = cut(digest, digest.find(':'));
    if (version.empty() || base64.empty() || digest.find(' ') != std::string_view::npos) {
      entries.problem(lines.number(), quoted(text) + " is no line of go.sum");
      continue;
    }
    if (version.ends_with("/go.mod")) continue;  // of its go.mod alone; no code is fetched for it
    Dependency entry;
    entry.line = lines.number();
    entry.name = module;
    entry.version = version;
    if (auto sum = base64_digest(algorithm, base64)) {
      entry.files.push_back({.integrity = {std::move(*sum)}});
    } else {
      entries.problem(entry.line, quoted(digest) + " of " + quoted(module) + " is no digest");
    }
    entries.add(std::move(entry));
  }
  return {};
}

}  // namespace minescan::lockfiles
