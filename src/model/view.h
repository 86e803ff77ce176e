#pragma once
// A View is bytes with a meaning inside a file.  Its kind decides which indicators apply.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace minescan {

enum class ViewKind : std::uint8_t {
  executable,    // ELF, PE, Mach-O, wasm, object files, bytecode: whole file or its strings
  script,        // text that something runs: shell, Python, JavaScript, Dockerfile, CI definitions
  config,        // JSON, YAML, TOML, INI, XML, .env
  document,      // Markdown, HTML, reStructuredText, plain prose
  text,          // any other text
  binary,        // any other bytes
  argv,          // a command line that will be run: ENTRYPOINT and CMD, RUN, healthcheck
  command,       // a command line read out of a script or configuration, variables put in
  image_config,  // environment, labels, history and the like of an image
  path,          // the name of a file
  kernels,   // the names of a GPU code object's kernels, one a line, with " funnel-shaped" behind
  packer,    // what packed a program, and what was changed to hide it, one a line
  code,      // constants of a processor's code: 32-bit words, little-endian, 4 bytes each
  gpu_code,  // the same of one GPU code object or kernel source
  change,    // what changed between two states of a file or package, one line (src/review)
};
inline constexpr ViewKind kLastView = ViewKind::change;
inline constexpr std::size_t kViewKinds = static_cast<std::size_t>(kLastView) + 1;

// "executable", "script", … as in signatures (`in:`) and reports.
std::string_view view_name(ViewKind kind);
std::optional<ViewKind> view_by_name(std::string_view name);

// A set of kinds as bits, 1 << kind.
using ViewMask = std::uint16_t;
inline constexpr ViewMask kAllViews = (1u << kViewKinds) - 1;
// Kinds that hold numbers and no text: only `words` look into them.
constexpr bool is_words(ViewKind kind) {
  return kind == ViewKind::code || kind == ViewKind::gpu_code;
}
constexpr ViewMask view_bit(ViewKind kind) {
  return static_cast<ViewMask>(1u << static_cast<unsigned>(kind));
}

}  // namespace minescan
