// Which transport a reference means.

#include <sys/stat.h>
#include <array>
#include <string_view>

#include "acquire/acquire.h"
#include "acquire/archive.h"
#include "acquire/assemble.h"
#include "acquire/daemon.h"
#include "acquire/layout.h"
#include "acquire/quoted.h"
#include "acquire/registry.h"
#include "base/printable.h"

namespace minescan::acquire {
namespace {

constexpr std::array<std::string_view, 2> kOtherTransports = {"containers-storage:", "dir:"};
constexpr std::array<std::string_view, 8> kArchiveEndings = {
    ".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.xz", ".txz", ".tar.bz2", ".tar.lz4"};

struct Place {
  std::string path, tag;
};

bool exists(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0;
}

bool is_directory(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// "PATH[:TAG]" at the first colon, as skopeo does; a path that exists as a whole is taken so.
Place split(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return {text, ""};
  const std::string path = text.substr(0, colon);
  if (!exists(path) && exists(text)) return {text, ""};
  return {path, text.substr(colon + 1)};
}

bool ends_as_archive(const std::string& path) {
  for (const std::string_view ending : kArchiveEndings) {
    if (path.ends_with(ending)) return true;
  }
  return false;
}

// No reference to a registry can be spelled so.
bool is_plainly_path(const std::string& text) {
  return text.starts_with('/') || text.starts_with("./") || text.starts_with("../") ||
         text == "." || text == "..";
}

Result<std::unique_ptr<ImageSource>> open_path(const std::string& path, TaskRunner* tasks) {
  if (is_directory(path)) return open_layout(path, "");
  return open_archive(path, "", tasks);
}

// A reference without a transport.  In a checkout anyone can place a file that is spelled like the
// image to be scanned; it must not be scanned in the image's stead.
Result<std::unique_ptr<ImageSource>> open_bare(const std::string& reference,
                                               const Options& options) {
  if (is_plainly_path(reference)) return open_path(reference, options.tasks);
  const bool directory = is_directory(reference);
  // A mistyped file name must not be asked for at a public registry.
  const std::string file = split(reference).path;
  if (!exists(file) && ends_as_archive(file)) {
    return fail(Code::not_found, "there is no file " + in_quotes(file) + "; write docker://" +
                                     printable(reference) + " if an image in a registry is meant");
  }
  if (!exists(reference) || (directory && !is_layout(reference))) {
    return open_registry(reference, options);
  }
  if (!directory && ends_as_archive(reference)) return open_path(reference, options.tasks);
  const std::string shown = printable(reference);
  return fail(Code::usage, in_quotes(reference) +
                               " is a path here and could also be an image in a " +
                               "registry; write ./" + shown + " or docker://" + shown);
}

Result<std::unique_ptr<ImageSource>> open_source(const std::string& reference,
                                                 const Options& options) {
  if (reference.empty()) return fail(Code::usage, "the name of the image is empty");
  const auto rest = [&](std::string_view prefix) { return reference.substr(prefix.size()); };
  if (reference.starts_with("docker://")) return open_registry(rest("docker://"), options);
  for (const std::string_view prefix : {"oci-archive:", "docker-archive:"}) {
    if (!reference.starts_with(prefix)) continue;
    const Place place = split(rest(prefix));
    return open_archive(place.path, place.tag, options.tasks);
  }
  if (reference.starts_with("oci:")) {
    const Place place = split(rest("oci:"));
    return open_layout(place.path, place.tag);
  }
  for (const std::string_view prefix : kOtherTransports) {
    if (!reference.starts_with(prefix)) continue;
    return fail(Code::unsupported,
                "images in '" + std::string(prefix) +
                    "' are not read; copy them with 'skopeo copy' to oci: or a registry first");
  }
  if (reference.starts_with("docker-daemon:")) {
    return open_daemon(rest("docker-daemon:"), options.tasks);
  }
  return open_bare(reference, options);
}

}  // namespace

Result<Acquired> image(const std::string& reference, const Options& options) {
  MINESCAN_TRY_ASSIGN(auto source, open_source(reference, options));
  return assemble(std::move(source), options);
}

}  // namespace minescan::acquire
