/*-------------------------------------------------------------------------
 *
 * ps_lloyd.c
 *	  Lloyd's algorithm.
 *
 * A pass over the rows takes as long as reading them does.  Once few rows still
 * move, many tiles are not read: each has a margin, by which centers may move
 * before a row of it could change its cluster.  This is what Hamerly (2010)
 * does for each row, for 64 at a time, so that nothing more is kept or read for
 * a row.
 *
 * Let d be the distance of a row x to its center, d' that to another one.  If
 * these move by p and q, d' - d shrinks by p + q at most, hence by no more than
 * the two largest moves of any centers together.  The sum of these over the
 * passes is the drift.  No label of a tile changes before the drift has grown
 * by the least d' - d of its rows.
 *
 * Nor does it as nearest_tile() computes it, rounding errors and all: leaving
 * out tiles changes no bit of any result.  The scores |c|^2/2 - x'c that it
 * compares have errors of u (|C|^2 + |x|^2/2) at most, with u = (columns + 4)
 * 2^-24 and C the longest center.  The difference g of two scores is half that
 * of squared distances, thus d' - d = 2 g / (d + d') >= g / d', which is at
 * most d'/2.  The kernel's margin is (g - s) / d', for the next best center,
 * with s = 32 u (|C|^2 + |x|^2).  As long as the drift has grown by less, d' is
 * d'/2 at least, C longer by d'/2 at most, and the scores still differ by s/4
 * or more, less the error of g: 7 u (|C|^2 + |x|^2), with C as it was.  Their
 * errors then are below 5 of these; the rest pays for rounding in the margin.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_lloyd.h"
#include "ps_random.h"
#include "ps_sum.h"

#define ROWS PS_CLUSTER_ROWS
#define START_ITERATIONS 50		/* of each start, on the sample */

ps_status
ps_lloyd_create(const ps_env *env, size_t k, size_t width, ps_lloyd *clusters, ps_error *error)
{
	memset(clusters, 0, sizeof(*clusters));
	clusters->farthest = INFINITY;
	clusters->k = k;
	clusters->width = width;
	clusters->padded = (k + 3) / 4 * 4;
	PS_TRY(ps_alloc(env, k * width, sizeof(double), &clusters->centers, error));
	PS_TRY(ps_alloc(env, (k + 1) * width, sizeof(double), &clusters->sums, error));
	PS_TRY(ps_alloc(env, k + 1, sizeof(double), &clusters->sizes, error));
	PS_TRY(ps_alloc_zero(env, clusters->padded * width, sizeof(float), &clusters->float_centers, error));
	return ps_alloc(env, clusters->padded, sizeof(float), &clusters->half_norms, error);
}

void
ps_lloyd_release(const ps_env *env, ps_lloyd *clusters)
{
	ps_release(env, clusters->centers);
	ps_release(env, clusters->sums);
	ps_release(env, clusters->sizes);
	ps_release(env, clusters->float_centers);
	ps_release(env, clusters->half_norms);
}

static void
set_center(const ps_cluster_rows *rows, size_t row, double *center)
{
	const float *x = ps_cluster_row(rows, row);

	for (size_t j = 0; j < rows->width; j++)
		center[j] = (double) x[j * ROWS];
}

/*
 * Set a center to the row that is farthest from the centers that used marks
 * (the first of equal ones by content hash); *distance 0 when every row lies
 * on one of them.
 */
static ps_status
set_farthest(const ps_cluster_rows *rows, const ps_lloyd *clusters, const bool *used, double *center,
			 double *distance, ps_error *error)
{
	size_t		farthest = 0;

	*distance = -1;
	for (size_t row = 0; row < rows->count; row++)
	{
		double		nearest = INFINITY;

		for (size_t c = 0; c < clusters->k; c++)
			if (used[c])
				nearest = fmin(nearest, ps_cluster_squared_distance(rows, row, clusters->centers + c * rows->width));
		if (nearest > *distance ||
			(nearest == *distance && ps_cluster_row_hash(rows, row) < ps_cluster_row_hash(rows, farthest)))
		{
			*distance = nearest;
			farthest = row;
		}
		PS_TRY(ps_poll(rows->env, 0, error));
	}
	set_center(rows, farthest, center);
	return PS_OK;
}

