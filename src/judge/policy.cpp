#include "judge/policy.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <vector>

#include "base/digest.h"
#include "base/json.h"
#include "base/printable.h"
#include "judge/judge.h"

namespace minescan::judge {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20;
// yaml-cpp recurses; a policy nests three deep.
constexpr std::size_t kMostNesting = 16;

std::string at_line(const std::string& name, const YAML::Mark& mark) {
  return name + ":" + std::to_string(mark.line + 1);
}

bool is_day(const std::string& text) {
  if (text.size() != 10) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 4 || i == 7;
    if (dash ? text[i] != '-' : (text[i] < '0' || text[i] > '9')) return false;
  }
  return text.substr(5, 2) >= "01" && text.substr(5, 2) <= "12" && text.substr(8) >= "01" &&
         text.substr(8) <= "31";
}

// The same day of the next year; days are compared as texts.
std::string year_after(const std::string& day) {
  return std::to_string(std::stoi(day.substr(0, 4)) + 1) + day.substr(4);
}

std::optional<std::string> wrong_day(const std::string& expires, const std::string& today) {
  if (!is_day(expires)) return "expires is no day like 2027-03-01";
  if (is_day(today) && expires > year_after(today)) {
    return "expires is more than a year ahead; name a day until " + year_after(today);
  }
  return std::nullopt;
}

// Brackets and indentation as a bound on nesting, before the parser sees it.
bool nests_too_deep(std::string_view text) {
  std::size_t open = 0;
  for (const char c : text) {
    if (c == '[' || c == '{') ++open;
    if (c == ']' || c == '}') open -= open > 0 ? 1 : 0;
    if (open > kMostNesting) return true;
  }
  return false;
}

// Hears a document and keeps nothing of it.
class Unheard final : public YAML::EventHandler {
 public:
  using Mark = YAML::Mark;
  using Anchor = YAML::anchor_t;
  using Style = YAML::EmitterStyle::value;
  void OnDocumentStart(const Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const Mark& /*mark*/, Anchor /*anchor*/) override {}
  void OnAlias(const Mark& /*mark*/, Anchor /*anchor*/) override {}
  void OnScalar(const Mark& /*mark*/, const std::string& /*tag*/, Anchor /*anchor*/,
                const std::string& /*value*/) override {}
  void OnSequenceStart(const Mark& /*mark*/, const std::string& /*tag*/, Anchor /*anchor*/,
                       Style /*style*/) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const Mark& /*mark*/, const std::string& /*tag*/, Anchor /*anchor*/,
                  Style /*style*/) override {}
  void OnMapEnd() override {}
};

// Not by YAML::LoadAll: where a text is broken ("," is enough), yaml-cpp finds empty documents
// without end, and that keeps them all.
bool has_several_documents(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  Unheard unheard;
  return parser.HandleNextDocument(unheard) && parser.HandleNextDocument(unheard);
}

// A text of an entry of a list.
struct Field {
  std::string key;
  std::string* value = nullptr;
  bool needed = true;
};

// Reads an entry of `list` into its fields; each may be there once, and no other.
Result<void> read_fields(const std::string& where, const std::string& list, const YAML::Node& node,
                         const std::vector<Field>& fields) {
  std::string keys;
  for (const Field& field : fields) keys += (keys.empty() ? "" : ", ") + field.key;
  const auto reject = [&](const std::string& what) {
    return fail(Code::usage, where + ": " + what);
  };
  if (!node.IsMap()) return reject("an entry of '" + list + "' is a map with the keys " + keys);
  std::set<std::string> seen;
  for (const auto& item : node) {
    if (!item.first.IsScalar() || !item.second.IsScalar()) return reject("values must be texts");
    const std::string& key = item.first.Scalar();
    const auto field = std::find_if(fields.begin(), fields.end(),
                                    [&](const Field& one) { return one.key == key; });
    if (field == fields.end()) return reject("unknown key '" + key + "'; the keys are " + keys);
    if (!seen.insert(key).second) return reject("'" + key + "' is there twice");
    *field->value = item.second.Scalar();
  }
  for (const Field& field : fields) {
    if (field.needed && field.value->empty()) return reject("'" + field.key + "' is missing");
  }
  return {};
}

Result<Ignored> parse_entry(const std::string& name, const YAML::Node& node,
                            const std::string& today) {
  const std::string where = at_line(name, node.Mark());
  Ignored entry;
  entry.line = static_cast<std::uint32_t>(node.Mark().line + 1);
  MINESCAN_TRY(read_fields(where, "ignore", node,
                           {{"rule", &entry.rule},
                            {"path", &entry.path},
                            {"package", &entry.package, false},
                            {"sha256", &entry.digest},
                            {"reason", &entry.reason},
                            {"expires", &entry.expires}}));
  if (!entry.digest.starts_with("sha256:")) entry.digest.insert(0, "sha256:");
  if (!is_digest(entry.digest)) {
    return fail(Code::usage, where + ": sha256 is no digest of 64 hex digits");
  }
  if (auto wrong = wrong_day(entry.expires, today)) return fail(Code::usage, where + ": " + *wrong);
  return entry;
}

