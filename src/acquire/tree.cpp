// A tree as units of about equal size, so that several workers share it.

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>

#include "acquire/acquire.h"
#include "acquire/files.h"
#include "acquire/local_file.h"
#include "acquire/quoted.h"
#include "acquire/tar_header.h"
#include "acquire/tree_source.h"
#include "model/limits.h"

namespace minescan::acquire {
namespace {

// Large enough that starting a unit costs nothing, small enough to fill several workers.
constexpr std::uint64_t kSliceBytes = std::uint64_t{64} << 20;
constexpr std::size_t kSliceFiles = 4096;

// Files [first, last) of the listing.
struct Slice {
  std::size_t first = 0;
  std::size_t last = 0;
  std::uint64_t size = 2 * kTarBlock;  // of the stream, as far as it can be foretold
};

std::uint64_t stream_size(const Listing& listing, const ListedFile& file) {
  const std::string path = listing.path(file.directory, file.name);
  if (file.link) return tar_symlink_header(path, file.target).size();
  const std::uint64_t size = std::min(file.size, Limits{}.unit_bytes);
  return tar_file_header(path, size).size() + size + tar_padding(size);
}

std::vector<Slice> cut(const Listing& listing) {
  std::vector<Slice> slices;
  for (std::size_t i = 0; i < listing.files.size(); ++i) {
    const std::uint64_t size = stream_size(listing, listing.files[i]);
    const bool full = slices.empty() || slices.back().last - slices.back().first >= kSliceFiles ||
                      slices.back().size + size > kSliceBytes;
    if (full) slices.push_back({.first = i, .last = i});
    slices.back().last = i + 1;
    slices.back().size += size;
  }
  return slices;
}

class TreeOpener final : public Opener {
 public:
  TreeOpener(std::shared_ptr<TreeState> state, std::map<std::string, Slice> slices)
      : state_(std::move(state)), slices_(std::move(slices)) {}

  Result<std::unique_ptr<Source>> open(const Unit& unit) override {
    const auto slice = slices_.find(unit.name);
    if (slice == slices_.end()) {
      return fail(Code::not_found, "the tree has no unit " + in_quotes(unit.name));
    }
    return std::make_unique<TreeSource>(state_, slice->second.first, slice->second.last);
  }

  std::vector<Gap> late_gaps() override {
    const std::lock_guard lock(state_->mutex);
    // A unit that is read again, after its worker died, tells the same again.
    const std::set<Gap> sorted(state_->late_gaps.begin(), state_->late_gaps.end());
    return {sorted.begin(), sorted.end()};
  }

 private:
  std::shared_ptr<TreeState> state_;
  const std::map<std::string, Slice> slices_;
};

}  // namespace

Result<Acquired> tree(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return tl::unexpected(system_error(errno, "open", path));
  if (!S_ISDIR(info.st_mode)) return local_file(path, Artifact::Kind::tree);
  auto state = std::make_shared<TreeState>();
  state->name = path;
  state->root = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY));
  if (!state->root.valid()) return tl::unexpected(system_error(errno, "open", path));
  MINESCAN_TRY_ASSIGN(state->listing, list_tree(state->root, path));
  Artifact artifact;
  artifact.kind = Artifact::Kind::tree;
  artifact.name = path;
  artifact.gaps = std::move(state->listing.gaps);
  if (state->listing.files.empty() && artifact.gaps.empty()) {
    return fail(Code::not_found, in_quotes(path) + " has no files, so there is nothing to scan");
  }
  std::map<std::string, Slice> slices;
  for (const Slice& slice : cut(state->listing)) {
    const std::string name = "files " + std::to_string(slices.size() + 1);
    artifact.units.push_back({.kind = Unit::Kind::tree_slice,
                              .name = name,
                              .size = slice.size,
                              .media_type = "application/x-tar"});
    slices.emplace(name, slice);
  }
  return Acquired{std::move(artifact),
                  std::make_unique<TreeOpener>(std::move(state), std::move(slices))};
}

}  // namespace minescan::acquire
