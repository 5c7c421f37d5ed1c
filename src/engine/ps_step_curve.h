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

/* Index of the last step at or before a time, -1 when there is none. */
extern ptrdiff_t ps_step_curve_find(const ps_step_curve *curve, double time);

/* The functions of ps_survival_curve; model is a ps_step_curve. */
extern double ps_step_curve_log_survival(const void *model, double time);
extern double ps_step_curve_next(const void *model, double time);

#endif							/* PS_STEP_CURVE_H */
