#include "acquire/layout.h"

#include <fcntl.h>

#include <cerrno>

#include "acquire/file_source.h"
#include "acquire/files.h"
#include "acquire/manifest.h"
#include "acquire/oci_index.h"
#include "acquire/quoted.h"
#include "acquire/stored_image.h"
#include "base/printable.h"

namespace minescan::acquire {
namespace {

// Adds the directory to a message about something in it.
Error within(const std::string& directory, const Error& error) {
  Error located{error.code, "in the OCI layout " + in_quotes(directory) + ": " + error.what};
  if (error.code == Code::refused) located.what += "; a link in a layout is not followed";
  return located;
}

class LayoutStore final : public BlobStore {
 public:
  LayoutStore(std::string directory, Fd root)
      : directory_(std::move(directory)), root_(std::move(root)) {}

  Result<std::unique_ptr<Source>> open(const std::string& digest) override {
    const std::size_t colon = digest.find(':');
    auto blobs = open_directory_at(root_.get(), "blobs");
    if (!blobs) return tl::unexpected(within(directory_, blobs.error()));
    auto algorithm = open_directory_at(blobs->get(), digest.substr(0, colon));
    if (!algorithm) return tl::unexpected(within(directory_, algorithm.error()));
    auto file = open_file_at(algorithm->get(), digest.substr(colon + 1));
    if (!file) return tl::unexpected(within(directory_, file.error()));
    return std::make_unique<FileSource>(std::make_shared<const Fd>(std::move(*file)),
                                        "blob " + digest);
  }

  Result<std::string> read(const std::string& name) {
    auto file = open_file_at(root_.get(), name);
    if (!file) return tl::unexpected(within(directory_, file.error()));
    return read_whole(file->get(), name, kMaxDocument);
  }

 private:
  std::string directory_;
  Fd root_;
};

}  // namespace

bool is_layout(const std::string& directory) {
  struct stat info {};
  return ::stat((directory + "/oci-layout").c_str(), &info) == 0;
}

Result<void> check_layout_version(std::string_view bytes, const std::string& where) {
  const auto json = parse_json(as_bytes(bytes), {.bytes = kMaxDocument});
  const std::string version = json ? json_string(*json, "imageLayoutVersion") : std::string();
  if (version == "1.0.0") return {};
  return fail(Code::unsupported, in_quotes(where) + " has the OCI layout version '" +
                                     printable(version, 40) + "', but only 1.0.0 is read");
}

Result<std::unique_ptr<ImageSource>> open_layout(const std::string& directory,
                                                 const std::string& tag) {
  Fd root(::open(directory.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
  if (!root.valid()) return tl::unexpected(system_error(errno, "open", directory));
  auto store = std::make_unique<LayoutStore>(directory, std::move(root));
  const auto version = store->read("oci-layout");
  if (!version && version.error().code == Code::not_found) {
    return fail(Code::usage, in_quotes(directory) +
                                 " is not an OCI layout, since it has no file oci-layout; scan a "
                                 "plain directory with 'minescan repo'");
  }
  if (!version) return tl::unexpected(version.error());
  MINESCAN_TRY(check_layout_version(*version, directory));
  MINESCAN_TRY_ASSIGN(const std::string index, store->read("index.json"));
  const auto body = parse_document({index, "application/vnd.oci.image.index.v1+json", ""});
  if (!body) return tl::unexpected(within(directory, body.error()));
  if (!std::holds_alternative<IndexBody>(*body)) {
    return fail(Code::integrity, "index.json of " + in_quotes(directory) + " is not an index");
  }
  MINESCAN_TRY_ASSIGN(const DescriptorEntry chosen,
                      choose_entry(std::get<IndexBody>(*body), tag, directory));
  std::string name = "oci:" + directory + (tag.empty() ? "" : ":" + tag);
  StoredRoot start{.descriptor = chosen.descriptor, .bytes = chosen.data};
  return std::make_unique<StoredImage>(std::move(name), std::move(start), std::move(store),
                                       unnamed_notes(std::get<IndexBody>(*body), chosen));
}

}  // namespace minescan::acquire
