/*-------------------------------------------------------------------------
 *
 * ps_boost.h
 *	  Gradient boosting: trees one after another, each fitted to the gradients
 *	  of the loss at the sum of those before it (Friedman 2001, with the second
 *	  order step of Chen and Guestrin 2016).
 *
 * With early stopping, the number of trees is the one with the least loss on
 * rows held out.  Of many rows, one in HELD_OUT is held out; where rows are
 * few, a part so small says little, so every row is held out once, in FOLDS
 * fits, and the model is a fit to all rows with the mean of their numbers of
 * trees.
 *
 * Which rows are held out depends on their group hashes alone; which are in the
 * sample for a tree, and how gradients are rounded, on their hashes (ps_row_hash.h).
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_BOOST_H
#define PS_BOOST_H

#include "ps_loss.h"
#include "ps_tree_grow.h"

typedef struct ps_boost_rules
{
	ps_grow_rules grow;
	size_t		trees;			/* at most */
	double		learning_rate;
	double		row_share;		/* of the rows that a tree is grown on */
	bool		early_stopping;
} ps_boost_rules;

typedef struct ps_boosted
{
	size_t		count;
	ps_grown_tree *trees;		/* with values as they are added to F */
	double		held_out_loss;	/* mean, at this number of trees; NAN when nothing was held out */
} ps_boosted;

/* Fit trees to a frame whose codes are in the matrix.  Only early stopping needs group_hashes. */
extern ps_status ps_boost_fit(const ps_env *env, const ps_frame *frame, const ps_bins *bins,
							  const ps_bin_matrix *matrix, const uint64_t *hashes, const uint64_t *group_hashes,
							  const ps_loss *loss, const ps_boost_rules *rules, ps_boosted *out, ps_error *error);

#endif							/* PS_BOOST_H */
