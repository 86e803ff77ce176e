#include "report/location.h"

#include <algorithm>

#include "report/encode.h"
#include "report/words.h"

namespace minescan::report {
namespace {

// Where lines of the evidence are lines of the finding's file: it was seen in the file itself, not
// in something unpacked or decoded from it.
bool lines_are_the_files(const Evidence& evidence) {
  if (evidence.line == 0) return false;
  auto steps = evidence.trail.steps;
  // What a change says of a line is said in a view of its own.
  if (evidence.view == ViewKind::change && !steps.empty()) steps.pop_back();
  const auto member = std::find_if(
      steps.begin(), steps.end(), [](const Step& step) { return step.kind == Step::Kind::member; });
  return member == steps.end() ? steps.size() == 1 : member + 1 == steps.end();
}

std::string join(const std::string& folder, const std::string& path) {
  if (folder.empty() || path.empty()) return folder + path;
  return folder + "/" + path;
}

// The path in the artifact, or a word for what has none.
std::string inner_path(const Finding& finding) {
  if (!finding.path.empty()) return finding.path;
  if (finding.places.empty()) return {};
  return finding.places.front().layer_digest.empty() ? "image-config" : "layer";
}

// Of a tree inside the repository its path there; of an absolute path nothing is known.
std::string tree_folder(const Artifact& artifact) {
  return artifact.name.starts_with('/') ? std::string() : artifact.stable_name();
}

// What stands before the path of a file.
std::string made_up_folder(const Artifact& artifact, const Finding& finding) {
  // A file of a package that was fetched for a lockfile's line; of others the artifact has the
  // file.
  if (!finding.package.empty() && !finding.lockfile.empty() && finding.lockfile != finding.path) {
    std::string name = package_text(finding.package);
    if (const auto colon = name.find(':'); colon != std::string::npos) name[colon] = '/';
    return name;
  }
  switch (artifact.kind) {
    case Artifact::Kind::image:
      return slug(artifact.stable_name());
    case Artifact::Kind::package:
      return artifact.stable_name();
    case Artifact::Kind::tree:
      return finding.path.empty() ? artifact.stable_name() : tree_folder(artifact);
  }
  return {};
}

}  // namespace

std::string relative_path(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (part.empty() || part == "." || part == "..") continue;
    if (!out.empty()) out += '/';
    out += part;
  }
  return out;
}

Region region_of(const Finding& finding) {
  if (finding.evidence.empty() || !lines_are_the_files(finding.evidence.front())) return {};
  const Evidence& evidence = finding.evidence.front();
  Region region;
  region.line = evidence.line;
  region.column = std::max<std::uint32_t>(evidence.column, 1);
  // A match over several lines is marked at its start: where its last line ends is not known here.
  const bool one_line = evidence.excerpt.find('\n') == std::string::npos;
  region.end_column = region.column + (one_line ? evidence.length : 1);
  return region;
}

Location repository_location(const Report& report, const Finding& finding, const Style& style) {
  const Artifact& artifact = report.artifact;
  if (!finding.lockfile.empty()) {
    Location location{relative_path(join(tree_folder(artifact), finding.lockfile)), {}};
    location.region.line = std::max<std::uint32_t>(finding.lockfile_line, 1);
    return location;
  }
  switch (artifact.kind) {
    case Artifact::Kind::image:
      return {relative_path(style.sarif_location), {}};
    case Artifact::Kind::package:
      return {};
    case Artifact::Kind::tree:
      return {relative_path(join(tree_folder(artifact), finding.path)), region_of(finding)};
  }
  return {};
}

Location shown_location(const Report& report, const Finding& finding, const Style& style) {
  Location location = repository_location(report, finding, style);
  if (!location.path.empty()) return location;
  location.path =
      relative_path(join(made_up_folder(report.artifact, finding), inner_path(finding)));
  location.region = region_of(finding);
  if (location.path.empty()) location.path = artifact_kind_name(report.artifact.kind);
  return location;
}

std::string own_uri(const Artifact& artifact, const Finding& finding) {
  const std::string uri =
      join(uri_path(made_up_folder(artifact, finding)), uri_path(inner_path(finding)));
  return uri.empty() ? std::string(artifact_kind_name(artifact.kind)) : uri;
}

}  // namespace minescan::report
