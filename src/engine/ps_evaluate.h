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

/*
 * Add rows, base_rate, roc_auc, gini, average_precision, log_loss and brier to
 * metrics, those of the order null without both classes; the loss is log_loss.
 */
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

/*
 * Say how good a metric is in words, given all metrics of the same rows:
 *
 *				  poor below	fair below	good below	excellent
 *	roc_auc		  0.6			0.7			0.8			from there on
 *	gini		  2 roc_auc - 1
 *	r_squared	  0.05			0.2			0.5			from there on
 *	silhouette	  0.25			0.5			0.7			from there on
 *
 * A classifier's are "uncertain" with fewer than PS_QUALITY_ROWS rows of
 * either class.  NULL for other metrics, and where the metric is null.
 */
#define PS_QUALITY_ROWS 30
extern const char *ps_quality_word(const ps_value *metrics, const char *metric);

#endif							/* PS_EVALUATE_H */
