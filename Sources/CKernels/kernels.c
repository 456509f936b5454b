#include "CKernels.h"

#include <stddef.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Products are contracted where fma is written, and nowhere else: bits would differ between targets.
#pragma STDC FP_CONTRACT OFF
// Vectors pass between inlined functions only, so there is no calling convention to change.
#pragma clang diagnostic ignored "-Wpsabi"

// One source, compiled once per instruction set. KERNEL_VECTORS: 16-float vectors per gemm tile row.
#define NAME(name) name##_baseline
#define KERNEL_VECTORS 1
#include "family.inc"
#undef NAME
#undef KERNEL_VECTORS

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define NAME(name) name##_avx2
#define KERNEL_VECTORS 1
#include "family.inc"
#undef NAME
#undef KERNEL_VECTORS
#pragma clang attribute pop

#pragma clang attribute push(                                                                  \
    __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"),                      \
                   min_vector_width(512))),                                                    \
    apply_to = function)
#define NAME(name) name##_avx512
#define KERNEL_VECTORS 4
#include "family.inc"
#undef NAME
#undef KERNEL_VECTORS
#pragma clang attribute pop
#endif

dm_family dm_best_family(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return DM_AVX512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return DM_AVX2;
#endif
  return DM_BASELINE;
}

const dm_kernels *dm_kernels_of(dm_family family) {
#if defined(__x86_64__)
  if (family == DM_AVX512) return &table_avx512;
  if (family == DM_AVX2) return &table_avx2;
#endif
  return &table_baseline;
}

static long rounded_up(long n) { return (n + DM_LANES - 1) / DM_LANES * DM_LANES; }

long dm_attention_scratch(long n, long hd) {
  long np = rounded_up(n), hp = rounded_up(hd);
  return hp * np + 3 * n * hp + n * np;
}
