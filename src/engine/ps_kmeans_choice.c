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
#include "ps_random.h"

#define ROWS PS_CLUSTER_ROWS
#define CANDIDATE_ROWS 4096
#define REFERENCES 10			/* sets without groups that the gap statistic compares with */
#define REFERENCE_STARTS 2

/* The values of rows as points. */
static ps_status
make_points(const ps_cluster_rows *rows, ps_points *points, ps_error *error)
{
	double	   *values;

	PS_TRY(ps_alloc(rows->env, rows->count, rows->width * sizeof(double), &values, error));
	for (size_t row = 0; row < rows->count; row++)
		for (size_t j = 0; j < rows->width; j++)
			values[row * rows->width + j] = (double) ps_cluster_row(rows, row)[j * ROWS];
	*points = (ps_points) {rows->count, rows->width, values, rows->weights};
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

/* Make k clusters of rows, leaving out a share of them: their inertia, and the rows' labels in rows. */
static ps_status
make_clusters(const ps_cluster_rows *rows, size_t k, int starts, double trim, uint64_t seed, double *inertia,
			  ps_error *error)
{
	ps_lloyd	clusters;

	PS_TRY(ps_lloyd_create(rows->env, k, rows->width, &clusters, error));
	clusters.trim = trim;
	PS_TRY(ps_lloyd_start(rows, rows, starts, seed, &clusters, error));
	PS_TRY(ps_lloyd_inertia(rows, &clusters, inertia, error));
	ps_lloyd_release(rows->env, &clusters);
	return PS_OK;
}

/* Fill rows with values uniform over the range that each column has in the sample. */
static void
fill_reference(const ps_cluster_rows *sample, ps_random *random, ps_cluster_rows *rows)
{
	for (size_t j = 0; j < sample->width; j++)
	{
		float		least = ps_cluster_row(sample, 0)[j * ROWS];
		float		most = least;

		for (size_t row = 0; row < sample->count; row++)
		{
			least = fminf(least, ps_cluster_row(sample, row)[j * ROWS]);
			most = fmaxf(most, ps_cluster_row(sample, row)[j * ROWS]);
		}
		for (size_t row = 0; row < rows->count; row++)
			rows->tiles[(row / ROWS * rows->width + j) * ROWS + row % ROWS] =
				(float) (least + (most - least) * ps_random_uniform(random));
	}
}

/*
 * The gap statistic of k_min and more clusters with these inertias: the mean
 * logarithm of the inertia of as many clusters of rows without groups, less
 * that of the sample's, and its standard error.
 */
static ps_status
measure_gaps(const ps_cluster_rows *sample, size_t k_min, size_t count, const double *inertias, uint64_t seed,
			 double *gaps, double *gap_errors, ps_error *error)
{
	ps_cluster_rows reference;
	double	   *logs;			/* REFERENCES x count */
	ps_random	random;

	PS_TRY(ps_cluster_rows_create(sample->env, sample->count, sample->width, &reference, error));
	reference.weights = sample->weights;
	reference.total = sample->total;
	reference.shift = sample->shift;
	PS_TRY(ps_alloc(sample->env, REFERENCES * count, sizeof(double), &logs, error));
	ps_random_seed(&random, seed);
	for (size_t r = 0; r < REFERENCES; r++)
	{
		fill_reference(sample, &random, &reference);
		for (size_t i = 0; i < count; i++)
		{
			PS_TRY(make_clusters(&reference, k_min + i, REFERENCE_STARTS, 0, seed, &logs[r * count + i], error));
			logs[r * count + i] = log(logs[r * count + i]);
		}
	}
	for (size_t i = 0; i < count; i++)
	{
		double		mean = 0;
		double		variance = 0;

		for (size_t r = 0; r < REFERENCES; r++)
			mean += logs[r * count + i] / REFERENCES;
		for (size_t r = 0; r < REFERENCES; r++)
			variance += (logs[r * count + i] - mean) * (logs[r * count + i] - mean) / REFERENCES;
		/* no inertia at all: as good as a gap can be */
		gaps[i] = mean - log(fmax(inertias[i], 1e-300));
		gap_errors[i] = sqrt(variance * (1 + 1.0 / REFERENCES));
	}
	reference.weights = NULL;
	ps_cluster_rows_release(&reference);
	ps_release(sample->env, logs);
	return PS_OK;
}

ps_status
ps_kmeans_choose(const ps_cluster_rows *from, const ps_value *options, ps_value *parameters, ps_value *notes, size_t *k,
				 ps_error *error)
{
	const ps_env *env = from->env;
	const char *criterion = ps_value_text_or(options, "criterion", "");
	size_t		k_min;
	size_t		k_max;
	int			starts = (int) ps_value_number_or(options, "starts", 1);
	uint64_t	seed = (uint64_t) ps_value_number_or(options, "seed", 0);
	ps_cluster_rows sample;
	ps_points	points;
	int32_t    *labels;
	ps_grouping *groupings;
	double	   *inertias;
	ps_candidates candidates = {.points = &points};
	size_t		different;
	size_t		chosen;

	PS_TRY(ps_candidates_range(options, &k_min, &k_max, error));
	candidates.k_max = k_max;
	*k = k_min;
	PS_TRY(ps_cluster_rows_sample(from, CANDIDATE_ROWS, &sample, error));
	different = count_different(&sample, k_max + 1);

	/* a cluster for each different row says something only where rows have copies */
	if (different <= k_max)
		k_max = different - (2 * (double) different > sample.total ? 1 : 0);
	if (k_max < k_min)
		return ps_note(env, notes, error, "there are too few different rows to choose a number of clusters: %d are made", (int64_t) k_min);
	candidates.count = k_max - k_min + 1;
	PS_TRY(make_points(&sample, &points, error));
	PS_TRY(ps_alloc(env, candidates.count, sizeof(*groupings), &groupings, error));
	PS_TRY(ps_alloc(env, candidates.count, sizeof(double), &inertias, error));
	PS_TRY(ps_alloc(env, candidates.count, sample.count * sizeof(int32_t), &labels, error));
	for (size_t i = 0; i < candidates.count; i++)
	{
		PS_TRY(make_clusters(&sample, k_min + i, (starts + 1) / 2, ps_value_number_or(options, "trim", 0), seed, &inertias[i], error));
		groupings[i] = (ps_grouping) {k_min + i, labels + i * sample.count};
		memcpy(labels + i * sample.count, sample.labels, sample.count * sizeof(int32_t));
	}
	candidates.groupings = groupings;
	candidates.inertias = inertias;
	if (strcmp(criterion, "gap") == 0)
	{
		double	   *gaps;

		PS_TRY(ps_alloc(env, candidates.count, 2 * sizeof(double), &gaps, error));
		PS_TRY(measure_gaps(&sample, k_min, candidates.count, inertias, seed, gaps, gaps + candidates.count, error));
		candidates.gaps = gaps;
		candidates.gap_errors = gaps + candidates.count;
	}
	PS_TRY(ps_candidates_choose(env, &candidates, criterion, parameters, notes, &chosen, error));
	*k = groupings[chosen].k;
	ps_cluster_rows_release(&sample);
	ps_release(env, (void *) points.values);
	ps_release(env, labels);
	ps_release(env, groupings);
	ps_release(env, inertias);
	return PS_OK;
}
