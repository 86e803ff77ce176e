#include "inspect/decoders.h"

#include <algorithm>
#include <utility>

#include "base/buffers.h"
#include "inspect/decoders/xor.h"

namespace minescan::inspect {
namespace {

constexpr std::size_t kBlock = std::size_t{8} << 20;
// What begins so near to the end of a block is left for the next.
constexpr std::size_t kBorder = std::size_t{64} << 10;
// What ends so near to the end of a block may go on in the next.
constexpr std::size_t kMayGoOn = 256;
// Shorter runs among other bytes are symbols; find_long_run() finds those.
constexpr std::size_t kShortestRun = 64;

// Smaller buffers cost no more than to look for a larger one.
constexpr std::size_t kWorthKeeping = std::size_t{64} << 10;

}  // namespace

Decoders::Decoders(ViewKind kind)
    : is_text_(kind != ViewKind::executable && kind != ViewKind::binary), enough_(kBlock) {}

Decoders::~Decoders() {
  if (kept_.capacity() >= kWorthKeeping) Buffers::of_thread().give(std::move(kept_));
}

void Decoders::window(const Window& window, bool last, std::vector<Decoded>& found) {
  const std::string_view bytes = as_text(window.bytes);
  const std::string_view fresh = bytes.substr(window.from, window.to - window.from);
  if (is_text_) {
    text(fresh, last, found);
    return;
  }
  if (window.to > window.from) {
    // `offset_` counts what passed; kept_ lies before it.
    decoders::decode_xor(bytes, window.from, window.to, offset_ - window.from, xor_done_, found);
  }
  runs(fresh, last, found);
}

void Decoders::text(std::string_view bytes, bool last, std::vector<Decoded>& found) {
  if (last && kept_.empty() && bytes.size() <= enough_) {
    block(bytes, true, found);
    return;
  }
  // Blocks are cut at the same places however the bytes come.
  while (!bytes.empty()) {
    const std::size_t take = std::min(bytes.size(), enough_ - kept_.size());
    if (kept_.capacity() < kWorthKeeping) kept_ = Buffers::of_thread().take().append(kept_);
    append_to(kept_, bytes.substr(0, take), enough_);
    bytes.remove_prefix(take);
    if (kept_.size() < enough_ || (last && bytes.empty())) break;
    kept_.erase(0, block(kept_, false, found));
    enough_ = kept_.size() + kBlock;
  }
  if (last && !kept_.empty()) {
    block(kept_, true, found);
    kept_.clear();
  }
}

// Returns how much of the text is done with.
std::size_t Decoders::block(std::string_view text, bool last, std::vector<Decoded>& found) {
  std::vector<Decoded> mine;
  decoders::decode_text(text, mine);
  std::size_t to = last ? text.size() : text.size() - kBorder;
  if (!last) {
    for (const Decoded& decoded : mine) {
      const bool goes_on = decoded.end + kMayGoOn >= text.size();
      const bool fits = text.size() - decoded.begin < decoders::kLongestPart;
      if (goes_on && fits) to = std::min(to, static_cast<std::size_t>(decoded.begin));
    }
  }
  std::size_t at = 0;
  const auto advance = [&](std::size_t where) {
    const std::string_view passed = text.substr(at, where - at);
    at = where;
    const auto lines = static_cast<std::uint32_t>(std::count(passed.begin(), passed.end(), '\n'));
    line_ += lines;
    if (lines != 0) column_ = 1;
    column_ += static_cast<std::uint32_t>(passed.size() - (passed.rfind('\n') + 1));
  };
  for (Decoded& decoded : mine) {
    if (!last && decoded.begin >= to) break;
    const std::uint64_t begin = offset_ + decoded.begin;
    if (begin < done_ && offset_ > 0) continue;
    if (decoded.begin >= at) advance(static_cast<std::size_t>(decoded.begin));
    decoded.line = line_;
    decoded.column = column_;
    if (!last && decoded.end > to) {
      decoded.cut = decoded.cut || decoded.end + kMayGoOn >= text.size();
      done_ = std::max(done_, offset_ + decoded.end);
    }
    decoded.begin += offset_;
    decoded.end += offset_;
    found.push_back(std::move(decoded));
  }
  if (!last) advance(to);
  offset_ += to;
  return to;
}

void Decoders::run(std::string_view bytes, std::uint64_t offset, std::vector<Decoded>& found) {
  std::vector<Decoded> mine;
  decoders::decode_run(bytes, mine);
  for (Decoded& decoded : mine) {
    // Among bytes that are no text, bytes of no known kind say nothing.
    if (decoded.unknown) continue;
    decoded.begin += offset;
    decoded.end += offset;
    found.push_back(std::move(decoded));
  }
}

void Decoders::runs(std::string_view bytes, bool last, std::vector<Decoded>& found) {
  const std::uint64_t start = offset_;
  offset_ += bytes.size();
  std::size_t low = 0;  // no run begins before
  if (!kept_.empty()) {
    while (low < bytes.size() && decoders::in_base64_alphabet(bytes[low])) ++low;
    const std::uint64_t begin = start - kept_.size();
    kept_ += bytes.substr(0, low);
    const bool full = kept_.size() > decoders::kLongestPart;
    if (low == bytes.size() && !last && !full) return;
    const bool long_enough = kept_.size() >= kShortestRun;
    if (low < bytes.size() && bytes[low] == '=') kept_ += '=';
    if (long_enough) {
      const std::size_t before = found.size();
      run(kept_, begin, found);
      if (full && found.size() > before) found.back().cut = true;
    }
    kept_.clear();
  }
  while (true) {
    std::size_t end = decoders::find_long_run(bytes, low);
    if (end == std::string_view::npos) break;
    std::size_t begin = end;
    while (begin > low && decoders::in_base64_alphabet(bytes[begin - 1])) --begin;
    while (end < bytes.size() && decoders::in_base64_alphabet(bytes[end])) ++end;
    if (end == bytes.size() && !last) break;  // kept below
    const bool padded = end < bytes.size() && bytes[end] == '=';
    run(bytes.substr(begin, end - begin + (padded ? 1 : 0)), start + begin, found);
    low = end;
  }
  if (last) return;
  std::size_t tail = bytes.size();
  while (tail > low && decoders::in_base64_alphabet(bytes[tail - 1])) --tail;
  kept_ = bytes.substr(tail);
}

}  // namespace minescan::inspect
