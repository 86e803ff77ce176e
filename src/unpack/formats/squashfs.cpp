// squashfs: snaps, and what is appended to AppImages of type 2.
//
// The tables that say which bytes are whose come last, so an image is gathered in memory.  Its
// bytes are the container's own as they pass: they are matched as they lie, also those that no file
// owns. The files are unpacked from memory after that, directory by directory.

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/printable.h"
#include "base/reader.h"
#include "unpack/formats/all.h"
#include "unpack/formats/squashfs_image.h"
#include "unpack/walk.h"

namespace minescan::unpack {
namespace {

using squashfs::Image;
using squashfs::Position;
using squashfs::Super;
using squashfs::Tables;

// Images are padded to whole blocks of a disk.
constexpr std::uint64_t kUnit = 4096;
// Linux opens no path longer than 4,096 bytes; what lies deeper than this is not looked at.
constexpr std::size_t kLongestPath = std::size_t{16} << 10;
constexpr std::uint32_t kLongestTarget = std::uint32_t{64} << 10;
// Paths of files with several names are kept up to so many bytes in all.
constexpr std::size_t kLinkPaths = std::size_t{16} << 20;
constexpr std::size_t kMostFaults = 100;
// A listing states its size with so many bytes for "." and "..", which are not in it.
constexpr std::uint64_t kDots = 3;
constexpr std::size_t kDirectoryHeader = 12;
constexpr std::size_t kDirectoryEntry = 8;
constexpr std::uint32_t kMostEntries = 256;  // behind one header

// Version 4.0 at 28.
bool recognise(ByteView head) {
  const auto version = Reader(head).slice(28, 4);
  return as_text(head).starts_with("hsqs") && version &&
         Reader(*version).little<std::uint32_t>() == 4;
}

struct Inode {
  Member::Kind kind = Member::Kind::special;
  std::uint32_t mode = 0;
  std::uint32_t links = 1;
  std::string target;      // of a link
  std::uint64_t size = 0;  // of a file, or of a directory's listing
  // Of a file.
  std::uint64_t blocks = 0;  // where its blocks begin
  std::uint32_t fragment = squashfs::kNoFragment;
  std::uint32_t fragment_offset = 0;
  Position block_sizes;  // where the list of them is
  // Of a directory, from the begin of their table.
  std::uint32_t listing = 0;
  std::uint16_t listing_offset = 0;
};

// Reads little-endian numbers one by one; zeros after the first that is not there.
class Fields {
 public:
  explicit Fields(Tables& tables) : tables_(tables) {}
  template <class T>
  T next() {
    std::array<std::byte, sizeof(T)> bytes{};
    good_ = good_ && tables_.read(bytes);
    return good_ ? Reader(bytes).little<T>().value_or(0) : T{0};
  }
  std::uint16_t u16() { return next<std::uint16_t>(); }
  std::uint32_t u32() { return next<std::uint32_t>(); }
  std::uint64_t u64() { return next<std::uint64_t>(); }
  std::string text(std::size_t size) {
    std::string bytes(size, '\0');
    good_ = good_ && tables_.read(std::as_writable_bytes(std::span(bytes)));
    return good_ ? bytes : std::string();
  }
  [[nodiscard]] bool good() const { return good_; }

