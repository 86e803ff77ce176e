// Keccak-f[1600] as a loop, which the sources here share.
__constant ulong RC[24] = {
    0x0000000000000001UL, 0x0000000000008082UL, 0x800000000000808aUL, 0x8000000080008000UL,
    0x000000000000808bUL, 0x0000000080000001UL, 0x8000000080008081UL, 0x8000000000008009UL,
    0x000000000000008aUL, 0x0000000000000088UL, 0x0000000080008009UL, 0x000000008000000aUL,
    0x000000008000808bUL, 0x800000000000008bUL, 0x8000000000008089UL, 0x8000000000008003UL,
    0x8000000000008002UL, 0x8000000000000080UL, 0x000000000000800aUL, 0x800000008000000aUL,
    0x8000000080008081UL, 0x8000000000008080UL, 0x0000000080000001UL, 0x8000000080008008UL};

#define ROTL(x, n) (((x) << (n)) | ((x) >> (64 - (n))))

#define KECCAK(s)                                                                           \
  {                                                                                         \
    const int rotations[24] = {1,  3,  6,  10, 15, 21, 28, 36, 45, 55, 2,  14,              \
                               27, 41, 56, 8,  25, 43, 62, 18, 39, 61, 20, 44};             \
    const int lanes[24] = {10, 7,  11, 17, 18, 3, 5,  16, 8,  21, 24, 4,                    \
                           15, 23, 19, 13, 12, 2, 20, 14, 22, 9,  6,  1};                   \
    for (int round = 0; round < 24; ++round) {                                              \
      ulong c[5];                                                                           \
      _Pragma("unroll") for (int i = 0; i < 5; ++i)                                         \
        c[i] = (s)[i] ^ (s)[i + 5] ^ (s)[i + 10] ^ (s)[i + 15] ^ (s)[i + 20];               \
      _Pragma("unroll") for (int i = 0; i < 25; ++i)                                        \
        (s)[i] ^= c[(i + 4) % 5] ^ ROTL(c[(i + 1) % 5], 1);                                 \
      ulong moved = (s)[1];                                                                 \
      _Pragma("unroll") for (int i = 0; i < 24; ++i) {                                      \
        const ulong kept = (s)[lanes[i]];                                                   \
        (s)[lanes[i]] = ROTL(moved, rotations[i]);                                          \
        moved = kept;                                                                       \
      }                                                                                     \
      _Pragma("unroll") for (int row = 0; row < 25; row += 5) {                             \
        _Pragma("unroll") for (int i = 0; i < 5; ++i) c[i] = (s)[row + i];                  \
        _Pragma("unroll") for (int i = 0; i < 5; ++i)                                       \
          (s)[row + i] = c[i] ^ (~c[(i + 1) % 5] & c[(i + 2) % 5]);                         \
      }                                                                                     \
      (s)[0] ^= RC[round];                                                                  \
    }                                                                                       \
  }
