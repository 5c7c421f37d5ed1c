/*-------------------------------------------------------------------------
 *
 * ps_leakage.c
 *	  Columns that know the target.
 *
 * Numbers are ranked by their values, in either direction, with NULL once
 * below and once above all others: to have a value at all may be what tells
 * (a date of cancellation).  A row counts once, whatever its weight, unless
 * that is 0.  Since sorting every column would cost more than
 * many a fit, some rows of each class, evenly spaced, say first whether the
 * exact area is worth computing.
 *
 * Texts are ranked by the share of positives among the rows of the same text.
 * To be no judge in its own case, a row is judged by the other half of the
 * rows: the rows of each text and class are split in two.  Rows of one text
 * and class are alike here, so the result does not depend on their order.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_leakage.h"

#include <math.h>

#include "ps_learner.h"
#include "ps_metrics.h"

#define AREA 0.99
#define AREA_TO_LOOK 0.95		/* on some of the rows */
#define SOME_ROWS 1000			/* of each class */
#define ROWS_OF_CLASS 10

/* The rows of a frame with both classes. */
typedef struct leakage_rows
{
	const ps_env *env;
	const ps_frame *frame;
	int			as_of;			/* the column that moments are counted from, or -1 */
	size_t		counts[2];		/* rows of weight above 0, by target */
	size_t	   *some;			/* numbers of evenly spaced ones of each class */
	size_t		nsome;
} leakage_rows;

/* The number in a row, as the encoder would see it; NAN for NULL. */
static inline double
row_number(const leakage_rows *rows, size_t column, size_t row)
{
	size_t		chunk = row / PS_FRAME_CHUNK;
	size_t		i = row % PS_FRAME_CHUNK;
	double		x = ps_frame_numbers(rows->frame, column, chunk)[i];

	if (rows->as_of < 0 || ps_frame_column(rows->frame, column)->type != PS_TYPE_MOMENT)
		return x;
	return ps_frame_numbers(rows->frame, (size_t) rows->as_of, chunk)[i] - x;
}

/*
 * The area under the ROC curve of a column of numbers, 0.5 to 1, with NULL
 * taken as null, by all rows or by some of them.  *nulls says whether there
 * was any.
 */
static ps_status
number_area(const leakage_rows *rows, size_t column, bool all, double null, double *area, bool *nulls, ps_error *error)
{
	ps_roc		roc = {0};
	size_t		count = all ? ps_frame_rows(rows->frame) : rows->nsome;
	bool		defined;

	*nulls = false;
	for (size_t i = 0; i < count; i++)
	{
		size_t		row = all ? i : rows->some[i];
		double		x = row_number(rows, column, row);

		*nulls = *nulls || isnan(x);
		PS_TRY(ps_roc_add(rows->env, &roc, isnan(x) ? null : x, ps_frame_target(rows->frame, row) != 0, 1, error));
		if (i % 4096 == 0)
			PS_TRY(ps_poll(rows->env, 0, error));
	}
	PS_TRY(ps_roc_area(rows->env, &roc, area, &defined, error));
	*area = fmax(*area, 1 - *area);
	ps_release(rows->env, roc.entries);
	return PS_OK;
}

/* The larger of the areas with NULL at either end. */
static ps_status
best_number_area(const leakage_rows *rows, size_t column, bool all, double *area, ps_error *error)
{
	bool		nulls;
	double		other = 0;

	PS_TRY(number_area(rows, column, all, -INFINITY, area, &nulls, error));
	if (nulls)
		PS_TRY(number_area(rows, column, all, INFINITY, &other, &nulls, error));
	*area = fmax(*area, other);
	return PS_OK;
}

