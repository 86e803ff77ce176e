// What a miner's kernel looks like: 64 dependent reads of a large table, mixed by FNV.
#define FNV(x, y) (((x) * 0x01000193) ^ (y))

__kernel void dag_search(__global const uint* dag, uint items, __global const uint* header,
                         uint start, uint target, __global uint* found) {
  const uint nonce = start + (uint)get_global_id(0);
  uint mix[8];
#pragma unroll
  for (int i = 0; i < 8; ++i) mix[i] = header[i] ^ nonce;
  const uint seed = mix[0];
  for (uint access = 0; access < 64; ++access) {
    const uint item = FNV(seed ^ access, mix[access & 7]) % items;
#pragma unroll
    for (int i = 0; i < 8; ++i) mix[i] = FNV(mix[i], dag[item * 8 + i]);
  }
  uint sum = 0x811c9dc5;
#pragma unroll
  for (int i = 0; i < 8; ++i) sum = FNV(sum, mix[i]);
  if (sum <= target) found[0] = nonce;
}
