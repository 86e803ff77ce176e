#include "acquire/verifying_source.h"

#include <algorithm>

#include "base/check.h"
#include "base/printable.h"

namespace minescan::acquire {

VerifyingSource::VerifyingSource(std::unique_ptr<Source> inner, std::string name,
                                 std::string digest, std::uint64_t size, Code broken)
    : inner_(std::move(inner)),
      name_(std::move(name)),
      digest_(std::move(digest)),
      size_(size),
      broken_(broken),
      hasher_(std::string_view(digest_).substr(0, digest_.find(':'))) {
  MINESCAN_CHECK(is_digest(digest_));
}

ByteView VerifyingSource::peek(std::size_t want) {
  const std::uint64_t at = inner_->position();
  const std::uint64_t left = size_ - std::min(size_, at);
  // One byte more than is promised is asked for, to see whether there is one.
  const auto asked = static_cast<std::size_t>(std::min<std::uint64_t>(want, left + 1));
  ByteView bytes = inner_->peek(std::min(asked, kMaxPeek));
  const bool ended = bytes.size() < asked;
  const bool beyond = bytes.size() > left;
  if (beyond) bytes = bytes.first(static_cast<std::size_t>(left));
  if (at + bytes.size() > hashed_) {
    hasher_.update(bytes.subspan(static_cast<std::size_t>(hashed_ - at)));
    hashed_ = at + bytes.size();
  }
  if (beyond && !judged_) {
    judged_ = true;
    fault_ = Error{broken_, printable(name_) + " has more than the " + std::to_string(size_) +
                                " bytes promised; fetch or build it again"};
  } else if (ended) {
    judge();
  }
  return bytes;
}

void VerifyingSource::skip(std::size_t n) { inner_->skip(n); }

void VerifyingSource::judge() {
  if (judged_) return;
  judged_ = true;
  fault_ = inner_->fault();
  // A file in a store that ends early is the promise broken, not the format.
  if (fault_ && fault_->code != Code::truncated) return;
  if (hashed_ != size_) {
    fault_ = Error{broken_, printable(name_) + " has " + std::to_string(hashed_) + " bytes, but " +
                                std::to_string(size_) + " are promised; fetch or build it again"};
    return;
  }
  const std::string actual = hasher_.finish();
  if (actual != digest_) {
    fault_ = Error{broken_, printable(name_) + " has the digest " + actual + ", but " + digest_ +
                                " is promised; it was damaged or replaced, fetch it again"};
  }
}

Result<std::string> read_source(Source& source, const std::string& name, std::size_t limit) {
  std::string bytes;
  while (true) {
    const ByteView view = source.peek(1);
    if (view.empty()) break;
    if (view.size() > limit - bytes.size()) {
      return fail(Code::limit_bytes,
                  printable(name) + " has more than " + std::to_string(limit) + " bytes");
    }
    bytes += as_text(view);
    source.skip(view.size());
  }
  if (const auto fault = source.fault()) return tl::unexpected(*fault);
  return bytes;
}

}  // namespace minescan::acquire
