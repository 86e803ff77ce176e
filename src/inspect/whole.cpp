#include "inspect/whole.h"

#include <limits>

#include "inspect/programs/program.h"

namespace minescan::inspect {
namespace {

constexpr std::size_t kProgram = std::size_t{64} << 20;
constexpr std::size_t kText = std::size_t{8} << 20;

}  // namespace

std::size_t bytes_wanted(const FileType& type) {
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

void whole_views(ByteView file, std::uint64_t file_size, const FileType& type, ViewSink& sink,
                 std::vector<Decoded>& hidden) {
  static_cast<void>(file);
  static_cast<void>(file_size);
  static_cast<void>(type);
  static_cast<void>(sink);
  static_cast<void>(hidden);
}

}  // namespace minescan::inspect
