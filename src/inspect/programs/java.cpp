#include "inspect/programs/java.h"

#include <array>

#include "inspect/programs/fields.h"

namespace minescan::inspect::programs {
namespace {

enum class Tag : std::uint8_t {
  text = 1,
  wide_number = 5,  // 5 and 6 take two places
  wide_real = 6,
  class_name = 7,
  method = 10,
  interface_method = 11,
  name_and_type = 12,
};

struct Constant {
  Tag tag{};
  std::string_view text;
  std::uint16_t first = 0;  // of what is made of others: their places
  std::uint16_t second = 0;
};

// Bytes behind the tag; 0 for a tag that no constant has, and for texts, which tell.
std::size_t size_of(std::uint8_t tag) {
  constexpr std::array<std::uint8_t, 21> kSizes = {0, 0, 0, 4, 4, 8, 8, 2, 2, 4, 4,
                                                   4, 4, 0, 0, 3, 2, 4, 4, 2, 2};
  return tag < kSizes.size() ? kSizes[tag] : 0;
}

std::vector<Constant> read_constants(Fields& fields, std::vector<std::string>& problems) {
  const std::uint16_t count = fields.half();
  std::vector<Constant> constants(1);  // they are counted from 1
  while (constants.size() < count) {
    const std::uint8_t tag = fields.byte();
    Constant constant{.tag = Tag{tag}, .text = {}};
    if (constant.tag == Tag::text) {
      constant.text = as_text(fields.bytes(fields.half())).substr(0, kLongestName);
    } else {
      const ByteView body = fields.bytes(size_of(tag));
      Fields places(body, true);
      if (body.size() >= 2) constant.first = places.half();
      if (body.size() >= 4) constant.second = places.half();
    }
    if (!fields.good() || (constant.tag != Tag::text && size_of(tag) == 0)) {
      add_problem(problems, "the constants of the class are cut short");
      break;
    }
    constants.push_back(constant);
    if (constant.tag == Tag::wide_number || constant.tag == Tag::wide_real) {
      constants.emplace_back();
    }
  }
  return constants;
}

// The text of a class or of a name and type, which both begin with the place of a text.
std::string_view name_of(const std::vector<Constant>& constants, std::uint16_t at, Tag tag) {
  if (at >= constants.size() || constants[at].tag != tag) return {};
  const std::uint16_t text = constants[at].first;
  return text < constants.size() ? constants[text].text : std::string_view();
}

}  // namespace

std::optional<Program> parse_java(ByteView file) {
  Fields fields(file, true);
  if (fields.word() != 0xcafebabe) return std::nullopt;
  fields.half();
  const std::uint16_t version = fields.half();
  // Of Java 1.0; universal Mach-O files, which begin alike, have a small count here.
  constexpr std::uint16_t kFirst = 45, kLast = 255;
  if (!fields.good() || version < kFirst || version > kLast) return std::nullopt;
  Program program{.format = "Java class", .machine = "JVM", .kind = "executable"};
  program.big_endian = true;
  program.version = version;
  const std::vector<Constant> constants = read_constants(fields, program.problems);
  for (const Constant& constant : constants) {
    if (constant.tag != Tag::method && constant.tag != Tag::interface_method) continue;
    const Import import{.library = name_of(constants, constant.first, Tag::class_name),
                        .name = name_of(constants, constant.second, Tag::name_and_type)};
    if (!import.name.empty()) program.imports.push_back(import);
  }
  fields.half();  // access
  const std::string_view name = name_of(constants, fields.half(), Tag::class_name);
  if (fields.good() && !name.empty()) program.exports.push_back(name);
  return program;
}

}  // namespace minescan::inspect::programs
