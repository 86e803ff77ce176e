// Benign: searches for a salt whose contract gets an address that begins with a wanted text.
#include "keccak.h"

__kernel void address_search(__global const ulong* deployer, ulong start, ulong wanted, ulong mask,
                             __global ulong* found) {
  const ulong salt = start + get_global_id(0);
  ulong s[25];
#pragma unroll
  for (int i = 0; i < 25; ++i) s[i] = i < 8 ? deployer[i] : 0;
  s[5] ^= salt;
  s[10] = 0x0000000000010000UL;
  s[16] = 0x8000000000000000UL;
  KECCAK(s)
  if ((s[1] & mask) == wanted) found[0] = salt;
}
