#include "inspect/commands/variables.h"

#include <algorithm>
#include <optional>

#include "inspect/commands/options.h"
#include "inspect/commands/text.h"

namespace minescan::inspect {
namespace {

using namespace commands;

constexpr std::size_t kLongestExpansion = std::size_t{16} << 10;
constexpr std::size_t kLongestValue = 400;
constexpr std::size_t kMostVariables = 2000;
constexpr int kDeepestExpansion = 4;
// A reference is no longer than that, with what it says to take otherwise.
constexpr std::size_t kLongestReference = 512;
// Longer lines are minified code or data: they are looked at in parts of that size.
constexpr std::size_t kLongestAssignmentLine = 1000;

bool is_name_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::size_t name_length(std::string_view text) {
  if (text.empty() || !is_name_start(text.front())) return 0;
  std::size_t end = 1;
  while (end < text.size() && is_word(text[end])) ++end;
  return end;
}

constexpr bool is_quote(char c) { return c == '"' || c == '\''; }

// The last literal of a text; "" when there is none.
std::string_view last_literal(std::string_view text) {
  const std::size_t close = text.find_last_of("\"'");
  if (close == std::string_view::npos || close == 0) return {};
  const std::size_t open = text.rfind(text[close], close - 1);
  if (open == std::string_view::npos) return {};
  return text.substr(open + 1, close - open - 1);
}

// A value up to its closing quote, with the quoted texts that are added to it, or up to the next
// blank; options up to the line's end.
std::string value_of(std::string_view text) {
  text = trimmed(text);
  if (text.empty()) return {};
  // A list of one.
  if (text.front() == '[' && text.ends_with(']') && text.find(',') == std::string_view::npos) {
    return value_of(text.substr(1, text.size() - 2));
  }
  if (!is_quote(text.front())) {
    const std::string_view word = text.substr(0, text.find_first_of(" \t;,)"));
    if (word.size() > 1 && word[0] == '-' && (is_name_start(word[1]) || word[1] == '-')) {
      return std::string(text.substr(0, text.find(';')));
    }
    // What counts when the environment says nothing: getenv("A", "b"), process.env.A || 'b'.
    if (word.find("env") != std::string_view::npos && word.front() != '$') {
      const std::string_view statement = text.substr(0, text.find(';'));
      const std::string_view literal = last_literal(statement);
      if (literal.size() > 1 && statement.find_first_of("|?,") != std::string_view::npos) {
        return std::string(literal);
      }
    }
    return std::string(word);
  }
  std::string value;
  while (!text.empty() && is_quote(text.front())) {
    const std::size_t end = std::min(text.find(text.front(), 1), text.size());
    value += text.substr(1, end - 1);
    text = trimmed(text.substr(std::min(text.size(), end + 1)));
    if (text.empty() || std::string_view("+&.").find(text.front()) == std::string_view::npos) break;
    text = trimmed(text.substr(1));
  }
  return value;
}

std::string without_quotes(std::string_view text) {
  std::string plain;
  for (const char c : trimmed(text)) {
    if (!is_quote(c)) plain += c;
  }
  return plain;
}

std::string_view last_word(std::string_view text) {
  std::size_t start = text.size();
  while (start > 0 && is_word(text[start - 1])) --start;
  return text.substr(start);
}

// The name that stands before an assignment's mark, which may be followed by its type:
// "const NAME: &str", "var NAME string".
std::string_view assigned_name(std::string_view before) {
  constexpr std::size_t kLongestType = 40;
  if (const std::size_t colon = before.rfind(':');
      colon != std::string_view::npos && colon > 0 && before.find('$') == std::string_view::npos) {
    const std::string_view type = trimmed(before.substr(colon + 1));
    const bool is_type =
        !type.empty() && type.size() <= kLongestType && before[colon - 1] != ':' &&
        std::all_of(type.begin(), type.end(), [](char c) {
          return is_word(c) || std::string_view("&'<>[]; .").find(c) != std::string_view::npos;
        });
    if (is_type) return last_word(trimmed(before.substr(0, colon)));
  }
  if (before.starts_with("var ") || before.starts_with("const ")) {
    const std::string_view rest = trimmed(before.substr(before.find(' ')));
    const std::size_t name = name_length(rest);
    const std::string_view type = trimmed(rest.substr(name));
    if (name > 0 && !type.empty() && name_length(type) == type.size()) return rest.substr(0, name);
  }
  return last_word(before);
}

// The length of "{{ … }}" or "${{ … }}" at the front of a text, or 0.
std::size_t template_length(std::string_view text) {
  const std::size_t lead = text.starts_with("${{") ? 3 : text.starts_with("{{") ? 2 : 0;
  if (lead == 0) return 0;
  const std::size_t end = text.substr(0, kLongestReference).find("}}", lead);
  return end == std::string_view::npos ? 0 : end + 2;
}

// What a template names; `otherwise` is what it says to take when that is not set.
std::string_view template_names(std::string_view text, std::string_view& otherwise) {
  text = text.substr(0, text.size() - 2);
  text = trimmed(text.substr(text.find_last_of('{') + 1));
  while (!text.empty() && (text.front() == '-' || is_blank(text.front()))) text.remove_prefix(1);
  const std::size_t filter = std::min(text.find('|'), text.size());
  if (text.find("default", filter) != std::string_view::npos) {
    otherwise = last_literal(text.substr(filter));
  }
  text = trimmed(text.substr(0, filter));
  while (!text.empty() && (text.front() == '.' || text.front() == '$')) text.remove_prefix(1);
  return text;
}

}  // namespace

void Variables::set(std::string_view name, std::string_view value) {
  if (name.empty() || value.empty() || value.size() > kLongestValue) return;
  // Words of languages are no names of anybody's.
  if (value == name) return;
  // H=$H.example adds to what H was.
  std::string grown;
  if (value.find(name) != std::string_view::npos && value.find('$') != std::string_view::npos) {
    grown = expand(value);
    if (grown.size() > kLongestValue) return;
    value = grown;
  }
  if (values_.size() >= kMostVariables && values_.find(name) == values_.end()) return;
  any_options_ = any_options_ || find_option(value) != std::string_view::npos;
  values_.insert_or_assign(std::string(name), std::string(value));
}

const std::string* Variables::value(std::string_view name) const {
  if (name_length(name) != name.size() || name.empty()) return nullptr;
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

const std::string* Variables::member(std::string_view names) const {
  if (names.empty() || !std::all_of(names.begin(), names.end(),
                                    [](char c) { return is_word(c) || c == '.' || c == '-'; })) {
    return nullptr;
  }
  const std::size_t dot = names.rfind('.');
  std::string_view name = names.substr(dot == std::string_view::npos ? 0 : dot + 1);
  if (const std::string* known = value(name)) return known;
  // Names of the environment, as those who put them there call them.
  for (const std::string_view prefix : {"ENV_", "NOMAD_META_", "TF_VAR_", "INPUT_"}) {
    if (name.starts_with(prefix)) return value(name.substr(prefix.size()));
  }
  return nullptr;
}

bool Variables::names_options(std::string_view text) const {
  if (!any_options_) return false;
  for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at + 1)) {
    const std::string_view lead = text.substr(at, 4);
    const std::size_t begin = lead.find_first_not_of("${(");
    if (begin == std::string_view::npos) continue;
    const std::string_view rest = text.substr(at + begin, kLongestReference);
    const std::string_view name = rest.substr(0, name_length(rest));
    const std::string* known = value(name);
    if (known != nullptr && find_option(*known) != std::string_view::npos) return true;
  }
  return false;
}

