/*-------------------------------------------------------------------------
 *
 * ps_kernels.c
 *	  Choice of kernels by processor.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_kernels.h"

const ps_kernels *
ps_kernels_number(size_t i)
{
#if defined(__x86_64__) && defined(__GNUC__)
	const ps_kernels *usable[3];
	size_t		n = 0;

	/* fastest first */
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
		__builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
		usable[n++] = &ps_kernels_avx512;
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		usable[n++] = &ps_kernels_avx2;
	usable[n++] = &ps_kernels_baseline;
	return i < n ? usable[i] : NULL;
#else
	return i == 0 ? &ps_kernels_baseline : NULL;
#endif
}

const ps_kernels *
ps_kernels_best(void)
{
	return ps_kernels_number(0);
}