 private:
  Tables& tables_;
  bool good_ = true;
};

enum class Type : std::uint16_t { directory = 1, file = 2, symlink = 3, socket = 7 };
constexpr std::uint16_t kExtended = 7;  // added to a type: more fields

void read_directory(Fields& fields, bool extended, Inode& inode) {
  if (extended) {
    inode.links = fields.u32();
    inode.size = fields.u32();
    inode.listing = fields.u32();
    fields.u32();  // parent
    fields.u16();  // index
  } else {
    inode.listing = fields.u32();
    inode.links = fields.u32();
    inode.size = fields.u16();
  }
  inode.listing_offset = fields.u16();
  inode.size -= std::min(inode.size, kDots);
}

void read_file(Fields& fields, bool extended, Inode& inode) {
  if (extended) {
    inode.blocks = fields.u64();
    inode.size = fields.u64();
    fields.u64();  // bytes that are holes
    inode.links = fields.u32();
    inode.fragment = fields.u32();
    inode.fragment_offset = fields.u32();
    fields.u32();  // extended attributes
  } else {
    inode.blocks = fields.u32();
    inode.fragment = fields.u32();
    inode.fragment_offset = fields.u32();
    inode.size = fields.u32();
  }
}

std::optional<Inode> read_inode(Tables& tables, Position position) {
  if (!tables.seek(position)) return std::nullopt;
  Fields fields(tables);
  std::uint16_t type = fields.u16();
  Inode inode;
  inode.mode = fields.u16();
  fields.u32();  // owners
  fields.u32();  // time
  fields.u32();  // number
  if (!fields.good() || type == 0 || type > 2 * kExtended) return std::nullopt;
  const bool extended = type > kExtended;
  if (extended) type = static_cast<std::uint16_t>(type - kExtended);
  switch (static_cast<Type>(type)) {
    case Type::directory:
      inode.kind = Member::Kind::directory;
      read_directory(fields, extended, inode);
      break;
    case Type::file:
      inode.kind = Member::Kind::file;
      read_file(fields, extended, inode);
      inode.block_sizes = tables.position();
      break;
    case Type::symlink:
      inode.kind = Member::Kind::symlink;
      inode.links = fields.u32();
      inode.target = fields.text(std::min(fields.u32(), kLongestTarget));
      break;
    default:  // devices, FIFOs, sockets
      inode.links = fields.u32();
  }
  if (!fields.good()) return std::nullopt;
  return inode;
}

// What a file holds.  A block that cannot be read is shown as zeros, which is what a file's size
// promises at least; the fault is told at the end.
class FileSource final : public Source {
 public:
  FileSource(Image& image, Tables& tables, const Super& super, const Inode& inode,
             std::uint64_t most_work)
      : image_(image), tables_(tables), super_(super), inode_(inode), most_work_(most_work) {
    next_ = inode.blocks;
    left_ = inode.size;
    const bool tail = inode.fragment != squashfs::kNoFragment;
    const std::uint64_t whole = left_ / super.block_size;
    blocks_left_ = whole + (!tail && left_ % super.block_size != 0 ? 1 : 0);
    if (blocks_left_ != 0 && !tables_.seek(inode.block_sizes)) lose_list();
  }

  ByteView peek(std::size_t want) override {
    if (shown_ != 0 && bytes_.size() - shown_ < want) {
      bytes_.erase(0, shown_);
      shown_ = 0;
    }
    while (bytes_.size() - shown_ < want && left_ != 0) fill();
    return as_bytes(bytes_).subspan(shown_);
  }
  void skip(std::size_t n) override {
    shown_ += n;
    position_ += n;
  }
  [[nodiscard]] std::uint64_t position() const override { return position_; }
  [[nodiscard]] std::optional<Error> fault() const override { return fault_; }

 private:
  void fail(Code code, const std::string& what) {
    if (!fault_) fault_ = Error{code, what};
  }
  // Without its list of blocks nothing more of the file can be found.
  void lose_list() {
    fail(Code::corrupt, "squashfs image lacks the list of a file's blocks");
    left_ = 0;
  }
  void fill() {
    const std::size_t size =
        static_cast<std::size_t>(std::min<std::uint64_t>(left_, super_.block_size));
    if (blocks_left_ != 0) {
      --blocks_left_;
      fill_from_block(size);
    } else {
      fill_from_fragment(size);
    }
  }
  void fill_from_block(std::size_t size) {
    Fields fields(tables_);
    const std::uint32_t stated = fields.u32();
    if (!fields.good()) return lose_list();
    if (squashfs::packed_size(stated) == 0) return add({}, size);  // a hole
    const auto block = image_.block(next_, stated);
    next_ += squashfs::packed_size(stated);
    if (!block) {
      fail(block.error().code, block.error().what);
      return add({}, size);
    }
    if (block->size() < size) fail(Code::corrupt, "squashfs image has a block that is too short");
    add(as_bytes(*block), size);
  }
  void fill_from_fragment(std::size_t size) {
    if (image_.fragment_work() > most_work_) {
      fail(Code::limit_bytes, "squashfs image unpacks the same blocks too often");
      left_ = 0;
      return;
    }
    const auto fragment = image_.fragment(inode_.fragment);
    if (!fragment) {
      fail(fragment.error().code, fragment.error().what);
      left_ = 0;
      return;
    }
    const std::size_t begin = std::min<std::size_t>(inode_.fragment_offset, fragment->size());
    const ByteView tail = fragment->subspan(begin);
    if (tail.size() < size) {
      fail(Code::corrupt, "squashfs image has a file that ends behind the block it ends in");
      left_ = tail.size();
    }
    add(tail, std::min(size, tail.size()));
  }
  // `size` bytes: those, as far as they go, and zeros.
  void add(ByteView bytes, std::size_t size) {
    const std::string_view text = as_text(bytes.first(std::min(bytes.size(), size)));
    bytes_ += text;
    bytes_.append(size - text.size(), '\0');
    left_ -= size;
  }

