// Fat binaries, offload bundles, and both inside other bytes.
#include <fstream>
#include <iterator>

#include "support/archives.h"
#include "support/gpu_archives.h"
#include "support/unpacking.h"
#include "unpack/embedded.h"

using namespace minescan;
using namespace minescan::test;
using Packing = FatbinSpec::Packing;

namespace {

// Bytes that do not compress, so that packed sizes are not tiny.
std::string noise(std::size_t size) {
  std::string bytes;
  std::uint32_t state = 7;
  while (bytes.size() < size) {
    state = state * 1664525 + 1013904223;
    bytes.push_back(static_cast<char>(state >> 24));
  }
  return bytes;
}

std::string zlib(std::string_view text) {
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char c : text) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  const std::string sum = little(b << 16 | a);
  return "\x78\x9c" + raw_deflate(text) + std::string(sum.rbegin(), sum.rend());
}

std::string gpu_file(const std::string& name) {
  std::ifstream file(MINESCAN_SOURCE_DIR "/testdata/gpu/built/" + name, std::ios::binary);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("fatbin: what nvcc makes in every mode of compression has the same bodies") {
  const Seen plain = walk("fatbin", gpu_file("vector_add.none.fatbin"));
  CHECK(plain.names() == "sm_75.cubin compute_75.ptx sm_90.cubin");
  CHECK(plain.text("sm_75.cubin")
            .starts_with("\x7f"
                         "ELF"));
  CHECK(plain.text("compute_75.ptx").find(".entry vector_add") != std::string::npos);
  for (const char* name : {"vector_add.speed.fatbin", "vector_add.size.fatbin"}) {
    const std::string bytes = gpu_file(name);
    CHECK(format_of(bytes) == "fatbin");
    const Seen seen = walk("fatbin", bytes);
    CHECK(seen.names() == plain.names());
    CHECK(seen.rest == "");
    CHECK(seen.gaps.empty());
    CHECK(seen.anomalies.empty());
    for (std::size_t i = 0; i < seen.entries.size(); ++i) {
      CHECK_FALSE(seen.entries.at(i).fault.has_value());
      // Bodies that are not compressed have padding.
      const std::string& longer = plain.entries.at(i).text;
      CHECK(longer.starts_with(seen.entries.at(i).text));
      CHECK(longer.size() - seen.entries.at(i).text.size() < 8);
    }
  }
}

TEST_CASE("offload bundle: what clang's bundler makes has the objects that went in") {
  const std::string bytes = gpu_file("two.hipfb");
  CHECK(format_of(bytes) == "offload-bundle");
  const Seen seen = walk("offload-bundle", bytes);
  CHECK(seen.text("hipv4-amdgcn-amd-amdhsa--gfx906") == gpu_file("sha256d_search.gfx906.o"));
  CHECK(seen.text("hipv4-amdgcn-amd-amdhsa--gfx1030") == gpu_file("vector_add.gfx1030.o"));
  CHECK(seen.gaps.empty());
  CHECK(seen.rest == "");
}

TEST_CASE("fatbin: every entry comes decoded, named by its kind and architecture") {
  const std::string cubin =
      "\x7f"
      "ELF" +
      numbers(300'001);
  const std::string ptx = "\n\n.version 8.0\n.target sm_75\n" + numbers(3000);
  const std::string bytes = fatbin({
      {.arch = 75, .body = to_eight(cubin)},
      {.arch = 90, .body = cubin, .packing = Packing::zstd, .more_flags = 0x100000},
      {.arch = 90, .body = cubin + "2", .packing = Packing::lz4, .more_flags = 0x100000},
      {.kind = 1, .arch = 75, .body = ptx, .packing = Packing::zstd, .source = "/src/a kernel.cu"},
      {.kind = 1, .arch = 75, .body = ptx, .packing = Packing::lz4},
      {.kind = 8, .arch = 100, .body = "lto", .packing = Packing::zstd, .more_flags = 0x200000},
      {.kind = 77, .arch = 1, .body = "12345678"},
  });
  CHECK(format_of(bytes) == "fatbin");
  const Seen seen = walk("fatbin", bytes + "behind");
  CHECK(seen.names() ==
        "sm_75.cubin sm_90a.cubin sm_90a.2.cubin /src/a kernel.cu/compute_75.ptx compute_75.2.ptx "
        "sm_100f.ltoir sm_1.kind77");
  CHECK(seen.entries.at(0).text == to_eight(cubin));
  CHECK(seen.entries.at(1).text == cubin);
  CHECK(seen.entries.at(1).member.decoder == "zstd");
  CHECK(seen.entries.at(2).text == cubin + "2");
  CHECK(seen.entries.at(2).member.decoder == "lz4");
  CHECK(seen.entries.at(3).text == ptx);
  CHECK(seen.entries.at(4).text == ptx);
  CHECK(seen.entries.at(5).text == "lto");
  CHECK(seen.gaps.empty());
  CHECK(seen.anomalies.empty());
  for (const SeenEntry& entry : seen.entries) CHECK_FALSE(entry.fault.has_value());
  CHECK(seen.rest == "behind");
}

TEST_CASE("fatbin: obfuscated LTO-IR is told once and matched as it is") {
  const std::string bytes = fatbin({{.kind = 8, .body = "OPAQUE-1", .more_flags = 0x18000},
                                    {.kind = 8, .body = "OPAQUE-2", .more_flags = 0x18000},
                                    {.body = "MARKER.."}});
  const Seen seen = walk("fatbin", bytes);
  CHECK(seen.names() == "sm_90.cubin");
  CHECK(seen.own.find("OPAQUE-1") != std::string::npos);
  CHECK(seen.own.find("OPAQUE-2") != std::string::npos);
  REQUIRE(seen.anomalies.size() == 1);
  CHECK(seen.anomalies[0].find("and 1 more are obfuscated") != std::string::npos);
  CHECK(seen.gaps.empty());
}

TEST_CASE("fatbin: bodies that cannot be decoded are faults, and the next entry is still read") {
  const std::string text = noise(5000);
  std::string bad_zstd = zstd(text);
  bad_zstd[bad_zstd.size() / 2] = static_cast<char>(bad_zstd[bad_zstd.size() / 2] ^ 0x55);
  bad_zstd.resize(bad_zstd.size() - 100);
  const Seen seen = walk(
      "fatbin", fatbin({
                    {.body = text, .packing = Packing::zstd, .packed = "no zstd at all"},
                    {.body = text, .packing = Packing::zstd, .packed = bad_zstd},
                    {.body = text, .packing = Packing::lz4, .packed = "\xff\xff\xff\xffno lz4"},
                    {.body = text, .packing = Packing::lz4, .size = std::uint64_t{1} << 60},
                    {.body = "MARKER.."},
                }));
  REQUIRE(seen.entries.size() == 5);
  CHECK(seen.entries.at(0).fault.value().code == Code::corrupt);
  CHECK(seen.own.find("std at all") != std::string::npos);
  CHECK(seen.entries.at(1).fault.has_value());
  CHECK(seen.entries.at(2).fault.value().code == Code::corrupt);
  CHECK(seen.entries.at(3).fault.value().code == Code::limit_memory);
  CHECK(seen.text("sm_90.5.cubin") == "MARKER..");
}

TEST_CASE("fatbin: wrong sizes hide nothing") {
  const std::string text = numbers(4000);
  const Seen small = walk("fatbin", fatbin({{.body = text, .packing = Packing::lz4, .size = 10},
                                            {.body = text, .packing = Packing::zstd, .size = 10}}));
  CHECK(small.entries.at(0).text == text);
  CHECK(small.entries.at(0).fault.has_value());
  CHECK(small.entries.at(1).text == text);
  CHECK(small.has_anomaly("states 10"));
  const Seen large =
      walk("fatbin", fatbin({{.body = text, .packing = Packing::lz4, .size = 5000}}));
  CHECK(large.entries.at(0).text == text);
  CHECK(large.entries.at(0).fault.has_value());
  // Behind the end that the header states.
  const Seen behind = walk("fatbin", fatbin_around(fatbin_entry({.body = "12345678MARKER.."}), 72));
  CHECK(behind.entries.at(0).text == "12345678");
  CHECK(behind.rest == "MARKER..");
  CHECK(behind.has_anomaly("behind the archive's end"));
  const Seen packed =
      walk("fatbin", fatbin({{.body = text, .packing = Packing::zstd, .packed_size = 1 << 30}}));
  CHECK(packed.entries.at(0).text == text);
  CHECK(packed.has_anomaly("does not fit"));
}

TEST_CASE("fatbin: an entry that is none ends the walk with a gap, and the rest is the caller's") {
  const std::string first = fatbin_entry({.body = "12345678"});
  const Seen seen = walk("fatbin", fatbin_around(first + std::string(100, 'x')));
  CHECK(seen.names() == "sm_90.cubin");
  CHECK(seen.has_gap(GapReason::decode_corrupt));
  CHECK(seen.rest == std::string(100, 'x'));
  const std::string whole = fatbin({{.body = noise(400)}, {.body = noise(400)}});
  for (std::size_t n = 80; n < whole.size(); n += 7) {
    const Seen cut = walk("fatbin", whole.substr(0, n));
    CHECK((cut.has_gap(GapReason::decode_truncated) || cut.has_gap(GapReason::decode_corrupt) ||
           cut.entries.back().fault.has_value()));
  }
}

TEST_CASE("fatbin: what decodes to a thousand times its size is cut, with a fault") {
  const std::string zeros(std::size_t{40} << 20, '\0');
  Limits limits;
  const Seen seen = walk(
      "fatbin", fatbin({{.body = zeros, .packing = Packing::zstd}, {.body = "MARKER.."}}), limits);
  CHECK(seen.entries.at(0).text.size() == std::size_t{16} << 20);
  CHECK(seen.entries.at(0).fault.value().code == Code::limit_bytes);
  CHECK(seen.text("sm_90.2.cubin") == "MARKER..");
  limits.decoder_memory = std::uint64_t{1} << 20;
  const Seen small = walk(
      "fatbin", fatbin({{.body = zeros, .packing = Packing::lz4}, {.body = "MARKER.."}}), limits);
  CHECK(small.entries.at(0).fault.value().code == Code::limit_memory);
  CHECK(small.text("sm_90.2.cubin") == "MARKER..");
}

TEST_CASE("fatbin: only whole headers are recognised") {
  const std::string good = fatbin({{.body = "12345678"}});
  CHECK(format_of(good) == "fatbin");
  // Magic, version, header size; the entry's version and header size; a payload that fits.
  for (const std::size_t at : {0U, 1U, 4U, 5U, 6U, 18U, 19U, 22U, 31U}) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x42);
    CAPTURE(at);
    CHECK(format_of(bad) == "");
  }
  CHECK(format_of(good.substr(0, 79)) == "");
}

