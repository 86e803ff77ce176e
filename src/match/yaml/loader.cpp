#include "match/yaml/loader.h"

#include "match/yaml/indicators.h"
#include "match/yaml/rules.h"
#include "match/yaml/values.h"

namespace minescan::match {
namespace {

using yaml::reject;

constexpr std::size_t kLargestFile = std::size_t{16} << 20;

void load_document(const YAML::Node& document, const std::string& file, Definitions& into) {
  if (document.IsNull()) return;
  if (!document.IsSequence()) {
    reject(document, "the file must be a list of indicators, rules and contexts");
  }
  for (const auto& object : document) {
    if (!object.IsMap()) reject(object, "an indicator, rule or context must be a map of keys");
    if (object["indicator"]) {
      into.indicators.push_back(yaml::indicator_of(object, file));
    } else if (object["rule"]) {
      into.rules.push_back(yaml::rule_of(object, file));
    } else if (object["context"]) {
      into.contexts.push_back(yaml::context_of(object, file));
    } else {
      reject(object, "neither 'indicator' nor 'rule' nor 'context'");
    }
  }
}

}  // namespace

Result<void> load(const SignatureFile& file, Definitions& definitions) {
  if (file.text.size() > kLargestFile) {
    return fail(Code::usage, file.name + ": a signature file may have at most 16 MiB");
  }
  try {
    load_document(YAML::Load(file.text), file.name, definitions);
  } catch (const yaml::Problem& problem) {
    return fail(Code::usage, file.name + ":" + std::to_string(problem.line) + ": " + problem.what);
  } catch (const YAML::Exception& e) {
    return fail(Code::usage,
                file.name + ":" + std::to_string(e.mark.line + 1) + ": not YAML: " + e.msg);
  }
  return {};
}

}  // namespace minescan::match
