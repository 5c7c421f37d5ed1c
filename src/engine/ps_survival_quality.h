/*-------------------------------------------------------------------------
 *
 * ps_survival_quality.h
 *	  Quality of a model of contracts on rows it has not seen.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_SURVIVAL_QUALITY_H
#define PS_SURVIVAL_QUALITY_H

#include "ps_survival.h"

/*
 * ps_learner.evaluate of methods whose state starts with a ps_survival_model.  Adds to metrics:
 *
 *	  contracts, ended		weights of the rows judged: those with a known
 *							duration, observed from the start, and a curve
 *	  concordance			of the pairs of which is known which contract ended
 *							first, the share in which the model expects just
 *							that, ties counting half (Harrell 1982); null
 *							without such pairs
 *	  integrated_brier		mean squared distance of predicted survival from what
 *							happened, weighted by the inverse probability of
 *							being observed as long and averaged over time up to
 *							"judged_up_to" (Graf and others 1999)
 *
 * The loss is integrated_brier.
 */
extern ps_status ps_survival_evaluate(const ps_env *env, const void *state, const ps_frame *frame, ps_value *metrics,
									  double *loss, ps_error *error);

#endif							/* PS_SURVIVAL_QUALITY_H */
