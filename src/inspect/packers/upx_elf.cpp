// A packed ELF file: headers of a stub; l_info (12 bytes, with the mark) and p_info (12 bytes, with
// the original size) behind its program headers; then blocks, each of 12 bytes that tell sizes and
// method, and packed bytes.  The first block is the original's ELF header with its program headers,
// so that it proves itself and tells what the next ones are: what of each LOAD segment follows the
// headers.  Behind them is the stub's code, then blocks of what lies in no segment, then the record
// of 32 bytes and where p_info is.  Only the blocks are needed.
//
// Of a shared library the loader reads names and relocations, so these stay in front as they were,
// and l_info comes behind them; a writable segment stays too, because it is relocated.

#include <algorithm>
#include <array>

#include "inspect/packers/upx_parts.h"
#include "inspect/programs/elf.h"
#include "inspect/programs/elf_header.h"

namespace minescan::inspect::packers {
namespace {

using programs::ElfHeader;
using programs::Fields;
using programs::Range;
using programs::Segment;

constexpr std::size_t kInfo = kUpxInfo;
constexpr std::size_t kMostHeaders = 8192;  // of the original: 64 + 56 * 140
constexpr std::size_t kFront = 16'384;      // bytes in which the first block is looked for
constexpr std::size_t kLibraryFront = std::size_t{16} << 20;  // the same of a library
constexpr std::size_t kTail = 65'536;     // how far before the end the record is looked for
constexpr std::size_t kMostTrials = 8;    // blocks that prove to be broken
constexpr std::size_t kMostLooks = 4096;  // places whose first bytes are unpacked
constexpr std::size_t kTrial = 4096;      // bytes that tell a block from what is none
constexpr std::uint32_t kLoad = 1, kDynamic = 2;
constexpr std::uint16_t kShared = 3;

using Block = UpxBlock;

// The original's headers when the block at `offset` is them.
struct Start {
  std::string headers;
  ElfHeader header;
  Block block;
};
std::optional<Start> start_at(ByteView file, const ElfHeader& stub, std::uint64_t offset) {
  const auto block = upx_block_at(file, stub.big_endian, offset);
  if (!block || block->unpacked < 52 || block->unpacked > kMostHeaders) return std::nullopt;
  std::string headers(block->unpacked, '\0');
  std::size_t made = 0;
  bool known = true;
  if (!unpack_upx_block(file, *block, headers, made, known)) return std::nullopt;
  auto header = programs::read_elf_header(as_bytes(headers));
  if (!header || header->machine != stub.machine || header->segments.count == 0 ||
      header->segments.offset + header->segments.bytes() > headers.size()) {
    return std::nullopt;
  }
  return Start{.headers = std::move(headers), .header = std::move(*header), .block = *block};
}

// A stub is its own loader: it has segments and a word on the stack, no interpreter, no note.
bool has_only_loads(ByteView head, const ElfHeader& stub) {
  constexpr std::uint32_t kStack = 0x6474e551;
  for (std::uint64_t i = 0; i < stub.segments.count; ++i) {
    const auto segment = programs::read_elf_segment(head, stub, i);
    if (!segment) return i != 0;
    if (segment->type != kLoad && segment->type != kStack) return false;
  }
  return true;
}

// What UPX makes of a shared library: the loader's table stays, and no section headers do.
bool is_library(ByteView head, const ElfHeader& stub) {
  if (stub.type != kShared) return false;
  for (std::uint64_t i = 0; i < stub.segments.count; ++i) {
    const auto segment = programs::read_elf_segment(head, stub, i);
    if (!segment) return false;
    if (segment->type == kDynamic) return true;
  }
  return false;
}

std::uint64_t headers_end(const ElfHeader& header) {
  return header.segments.offset + header.segments.bytes();
}

std::optional<UpxRecord> find_record(ByteView file) {
  // At its place first; then wherever it is, which something appended may have moved.
  constexpr std::size_t kBehind = 4;
  if (file.size() < UpxRecord::kSize + kBehind) return std::nullopt;
  const std::size_t place = file.size() - UpxRecord::kSize - kBehind;
  if (const auto record = upx_record_at(file, place)) return record;
  constexpr std::uint32_t kSmall = 1024;  // by chance, one in 2^20 places has what looks like one
  for (std::size_t at = place; at > 0 && place - at < kTail; --at) {
    const auto record = upx_record_at(file, at - 1);
    if (record && (record->marked || record->packed_size >= kSmall)) return record;
  }
  return std::nullopt;
}

class ElfUnpacking {
 public:
  ElfUnpacking(ByteView file, const ElfHeader& stub, std::uint64_t most)
      : file_(file),
        stub_(stub),
        most_(most),
        record_(find_record(file)),
        is_library_(is_library(file, stub)),
        info_(headers_end(stub)) {}

