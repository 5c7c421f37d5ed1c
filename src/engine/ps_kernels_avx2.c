/*-------------------------------------------------------------------------
 *
 * ps_kernels_avx2.c
 *	  Kernels for x86-64 with AVX2 and FMA.
 *
 *-------------------------------------------------------------------------
 */
#if defined(__x86_64__) && defined(__GNUC__)

/* before any header: the two compilers spell "for all functions below" differently */
#if defined(__clang__)
#pragma clang attribute push (__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif

#define KERNELS ps_kernels_avx2
#define KERNELS_NAME "avx2"
#define LANES 8
#include "ps_kernels.inc.c"

#if defined(__clang__)
#pragma clang attribute pop
#endif

#else

typedef int ps_kernels_avx2_unused; /* C forbids an empty file */

#endif