TEST_CASE("offload bundle: entries come by the table's names, in the order of their bytes") {
  const std::string bytes =
      offload_bundle({{.name = "host-x86_64-unknown-linux--"},
                      {.name = "hipv4-amdgcn-amd-amdhsa--gfx906", .body = "ONE"},
                      {.name = "hipv4-amdgcn-amd-amdhsa--gfx1030", .body = "TWO"}});
  CHECK(format_of(bytes) == "offload-bundle");
  const Seen seen = walk("offload-bundle", bytes + "behind");
  CHECK(seen.names() ==
        "host-x86_64-unknown-linux-- hipv4-amdgcn-amd-amdhsa--gfx906 "
        "hipv4-amdgcn-amd-amdhsa--gfx1030");
  CHECK(seen.text("hipv4-amdgcn-amd-amdhsa--gfx906") == "ONE");
  CHECK(seen.text("hipv4-amdgcn-amd-amdhsa--gfx1030") == "TWO");
  CHECK(seen.gaps.empty());
  CHECK(seen.rest == "behind");
}

TEST_CASE("offload bundle: entries that share bytes or lie nowhere hide nothing") {
  const std::string filler(512, '.');
  const auto bundle = [&](std::uint64_t offset, std::uint64_t size) {
    return offload_bundle({{.name = "a-a", .body = filler},
                           {.name = "b-b", .body = "MARKER.."},
                           {.name = "c-c", .offset = offset, .size = size}});
  };
  const Seen across = walk("offload-bundle", bundle(130, 4000));
  CHECK(across.has_gap(GapReason::parse_ambiguous));
  CHECK(across.text("b-b") == "MARKER..");
  const Seen inside_table = walk("offload-bundle", bundle(0, 60));
  CHECK(inside_table.has_gap(GapReason::parse_ambiguous));
  CHECK(inside_table.text("b-b") == "MARKER..");
  const Seen far = walk("offload-bundle", bundle(std::uint64_t{1} << 62, 8));
  CHECK(far.text("b-b") == "MARKER..");
  CHECK(far.entries.back().fault.value().code == Code::truncated);
  // The same range under two names is no contradiction.
  const Seen twice =
      walk("offload-bundle", offload_bundle({{.name = "a-a", .body = "ONE", .offset = 128},
                                             {.name = "b-b", .offset = 128, .size = 3}}));
  CHECK(twice.text("a-a") == "ONE");
  CHECK(twice.gaps.empty());
  const std::string table = offload_bundle({{.name = "a-a"}, {.name = std::string(4000, '-')}});
  CHECK(walk("offload-bundle", table.substr(0, table.size() - 100))
            .has_gap(GapReason::decode_corrupt));
}

