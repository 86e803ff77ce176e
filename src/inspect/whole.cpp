#include "inspect/whole.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <string_view>

#include "base/printable.h"
#include "inspect/code/aarch64_words.h"
#include "inspect/code/wasm_words.h"
#include "inspect/decoders/worth.h"
#include "inspect/gpu/cubin.h"
#include "inspect/gpu/gpu.h"
#include "inspect/gpu/source.h"
#include "inspect/packers/packed.h"
#include "inspect/packers/upx.h"
#include "inspect/programs/program.h"
#include "inspect/wrappers/marshal.h"
#include "inspect/wrappers/wrappers.h"

namespace minescan::inspect {
namespace {

constexpr std::size_t kProgram = std::size_t{48} << 20;
constexpr std::size_t kText = std::size_t{8} << 20;

// Twice the longest program that is unpacked; that more was cut is told by unpack_upx.
constexpr std::uint64_t kUnpacked = std::uint64_t{96} << 20;

// Of a module whose length its header does not tell, so much is read.
constexpr std::size_t kModule = std::size_t{1} << 20;

// Code objects that are looked into in a block.  Programs have dozens; those of fat binaries are
// files of their own.
constexpr std::size_t kMostElfs = 1000;
constexpr std::size_t kMostModules = 4096;

// Of a 64-bit ELF file.
constexpr std::size_t kHeader = 64;

// Bytes of a literal that may be a kernel's source.
constexpr std::size_t kLiteral = 120;

std::string place(std::uint64_t offset) { return "@" + hexadecimal(offset); }

void show_text(const std::string& text, ViewKind kind, const std::string& name, ViewSink& sink) {
  if (text.empty()) return;
  const Window window{.bytes = as_bytes(text), .from = 0, .to = text.size(), .line = 1};
  sink.on_view(kind, {Step::Kind::view, name}, window, 0);
}

void show_words(const std::vector<std::uint32_t>& words, ViewKind kind, const std::string& name,
                ViewSink& sink) {
  if (words.empty()) return;
  const std::vector<std::byte> bytes = code::as_view(words);
  sink.on_view(kind, {Step::Kind::view, name}, {.bytes = bytes, .from = 0, .to = bytes.size()}, 0);
}

void show_object(const gpu::GpuObject& object, const std::string& where, ViewSink& sink) {
  const std::string name = (where.empty() ? "" : where + " ") + object.target;
  std::set<std::string_view> funnels;
  for (const gpu::KernelShape& shape : object.shapes) {
    if (gpu::is_search_shaped(shape)) funnels.insert(shape.name);
  }
  std::string kernels;
  for (const std::string& kernel : object.kernels) {
    kernels += kernel + (funnels.contains(kernel) ? " funnel-shaped\n" : "\n");
  }
  show_text(kernels, ViewKind::kernels, name + " kernels", sink);
  show_words(object.words, ViewKind::gpu_code, name + " constants", sink);
}

// What of code objects could not be read may have held what tells.  Said once for a block.
class Problems {
 public:
  explicit Problems(ViewSink& sink) : sink_(sink) {}
  void add(const gpu::GpuObject& object, const std::string& where) {
    if (object.problems.empty()) return;
    if (count_++ > 0) return;
    first_ = (where.empty() ? "" : where + " ") + object.target + ": " + object.problems.front();
  }
  void tell() {
    if (count_ == 0) return;
    sink_.on_limit(first_ + (count_ == 1 ? ""
                                         : ", and " + std::to_string(count_ - 1) +
                                               " more code objects with problems"));
  }

 private:
  ViewSink& sink_;
  std::string first_;
  std::size_t count_ = 0;
};

// Code objects and texts of kernels anywhere in a program.
class Embedded {
 public:
  Embedded(const Block& block, ViewSink& sink) : block_(block), sink_(sink) {}

  void objects(std::size_t from) {
    // Headers may claim one another's bytes, and tables of any length.
    std::size_t elfs = 0, modules = 0;
    Problems problems(sink_);
    std::size_t left = 2 * block_.bytes.size();
    for (auto at = gpu::find_code_object(block_.bytes, from); at;) {
      if (const Covered* covered = covering(*at)) {
        const std::uint64_t end =
            std::min<std::uint64_t>(covered->end - block_.offset, block_.bytes.size());
        at = gpu::find_code_object(block_.bytes, static_cast<std::size_t>(end));
        continue;
      }
      const ByteView rest = block_.bytes.subspan(static_cast<std::size_t>(*at));
      const bool is_elf = rest.front() == std::byte{0x7f};
      std::size_t& count = is_elf ? elfs : modules;
      if (++count > (is_elf ? kMostElfs : kMostModules)) {
        sink_.on_limit("more GPU code objects than are looked into");
        break;
      }
      const std::uint64_t told = is_elf ? programs::natural_length(rest, rest.size()) : 0;
      const std::size_t size =
          std::min<std::size_t>(rest.size(), told != 0 ? static_cast<std::size_t>(told) : kModule);
      if (is_elf && size > left) {
        sink_.on_limit("more GPU code objects than are looked into");
        break;
      }
      if (is_elf) left -= size;
      std::size_t used = 1;
      if (const auto object = gpu::read_gpu_object(rest.first(size))) {
        show_object(*object, place(block_.offset + *at), sink_);
        // A module tells no length: what lies behind it is no part that could be missing.
        if (is_elf) problems.add(*object, place(block_.offset + *at));
        if (told != 0) used = size;
      }
      at = gpu::find_code_object(block_.bytes, static_cast<std::size_t>(*at) + used);
    }
    problems.tell();
  }

