#include "inspect/image_config.h"

#include "base/json.h"
#include "inspect/commands.h"

namespace minescan::inspect {
namespace {

void show(ViewSink& sink, ViewKind kind, std::string name, const std::string& text) {
  if (text.empty()) return;
  sink.on_view(kind, {Step::Kind::view, std::move(name)},
               {.bytes = as_bytes(text), .from = 0, .to = text.size()}, 0);
}

// As a shell would show it: an argument with spaces is quoted, so that words stay apart.
void append_argument(std::string& line, const std::string& argument) {
  if (!line.empty()) line += ' ';
  const bool quote = argument.find_first_of(" \t\n\"") != std::string::npos;
  line += quote ? "'" + argument + "'" : argument;
}

std::string joined(const Json& list) {
  std::string line;
  if (list.is_string()) return list.get<std::string>();
  if (!list.is_array()) return line;
  for (const Json& item : list) {
    if (item.is_string()) append_argument(line, item.get<std::string>());
  }
  return line;
}

const Json& member(const Json& object, const char* key) {
  static const Json kNothing;
  if (!object.is_object()) return kNothing;
  const auto at = object.find(key);
  return at == object.end() ? kNothing : *at;
}

Variables environment(const Json& config) {
  Variables variables;
  const Json& env = member(config, "Env");
  if (!env.is_array()) return variables;
  for (const Json& item : env) {
    if (!item.is_string()) continue;
    const auto text = item.get<std::string>();
    const std::size_t equals = std::min(text.find('='), text.size());
    variables.set(std::string_view(text).substr(0, equals),
                  std::string_view(text).substr(std::min(text.size(), equals + 1)));
  }
  return variables;
}

// A command line as it is written, and once more with the image's environment put in.
void show_line(ViewSink& sink, const std::string& name, const std::string& text,
               const Variables& environment) {
  show(sink, ViewKind::argv, name, text);
  Variables variables = environment;
  bool cut = false;
  for (const CommandLine& command : command_lines(text, 1, variables, cut)) {
    show(sink, command.resolved ? ViewKind::script : ViewKind::command, name, command.text);
  }
  if (cut) sink.on_limit("more commands than are read one by one");
}

void show_command(const Json& config, const Variables& variables, ViewSink& sink) {
  std::string command = joined(member(config, "Entrypoint"));
  const std::string arguments = joined(member(config, "Cmd"));
  const bool both = !command.empty() && !arguments.empty();
  const std::string name = command.empty() ? "Cmd" : both ? "Entrypoint + Cmd" : "Entrypoint";
  if (both) command += ' ';
  show_line(sink, name, command + arguments, variables);

  const Json& health = member(member(config, "Healthcheck"), "Test");
  if (health.is_array() && !health.empty()) {
    // ["CMD-SHELL", "a whole line"], ["CMD", "program", "argument"…] or ["NONE"].
    Json test = health;
    const bool line = test.front() == "CMD-SHELL" && test.size() == 2;
    if (test.front() == "CMD" || test.front() == "CMD-SHELL") test.erase(test.begin());
    show_line(sink, "Healthcheck", joined(line ? test.front() : test), variables);
  }
  const Json& on_build = member(config, "OnBuild");
  if (on_build.is_array()) {
    for (std::size_t i = 0; i < on_build.size(); ++i) {
      if (on_build[i].is_string()) {
        show_line(sink, "OnBuild " + std::to_string(i + 1), on_build[i].get<std::string>(),
                  variables);
      }
    }
  }
}

void show_environment(const Json& config, ViewSink& sink) {
  std::string lines;
  const Json& env = member(config, "Env");
  if (env.is_array()) {
    for (const Json& item : env) {
      if (item.is_string()) lines += item.get<std::string>() + "\n";
    }
  }
  show(sink, ViewKind::image_config, "Env", lines);
  lines.clear();
  const Json& labels = member(config, "Labels");
  if (labels.is_object()) {
    for (const auto& [key, value] : labels.items()) {
      if (value.is_string()) lines += key + "=" + value.get<std::string>() + "\n";
    }
  }
  show(sink, ViewKind::image_config, "Labels", lines);
}

}  // namespace

Result<void> image_config(ByteView bytes, ViewSink& sink) {
  MINESCAN_TRY_ASSIGN(const Json json, parse_json(bytes));
  if (!json.is_object()) return fail(Code::corrupt, "the image config is no JSON object");
  const Json& config = member(json, "config");
  const Variables variables = environment(config);
  show_command(config, variables, sink);
  show_environment(config, sink);
  const Json& history = member(json, "history");
  if (history.is_array()) {
    for (std::size_t i = 0; i < history.size(); ++i) {
      const std::string name = "history " + std::to_string(i + 1);
      show_line(sink, name, json_string(history[i], "created_by"), variables);
      show(sink, ViewKind::image_config, name + " comment", json_string(history[i], "comment"));
    }
  }
  return {};
}

}  // namespace minescan::inspect
