#include "acquire/git/objects.h"

#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>
#if __has_include(<git2/sys/errors.h>)
#include <git2/sys/errors.h>  // where later versions declare git_error_set_str
#endif

#include <algorithm>
#include <cstring>
#include <exception>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "acquire/git/handles.h"
#include "acquire/git/ids.h"
#include "acquire/git/loose.h"
#include "acquire/git/pack.h"
#include "acquire/quoted.h"

namespace minescan::acquire {
namespace {

// Packs whose files stay open; a process may have 1,024 files on most systems.
constexpr std::size_t kMostOpen = 256;

struct Closing {
  const Pack& pack;
  const bool close;
  ~Closing() {
    if (close) pack.close();
  }
};

class ObjectFiles {
 public:
  explicit ObjectFiles(std::vector<std::string> directories)
      : directories_(std::move(directories)) {
    list_packs();
  }

  // Packs that came since the last time.
  void list_packs();

  // nullopt when there is no such object anywhere.  An error only when it may be somewhere and
  // cannot be read anywhere.
  Result<std::optional<GitObject>> read(const ObjectId& id) {
    return ask<GitObject>(
        id, [&](const Pack& pack, std::uint64_t offset) { return pack.read(offset, bases_); },
        read_loose);
  }
  Result<std::optional<ObjectHeader>> header(const ObjectId& id) {
    return ask<ObjectHeader>(
        id, [](const Pack& pack, std::uint64_t offset) { return pack.header(offset); },
        loose_header);
  }
  bool has(const ObjectId& id) const;
  // Those whose hexadecimal id begins so, each once.
  Result<std::vector<ObjectId>> begin_with(const std::string& prefix) const;

 private:
  template <class T, class FromPack, class FromFile>
  Result<std::optional<T>> ask(const ObjectId& id, const FromPack& from_pack,
                               const FromFile& from_file) const;

