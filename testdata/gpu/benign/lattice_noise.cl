// Benign: what a key encapsulation over lattices computes: noise from SHAKE256 of a seed and a
// nonce, and a product of polynomials modulo 3329.
#include "keccak.h"

#define Q 3329

__kernel void getnoise_nonce(__global const ulong* seed, __global short* noise) {
  const uint nonce = (uint)get_global_id(0);
  ulong s[25];
#pragma unroll
  for (int i = 0; i < 25; ++i) s[i] = i < 4 ? seed[i] : 0;
  s[4] = (ulong)nonce | 0x1f00;
  s[16] = 0x8000000000000000UL;
  KECCAK(s)
  for (int i = 0; i < 16; ++i) {
    const ulong bits = s[i];
    for (int k = 0; k < 16; ++k) {
      const uint four = (uint)(bits >> (4 * k)) & 15;
      noise[nonce * 256 + i * 16 + k] =
          (short)((four & 1) + (four >> 1 & 1) - (four >> 2 & 1) - (four >> 3 & 1));
    }
  }
}

__kernel void base_multiply(__global const short* a, __global const short* b, __global short* c) {
  const uint i = (uint)get_global_id(0);
  c[i] = (short)((int)a[i] * (int)b[i] % Q);
}
