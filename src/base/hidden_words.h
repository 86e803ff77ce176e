#pragma once
// A table of words that is not readable in the program.  The names of miners' options and
// algorithms in plain would make scanners, this one first, take the program for a miner.
//
//   constexpr auto kColours = hidden_words([] {
//     return std::to_array<std::string_view>({"blue", "green", "red"});
//   });
//   kColours.contains("red")
//
// The words must be sorted and no longer than 64 bytes; it does not compile otherwise.  This hides
// nothing from a reader of the source, and is no encryption.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace minescan {

template <std::size_t Bytes, std::size_t Count>
class HiddenWords {
 public:
  consteval explicit HiddenWords(const std::array<std::string_view, Count>& words) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < Count; ++i) {
      starts_.at(i) = static_cast<std::uint16_t>(at);
      if (words.at(i).size() > 64) throw "a word is too long";
      if (i > 0 && words.at(i) < words.at(i - 1)) throw "the words are not sorted";
      for (const char c : words.at(i)) {
        text_.at(at) = shown(c, at);
        ++at;
      }
    }
    starts_.at(Count) = static_cast<std::uint16_t>(at);
    static_assert(Bytes < 65536);
  }

  [[nodiscard]] static constexpr std::size_t size() { return Count; }

  [[nodiscard]] std::string word(std::size_t index) const {
    std::string text;
    for (std::size_t at = starts_.at(index); at < starts_.at(index + 1); ++at) {
      text += shown(text_.at(at), at);
    }
    return text;
  }

  [[nodiscard]] bool contains(std::string_view word) const {
    std::size_t low = 0, high = Count;
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      const int order = compare(middle, word);
      if (order == 0) return true;
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return false;
  }

  // Whether `text` begins with one of the words.
  [[nodiscard]] bool begins(std::string_view text) const {
    for (std::size_t i = 0; i < Count; ++i) {
      if (compare(i, text.substr(0, length(i))) == 0) return true;
    }
    return false;
  }

 private:
  // Differs from place to place: this scanner sees through one byte that hides a whole text.
  static constexpr char shown(char c, std::size_t at) {
    const std::uint32_t key = static_cast<std::uint32_t>(at + 1) * 2654435761U;  // Knuth's
    return static_cast<char>(static_cast<unsigned char>(c) ^ (key >> 24U));
  }

  [[nodiscard]] std::size_t length(std::size_t index) const {
    return static_cast<std::size_t>(starts_.at(index + 1) - starts_.at(index));
  }

  // Below, at or above 0 as the word of the table is before, at or behind `word`.
  [[nodiscard]] int compare(std::size_t index, std::string_view word) const {
    const std::size_t from = starts_.at(index), size = length(index);
    const std::size_t both = std::min(size, word.size());
    for (std::size_t i = 0; i < both; ++i) {
      const auto a = static_cast<unsigned char>(shown(text_.at(from + i), from + i));
      const auto b = static_cast<unsigned char>(word[i]);
      if (a != b) return a < b ? -1 : 1;
    }
    if (size == word.size()) return 0;
    return size < word.size() ? -1 : 1;
  }

  std::array<char, Bytes> text_{};
  std::array<std::uint16_t, Count + 1> starts_{};
};

// `words` is a lambda that captures nothing and returns the array.
template <class Words>
consteval auto hidden_words(Words /*words*/) {
  constexpr auto kWords = Words{}();
  constexpr std::size_t kBytes = [] {
    std::size_t bytes = 0;
    for (const std::string_view word : Words{}()) bytes += word.size();
    return bytes;
  }();
  return HiddenWords<kBytes, kWords.size()>(kWords);
}

}  // namespace minescan
