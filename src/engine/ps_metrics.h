/*-------------------------------------------------------------------------
 *
 * ps_metrics.h
 *	  Quality of scores against what really happened.
 *
 * Each metric is an accumulator to which rows are added and which merges with
 * another, so that it can serve as the state of a parallel aggregate.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_METRICS_H
#define PS_METRICS_H

#include "ps_env.h"

/* Weights of the rows of both classes that have one score. */
typedef struct ps_roc_entry
{
	double		score;
	double		positives;
	double		negatives;
} ps_roc_entry;

#define PS_ROC_PARAMETERS 3

/*
 * Everything the exact ROC curve needs.  The first sorted entries ascend by
 * score without ties; those after them come as they were added.  Parameters
 * are those of the table or cut-off that is wanted at the end (ps_roc_tables.h).
 * Start with zeroes.
 */
typedef struct ps_roc
{
	size_t		count;
	size_t		sorted;
	size_t		capacity;
	ps_roc_entry *entries;
	size_t		nparameters;
	double		parameters[PS_ROC_PARAMETERS];
} ps_roc;

/* Note the parameters; PS_INVALID_OPTION when one is NaN, or others are noted already. */
extern ps_status ps_roc_set(ps_roc *roc, const double *parameters, size_t count, ps_error *error);

/*
 * Make room for more entries, by putting ties together if that frees half.
 * Who knows the number of rows spares the sorting as they become more.
 */
extern ps_status ps_roc_reserve(const ps_env *env, ps_roc *roc, size_t more, ps_error *error);

/* Add a row. PS_INVALID_DATA when the score is NaN or the weight NaN, infinite or negative. */
extern ps_status ps_roc_add(const ps_env *env, ps_roc *roc, double score, bool actual, double weight, ps_error *error);

/* Add all of other to roc. */
extern ps_status ps_roc_merge(const ps_env *env, ps_roc *roc, const ps_roc *other, ps_error *error);

/* Sort all entries and put those of equal scores together: sorted is count then. */
extern ps_status ps_roc_sort(const ps_env *env, ps_roc *roc, ps_error *error);

/*
 * Area under the ROC curve: the probability that a positive scores above a
 * negative, ties counting half.  *defined is false without both classes.
 */
extern ps_status ps_roc_area(const ps_env *env, ps_roc *roc, double *area, bool *defined, ps_error *error);

/*
 * Bytes, the same for the same rows in any order (but for the rounding of
 * sums of weights that are not whole):
 *
 *	  0   4  magic "PSRC"
 *	  4   2  format version (1)
 *	  6   2  parameters
 *	  8   4  entries
 *	  12  4  CRC-32C of bytes 0..11 and of what follows
 *	  16     parameters, then entries: score, positives, negatives; all as
 *			 little-endian doubles
 *
 * Reading refuses everything but what writing gives.
 */
extern ps_status ps_roc_write(const ps_env *env, ps_roc *roc, uint8_t **bytes, size_t *length, ps_error *error);
extern ps_status ps_roc_read(const ps_env *env, const uint8_t *bytes, size_t length, ps_roc *roc, ps_error *error);

/* Quality of probabilities. Start with zeroes. */
typedef struct ps_probability_quality
{
	double		weight;
	double		positives;
	double		log_loss;		/* sums; divide by weight */
	double		brier;
	ps_roc		roc;
} ps_probability_quality;

/* Add a row. */
extern ps_status ps_probability_quality_add(const ps_env *env, ps_probability_quality *quality, double probability,
											bool actual, double weight, ps_error *error);

#endif							/* PS_METRICS_H */
