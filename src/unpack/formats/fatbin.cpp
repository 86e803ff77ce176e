// CUDA fat binaries: what nvcc puts into .nv_fatbin, and *.fatbin files.  There is no public
// description; the fields are those that CUDA 9 to 13 write and read back.
//
// Header, 16 bytes: magic, version 1 and header size of 2 bytes each, size of all entries of 8.
// Then entries, each with a header of its own (kEntry bytes and a tail), back to back.

#include <lz4.h>

#include <algorithm>
#include <limits>
#include <map>

#include "base/printable.h"
#include "base/reader.h"
#include "unpack/formats/all.h"
#include "unpack/walk.h"

namespace minescan::unpack {
namespace {

constexpr std::uint32_t kMagic = 0xBA55ED50;
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kHeader = 16;
constexpr std::size_t kEntry = 64;
constexpr std::uint16_t kEntryVersion = 0x0101;
// Tails hold options and a source path: a few hundred bytes.
constexpr std::uint32_t kLongestEntryHeader = 64 << 10;
// Different names of which repetitions are counted; there are a few dozen architectures.
constexpr std::size_t kMostNumbered = 1000;

constexpr std::uint16_t kPtx = 1;
constexpr std::uint16_t kCubin = 2;
constexpr std::uint16_t kLtoIr = 8;

constexpr std::uint64_t kFlagLz4 = 0x2000;
constexpr std::uint64_t kFlagZstd = 0x8000;
constexpr std::uint64_t kFlagObfuscated = 0x10000;
constexpr std::uint64_t kFlagArchSpecific = 0x100000;  // sm_90a
constexpr std::uint64_t kFlagFamily = 0x200000;        // sm_100f

// More than this out of a byte is no code object, once it is a large one.
constexpr std::uint64_t kMostRatio = 1000;
constexpr std::uint64_t kRatioFrom = std::uint64_t{16} << 20;
// An LZ4 byte yields at most 255.
constexpr std::uint64_t kLz4Ratio = 255;

struct FatbinHeader {
  std::size_t bytes = 0;
  std::uint64_t entries = 0;  // bytes of all entries
};

std::optional<FatbinHeader> read_header(ByteView bytes) {
  Reader reader(bytes);
  const auto magic = reader.little<std::uint32_t>();
  const auto version = reader.little<std::uint16_t>();
  const auto header = reader.little<std::uint16_t>();
  const auto entries = reader.little<std::uint64_t>();
  if (!entries || magic != kMagic || version != kVersion || *header < kHeader) return std::nullopt;
  if (*entries > std::numeric_limits<std::uint64_t>::max() / 2) return std::nullopt;
  return FatbinHeader{.bytes = *header, .entries = *entries};
}

struct Entry {
  std::uint16_t kind = 0;
  std::uint32_t header = 0;   // bytes
  std::uint64_t payload = 0;  // bytes, with padding
  std::uint32_t packed = 0;   // bytes; 0: not compressed
  std::uint32_t arch = 0;
  std::uint32_t name_offset = 0;
  std::uint32_t name_bytes = 0;
  std::uint64_t flags = 0;
  std::uint64_t size = 0;  // when compressed: of what it decodes to

  [[nodiscard]] bool compressed() const { return (flags & (kFlagLz4 | kFlagZstd)) != 0; }
  [[nodiscard]] bool opaque() const { return (flags & kFlagObfuscated) != 0; }
};

std::optional<Entry> read_entry(ByteView bytes) {
  Reader reader(bytes.first(std::min(bytes.size(), kEntry)));
  if (reader.left() < kEntry) return std::nullopt;
  Entry entry;
  entry.kind = reader.little<std::uint16_t>().value_or(0);
  const auto version = reader.little<std::uint16_t>();
  entry.header = reader.little<std::uint32_t>().value_or(0);
  entry.payload = reader.little<std::uint64_t>().value_or(0);
  entry.packed = reader.little<std::uint32_t>().value_or(0);
  reader.seek(0x1c);
  entry.arch = reader.little<std::uint32_t>().value_or(0);
  entry.name_offset = reader.little<std::uint32_t>().value_or(0);
  entry.name_bytes = reader.little<std::uint32_t>().value_or(0);
  entry.flags = reader.little<std::uint64_t>().value_or(0);
  reader.seek(0x38);
  entry.size = reader.little<std::uint64_t>().value_or(0);
  if (version != kEntryVersion || entry.header < kEntry || entry.header > kLongestEntryHeader) {
    return std::nullopt;
  }
  return entry;
}

bool recognise(ByteView head) {
  const auto header = read_header(head);
  if (!header || header->bytes != kHeader || head.size() < kHeader + kEntry) return false;
  const auto first = read_entry(head.subspan(kHeader));
  return first && first->header <= header->entries &&
         first->payload <= header->entries - first->header;
}

// A block of LZ4 without a frame, decoded at the first look: the library can do no less than all.
class Lz4BlockSource final : public Source {
 public:
  Lz4BlockSource(Source& packed, std::uint64_t packed_size, std::uint64_t size,
                 std::uint64_t memory)
      : packed_(packed), packed_size_(packed_size), size_(size), memory_(memory) {}

