/*-------------------------------------------------------------------------
 *
 * ps_cluster_profile.h
 *	  What the rows of each cluster are like, and names made of it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_CLUSTER_PROFILE_H
#define PS_CLUSTER_PROFILE_H

#include "ps_cluster_numbers.h"
#include "ps_frame.h"

/* What stands for a level where there is no text: NULL, and the levels beyond the most frequent ones. */
#define PS_PROFILE_NULL "(null)"
#define PS_PROFILE_OTHER "(other)"

/* Levels of a text described one by one. */
#define PS_PROFILE_LEVELS 20

/*
 * One column of one cluster or, where level is not NULL, the rows with one level
 * of it: "true" of a boolean, a text, PS_PROFILE_NULL or PS_PROFILE_OTHER.  The
 * mean of a level is the share of rows that have it, the lift that share divided
 * by the overall one.  The difference is (mean - overall mean) / overall
 * standard deviation, and that of a level's share p is sqrt(p (1 - p)).  What is
 * not defined is NAN.
 */
typedef struct ps_profile_row
{
	size_t		cluster;		/* place, from 0 */
	size_t		column;
	const char *level;			/* or NULL for a number */
	double		rows;			/* with a value, or with the level */
	double		mean;
	double		median;			/* of numbers */
	double		overall_mean;
	double		overall_median;
	double		difference;
	double		lift;			/* of levels */
} ps_profile_row;

typedef struct ps_profile
{
	const ps_frame *frame;
	const ps_cluster_numbers *numbers;
	double	   *sizes;			/* rows of each cluster, by place */
	size_t		count;
	ps_profile_row *rows;		/* by number of the cluster, the largest absolute difference first */
	size_t		capacity;
	char	  **names;			/* of each cluster by place, all different; NULL where it has no rows */
} ps_profile;

/*
 * Describe a frame, whose targets are the places of the rows' clusters, from 0,
 * and whose columns are numbers, booleans, texts, moments and intervals.
 */
extern ps_status ps_profile_make(const ps_env *env, const ps_frame *frame, const ps_cluster_numbers *numbers,
								 ps_profile **out, ps_error *error);

/*
 * Name the clusters of a profile by at most three parts, strongest differences
 * first (ps_cluster_names.c).
 */
extern ps_status ps_profile_name(const ps_env *env, ps_profile *profile, ps_error *error);

#endif							/* PS_CLUSTER_PROFILE_H */
