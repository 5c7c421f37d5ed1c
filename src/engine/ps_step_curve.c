/*-------------------------------------------------------------------------
 *
 * ps_step_curve.c
 *	  See ps_step_curve.h.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_step_curve.h"

#include <math.h>

/* Index of the last step at or before a time, -1 when there is none. */
static ptrdiff_t
find_step(const ps_step_curve *curve, double time)
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
ps_step_curve_log_survival(const ps_survival_curve *curve, double time)
{
	const ps_step_curve *steps = curve->model;
	ptrdiff_t	step = find_step(steps, time);

	return step < 0 ? 0 : steps->log_survival[step];
}

double
ps_step_curve_next(const ps_survival_curve *curve, double time)
{
	const ps_step_curve *steps = curve->model;
	size_t		next = (size_t) (find_step(steps, time) + 1);

	return next < steps->count ? steps->times[next] : INFINITY;
}

ps_status
ps_step_curve_refuse(size_t count, ps_error *error)
{
	ps_fail(error, PS_INVALID_DATA, "contracts end at %d different times, of which a model keeps %d at most",
			(int64_t) count, (int64_t) PS_STEP_CURVE_MAX);
	return ps_hint(error, "Round the durations, for example to days.");
}

ps_status
ps_step_curve_load(const ps_value *object, ps_step_curve *curve, const double **at_risk, const double **ended,
				   ps_error *error)
{
	const ps_value *list = ps_value_get(object, "times");

	if (list == NULL || (list->type != PS_NUMBERS && list->type != PS_LIST) || list->count > PS_STEP_CURVE_MAX)
		return ps_fail(error, PS_CORRUPT, "a curve has no times");
	curve->count = list->count;
	PS_TRY(ps_value_need_numbers(object, "times", curve->count, &curve->times, error));
	PS_TRY(ps_value_need_numbers(object, "at_risk", curve->count, at_risk, error));
	PS_TRY(ps_value_need_numbers(object, "ended", curve->count, ended, error));
	PS_TRY(ps_value_need_number(object, "longest", &curve->end, error));
	for (size_t i = 0; i < curve->count; i++)
	{
		if (!(curve->times[i] >= 0) || (i > 0 && curve->times[i] <= curve->times[i - 1]) ||
			curve->times[i] > curve->end || !((*ended)[i] > 0) || !((*ended)[i] <= (*at_risk)[i] * (1 + 1e-9)))
			return ps_fail(error, PS_CORRUPT, "step %d of a curve is impossible", (int64_t) i + 1);
	}
	return PS_OK;
}