void Variables::learn(std::string_view line) {
  line = trimmed(line);
  if (line.empty() || is_comment(line)) return;
  while (line.size() > kLongestAssignmentLine) {
    const std::size_t cut = line.substr(0, kLongestAssignmentLine).find_last_of(";,{}");
    const std::size_t end = cut == std::string_view::npos ? kLongestAssignmentLine : cut + 1;
    learn_part(line.substr(0, end));
    line.remove_prefix(end);
  }
  learn_part(line);
}

void Variables::assign(std::string_view name, std::string_view value, bool adds) {
  if (const std::string* before = adds ? this->value(name) : nullptr) {
    set(name, *before + ' ' + std::string(value));
  } else {
    set(name, value);
  }
}

void Variables::learn_part(std::string_view line) {
  line = trimmed(line);
  if (line.empty()) return;
  // A notebook's lines are strings of JSON.
  std::string plain;
  if (line.front() == '"' && line.find("\\\"") != std::string_view::npos) {
    for (std::size_t i = 1; i < line.size(); ++i) {
      if (line[i] != '\\') plain += line[i];
    }
    line = plain;
  }
  if (line.starts_with("- ")) line = trimmed(line.substr(2));
  // Terraform's   variable "NAME" {   with a default inside.
  if (line.starts_with("variable \"") && line.ends_with('{')) {
    pending_name_ = last_literal(line);
    return;
  }
  if (line.starts_with("ENV ") || line.starts_with("ARG ")) {
    const std::string_view rest = trimmed(line.substr(4));
    const std::size_t name = name_length(rest);
    if (name > 0 && name < rest.size() && is_blank(rest[name])) {
      set(rest.substr(0, name), trimmed(rest.substr(name)));
      return;
    }
  }
  for (std::size_t at = line.find_first_of("=:"); at != std::string_view::npos && at > 0;
       at = line.find_first_of("=:", at + 1)) {
    std::size_t after = at + 1;
    if (line[at] == ':' && after < line.size() && line[after] == '=') ++after;  // := of make and Go
    if (after < line.size() && (line[after] == '=' || line[after] == '/')) {
      at = after;
      continue;
    }
    std::string_view before = trimmed(line.substr(0, at));
    const bool adds = line[at] == '=' && before.ends_with('+');
    if (adds || (line[at] == '=' && before.ends_with('?'))) {
      before = trimmed(before.substr(0, before.size() - 1));
    }
    if (!before.empty() && is_quote(before.back())) before.remove_suffix(1);
    const std::string_view name = line[at] == '=' ? assigned_name(before) : last_word(before);
    if (name_length(name) != name.size() || name.empty()) continue;
    const std::size_t start = static_cast<std::size_t>(name.data() - before.data());
    // Keys of YAML and JSON begin the line or follow a quote or brace; values hold colons
    // themselves.
    if (line[at] == ':' && after == at + 1) {
      const std::string_view lead = trimmed(before.substr(0, start));
      const bool key =
          lead.empty() || (std::string_view("\"'{,").find(lead.back()) != std::string_view::npos &&
                           !lead.ends_with("${"));
      if (!key) continue;
    }
    const std::string_view given = trimmed(line.substr(after));
    // A shell's list: what it holds, with blanks between.
    const bool list = line[at] == '=' && before.ends_with(name) && given.size() > 2 &&
                      given.starts_with('(') && given.ends_with(')') &&
                      given.find_first_of("(,", 1) == std::string_view::npos;
    const std::string value =
        list ? without_quotes(given.substr(1, given.size() - 2)) : value_of(given);
    if (list) {
      assign(name, value, adds);
      return;
    }
    const bool is_value = name == "value" || name == "Value" || name == "default";
    if (name == "name" || name == "Name") {
      pending_name_ = value;
    } else if (is_value && !pending_name_.empty()) {
      set(pending_name_, value);
      pending_name_.clear();
    } else if (value.empty() || value == "{") {
      pending_name_ = name;
    } else {
      assign(name, value, adds);
    }
  }
}

