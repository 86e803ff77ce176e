#include "acquire/local_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <tuple>
#include <utility>

#include "acquire/file_source.h"
#include "acquire/files.h"
#include "acquire/quoted.h"
#include "acquire/verifying_source.h"
#include "model/limits.h"

namespace minescan::acquire {
namespace {

class FileOpener final : public Opener {
 public:
  FileOpener(std::shared_ptr<const Fd> file, std::string path)
      : file_(std::move(file)), path_(std::move(path)) {}

  Result<std::unique_ptr<Source>> open(const Unit& unit) override {
    // Too large for a digest, and to be read to the end.
    if (unit.digest.empty()) return std::make_unique<FileSource>(file_, path_);
    return std::make_unique<VerifyingSource>(std::make_unique<FileSource>(file_, path_),
                                             in_quotes(path_), unit.digest, unit.size,
                                             Code::changed);
  }

 private:
  std::shared_ptr<const Fd> file_;
  std::string path_;
};

using Measured = std::pair<std::string, std::uint64_t>;

// The digest and the size of all that there is.
Result<Measured> measured(const std::shared_ptr<const Fd>& file, const std::string& path) {
  FileSource source(file, path);
  MINESCAN_TRY_ASSIGN(std::string digest, digest_of(source));
  return Measured{std::move(digest), source.position()};
}

std::string base_name(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

}  // namespace

Result<Acquired> local_file(const std::string& path, Artifact::Kind kind) {
  MINESCAN_TRY_ASSIGN(Fd opened, open_named_file(path));
  auto file = std::make_shared<const Fd>(std::move(opened));
  Artifact artifact;
  artifact.kind = kind;
  artifact.name = path;
  artifact.units.push_back({.kind = Unit::Kind::file, .name = base_name(path)});
  Unit& unit = artifact.units.front();
  struct stat info {};
  if (::fstat(file->get(), &info) != 0) return tl::unexpected(system_error(errno, "read", path));
  unit.size = static_cast<std::uint64_t>(info.st_size);
  if (unit.size <= Limits{}.unit_bytes) {
    MINESCAN_TRY_ASSIGN(std::tie(artifact.digest, unit.size), measured(file, path));
    unit.digest = artifact.digest;
  }
  return Acquired{std::move(artifact), std::make_unique<FileOpener>(std::move(file), path)};
}

}  // namespace minescan::acquire
