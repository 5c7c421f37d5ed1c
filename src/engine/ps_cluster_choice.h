/*-------------------------------------------------------------------------
 *
 * ps_cluster_choice.h
 *	  How many clusters: ways to group the same points into more and more
 *	  groups are judged, listed, and one of them chosen.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_CLUSTER_CHOICE_H
#define PS_CLUSTER_CHOICE_H

#include "ps_cluster_quality.h"
#include "ps_value.h"

/* What decides, as choices of an option; the first is the default. */
#define PS_CRITERIA "silhouette calinski_harabasz davies_bouldin gap"

/* Groupings of the same points, in the order of their number of groups. */
typedef struct ps_candidates
{
	const ps_points *points;
	size_t		count;			/* 1 or more */
	const ps_grouping *groupings;
	const double *inertias;		/* sums of squared distances to the centers */
	const double *gaps;			/* gap statistics; NULL unless asked for */
	const double *gap_errors;	/* and their standard errors */
} ps_candidates;

/*
 * Judge the candidates by each measure, write them to parameters as the list
 * "candidates", note in words why one is chosen, and set *chosen to its number
 * among them.
 */
extern ps_status ps_candidates_choose(const ps_env *env, const ps_candidates *candidates, const char *criterion,
									  ps_value *parameters, ps_value *notes, size_t *chosen, ps_error *error);

#endif							/* PS_CLUSTER_CHOICE_H */
