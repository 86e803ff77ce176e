// Compressed offload bundles, as clang makes them for HIP: a header and one zlib or zstd stream
// around an offload bundle.  Three versions of the header (clang's OffloadBundler documentation,
// "Compressed bundles"):
//   1: magic, version and method of 2 bytes each, decoded size of 4, hash of 8
//   2: magic, version, method, size of the file of 4, decoded size of 4, hash
//   3: magic, version, method, size of the file of 8, decoded size of 8, hash

#include <algorithm>

#include "base/reader.h"
#include "unpack/formats/all.h"

namespace minescan::unpack {
namespace {

constexpr std::string_view kMagic = "CCOB";
constexpr std::size_t kLongestHeader = 32;

enum class Method : std::uint16_t { zlib = 0, zstd = 1 };

struct Header {
  Method method = Method::zlib;
  std::size_t bytes = 0;
  std::optional<std::uint64_t> packed;  // version 1 does not say
  std::uint64_t size = 0;               // of what it decodes to
  bool wide = false;                    // otherwise the lower 32 bits of it
};

std::optional<Header> read_header(ByteView head) {
  Reader reader(head);
  const auto magic = reader.take(kMagic.size());
  const auto version = reader.little<std::uint16_t>();
  const auto method = reader.little<std::uint16_t>();
  if (!magic || as_text(*magic) != kMagic || !version || !method || *method > 1) {
    return std::nullopt;
  }
  Header header{.method = static_cast<Method>(*method)};
  std::optional<std::uint64_t> total;
  std::optional<std::uint64_t> size;
  if (*version == 3) {
    header.wide = true;
    total = reader.little<std::uint64_t>();
    size = reader.little<std::uint64_t>();
  } else if (*version == 1 || *version == 2) {
    if (*version == 2) total = reader.little<std::uint32_t>();
    size = reader.little<std::uint32_t>();
  }
  const auto hash = reader.little<std::uint64_t>();
  if (!size || *size == 0 || !hash) return std::nullopt;
  header.bytes = reader.position();
  header.size = *size;
  if (*version != 1) {
    if (!total || *total <= header.bytes) return std::nullopt;
    header.packed = *total - header.bytes;
  }
  return header;
}

// Not what zlib's own recognise() does: inflating at every place of a file that looks like a header
// takes too long.
bool begins_zlib(ByteView stream) {
  const auto header = Reader(stream).big<std::uint16_t>();
  return header && (*header & 0x0f00) == 0x0800 && *header % 31 == 0;
}

bool recognise(ByteView head) {
  const auto header = read_header(head);
  if (!header) return false;
  const ByteView stream = head.subspan(header->bytes);
  return header->method == Method::zstd ? kZstd.recognise(stream) : begins_zlib(stream);
}

class CcobSource final : public Decoded {
 public:
  CcobSource(Source& parent, const Limits& limits) {
    const ByteView head = parent.peek(kLongestHeader);
    const auto header = read_header(head);
    if (!header) {
      // Whoever recognised it saw a header; this is for callers that did not ask.
      fault_ = Error{Code::corrupt, "ccob data does not begin with a header"};
      if (!head.empty()) parent.skip(std::min(head.size(), kMagic.size()));
      return;
    }
    size_ = header->size;
    wide_ = header->wide;
    parent.skip(header->bytes);
    Source* packed = &parent;
    if (header->packed) packed = &bounded_.emplace(parent, *header->packed);
    const Format& inner = header->method == Method::zstd ? kZstd : kZlib;
    decoded_ = inner.decode(*packed, limits);
  }

  ByteView peek(std::size_t want) override {
    if (!decoded_) return {};
    const ByteView bytes = decoded_->peek(want);
    if (bytes.size() < want && !fault_) end(bytes.size());
    return bytes;
  }
  void skip(std::size_t n) override {
    if (n != 0) decoded_->skip(n);
  }
  [[nodiscard]] std::uint64_t position() const override {
    return decoded_ ? decoded_->position() : 0;
  }
  [[nodiscard]] std::optional<Error> fault() const override { return fault_; }
  [[nodiscard]] const Beside* beside() const override {
    return decoded_ ? decoded_->beside() : nullptr;
  }

 private:
  // Nothing but what has been shown is left.
  void end(std::size_t shown) {
    fault_ = decoded_->fault();
    const std::uint64_t made = decoded_->position() + shown;
    if (!fault_ && (wide_ ? made : made & 0xffffffff) != size_) {
      fault_ = Error{Code::corrupt, "ccob data decodes to " + std::to_string(made) +
                                        " bytes where its header states " + std::to_string(size_)};
    }
  }

  std::optional<BoundedSource> bounded_;
  std::unique_ptr<Decoded> decoded_;
  std::uint64_t size_ = 0;
  bool wide_ = false;
  std::optional<Error> fault_;
};

std::unique_ptr<Decoded> decode(Source& parent, const Limits& limits) {
  return std::make_unique<CcobSource>(parent, limits);
}

}  // namespace

const Format kCcob{.name = "ccob", .recognise = recognise, .decode = decode};

}  // namespace minescan::unpack
