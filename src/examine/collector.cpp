#include "examine/collector.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>
#include <vector>

#include "base/printable.h"
#include "inspect/programs/program.h"

namespace minescan::examine {
namespace {

using inspect::programs::Program;

// Of a list so many are shown; the rest is a number.
constexpr std::size_t kListed = 40;
constexpr std::size_t kMostNodes = 10'000;
constexpr std::size_t kMostLines = 1000;  // of one view

template <class List, class Text>
std::vector<std::string> some(const List& list, const Text& text) {
  std::vector<std::string> lines;
  for (const auto& one : list) {
    if (lines.size() == kListed) {
      lines.push_back("and " + std::to_string(list.size() - kListed) + " more");
      break;
    }
    lines.push_back(text(one));
  }
  return lines;
}

std::string with_entropy(const inspect::programs::Section& section, ByteView bytes) {
  std::array<char, 32> entropy{};
  std::snprintf(entropy.data(), entropy.size(), "%.2f",
                inspect::programs::entropy(inspect::programs::content(bytes, section)));
  return std::string(section.name.empty() ? "(no name)" : section.name) + " at " +
         hexadecimal(section.offset) + ", " + std::to_string(section.size) + " bytes, entropy " +
         entropy.data() + (section.executable ? ", code" : "");
}

void fact(InspectedNode& node, const char* name, std::vector<std::string> lines) {
  if (!lines.empty()) node.facts.emplace_back(name, std::move(lines));
}

void fact(InspectedNode& node, const char* name, std::string_view text) {
  if (!text.empty()) node.facts.push_back({name, {std::string(text)}});
}

void describe(const Program& program, ByteView bytes, InspectedNode& node) {
  const auto plain = [](std::string_view text) { return std::string(text); };
  fact(node, "program",
       std::string(program.format) + ", " + std::string(program.kind) + ", " + program.machine +
           (program.bits != 0 ? ", " + std::to_string(program.bits) + "-bit" : "") +
           (program.big_endian ? ", big-endian" : ""));
  fact(node, "build id", program.build_id);
  fact(node, "interpreter", program.interpreter);
  fact(node, "debug file", program.debug_file);
  fact(node, "slices", some(program.slices, [](const auto& slice) {
         return slice.machine + " at " + hexadecimal(slice.range.offset) + ", " +
                std::to_string(slice.range.size) + " bytes";
       }));
  fact(node, "libraries", some(program.libraries, plain));
  fact(node, "sections",
       some(program.sections, [&](const auto& section) { return with_entropy(section, bytes); }));
  if (program.sections.empty()) {
    fact(node, "segments", some(program.segments, [](const auto& segment) {
           return std::string(segment.name) + " at " + hexadecimal(segment.offset) + ", " +
                  std::to_string(segment.size) + " bytes" + (segment.executable ? ", code" : "");
         }));
  }
  fact(node, "imports", some(program.imports, [](const auto& import) {
         return (import.library.empty() ? "" : std::string(import.library) + "!") +
                (import.name.empty() ? "#" + std::to_string(import.number)
                                     : std::string(import.name));
       }));
  fact(node, "exports", some(program.exports, plain));
  if (!program.symbols.empty()) {
    fact(node, "symbols", std::to_string(program.symbols.size()));
  }
  if (program.go) {
    fact(node, "Go", program.go->version);
    fact(node, "Go package", program.go->path);
    fact(node, "Go modules", some(program.go->modules, plain));
    fact(node, "Go functions", std::to_string(program.go->functions.size()));
  }
  if (program.net) {
    fact(node, ".NET", program.net->version);
    fact(node, ".NET names", some(program.net->names, plain));
  }
  if (program.natural_length != 0 && program.natural_length < bytes.size()) {
    fact(node, "overlay",
         std::to_string(bytes.size() - program.natural_length) + " bytes at " +
             hexadecimal(program.natural_length));
  }
  fact(node, "problems", some(program.problems, plain));
}

}  // namespace

void Collector::on_node(const Trail& trail, std::string_view type, ViewKind /*view*/) {
  if (inspection_.nodes.size() >= kMostNodes) {
    ++inspection_.nodes_left_out;
    return;
  }
  by_trail_[trail] = inspection_.nodes.size();
  inspection_.nodes.push_back({.trail = trail, .type = std::string(type), .facts = {}});
}

void Collector::on_block(const Trail& trail, ByteView bytes, std::uint64_t offset) {
  if (offset != 0) return;
  InspectedNode* node = at(trail);
  if (node == nullptr) return;
  const auto program = inspect::programs::parse_program(bytes);
  if (program) describe(*program, bytes, *node);
}

void Collector::on_view(const Trail& trail, ViewKind kind, ByteView bytes) {
  const std::string name(view_name(kind));
  std::string_view text = as_text(bytes);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) add(trail, name, std::string(text.substr(0, end)));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
}

void Collector::on_words(const Trail& trail, ViewKind kind, const std::string& indicator,
                         const std::string& words) {
  add(trail, kind == ViewKind::gpu_code ? "constants of GPU code" : "constants",
      indicator + ": " + words);
}

InspectedNode* Collector::at(const Trail& trail) {
  for (Trail part = trail; !part.steps.empty(); part.steps.pop_back()) {
    const auto found = by_trail_.find(part);
    if (found != by_trail_.end()) return &inspection_.nodes[found->second];
  }
  return nullptr;
}

void Collector::add(const Trail& trail, const std::string& name, std::string text) {
  InspectedNode* node = at(trail);
  if (node == nullptr) return;
  // What lies in a part of the node says where.
  std::string part;
  for (std::size_t i = node->trail.steps.size(); i < trail.steps.size(); ++i) {
    part += (part.empty() ? "" : " › ") + trail.steps[i].name;
  }
  const std::string key = part.empty() ? name : name + " (" + part + ")";
  const auto found = std::find_if(node->facts.begin(), node->facts.end(),
                                  [&](const auto& fact) { return fact.first == key; });
  if (found == node->facts.end()) {
    node->facts.push_back({key, {std::move(text)}});
  } else if (found->second.size() < kMostLines) {
    found->second.push_back(std::move(text));
  } else if (found->second.size() == kMostLines) {
    found->second.push_back("and more");
  }
}

}  // namespace minescan::examine
