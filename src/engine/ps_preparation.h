/*-------------------------------------------------------------------------
 *
 * ps_preparation.h
 *	  How a number becomes one that distances can be taken of.
 *
 * All is decided by a summary of the column: 200 quantiles of its known
 * values, or of a sample of them.  It does not see the quarter per cent at
 * either end, nor the order of the rows.
 *
 * Logarithm: of a column with a long tail, sign(x) log(1 + |x| / unit) is taken
 * where that helps: where the skewness of the summary, without zeroes, is 1 or
 * more in absolute value ("highly skewed", Bulmer, Principles of Statistics,
 * 1979) and at most half of that afterwards.  The unit is q1^2 / q3 of the
 * quartiles of the values on the side of the tail (where their logarithms are
 * normal, one in fifty is smaller, so that it is a logarithm nearly everywhere
 * and zeroes lie where the smallest values are: the start of Stahel's logst, R
 * package relevance), but at least the smallest of them, which is 1 for most
 * counts.  With values on both sides of zero it is the median of those on the
 * side of the tail: a smaller one would tear the values around zero apart.  It
 * is rounded to two digits.  Where more than one in eight is on the other side,
 * the column is no amount, and its tail more likely a group of its own.
 *
 * That is the rule for a column in one piece.  A few groups with gaps between
 * them are skewed by their sizes alone, or symmetric though each is ten times
 * wider than the one below.  Where there are pieces (ps_pieces.h), the logarithm
 * is taken with the unit, or none, that makes them most alike in width: the one
 * of the highest likelihood among the unit above, none, and five from the
 * smallest value to the upper quartile (only the median with values on both
 * sides of zero); it must speak strongly against what skewness says.  Equal
 * values count as spread over the way to their neighbours, so that whole
 * numbers are no pieces, and zeroes are left out where there are many.
 *
 * Limits: values farther than five robust standard deviations from the median
 * (taken after the logarithm) count as if they lay there, so that no single
 * value decides what the scale is.  The robust standard deviation is the
 * largest that pairs of quantiles give if they were those of a normal
 * distribution: at 1.25, 5.25, 10.25 and 25.25 % from both ends.  The largest,
 * since the quartiles of a column that is mostly zero say nothing.  So less
 * than 1.25 % of the values at either end can be moved.  Nor do the limits go
 * beyond the smallest and the largest value, which are those where even the
 * outermost pair is equal.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_PREPARATION_H
#define PS_PREPARATION_H

#include <math.h>

#include "ps_env.h"

#define PS_PREPARATION_LARGEST 1e150	/* and the inverse of the smallest unit */

typedef struct ps_preparation
{
	double		unit;			/* of the logarithm, in the data's units; 0 for none */
	double		low;			/* limits in the data's units, infinite for none */
	double		high;
} ps_preparation;

/* Prepare a number; NAN stays NAN. */
static inline double
ps_prepare(const ps_preparation *preparation, double x)
{
	double		bounded = x < preparation->low ? preparation->low : x > preparation->high ? preparation->high : x;

	return preparation->unit > 0 ? copysign(log1p(fabs(bounded) / preparation->unit), bounded) : bounded;
}

/* The number that is prepared to y. */
extern double ps_preparation_inverse(const ps_preparation *preparation, double y);

/*
 * Decide how to prepare values from min to max, of which sample has count > 0
 * and is sorted in place; without logarithm where it is not to be tried.
 */
extern ps_status ps_preparation_fit(const ps_env *env, double *sample, size_t count, double min, double max,
									bool logarithm, ps_preparation *out, ps_error *error);

#endif							/* PS_PREPARATION_H */
