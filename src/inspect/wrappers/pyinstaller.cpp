#include "inspect/wrappers/pyinstaller.h"

#include <algorithm>

#include "base/reader.h"
#include "inspect/wrappers/marshal.h"

namespace minescan::inspect::wrappers {
namespace {

constexpr std::size_t kOldCookie = 24;  // without the name of Python's library
constexpr std::size_t kCookie = kOldCookie + 64;
constexpr std::size_t kFixedEntry = 18;
constexpr std::uint32_t kLongestEntry = 8192;  // an entry's name is a path
constexpr std::uint64_t kMostOfOne = std::uint64_t{64} << 20;

struct Cookie {
  std::uint32_t package = 0;  // bytes, the cookie too
  std::uint32_t table = 0;    // from the package's begin
  std::uint32_t table_bytes = 0;
  std::uint32_t version = 0;
};

struct Entry {
  std::uint32_t offset = 0;
  std::uint32_t packed = 0;
  std::uint32_t size = 0;
  bool compressed = false;
  char type = 0;
  std::string_view name;
};

std::optional<Entry> read_entry(Reader& table) {
  const auto length = table.big<std::uint32_t>();
  if (!length || *length <= kFixedEntry || *length > kLongestEntry) return std::nullopt;
  const auto bytes = table.take(*length - 4);
  if (!bytes) return std::nullopt;
  Reader fields(*bytes);
  const auto offset = fields.big<std::uint32_t>();
  const auto packed = fields.big<std::uint32_t>();
  const auto size = fields.big<std::uint32_t>();
  const auto compressed = fields.big<std::uint8_t>();
  const auto type = fields.big<std::uint8_t>();
  if (!offset || !packed || !size || !compressed || !type) return std::nullopt;
  const std::string_view name = as_text(*fields.take(fields.left()));
  return Entry{.offset = *offset,
               .packed = *packed,
               .size = *size,
               .compressed = *compressed != 0,
               .type = static_cast<char>(*type),
               .name = name.substr(0, name.find('\0'))};
}

class Package {
 public:
  Package(const Wrapped& block, Parts& parts) : block_(block), parts_(parts) {}

  bool run(std::size_t at, std::size_t cookie_size) {
    Reader reader(block_.bytes);
    if (!reader.seek(at + 8)) return false;
    Cookie cookie;
    for (std::uint32_t* field :
         {&cookie.package, &cookie.table, &cookie.table_bytes, &cookie.version}) {
      const auto number = reader.big<std::uint32_t>();
      if (!number) return false;
      *field = *number;
    }
    const std::uint64_t end = block_.offset + at + cookie_size;
    if (cookie.package < cookie_size || cookie.package > end) return false;
    begin_ = end - cookie.package;
    magic_ = magic_of_version(cookie.version);
    const auto table = slice(begin_ + cookie.table, cookie.table_bytes);
    if (!table || table->empty()) return false;
    Reader entries(*table);
    bool any = false;
    while (auto entry = read_entry(entries)) {
      any = true;
      if (!take(*entry)) return true;
    }
    if (any && entries.left() != 0) parts_.limit("PyInstaller: its table of contents is broken");
    if (missing_) parts_.limit("PyInstaller: some of its entries are not within one block");
    return any;
  }

 private:
  // Of the file.
  [[nodiscard]] std::optional<ByteView> slice(std::uint64_t from, std::uint64_t size) const {
    if (from < block_.offset) return std::nullopt;
    return Reader(block_.bytes).slice(from - block_.offset, size);
  }

  // False: no more is wanted.
  bool take(const Entry& entry) {
    // Options, what other programs hold, links.
    if (entry.type == 'o' || entry.type == 'd' || entry.type == 'n' || entry.packed == 0) {
      return true;
    }
    const std::uint64_t at = begin_ + entry.offset;
    const auto bytes = slice(at, entry.packed);
    if (!bytes) {
      missing_ = true;
      return true;
    }
    const bool code = entry.type == 's' || entry.type == 'm' || entry.type == 'M';
    if (!code && entry.type != 'z') return add(entry.name, at, *bytes, as_text(*bytes), false);
    if (!entry.compressed) {
      return code ? python(entry.name, at, *bytes, as_text(*bytes), false)
                  : modules(at, *bytes, *bytes);
    }
    const auto inflated =
        inflate_zlib(*bytes, std::min({std::uint64_t{entry.size}, kMostOfOne, parts_.room()}));
    if (!inflated) return add(entry.name, at, *bytes, as_text(*bytes), false);
    if (code) return python(entry.name, at, *bytes, inflated->bytes, !inflated->whole);
    return modules(at, *bytes, as_bytes(inflated->bytes));
  }