/* Report that there are not k different rows. */
static ps_status
too_few_rows(size_t k, size_t distinct, ps_error *error)
{
	ps_fail(error, PS_TOO_LITTLE_DATA, "cannot make %d clusters of rows of which only %d are different",
			(int64_t) k, (int64_t) distinct);
	return ps_hint(error, "Ask for fewer clusters by the option \"k\", or \"k_min\" where their number is chosen.");
}

/*
 * Sum what would be left of the squared distances, as often as their rows
 * count, with one more center, which is a row; with keep, distances takes it
 * over.  Single precision will do to draw by.
 */
static double
distances_with(const ps_cluster_rows *rows, const double *center, double *distances, bool keep)
{
	double		total = 0;

	for (size_t tile = 0; tile < rows->ntiles; tile++)
	{
		const float *x = rows->tiles + tile * rows->width * ROWS;
		size_t		left = rows->count - tile * ROWS;
		float		sums[ROWS] = {0};

		for (size_t j = 0; j < rows->width; j++)
		{
			float		value = (float) center[j];

			for (size_t i = 0; i < ROWS; i++)
				sums[i] += (x[j * ROWS + i] - value) * (x[j * ROWS + i] - value);
		}
		for (size_t i = 0; i < ROWS && i < left; i++)
		{
			double	   *distance = &distances[tile * ROWS + i];
			double		least = (double) sums[i] < *distance ? (double) sums[i] : *distance;

			total += least * ps_cluster_row_weight(rows, tile * ROWS + i);
			if (keep)
				*distance = least;
		}
	}
	return total;
}

/* Draw a row with a probability in proportion to its weight and distance, whose products sum to total > 0. */
static size_t
draw_row(const ps_cluster_rows *rows, const double *distances, double total, ps_random *random)
{
	double		left = ps_random_uniform(random) * total;
	size_t		chosen = 0;

	/* the last row with a distance, should rounding lead past the end */
	for (size_t i = 0; i < rows->count && left >= 0; i++)
		if (distances[i] > 0)
		{
			left -= distances[i] * ps_cluster_row_weight(rows, i);
			chosen = i;
		}
	return chosen;
}

/*
 * Draw the centers from the sample (k-means++, Arthur and Vassilvitskii 2007):
 * each row with a probability in proportion to its squared distance from the
 * nearest center so far.  When the sample has no other rows, the rest comes
 * from all rows; fewer different rows than clusters are an error.
 * distances[sample->count] and used[k] are scratch.
 */
static ps_status
draw_centers(const ps_cluster_rows *rows, const ps_cluster_rows *sample, ps_random *random, double *distances, bool *used,
			 ps_lloyd *clusters, ps_error *error)
{
	size_t		width = rows->width;
	double		total = sample->total;
	int			tries = 1;

	memset(used, 0, clusters->k * sizeof(*used));
	for (size_t i = 0; i < sample->count; i++)
		distances[i] = 1;
	for (size_t c = 0; c < clusters->k; c++)
	{
		double	   *center = clusters->centers + c * width;

		if (total > 0)
		{
			double		least = INFINITY;
			size_t		best = 0;

			for (int i = 0; i < tries; i++)
			{
				size_t		chosen = draw_row(sample, distances, total, random);
				double		rest = 0;

				set_center(sample, chosen, center);
				if (tries > 1)
					rest = distances_with(sample, center, distances, false);
				if (rest < least)
				{
					least = rest;
					best = chosen;
				}
				PS_TRY(ps_poll(rows->env, 0, error));
			}
			set_center(sample, best, center);
		}
		else
		{
			double		distance;

			PS_TRY(set_farthest(rows, clusters, used, center, &distance, error));
			if (distance <= 0)
				return too_few_rows(clusters->k, c, error);
		}
		used[c] = true;
		for (size_t i = 0; c == 0 && i < sample->count; i++)
			distances[i] = INFINITY;
		total = distances_with(sample, center, distances, true);
		tries = 2 + (int) log((double) clusters->k);
		PS_TRY(ps_poll(rows->env, 0, error));
	}
	return PS_OK;
}

/*
 * Assign the rows of one tile; correct sums and sizes for those that moved and
 * count them.  ahead and margin as in ps_kernels.h.
 */
