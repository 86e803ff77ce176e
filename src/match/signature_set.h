#pragma once
// All signatures of a run, compiled.  Immutable; shared by every matcher and thread.

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "match/signature.h"
#include "model/signature_pack.h"

namespace minescan::match {

// One YAML file: its name for messages, and its text.
struct SignatureFile {
  std::string name;
  std::string text;
};

// Whether the hits and misses of a pack's signatures are read: only tests of them need these.
enum class Examples { without, with };

class TrustedPack;   // pack.h
struct PackSources;  // pack.h

class SignatureSet {
 public:
  struct Compiled;  // compiled.h; only match/ looks inside

  // Parses, checks and compiles for this processor.  Errors (Code::usage) name file, line and
  // reason.  Together the files must hold at least one indicator and one rule.  `pack`: what they
  // came in.
  static Result<std::shared_ptr<const SignatureSet>> compile(
      const std::vector<SignatureFile>& files, const std::optional<SignaturePack>& pack = {});

  // The same with the signatures of another set before those of the files.
  static Result<std::shared_ptr<const SignatureSet>> extend(
      const SignatureSet& base, const std::vector<SignatureFile>& files,
      const std::optional<SignaturePack>& pack = {});

  // A pack that to_pack() made: no YAML, and no compilation where the processor is one that the
  // pack was made for.  Databases are unpacked at first use.
  static Result<std::shared_ptr<const SignatureSet>> from_pack(
      const TrustedPack& pack, Examples examples = Examples::without);

  // The set with pattern databases for any processor of this architecture; compressed.  `sources`:
  // what it was compiled from, when the pack is to leave this program.  Holds the examples that
  // this set has.
  [[nodiscard]] Result<std::string> to_pack(const PackSources* sources = nullptr) const;

  ~SignatureSet();
  [[nodiscard]] const std::vector<Indicator>& indicators() const { return definitions_.indicators; }
  [[nodiscard]] const std::vector<RuleSource>& rules() const { return definitions_.rules; }
  [[nodiscard]] const std::vector<ContextSource>& contexts() const { return definitions_.contexts; }
  [[nodiscard]] const std::string& digest() const { return digest_; }  // "sha256:…", examples aside
  // Whether a rule may hold of a file in which these indicators were seen: what wider rules rest on
  // may lie elsewhere.
  [[nodiscard]] bool may_hold(const std::set<std::string_view>& seen) const;
  // The file that they, or some of them, came in.
  [[nodiscard]] const std::optional<SignaturePack>& pack() const { return pack_; }
  [[nodiscard]] const Compiled& compiled() const { return *compiled_; }

 private:
  SignatureSet();
  static Result<std::shared_ptr<const SignatureSet>> build(
      Definitions definitions, const std::optional<SignaturePack>& pack);
  // Digest and confirmations, once the definitions stand.  definitions: as bytes.
  Result<void> finish(ByteView definitions);

  Definitions definitions_;
  std::string digest_;
  std::optional<SignaturePack> pack_;
  std::shared_ptr<const std::string> pack_bytes_;  // what databases are unpacked from
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace minescan::match
