/*-------------------------------------------------------------------------
 *
 * ps_kaplan_meier.c
 *	  The method kaplan_meier: the share of contracts that last longer than t.
 *
 * S(t) is the product of 1 - ended / at_risk over the times up to t at which
 * contracts ended (Kaplan and Meier 1958); those at risk at t have entered
 * before it and last at least as long.  Its variance is Greenwood's,
 *		S(t)^2 * sum of ended / (at_risk * (at_risk - ended)),
 * and the interval is that of log(-log S(t)), which stays within 0 and 1.
 * Weights count as so many contracts.
 *
 * With the option "strata" each combination of values has its own curve, and
 * the log-rank test says whether the curves differ by more than chance (Mantel
 * 1966): the sums over all times of ended minus expected contracts of each
 * stratum, as a quadratic form with the inverse of their hypergeometric
 * covariance, are chi-squared with one degree of freedom less than strata.
 *
 * The main number, PS_ASK_SCORE, is the share of contracts expected to last
 * longer than the duration of the row.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_dense.h"
#include "ps_learners.h"
#include "ps_sort.h"
#include "ps_special.h"
#include "ps_step_curve.h"
#include "ps_strata.h"
#include "ps_survival_quality.h"

#define NORMAL_975 1.9599639845400542	/* 97.5 % of the standard normal distribution */

static const ps_option own_options[] = {
	PS_SURVIVAL_DURATION,
	PS_SURVIVAL_ENTRY,
	PS_SURVIVAL_MARGIN,
	PS_SURVIVAL_STRATA,
	{0}
};

/* A moment at which the contracts at risk of a stratum change. */
typedef struct moment
{
	double		time;
	double		entered;		/* weights */
	double		ended;
	double		left;			/* ended or not */
	uint8_t		stratum;
} moment;

static int
compare_moments(const void *left, const void *right)
{
	const moment *a = left;
	const moment *b = right;

	return (a->time > b->time) - (a->time < b->time);
}

/* Counts of a stratum at one time. */
typedef struct counts
{
	double		at_risk;
	double		ended;
	double		left;
	double		entered;
} counts;

/* The curves under construction. */
typedef struct builder
{
	const ps_env *env;
	size_t		nstrata;
	counts	   *now;			/* nstrata */
	double	   *last;			/* longest durations, nstrata */
	double	   *contracts;		/* nstrata */
	struct
	{
		double	   *times;
		double	   *at_risk;
		double	   *ended;
		size_t		count;
		size_t		capacity[3];
	}		   *curves;			/* nstrata */

	double	   *excess;			/* ended minus expected, nstrata */
	double	   *covariance;		/* nstrata x nstrata */
} builder;

/* Add the step of one stratum. */
static ps_status
add_step(builder *b, size_t stratum, double time, ps_error *error)
{
	size_t		count = b->curves[stratum].count;
	const counts *now = &b->now[stratum];

	PS_TRY(ps_grow(b->env, &b->curves[stratum].times, count, count + 1, &b->curves[stratum].capacity[0], sizeof(double), error));
	PS_TRY(ps_grow(b->env, &b->curves[stratum].at_risk, count, count + 1, &b->curves[stratum].capacity[1], sizeof(double), error));
	PS_TRY(ps_grow(b->env, &b->curves[stratum].ended, count, count + 1, &b->curves[stratum].capacity[2], sizeof(double), error));
	b->curves[stratum].times[count] = time;
	b->curves[stratum].at_risk[count] = now->at_risk;
	b->curves[stratum].ended[count] = now->ended;
	b->curves[stratum].count++;
	return PS_OK;
}

/* Add one time to the sums of the log-rank test. */
static void
add_log_rank(builder *b)
{
	size_t		n = b->nstrata;
	double		at_risk = 0;
	double		ended = 0;
	double		spread;

	for (size_t s = 0; s < n; s++)
	{
		at_risk += b->now[s].at_risk;
		ended += b->now[s].ended;
	}
	spread = at_risk > 1 ? ended * (at_risk - ended) / (at_risk - 1) : 0;
	for (size_t s = 0; s < n; s++)
	{
		double		share = b->now[s].at_risk / at_risk;

		b->excess[s] += b->now[s].ended - ended * share;
		for (size_t other = 0; other <= s; other++)
			b->covariance[s * n + other] += spread * share * ((s == other) - b->now[other].at_risk / at_risk);
	}
}

