/*-------------------------------------------------------------------------
 *
 * ps_step_curve.c
 *	  See ps_step_curve.h.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_step_curve.h"

#include <math.h>

ptrdiff_t
ps_step_curve_find(const ps_step_curve *curve, double time)
{
	size_t		low = 0;
	size_t		high = curve->count;

	while (low < high)
	{
		size_t		middle = low + (high - low) / 2;

		if (curve->times[middle] <= time)
			low = middle + 1;
		else
			high = middle;
	}
	return (ptrdiff_t) low - 1;
}

double
ps_step_curve_log_survival(const void *model, double time)
{
	const ps_step_curve *curve = model;
	ptrdiff_t	step = ps_step_curve_find(curve, time);

	return step < 0 ? 0 : curve->log_survival[step];
}

double
ps_step_curve_next(const void *model, double time)
{
	const ps_step_curve *curve = model;
	size_t		next = (size_t) (ps_step_curve_find(curve, time) + 1);

	return next < curve->count ? curve->times[next] : INFINITY;
}
