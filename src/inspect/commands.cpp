#include "inspect/commands.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/anchors.h"
#include "base/buffers.h"
#include "inspect/commands/json.h"
#include "inspect/commands/options.h"
#include "inspect/commands/placeholders.h"
#include "inspect/commands/text.h"
#include "inspect/commands/words.h"

namespace minescan::inspect {
namespace {

using namespace commands;

// Texts are looked at in pieces of this size: variables are set near where they are used.
constexpr std::size_t kPiece = std::size_t{1} << 20;
// And where a line has no end, so much of it is looked through for a place to cut it.
constexpr std::size_t kPieceEnd = std::size_t{64} << 10;
// A list of arguments that goes on over more lines or bytes is looked at in parts.
constexpr std::size_t kMostJoinedLines = 64;
constexpr std::size_t kMostJoinedBytes = std::size_t{8} << 10;
// A piece's lines with their variables put in; honest scripts grow by a fraction.
constexpr std::size_t kMostExpanded = 2 * kPiece;
// A piece's commands together: the matcher reads each as often as it has options.
constexpr std::size_t kMostTold = std::size_t{256} << 10;

// --- which lines belong together

std::size_t indent_of(std::string_view line) {
  const std::size_t at = line.find_first_not_of(" \t");
  return at == std::string_view::npos ? line.size() : at;
}

// A line's end that says: the command goes on.  Takes the mark away.
bool goes_on(std::string_view& line) {
  const std::string_view text = trimmed(line);
  if (text.empty()) return false;
  const char last = text.back();
  if (last == '\\' || last == '`' || last == '^') {
    line = line.substr(0, static_cast<std::size_t>(&text.back() - line.data()));
    return true;
  }
  return last == ',' || last == '[' || last == '(' || last == '{' || last == '+';
}

bool is_list_item(std::string_view line) {
  line = trimmed(line);
  return line.starts_with("- ") || line.starts_with("-\t");
}

// A list that is an item of another, its items in the lines below.
bool opens_list(std::string_view line) { return trimmed(line) == "-"; }

// "args:", "extraArgs:", "- command:": the items below are words of one command.  The items of
// "script:" are commands of their own, those of a rule's "CommandLine|contains:" are none.
bool names_arguments(std::string_view line) {
  line = trimmed(line);
  if (opens_list(line)) return true;
  if (is_list_item(line)) line = trimmed(line.substr(2));
  if (!line.ends_with(":")) return false;
  std::string key;
  for (const char c : line.substr(0, line.size() - 1)) {
    if (is_word(c)) {
      key += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (c != '"' && c != '\'') {
      key.clear();
    }
  }
  static constexpr auto kKeys =
      std::to_array<std::string_view>({"args", "arguments", "argv", "cmd", "command", "entrypoint",
                                       "exec", "flags", "options", "opts", "parameters", "params"});
  return std::any_of(kKeys.begin(), kKeys.end(),
                     [&](std::string_view known) { return key.ends_with(known); });
}

bool opens_folded_text(std::string_view line) {
  line = trimmed(line);
  return line.ends_with(": >") || line.ends_with(": >-") || line.ends_with(":>") ||
         line.ends_with(": >+");
}

// in_arguments: the group began with a key whose items are words of one command.
bool follows(std::string_view line, std::string_view next, bool in_arguments) {
  const std::string_view text = trimmed(next);
  if (text.starts_with(".arg") || text.starts_with("+ ")) return true;
  if (!in_arguments || !is_list_item(next)) return false;
  return names_arguments(line) || (is_list_item(line) && indent_of(line) == indent_of(next));
}

// --- one command

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

// Of a command that is too long: its name, and the options that few programs have, with their
// values.  cut: set when not even these fit.
std::string shortened(const std::vector<std::string>& words, bool& cut) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i >= 4 && !is_rare_option(words[i]) && !is_rare_option(words[i - 1])) continue;
    if (text.size() + 1 + words[i].size() > kLongestCommand) {
      cut = true;
      continue;
    }
    if (!text.empty()) text += ' ';
    text += words[i];
  }
  return text;
}

// What shells decode with.
bool names_decoder(std::string_view text) {
  static constexpr auto kDecoders = std::to_array<std::string_view>(
      {"base64 -", "base32 -", "xxd -r", "openssl enc", "openssl base64", "gunzip", "zcat"});
  // Each holds one of these, and few texts do.
  static const AnchorFinder kParts(std::to_array<Anchor>({{'6', '4', ' ', '-'},
                                                          {'3', '2', ' ', '-'},
                                                          {'x', 'd', ' ', '-'},
                                                          {'s', 'l', ' ', 'e'},
                                                          {'s', 'l', ' ', 'b'},
                                                          {'n', 'z', 'i', 'p'},
                                                          {'z', 'c', 'a', 't'}}));
  if (!kParts.find(as_bytes(text), 0)) return false;
  return std::any_of(kDecoders.begin(), kDecoders.end(), [&](std::string_view name) {
    return text.find(name) != std::string_view::npos;
  });
}

