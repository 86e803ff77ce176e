#include "inspect/wrappers/marshal.h"

#include <algorithm>
#include <optional>

#include "base/reader.h"

namespace minescan::inspect::wrappers {
namespace {

// CPython refuses more than 2000; code nests by its functions, which is below 20.
constexpr unsigned kDeepest = 200;
// The largest modules of the standard library have some 10,000.
constexpr std::size_t kMostObjects = 1'000'000;
constexpr char kRefFlag = '\x80';

// Releases: 2.7 = 62211, 3.7 = 3394, 3.8 = 3413, 3.10 = 3439, 3.11 = 3495 (Lib/importlib/
// _bootstrap_external.py).
constexpr std::uint16_t kMagic27 = 62211;
constexpr std::uint16_t kMagic37 = 3394;
constexpr std::uint16_t kMagic38 = 3410;  // where arguments by position only came
constexpr std::uint16_t kMagic310 = 3439;
constexpr std::uint16_t kMagic311 = 3450;  // where the first alpha begins
constexpr std::uint16_t kMagic311Released = 3495;

bool is_text(std::string_view text) {
  return !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != '\x1b') ||
           byte == 0x7f;
  });
}

bool is_utf8_like(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) >= 0xf8; });
}

class MarshalReader {
 public:
  MarshalReader(ByteView bytes, Python python, Marshalled& out)
      : reader_(bytes), python_(python), out_(out) {}

  bool run() { return read(Role::value, 0).has_value(); }

 private:
  // What an object is for: constants of code, part of such a one, or nothing to be shown.
  enum class Role { constants, value, silent };
  using Index = std::uint32_t;

  std::optional<Index> keep(Object object, std::optional<std::size_t> ref) {
    if (out_.objects.size() >= kMostObjects) return std::nullopt;
    out_.objects.push_back(std::move(object));
    const auto index = static_cast<Index>(out_.objects.size() - 1);
    if (ref) refs_[*ref] = index;
    return index;
  }

  std::optional<Index> read(Role role, unsigned depth) {
    const auto byte = reader_.little<std::uint8_t>();
    if (!byte || depth > kDeepest || refs_.size() > kMostObjects) return std::nullopt;
    const char code = static_cast<char>(*byte & 0x7f);
    std::optional<std::size_t> ref;
    if ((static_cast<char>(*byte) & kRefFlag) != 0 && code != 'r') {
      ref = refs_.size();
      refs_.push_back(kNothing);
    }
    switch (code) {
      case '0':
      case 'N':
      case 'F':
      case 'T':
      case 'S':
      case '.':
        return keep({}, ref);
      case 'i': {
        const auto number = reader_.little<std::uint32_t>();
        if (!number) return std::nullopt;
        return keep({.kind = Object::Kind::number, .number = static_cast<std::int32_t>(*number)},
                    ref);
      }
      case 'I':
      case 'g':
        return skipped(8, ref);
      case 'y':
        return skipped(16, ref);
      case 'l': {
        const auto digits = reader_.little<std::uint32_t>();
        if (!digits) return std::nullopt;
        const auto count = static_cast<std::int32_t>(*digits);
        return skipped(2 * static_cast<std::uint64_t>(count < 0 ? -std::int64_t{count} : count),
                       ref);
      }
      case 'f':
      case 'x':
        return float_text(code == 'x' ? 2 : 1, ref);
      case 's':
      case 't':
      case 'u':
      case 'a':
      case 'A':
        return text(reader_.little<std::uint32_t>(), code == 's' && python_ != Python::two, ref,
                    code == 't' && python_ == Python::two);
      case 'z':
      case 'Z':
        return text(reader_.little<std::uint8_t>(), false, ref, false);
      case 'R':
        return python2_string();
      case 'r':
        return reference();
      case ')':
        return sequence(reader_.little<std::uint8_t>(), role, depth, ref);
      case '(':
      case '[':
      case '<':
      case '>':
        return sequence(reader_.little<std::uint32_t>(), role, depth, ref);
      case ':':
        return sequence(std::optional(3U), role, depth, ref);
      case '{':
        return dictionary(role, depth, ref);
      case 'c':
        return code_object(role, depth, ref);
      default:
        return std::nullopt;
    }
  }

  std::optional<Index> skipped(std::uint64_t size, std::optional<std::size_t> ref) {
    if (!reader_.take(size)) return std::nullopt;
    return keep({}, ref);
  }

  std::optional<Index> float_text(int count, std::optional<std::size_t> ref) {
    for (int i = 0; i < count; ++i) {
      const auto size = reader_.little<std::uint8_t>();
      if (!size || !reader_.take(*size)) return std::nullopt;
    }
    return keep({}, ref);
  }

