/*-------------------------------------------------------------------------
 *
 * ps_mixture_em.h
 *	  The EM algorithm for mixtures of normal distributions.
 *
 * EM (Dempster, Laird and Rubin 1977) is a sum over rows: shares of the
 * clusters in each row and, weighted by them, counts, sums and products of the
 * columns.  They are accumulated a block of tiles at a time and merged.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_MIXTURE_EM_H
#define PS_MIXTURE_EM_H

#include "ps_mixture.h"
#include "ps_mixture_rows.h"

/* What a round of EM needs to know of the rows. */
typedef struct ps_mixture_sums
{
	size_t		numbers;		/* in all, from log_likelihood on */
	double	   *log_likelihood; /* 1 */
	double	   *rows;			/* k: sum of shares */
	double	   *sum;			/* k x padded: of shares times columns */
	double	   *product;		/* k x stride: of shares times products of columns */
} ps_mixture_sums;

/* Room to work in. */
typedef struct ps_mixture_scratch
{
	ps_mixture_sums part;
	ps_mixture_sums sums;
	double	   *shares;			/* k x PS_NEWTON_ROWS */
	double	   *weighted;		/* padded x PS_NEWTON_ROWS */
	double	   *squares;		/* padded x PS_NEWTON_ROWS */
	double	   *zeroes;			/* padded */
	double	   *gradient;		/* padded: sums that nobody asks for */
	double	   *matrix;			/* width x width */
	bool	   *dependent;		/* width */
} ps_mixture_scratch;

extern ps_status ps_mixture_scratch_create(const ps_env *env, const ps_mixture *of, ps_mixture_scratch *scratch,
										   ps_error *error);
extern void ps_mixture_scratch_release(const ps_env *env, ps_mixture_scratch *scratch);

/* Sum squares of (x - mean) times factor, or times 1 where it is NULL, over the columns of each row of a tile. */
extern void ps_scaled_distances(const double *x, size_t width, const double *mean, const double *factor,
								double *distances);

/*
 * Compute the shares of the clusters in the rows of a tile; with nearest, as
 * k-means shares them out, otherwise totals[PS_NEWTON_ROWS] receives the log
 * densities.
 */
extern ps_status ps_mixture_shares(const ps_mixture_rows *rows, size_t tile, const ps_mixture *of, bool nearest,
								   ps_mixture_scratch *scratch, double *totals, ps_error *error);

/* Sum over all rows into scratch->sums; with nearest, as k-means shares the rows out. */
extern ps_status ps_mixture_sum(const ps_mixture_rows *rows, const ps_mixture *of, bool nearest,
								ps_mixture_scratch *scratch, ps_error *error);

/*
 * Move the clusters to the means, covariances and shares of their rows; least[]
 * is what each column's variance is raised by.  A cluster that lost its rows
 * stays where it is.
 */
extern ps_status ps_mixture_advance(const ps_env *env, const ps_mixture_sums *sums, double total,
									const double *least, ps_mixture *of, ps_error *error);

/*
 * EM from the parameters given until the likelihood stands still, which is
 * that of the parameters left behind, in scratch->sums.
 */
extern ps_status ps_mixture_iterate(const ps_mixture_rows *rows, ps_mixture *of, const double *least,
									int most_iterations, ps_mixture_scratch *scratch, int *iterations,
									bool *converged, ps_error *error);

#endif							/* PS_MIXTURE_EM_H */
