// Benign: a Merkle tree of Keccak digests, and a hash map of them by FNV, in one library.
#include "keccak.h"

#define FNV_PRIME 0x01000193u
#define FNV_BASIS 0x811c9dc5u

__kernel void merkle_layer(__global const ulong* below, __global ulong* above) {
  const uint item = (uint)get_global_id(0);
  ulong s[25];
#pragma unroll
  for (int i = 0; i < 25; ++i) s[i] = i < 8 ? below[item * 8 + i] : 0;
  s[8] = 1;
  s[16] = 0x8000000000000000UL;
  KECCAK(s)
  for (int i = 0; i < 4; ++i) above[item * 4 + i] = s[i];
}

__kernel void map_search(__global const uint* keys, __global const uint* slots, uint mask,
                         __global uint* places) {
  const uint item = (uint)get_global_id(0);
  uint hash = FNV_BASIS;
  for (int i = 0; i < 4; ++i) hash = (hash ^ (keys[item] >> (8 * i) & 255)) * FNV_PRIME;
  uint place = hash & mask;
  for (uint step = 0; step <= mask && slots[place] != keys[item] && slots[place] != 0; ++step)
    place = (place + 1) & mask;
  places[item] = place;
}