  const std::vector<std::string> directories_;
  std::map<std::string, std::unique_ptr<Pack>> packs_;  // by path; nullptr = its index is damaged
  std::optional<Error> damaged_;                        // the first such index
  DeltaBases bases_;
};

void ObjectFiles::list_packs() {
  for (const std::string& directory : directories_) {
    std::error_code failed;
    std::filesystem::directory_iterator at(directory + "/pack", failed);
    for (const std::filesystem::directory_iterator end; !failed && at != end;
         at.increment(failed)) {
      if (at->path().extension() != ".idx") continue;
      std::string stem = at->path().string();
      stem.resize(stem.size() - std::string_view(".idx").size());
      if (packs_.contains(stem)) continue;
      auto pack = Pack::open(stem);
      if (!pack && !damaged_) damaged_ = pack.error();
      if (pack && packs_.size() > kMostOpen) (*pack)->close();
      packs_.emplace(std::move(stem), pack ? std::move(*pack) : nullptr);
    }
    if (failed && failed != std::errc::no_such_file_or_directory && !damaged_) {
      damaged_ = Error{
          Code::io, "cannot list the packs of " + in_quotes(directory) + ": " + failed.message()};
    }
  }
}

template <class T, class FromPack, class FromFile>
Result<std::optional<T>> ObjectFiles::ask(const ObjectId& id, const FromPack& from_pack,
                                          const FromFile& from_file) const {
  std::optional<Error> wrong = damaged_;
  // What a copy of the object says counts more than an index that nobody knows anything about.
  bool noted = false;
  const auto note = [&](const Error& error) {
    if (!std::exchange(noted, true)) wrong = error;
  };
  for (const auto& [path, pack] : packs_) {
    if (!pack) continue;
    const Closing closing{.pack = *pack, .close = packs_.size() > kMostOpen};
    const auto offset = pack->find(id);
    if (!offset) {
      note(offset.error());
    } else if (*offset) {
      auto object = from_pack(*pack, **offset);
      if (object) return std::optional<T>(std::move(*object));
      note(object.error());
    }
  }
  for (const std::string& directory : directories_) {
    auto object = from_file(directory, id);
    if (object && *object) return std::move(*object);
    if (!object) note(object.error());
  }
  if (wrong) return tl::unexpected(*wrong);
  return std::nullopt;
}

bool ObjectFiles::has(const ObjectId& id) const {
  return std::any_of(packs_.begin(), packs_.end(),
                     [&](const auto& one) {
                       if (!one.second) return false;
                       const Closing closing{.pack = *one.second,
                                             .close = packs_.size() > kMostOpen};
                       const auto offset = one.second->find(id);
                       return offset && *offset;
                     }) ||
         std::any_of(directories_.begin(), directories_.end(),
                     [&](const std::string& directory) { return has_loose(directory, id); });
}

Result<std::vector<ObjectId>> ObjectFiles::begin_with(const std::string& prefix) const {
  std::vector<ObjectId> found;
  for (const auto& [path, pack] : packs_) {
    if (!pack) continue;
    const Closing closing{.pack = *pack, .close = packs_.size() > kMostOpen};
    MINESCAN_TRY(pack->find(prefix, found));
  }
  for (const std::string& directory : directories_) find_loose(directory, prefix, found);
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  if (found.empty() && damaged_) return tl::unexpected(*damaged_);
  return found;
}

// --- as libgit2 asks.  No exception may pass through C.

struct Backend {
  git_odb_backend base{};  // first, so that the one's address is the other's
  std::unique_ptr<ObjectFiles> files;
};

ObjectFiles& files_of(git_odb_backend* backend) {
  return *reinterpret_cast<Backend*>(backend)->files;
}

ObjectId id_of(const git_oid* id) {
  ObjectId made{};
  std::copy(id->id, id->id + made.size(), made.begin());
  return made;
}

// The code that is returned beside it says that it failed; without memory just the words are lost.
void explain(const char* what, int kind = GIT_ERROR_ODB) {
  static_cast<void>(git_error_set_str(kind, what));
}

int say(const Error& error) {
  explain(error.what.c_str());
  return GIT_ERROR;
}

template <class Work>
int answer(const Work& work) noexcept {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    explain("there is no memory for an object", GIT_ERROR_NOMEMORY);
  } catch (const std::exception&) {
    explain("an object cannot be read");
  }
  return GIT_ERROR;
}

int read_object(void** data, std::size_t* size, git_object_t* kind, git_odb_backend* backend,
                const git_oid* id) noexcept {
  return answer([&] {
    const auto object = files_of(backend).read(id_of(id));
    if (!object) return say(object.error());
    if (!*object) return static_cast<int>(GIT_ENOTFOUND);
    const std::string& bytes = (*object)->bytes;
    // With a NUL behind them, as libgit2's own readers give them.
    auto* room = static_cast<char*>(git_odb_backend_data_alloc(backend, bytes.size() + 1));
    if (room == nullptr) return static_cast<int>(GIT_ERROR);
    std::memcpy(room, bytes.c_str(), bytes.size() + 1);
    *data = room;
    *size = bytes.size();
    *kind = static_cast<git_object_t>((*object)->kind);
    return static_cast<int>(GIT_OK);
  });
}

int read_header(std::size_t* size, git_object_t* kind, git_odb_backend* backend,
                const git_oid* id) noexcept {
  return answer([&] {
    const auto header = files_of(backend).header(id_of(id));
    if (!header) return say(header.error());
    if (!*header) return static_cast<int>(GIT_ENOTFOUND);
    *size = static_cast<std::size_t>((*header)->size);
    *kind = static_cast<git_object_t>((*header)->kind);
    return static_cast<int>(GIT_OK);
  });
}

int exists(git_odb_backend* backend, const git_oid* id) noexcept {
  return answer([&] { return files_of(backend).has(id_of(id)) ? 1 : 0; }) == 1 ? 1 : 0;
}

int exists_prefix(git_oid* whole, git_odb_backend* backend, const git_oid* begin,
                  std::size_t digits) noexcept {
  return answer([&] {
    const std::string prefix = hex(id_of(begin)).substr(0, digits);
    // libgit2 asks for four digits at least.
    if (prefix.size() < 2) return static_cast<int>(GIT_EAMBIGUOUS);
    const auto found = files_of(backend).begin_with(prefix);
    if (!found) return say(found.error());
    if (found->empty()) return static_cast<int>(GIT_ENOTFOUND);
    if (found->size() > 1) {
      explain("several objects begin so");
      return static_cast<int>(GIT_EAMBIGUOUS);
    }
    std::copy(found->front().begin(), found->front().end(), whole->id);
    return static_cast<int>(GIT_OK);
  });
}

int read_prefix(git_oid* whole, void** data, std::size_t* size, git_object_t* kind,
                git_odb_backend* backend, const git_oid* begin, std::size_t digits) noexcept {
  git_oid id{};
  if (const int status = exists_prefix(&id, backend, begin, digits); status != GIT_OK) {
    return status;
  }
  *whole = id;
  return read_object(data, size, kind, backend, &id);
}

int refresh(git_odb_backend* backend) noexcept {
  return answer([&] {
    files_of(backend).list_packs();
    return static_cast<int>(GIT_OK);
  });
}

void free_backend(git_odb_backend* backend) noexcept {
  const std::unique_ptr<Backend> freed(reinterpret_cast<Backend*>(backend));
}

}  // namespace

Result<void> read_objects_here(git_repository* repo, std::vector<std::string> directories) {
  auto backend = std::make_unique<Backend>();
  static_cast<void>(git_odb_init_backend(&backend->base, GIT_ODB_BACKEND_VERSION));
  backend->files = std::make_unique<ObjectFiles>(std::move(directories));
  backend->base.read = read_object;
  backend->base.read_prefix = read_prefix;
  backend->base.read_header = read_header;
  backend->base.exists = exists;
  backend->base.exists_prefix = exists_prefix;
  backend->base.refresh = refresh;
  backend->base.free = free_backend;
  git_odb* raw = nullptr;
  if (git_odb_new(&raw) != 0) return fail(Code::io, "cannot read objects: " + git_message());
  const Odb odb(raw);
  if (git_odb_add_backend(raw, &backend->base, 1) != 0) {
    return fail(Code::io, "cannot read objects: " + git_message());
  }
  static_cast<void>(backend.release());  // libgit2's from now on
  if (git_repository_set_odb(repo, raw) != 0) {
    return fail(Code::io, "cannot read objects: " + git_message());
  }
  return {};
}

}  // namespace minescan::acquire
