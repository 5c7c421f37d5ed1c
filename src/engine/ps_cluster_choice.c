/*-------------------------------------------------------------------------
 *
 * ps_cluster_choice.c
 *	  How many clusters.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_cluster_choice.h"

#define SILHOUETTE_POINTS 2048	/* it looks at all their pairs */
#define CLEAR_SILHOUETTE 0.5	/* "a reasonable structure" (Kaufman and Rousseeuw 1990) */

ps_status
ps_candidates_range(const ps_value *options, size_t *k_min, size_t *k_max, ps_error *error)
{
	*k_min = (size_t) ps_value_number_or(options, "k_min", 0);
	*k_max = (size_t) ps_value_number_or(options, "k_max", 0);
	if (*k_min <= *k_max)
		return PS_OK;
	return ps_fail(error, PS_INVALID_OPTION, "option \"k_min\" is %d, must be at most \"k_max\", which is %d",
				   (int64_t) *k_min, (int64_t) *k_max);
}

/* The measures of one candidate. */
typedef struct measures
{
	double		inertia;
	double		silhouette;
	double		calinski_harabasz;
	double		davies_bouldin;
	ps_overlap	overlap;
	double		gap;
	double		gap_error;
} measures;

/* The silhouettes of all candidates, from some of the points where they are many. */
static ps_status
measure_silhouettes(const ps_env *env, const ps_candidates *candidates, measures *out, ps_error *error)
{
	const ps_points *points = candidates->points;
	size_t		step = (points->count + SILHOUETTE_POINTS - 1) / SILHOUETTE_POINTS;
	size_t		count = (points->count + step - 1) / step;
	double	   *values;
	double	   *weights;
	int32_t    *labels;
	ps_grouping *groupings;
	double	   *silhouettes;
	ps_points	thinned;

	PS_TRY(ps_alloc(env, count, points->width * sizeof(double), &values, error));
	PS_TRY(ps_alloc(env, count, sizeof(double), &weights, error));
	PS_TRY(ps_alloc(env, candidates->count, count * sizeof(int32_t), &labels, error));
	PS_TRY(ps_alloc(env, candidates->count, sizeof(*groupings), &groupings, error));
	PS_TRY(ps_alloc(env, candidates->count, sizeof(double), &silhouettes, error));
	for (size_t i = 0; i < count; i++)
	{
		memcpy(values + i * points->width, points->values + i * step * points->width, points->width * sizeof(double));
		weights[i] = points->weights == NULL ? 1 : points->weights[i * step];
		for (size_t g = 0; g < candidates->count; g++)
			labels[g * count + i] = candidates->groupings[g].labels[i * step];
	}
	for (size_t g = 0; g < candidates->count; g++)
		groupings[g] = (ps_grouping) {candidates->groupings[g].k, labels + g * count};
	thinned = (ps_points) {count, points->width, values, points->weights == NULL ? NULL : weights};
	PS_TRY(ps_silhouettes(env, &thinned, groupings, candidates->count, silhouettes, error));
	for (size_t g = 0; g < candidates->count; g++)
		out[g].silhouette = silhouettes[g];
	ps_release(env, values);
	ps_release(env, weights);
	ps_release(env, labels);
	ps_release(env, groupings);
	ps_release(env, silhouettes);
	return PS_OK;
}

static ps_status
measure(const ps_env *env, const ps_candidates *candidates, measures *out, ps_error *error)
{
	PS_TRY(measure_silhouettes(env, candidates, out, error));
	for (size_t i = 0; i < candidates->count; i++)
	{
		const ps_grouping *grouping = &candidates->groupings[i];

		out[i].inertia = candidates->inertias[i];
		PS_TRY(ps_calinski_harabasz(env, candidates->points, grouping, &out[i].calinski_harabasz, error));
		PS_TRY(ps_davies_bouldin(env, candidates->points, grouping, &out[i].davies_bouldin, error));
		PS_TRY(ps_overlap_of(env, candidates->points, grouping, &out[i].overlap, error));
		out[i].gap = candidates->gaps == NULL ? NAN : candidates->gaps[i];
		out[i].gap_error = candidates->gaps == NULL ? NAN : candidates->gap_errors[i];
	}
	return PS_OK;
}

/* The measures of a candidate as numbers by name; what is not defined is null. */
static ps_status
save(const ps_env *env, size_t k, const measures *measured, bool with_gap, ps_value *row, ps_error *error)
{
	PS_TRY(ps_value_set_number(env, row, "k", (double) k, error));
	PS_TRY(ps_value_set_number(env, row, "inertia", measured->inertia, error));
	PS_TRY(ps_value_set_number(env, row, "overlap", measured->overlap.ratio, error));
	PS_TRY(ps_value_set_number(env, row, "silhouette", measured->silhouette, error));
	PS_TRY(ps_value_set_number(env, row, "calinski_harabasz", measured->calinski_harabasz, error));
	PS_TRY(ps_value_set_number(env, row, "davies_bouldin", measured->davies_bouldin, error));
	if (!with_gap)
		return PS_OK;
	PS_TRY(ps_value_set_number(env, row, "gap", measured->gap, error));
	return ps_value_set_number(env, row, "gap_error", measured->gap_error, error);
}

