/*-------------------------------------------------------------------------
 *
 * ps_dense.h
 *	  Dense symmetric systems: Cholesky factor, solution, inverse.
 *
 * Matrices are n x n, row by row; only the lower triangle is read or written
 * unless said otherwise.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_DENSE_H
#define PS_DENSE_H

#include "ps_env.h"

/*
 * Factor A = L L' in place.  A row whose pivot falls to threshold times its
 * own diagonal element or below depends linearly on the rows before it (the
 * ratio is 1 - R^2 of that variable on the earlier ones): it is left out,
 * dependent[row] says so and its part of L is zero.  Scaling a variable
 * changes nothing, since the threshold is relative.  *rank receives the
 * number of rows kept.
 */
extern ps_status ps_cholesky(const ps_env *env, double *matrix, size_t n, double threshold,
							 bool *dependent, size_t *rank, ps_error *error);

/* Solve L L' x = b in place; the solution is 0 at dependent rows. */
extern void ps_cholesky_solve(const double *factor, size_t n, const bool *dependent, double *b);

/*
 * Write the full inverse of the matrix that was factored, restricted to the
 * independent rows; 0 at dependent ones.
 */
extern ps_status ps_cholesky_inverse(const ps_env *env, const double *factor, size_t n, const bool *dependent,
									 double *inverse, ps_error *error);

#endif							/* PS_DENSE_H */
