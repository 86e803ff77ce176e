#include "inspect/whole.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>

#include "support/elf_file.h"
#include "support/upx_file.h"

using namespace minescan;
using namespace minescan::inspect;

namespace {

// The views of a block by their names, as text or as their number of words.
class Shown final : public ViewSink {
 public:
  void on_view(ViewKind kind, const Step& step, const Window& window,
               std::uint64_t /*offset*/) override {
    const std::string name = std::string(view_name(kind)) + " " + step.name;
    views[name] = is_words(kind) ? std::to_string(window.bytes.size() / 4)
                                 : std::string(as_text(window.bytes));
  }
  void on_limit(const std::string& what) override { limits += what + "\n"; }

  TakeDecoded take() {
    return [this](Decoded&& one) { hidden.push_back(std::move(one)); };
  }

  std::map<std::string, std::string> views;
  std::string limits;
  std::vector<Decoded> hidden;
};

Shown shown(const std::string& bytes, const std::string& name = "file", std::uint64_t offset = 0,
            bool last = true) {
  Shown sink;
  const FileType type = file_type(as_bytes(bytes).first(std::min(bytes.size(), kTypeBytes)), name);
  BlockViews(type).show({.bytes = as_bytes(bytes), .offset = offset, .last = last}, sink,
                        sink.take());
  return sink;
}

const std::string kKernel =
    "// " + std::string(250, 'x') +
    "\n__kernel void find_it(__global uint* found) {\n"
    "  const uint at = get_global_id(0);\n  if (at * 0x01000193 == 0xa1b2c3d4) found[0] = at;\n}\n";

std::string spirv() {
  std::string words;
  for (const std::uint32_t word :
       {0x07230203u, 0x00010000u, 0u, 20u, 0u, 0x0004002bu, 1u, 5u, 0xa1b2c3d4u}) {
    for (unsigned i = 0; i < 32; i += 8) words += static_cast<char>(word >> i);
  }
  return words;
}

std::string program(const std::string& body, std::uint16_t machine = 62) {
  return test::ElfFile(
             {.machine = machine, .sections = {{.name = ".text", .body = body, .flags = 6}}})
      .bytes;
}

}  // namespace

TEST_CASE("whole: a kernel's source tells its names and numbers") {
  const Shown seen = shown(kKernel, "search.cl");
  CHECK(seen.views.at("kernels OpenCL C kernels") == "find_it\n");
  CHECK(std::stoi(seen.views.at("gpu_code OpenCL C constants")) >= 2);
  CHECK(seen.limits.empty());
  CHECK(shown("just a text about __kernel\n", "a.txt").views.empty());
}

TEST_CASE("whole: a kernel in a script's literal is a text of its own") {
  const std::string script = "const table = [0xdeadbeef, 0x12345678];\nconst code = `" + kKernel +
                             "`;\nlet nonce = 0xcafebabe;\n";
  const Shown seen = shown(script, "a.js");
  REQUIRE(seen.views.size() == 3);
  const Shown alone = shown(kKernel, "b.cl");
  const auto words = [](const Shown& one) {
    for (const auto& [name, text] : one.views) {
      if (name.starts_with("gpu_code")) return text;
    }
    return std::string("none");
  };
  CHECK(words(seen) == words(alone));
  CHECK(shown("let nonce = '__kernel';\nlet size = 5;\n", "a.js").views.empty());
}

TEST_CASE("whole: sources and modules inside of programs are found, with their places") {
  const std::string bytes = program(std::string(100, '\x01') + '\0' + kKernel + '\0' + spirv());
  const Shown seen = shown(bytes);
  std::string names;
  for (const auto& [name, text] : seen.views) names += name + "\n";
  char text_at[32], module_at[32];
  std::snprintf(text_at, sizeof text_at, "@0x%zx", bytes.find("// xxx"));
  std::snprintf(module_at, sizeof module_at, "@0x%zx", bytes.find(spirv()));
  CHECK(names.find("kernels " + std::string(text_at) + " OpenCL C kernels") != std::string::npos);
  CHECK(names.find("gpu_code " + std::string(module_at) + " SPIR-V 1.0 constants") !=
        std::string::npos);
}

TEST_CASE("whole: later blocks of a long program are searched too, at their offsets") {
  const Shown seen = shown(std::string("\x7f") + "ELF" + std::string(200, '\x02') + kKernel, "file",
                           0x3000000, false);
  REQUIRE(seen.views.size() == 2);
  CHECK(seen.views.begin()->first.find("@0x3000") != std::string::npos);
}

TEST_CASE("whole: AArch64's constants are put together from parts") {
  // movz w0, #0xc3d4; movk w0, #0xa1b2, lsl 16
  std::string code;
  for (const std::uint32_t word : {0x52800000u | 0xc3d4u << 5, 0x72a00000u | 0xa1b2u << 5}) {
    for (unsigned i = 0; i < 32; i += 8) code += static_cast<char>(word >> i);
  }
  CHECK(shown(program(code, 183)).views.contains("code constants"));
  CHECK(shown(program(code, 62)).views.empty());
}

TEST_CASE("whole: headers that claim one another's bytes are a limit, not hours") {
  std::string many;
  const std::string module = spirv();
  while (many.size() < (std::size_t{2} << 20)) many += module;
  const Shown seen = shown(program(many));
  CHECK(seen.limits == "more GPU code objects than are looked into\n");
}

