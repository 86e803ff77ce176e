#include "match/signed_pack.h"

#include <botan/data_src.h>
#include <botan/ed25519.h>
#include <botan/pkcs8.h>
#include <botan/pubkey.h>
#include <botan/system_rng.h>
#include <botan/x509_key.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "base/digest.h"
#include "base/printable.h"
#include "base/reader.h"

namespace minescan::match {
namespace {

constexpr std::string_view kMagic = "MSNSIGN1";
constexpr std::string_view kAnyFormat = kMagic.substr(0, kMagic.size() - 1);
constexpr std::string_view kBarePack = "MSNPACK";
constexpr std::size_t kSignature = 64;
constexpr std::size_t kKeyId = 16;
constexpr std::size_t kMostName = 64;

const std::uint8_t* octets(ByteView bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

void append_number(std::string& out, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) out += static_cast<char>((value >> (8 * i)) & 0xff);
}

// What stands before the pack.
struct Head {
  std::uint64_t file_size = 0;
  SignaturePack label;
  std::size_t size = 0;
};

// nullopt when the bytes end within it.
std::optional<Head> read_head(ByteView file) {
  Reader reader(file);
  Head head;
  const auto magic = reader.take(kMagic.size());
  const auto size = reader.little<std::uint64_t>();
  const auto key = reader.take(kKeyId);
  const auto version = reader.little<std::uint64_t>();
  const auto made = reader.little<std::uint64_t>();
  const auto name_size = reader.little<std::uint8_t>();
  const auto name = name_size ? reader.take(*name_size) : std::nullopt;
  if (!magic || !size || !key || !version || !made || !name) return std::nullopt;
  head.file_size = *size;
  head.label = {.name = std::string(as_text(*name)),
                .version = *version,
                .made = *made,
                .key = std::string(as_text(*key))};
  head.size = reader.position();
  return head;
}

bool verifies(const PublicKey& key, ByteView message, ByteView signature) {
  const Botan::Ed25519_PublicKey botan_key(octets(key.bytes), key.bytes.size());
  Botan::PK_Verifier verifier(botan_key, "Pure");
  return verifier.verify_message(octets(message), message.size(), octets(signature),
                                 signature.size());
}

std::string ids(const std::vector<PublicKey>& keys) {
  std::string list;
  for (const PublicKey& key : keys) list += (list.empty() ? "" : ", ") + key_id(key);
  return list.empty() ? "none" : list;
}

// The 32 bytes of a key that was read, or Code::usage: it is not of this kind.
Result<PublicKey> public_part(const std::string& file, const Botan::Public_Key& key) {
  const auto* ed25519 = dynamic_cast<const Botan::Ed25519_PublicKey*>(&key);
  PublicKey found;
  if (ed25519 == nullptr || ed25519->get_public_key().size() != found.bytes.size()) {
    return fail(Code::usage, file +
                                 "is of another kind than Ed25519; make one with minescan "
                                 "signatures keygen, or openssl genpkey -algorithm ed25519");
  }
  std::memcpy(found.bytes.data(), ed25519->get_public_key().data(), found.bytes.size());
  return found;
}

}  // namespace

std::string key_id(const PublicKey& key) {
  return sha256(key.bytes).substr(std::strlen("sha256:"), kKeyId);
}

bool is_pack_name(std::string_view name) {
  return !name.empty() && name.size() <= kMostName && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                  c == '-';
         });
}

Result<PublicKey> read_public_key(const std::string& name, std::string_view pem) {
  const std::string file = "the public key '" + printable(name) + "' ";
  if (pem.find("PRIVATE KEY-----") != std::string_view::npos) {
    return fail(Code::usage, file +
                                 "is a private key, which stays with who signs; give the public "
                                 "one (openssl pkey -pubout)");
  }
  try {
    Botan::DataSource_Memory source(octets(as_bytes(pem)), pem.size());
    const std::unique_ptr<Botan::Public_Key> key(Botan::X509::load_key(source));
    return public_part(file, *key);
  } catch (const Botan::Exception&) {
    return fail(Code::usage, file + "is no public key in PEM");
  }
}

