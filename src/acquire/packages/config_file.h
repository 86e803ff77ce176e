#pragma once
// Reading the configuration files of package managers.  They are only read; nothing of them runs.

#include <optional>
#include <string>

#include "base/result.h"

namespace minescan::acquire {

// nullopt when it is absent.  Code::usage when it is there and cannot be read, or is longer than
// 1 MiB.
Result<std::optional<std::string>> read_config(const std::string& path);

// Where the program of that name lies, links resolved, by the folders of $PATH; "" when it is not
// there.  Relative folders, those in a node_modules (which npm puts in front for scripts) and those
// below the working directory are passed over: they may be part of what is judged.
std::string program_path(const std::string& name, const std::string& search_path);

// The path without its last part; "" when there is none.
std::string parent_folder(const std::string& path);

}  // namespace minescan::acquire
