#pragma once
// An archive of images that is compressed as a whole, decoded in another process (model/task.h),
// which its bytes may have taken over.  That process has no file: what it makes comes back in
// pieces and is put into a temporary file here, up to a limit.  Fuzzed.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/handle.h"
#include "base/result.h"
#include "model/task.h"

namespace minescan::acquire {

// How decoding ended.
struct Unpacked {
  std::string encoding;   // "gzip"; "" when it is none, and nothing was made
  bool followed = false;  // by other bytes than zeros
  std::optional<Error> fault;
};

// The worker's side: recognises, decodes, and looks at what follows.  Gives what it decodes.
std::string unpack_task(Source& input, const Give& give);

std::string unpacked_bytes(const Unpacked& unpacked);
// nullopt when the bytes are none, or name no encoding, or have a sentence that is not fit to be
// shown.
std::optional<Unpacked> unpacked_from_bytes(ByteView bytes);

// What the file unpacks to; the file itself when it is not compressed.  `tasks` reads it; nullptr =
// it is read here.  Errors name it: Code::limit_bytes above `limit`, corrupt when bytes follow what
// is compressed, its own when it cannot be decoded to its end.
Result<std::shared_ptr<const Fd>> unpacked_archive(std::shared_ptr<const Fd> file,
                                                   const std::string& path, std::uint64_t limit,
                                                   TaskRunner* tasks);

}  // namespace minescan::acquire
