/*-------------------------------------------------------------------------
 *
 * ps_cluster_quality.h
 *	  How good groups of points are, judged by the points alone.
 *
 * The measures are those of the literature, by Euclidean distance.  A weight
 * counts a point as that many points at the same place, so that summaries of
 * rows can be judged as the rows would be.  Sums are compensated, so that the
 * order of the points moves the last bits only.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_CLUSTER_QUALITY_H
#define PS_CLUSTER_QUALITY_H

#include "ps_env.h"

/* Points to be judged. */
typedef struct ps_points
{
	size_t		count;
	size_t		width;
	const double *values;		/* count x width, finite */
	const double *weights;		/* above 0; NULL: 1 each */
} ps_points;

/* One way to divide points into groups. */
typedef struct ps_grouping
{
	size_t		k;
	const int32_t *labels;		/* of each point: 0 .. k - 1; a group may be empty */
} ps_grouping;

/*
 * The mean silhouette (Rousseeuw 1987) of each of several ways to group the
 * same points, whose distances are computed only once: of a point (b - a) /
 * max(a, b), where a is its mean distance to the other points of its group and
 * b the least mean distance to those of another one; 0 for a point alone.
 * From -1 to 1; NAN with fewer than two groups.  All pairs of points are
 * looked at.
 */
extern ps_status ps_silhouettes(const ps_env *env, const ps_points *points, const ps_grouping *groupings,
								size_t ngroupings, double *values, ps_error *error);

/*
 * The variance between groups over that within them (Calinski and Harabasz
 * 1974), each over its degrees of freedom: the more the better.  NAN with fewer
 * than two groups, no more points than groups, or nothing within them.
 */
extern ps_status ps_calinski_harabasz(const ps_env *env, const ps_points *points, const ps_grouping *grouping,
									  double *value, ps_error *error);

/*
 * The mean over groups of how much each overlaps with the one it overlaps most
 * (Davies and Bouldin 1979): the sum of their mean distances to their centers
 * over the distance of the centers; the less the better.  NAN with fewer than
 * two groups, or where two have the same center.
 */
extern ps_status ps_davies_bouldin(const ps_env *env, const ps_points *points, const ps_grouping *grouping,
								   double *value, ps_error *error);

#define PS_OVERLAP_APART 0.5	/* groups that overlap less have a gap in between */

/* How far the two groups that are least apart run into each other. */
typedef struct ps_overlap
{
	double		ratio;			/* NAN with fewer than two groups */
	double		limit;			/* what the ratio may be by chance, one time in forty */
} ps_overlap;

/*
 * Along the line through the centers of two groups: how many of their points
 * are within the third halfway between the centers, over how many are within
 * as much around one of the centers, the lesser of both.  A group cut in two
 * gives 1 or more, groups with a gap in between less.  The overlap is the
 * largest ratio of any two groups.  Its limit takes the former number at the
 * end of its range of chance (Poisson's, by the normal distribution), so that
 * a few points make no gap.
 */
extern ps_status ps_overlap_of(const ps_env *env, const ps_points *points, const ps_grouping *grouping,
							   ps_overlap *overlap, ps_error *error);

#endif							/* PS_CLUSTER_QUALITY_H */
