/*-------------------------------------------------------------------------
 *
 * ps_kmeans_choice.c
 *	  How many clusters k-means should make.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_cluster_choice.h"
#include "ps_kmeans_choice.h"
#include "ps_lloyd.h"

#define SAMPLE_ROWS 4096		/* the silhouette looks at all their pairs */

/* The values of rows as points. */
static ps_status
make_points(const ps_cluster_rows *rows, double **values, ps_points *points, ps_error *error)
{
	PS_TRY(ps_alloc(rows->env, rows->count, rows->width * sizeof(double), values, error));
	for (size_t row = 0; row < rows->count; row++)
		for (size_t j = 0; j < rows->width; j++)
			(*values)[row * rows->width + j] = (double) ps_cluster_row(rows, row)[j * PS_CLUSTER_ROWS];
	*points = (ps_points) {.count = rows->count,.width = rows->width,.values = *values};
	return PS_OK;
}

/* Count the different rows of a sample, up to most of them. */
static size_t
count_different(const ps_cluster_rows *sample, size_t most)
{
	size_t		count = 0;

	for (size_t row = 0; row < sample->count && count < most; row++)
		if (row == 0 || ps_cluster_row_hash(sample, row) != ps_cluster_row_hash(sample, row - 1))
			count++;
	return count;
}

ps_status
ps_kmeans_choose(const ps_cluster_rows *rows, const ps_value *options, ps_value *parameters, ps_value *notes, size_t *k,
				 ps_error *error)
{
	const ps_env *env = rows->env;
	size_t		k_min = (size_t) ps_value_number_or(options, "k_min", 2);
	size_t		k_max = (size_t) ps_value_number_or(options, "k_max", 10);
	int			starts = (int) ps_value_number_or(options, "starts", 10);
	uint64_t	seed = (uint64_t) ps_value_number_or(options, "seed", 0);
	ps_cluster_rows sample;
	double	   *values;
	ps_points	points;
	ps_grouping *groupings;
	double	   *inertias;
	ps_candidates candidates;
	size_t		different;
	size_t		chosen;

	if (k_min > k_max)
		return ps_fail(error, PS_INVALID_OPTION, "option \"k_min\" is %d, must be at most \"k_max\", which is %d",
					   (int64_t) k_min, (int64_t) k_max);
	*k = k_min;
	PS_TRY(ps_cluster_rows_sample(rows, SAMPLE_ROWS, &sample, error));
	different = count_different(&sample, k_max + 1);
	if (different <= k_min)
		return PS_OK;
	k_max = different - 1;
	PS_TRY(make_points(&sample, &values, &points, error));
	PS_TRY(ps_alloc(env, k_max - k_min + 1, sizeof(*groupings), &groupings, error));
	PS_TRY(ps_alloc(env, k_max - k_min + 1, sizeof(double), &inertias, error));
	for (size_t i = 0; i <= k_max - k_min; i++)
	{
		int32_t    *labels;
		ps_lloyd	clusters;

		PS_TRY(ps_lloyd_create(env, k_min + i, rows->width, &clusters, error));
		PS_TRY(ps_lloyd_start(&sample, &sample, starts, seed, &clusters, error));
		PS_TRY(ps_lloyd_inertia(&sample, &clusters, &inertias[i], error));
		PS_TRY(ps_alloc(env, sample.count, sizeof(int32_t), &labels, error));
		memcpy(labels, sample.labels, sample.count * sizeof(int32_t));
		groupings[i] = (ps_grouping) {clusters.k, labels};
		ps_lloyd_release(env, &clusters);
	}
	candidates = (ps_candidates) {.points = &points,.count = k_max - k_min + 1,.groupings = groupings,.inertias = inertias};
	PS_TRY(ps_candidates_choose(env, &candidates, ps_value_text_or(options, "criterion", "silhouette"), parameters, notes,
								&chosen, error));
	*k = groupings[chosen].k;
	ps_release(env, values);
	ps_cluster_rows_release(&sample);
	return PS_OK;
}
