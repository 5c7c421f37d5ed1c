/*-------------------------------------------------------------------------
 *
 * ps_uncertainty.h
 *	  How sure an estimate is, given how sure the parameters are.
 *
 * Parameters learned from a sample of customers have a covariance; what is
 * computed from them is as uncertain as they make it.  By the delta method, the
 * logarithm of a positive estimate is normal with the variance g' C g, C the
 * covariance of the logarithms of the parameters and g the derivatives of
 * the logarithm of the estimate by them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_UNCERTAINTY_H
#define PS_UNCERTAINTY_H

#include "ps_learner.h"

#define PS_UNCERTAINTY_MAX 4	/* parameters at most */

typedef struct ps_uncertainty
{
	bool		known;			/* the fit converged, and its model keeps the covariance */
	double		covariance[PS_UNCERTAINTY_MAX][PS_UNCERTAINTY_MAX]; /* of the logarithms of the parameters */
} ps_uncertainty;

/* Read the covariance of n parameters from an object that ps_parameters_load has validated. */
extern void ps_uncertainty_load(const ps_value *parameters, int n, ps_uncertainty *out);

/* Compute an estimate by the parameters as they are at the moment. */
typedef ps_status (*ps_estimate) (const ps_env *env, void *argument, ps_answer *answer, ps_error *error);

/*
 * Add to *variance that of the logarithm of an estimate > 0 as far as it comes
 * from the parameters *values[n], which are changed and put back.  NAN where
 * the estimate does not exist beside them.
 */
extern ps_status ps_uncertainty_add(const ps_env *env, const ps_uncertainty *uncertainty, double *const *values, int n,
									ps_estimate estimate, void *argument, double *variance, ps_error *error);

/* Fill the number below which the truth is with a probability, from the estimate and the variance of its logarithm. */
extern ps_status ps_uncertainty_bound(double estimate, double variance, double probability, ps_answer *answer,
									  ps_error *error);

#endif							/* PS_UNCERTAINTY_H */
