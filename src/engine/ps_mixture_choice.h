/*-------------------------------------------------------------------------
 *
 * ps_mixture_choice.h
 *	  Mixtures of several numbers and forms of clusters, and the choice between
 *	  them.
 *
 * Each candidate, a number of clusters and a form of their covariances, is
 * fitted to a sample of the rows.  What decides is the BIC (Schwarz 1978; for
 * mixtures Fraley and Raftery 1998): a form with fewer parameters finds small
 * groups in many columns, where a full covariance costs more than it explains.
 * Without "stretched" (ps_mixture_stretch.h), slanted groups of some dozen rows
 * in seven columns and more were cut along their length by other forms.  Only a
 * difference of more than 10 is very strong evidence (Kass and Raftery 1995),
 * and without that fewer clusters are preferred.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_MIXTURE_CHOICE_H
#define PS_MIXTURE_CHOICE_H

#include "ps_mixture_em.h"
#include "ps_value.h"

/* What to fit, and how. */
typedef struct ps_mixture_plan
{
	size_t		k_min;
	size_t		k_max;
	bool		forms[PS_COVARIANCE_FORMS]; /* which are tried */
	int			most_iterations;	/* on all rows */
	int			starts;
	uint64_t	seed;
	const double *least;		/* what the variance of each column is raised by */
} ps_mixture_plan;

/* A mixture fitted to rows. */
typedef struct ps_mixture_fit
{
	ps_mixture	mixture;
	double		log_likelihood; /* of standardised rows; -INFINITY where there is no solution */
	int			iterations;
	bool		converged;
} ps_mixture_fit;

/* Candidates, by their number of clusters, then by form. */
typedef struct ps_mixture_candidates
{
	size_t		count;
	ps_mixture_fit *fits;
	double		rows;			/* weight of the rows that they were fitted to */
} ps_mixture_candidates;

/* Fit all candidates of a plan; PS_NO_SOLUTION where none can be. */
extern ps_status ps_mixture_try(const ps_mixture_rows *sample, const ps_mixture_plan *plan,
								ps_mixture_candidates *out, ps_error *error);

/* Choose one of the candidates. */
extern size_t ps_mixture_choose(const ps_mixture_candidates *candidates);

/* Go on with a fit until the likelihood stands still, at most a number of iterations. */
extern ps_status ps_mixture_finish(const ps_mixture_rows *rows, const double *least, int most_iterations,
								   ps_mixture_fit *fit, ps_error *error);

/*
 * Write log likelihood, BIC and AIC of a fit to rows of that weight; slope is
 * what a row of weight 1 adds to have them in the data's units.
 */
extern ps_status ps_mixture_save_quality(const ps_env *env, const ps_mixture_fit *fit, double rows, double slope,
										 ps_value *object, ps_error *error);

/* Write the list "candidates", and note in words why one is chosen; nothing where there is only one. */
extern ps_status ps_mixture_save_choice(const ps_env *env, const ps_mixture_candidates *candidates, size_t chosen,
										double slope, ps_value *parameters, ps_value *notes, ps_error *error);

/* Note where some clusters have no gap in between, so that they describe the rows, but are no groups. */
extern ps_status ps_mixture_note_overlap(const ps_mixture_rows *sample, const ps_mixture *of, ps_value *notes,
										 ps_error *error);

#endif							/* PS_MIXTURE_CHOICE_H */
