// The layout of a pack, all numbers little endian:
//   8 bytes   magic "MSNPACK4"
//   u32       number of parts, then for each: u32 kind, u32 stored size, u32 plain size
//   parts     each compressed with zstd and masked: kind 0 the definitions, 0x102 their
//             examples, then one database per group and processor, kind
//             1 + 2 * group + (1 for AVX2)
// Parts are compressed one by one, so that only the databases which this processor needs are
// unpacked: start-up is most of what a small scan costs.

#include "match/pack.h"

#include <zstd.h>

#include <cstdlib>
#include <map>

#include "base/large_memory.h"
#include "base/reader.h"
#include "base/wire.h"
#include "match/compiled.h"
#include "match/definitions.h"

namespace minescan::match {
namespace {

constexpr std::string_view kMagic = "MSNPACK4";
constexpr std::uint32_t kDefinitions = 0;
constexpr std::uint32_t kMaker = 0x100;
constexpr std::uint32_t kFiles = 0x101;
constexpr std::uint32_t kExamples = 0x102;
constexpr std::uint32_t kMostPlainBytes = 512u << 20;

std::uint32_t database_kind(std::size_t group, Cpu cpu) {
  return static_cast<std::uint32_t>(1 + 2 * group + (cpu == Cpu::avx2 ? 1 : 0));
}

struct Part {
  std::uint32_t kind = 0;
  std::uint32_t plain_size = 0;
  ByteView stored;
};

void append_u32(std::string& out, std::size_t value) {
  for (int i = 0; i < 4; ++i) out += static_cast<char>((value >> (8 * i)) & 0xff);
}

using Parts = std::map<std::uint32_t, Part>;

tl::unexpected<Error> damaged() { return fail(Code::corrupt, "the signature pack is damaged"); }

Result<Parts> parts_of(ByteView pack) {
  Reader reader(pack);
  const auto magic = reader.take(kMagic.size());
  const auto count = reader.little<std::uint32_t>();
  if (magic && as_text(*magic) != kMagic) {
    return fail(Code::unsupported,
                "the signature pack was made by another version of minescan; build it with this "
                "one");
  }
  if (!magic || !count || *count > 64) return damaged();
  std::vector<std::uint32_t> sizes;
  std::vector<Part> list;
  for (std::uint32_t i = 0; i < *count; ++i) {
    const auto kind = reader.little<std::uint32_t>();
    const auto stored = reader.little<std::uint32_t>();
    const auto plain = reader.little<std::uint32_t>();
    if (!kind || !stored || !plain || *plain > kMostPlainBytes) return damaged();
    Part part;
    part.kind = *kind;
    part.plain_size = *plain;
    list.push_back(part);
    sizes.push_back(*stored);
  }
  Parts parts;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto stored = reader.take(sizes[i]);
    if (!stored) return damaged();
    list[i].stored = *stored;
    parts[list[i].kind] = list[i];
  }
  if (!parts.contains(kDefinitions)) return damaged();
  return parts;
}

// Scanners unpack what is compressed inside of programs, minescan first, and would find every miner
// there is.
void mask(std::string& bytes) {
  for (char& byte : bytes) byte = static_cast<char>(byte ^ 0x5c);
}

// Bytes in memory of their own.
struct Plain {
  std::unique_ptr<std::byte, Freer<std::free>> memory;
  std::size_t size = 0;
  [[nodiscard]] ByteView bytes() const { return {memory.get(), size}; }
};

Result<Plain> plain(const Part& part) {
  Plain plain;
  plain.memory.reset(static_cast<std::byte*>(allocate_large(part.plain_size)));
  plain.size = part.plain_size;
  if (plain.memory == nullptr) return fail(Code::limit_memory, "no memory for the signatures");
  std::string stored(as_text(part.stored));
  mask(stored);
  const std::size_t got =
      ZSTD_decompress(plain.memory.get(), plain.size, stored.data(), stored.size());
  if (ZSTD_isError(got) != 0 || got != plain.size) {
    return damaged();
  }
  return plain;
}

// The database for this processor, or nullptr when the pack has none that fits.
Result<DatabaseHandle> database_for(const Parts& parts, std::size_t group) {
  for (const Cpu cpu : {Cpu::avx2, Cpu::generic}) {
    if (cpu == Cpu::avx2 && !has_avx2()) continue;
    const auto part = parts.find(database_kind(group, cpu));
    if (part == parts.end()) continue;
    MINESCAN_TRY_ASSIGN(const Plain serialised, plain(part->second));
    auto database = deserialise(serialised.bytes());
    if (database || database.error().code != Code::unsupported) return database;
  }
  return DatabaseHandle();
}

}  // namespace

