#pragma once
// Where in the repository a finding is shown.  A file inside an image or a package is no file of
// the repository: its place is the lockfile that names the package, or what the user names.

#include <cstdint>
#include <string>

#include "model/report.h"
#include "report/report.h"

namespace minescan::report {

struct Region {
  std::uint64_t line = 1, column = 1, end_column = 1;  // 1-based
};

// Of the strongest evidence; 1:1 where it has no lines or they are not the file's own, because it
// was seen in something unpacked or decoded from the file.
Region region_of(const Finding& finding);

struct Location {
  std::string path;  // relative, raw bytes, no empty, "." or ".." part
  Region region;
};

// The entry of a lockfile, the file of a tree, or Style::sarif_location for images.  The path is
// "" where there is none of these.
Location repository_location(const Report& report, const Finding& finding, const Style& style);

// The same, but a made-up path where the repository has none: the image's name without tag, or the
// package's, then the path inside it.  Never "".
Location shown_location(const Report& report, const Finding& finding, const Style& style);

// The file that the finding is in, as a relative URI; made up where it is no file of the
// repository.  Never "".
std::string own_uri(const Artifact& artifact, const Finding& finding);

// Drops a leading "/", and empty, "." and ".." parts.
std::string relative_path(std::string_view path);

}  // namespace minescan::report
