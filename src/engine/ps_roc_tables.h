/*-------------------------------------------------------------------------
 *
 * ps_roc_tables.h
 *	  What else the weights of both classes at every score tell: average
 *	  precision, tables of calibration, lift and thresholds, the best cut-off.
 *
 * Everything is exact with ties: rows of one score are never separated.
 * Rows are weights: a row of weight 2 counts as two rows.
 *
 * Tables have bins of equal weight, as far as ties allow: a score belongs to
 * the bin in which the middle of its rows lies, and empty bins are left out.
 * The number of bins is the first parameter of the ps_roc, by default 10.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_ROC_TABLES_H
#define PS_ROC_TABLES_H

#include "ps_metrics.h"

#define PS_ROC_MAX_BINS 1000

/* Rows that were given about the same probability. */
typedef struct ps_calibration_bin
{
	double		bin;			/* 1, ... from the lowest scores up */
	double		lower;			/* least and greatest score */
	double		upper;
	double		rows;
	double		predicted;		/* mean score */
	double		observed;		/* share of positives */
	double		observed_lower; /* its 95 % confidence interval (Wilson 1927) */
	double		observed_upper;
} ps_calibration_bin;

/* Rows from the highest scores down. */
typedef struct ps_lift_bin
{
	double		bin;			/* 1, ... from the highest scores down */
	double		lower;
	double		upper;
	double		rows;
	double		positives;
	double		rate;			/* positives / rows */
	double		lift;			/* rate / rate of all rows */
	double		reached;		/* share of all rows in this bin and those before */
	double		captured;		/* share of all positives in them */
	double		cumulative_lift;	/* captured / reached */
} ps_lift_bin;

/* What comes of treating the rows whose score is at least cut. */
typedef struct ps_threshold
{
	double		cut;
	double		rows;			/* treated */
	double		caught;			/* positives among them */
	double		wasted;			/* negatives among them */
	double		precision;		/* caught / rows */
	double		recall;			/* caught / all positives */
	double		false_positive_rate;	/* wasted / all negatives */
} ps_threshold;

/* 2 AUC - 1: 0 for chance, 1 for perfect order. */
extern ps_status ps_roc_gini(const ps_env *env, ps_roc *roc, double *value, bool *defined, ps_error *error);

/* Sum over descending scores of precision times the gain in recall; *defined is false without both classes. */
extern ps_status ps_roc_average_precision(const ps_env *env, ps_roc *roc, double *value, bool *defined, ps_error *error);

/*
 * The tables; *count is 0 without rows, and for lift and thresholds without
 * both classes. PS_INVALID_OPTION when the number of bins is not 1 to
 * PS_ROC_MAX_BINS; calibration: PS_INVALID_DATA when a score is no probability.
 */
extern ps_status ps_roc_calibration(const ps_env *env, ps_roc *roc, ps_calibration_bin **bins, size_t *count, ps_error *error);
extern ps_status ps_roc_lift(const ps_env *env, ps_roc *roc, ps_lift_bin **bins, size_t *count, ps_error *error);
extern ps_status ps_roc_thresholds(const ps_env *env, ps_roc *roc, ps_threshold **thresholds, size_t *count, ps_error *error);

/*
 * The cut-off of the highest profit, benefit * positives - cost * rows over
 * the rows whose score is at least the cut-off: the highest such cut-off, and
 * infinity when treating nobody is best.  The parameters of the ps_roc are
 * benefit, cost and, optionally, capacity, the largest share of the rows that
 * can be treated.  *defined is false without rows.
 */
extern ps_status ps_roc_cutoff(const ps_env *env, ps_roc *roc, double *cutoff, bool *defined, ps_error *error);

#endif							/* PS_ROC_TABLES_H */
