// Command lines out of any text, and their grammar: no crash, bounded lines without line ends, and
// the same however windows are cut.  The first byte picks the width of windows.

#include <algorithm>
#include <string>
#include <vector>

#include "fuzz/expect.h"
#include "inspect/commands.h"
#include "match/commands.h"

namespace {

using namespace minescan;
using fuzz::expect;

struct Collecting final : inspect::ViewSink {
  std::vector<std::string> commands;
  void on_limit(const std::string& /*what*/) override {}
  void on_view(ViewKind kind, const Step&, const inspect::Window& window, std::uint64_t) override {
    // Lines with their variables put in go to the decoders as they are.
    if (kind == ViewKind::script) return;
    expect(kind == ViewKind::command, "only commands are shown");
    commands.emplace_back(as_text(window.bytes));
  }
};

std::vector<std::string> commands(std::string_view text, std::size_t width) {
  inspect::Commands gathering({.view = ViewKind::script, .name = "script"});
  Collecting sink;
  for (std::size_t at = 0; at < text.size(); at += width) {
    const std::string_view part = text.substr(at, width);
    gathering.window({.bytes = as_bytes(part), .from = 0, .to = part.size()}, sink);
  }
  gathering.finish(sink);
  return sink.commands;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = commands(text, std::max<std::size_t>(text.size(), 1));
  for (const std::string& command : whole) {
    expect(command.size() <= inspect::kLongestCommand, "a command is bounded");
    expect(command.find('\n') == std::string::npos, "a command is one line");
    match::Captures captures;
    if (!match::check_miner_command(command, captures)) {
      expect(captures.empty(), "what is no miner's command captures nothing");
    }
  }
  expect(commands(text, 1 + data[0]) == whole, "windows do not matter");
  return 0;
}