  ByteView peek(std::size_t /*want*/) override {
    if (!read_) decode();
    return {decoded_.get() + position_, decoded_bytes_ - position_};
  }
  void skip(std::size_t n) override { position_ += n; }
  [[nodiscard]] std::uint64_t position() const override { return position_; }
  [[nodiscard]] std::optional<Error> fault() const override { return fault_; }

 private:
  void decode() {
    read_ = true;
    const std::uint64_t most = std::min(memory_, std::uint64_t{LZ4_MAX_INPUT_SIZE});
    if (packed_size_ > most || size_ > most - packed_size_) {
      skip_bytes(packed_, packed_size_);
      fault_ = Error{Code::limit_memory, "lz4 block needs more memory than is allowed"};
      return;
    }
    // Grows with what is there, which may be less than the header states.
    std::string in;
    while (in.size() < packed_size_) {
      const ByteView bytes = packed_.peek(1);
      if (bytes.empty()) break;
      in += as_text(bytes);
      packed_.skip(bytes.size());
    }
    if (in.size() < packed_size_) fault_ = packed_.fault();
    const std::uint64_t possible = in.size() * kLz4Ratio + 64;
    std::int64_t made = block(in, std::min(size_, possible));
    if (made < 0 && size_ < possible) {
      // The header may state too little.
      made = block(in, std::min(possible, most - packed_size_));
    }
    if (made < 0) {
      if (!fault_) fault_ = Error{Code::corrupt, "lz4 block is not valid"};
      return;
    }
    decoded_bytes_ = static_cast<std::size_t>(made);
    if (decoded_bytes_ != size_ && !fault_) {
      fault_ = Error{Code::corrupt, "lz4 block decodes to " + std::to_string(decoded_bytes_) +
                                        " bytes where its header states " + std::to_string(size_)};
    }
  }

  // Bytes made, negative when `in` is no block of at most `size` bytes.
  std::int64_t block(const std::string& in, std::uint64_t size) {
    decoded_ = std::make_unique_for_overwrite<std::byte[]>(static_cast<std::size_t>(size));
    return LZ4_decompress_safe(in.data(), reinterpret_cast<char*>(decoded_.get()),
                               static_cast<int>(in.size()), static_cast<int>(size));
  }

  Source& packed_;
  std::uint64_t packed_size_;
  std::uint64_t size_;
  std::uint64_t memory_;
  bool read_ = false;
  std::unique_ptr<std::byte[]> decoded_;
  std::size_t decoded_bytes_ = 0;
  std::size_t position_ = 0;
  std::optional<Error> fault_;
};

// What `decoded` yields, as far as so few packed bytes may.
class RatioSource final : public Source {
 public:
  RatioSource(Source& decoded, std::uint64_t packed_size)
      : decoded_(decoded), most_(std::max(packed_size * kMostRatio, kRatioFrom)) {}

  ByteView peek(std::size_t want) override {
    const ByteView bytes = decoded_.peek(want);
    const std::uint64_t room = most_ - decoded_.position();
    if (bytes.size() <= room) return bytes;
    cut_ = true;
    return bytes.first(static_cast<std::size_t>(room));
  }
  void skip(std::size_t n) override { decoded_.skip(n); }
  [[nodiscard]] std::uint64_t position() const override { return decoded_.position(); }
  [[nodiscard]] std::optional<Error> fault() const override {
    if (!cut_) return decoded_.fault();
    return Error{Code::limit_bytes,
                 "decodes to more than " + std::to_string(kMostRatio) + " times its size"};
  }

 private:
  Source& decoded_;
  std::uint64_t most_;
  bool cut_ = false;
};

class FatbinWalk {
 public:
  FatbinWalk(Source& container, const Limits& limits, MemberSink& sink)
      : walk_("fatbin", container, limits, sink) {}

  void run() {
    const auto header = read_header(walk_.peek(kHeader));
    if (!header) {
      broken("header");
      walk_.own(sizeof kMagic);
      return;
    }
    walk_.own(header->bytes);
    end_ = walk_.position() + header->entries;
    members();
    tell_opaque();
  }

 private:
  void members() {
    while (walk_.position() < end_ && !walk_.at_end()) {
      const auto entry = read_entry(walk_.peek(kEntry));
      // What this may be is the caller's to look at.
      if (!entry || entry->header > end_ - walk_.position()) return broken("entry");
      if (!member(*entry)) return;
    }
    if (walk_.position() < end_) {
      walk_.gap(GapReason::decode_truncated, "fatbin archive ends before its last entry", 0);
    }
  }

