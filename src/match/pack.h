#pragma once
// Signature packs: definitions with their pattern databases, made by SignatureSet::to_pack() and
// read by SignatureSet::from_pack().  One is inside of the program, compressed so that its patterns
// are not readable as plain strings there (other scanners would flag minescan); others come as
// signed files (signed_pack.h).

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "match/signature_set.h"
#include "model/signature_pack.h"

namespace minescan::match {

struct PublicKey;  // signed_pack.h

// A pack that may be unpacked.  Hyperscan believes its databases as they lie: bytes of anybody else
// would be code of anybody else.  So there are no others than what the program carries and what a
// trusted key signed, and only these two functions make them.
class TrustedPack {
 public:
  [[nodiscard]] ByteView bytes() const { return bytes_; }
  // Nothing for the one inside of the program.
  [[nodiscard]] const std::optional<SignaturePack>& label() const { return label_; }
  // Keeps the bytes; nullptr where they are the program's.
  [[nodiscard]] const std::shared_ptr<const std::string>& owner() const { return owner_; }

 private:
  TrustedPack() = default;
  friend TrustedPack built_in_pack();
  friend Result<TrustedPack> open_signed_pack(const std::string& name, std::string file,
                                              const std::vector<PublicKey>& keys);

  ByteView bytes_;
  std::optional<SignaturePack> label_;
  std::shared_ptr<const std::string> owner_;
};

TrustedPack built_in_pack();

// What a pack in a file was made of, so that another program than the one that made it can compile
// it afresh.
struct PackSources {
  std::string maker;  // pack_maker() of the program that made it
  // Its definitions are the built-in ones and those of the files, else those of the files alone.
  bool with_built_in = false;
  std::vector<SignatureFile> files;
};

// The same for programs whose built-in packs are the same, so that definitions mean the same to
// them and databases are for the same Hyperscan.
std::string pack_maker();

// Code::unsupported when the pack is of another format than this program's.
Result<PackSources> sources_of(const TrustedPack& pack);

}  // namespace minescan::match
