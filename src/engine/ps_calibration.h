/*-------------------------------------------------------------------------
 *
 * ps_calibration.h
 *	  Calibration: from the probabilities of a classifier to those that are
 *	  observed.
 *
 * A map is estimated from predictions for rows that the predicting model had
 * not learned from.  All maps are strictly increasing functions of log-odds,
 * so that they change no order of scores and never give 0 or 1:
 *
 *	  platt		slope x + intercept, by maximum likelihood with smoothed
 *				targets (Platt 1999; Lin, Lin and Weng 2007)
 *	  isotonic	pooled adjacent violators of bins of rows, piecewise linear
 *				between the centres of the first and last bin of each block, with
 *				a slope of 1 before the first and after the last centre
 *
 * In a model's document: {kind: "platt", slope, intercept} or {kind:
 * "isotonic", from: log-odds ascending, to: as many, ascending}.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_CALIBRATION_H
#define PS_CALIBRATION_H

#include "ps_value.h"

typedef enum ps_calibration_kind
{
	PS_CALIBRATION_NONE,
	PS_CALIBRATION_PLATT,
	PS_CALIBRATION_ISOTONIC
} ps_calibration_kind;

#define PS_CALIBRATIONS 3
#define PS_CALIBRATION_BINS 100	/* of an isotonic fit at most */
#define PS_CALIBRATION_KNOTS (2 * PS_CALIBRATION_BINS)

typedef struct ps_calibration
{
	ps_calibration_kind kind;
	double		slope;			/* platt: above 0 */
	double		intercept;
	size_t		count;			/* isotonic: 1..PS_CALIBRATION_KNOTS */
	double		from[PS_CALIBRATION_KNOTS];
	double		to[PS_CALIBRATION_KNOTS];
} ps_calibration;

/* What was predicted for a row, and what happened. */
typedef struct ps_prediction
{
	double		log_odds;
	double		weight;
	bool		actual;
	uint8_t		part;			/* 0..PS_CALIBRATION_PARTS - 1, at random */
} ps_prediction;

#define PS_CALIBRATION_PARTS 5

/* "none", "platt", "isotonic". */
extern const char *ps_calibration_name(ps_calibration_kind kind);

/* Log-odds of a probability, limited to what keeps the probability off 0 and 1; and back. */
extern double ps_log_odds(double probability);
extern double ps_probability(double log_odds);

/* Calibrated log-odds; *slope (unless NULL) is the map's slope there. */
extern double ps_calibration_map(const ps_calibration *calibration, double log_odds, double *slope);

/*
 * Put predictions in the order in which they are summed up, so that the same
 * ones give the same numbers however they come, and scale weights to mean 1.
 */
extern ps_status ps_predictions_sort(const ps_env *env, ps_prediction *predictions, size_t count, ps_error *error);

/*
 * Estimate a map from sorted predictions, without those of the part left_out
 * (-1: from all).  *found is false when there is none: no prediction, or a
 * slope that is not above 0.
 */
extern ps_status ps_calibration_fit(const ps_env *env, ps_calibration_kind kind, const ps_prediction *predictions,
									size_t count, int left_out, ps_calibration *out, bool *found, ps_error *error);

/*
 * Choose the kind by log loss, cross-validated: each part is judged by maps
 * from the others.  losses[PS_CALIBRATIONS] are means.  A kind replaces a
 * simpler one only when its loss is lower by more than a thousandth and by more
 * than two standard errors of the difference.
 */
extern ps_status ps_calibration_choose(const ps_env *env, const ps_prediction *predictions, size_t count,
									   ps_calibration_kind *kind, double *losses, ps_error *error);

/* Write a map that is not of kind none into a model's document, as its member "calibration". */
extern ps_status ps_calibration_save(const ps_env *env, const ps_calibration *calibration, ps_value *document,
									 ps_error *error);

/* Validate the member of an untrusted document. */
extern ps_status ps_calibration_load(const ps_env *env, const ps_value *value, ps_calibration **out, ps_error *error);

#endif							/* PS_CALIBRATION_H */
