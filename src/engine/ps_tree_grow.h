/*-------------------------------------------------------------------------
 *
 * ps_tree_grow.h
 *	  Growing one tree, the best leaf first.
 *
 * Gradients are added up in histograms over the codes of each column; of two
 * new leaves only the smaller is counted, the other is the difference from
 * their parent.  All sums are integers, so a tree depends on the set of rows
 * and not on their order.  With g and h the sums of a leaf, its value is
 * v = -g / (h + l2), kept within its bounds, which lowers the loss by
 * -v (g + v (h + l2) / 2); a split gains what its leaves gain more than their
 * parent.
 *
 * number	splits are between neighbouring codes; NULLs are tried on both
 *			sides, and where a node has none they go with the larger curvature.
 * text		levels are put in the order of their own values, drawn towards
 *			that of the node as by PRIOR_ROWS further rows of it, and split
 *			there (Fisher 1958); NULL is one of them.  FEW_LEVELS or fewer are
 *			split from the others: halves of hundreds of levels, put in order
 *			by the very rows that are then fitted, fit noise.  What a node has
 *			not seen is average: it goes to the side where the node's own
 *			value would be nearer.
 *
 * A monotone column is only split so that values on the right are not below
 * (above) those on the left, and all leaves that follow stay on their side of
 * the mean of the two.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_TREE_GROW_H
#define PS_TREE_GROW_H

#include "ps_bins.h"
#include "ps_gradients.h"

#define PS_TREE_DEEPEST 64		/* splits from the root to a leaf */
#define PS_TREE_LEAVES 4096

/* A node; the children of a split are next to each other, after it. */
typedef struct ps_tree_node
{
	uint32_t	left;			/* index of the left child, 0 for a leaf */
	uint32_t	column;			/* of the matrix */
	uint8_t		cut;			/* last code that goes left, for numbers */
	uint64_t	goes_left[4];	/* one bit for each code */
	double		gain;
	double		value;			/* of a leaf, and its bounds */
	double		lower;
	double		upper;
	size_t		start;			/* of a leaf: its rows in the index */
	size_t		count;
} ps_tree_node;

typedef struct ps_grown_tree
{
	size_t		count;
	ps_tree_node *nodes;
} ps_grown_tree;

/* What a tree must keep to. */
typedef struct ps_grow_rules
{
	size_t		leaves;			/* at most, 2 or more */
	double		min_rows;		/* of a leaf, estimated by its share of curvature */
	double		min_curvature;	/* of a leaf */
	double		l2;
	double		column_share;	/* of the columns that a tree may split on */
	const int8_t *directions;	/* of each column: 1 increasing, -1 decreasing, 0 neither */
	const uint64_t *column_hashes;
} ps_grow_rules;

typedef struct ps_grower ps_grower;

/* Prepare to grow trees on the rows of a matrix; bins say which columns are texts. */
extern ps_status ps_grower_create(const ps_env *env, const ps_bins *bins, const ps_bin_matrix *matrix,
								  const ps_grow_rules *rules, ps_grower **out, ps_error *error);

/* Give back what a grower takes for each row and leaf. */
extern void ps_grower_release(ps_grower *grower);

/*
 * Grow a tree on the rows index[count], which are put in the order of its
 * leaves.  tree is its number, for the choice of columns.  A tree without any
 * split has one leaf of value 0.
 */
extern ps_status ps_tree_grow(ps_grower *grower, const ps_gradients *gradients, uint32_t *index, size_t count,
							  uint64_t tree, ps_grown_tree *out, ps_error *error);

/* Find the leaf of a row given as codes. */
static inline const ps_tree_node *
ps_tree_leaf(const ps_grown_tree *tree, const uint8_t *codes)
{
	const ps_tree_node *node = tree->nodes;

	while (node->left != 0)
	{
		uint8_t		code = codes[node->column];

		node = tree->nodes + node->left + (~node->goes_left[code >> 6] >> (code & 63) & 1);
	}
	return node;
}

#endif							/* PS_TREE_GROW_H */