  std::optional<Unpacked> run() {
    auto start = find_start();
    if (!start) return unopened();
    result_.format = "ELF";
    look_at_marks();
    lay_out(*start);
    result_.bytes.replace(0, std::min(result_.bytes.size(), start->headers.size()), start->headers,
                          0, result_.bytes.size());
    put_plain();
    note_method(start->block);
    unpack_regions(start->block.end());
    return std::move(result_);
  }

 private:
  // By its place; by what the end of the file tells; anywhere at the front.
  std::optional<Start> find_start() {
    const std::uint64_t place = headers_end(stub_) + 2 * kInfo;
    if (auto start = start_at(file_, stub_, place)) return start;
    if (file_.size() >= 4) {
      const std::uint64_t info = Fields(file_, stub_.big_endian, file_.size() - 4).word();
      if (auto start = start_at(file_, stub_, info + kInfo)) return moved(std::move(*start));
    }
    if (record_ && record_->offset + UpxRecord::kSize + 4 <= file_.size()) {
      const std::uint64_t info =
          Fields(file_, stub_.big_endian, record_->offset + UpxRecord::kSize).word();
      if (auto start = start_at(file_, stub_, info + kInfo)) return moved(std::move(*start));
    }
    const bool far = is_library_ && stub_.sections.count == 0;
    const std::uint64_t front = std::min<std::uint64_t>(file_.size(), far ? kLibraryFront : kFront);
    for (std::uint64_t at = stub_.size(); at < front; ++at) {
      if (auto start = start_at(file_, stub_, at)) return moved(std::move(*start));
    }
    return std::nullopt;
  }

  Start moved(Start start) {
    const std::uint64_t info = start.block.at - 3 * kInfo;
    if (is_library_ && start.header.type == kShared && info > headers_end(stub_)) {
      info_ = info;
      front_ = info;
      return start;
    }
    result_.tampered.emplace_back("the program headers do not end where the packed data begins");
    return start;
  }

  // Packed by UPX, but in a way that is not known here.
  std::optional<Unpacked> unopened() {
    Fields info(file_, stub_.big_endian, headers_end(stub_) + 4);
    const bool marked = as_text(info.bytes(4)) == kUpxMark;
    if (!marked && !(record_ && record_->marked)) return std::nullopt;
    return Unpacked{.format = "ELF",
                    .method = record_ ? std::string(method_name(record_->method)) : "",
                    .bytes = {},
                    .tampered = {},
                    .problem = "no packed data was found where UPX puts it"};
  }

  void look_at_marks() {
    Fields fields(file_, stub_.big_endian, info_);
    fields.word();
    const bool marked = as_text(fields.bytes(4)) == kUpxMark;
    fields.skip(8);
    const std::uint32_t size = fields.word();
    const std::uint32_t block_size = fields.word();
    if (!result_.tampered.empty()) return;  // these fields are something else
    if (!marked) result_.tampered.emplace_back("the mark UPX! behind the program headers is gone");
    if (size == 0 || block_size == 0) {
      result_.tampered.emplace_back("the size of the original is wiped");
    } else {
      told_size_ = size;
    }
    if (!record_) {
      result_.tampered.emplace_back("UPX's record at the end is gone");
    } else if (!record_->marked) {
      result_.tampered.emplace_back("the mark UPX! of the record at the end is gone");
    }
  }