  template <class Size>
  std::optional<Index> text(std::optional<Size> size, bool bytes, std::optional<std::size_t> ref,
                            bool interned) {
    if (!size) return std::nullopt;
    const auto view = reader_.take(*size);
    if (!view) return std::nullopt;
    // Told here, once: references may name a long text any number of times.
    const std::string_view text = as_text(*view);
    const bool line = is_text(text) && is_utf8_like(text);
    const auto index =
        keep({.kind = Object::Kind::text,
              .bytes = bytes,
              .line = line,
              .word = line && text.find_first_of(" \t\r\n") == std::string_view::npos,
              .text = text},
             ref);
    if (index && interned) interned_.push_back(*index);
    return index;
  }

  std::optional<Index> python2_string() {
    const auto at = reader_.little<std::uint32_t>();
    if (!at || *at >= interned_.size()) return std::nullopt;
    return interned_[*at];
  }

  std::optional<Index> reference() {
    const auto at = reader_.little<std::uint32_t>();
    if (!at || *at >= refs_.size()) return std::nullopt;
    // An object that refers to itself while it is read is nothing here.
    if (refs_[*at] == kNothing) return keep({}, std::nullopt);
    return refs_[*at];
  }

  template <class Size>
  std::optional<Index> sequence(std::optional<Size> size, Role role, unsigned depth,
                                std::optional<std::size_t> ref) {
    if (!size) return std::nullopt;
    Object object{.kind = Object::Kind::sequence};
    const Role inner = role == Role::silent ? Role::silent : Role::value;
    bool whole = true;
    for (std::uint64_t i = 0; i < *size; ++i) {
      const auto item = read(inner, depth + 1);
      whole = item.has_value();
      if (!whole) break;
      object.items.push_back(*item);
    }
    show(object.items, role, depth);
    if (!whole) return std::nullopt;
    return keep(std::move(object), ref);
  }

  std::optional<Index> dictionary(Role role, unsigned depth, std::optional<std::size_t> ref) {
    Object object{.kind = Object::Kind::sequence};
    const Role inner = role == Role::silent ? Role::silent : Role::value;
    while (true) {
      if (const auto next = reader_.slice(reader_.position(), 1);
          next && (*next)[0] == std::byte{'0'}) {
        reader_.take(1);
        break;
      }
      const auto key = read(inner, depth + 1);
      const auto value = key ? read(inner, depth + 1) : std::nullopt;
      if (!value) return std::nullopt;
      // PyInstaller's tables were dictionaries once.
      auto pair = keep({.kind = Object::Kind::sequence, .items = {*key, *value}}, std::nullopt);
      if (!pair) return std::nullopt;
      object.items.push_back(*pair);
    }
    return keep(std::move(object), ref);
  }

  std::optional<Index> code_object(Role role, unsigned depth, std::optional<std::size_t> ref) {
    const Role constants = role == Role::silent ? Role::silent : Role::constants;
    int numbers = 5;
    if (python_ == Python::two) numbers = 4;
    if (python_ == Python::before_3_8 || python_ == Python::later) numbers = 5;
    if (python_ == Python::before_3_11) numbers = 6;
    if (!reader_.take(static_cast<std::uint64_t>(numbers) * 4)) return std::nullopt;
    if (!read(Role::silent, depth + 1)) return std::nullopt;  // the code
    if (!read(constants, depth + 1)) return std::nullopt;
    // names, three of variables, file, name; later: names, variables and their kinds, file, name
    // and the long name.
    for (int i = 0; i < 6; ++i) {
      if (!read(Role::silent, depth + 1)) return std::nullopt;
    }
    if (!reader_.take(4)) return std::nullopt;  // the first line
    const int tables = python_ == Python::later ? 2 : 1;
    for (int i = 0; i < tables; ++i) {
      if (!read(Role::silent, depth + 1)) return std::nullopt;
    }
    return keep({}, ref);
  }

  // The strings of a tuple, whose other items have been shown.
  void show(const std::vector<Index>& items, Role role, unsigned depth) {
    if (role == Role::silent || (depth == 0 && role == Role::value)) return;
    const auto& objects = out_.objects;
    const bool all =
        role == Role::value &&
        std::all_of(items.begin(), items.end(), [&](Index item) { return objects[item].line; });
    for (std::size_t at = 0; at < items.size();) {
      const Object& first = objects[items[at]];
      if (!first.line) {
        if (first.bytes && first.text.size() >= kShortestRaw) out_.raw.push_back(first.text);
        ++at;
        continue;
      }
      // Options make a command of the words around them.
      std::size_t end = at + 1;
      bool option = first.text.starts_with('-');
      if (first.word) {
        while (end < items.size() && objects[items[end]].word) {
          option = objects[items[end++]].text.starts_with('-') || option;
        }
      }
      if (all) end = items.size();
      const char between = all || option ? ' ' : '\n';
      for (; at < end; ++at) {
        const std::string_view text = objects[items[at]].text;
        // References may repeat a string without end.
        if (out_.constants.size() + text.size() > kMostRepeated * reader_size_) return;
        out_.constants += text;
        out_.constants += at + 1 < end ? between : '\n';
      }
    }
  }

