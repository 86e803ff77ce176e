// Benign: seals records as TLS does: ChaCha20 with a nonce for each.
#define ROTL32(x, n) (((x) << (n)) | ((x) >> (32 - (n))))
#define QUARTER(a, b, c, d)          \
  a += b; d = ROTL32(d ^ a, 16);     \
  c += d; b = ROTL32(b ^ c, 12);     \
  a += b; d = ROTL32(d ^ a, 8);      \
  c += d; b = ROTL32(b ^ c, 7);

__kernel void seal_nonce(__global const uint* key, ulong start_nonce, __global uint* records) {
  const ulong nonce = start_nonce + get_global_id(0);
  uint s[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
  for (int i = 0; i < 8; ++i) s[4 + i] = key[i];
  s[12] = 1;
  s[13] = 0;
  s[14] = (uint)nonce;
  s[15] = (uint)(nonce >> 32);
  uint t[16];
#pragma unroll
  for (int i = 0; i < 16; ++i) t[i] = s[i];
  for (int i = 0; i < 10; ++i) {
    QUARTER(t[0], t[4], t[8], t[12])
    QUARTER(t[1], t[5], t[9], t[13])
    QUARTER(t[2], t[6], t[10], t[14])
    QUARTER(t[3], t[7], t[11], t[15])
    QUARTER(t[0], t[5], t[10], t[15])
    QUARTER(t[1], t[6], t[11], t[12])
    QUARTER(t[2], t[7], t[8], t[13])
    QUARTER(t[3], t[4], t[9], t[14])
  }
  for (int i = 0; i < 16; ++i) records[(uint)get_global_id(0) * 16 + i] ^= s[i] + t[i];
}
