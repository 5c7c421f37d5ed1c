/*-------------------------------------------------------------------------
 *
 * ps_cluster_quality.c
 *	  How good groups of points are, judged by the points alone.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_cluster_quality.h"
#include "ps_sum.h"

#define BLOCK 64				/* points whose distances are computed together */

static double
weight_of(const ps_points *points, size_t i)
{
	return points->weights == NULL ? 1 : points->weights[i];
}

/* What is summed for one way to group the points. */
typedef struct silhouette_sums
{
	double	   *weights;		/* k: of the groups */
	double	   *distances;		/* k: weighted, of one point to the points of each group */
	ps_sum		total;
} silhouette_sums;

/* The silhouette of a point of a group, from its distances. */
static double
silhouette_of(const ps_grouping *grouping, const silhouette_sums *sums, size_t own)
{
	double		inner = sums->weights[own] - 1;
	double		nearest = INFINITY;

	if (inner <= 0)
		return 0;
	inner = sums->distances[own] / inner;
	for (size_t c = 0; c < grouping->k; c++)
		if (c != own && sums->weights[c] > 0)
			nearest = fmin(nearest, sums->distances[c] / sums->weights[c]);
	return inner == nearest ? 0 : (nearest - inner) / fmax(nearest, inner);
}

/*
 * Put the points into blocks, column by column, so that the distances of a
 * block need no gathering: count / BLOCK rounded up, each width x BLOCK.
 */
