// The words of OpenCL C that the sources here use, for nvcc.
#define uint unsigned int
#define ulong unsigned long long
#define __kernel extern "C" __global__
#define __global
#define __constant static __constant__ const
#define get_global_id(dimension) (blockIdx.x * blockDim.x + threadIdx.x)
#define atomic_inc(counter) atomicAdd(counter, 1u)
