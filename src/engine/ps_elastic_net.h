/*-------------------------------------------------------------------------
 *
 * ps_elastic_net.h
 *	  The least point of a quadratic form with L1 and L2 penalties.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_ELASTIC_NET_H
#define PS_ELASTIC_NET_H

#include "ps_env.h"

/*
 * Minimise over b[n], which holds a starting point,
 *		b'A b / 2 - linear'b + sum over j >= 1 of (l2 b_j^2 / 2 + l1 |b_j|).
 * A is n x n, both triangles filled, not negative definite, with rows stride
 * apart; b_0, the intercept, carries no penalty.  At the end
 *		linear_j - (A b)_j - l2 b_j		is l1 sign(b_j) where b_j is not 0
 * and no larger than l1 where it is, up to rounding; where A is singular on
 * the b_j that are not 0, up to 1e-9 sqrt(A_00 A_jj).
 */
extern ps_status ps_elastic_net(const ps_env *env, const double *matrix, size_t stride, size_t n,
								const double *linear, double l1, double l2, double *b, ps_error *error);

#endif							/* PS_ELASTIC_NET_H */
