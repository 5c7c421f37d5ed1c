/*-------------------------------------------------------------------------
 *
 * ps_lloyd.h
 *	  Lloyd's algorithm: rows to the nearest center, centers to the means of
 *	  their rows, until no row changes its cluster.
 *
 * The result does not depend on the order of the rows, to the last bit: sums
 * of the rounded values are exact (ps_cluster_rows.h) and ties are broken by
 * content.  A cluster that runs empty gets the row that is farthest from all
 * centers.
 *
 * With trim, the rows that are farthest from their centers, up to that share,
 * have no part in the means, anew in each pass (trimmed k-means: Cuesta-
 * Albertos, Gordaliza and Matran, Annals of Statistics 25, 1997).
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_LLOYD_H
#define PS_LLOYD_H

#include "ps_cluster_rows.h"

/* Clusters in progress. */
typedef struct ps_lloyd
{
	size_t		k;
	size_t		width;
	size_t		padded;			/* k rounded up to a multiple of 4 */
	double	   *centers;		/* k x width */
	double	   *sums;			/* k x width, and one row more to work with */
	double	   *sizes;			/* k, and one more: weights of rows */
	float	   *float_centers;	/* padded x width */
	float	   *half_norms;		/* padded */
	double		trim;			/* share of the rows to leave out, 0 unless set after ps_lloyd_create */
	double		farthest;		/* squared distance from their center beyond which rows were left out, else INFINITY */
	int			iterations;
	bool		converged;
} ps_lloyd;

/* Make room for k clusters, and give it back. */
extern ps_status ps_lloyd_create(const ps_env *env, size_t k, size_t width, ps_lloyd *clusters, ps_error *error);
extern void ps_lloyd_release(const ps_env *env, ps_lloyd *clusters);

/*
 * Iterate from the centers given.  With refill, a cluster that runs empty gets
 * the row farthest from the others; otherwise it stays where it is.  used[k]
 * is scratch.
 */
extern ps_status ps_lloyd_run(const ps_cluster_rows *rows, ps_lloyd *clusters, int most_iterations, bool refill,
							  bool *used, ps_error *error);

/* The same, leaving out clusters->trim of the rows; always refills.  ps_lloyd_run calls it. */
extern ps_status ps_lloyd_run_trimmed(const ps_cluster_rows *rows, ps_lloyd *clusters, int most_iterations,
									  ps_error *error);

/* Give all rows the labels of their nearest centers and count those that changed. */
extern ps_status ps_lloyd_assign(const ps_cluster_rows *rows, ps_lloyd *clusters, size_t *changed, ps_error *error);

/*
 * Take the best of several starts, each drawn from the sample with seeded
 * choices and carried through on it.  The labels of the sample are those of
 * the centers.
 */
extern ps_status ps_lloyd_start(const ps_cluster_rows *rows, const ps_cluster_rows *sample, int starts, uint64_t seed,
								ps_lloyd *clusters, ps_error *error);

/* Sum the squared distances of rows, but for those left out, to the centers of their clusters. */
extern ps_status ps_lloyd_inertia(const ps_cluster_rows *rows, const ps_lloyd *clusters, double *inertia,
								  ps_error *error);

#endif							/* PS_LLOYD_H */
