// requirements.txt, as pip reads it: what ends a line for Python, what joins lines, what an option
// may be shortened to.  Whatever pip would install must be seen here.  Tested by
// requirements_test.cpp.

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "lockfiles/document.h"
#include "lockfiles/formats.h"
#include "lockfiles/places.h"
#include "lockfiles/requirement.h"
#include "lockfiles/text.h"

namespace minescan::lockfiles {
namespace {

struct Line {
  std::uint32_t number = 0;
  std::string text;
};

// The length of what ends a line for Python's splitlines() at `at`; 0 when nothing does.
std::size_t line_end(std::string_view text, std::size_t at) {
  const auto rest = text.substr(at);
  if (rest.starts_with("\r\n")) return 2;
  if (std::string_view("\n\r\v\f\x1c\x1d\x1e").find(rest[0]) != std::string_view::npos) return 1;
  if (rest.starts_with("\xc2\x85")) return 2;
  if (rest.starts_with("\xe2\x80\xa8") || rest.starts_with("\xe2\x80\xa9")) return 3;
  return 0;
}

std::vector<Line> physical_lines(std::string_view text) {
  std::vector<Line> lines;
  std::uint32_t number = 1;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = line_end(text, at);
    if (end == 0) {
      ++at;
      continue;
    }
    lines.push_back({number, std::string(text.substr(begin, at - begin))});
    if (text.substr(at, end).find('\n') != std::string_view::npos) ++number;
    at += end;
    begin = at;
  }
  if (begin < text.size()) lines.push_back({number, std::string(text.substr(begin))});
  return lines;
}

bool is_blank(char c) { return std::string_view(" \t\v\f\r\n").find(c) != std::string_view::npos; }

// Where a comment begins: a '#' at the start or behind a blank.
std::size_t comment_begin(std::string_view text) {
  for (auto at = text.find('#'); at != std::string_view::npos; at = text.find('#', at + 1)) {
    if (at == 0 || is_blank(text[at - 1])) return at;
  }
  return std::string_view::npos;
}

// Lines that end in a backslash joined with the next one, without comments and blanks around.
std::vector<Line> logical_lines(std::string_view text) {
  std::vector<Line> lines;
  Line joined;
  bool open = false;
  for (Line& line : physical_lines(text)) {
    const auto first = line.text.find_first_not_of(" \t\v\f");
    const bool is_comment = first != std::string::npos && line.text[first] == '#';
    if (!open) joined = {line.number, ""};
    // A comment ends what was open and stays one, whatever it ends in.
    open = line.text.ends_with('\\') && !is_comment;
    if (open) {
      const auto begin = line.text.find_first_not_of('\\');
      const auto end = line.text.find_last_not_of('\\');
      if (begin != std::string::npos) joined.text += line.text.substr(begin, end + 1 - begin);
      continue;
    }
    joined.text += (is_comment ? " " : "") + line.text;
    lines.push_back(std::exchange(joined, {}));
  }
  if (open) lines.push_back(std::exchange(joined, {}));
  for (Line& line : lines) {
    const std::string_view all = line.text;
    line.text = std::string(trimmed(all.substr(0, comment_begin(all))));
  }
  std::erase_if(lines, [](const Line& line) { return line.text.empty(); });
  return lines;
}

// As a shell divides words.
std::vector<std::string> shell_words(std::string_view text) {
  std::vector<std::string> words;
  bool open = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == 0 && is_blank(c)) {
      open = false;
      continue;
    }
    if (!open) words.emplace_back();
    open = true;
    if (quote != 0 && c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      words.back() += text[++i];
    } else {
      words.back() += c;
    }
  }
  return words;
}

struct Option {
  std::string_view name;
  char letter = 0;
  bool has_value = true;
};
constexpr std::array kOptions = {
    Option{"--requirement", 'r'},
    Option{"--constraint", 'c'},
    Option{"--editable", 'e'},
    Option{"--index-url", 'i'},
    Option{"--pypi-url"},
    Option{"--extra-index-url"},
    Option{"--find-links", 'f'},
    Option{"--hash"},
    Option{"--no-binary"},
    Option{"--only-binary"},
    Option{"--trusted-host"},
    Option{"--use-feature"},
    Option{"--global-option"},
    Option{"--config-settings"},
    Option{"--no-index", 0, false},
    Option{"--prefer-binary", 0, false},
    Option{"--require-hashes", 0, false},
    Option{"--pre", 0, false},
};