/* Take all moments of one time, at which those who leave are still at risk and those who enter not yet. */
static ps_status
take_time(builder *b, const moment *moments, size_t count, ps_error *error)
{
	double		time = moments[0].time;
	bool		any = false;

	for (size_t s = 0; s < b->nstrata; s++)
		b->now[s].ended = b->now[s].left = b->now[s].entered = 0;
	for (size_t i = 0; i < count; i++)
	{
		counts	   *now = &b->now[moments[i].stratum];

		now->ended += moments[i].ended;
		now->left += moments[i].left;
		now->entered += moments[i].entered;
		if (moments[i].left > 0)
			b->last[moments[i].stratum] = time;
		any = any || moments[i].ended > 0;
	}
	if (any)
		add_log_rank(b);
	for (size_t s = 0; s < b->nstrata; s++)
	{
		counts	   *now = &b->now[s];

		if (now->ended > 0)
			PS_TRY(add_step(b, s, time, error));
		now->at_risk += now->entered - now->left;
	}
	return PS_OK;
}

/*
 * Note all times.  A contract enters at its entry or, without one, before
 * time 0, so that those that end at once were at risk.
 */
static ps_status
build(builder *b, const ps_survival_row *rows, const uint8_t *members, size_t n, ps_error *error)
{
	moment	   *moments;
	size_t		count = 0;
	size_t		start = 0;

	PS_TRY(ps_alloc(b->env, 2 * n, sizeof(*moments), &moments, error));
	for (size_t i = 0; i < n; i++)
	{
		const ps_survival_row *row = &rows[i];

		b->contracts[members[i]] += row->weight;
		if (row->entry > 0)
			moments[count++] = (moment) {.time = row->entry,.entered = row->weight,.stratum = members[i]};
		else
			b->now[members[i]].at_risk += row->weight;
		moments[count++] = (moment) {.time = row->duration,.left = row->weight,
			.ended = row->ended ? row->weight : 0,.stratum = members[i]};
	}
	PS_TRY(ps_sort(b->env, moments, count, sizeof(*moments), compare_moments, error));
	while (start < count)
	{
		size_t		end = start + 1;

		while (end < count && moments[end].time == moments[start].time)
			end++;
		PS_TRY(take_time(b, moments + start, end - start, error));
		PS_TRY(ps_poll(b->env, 0, error));
		start = end;
	}
	ps_release(b->env, moments);
	return PS_OK;
}

/* Write the log-rank test of all strata. */
static ps_status
save_log_rank(const builder *b, ps_value *parameters, ps_error *error)
{
	size_t		n = b->nstrata - 1; /* the last follows from the others */
	double	   *factor;
	double	   *solution;
	bool	   *dependent;
	size_t		rank;
	double		statistic = 0;
	ps_value   *test;

	PS_TRY(ps_alloc(b->env, n * n, sizeof(double), &factor, error));
	PS_TRY(ps_alloc(b->env, n, sizeof(double), &solution, error));
	PS_TRY(ps_alloc(b->env, n, sizeof(bool), &dependent, error));
	for (size_t s = 0; s < n; s++)
	{
		solution[s] = b->excess[s];
		memcpy(factor + s * n, b->covariance + s * b->nstrata, n * sizeof(double));
	}
	PS_TRY(ps_cholesky(b->env, factor, n, 1e-12, dependent, &rank, error));
	ps_cholesky_solve(factor, n, dependent, solution);
	for (size_t s = 0; s < n; s++)
		statistic += solution[s] * b->excess[s];
	PS_TRY(ps_value_set_object(b->env, parameters, "log_rank", &test, error));
	PS_TRY(ps_value_set_number(b->env, test, "chi_squared", statistic, error));
	PS_TRY(ps_value_set_number(b->env, test, "degrees_of_freedom", (double) rank, error));
	return ps_value_set_number(b->env, test, "p", rank > 0 ? ps_chi_squared_tail(fmax(statistic, 0), (int) rank) : 1, error);
}

/* What the counts of a curve give, each at its times. */
typedef struct estimates
{
	double	   *log_survival;
	double	   *survival;
	double	   *standard_errors;
	double	   *lower;
	double	   *upper;
} estimates;