TEST_CASE("whole: only programs and texts are gathered") {
  CHECK(block_size({.view = ViewKind::executable}) == std::size_t{48} << 20);
  CHECK(block_size({.view = ViewKind::text}) > 0);
  CHECK(block_size({.view = ViewKind::binary}) == 0);
}

TEST_CASE("whole: what UPX packed is handed on, and tampering is told") {
  const test::UpxFile upx = test::upx_elf({});
  const Shown seen = shown(upx.packed);
  REQUIRE(seen.hidden.size() == 1);
  CHECK(seen.hidden[0].name == "upx");
  CHECK(seen.hidden[0].bytes == upx.original);
  CHECK(seen.views.at("packer packer") == "packed by UPX NRV2B\n");
  const Shown changed = shown(test::replaced(upx.packed, "UPX!", "ABC!"));
  REQUIRE(changed.hidden.size() == 1);
  CHECK(changed.hidden[0].bytes == upx.original);
  CHECK(changed.views.at("packer packer").find("\ntampered: ") != std::string::npos);
}

TEST_CASE("whole: a packed program that is not whole is a limit") {
  const Shown seen = shown(test::upx_elf({}).packed, "file", 0, false);
  CHECK(seen.hidden.empty());
  CHECK(seen.limits == "a program of more than 48 MiB is not unpacked\n");
}

TEST_CASE("whole: code for AArch64 in later blocks tells its constants too") {
  std::string code;
  for (const std::uint32_t word : {0x52800000u | 0xc3d4u << 5, 0x72a00000u | 0xa1b2u << 5}) {
    for (unsigned i = 0; i < 32; i += 8) code += static_cast<char>(word >> i);
  }
  const std::string first = program(code, 183);
  Shown sink;
  BlockViews views({.view = ViewKind::executable, .name = "ELF"});
  views.show({.bytes = as_bytes(first)}, sink, sink.take());
  sink.views.clear();
  views.show({.bytes = as_bytes(code), .offset = 0x3000000, .last = true}, sink, sink.take());
  CHECK(sink.views.contains("code constants"));
}

TEST_CASE("whole: a code object of several blocks tells its immediates, and is no limit") {
  std::string text;
  for (int i = 0; i < 4; ++i)
    text += std::string("\x12\x08\0\0\xd4\xc3\xb2\xa1\0\0\0\0\0\0\0\0", 16);
  const std::string object = program(text, 190);
  Shown sink;
  BlockViews views({.view = ViewKind::executable, .name = "ELF"});
  views.show({.bytes = as_bytes(object)}, sink, sink.take());
  sink.views.clear();
  views.show({.bytes = as_bytes(text), .offset = 0x3000000, .last = true}, sink, sink.take());
  CHECK(std::any_of(sink.views.begin(), sink.views.end(), [](const auto& view) {
    return view.first.starts_with("gpu_code @0x3000000 sm_");
  }));
  CHECK(sink.limits.empty());
}

TEST_CASE("whole: a comparison with the mark of ELF is no code object") {
  std::string code =
      "\x7f"
      "ELFu0A" +
      std::string("\xbc\0\x10\0\0\x41\xbf\0\x70\x02\0\xbe\0\x80\x02\0\x49", 17);
  const Shown seen = shown(program(std::string(64, '\x90') + code + std::string(64, '\x90'), 62));
  CHECK(seen.limits.empty());
}

TEST_CASE("whole: a false header of a code object hides nothing behind it") {
  const std::string header = program("", 190).substr(0, 64);
  const Shown seen = shown(header + std::string(100, '\x01') + kKernel);
  CHECK(std::any_of(seen.views.begin(), seen.views.end(), [](const auto& view) {
    return view.first.find("OpenCL C kernels") != std::string::npos;
  }));
}

TEST_CASE("whole: a code object that is cut is a limit") {
  const std::string object = program(std::string(4096, 'x'), 190);
  CHECK(shown(object).limits.empty());
  CHECK_FALSE(shown(object.substr(0, object.size() / 2)).limits.empty());
}

TEST_CASE("whole: what a container holds is not looked for again") {
  const std::string bytes = program(std::string(100, '\x01') + kKernel);
  Shown sink;
  const std::vector<Covered> covered = {{100, ~std::uint64_t{0}}};
  BlockViews({.view = ViewKind::executable, .name = "ELF"})
      .show({.bytes = as_bytes(bytes), .last = true, .covered = covered}, sink, sink.take());
  CHECK(sink.views.empty());
}

TEST_CASE("whole: a text behind a program is a node of its own, other bytes are not") {
  const std::string file = program("code");
  const std::string script = "#!/bin/sh\nexec ./x\n";
  const Shown seen = shown(file + std::string("\0\0\n", 3) + script);
  REQUIRE(seen.hidden.size() == 1);
  CHECK(seen.hidden[0].name == "overlay");
  CHECK(seen.hidden[0].bytes == script);
  CHECK(seen.hidden[0].begin == file.size() + 3);
  CHECK(shown(file).hidden.empty());
  CHECK(shown(file + std::string(100, '\0')).hidden.empty());
  CHECK(shown(file + "\x01\x02\xff\xfe\x90\x90").hidden.empty());
}
