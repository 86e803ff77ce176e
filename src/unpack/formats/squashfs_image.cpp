#include "unpack/formats/squashfs_image.h"

#include <sqfs/compressor.h>
#include <sqfs/error.h>
#include <sqfs/io.h>
#include <sqfs/meta_reader.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/reader.h"

namespace minescan::unpack::squashfs {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;
// Unpacked fragments that are kept: files that share one need not lie side by side.
constexpr std::size_t kKeptBytes = std::size_t{16} << 20;
constexpr std::size_t kMostKept = 64;
// A fragment table is a list of blocks of so many entries.
constexpr std::uint32_t kFragmentsPerBlock = 512;
constexpr std::uint32_t kNotPacked = 1U << 24;

struct Destroy {
  template <class T>
  void operator()(T* object) const noexcept {
    sqfs_destroy(object);
  }
};
using CompressorHandle = std::unique_ptr<sqfs_compressor_t, Destroy>;
using MetaReaderHandle = std::unique_ptr<sqfs_meta_reader_t, Destroy>;

class LibraryTables final : public Tables {
 public:
  explicit LibraryTables(MetaReaderHandle reader) : reader_(std::move(reader)) {}
  bool seek(Position position) override {
    return reader_ && sqfs_meta_reader_seek(reader_.get(), position.block, position.offset) == 0;
  }
  bool read(std::span<std::byte> bytes) override {
    return reader_ && sqfs_meta_reader_read(reader_.get(), bytes.data(), bytes.size()) == 0;
  }
  [[nodiscard]] Position position() const override {
    sqfs_u64 block = 0;
    std::size_t offset = 0;
    if (reader_) sqfs_meta_reader_get_position(reader_.get(), &block, &offset);
    return {.block = block, .offset = static_cast<std::uint32_t>(offset)};
  }

 private:
  MetaReaderHandle reader_;
};

}  // namespace

// The library reads an image through this; its first member is what the library knows of it.
struct Image::Library {
  sqfs_file_t file{};
  const Image* image = nullptr;
  CompressorHandle compressor;

  static int read_at(sqfs_file_t* file, sqfs_u64 offset, void* buffer, std::size_t size) noexcept {
    const auto* self = reinterpret_cast<const Library*>(file);
    const std::span<std::byte> bytes(static_cast<std::byte*>(buffer), size);
    return self->image->read_at(offset, bytes) ? 0 : int{SQFS_ERROR_OUT_OF_BOUNDS};
  }
  static int write_at(sqfs_file_t*, sqfs_u64, const void*, std::size_t) noexcept {
    return SQFS_ERROR_IO;
  }
  static sqfs_u64 get_size(const sqfs_file_t* file) noexcept {
    return reinterpret_cast<const Library*>(file)->image->size();
  }
  static int truncate(sqfs_file_t*, sqfs_u64) noexcept { return SQFS_ERROR_IO; }
};

std::optional<Super> read_super(ByteView head) {
  Reader reader(head);
  const auto magic = reader.take(4);
  if (!magic || as_text(*magic) != "hsqs" || head.size() < kSuperBytes) return std::nullopt;
  const auto u16 = [&reader] { return reader.little<std::uint16_t>().value_or(0); };
  const auto u32 = [&reader] { return reader.little<std::uint32_t>().value_or(0); };
  const auto u64 = [&reader] { return reader.little<std::uint64_t>().value_or(0); };
  Super super;
  static_cast<void>(reader.take(8));  // number of inodes, time
  super.block_size = u32();
  super.fragments = u32();
  super.compressor = u16();
  const std::uint16_t block_log = u16();
  static_cast<void>(reader.take(4));  // flags, number of owners
  const std::uint32_t version = u32();
  super.root = u64();
  super.bytes_used = u64();
  static_cast<void>(reader.take(16));  // tables of owners and of extended attributes
  super.inodes = u64();
  super.directories = u64();
  super.fragment_table = u64();
  if (version != 4 || block_log < 12 || block_log > 20 || super.block_size != 1U << block_log ||
      super.inodes < kSuperBytes || super.directories <= super.inodes ||
      super.bytes_used <= super.directories) {
    return std::nullopt;
  }
  return super;
}

std::string compressor_name(std::uint16_t compressor) {
  constexpr std::string_view kNames[] = {"gzip", "lzma", "lzo", "xz", "lz4", "zstd"};
  if (compressor == 0 || compressor > std::size(kNames)) return std::to_string(compressor);
  return std::string(kNames[compressor - 1]);
}

Image::Image() = default;
Image::~Image() = default;

