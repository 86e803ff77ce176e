// Benign: what a password cracker computes, HMAC-SHA256 of a salt of 12 bytes and a counter.  Key block
// and message have 80 bytes together, as many as a block header.
__constant uint K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

#define ROTR(x, n) (((x) >> (n)) | ((x) << (32 - (n))))
#define CHAIN(w, i)                                                                         \
  ((w)[(i) & 15] + (w)[((i) + 9) & 15] +                                                    \
   (ROTR((w)[((i) + 1) & 15], 7) ^ ROTR((w)[((i) + 1) & 15], 18) ^ ((w)[((i) + 1) & 15] >> 3)) + \
   (ROTR((w)[((i) + 14) & 15], 17) ^ ROTR((w)[((i) + 14) & 15], 19) ^ ((w)[((i) + 14) & 15] >> 10)))
// All rounds of one block: `w` is used up, `s` is the state.
#define ROUNDS(s, w)                                                                       \
  _Pragma("unroll") for (int i = 0; i < 64; ++i) {                                         \
    if (i > 15) (w)[i & 15] = CHAIN(w, i);                                                 \
    const uint t1 = (s)[7] + (ROTR((s)[4], 6) ^ ROTR((s)[4], 11) ^ ROTR((s)[4], 25)) +     \
                    (((s)[4] & (s)[5]) ^ (~(s)[4] & (s)[6])) + (K[i] + (w)[i & 15]);       \
    const uint t2 = (ROTR((s)[0], 2) ^ ROTR((s)[0], 13) ^ ROTR((s)[0], 22)) +              \
                    (((s)[0] & (s)[1]) ^ ((s)[0] & (s)[2]) ^ ((s)[1] & (s)[2]));           \
    (s)[7] = (s)[6]; (s)[6] = (s)[5]; (s)[5] = (s)[4]; (s)[4] = (s)[3] + t1;               \
    (s)[3] = (s)[2]; (s)[2] = (s)[1]; (s)[1] = (s)[0]; (s)[0] = t1 + t2;                   \
  }


__kernel void pbkdf_guess(__global const uint* guesses, __global const uint* outer, uint salt0,
                          uint salt1, uint salt2, __global uint* keys) {
  const uint item = (uint)get_global_id(0);
  uint inner[16];
#pragma unroll
  for (int i = 0; i < 16; ++i) inner[i] = (i < 8 ? guesses[item * 8 + i] : 0) ^ 0x36363636;
  const uint iv[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint a[8], t[8];
#pragma unroll
  for (int i = 0; i < 8; ++i) t[i] = iv[i];
  ROUNDS(t, inner)
#pragma unroll
  for (int i = 0; i < 8; ++i) a[i] = t[i] += iv[i];
  uint message[16] = {salt0, salt1, salt2, 1, 0x80000000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 640};
  ROUNDS(t, message)
  uint digest[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0x80000000, 0, 0, 0, 0, 0, 0, 768};
#pragma unroll
  for (int i = 0; i < 8; ++i) digest[i] = a[i] + t[i];
#pragma unroll
  for (int i = 0; i < 8; ++i) t[i] = outer[item * 8 + i];
  ROUNDS(t, digest)
  for (int i = 0; i < 8; ++i) keys[item * 8 + i] = outer[item * 8 + i] + t[i];
}
