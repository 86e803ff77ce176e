#pragma once
// Command lines as they will be run, read out of scripts and configurations: arguments that stand
// in lists, across lines or in other languages' strings come together on one line, and variables
// that the same text sets are put in.  Only lines that look like a program with several options of
// a miner are told, so that ordinary texts cost little.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/commands/variables.h"
#include "inspect/file_type.h"
#include "inspect/views.h"

namespace minescan::inspect {

struct CommandLine {
  std::uint32_t line = 0;  // 1-based, where its first option stands; counted from `first_line`
  std::string text;  // words with one blank between them, no line end, at most kLongestCommand
  // Not a command but a line as it stands, with its variables put in: it decodes something that may
  // lie in them.  Then of any length that a line may have.
  bool resolved = false;
  bool operator==(const CommandLine&) const = default;
};

inline constexpr std::size_t kLongestCommand = 2000;  // bytes; below what one match may reach

// How a text is divided: where its lines end, or by the structure of JSON (commands/json.h).  Of a
// notebook only the cells with code run: not its prose, and not what was printed.
enum class Syntax : std::uint8_t { lines, json, notebook };

// The commands of a text, in order; at most kMostCommands.  `cut` is set when there are more, or
// when putting in the variables would cost more than an honest text does.
inline constexpr std::size_t kMostCommands = 2000;
std::vector<CommandLine> command_lines(std::string_view text, std::uint32_t first_line,
                                       Variables& variables, bool& cut,
                                       Syntax syntax = Syntax::lines);

// Gathers a file's text from windows and hands its commands to a sink, each as a view of kind
// command, and the code of a notebook, whose file is a document, as a script.  Does nothing for
// what is no script, configuration or notebook.
class Commands {
 public:
  explicit Commands(const FileType& type);
  // `last`: nothing follows, and the file is finished.
  void window(const Window& window, ViewSink& sink, bool last = false);
  void finish(ViewSink& sink);

 private:
  void flush(std::size_t size, ViewSink& sink);
  void tell(std::string_view piece, ViewSink& sink);
  void tell_code(std::string_view piece, ViewSink& sink) const;

  bool wanted_;
  Syntax syntax_;
  bool notebook_;  // whose code is a view of its own
  bool options_;   // of a command, and nothing else
  std::string text_;
  std::uint32_t line_ = 1;  // of text_'s begin
  Variables variables_;
  bool told_limit_ = false;
};

}  // namespace minescan::inspect
