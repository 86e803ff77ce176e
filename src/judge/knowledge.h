#pragma once
// What judging needs of the signatures: the rules and how much each indicator says.  Made from a
// SignatureSet by judge(); tests make it by hand.

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "judge/judge.h"
#include "match/signature.h"
#include "model/rule.h"
#include "model/signature_pack.h"

namespace minescan::judge {

struct Knowledge {
  std::vector<const Rule*> rules;                              // by id; they outlive the report
  std::vector<const Context*> contexts;                        // they outlive the report
  std::unordered_map<std::string, match::Strength> strengths;  // by indicator id
  std::string digest;                                          // of the signatures
  std::optional<SignaturePack> pack;                           // that they came in

  // supporting when the indicator is not known.
  [[nodiscard]] match::Strength strength(const std::string& indicator) const;
};

// As judge() in judge.h.
Report judge(Artifact artifact, const std::vector<Record>& records, std::vector<Error> failures,
             const Knowledge& knowledge, const Policy& policy);

}  // namespace minescan::judge
