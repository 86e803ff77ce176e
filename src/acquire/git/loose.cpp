#include "acquire/git/loose.h"

#include <sys/stat.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "acquire/files.h"
#include "acquire/git/deflated.h"
#include "acquire/git/ids.h"
#include "acquire/quoted.h"

namespace minescan::acquire {
namespace {

// "commit", a blank, the digits of a size of 64 bits, NUL.
constexpr std::size_t kLongestHeader = 6 + 1 + 20 + 1;

std::string path_of(const std::string& objects, const ObjectId& id) {
  const std::string name = hex(id);
  return objects + "/" + name.substr(0, 2) + "/" + name.substr(2);
}

std::string named(const ObjectId& id) { return "the loose object " + hex(id) + " "; }

struct Begun {
  ObjectHeader header;
  std::string bytes;  // of the object, that came with its header
};

std::optional<Begun> parse(const std::string& text) {
  const auto end = text.find('\0');
  if (end == std::string::npos) return std::nullopt;
  constexpr std::array<std::pair<std::string_view, ObjectKind>, 4> kKinds = {
      {{"commit ", ObjectKind::commit},
       {"tree ", ObjectKind::tree},
       {"blob ", ObjectKind::blob},
       {"tag ", ObjectKind::tag}}};
  const std::string_view head = std::string_view(text).substr(0, end);
  for (const auto& [word, kind] : kKinds) {
    if (!head.starts_with(word)) continue;
    Begun begun;
    begun.header.kind = kind;
    const std::string_view digits = head.substr(word.size());
    const auto done =
        std::from_chars(digits.data(), digits.data() + digits.size(), begun.header.size);
    if (done.ec != std::errc{} || done.ptr != digits.data() + digits.size()) return std::nullopt;
    begun.bytes = text.substr(end + 1);
    return begun;
  }
  return std::nullopt;
}

Result<Fd> open_loose(const std::string& objects, const ObjectId& id) {
  auto file = open_named_file(path_of(objects, id));
  if (!file && file.error().code != Code::not_found) {
    return fail(file.error().code, named(id) + "cannot be read: " + file.error().what);
  }
  return file;
}

Result<Begun> begin(Deflated& stream, const ObjectId& id) {
  std::string head;
  if (const auto done = stream.append(head, kLongestHeader); !done) {
    return fail(done.error().code, named(id) + done.error().what);
  }
  auto begun = parse(head);
  if (!begun) return fail(Code::corrupt, named(id) + "does not begin as one");
  return std::move(*begun);
}

}  // namespace

Result<std::optional<GitObject>> read_loose(const std::string& objects, const ObjectId& id) {
  const auto file = open_loose(objects, id);
  if (!file) {
    if (file.error().code == Code::not_found) return std::nullopt;
    return tl::unexpected(file.error());
  }
  Deflated stream(file->get());
  MINESCAN_TRY_ASSIGN(Begun begun, begin(stream, id));
  const auto [kind, size] = begun.header;
  if (size > most_bytes(kind)) {
    return fail(Code::limit_bytes, named(id) + "is said to have " + std::to_string(size) +
                                       " bytes, more than are read of one");
  }
  GitObject object{.kind = kind, .bytes = std::move(begun.bytes)};
  if (object.bytes.size() > size) return fail(Code::corrupt, named(id) + "is longer than it says");
  if (const auto done = stream.append(object.bytes, size - object.bytes.size()); !done) {
    return fail(done.error().code, named(id) + done.error().what);
  }
  if (object.bytes.size() < size) {
    return fail(Code::corrupt, named(id) + "is shorter than it says");
  }
  if (const auto done = stream.finish(); !done) {
    return fail(done.error().code, named(id) + done.error().what);
  }
  struct stat info {};
  if (::fstat(file->get(), &info) != 0 ||
      static_cast<std::uint64_t>(info.st_size) != stream.end()) {
    return fail(Code::corrupt, named(id) + "has bytes behind its end");
  }
  return object;
}

Result<std::optional<ObjectHeader>> loose_header(const std::string& objects, const ObjectId& id) {
  const auto file = open_loose(objects, id);
  if (!file) {
    if (file.error().code == Code::not_found) return std::nullopt;
    return tl::unexpected(file.error());
  }
  Deflated stream(file->get());
  MINESCAN_TRY_ASSIGN(const Begun begun, begin(stream, id));
  return begun.header;
}

bool has_loose(const std::string& objects, const ObjectId& id) {
  struct stat info {};
  return ::stat(path_of(objects, id).c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

void find_loose(const std::string& objects, const std::string& prefix,
                std::vector<ObjectId>& found) {
  const std::string first = prefix.substr(0, 2);
  std::error_code failed;
  std::filesystem::directory_iterator at(objects + "/" + first, failed);
  for (const std::filesystem::directory_iterator end; !failed && at != end; at.increment(failed)) {
    const std::string name = first + at->path().filename().string();
    if (!name.starts_with(prefix)) continue;
    if (const auto id = id_from_hex(name)) found.push_back(*id);
  }
}

}  // namespace minescan::acquire