// echo 'Example: …' says something; with a pipe or into a file it makes something.
bool only_prints(std::string_view text) {
  text = trimmed(text);
  static constexpr auto kPrinting = std::to_array<std::string_view>(
      {"echo ", "printf ", "print(", "print ", "puts ", "console.log(", "console.error(",
       "logging.", "logger.", "log.", "Write-Host ", "Write-Output ", "System.out.print",
       "fmt.Print", "println!(", "sys.stdout.write("});
  const bool prints = std::any_of(kPrinting.begin(), kPrinting.end(),
                                  [&](std::string_view word) { return text.starts_with(word); });
  return prints && !text.starts_with("printf -v") &&
         text.find_first_of("|>`;&") == std::string_view::npos &&
         text.find("$(") == std::string_view::npos;
}

struct Line {
  std::string_view text;
  std::uint32_t number = 0;
};

// Lines that are one command, or one list of arguments.
class Group {
 public:
  Group(const Variables& variables, std::vector<CommandLine>& commands, bool& cut)
      : variables_(variables), commands_(commands), cut_(cut) {}

  [[nodiscard]] bool empty() const { return lines_.empty(); }
  [[nodiscard]] bool full() const {
    return lines_.size() >= kMostJoinedLines || bytes_ >= kMostJoinedBytes;
  }
  void add(const Line& line) {
    lines_.push_back(line);
    bytes_ += line.text.size() + 1;
  }

  void finish() {
    if (has_options() || decodes()) {
      if (commands_.size() >= kMostCommands || spent_ > kMostExpanded) {
        cut_ = true;
      } else {
        tell();
      }
    }
    lines_.clear();
    bytes_ = 0;
  }

 private:
  // Cheap: most lines hold neither an option nor a variable with one.
  [[nodiscard]] bool has_options() const {
    return std::any_of(lines_.begin(), lines_.end(), [&](const Line& line) {
      return find_option(line.text) != std::string_view::npos ||
             variables_.names_options(line.text);
    });
  }

  [[nodiscard]] bool decodes() const {
    return std::any_of(lines_.begin(), lines_.end(), [](const Line& line) {
      return line.text.find('$') != std::string_view::npos && names_decoder(line.text);
    });
  }

  void tell() {
    std::string text;
    std::uint32_t number = lines_.front().number;
    bool found = false;
    for (const Line& line : lines_) {
      if (!text.empty()) text += ' ';
      if (!found && find_option(line.text) != std::string_view::npos) {
        number = line.number;
        found = true;
      }
      std::string_view part = line.text;
      if (is_list_item(part)) part = trimmed(part).substr(2);
      text += part;
    }
    if (only_prints(text)) return;
    const std::string expanded =
        variables_.expand(has_placeholder(text) ? fill_placeholders(text, variables_) : text);
    spent_ += expanded.size();
    if (expanded != text && names_decoder(text)) {
      commands_.push_back({.line = number, .text = expanded, .resolved = true});
    }
    for (const auto& words : words_of(expanded, variables_)) {
      std::string command = joined(words);
      if (!is_telling(command)) continue;
      if (command.size() > kLongestCommand) command = shortened(words, cut_);
      if (commands_.size() >= kMostCommands || told_ + command.size() > kMostTold) {
        cut_ = true;
        return;
      }
      told_ += command.size();
      commands_.push_back({.line = number, .text = std::move(command)});
    }
  }

  const Variables& variables_;
  std::vector<CommandLine>& commands_;
  bool& cut_;
  std::vector<Line> lines_;
  std::size_t bytes_ = 0;
  std::size_t spent_ = 0;  // bytes expanded
  std::size_t told_ = 0;   // bytes of commands
};

// Where a text may be cut in two: behind a line, else behind what is no part of a list.
std::size_t piece_end(std::string_view text) {
  if (const std::size_t end = text.rfind('\n'); end != std::string_view::npos) return end + 1;
  const std::size_t first = text.size() - std::min(text.size(), kPieceEnd);
  const std::size_t end = text.substr(first).rfind("},");
  return end == std::string_view::npos ? text.size() : first + end + 1;
}

}  // namespace

