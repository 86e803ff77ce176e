// The difference of neighbouring bytes, c[i] ^ c[i+1], is the same under every key.  The marks were
// chosen so that few compares find all of them: ':'^'/' == 'a'^'t' == 'x'^'m' == 0x15 and
// 'p'^'o' == 'm'^'r' == 0x1f.

#include "inspect/decoders/xor.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>

#include "base/wide.h"
#include "inspect/decoders/characters.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace minescan::inspect::decoders {
namespace {

constexpr std::size_t kShortest = 14;  // bytes; shorter texts are chance

unsigned char byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

bool is_candidate(unsigned char a, unsigned char b, unsigned char c) {
  const unsigned first = a ^ b, second = b ^ c;
  return (first == 0x15 && (second == 0 || second == 0x1f || second == 0x11)) ||
         (first == 0x1f && second == 0);
}

struct Mark {
  std::string_view text;
  std::size_t at;  // of the three bytes that give it away
};
// The last is cut: in whole it would make scanners take this program for a miner.
constexpr std::array kMarks = {
    Mark{"http://", 4}, Mark{"https://", 5}, Mark{"+tcp://", 4}, Mark{"+ssl://", 4},
    Mark{"+tls://", 4}, Mark{"xmrig", 0},    Mark{"pool.", 0},   Mark{"donate-lev", 3},
};

// The key under which a mark lies around bytes[at], which is a candidate, or 0.
unsigned char key_at(std::string_view bytes, std::size_t at) {
  // The differences tell which three characters it must be, and so the only key that there can be.
  const unsigned second = byte_at(bytes, at + 1) ^ byte_at(bytes, at + 2);
  const bool wide = (byte_at(bytes, at) ^ byte_at(bytes, at + 1)) == 0x1f;
  const char first = wide ? 'p' : second == 0 ? ':' : second == 0x11 ? 'a' : 'x';
  const auto key =
      static_cast<unsigned char>(byte_at(bytes, at) ^ static_cast<unsigned char>(first));
  // 0x20 only turns the case of letters.
  if (key == 0 || key == 0x20) return 0;
  for (const Mark& mark : kMarks) {
    if (mark.text[mark.at] != first) continue;
    if (at < mark.at || at - mark.at + mark.text.size() > bytes.size()) continue;
    const std::size_t begin = at - mark.at;
    bool all = true;
    for (std::size_t i = 0; all && i < mark.text.size(); ++i) {
      all = (byte_at(bytes, begin + i) ^ byte_at(mark.text, i)) == key;
    }
    if (all) return key;
  }
  return 0;
}

bool is_text(unsigned char c) { return is_printable(c) || c == '\n' || c == '\r' || c == '\t'; }

#if defined(__x86_64__)
// The same 32 bytes at a time.  Returns where it stopped.
template <class Take>
[[gnu::target("avx2")]] std::size_t wide_candidates(std::string_view bytes, std::size_t at,
                                                    std::size_t to, const Take& take) {
  const __m256i k15 = _mm256_set1_epi8(0x15), k1f = _mm256_set1_epi8(0x1f);
  const __m256i k11 = _mm256_set1_epi8(0x11), zero = _mm256_setzero_si256();
  for (; at + 32 <= to && at + 34 <= bytes.size(); at += 32) {
    const char* const here = bytes.data() + at;
    const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(here));
    const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(here + 1));
    const __m256i c = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(here + 2));
    const __m256i first = _mm256_xor_si256(a, b), second = _mm256_xor_si256(b, c);
    const __m256i is15 = _mm256_cmpeq_epi8(first, k15), is1f = _mm256_cmpeq_epi8(first, k1f);
    const __m256i same = _mm256_cmpeq_epi8(second, zero);
    const __m256i turn =
        _mm256_or_si256(_mm256_cmpeq_epi8(second, k1f), _mm256_cmpeq_epi8(second, k11));
    const __m256i hit = _mm256_or_si256(_mm256_and_si256(_mm256_or_si256(is15, is1f), same),
                                        _mm256_and_si256(is15, turn));
    auto mask = static_cast<unsigned>(_mm256_movemask_epi8(hit));
    for (; mask != 0; mask &= mask - 1) {
      take(at + static_cast<std::size_t>(std::countr_zero(mask)));
    }
  }
  return at;
}
#endif

// Calls `take` with each place in [from, to) where three bytes may give a mark away.
template <class Take>
void for_each_candidate(std::string_view bytes, std::size_t from, std::size_t to,
                        const Take& take) {
  std::size_t at = from;
#if defined(__x86_64__)
  if (has_avx2()) at = wide_candidates(bytes, at, to, take);
#endif
#if defined(__SSE2__)
  const auto load = [&](std::size_t where) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data() + where));
  };
  const __m128i k15 = _mm_set1_epi8(0x15), k1f = _mm_set1_epi8(0x1f), k11 = _mm_set1_epi8(0x11);
  const __m128i zero = _mm_setzero_si128();
  for (; at + 16 <= to && at + 18 <= bytes.size(); at += 16) {
    const __m128i b = load(at + 1);
    const __m128i first = _mm_xor_si128(load(at), b);
    const __m128i second = _mm_xor_si128(b, load(at + 2));
    const __m128i is15 = _mm_cmpeq_epi8(first, k15), is1f = _mm_cmpeq_epi8(first, k1f);
    const __m128i same = _mm_cmpeq_epi8(second, zero);
    const __m128i turn = _mm_or_si128(_mm_cmpeq_epi8(second, k1f), _mm_cmpeq_epi8(second, k11));
    const __m128i hit =
        _mm_or_si128(_mm_and_si128(_mm_or_si128(is15, is1f), same), _mm_and_si128(is15, turn));
    auto mask = static_cast<unsigned>(_mm_movemask_epi8(hit));
    for (; mask != 0; mask &= mask - 1) {
      take(at + static_cast<std::size_t>(std::countr_zero(mask)));
    }
  }
#endif
  for (; at < to && at + 3 <= bytes.size(); ++at) {
    if (is_candidate(byte_at(bytes, at), byte_at(bytes, at + 1), byte_at(bytes, at + 2))) take(at);
  }
}

}  // namespace

void decode_xor(std::string_view bytes, std::size_t from, std::size_t to, std::uint64_t offset,
                std::uint64_t& done, Found& found) {
  for_each_candidate(bytes, from, to, [&](std::size_t at) {
    if (offset + at < done) return;
    const unsigned char key = key_at(bytes, at);
    if (key == 0) return;
    const auto inside = [&](std::size_t where) {
      const auto c = static_cast<unsigned char>(byte_at(bytes, where) ^ key);
      return c == 0 || is_text(c);  // the strings of a program stand together
    };
    std::size_t first = at > kXorReach ? at - kXorReach : 0;
    if (done > offset + first) first = static_cast<std::size_t>(done - offset);
    const std::size_t last = std::min(bytes.size(), at + kXorReach);
    std::size_t begin = at, end = at;
    while (begin > first && inside(begin - 1)) --begin;
    while (end < last && inside(end)) ++end;
    if (end - begin < kShortest) return;
    std::array<char, 16> name{};
    std::snprintf(name.data(), name.size(), "xor 0x%02x", key);
    std::string text(bytes.substr(begin, end - begin));
    for (char& c : text) {
      c = static_cast<char>(static_cast<unsigned char>(c) ^ key);
      if (c == '\0') c = '\n';  // strings, one a line
    }
    done = offset + end;
    found.push_back({.name = name.data(),
                     .begin = offset + begin,
                     .end = offset + end,
                     .bytes = std::move(text)});
  });
}

}  // namespace minescan::inspect::decoders
