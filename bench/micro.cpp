// Single parts of a scan, with Google Benchmark: how many bytes a second each of them takes.
//
//   ./dev bench micro [--benchmark_filter=match]
//
// Texts are the headers of the C++ library and the sources of minescan, which are full of what it
// looks for; the binary is this program.  All are at hand wherever this is built.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/check.h"
#include "inspect/commands.h"
#include "inspect/decoders.h"
#include "inspect/gpu/gpu.h"
#include "match/matcher.h"
#include "match/pack.h"
#include "match/wallets/wallets.h"
#include "model/limits.h"
#include "support/archives.h"
#include "support/gpu_archives.h"
#include "support/wallet_vectors.h"
#include "unpack/embedded.h"
#include "unpack/format.h"

namespace minescan {
namespace {

constexpr std::size_t kInput = std::size_t{8} << 20;
constexpr std::size_t kStep = std::size_t{256} << 10;  // what is taken of a source at once

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  MINESCAN_CHECK(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

// `bytes` again and again up to kInput.
std::string filled(const std::string& bytes) {
  MINESCAN_CHECK(!bytes.empty());
  std::string all;
  while (all.size() < kInput) all += bytes.substr(0, kInput - all.size());
  return all;
}

// All files below a folder, in order.
std::string read_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::string all;
  for (const auto& path : paths) all += read_file(path);
  return filled(all);
}

const std::string& text() {
  static const std::string made = read_files("/usr/include/c++");
  return made;
}

const std::string& mining_text() {
  static const std::string made = read_files(MINESCAN_SOURCE_DIR "/src");
  return made;
}

const std::string& binary() {
  static const std::string made = filled(read_file("/proc/self/exe"));
  return made;
}

// Half text, half program, as an image has both.
const std::string& mixture() {
  static const std::string made = text().substr(0, kInput / 2) + binary().substr(0, kInput / 2);
  return made;
}

std::uint64_t drain(Source& source) {
  std::uint64_t bytes = 0;
  while (true) {
    const ByteView view = source.peek(kStep);
    if (view.empty()) break;
    bytes += view.size();
    source.skip(view.size());
  }
  return bytes;
}

void count(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

// --- unpack

void decode(benchmark::State& state, std::string_view format, const std::string& packed,
            std::size_t unpacked) {
  const unpack::Format* const found = unpack::format_by_name(format);
  MINESCAN_CHECK(found != nullptr && found->decode != nullptr);
  const Limits limits;
  for ([[maybe_unused]] auto _ : state) {
    MemorySource packed_source(as_bytes(packed));
    const auto source = found->decode(packed_source, limits);
    MINESCAN_CHECK(drain(*source) == unpacked);
  }
  count(state, unpacked);
}

void inflate(benchmark::State& state) {
  decode(state, "gzip", test::gzip(mixture()), mixture().size());
}
void zstd(benchmark::State& state) {
  decode(state, "zstd", test::zstd(mixture()), mixture().size());
}

// Reads every member to its end and keeps nothing.
class DrainingSink final : public unpack::MemberSink {
 public:
  bool on_member(const unpack::Member& /*member*/, Source& body) override {
    bytes_ += drain(body);
    ++members_;
    return true;
  }
  void on_bytes(ByteView bytes) override { bytes_ += bytes.size(); }
  void on_gap(GapReason /*reason*/, std::string /*detail*/, std::uint64_t /*bytes*/) override {
    MINESCAN_CHECK(false);
  }
  void on_anomaly(std::string /*what*/) override {}

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t members() const { return members_; }

 private:
  std::uint64_t bytes_ = 0;
  std::uint64_t members_ = 0;
};

void walk(benchmark::State& state, std::string_view format, const std::string& container,
          std::uint64_t members) {
  const unpack::Format* const found = unpack::format_by_name(format);
  MINESCAN_CHECK(found != nullptr && found->walk != nullptr);
  const Limits limits;
  std::uint64_t bytes = 0;
  for ([[maybe_unused]] auto _ : state) {
    MemorySource source(as_bytes(container));
    DrainingSink sink;
    found->walk(source, limits, sink);
    MINESCAN_CHECK(sink.members() == members);
    bytes = sink.bytes();
  }
  count(state, bytes);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(members));
}

// Members of so many bytes.  Large ones are passed on as they lie in memory, so that only items a
// second mean something there.
void tar_walk(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  std::string entries;
  std::uint64_t members = 0;
  for (std::size_t at = 0; at + size <= kInput; at += size, ++members) {
    entries += test::tar_entry(
        {.name = "usr/share/files/" + std::to_string(members), .body = mixture().substr(at, size)});
  }
  walk(state, "tar", entries + test::kTarEnd, members);
}

void fatbin(benchmark::State& state) {
  // What code objects do not have is taken from a program: the walker does not look into them.
  constexpr std::size_t kObject = std::size_t{1} << 20;
  std::vector<test::FatbinSpec> specs;
  for (std::size_t at = 0; at + kObject <= kInput; at += kObject) {
    specs.push_back({.body = binary().substr(at, kObject),
                     .packing = at / kObject % 2 == 0 ? test::FatbinSpec::Packing::lz4
                                                      : test::FatbinSpec::Packing::zstd});
  }
  walk(state, "fatbin", test::fatbin(specs), specs.size());
}

void anchors(benchmark::State& state) {
  const ByteView bytes = as_bytes(binary());
  for ([[maybe_unused]] auto _ : state) {
    std::size_t found = 0;
    for (auto at = unpack::find_embedded(bytes, 0); at;
         at = unpack::find_embedded(bytes, static_cast<std::size_t>(*at) + 1)) {
      ++found;
    }
    benchmark::DoNotOptimize(found);
  }
  count(state, bytes.size());
}

// --- base, inspect

void lines(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(newlines(as_bytes(text())));
  count(state, text().size());
}

void gpu_object(benchmark::State& state, const char* file) {
  const std::string object = read_file(std::string(MINESCAN_SOURCE_DIR "/testdata/gpu/") + file);
  for ([[maybe_unused]] auto _ : state) {
    MINESCAN_CHECK(inspect::gpu::read_gpu_object(as_bytes(object)).has_value());
  }
  count(state, object.size());
}

void command_lines(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) {
    inspect::Variables variables;
    bool cut = false;
    benchmark::DoNotOptimize(inspect::command_lines(text(), 1, variables, cut));
  }
  count(state, text().size());
}

void decoders(benchmark::State& state, ViewKind kind, const std::string& bytes) {
  for ([[maybe_unused]] auto _ : state) {
    inspect::Decoders found(kind);
    std::vector<inspect::Decoded> decoded;
    found.window({.bytes = as_bytes(bytes), .from = 0, .to = bytes.size(), .line = 1}, true,
                 decoded);
    benchmark::DoNotOptimize(decoded);
  }
  count(state, bytes.size());
}

// --- match

void match_all(benchmark::State& state, ViewKind kind, const std::string& bytes) {
  const auto signatures = match::SignatureSet::from_pack(match::built_in_pack());
  MINESCAN_CHECK(signatures.has_value());
  const auto matcher = match::Matcher::create(*signatures);
  MINESCAN_CHECK(matcher.has_value());
  std::vector<match::Match> matches;
  for ([[maybe_unused]] auto _ : state) {
    matches.clear();
    // In windows, as examining does.
    for (std::size_t at = 0; at < bytes.size(); at += kStep) {
      const std::size_t begin = at - std::min(at, match::kBefore);
      const std::size_t to = std::min(at + kStep, bytes.size());
      const std::size_t end = std::min(to + match::kAfter, bytes.size());
      const auto done = (*matcher)->scan(as_bytes(bytes).subspan(begin, end - begin), kind,
                                         at - begin, to - begin, matches);
      MINESCAN_CHECK(done.has_value());
    }
  }
  count(state, bytes.size());
}

void wallets(benchmark::State& state) {
  const std::vector<test::WalletVector> vectors = test::all_wallet_vectors();
  MINESCAN_CHECK(!vectors.empty());
  std::size_t bytes = 0;
  for (const auto& vector : vectors) bytes += vector.address.size();
  for ([[maybe_unused]] auto _ : state) {
    for (const auto& vector : vectors) benchmark::DoNotOptimize(match::identify(vector.address));
  }
  count(state, bytes);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(vectors.size()));
}

BENCHMARK(inflate);
BENCHMARK(zstd);
BENCHMARK(tar_walk)->Arg(200)->Arg(10'000)->Arg(1'000'000);
BENCHMARK(fatbin);
BENCHMARK(anchors);
BENCHMARK(lines);
BENCHMARK_CAPTURE(gpu_object, cubin, "built/sha256d_search.sm_120.cubin");
BENCHMARK(command_lines);
BENCHMARK_CAPTURE(decoders, text, ViewKind::script, text());
BENCHMARK_CAPTURE(decoders, binary, ViewKind::executable, binary());
BENCHMARK_CAPTURE(match_all, text, ViewKind::script, text());
BENCHMARK_CAPTURE(match_all, mining_text, ViewKind::script, mining_text());
BENCHMARK_CAPTURE(match_all, binary, ViewKind::executable, binary());
BENCHMARK(wallets);

}  // namespace
}  // namespace minescan

BENCHMARK_MAIN();
