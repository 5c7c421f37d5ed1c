/*-------------------------------------------------------------------------
 *
 * ps_mixture_start.h
 *	  Fits of a mixture of a given number of clusters.
 *
 * Each start is drawn as for k-means (k-means++) and goes through some rounds
 * of EM on a sample; the best goes on to all rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_MIXTURE_START_H
#define PS_MIXTURE_START_H

#include "ps_mixture_em.h"

/* How to fit. */
typedef struct ps_mixture_plan
{
	ps_covariance_form form;
	int			most_iterations;
	int			starts;
	uint64_t	seed;
	const double *least;		/* variance of each column that is added */
} ps_mixture_plan;

/* A finished fit. */
typedef struct ps_mixture_fit
{
	ps_mixture	mixture;
	double		log_likelihood; /* of standardised rows */
	int			iterations;
	bool		converged;
} ps_mixture_fit;

extern ps_status ps_mixture_fit_k(const ps_mixture_rows *rows, const ps_mixture_rows *sample,
								  const ps_mixture_plan *plan, size_t k, ps_mixture_fit *out, ps_error *error);

#endif							/* PS_MIXTURE_START_H */
