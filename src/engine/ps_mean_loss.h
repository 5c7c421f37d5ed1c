/*-------------------------------------------------------------------------
 *
 * ps_mean_loss.h
 *	  Means of losses over weighted rows, mergeable.
 *
 * Losses and weights are not negative, and their sums are compensated: any
 * split of the rows gives the same mean to about 1e-16.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_MEAN_LOSS_H
#define PS_MEAN_LOSS_H

#include <float.h>
#include <math.h>

#include "ps_env.h"
#include "ps_sum.h"

typedef enum ps_loss_of_row
{
	PS_LOG_LOSS,				/* of a probability, in nats */
	PS_BRIER_LOSS,				/* squared distance of a probability from 0 or 1 */
	PS_SQUARED_LOSS,
	PS_ABSOLUTE_LOSS
} ps_loss_of_row;

/*
 * Minus the logarithm of the probability of what happened.  A probability
 * counts as at least 2^-52 away from 0 and 1, so that one row cannot make the
 * loss infinite.
 */
static inline double
ps_log_loss(bool actual, double probability)
{
	double		bounded = fmin(fmax(probability, DBL_EPSILON), 1 - DBL_EPSILON);

	return -(actual ? log(bounded) : log1p(-bounded));
}

static inline double
ps_squared_loss(double actual, double predicted)
{
	double		miss = actual - predicted;

	return miss * miss;
}

/* Start with zeroes. */
typedef struct ps_mean_loss
{
	ps_sum		weight;
	ps_sum		loss;			/* times the weight */
} ps_mean_loss;

/*
 * Add a row. PS_INVALID_DATA when a number is not finite, a probability is
 * not between 0 and 1, the weight is negative, or the sums get too large.
 */
extern ps_status ps_mean_loss_add(ps_mean_loss *mean, ps_loss_of_row kind, double actual, double predicted,
								  double weight, ps_error *error);

/* Add all of other to mean. */
extern ps_status ps_mean_loss_merge(ps_mean_loss *mean, const ps_mean_loss *other, ps_error *error);

/* The mean; false without weight. */
extern bool ps_mean_loss_value(const ps_mean_loss *mean, double *value);

/*
 * Bytes:
 *
 *	  0   4  magic "PSML"
 *	  4   2  format version (1)
 *	  6   2  0
 *	  8   4  0
 *	  12  4  CRC-32C of bytes 0..11 and of what follows
 *	  16  32 both sums, each with its rest, as little-endian doubles
 */
#define PS_MEAN_LOSS_BYTES 48

extern void ps_mean_loss_write(const ps_mean_loss *mean, uint8_t bytes[PS_MEAN_LOSS_BYTES]);
extern ps_status ps_mean_loss_read(const uint8_t *bytes, size_t length, ps_mean_loss *mean, ps_error *error);

#endif							/* PS_MEAN_LOSS_H */
