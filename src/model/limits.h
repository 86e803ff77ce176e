#pragma once
// What bounds an examination.  Reaching one is a Gap, never an end in silence.  Part of the key
// under which a Record may be reused.

#include <cstddef>
#include <cstdint>

namespace minescan {

struct Limits {
  // Real model and CUDA layers reach several GiB; antivirus' 100 MB is easy to pad past.
  std::uint64_t leaf_bytes = std::uint64_t{8} << 30;
  std::uint64_t unit_bytes = std::uint64_t{64} << 30;  // all bytes decoded inside one unit
  // Honest nesting (image > layer > jar > jar > gz) is about 8.
  unsigned depth = 24;
  // npm-heavy images hold several 100,000 files.
  std::uint64_t entries = 2'000'000;  // per archive
  std::uint64_t unit_entries = 10'000'000;
  std::uint64_t name_bytes = std::uint64_t{1} << 20;  // one path
  std::uint64_t decoder_memory = std::uint64_t{192}
                                 << 20;  // xz -9 needs 65 MiB, zstd's default 128
  std::uint64_t hits_kept = 100;         // per indicator and file; the true count is stated
  // What texts hide in encodings.  Honest nesting is 2 (base64 of gzip); droppers reach 5, and
  // programs that obfuscate Python 50, of which `depth` allows these: each may be base64 of zlib.
  unsigned decoder_depth = 11;
  std::uint64_t derived_file_bytes = std::uint64_t{64} << 20;  // and 8 times the file's own
  std::uint64_t derived_unit_bytes = std::uint64_t{1} << 30;
  std::uint64_t derived_per_file = 10'000;  // decoded parts that are looked at
};

// What a worker process may send to its parent (src/examine/worker/messages.h), in bytes.  A layer
// of 2,000,000 files has 200 MB of paths; a file is shown to an observer in blocks of 48 MiB.
inline constexpr std::size_t kMostRecordBytes = std::size_t{512} << 20;
inline constexpr std::size_t kMostEventBytes = std::size_t{128} << 20;
inline constexpr std::size_t kMostOrderBytes = std::size_t{1} << 20;
// What a task (model/task.h) may take and give.  The largest input is a list of requirements of
// 64 MiB with includes of another 64 MiB; the largest answer the 500,000 packages of a lockfile.
inline constexpr std::size_t kMostTaskBytes = std::size_t{192} << 20;
inline constexpr std::size_t kMostAnswerBytes = std::size_t{512} << 20;
// What a task makes of a stream comes in pieces of so many.
inline constexpr std::size_t kMostPieceBytes = std::size_t{256} << 10;

}  // namespace minescan
