/*-------------------------------------------------------------------------
 *
 * ps_assignment.c
 *	  See ps_assignment.h.
 *
 * The Hungarian method by shortest augmenting paths (Jonker and Volgenant
 * 1987; for more columns than rows, Crouse 2016): one row after the other is
 * added to the best assignment of those before it, along the path that costs
 * least.  Prices of rows and columns keep the costs of all pairs that may
 * still be taken from being negative, so that such a path is found as by
 * Dijkstra.  Takes time in the order of the square of the smaller number times
 * the larger one.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_assignment.h"

/*
 * The work on n rows and m >= n columns.  Rows and columns count from 1; column
 * 0 is where each path begins.
 */
typedef struct assignment
{
	const int64_t *profits;
	size_t		row_stride;		/* from the profit of a row to that of the next */
	size_t		column_stride;
	size_t		m;
	int64_t    *row_price;
	int64_t    *column_price;
	size_t	   *row_of;			/* of each column, or 0 */
	int64_t    *shortest;		/* cost of the path to each column, less the prices */
	size_t	   *before;			/* the column before it on that path */
	bool	   *reached;		/* is that path final? */
} assignment;

/* The cost of the path to a column that goes on from a reached one, less the prices. */
static int64_t
cost_of_step(const assignment *of, size_t row, size_t column)
{
	return -of->profits[(row - 1) * of->row_stride + (column - 1) * of->column_stride] - of->row_price[row] -
		of->column_price[column];
}

/* Add a row to the assignment. */
static ps_status
augment(const ps_env *env, assignment *of, size_t row, ps_error *error)
{
	size_t		at = 0;

	of->row_of[0] = row;
	for (size_t j = 0; j <= of->m; j++)
	{
		of->shortest[j] = INT64_MAX;
		of->reached[j] = false;
	}
	do
	{
		int64_t		least = INT64_MAX;
		size_t		nearest = 0;

		of->reached[at] = true;
		for (size_t j = 1; j <= of->m; j++)
		{
			int64_t		cost;

			if (of->reached[j])
				continue;
			cost = cost_of_step(of, of->row_of[at], j);
			if (cost < of->shortest[j])
			{
				of->shortest[j] = cost;
				of->before[j] = at;
			}
			if (of->shortest[j] < least)
			{
				least = of->shortest[j];
				nearest = j;
			}
		}
		for (size_t j = 0; j <= of->m; j++)
		{
			if (of->reached[j])
			{
				of->row_price[of->row_of[j]] += least;
				of->column_price[j] -= least;
			}
			else
				of->shortest[j] -= least;
		}
		at = nearest;
		PS_TRY(ps_poll(env, 0, error));
	} while (of->row_of[at] != 0);

	/* all columns on the path take the row of the one before */
	while (at != 0)
	{
		of->row_of[at] = of->row_of[of->before[at]];
		at = of->before[at];
	}
	return PS_OK;
}

ps_status
ps_assignment_best(const ps_env *env, const int64_t *profits, size_t nrows, size_t ncolumns, size_t *columns,
				   ps_error *error)
{
	bool		turned = nrows > ncolumns;
	size_t		n = turned ? ncolumns : nrows;
	assignment	of = {
		.profits = profits,
		.row_stride = turned ? 1 : ncolumns,
		.column_stride = turned ? ncolumns : 1,
		.m = turned ? nrows : ncolumns
	};

	PS_TRY(ps_alloc_zero(env, n + 1, sizeof(int64_t), &of.row_price, error));
	PS_TRY(ps_alloc_zero(env, of.m + 1, sizeof(int64_t), &of.column_price, error));
	PS_TRY(ps_alloc_zero(env, of.m + 1, sizeof(size_t), &of.row_of, error));
	PS_TRY(ps_alloc(env, of.m + 1, sizeof(int64_t), &of.shortest, error));
	PS_TRY(ps_alloc_zero(env, of.m + 1, sizeof(size_t), &of.before, error));
	PS_TRY(ps_alloc(env, of.m + 1, sizeof(bool), &of.reached, error));
	for (size_t row = 1; row <= n; row++)
		PS_TRY(augment(env, &of, row, error));

	for (size_t i = 0; i < nrows; i++)
		columns[i] = PS_ASSIGNMENT_NONE;
	for (size_t j = 1; j <= of.m; j++)
	{
		if (of.row_of[j] == 0)
			continue;
		if (turned)
			columns[j - 1] = of.row_of[j] - 1;
		else
			columns[of.row_of[j] - 1] = j - 1;
	}
	ps_release(env, of.row_price);
	ps_release(env, of.column_price);
	ps_release(env, of.row_of);
	ps_release(env, of.shortest);
	ps_release(env, of.before);
	ps_release(env, of.reached);
	return PS_OK;
}
