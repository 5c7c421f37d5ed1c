/*-------------------------------------------------------------------------
 *
 * ps_cluster_choice.h
 *	  How many clusters: ways to group the same points into more and more
 *	  groups are judged, listed, and one of them is chosen.
 *
 * Criteria that weigh groups by their width against their distance, as the
 * silhouette does, take two groups that are near each other for one where the
 * others are far away, and one long group for two.  The criterion "overlap"
 * therefore asks of each number of groups whether there is a gap between
 * every two of them, takes the most groups of which that is certain, and
 * leaves to the silhouette what cannot be told: whether groups of a few points
 * come on top, and what to take where there are no gaps.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_CLUSTER_CHOICE_H
#define PS_CLUSTER_CHOICE_H

#include "ps_cluster_quality.h"
#include "ps_value.h"

/* What decides, as choices of an option; the first is the default. */
#define PS_CRITERIA "overlap silhouette calinski_harabasz davies_bouldin gap"

/* Groupings of the same points, in the order of their number of groups. */
typedef struct ps_candidates
{
	const ps_points *points;
	size_t		count;			/* 1 or more */
	const ps_grouping *groupings;
	const double *inertias;		/* sums of squared distances to the centers */
	const double *gaps;			/* gap statistics (Tibshirani, Walther and Hastie 2001); needed by "gap" only */
	const double *gap_errors;	/* their standard errors */
	size_t		k_max;			/* the option, where the last candidate may be below it; 0: there is none */
} ps_candidates;

/* Read the options k_min and k_max, as completed; k_min must not be above k_max. */
extern ps_status ps_candidates_range(const ps_value *options, size_t *k_min, size_t *k_max, ps_error *error);

/*
 * Judge the candidates by each measure, write them to parameters as the list
 * "candidates", note in words why one is chosen and whether there are groups
 * at all, and set *chosen to its number among them.  The silhouette is that of
 * every second (third ...) point where there are more than 2,048, so their
 * order must have nothing to do with where they are.
 */
extern ps_status ps_candidates_choose(const ps_env *env, const ps_candidates *candidates, const char *criterion,
									  ps_value *parameters, ps_value *notes, size_t *chosen, ps_error *error);

#endif							/* PS_CLUSTER_CHOICE_H */
