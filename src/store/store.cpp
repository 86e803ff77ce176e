#include "store/store.h"

#include <botan/mac.h>
#include <sys/stat.h>
#include <zstd.h>

#include <algorithm>
#include <ctime>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/digest.h"
#include "base/wire.h"
#include "model/record_bytes.h"

namespace minescan::store {
namespace {

// Another one whenever what follows it changes.
constexpr std::string_view kMagic = "MSCACHE1";
constexpr std::size_t kMac = 32;  // HMAC-SHA-256
constexpr std::size_t kHead = kMagic.size() + kMac;
// A record of 700,000 paths; of more it is not worth it, nor is the memory.
constexpr std::size_t kMostRecord = std::size_t{64} << 20;
// Paths and trails repeat: a tenth is left, and less time goes into the MAC than into this.
constexpr int kZstdLevel = 1;
// What a process left unfinished for so long it will not finish.
constexpr std::time_t kAbandoned = 3600;  // seconds

// The key as a file's name, "a/bc12…": its digest.
std::string file_name(const Key& key) {
  WireWriter out;
  const auto& [digest, size, kind, name, signatures, engine, limits] = key;
  out.text(digest);
  out.number(size);
  out.number(static_cast<std::uint64_t>(kind));
  out.text(name);
  out.text(signatures);
  out.text(engine);
  // All of them: a new limit does not compile before it is here.
  const auto& [leaf_bytes, unit_bytes, depth, entries, unit_entries, name_bytes, decoder_memory,
               hits_kept, decoder_depth, derived_file_bytes, derived_unit_bytes, derived_per_file] =
      limits;
  for (const std::uint64_t limit :
       {leaf_bytes, unit_bytes, std::uint64_t{depth}, entries, unit_entries, name_bytes,
        decoder_memory, hits_kept, std::uint64_t{decoder_depth}, derived_file_bytes,
        derived_unit_bytes, derived_per_file}) {
    out.number(limit);
  }
  const std::string bytes = out.take();
  std::string hash = sha256(as_bytes(bytes));
  hash.erase(0, hash.find(':') + 1);
  return hash.insert(1, 1, '/');
}

std::size_t shard_of(const std::string& name) {
  const char digit = name.front();
  return static_cast<std::size_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

const std::uint8_t* octets(ByteView bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

// Of a record under its name, so that none passes for another's.
std::unique_ptr<Botan::MessageAuthenticationCode> mac_of(const Secret& secret,
                                                         const std::string& name, ByteView record) {
  auto mac = Botan::MessageAuthenticationCode::create("HMAC(SHA-256)");
  MINESCAN_CHECK(mac != nullptr);
  mac->set_key(octets(secret), secret.size());
  mac->update(std::string(kMagic));
  mac->update(name);
  mac->update(octets(record), record.size());
  return mac;
}

// "" when there is no memory for it.
std::string compressed(const std::string& bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t size =
      ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), kZstdLevel);
  out.resize(ZSTD_isError(size) != 0 ? 0 : size);
  return out;
}

// What compressed() was given.
std::optional<std::string> decompressed(ByteView bytes) {
  const unsigned long long size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  // Unknown and unreadable sizes are the largest numbers.
  if (size > kMostRecord) return std::nullopt;
  std::string out(static_cast<std::size_t>(size), '\0');
  if (ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size()) != size) {
    return std::nullopt;
  }
  return out;
}

// The record in a file's bytes, or nothing when no Cache with this secret wrote it there.
std::optional<ByteView> authentic(const Secret& secret, const std::string& name, ByteView file) {
  if (file.size() < kHead || !as_text(file).starts_with(kMagic)) return std::nullopt;
  const ByteView record = file.subspan(kHead);
  const auto mac = mac_of(secret, name, record);
  if (!mac->verify_mac(octets(file.subspan(kMagic.size())), kMac)) return std::nullopt;
  return record;
}

// Removes what was used longest ago until `most` bytes are left.
void sweep(const Fd& records, std::size_t shard, std::uint64_t most) {
  std::vector<StoredFile> files = files_of(records, shard);
  std::sort(files.begin(), files.end(), [](const StoredFile& a, const StoredFile& b) {
    return a.used.tv_sec != b.used.tv_sec ? a.used.tv_sec < b.used.tv_sec
                                          : a.used.tv_nsec < b.used.tv_nsec;
  });
  std::uint64_t bytes = 0;
  for (const StoredFile& file : files) bytes += file.bytes;
  const std::time_t now = std::time(nullptr);
  for (const StoredFile& file : files) {
    const bool abandoned = file.unfinished && file.used.tv_sec + kAbandoned < now;
    if (!abandoned && (bytes <= most || file.unfinished)) continue;
    remove_file(records, shard, file.name);
    bytes -= file.bytes;
  }
}

Usage sum(const Fd& records, bool remove) {
  Usage usage;
  for (std::size_t shard = 0; shard < kShards; ++shard) {
    for (const StoredFile& file : files_of(records, shard)) {
      usage.records += file.unfinished ? 0 : 1;
      usage.bytes += file.bytes;
      if (remove) remove_file(records, shard, file.name);
    }
  }
  return usage;
}

Result<Usage> visit(const std::string& path, bool remove) {
  const auto directory = open_directory(path, false);
  if (!directory && directory.error().code == Code::not_found) return Usage{};
  if (!directory) return tl::unexpected(directory.error());
  if (remove) remove_secret(*directory);
  const auto records = open_records(*directory, path, false);
  if (!records && records.error().code == Code::not_found) return Usage{};
  if (!records) return tl::unexpected(records.error());
  return sum(*records, remove);
}

}  // namespace