/* The area of a column of texts, each half of the rows judged by the other. */
static ps_status
text_area(const leakage_rows *rows, size_t column, double *area, ps_error *error)
{
	const ps_env *env = rows->env;
	size_t		levels = ps_frame_levels(rows->frame, column) + 1;	/* the last one is NULL */
	double		base = (double) rows->counts[1] / (double) (rows->counts[0] + rows->counts[1]);
	size_t	   *counts;			/* by level and target */
	ps_roc		roc = {0};
	bool		defined;

	PS_TRY(ps_alloc_zero(env, levels, 2 * sizeof(*counts), &counts, error));
	for (size_t row = 0; row < ps_frame_rows(rows->frame); row++)
	{
		int32_t		code = ps_frame_codes(rows->frame, column, row / PS_FRAME_CHUNK)[row % PS_FRAME_CHUNK];
		size_t		level = code < 0 ? levels - 1 : (size_t) code;

		if (row % 4096 == 0)
			PS_TRY(ps_poll(env, 0, error));
		if (ps_frame_weight(rows->frame, row) > 0)
			counts[2 * level + (ps_frame_target(rows->frame, row) != 0)]++;
	}
	for (size_t level = 0; level < levels; level++)
	{
		size_t		negatives[2] = {counts[2 * level] / 2, (counts[2 * level] + 1) / 2};
		size_t		positives[2] = {(counts[2 * level + 1] + 1) / 2, counts[2 * level + 1] / 2};

		if (level % 4096 == 0)
			PS_TRY(ps_poll(env, 0, error));
		for (int half = 0; half < 2; half++)
		{
			/* the share in the other half, drawn towards the base rate by one row */
			double		others = (double) (negatives[1 - half] + positives[1 - half]);
			double		score = ((double) positives[1 - half] + base) / (others + 1);

			PS_TRY(ps_roc_add(env, &roc, score, true, (double) positives[half], error));
			PS_TRY(ps_roc_add(env, &roc, score, false, (double) negatives[half], error));
		}
	}
	PS_TRY(ps_roc_area(env, &roc, area, &defined, error));
	ps_release(env, roc.entries);
	ps_release(env, counts);
	return PS_OK;
}

/* Count the rows of both classes: those of weight above 0; and choose some of each where step says how far apart. */
static ps_status
survey(leakage_rows *rows, const size_t *step, ps_error *error)
{
	const ps_frame *frame = rows->frame;

	rows->counts[0] = rows->counts[1] = 0;
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		const double *targets = ps_frame_targets(frame, chunk);
		const double *weights = ps_frame_weights(frame, chunk);

		for (size_t i = 0; i < ps_frame_chunk_rows(frame, chunk); i++)
		{
			bool		target = targets[i] != 0;

			if (weights != NULL && !(weights[i] > 0))
				continue;
			if (step != NULL && rows->counts[target] % step[target] == 0)
				rows->some[rows->nsome++] = chunk * PS_FRAME_CHUNK + i;
			rows->counts[target]++;
		}
		PS_TRY(ps_poll(rows->env, 0, error));
	}
	return PS_OK;
}

ps_status
ps_leakage_note(const ps_env *env, const ps_frame *frame, ps_value *notes, ps_error *error)
{
	leakage_rows rows = {.env = env,.frame = frame,.as_of = -1};
	size_t		step[2];

	PS_TRY(survey(&rows, NULL, error));
	if (rows.counts[0] < ROWS_OF_CLASS || rows.counts[1] < ROWS_OF_CLASS)
		return PS_OK;
	for (int target = 0; target < 2; target++)
		step[target] = rows.counts[target] / SOME_ROWS + 1;
	PS_TRY(ps_alloc(env, rows.counts[0] / step[0] + rows.counts[1] / step[1] + 2, sizeof(*rows.some), &rows.some, error));
	PS_TRY(survey(&rows, step, error));
	for (size_t i = 0; i < ps_frame_columns(frame); i++)
		if (ps_is_as_of(ps_frame_column(frame, i)->name, ps_frame_column(frame, i)->type))
			rows.as_of = (int) i;
	for (size_t i = 0; i < ps_frame_columns(frame); i++)
	{
		const ps_column *column = ps_frame_column(frame, i);
		double		area;

		if ((int64_t) i == rows.as_of || column->type == PS_TYPE_HISTORY)
			continue;
		if (column->type == PS_TYPE_TEXT)
			PS_TRY(text_area(&rows, i, &area, error));
		else
		{
			PS_TRY(best_number_area(&rows, i, false, &area, error));
			if (area >= AREA_TO_LOOK && step[0] + step[1] > 2)
				PS_TRY(best_number_area(&rows, i, true, &area, error));
		}
		if (area >= AREA)
			PS_TRY(ps_note(env, notes, error,
						   "column \"%s\" alone ranks the classes with an AUC of %g: if it repeats the target or is known only afterwards, leave it out by \"exclude\"",
						   column->name, floor(area * 10000) / 10000));
	}
	ps_release(env, rows.some);
	return PS_OK;
}