  // What of the original the blocks hold, in their order.
  void lay_out(const Start& start) {
    const std::uint64_t headers = start.headers.size();
    std::vector<Range> loads;
    std::vector<bool> kept;
    for (std::uint64_t i = 0; i < start.header.segments.count; ++i) {
      const auto segment = programs::read_elf_segment(as_bytes(start.headers), start.header, i);
      if (!segment || segment->type != kLoad || segment->size == 0) continue;
      // Nothing in a file that UPX packs lies further: its fields have 32 bits.
      if (segment->offset > UINT32_MAX || segment->size > UINT32_MAX) continue;
      loads.push_back({.offset = segment->offset, .size = segment->size});
      kept.push_back(keeps(*segment));
    }
    std::uint64_t end = headers;
    for (const Range& load : loads) end = std::max(end, load.offset + load.size);
    std::uint64_t size = end;
    const std::uint64_t tables = start.header.sections.offset + start.header.sections.bytes();
    if (told_size_ != 0 && told_size_ < end) {
      result_.tampered.emplace_back("the size of the original is wrong");
    }
    if (told_size_ >= end) {
      size = told_size_;
    } else if (record_ && record_->file_size >= end) {
      size = record_->file_size;
    } else if (start.header.sections.offset >= end && tables <= UINT32_MAX) {
      size = tables;
    }
    for (std::size_t i = 0; i < loads.size(); ++i) {
      const Range& load = loads[i];
      const std::uint64_t from = std::max({load.offset, headers, front_});
      if (!kept[i] && from < load.offset + load.size) {
        regions_.push_back({.offset = from, .size = load.offset + load.size - from});
      }
    }
    loads_ = regions_.size();
    std::sort(loads.begin(), loads.end(),
              [](const Range& a, const Range& b) { return a.offset < b.offset; });
    std::uint64_t covered = headers;
    for (const Range& load : loads) {
      if (load.offset > covered) {
        regions_.push_back({.offset = covered, .size = load.offset - covered});
      }
      covered = std::max(covered, load.offset + load.size);
    }
    if (size > covered) regions_.push_back({.offset = covered, .size = size - covered});
    if (size > most_) {
      result_.problem = "the original has " + std::to_string(size) + " bytes, more than are kept";
    }
    result_.bytes.resize(static_cast<std::size_t>(std::min(size, most_)));
    budget_ = 2 * result_.bytes.size() + kMostHeaders;
  }

  // Of a library: whether the packed file has the segment as it was.
  bool keeps(const Segment& segment) {
    if (front_ == 0 || !segment.writable) return false;
    for (std::uint64_t i = 0; i < stub_.segments.count; ++i) {
      const auto other = programs::read_elf_segment(file_, stub_, i);
      if (!other || other->type != kLoad || other->address != segment.address ||
          other->size != segment.size) {
        continue;
      }
      plain_.push_back({.from = other->offset, .to = segment.offset, .size = segment.size});
      return true;
    }
    return false;
  }

  // What of a library was not packed.  Where its first function is stays as UPX changed it.
  void put_plain() {
    const std::uint64_t headers = headers_end(stub_);
    if (front_ > headers) {
      plain_.push_back({.from = headers, .to = headers, .size = front_ - headers});
    }
    for (const Plain& plain : plain_) {
      const std::string_view bytes = as_text(programs::content(file_, plain.from, plain.size));
      const auto to =
          static_cast<std::size_t>(std::min<std::uint64_t>(plain.to, result_.bytes.size()));
      const std::size_t size = std::min(bytes.size(), result_.bytes.size() - to);
      result_.bytes.replace(to, size, bytes, 0, size);
    }
  }

  // Fills what is next of a region from the block at `offset`; nullopt when it is no such block.
  std::optional<std::uint64_t> fill(std::size_t region, std::uint64_t offset) {
    const auto block = upx_block_at(file_, stub_.big_endian, offset);
    Range& range = regions_[region];
    if (!block || block->unpacked > range.size) return std::nullopt;
    const std::uint64_t from = std::min<std::uint64_t>(range.offset, result_.bytes.size());
    const std::uint64_t room =
        std::min<std::uint64_t>(block->unpacked, result_.bytes.size() - from);
    const std::span<char> out(result_.bytes.data() + from, static_cast<std::size_t>(room));
    if (room > budget_) return std::nullopt;
    budget_ -= room;
    std::size_t made = 0;
    // What was made of a block that is broken further on stays: it is the program's.
    if (room != 0 && !unpack_upx_block(file_, *block, out, made, filters_known_))
      return std::nullopt;
    note_method(*block);
    range.offset += block->unpacked;
    range.size -= block->unpacked;
    return block->end();
  }

  void unpack_regions(std::uint64_t offset) {
    std::size_t region = 0;
    while (region < regions_.size()) {
      if (regions_[region].size == 0) {
        ++region;
        continue;
      }
      if (const auto end = fill(region, offset)) {
        offset = *end;
        continue;
      }
      // The stub's code lies in between, or this block is broken.
      const auto next = find_block(region, offset);
      if (!next) break;
      region = next->first;
      offset = next->second;
    }
    tell_missing();
  }

