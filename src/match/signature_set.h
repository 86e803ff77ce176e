#pragma once
// All signatures of a run, compiled.  Immutable; shared by every matcher and thread.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "match/signature.h"

namespace minescan::match {

// One YAML file: its name for messages, and its text.
struct SignatureFile {
  std::string name;
  std::string text;
};

class SignatureSet {
 public:
  struct Compiled;  // Hyperscan and RE2; only match/ looks inside

  // Parses, checks and compiles.  Errors name file, line and reason.  All files together must hold
  // at least one indicator and one rule.
  static Result<std::shared_ptr<const SignatureSet>> compile(
      const std::vector<SignatureFile>& files);

  // The pack that the build made from signatures/ (see pack.h): no YAML, no Hyperscan compilation.
  static Result<std::shared_ptr<const SignatureSet>> from_pack(ByteView pack);

  // The set as a pack; from_pack() of it is the same set.
  [[nodiscard]] Result<std::string> to_pack() const;

  ~SignatureSet();
  [[nodiscard]] const std::vector<Indicator>& indicators() const { return indicators_; }
  [[nodiscard]] const std::vector<RuleSource>& rules() const { return rules_; }
  [[nodiscard]] const std::string& digest() const { return digest_; }  // "sha256:…" of the content
  [[nodiscard]] std::uint32_t widest() const { return widest_; }       // bytes
  [[nodiscard]] const Compiled& compiled() const { return *compiled_; }

 private:
  SignatureSet();
  std::vector<Indicator> indicators_;
  std::vector<RuleSource> rules_;
  std::string digest_;
  std::uint32_t widest_ = 0;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace minescan::match
