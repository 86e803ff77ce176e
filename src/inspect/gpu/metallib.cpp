#include "inspect/gpu/metallib.h"

#include "base/reader.h"

namespace minescan::inspect::gpu {
namespace {

// Undocumented; as public readers of the format describe it.
constexpr std::size_t kFileSize = 16;  // 8 bytes
constexpr unsigned kParts = 4;         // behind it: offset and size of 8 bytes each
constexpr std::size_t kHeader = 88;
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 40;  // more is no library
constexpr std::uint8_t kKernel = 2;                           // TYPE; vertex 0, fragment 1

struct Function {
  std::string_view name;
  std::optional<std::uint8_t> type;
};

// Tags: four characters, a size of 2 bytes, and so many bytes; ENDT ends them and has neither.
Function read_tags(ByteView group) {
  Function function;
  Reader reader(group);
  while (const auto tag = reader.take(4)) {
    const auto size = reader.little<std::uint16_t>();
    if (as_text(*tag) == "ENDT" || !size) break;
    const auto data = reader.take(*size);
    if (!data) break;
    const std::string_view text = as_text(*data);
    if (as_text(*tag) == "NAME") function.name = text.substr(0, text.find('\0'));
    if (as_text(*tag) == "TYPE" && !data->empty()) {
      function.type = std::to_integer<std::uint8_t>(data->front());
    }
  }
  return function;
}

}  // namespace

std::optional<GpuObject> read_metallib(ByteView bytes) {
  if (!as_text(bytes).starts_with("MTLB")) return std::nullopt;
  Reader reader(bytes);
  if (!reader.seek(kFileSize)) return std::nullopt;
  const auto file_size = reader.little<std::uint64_t>();
  const auto offset = reader.little<std::uint64_t>();
  // The list of functions, two kinds of metadata, bitcode: all lie within the file.
  std::uint64_t at = offset.value_or(0);
  for (unsigned part = 0; part < kParts; ++part) {
    if (part != 0) at = reader.little<std::uint64_t>().value_or(~std::uint64_t{0});
    const auto size = reader.little<std::uint64_t>();
    const bool inside = file_size && size && at >= kHeader && at <= *file_size &&
                        *size <= *file_size - at && *file_size <= kMostBytes;
    if (!inside) return std::nullopt;
  }
  GpuObject object{.target = "Metal library"};
  const auto count =
      reader.seek(*offset) ? reader.little<std::uint32_t>() : std::optional<std::uint32_t>();
  if (!count) {
    add_problem(object, "Metal library ends before its list of functions");
    return object;
  }
  Kernels kernels;
  for (std::uint32_t i = 0; i < *count; ++i) {
    // The size counts itself.
    const auto group_size = reader.little<std::uint32_t>();
    const auto group = group_size && *group_size >= 4 ? reader.take(*group_size - 4) : std::nullopt;
    if (!group) {
      add_problem(object, "Metal library ends inside its list of functions");
      break;
    }
    const Function function = read_tags(*group);
    if (function.type.value_or(kKernel) == kKernel) kernels.add(function.name);
  }
  code::Words none;
  finish(object, kernels, none);
  return object;
}

}  // namespace minescan::inspect::gpu
