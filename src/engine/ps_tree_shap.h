/*-------------------------------------------------------------------------
 *
 * ps_tree_shap.h
 *	  What each input of a row adds to the sum of trees: Shapley values.
 *
 * The game: where only the inputs of a set are known, the trees give the mean
 * over the leaves that can still be reached, each split of an unknown input
 * being followed both ways by the shares of its training rows (the path
 * dependent values of Lundberg, Erion and Lee 2018).  An input gets what it
 * adds to that mean, averaged over all orders in which inputs become known.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_TREE_SHAP_H
#define PS_TREE_SHAP_H

#include "ps_tree_score.h"

/*
 * Add the Shapley values of a row's inputs to contributions and the mean over
 * the rows of the leaves to *mean: together they are the sum of the trees.
 */
extern ps_status ps_ensemble_shap(const ps_env *env, const ps_ensemble *ensemble, const ps_cell *cells, double *mean,
								  double *contributions, ps_error *error);

/* The same for a row as slots. */
extern ps_status ps_ensemble_shap_slots(const ps_env *env, const ps_ensemble *ensemble, const uint8_t *slots,
										double *mean, double *contributions, ps_error *error);

#endif							/* PS_TREE_SHAP_H */
