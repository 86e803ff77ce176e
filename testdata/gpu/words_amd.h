// The functions that the sources here use, for clang without the library of AMD's compiler.
#define get_global_id(dimension) \
  (__builtin_amdgcn_workgroup_id_x() * 256 + __builtin_amdgcn_workitem_id_x())
#define atomic_inc(counter)                                                             \
  __opencl_atomic_fetch_add((__global atomic_uint*)(counter), 1u, memory_order_relaxed, \
                            memory_scope_device)
