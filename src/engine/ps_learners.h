/*-------------------------------------------------------------------------
 *
 * ps_learners.h
 *	  The methods there are.
 *
 * Adding a method is one row here; ps_learner_NAME is defined in ps_NAME.c.
 * Of methods that "auto" may choose, simpler ones come first.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_LEARNERS_H
#define PS_LEARNERS_H

#include "ps_learner.h"

#define PS_LEARNERS(row) \
	row(logistic) \
	row(linear) \
	row(boosted_trees) \
	row(bg_nbd) \
	row(mbg_nbd) \
	row(pareto_nbd) \
	row(bg_bb) \
	row(gamma_gamma) \
	row(clv) \
	row(kaplan_meier) \
	row(cox) \
	row(weibull_aft) \
	row(discrete_hazard) \
	row(shifted_beta_geometric) \
	row(kmeans) \
	row(gaussian_mixture) \
	row(hierarchical) \
	row(imported_trees)

#define PS_DECLARE_LEARNER(name) extern const ps_learner ps_learner_##name;
PS_LEARNERS(PS_DECLARE_LEARNER)

#endif							/* PS_LEARNERS_H */
