/*-------------------------------------------------------------------------
 *
 * ps_column_weights.h
 *	  Rows for clusters, in which columns that would hide groups count less.
 *
 * Scaled alike, a number that has nothing to do with the groups counts as much
 * as those that tell them apart: the cut through its middle explains more than
 * the one between two of many groups.  So groups are looked for in a sample a
 * second time, each number divided by the standard deviation that is left of
 * it within clusters: k-means makes clusters, they give the divisors, these
 * make other clusters, and so on (adaptive distances, Diday and Govaert 1977,
 * the same for all clusters).  Numbers without groups are cut less and less.
 *
 * That finds clusters of some kind in any rows.  Only gaps make them groups:
 * the weights are kept where there are more clusters with certain gaps between
 * all of them (ps_cluster_quality.h) than with equal weights.  Whole numbers, or a few prices, have gaps between their values;
 * equal values are therefore spread over the way to their neighbours first.
 *
 * The column that counts most keeps its scale, others get a larger one, so that
 * nothing is farther away than by equal weights.  Texts, yes and no, and numbers
 * of two values keep theirs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_COLUMN_WEIGHTS_H
#define PS_COLUMN_WEIGHTS_H

#include "ps_cluster_rows.h"
#include "ps_value.h"

/*
 * Fit an encoder for distances by the options of a method, weigh its columns
 * unless option "scale" is "standard", note which ones count less than half,
 * and encode all rows.
 */
extern ps_status ps_column_weights_encode(const ps_env *env, const ps_frame *frame, const ps_value *options,
										  ps_encoder **encoder, ps_cluster_rows *rows, ps_value *notes, ps_error *error);

#endif							/* PS_COLUMN_WEIGHTS_H */
