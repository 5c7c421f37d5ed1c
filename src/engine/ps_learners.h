/*-------------------------------------------------------------------------
 *
 * ps_learners.h
 *	  The learners, each defined in the file of its name.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_LEARNERS_H
#define PS_LEARNERS_H

#include "ps_learner.h"

extern const ps_learner ps_learner_logistic;
extern const ps_learner ps_learner_bg_nbd;
extern const ps_learner ps_learner_mbg_nbd;
extern const ps_learner ps_learner_gamma_gamma;
extern const ps_learner ps_learner_clv;
extern const ps_learner ps_learner_kmeans;

#endif							/* PS_LEARNERS_H */
