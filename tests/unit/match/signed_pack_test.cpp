#include "match/signed_pack.h"

#include <doctest/doctest.h>
#include <zstd.h>

#include <functional>
#include <string>

#include "match/matcher.h"
#include "support/signatures.h"
#include "support/trusted_pack.h"

using namespace minescan;
using namespace minescan::match;

namespace {

const SignaturePack kLabel{.name = "example", .version = 7, .made = 1'700'000'000};

std::string signed_file(const std::string& pack = "what is packed",
                        const SignaturePack& label = kLabel) {
  auto file = sign_pack(pack, label, "test.key", test::test_keys().secret_pem);
  REQUIRE(file.has_value());
  return *file;
}

Result<TrustedPack> open(const std::string& file) {
  return open_signed_pack("p.pack", file, {test::public_key(test::test_keys())});
}

// The pack of the small signatures, with each of its databases, as Hyperscan serialised it,
// changed.
std::string with_databases(const std::function<void(std::string&)>& change) {
  const auto pack = test::small_signatures()->to_pack();
  REQUIRE(pack.has_value());
  constexpr std::size_t kMagic = 8, kRow = 12;  // see pack.cpp
  constexpr std::uint32_t kLastDatabase = 0xff;
  const auto number = [&](std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;)
      value = value << 8 | static_cast<unsigned char>((*pack)[at + i]);
    return value;
  };
  const auto text = [](std::size_t value) {
    std::string four;
    for (int i = 0; i < 4; ++i) four += static_cast<char>(value >> (8 * i) & 0xff);
    return four;
  };
  const auto mask = [](std::string& bytes) {
    for (char& byte : bytes) byte = static_cast<char>(byte ^ 0x5c);
  };
  const std::uint32_t count = number(kMagic);
  std::string head = pack->substr(0, kMagic + 4), body;
  std::size_t at = head.size() + count * kRow;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t row = kMagic + 4 + i * kRow;
    std::string stored = pack->substr(at, number(row + 4));
    at += stored.size();
    if (const std::uint32_t kind = number(row); kind >= 1 && kind <= kLastDatabase) {
      std::string plain(number(row + 8), '\0');
      mask(stored);
      REQUIRE(ZSTD_decompress(plain.data(), plain.size(), stored.data(), stored.size()) ==
              plain.size());
      change(plain);
      stored.resize(ZSTD_compressBound(plain.size()));
      stored.resize(ZSTD_compress(stored.data(), stored.size(), plain.data(), plain.size(), 1));
      mask(stored);
    }
    head += pack->substr(row, 4) + text(stored.size()) + pack->substr(row + 8, 4);
    body += stored;
  }
  return head + body;
}

// How often the marker is found with the pack; why it cannot be looked for.
Result<std::size_t> markers(const std::string& pack) {
  MINESCAN_TRY_ASSIGN(const auto set, SignatureSet::from_pack(test::trusted_pack(pack)));
  MINESCAN_TRY_ASSIGN(const auto matcher, Matcher::create(set));
  std::vector<Match> matches;
  MINESCAN_TRY(matcher->scan(as_bytes("MINESCAN-TEST-MARKER"), ViewKind::script, matches));
  return matches.size();
}

// The code of an error whose sentence names the file and says one of two words.
Code refusal(const Result<TrustedPack>& opened, std::string_view word) {
  REQUIRE_FALSE(opened.has_value());
  INFO(opened.error().what);
  CHECK(opened.error().what.find("'p.pack'") != std::string::npos);
  CHECK(opened.error().what.find(word) != std::string::npos);
  return opened.error().code;
}

}  // namespace