static size_t
lloyd_accumulate(const ps_cluster_rows *rows, size_t tile, size_t ahead, ps_lloyd *clusters, float *margin)
{
	size_t		width = rows->width;
	size_t		left = rows->count - tile * ROWS;
	size_t		count = left < ROWS ? left : ROWS;
	const float *x = rows->tiles + tile * width * ROWS;
	int32_t    *old = rows->labels + tile * ROWS;
	int32_t		labels[ROWS];
	size_t		moved[ROWS];
	size_t		nmoved = 0;

	rows->kernels->nearest_tile(x, width, clusters->float_centers, clusters->half_norms, clusters->padded,
								rows->tiles + ahead * width * ROWS, labels, margin);
	for (size_t i = 0; i < count; i++)
	{
		moved[nmoved] = i;
		nmoved += labels[i] != old[i];
	}
	for (size_t m = 0; m < nmoved; m++)
	{
		size_t		i = moved[m];
		double	   *to = clusters->sums + (size_t) labels[i] * width;
		double	   *from = clusters->sums + (size_t) old[i] * width;
		double		weight = ps_cluster_row_weight(rows, tile * ROWS + i);

		for (size_t j = 0; j < width; j++)
		{
			double		value = ps_cluster_weigh(rows, tile * ROWS + i, (double) x[j * ROWS + i]);

			to[j] += value;
			from[j] -= value;
		}
		clusters->sizes[labels[i]] += weight;
		clusters->sizes[old[i]] -= weight;
		old[i] = labels[i];
	}
	return nmoved;
}

/*
 * Move the centers to the means of their rows.  With refill, an empty cluster
 * gets the row farthest from the others, and *refilled says so; otherwise it
 * stays where it is.
 */
static ps_status
lloyd_advance(const ps_cluster_rows *rows, ps_lloyd *clusters, bool refill, bool *used, bool *refilled,
			   ps_error *error)
{
	*refilled = false;
	for (size_t c = 0; c < clusters->k; c++)
	{
		used[c] = clusters->sizes[c] > 0;
		for (size_t j = 0; used[c] && j < clusters->width; j++)
			clusters->centers[c * clusters->width + j] =
				clusters->sums[c * clusters->width + j] / clusters->sizes[c];
	}
	for (size_t c = 0; refill && c < clusters->k; c++)
	{
		double		distance;

		if (used[c])
			continue;
		PS_TRY(set_farthest(rows, clusters, used, clusters->centers + c * clusters->width, &distance, error));
		if (distance <= 0)
			return too_few_rows(clusters->k, c, error);
		used[c] = *refilled = true;
	}
	return PS_OK;
}

/* Write the centers as the kernel reads them; return by how much, at most, the distances to any two differ more. */
static double
prepare_centers(ps_lloyd *clusters)
{
	double		largest = 0;
	double		second = 0;

	for (size_t c = 0; c < clusters->padded; c++)
	{
		double		norm = 0;
		double		move = 0;

		for (size_t j = 0; c < clusters->k && j < clusters->width; j++)
		{
			float	   *out = &clusters->float_centers[c * clusters->width + j];
			double		old = (double) *out;

			*out = (float) clusters->centers[c * clusters->width + j];
			norm += (double) *out * (double) *out;
			move += ((double) *out - old) * ((double) *out - old);
		}
		clusters->half_norms[c] = c < clusters->k ? (float) (0.5 * norm) : HUGE_VALF;
		second = fmax(second, fmin(move, largest));
		largest = fmax(largest, move);
	}
	return sqrt(largest) + sqrt(second);
}

/* The first tile from this one on of which a row may change its cluster, or how many there are. */
static size_t
next_tile(const ps_cluster_rows *rows, const double *safe_drift, double drift, size_t tile)
{
	while (tile < rows->ntiles && drift < safe_drift[tile])
		tile++;
	return tile;
}

ps_status
ps_lloyd_assign(const ps_cluster_rows *rows, ps_lloyd *clusters, size_t *changed, ps_error *error)
{
	*changed = 0;
	prepare_centers(clusters);
	for (size_t tile = 0; tile < rows->ntiles; tile++)
	{
		const float *x = rows->tiles + tile * rows->width * ROWS;
		size_t		left = rows->count - tile * ROWS;
		int32_t    *old = rows->labels + tile * ROWS;
		int32_t		labels[ROWS];

		rows->kernels->nearest_tile(x, rows->width, clusters->float_centers, clusters->half_norms, clusters->padded, x,
									labels, NULL);
		for (size_t i = 0; i < ROWS && i < left; i++)
		{
			*changed += labels[i] != old[i] ? 1 : 0;
			old[i] = labels[i];
		}
		PS_TRY(ps_poll(rows->env, 0, error));
	}
	return PS_OK;
}

