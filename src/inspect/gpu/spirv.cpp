#include "inspect/gpu/spirv.h"

#include "base/reader.h"

namespace minescan::inspect::gpu {
namespace {

// Khronos, "SPIR-V Specification", 2.3 "Physical Layout" and 3.52 "Instructions".
constexpr std::uint32_t kMagic = 0x07230203;
constexpr std::uint32_t kMostIds = 4 << 20;  // universal limit of 2.17
constexpr unsigned kNewestMinor = 6;
constexpr std::uint32_t kEntryPoint = 15;
constexpr std::uint32_t kConstant = 43;
constexpr std::uint32_t kSpecConstant = 50;
// Vendors' operations end below this.
constexpr std::uint32_t kMostOpcodes = 0x2000;

class WordReader {
 public:
  WordReader(ByteView bytes, bool big_endian) : reader_(bytes), big_endian_(big_endian) {}
  std::optional<std::uint32_t> next() {
    return big_endian_ ? reader_.big<std::uint32_t>() : reader_.little<std::uint32_t>();
  }
  std::optional<WordReader> take(std::uint64_t words) {
    const auto bytes = reader_.take(words * 4);
    return bytes ? std::optional<WordReader>(WordReader(*bytes, big_endian_)) : std::nullopt;
  }
  [[nodiscard]] std::size_t words_left() const { return reader_.left() / 4; }
  // Characters lie in words from their lowest byte on.
  std::string text() {
    std::string text;
    while (const auto word = next()) {
      for (unsigned shift = 0; shift < 32; shift += 8) {
        const char c = static_cast<char>(*word >> shift & 0xff);
        if (c == '\0' || text.size() >= kLongestKernel) return text;
        text += c;
      }
    }
    return text;
  }

 private:
  Reader reader_;
  bool big_endian_;
};

void read_constant(WordReader& operands, code::Words& words) {
  // Type and id, then the value, lower half first.
  const std::size_t size = operands.words_left();
  if (size < 3 || size > 4 || !operands.take(2)) return;
  while (const auto word = operands.next()) words.add(*word);
}

}  // namespace

std::optional<GpuObject> read_spirv(ByteView bytes) {
  const bool little = Reader(bytes).little<std::uint32_t>() == kMagic;
  if (!little && Reader(bytes).big<std::uint32_t>() != kMagic) return std::nullopt;
  WordReader reader(bytes, !little);
  reader.next();
  const auto version = reader.next();
  reader.next();  // who made it
  const auto bound = reader.next();
  const auto schema = reader.next();
  // 0x00MMmm00.
  const bool known =
      version && (*version & 0xffff00ff) == 0x00010000 && (*version >> 8 & 0xff) <= kNewestMinor;
  if (!known || !schema || *schema != 0 || *bound == 0 || *bound > kMostIds) return std::nullopt;
  GpuObject object{.target = "SPIR-V 1." + std::to_string(*version >> 8 & 0xff)};
  code::Words words;
  Kernels kernels;
  while (const auto first = reader.next()) {
    const std::uint32_t count = *first >> 16;
    const std::uint32_t opcode = *first & 0xffff;
    auto operands = count == 0 || opcode >= kMostOpcodes ? std::nullopt : reader.take(count - 1);
    if (!operands) {
      add_problem(object, "SPIR-V module ends inside or with bytes that are no instruction");
      break;
    }
    if (opcode == kEntryPoint && operands->take(2)) {
      kernels.add(operands->text());
    } else if (opcode == kConstant || opcode == kSpecConstant) {
      read_constant(*operands, words);
    }
  }
  finish(object, kernels, words);
  return object;
}

}  // namespace minescan::inspect::gpu