TEST_CASE("signed pack: what was signed comes out, with what it says of itself") {
  const auto opened = open(signed_file());
  REQUIRE(opened.has_value());
  CHECK(as_text(opened->bytes()) == "what is packed");
  REQUIRE(opened->label().has_value());
  CHECK(opened->label()->name == "example");
  CHECK(opened->label()->version == 7);
  CHECK(opened->label()->made == 1'700'000'000);
  CHECK(opened->label()->key == key_id(test::public_key(test::test_keys())));
  CHECK(opened->label()->key.size() == 16);
}

TEST_CASE("signed pack: any byte that is changed is refused") {
  const std::string file = signed_file();
  for (std::size_t i = 0; i < file.size(); ++i) {
    for (const char flip : {'\x01', '\x80'}) {
      std::string other = file;
      other[i] = static_cast<char>(other[i] ^ flip);
      CAPTURE(i);
      CHECK_FALSE(open(other).has_value());
    }
  }
  std::string other = file;
  other[file.size() - 70] ^= 1;  // of the pack
  CHECK(refusal(open(other), "changed") == Code::integrity);
  other = file;
  other.back() = static_cast<char>(other.back() ^ 1);  // of the signature
  CHECK(refusal(open(other), "changed") == Code::integrity);
  other = file;
  other[32] = static_cast<char>(other[32] + 1);  // of the version
  CHECK(refusal(open(other), "changed") == Code::integrity);
}

TEST_CASE("signed pack: whatever is cut off or put behind is refused") {
  const std::string file = signed_file();
  for (std::size_t size = 8; size < file.size(); ++size) {
    CAPTURE(size);
    CHECK(refusal(open(file.substr(0, size)), "cut short") == Code::truncated);
  }
  for (std::size_t size = 0; size < 8; ++size) CHECK_FALSE(open(file.substr(0, size)).has_value());
  CHECK(refusal(open(file + "x"), "changed") == Code::integrity);
  CHECK(refusal(open(file + file), "changed") == Code::integrity);
}

TEST_CASE("signed pack: what another key signed is refused, and both keys are named") {
  const auto other = make_key_pair();
  REQUIRE(other.has_value());
  const PublicKey other_key = test::public_key(*other);
  const auto opened = open_signed_pack("p.pack", signed_file(), {other_key});
  CHECK(refusal(opened, key_id(other_key)) == Code::refused);
  CHECK(refusal(opened, key_id(test::public_key(test::test_keys()))) == Code::refused);
  CHECK(refusal(open_signed_pack("p.pack", signed_file(), {}), "not trusted") == Code::refused);
  // One of several may have signed it: keys are replaced while both are in use.
  CHECK(open_signed_pack("p.pack", signed_file(), {other_key, test::public_key(test::test_keys())})
            .has_value());
}

TEST_CASE("signed pack: a signature of another key under the trusted key's id is refused") {
  const auto other = make_key_pair();
  REQUIRE(other.has_value());
  auto file = sign_pack("what is packed", kLabel, "other.key", other->secret_pem);
  REQUIRE(file.has_value());
  file->replace(16, 16, key_id(test::public_key(test::test_keys())));
  CHECK(refusal(open(*file), "changed") == Code::integrity);
}

TEST_CASE("signed pack: what is not signed, of another format or no pack has its sentence") {
  const auto bare = test::small_signatures()->to_pack();
  REQUIRE(bare.has_value());
  CHECK(refusal(open(*bare), "not signed") == Code::refused);
  std::string newer = signed_file();
  newer[7] = '2';
  CHECK(refusal(open(newer), "format '2'") == Code::unsupported);
  CHECK(refusal(open("- indicator: x\n"), "no signature pack") == Code::corrupt);
  CHECK(refusal(open(""), "no signature pack") == Code::corrupt);
}

TEST_CASE("signed pack: a pack of another format is refused once its signature was verified") {
  auto pack = test::small_signatures()->to_pack();
  REQUIRE(pack.has_value());
  (*pack)[7] = '9';
  const auto set = SignatureSet::from_pack(test::trusted_pack(*pack));
  REQUIRE_FALSE(set.has_value());
  CHECK(set.error().code == Code::unsupported);
}

TEST_CASE("signed pack: signing refuses names that are paths, and version 0") {
  const std::string& secret = test::test_keys().secret_pem;
  for (const std::string name : {"", ".", "..", "a/b", ".hidden", "A", "a b", "a\n"}) {
    CAPTURE(name);
    CHECK_FALSE(sign_pack("x", {.name = name, .version = 1}, "k", secret).has_value());
  }
  const std::string longest(64, 'a');
  CHECK_FALSE(sign_pack("x", {.name = longest + "a", .version = 1}, "k", secret).has_value());
  CHECK(sign_pack("x", {.name = longest, .version = 1}, "k", secret).has_value());
  CHECK_FALSE(sign_pack("x", {.name = "a", .version = 0}, "k", secret).has_value());
}

TEST_CASE(
    "keys: what is no Ed25519 key has a sentence, and a secret is not taken for a public key") {
  // Of P-256, by openssl for this test.
  const std::string other_kind =
      "-----BEGIN PUBLIC KEY-----\n"
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEMHYkY+jFs672vF9lmwoTcEUwva8I\n"
      "SrjIxyz89gsQfJ/NUc4HChKEzz+lCQqUWwX8Wg24nSVw7Vtm6UdNiVmibw==\n"
      "-----END PUBLIC KEY-----\n";
  const auto said = [](const auto& result) {
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == Code::usage);
    return result.error().what;
  };
  CHECK(said(read_public_key("k.pub", other_kind)).find("Ed25519") != std::string::npos);
  CHECK(said(read_public_key("k.pub", "")).find("'k.pub'") != std::string::npos);
  CHECK(said(read_public_key("k.pub", "-----BEGIN PUBLIC KEY-----\nAAAA\n")).find("PEM") !=
        std::string::npos);
  CHECK(said(read_public_key("k.pub", test::test_keys().secret_pem)).find("private key") !=
        std::string::npos);
  CHECK(said(sign_pack("x", kLabel, "k", test::test_keys().public_pem)).find("PEM") !=
        std::string::npos);
  CHECK(said(sign_pack("x", kLabel, "k",
                       "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n"
                       "-----END ENCRYPTED PRIVATE KEY-----\n"))
            .find("passphrase") != std::string::npos);
}

