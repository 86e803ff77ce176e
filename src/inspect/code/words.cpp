#include "inspect/code/words.h"

#include <utility>

#include "base/reader.h"

namespace minescan::inspect::code {
namespace {

// Knuth's multiplicative hash: the upper bits are good.
std::size_t slot_of(std::uint32_t word, std::size_t slots) {
  return (word * std::uint64_t{0x9E3779B97F4A7C15}) >> 32 & (slots - 1);
}

}  // namespace

std::size_t Words::find(std::uint32_t word) const {
  std::size_t at = slot_of(word, slots_.size());
  while (slots_[at] != 0 && slots_[at] != word) at = (at + 1) & (slots_.size() - 1);
  return at;
}

void Words::grow() {
  constexpr std::size_t kFirst = 1024;
  slots_.assign(slots_.empty() ? kFirst : slots_.size() * 2, 0);
  for (const std::uint32_t word : words_) {
    if (word != 0) slots_[find(word)] = word;
  }
}

void Words::add(std::uint32_t word) {
  if (words_.size() * 2 >= slots_.size()) grow();
  std::uint32_t* const slot = word != 0 ? &slots_[find(word)] : nullptr;
  if (slot != nullptr ? *slot == word : zero_) return;
  if (words_.size() >= kMostWords) {
    full_ = true;
    return;
  }
  if (slot != nullptr) {
    *slot = word;
  } else {
    zero_ = true;
  }
  words_.push_back(word);
}

void Words::add_number(std::uint64_t magnitude, bool negative) {
  const std::uint64_t number = negative ? 0 - magnitude : magnitude;
  const bool narrow = negative ? magnitude <= 0x80000000 : magnitude <= 0xffffffff;
  if (narrow) {
    add(static_cast<std::uint32_t>(number));
  } else {
    add64(number);
  }
}

void Words::add_table(ByteView bytes) {
  Reader reader(bytes);
  while (const auto word = reader.little<std::uint32_t>()) add(*word);
}

std::vector<std::uint32_t> Words::take() {
  slots_.clear();
  zero_ = full_ = false;
  return std::exchange(words_, {});
}

std::vector<std::byte> as_view(const std::vector<std::uint32_t>& words) {
  std::vector<std::byte> bytes;
  bytes.reserve(words.size() * 4);
  for (const std::uint32_t word : words) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      bytes.push_back(static_cast<std::byte>(word >> shift & 0xff));
    }
  }
  return bytes;
}

}  // namespace minescan::inspect::code
