/*-------------------------------------------------------------------------
 *
 * ps_survival_quality.c
 *	  See ps_survival_quality.h.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_survival_quality.h"

#include <math.h>

#include "ps_sort.h"

#define GRID 50					/* times at which squared distances are taken */
#define JUDGED_SHARE 0.95		/* of the contracts that ended, which the longest of them leaves behind */
#define POLL_ROWS 256

/* A row judged. */
typedef struct judged
{
	double		duration;
	double		weight;
	double		log_survival;	/* predicted at the last time judged */
	double		observed;		/* P(observed as long), just before the duration */
	size_t		rank;			/* of log_survival among the distinct values, from 1 */
	size_t		row;			/* of the frame */
	bool		ended;
} judged;

static int
compare_durations(const void *left, const void *right)
{
	const judged *a = left;
	const judged *b = right;

	if (a->duration != b->duration)
		return a->duration > b->duration ? 1 : -1;
	return b->ended - a->ended;
}

static int
compare_predictions(const void *left, const void *right)
{
	const judged *a = left;
	const judged *b = right;

	return (a->log_survival > b->log_survival) - (a->log_survival < b->log_survival);
}

/*
 * Fill the probability of being observed: the Kaplan-Meier curve of the
 * contracts that went on when they were last seen, with rows sorted by duration.
 * *grid receives the values at times (i + 1) * step.
 */
static void
observe(judged *rows, size_t n, double step, double grid[GRID])
{
	double		at_risk = 0;
	double		observed = 1;
	size_t		next = 0;

	for (size_t i = 0; i < n; i++)
		at_risk += rows[i].weight;
	for (size_t i = 0; i < n;)
	{
		double		ended = 0;
		double		left = 0;
		size_t		end = i;

		while (next < GRID && step * (double) (next + 1) < rows[i].duration)
			grid[next++] = observed;
		for (; end < n && rows[end].duration == rows[i].duration; end++)
		{
			rows[end].observed = observed;
			left += rows[end].weight;
			ended += rows[end].ended ? rows[end].weight : 0;
		}
		if (at_risk > ended)
			observed *= fmax(1 - (left - ended) / (at_risk - ended), 0);
		at_risk -= left;
		i = end;
	}
	while (next < GRID)
		grid[next++] = observed;
}

/* Weight of the ranks up to one, in a Fenwick tree. */
static double
weight_up_to(const double *tree, size_t rank)
{
	double		sum = 0;

	for (; rank > 0; rank &= rank - 1)
		sum += tree[rank];
	return sum;
}

/*
 * Share of concordant pairs of rows sorted by duration.  Rows are taken from
 * the longest to the shortest; each that ended is compared with all taken
 * before, and with those of its duration that went on.
 */
static ps_status
find_concordance(const ps_env *env, judged *rows, size_t n, double *concordance, ps_error *error)
{
	double	   *tree;
	double		taken = 0;
	double		pairs = 0;
	double		concordant = 0;

	PS_TRY(ps_alloc_zero(env, n + 1, sizeof(*tree), &tree, error));
	for (size_t i = n; i > 0;)
	{
		size_t		start = i;

		while (start > 0 && rows[start - 1].duration == rows[i - 1].duration && rows[start - 1].ended == rows[i - 1].ended)
			start--;
		for (size_t k = start; k < i && rows[k].ended; k++)
		{
			double		up_to = weight_up_to(tree, rows[k].rank);
			double		below = weight_up_to(tree, rows[k].rank - 1);

			/* those who stay longer should have the higher survival */
			pairs += rows[k].weight * taken;
			concordant += rows[k].weight * (taken - up_to + 0.5 * (up_to - below));
		}
		for (size_t k = start; k < i; k++)
		{
			for (size_t at = rows[k].rank; at <= n; at += at & -at)
				tree[at] += rows[k].weight;
			taken += rows[k].weight;
		}
		PS_TRY(ps_poll(env, 0, error));
		i = start;
	}
	ps_release(env, tree);
	*concordance = pairs > 0 ? concordant / pairs : (double) NAN;
	return PS_OK;
}

/* Rank the rows by predicted survival and sort them back by duration. */
static ps_status
rank_predictions(const ps_env *env, judged *rows, size_t n, ps_error *error)
{
	size_t		rank = 0;

	PS_TRY(ps_sort(env, rows, n, sizeof(*rows), compare_predictions, error));
	for (size_t i = 0; i < n; i++)
	{
		rank += i == 0 || rows[i].log_survival > rows[i - 1].log_survival;
		rows[i].rank = rank;
	}
	return ps_sort(env, rows, n, sizeof(*rows), compare_durations, error);
}