  // The next place where a block unpacks to all of one of the regions from `first` on.
  std::optional<std::pair<std::size_t, std::uint64_t>> find_block(std::size_t first,
                                                                  std::uint64_t offset) {
    // There may be hundreds of regions: most places are told by half of a size.
    std::vector<bool> halves(0x10000);
    for (std::size_t i = first; i < regions_.size(); ++i) halves[regions_[i].size & 0xffff] = true;
    for (; offset + kInfo < file_.size() && looks_ < kMostLooks && trials_ < kMostTrials;
         ++offset) {
      const std::uint32_t size = Fields(file_, stub_.big_endian, offset).word();
      if (size == 0 || !halves[size & 0xffff]) continue;
      for (std::size_t i = first; i < regions_.size(); ++i) {
        if (regions_[i].size != size) continue;
        ++looks_;
        if (!begins_well(offset)) break;
        ++trials_;
        if (const auto end = fill(i, offset)) return std::pair{i, *end};
        break;
      }
    }
    return std::nullopt;
  }

  bool begins_well(std::uint64_t offset) const {
    const auto block = upx_block_at(file_, stub_.big_endian, offset);
    if (!block) return false;
    std::string begin(std::min<std::size_t>(kTrial, block->unpacked), '\0');
    std::size_t made = 0;
    bool known = true;
    return unpack_upx_block(file_, *block, begin, made, known);
  }

  void note_method(const Block& block) {
    if (block.stored()) return;
    const std::string name(method_name(block.method));
    if (std::find(methods_.begin(), methods_.end(), name) != methods_.end()) return;
    methods_.push_back(name);
    result_.method += (result_.method.empty() ? "" : ", ") + name;
  }

  void tell_missing() {
    std::uint64_t loaded = 0;
    std::uint64_t other = 0;
    for (std::size_t i = 0; i < regions_.size(); ++i) {
      (i < loads_ ? loaded : other) += regions_[i].size;
    }
    if (!result_.problem.empty()) return;
    if (loaded != 0) {
      result_.problem = std::to_string(loaded) + " bytes of segments could not be unpacked";
    } else if (other != 0) {
      result_.problem =
          std::to_string(other) + " bytes that are in no segment could not be unpacked";
    } else if (!filters_known_) {
      result_.problem = "its filter is not known, so calls in its code are not what they were";
    }
  }

  ByteView file_;
  const ElfHeader& stub_;
  std::uint64_t most_;
  std::optional<UpxRecord> record_;
  bool is_library_;
  std::uint64_t info_;       // where l_info is
  std::uint64_t front_ = 0;  // bytes of a library that were not packed
  struct Plain {
    std::uint64_t from = 0;  // in the packed file
    std::uint64_t to = 0;    // in the original
    std::uint64_t size = 0;
  };
  std::vector<Plain> plain_;
  std::uint64_t told_size_ = 0;
  std::vector<Range> regions_;  // what is still to be unpacked of each
  std::size_t loads_ = 0;       // how many of the regions are segments
  // Segments may claim the same bytes over and over.
  std::uint64_t budget_ = 0;
  std::size_t looks_ = 0;
  std::size_t trials_ = 0;
  std::vector<std::string> methods_;
  bool filters_known_ = true;
  Unpacked result_;
};

}  // namespace

bool may_be_upx_elf(ByteView head) {
  const auto stub = programs::read_elf_header(head);
  if (!stub || stub->segments.count == 0 || stub->segments.count > 16) return false;
  const std::uint64_t end = headers_end(*stub);
  Fields info(head, stub->big_endian, end + 4);
  if (as_text(info.bytes(4)) == kUpxMark) return true;
  const auto block = upx_block_at(head, stub->big_endian, end + 2 * kInfo);
  if (block && block->unpacked >= 52 && block->unpacked <= kMostHeaders) return true;
  // UPX leaves no section headers, and nothing in memory but what is loaded.
  return stub->sections.count == 0 || has_only_loads(head, *stub);
}

std::optional<Unpacked> unpack_upx_elf(ByteView file, std::uint64_t most_bytes) {
  const auto stub = programs::read_elf_header(file);
  if (!stub) return std::nullopt;
  return ElfUnpacking(file, *stub, most_bytes).run();
}

}  // namespace minescan::inspect::packers
