// Benign: a prover of computations.  Its proofs contain a nonce that was searched for, so that who
// forges one has to work; the tree of digests and the field are what it is about.
#include "keccak.h"

#define FIELD 0x78000001u

__kernel void field_multiply(__global const uint* a, __global const uint* b, __global uint* c) {
  const uint i = (uint)get_global_id(0);
  c[i] = (uint)((ulong)a[i] * b[i] % FIELD);
}

__kernel void merkle_leaves(__global const ulong* rows, __global ulong* digests) {
  const uint item = (uint)get_global_id(0);
  ulong s[25];
#pragma unroll
  for (int i = 0; i < 25; ++i) s[i] = i < 16 ? rows[item * 16 + i] : 0;
  s[16] = 0x8000000000000001UL;
  KECCAK(s)
  for (int i = 0; i < 4; ++i) digests[item * 4 + i] = s[i];
}

__kernel void grind_search(__global const ulong* transcript, ulong start, ulong target,
                           __global ulong* found) {
  const ulong nonce = start + get_global_id(0);
  ulong s[25];
#pragma unroll
  for (int i = 0; i < 25; ++i) s[i] = i < 4 ? transcript[i] : 0;
  s[4] = nonce;
  s[5] = 1;
  s[16] = 0x8000000000000000UL;
  KECCAK(s)
  if (s[0] <= target) found[0] = nonce;
}
