/*-------------------------------------------------------------------------
 *
 * ps_linkage.h
 *	  Hierarchical clustering of weighted points: the tree of their merges, and
 *	  the groups that a cut through it leaves.
 *
 * Nodes are numbered as in SciPy: 0 to count - 1 are the points, count + i is
 * what merge i makes; merges are in the order of their heights.  Which of
 * equally high merges comes first depends on the order of the points alone.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_LINKAGE_H
#define PS_LINKAGE_H

#include "ps_cluster_quality.h"

typedef enum ps_linkage
{
	PS_LINKAGE_WARD,			/* least growth of the squared distances to the centers (Ward 1963) */
	PS_LINKAGE_AVERAGE			/* least mean distance between the points (Sokal and Michener 1958) */
} ps_linkage;

/* Two nodes that become one. */
typedef struct ps_merge
{
	size_t		left;			/* the smaller number */
	size_t		right;
	double		height;
	double		weight;			/* of all points below */
} ps_merge;

/*
 * Find merges[points->count - 1] of one or more points.  The height of a merge
 * is, for groups of weights v and w, sqrt(2 v w / (v + w)) times the distance
 * of their centers by Ward's linkage, which is the distance for single points
 * and the mean distance of their points by average linkage.  Takes memory for
 * count^2 / 2 numbers and time in the order of count^2 times the width.
 */
extern ps_status ps_linkage_merge(const ps_env *env, ps_linkage linkage, const ps_points *points, ps_merge *merges,
								  ps_error *error);

/*
 * Undo the last k - 1 of the merges of count points, 1 <= k <= count:
 * labels[2 count - 1] receives the group of each node, from 0, or -1 of those
 * undone, and roots[k] the node that each group is.
 */
extern void ps_linkage_cut(const ps_merge *merges, size_t count, size_t k, int32_t *labels, size_t *roots);

#endif							/* PS_LINKAGE_H */