// What a shell makes of a value: ${A:3:4}, ${A//x/y}, ${A[2]}, ${A[@]}.  False where it is none of
// these or nothing is known of A.
bool Variables::shell_part(std::string_view inside, std::size_t name, std::string& part) const {
  const std::string* known = value(inside.substr(0, name));
  if (known == nullptr) return false;
  std::string_view how = inside.substr(name);
  const auto number = [&] {
    std::size_t sum = 0, digits = 0;
    for (; digits < 4 && digits < how.size() && is_digit(how[digits]); ++digits) {
      sum = sum * 10 + static_cast<std::size_t>(how[digits] - '0');
    }
    how.remove_prefix(digits);
    return digits > 0 ? std::optional(sum) : std::nullopt;
  };
  if (how.starts_with("[@]") || how.starts_with("[*]")) {
    part = *known;
    return true;
  }
  if (how.front() == '[') {
    how.remove_prefix(1);
    auto index = number();
    if (!index || how != "]") return false;
    for (std::string_view rest = trimmed(*known); !rest.empty();) {
      const std::string_view word = rest.substr(0, rest.find_first_of(" \t"));
      if ((*index)-- == 0) {
        part = word;
        return true;
      }
      rest = trimmed(rest.substr(word.size()));
    }
    return false;
  }
  if (how.front() == ':') {
    how.remove_prefix(1);
    const auto from = number();
    if (!from || *from > known->size() || (!how.empty() && how.front() != ':')) return false;
    if (!how.empty()) how.remove_prefix(1);
    const auto length = number();
    if (!how.empty()) return false;
    part = known->substr(*from, length.value_or(std::string::npos));
    return true;
  }
  if (!how.starts_with("//")) return false;
  how.remove_prefix(2);
  const std::size_t slash = std::min(how.find('/'), how.size());
  const std::string_view old = how.substr(0, slash);
  if (old.empty()) return false;
  const std::string_view fresh = how.substr(std::min(how.size(), slash + 1));
  part.clear();
  for (std::string_view rest = *known; !rest.empty();) {
    const std::size_t where = std::min(rest.find(old), rest.size());
    part += rest.substr(0, where);
    if (where < rest.size()) part += fresh;
    rest.remove_prefix(std::min(rest.size(), where + old.size()));
  }
  return true;
}

