/*-------------------------------------------------------------------------
 *
 * ps_newton.h
 *	  Damped Newton maximiser for likelihoods in a few log parameters.
 *
 * Coefficients of covariates are parameters, too, and already logarithms.
 *
 * A likelihood is a sum over rows: the objective fills ps_newton_sums for a
 * point, block by block, and blocks computed apart are put together with
 * ps_newton_merge.
 *
 * The result always carries one of three honest words:
 *
 *	  converged  an interior maximum; standard errors exist
 *	  boundary   the likelihood rises towards parameters of 0 or infinity
 *				 (without dispersion in the data, for instance); the values
 *				 are good for predictions, standard errors are undefined
 *	  flat		 the data do not determine all parameters, or the iterations
 *				 ran out
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_NEWTON_H
#define PS_NEWTON_H

#include "ps_env.h"

#define PS_NEWTON_MAX 64		/* parameters at most */

typedef struct ps_newton_sums
{
	double		value;
	double		gradient[PS_NEWTON_MAX];
	double		hessian[PS_NEWTON_MAX][PS_NEWTON_MAX];	/* symmetric, both halves filled */
} ps_newton_sums;

/* Fill *sums (zeroed by the caller) with the value and derivatives at theta. */
typedef ps_status (*ps_newton_objective) (const ps_env *env, const void *data, const double *theta,
										  ps_newton_sums *sums, ps_error *error);

typedef enum ps_fit_status
{
	PS_FIT_CONVERGED,
	PS_FIT_BOUNDARY,
	PS_FIT_FLAT
} ps_fit_status;

typedef struct ps_newton_result
{
	double		theta[PS_NEWTON_MAX];
	double		value;
	int			iterations;		/* of the start that won */
	ps_fit_status status;
	double		covariance[PS_NEWTON_MAX][PS_NEWTON_MAX];	/* of theta; only when converged */
} ps_newton_result;

#define PS_FIT_MAX 4			/* natural parameters of a fit at most */

/* What a fit tells, in natural parameters and the user's units. */
typedef struct ps_fit
{
	double		values[PS_FIT_MAX];
	double		standard_errors[PS_FIT_MAX];	/* by the delta method; NAN unless converged */
	bool		has_covariance;
	double		covariance[PS_FIT_MAX][PS_FIT_MAX]; /* of the logarithms of the values */
	double		log_likelihood; /* of all rows */
	ps_fit_status status;
	int			iterations;
	double		customers;		/* sum of weights */
	size_t		groups;			/* distinct rows */
} ps_fit;

/* "converged", "boundary", "flat". */
extern const char *ps_fit_status_name(ps_fit_status status);

/* Add other to sums. */
extern void ps_newton_merge(ps_newton_sums *sums, const ps_newton_sums *other);

/*
 * Maximise from nstarts points, each n log parameters, and keep the best end.
 * PS_NO_SOLUTION when the objective is finite at none of them.
 */
extern ps_status ps_newton_maximise(const ps_env *env, ps_newton_objective objective, const void *data, int n,
									const double (*starts)[PS_NEWTON_MAX], int nstarts,
									ps_newton_result *result, ps_error *error);

/* Fill values, standard errors, status and iterations of a fit; value i is scales[i] * exp(theta[i]). */
extern void ps_newton_report(const ps_newton_result *result, int n, const double *scales, ps_fit *fit);

#endif							/* PS_NEWTON_H */
