/*-------------------------------------------------------------------------
 *
 * ps_kernels_baseline.c
 *	  Kernels for every processor the compiler aims at.
 *
 *-------------------------------------------------------------------------
 */
#define KERNELS ps_kernels_baseline
#define KERNELS_NAME "baseline"
#define LANES 4
#include "ps_kernels.inc.c"