Result<GapReason> parse_reason(const std::string& name) {
  if (const auto reason = gap_by_name(name)) return *reason;
  std::string list;
  for (const std::string_view known : gap_names()) {
    list += (list.empty() ? "" : ", ") + std::string(known);
  }
  return fail(Code::usage,
              "'" + printable(name, 60) + "' is no kind of gap; the kinds are " + list);
}

Result<AcceptedGap> parse_gap_entry(const std::string& name, const YAML::Node& node,
                                    const std::string& today) {
  const std::string where = at_line(name, node.Mark());
  AcceptedGap entry;
  std::string kind, reason;
  MINESCAN_TRY(read_fields(where, "accept-gaps", node,
                           {{"gap", &kind},
                            {"path", &entry.path, false},
                            {"reason", &reason},
                            {"expires", &entry.expires}}));
  const auto known = parse_reason(kind);
  if (!known) return fail(Code::usage, where + ": " + known.error().what);
  entry.reason = *known;
  if (auto wrong = wrong_day(entry.expires, today)) return fail(Code::usage, where + ": " + *wrong);
  entry.by = where + ": " + reason;
  return entry;
}

Result<PolicyFile> parse_root(const std::string& name, const YAML::Node& root,
                              const std::string& today) {
  PolicyFile policy;
  policy.name = name;
  if (root.IsNull()) return policy;
  std::set<std::string> keys;
  if (!root.IsMap())
    return fail(
        Code::usage,
        name + ":1: a configuration is a map with fail-on, baseline, ignore and accept-gaps");
  for (const auto& item : root) {
    const std::string where = at_line(name, item.first.Mark());
    const std::string key = item.first.IsScalar() ? item.first.Scalar() : "";
    if (!keys.insert(key).second)
      return fail(Code::usage, where + ": '" + key + "' is there twice");
    if (key == "fail-on") {
      const std::string level = item.second.IsScalar() ? item.second.Scalar() : "";
      if (level != "error" && level != "warning" && level != "note") {
        return fail(Code::usage, where + ": fail-on is error, warning or note");
      }
      policy.fail_on = level == "note"      ? Level::note
                       : level == "warning" ? Level::warning
                                            : Level::error;
    } else if (key == "baseline") {
      if (!item.second.IsScalar())
        return fail(Code::usage, where + ": baseline is the path of a JSON report");
      policy.baseline = item.second.Scalar();
    } else if (key == "ignore") {
      if (!item.second.IsSequence()) return fail(Code::usage, where + ": ignore is a list");
      for (const YAML::Node& node : item.second) {
        MINESCAN_TRY_ASSIGN(Ignored entry, parse_entry(name, node, today));
        policy.ignored.push_back(std::move(entry));
      }
    } else if (key == "accept-gaps") {
      if (!item.second.IsSequence()) return fail(Code::usage, where + ": accept-gaps is a list");
      for (const YAML::Node& node : item.second) {
        MINESCAN_TRY_ASSIGN(AcceptedGap entry, parse_gap_entry(name, node, today));
        policy.accepted.push_back(std::move(entry));
      }
    } else {
      return fail(Code::usage, where + ": unknown key '" + key +
                                   "'; the keys are fail-on, baseline, ignore and accept-gaps");
    }
  }
  return policy;
}

// The members on the way, joined as people write them.
std::string member_path(const Trail& trail, bool strip) {
  std::string path;
  bool first = true;
  for (const Step& step : trail.steps) {
    if (step.kind != Step::Kind::member) continue;
    std::string_view name = step.name;
    while (name.starts_with("./")) name.remove_prefix(2);
    if (first && strip) {
      const auto slash = name.find('/');
      if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
    }
    if (!first) path += '!';
    path += name;
    first = false;
  }
  return path;
}

// '*' stands for any bytes, '?' for one.  Goes back to the last '*' only, which is enough, so that
// no text makes it slow.
bool fits(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0;
  std::size_t star = std::string_view::npos, tried = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      tried = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++tried;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool accepts(const AcceptedGap& entry, const Gap& gap) {
  if (entry.reason != gap.reason) return false;
  if (entry.path.empty()) return true;
  const std::string path = member_path(gap.trail, false);
  if (!path.empty()) return fits(entry.path, path);
  return !gap.trail.steps.empty() && fits(entry.path, gap.trail.steps.front().name);
}

bool names(const Ignored& entry, const Finding& finding) {
  if (finding.rule->id != entry.rule || finding.digest != entry.digest) return false;
  if (!entry.package.empty() && entry.package != finding.package) return false;
  return entry.path == member_path(finding.trail, false) || entry.path == finding.path;
}

}  // namespace

