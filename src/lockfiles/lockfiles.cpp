#include "lockfiles/lockfiles.h"

#include <algorithm>
#include <array>

#include "lockfiles/document.h"
#include "lockfiles/entries.h"
#include "lockfiles/formats.h"

namespace minescan::lockfiles {
namespace {

constexpr std::size_t kLargestFile = std::size_t{64} << 20;

struct Format {
  // The end of a path: of as many parts as it has itself.  '*' is any text without '/'.
  std::string_view pattern;
  Ecosystem ecosystem;
  Result<void> (*read)(const Input& input, Entries& entries);
};

constexpr std::array kFormats = {
    Format{"package-lock.json", Ecosystem::npm, read_package_lock},
    Format{"npm-shrinkwrap.json", Ecosystem::npm, read_package_lock},
    Format{"yarn.lock", Ecosystem::npm, read_yarn},
    Format{"pnpm-lock.yaml", Ecosystem::npm, read_pnpm},
    Format{"bun.lock", Ecosystem::npm, read_bun},
    Format{"bun.lockb", Ecosystem::npm, read_bun_binary},
    Format{"requirements*.txt", Ecosystem::pypi, read_requirements},
    Format{"*requirements.txt", Ecosystem::pypi, read_requirements},
    Format{"requirements/*.txt", Ecosystem::pypi, read_requirements},
    Format{"poetry.lock", Ecosystem::pypi, read_poetry},
    Format{"uv.lock", Ecosystem::pypi, read_uv},
    Format{"pdm.lock", Ecosystem::pypi, read_pdm},
    Format{"pylock.toml", Ecosystem::pypi, read_pylock},
    Format{"pylock.*.toml", Ecosystem::pypi, read_pylock},
    Format{"Pipfile.lock", Ecosystem::pypi, read_pipfile},
    Format{"Cargo.lock", Ecosystem::cargo, read_cargo},
    Format{"go.sum", Ecosystem::golang, read_go_sum},
    Format{"go.work.sum", Ecosystem::golang, read_go_sum},
    Format{"Gemfile.lock", Ecosystem::gem, read_gemfile},
    Format{"gems.locked", Ecosystem::gem, read_gemfile},
    Format{"packages.lock.json", Ecosystem::nuget, read_nuget},
    Format{"gradle.lockfile", Ecosystem::maven, read_gradle},
    Format{"buildscript-gradle.lockfile", Ecosystem::maven, read_gradle},
    Format{"dependency-locks/*.lockfile", Ecosystem::maven, read_gradle},
};

bool matches(std::string_view pattern, std::string_view text) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  const auto prefix = pattern.substr(0, star);
  if (!text.starts_with(prefix)) return false;
  for (auto rest = text.substr(prefix.size());; rest.remove_prefix(1)) {
    if (matches(pattern.substr(star + 1), rest)) return true;
    if (rest.empty() || rest.front() == '/') return false;
  }
}

bool names_end_of(std::string_view pattern, std::string_view path) {
  std::size_t begin = path.size() + 1;
  for (std::size_t at = 0; at != std::string_view::npos; at = pattern.find('/', at + 1)) {
    if (begin == 0) return false;
    const auto slash = begin == 1 ? std::string_view::npos : path.rfind('/', begin - 2);
    begin = slash == std::string_view::npos ? 0 : slash + 1;
  }
  return matches(pattern, path.substr(begin));
}

const Format* format_of(std::string_view path) {
  // What lies there is installed and says nothing about what will be.
  if (path.starts_with("node_modules/") || path.find("/node_modules/") != std::string_view::npos) {
    return nullptr;
  }
  for (const Format& format : kFormats) {
    if (names_end_of(format.pattern, path)) return &format;
  }
  return nullptr;
}

}  // namespace

bool knows_wish(const Lockfile& lockfile, std::string_view folder, std::string_view name,
                std::string_view range) {
  if (range.empty()) range = "*";
  const auto has = [&](std::string_view from, std::string_view wanted) {
    return std::binary_search(lockfile.wishes.begin(), lockfile.wishes.end(),
                              Wish{std::string(from), std::string(name), std::string(wanted)});
  };
  // A URL, a path, a forge's name or an alias is no range.
  const bool is_range = range.find_first_of(":/") == std::string_view::npos;
  return has(folder, range) || has("*", range) ||
         (is_range && (has(folder, "") || has("*", "npm:" + std::string(range))));
}

bool is_lockfile(std::string_view path) { return format_of(path) != nullptr; }

Result<Lockfile> parse(const std::string& path, ByteView bytes, const Read& read) {
  const Format* format = format_of(path);
  if (format == nullptr) {
    return fail_at(Code::unsupported, path, 1,
                   "the file's name is not of a lockfile that is known");
  }
  if (bytes.size() > kLargestFile) {
    return fail_at(Code::limit_bytes, path, 1,
                   "larger than " + std::to_string(kLargestFile >> 20) + " MiB");
  }
  std::string_view text = as_text(bytes);
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  // Some parsers take a NUL for the end and others for a character.
  if (format->read != read_bun_binary && text.find('\0') != std::string_view::npos) {
    return fail_at(Code::corrupt, path, 1, "holds a NUL, so it is not the text that it should be");
  }
  Entries entries(format->ecosystem, path);
  MINESCAN_TRY(format->read({.path = path, .text = text, .read = read}, entries));
  return entries.take();
}

}  // namespace minescan::lockfiles
