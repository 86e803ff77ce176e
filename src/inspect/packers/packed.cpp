#include "inspect/packers/packed.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace minescan::inspect::packers {
namespace {

using programs::Program;
using programs::Section;

struct Mark {
  std::string_view section;
  std::string_view packer;
};

// Names of sections that only these give.
constexpr std::array kMarks = {
    Mark{"UPX0", "UPX"},
    Mark{"UPX1", "UPX"},
    Mark{".aspack", "ASPack"},
    Mark{".adata", "ASPack"},
    Mark{"ASPack", "ASPack"},
    Mark{".themida", "Themida"},
    Mark{".Themida", "Themida"},
    Mark{".winlice", "WinLicense"},
    Mark{".vmp0", "VMProtect"},
    Mark{".vmp1", "VMProtect"},
    Mark{".vmp2", "VMProtect"},
    Mark{".vmp3", "VMProtect"},
    Mark{"MPRESS1", "MPRESS"},
    Mark{".MPRESS1", "MPRESS"},
    Mark{"MPRESS2", "MPRESS"},
    Mark{".MPRESS2", "MPRESS"},
    Mark{"__MPRESS__", "MPRESS"},
    Mark{".enigma1", "Enigma"},
    Mark{".enigma2", "Enigma"},
    Mark{".petite", "Petite"},
    Mark{"PEC2", "PECompact"},
    Mark{"PECompact2", "PECompact"},
    Mark{"pec1", "PECompact"},
    Mark{".nsp0", "NsPack"},
    Mark{".nsp1", "NsPack"},
    Mark{"nsp0", "NsPack"},
    Mark{"nsp1", "NsPack"},
    Mark{"FSG!", "FSG"},
    Mark{"kkrunchy", "kkrunchy"},
    Mark{".RLPack", "RLPack"},
    Mark{".Upack", "Upack"},
    Mark{".ByDwing", "Upack"},
    Mark{"MEW", "MEW"},
    Mark{".svkp", "SVK Protector"},
    Mark{".y0da", "yoda's Protector"},
    Mark{".yP", "yoda's Protector"},
    Mark{".sforce3", "StarForce"},
    Mark{"PELOCKnt", "PELock"},
};

constexpr std::size_t kWindow = 4096;  // bytes
constexpr double kRandom = 7.2;        // bits per byte
constexpr double kMostlyRandom = 0.6;
constexpr std::size_t kLeastWindows = 4;
// A stub needs to load libraries and find functions, no more; one of each library stays.
constexpr std::size_t kFewImports = 20;

struct Windows {
  std::size_t all = 0;
  std::size_t random = 0;
};

void count_windows(ByteView bytes, Windows& windows) {
  while (bytes.size() >= kWindow) {
    ++windows.all;
    if (programs::entropy(bytes.first(kWindow)) > kRandom) ++windows.random;
    bytes = bytes.subspan(kWindow);
  }
}

double share_of(const Windows& windows) {
  return windows.all == 0 ? 0
                          : static_cast<double>(windows.random) / static_cast<double>(windows.all);
}

// Code for GPUs may be compressed by its compiler, in a section that some linkers call code.
bool is_gpu_code(std::string_view name) {
  return name.starts_with(".nv_fat") || name.starts_with("__nv_") || name.starts_with(".hip_fat") ||
         name.starts_with("__fatbin");
}

Windows code_windows(const Program& program, ByteView file) {
  Windows windows;
  // Sections may overlap: what is read is bounded by what a file can have.
  std::size_t left = file.size();
  const auto add = [&](std::uint64_t offset, std::uint64_t size) {
    const ByteView bytes = programs::content(file, offset, std::min<std::uint64_t>(size, left));
    left -= bytes.size();
    count_windows(bytes, windows);
  };
  for (const Section& section : program.sections) {
    if (section.executable && !is_gpu_code(section.name)) add(section.offset, section.size);
  }
  if (!program.sections.empty()) return windows;
  for (const programs::Segment& segment : program.segments) {
    if (segment.executable) add(segment.offset, segment.size);
  }
  return windows;
}

}  // namespace

double random_share(ByteView bytes) {
  Windows windows;
  count_windows(bytes, windows);
  return share_of(windows);
}

std::optional<Packed> packed(const Program& program, ByteView file) {
  for (const Section& section : program.sections) {
    for (const Mark& mark : kMarks) {
      if (section.name != mark.section) continue;
      return Packed{.name = mark.packer,
                    .share = share_of(code_windows(program, file)),
                    .why = "it has a section " + std::string(mark.section)};
    }
  }
  if (program.imports.size() > kFewImports) return std::nullopt;
  const Windows windows = code_windows(program, file);
  const double share = share_of(windows);
  if (windows.all < kLeastWindows || share < kMostlyRandom) return std::nullopt;
  return Packed{.name = {},
                .share = share,
                .why = std::to_string(static_cast<int>(share * 100)) +
                       " % of its code looks random, and it imports " +
                       (program.imports.empty()
                            ? "nothing"
                            : "only " + std::to_string(program.imports.size()) + " functions")};
}

}  // namespace minescan::inspect::packers
