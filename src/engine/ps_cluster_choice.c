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

/* The measures of one candidate. */
typedef struct measures
{
	double		silhouette;
	double		calinski_harabasz;
	double		davies_bouldin;
	double		overlap;
} measures;

static ps_status
measure(const ps_env *env, const ps_candidates *candidates, measures *out, ps_error *error)
{
	double	   *silhouettes;

	PS_TRY(ps_alloc(env, candidates->count, sizeof(double), &silhouettes, error));
	PS_TRY(ps_silhouettes(env, candidates->points, candidates->groupings, candidates->count, silhouettes, error));
	for (size_t i = 0; i < candidates->count; i++)
	{
		const ps_grouping *grouping = &candidates->groupings[i];

		out[i].silhouette = silhouettes[i];
		PS_TRY(ps_calinski_harabasz(env, candidates->points, grouping, &out[i].calinski_harabasz, error));
		PS_TRY(ps_davies_bouldin(env, candidates->points, grouping, &out[i].davies_bouldin, error));
		PS_TRY(ps_overlap(env, candidates->points, grouping, &out[i].overlap, error));
	}
	ps_release(env, silhouettes);
	return PS_OK;
}

static ps_status
save(const ps_env *env, const ps_candidates *candidates, const measures *measured, ps_value *parameters, ps_error *error)
{
	ps_value   *list;

	PS_TRY(ps_value_set_list(env, parameters, "candidates", &list, error));
	for (size_t i = 0; i < candidates->count; i++)
	{
		ps_value   *row;

		PS_TRY(ps_value_append_object(env, list, &row, error));
		PS_TRY(ps_value_set_number(env, row, "k", (double) candidates->groupings[i].k, error));
		PS_TRY(ps_value_set_number(env, row, "inertia", candidates->inertias[i], error));
		PS_TRY(ps_value_set_number(env, row, "silhouette", measured[i].silhouette, error));
		PS_TRY(ps_value_set_number(env, row, "calinski_harabasz", measured[i].calinski_harabasz, error));
		PS_TRY(ps_value_set_number(env, row, "davies_bouldin", measured[i].davies_bouldin, error));
		PS_TRY(ps_value_set_number(env, row, "overlap", measured[i].overlap, error));
		if (candidates->gaps != NULL)
		{
			PS_TRY(ps_value_set_number(env, row, "gap", candidates->gaps[i], error));
			PS_TRY(ps_value_set_number(env, row, "gap_error", candidates->gap_errors[i], error));
		}
	}
	return PS_OK;
}

ps_status
ps_candidates_choose(const ps_env *env, const ps_candidates *candidates, const char *criterion,
					 ps_value *parameters, ps_value *notes, size_t *chosen, ps_error *error)
{
	measures   *measured;

	(void) criterion;
	(void) notes;
	PS_TRY(ps_alloc(env, candidates->count, sizeof(*measured), &measured, error));
	PS_TRY(measure(env, candidates, measured, error));
	PS_TRY(save(env, candidates, measured, parameters, error));
	*chosen = 0;
	for (size_t i = 1; i < candidates->count; i++)
		if (measured[i].silhouette > measured[*chosen].silhouette)
			*chosen = i;
	ps_release(env, measured);
	return PS_OK;
}
