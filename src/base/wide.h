#pragma once
// Bytes looked at 32 at a time where a processor has AVX2.  Whoever includes this, in a .cpp file,
// keeps a plain way for all others, and asks has_avx2() first.

#include "base/halves.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace minescan {

#if defined(__x86_64__)

inline bool has_avx2() {
  static const bool has = __builtin_cpu_supports("avx2") != 0;
  return has;
}

[[gnu::target("avx2"), gnu::always_inline]] inline __m256i both_lanes(
    const std::array<std::uint8_t, 16>& table) {
  return _mm256_broadcastsi128_si256(
      _mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data())));
}

[[gnu::target("avx2"), gnu::always_inline]] inline __m256i load(const void* at) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(at));
}

[[gnu::target("avx2"), gnu::always_inline]] inline __m256i high_half(__m256i bytes) {
  return _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0f));
}

// For bytes from 128 on the shuffle gives 0 by itself, unless `bytes` are lower halves.
[[gnu::target("avx2"), gnu::always_inline]] inline __m256i look_up(__m256i low_table,
                                                                   __m256i high_table,
                                                                   __m256i bytes, __m256i high) {
  return _mm256_and_si256(_mm256_shuffle_epi8(low_table, bytes),
                          _mm256_shuffle_epi8(high_table, high));
}

// A bit for each byte that is not 0.
[[gnu::target("avx2"), gnu::always_inline]] inline std::uint32_t not_zero(__m256i bytes) {
  return ~static_cast<std::uint32_t>(
      _mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_setzero_si256())));
}

#endif

}  // namespace minescan