  Image& image_;
  Tables& tables_;
  const Super& super_;
  const Inode& inode_;
  std::uint64_t most_work_;
  std::uint64_t next_ = 0;         // where the next block is
  std::uint64_t blocks_left_ = 0;  // before the fragment
  std::uint64_t left_ = 0;         // bytes that are not yet in bytes_
  std::string bytes_;
  std::size_t shown_ = 0;  // bytes of bytes_ that were skipped
  std::uint64_t position_ = 0;
  std::optional<Error> fault_;
};

class SquashfsWalk {
 public:
  SquashfsWalk(Source& container, const Limits& limits, MemberSink& sink)
      : walk_("squashfs", container, limits, sink) {}

  void run() {
    const auto super = squashfs::read_super(walk_.peek(squashfs::kSuperBytes));
    if (!super) {
      return unread(GapReason::decode_corrupt, "squashfs image has a header that breaks its rules");
    }
    if (super->bytes_used > walk_.limits().decoder_memory) {
      return unread(GapReason::limit_memory,
                    "squashfs image of " + std::to_string(super->bytes_used) +
                        " bytes is larger than the " +
                        std::to_string(walk_.limits().decoder_memory) +
                        " that are unpacked in memory; only its raw bytes were matched");
    }
    super_ = *super;
    gather();
    if (image_.size() < super_.bytes_used) {
      walk_.gap(GapReason::decode_truncated,
                "squashfs image ends before its tables; only its raw bytes were matched", 0);
      return;
    }
    if (!image_.open(super_)) {
      walk_.gap(GapReason::decode_unsupported,
                "squashfs image is packed with " + squashfs::compressor_name(super_.compressor) +
                    ", which is not read; only its raw bytes were matched",
                0);
      return;
    }
    inodes_ = image_.tables(super_.inodes, super_.directories);
    listings_ = image_.tables(super_.directories, image_.size());
    block_sizes_ = image_.tables(super_.inodes, super_.directories);
    tree();
  }

 private:
  struct Directory {
    std::size_t path = 0;  // length of the path of what it lies in
    Position next;         // of its listing
    std::uint64_t left = 0;
    std::uint32_t entries_left = 0;  // behind the last header
    std::uint32_t inodes = 0;        // the block of theirs
  };

  // Leaves everything but the header to the caller, who looks at it as it is.
  void unread(GapReason reason, const std::string& detail) {
    walk_.gap(reason, detail, 0);
    walk_.own(squashfs::kSuperBytes);
  }

  void gather() {
    while (image_.size() < super_.bytes_used) {
      const ByteView bytes = walk_.container().peek(1);
      if (bytes.empty()) return;
      const std::uint64_t wanted = super_.bytes_used - image_.size();
      const std::size_t n = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), wanted));
      image_.append(bytes.first(n));
      walk_.own(n);
    }
    // What is not padding may be the begin of something else.
    const auto size = static_cast<std::size_t>(padding(image_.size(), kUnit));
    const ByteView pad = walk_.peek(size);
    const auto other =
        std::find_if(pad.begin(), pad.end(), [](std::byte b) { return b != std::byte{0}; });
    walk_.own(static_cast<std::uint64_t>(other - pad.begin()));
  }

  void broken(const std::string& what) {
    if (++faults_ > kMostFaults) return;
    walk_.gap(GapReason::decode_corrupt,
              faults_ == kMostFaults ? "squashfs image has more faults than are listed"
                                     : "squashfs image " + what,
              0);
  }
  [[nodiscard]] std::string shown() const {
    return path_.empty() ? "of its root" : printable(path_, 200);
  }

  void tree();
  // False: the walk ends.
  [[nodiscard]] bool step(Directory& directory);
  [[nodiscard]] bool child(std::uint64_t reference);
  [[nodiscard]] bool offer(const Member& member, Source& body);
  void enter(const Inode& inode, std::size_t path);
  [[nodiscard]] Position inode_position(std::uint64_t reference) const {
    return {.block = super_.inodes + (reference >> 16),
            .offset = static_cast<std::uint32_t>(reference & 0xffff)};
  }

  Walk walk_;
  Super super_;
  Image image_;
  std::unique_ptr<Tables> inodes_;
  std::unique_ptr<Tables> listings_;
  std::unique_ptr<Tables> block_sizes_;
  std::vector<Directory> stack_;
  std::string path_;
  // Every inode that was met, and the path of those that have several.
  std::unordered_map<std::uint64_t, std::string> seen_;
  std::size_t seen_bytes_ = 0;
  std::uint64_t entries_ = 0;
  std::size_t faults_ = 0;
};

