/*-------------------------------------------------------------------------
 *
 * ps_survival_table.c
 *	  See ps_survival_table.h.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_survival_table.h"

#include <math.h>

#include "ps_sort.h"
#include "ps_step_curve.h"

#define POLL_MOMENTS 4096
#define TOLERANCE 1e-9			/* of survival */

/* A time at which a contract comes under observation or leaves it. */
typedef struct moment
{
	double		time;
	double		change;			/* of the weight under observation */
	double		ended;
} moment;

static int
compare_moments(const void *left, const void *right)
{
	const moment *a = left;
	const moment *b = right;

	return (a->time > b->time) - (a->time < b->time);
}

typedef struct table
{
	size_t		count;
	double		times[PS_SURVIVAL_TABLE_MAX + 1];
	double		at_risk[PS_SURVIVAL_TABLE_MAX + 1];
	double		ended[PS_SURVIVAL_TABLE_MAX + 1];
	double		survival[PS_SURVIVAL_TABLE_MAX + 1];
} table;

/* The share of the ends that a time of the table stands for at least: 0 where there is room for all times. */
static double
find_share(const moment *moments, size_t n)
{
	size_t		count = 0;
	double		last = -1;

	for (size_t i = 0; i < n; i++)
	{
		count += moments[i].ended > 0 && moments[i].time > last;
		last = moments[i].ended > 0 ? moments[i].time : last;
	}
	return count > PS_SURVIVAL_TABLE_MAX ? 1.0 / PS_SURVIVAL_TABLE_MAX : 0;
}

/* Fill a table from sorted moments; "present" contracts were under observation from the start, and all_ended will have ended. */
static ps_status
fill(const ps_env *env, const moment *moments, size_t n, double present, double all_ended, table *t, ps_error *error)
{
	double		share = find_share(moments, n);
	double		at_risk = 0;	/* since contracts first ended after the last time of the table */
	double		ended = 0;		/* since that time */
	double		so_far = 0;
	double		next = share;	/* of the ends, from which on the table gets its next time */

	for (size_t i = 0; i < n;)
	{
		double		time = moments[i].time;
		double		entered = 0;
		double		left = 0;
		double		ends = 0;

		for (; i < n && moments[i].time == time; i++)
		{
			if (i % POLL_MOMENTS == 0)
				PS_TRY(ps_poll(env, 0, error));
			ends += moments[i].ended;
			*(moments[i].change > 0 ? &entered : &left) += fabs(moments[i].change);
		}
		if (ended == 0)
			at_risk = present;
		ended += ends;
		so_far += ends;
		present -= left;
		if (ends > 0 && (so_far >= next * all_ended || so_far >= all_ended * (1 - TOLERANCE)) &&
			t->count <= PS_SURVIVAL_TABLE_MAX)
		{
			t->times[t->count] = time;
			t->at_risk[t->count] = fmax(at_risk, ended);	/* which rounding may have put below */
			t->ended[t->count++] = ended;
			next = so_far / all_ended + share;
			ended = 0;
		}
		present += entered;
		at_risk += entered;
	}
	return PS_OK;
}

ps_status
ps_survival_table_save(const ps_env *env, const ps_survival_row *rows, size_t n, const ps_survival_curve *curve,
					   ps_value *parameters, ps_error *error)
{
	double		contracts = 0;
	double		present = 0;
	double		ended = 0;
	double		longest = 0;
	size_t		count = 0;
	moment	   *moments;
	table	   *t;
	ps_value   *list;
	ps_value   *saved;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*t), &t, error));
	PS_TRY(ps_alloc(env, 2 * n, sizeof(*moments), &moments, error));
	for (size_t i = 0; i < n; i++)
	{
		const ps_survival_row *row = &rows[i];

		contracts += row->weight;
		ended += row->ended ? row->weight : 0;
		longest = fmax(longest, row->duration);
		if (row->entry > 0)
			moments[count++] = (moment) {row->entry, row->weight, 0};
		else
			present += row->weight;
		moments[count++] = (moment) {row->duration, -row->weight, row->ended ? row->weight : 0};
	}
	PS_TRY(ps_sort(env, moments, count, sizeof(*moments), compare_moments, error));
	PS_TRY(fill(env, moments, count, present, ended, t, error));
	ps_release(env, moments);
	for (size_t i = 0; i < t->count; i++)
		t->survival[i] = exp(curve->log_survival(curve, t->times[i]));

	PS_TRY(ps_value_set_list(env, parameters, "curves", &list, error));
	PS_TRY(ps_value_append_object(env, list, &saved, error));
	PS_TRY(ps_value_set_number(env, saved, "contracts", contracts, error));
	PS_TRY(ps_value_set_number(env, saved, "longest", longest, error));
	PS_TRY(ps_value_set_numbers(env, saved, "times", t->times, t->count, error));
	PS_TRY(ps_value_set_numbers(env, saved, "at_risk", t->at_risk, t->count, error));
	PS_TRY(ps_value_set_numbers(env, saved, "ended", t->ended, t->count, error));
	PS_TRY(ps_value_set_numbers(env, saved, "survival", t->survival, t->count, error));
	ps_release(env, t);
	return PS_OK;
}

ps_status
ps_survival_table_check(const ps_value *parameters, const ps_survival_curve *curve, ps_error *error)
{
	const ps_value *list = ps_value_get(parameters, "curves");
	const double *at_risk;
	const double *ended;
	const double *survival;
	ps_step_curve steps;

	if (list == NULL)
		return PS_OK;
	PS_TRY(ps_value_need(parameters, "curves", PS_LIST, &list, error));
	if (list->count != 1)
		return ps_fail(error, PS_CORRUPT, "there are %d curves", (int64_t) list->count);
	PS_TRY(ps_step_curve_load(list->items[0], &steps, &at_risk, &ended, error));
	PS_TRY(ps_value_need_numbers(list->items[0], "survival", steps.count, &survival, error));
	if (steps.count > PS_SURVIVAL_TABLE_MAX + 1)
		return ps_fail(error, PS_CORRUPT, "there are %d times of a curve", (int64_t) steps.count);
	for (size_t i = 0; i < steps.count; i++)
	{
		if (!(fabs(survival[i] - exp(curve->log_survival(curve, steps.times[i]))) <= TOLERANCE))
			return ps_fail(error, PS_CORRUPT, "the survival of step %d of a curve does not follow from the parameters",
						   (int64_t) i + 1);
	}
	return PS_OK;
}
