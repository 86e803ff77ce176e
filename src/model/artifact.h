#pragma once
// What is judged as one: an image with all its platforms, a package, a tree.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/gap.h"

namespace minescan {

// What a worker takes.  Equal digests are one unit, however often an artifact names them.
struct Unit {
  enum class Kind { layer, image_config, document, file, tree_slice };
  Kind kind = Kind::file;
  std::string name;  // what trails begin with: "layer sha256:1234…", "config sha256:…", "app.tgz"
  // Promised, in OCI spelling, of packages also "sha384:…", "sha1:…" and "md5:…"; "" when nobody
  // promises one (files, trees).
  std::string digest;
  std::uint64_t size = 0;  // promised; 0 when unknown
  std::string media_type;  // as declared; content decides
};

// One layer at its place in one image.
struct LayerUse {
  std::size_t unit = 0;  // index into Artifact::units
  std::string digest;    // as the manifest says
  std::string diff_id;   // from the config; "" when it has too few
  std::string command;   // the history entry that made it (created_by); "" when unknown
};

struct Platform {
  std::string os, architecture, variant;
  [[nodiscard]] std::string text() const;  // "linux/arm64/v8"; "unknown" when nothing is known
  auto operator<=>(const Platform&) const = default;
};

// One platform of an image.
struct Image {
  std::string digest;  // of its manifest
  Platform platform;
  std::optional<std::size_t> config;  // index into units
  std::vector<LayerUse> layers;       // lowest first
};

struct Artifact {
  enum class Kind { image, package, tree };
  Kind kind = Kind::tree;
  std::string name;    // fully qualified reference, package URL, or path as given
  std::string digest;  // resolved: manifest or index digest, file digest; "" for trees
  std::vector<Unit> units;
  std::vector<Image> images;  // only for images; in the index's order
  std::vector<Gap> gaps;  // what could not become a unit: foreign layers, FIFOs, platforms left out
  std::vector<std::string> notes;  // for people: plain HTTP was used, TLS was not verified …

  // The name as it is in the next build and on the next machine: of a reference the registry and
  // repository without transport, tag and digest; of local files the last part of the path; of a
  // registry's package its package URL without the version.  What finding ids and SARIF categories
  // are made from.
  [[nodiscard]] std::string stable_name() const;
};

std::string_view artifact_kind_name(Artifact::Kind kind);  // "image", "package", "tree"
std::string_view unit_kind_name(Unit::Kind kind);          // "layer", "image_config", …

}  // namespace minescan
