/*-------------------------------------------------------------------------
 *
 * ps_bg_nbd.c
 *	  The method bg_nbd: purchases and silent drop-out by the BG/NBD model.
 *
 * See ps_beta_geometric.c for the law and ps_purchase_learner.h for what it
 * answers.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_learners.h"
#include "ps_purchase_learner.h"

PS_PURCHASE_LEARNER(bg_nbd, ps_covariates_purchase_options);
