#pragma once
// The files of a Python package, as an index lists them: the simple API in JSON (PEP 691) and HTML
// (PEP 503).  Pure; fuzzed.  Tested by simple_page_test.cpp.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "model/dependency.h"
#include "model/task.h"

namespace minescan::acquire {

struct SimpleFile {
  std::string name;  // "demo-1.0-py3-none-any.whl"
  std::string url;   // may be relative to the page's, or to `base`
  std::vector<Integrity> integrity;
  std::uint64_t size = 0;  // 0 = unknown
  bool yanked = false;
  std::string yank_reason;
};

struct SimplePage {
  std::string base;  // HTML's <base href>; "" = the page's own URL
  std::vector<SimpleFile> files;
};

// By Content-Type, and by the first byte when that says nothing.  Code::corrupt; Code::unsupported
// for another major version of the API; Code::limit_entries above 200,000 files.
Result<SimplePage> parse_simple_page(std::string_view content_type, std::string_view body);

// The same by a runner, or here when there is none: what comes back is checked for what a page of
// this size cannot say.  Further errors are the runner's.
Result<SimplePage> read_simple_page(TaskRunner* runner, std::string_view content_type,
                                    std::string_view body);
// The worker's side of it.
std::string simple_page_task(ByteView input);
std::string simple_page_bytes(const Result<SimplePage>& page);
std::optional<Result<SimplePage>> simple_page_from_bytes(ByteView bytes, std::size_t body_size);

// The version of a file of the package (its normalised name): of wheels, eggs and source archives.
// "" when the name does not say.
std::string version_of_file(std::string_view file, std::string_view package);

// Whether a file belongs to a release: its version is equal, or its name, which says none, begins
// with the package and the version.
bool is_of_release(std::string_view file, std::string_view package, std::string_view version);

}  // namespace minescan::acquire