Result<std::unique_ptr<Cache>> Cache::open(const std::string& path, std::uint64_t most_bytes) {
  MINESCAN_TRY_ASSIGN(const Fd directory, open_directory(path, true));
  MINESCAN_TRY_ASSIGN(const Secret secret, open_secret(directory, path));
  MINESCAN_TRY_ASSIGN(Fd records, open_records(directory, path, true));
  return std::unique_ptr<Cache>(new Cache(std::move(records), secret, most_bytes));
}

Cache::Cache(Fd records, const Secret& secret, std::uint64_t most_bytes)
    : records_(std::move(records)), secret_(secret), most_bytes_(most_bytes) {}

Cache::~Cache() {
  for (std::size_t shard = 0; shard < kShards; ++shard) {
    if (written_[shard]) sweep(records_, shard, most_bytes_ / kShards);
  }
}

std::optional<Record> Cache::find(const Key& key) {
  const std::string name = file_name(key);
  const auto file = read_file(records_, name, kHead + kMostRecord);
  if (!file) return std::nullopt;
  std::optional<Record> record;
  if (const auto packed = authentic(secret_, name, as_bytes(*file))) {
    const auto bytes = decompressed(*packed);
    if (bytes) record = record_from_bytes(as_bytes(*bytes));
  }
  if (!record) remove_file(records_, shard_of(name), name.substr(2));
  return record;
}

void Cache::keep(const Key& key, const Record& record) {
  if (failed_ || !is_digest(key.digest)) return;
  const std::string name = file_name(key);
  const std::size_t shard = shard_of(name);
  const std::string whole = record_to_bytes(record);
  if (whole.size() > kMostRecord) return;
  const std::string bytes = compressed(whole);
  // One record must not drive out all others.
  if (bytes.empty() || bytes.size() > most_bytes_ / kShards / 2) return;
  const auto mac = mac_of(secret_, name, as_bytes(bytes))->final_stdvec();
  std::string head(kMagic);
  head.append(mac.begin(), mac.end());
  written_[shard] = true;
  ::mkdirat(records_.get(), shard_name(shard).c_str(), 0700);
  if (!replace_file(records_, name, as_bytes(head), as_bytes(bytes))) failed_ = true;
}

Result<Usage> usage(const std::string& directory) { return visit(directory, false); }

Result<Usage> clean(const std::string& directory) { return visit(directory, true); }

}  // namespace minescan::store