void Variables::expand_into(std::string_view text, std::string& out, std::size_t most,
                            int depth) const {
  const auto put = [&](std::string_view name, std::string_view otherwise,
                       std::string_view as_written) {
    const std::string* known = member(name);
    if (known == nullptr && otherwise.empty()) {
      out += as_written;
    } else if (depth >= kDeepestExpansion) {
      out += known != nullptr ? std::string_view(*known) : otherwise;
    } else {
      expand_into(known != nullptr ? std::string_view(*known) : otherwise, out, most, depth + 1);
    }
  };
  for (std::size_t i = 0; i < text.size() && out.size() < most; ++i) {
    const char c = text[i];
    const std::string_view rest = text.substr(i + 1);
    if (const std::size_t length = template_length(text.substr(i)); length > 0) {
      std::string_view otherwise;
      const std::string_view names = template_names(text.substr(i, length), otherwise);
      if (const std::string* known = member(names)) {
        expand_into(*known, out, most, depth < kDeepestExpansion ? depth + 1 : depth);
      } else {
        out += otherwise.empty() ? text.substr(i, length) : otherwise;
      }
      i += length - 1;
      continue;
    }
    if ((c == '$' || c == '#') && !rest.empty() &&
        (rest.front() == '{' || (c == '$' && rest.front() == '('))) {
      const char closing = rest.front() == '{' ? '}' : ')';
      const std::size_t end = rest.substr(0, kLongestReference).find(closing);
      const std::string_view inside =
          end == std::string_view::npos ? std::string_view() : rest.substr(1, end - 1);
      const std::size_t name = name_length(inside);
      if (std::string part; name > 0 && name < inside.size() && shell_part(inside, name, part)) {
        if (depth < kDeepestExpansion) {
          expand_into(part, out, most, depth + 1);
          i += end + 1;
          continue;
        }
      }
      if (name > 0 && (name == inside.size() || inside[name] == ':' || inside[name] == '-')) {
        std::string_view otherwise = inside.substr(name);
        if (otherwise.starts_with(":")) otherwise.remove_prefix(1);
        if (otherwise.starts_with("-") || otherwise.starts_with("=")) {
          otherwise.remove_prefix(1);
        } else {
          otherwise = {};
        }
        put(inside.substr(0, name), otherwise, text.substr(i, end + 2));
        i += end + 1;
        continue;
      }
      // ${var.NAME}, ${local.NAME}
      if (const std::string* known = name > 0 && inside[name] == '.' ? member(inside) : nullptr) {
        if (depth < kDeepestExpansion) {
          expand_into(*known, out, most, depth + 1);
          i += end + 1;
          continue;
        }
      }
    } else if (c == '$' && rest.size() > 1 && rest.front() == '$' &&
               (is_name_start(rest[1]) || rest[1] == '{')) {
      // Compose and make double what is meant for the shell.
      continue;
    } else if (c == '$') {
      const std::size_t skip = rest.starts_with("env:") ? 4 : 0;
      const std::size_t name = name_length(rest.substr(skip));
      if (name > 0) {
        put(rest.substr(skip, name), {}, text.substr(i, 1 + skip + name));
        i += skip + name;
        continue;
      }
    } else if (c == '{') {
      // Python's f"{NAME}", C#'s $"{NAME}", Rust's format!("{NAME}").
      const std::size_t name = name_length(rest);
      const std::string* known = name > 0 && name < rest.size() && rest[name] == '}'
                                     ? value(rest.substr(0, name))
                                     : nullptr;
      if (known != nullptr && depth < kDeepestExpansion) {
        expand_into(*known, out, most, depth + 1);
        i += name + 1;
        continue;
      }
    } else if (c == '%' && rest.starts_with("(")) {
      // Python's and supervisor's %(NAME)s; supervisor writes ENV_ before names of the environment.
      const std::size_t end = rest.substr(0, kLongestReference).find(")s");
      if (end != std::string_view::npos && name_length(rest.substr(1, end - 1)) == end - 1) {
        std::string_view name = rest.substr(1, end - 1);
        if (name.starts_with("ENV_") && value(name) == nullptr) name.remove_prefix(4);
        put(name, {}, text.substr(i, end + 3));
        i += end + 2;
        continue;
      }
    } else if (c == '%' || c == '!') {
      const std::size_t name = name_length(rest);
      if (name > 0 && name < rest.size() && rest[name] == c) {
        put(rest.substr(0, name), {}, text.substr(i, name + 2));
        i += name + 1;
        continue;
      }
    }
    out += c;
  }
}

std::string Variables::expand(std::string_view text) const {
  std::string out;
  expand_into(text, out, text.size() + kLongestExpansion, 0);
  return out;
}

}  // namespace minescan::inspect
