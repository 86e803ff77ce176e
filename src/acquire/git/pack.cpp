#include "acquire/git/pack.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <span>
#include <utility>

#include "acquire/files.h"
#include "acquire/git/deflated.h"
#include "acquire/git/ids.h"
#include "acquire/quoted.h"
#include "base/reader.h"
#include "unpack/git_delta.h"

namespace minescan::acquire {
namespace {

constexpr std::size_t kId = std::tuple_size_v<ObjectId>;
constexpr std::uint64_t kTrailer = kId;  // a checksum; of an index two
// Git makes chains of 4,095 at most, other programs perhaps longer ones.
constexpr std::size_t kMostDeltas = 16'384;
// Bytes that are made for one object: git makes 50 deltas of one another, of files of up to 512
// MiB.
constexpr std::uint64_t kMostWork = std::uint64_t{32} << 30;
// What is kept of bases, and of one.
constexpr std::uint64_t kMostKept = std::uint64_t{64} << 20;
constexpr std::uint64_t kMostOfOne = std::uint64_t{1} << 20;

// "\377tOc", version 2, and how many ids begin with each byte; version 1 begins with the last.
constexpr std::uint64_t kCounts = 256 * 4;
constexpr std::uint64_t kHead2 = 8;
constexpr std::uint64_t kPackHead = 12;

// All of `room`, or Code::truncated.
Result<void> read_at(int file, std::uint64_t offset, std::span<std::byte> room) {
  while (!room.empty()) {
    const ssize_t n = ::pread(file, room.data(), room.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(Code::io, "cannot be read: " + errno_text(errno));
    if (n == 0) return fail(Code::truncated, "is cut off");
    offset += static_cast<std::uint64_t>(n);
    room = room.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

template <class T>
Result<T> number_at(int file, std::uint64_t offset) {
  std::array<std::byte, sizeof(T)> bytes{};
  MINESCAN_TRY(read_at(file, offset, bytes));
  return *Reader(bytes).big<T>();
}

std::uint64_t size_of(int file) {
  struct stat info {};
  return ::fstat(file, &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

}  // namespace

std::shared_ptr<const GitObject> DeltaBases::find(const Key& key) const {
  const auto found = kept_.find(key);
  return found == kept_.end() ? nullptr : found->second;
}

void DeltaBases::keep(const Key& key, const std::shared_ptr<const GitObject>& object) {
  const std::uint64_t size = object->bytes.size();
  if (size > kMostOfOne || kept_.contains(key)) return;
  if (bytes_ + size > kMostKept) {
    kept_.clear();
    bytes_ = 0;
  }
  bytes_ += size;
  kept_.emplace(key, object);
}

// One object as it lies in the pack.
struct Pack::Entry {
  std::uint64_t offset = 0;
  std::uint64_t data = 0;          // offset of the compressed bytes
  std::uint64_t size = 0;          // of them inflated
  std::optional<ObjectKind> kind;  // none of a delta, which has ...
  std::uint64_t base = 0;          // ... the offset of what it is a delta of
};

struct Pack::Chain {
  std::vector<Entry> deltas;  // the last one is a delta of ...
  Entry base;
  std::shared_ptr<const GitObject> known;  // ... this, when it is at hand, or else of `base`
  [[nodiscard]] ObjectKind kind() const { return known ? known->kind : *base.kind; }
};

tl::unexpected<Error> Pack::bad_index(Code code, const std::string& why) const {
  return fail(code, "the index " + in_quotes(stem_ + ".idx") + " of a pack " + why);
}

tl::unexpected<Error> Pack::bad_entry(Code code, std::uint64_t offset,
                                      const std::string& why) const {
  return fail(code, "the object at " + std::to_string(offset) + " of the pack " +
                        in_quotes(stem_ + ".pack") + " " + why);
}

Result<int> Pack::open_file(Fd& kept, const char* kind) const {
  if (!kept.valid()) {
    MINESCAN_TRY_ASSIGN(kept, open_named_file(stem_ + kind));
  }
  return kept.get();
}

Result<std::unique_ptr<Pack>> Pack::open(const std::string& stem) {
  std::unique_ptr<Pack> pack(new Pack(stem));
  MINESCAN_TRY_ASSIGN(const int index, pack->open_file(pack->index_, ".idx"));
  std::array<std::byte, kHead2 + kCounts> head{};
  const std::uint64_t size = size_of(index);
  if (const auto done = read_at(index, 0, head); !done) {
    return pack->bad_index(done.error().code, done.error().what);
  }
  Reader in(head);
  constexpr std::uint32_t kMagic = 0xff744f63;
  pack->version_2_ = in.big<std::uint32_t>() == kMagic;
  if (!pack->version_2_) {
    in.seek(0);
  } else if (in.big<std::uint32_t>() != 2U) {
    return pack->bad_index(Code::unsupported, "is of a version that is not read");
  }
  std::uint32_t before = 0;
  for (std::uint32_t& count : pack->counts_) {
    count = *in.big<std::uint32_t>();
    if (count < before) return pack->bad_index(Code::corrupt, "is in no order");
    before = count;
  }
  // Of each object an id and an offset; in version 2 a checksum too, and large offsets behind.
  const std::uint64_t tables = pack->version_2_
                                   ? kHead2 + kCounts + std::uint64_t{before} * (kId + 4 + 4)
                                   : kCounts + std::uint64_t{before} * (4 + kId);
  if (size < tables + 2 * kTrailer) return pack->bad_index(Code::truncated, "is cut off");
  pack->large_offsets_ = (size - tables - 2 * kTrailer) / 8;
  return pack;
}

std::uint64_t Pack::id_place(std::uint32_t at) const {
  return version_2_ ? kHead2 + kCounts + std::uint64_t{at} * kId
                    : kCounts + std::uint64_t{at} * (4 + kId) + 4;
}

Result<ObjectId> Pack::id_at(int index, std::uint32_t at) const {
  ObjectId id{};
  const auto done = read_at(index, id_place(at), std::as_writable_bytes(std::span(id)));
  if (!done) return bad_index(done.error().code, done.error().what);
  return id;
}

Result<std::uint32_t> Pack::lower_bound(int index, const ObjectId& id) const {
  std::uint32_t first = id[0] == 0 ? 0 : counts_[id[0] - 1U];
  std::uint32_t last = counts_[id[0]];
  // To ask the system for a number of ids takes as long as for one.
  constexpr std::uint32_t kSome = 128;
  while (last - first > kSome) {
    const std::uint32_t middle = first + (last - first) / 2;
    MINESCAN_TRY_ASSIGN(const ObjectId other, id_at(index, middle));
    if (other < id) {
      first = middle + 1;
    } else {
      last = middle;
    }
  }
  const std::size_t width = version_2_ ? kId : 4 + kId;
  std::array<std::byte, kSome*(4 + kId)> room{};
  const auto ids = std::span(room).first((last - first) * width);
  if (const auto done = read_at(index, id_place(first), ids); !done) {
    return bad_index(done.error().code, done.error().what);
  }
  for (std::size_t at = 0; first < last; ++first, at += width) {
    if (std::memcmp(ids.data() + at, id.data(), kId) >= 0) break;
  }
  return first;
}

Result<std::uint64_t> Pack::offset_of(int index, std::uint32_t at) const {
  const std::uint64_t count = counts_.back();
  const std::uint64_t place = version_2_
                                  ? kHead2 + kCounts + count * (kId + 4) + std::uint64_t{at} * 4
                                  : kCounts + std::uint64_t{at} * (4 + kId);
  const auto offset = number_at<std::uint32_t>(index, place);
  if (!offset) return bad_index(offset.error().code, offset.error().what);
  constexpr std::uint32_t kLarge = 0x80000000;
  if (!version_2_ || (*offset & kLarge) == 0) return std::uint64_t{*offset};
  const std::uint64_t number = *offset & ~kLarge;
  if (number >= large_offsets_) return bad_index(Code::corrupt, "has an offset that is not there");
  const auto large =
      number_at<std::uint64_t>(index, kHead2 + kCounts + count * (kId + 4 + 4) + number * 8);
  if (!large) return bad_index(large.error().code, large.error().what);
  return *large;
}

Result<std::optional<std::uint64_t>> Pack::find(const ObjectId& id) const {
  if (counts_[id[0]] == (id[0] == 0 ? 0 : counts_[id[0] - 1U])) return std::nullopt;
  MINESCAN_TRY_ASSIGN(const int index, open_file(index_, ".idx"));
  MINESCAN_TRY_ASSIGN(const std::uint32_t at, lower_bound(index, id));
  if (at >= counts_[id[0]]) return std::nullopt;
  MINESCAN_TRY_ASSIGN(const ObjectId there, id_at(index, at));
  if (there != id) return std::nullopt;
  MINESCAN_TRY_ASSIGN(const std::uint64_t offset, offset_of(index, at));
  return offset;
}

Result<void> Pack::find(const std::string& prefix, std::vector<ObjectId>& found) const {
  std::string lowest = prefix;
  lowest.resize(2 * kId, '0');
  const auto id = id_from_hex(lowest);
  if (!id) return {};
  MINESCAN_TRY_ASSIGN(const int index, open_file(index_, ".idx"));
  MINESCAN_TRY_ASSIGN(std::uint32_t at, lower_bound(index, *id));
  for (int i = 0; i < 2 && at < counts_[(*id)[0]]; ++i, ++at) {
    MINESCAN_TRY_ASSIGN(const ObjectId there, id_at(index, at));
    if (!hex(there).starts_with(prefix)) break;
    found.push_back(there);
  }
  return {};
}

Result<Pack::Entry> Pack::entry_at(int pack, std::uint64_t offset) const {
  constexpr std::size_t kLongest = 10 + kId;  // sizes of 64 bits in sevens, and an id or a distance
  const std::uint64_t size = size_of(pack);
  if (offset < kPackHead || size < kTrailer || offset >= size - kTrailer) {
    return bad_entry(Code::corrupt, offset, "is not there");
  }
  std::array<std::byte, kLongest> room{};
  const auto some = std::span(room).first(
      static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), size - offset)));
  if (const auto done = read_at(pack, offset, some); !done) {
    return bad_entry(done.error().code, offset, done.error().what);
  }
  const auto damaged = [&] { return bad_entry(Code::corrupt, offset, "does not begin as one"); };
  Reader in(some);
  Entry entry{.offset = offset};
  unsigned byte = *in.little<std::uint8_t>();
  const unsigned kind = byte >> 4 & 7U;
  entry.size = byte & 0xfU;
  for (unsigned shift = 4; (byte & 0x80U) != 0; shift += 7) {
    const auto next = in.little<std::uint8_t>();
    if (!next || shift > 56) return damaged();
    byte = *next;
    entry.size |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
  }
  constexpr unsigned kOfOffset = 6, kOfId = 7;
  if (kind >= 1 && kind <= 4) {
    entry.kind = static_cast<ObjectKind>(kind);
  } else if (kind == kOfOffset) {
    auto next = in.little<std::uint8_t>();
    std::uint64_t distance = next ? *next & 0x7fU : 0;
    while (next && (*next & 0x80U) != 0) {
      next = in.little<std::uint8_t>();
      if (!next || distance >= std::uint64_t{1} << 50) return damaged();
      // Each byte stands for one more than the shorter forms can say.
      distance = ((distance + 1) << 7) | (*next & 0x7fU);
    }
    if (!next || distance == 0 || distance >= offset) return damaged();
    entry.base = offset - distance;
  } else if (kind == kOfId) {
    const auto bytes = in.take(kId);
    if (!bytes) return damaged();
    ObjectId id{};
    std::copy(bytes->begin(), bytes->end(), std::as_writable_bytes(std::span(id)).begin());
    MINESCAN_TRY_ASSIGN(const auto base, find(id));
    if (!base) {
      return bad_entry(Code::corrupt, offset, "is made of " + hex(id) + ", which is not in it");
    }
    entry.base = *base;
  } else {
    return damaged();
  }
  entry.data = offset + in.position();
  return entry;
}

// From an object to what it is made of in the end.
Result<Pack::Chain> Pack::chain_at(int pack, std::uint64_t offset, const DeltaBases* bases) const {
  Chain chain;
  for (std::uint64_t at = offset;;) {
    if (bases != nullptr && (chain.known = bases->find({this, at})) != nullptr) return chain;
    MINESCAN_TRY_ASSIGN(Entry entry, entry_at(pack, at));
    if (entry.kind) {
      chain.base = entry;
      return chain;
    }
    at = entry.base;
    chain.deltas.push_back(entry);
    if (chain.deltas.size() > kMostDeltas) {
      return bad_entry(Code::limit_depth, offset,
                       "is made of more than " + std::to_string(kMostDeltas) +
                           " others, one of another, or of itself");
    }
  }
}

Result<GitObject> Pack::read(std::uint64_t offset, DeltaBases& bases) const {
  MINESCAN_TRY_ASSIGN(const int pack, open_file(pack_, ".pack"));
  MINESCAN_TRY_ASSIGN(Chain chain, chain_at(pack, offset, &bases));
  const std::uint64_t most = most_bytes(chain.kind());
  const auto too_large = [&](std::uint64_t size) {
    return bad_entry(Code::limit_bytes, offset,
                     "is said to have " + std::to_string(size) +
                         " bytes, or is made of what has, more than are read of one");
  };
  const auto inflate = [&](const Entry& entry) -> Result<std::string> {
    if (entry.size > most) return too_large(entry.size);
    std::string bytes;
    Deflated stream(pack, entry.data);
    auto done = stream.append(bytes, entry.size);
    if (done && bytes.size() == entry.size) done = stream.finish();
    if (!done) return bad_entry(done.error().code, entry.offset, done.error().what);
    if (bytes.size() != entry.size) {
      return bad_entry(Code::corrupt, entry.offset, "is shorter than it says");
    }
    return bytes;
  };
  std::shared_ptr<const GitObject> made = chain.known;
  if (!made) {
    GitObject base{.kind = *chain.base.kind};
    MINESCAN_TRY_ASSIGN(base.bytes, inflate(chain.base));
    if (chain.deltas.empty()) return base;
    made = std::make_shared<const GitObject>(std::move(base));
    bases.keep({this, chain.base.offset}, made);
  }
  std::uint64_t work = 0;
  for (auto entry = chain.deltas.rbegin(); entry != chain.deltas.rend(); ++entry) {
    MINESCAN_TRY_ASSIGN(const std::string delta, inflate(*entry));
    const auto sizes = unpack::delta_sizes(delta);
    if (sizes && sizes->result > most) return too_large(sizes->result);
    work += sizes ? sizes->result : 0;
    if (work > kMostWork) {
      return bad_entry(Code::limit_bytes, offset, "takes more work than any that git makes");
    }
    auto bytes = unpack::apply_delta(made->bytes, delta);
    if (!bytes) {
      return bad_entry(Code::corrupt, entry->offset, "is a delta that does not fit to its base");
    }
    GitObject object{.kind = made->kind, .bytes = std::move(*bytes)};
    if (std::next(entry) == chain.deltas.rend()) return object;
    made = std::make_shared<const GitObject>(std::move(object));
    bases.keep({this, entry->offset}, made);
  }
  return *made;
}

Result<ObjectHeader> Pack::header(std::uint64_t offset) const {
  MINESCAN_TRY_ASSIGN(const int pack, open_file(pack_, ".pack"));
  MINESCAN_TRY_ASSIGN(const Chain chain, chain_at(pack, offset, nullptr));
  if (chain.deltas.empty()) return ObjectHeader{.kind = chain.kind(), .size = chain.base.size};
  const Entry& last = chain.deltas.front();
  std::string begin;
  Deflated stream(pack, last.data);
  const auto done = stream.append(begin, std::min<std::uint64_t>(last.size, unpack::kLongestSizes));
  if (!done) return bad_entry(done.error().code, offset, done.error().what);
  const auto sizes = unpack::delta_sizes(begin);
  if (!sizes) return bad_entry(Code::corrupt, offset, "is a delta without sizes");
  return ObjectHeader{.kind = chain.kind(), .size = sizes->result};
}

}  // namespace minescan::acquire