/* Keep the rows observed from their start that have a curve. */
static ps_status
keep_judged(const ps_env *env, const ps_survival_model *model, const ps_frame *frame, ps_cell *cells, judged **out,
			size_t *n, ps_error *error)
{
	ps_survival_row *rows;
	size_t		count;

	PS_TRY(ps_survival_read(env, &model->reader, frame, &rows, &count, NULL, error));
	PS_TRY(ps_alloc(env, count, sizeof(**out), out, error));
	*n = 0;
	for (size_t i = 0; i < count; i++)
	{
		ps_survival_curve curve;
		bool		null;

		if (i % POLL_ROWS == 0)
			PS_TRY(ps_poll(env, 0, error));
		if (rows[i].entry > 0)
			continue;
		ps_frame_row(frame, rows[i].row, cells);
		PS_TRY(model->find_curve(model, cells, &curve, &null, error));
		if (!null)
			(*out)[(*n)++] = (judged) {.duration = rows[i].duration,.weight = rows[i].weight,.ended = rows[i].ended,
				.row = rows[i].row};
	}
	ps_release(env, rows);
	return ps_sort(env, *out, *n, sizeof(**out), compare_durations, error);
}

ps_status
ps_survival_evaluate(const ps_env *env, const void *state, const ps_frame *frame, ps_value *metrics, double *loss,
					 ps_error *error)
{
	const ps_survival_model *model = state;
	judged	   *rows;
	ps_cell    *cells;
	size_t		n;
	double		contracts = 0;
	double		ended = 0;
	double		so_far = 0;
	double		last = 0;		/* time judged */
	double		concordance;
	double		grid[GRID];
	double		distances[GRID] = {0};

	PS_TRY(ps_alloc(env, ps_frame_columns(frame), sizeof(*cells), &cells, error));
	PS_TRY(keep_judged(env, model, frame, cells, &rows, &n, error));
	for (size_t i = 0; i < n; i++)
	{
		contracts += rows[i].weight;
		ended += rows[i].ended ? rows[i].weight : 0;
	}
	for (size_t i = 0; i < n && so_far < JUDGED_SHARE * ended; i++)
	{
		so_far += rows[i].ended ? rows[i].weight : 0;
		last = rows[i].duration;
	}
	if (!(last > 0))
		return ps_fail(error, PS_TOO_LITTLE_DATA, "no contract among the rows to evaluate on has ended after its start");
	observe(rows, n, last / GRID, grid);

	for (size_t i = 0; i < n; i++)
	{
		ps_survival_curve curve;
		bool		null;

		if (i % POLL_ROWS == 0)
			PS_TRY(ps_poll(env, 0, error));
		ps_frame_row(frame, rows[i].row, cells);
		PS_TRY(model->find_curve(model, cells, &curve, &null, error));
		for (int g = 0; g < GRID; g++)
		{
			double		time = last / GRID * (g + 1);
			double		survival = exp(curve.log_survival(&curve, time));

			if (rows[i].duration > time)
				distances[g] += rows[i].weight * (1 - survival) * (1 - survival) / grid[g];
			else if (rows[i].ended)
				distances[g] += rows[i].weight * survival * survival / rows[i].observed;
		}
		rows[i].log_survival = curve.log_survival(&curve, last);
	}
	ps_release(env, cells);
	PS_TRY(rank_predictions(env, rows, n, error));
	PS_TRY(find_concordance(env, rows, n, &concordance, error));
	ps_release(env, rows);

	/* the trapezoidal rule, with 0 at time 0 */
	*loss = 0;
	for (int g = 0; g < GRID; g++)
		*loss += distances[g] / contracts * (g + 1 < GRID ? 1.0 : 0.5) / GRID;
	PS_TRY(ps_value_set_number(env, metrics, "contracts", contracts, error));
	PS_TRY(ps_value_set_number(env, metrics, "ended", ended, error));
	PS_TRY(ps_value_set_number(env, metrics, "concordance", concordance, error));
	PS_TRY(ps_value_set_number(env, metrics, "integrated_brier", *loss, error));
	return ps_value_set_number(env, metrics, "judged_up_to", last, error);
}
