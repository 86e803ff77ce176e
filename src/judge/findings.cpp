#include "judge/findings.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "base/digest.h"
#include "judge/layers.h"
#include "judge/mask.h"

namespace minescan::judge {
namespace {

std::string layer_text(std::size_t index, std::size_t count) {
  return "layer " + std::to_string(index + 1) + " of " + std::to_string(count);
}

// A command is shown with every finding of its layer, so that one of megabytes would be there
// thousands of times; the artifact has it whole.
constexpr std::size_t kCommandShown = 1024;

std::string command_text(const std::string& command) {
  std::string text = masked(std::string_view(command).substr(0, kCommandShown));
  if (command.size() > kCommandShown) text += "…";
  return text;
}

// --- ids

// The members on the way to a file; what a file is called whatever layer or decoder it came by.
std::string member_path(const Trail& file, std::string_view separator) {
  std::string path;
  for (const Step& step : file.steps) {
    if (step.kind != Step::Kind::member) continue;
    if (!path.empty()) path += separator;
    path += clean_path(step.name);
  }
  return path;
}

std::string stable_id(const Artifact& artifact, const Hit& hit) {
  std::string path = member_path(hit.file, std::string_view("\0", 1));
  if (path.empty()) path = unit_kind_name(artifact.units[hit.unit].kind);
  const std::string name = artifact.stable_name();
  // A lockfile has many packages, and other lines when one is added.
  std::string package;
  for (const Evidence* evidence : hit.evidence) {
    const auto found = evidence->captures.find("package");
    if (evidence->view == ViewKind::change && found != evidence->captures.end()) {
      package = found->second;
    }
  }
  Hasher hasher;
  for (const std::string_view part :
       {std::string_view(hit.rule->id), artifact_kind_name(artifact.kind), std::string_view(name),
        std::string_view(path), std::string_view(hit.rule->family)}) {
    // With its length, so that no two lists of parts are one text.
    hasher.update(as_bytes(std::to_string(part.size()) + ":"));
    hasher.update(as_bytes(part));
  }
  if (!package.empty()) hasher.update(as_bytes(package));
  return hasher.finish().substr(std::string_view("sha256:").size(), 16);
}

// Findings of one rule at one path (a file that two layers have) are told apart by their order,
// which knows neither digests nor tags.
void number_repeated_ids(std::vector<Finding>& findings) {
  std::map<std::string, std::size_t> seen;
  for (Finding& finding : findings) {
    const std::size_t number = ++seen[finding.id];
    if (number > 1) finding.id += "-" + std::to_string(number);
  }
}

// --- places

// Where an artifact's images use one unit.
struct Use {
  std::size_t image = 0;
  std::optional<std::size_t> layer;  // none: it is the config
};

std::vector<std::vector<Use>> uses_of_units(const Artifact& artifact) {
  std::vector<std::vector<Use>> uses(artifact.units.size());
  for (std::size_t i = 0; i < artifact.images.size(); ++i) {
    const Image& image = artifact.images[i];
    for (std::size_t layer = 0; layer < image.layers.size(); ++layer) {
      if (image.layers[layer].unit < uses.size()) {
        uses[image.layers[layer].unit].push_back({i, layer});
      }
    }
    if (image.config && *image.config < uses.size()) uses[*image.config].push_back({i, {}});
  }
  return uses;
}

ImagePlace place_of(const Image& image, const Use& use) {
  ImagePlace place;
  place.platform = image.platform.text();
  place.layer_count = image.layers.size();
  if (use.layer) {
    const LayerUse& layer = image.layers[*use.layer];
    place.layer_index = *use.layer;
    place.layer_digest = layer.digest;
    place.command = command_text(layer.command);
  }
  return place;
}

void set_state(ImagePlace& place, const Standing& standing, const Image& image) {
  place.state = standing.state;
  if (standing.state == State::unreachable) {
    place.hidden_by = standing.reason;
  } else if (standing.state != State::present && standing.layer) {
    place.hidden_by = layer_text(*standing.layer, image.layers.size());
    const std::string& command = image.layers[*standing.layer].command;
    if (!command.empty()) place.hidden_by += ": " + command_text(command);
  }
}

class Places {
 public:
  Places(const Artifact& artifact, const std::vector<Record>& records, const std::vector<Hit>& hits)
      : records_(records), places_(hits.size()) {
    const auto uses = uses_of_units(artifact);
    std::vector<std::vector<Asked>> asked(artifact.images.size());
    for (std::size_t i = 0; i < hits.size(); ++i) {
      for (const Use& use : uses[hits[i].unit]) {
        const Image& image = artifact.images[use.image];
        places_[i].push_back(place_of(image, use));
        // Bytes of the layer that are in none of its files have no state.
        if (!use.layer || hits[i].file.top_path().empty()) continue;
        asked[use.image].push_back({question(hits[i], *use.layer), i, places_[i].size() - 1});
      }
    }
    for (std::size_t i = 0; i < asked.size(); ++i) {
      if (!asked[i].empty()) answer(artifact.images[i], asked[i]);
    }
  }

  std::vector<ImagePlace> take(std::size_t hit) { return std::move(places_[hit]); }

 private:
  struct Asked {
    Question question;
    std::size_t hit = 0;
    std::size_t place = 0;
  };

  static Question question(const Hit& hit, std::size_t layer) {
    const bool name_only =
        std::all_of(hit.evidence.begin(), hit.evidence.end(),
                    [](const Evidence* evidence) { return evidence->view == ViewKind::path; });
    return {layer, clean_path(hit.file.top_path()), copy_of(hit.file), name_only};
  }