  // Once for an archive: libraries for linking have one for each architecture.
  void tell_opaque() {
    if (opaque_ == 0) return;
    std::string sentence = "member " + printable(first_opaque_, 200);
    sentence += opaque_ == 1 ? " is obfuscated"
                             : " and " + std::to_string(opaque_ - 1) + " more are obfuscated";
    walk_.anomaly(sentence);
  }

  void broken(const std::string& what) {
    walk_.gap(GapReason::decode_corrupt, "fatbin archive has a broken " + what, 0);
  }

  [[nodiscard]] bool member(const Entry& entry);
  [[nodiscard]] bool packed_member(Member member, const Entry& entry, Source& packed);
  [[nodiscard]] std::string name(const Entry& entry, ByteView header);

  Walk walk_;
  std::uint64_t end_ = 0;
  std::map<std::string, unsigned> seen_;
  std::uint64_t opaque_ = 0;  // obfuscated members
  std::string first_opaque_;
};

bool FatbinWalk::member(const Entry& stated) {
  Entry entry = stated;
  Member member{.name = name(entry, walk_.peek(entry.header))};
  walk_.own(entry.header);
  if (entry.payload > end_ - walk_.position()) {
    walk_.anomaly("member " + printable(member.name, 200) + " reaches behind the archive's end");
    entry.payload = end_ - walk_.position();
  }
  if (entry.opaque()) {
    // Only NVIDIA's linker reads it.  Its bytes are matched as they are.
    if (opaque_++ == 0) first_opaque_ = member.name;
    walk_.own(entry.payload);
    return true;
  }
  BoundedSource payload(walk_.container(), entry.payload);
  if (!entry.compressed()) return walk_.member(member, payload);
  if (!packed_member(std::move(member), entry, payload)) return false;
  walk_.own(payload.left());  // padding
  return true;
}

bool FatbinWalk::packed_member(Member member, const Entry& entry, Source& payload) {
  if (entry.packed == 0 || entry.packed > entry.payload) {
    walk_.anomaly("member " + printable(member.name, 200) + " states a size that does not fit");
  }
  const std::uint64_t size =
      entry.packed == 0 ? entry.payload : std::min<std::uint64_t>(entry.packed, entry.payload);
  BoundedSource packed(payload, size);
  if ((entry.flags & kFlagLz4) != 0) {
    member.decoder = "lz4";
    Lz4BlockSource body(packed, size, entry.size, walk_.limits().decoder_memory);
    return walk_.member(member, body);
  }
  member.decoder = "zstd";
  const auto decoded = kZstd.decode(packed, walk_.limits());
  RatioSource body(*decoded, size);
  if (!walk_.offer(member, body)) return false;
  // A body that was left at the ratio is not decoded to its end.
  const std::uint64_t yielded = body.position();
  if (!body.fault() && body.peek(1).empty() && yielded != entry.size) {
    walk_.anomaly("member " + printable(member.name, 200) + " decodes to " +
                  std::to_string(yielded) + " bytes and states " + std::to_string(entry.size));
  }
  return true;
}

// "sm_90.cubin", the second of them "sm_90.2.cubin", both below the path of the source if the entry
// names it.
std::string FatbinWalk::name(const Entry& entry, ByteView header) {
  std::string name = entry.kind == kPtx ? "compute_" : "sm_";
  name += std::to_string(entry.arch);
  if ((entry.flags & kFlagArchSpecific) != 0) name += 'a';
  if ((entry.flags & kFlagFamily) != 0) name += 'f';
  std::string suffix = ".kind" + std::to_string(entry.kind);
  if (entry.kind == kPtx) suffix = ".ptx";
  if (entry.kind == kCubin) suffix = ".cubin";
  if (entry.kind == kLtoIr) suffix = ".ltoir";
  if (seen_.size() < kMostNumbered || seen_.contains(name + suffix)) {
    const unsigned number = ++seen_[name + suffix];
    if (number > 1) name += "." + std::to_string(number);
  }
  const bool fits = entry.name_offset >= kEntry && entry.name_bytes <= walk_.limits().name_bytes;
  const auto path = fits ? Reader(header).slice(entry.name_offset, entry.name_bytes) : std::nullopt;
  if (path && !path->empty()) name = std::string(up_to_nul(as_text(*path))) + "/" + name;
  return name + suffix;
}

void walk(Source& container, const Limits& limits, MemberSink& sink) {
  FatbinWalk(container, limits, sink).run();
}

}  // namespace

const Format kFatbin{.name = "fatbin", .recognise = recognise, .walk = walk, .parts_of_file = true};

}  // namespace minescan::unpack
