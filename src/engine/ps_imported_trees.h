/*-------------------------------------------------------------------------
 *
 * ps_imported_trees.h
 *	  Trees that another program has grown: their parameters in a model.
 *
 *	format		the program, and objective its word for what was minimised:
 *				to be read by people
 *	kind		"classifier", "regression" or "quantile", with its alpha
 *	link		"identity", "logistic" or "exponential"
 *	base, unit	the prediction is link(base + unit F), F the sum of the trees
 *	single		true: F is added to the base and the prediction rounded in
 *				numbers of single precision, tree after tree, as that program
 *				does: what it loses to rounding can be more than 1e-6
 *	columns		of each input {"column": name}, and
 *		"categorical": true		splits compare codes with sets
 *		"levels": [texts]		the codes are the places of these from 0; those
 *				of a number are its shortest texts.  Without them a number is
 *				a code itself once its fraction is cut off.
 *		"zero_is_null": true	of a number that is 0 or within 1e-35 of it
 *	trees		how many, and as vectors
 *	nodes		of each node 0 for a leaf, otherwise the number of the input,
 *				from 1, that it splits; ordered as in ps_tree_score.h, so that
 *				no tree can be malformed but by its end
 *	thresholds	of each split of a number, up to which it goes left
 *	sets		of each categorical split, how many codes go left, and these
 *				ascending
 *	null_left	of each split, 1 when NULL and what is none of the levels goes left
 *	values		of each leaf, what is added
 *	rows		of each leaf, a whole number: how it weighs against the others
 *				of its tree when contributions are explained
 *
 * The thresholds stay as they are: the codes of one byte of ps_bins.h would
 * not tell them apart.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_IMPORTED_TREES_H
#define PS_IMPORTED_TREES_H

#define PS_IMPORTED_TREES 100000	/* at most */
#define PS_IMPORTED_NODES 16777216	/* of all trees */
#define PS_IMPORTED_DEEPEST 512	/* splits from the root to a leaf */
#define PS_IMPORTED_CODE 2147483647	/* the largest */
#define PS_IMPORTED_ROWS UINT32_MAX	/* of a leaf at most */
#define PS_IMPORTED_LEVELS 1000000	/* of an input */
#define PS_IMPORTED_LARGEST 1e300	/* value of a leaf */
#define PS_IMPORTED_ZERO ((double) 1e-35f)	/* what is not farther from 0 than this is 0 to LightGBM */

#endif							/* PS_IMPORTED_TREES_H */