/* What a criterion wants the most of; what is not defined is the least. */
static double
merit(const measures *measured, const char *criterion)
{
	double		value = measured->silhouette;

	if (strcmp(criterion, "calinski_harabasz") == 0)
		value = measured->calinski_harabasz;
	else if (strcmp(criterion, "davies_bouldin") == 0)
		value = -measured->davies_bouldin;
	return isnan(value) ? -HUGE_VAL : value;
}

/* The first candidate with the most merit. */
static size_t
choose_best(const measures *measured, size_t count, const char *criterion)
{
	size_t		best = 0;

	for (size_t i = 1; i < count; i++)
		if (merit(&measured[i], criterion) > merit(&measured[best], criterion))
			best = i;
	return best;
}

/* The first candidate whose gap is within one standard error of the next one's or above, else the last. */
static size_t
choose_by_gap(const measures *measured, size_t count)
{
	for (size_t i = 0; i + 1 < count; i++)
		if (measured[i].gap >= measured[i + 1].gap - measured[i + 1].gap_error)
			return i;
	return count - 1;
}

/*
 * The last candidate with certain gaps between all groups, or one past it with
 * more silhouette and gaps that are not certain; without certain gaps the one
 * with the highest silhouette.
 */
static size_t
choose_by_overlap(const measures *measured, size_t count)
{
	size_t		apart = count;
	size_t		best;

	for (size_t i = 0; i < count; i++)
		if (measured[i].overlap.limit < PS_OVERLAP_APART)
			apart = i;
	if (apart == count)
		return choose_best(measured, count, "silhouette");
	best = apart;
	for (size_t i = apart + 1; i < count; i++)
		if (measured[i].overlap.ratio < PS_OVERLAP_APART && measured[i].silhouette > measured[best].silhouette)
			best = i;
	return best;
}

/* Say why a candidate was chosen, and when there are no groups to speak of. */
static ps_status
explain(const ps_env *env, const ps_candidates *candidates, const measures *best, const char *criterion, size_t chosen,
		ps_value *notes, ps_error *error)
{
	int64_t		k = (int64_t) candidates->groupings[chosen].k;
	int64_t		first = (int64_t) candidates->groupings[0].k;
	int64_t		last = (int64_t) candidates->groupings[candidates->count - 1].k;
	double		silhouette = round(best->silhouette * 100) / 100;
	bool		apart = best->overlap.limit < PS_OVERLAP_APART;

	if (strcmp(criterion, "gap") == 0)
		PS_TRY(ps_note(env, notes, error, "%d clusters are the first of %d to %d whose gap statistic one more does not raise by more than chance",
					   k, first, last));
	else if (strcmp(criterion, "overlap") == 0 && apart)
		PS_TRY(ps_note(env, notes, error, "%d clusters are the most of %d to %d that have a gap between every two of them; their silhouette is %g",
					   k, first, last, silhouette));
	else if (strcmp(criterion, "calinski_harabasz") == 0)
		PS_TRY(ps_note(env, notes, error, "%d clusters have the highest Calinski-Harabasz index of %d to %d", k, first, last));
	else if (strcmp(criterion, "davies_bouldin") == 0)
		PS_TRY(ps_note(env, notes, error, "%d clusters have the lowest Davies-Bouldin index of %d to %d", k, first, last));
	else
		PS_TRY(ps_note(env, notes, error, "%d clusters have the highest silhouette of %d to %d: %g", k, first, last,
					   silhouette));
	if (apart && k == (int64_t) candidates->k_max && k > first)
		PS_TRY(ps_note(env, notes, error, "there may be more than %d clusters: raise the option \"k_max\"", k));
	if (apart || (best->overlap.ratio < PS_OVERLAP_APART && best->silhouette >= CLEAR_SILHOUETTE))
		return PS_OK;
	return ps_note(env, notes, error, "the rows have no clear groups: the clusters pass into each other without a gap, and another number of them would do as well");
}

ps_status
ps_candidates_choose(const ps_env *env, const ps_candidates *candidates, const char *criterion,
					 ps_value *parameters, ps_value *notes, size_t *chosen, ps_error *error)
{
	measures   *measured;
	ps_value   *list;

	PS_TRY(ps_alloc(env, candidates->count, sizeof(*measured), &measured, error));
	PS_TRY(measure(env, candidates, measured, error));
	PS_TRY(ps_value_set_list(env, parameters, "candidates", &list, error));
	for (size_t i = 0; i < candidates->count; i++)
	{
		ps_value   *row;

		PS_TRY(ps_value_append_object(env, list, &row, error));
		PS_TRY(save(env, candidates->groupings[i].k, &measured[i], candidates->gaps != NULL, row, error));
	}
	if (strcmp(criterion, "overlap") == 0)
		*chosen = choose_by_overlap(measured, candidates->count);
	else if (strcmp(criterion, "gap") == 0)
		*chosen = choose_by_gap(measured, candidates->count);
	else
		*chosen = choose_best(measured, candidates->count, criterion);
	PS_TRY(explain(env, candidates, &measured[*chosen], criterion, *chosen, notes, error));
	ps_release(env, measured);
	return PS_OK;
}
