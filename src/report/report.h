#pragma once
// A Report to text.  One file per format, one encoder per sink; the table is in report.cpp.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/report.h"

namespace minescan::report {

struct Style {
  bool colour = false;   // text only
  bool verbose = false;  // text: every gap and every piece of evidence
  std::string
      sarif_location;  // a path in the repository (usually the Dockerfile) for image findings
  // Times for SARIF's invocation and GitLab's scan, "2026-11-24T09:29:04Z"; "" leaves them out.
  std::string start_time, end_time;
};

struct Format {
  std::string_view name;  // "text", "json", "sarif", …
  std::string (*write)(const Report& report, const Style& style);
};

const Format* format_by_name(std::string_view name);
std::vector<std::string_view> format_names();

// Writes a file whole or not at all: temporary file beside it, fsync, rename.  Refuses a path that
// is a directory, or whose last part is a symbolic link.  "/dev/stdout" style devices and FIFOs are
// written directly.
Result<void> write_file(const std::string& path, std::string_view content);

}  // namespace minescan::report
