#pragma once
// The files in which a project says where its packages come from: .npmrc and .cargo/config.toml.
// Whoever wrote the project chose their bytes, so a task reads them (model/task.h).  What they say
// is hostile all the same; npm_config.h and cargo_config.h say what of it counts.  Pure; fuzzed.
// Tested by project_config_test.cpp.

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "model/task.h"

namespace minescan::acquire {

// [source.X] of a Cargo configuration.
struct CargoSource {
  std::string replace_with, registry, folder;
  bool operator==(const CargoSource&) const = default;
};

// What counts of a Cargo configuration.
struct CargoFile {
  std::map<std::string, CargoSource> sources;
  std::map<std::string, std::string> indexes;  // of [registries.X]
  std::map<std::string, std::string> tokens;   // of [registries.X]; [registry]'s is "crates-io"'s
  std::string ca_file;                         // [http] cainfo
  bool operator==(const CargoFile&) const = default;
};

// Code::usage, with the line, for what is no TOML.
Result<CargoFile> parse_cargo_file(std::string_view text);

// As parse_npmrc (npmrc.h) and parse_cargo_file say, without tokens and cainfo, by a runner, or
// here when there is none.  `text` is at most kMostTaskBytes - 1 long.  Further errors are the
// runner's.
Result<std::map<std::string, std::string>> read_project_npmrc(TaskRunner* runner,
                                                              std::string_view text);
Result<CargoFile> read_project_cargo_file(TaskRunner* runner, std::string_view text);

// The worker's side of it.
std::string project_config_task(ByteView input);
std::string npmrc_bytes(const std::map<std::string, std::string>& values);
std::string cargo_file_bytes(const Result<CargoFile>& file);
// nullopt for what no text of this size says.
std::optional<std::map<std::string, std::string>> npmrc_from_bytes(ByteView bytes,
                                                                   std::size_t text_size);
std::optional<Result<CargoFile>> cargo_file_from_bytes(ByteView bytes, std::size_t text_size);

}  // namespace minescan::acquire
