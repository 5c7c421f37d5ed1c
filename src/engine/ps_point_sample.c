/*-------------------------------------------------------------------------
 *
 * ps_point_sample.c
 *	  Labelled points as they come, of which only so many are kept.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_bytes.h"
#include "ps_cluster_quality.h"
#include "ps_crc.h"
#include "ps_point_sample.h"
#include "ps_random.h"
#include "ps_sort.h"

#define LARGEST 1e150			/* larger numbers could overflow when squared */
#define ROOM (2 * PS_POINT_SAMPLE)
#define SLOTS (4 * PS_POINT_SAMPLE)	/* a power of two */
#define MOST_COPIES 0x1p53

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

/* Extend the hash of a label by values without negative zeroes. */
static uint64_t
hash_point(uint64_t label, const double *values, size_t width)
{
	uint64_t	hash = label;

	for (size_t j = 0; j < width; j++)
	{
		uint64_t	bits;

		memcpy(&bits, &values[j], sizeof(bits));
		hash = ps_hash_add(hash, bits);
	}
	return hash;
}

/* Add a point whose hashes are known, unless it is left out. */
static ps_status
add_point(const ps_env *env, ps_point_sample *sample, uint64_t hash, uint64_t label, double weight,
		  const double *values, ps_error *error)
{
	ps_sampled_point *point;
	size_t		slot;

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
		point = &sample->points[sample->slots[slot] - 1];
		point->weight = fmin(point->weight + weight, MOST_COPIES);
		return PS_OK;
	}
	point = &sample->points[sample->count++];
	*point = (ps_sampled_point) {hash, label, weight, point->place};
	memcpy(sample->values + point->place * sample->width, values, sample->width * sizeof(double));
	sample->slots[slot] = (uint32_t) sample->count;
	return sample->count == ROOM ? drop_points(env, sample, error) : PS_OK;
}

ps_status
ps_point_sample_add(const ps_env *env, ps_point_sample *sample, const char *label, size_t length,
					const double *values, ps_error *error)
{
	uint64_t	label_hash = ps_hash_bytes(0, label, length);
	double		point[PS_POINT_WIDTH];

	for (size_t j = 0; j < sample->width; j++)
	{
		if (!isfinite(values[j]))
			return ps_fail(error, PS_INVALID_DATA, "value %d of a point is not a finite number", (int64_t) (j + 1));
		if (fabs(values[j]) > LARGEST)
			return ps_fail(error, PS_INVALID_DATA, "value %d of a point is %g, too large to compute with", (int64_t) (j + 1),
						   values[j]);
		point[j] = values[j] + 0;	/* one zero */
	}
	return add_point(env, sample, hash_point(label_hash, point, sample->width), label_hash, 1, point, error);
}

ps_status
ps_point_sample_merge(const ps_env *env, ps_point_sample *sample, const ps_point_sample *other, ps_error *error)
{
	if (other->width != sample->width)
		return ps_fail(error, PS_INVALID_DATA, "there are points of %d and of %d values", (int64_t) sample->width,
					   (int64_t) other->width);
	for (size_t i = 0; i < other->count; i++)
	{
		const ps_sampled_point *point = &other->points[i];

		PS_TRY(add_point(env, sample, point->hash, point->label, point->weight,
						 other->values + point->place * other->width, error));
		if (i % 1024 == 1023)
			PS_TRY(ps_poll(env, 0, error));
	}
	return PS_OK;
}

/* The points that count in the order of their hashes; *count receives their number. */
static ps_status
sort_points(const ps_env *env, const ps_point_sample *sample, ps_sampled_point **points, size_t *count, ps_error *error)
{
	PS_TRY(ps_alloc(env, sample->count, sizeof(**points), points, error));
	if (sample->count > 0)
		memcpy(*points, sample->points, sample->count * sizeof(**points));
	PS_TRY(ps_sort(env, *points, sample->count, sizeof(**points), ps_compare_hashes, error));
	*count = sample->count < PS_POINT_SAMPLE ? sample->count : PS_POINT_SAMPLE;
	return PS_OK;
}