TEST_CASE("ccob: all versions decode with either method, and wrong sizes are faults") {
  const std::string bundle =
      offload_bundle({{.name = "hip-amdgcn--gfx906", .body = numbers(5000)}});
  for (const unsigned version : {1U, 2U, 3U}) {
    for (const std::uint16_t method : {std::uint16_t{0}, std::uint16_t{1}}) {
      CAPTURE(version);
      CAPTURE(method);
      const std::string packed = method == 1 ? zstd(bundle) : zlib(bundle);
      const std::string bytes = ccob(version, method, packed, bundle.size());
      CHECK(format_of(bytes) == "ccob");
      const Decoded decoded = decode("ccob", bytes + "behind");
      CHECK(decoded.text == bundle);
      CHECK_FALSE(decoded.fault.has_value());
      CHECK(decoded.rest == "behind");
      const Decoded wrong = decode("ccob", ccob(version, method, packed, bundle.size() + 1));
      CHECK(wrong.text == bundle);
      CHECK(wrong.fault.value().code == Code::corrupt);
      const Decoded cut = decode("ccob", bytes.substr(0, bytes.size() - 20));
      CHECK(cut.fault.value().code == Code::truncated);
    }
  }
  CHECK(decode("ccob", "CCOB").fault.has_value());
  CHECK(format_of(ccob(4, 1, zstd(bundle), bundle.size())) == "");
  CHECK(format_of(ccob(2, 2, zstd(bundle), bundle.size())) == "");
  CHECK(format_of(ccob(2, 1, zlib(bundle), bundle.size())) == "");
  CHECK(format_of(ccob(2, 1, zstd(bundle), 0)) == "");
}

