// The functions that the sources here use, for clang's PTX.
#define get_global_id(dimension) \
  (__nvvm_read_ptx_sreg_ctaid_x() * 256 + __nvvm_read_ptx_sreg_tid_x())
#define atomic_inc(counter) __nvvm_atom_add_gen_i((__global int*)(counter), 1)
