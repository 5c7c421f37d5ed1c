/*-------------------------------------------------------------------------
 *
 * ps_kernels_avx512.c
 *	  Kernels for x86-64 with AVX-512 F, DQ, VL and BW.
 *
 *-------------------------------------------------------------------------
 */
#if defined(__x86_64__) && defined(__GNUC__)

/* before any header: the two compilers spell "for all functions below" differently */
#if defined(__clang__)
#pragma clang attribute push (__attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma")
#endif

#define KERNELS ps_kernels_avx512
#define KERNELS_NAME "avx512"
#define LANES 16
#include "ps_kernels.inc.c"

#if defined(__clang__)
#pragma clang attribute pop
#endif

#else

typedef int ps_kernels_avx512_unused; /* C forbids an empty file */

#endif
