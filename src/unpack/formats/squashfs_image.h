#pragma once
// What reading a squashfs image needs to be able to do: hold it, and unpack its blocks. Libsquashfs
// unpacks; what is unpacked is parsed by minescan, because the library believes sizes and reserves
// memory for them.  The layout is the one of Linux's Documentation/filesystems/squashfs.rst.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace minescan::unpack::squashfs {

inline constexpr std::size_t kSuperBytes = 96;
inline constexpr std::uint32_t kNoFragment = 0xffffffff;

struct Super {
  std::uint32_t block_size = 0;  // a power of two, 4 KiB to 1 MiB
  std::uint32_t fragments = 0;
  std::uint16_t compressor = 0;
  std::uint64_t root = 0;  // as Position of an inode: block << 16 | offset
  std::uint64_t bytes_used = 0;
  std::uint64_t inodes = 0;  // where the tables begin, from the begin of the image
  std::uint64_t directories = 0;
  std::uint64_t fragment_table = 0;
};

// Of version 4.0, in little endian.  Nothing when a system would refuse to mount it.
std::optional<Super> read_super(ByteView head);

// "gzip", "xz"; a number when it has no name.
std::string compressor_name(std::uint16_t compressor);

// A place in tables that are packed in blocks of 8 KiB.
struct Position {
  std::uint64_t block = 0;   // from the begin of the image
  std::uint32_t offset = 0;  // in what the block unpacks to
};

// Reads tables on from a place.
class Tables {
 public:
  virtual ~Tables() = default;
  // False: there is no such place, or nothing can be read there.
  virtual bool seek(Position position) = 0;
  // False: the table ends or breaks before that many bytes.
  virtual bool read(std::span<std::byte> bytes) = 0;
  [[nodiscard]] virtual Position position() const = 0;
};

// The bytes of one image.
class Image {
 public:
  Image();
  ~Image();
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;

  // Before open().
  void append(ByteView bytes);
  [[nodiscard]] std::uint64_t size() const { return size_; }

  // False: what it is packed with is not read here.
  bool open(const Super& super);

  // For tables whose blocks begin in [start, end).  Dies before the image does.
  [[nodiscard]] std::unique_ptr<Tables> tables(std::uint64_t start, std::uint64_t end);

  // False when not all of them are there.
  bool read_at(std::uint64_t offset, std::span<std::byte> bytes) const;

  // Unpacks one block of data, of which `stated` is what lists of blocks say: its size, and a bit
  // for not packed.  At most block_size bytes.
  Result<std::string> block(std::uint64_t offset, std::uint32_t stated);

  // The unpacked block of the tails of files.  The view dies with the next call.
  Result<ByteView> fragment(std::uint32_t index);
  // How many bytes fragment() has unpacked.
  [[nodiscard]] std::uint64_t fragment_work() const { return fragment_work_; }

 private:
  struct Library;
  struct Kept {
    std::uint32_t index = kNoFragment;
    std::string bytes;
  };

  std::vector<std::unique_ptr<std::byte[]>> pieces_;
  std::uint64_t size_ = 0;
  Super super_;
  std::unique_ptr<Library> library_;
  std::unique_ptr<Tables> fragment_tables_;
  std::vector<Kept> kept_;  // fragments, the next to be replaced at kept_next_
  std::size_t kept_next_ = 0;
  std::uint64_t fragment_work_ = 0;
};

// The bytes of a block that a list of blocks states.
constexpr std::uint32_t packed_size(std::uint32_t stated) { return stated & 0x00ffffff; }

}  // namespace minescan::unpack::squashfs
