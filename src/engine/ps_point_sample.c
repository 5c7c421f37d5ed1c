/*-------------------------------------------------------------------------
 *
 * ps_point_sample.c
 *	  Labelled points as they come, of which only so many are kept.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_cluster_quality.h"
#include "ps_point_sample.h"
#include "ps_random.h"
#include "ps_sort.h"

#define LARGEST 1e150			/* larger numbers could overflow when squared */
#define ROOM (2 * PS_POINT_SAMPLE)
#define SLOTS (4 * PS_POINT_SAMPLE)	/* a power of two */

/* Find the slot of a hash: that of its point, or an empty one. */
static size_t
find_slot(const ps_point_sample *sample, uint64_t hash)
{
	size_t		slot = (size_t) hash & (SLOTS - 1);

	while (sample->slots[slot] != 0 && sample->points[sample->slots[slot] - 1].hash != hash)
		slot = (slot + 1) & (SLOTS - 1);
	return slot;
}

/* Keep the points with the least hashes; those after them leave their places to others. */
static ps_status
drop_points(const ps_env *env, ps_point_sample *sample, ps_error *error)
{
	PS_TRY(ps_sort(env, sample->points, sample->count, sizeof(*sample->points), ps_compare_hashes, error));
	sample->limit = sample->points[PS_POINT_SAMPLE - 1].hash;
	sample->count = PS_POINT_SAMPLE;
	memset(sample->slots, 0, SLOTS * sizeof(*sample->slots));
	for (size_t i = 0; i < sample->count; i++)
		sample->slots[find_slot(sample, sample->points[i].hash)] = (uint32_t) (i + 1);
	return PS_OK;
}

ps_status
ps_point_sample_add(const ps_env *env, ps_point_sample *sample, const char *label, size_t length,
					const double *values, ps_error *error)
{
	uint64_t	label_hash = ps_hash_bytes(0, label, length);
	uint64_t	hash = label_hash;
	ps_sampled_point *point;
	size_t		slot;

	for (size_t j = 0; j < sample->width; j++)
	{
		double		value = values[j] + 0;	/* one zero */
		uint64_t	bits;

		if (!isfinite(value))
			return ps_fail(error, PS_INVALID_DATA, "value %d of a point is not a finite number", (int64_t) (j + 1));
		if (fabs(value) > LARGEST)
			return ps_fail(error, PS_INVALID_DATA, "value %d of a point is %g, too large to compute with", (int64_t) (j + 1),
						   value);
		memcpy(&bits, &value, sizeof(bits));
		hash = ps_hash_add(hash, bits);
	}
	if (sample->limit != 0 && hash > sample->limit)
		return PS_OK;
	if (sample->points == NULL)
	{
		PS_TRY(ps_alloc_zero(env, SLOTS, sizeof(*sample->slots), &sample->slots, error));
		PS_TRY(ps_alloc(env, ROOM, sample->width * sizeof(double), &sample->values, error));
		PS_TRY(ps_alloc(env, ROOM, sizeof(*sample->points), &sample->points, error));
		for (size_t i = 0; i < ROOM; i++)
			sample->points[i].place = i;
	}
	slot = find_slot(sample, hash);
	if (sample->slots[slot] != 0)
	{
		sample->points[sample->slots[slot] - 1].weight++;
		return PS_OK;
	}
	point = &sample->points[sample->count++];
	*point = (ps_sampled_point) {hash, label_hash, 1, point->place};
	memcpy(sample->values + point->place * sample->width, values, sample->width * sizeof(double));
	sample->slots[slot] = (uint32_t) sample->count;
	return sample->count == ROOM ? drop_points(env, sample, error) : PS_OK;
}

static int
compare_labels(const void *a, const void *b)
{
	uint64_t	left = ((const ps_sampled_point *) a)->label;
	uint64_t	right = ((const ps_sampled_point *) b)->label;

	return left != right ? (left < right ? -1 : 1) : ps_compare_hashes(a, b);
}

ps_status
ps_point_sample_silhouette(const ps_env *env, const ps_point_sample *sample, double *silhouette, ps_error *error)
{
	size_t		width = sample->width;
	size_t		count = sample->count < PS_POINT_SAMPLE ? sample->count : PS_POINT_SAMPLE;
	ps_sampled_point *points;
	double	   *values;
	double	   *weights;
	int32_t    *labels;
	ps_points	all;
	ps_grouping grouping = {0};

	PS_TRY(ps_alloc(env, sample->count, sizeof(*points), &points, error));
	PS_TRY(ps_alloc(env, count, width * sizeof(double), &values, error));
	PS_TRY(ps_alloc(env, count, sizeof(double), &weights, error));
	PS_TRY(ps_alloc(env, count, sizeof(int32_t), &labels, error));
	if (sample->count > 0)
		memcpy(points, sample->points, sample->count * sizeof(*points));
	PS_TRY(ps_sort(env, points, sample->count, sizeof(*points), ps_compare_hashes, error));
	PS_TRY(ps_sort(env, points, count, sizeof(*points), compare_labels, error));
	for (size_t i = 0; i < count; i++)
	{
		grouping.k += i == 0 || points[i].label != points[i - 1].label;
		labels[i] = (int32_t) (grouping.k - 1);
		weights[i] = points[i].weight;
		memcpy(values + i * width, sample->values + points[i].place * width, width * sizeof(double));
	}
	all = (ps_points) {count, width, values, weights};
	grouping.labels = labels;
	PS_TRY(ps_silhouettes(env, &all, &grouping, 1, silhouette, error));
	ps_release(env, points);
	ps_release(env, values);
	ps_release(env, weights);
	ps_release(env, labels);
	return PS_OK;
}
