#include "app/engine.h"

#include <elf.h>
#include <link.h>

#include <string_view>

#include "base/digest.h"
#include "base/reader.h"
#include "base/wire.h"

namespace minescan::app {
namespace {

// Padded to what notes are aligned to.
constexpr std::uint64_t padded(std::uint64_t size) { return (size + 3) & ~std::uint64_t{3}; }

// Of the notes of one segment; "" when it is not among them.
std::string_view build_id(ByteView notes) {
  Reader reader(notes);
  while (true) {
    const auto name_size = reader.little<std::uint32_t>();
    const auto size = reader.little<std::uint32_t>();
    const auto type = reader.little<std::uint32_t>();
    if (!type) return {};
    const auto name = reader.take(padded(*name_size));
    const auto id = name ? reader.take(padded(*size)) : std::nullopt;
    if (!id) return {};
    if (*type == NT_GNU_BUILD_ID && as_text(*name).starts_with(std::string_view("GNU\0", 4))) {
      return as_text(*id).substr(0, *size);
    }
  }
}

struct Found {
  WireWriter ids;
  bool complete = true;
};

int visit(dl_phdr_info* module, std::size_t /*size*/, void* found_pointer) {
  Found& found = *static_cast<Found*>(found_pointer);
  // The kernel's own page of code decodes nothing.
  if (std::string_view(module->dlpi_name).starts_with("linux-vdso")) return 0;
  std::string_view id;
  for (int i = 0; i < module->dlpi_phnum && id.empty(); ++i) {
    const auto& segment = module->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): where the loader put it
    const auto* notes = reinterpret_cast<const std::byte*>(module->dlpi_addr + segment.p_vaddr);
    id = build_id({notes, segment.p_memsz});
  }
  found.ids.text(id);
  if (id.empty()) found.complete = false;
  return 0;
}

}  // namespace

std::optional<std::string> engine_identity() {
  Found found;
  found.ids.text(MINESCAN_VERSION);
  ::dl_iterate_phdr(visit, &found);
  if (!found.complete) return std::nullopt;
  const std::string bytes = found.ids.take();
  return sha256(as_bytes(bytes));
}

}  // namespace minescan::app