Result<std::string> sign_pack(std::string_view pack, const SignaturePack& label,
                              const std::string& key_name, const std::string& secret_pem) {
  const std::string file = "the private key '" + printable(key_name) + "' ";
  if (!is_pack_name(label.name)) {
    return fail(Code::usage, "'" + printable(label.name) +
                                 "' is no name of a pack: at most 64 small letters, digits and . _ "
                                 "- with no dot in front");
  }
  if (label.version == 0) return fail(Code::usage, "versions of packs begin with 1");
  if (secret_pem.find("ENCRYPTED PRIVATE KEY-----") != std::string::npos) {
    return fail(Code::usage,
                file + "is protected by a passphrase; give it without (openssl pkey -in)");
  }
  try {
    Botan::DataSource_Memory source(secret_pem);
    const auto secret = Botan::PKCS8::load_key(source);
    MINESCAN_TRY_ASSIGN(const PublicKey key, public_part(file, *secret));
    const std::size_t head = kMagic.size() + 8 + kKeyId + 8 + 8 + 1 + label.name.size();
    const std::size_t size = head + pack.size() + kSignature;
    if (size > kMostPackFile) return fail(Code::limit_bytes, "the pack has more than 256 MiB");
    std::string out(kMagic);
    append_number(out, size);
    out += key_id(key);
    append_number(out, label.version);
    append_number(out, label.made);
    out += static_cast<char>(label.name.size());
    out += label.name;
    out += pack;
    Botan::PK_Signer signer(*secret, Botan::system_rng(), "Pure");
    const auto signature =
        signer.sign_message(octets(as_bytes(out)), out.size(), Botan::system_rng());
    out.append(reinterpret_cast<const char*>(signature.data()), signature.size());
    return out;
  } catch (const Botan::Exception&) {
    return fail(Code::usage, file + "is no private key in PEM (PKCS #8)");
  }
}

Result<TrustedPack> open_signed_pack(const std::string& name, std::string file,
                                     const std::vector<PublicKey>& keys) {
  const std::string pack = "the signature pack '" + printable(name) + "' ";
  const ByteView bytes = as_bytes(file);
  const std::string_view start = as_text(bytes.first(std::min(bytes.size(), kMagic.size())));
  if (start.starts_with(kBarePack)) {
    return fail(Code::refused,
                pack + "is not signed; make a signed one with minescan signatures build");
  }
  if (!start.starts_with(kAnyFormat.substr(0, start.size())) || start.empty()) {
    return fail(Code::corrupt, "'" + printable(name) +
                                   "' is no signature pack; one is made with minescan signatures "
                                   "build, and *.yaml are given as a directory");
  }
  if (start.size() == kMagic.size() && start != kMagic) {
    return fail(Code::unsupported, pack + "is of format '" + printable(start.substr(7)) +
                                       "' and this minescan reads 1; build it with this one");
  }
  const auto head = read_head(bytes);
  if (!head || bytes.size() < head->file_size || bytes.size() < head->size + kSignature) {
    return fail(Code::truncated, pack + "is cut short: it has " + std::to_string(bytes.size()) +
                                     (head ? " of " + std::to_string(head->file_size) : "") +
                                     " bytes; fetch it again");
  }
  const auto changed = [&] {
    return fail(Code::integrity,
                pack +
                    "was changed after it was signed: its signature does not fit its bytes; "
                    "fetch it again from who signed it");
  };
  const auto key = std::find_if(keys.begin(), keys.end(), [&](const PublicKey& one) {
    return key_id(one) == head->label.key;
  });
  if (key == keys.end()) {
    return fail(Code::refused, pack + "is signed with the key " + printable(head->label.key) +
                                   ", which is not trusted; --signature-key names " + ids(keys));
  }
  try {
    if (bytes.size() != head->file_size ||
        !verifies(*key, bytes.first(bytes.size() - kSignature), bytes.last(kSignature))) {
      return changed();
    }
  } catch (const Botan::Exception&) {
    return changed();
  }
  // From here on all bytes are those that were signed.
  if (!is_pack_name(head->label.name) || head->label.version == 0) {
    return fail(Code::corrupt, pack + "has no name or version");
  }
  TrustedPack trusted;
  trusted.label_ = head->label;
  trusted.owner_ = std::make_shared<const std::string>(std::move(file));
  const ByteView whole = as_bytes(*trusted.owner_);
  trusted.bytes_ = whole.subspan(head->size, whole.size() - head->size - kSignature);
  return trusted;
}

Result<KeyPair> make_key_pair() {
  try {
    const Botan::Ed25519_PrivateKey secret(Botan::system_rng());
    return KeyPair{.secret_pem = Botan::PKCS8::PEM_encode(secret),
                   .public_pem = Botan::X509::PEM_encode(secret)};
  } catch (const Botan::Exception& e) {
    return fail(Code::internal, std::string("a key cannot be made: ") + e.what());
  }
}

}  // namespace minescan::match
