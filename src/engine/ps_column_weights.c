/*-------------------------------------------------------------------------
 *
 * ps_column_weights.c
 *	  Rows for clusters, in which columns that would hide groups count less.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_cluster_quality.h"
#include "ps_column_weights.h"
#include "ps_lloyd.h"
#include "ps_random.h"
#include "ps_sort.h"

#define ROWS PS_CLUSTER_ROWS
#define SAMPLE_ROWS 1024
#define SAMPLE_NUMBERS 65536	/* fewer rows where they are wide */
#define FEWEST_ROWS 60			/* fewer are apart by chance */
#define MOST_GROUPS 10
#define ROWS_OF_GROUP 8			/* on average: fewer have no certain gaps */
#define STARTS 3
#define FEWEST_PASSES 5
#define MOST_PASSES 12
#define SETTLED 0.02			/* logarithm of how much a weight changes */
#define LEAST 0.05
#define TOLD 0.5				/* weights below are told */

/* A sample of rows and the weights of their columns. */
typedef struct weighing
{
	ps_cluster_rows sample;
	ps_cluster_rows weighed;	/* the sample times the weights */
	bool	   *is_weighed;		/* width */
	double	   *weights;		/* width: 1 where not weighed */
	double	   *values;			/* sample rows x width, to work with */
	uint64_t	seed;
} weighing;

static inline float *
value_of(const ps_cluster_rows *rows, size_t row, size_t column)
{
	return rows->tiles + (row / ROWS * rows->width + column) * ROWS + row % ROWS;
}

/*
 * Spread equal values of a column of the sample over the way to their nearest
 * neighbours; *different is how many there were.  sorted[rows] is scratch.
 */
static ps_status
spread_ties(const ps_cluster_rows *sample, size_t column, ps_random *random, double *sorted, size_t *different,
			ps_error *error)
{
	size_t		count = 1;

	for (size_t i = 0; i < sample->count; i++)
		sorted[i] = (double) *value_of(sample, i, column);
	PS_TRY(ps_sort_numbers(sample->env, sorted, sample->count, error));
	for (size_t i = 1; i < sample->count; i++)
		if (sorted[i] != sorted[count - 1])
			sorted[count++] = sorted[i];
	*different = count;
	for (size_t i = 0; i < sample->count; i++)
	{
		float	   *x = value_of(sample, i, column);
		size_t		low = 0;
		size_t		high = count - 1;
		double		way;

		while (low < high)
		{
			size_t		middle = (low + high) / 2;

			if (sorted[middle] < (double) *x)
				low = middle + 1;
			else
				high = middle;
		}
		way = fmin(low > 0 ? sorted[low] - sorted[low - 1] : INFINITY,
				   low + 1 < count ? sorted[low + 1] - sorted[low] : INFINITY);
		if (count > 1)
			*x += (float) (way * (ps_random_uniform(random) - 0.5));
	}
	return ps_poll(sample->env, 0, error);
}

/* Take a sample of rows with equal weights; *worth whether there is anything to weigh. */
static ps_status
weighing_create(const ps_cluster_rows *rows, const ps_encoder *encoder, uint64_t seed, weighing *out, bool *worth,
				ps_error *error)
{
	const ps_env *env = rows->env;
	size_t		most = SAMPLE_NUMBERS / rows->width;
	size_t		nweighed = 0;
	ps_random	random;

	*worth = false;
	if (rows->width < 2 || rows->count < FEWEST_ROWS || most < FEWEST_ROWS)
		return PS_OK;
	out->seed = seed;
	PS_TRY(ps_cluster_rows_sample(rows, most < SAMPLE_ROWS ? most : SAMPLE_ROWS, &out->sample, error));
	PS_TRY(ps_cluster_rows_sample(&out->sample, out->sample.count, &out->weighed, error));
	PS_TRY(ps_alloc_zero(env, rows->width, sizeof(bool), &out->is_weighed, error));
	PS_TRY(ps_alloc(env, rows->width, sizeof(double), &out->weights, error));
	PS_TRY(ps_alloc(env, out->sample.count, rows->width * sizeof(double), &out->values, error));
	ps_random_seed(&random, seed);
	for (size_t j = 0; j < rows->width; j++)
	{
		const char *name;
		const char *level;
		size_t		different;

		out->weights[j] = 1;
		if (ps_encode_term(encoder, j, &name, &level) != PS_ENCODE_VALUE)
			continue;
		PS_TRY(spread_ties(&out->sample, j, &random, out->values, &different, error));
		out->is_weighed[j] = different > 2;
		nweighed += different > 2;
	}
	*worth = nweighed > 1 && out->sample.count >= FEWEST_ROWS;
	return PS_OK;
}

static void
weighing_release(const ps_env *env, weighing *of)
{
	ps_cluster_rows_release(&of->sample);
	ps_cluster_rows_release(&of->weighed);
	ps_release(env, of->is_weighed);
	ps_release(env, of->weights);
	ps_release(env, of->values);
}

/* Divide the sample, each column by its weight or alike, among k clusters. */
static ps_status
make_clusters(const weighing *of, bool alike, size_t k, ps_lloyd *clusters, ps_error *error)
{
	for (size_t i = 0; i < of->sample.count; i++)
		for (size_t j = 0; j < of->sample.width; j++)
			*value_of(&of->weighed, i, j) = (float) ((alike ? 1 : of->weights[j]) * (double) *value_of(&of->sample, i, j));
	PS_TRY(ps_lloyd_create(of->sample.env, k, of->sample.width, clusters, error));
	return ps_lloyd_start(&of->weighed, &of->weighed, STARTS, of->seed, clusters, error);
}

