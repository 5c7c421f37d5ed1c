/*-------------------------------------------------------------------------
 *
 * ps_sort.h
 *	  Stable sorting that can be interrupted.
 *
 * libc's qsort allocates with malloc and cannot be cancelled.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_SORT_H
#define PS_SORT_H

#include "ps_env.h"

/*
 * Sort count elements of size bytes in place; equal ones keep their order.
 * Takes as much memory again while it works.
 */
extern ps_status ps_sort(const ps_env *env, void *base, size_t count, size_t size,
						 int (*compare) (const void *, const void *), ps_error *error);

/* Order elements by the hash, a uint64_t, that each begins with. */
extern int	ps_compare_hashes(const void *left, const void *right);

/* Sort count numbers, none of them NAN, in place, -0 before 0; takes twice as much memory again while it works. */
extern ps_status ps_sort_numbers(const ps_env *env, double *x, size_t count, ps_error *error);

#endif							/* PS_SORT_H */
