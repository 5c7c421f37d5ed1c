/*-------------------------------------------------------------------------
 *
 * ps_dendrogram.h
 *	  The upper part of a tree of merges, as a table to draw it by.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_DENDROGRAM_H
#define PS_DENDROGRAM_H

#include "ps_linkage.h"
#include "ps_value.h"

/*
 * Save the last nmerges merges of count points as the member "tree": a list of
 * their nodes, 2 nmerges + 1, each an object of
 *
 *	  node			its number, its place in the list: first the branches, that
 *					is the nodes whose merges are not in the list, from left to
 *					right as they are drawn, then the merges by their heights
 *	  position		from left to right: of a branch its number, of a merge
 *					halfway between its parts
 *	  height		of the merge that made it, 0 for a point
 *	  rows			the weight below
 *	  left, right	of a merge: the numbers of its parts
 *
 * numbers[k] receive the numbers of k nodes among them, roots.  nmerges < count.
 */
extern ps_status ps_dendrogram_save(const ps_env *env, const ps_points *points, const ps_merge *merges, size_t nmerges,
									const size_t *roots, size_t k, size_t *numbers, ps_value *object,
									ps_error *error);

#endif							/* PS_DENDROGRAM_H */