void SquashfsWalk::tree() {
  const auto root = read_inode(*inodes_, inode_position(super_.root));
  if (!root || root->kind != Member::Kind::directory) return broken("has no root directory");
  seen_.emplace(super_.root, std::string());
  enter(*root, 0);
  while (!stack_.empty()) {
    Directory& directory = stack_.back();
    if (directory.left == 0) {
      path_.resize(directory.path);
      stack_.pop_back();
    } else if (!step(directory)) {
      return;
    }
  }
}

void SquashfsWalk::enter(const Inode& inode, std::size_t path) {
  stack_.push_back(
      {.path = path,
       .next = {.block = super_.directories + inode.listing, .offset = inode.listing_offset},
       .left = inode.size});
}

bool SquashfsWalk::step(Directory& directory) {
  Fields fields(*listings_);
  const bool header = directory.entries_left == 0;
  const std::uint64_t size = header ? kDirectoryHeader : kDirectoryEntry;
  const auto give_up = [&] {
    broken("has a directory that cannot be read to its end: " + shown());
    directory.left = 0;
    return true;
  };
  if (directory.left < size || !listings_->seek(directory.next)) return give_up();
  directory.left -= size;
  if (header) {
    const std::uint32_t count = fields.u32();
    directory.inodes = fields.u32();
    fields.u32();  // number of the first
    if (!fields.good() || count >= kMostEntries) return give_up();
    directory.entries_left = count + 1;
    directory.next = listings_->position();
    return true;
  }
  const std::uint16_t offset = fields.u16();
  fields.u32();  // difference of its number, type
  const std::size_t name_bytes = std::size_t{fields.u16()} + 1;
  if (!fields.good() || directory.left < name_bytes) return give_up();
  const std::string name = fields.text(name_bytes);
  if (!fields.good()) return give_up();
  directory.left -= name_bytes;
  --directory.entries_left;
  directory.next = listings_->position();
  const std::uint64_t reference = std::uint64_t{directory.inodes} << 16 | offset;
  const std::size_t before = path_.size();
  if (before + 1 + name.size() > kLongestPath) {
    walk_.gap(GapReason::limit_depth,
              "squashfs image has paths longer than " + std::to_string(kLongestPath) + " bytes", 0);
    directory.left = 0;
    return true;
  }
  if (before != 0) path_ += '/';
  path_ += name;
  const std::size_t depth = stack_.size();
  if (!child(reference)) return false;
  if (stack_.size() == depth) {
    path_.resize(before);
  } else {
    stack_.back().path = before;
  }
  return true;
}

bool SquashfsWalk::child(std::uint64_t reference) {
  const auto inode = read_inode(*inodes_, inode_position(reference));
  EmptySource nothing;
  if (!inode) {
    broken("has an entry that cannot be read: " + shown());
    return offer({.name = path_, .kind = Member::Kind::special}, nothing);
  }
  Member member{
      .name = path_, .kind = inode->kind, .target = inode->target, .mode = inode->mode & 07777U};
  const auto [seen, is_new] = seen_.try_emplace(reference);
  if (!is_new) {
    if (inode->kind == Member::Kind::directory) {
      broken("lists a directory twice, which is looked at once: " + shown());
      return offer(member, nothing);
    }
    member.kind = Member::Kind::hardlink;
    member.target = seen->second;
    return offer(member, nothing);
  }
  if (inode->links > 1 && inode->kind != Member::Kind::directory && seen_bytes_ < kLinkPaths) {
    seen->second = path_;
    seen_bytes_ += path_.size();
  }
  if (inode->kind == Member::Kind::file) {
    FileSource body(image_, *block_sizes_, super_, *inode, walk_.limits().leaf_bytes);
    return offer(member, body);
  }
  if (!offer(member, nothing)) return false;
  if (inode->kind == Member::Kind::directory) enter(*inode, 0);
  return true;
}

bool SquashfsWalk::offer(const Member& member, Source& body) {
  // Not Walk's own answer to too many entries: what follows the image is not the image's rest.
  if (entries_ >= walk_.limits().entries) {
    walk_.gap(GapReason::limit_entries,
              "squashfs image has more than " + std::to_string(entries_) +
                  " entries; the rest was not looked at",
              0);
    return false;
  }
  ++entries_;
  return walk_.offer(member, body);
}

void walk(Source& container, const Limits& limits, MemberSink& sink) {
  SquashfsWalk(container, limits, sink).run();
}

}  // namespace

const Format kSquashfs{.name = "squashfs", .recognise = recognise, .walk = walk, .in_memory = true};

}  // namespace minescan::unpack
