// Gemfile.lock.  A version may end in a platform, as the gem's file name does.  Tested by
// gemfile_test.cpp.

#include <map>
#include <utility>

#include "lockfiles/document.h"
#include "lockfiles/formats.h"
#include "lockfiles/integrity.h"
#include "lockfiles/text.h"

namespace minescan::lockfiles {
namespace {

// "name (version)" and what follows; an empty version when it is not of this form.
struct Spec {
  std::string_view name;
  std::string_view version;
  std::string_view rest;
};
Spec read_spec(std::string_view text) {
  const auto open = text.find(" (");
  const auto close = text.find(')', open == std::string_view::npos ? 0 : open);
  if (open == std::string_view::npos || close == std::string_view::npos) return {text, {}, {}};
  return {text.substr(0, open), text.substr(open + 2, close - open - 2),
          trimmed(text.substr(close + 1))};
}

using Digests = std::map<std::pair<std::string_view, std::string_view>, std::string_view>;

// "name (version) sha256=…,…" of the section CHECKSUMS, which comes after the gems.
Digests read_digests(std::string_view text) {
  Digests digests;
  bool inside = false;
  Lines lines(text);
  while (lines.next()) {
    if (!lines.line().empty() && lines.line()[0] != ' ') inside = lines.line() == "CHECKSUMS";
    if (!inside) continue;
    const Spec spec = read_spec(trimmed(lines.line()));
    digests[{spec.name, spec.version}] = spec.rest;
  }
  return digests;
}

// One of the sections that have a source and specs: GEM, GIT, PATH, PLUGIN SOURCE.
struct Section {
  std::string_view kind;
  std::string remote;
  std::string revision;
};

void add(const Section& section, const Spec& spec, std::uint32_t line, const Digests& digests,
         Entries& entries) {
  Dependency entry;
  entry.line = line;
  entry.name = spec.name;
  entry.version = spec.version;
  if (section.kind == "GIT") {
    entries.set_git(entry, section.remote, section.revision);
  } else if (section.kind == "PATH") {
    entry.source = Dependency::Source::path;
    entry.location = section.remote;
  } else {
    entry.registry = section.remote;
    PackageFile file{.name = entry.name + "-" + entry.version + ".gem"};
    const auto found = digests.find({spec.name, spec.version});
    auto rest = found == digests.end() ? std::string_view() : found->second;
    while (!rest.empty()) {
      const auto [one, others] = cut(rest, rest.find(','));
      rest = others;
      entries.add_digest(entry, one, file);
    }
    entry.files.push_back(std::move(file));
  }
  entries.add(std::move(entry));
}

}  // namespace

Result<void> read_gemfile(const Input& input, Entries& entries) {
  const Digests digests = read_digests(input.text);
  Section section;
  bool in_specs = false;
  bool is_known = false;
  Lines lines(input.text);
  while (lines.next()) {
    const std::string_view line = lines.line();
    const auto text = trimmed(line);
    if (text.empty()) continue;
    const std::size_t indent = line.find_first_not_of(' ');
    if (indent == 0) {
      section = {.kind = text};
      in_specs = false;
      static constexpr std::string_view kKinds[] = {
          "GEM",          "GIT",       "PATH",         "PLUGIN SOURCE", "PLATFORMS",
          "DEPENDENCIES", "CHECKSUMS", "RUBY VERSION", "BUNDLED WITH"};
      is_known = false;
      for (const auto kind : kKinds) is_known = is_known || kind == text;
      if (!is_known) {
        return fail_at(Code::corrupt, input.path, lines.number(),
                       quoted(text) + " is no section of a lockfile of Bundler");
      }
      continue;
    }
    if (!is_known) {
      return fail_at(Code::corrupt, input.path, lines.number(), "not a lockfile of Bundler");
    }
    const bool has_specs = section.kind == "GEM" || section.kind == "GIT" ||
                           section.kind == "PATH" || section.kind == "PLUGIN SOURCE";
    if (!has_specs) continue;
    if (indent == 2) {
      const auto [key, value] = cut(text, text.find(':'));
      in_specs = key == "specs";
      if (key == "remote") {
        if (!section.remote.empty()) {
          entries.problem(lines.number(), "a further place from which these gems may come, " +
                                              quoted(trimmed(value)) + ", is not read");
        } else {
          section.remote = trimmed(value);
        }
      }
      if (key == "revision") section.revision = trimmed(value);
    } else if (indent == 4 && in_specs) {
      const Spec spec = read_spec(text);
      if (spec.version.empty()) {
        entries.problem(lines.number(), quoted(text) + " is no gem with a version");
        continue;
      }
      add(section, spec, lines.number(), digests, entries);
    }
  }
  return {};
}

}  // namespace minescan::lockfiles