  void answer(const Image& image, const std::vector<Asked>& asked) {
    static const std::vector<PathEntry> kNoPaths;
    std::vector<const std::vector<PathEntry>*> layers;
    layers.reserve(image.layers.size());
    for (const LayerUse& layer : image.layers) {
      layers.push_back(layer.unit < records_.size() ? &records_[layer.unit].paths : &kNoPaths);
    }
    std::vector<Question> questions;
    questions.reserve(asked.size());
    for (const Asked& one : asked) questions.push_back(one.question);
    const std::vector<Standing> standings = settle(layers, questions);
    for (std::size_t i = 0; i < asked.size(); ++i) {
      set_state(places_[asked[i].hit][asked[i].place], standings[i], image);
    }
  }

  const std::vector<Record>& records_;
  std::vector<std::vector<ImagePlace>> places_;  // by hit
};

// --- the finding

Evidence shown(const Evidence& evidence) {
  Evidence copy = evidence;
  copy.excerpt = masked(copy.excerpt);
  for (auto& [name, value] : copy.captures) value = masked(value);
  return copy;
}

// Digests of whole files, by unit.
class Digests {
 public:
  explicit Digests(const std::vector<Record>& records) : by_unit_(records.size()) {
    for (std::size_t unit = 0; unit < records.size(); ++unit) {
      for (const Content& content : records[unit].contents) {
        by_unit_[unit].emplace(content.trail, content.digest);
      }
    }
  }
  [[nodiscard]] std::string of(const Hit& hit) const {
    if (hit.unit >= by_unit_.size()) return {};
    const auto at = by_unit_[hit.unit].find(hit.file);
    return at == by_unit_[hit.unit].end() ? std::string() : at->second;
  }

 private:
  std::vector<std::map<Trail, std::string>> by_unit_;
};

Finding make_finding(const Artifact& artifact, const Hit& hit, std::vector<ImagePlace> places) {
  Finding finding;
  finding.id = stable_id(artifact, hit);
  finding.rule = hit.rule;
  finding.level =
      hit.context == nullptr ? hit.rule->level : std::min(hit.rule->level, hit.context->to);
  finding.context = hit.context;
  finding.trail = hit.file;
  finding.path = clean_path(hit.file.top_path());
  finding.places = std::move(places);
  if (!finding.places.empty()) {
    // In the order of State: what one platform still shows is there.
    finding.state =
        std::min_element(finding.places.begin(), finding.places.end(),
                         [](const ImagePlace& a, const ImagePlace& b) { return a.state < b.state; })
            ->state;
  }
  for (const Evidence* evidence : hit.evidence) finding.evidence.push_back(shown(*evidence));
  finding.message = sentence(artifact, finding);
  return finding;
}

// --- the sentence

std::string state_clause(const ImagePlace& place) {
  switch (place.state) {
    case State::present:
      return {};
    case State::overwritten:
    case State::deleted:
      // The layer; its command is the report's business.
      return " (" + std::string(state_name(place.state)) + " by " +
             place.hidden_by.substr(0, place.hidden_by.find(':')) + ")";
    case State::unreachable:
      return " (no extraction yields it: " + place.hidden_by + ")";
  }
  return {};
}

std::string layers_clause(const Artifact& artifact, const Finding& finding) {
  const ImagePlace& first = finding.places.front();
  std::string text = layer_text(first.layer_index, first.layer_count) + state_clause(first);
  if (artifact.images.size() > 1) text += " for " + first.platform;
  const std::size_t more = finding.places.size() - 1;
  if (more > 0) {
    text += " and in " + std::to_string(more) + (more == 1 ? " more place" : " more places");
  }
  return text;
}

std::string config_clause(const Artifact& artifact, const Finding& finding) {
  std::string text = "the image configuration";
  const auto& steps = finding.evidence.front().trail.steps;
  if (!steps.empty() && steps.back().kind == Step::Kind::view) {
    text = "'" + steps.back().name + "' of " + text;
  }
  if (artifact.images.size() > 1) text += " for " + finding.places.front().platform;
  return text;
}

}  // namespace

bool worse(const Finding& a, const Finding& b) {
  if (a.level != b.level) return a.level > b.level;
  const auto layer = [](const Finding& finding) {
    return finding.places.empty() ? std::size_t{0} : finding.places.front().layer_index;
  };
  const std::size_t x = layer(a), y = layer(b);
  const Evidence& first = a.evidence.front();
  const Evidence& second = b.evidence.front();
  return std::tie(a.path, a.rule->id, x, first.offset, a.trail) <
         std::tie(b.path, b.rule->id, y, second.offset, b.trail);
}

std::string sentence(const Artifact& artifact, const Finding& finding) {
  std::string text = finding.rule->title;
  while (text.ends_with('.')) text.pop_back();
  text += ", found in ";
  const std::string path = member_path(finding.trail, " › ");
  if (!path.empty()) text += "'" + path + "'";
  if (finding.places.empty()) {
    if (path.empty()) {
      const auto& steps = finding.trail.steps;
      text += "'" + (steps.empty() ? artifact.name : steps.front().name) + "'";
    }
  } else if (finding.places.front().layer_digest.empty()) {
    text += path.empty() ? "" : " of ";
    text += config_clause(artifact, finding);
  } else {
    text += path.empty() ? "" : " of ";
    text += layers_clause(artifact, finding);
  }
  return text + ".";
}

std::vector<Finding> make_findings(const Artifact& artifact, const std::vector<Record>& records,
                                   const std::vector<Hit>& hits) {
  Places places(artifact, records, hits);
  const Digests digests(records);
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    findings.push_back(make_finding(artifact, hits[i], places.take(i)));
    findings.back().digest = digests.of(hits[i]);
  }
  std::sort(findings.begin(), findings.end(), worse);
  number_repeated_ids(findings);
  return findings;
}

}  // namespace minescan::judge