Result<PackSources> sources_of(const TrustedPack& pack) {
  MINESCAN_TRY_ASSIGN(const Parts parts, parts_of(pack.bytes()));
  PackSources sources;
  const auto maker = parts.find(kMaker), files = parts.find(kFiles);
  if (maker == parts.end() || files == parts.end()) return damaged();
  MINESCAN_TRY_ASSIGN(const Plain maker_bytes, plain(maker->second));
  WireReader in(maker_bytes.bytes());
  sources.maker = in.text();
  sources.with_built_in = in.number_below(2) == 1;
  MINESCAN_TRY_ASSIGN(const Plain file_bytes, plain(files->second));
  WireReader list(file_bytes.bytes());
  list.list([&] {
    std::string name = list.text();
    sources.files.push_back({std::move(name), list.text()});
  });
  if (!in.at_end() || !list.at_end()) return damaged();
  return sources;
}

Result<std::shared_ptr<const SignatureSet>> SignatureSet::from_pack(const TrustedPack& pack,
                                                                    Examples examples) {
  MINESCAN_TRY_ASSIGN(Parts found, parts_of(pack.bytes()));
  const auto parts = std::make_shared<const Parts>(std::move(found));
  std::shared_ptr<SignatureSet> set(new SignatureSet());
  set->pack_ = pack.label();
  set->pack_bytes_ = pack.owner();
  {
    MINESCAN_TRY_ASSIGN(const Plain document, plain(parts->at(kDefinitions)));
    MINESCAN_TRY_ASSIGN(set->definitions_, read_definitions(document.bytes()));
    if (examples == Examples::with) {
      const auto part = parts->find(kExamples);
      if (part == parts->end()) return damaged();
      MINESCAN_TRY_ASSIGN(const Plain bytes, plain(part->second));
      MINESCAN_TRY(read_examples(bytes.bytes(), set->definitions_));
    }
    MINESCAN_TRY(set->finish(document.bytes()));
  }
  Compiled& compiled = *set->compiled_;
  for (std::size_t group = 0; group < kGroups; ++group) {
    // The set owns what makes its database.
    compiled.groups[group].database.set([parts, group, &indicators = set->indicators(),
                                         &words = compiled.byte_words]() -> Result<DatabaseHandle> {
      MINESCAN_TRY_ASSIGN(DatabaseHandle database, database_for(*parts, group));
      if (database != nullptr) return database;
      return compile_group(indicators, group, words.get().needles(), Cpu::native);
    });
  }
  return std::shared_ptr<const SignatureSet>(std::move(set));
}

Result<std::string> SignatureSet::to_pack(const PackSources* sources) const {
  std::vector<std::pair<std::uint32_t, std::string>> parts;
  parts.emplace_back(kDefinitions, write_definitions(definitions_));
  parts.emplace_back(kExamples, write_examples(definitions_));
  if (sources != nullptr) {
    WireWriter maker, files;
    maker.text(sources->maker);
    maker.number(sources->with_built_in ? 1 : 0);
    files.list(sources->files, [&](const SignatureFile& file) {
      files.text(file.name);
      files.text(file.text);
    });
    parts.emplace_back(kMaker, maker.take());
    parts.emplace_back(kFiles, files.take());
  }
  std::vector<Cpu> processors = {Cpu::generic};
#ifdef HS_CPU_FEATURES_AVX2
  processors.push_back(Cpu::avx2);
#endif
  for (std::size_t group = 0; group < kGroups; ++group) {
    for (const Cpu cpu : processors) {
      MINESCAN_TRY_ASSIGN(
          const DatabaseHandle database,
          compile_group(indicators(), group, compiled_->byte_words.get().needles(), cpu));
      if (database == nullptr) continue;
      MINESCAN_TRY_ASSIGN(std::string bytes, serialise(*database));
      parts.emplace_back(database_kind(group, cpu), std::move(bytes));
    }
  }
  std::string head(kMagic), body;
  append_u32(head, parts.size());
  for (const auto& [kind, bytes] : parts) {
    std::string stored(ZSTD_compressBound(bytes.size()), '\0');
    const std::size_t size =
        ZSTD_compress(stored.data(), stored.size(), bytes.data(), bytes.size(), 19);
    if (ZSTD_isError(size) != 0 || bytes.size() > kMostPlainBytes) {
      return fail(Code::internal, "a part of the signature pack could not be compressed");
    }
    append_u32(head, kind);
    append_u32(head, size);
    append_u32(head, bytes.size());
    stored.resize(size);
    mask(stored);
    body += stored;
  }
  return head + body;
}

}  // namespace minescan::match
