#include "inspect/code/wasm_words.h"

#include <string_view>

#include "base/reader.h"

namespace minescan::inspect::code {
namespace {

using namespace std::string_view_literals;

// WebAssembly Core Specification 2.0, 5 "Binary Format".
constexpr std::string_view kMagic = "\0asm\1\0\0\0"sv;
constexpr std::uint8_t kCodeSection = 10;
constexpr std::uint8_t kDataSection = 11;
constexpr std::uint8_t kI32Const = 0x41;
constexpr std::uint8_t kI64Const = 0x42;
constexpr std::size_t kMostProblems = 32;

// LEB128 of at most 64 bits, padding included.  After bad bytes everything reads as nothing.
class Leb {
 public:
  explicit Leb(ByteView bytes) : reader_(bytes) {}

  std::optional<std::uint64_t> number() { return read(false); }
  std::optional<std::uint64_t> signed_number() { return read(true); }
  std::optional<std::uint8_t> byte() { return reader_.little<std::uint8_t>(); }
  std::optional<ByteView> take(std::uint64_t n) { return reader_.take(n); }
  bool seek(std::size_t at) { return reader_.seek(at); }
  [[nodiscard]] std::size_t position() const { return reader_.position(); }
  [[nodiscard]] std::size_t left() const { return reader_.left(); }

 private:
  std::optional<std::uint64_t> read(bool sign) {
    constexpr unsigned kLongest = 10;
    std::uint64_t value = 0;
    for (unsigned i = 0; i < kLongest; ++i) {
      const auto part = byte();
      if (!part) return std::nullopt;
      const unsigned shift = 7 * i;
      value |= std::uint64_t{*part & 0x7fU} << shift;
      if ((*part & 0x80) != 0) continue;
      const bool negative = sign && (*part & 0x40) != 0 && shift + 7 < 64;
      return negative ? value | ~std::uint64_t{0} << (shift + 7) : value;
    }
    return std::nullopt;
  }

  Reader reader_;
};

// Skips the operands of one instruction and adds its constant.  False: not known, or cut.
class Instructions {
 public:
  Instructions(ByteView body, Words& words) : leb_(body), words_(words) {}

  // Whether all of the body was understood.
  bool walk() {
    while (leb_.left() != 0) {
      start_ = leb_.position();
      if (!instruction()) return false;
    }
    return true;
  }

  // From the first byte on that was not: every byte may be a constant's opcode.
  void sweep() {
    std::size_t at = start_;
    while (leb_.seek(at)) {
      const auto opcode = leb_.byte();
      if (!opcode) return;
      ++at;
      if (*opcode != kI32Const && *opcode != kI64Const) continue;
      constant(*opcode);
    }
  }

 private:
  bool numbers(unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      if (!leb_.number()) return false;
    }
    return true;
  }
  bool bytes(std::uint64_t count) { return leb_.take(count).has_value(); }

  bool constant(std::uint8_t opcode) {
    const auto value = leb_.signed_number();
    if (!value) return false;
    if (opcode == kI64Const) {
      words_.add64(*value);
    } else {
      words_.add(static_cast<std::uint32_t>(*value));
    }
    return true;
  }

  // An alignment, a memory's index if its bit 6 says so, and an offset.
  bool memory() {
    const auto align = leb_.number();
    if (!align) return false;
    return numbers((*align & 0x40) != 0 ? 2 : 1);
  }

  bool list(unsigned more) {
    const auto count = leb_.number();
    if (!count || *count > leb_.left()) return false;
    return numbers(static_cast<unsigned>(*count) + more);
  }

  bool instruction() {
    const std::uint8_t opcode = leb_.byte().value_or(0);
    if (opcode >= 0x28 && opcode <= 0x3e) return memory();
    if (opcode >= 0x45 && opcode <= 0xc4) return true;  // without operands
    switch (opcode) {
      case kI32Const:
      case kI64Const:
        return constant(opcode);
      case 0x43:  // f32.const, f64.const: their bits are no integers of the code
        return bytes(4);
      case 0x44:
        return bytes(8);
      case 0x02:  // block, loop, if, try: a type
      case 0x03:
      case 0x04:
      case 0x06:
        return leb_.signed_number().has_value();
      case 0x0c:  // br, br_if, call, return_call, locals, globals, tables, memory.size, ref.func
      case 0x0d:
      case 0x10:
      case 0x12:
      case 0x14:
      case 0x15:
      case 0x07:  // catch, throw, rethrow, delegate
      case 0x08:
      case 0x09:
      case 0x18:
      case 0x20:
      case 0x21:
      case 0x22:
      case 0x23:
      case 0x24:
      case 0x25:
      case 0x26:
      case 0x3f:
      case 0x40:
      case 0xd0:
      case 0xd2:
        return numbers(1);
      case 0x11:  // call_indirect, return_call_indirect
      case 0x13:
        return numbers(2);
      case 0x0e:  // br_table: targets and a default
        return list(1);
      case 0x1c:  // select of given types
        return list(0);
      case 0x00:  // unreachable, nop, else, end, return, catch_all, drop, select
      case 0x01:
      case 0x05:
      case 0x0b:
      case 0x0f:
      case 0x19:
      case 0x1a:
      case 0x1b:
      case 0xd1:
        return true;
      case 0xfc:
        return miscellaneous();
      case 0xfd:
        return vector();
      case 0xfe:
        return atomic();
      default:
        return false;
    }
  }

