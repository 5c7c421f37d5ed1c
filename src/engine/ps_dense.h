/*-------------------------------------------------------------------------
 *
 * ps_dense.h
 *	  Dense symmetric systems: Cholesky factor, solution, forms of the inverse.
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
 * v' A^-1 v of the matrix that was factored, restricted to the independent
 * rows, whose v must be 0 before first.  scratch[n] is overwritten.
 */
extern double ps_cholesky_inverse_form(const double *factor, size_t n, const bool *dependent, const double *v,
									   size_t first, double *scratch);

#endif							/* PS_DENSE_H */
