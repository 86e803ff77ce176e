#pragma once
// One function per format, each in a source file of its own; lockfiles.cpp has the table of names.
// What keeps the whole file from being read is an error that begins with path and line; what only
// concerns an entry is a problem.

#include "lockfiles/entries.h"

namespace minescan::lockfiles {

Result<void> read_package_lock(const Input& input, Entries& entries);
Result<void> read_requirements(const Input& input, Entries& entries);
Result<void> read_poetry(const Input& input, Entries& entries);
Result<void> read_uv(const Input& input, Entries& entries);
Result<void> read_pdm(const Input& input, Entries& entries);
Result<void> read_pylock(const Input& input, Entries& entries);
Result<void> read_pipfile(const Input& input, Entries& entries);
Result<void> read_cargo(const Input& input, Entries& entries);
Result<void> read_yarn(const Input& input, Entries& entries);  // whichever of the next two it is
Result<void> read_yarn_classic(const Input& input, Entries& entries);
Result<void> read_yarn_berry(const Input& input, Entries& entries);
Result<void> read_pnpm(const Input& input, Entries& entries);
Result<void> read_bun(const Input& input, Entries& entries);
Result<void> read_bun_binary(const Input& input, Entries& entries);  // refuses
Result<void> read_go_sum(const Input& input, Entries& entries);
Result<void> read_gemfile(const Input& input, Entries& entries);
Result<void> read_nuget(const Input& input, Entries& entries);
Result<void> read_gradle(const Input& input, Entries& entries);

}  // namespace minescan::lockfiles
