/*-------------------------------------------------------------------------
 *
 * ps_parameters.h
 *	  The parameters of likelihood models as an object of a model document.
 *
 * A fit stores each parameter under its name, and beside them
 * "standard_errors" (an object of the same names; null where undefined),
 * "log_likelihood", "status", "iterations", "customers" and "groups"; a fit
 * that converged also "covariance": of the logarithms of the parameters, the
 * lower triangle row by row.  A model made from known numbers has the
 * parameters only.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_PARAMETERS_H
#define PS_PARAMETERS_H

#include "ps_newton.h"
#include "ps_value.h"

#define PS_COVARIANCE "covariance"

extern ps_status ps_parameters_store(const ps_env *env, const ps_fit *fit, const char *const *names, int n,
									 ps_value *object, ps_error *error);

/*
 * Validate an untrusted object completely and read its parameters; every
 * problem is PS_CORRUPT.  others are members the caller validates.  values is
 * NULL where the parameters, which may then be null, only inform.
 */
extern ps_status ps_parameters_load(const ps_value *object, const char *const *names, int n,
									const char *const *others, int nothers, double *values, ps_error *error);

/* Copy parameters that a user gives; PS_INVALID_DATA names what is wrong. */
extern ps_status ps_parameters_make(const ps_env *env, const ps_value *given, const char *const *names, int n,
									ps_value *object, ps_error *error);

/* Tell the user when a fit of "what" did not converge. */
extern ps_status ps_parameters_note(const ps_env *env, const ps_fit *fit, const char *what, ps_value *notes,
									ps_error *error);

#endif							/* PS_PARAMETERS_H */
