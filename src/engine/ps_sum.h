/*-------------------------------------------------------------------------
 *
 * ps_sum.h
 *	  Sums that keep the rounding errors of their additions.
 *
 * Rounded to a double, such a sum is the same in any order of the terms but
 * for one set of terms in many millions.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_SUM_H
#define PS_SUM_H

/* Start with zeroes. */
typedef struct ps_sum
{
	double		sum;
	double		rest;
} ps_sum;

/* Add a term (Knuth's TwoSum). */
static inline void
ps_sum_add(ps_sum *total, double term)
{
	double		sum = total->sum + term;
	double		added = sum - total->sum;

	total->rest += (total->sum - (sum - added)) + (term - added);
	total->sum = sum;
}

static inline double
ps_sum_value(const ps_sum *total)
{
	return total->sum + total->rest;
}

#endif							/* PS_SUM_H */
