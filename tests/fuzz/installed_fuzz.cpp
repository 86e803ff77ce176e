// What files say about the packages that lie unpacked beside them, and configurations of images:
// bounded, the same every time.  The first line is the file's path; "config" is an image's.

#include <string>

#include "fuzz/expect.h"
#include "inspect/file_type.h"
#include "inspect/image_config.h"
#include "inspect/installed.h"

namespace {

using namespace minescan;
using fuzz::expect;

struct Sink final : inspect::ViewSink {
  std::string shown;
  void on_limit(const std::string& what) override { shown += what; }
  void on_view(ViewKind kind, const Step& step, const inspect::Window& window,
               std::uint64_t offset) override {
    expect(window.from <= window.to && window.to <= window.bytes.size(), "a window is in its view");
    expect(!step.name.empty(), "a view has a name");
    shown += std::string(view_name(kind)) + step.name + std::to_string(offset);
    shown += as_text(window.bytes);
  }
};

std::string image_config(ByteView json) {
  Sink sink;
  static_cast<void>(inspect::image_config(json, sink));
  return sink.shown;
}

bool is_plain(std::string_view text) {
  return text.find_first_of(std::string_view("\0\t\n\r \x7f", 6)) == std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto end = input.find('\n');
  if (end == std::string_view::npos) return 0;
  const std::string_view path = input.substr(0, end);
  const ByteView file = as_bytes(input.substr(end + 1));
  const inspect::FileType type =
      inspect::file_type(file.first(std::min(file.size(), inspect::kTypeBytes)), path);
  expect(!type.name.empty() && type.view <= kLastView, "a file is of some type");
  if (path == "config") {
    expect(image_config(file) == image_config(file), "views are a function of the bytes");
    return 0;
  }
  const auto packages = inspect::described_package(path, file);
  expect(packages.size() <= inspect::kMostFolders, "folders are bounded");
  expect(packages.empty() || inspect::describes_package(path), "only some files describe packages");
  for (const auto& [package, folder] : packages) {
    expect(package.starts_with("pkg:") && is_plain(package), "a package URL is one word");
    expect(!folder.empty() && !folder.ends_with('/'), "a folder has a name");
  }
  return 0;
}
