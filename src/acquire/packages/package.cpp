#include <sys/stat.h>

#include <utility>

#include "acquire/acquire.h"
#include "acquire/local_file.h"
#include "acquire/packages/fetcher.h"
#include "acquire/quoted.h"
#include "model/dependency.h"

namespace minescan::acquire {
namespace {

class SharedOpener final : public Opener {
 public:
  explicit SharedOpener(std::shared_ptr<Opener> opener) : opener_(std::move(opener)) {}
  Result<std::unique_ptr<Source>> open(const Unit& unit) override { return opener_->open(unit); }

 private:
  const std::shared_ptr<Opener> opener_;
};

bool looks_like_package(const std::string& reference) {
  const std::string prefix = reference.substr(0, reference.find(':'));
  return prefix.size() < reference.size() &&
         (prefix == "pkg" || prefix == "crate" || ecosystem_by_name(prefix).has_value());
}

Result<Acquired> fetched(const PackageName& name, const Options& options) {
  MINESCAN_TRY_ASSIGN(auto fetcher, PackageFetcher::create(options));
  const Dependency dependency{
      .ecosystem = name.ecosystem, .name = name.name, .version = name.version};
  MINESCAN_TRY_ASSIGN(Fetched found, fetcher->fetch(dependency));
  Artifact artifact;
  artifact.kind = Artifact::Kind::package;
  artifact.name = purl(name.ecosystem, name.name, found.version);
  artifact.units = std::move(found.units);
  if (artifact.units.size() == 1) artifact.digest = artifact.units.front().digest;
  artifact.notes = fetcher->notes();
  return Acquired{std::move(artifact), std::make_unique<SharedOpener>(fetcher->opener())};
}

}  // namespace

Result<Acquired> package(const std::string& reference, const Options& options) {
  if (const auto name = parse_package_name(reference)) {
    if (reference.starts_with("pkg:") && reference.find('?') != std::string::npos) {
      return fail(Code::usage,
                  in_quotes(reference) +
                      " has qualifiers, which are not read; leave out what follows '?', and name "
                      "another registry with --npm-registry, --pypi-index or --cargo-index");
    }
    return fetched(*name, options);
  }
  struct stat info {};
  if (::stat(reference.c_str(), &info) != 0 && looks_like_package(reference)) {
    return fail(Code::usage, in_quotes(reference) +
                                 " names no package; write npm:NAME@VERSION, pypi:NAME@VERSION or "
                                 "crate:NAME@VERSION");
  }
  return file(reference);
}

Result<Acquired> file(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
    return fail(Code::usage,
                in_quotes(path) + " is a directory, not a package; scan it with 'minescan repo'");
  }
  return local_file(path, Artifact::Kind::package);
}

}  // namespace minescan::acquire
