/*-------------------------------------------------------------------------
 *
 * ps_mixture.h
 *	  The parameters of a mixture of normal distributions.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_MIXTURE_H
#define PS_MIXTURE_H

#include "ps_env.h"

#define PS_MIXTURE_CLUSTERS 100	/* most clusters of a model */
#define PS_MIXTURE_NUMBERS 1000000	/* most numbers in the covariances of a model */

typedef enum ps_covariance_form
{
	PS_FULL,
	PS_TIED,					/* one full covariance for all clusters */
	PS_STRETCHED,				/* round but for one direction of each cluster, in units of the columns that all share */
	PS_DIAGONAL,
	PS_SPHERICAL
} ps_covariance_form;

#define PS_COVARIANCE_FORMS (PS_SPHERICAL + 1)

extern const char *const ps_covariance_names[PS_COVARIANCE_FORMS];

static inline bool
ps_covariance_is_matrix(ps_covariance_form form)
{
	return form <= PS_STRETCHED;
}

/* A mixture, in standardised units. */
typedef struct ps_mixture
{
	size_t		k;
	size_t		width;			/* columns */
	size_t		padded;			/* width rounded up to a multiple of 4 */
	ps_covariance_form form;
	size_t		stride;			/* numbers of a covariance: padded x padded, lower triangle; or padded */
	double	   *unit;			/* padded: of columns, in which clusters of the form "stretched" are round but for one direction */
	double	   *share;			/* k */
	double	   *mean;			/* k x padded */
	double	   *covariance;		/* k x stride; the diagonal alone where the form is no matrix */
	double	   *factor;			/* k x stride: the inverse of the covariance's Cholesky factor */
	double	   *offset;			/* k x padded: factor times mean, where the form is a matrix */
	double	   *constant;		/* k: log of share and of the density at the mean */
} ps_mixture;

/* Find the form of a name; false where there is no such name. */
extern bool ps_covariance_find(const char *name, ps_covariance_form *form);

/* How many numbers a saved covariance has: the lower triangle, the diagonal, or the one variance. */
extern size_t ps_covariance_numbers(ps_covariance_form form, size_t width);

/* A width as kernels need it. */
extern size_t ps_mixture_padded(size_t width);

/* Make a mixture of zeroes. */
extern ps_status ps_mixture_create(const ps_env *env, size_t k, size_t width, ps_covariance_form form,
								   ps_mixture *out, ps_error *error);
extern void ps_mixture_release(const ps_env *env, ps_mixture *old);

/* Copy the parameters that the others follow from: share, mean and covariance. */
extern void ps_mixture_copy(const ps_mixture *from, ps_mixture *to);

/*
 * Make ready to compute densities: factor, offset and constant follow from the
 * rest.  PS_NO_SOLUTION where a covariance is not positive definite.  matrix:
 * width x width and dependent: width, to work in.
 */
extern ps_status ps_mixture_prepare(const ps_env *env, ps_mixture *of, double *matrix, bool *dependent,
									ps_error *error);

/* How many numbers are estimated: shares, means and covariances. */
extern double ps_mixture_parameters(const ps_mixture *of);

#endif							/* PS_MIXTURE_H */
