// Benign: adds two vectors.
__kernel void vector_add(__global const uint* a, __global const uint* b, __global uint* sum,
                         uint count) {
  const uint i = (uint)get_global_id(0);
  if (i < count) sum[i] = a[i] + b[i];
}
