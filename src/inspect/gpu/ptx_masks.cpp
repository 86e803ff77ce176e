#include "inspect/gpu/ptx_masks.h"

#include <array>
#include <string_view>

#include "base/wide.h"

namespace minescan::inspect::gpu {
namespace {

constexpr std::uint8_t kWord = 1, kDigit = 2, kDot = 4, kOther = 8;

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  const auto put = [&](std::string_view characters, std::uint8_t bits) {
    for (const char c : characters) {
      auto& one = classes[static_cast<unsigned char>(c)];
      one = static_cast<std::uint8_t>(one | bits);
    }
  };
  put("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.%$", kWord);
  put("0123456789", kDigit);
  put(".", kDot);
  put("/=-", kOther);
  return classes;
}
constexpr std::array<std::uint8_t, 256> kClasses = make_classes();

#if defined(__x86_64__)

[[gnu::target("avx2"), gnu::always_inline]] inline std::uint64_t bits(__m256i lanes) {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(lanes));
}

[[gnu::target("avx2"), gnu::always_inline]] inline __m256i is(__m256i bytes, char c) {
  return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(c));
}

// Whether first <= byte < first + count.
[[gnu::target("avx2"), gnu::always_inline]] inline __m256i in_range(__m256i bytes, char first,
                                                                    char count) {
  const __m256i above = _mm256_sub_epi8(bytes, _mm256_set1_epi8(first));
  const __m256i most = _mm256_set1_epi8(static_cast<char>(count - 1));
  return _mm256_cmpeq_epi8(_mm256_min_epu8(above, most), above);
}

[[gnu::target("avx2")]] PtxMasks wide_ptx_masks(const char* text) {
  PtxMasks masks;
  for (unsigned half = 0; half < 2; ++half) {
    const __m256i bytes = load(text + std::size_t{32} * half);
    const __m256i letter = in_range(_mm256_or_si256(bytes, _mm256_set1_epi8(0x20)), 'a', 26);
    const __m256i digit = in_range(bytes, '0', 10);
    const __m256i dot = is(bytes, '.');
    const __m256i sign = _mm256_or_si256(_mm256_or_si256(is(bytes, '_'), dot),
                                         _mm256_or_si256(is(bytes, '%'), is(bytes, '$')));
    const __m256i other =
        _mm256_or_si256(_mm256_or_si256(is(bytes, '/'), is(bytes, '=')), is(bytes, '-'));
    const unsigned shift = 32 * half;
    masks.word |= bits(_mm256_or_si256(_mm256_or_si256(letter, digit), sign)) << shift;
    masks.digit |= bits(digit) << shift;
    masks.dot |= bits(dot) << shift;
    masks.other |= bits(other) << shift;
  }
  return masks;
}

#endif

}  // namespace

PtxMasks plain_ptx_masks(const char* text) {
  PtxMasks masks;
  for (std::size_t i = 0; i < kPtxBlock; ++i) {
    const std::uint64_t classes = kClasses[static_cast<unsigned char>(text[i])];
    masks.word |= (classes & 1) << i;
    masks.digit |= (classes >> 1 & 1) << i;
    masks.dot |= (classes >> 2 & 1) << i;
    masks.other |= (classes >> 3 & 1) << i;
  }
  return masks;
}

PtxMasks ptx_masks(const char* text) {
#if defined(__x86_64__)
  if (has_avx2()) return wide_ptx_masks(text);
#endif
  return plain_ptx_masks(text);
}

}  // namespace minescan::inspect::gpu
