// c[i] ^ c[i + p] is, where p is the length of the key, the same as of the text without the key. So
// a word that is longer than the key gives itself away, and the key with it.

#include "inspect/decoders/xor_key.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/hidden_words.h"
#include "inspect/decoders/characters.h"

namespace minescan::inspect::decoders {
namespace {

// Words of miners' commands and configurations and of what starts them; the longer, the longer may
// the key be.  Some are cut: in whole they would make this file a miner's to scanners.
// clang-format off
constexpr auto kWords = hidden_words([] { return std::to_array<std::string_view>({
    " --algorithm ", " --donate-leve", " --pool ", " --wallet ", " -o pool.",
    " -o stratum+ssl://", " -o stratum+tcp://", "\"donate-leve", "\"pools\": [", "\"pools\":[",
    "--algo", "--url=stratum+tcp://", ".2miners.co", ".herominers.co", ".moneroocean.stre",
    ".nanopool.or", ".nicehash.co", ".unmineable.co", "c3pool.", "child_process",
    "cryptonight", "donate-leve", "mining.authorize", "mining.subscribe", "pool.hashvault.pr",
    "pool.minexmr.co", "pool.supportxmr.co", "randomx", "stratum+ssl://", "stratum+tcp://",
    "wallet", "xmrig"}); });
// clang-format on

const std::array<std::string, kWords.size()>& words() {
  static const auto kTable = [] {
    std::array<std::string, kWords.size()> table;
    for (std::size_t i = 0; i < table.size(); ++i) table[i] = kWords.word(i);
    return table;
  }();
  return kTable;
}

// Characters that have to be text around a word for the key to be believed.
constexpr std::size_t kAround = 24;
// A word tells of a key no longer than itself less this.
constexpr std::size_t kOverlap = 3;
constexpr std::size_t kShortestText = 32;
// Of bytes that a text spells out so many are looked at for the key.
constexpr std::size_t kHead = 2048;

unsigned char byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

bool is_text(unsigned char c) { return is_printable(c) || c == '\n' || c == '\r' || c == '\t'; }

// How common a character is in commands and configurations.
constexpr std::array<std::int8_t, 256> usual() {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (unsigned c = 0x20; c < 0x7f; ++c) table[c] = 1;
  table['\n'] = 2;
  table['\t'] = 1;
  table['\r'] = 0;
  for (unsigned c = '0'; c <= '9'; ++c) table[c] = 4;
  for (unsigned c = 'A'; c <= 'Z'; ++c) table[c] = 3;
  constexpr std::string_view kLetters = "etaoinsrlcdmpuhgbfkwxvyjqz";
  for (std::size_t i = 0; i < kLetters.size(); ++i) {
    table[static_cast<unsigned char>(kLetters[i])] = static_cast<std::int8_t>(9 - i / 4);
  }
  table[' '] = 10;
  for (const char c : {'-', '.', '/', ':', '"'}) table[static_cast<unsigned char>(c)] = 5;
  return table;
}
constexpr auto kUsual = usual();

// For each period which differences c[i] ^ c[i + period] a word may begin with, by the first two.
class Begins {
 public:
  Begins() {
    for (const std::string& word : words()) {
      for (std::size_t period = 1; period + kOverlap <= word.size() && period <= kLongestKey;
           ++period) {
        const std::size_t place = place_of(word, 0, period);
        bits_[period][place / 64] |= std::uint64_t{1} << place % 64;
      }
    }
  }
  [[nodiscard]] bool may(std::string_view bytes, std::size_t at, std::size_t period) const {
    const std::size_t place = place_of(bytes, at, period);
    return (bits_[period][place / 64] >> place % 64 & 1) != 0;
  }

