#include "model/artifact.h"

#include <array>

namespace minescan {
namespace {

std::string_view last_part(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0: the whole path
}

// Removes the transport; true when what is left is a path of this machine.
bool strip_transport(std::string_view& name) {
  static constexpr std::array<std::string_view, 3> kLocal = {
      "oci:", "oci-archive:", "docker-archive:"};
  for (const std::string_view transport : kLocal) {
    if (name.starts_with(transport)) {
      name.remove_prefix(transport.size());
      return true;
    }
  }
  for (const std::string_view transport : {"docker://", "docker-daemon:"}) {
    if (name.starts_with(transport)) name.remove_prefix(transport.size());
  }
  return name.starts_with('/') || name.starts_with("./") || name.starts_with("../");
}

std::string image_name(std::string_view name) {
  if (strip_transport(name)) {
    // What follows the path is a tag or a reference inside the archive.
    const std::size_t colon = name.find(':');
    return std::string(last_part(name.substr(0, colon)));
  }
  name = name.substr(0, name.find('@'));
  const std::size_t colon = name.rfind(':');
  const std::size_t slash = name.rfind('/');
  // A colon before the last slash belongs to the registry's port.
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
    name = name.substr(0, colon);
  }
  return std::string(name);
}

// A package URL without its version.  The '@' of a scope is "%40" in it.
std::string purl_name(std::string_view name) { return std::string(name.substr(0, name.find('@'))); }

}  // namespace

std::string Artifact::stable_name() const {
  if (kind == Kind::image) return image_name(name);
  if (kind == Kind::package && name.starts_with("pkg:")) return purl_name(name);
  std::string_view path = name;
  if (kind == Kind::package || path.starts_with('/')) return std::string(last_part(path));
  while (path.starts_with("./")) path.remove_prefix(2);
  while (path.ends_with('/')) path.remove_suffix(1);
  return path == "." ? std::string() : std::string(path);
}

std::string_view artifact_kind_name(Artifact::Kind kind) {
  switch (kind) {
    case Artifact::Kind::image:
      return "image";
    case Artifact::Kind::package:
      return "package";
    case Artifact::Kind::tree:
      return "tree";
  }
  return "tree";
}

std::string_view unit_kind_name(Unit::Kind kind) {
  switch (kind) {
    case Unit::Kind::layer:
      return "layer";
    case Unit::Kind::image_config:
      return "image_config";
    case Unit::Kind::document:
      return "document";
    case Unit::Kind::file:
      return "file";
    case Unit::Kind::tree_slice:
      return "tree_slice";
  }
  return "file";
}

}  // namespace minescan