static ps_status
make_blocks(const ps_env *env, const ps_points *points, double **out, ps_error *error)
{
	size_t		nblocks = points->count / BLOCK + 1;

	PS_TRY(ps_alloc_zero(env, nblocks, BLOCK * points->width * sizeof(double), out, error));
	for (size_t i = 0; i < points->count; i++)
	{
		for (size_t j = 0; j < points->width; j++)
			(*out)[(i / BLOCK * points->width + j) * BLOCK + i % BLOCK] = points->values[i * points->width + j];
		if (i % 1024 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	return PS_OK;
}

/* The distances of a point from those of a block. */
static void
block_distances(const double *block, const double *point, size_t width, double *distances)
{
	for (size_t i = 0; i < BLOCK; i++)
		distances[i] = 0;
	for (size_t j = 0; j < width; j++)
		for (size_t i = 0; i < BLOCK; i++)
			distances[i] += (block[j * BLOCK + i] - point[j]) * (block[j * BLOCK + i] - point[j]);
	for (size_t i = 0; i < BLOCK; i++)
		distances[i] = sqrt(distances[i]);
}

ps_status
ps_silhouettes(const ps_env *env, const ps_points *points, const ps_grouping *groupings, size_t ngroupings,
			   double *values, ps_error *error)
{
	silhouette_sums *sums;
	double	   *blocks;
	double		all = 0;

	PS_TRY(make_blocks(env, points, &blocks, error));
	PS_TRY(ps_alloc_zero(env, ngroupings, sizeof(*sums), &sums, error));
	for (size_t g = 0; g < ngroupings; g++)
	{
		PS_TRY(ps_alloc_zero(env, groupings[g].k, sizeof(double), &sums[g].weights, error));
		PS_TRY(ps_alloc(env, groupings[g].k, sizeof(double), &sums[g].distances, error));
		for (size_t i = 0; i < points->count; i++)
			sums[g].weights[groupings[g].labels[i]] += weight_of(points, i);
	}
	for (size_t i = 0; i < points->count; i++)
	{
		for (size_t g = 0; g < ngroupings; g++)
			memset(sums[g].distances, 0, groupings[g].k * sizeof(double));
		for (size_t start = 0; start < points->count; start += BLOCK)
		{
			size_t		count = points->count - start < BLOCK ? points->count - start : BLOCK;
			double		distances[BLOCK];

			block_distances(blocks + start * points->width, points->values + i * points->width, points->width, distances);
			for (size_t j = 0; points->weights != NULL && j < count; j++)
				distances[j] *= points->weights[start + j];
			for (size_t g = 0; g < ngroupings; g++)
				for (size_t j = 0; j < count; j++)
					sums[g].distances[groupings[g].labels[start + j]] += distances[j];
			if (start % (16 * BLOCK) == 0)
				PS_TRY(ps_poll(env, (double) i / (double) points->count, error));
		}
		for (size_t g = 0; g < ngroupings; g++)
			ps_sum_add(&sums[g].total, weight_of(points, i) *
					   silhouette_of(&groupings[g], &sums[g], (size_t) groupings[g].labels[i]));
		all += weight_of(points, i);
	}
	for (size_t g = 0; g < ngroupings; g++)
	{
		size_t		used = 0;

		for (size_t c = 0; c < groupings[g].k; c++)
			used += sums[g].weights[c] > 0;
		values[g] = used < 2 ? NAN : ps_sum_value(&sums[g].total) / all;
		ps_release(env, sums[g].weights);
		ps_release(env, sums[g].distances);
	}
	ps_release(env, sums);
	ps_release(env, blocks);
	return PS_OK;
}

/* The groups of points in short. */
typedef struct group_summary
{
	size_t		used;			/* groups that are not empty */
	double		weight;			/* of all points */
	double	   *weights;		/* k */
	double	   *centers;		/* k x width */
	double	   *mean;			/* width: of all points */
	double	   *distances;		/* k: mean distance of the points from their center */
	double		within;			/* sum of their squares */
} group_summary;

/* Divide compensated sums by a weight. */
static void
divide_sums(const ps_sum *sums, size_t count, double weight, double *out)
{
	for (size_t j = 0; j < count; j++)
		out[j] = weight > 0 ? ps_sum_value(&sums[j]) / weight : 0;
}

static double
distance_squared(const double *a, const double *b, size_t width)
{
	double		sum = 0;

	for (size_t j = 0; j < width; j++)
		sum += (a[j] - b[j]) * (a[j] - b[j]);
	return sum;
}

static ps_status
summarise(const ps_env *env, const ps_points *points, const ps_grouping *grouping, group_summary *out, ps_error *error)
{
	size_t		width = points->width;
	ps_sum	   *sums;			/* of each group, and of all */
	ps_sum	   *distances;
	ps_sum		within = {0};

	memset(out, 0, sizeof(*out));
	PS_TRY(ps_alloc_zero(env, grouping->k, sizeof(double), &out->weights, error));
	PS_TRY(ps_alloc(env, grouping->k, width * sizeof(double), &out->centers, error));
	PS_TRY(ps_alloc(env, width, sizeof(double), &out->mean, error));
	PS_TRY(ps_alloc(env, grouping->k, sizeof(double), &out->distances, error));
	PS_TRY(ps_alloc_zero(env, grouping->k + 1, width * sizeof(ps_sum), &sums, error));
	PS_TRY(ps_alloc_zero(env, grouping->k, sizeof(ps_sum), &distances, error));
	for (size_t i = 0; i < points->count; i++)
	{
		size_t		own = (size_t) grouping->labels[i];

		out->weights[own] += weight_of(points, i);
		for (size_t j = 0; j < width; j++)
		{
			double		term = weight_of(points, i) * points->values[i * width + j];

			ps_sum_add(&sums[own * width + j], term);
			ps_sum_add(&sums[grouping->k * width + j], term);
		}
		if (i % 256 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	for (size_t c = 0; c < grouping->k; c++)
	{
		out->used += out->weights[c] > 0;
		out->weight += out->weights[c];
		divide_sums(sums + c * width, width, out->weights[c], out->centers + c * width);
	}
	divide_sums(sums + grouping->k * width, width, out->weight, out->mean);
	for (size_t i = 0; i < points->count; i++)
	{
		size_t		own = (size_t) grouping->labels[i];
		double		square = distance_squared(points->values + i * width, out->centers + own * width, width);

		ps_sum_add(&within, weight_of(points, i) * square);
		ps_sum_add(&distances[own], weight_of(points, i) * sqrt(square));
		if (i % 256 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	out->within = ps_sum_value(&within);
	for (size_t c = 0; c < grouping->k; c++)
		divide_sums(&distances[c], 1, out->weights[c], &out->distances[c]);
	ps_release(env, sums);
	ps_release(env, distances);
	return PS_OK;
}

static void
release_summary(const ps_env *env, group_summary *summary)
{
	ps_release(env, summary->weights);
	ps_release(env, summary->centers);
	ps_release(env, summary->mean);
	ps_release(env, summary->distances);
}

ps_status
ps_calinski_harabasz(const ps_env *env, const ps_points *points, const ps_grouping *grouping, double *value,
					 ps_error *error)
{
	group_summary summary;
	double		between = 0;
	double		groups;

	PS_TRY(summarise(env, points, grouping, &summary, error));
	groups = (double) summary.used;
	for (size_t c = 0; c < grouping->k; c++)
		between += summary.weights[c] * distance_squared(summary.centers + c * points->width, summary.mean, points->width);
	*value = summary.used < 2 || !(summary.weight > groups) || summary.within == 0 ? NAN :
		between / (groups - 1) / (summary.within / (summary.weight - groups));
	release_summary(env, &summary);
	return PS_OK;
}

ps_status
ps_davies_bouldin(const ps_env *env, const ps_points *points, const ps_grouping *grouping, double *value, ps_error *error)
{
	group_summary summary;
	double		total = 0;

	PS_TRY(summarise(env, points, grouping, &summary, error));
	for (size_t a = 0; a < grouping->k; a++)
	{
		double		worst = 0;

		for (size_t b = 0; summary.weights[a] > 0 && b < grouping->k; b++)
			if (b != a && summary.weights[b] > 0)
			{
				double		apart = sqrt(distance_squared(summary.centers + a * points->width,
														  summary.centers + b * points->width, points->width));

				worst = apart > 0 ? fmax(worst, (summary.distances[a] + summary.distances[b]) / apart) : INFINITY;
			}
		total += worst;
		PS_TRY(ps_poll(env, 0, error));
	}
	*value = summary.used < 2 || isinf(total) ? NAN : total / (double) summary.used;
	release_summary(env, &summary);
	return PS_OK;
}

/* How many points of two groups are where, along the line through their centers. */
typedef struct pair_counts
{
	double		between;
	double		at[2];
} pair_counts;

ps_status
ps_overlap_of(const ps_env *env, const ps_points *points, const ps_grouping *grouping, ps_overlap *overlap,
			  ps_error *error)
{
	size_t		k = grouping->k;
	size_t		width = points->width;
	group_summary summary;
	pair_counts *pairs;			/* k x k, the smaller number first */

	PS_TRY(summarise(env, points, grouping, &summary, error));
	PS_TRY(ps_alloc_zero(env, k * k, sizeof(*pairs), &pairs, error));
	for (size_t i = 0; i < points->count; i++)
	{
		size_t		own = (size_t) grouping->labels[i];
		const double *from = summary.centers + own * width;

		for (size_t other = 0; other < k; other++)
		{
			const double *to = summary.centers + other * width;
			pair_counts *pair = own < other ? &pairs[own * k + other] : &pairs[other * k + own];
			double		along = 0;	/* 0 at the own center, 1 at the other */
			double		length = 0;

			if (other == own || !(summary.weights[other] > 0))
				continue;
			for (size_t j = 0; j < width; j++)
			{
				along += (points->values[i * width + j] - from[j]) * (to[j] - from[j]);
				length += (to[j] - from[j]) * (to[j] - from[j]);
			}
			if (fabs(along) < length / 6)
				pair->at[own > other] += weight_of(points, i);
			else if (fabs(along - length / 2) < length / 6)
				pair->between += weight_of(points, i);
		}
		if (i % 16 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	overlap->ratio = overlap->limit = summary.used < 2 ? NAN : 0;
	for (size_t a = 0; a < k; a++)
		for (size_t b = a + 1; b < k; b++)
			if (summary.weights[a] > 0 && summary.weights[b] > 0)
			{
				const pair_counts *pair = &pairs[a * k + b];
				double		at = fmax(fmin(pair->at[0], pair->at[1]), 1);

				overlap->ratio = fmax(overlap->ratio, pair->between / at);
				overlap->limit = fmax(overlap->limit, (pair->between + 1 + 2 * sqrt(pair->between + 1)) / at);
			}
	ps_release(env, pairs);
	release_summary(env, &summary);
	return PS_OK;
}
