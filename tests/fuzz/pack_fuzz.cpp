// Signature packs as files: nothing is believed that the key did not sign.  The first byte picks:
//   'f'  a whole file
//   'i'  a file whose key and size are put right, so that the signature decides
//   'c'  what to change in a file that is signed: an offset (u16) and what to XOR there, repeated
//   's'  a pack, which is signed: what it was made of
//   'd'  definitions as bytes
//   'e'  examples of one indicator, one rule and one context as bytes
//   'k'  a public key in PEM; 'p' a private one
// The key is a new one in every run.

#include <cstring>
#include <string>

#include "fuzz/expect.h"
#include "match/definitions.h"
#include "match/signed_pack.h"

namespace {

using namespace minescan;
using namespace minescan::match;
using fuzz::expect;

const KeyPair& keys() {
  static const KeyPair kKeys = *make_key_pair();
  return kKeys;
}

const PublicKey& public_key() {
  static const PublicKey kKey = *read_public_key("fuzz.pub", keys().public_pem);
  return kKey;
}

std::string signed_file(std::string_view pack) {
  return *sign_pack(pack, {.name = "fuzz", .version = 1}, "fuzz.key", keys().secret_pem);
}

auto opened(const std::string& file) { return open_signed_pack("fuzz.pack", file, {public_key()}); }

void change(std::string_view changes) {
  static const std::string kFile = signed_file("what is packed");
  std::string file = kFile;
  for (; changes.size() >= 3; changes.remove_prefix(3)) {
    std::uint16_t at = 0;
    std::memcpy(&at, changes.data(), sizeof at);
    char& byte = file[at % file.size()];
    byte = static_cast<char>(byte ^ changes[2]);
  }
  expect(opened(file).has_value() == (file == kFile), "what was changed is refused");
}

void put_right(std::string file) {
  constexpr std::size_t kSize = 8, kKey = 16;
  const std::string id = key_id(public_key());
  if (file.size() < kKey + id.size()) return;
  file.replace(kKey, id.size(), id);
  std::uint64_t size = file.size();
  for (std::size_t i = 0; i < 8; ++i, size >>= 8) file[kSize + i] = static_cast<char>(size & 0xff);
  expect(!opened(file).has_value(), "no signature is guessed");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'f':
      expect(!opened(text).has_value(), "nobody else has the key");
      break;
    case 'i':
      put_right(text);
      break;
    case 'c':
      change(text);
      break;
    case 's': {
      const auto pack = opened(signed_file(text));
      expect(pack.has_value() && as_text(pack->bytes()) == text, "what was signed comes out");
      static_cast<void>(sources_of(*pack));
      break;
    }
    case 'd':
      if (const auto definitions = read_definitions(as_bytes(text))) {
        expect(write_definitions(*definitions) == text, "other bytes than were read");
      }
      break;
    case 'e': {
      Definitions definitions;
      definitions.indicators.resize(1);
      definitions.rules.resize(1);
      definitions.contexts.resize(1);
      if (read_examples(as_bytes(text), definitions)) {
        expect(write_examples(definitions) == text, "other examples than were read");
      }
      break;
    }
    case 'k':
      if (const auto key = read_public_key("k", text)) {
        expect(key_id(*key).size() == 16, "a key has an id");
      }
      break;
    case 'p':
      static_cast<void>(sign_pack("x", {.name = "fuzz", .version = 1}, "k", text));
      break;
    default:
      break;
  }
  return 0;
}
