/*-------------------------------------------------------------------------
 *
 * ps_evaluate.h
 *	  Quality of a model that predicts a target, for ps_learner.evaluate.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_EVALUATE_H
#define PS_EVALUATE_H

#include "ps_learner.h"

/* ps_learner.answer */
typedef ps_status (*ps_answer_function) (const ps_env *env, const void *state, ps_question question,
										 const ps_cell *cells, const ps_request *request, ps_answer *answer,
										 ps_error *error);

/* Add rows, base_rate, roc_auc, log_loss and brier to metrics; the loss is log_loss. */
extern ps_status ps_evaluate_classifier(const ps_env *env, ps_answer_function ask, const void *state,
										const ps_frame *frame, ps_value *metrics, double *loss, ps_error *error);

/*
 * Add rows, mean_target, rmse, mae and r_squared (null where targets do not
 * vary) to metrics; the loss is the mean squared error.  With alpha, which is
 * NAN otherwise, the predictions are alpha quantiles: rows, quantile_loss and
 * share_below (of targets not above their prediction); the loss is
 * quantile_loss.
 */
extern ps_status ps_evaluate_regression(const ps_env *env, ps_answer_function ask, const void *state,
										const ps_frame *frame, double alpha, ps_value *metrics, double *loss,
										ps_error *error);

#endif							/* PS_EVALUATE_H */
