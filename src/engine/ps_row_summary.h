/*-------------------------------------------------------------------------
 *
 * ps_row_summary.h
 *	  Many rows in few points, for methods that look at all pairs.
 *
 * Up to PS_SUMMARY_EXACT different rows are all kept: the distances of all
 * their pairs then take 16 MB.  More are divided among PS_SUMMARY_POINTS
 * points, micro-clusters as BIRCH has them (Zhang, Ramakrishnan and Livny
 * 1996); but those depend on the order of the rows, and these do not, to the
 * last bit: the points come from k-means on a sample (ps_cluster_rows.h), and
 * a row belongs to the one nearest to it.  This takes one pass over the rows
 * that computes 1,024 distances for each, about the time of 45 passes of
 * k-means with k = 8; twice the points would take twice that, also for every
 * row to be scored.  A point counts as many rows as it has, so that
 * dense regions get no more weight than their rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_ROW_SUMMARY_H
#define PS_ROW_SUMMARY_H

#include "ps_cluster_rows.h"

#define PS_SUMMARY_EXACT 2048
#define PS_SUMMARY_POINTS 1024
#define PS_SUMMARY_NUMBERS 1000000	/* of all points at most */

typedef struct ps_row_summary
{
	bool		exact;			/* each point is a row that is there, with its copies */
	size_t		count;			/* points */
	size_t		width;
	double	   *points;			/* count x width, representable as floats */
	double	   *means;			/* count x width: of the rows nearest to each point */
	double	   *weights;		/* and how much these weigh, above 0 */
	double		inertia;		/* sum of their squared distances to these means */
} ps_row_summary;

/*
 * Summarise rows, of which there are some.  Their labels become the numbers
 * of their points, which come in an order that only the content of the rows
 * decides.
 */
extern ps_status ps_row_summary_make(const ps_cluster_rows *rows, uint64_t seed, ps_row_summary *out, ps_error *error);

#endif							/* PS_ROW_SUMMARY_H */