  // Scripts hold kernels in literals, beside much that has nothing to do with them: each literal is
  // a text of its own, and so is what stands outside of them.
  void literals() {
    const std::string_view text = as_text(block_.bytes);
    if (!gpu::read_source(text)) return;
    std::string outside(text);
    for (std::size_t at = 0; (at = text.find_first_of("`\"'", at)) != std::string_view::npos;) {
      const std::string_view rest = text.substr(at);
      const bool triple = rest.starts_with("\"\"\"") || rest.starts_with("'''");
      const std::string_view mark = rest.substr(0, triple ? 3 : 1);
      const std::size_t begin = at + mark.size();
      std::size_t end = std::min(text.find(mark, begin), text.size());
      // A literal of one line, or a quotation mark that begins none.
      if (!triple && mark != "`") end = std::min(end, text.find('\n', begin));
      if (end - begin >= kLiteral) {
        source(text.substr(begin, end - begin), begin);
        std::fill(outside.begin() + static_cast<std::ptrdiff_t>(begin),
                  outside.begin() + static_cast<std::ptrdiff_t>(end), ' ');
      }
      at = std::min(text.size(), end + mark.size());
    }
    source(outside, 0);
  }

  void texts() {
    gpu::read_texts(block_.bytes, [&](std::size_t at, gpu::GpuObject&& object) {
      if (covering(at) != nullptr) return;
      show_object(object, at == 0 && block_.offset == 0 ? "" : place(block_.offset + at), sink_);
    });
  }

 private:
  // A kernel's source within a script: its names and numbers, and itself.
  void source(std::string_view text, std::size_t at) {
    const auto object = gpu::read_source(text);
    if (!object) return;
    const std::uint64_t offset = block_.offset + at;
    const std::string where = offset == 0 ? "" : place(offset);
    show_object(*object, where, sink_);
    show_text(std::string(text), ViewKind::text,
              (where.empty() ? "" : where + " ") + "kernel source", sink_);
  }

  // What covers a place of the block.
  [[nodiscard]] const Covered* covering(std::uint64_t at) const {
    const auto next = std::upper_bound(
        block_.covered.begin(), block_.covered.end(), block_.offset + at,
        [](std::uint64_t offset, const Covered& one) { return offset < one.begin; });
    if (next == block_.covered.begin()) return nullptr;
    const Covered& before = *(next - 1);
    return block_.offset + at < before.end ? &before : nullptr;
  }

