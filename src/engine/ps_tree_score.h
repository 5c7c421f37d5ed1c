/*-------------------------------------------------------------------------
 *
 * ps_tree_score.h
 *	  Trees in a model: their parameters, and adding them up for one row.
 *
 * Kept as vectors in an object:
 *
 *	nodes		of each node 0 for a leaf, otherwise the number of the input,
 *				from 1, that it splits.  Tree after tree; in a tree the root
 *				first and then, in this order, the two children (left, right)
 *				of each split that came before: no node says where its children
 *				are, so no tree can be malformed but by its end.
 *	cuts		of each split of a number, the number of the edge up to which
 *				values go left; one past the last edge when only NULLs go right
 *	null_left	of each split, 1 when NULL goes left
 *	sets		of each split of a text, (levels + 8) / 8 bytes: bit i % 8 of
 *				byte i / 8 is 1 when level i goes left, the last for other texts
 *	values		of each leaf, what is added
 *	rows		of each leaf, the rows it was fitted to
 *
 * Splits, splits of a text and leaves are in the order of their nodes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_TREE_SCORE_H
#define PS_TREE_SCORE_H

#include "ps_bins.h"
#include "ps_tree_grow.h"

typedef struct ps_ensemble ps_ensemble;

/* Write trees grown on the matrix into an object. */
extern ps_status ps_ensemble_save(const ps_env *env, const ps_grown_tree *trees, size_t count, const ps_bins *bins,
								  const ps_bin_matrix *matrix, ps_value *object, ps_error *error);

/* Validate untrusted trees and prepare them; bins must live as long. */
extern ps_status ps_ensemble_load(const ps_env *env, const ps_value *object, const ps_bins *bins,
								  ps_ensemble **out, ps_error *error);

/* Add up the trees for one row. env for scratch memory, which only very many splits of texts need. */
extern ps_status ps_ensemble_sum(const ps_env *env, const ps_ensemble *ensemble, const ps_cell *cells, double *sum,
								 ps_error *error);

#endif							/* PS_TREE_SCORE_H */
