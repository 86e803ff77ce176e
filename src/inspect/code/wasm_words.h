#pragma once
// Constants of WebAssembly: they stand in code as LEB128, where no search for bytes finds them.

#include <optional>
#include <string>
#include <vector>

#include "inspect/code/words.h"

namespace minescan::inspect::code {

struct WasmWords {
  std::vector<std::uint32_t> words;  // of code, then of data segments
  std::vector<std::string> problems;
  // The bytes end before the module does; no problem in it is told, since no engine takes it.
  bool cut = false;
};

// Nothing unless `bytes` begin with the header of a module.  Takes time linear in them.
std::optional<WasmWords> read_wasm_words(ByteView bytes);

}  // namespace minescan::inspect::code