  static constexpr Index kNothing = ~Index{0};
  static constexpr std::size_t kShortestRaw = 32;  // bytes; nothing that is hidden is shorter
  static constexpr std::size_t kMostRepeated = 4;

  Reader reader_;
  const std::size_t reader_size_ = reader_.left();
  Python python_;
  Marshalled& out_;
  std::vector<Index> refs_;
  std::vector<Index> interned_;
};

// Where the object begins, or 0: 2.x has the time behind the magic, 3.3 the size too, 3.7 flags.
std::size_t header_size(ByteView head) {
  if (head.size() < 17 || head[2] != std::byte{'\r'} || head[3] != std::byte{'\n'}) return 0;
  const auto is_code = [&](std::size_t at) {
    return head[at] == std::byte{'c'} || head[at] == std::byte{0xe3};
  };
  const std::uint16_t magic = Reader(head).little<std::uint16_t>().value_or(0);
  switch (python_of_magic(magic)) {
    case Python::two:
      return is_code(8) ? 8 : 0;
    case Python::before_3_8:
      // 3.7's flags are below 4 and come before the time.
      if (magic >= 3390 && is_code(16)) return 16;
      return is_code(12) ? 12 : 0;
    case Python::before_3_11:
    case Python::later:
      return is_code(16) ? 16 : 0;
  }
  return 0;
}

// How code that stands alone is laid out, as marshal.dumps() gives it: no arguments, of 3.8 to 3.10
// no locals either, the stack's size, flags, and then the code itself, a string.
std::optional<Python> layout_of_bare_code(ByteView head) {
  constexpr std::size_t kArguments = 12;
  Reader reader(head);
  const auto kind = reader.little<std::uint8_t>();
  const auto arguments = reader.take(kArguments);
  const auto first = reader.little<std::uint32_t>();
  const auto second = reader.little<std::uint32_t>();
  if (!arguments || !second || (*kind != 'c' && *kind != 0xe3)) return std::nullopt;
  if (std::any_of(arguments->begin(), arguments->end(),
                  [](std::byte b) { return b != std::byte{}; })) {
    return std::nullopt;
  }
  if (*first == 0) static_cast<void>(reader.take(sizeof(std::uint32_t)));
  const auto code = reader.little<std::uint8_t>();
  if (!code || (*code & 0x7f) != 's') return std::nullopt;
  return *first == 0 ? Python::before_3_11 : Python::later;
}

}  // namespace

Python python_of_magic(std::uint16_t magic) {
  if (magic >= 50'000) return Python::two;
  if (magic < kMagic38) return Python::before_3_8;
  return magic < kMagic311 ? Python::before_3_11 : Python::later;
}

std::uint16_t magic_of_version(std::uint32_t version) {
  // 27, 37 … 310, 311.
  const std::uint32_t major = version >= 100 ? version / 100 : version / 10;
  const std::uint32_t minor = version >= 100 ? version % 100 : version % 10;
  if (major < 3) return kMagic27;
  if (minor < 8) return kMagic37;
  return minor < 11 ? kMagic310 : kMagic311Released;
}

Marshalled read_marshal(ByteView bytes, Python python) {
  Marshalled out;
  MarshalReader reader(bytes, python, out);
  out.whole = reader.run();
  return out;
}

bool is_pyc(ByteView head) { return header_size(head) != 0 || is_bare_code(head); }

bool is_bare_code(ByteView head) { return layout_of_bare_code(head).has_value(); }

Pyc read_pyc(ByteView file) {
  const std::size_t header = header_size(file);
  const auto bare = layout_of_bare_code(file);
  if (header == 0 && !bare) return {};
  const std::uint16_t magic = Reader(file).little<std::uint16_t>().value_or(0);
  Marshalled read =
      read_marshal(file.subspan(header), header == 0 ? *bare : python_of_magic(magic));
  return {.constants = std::move(read.constants), .raw = std::move(read.raw), .whole = read.whole};
}

}  // namespace minescan::inspect::wrappers