 private:
  static std::size_t place_of(std::string_view bytes, std::size_t at, std::size_t period) {
    const unsigned first = byte_at(bytes, at) ^ byte_at(bytes, at + period);
    const unsigned second = byte_at(bytes, at + 1) ^ byte_at(bytes, at + 1 + period);
    return (first << 5 ^ second) & 0xfff;
  }
  std::array<std::array<std::uint64_t, 64>, kLongestKey + 1> bits_{};
};

const Begins& begins() {
  static const Begins kBegins;
  return kBegins;
}

// The key that makes a word of bytes[at, …), which then is text around it too; key[i] is for
// bytes[i], bytes[i + p], ….  Empty when there is none.
std::string key_under_word(std::string_view bytes, std::size_t at, std::size_t period) {
  const std::string_view here = bytes.substr(at);
  if (here.size() < period + kOverlap || !begins().may(here, 0, period)) return {};
  // Words that are much alike, +tcp:// and +ssl://, may all fit: the one with the best text counts.
  std::string best;
  int best_sum = 0;
  for (const std::string& word : words()) {
    if (word.size() < period + kOverlap || here.size() < word.size()) continue;
    bool same = true;
    for (std::size_t i = 0; same && i + period < word.size(); ++i) {
      same = (byte_at(here, i) ^ byte_at(here, i + period)) ==
             (byte_at(word, i) ^ byte_at(word, i + period));
    }
    if (!same) continue;
    std::string key(period, '\0');
    for (std::size_t i = 0; i < period; ++i) {
      key[(at + i) % period] =
          static_cast<char>(static_cast<unsigned>(byte_at(here, i) ^ byte_at(word, i)));
    }
    // None, or what only turns the case of letters.
    if (std::all_of(key.begin(), key.end(), [](char c) { return c == 0 || c == 0x20; })) continue;
    const auto fits = [&](std::size_t where) {
      return is_text(
          static_cast<unsigned char>(byte_at(bytes, where) ^ byte_at(key, where % period)));
    };
    std::size_t first = at, last = at + word.size();
    while (first > 0 && last - first < word.size() + kAround && fits(first - 1)) --first;
    while (last < bytes.size() && last - first < word.size() + kAround && fits(last)) ++last;
    if (last - first < word.size() + kAround) continue;
    int sum = 0;
    for (std::size_t i = first; i < last; ++i) {
      sum += kUsual[byte_at(bytes, i) ^ byte_at(key, i % period)];
    }
    if (sum < static_cast<int>(last - first) * 4 || sum <= best_sum) continue;
    best_sum = sum;
    best = std::move(key);
  }
  return best;
}

// The key of that length under which every byte is text and the characters are the most usual.
std::string usual_key(std::string_view bytes, std::size_t period) {
  std::string key(period, '\0');
  int total = 0;
  for (std::size_t column = 0; column < period; ++column) {
    int best = -1;
    for (unsigned k = 0; k < 256; ++k) {
      int sum = 0;
      for (std::size_t i = column; sum >= 0 && i < bytes.size(); i += period) {
        const std::int8_t value = kUsual[byte_at(bytes, i) ^ k];
        sum = value < 0 ? std::numeric_limits<int>::min() / 2 : sum + value;
      }
      if (sum <= best) continue;
      best = sum;
      key[column] = static_cast<char>(k);
    }
    if (best < 0) return {};
    total += best;
  }
  // Characters that mean nothing have about 3 each; texts have more.
  return total >= static_cast<int>(bytes.size()) * 7 / 2 ? key : std::string();
}

std::string name_of(std::string_view key) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string name = "xor 0x";
  for (const char c : key) {
    name += kDigits[static_cast<unsigned char>(c) >> 4];
    name += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return name;
}

std::string without(std::string_view bytes, std::string_view key) {
  std::string text(bytes);
  for (std::size_t i = 0; i < text.size(); ++i) {
    text[i] =
        static_cast<char>(static_cast<unsigned>(byte_at(text, i) ^ byte_at(key, i % key.size())));
  }
  return text;
}

}  // namespace

std::optional<Unkeyed> undo_key(std::string_view bytes) {
  if (bytes.size() < kShortestText) return std::nullopt;
  const std::string_view head = bytes.substr(0, kHead);
  std::string key;
  for (std::size_t period = 1; key.empty() && period <= kLongestKey; ++period) {
    for (std::size_t at = 0; key.empty() && at < head.size(); ++at) {
      key = key_under_word(head, at, period);
    }
  }
  if (!key.empty()) return Unkeyed{name_of(key), without(bytes, key)};
  // Each a number higher than it is meant: letters that are moved a little are still letters, so
  // the most usual text counts.
  const auto less = [](char c, unsigned add) {
    return static_cast<char>(static_cast<unsigned char>(c) - add);
  };
  unsigned best = 0;
  int best_sum = static_cast<int>(head.size()) * 4;
  for (unsigned add = 1; add < 256; ++add) {
    int sum = 0;
    for (std::size_t i = 0; sum >= 0 && i < head.size(); ++i) {
      const std::int8_t value = kUsual[static_cast<unsigned char>(less(head[i], add))];
      sum = value < 0 ? -1 : sum + value;
    }
    if (sum <= best_sum) continue;
    best_sum = sum;
    best = add;
  }
  if (best != 0) {
    std::string text(bytes);
    for (char& c : text) c = less(c, best);
    return Unkeyed{"less " + std::to_string(best), std::move(text)};
  }
  for (std::size_t period = 1; key.empty() && period <= kLongestKey; ++period) {
    constexpr std::size_t kFewest = 8;  // characters that one byte of a key is told from
    if (head.size() >= period * kFewest) key = usual_key(head, period);
    if (key == std::string(key.size(), '\0')) key.clear();
  }
  if (!key.empty()) return Unkeyed{name_of(key), without(bytes, key)};
  return std::nullopt;
}

void append_unkeyed(const Decoded& decoded, Found& found) {
  auto unkeyed = undo_key(decoded.bytes);
  if (!unkeyed) return;
  found.push_back({.name = decoded.name + ", " + unkeyed->name,
                   .begin = decoded.begin,
                   .end = decoded.end,
                   .bytes = std::move(unkeyed->text),
                   .cut = decoded.cut});
}

}  // namespace minescan::inspect::decoders
