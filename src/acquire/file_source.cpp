#include "acquire/file_source.h"

#include <algorithm>
#include <cerrno>

#include "acquire/files.h"
#include "acquire/quoted.h"

namespace minescan::acquire {

Result<std::size_t> FileSource::pull(std::span<std::byte> room) {
  std::size_t want = room.size();
  if (left_) want = static_cast<std::size_t>(std::min<std::uint64_t>(want, *left_));
  if (want == 0) return std::size_t{0};
  const ssize_t got = reader_.read(file_->get(), room.first(want), offset_);
  if (got < 0) return tl::unexpected(system_error(errno, "read", name_));
  if (got == 0 && left_) {
    return fail(Code::truncated,
                in_quotes(name_) + " ends " + std::to_string(*left_) + " bytes too early");
  }
  const auto count = static_cast<std::size_t>(got);
  offset_ += count;
  if (left_) *left_ -= count;
  return count;
}

}  // namespace minescan::acquire
