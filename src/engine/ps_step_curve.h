/*-------------------------------------------------------------------------
 *
 * ps_step_curve.h
 *	  Survival as a step function that falls when contracts end.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_STEP_CURVE_H
#define PS_STEP_CURVE_H

#include "ps_survival.h"

/* Steps that a model keeps at most. */
#define PS_STEP_CURVE_MAX 100000

typedef struct ps_step_curve
{
	size_t		count;
	const double *times;		/* ascending, at which contracts ended */
	const double *log_survival; /* from that time on; descending, -INFINITY where all have ended */
	double		end;			/* longest duration observed */
} ps_step_curve;

/* The functions of a ps_survival_curve whose model is a ps_step_curve. */
extern double ps_step_curve_log_survival(const ps_survival_curve *curve, double time);
extern double ps_step_curve_next(const ps_survival_curve *curve, double time);

/* Refuse to keep too many steps. */
extern ps_status ps_step_curve_refuse(size_t count, ps_error *error);

/*
 * Validate and read "times", with those "at_risk" and "ended" then, and
 * "longest" of an untrusted object: all but the survival.
 */
extern ps_status ps_step_curve_load(const ps_value *object, ps_step_curve *curve, const double **at_risk,
									const double **ended, ps_error *error);

#endif							/* PS_STEP_CURVE_H */
