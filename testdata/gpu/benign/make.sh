#!/bin/sh
# Makes the files in built/ from the sources here, as ../make.sh does; -O2, so that loops stay small.
set -eu
cd -- "$(dirname -- "$0")"
mkdir -p built
nvcc=${NVCC:-nvcc}
for source in *.cl; do
  name=${source%.cl}
  clang-14 -x cl -cl-std=CL2.0 -target amdgcn-amd-amdhsa -mcpu=gfx1030 -nogpulib -O2 \
    -include ../words_amd.h -Xclang -finclude-default-header -o "built/$name.gfx1030.o" "$source"
  # Its rounds are written out, which is the point, and long.
  if test "$name" = derive_keys; then
    gzip -9nf "built/$name.gfx1030.o"
  else
    "$nvcc" -x cu -include ../words_cuda.h -arch=sm_90 -cubin -o "built/$name.sm_90.cubin" "$source"
  fi
done