  const Block& block_;
  ViewSink& sink_;
};

// Of a code object that does not end in its first block.
std::optional<gpu::GpuObject> first_part_of_cubin(const Block& block) {
  if (block.last || block.bytes.size() < kHeader) return std::nullopt;
  return gpu::read_cubin_part(block.bytes.first(kHeader), block.bytes);
}

void show_packer(const programs::Program* program, const Block& block, ViewSink& sink,
                 const TakeDecoded& hidden) {
  std::string told;
  if (packers::looks_packed_by_upx(block.bytes)) {
    auto unpacked = packers::unpack_upx(block.bytes, kUnpacked);
    if (unpacked && !block.last) {
      sink.on_limit("a program of more than 48 MiB is not unpacked");
    } else if (unpacked) {
      told += "packed by UPX " + unpacked->method + "\n";
      for (const std::string& sentence : unpacked->tampered) told += "tampered: " + sentence + "\n";
      if (!unpacked->problem.empty()) sink.on_limit("UPX: " + unpacked->problem);
      hidden({.name = "upx",
              .begin = 0,
              .end = block.bytes.size(),
              .bytes = std::move(unpacked->bytes)});
    }
  }
  // Object files import nothing; of what is not whole nobody knows what it imports.
  const bool runs = program != nullptr && block.last &&
                    (program->kind == "executable" || program->kind == "shared library");
  if (runs && told.empty()) {
    if (const auto packed = packers::packed(*program, block.bytes)) {
      told += "packed by " +
              std::string(packed->name.empty() ? "something unknown" : packed->name) + "\n" +
              packed->why + "\n";
    }
  }
  show_text(told, ViewKind::packer, "packer", sink);
}

// A text behind a program's end: a script that it gives to a shell, or its configuration.  Other
// bytes there are looked at where they lie.
void show_overlay(const programs::Program& program, const Block& block, const TakeDecoded& hidden) {
  if (program.natural_length == 0 || program.natural_length >= block.bytes.size()) return;
  constexpr std::size_t kTold = 4096;  // bytes that tell a text
  std::string_view text = as_text(block.bytes);
  std::size_t begin = static_cast<std::size_t>(program.natural_length);
  begin = std::min(text.find_first_not_of(std::string_view("\0\n\r\t ", 5), begin), text.size());
  text = text.substr(begin, kText);
  if (text.empty() || !decoders::is_text(text.substr(0, kTold))) return;
  hidden(
      {.name = "overlay", .begin = begin, .end = begin + text.size(), .bytes = std::string(text)});
}

bool runs_on_aarch64(const programs::Program& program) {
  constexpr std::uint32_t kElf = 183, kPe = 0xAA64, kMacho = 0x0100000C;
  const std::uint32_t machine = program.machine_number;
  return machine == kElf || machine == kPe || machine == kMacho;
}

// The constants of a program's code: of its sections, or, without those, of its segments.
std::vector<std::uint32_t> aarch64_words(const programs::Program& program, ByteView bytes) {
  code::Words words;
  code::Aarch64Words reader;
  bool any = false;
  for (const programs::Section& section : program.sections) {
    if (!section.executable) continue;
    reader.read(programs::content(bytes, section), words);
    any = true;
  }
  for (const programs::Segment& segment : program.segments) {
    if (any || !segment.executable) continue;
    reader.read(programs::content(bytes, segment.offset, segment.size), words);
  }
  return words.take();
}

}  // namespace

std::size_t block_size(const FileType& type) {
  switch (type.view) {
    case ViewKind::executable:
      return kProgram;
    case ViewKind::script:
    case ViewKind::config:
    case ViewKind::text:
    case ViewKind::document:
      return kText;
    default:
      return 0;
  }
}

std::uint64_t program_length(ByteView head) {
  return programs::natural_length(head, std::numeric_limits<std::uint64_t>::max());
}

void BlockViews::show_program(const Block& block, ViewSink& sink, const TakeDecoded& hidden) {
  if (const auto wasm = code::read_wasm_words(block.bytes)) {
    show_words(wasm->words, ViewKind::code, "constants", sink);
    if (!wasm->problems.empty()) sink.on_limit("WebAssembly: " + wasm->problems.front());
    if (wasm->cut && !block.last) sink.on_limit("WebAssembly: only the first 48 MiB are read");
    return;
  }
  const auto program = programs::parse_program(block.bytes);
  show_packer(program ? &*program : nullptr, block, sink, hidden);
  if (!program) return;
  show_overlay(*program, block, hidden);
  if (program->net) {
    std::string literals;
    for (const std::string& literal : program->net->user_strings) literals += literal + "\n";
    show_text(literals, ViewKind::text, "user strings", sink);
  }
  is_aarch64_ = runs_on_aarch64(*program);
  if (is_aarch64_) {
    show_words(aarch64_words(*program, block.bytes), ViewKind::code, "constants", sink);
  }
}

void BlockViews::show(const Block& block, ViewSink& sink, const TakeDecoded& hidden) {
  Embedded embedded(block, sink);
  if (type_.view == ViewKind::script || type_.view == ViewKind::config ||
      type_.view == ViewKind::document) {
    embedded.literals();
    return;
  }
  if (type_.view != ViewKind::executable) {
    embedded.texts();
    return;
  }
  std::size_t from = 0;  // where something embedded may begin
  if (block.offset > 0) {
    // What the headers in the first block say of this one is not known any more: all of it is code.
    if (!cubin_.empty()) {
      if (const auto object = gpu::read_cubin_part(as_bytes(cubin_), block.bytes)) {
        show_object(*object, place(block.offset), sink);
      }
    }
    if (is_aarch64_) {
      code::Words words;
      code::Aarch64Words().read(block.bytes, words);
      show_words(words.take(), ViewKind::code, "constants", sink);
    }
  } else if (wrappers::is_pyc(block.bytes)) {
    wrappers::show_python(block.bytes, sink, hidden);
  } else if (const auto part = first_part_of_cubin(block)) {
    cubin_ = as_text(block.bytes.first(kHeader));
    show_object(*part, "", sink);
    from = 1;
  } else if (gpu::is_code_object(block.bytes)) {
    if (const auto object = gpu::read_gpu_object(block.bytes)) {
      show_object(*object, "", sink);
      Problems problems(sink);
      problems.add(*object, "");
      problems.tell();
    }
    // Its header may be false, and what is behind it real.
    from = 1;
  } else {
    show_program(block, sink, hidden);
  }
  wrappers::unwrap(block.bytes, block.offset, sink, hidden);
  embedded.objects(from);
  embedded.texts();
}

}  // namespace minescan::inspect