void Image::append(ByteView bytes) {
  while (!bytes.empty()) {
    const auto at = static_cast<std::size_t>(size_ % kPiece);
    if (at == 0) pieces_.push_back(std::make_unique<std::byte[]>(kPiece));
    const std::size_t n = std::min(kPiece - at, bytes.size());
    std::memcpy(pieces_.back().get() + at, bytes.data(), n);
    size_ += n;
    bytes = bytes.subspan(n);
  }
}

bool Image::read_at(std::uint64_t offset, std::span<std::byte> bytes) const {
  if (offset > size_ || bytes.size() > size_ - offset) return false;
  while (!bytes.empty()) {
    const auto at = static_cast<std::size_t>(offset % kPiece);
    const std::size_t n = std::min(kPiece - at, bytes.size());
    std::memcpy(bytes.data(), pieces_[static_cast<std::size_t>(offset / kPiece)].get() + at, n);
    offset += n;
    bytes = bytes.subspan(n);
  }
  return true;
}

bool Image::open(const Super& super) {
  super_ = super;
  if (super.compressor < SQFS_COMP_MIN || super.compressor > SQFS_COMP_MAX) return false;
  sqfs_compressor_config_t config{};
  const auto id = static_cast<SQFS_COMPRESSOR>(super.compressor);
  if (sqfs_compressor_config_init(&config, id, super.block_size, SQFS_COMP_FLAG_UNCOMPRESS) != 0) {
    return false;
  }
  sqfs_compressor_t* compressor = nullptr;
  if (sqfs_compressor_create(&config, &compressor) != 0) return false;
  library_ = std::make_unique<Library>();
  library_->compressor.reset(compressor);
  library_->image = this;
  library_->file.read_at = Library::read_at;
  library_->file.write_at = Library::write_at;
  library_->file.get_size = Library::get_size;
  library_->file.truncate = Library::truncate;
  fragment_tables_ = tables(kSuperBytes, size_);
  kept_.resize(std::clamp<std::size_t>(kKeptBytes / super.block_size, 1, kMostKept));
  return true;
}

std::unique_ptr<Tables> Image::tables(std::uint64_t start, std::uint64_t end) {
  return std::make_unique<LibraryTables>(MetaReaderHandle(
      sqfs_meta_reader_create(&library_->file, library_->compressor.get(), start, end)));
}

Result<std::string> Image::block(std::uint64_t offset, std::uint32_t stated) {
  const std::uint32_t size = packed_size(stated);
  if (size > super_.block_size) {
    return fail(Code::corrupt, "squashfs image has a block that is larger than blocks may be");
  }
  std::string packed(size, '\0');
  if (!read_at(offset, std::as_writable_bytes(std::span(packed)))) {
    return fail(Code::corrupt, "squashfs image has a block outside of it");
  }
  if ((stated & kNotPacked) != 0) return packed;
  std::string bytes(super_.block_size, '\0');
  const sqfs_s32 made = library_->compressor->do_block(
      library_->compressor.get(), reinterpret_cast<const sqfs_u8*>(packed.data()), size,
      reinterpret_cast<sqfs_u8*>(bytes.data()), super_.block_size);
  if (made <= 0 || static_cast<std::uint32_t>(made) > super_.block_size) {
    return fail(Code::corrupt, "squashfs image has a block that cannot be unpacked");
  }
  bytes.resize(static_cast<std::size_t>(made));
  return bytes;
}

Result<ByteView> Image::fragment(std::uint32_t index) {
  for (const Kept& kept : kept_) {
    if (kept.index == index) return as_bytes(kept.bytes);
  }
  std::array<std::byte, 16> bytes{};
  const std::uint64_t list = super_.fragment_table + index / kFragmentsPerBlock * std::uint64_t{8};
  const auto begin = std::span(bytes).first(8);
  if (index >= super_.fragments || list < super_.fragment_table || !read_at(list, begin)) {
    return fail(Code::corrupt, "squashfs image lacks the fragment that a file ends in");
  }
  const std::uint64_t table = Reader(begin).little<std::uint64_t>().value_or(0);
  const std::uint32_t offset = index % kFragmentsPerBlock * std::uint32_t{16};
  if (!fragment_tables_->seek({.block = table, .offset = offset}) ||
      !fragment_tables_->read(bytes)) {
    return fail(Code::corrupt, "squashfs image lacks the fragment that a file ends in");
  }
  Reader reader(bytes);
  const std::uint64_t start = reader.little<std::uint64_t>().value_or(0);
  auto unpacked = block(start, reader.little<std::uint32_t>().value_or(0));
  fragment_work_ += super_.block_size;
  if (!unpacked) return tl::unexpected<Error>(unpacked.error());
  Kept& kept = kept_[kept_next_];
  kept_next_ = (kept_next_ + 1) % kept_.size();
  kept = {.index = index, .bytes = std::move(*unpacked)};
  return as_bytes(kept.bytes);
}

}  // namespace minescan::unpack::squashfs
