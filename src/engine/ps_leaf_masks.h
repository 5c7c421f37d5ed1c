/*-------------------------------------------------------------------------
 *
 * ps_leaf_masks.h
 *	  The leaves that a row comes to in all trees at once, by intersection.
 *
 * For each input and each code that it can have, a table holds the set of
 * leaves, of every tree, that such a code does not rule out: a bit for each
 * leaf.  The sets of a row's codes have one leaf of each tree in common, the
 * one it comes to: nothing waits for the step before, as it does on the way
 * down a tree, and rows are read from memory in order.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_LEAF_MASKS_H
#define PS_LEAF_MASKS_H

#include "ps_tree_score.h"

/*
 * Make the table of an ensemble; *out receives NULL where going down is
 * better: large trees, many inputs, a table beyond the cache.
 */
extern ps_status ps_leaf_masks_create(const ps_env *env, const ps_ensemble *ensemble, ps_leaf_masks **out,
									  ps_error *error);

/* Add up the trees for one row, in the order of ps_ensemble_sum(). */
extern ps_status ps_leaf_masks_sum(const ps_leaf_masks *masks, const ps_cell *cells, double *sum, ps_error *error);

#endif							/* PS_LEAF_MASKS_H */
