#pragma once
// A zlib stream in a file of git.  Nothing is made but what is asked for, whatever sizes are
// promised and however much the stream would inflate to.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "unpack/inflater.h"

namespace minescan::acquire {

// The file is the caller's and stays open.
class Deflated {
 public:
  explicit Deflated(int file, std::uint64_t offset = 0);
  ~Deflated();
  Deflated(const Deflated&) = delete;
  Deflated& operator=(const Deflated&) = delete;

  // Appends the next bytes to `out`: as many as are wanted, fewer only at the end of the stream.
  // Memory is taken as bytes come.  Errors: Code::truncated, corrupt, io, whose sentence goes on
  // after a name: "is cut off".
  Result<void> append(std::string& out, std::uint64_t want);
  // That nothing follows and that the stream is whole.  Errors: as above.
  Result<void> finish();
  // Where the stream ended, once finish() said so.
  [[nodiscard]] std::uint64_t end() const { return offset_ - (have_ - used_); }

 private:
  Result<std::size_t> make(std::byte* to, std::size_t most);
  Result<void> fill();
  Result<void> need(std::size_t bytes);
  [[nodiscard]] ByteView ready() const { return ByteView(buffer_).subspan(used_, have_ - used_); }

  const int file_;
  std::uint64_t offset_;  // of the next byte of the file
  bool started_ = false;
  bool body_ended_ = false;
  std::vector<std::byte> buffer_;
  std::size_t used_ = 0, have_ = 0;
  std::unique_ptr<unpack::Inflater> inflater_;
};

}  // namespace minescan::acquire