/* Estimate a curve; where all have ended, survival, its error and its limits are 0. */
static ps_status
estimate(const ps_env *env, const double *at_risk, const double *ended, size_t count, estimates *out, ps_error *error)
{
	double		sum = 0;
	double		variance = 0;

	PS_TRY(ps_alloc_zero(env, count, sizeof(double), &out->log_survival, error));
	PS_TRY(ps_alloc_zero(env, count, sizeof(double), &out->survival, error));
	PS_TRY(ps_alloc_zero(env, count, sizeof(double), &out->standard_errors, error));
	PS_TRY(ps_alloc_zero(env, count, sizeof(double), &out->lower, error));
	PS_TRY(ps_alloc_zero(env, count, sizeof(double), &out->upper, error));
	for (size_t i = 0; i < count; i++)
	{
		double		factor;

		sum += log1p(-fmin(ended[i] / at_risk[i], 1));
		out->log_survival[i] = sum;
		if (sum == -INFINITY)
			continue;
		variance += ended[i] / at_risk[i] / (at_risk[i] - ended[i]);
		factor = exp(NORMAL_975 * sqrt(variance) / -sum);
		out->survival[i] = exp(sum);
		out->standard_errors[i] = out->survival[i] * sqrt(variance);
		out->lower[i] = exp(sum * factor);
		out->upper[i] = exp(sum / factor);
	}
	return PS_OK;
}

/* Write one curve. */
static ps_status
save_curve(const builder *b, size_t stratum, ps_value *curve, ps_error *error)
{
	size_t		count = b->curves[stratum].count;
	estimates	e;

	PS_TRY(ps_value_set_number(b->env, curve, "contracts", b->contracts[stratum], error));
	PS_TRY(ps_value_set_number(b->env, curve, "longest", b->last[stratum], error));
	PS_TRY(estimate(b->env, b->curves[stratum].at_risk, b->curves[stratum].ended, count, &e, error));
	PS_TRY(ps_value_set_numbers(b->env, curve, "times", b->curves[stratum].times, count, error));
	PS_TRY(ps_value_set_numbers(b->env, curve, "at_risk", b->curves[stratum].at_risk, count, error));
	PS_TRY(ps_value_set_numbers(b->env, curve, "ended", b->curves[stratum].ended, count, error));
	PS_TRY(ps_value_set_numbers(b->env, curve, "survival", e.survival, count, error));
	PS_TRY(ps_value_set_numbers(b->env, curve, "standard_errors", e.standard_errors, count, error));
	PS_TRY(ps_value_set_numbers(b->env, curve, "lower", e.lower, count, error));
	return ps_value_set_numbers(b->env, curve, "upper", e.upper, count, error);
}

/* Write the curves. */
static ps_status
save_curves(const builder *b, const ps_strata *strata, ps_value *parameters, ps_value *notes, ps_error *error)
{
	ps_value   *curves;

	PS_TRY(ps_value_set_list(b->env, parameters, "curves", &curves, error));
	for (size_t s = 0; s < b->nstrata; s++)
	{
		ps_value   *curve;
		size_t		count = b->curves[s].count;

		if (count > PS_STEP_CURVE_MAX)
			return ps_step_curve_refuse(count, error);
		if (count == 0)
		{
			char		text[200];

			ps_strata_text(strata, s, text, sizeof(text));
			PS_TRY(ps_note(b->env, notes, error, "no contract of the stratum %s has ended", text));
		}
		PS_TRY(ps_value_append_object(b->env, curves, &curve, error));
		PS_TRY(ps_strata_save(b->env, strata, s, curve, error));
		PS_TRY(save_curve(b, s, curve, error));
	}
	return PS_OK;
}

static ps_status
fit(const ps_env *env, const ps_frame *frame, const ps_value *options, ps_value *parameters, ps_value *notes,
	ps_error *error)
{
	ps_survival_reader reader;
	ps_survival_row *rows;
	ps_strata	strata;
	uint8_t    *members;
	size_t		n;
	builder		b = {.env = env};

	PS_TRY(ps_survival_save(env, options, parameters, error));
	PS_TRY(ps_survival_open_frame(env, &reader, parameters, frame, error));
	PS_TRY(ps_survival_read(env, &reader, frame, &rows, &n, notes, error));
	PS_TRY(ps_survival_need_ends(rows, n, error));
	PS_TRY(ps_strata_fit(env, &reader, frame, rows, n, &strata, &members, error));
	b.nstrata = strata.count;
	PS_TRY(ps_alloc_zero(env, b.nstrata, sizeof(*b.now), &b.now, error));
	PS_TRY(ps_alloc_zero(env, b.nstrata, sizeof(*b.last), &b.last, error));
	PS_TRY(ps_alloc_zero(env, b.nstrata, sizeof(*b.contracts), &b.contracts, error));
	PS_TRY(ps_alloc_zero(env, b.nstrata, sizeof(*b.curves), &b.curves, error));
	PS_TRY(ps_alloc_zero(env, b.nstrata, sizeof(*b.excess), &b.excess, error));
	PS_TRY(ps_alloc_zero(env, b.nstrata * b.nstrata, sizeof(*b.covariance), &b.covariance, error));
	PS_TRY(build(&b, rows, members, n, error));
	ps_release(env, rows);
	ps_release(env, members);
	if (b.nstrata > 1)
		PS_TRY(save_log_rank(&b, parameters, error));
	return save_curves(&b, &strata, parameters, notes, error);
}

