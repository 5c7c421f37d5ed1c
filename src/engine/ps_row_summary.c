/*-------------------------------------------------------------------------
 *
 * ps_row_summary.c
 *	  Many rows in few points.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "ps_lloyd.h"
#include "ps_random.h"
#include "ps_row_summary.h"
#include "ps_sort.h"

#define ROWS PS_CLUSTER_ROWS
#define SLOTS (4 * PS_SUMMARY_EXACT)	/* a power of two */
#define SAMPLE_ROWS 16384		/* sixteen a point */
#define SAMPLE_ITERATIONS 5
#define DRAWN_TOGETHER 64		/* points drawn before distances to them are computed */

/* A row unlike those before it. */
typedef struct different_row
{
	uint64_t	hash;
	size_t		row;			/* the first with this content */
	int32_t		found;			/* its number in the order of the rows */
	double		weight;			/* of it and its copies */
} different_row;

static ps_status
summary_create(const ps_env *env, size_t count, size_t width, ps_row_summary *out, ps_error *error)
{
	*out = (ps_row_summary) {.count = count,.width = width};
	PS_TRY(ps_alloc(env, count, width * sizeof(double), &out->points, error));
	PS_TRY(ps_alloc(env, count, width * sizeof(double), &out->means, error));
	return ps_alloc(env, count, sizeof(double), &out->weights, error);
}

/*
 * Find the different rows, at most most of them, in the order in which they
 * come, and label all rows with their numbers; *count is most + 1 when there
 * are more.  slots[SLOTS] is scratch.
 */
static ps_status
find_different(const ps_cluster_rows *rows, size_t most, int32_t *slots, different_row *found, size_t *count,
			   ps_error *error)
{
	memset(slots, 0xff, SLOTS * sizeof(*slots));
	*count = 0;
	for (size_t row = 0; row < rows->count; row++)
	{
		uint64_t	hash = ps_cluster_row_hash(rows, row);
		size_t		slot = (size_t) hash & (SLOTS - 1);

		while (slots[slot] >= 0 && found[slots[slot]].hash != hash)
			slot = (slot + 1) & (SLOTS - 1);
		if (slots[slot] < 0)
		{
			if (*count == most)
			{
				(*count)++;
				return PS_OK;
			}
			slots[slot] = (int32_t) *count;
			found[*count] = (different_row) {hash, row, (int32_t) *count, 0};
			(*count)++;
		}
		rows->labels[row] = slots[slot];
		found[slots[slot]].weight += ps_cluster_row_weight(rows, row);
		if (row % 256 == 0)
			PS_TRY(ps_poll(rows->env, 0, error));
	}
	return PS_OK;
}

/* Make every different row a point, in the order of their hashes. */
static ps_status
keep_different(const ps_cluster_rows *rows, different_row *found, size_t count, int32_t *places, ps_row_summary *out,
			   ps_error *error)
{
	PS_TRY(summary_create(rows->env, count, rows->width, out, error));
	PS_TRY(ps_sort(rows->env, found, count, sizeof(*found), ps_compare_hashes, error));
	out->exact = true;
	for (size_t i = 0; i < count; i++)
	{
		const float *x = ps_cluster_row(rows, found[i].row);

		for (size_t j = 0; j < rows->width; j++)
			out->points[i * rows->width + j] = (double) x[j * ROWS];
		out->weights[i] = found[i].weight;
		places[found[i].found] = (int32_t) i;
	}
	memcpy(out->means, out->points, count * rows->width * sizeof(double));
	for (size_t row = 0; row < rows->count; row++)
	{
		rows->labels[row] = places[rows->labels[row]];
		if (row % 65536 == 0)
			PS_TRY(ps_poll(rows->env, 0, error));
	}
	return PS_OK;
}

/* Draw a row with a chance in proportion to its number; it will not be drawn again before its number is set. */
static size_t
draw_row(double *chances, size_t count, ps_random *random)
{
	double		total = 0;
	double		left;
	size_t		drawn = 0;

	for (size_t i = 0; i < count; i++)
		total += chances[i];
	left = ps_random_uniform(random) * total;
	/* the last row with a chance, should rounding lead past the end */
	for (size_t i = 0; i < count && left >= 0; i++)
		if (chances[i] > 0)
		{
			left -= chances[i];
			drawn = i;
		}
	chances[drawn] = 0;
	return drawn;
}

/*
 * Draw points from the sample, some at a time, each row with a chance in
 * proportion to its weight and squared distance from the nearest point of the times
 * before (Bahmani et al., Scalable K-Means++, 2012).
 */
