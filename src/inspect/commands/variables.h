#pragma once
// Shell and environment variables, keys of configurations, constants of programs.

#include <map>
#include <string>
#include <string_view>

namespace minescan::inspect {

// What a text sets, and texts with it put in.  Bounded: 2,000 names, values of up to 400 bytes;
// what is beyond stays as it is written.
class Variables {
 public:
  // Takes the assignments of one line: NAME=value, NAME: value, "NAME": "value", ENV NAME value,
  // NAME += more, and "name: NAME" (or a line that only opens NAME) followed by "value: value" or
  // "default: value" on the next line.
  void learn(std::string_view line);
  void set(std::string_view name, std::string_view value);
  // $NAME, ${NAME}, ${NAME:-value}, $(NAME), %NAME%, !NAME! and $env:NAME replaced where known; of
  // ${var.NAME}, ${{ env.NAME }}, {{ .Values.NAME | filter }} and #{NAME} the last name counts.
  // Of a shell's ${NAME:2:3}, ${NAME//x/y}, ${NAME[2]} and ${NAME[@]} what they take.
  // Bounded: 16 KiB more than the text has, and some bytes of the last value.
  [[nodiscard]] std::string expand(std::string_view text) const;
  // The value of a word that is nothing but a name; nullptr when it is not known.
  [[nodiscard]] const std::string* value(std::string_view name) const;
  // The same of a name behind others, `settings.NAME`.
  [[nodiscard]] const std::string* member(std::string_view names) const;
  // Whether `text` names, after a '$', a variable whose value holds an option of miners.
  [[nodiscard]] bool names_options(std::string_view text) const;

 private:
  void learn_part(std::string_view line);
  bool shell_part(std::string_view inside, std::size_t name, std::string& part) const;
  void assign(std::string_view name, std::string_view value, bool adds);
  void expand_into(std::string_view text, std::string& out, std::size_t most, int depth) const;

  std::map<std::string, std::string, std::less<>> values_;
  bool any_options_ = false;  // in a value
  std::string pending_name_;  // of "name: NAME", waiting for its value
};

}  // namespace minescan::inspect