typedef struct kaplan_meier_state
{
	ps_survival_model model;
	ps_strata	strata;
	ps_step_curve *curves;
} kaplan_meier_state;

/* Validate numbers of a curve that follow from its counts. */
static ps_status
check_estimates(const ps_value *object, const char *name, const double *expected, size_t count, ps_error *error)
{
	const double *numbers;

	PS_TRY(ps_value_need_numbers(object, name, count, &numbers, error));
	for (size_t i = 0; i < count; i++)
	{
		if (!(fabs(numbers[i] - expected[i]) <= 1e-9))
			return ps_fail(error, PS_CORRUPT, "number %d of \"%s\" does not follow from the counts", (int64_t) i + 1, name);
	}
	return PS_OK;
}

/* Validate one curve. */
static ps_status
load_curve(const ps_env *env, const ps_value *object, ps_step_curve *curve, ps_error *error)
{
	const double *at_risk;
	const double *ended;
	estimates	e;

	PS_TRY(ps_step_curve_load(object, curve, &at_risk, &ended, error));
	PS_TRY(estimate(env, at_risk, ended, curve->count, &e, error));
	PS_TRY(check_estimates(object, "survival", e.survival, curve->count, error));
	PS_TRY(check_estimates(object, "standard_errors", e.standard_errors, curve->count, error));
	PS_TRY(check_estimates(object, "lower", e.lower, curve->count, error));
	PS_TRY(check_estimates(object, "upper", e.upper, curve->count, error));
	curve->log_survival = e.log_survival;
	if (curve->count > 0 && e.log_survival[curve->count - 1] == -INFINITY)
		curve->end = INFINITY;	/* nothing is left to know */
	return PS_OK;
}

/* The curve for a row, null without one. */
static ps_status
find_curve(const void *state, const ps_cell *cells, ps_survival_curve *curve, bool *null, ps_error *error)
{
	const kaplan_meier_state *loaded = state;
	size_t		stratum = ps_strata_find(&loaded->strata, cells);

	(void) error;
	*null = stratum == loaded->strata.count;
	if (!*null)
		*curve = (ps_survival_curve) {ps_step_curve_log_survival, ps_step_curve_next, loaded->curves[stratum].end,
			&loaded->curves[stratum], {0}, NULL};
	return PS_OK;
}

static ps_status
score(const void *state, const ps_cell *cells, ps_answer *answer, ps_error *error)
{
	const kaplan_meier_state *loaded = state;
	ps_survival_curve curve;
	double		duration;

	PS_TRY(find_curve(state, cells, &curve, &answer->null, error));
	if (!answer->null)
		PS_TRY(ps_survival_duration(&loaded->model.reader, cells, &duration, &answer->null, error));
	if (answer->null)
		return PS_OK;
	answer->null = duration > curve.end;
	answer->number = answer->null ? 0 : exp(curve.log_survival(&curve, duration));
	return PS_OK;
}

static ps_status
load(const ps_env *env, const ps_value *parameters, const ps_input *inputs, size_t ninputs, void **state,
	 ps_error *error)
{
	kaplan_meier_state *loaded;
	const ps_value *curves;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*loaded), &loaded, error));
	PS_TRY(ps_survival_open(&loaded->model.reader, parameters, inputs, ninputs, error));
	PS_TRY(ps_value_need(parameters, "curves", PS_LIST, &curves, error));
	PS_TRY(ps_strata_load(env, &loaded->model.reader, inputs, curves, &loaded->strata, error));
	PS_TRY(ps_alloc(env, curves->count, sizeof(*loaded->curves), &loaded->curves, error));
	for (size_t i = 0; i < curves->count; i++)
		PS_TRY(load_curve(env, curves->items[i], &loaded->curves[i], error));
	loaded->model.find_curve = find_curve;
	loaded->model.score = score;
	*state = loaded;
	return PS_OK;
}

const ps_learner ps_learner_kaplan_meier = {
	.name = "kaplan_meier",
	.kind = "survival",
	.needs_target = true,
	.answers = 1u << PS_ASK_SCORE | PS_SURVIVAL_ANSWERS,
	.comparison = PS_COMPARE_KIND,
	.options = own_options,
	.choose = ps_survival_choose,
	.fit = fit,
	.load = load,
	.answer = ps_survival_ask,
	.evaluate = ps_survival_evaluate
};