ps_status
ps_point_sample_write(const ps_env *env, const ps_point_sample *sample, uint8_t **bytes, size_t *length, ps_error *error)
{
	size_t		point_bytes = 8 * (2 + sample->width);
	ps_sampled_point *points;
	size_t		count;
	uint8_t    *out;
	uint32_t	crc;

	PS_TRY(sort_points(env, sample, &points, &count, error));
	*length = PS_HEADER_BYTES + count * point_bytes;
	PS_TRY(ps_alloc(env, *length, 1, bytes, error));
	memcpy(*bytes, "PSPS", 4);
	ps_store_integer(*bytes + 4, 1, 2);
	ps_store_integer(*bytes + 6, sample->width, 2);
	ps_store_integer(*bytes + 8, count, 4);
	out = *bytes + PS_HEADER_BYTES;
	for (size_t i = 0; i < count; i++, out += point_bytes)
	{
		const double *values = sample->values + points[i].place * sample->width;

		ps_store_integer(out, points[i].label, 8);
		ps_store_number(out + 8, points[i].weight);
		for (size_t j = 0; j < sample->width; j++)
			ps_store_number(out + 8 * (2 + j), values[j]);
		if (i % 1024 == 1023)
			PS_TRY(ps_poll(env, 0, error));
	}
	PS_TRY(ps_checksum(env, *bytes, *length, &crc, error));
	ps_store_integer(*bytes + PS_CHECKSUM_OFFSET, crc, 4);
	ps_release(env, points);
	return PS_OK;
}

/* Refuse bytes that are not a sample. */
static ps_status
not_valid(ps_error *error)
{
	return ps_fail(error, PS_CORRUPT, "not a valid state of a silhouette");
}

ps_status
ps_point_sample_read(const ps_env *env, const uint8_t *bytes, size_t length, ps_point_sample *sample, ps_error *error)
{
	uint64_t	count;
	uint64_t	width;
	uint64_t	before = 0;
	uint32_t	crc;

	if (length < PS_HEADER_BYTES || memcmp(bytes, "PSPS", 4) != 0 || ps_load_integer(bytes + 4, 2) != 1)
		return not_valid(error);
	PS_TRY(ps_checksum(env, bytes, length, &crc, error));
	if (ps_load_integer(bytes + PS_CHECKSUM_OFFSET, 4) != crc)
		return not_valid(error);
	width = ps_load_integer(bytes + 6, 2);
	count = ps_load_integer(bytes + 8, 4);
	if (width == 0 || width > PS_POINT_WIDTH || count > PS_POINT_SAMPLE ||
		length != PS_HEADER_BYTES + count * 8 * (2 + width))
		return not_valid(error);
	sample->width = (size_t) width;
	bytes += PS_HEADER_BYTES;
	for (uint64_t i = 0; i < count; i++, bytes += 8 * (2 + width))
	{
		uint64_t	label = ps_load_integer(bytes, 8);
		double		weight = ps_load_number(bytes + 8);
		double		values[PS_POINT_WIDTH];
		uint64_t	hash;

		if (!(weight >= 1 && weight <= MOST_COPIES) || weight != floor(weight))
			return not_valid(error);
		for (size_t j = 0; j < width; j++)
		{
			values[j] = ps_load_number(bytes + 8 * (2 + j));
			if (!(fabs(values[j]) <= LARGEST) || (values[j] == 0 && signbit(values[j])))
				return not_valid(error);
		}
		hash = hash_point(label, values, sample->width);
		if (i > 0 && hash <= before)
			return not_valid(error);
		PS_TRY(add_point(env, sample, hash, label, weight, values, error));
		before = hash;
		if (i % 1024 == 1023)
			PS_TRY(ps_poll(env, 0, error));
	}
	return PS_OK;
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
	size_t		count;
	ps_sampled_point *points;
	double	   *values;
	double	   *weights;
	int32_t    *labels;
	ps_points	all;
	ps_grouping grouping = {0};

	PS_TRY(sort_points(env, sample, &points, &count, error));
	PS_TRY(ps_alloc(env, count, width * sizeof(double), &values, error));
	PS_TRY(ps_alloc(env, count, sizeof(double), &weights, error));
	PS_TRY(ps_alloc(env, count, sizeof(int32_t), &labels, error));
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