// An option that is named in full, or shortened to what only it begins with.
const Option* long_option(std::string_view name) {
  const Option* found = nullptr;
  for (const Option& option : kOptions) {
    if (option.name == name) return &option;
    if (!option.name.starts_with(name)) continue;
    if (found != nullptr) return nullptr;
    found = &option;
  }
  return found;
}

using Options = std::vector<std::pair<std::string_view, std::string>>;

// The options of a line with their values.  A word that is none is a problem's text.
Result<Options> read_options(std::string_view text) {
  Options options;
  const auto words = shell_words(text);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    const Option* option = nullptr;
    std::optional<std::string_view> value;
    if (word.starts_with("--") && word.size() > 2) {
      const auto [name, rest] = cut(word, word.find('='));
      option = long_option(name);
      if (name.size() != word.size()) value = rest;
    } else if (word.starts_with('-') && word.size() > 1) {
      const auto at = std::find_if(kOptions.begin(), kOptions.end(), [&](const Option& one) {
        return one.letter != 0 && one.letter == word[1];
      });
      if (at != kOptions.end()) option = &*at;
      if (word.size() > 2) value = word.substr(2);
    }
    if (option == nullptr) return fail(Code::corrupt, quoted(word) + " is no option that is known");
    if (option->has_value && !value) {
      if (++i == words.size()) return fail(Code::corrupt, quoted(word) + " has no value");
      value = words[i];
    }
    options.emplace_back(option->name, std::string(value.value_or("")));
  }
  return options;
}

// The encoding that the first two lines declare must be one in which names are ASCII.
bool is_readable_encoding(std::string_view text) {
  static constexpr std::array<std::string_view, 8> kKnown = {
      "utf-8", "utf8", "utf-8-sig", "ascii", "us-ascii", "latin-1", "latin1", "iso-8859-1"};
  Lines lines(text);
  for (int i = 0; i < 2 && lines.next(); ++i) {
    const auto at = lines.line().find("coding");
    if (!lines.line().starts_with('#') || at == std::string_view::npos) continue;
    auto rest = lines.line().substr(at + 6);
    if (!rest.starts_with(':') && !rest.starts_with('=')) continue;
    rest = trimmed(rest.substr(1));
    std::string name = lower(rest.substr(0, rest.find_first_of(" \t;,*")));
    std::replace(name.begin(), name.end(), '_', '-');
    if (std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end()) return false;
  }
  return true;
}

// "${NAME}", which pip replaces by a variable of its environment.
bool has_variable(std::string_view text) {
  for (auto at = text.find("${"); at != std::string_view::npos; at = text.find("${", at + 1)) {
    const auto end = text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", at + 2);
    if (end != std::string_view::npos && end > at + 2 && text[end] == '}') return true;
  }
  return false;
}

class Requirements {
 public:
  Requirements(const Input& input, Entries& entries) : read_(input.read), entries_(entries) {
    seen_.emplace(input.path, false);
  }

  Result<void> file(const std::string& path, std::string_view text, bool constrains) {
    if (!is_readable_encoding(text)) {
      return fail_at(Code::unsupported, path, 1,
                     "declares an encoding that is not read; use UTF-8");
    }
    for (const Line& line : logical_lines(text)) this->line(path, line, constrains);
    return {};
  }

  // Only when all files are read is it known what constraints pin and which index is meant.
  void finish() {
    std::map<std::string, const Dependency*> pins;
    for (const Dependency& one : constraints_) {
      pins.emplace(normalised_name(Ecosystem::pypi, one.name), &one);
    }
    std::set<std::string> required;
    for (Dependency& one : requirements_) {
      if (entries_.is_full()) return;
      const std::string name = normalised_name(Ecosystem::pypi, one.name);
      required.insert(name);
      const auto pin = pins.find(name);
      if (pin != pins.end() && one.version.empty() && one.source == Dependency::Source::registry) {
        one.version = pin->second->version;
        if (one.files.empty()) one.files = pin->second->files;
      }
      // pip takes the URL of a constraint in place of the registry's file.
      if (pin != pins.end() && pin->second->source != one.source) {
        entries_.problem(pin->second->file, pin->second->line,
                         quoted(one.name) +
                             " comes from elsewhere by a constraint, which is not "
                             "read");
      }
      add(std::move(one));
    }
    // What is pinned without being required may be what a requirement requires.
    for (Dependency& one : constraints_) {
      const bool is_required = required.contains(normalised_name(Ecosystem::pypi, one.name));
      if (!is_required) add(std::move(one));
    }
  }

