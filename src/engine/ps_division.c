/*-------------------------------------------------------------------------
 *
 * ps_division.c
 *	  See ps_division.h.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_division.h"

#include <math.h>

#include "ps_history.h"
#include "ps_row_hash.h"
#include "ps_sort.h"

#define PARTS 5					/* of which one judges ... */
#define JUDGING_PART 2			/* ... and this: neither the first customer nor the last */

/* Where a row stands. */
typedef struct standing
{
	double		frequency;
	double		recency;
	double		tenure;
	uint64_t	others;			/* hash of the covariates */
	size_t		row;
} standing;

static int
compare_numbers(double a, double b)
{
	return (a > b) - (a < b);
}

static int
compare_standings(const void *left, const void *right)
{
	const standing *a = left;
	const standing *b = right;
	int			order = compare_numbers(a->frequency, b->frequency);

	if (order == 0)
		order = compare_numbers(a->recency, b->recency);
	if (order == 0)
		order = compare_numbers(a->tenure, b->tenure);
	if (order == 0)
		order = (a->others > b->others) - (a->others < b->others);
	return order;
}

/* Hash the covariates of each row; *hashes is NULL when there are none. */
static ps_status
hash_covariates(const ps_env *env, const ps_frame *frame, uint64_t **hashes, ps_error *error)
{
	size_t		first = ps_history_width(PS_HISTORY_TIMES, ps_frame_column(frame, 0)->type);
	size_t		count = ps_frame_columns(frame) - first;
	size_t	   *columns;
	ps_frame   *covariates;

	*hashes = NULL;
	if (count == 0)
		return PS_OK;
	PS_TRY(ps_alloc(env, count, sizeof(*columns), &columns, error));
	for (size_t i = 0; i < count; i++)
		columns[i] = first + i;
	PS_TRY(ps_frame_select(env, frame, columns, count, NULL, true, &covariates, error));
	return ps_row_feature_hashes(env, covariates, 0, hashes, error);
}

/* How much of the line judges from its beginning to a place. */
static double
judging_until(double place)
{
	double		round = floor(place / PARTS);

	return round + fmin(fmax(place - round * PARTS - JUDGING_PART, 0), 1);
}

ps_status
ps_divide_customers(const ps_env *env, const ps_frame *frame, double **judging, double *customers, ps_error *error)
{
	ps_history_reader reader;
	standing   *line;
	uint64_t   *hashes;
	size_t		n = 0;

	PS_TRY(ps_history_open_frame(&reader, PS_HISTORY_TIMES, "day", frame, error));
	PS_TRY(hash_covariates(env, frame, &hashes, error));
	PS_TRY(ps_alloc(env, ps_frame_rows(frame), sizeof(*line), &line, error));
	for (size_t row = 0; row < ps_frame_rows(frame); row++)
	{
		ps_history	history;
		bool		null;

		if (row % PS_FRAME_CHUNK == 0)
			PS_TRY(ps_poll(env, 0, error));
		PS_TRY(ps_history_read_frame(&reader, frame, row / PS_FRAME_CHUNK, row % PS_FRAME_CHUNK, &history, &null, error));
		if (!null)
			line[n++] = (standing) {history.frequency, history.recency, history.tenure, hashes == NULL ? 0 : hashes[row], row};
	}
	PS_TRY(ps_sort(env, line, n, sizeof(*line), compare_standings, error));

	PS_TRY(ps_alloc_zero(env, ps_frame_rows(frame), sizeof(**judging), judging, error));
	*customers = 0;
	for (size_t i = 0; i < n; i++)
	{
		double		begin = *customers;

		if (i % PS_FRAME_CHUNK == 0)
			PS_TRY(ps_poll(env, 0, error));
		*customers += ps_frame_weight(frame, line[i].row);
		(*judging)[line[i].row] = judging_until(*customers) - judging_until(begin);
	}
	ps_release(env, line);
	ps_release(env, hashes);
	return PS_OK;
}

/* Copy the rows of a frame that have one of two parts of their weight. */
static ps_status
copy_part(const ps_env *env, const ps_frame *frame, const double *judging, bool judges, ps_frame **out, ps_error *error)
{
	size_t		ncolumns = ps_frame_columns(frame);
	ps_column  *columns;
	ps_cell    *cells;

	PS_TRY(ps_alloc(env, ncolumns, sizeof(*columns), &columns, error));
	PS_TRY(ps_alloc(env, ncolumns, sizeof(*cells), &cells, error));
	for (size_t i = 0; i < ncolumns; i++)
		columns[i] = *ps_frame_column(frame, i);
	PS_TRY(ps_frame_create(env, columns, ncolumns, false, true, out, error));
	for (size_t row = 0; row < ps_frame_rows(frame); row++)
	{
		double		weight = judges ? judging[row] : ps_frame_weight(frame, row) - judging[row];

		if (row % 1024 == 0)
			PS_TRY(ps_poll(env, 0, error));
		if (!(weight > 0))
			continue;
		ps_frame_row(frame, row, cells);
		PS_TRY(ps_frame_append(*out, cells, 0, weight, error));
	}
	ps_release(env, columns);
	ps_release(env, cells);
	return PS_OK;
}

ps_status
ps_frame_share_out(const ps_env *env, ps_frame *frame, const double *judging, ps_frame **learning_rows,
				   ps_frame **judging_rows, ps_error *error)
{
	bool	   *judges;

	if (ps_frame_has_weight(frame))
	{
		PS_TRY(copy_part(env, frame, judging, false, learning_rows, error));
		return copy_part(env, frame, judging, true, judging_rows, error);
	}

	/* customers of weight 1 are not divided, so that the frame can be */
	PS_TRY(ps_alloc(env, ps_frame_rows(frame), sizeof(*judges), &judges, error));
	for (size_t row = 0; row < ps_frame_rows(frame); row++)
		judges[row] = judging[row] > 0;
	return ps_frame_divide(env, frame, judges, learning_rows, judging_rows, error);
}