ps_status
ps_lloyd_run(const ps_cluster_rows *rows, ps_lloyd *clusters, int most_iterations, bool refill, bool *used,
			   ps_error *error)
{
	double	   *safe_drift;		/* of each tile: while the drift is below, no label changes */
	double		drift = 0;
	size_t		moved = rows->count;

	if (clusters->trim > 0)
		return ps_lloyd_run_trimmed(rows, clusters, most_iterations, error);
	PS_TRY(ps_alloc_zero(rows->env, rows->ntiles, sizeof(double), &safe_drift, error));

	/* all rows are in cluster k, beside the others, at first */
	for (size_t i = 0; i < rows->ntiles * ROWS; i++)
		rows->labels[i] = (int32_t) clusters->k;
	memset(clusters->sums, 0, (clusters->k + 1) * clusters->width * sizeof(double));
	memset(clusters->sizes, 0, clusters->k * sizeof(double));
	clusters->sizes[clusters->k] = rows->total;
	clusters->converged = false;
	for (clusters->iterations = 0; clusters->iterations < most_iterations && !clusters->converged;
		 clusters->iterations++)
	{
		/* before most rows stay, centers move too far for any margin */
		bool		margins = moved < rows->count / 64;
		bool		refilled;
		size_t		ahead;

		drift += prepare_centers(clusters);
		moved = 0;
		for (size_t tile = next_tile(rows, safe_drift, drift, 0); tile < rows->ntiles; tile = ahead)
		{
			float		margin = 0;

			ahead = next_tile(rows, safe_drift, drift, tile + 1);
			moved += lloyd_accumulate(rows, tile, ahead < rows->ntiles ? ahead : tile, clusters,
									  margins ? &margin : NULL);
			safe_drift[tile] = drift + (double) margin;
			PS_TRY(ps_poll(rows->env, 0, error));
		}
		PS_TRY(lloyd_advance(rows, clusters, refill, used, &refilled, error));
		clusters->converged = moved == 0 && !refilled;
	}
	ps_release(rows->env, safe_drift);
	return PS_OK;
}

ps_status
ps_lloyd_inertia(const ps_cluster_rows *rows, const ps_lloyd *clusters, double *inertia, ps_error *error)
{
	ps_sum		total = {0};

	for (size_t row = 0; row < rows->count; row++)
	{
		double		distance = ps_cluster_squared_distance(rows, row, clusters->centers + (size_t) rows->labels[row] * rows->width);

		if (distance <= clusters->farthest)
			ps_sum_add(&total, distance * ps_cluster_row_weight(rows, row));
		if (row % 1024 == 0)
			PS_TRY(ps_poll(rows->env, 0, error));
	}
	*inertia = ps_sum_value(&total);
	return PS_OK;
}

ps_status
ps_lloyd_start(const ps_cluster_rows *rows, const ps_cluster_rows *sample, int starts, uint64_t seed,
			   ps_lloyd *clusters, ps_error *error)
{
	const ps_env *env = rows->env;
	size_t		center_bytes = clusters->k * clusters->width * sizeof(double);
	double		least = INFINITY;
	double	   *best_centers;
	double	   *distances;
	bool	   *used;
	ps_random	random;

	PS_TRY(ps_alloc(env, clusters->k, clusters->width * sizeof(double), &best_centers, error));
	PS_TRY(ps_alloc(env, sample->count, sizeof(double), &distances, error));
	PS_TRY(ps_alloc(env, clusters->k, sizeof(bool), &used, error));
	ps_random_seed(&random, seed);
	for (int start = 0; start < starts; start++)
	{
		double		inertia;

		PS_TRY(draw_centers(rows, sample, &random, distances, used, clusters, error));
		PS_TRY(ps_lloyd_run(sample, clusters, START_ITERATIONS, false, used, error));
		PS_TRY(ps_lloyd_inertia(sample, clusters, &inertia, error));
		if (inertia < least)
		{
			least = inertia;
			memcpy(best_centers, clusters->centers, center_bytes);
		}
	}
	memcpy(clusters->centers, best_centers, center_bytes);
	PS_TRY(ps_lloyd_run(sample, clusters, 1, false, used, error));
	ps_release(env, best_centers);
	ps_release(env, distances);
	ps_release(env, used);
	return PS_OK;
}