 private:
  void add(Dependency one) {
    if (one.source == Dependency::Source::registry) one.registry = index_;
    entries_.add(std::move(one));
  }

  void line(const std::string& path, const Line& line, bool constrains) {
    const std::string_view text = line.text;
    // Options begin at the first word with a '-'.
    std::size_t begin = text.starts_with('-') ? 0 : text.find(" -");
    const auto requirement = trimmed(text.substr(0, begin));
    auto options =
        read_options(begin == std::string_view::npos ? std::string_view() : text.substr(begin));
    if (!options) {
      entries_.problem(path, line.number, options.error().what);
      options = Options{};
    }
    if (requirement.empty()) {
      for (const auto& [name, value] : *options) option(path, line, name, value);
      return;
    }
    require(path, line, requirement, *options, constrains);
  }

  void require(const std::string& path, const Line& line, std::string_view text,
               const Options& options, bool constrains) {
    if (has_variable(text)) {
      entries_.problem(path, line.number,
                       quoted(text) +
                           " holds a variable of the environment, so the entry is left "
                           "out");
      return;
    }
    Dependency entry;
    entry.file = path;
    entry.line = line.number;
    if (!read_requirement(text, entries_, entry)) return;
    for (const auto& [name, value] : options) {
      if (name != "--hash") continue;
      if (entry.files.empty()) entry.files.emplace_back();
      entries_.add_digest(entry, value, entry.files.front());
    }
    if (constrains && entry.version.empty()) return;  // a range says nothing of what is installed
    // One more than Entries takes, so that it is told.
    auto& list = constrains ? constraints_ : requirements_;
    if (list.size() <= kMostEntries) list.push_back(std::move(entry));
  }

  void option(const std::string& path, const Line& line, std::string_view name,
              const std::string& value) {
    if (name == "--requirement" || name == "--constraint") {
      include(path, line, value, name == "--constraint");
    } else if (name == "--editable") {
      require(path, line, value, {}, false);
    } else if (name == "--index-url" || name == "--pypi-url") {
      index_ = value;
    } else if (name == "--extra-index-url" || name == "--find-links") {
      entries_.problem(path, line.number,
                       std::string(name) + " " + quoted(value) +
                           " names a further place from which every package "
                           "may come; it is not read");
    }
  }

  void include(const std::string& path, const Line& line, const std::string& name,
               bool constrains) {
    const auto problem = [&](const std::string& what) {
      entries_.problem(path, line.number, quoted(name) + " " + what);
    };
    if (name.find("://") != std::string::npos || has_variable(name)) {
      return problem("is no file of the tree, so what it requires is not read");
    }
    const auto inside = path_in_tree(folder_of(path), name);
    if (!inside) return problem("lies outside of the tree, so what it requires is not read");
    if (!seen_.emplace(*inside, constrains).second) return;
    if (depth_ >= kDeepestInclude || seen_.size() > kMostIncludes) {
      return problem("is one include too many, so what it requires is not read");
    }
    const auto text = read_ ? read_(*inside) : fail(Code::not_found, "there are no other files");
    if (!text) return problem("is not read: " + text.error().what);
    bytes_ += text->size();
    if (bytes_ > kMostIncludedBytes || text->find('\0') != std::string::npos) {
      return problem("is too large or no text, so what it requires is not read");
    }
    ++depth_;
    std::string_view included = *text;
    if (included.starts_with("\xef\xbb\xbf")) included.remove_prefix(3);
    if (const auto done = file(*inside, included, constrains); !done) {
      problem("is not read: " + done.error().what);
    }
    --depth_;
  }

  const Read& read_;
  Entries& entries_;
  std::vector<Dependency> requirements_;
  std::vector<Dependency> constraints_;
  std::set<std::pair<std::string, bool>> seen_;  // the second: as constraints
  std::string index_;
  std::size_t depth_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

Result<void> read_requirements(const Input& input, Entries& entries) {
  Requirements requirements(input, entries);
  MINESCAN_TRY(requirements.file(input.path, input.text, false));
  requirements.finish();
  return {};
}

}  // namespace minescan::lockfiles