  bool miscellaneous() {
    const auto opcode = leb_.number();
    if (!opcode || *opcode > 17) return false;
    if (*opcode <= 7) return true;  // saturating conversions
    const bool two = *opcode == 8 || *opcode == 10 || *opcode == 12 || *opcode == 14;
    return numbers(two ? 2 : 1);
  }

  bool vector() {
    const auto opcode = leb_.number();
    if (!opcode || *opcode > 0x1ff) return false;
    if (*opcode <= 11 || *opcode == 92 || *opcode == 93) return memory();
    if (*opcode >= 84 && *opcode <= 91) return memory() && bytes(1);
    if (*opcode == 12) {  // v128.const
      const auto value = leb_.take(16);
      if (value) words_.add_table(*value);
      return value.has_value();
    }
    if (*opcode == 13) return bytes(16);  // i8x16.shuffle
    if (*opcode >= 21 && *opcode <= 34) return bytes(1);
    return true;
  }

  bool atomic() {
    const auto opcode = leb_.number();
    if (!opcode || *opcode > 0x4e) return false;
    return *opcode == 3 ? bytes(1) : memory();  // fence
  }

  Leb leb_;
  Words& words_;
  std::size_t start_ = 0;  // of the instruction
};

class Module {
 public:
  explicit Module(ByteView bytes) : bytes_(bytes) {}

  WasmWords read() {
    Leb leb(bytes_.subspan(kMagic.size()));
    std::vector<ByteView> data;
    while (leb.left() != 0) {
      const auto id = leb.byte();
      const auto size = leb.number();
      if (!id || !size) {
        found_.cut = true;
        break;
      }
      auto section = leb.take(*size);
      if (!section) {
        found_.cut = true;
        section = leb.take(leb.left());
      }
      if (*id == kCodeSection) code(*section);
      if (*id == kDataSection) data.push_back(*section);
    }
    for (const ByteView section : data) segments(section);
    if (found_.cut) found_.problems.clear();
    if (words_.full()) problem("more different constants than are kept");
    found_.words = words_.take();
    return std::move(found_);
  }

 private:
  void problem(std::string_view what) {
    if (found_.problems.size() < kMostProblems) found_.problems.emplace_back(what);
  }

  void code(ByteView section) {
    Leb leb(section);
    const auto count = leb.number();
    for (std::uint64_t i = 0; count && i < *count; ++i) {
      const auto size = leb.number();
      if (!size) return problem("code section ends before its last function");
      auto body = leb.take(*size);
      if (!body) {
        problem("code section ends inside a function");
        body = leb.take(leb.left());
      }
      function(*body);
    }
  }

  void function(ByteView body) {
    // Groups of locals, each a count and a type.
    Leb leb(body);
    const auto groups = leb.number();
    bool good = groups.has_value();
    for (std::uint64_t i = 0; good && i < *groups; ++i) {
      good = leb.number() && leb.signed_number();
    }
    Instructions instructions(body.subspan(good ? leb.position() : 0), words_);
    if (!instructions.walk()) {
      if (!told_) problem("code has instructions that are not known");
      told_ = true;
      instructions.sweep();
    }
  }

  void segments(ByteView section) {
    Leb leb(section);
    const auto count = leb.number();
    for (std::uint64_t i = 0; count && i < *count; ++i) {
      const auto mode = leb.number();
      std::uint64_t address = 0;
      const bool bad = !mode || *mode > 2 || (*mode == 2 && !leb.number()) ||
                       (*mode != 1 && !offset(leb, address));
      const auto size = bad ? std::nullopt : leb.number();
      if (!size) {
        // An offset that is computed in a way that is not known.
        problem("data section has a segment that is not understood");
        if (const auto rest = leb.take(leb.left())) words_.add_table(*rest);
        return;
      }
      auto data = leb.take(*size);
      if (!data) {
        problem("data section ends inside a segment");
        data = leb.take(leb.left());
      }
      // Tables are aligned in memory, not in the segment.
      const auto skip = static_cast<std::size_t>((4 - address % 4) % 4);
      if (data->size() > skip) words_.add_table(data->subspan(skip));
    }
  }

  // A constant expression: a constant or a global's value, and an end.
  static bool offset(Leb& leb, std::uint64_t& address) {
    const auto opcode = leb.byte();
    std::optional<std::uint64_t> value;
    if (opcode == kI32Const || opcode == kI64Const) {
      value = leb.signed_number();
      address = value.value_or(0);
    } else if (opcode == std::uint8_t{0x23}) {
      value = leb.number();
    }
    return value && leb.byte() == std::uint8_t{0x0b};
  }

  ByteView bytes_;
  Words words_;
  WasmWords found_;
  bool told_ = false;
};

}  // namespace

std::optional<WasmWords> read_wasm_words(ByteView bytes) {
  if (!as_text(bytes).starts_with(kMagic)) return std::nullopt;
  return Module(bytes).read();
}

}  // namespace minescan::inspect::code