/* Weigh the columns by what is left of them within the clusters that their weights make; *change by how much most. */
static ps_status
adapt(const weighing *of, size_t k, double *change, ps_error *error)
{
	size_t		width = of->sample.width;
	double	   *within = of->values;
	double		least = INFINITY;
	ps_lloyd	clusters;

	PS_TRY(make_clusters(of, false, k, &clusters, error));
	for (size_t j = 0; j < width; j++)
	{
		within[j] = 0;
		for (size_t i = 0; i < of->sample.count; i++)
		{
			double		deviation = (double) *value_of(&of->weighed, i, j) -
				clusters.centers[(size_t) of->weighed.labels[i] * width + j];

			within[j] += ps_cluster_row_weight(&of->weighed, i) * deviation * deviation;
		}
		within[j] = fmax(sqrt(within[j]) / of->weights[j], 1e-9);
		if (of->is_weighed[j])
			least = fmin(least, within[j]);
	}
	*change = 0;
	for (size_t j = 0; j < width; j++)
		if (of->is_weighed[j])
		{
			double		weight = fmax(least / within[j], LEAST);

			*change = fmax(*change, fabs(log(weight / of->weights[j])));
			of->weights[j] = weight;
		}
	ps_lloyd_release(of->sample.env, &clusters);
	return PS_OK;
}

/* The most clusters, up to some, that have certain gaps between all of them; 1 where there are none. */
static ps_status
count_groups(const weighing *of, bool alike, size_t most, size_t *count, ps_error *error)
{
	size_t		width = of->sample.width;
	ps_points	points = {.count = of->sample.count,.width = width,.values = of->values};

	for (*count = most; *count > 1; --*count)
	{
		ps_grouping grouping = {*count, of->weighed.labels};
		ps_lloyd	clusters;
		ps_overlap	overlap;

		PS_TRY(make_clusters(of, alike, *count, &clusters, error));
		ps_lloyd_release(of->sample.env, &clusters);
		for (size_t i = 0; i < points.count; i++)
			for (size_t j = 0; j < width; j++)
				of->values[i * width + j] = (double) *value_of(&of->weighed, i, j);
		PS_TRY(ps_overlap_of(of->sample.env, &points, &grouping, &overlap, error));
		if (overlap.limit < PS_OVERLAP_APART)
			break;
	}
	return PS_OK;
}

/* Find weights; *keep whether they show groups. */
static ps_status
find_weights(const weighing *of, bool *keep, ps_error *error)
{
	size_t		rooms = of->sample.count / ROWS_OF_GROUP;
	size_t		most = rooms < MOST_GROUPS ? rooms : MOST_GROUPS;
	double		change = INFINITY;
	size_t		alike;
	size_t		groups;

	for (int pass = 0; pass < MOST_PASSES && (pass < FEWEST_PASSES || change > SETTLED); pass++)
		PS_TRY(adapt(of, most, &change, error));
	PS_TRY(count_groups(of, false, most, &groups, error));
	alike = groups;
	if (groups > 1)
		PS_TRY(count_groups(of, true, most, &alike, error));
	*keep = groups > alike;
	return PS_OK;
}

/* Note which columns count less than half, in one note. */
static ps_status
tell(const ps_env *env, const ps_encoder *encoder, const weighing *of, ps_value *notes, ps_error *error)
{
	char		list[800] = "";
	size_t		length = 0;
	int64_t		count = 0;
	int64_t		more = 0;

	for (size_t j = 0; j < of->sample.width; j++)
	{
		char		item[120];
		const char *name;
		const char *level;

		if (!of->is_weighed[j] || of->weights[j] >= TOLD)
			continue;
		ps_encode_term(encoder, j, &name, &level);
		ps_format(item, sizeof(item), "%s \"%s\" %g times", count > 0 ? "," : "", name, ps_rounded(of->weights[j], 2));
		count++;
		if (more > 0 || length + strlen(item) >= sizeof(list))
			more++;
		else
		{
			memcpy(list + length, item, strlen(item) + 1);
			length += strlen(item);
		}
	}
	if (count == 0)
		return PS_OK;
	if (more > 0)
		return ps_note(env, notes, error, "%d columns would hide groups, and count less than the one that tells groups apart best:%s, and %d others",
					   count, list, more);
	return ps_note(env, notes, error, count == 1 ? "%d column would hide groups, and counts less than the one that tells groups apart best:%s" :
				   "%d columns would hide groups, and count less than the one that tells groups apart best:%s", count, list);
}

ps_status
ps_column_weights_encode(const ps_env *env, const ps_frame *frame, const ps_value *options, ps_encoder **encoder,
						 ps_cluster_rows *rows, ps_value *notes, ps_error *error)
{
	weighing	of;
	bool		worth;
	bool		keep;

	PS_TRY(ps_encode_fit_prepared(env, frame, options, true, encoder, notes, error));
	PS_TRY(ps_cluster_rows_encode(env, frame, *encoder, rows, error));
	if (strcmp(ps_value_text_or(options, "scale", "robust"), "standard") == 0)
		return PS_OK;
	PS_TRY(weighing_create(rows, *encoder, (uint64_t) ps_value_number_or(options, "seed", 0), &of, &worth, error));
	if (!worth)
		return PS_OK;
	PS_TRY(find_weights(&of, &keep, error));
	for (size_t j = 0; keep && j < rows->width; j++)
		if (of.is_weighed[j])
			ps_encode_weigh(*encoder, j, of.weights[j]);
	if (keep)
		PS_TRY(tell(env, *encoder, &of, notes, error));
	weighing_release(env, &of);
	if (!keep)
		return PS_OK;
	ps_cluster_rows_release(rows);
	return ps_cluster_rows_encode(env, frame, *encoder, rows, error);
}