TEST_CASE("offload package: the image comes by its architecture and kind") {
  const std::string bytes = offload_package("gfx906", "IMAGE");
  CHECK(format_of(bytes) == "offload-package");
  const Seen seen = walk("offload-package", bytes + "behind");
  CHECK(seen.text("gfx906.o") == "IMAGE");
  CHECK(seen.rest == "behind");
  CHECK(walk("offload-package", offload_package("sm_90", "IMAGE", 3)).names() == "sm_90.cubin");
  CHECK(walk("offload-package", offload_package("sm_90", "IMAGE", 99)).names() == "sm_90.bin");
  for (std::size_t n = 72; n < bytes.size() - 3; ++n) {
    const Seen cut = walk("offload-package", bytes.substr(0, n));
    CHECK(cut.entries.at(0).fault.has_value());
  }
  // An image outside of the package.
  std::string bad = bytes;
  bad[8] = '\1';
  bad[9] = '\0';
  CHECK(format_of(bad) == "");
  CHECK(walk("offload-package", bad).has_gap(GapReason::decode_corrupt));
}

namespace {

// The next that is no compressed stream, of which there are some inside of containers.
std::optional<std::uint64_t> next_sure(ByteView window, std::size_t from) {
  auto at = unpack::find_embedded(window, from);
  while (at && !unpack::is_sure(window.subspan(*at))) {
    at = unpack::find_embedded(window, static_cast<std::size_t>(*at) + 1);
  }
  return at;
}

}  // namespace

TEST_CASE("embedded: GPU containers are found at any offset, and nothing else") {
  const std::string bundle = offload_bundle({{.name = "hip-amdgcn--gfx906", .body = "x"}});
  const std::string kinds[] = {fatbin({{.body = "12345678"}}), bundle,
                               ccob(2, 1, zstd(bundle), bundle.size()),
                               offload_package("gfx906", "IMAGE")};
  const std::string around = noise(200);
  for (const std::string& one : kinds) {
    for (std::size_t at = 0; at < 70; ++at) {
      const std::string bytes = around.substr(0, at) + one + around + one;
      CAPTURE(at);
      CHECK(next_sure(as_bytes(bytes), 0) == at);
      CHECK(next_sure(as_bytes(bytes), at) == at);
      CHECK(next_sure(as_bytes(bytes), at + 1) == at + one.size() + around.size());
      CHECK_FALSE(next_sure(as_bytes(bytes), bytes.size() - one.size() + 1).has_value());
      CHECK_FALSE(next_sure(as_bytes(bytes), bytes.size() + 1).has_value());
    }
  }
  // Magics alone.
  const std::string magics =
      "\x50\xed\x55\xba __CLANG_OFFLOAD_BUNDLE__ CCOB \x10\xff\x10\xad" + around;
  CHECK_FALSE(next_sure(as_bytes(magics), 0).has_value());
  const std::string whole = around + kinds[0];
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const std::vector<char> exact(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
    const ByteView view = as_bytes(std::string_view(exact.data(), exact.size()));
    CHECK(next_sure(view, 0).has_value() == (n >= around.size() + 80));
  }
}

