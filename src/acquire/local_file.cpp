#include "acquire/local_file.h"

#include "acquire/file_source.h"
#include "acquire/files.h"
#include "acquire/quoted.h"
#include "acquire/verifying_source.h"
#include "base/digest.h"

namespace minescan::acquire {
namespace {

class FileOpener final : public Opener {
 public:
  FileOpener(std::shared_ptr<const Fd> file, std::string path)
      : file_(std::move(file)), path_(std::move(path)) {}

  Result<std::unique_ptr<Source>> open(const Unit& unit) override {
    return std::make_unique<VerifyingSource>(std::make_unique<FileSource>(file_, path_),
                                             in_quotes(path_), unit.digest, unit.size,
                                             Code::changed);
  }

 private:
  std::shared_ptr<const Fd> file_;
  std::string path_;
};

std::string base_name(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

}  // namespace

Result<Acquired> local_file(const std::string& path, Artifact::Kind kind) {
  MINESCAN_TRY_ASSIGN(Fd opened, open_named_file(path));
  auto file = std::make_shared<const Fd>(std::move(opened));
  FileSource source(file, path);
  Hasher hasher;
  while (true) {
    const ByteView bytes = source.peek(1);
    if (bytes.empty()) break;
    hasher.update(bytes);
    source.skip(bytes.size());
  }
  if (const auto fault = source.fault()) return tl::unexpected(*fault);
  Artifact artifact;
  artifact.kind = kind;
  artifact.name = path;
  artifact.digest = hasher.finish();
  artifact.units.push_back({.kind = Unit::Kind::file,
                            .name = base_name(path),
                            .digest = artifact.digest,
                            .size = source.position()});
  return Acquired{std::move(artifact), std::make_unique<FileOpener>(std::move(file), path)};
}

}  // namespace minescan::acquire
