#pragma once
// The bytes of a file, or of a range of it.  Reads by position, so many sources share one
// descriptor, in any thread.  Reads, never maps: a file cut while it is mapped is a SIGBUS.

#include <memory>
#include <optional>
#include <string>

#include "acquire/file_reader.h"
#include "acquire/pulled_source.h"
#include "base/handle.h"

namespace minescan::acquire {

class FileSource final : public PulledSource {
 public:
  // Without a size: to the end of the file.  With one it is a fault (truncated) when the file ends
  // before.  `name` is for messages.
  FileSource(std::shared_ptr<const Fd> file, std::string name, std::uint64_t offset = 0,
             std::optional<std::uint64_t> size = std::nullopt)
      : file_(std::move(file)), name_(std::move(name)), offset_(offset), left_(size) {}

 private:
  Result<std::size_t> pull(std::span<std::byte> room) override;

  std::shared_ptr<const Fd> file_;
  std::string name_;
  FileReader reader_;
  std::uint64_t offset_;
  std::optional<std::uint64_t> left_;
};

}  // namespace minescan::acquire
