/*-------------------------------------------------------------------------
 *
 * ps_lloyd_trimmed.c
 *	  Lloyd's algorithm with the farthest rows left out.
 *
 * Left out are the rows farther from the nearest center than all but a share
 * of them; rows as far as the last one that stays in stay in, so that no order
 * of the rows has to decide between them.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_lloyd.h"
#include "ps_sort.h"
#include "ps_weighed.h"

/* Room to work in: numbers of each row. */
typedef struct trim_scratch
{
	double	   *distances;		/* squared, to the center of its label */
	double	   *sorted;			/* where all rows count alike */
	ps_weighed *weighed;		/* else */
	bool	   *kept;
} trim_scratch;

/* Find how far the farthest row is that is kept. */
static ps_status
find_limit(const ps_cluster_rows *rows, double trim, trim_scratch *scratch, double *limit, ps_error *error)
{
	if (rows->weights == NULL)
	{
		memcpy(scratch->sorted, scratch->distances, rows->count * sizeof(double));
		PS_TRY(ps_sort_numbers(rows->env, scratch->sorted, rows->count, error));
		*limit = scratch->sorted[rows->count - 1 - (size_t) (trim * (double) rows->count)];
		return PS_OK;
	}
	for (size_t row = 0; row < rows->count; row++)
		scratch->weighed[row] = (ps_weighed) {scratch->distances[row], rows->weights[row]};
	PS_TRY(ps_weighed_sort(rows->env, scratch->weighed, rows->count, error));
	*limit = ps_weighed_from_above(scratch->weighed, rows->count, trim * rows->total);
	return PS_OK;
}

/* Decide which rows are kept, and count those for which that changed. */
static ps_status
trim_rows(const ps_cluster_rows *rows, ps_lloyd *clusters, trim_scratch *scratch, size_t *changed, ps_error *error)
{
	for (size_t row = 0; row < rows->count; row++)
	{
		scratch->distances[row] =
			ps_cluster_squared_distance(rows, row, clusters->centers + (size_t) rows->labels[row] * rows->width);
		if (row % 1024 == 0)
			PS_TRY(ps_poll(rows->env, 0, error));
	}
	PS_TRY(find_limit(rows, clusters->trim, scratch, &clusters->farthest, error));
	for (size_t row = 0; row < rows->count; row++)
	{
		bool		kept = scratch->distances[row] <= clusters->farthest;

		*changed += kept != scratch->kept[row] ? 1 : 0;
		scratch->kept[row] = kept;
	}
	return PS_OK;
}

/* Sum the rows that are kept; the sums of rounded values are exact in any order. */
static ps_status
sum_rows(const ps_cluster_rows *rows, ps_lloyd *clusters, const bool *kept, ps_error *error)
{
	memset(clusters->sums, 0, clusters->k * clusters->width * sizeof(double));
	memset(clusters->sizes, 0, clusters->k * sizeof(double));
	for (size_t row = 0; row < rows->count; row++)
	{
		const float *x = ps_cluster_row(rows, row);
		double	   *sum = clusters->sums + (size_t) rows->labels[row] * rows->width;

		if (row % 1024 == 0)
			PS_TRY(ps_poll(rows->env, 0, error));
		if (!kept[row])
			continue;
		clusters->sizes[rows->labels[row]] += ps_cluster_row_weight(rows, row);
		for (size_t j = 0; j < rows->width; j++)
			sum[j] += ps_cluster_weigh(rows, row, (double) x[j * PS_CLUSTER_ROWS]);
	}
	return PS_OK;
}

/* Find the kept row that is farthest from its center, of equally far ones the first by content. */
static size_t
find_farthest(const ps_cluster_rows *rows, const trim_scratch *scratch)
{
	size_t		farthest = rows->count;

	for (size_t row = 0; row < rows->count; row++)
		if (scratch->kept[row] &&
			(farthest == rows->count || scratch->distances[row] > scratch->distances[farthest] ||
			 (scratch->distances[row] == scratch->distances[farthest] &&
			  ps_cluster_row_hash(rows, row) < ps_cluster_row_hash(rows, farthest))))
			farthest = row;
	return farthest;
}

ps_status
ps_lloyd_run_trimmed(const ps_cluster_rows *rows, ps_lloyd *clusters, int most_iterations, ps_error *error)
{
	trim_scratch scratch;

	PS_TRY(ps_alloc(rows->env, rows->count, sizeof(double), &scratch.distances, error));
	PS_TRY(ps_alloc(rows->env, rows->weights == NULL ? rows->count : 0, sizeof(double), &scratch.sorted, error));
	PS_TRY(ps_alloc(rows->env, rows->weights == NULL ? 0 : rows->count, sizeof(ps_weighed), &scratch.weighed, error));
	PS_TRY(ps_alloc_zero(rows->env, rows->count, sizeof(bool), &scratch.kept, error));
	for (clusters->iterations = 0, clusters->converged = false;; clusters->iterations++)
	{
		size_t		changed;
		size_t		empty = 0;

		PS_TRY(ps_lloyd_assign(rows, clusters, &changed, error));
		PS_TRY(trim_rows(rows, clusters, &scratch, &changed, error));
		clusters->converged = changed == 0;
		if (clusters->converged || clusters->iterations == most_iterations)
			break;
		PS_TRY(sum_rows(rows, clusters, scratch.kept, error));
		while (empty < clusters->k && clusters->sizes[empty] > 0)
			empty++;
		for (size_t c = 0; c < clusters->k; c++)
			for (size_t j = 0; clusters->sizes[c] > 0 && j < clusters->width; j++)
				clusters->centers[c * clusters->width + j] =
					clusters->sums[c * clusters->width + j] / clusters->sizes[c];

		/* one empty cluster a pass is put where a row is farthest; it takes that row in the next */
		if (empty < clusters->k)
		{
			size_t		row = find_farthest(rows, &scratch);

			if (scratch.distances[row] > 0)
				for (size_t j = 0; j < clusters->width; j++)
					clusters->centers[empty * clusters->width + j] = (double) ps_cluster_row(rows, row)[j * PS_CLUSTER_ROWS];
		}
	}
	PS_TRY(sum_rows(rows, clusters, scratch.kept, error));
	ps_release(rows->env, scratch.distances);
	ps_release(rows->env, scratch.sorted);
	ps_release(rows->env, scratch.weighed);
	ps_release(rows->env, scratch.kept);
	return PS_OK;
}
