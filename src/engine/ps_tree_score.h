/*-------------------------------------------------------------------------
 *
 * ps_tree_score.h
 *	  Trees in a model: their parameters, and adding them up for one row.
 *
 * Kept as vectors in an object:
 *
 *	nodes		of each node 0 for a leaf, otherwise the number of the input
 *				among the columns (ps_bins.h), from 1, that it splits.  Tree after tree; in a tree the root
 *				first and then, in this order, the two children (left, right)
 *				of each split that came before: no node says where its children
 *				are, so no tree can be malformed but by its end.
 *	cuts		of each split of a number, the number of the edge up to which
 *				values go left; one past the last edge when only NULLs go right
 *	null_left	of each split, 1 when NULL goes left
 *	sets		of each split of a text, (levels + 8) / 8 bytes: bit i % 8 of
 *				byte i / 8 is 1 when level i goes left, the last for other texts;
 *				of a calendar part, the same of its values
 *	values		of each leaf, what is added
 *	rows		of each leaf, the rows it was fitted to, for ps_tree_shap.h
 *
 * Splits, splits of a text and leaves are in the order of their nodes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_TREE_SCORE_H
#define PS_TREE_SCORE_H

#include "ps_bins.h"
#include "ps_tree_grow.h"

typedef struct ps_score_node
{
	uint32_t	left;			/* index of the left child, the right one is the next; of a leaf, its own */
	uint32_t	cut_and_slot;	/* cut << 24 | slot */
} ps_score_node;

typedef struct ps_score_tree
{
	uint32_t	root;			/* index of a node */
	uint32_t	depth;			/* most steps to a leaf */
} ps_score_tree;

/* Where an input that trees split on has its slots, which ps_tree_score.c describes. */
typedef struct ps_score_input
{
	const ps_bin_input *input;
	size_t		number;			/* of the model's input: its cell, and whose contribution it is */
	size_t		slot;			/* the first */
	size_t		splits;			/* of a text */
	size_t		loaded;			/* of them */
	uint8_t    *goes_right;		/* of a text: (codes + 1) rows of splits bytes, the last for NULL */
} ps_score_input;

typedef struct ps_leaf_masks ps_leaf_masks;

#define PS_SCORE_GROUP 12		/* trees that go down together */
#define PS_SCORE_MASKS_AFTER 2000	/* rows whose scores take as long as making the masks */

/* Trees ready to score and to explain. */
typedef struct ps_ensemble
{
	size_t		ninputs;		/* that trees split on */
	ps_score_input *inputs;
	size_t		slots;			/* with slot 0, which is 0 */
	size_t		count;			/* of trees; those without splits fill up the last group */
	ps_score_tree *trees;		/* by depth */
	ps_score_node *nodes;
	double	   *values;			/* of each leaf; of each split, the mean over the rows below it */
	double	   *left_shares;	/* of each split, the share of its rows that went left */
	uint32_t   *numbers;		/* of each split, the number of the model's input, from 0 */
	ps_env		env;			/* that lives as long */
	size_t		scored;			/* rows until now */
	ps_leaf_masks *masks;		/* the faster way for many rows (ps_leaf_masks.h), or NULL */
} ps_ensemble;

/*
 * Set the share and the mean of a split whose children, left and the next, are
 * known, from the rows below them.  Without any row a split halves.
 */
static inline void
ps_ensemble_split(ps_ensemble *ensemble, size_t split, size_t left, double rows_left, double rows_right)
{
	double		share = rows_left + rows_right > 0 ? rows_left / (rows_left + rows_right) : 0.5;

	ensemble->left_shares[split] = share;
	ensemble->values[split] = share * ensemble->values[left] + (1 - share) * ensemble->values[left + 1];
}

/* True when a row as slots goes right at a split. */
static inline bool
ps_score_right(const ps_score_node *node, const uint8_t *slots)
{
	return node->cut_and_slot < (uint32_t) slots[node->cut_and_slot & 0xffffff] << 24;
}

/* Write trees grown on the matrix into an object. */
extern ps_status ps_ensemble_save(const ps_env *env, const ps_grown_tree *trees, size_t count, const ps_bins *bins,
								  const ps_bin_matrix *matrix, ps_value *object, ps_error *error);

/* Validate untrusted trees and prepare them; bins must live as long. */
extern ps_status ps_ensemble_load(const ps_env *env, const ps_value *object, const ps_bins *bins,
								  ps_ensemble **out, ps_error *error);

/* Turn a row into slots. */
extern ps_status ps_ensemble_slots(const ps_ensemble *ensemble, const ps_cell *cells, uint8_t *slots, ps_error *error);

/*
 * Add up the trees for one row.  env for scratch memory, which only very many
 * splits of texts need.  Whether masks have been made by now changes no bit.
 */
extern ps_status ps_ensemble_sum(const ps_env *env, ps_ensemble *ensemble, const ps_cell *cells, double *sum,
								 ps_error *error);

#endif							/* PS_TREE_SCORE_H */