TEST_CASE("signed pack: a set that comes out of a file is the set that went in") {
  PackSources sources{
      .maker = "m", .with_built_in = true, .files = {{"small.yaml", test::kSmallSignatures}}};
  const auto pack = test::small_signatures()->to_pack(&sources);
  REQUIRE(pack.has_value());
  const std::string file = signed_file(*pack);
  CHECK(file.find("MINESCAN-TEST-MARKER") == std::string::npos);
  std::shared_ptr<const SignatureSet> set;
  {
    const auto opened = open(file);
    REQUIRE(opened.has_value());
    const auto back = sources_of(*opened);
    REQUIRE(back.has_value());
    CHECK(back->maker == "m");
    CHECK(back->with_built_in);
    REQUIRE(back->files.size() == 1);
    CHECK(back->files[0].name == "small.yaml");
    CHECK(back->files[0].text == test::kSmallSignatures);
    const auto unpacked = SignatureSet::from_pack(*opened);
    REQUIRE(unpacked.has_value());
    set = *unpacked;
  }
  // The set keeps what its databases are unpacked from.
  CHECK(set->digest() == test::small_signatures()->digest());
  REQUIRE(set->pack().has_value());
  CHECK(set->pack()->version == 7);
  const auto matcher = Matcher::create(set);
  REQUIRE(matcher.has_value());
  std::vector<Match> matches;
  REQUIRE(
      (*matcher)->scan(as_bytes("MINESCAN-TEST-MARKER"), ViewKind::script, matches).has_value());
  CHECK(matches.size() == 1);
}

TEST_CASE("pack: databases of another Hyperscan or processor are compiled afresh") {
  constexpr std::size_t kVersion = 4, kPlatform = 12;  // behind magic, version and length
  for (const std::size_t field : {kVersion, kPlatform}) {
    CAPTURE(field);
    const std::string other = with_databases([&](std::string& database) {
      database[field + 1] = static_cast<char>(database[field + 1] ^ 0x10);
    });
    CHECK(markers(other) == std::size_t{1});
  }
}

TEST_CASE("pack: a database with a flipped bit is not used, though the pack is signed") {
  CHECK(markers(with_databases([](std::string&) {})) == std::size_t{1});
  for (const std::size_t part : {3u, 4u, 5u, 8u}) {
    CAPTURE(part);
    const auto found = markers(with_databases([&](std::string& database) {
      char& byte = database[database.size() / 9 * part];
      byte = static_cast<char>(byte ^ 1);
    }));
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().code == Code::corrupt);
  }
}