  bool add(std::string_view name, std::uint64_t at, ByteView place, std::string_view bytes,
           bool cut) {
    return parts_.add(part_name("pyinstaller", name), at, at + place.size(), bytes, cut);
  }

  // Code without the header of a .pyc file gets one, so that it is seen as what it is.
  bool python(std::string_view name, std::uint64_t at, ByteView place, std::string_view code,
              bool cut) {
    const bool marshalled = code.starts_with('c') || code.starts_with('\xe3');
    if (!marshalled || is_pyc(as_bytes(code))) return add(name, at, place, code, cut);
    // Headers of before 3.7 differ, the code does not.
    const bool before_3_8 = python_of_magic(magic_) == Python::before_3_8;
    const std::uint16_t magic = before_3_8 ? magic_of_version(37) : magic_;
    std::string file{static_cast<char>(magic & 0xff), static_cast<char>(magic >> 8), '\r', '\n'};
    file.resize(python_of_magic(magic) == Python::two ? 8 : 16);
    return add(std::string(name) + ".pyc", at, place, file.append(code), cut);
  }

  // A PYZ: modules, each zlib, and a marshalled table of name, (kind, place, size).  `at` is where
  // `stored`, which may be a compressed PYZ, lies in the file.
  bool modules(std::uint64_t at, ByteView stored, ByteView pyz) {
    Reader reader(pyz);
    const auto magic = reader.take(4);
    const auto python_magic = reader.little<std::uint16_t>();
    reader.take(2);
    const auto table_at = reader.big<std::uint32_t>();
    if (!table_at || as_text(*magic) != std::string_view("PYZ\0", 4)) {
      return add("PYZ", at, stored, as_text(pyz), false);
    }
    magic_ = *python_magic;
    const auto rest =
        reader.slice(*table_at, pyz.size() - std::min<std::size_t>(*table_at, pyz.size()));
    if (!rest) return add("PYZ", at, stored, as_text(pyz), false);
    const Marshalled table = read_marshal(*rest, python_of_magic(magic_));
    const auto& objects = table.objects;
    for (const Object& row : objects) {
      if (row.items.size() != 2) continue;
      const Object& name = objects[row.items[0]];
      const Object& where = objects[row.items[1]];
      if (name.kind != Object::Kind::text || where.items.size() != 3) continue;
      const Object& place = objects[where.items[1]];
      const Object& size = objects[where.items[2]];
      if (place.kind != Object::Kind::number || size.kind != Object::Kind::number) continue;
      if (place.number < 0 || size.number <= 0) continue;
      const auto body = reader.slice(static_cast<std::uint64_t>(place.number),
                                     static_cast<std::uint64_t>(size.number));
      if (!body) {
        missing_ = true;
        continue;
      }
      // Places in what was inflated are none in the file.
      const bool plain = stored.data() == pyz.data();
      const std::uint64_t begin = plain ? at + static_cast<std::uint64_t>(place.number) : at;
      const ByteView lies = plain ? *body : stored;
      const auto inflated = inflate_zlib(*body, std::min(kMostOfOne, parts_.room()));
      const bool more = inflated ? python(name.text, begin, lies, inflated->bytes, !inflated->whole)
                                 : add(name.text, begin, lies, as_text(*body), false);
      if (!more) return false;
    }
    if (!table.whole) parts_.limit("PyInstaller: the table of its modules is broken");
    return true;
  }

  const Wrapped& block_;
  Parts& parts_;
  std::uint64_t begin_ = 0;  // of the package in the file
  std::uint16_t magic_ = 0;
  bool missing_ = false;
};

}  // namespace

bool unpack_pyinstaller(const Wrapped& block, std::size_t at, Parts& parts) {
  return Package(block, parts).run(at, kCookie) || Package(block, parts).run(at, kOldCookie);
}

}  // namespace minescan::inspect::wrappers