TEST_CASE("embedded: a zip and a disk image anywhere, and not what only has their marks") {
  const std::string around = noise(201);
  const std::string archive = zip({{.name = "run.sh", .body = "text"}});
  const std::string disk = std::string("\1CD001\1\0", 8) + std::string(64, ' ') +
                           std::string(56, '\0') + std::string("\0\x08\x08\0", 4);
  CHECK(format_of(disk) == "iso9660");
  for (const std::string& one : {archive, disk}) {
    const std::string bytes = around + one + around;
    CHECK(next_sure(as_bytes(bytes), 0) == around.size());
    CHECK_FALSE(next_sure(as_bytes(bytes), around.size() + 1).has_value());
    std::string broken = one;
    broken[8] = '\x1f';  // a method, or a name, that is none
    CHECK_FALSE(next_sure(as_bytes(around + broken + around), 0).has_value());
  }
  CHECK_FALSE(next_sure(as_bytes(around + "PK\3\4" + around + "CD001"), 0).has_value());
}

TEST_CASE("embedded: archives that are not read, when their headers are right") {
  const std::string around = noise(203);
  const auto sum = [](const std::string& text) { return little(crc32_of(text)); };
  const std::string seven = little(std::uint64_t{100}) + little(std::uint64_t{20}) + "abcd";
  // A header of 11 bytes behind its sum and size; one of 13 bytes, its sum among them.
  const std::string rar5 = "\x0b" + std::string("\1\5\0\0\0\0\0\0\0\0", 11);
  const std::string rar4 = std::string("\x73\0\0\x0d\0\0\0\0\0\0\0", 11);
  const std::string cab = std::string("MSCF\0\0\0\0", 8) + little(std::uint32_t{500}) +
                          std::string(4, '\0') + little(std::uint32_t{60}) + std::string(4, '\0') +
                          std::string("\3\1\1\0\1\0", 6) + std::string(30, '\0');
  const std::vector<std::pair<std::string, std::string>> kinds = {
      {"7z", "7z\xbc\xaf\x27\x1c" + std::string("\0\4", 2) + sum(seven) + seven},
      {"rar", std::string("Rar!\x1a\7\1\0", 8) + sum(rar5) + rar5},
      {"rar", std::string("Rar!\x1a\7\0", 7) + sum(rar4).substr(0, 2) + rar4},
      {"cab", cab},
      {"nsis", std::string(4, '\0') + "\xef\xbe\xad\xdeNullsoftInst" +
                   little(std::uint64_t{0x1000} << 32 | 500)}};
  for (const auto& kind : kinds) {
    const std::string& name = kind.first;
    const std::string& one = kind.second;
    CAPTURE(name);
    const std::string bytes = around + one + around;
    CHECK(format_of(bytes.substr(around.size())) == name);
    CHECK(next_sure(as_bytes(bytes), 0) == around.size());
    // Whoever reads them has the magic.
    std::string broken = one;
    broken.replace(8, broken.size() - 8, std::string(broken.size() - 8, '\x11'));
    CHECK_FALSE(next_sure(as_bytes(around + broken + around), 0).has_value());
    for (std::size_t n = 0; n < one.size(); ++n) {
      next_sure(as_bytes(bytes).first(around.size() + n), 0);
    }
  }
  CHECK(format_of("zlb\x1a" + around) == "inno-setup");
}

TEST_CASE("embedded: streams that may be compressed are found, and are not sure") {
  const std::string around = noise(200);
  for (const std::string& one : {gzip("text"), xz("text"), zstd("text"), bzip2("text")}) {
    const std::string bytes = around + one + around;
    CHECK(unpack::find_embedded(as_bytes(bytes), 0) == around.size());
    CHECK_FALSE(unpack::is_sure(as_bytes(one)));
  }
}