Result<PolicyFile> parse_policy(const std::string& name, ByteView text, const std::string& today) {
  if (text.size() > kMostBytes || nests_too_deep(as_text(text))) {
    return fail(Code::usage, name + ": too large or too deeply nested for a configuration");
  }
  try {
    const std::string yaml(as_text(text));
    if (has_several_documents(yaml)) {
      return fail(Code::usage, name + ": a configuration is one YAML document, and this has more");
    }
    return parse_root(name, YAML::Load(yaml), today);
  } catch (const YAML::Exception& e) {
    return fail(Code::usage, at_line(name, e.mark) + ": " + e.msg);
  }
}

void apply_ignored(const PolicyFile& policy, const std::string& today, Report& report) {
  for (const Ignored& entry : policy.ignored) {
    const std::string what = policy.name + ":" + std::to_string(entry.line) + ": the entry for " +
                             entry.rule + " in " + entry.path;
    const bool expired = entry.expires < today;
    bool used = false;
    for (Finding& finding : report.findings) {
      if (!names(entry, finding)) continue;
      used = true;
      if (!expired && !finding.suppressed) finding.suppressed = {"ignored", entry.reason};
    }
    if (expired) {
      report.policy_notes.push_back(what + " ended on " + entry.expires + " and no longer counts");
    } else if (!used) {
      report.policy_notes.push_back(what + " names nothing that was found; remove it");
    }
  }
}

Result<AcceptedGap> parse_accepted_gap(const std::string& text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  MINESCAN_TRY_ASSIGN(const GapReason reason, parse_reason(text.substr(0, colon)));
  if (colon + 1 == text.size()) {
    return fail(Code::usage, "'" + printable(text, 60) + "' has no path behind its colon");
  }
  return AcceptedGap{.reason = reason,
                     .path = colon == text.size() ? "" : text.substr(colon + 1),
                     .by = "--accept-gap " + text,
                     .expires = {}};
}

void accept_gaps(const std::vector<AcceptedGap>& accepted, const std::string& today,
                 Report& report) {
  for (const AcceptedGap& entry : accepted) {
    const bool expired = !entry.expires.empty() && entry.expires < today;
    bool used = false;
    for (Gap& gap : report.coverage.gaps) {
      if (!accepts(entry, gap)) continue;
      used = true;
      if (!expired && is_open(gap)) gap.accepted = entry.by;
    }
    if (expired) {
      report.policy_notes.push_back(entry.by + " (" + std::string(gap_name(entry.reason)) +
                                    ") ended on " + entry.expires + " and no longer counts");
    } else if (!used) {
      report.policy_notes.push_back(entry.by + " (" + std::string(gap_name(entry.reason)) +
                                    ") fits no gap of this scan; remove it");
    }
  }
  report.coverage.complete = is_complete(report.coverage.gaps, !report.failures.empty());
}

std::string finding_key(const Finding& finding, bool strip) {
  std::set<std::string> evidence;
  for (const Evidence& one : finding.evidence) {
    std::string text = one.indicator;
    for (const auto& [name, value] : one.captures) text += "\x1f" + name + "=" + value;
    evidence.insert(std::move(text));
  }
  // A text may be edited around what was found; a program is what its bytes are.
  const bool text =
      std::all_of(finding.evidence.begin(), finding.evidence.end(), [](const Evidence& one) {
        return one.view != ViewKind::executable && one.view != ViewKind::binary &&
               one.view != ViewKind::code && one.view != ViewKind::gpu_code;
      });
  if (!text) evidence.insert("\x1f" + finding.digest);
  std::string key = finding.rule->id + "\x1e" + std::string(level_name(finding.level)) + "\x1e" +
                    member_path(finding.trail, strip);
  for (const std::string& one : evidence) key += "\x1e" + one;
  return key;
}

void apply_baseline(const Baseline& baseline, Report& report) {
  for (Finding& finding : report.findings) {
    if (finding.suppressed) continue;
    const bool known = std::binary_search(baseline.ids.begin(), baseline.ids.end(),
                                          finding.id + " " + finding.digest) ||
                       std::binary_search(baseline.keys.begin(), baseline.keys.end(),
                                          finding_key(finding, baseline.strip));
    if (known) finding.suppressed = {"baseline", baseline.reason};
  }
}

Result<std::vector<std::string>> ids_in_report(const std::string& name, ByteView text) {
  const auto json = parse_json(text, {.bytes = std::size_t{256} << 20, .depth = 64});
  if (!json) return fail(Code::usage, name + " is no JSON report: " + json.error().what);
  const auto findings = json->find("findings");
  if (!json->is_object() || findings == json->end() || !findings->is_array()) {
    return fail(Code::usage, name + " is no JSON report of minescan; write one with -o json=FILE");
  }
  std::vector<std::string> ids;
  for (const Json& finding : *findings) {
    std::string id = json_string(finding, "id");
    if (!id.empty()) ids.push_back(id + " " + json_string(finding, "digest"));
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace minescan::judge
