#include "acquire/packages/project_config.h"

#include <toml++/toml.h>
#include <utility>

#include "acquire/packages/npmrc.h"
#include "base/wire.h"

namespace minescan::acquire {
namespace {

using Texts = std::map<std::string, std::string>;

constexpr char kNpm = 'n', kCargo = 'c';  // the first byte of a task's input

std::string text_of(const toml::table& table, std::string_view key) {
  return table[key].value<std::string>().value_or("");
}

// [registries.X] and the like: calls `take` with each name and table.
template <class Take>
void each_table(const toml::table& root, std::string_view key, Take take) {
  const toml::table* tables = root[key].as_table();
  if (tables == nullptr) return;
  for (const auto& entry : *tables) {
    if (const toml::table* table = entry.second.as_table()) {
      take(std::string(entry.first.str()), *table);
    }
  }
}

Error no_toml(std::uint64_t line) {
  // The parser's own words may repeat a line, and a line may hold a token.
  return {Code::usage, "line " + std::to_string(line) + ": this is no TOML"};
}

template <class Value, class Write>
void write_map(WireWriter& out, const std::map<std::string, Value>& values, const Write& write) {
  out.number(values.size());
  for (const auto& [key, value] : values) {
    out.text(key);
    write(value);
  }
}

// Keys come in order.  What is read has no more bytes than `left`, and takes them of it.
template <class Value, class Read>
std::map<std::string, Value> read_map(WireReader& in, std::size_t& left, const Read& read) {
  std::map<std::string, Value> values;
  in.list([&] {
    std::string key = in.text();
    if (key.size() > left || (!values.empty() && key <= values.rbegin()->first)) in.fail();
    if (!in.good()) return;
    left -= key.size();
    values.emplace_hint(values.end(), std::move(key), read());
  });
  return values;
}

std::string read_text(WireReader& in, std::size_t& left) {
  std::string text = in.text();
  if (text.size() > left) in.fail();
  if (!in.good()) return {};
  left -= text.size();
  return text;
}

// The answer to the task of that kind, through `read`.
template <class Answer, class Read>
Result<Answer> asked(TaskRunner& runner, char kind, std::string_view text, const Read& read) {
  const std::string input = kind + std::string(text);
  std::optional<Answer> answer;
  MINESCAN_TRY(runner.run(Task::project_config, as_bytes(input), [&](ByteView bytes) {
    answer = read(bytes, text.size());
    return answer.has_value();
  }));
  return std::move(*answer);
}

}  // namespace

Result<CargoFile> parse_cargo_file(std::string_view text) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) return tl::unexpected<Error>(no_toml(parsed.error().source().begin.line));
  const toml::table& root = parsed.table();
  CargoFile file;
  each_table(root, "source", [&](const std::string& name, const toml::table& table) {
    CargoSource source{.replace_with = text_of(table, "replace-with"),
                       .registry = text_of(table, "registry"),
                       .folder = text_of(table, "directory")};
    if (source.folder.empty()) source.folder = text_of(table, "local-registry");
    file.sources.emplace(name, std::move(source));
  });
  each_table(root, "registries", [&](const std::string& name, const toml::table& table) {
    const std::string index = text_of(table, "index");
    const std::string token = text_of(table, "token");
    if (!index.empty()) file.indexes.emplace(name, index);
    if (!token.empty()) file.tokens.emplace(name, token);
  });
  if (const toml::table* registry = root["registry"].as_table()) {
    const std::string token = text_of(*registry, "token");
    if (!token.empty()) file.tokens.emplace("crates-io", token);
  }
  if (const toml::table* http = root["http"].as_table()) file.ca_file = text_of(*http, "cainfo");
  return file;
}

std::string npmrc_bytes(const Texts& values) {
  WireWriter out;
  write_map(out, values, [&](const std::string& value) { out.text(value); });
  return out.take();
}

std::optional<Texts> npmrc_from_bytes(ByteView bytes, std::size_t text_size) {
  WireReader in(bytes);
  // A key alone says "true".
  std::size_t left = 5 * text_size;
  Texts values = read_map<std::string>(in, left, [&] { return read_text(in, left); });
  if (!in.at_end()) return std::nullopt;
  return values;
}

std::string cargo_file_bytes(const Result<CargoFile>& file) {
  WireWriter out;
  out.number(file ? 1 : 0);
  if (!file) {
    out.text(file.error().what);
    return out.take();
  }
  write_map(out, file->sources, [&](const CargoSource& source) {
    out.text(source.replace_with);
    out.text(source.registry);
    out.text(source.folder);
  });
  write_map(out, file->indexes, [&](const std::string& index) { out.text(index); });
  return out.take();
}

std::optional<Result<CargoFile>> cargo_file_from_bytes(ByteView bytes, std::size_t text_size) {
  constexpr std::size_t kLongestSentence = 100;
  WireReader in(bytes);
  if (in.number_below(2) == 0) {
    std::string what = in.text();
    if (!in.at_end() || what.size() > kLongestSentence) return std::nullopt;
    return Result<CargoFile>(fail(Code::usage, std::move(what)));
  }
  std::size_t left = text_size;
  CargoFile file;
  file.sources = read_map<CargoSource>(in, left, [&] {
    CargoSource source;
    for (std::string* text : {&source.replace_with, &source.registry, &source.folder}) {
      *text = read_text(in, left);
    }
    return source;
  });
  file.indexes = read_map<std::string>(in, left, [&] { return read_text(in, left); });
  if (!in.at_end()) return std::nullopt;
  return Result<CargoFile>(std::move(file));
}

std::string project_config_task(ByteView input) {
  if (input.empty()) return {};
  const std::string_view text = as_text(input.subspan(1));
  return static_cast<char>(input[0]) == kNpm ? npmrc_bytes(parse_npmrc(text))
                                             : cargo_file_bytes(parse_cargo_file(text));
}

Result<Texts> read_project_npmrc(TaskRunner* runner, std::string_view text) {
  if (runner == nullptr) return parse_npmrc(text);
  return asked<Texts>(*runner, kNpm, text, npmrc_from_bytes);
}

Result<CargoFile> read_project_cargo_file(TaskRunner* runner, std::string_view text) {
  if (runner != nullptr) {
    MINESCAN_TRY_ASSIGN(auto file,
                        asked<Result<CargoFile>>(*runner, kCargo, text, cargo_file_from_bytes));
    return file;
  }
  MINESCAN_TRY_ASSIGN(CargoFile file, parse_cargo_file(text));
  file.tokens.clear();
  file.ca_file.clear();
  return file;
}

}  // namespace minescan::acquire
