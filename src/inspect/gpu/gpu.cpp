#include "inspect/gpu/gpu.h"

#include "base/anchors.h"
#include "base/reader.h"
#include "inspect/gpu/amdgpu.h"
#include "inspect/gpu/cubin.h"
#include "inspect/gpu/metallib.h"
#include "inspect/gpu/ptx.h"
#include "inspect/gpu/source.h"
#include "inspect/gpu/spirv.h"
#include "inspect/gpu/zebin.h"

namespace minescan::inspect::gpu {
namespace {

constexpr std::array<Anchor, 4> kAnchors{
    Anchor{0x7f, 'E', 'L', 'F'},
    Anchor{0x03, 0x02, 0x23, 0x07},
    Anchor{0x07, 0x23, 0x02, 0x03},
    Anchor{'M', 'T', 'L', 'B'},
};

const auto& finder() {
  static const AnchorFinder kFinder(kAnchors);
  return kFinder;
}

// NVIDIA, AMD, AMD APP, Intel.
bool is_gpu_elf(ByteView head) {
  constexpr std::size_t kMachine = 18;
  constexpr std::size_t kHeader = 52;  // of the narrow form
  if (head.size() < kHeader || !as_text(head).starts_with("\x7f"
                                                          "ELF"))
    return false;
  // The instructions of those who look for ELF files hold the mark too.
  constexpr std::size_t kClass = 4, kOrder = 5;
  if (head[kClass] > std::byte{2} || head[kOrder] > std::byte{2}) return false;
  const auto machine = Reader(head.subspan(kMachine)).little<std::uint16_t>();
  return machine == 190 || machine == 224 || machine == 0xAF5B || machine == 205;
}

}  // namespace

std::optional<GpuObject> read_gpu_object(ByteView bytes) {
  if (is_gpu_elf(bytes)) {
    if (auto cubin = read_cubin(bytes)) return cubin;
    if (auto amd = read_amdgpu(bytes)) return amd;
    return read_zebin(bytes);
  }
  if (auto spirv = read_spirv(bytes)) return spirv;
  if (auto metal = read_metallib(bytes)) return metal;
  // A zero ends a text; fat binaries put some behind.
  const std::string_view text = as_text(bytes).substr(0, as_text(bytes).find('\0'));
  if (auto ptx = read_ptx(text)) return ptx;
  return read_source(text);
}

bool is_code_object(ByteView head) {
  return is_gpu_elf(head) || read_spirv(head.first(std::min<std::size_t>(head.size(), 20))) ||
         read_metallib(head.first(std::min<std::size_t>(head.size(), 88)));
}

std::optional<std::uint64_t> find_code_object(ByteView window, std::size_t from) {
  for (auto at = finder().find(window, from); at; at = finder().find(window, *at + 1)) {
    if (is_code_object(window.subspan(*at))) return *at;
  }
  return std::nullopt;
}

}  // namespace minescan::inspect::gpu