static ps_status
draw_points(const ps_cluster_rows *sample, uint64_t seed, ps_lloyd *points, ps_error *error)
{
	const ps_env *env = sample->env;
	size_t		width = sample->width;
	double	   *distances;
	ps_lloyd	batch;
	ps_random	random;

	ps_random_seed(&random, seed);
	PS_TRY(ps_alloc(env, sample->count, sizeof(double), &distances, error));
	for (size_t i = 0; i < sample->count; i++)
		distances[i] = ps_cluster_row_weight(sample, i);
	PS_TRY(ps_lloyd_create(env, DRAWN_TOGETHER, width, &batch, error));
	for (size_t drawn = 0; drawn < points->k; drawn += batch.k)
	{
		size_t		changed;

		batch.k = points->k - drawn < DRAWN_TOGETHER ? points->k - drawn : DRAWN_TOGETHER;
		for (size_t c = 0; c < batch.k; c++)
		{
			const float *x = ps_cluster_row(sample, draw_row(distances, sample->count, &random));

			for (size_t j = 0; j < width; j++)
				batch.centers[c * width + j] = (double) x[j * ROWS];
			PS_TRY(ps_poll(env, 0, error));
		}
		memcpy(points->centers + drawn * width, batch.centers, batch.k * width * sizeof(double));
		PS_TRY(ps_lloyd_assign(sample, &batch, &changed, error));
		for (size_t i = 0; i < sample->count; i++)
		{
			double		distance = ps_cluster_row_weight(sample, i) *
				ps_cluster_squared_distance(sample, i, batch.centers + (size_t) sample->labels[i] * width);

			if (drawn == 0 || distance < distances[i])
				distances[i] = distance;
			if (i % 1024 == 0)
				PS_TRY(ps_poll(env, 0, error));
		}
	}
	ps_lloyd_release(env, &batch);
	ps_release(env, distances);
	return PS_OK;
}

/* Divide the rows among most points; some of these may get none. */
static ps_status
divide_rows(const ps_cluster_rows *rows, size_t most, uint64_t seed, ps_row_summary *out, ps_error *error)
{
	const ps_env *env = rows->env;
	size_t		width = rows->width;
	ps_cluster_rows sample;
	ps_lloyd	points;
	size_t		kept = 0;
	bool	   *used;
	int32_t    *places;

	PS_TRY(ps_cluster_rows_sample(rows, SAMPLE_ROWS, &sample, error));
	PS_TRY(ps_lloyd_create(env, most < sample.count ? most : sample.count, width, &points, error));
	PS_TRY(summary_create(env, points.k, width, out, error));
	PS_TRY(ps_alloc(env, points.k, sizeof(bool), &used, error));
	PS_TRY(ps_alloc(env, points.k, sizeof(int32_t), &places, error));
	PS_TRY(draw_points(&sample, seed, &points, error));
	PS_TRY(ps_lloyd_run(&sample, &points, SAMPLE_ITERATIONS, false, used, error));
	ps_cluster_rows_release(&sample);
	for (size_t i = 0; i < points.k * width; i++)
		out->points[i] = (double) (float) points.centers[i];
	PS_TRY(ps_lloyd_run(rows, &points, 1, false, used, error));
	PS_TRY(ps_lloyd_inertia(rows, &points, &out->inertia, error));

	for (size_t i = 0; i < points.k; i++)
	{
		if (points.sizes[i] == 0)
			continue;
		places[i] = (int32_t) kept;
		memmove(out->points + kept * width, out->points + i * width, width * sizeof(double));
		memcpy(out->means + kept * width, points.centers + i * width, width * sizeof(double));
		out->weights[kept++] = points.sizes[i];
	}
	out->count = kept;
	for (size_t row = 0; row < rows->count; row++)
	{
		rows->labels[row] = places[rows->labels[row]];
		if (row % 65536 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	ps_lloyd_release(env, &points);
	ps_release(env, used);
	ps_release(env, places);
	return PS_OK;
}

ps_status
ps_row_summary_make(const ps_cluster_rows *rows, uint64_t seed, ps_row_summary *out, ps_error *error)
{
	const ps_env *env = rows->env;
	size_t		most = PS_SUMMARY_NUMBERS / rows->width;
	size_t		most_exact = most < PS_SUMMARY_EXACT ? most : PS_SUMMARY_EXACT;
	different_row *found;
	int32_t    *slots;
	size_t		count;

	PS_TRY(ps_alloc(env, most_exact, sizeof(*found), &found, error));
	PS_TRY(ps_alloc(env, SLOTS, sizeof(*slots), &slots, error));
	PS_TRY(find_different(rows, most_exact, slots, found, &count, error));
	if (count <= most_exact)
		PS_TRY(keep_different(rows, found, count, slots, out, error));
	ps_release(env, found);
	ps_release(env, slots);
	if (count <= most_exact)
		return PS_OK;
	return divide_rows(rows, most < PS_SUMMARY_POINTS ? most : PS_SUMMARY_POINTS, seed, out, error);
}
