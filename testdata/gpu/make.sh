#!/bin/sh
# Makes the files in built/ from the sources here.  clang 14 (Debian 12) makes all but NVIDIA's,
# which take nvcc of CUDA 13.  Neither is needed for tests: what comes out is checked in.
set -eu
cd -- "$(dirname -- "$0")"
mkdir -p built
nvcc=${NVCC:-nvcc}

amd() { # SOURCE PROCESSOR
  clang-14 -x cl -cl-std=CL2.0 -target amdgcn-amd-amdhsa -mcpu="$2" -nogpulib -O3 \
    -include words_amd.h -Xclang -finclude-default-header -o "built/$1.$2.o" "$1.cl"
}
cubin() { # SOURCE ARCHITECTURE
  "$nvcc" -x cu -include words_cuda.h -arch="sm_$2" -cubin -o "built/$1.sm_$2.cubin" "$1.cl"
}

for source in vector_add file_sha256 keccak_search dag_search; do amd "$source" gfx1030; done
amd sha256d_search gfx906
clang-offload-bundler-14 -type=o -targets=host-x86_64-unknown-linux,hipv4-amdgcn-amd-amdhsa--gfx906,hipv4-amdgcn-amd-amdhsa--gfx1030 \
  -inputs=/dev/null,built/sha256d_search.gfx906.o,built/vector_add.gfx1030.o -outputs=built/two.hipfb
cubin sha256d_search 120
for source in vector_add file_sha256 dag_search; do cubin "$source" 90; done
"$nvcc" -x cu -include words_cuda.h -arch=compute_90 -ptx -o built/dag_search.ptx dag_search.cl
for mode in none speed size; do
  "$nvcc" -x cu -include words_cuda.h -compress-mode="$mode" \
    -gencode 'arch=compute_75,code=[sm_75,compute_75]' -gencode arch=compute_90,code=sm_90 \
    -fatbin -o "built/vector_add.$mode.fatbin" vector_add.cl
done