std::vector<CommandLine> command_lines(std::string_view text, std::uint32_t first_line,
                                       Variables& variables, bool& cut, Syntax syntax) {
  std::vector<CommandLine> commands;
  const bool escaped = syntax != Syntax::lines && text.find("\\u00") != std::string_view::npos;
  if (find_option(text) == std::string_view::npos && !names_decoder(text) && !escaped) {
    return commands;
  }
  std::vector<Line> lines;
  // What is set later counts too: configurations name variables after their use.
  const auto add = [&](std::string_view line, std::uint32_t number) {
    variables.learn(line);
    if (!is_comment(line)) lines.push_back({line, number});
  };
  std::vector<JsonLine> members;  // what `lines` look at
  if (syntax != Syntax::lines) {
    members = json_lines(text, first_line, syntax == Syntax::notebook);
    text = {};
  }
  for (const JsonLine& member : members) add(member.text, member.number);
  for (std::uint32_t number = first_line; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    add(text.substr(0, end), number);
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  Group group(variables, commands, cut);
  bool in_arguments = false;
  std::size_t folded = std::string_view::npos;  // indentation of the key of a folded text
  for (std::size_t i = 0; i < lines.size(); ++i) {
    Line line = lines[i];
    const bool more = goes_on(line.text);
    if (group.empty() || names_arguments(line.text)) in_arguments = names_arguments(line.text);
    group.add(line);
    if (opens_folded_text(line.text)) folded = indent_of(line.text);
    const bool last = i + 1 == lines.size();
    bool inside = false;
    if (!last && folded != std::string_view::npos) {
      inside = indent_of(lines[i + 1].text) > folded;
      if (!inside) folded = std::string_view::npos;
    }
    if (last || group.full() ||
        !(more || inside || follows(line.text, lines[i + 1].text, in_arguments))) {
      group.finish();
    }
  }
  return commands;
}

Commands::Commands(const FileType& type)
    : wanted_((type.view == ViewKind::script || type.view == ViewKind::config ||
               type.view == ViewKind::argv || type.name == "notebook") &&
              type.encoding == Encoding::bytes && type.name != "HTML with scripts"),
      syntax_(type.name == "notebook"                              ? Syntax::notebook
              : type.name == "JSON" || type.name == "package.json" ? Syntax::json
                                                                   : Syntax::lines),
      notebook_(type.name == "notebook" && type.view == ViewKind::document),
      options_(type.name == "options") {}

void Commands::window(const Window& window, ViewSink& sink, bool last) {
  if (!wanted_) return;
  const std::string_view fresh =
      as_text(window.bytes.subspan(window.from, window.to - window.from));
  if (last && text_.empty() && fresh.size() < kPiece) {
    tell(fresh, sink);
    return;
  }
  append_to(text_, fresh, kPiece + fresh.size());
  if (text_.size() >= kPiece) flush(piece_end(text_), sink);
  if (last) finish(sink);
}

void Commands::finish(ViewSink& sink) {
  if (!text_.empty()) flush(text_.size(), sink);
}

void Commands::flush(std::size_t size, ViewSink& sink) {
  tell(std::string_view(text_).substr(0, size), sink);
  text_.erase(0, size);
}

// The code of a notebook as a script, each line where it stands in the file.
void Commands::tell_code(std::string_view piece, ViewSink& sink) const {
  std::string code;
  std::uint32_t number = line_;
  for (const commands::JsonLine& line : commands::json_lines(piece, line_, true)) {
    // What says of a cell that it is code is none itself.
    if (line.text.starts_with("\"cell_type\"")) continue;
    for (; number < line.number; ++number) code += '\n';
    code += line.text;
    code += '\n';
    ++number;
  }
  if (code.empty()) return;
  sink.on_view(ViewKind::script, {Step::Kind::view, "code of cells"},
               {.bytes = as_bytes(code), .from = 0, .to = code.size(), .line = line_}, 0);
}

void Commands::tell(std::string_view piece, ViewSink& sink) {
  if (notebook_) tell_code(piece, sink);
  // A file of nothing but options is the rest of one command.
  std::string joined;
  if (options_) {
    joined = "options ";
    for (const char c : piece) joined += c == '\n' || c == '\r' ? ' ' : c;
    piece = joined;
  }
  bool cut = false;
  for (const CommandLine& command : command_lines(piece, line_, variables_, cut, syntax_)) {
    const std::string name = (command.resolved ? "variables put in, line " : "command in line ") +
                             std::to_string(command.line);
    sink.on_view(command.resolved ? ViewKind::script : ViewKind::command, {Step::Kind::view, name},
                 {.bytes = as_bytes(command.text),
                  .from = 0,
                  .to = command.text.size(),
                  .line = command.line},
                 0);
  }
  if (cut && !told_limit_) {
    told_limit_ = true;
    sink.on_limit("more commands than are read one by one");
  }
  line_ += newlines(as_bytes(piece));
}

}  // namespace minescan::inspect
