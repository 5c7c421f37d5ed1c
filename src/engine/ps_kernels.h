/*-------------------------------------------------------------------------
 *
 * ps_kernels.h
 *	  The loops in which fitting and scoring spend their time, for each instruction set.
 *
 * A tile is a block of rows stored column by column, so that every inner loop
 * runs over rows and needs no gathering.  The same source is compiled once per
 * instruction set; sums differ in the last bits between them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_KERNELS_H
#define PS_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#define PS_NEWTON_ROWS 256		/* rows of a tile of doubles */
#define PS_CLUSTER_ROWS 64		/* rows of a tile of floats */
#define PS_INTERSECT_WORDS 24	/* words of 64 bits of a block of sets */

typedef double (*ps_moments_kernel) (const double *x, size_t columns, const double *target, const double *weight,
									 const double *beta, double *gram, double *gradient, double *scratch);

typedef struct ps_kernels
{
	const char *name;

	/*
	 * Add one tile to the sums of a Newton step of logistic regression.
	 * x: columns of PS_NEWTON_ROWS values, their number a multiple of 4.
	 * target 0 or 1; weight 0 for rows that are not there.  With eta = x'beta
	 * and p = 1/(1 + exp(-eta)), adds
	 *		gradient[j]				sum of weight (target - p) x_j
	 *		gram[a * columns + b]	sum of weight p (1 - p) x_a x_b, for b <= a
	 *								(and what else falls into 2 x 4 blocks)
	 * and returns the sum of weight log P(target).  Without gram, which is NULL
	 * then, it takes a small part of the time.  scratch: as large as x.
	 */
	ps_moments_kernel newton_tile;

	/*
	 * The same for least squares, with residuals weight (target - eta) and
	 * curvatures weight; returns -1/2 the sum of weight (target - eta)^2.
	 */
	ps_moments_kernel squares_tile;

	/*
	 * Find the nearest center of each row of a tile: the least |c|^2/2 - x'c.
	 * x: columns of PS_CLUSTER_ROWS values.  centers: ncenters x columns,
	 * ncenters a multiple of 4; half_norms: |c|^2/2, infinite for a center
	 * that is not there.  ahead: the tile that will be next, or x; it is on
	 * its way into the cache meanwhile.  Unless it is NULL, *margin says how
	 * far centers may move before this function could give any row of the
	 * tile another label (see ps_lloyd.c).
	 */
	void		(*nearest_tile) (const float *x, size_t columns, const float *centers, const float *half_norms,
								 size_t ncenters, const float *ahead, int32_t *labels, float *margin);

	/* The parts of these: eta = x'beta of each row, and the sums of given residuals and curvatures. */
	void		(*predict_tile) (const double *x, size_t columns, const double *beta, double *eta);
	void		(*moments_tile) (const double *x, size_t columns, const double *residual, const double *curvature,
								 double *gram, double *gradient, double *scratch);

	/*
	 * Squared lengths of factor x - offset for each row of a tile.  x: columns
	 * of PS_NEWTON_ROWS values, their number a multiple of 4.  factor: columns x
	 * columns, zero above the diagonal.
	 */
	void		(*distances_tile) (const double *x, size_t columns, const double *factor, const double *offset,
								   double *distances);

	/*
	 * Turn log densities of count components, PS_NEWTON_ROWS apart, into the
	 * share of each in their sum, and give the logarithm of that sum.  A share
	 * below exp(-100) is 0.
	 */
	void		(*shares_tile) (double *logs, size_t count, double *totals);

	/* out = (x - mean) * factor, 0 where x is NaN; the same bits in every set of kernels. */
	void		(*standardise) (const double *x, size_t count, double mean, double factor, double *out);

	/* out = the bits that PS_INTERSECT_WORDS words from this one on have in common in all rows, of which there is one. */
	void		(*intersect) (const uint64_t *const *rows, size_t nrows, size_t word, uint64_t *out);
} ps_kernels;

/* The fastest kernels this processor runs. */
extern const ps_kernels *ps_kernels_best(void);

/* All kernels this processor runs, for tests: the i-th, or NULL past the last. */
extern const ps_kernels *ps_kernels_number(size_t i);

extern const ps_kernels ps_kernels_baseline;
#if defined(__x86_64__) && defined(__GNUC__)
extern const ps_kernels ps_kernels_avx2;
extern const ps_kernels ps_kernels_avx512;
#endif

#endif							/* PS_KERNELS_H */
