#include "acquire/archive_index.h"

#include <algorithm>
#include <optional>

#include "acquire/file_source.h"
#include "acquire/quoted.h"
#include "acquire/verifying_source.h"
#include "base/digest.h"
#include "unpack/format.h"

namespace minescan::acquire {
namespace {

// An archive of 500 layers and their legacy files has about 2,000.
constexpr std::size_t kMaxMembers = 100'000;
// Names of image archives are made of digests and fixed words.
constexpr std::size_t kMaxName = 4096;
constexpr unsigned kMaxLinks = 8;
constexpr std::size_t kMaxNotes = 5;

std::string directory_of(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string::npos ? std::string() : name.substr(0, slash);
}

class IndexSink final : public unpack::MemberSink {
 public:
  IndexSink(const Source& container, std::string path)
      : container_(container), path_(std::move(path)) {}

  bool on_member(const unpack::Member& member, Source& body) override {
    if (member.kind == unpack::Member::Kind::directory) return true;
    if (++count_ > kMaxMembers) return stop(Code::limit_entries, "has too many members");
    if (member.name.size() > kMaxName) {
      return stop(Code::limit_bytes,
                  "has a member with a name of " + std::to_string(member.name.size()) + " bytes");
    }
    const auto name = clean_name(member.name);
    if (!name) {
      return stop(Code::integrity, "has the member " + in_quotes(member.name, 200) +
                                       ", whose name leaves the archive");
    }
    return add(*name, stored(member, *name, body));
  }
  void on_bytes(ByteView /*bytes*/) override {}
  void on_gap(GapReason /*reason*/, std::string detail, std::uint64_t /*bytes*/) override {
    note(std::move(detail));
  }
  void on_anomaly(std::string what) override { note(std::move(what)); }

  std::map<std::string, StoredMember> members;
  std::vector<std::string> notes;
  std::optional<Error> error;

 private:
  StoredMember stored(const unpack::Member& member, const std::string& name, Source& body) {
    using Kind = unpack::Member::Kind;
    StoredMember stored;
    stored.offset = container_.position();
    // A blob's digest is promised by its name and checked when it is read.
    const bool hash = member.kind == Kind::file && !name.starts_with("blobs/");
    Hasher hasher;
    while (true) {
      const ByteView bytes = body.peek(1);
      if (bytes.empty()) break;
      if (hash) hasher.update(bytes);
      stored.size += bytes.size();
      body.skip(bytes.size());
    }
    stored.plain = container_.position() - stored.offset == stored.size;
    stored.whole = !body.fault().has_value();
    if (hash) stored.digest = hasher.finish();
    if (member.kind == Kind::file) stored.kind = StoredMember::Kind::file;
    if (member.kind == Kind::symlink || member.kind == Kind::hardlink) {
      stored.kind = StoredMember::Kind::link;
      const bool symbolic = member.kind == Kind::symlink;
      stored.target =
          clean_name(member.target, symbolic ? directory_of(name) : "", symbolic).value_or("");
    }
    return stored;
  }

  bool add(const std::string& name, StoredMember member) {
    const auto [at, fresh] = members.try_emplace(name, member);
    if (fresh) return true;
    const StoredMember& known = at->second;
    if (known.kind != member.kind || known.size != member.size || known.digest != member.digest ||
        known.target != member.target) {
      return stop(Code::integrity, "has two different members named " + in_quotes(name, 200) +
                                       ", so that readers disagree about it");
    }
    at->second = std::move(member);
    return true;
  }

  bool stop(Code code, const std::string& what) {
    error = Error{code, "the archive " + in_quotes(path_) + " " + what};
    return false;
  }

  void note(std::string what) {
    if (notes.size() < kMaxNotes) notes.push_back("archive " + path_ + ": " + std::move(what));
  }

  const Source& container_;
  std::string path_;
  std::size_t count_ = 0;
};

}  // namespace

std::optional<std::string> clean_name(const std::string& name, const std::string& base,
                                      bool up_allowed) {
  if (name.starts_with('/')) return std::nullopt;
  std::vector<std::string> parts;
  std::string part;
  std::string path = base;
  path += '/';
  path += name;
  path += '/';
  for (const char c : path) {
    if (c != '/') {
      part += c;
      continue;
    }
    if (part == ".." && (!up_allowed || parts.empty())) return std::nullopt;
    if (part == "..") {
      parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
    part.clear();
  }
  std::string clean;
  for (const std::string& piece : parts) {
    if (!clean.empty()) clean += '/';
    clean += piece;
  }
  return clean;
}

Result<ArchiveIndex> ArchiveIndex::build(std::shared_ptr<const Fd> file, const std::string& path) {
  FileSource container(file, path);
  const ByteView head = container.peek(unpack::kHeadBytes);
  if (const auto fault = container.fault(); fault && head.empty()) return tl::unexpected(*fault);
  const unpack::Format* format = unpack::recognise(head);
  if (format == nullptr || format->name != "tar" || format->walk == nullptr) {
    return fail(Code::unsupported,
                in_quotes(path) +
                    " is not a tar archive, so it holds no image; scan other files with "
                    "'minescan package'");
  }
  IndexSink sink(container, path);
  format->walk(container, Limits{}, sink);
  if (sink.error) return tl::unexpected(*sink.error);
  if (const auto fault = container.fault()) return tl::unexpected(*fault);
  ArchiveIndex index;
  index.file_ = std::move(file);
  index.path_ = path;
  index.members_ = std::move(sink.members);
  index.notes_ = std::move(sink.notes);
  return index;
}

const StoredMember* ArchiveIndex::find(const std::string& name) const {
  auto at = members_.find(name);
  for (unsigned hops = 0; at != members_.end(); ++hops) {
    if (at->second.kind == StoredMember::Kind::file) return &at->second;
    if (at->second.kind != StoredMember::Kind::link || hops == kMaxLinks) return nullptr;
    at = members_.find(at->second.target);
  }
  return nullptr;
}

Result<std::unique_ptr<Source>> ArchiveIndex::open(const std::string& name) const {
  const std::string where = in_quotes(name, 300) + " in the archive " + in_quotes(path_);
  const StoredMember* member = find(name);
  if (member == nullptr) return fail(Code::not_found, where + " is not there");
  if (!member->plain) return fail(Code::unsupported, where + " is stored as a sparse file");
  return std::make_unique<FileSource>(file_, path_, member->offset, member->size);
}

Result<std::string> ArchiveIndex::read(const std::string& name, std::size_t limit) const {
  MINESCAN_TRY_ASSIGN(const auto source, open(name));
  return read_source(*source, in_quotes(name, 300) + " in " + in_quotes(path_), limit);
}

}  // namespace minescan::acquire
