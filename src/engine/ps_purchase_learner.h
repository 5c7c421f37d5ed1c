/*-------------------------------------------------------------------------
 *
 * ps_purchase_learner.h
 *	  What the methods built on a purchase model share as learners.
 *
 * The main number of a purchase model, PS_ASK_SCORE, is P(alive) at the
 * moment judged, the same as PS_ASK_ALIVE without a horizon.  A row whose
 * history is NULL is left out in learning and answered with null.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_PURCHASE_LEARNER_H
#define PS_PURCHASE_LEARNER_H

#include "ps_history.h"
#include "ps_parameters.h"
#include "ps_purchase.h"

#define PS_PURCHASE_ANSWERS \
	((1u << PS_ASK_SCORE) | (1u << PS_ASK_ALIVE) | (1u << PS_ASK_PURCHASES) | (1u << PS_ASK_CHURN))

/* A purchase model ready to answer. */
typedef struct ps_purchase_state
{
	ps_purchase model;
	double		unit;			/* days in its time unit */
	ps_history_reader reader;
} ps_purchase_state;

/* Own options: the columns of behaviour. */
extern const ps_option ps_purchase_options[];

/* The functions of ps_learner, for either model. */
extern ps_status ps_purchase_choose(const ps_env *env, const ps_value *options, const ps_column *columns, size_t n,
									size_t *features, size_t *nfeatures, ps_value *notes, ps_error *error);
extern ps_status ps_purchase_fit(const ps_env *env, const ps_frame *frame, const ps_value *options, bool early,
								 ps_value *parameters, ps_value *notes, ps_error *error);
extern ps_status ps_purchase_make(const ps_env *env, const ps_value *given, const ps_value *options,
								  ps_value *parameters, ps_error *error);
extern ps_status ps_purchase_load(const ps_env *env, const ps_value *parameters, const ps_input *inputs,
								  size_t ninputs, bool early, void **state, ps_error *error);
extern ps_status ps_purchase_answer(const ps_env *env, const void *state, ps_question question, const ps_cell *cells,
									const ps_request *request, ps_answer *answer, ps_error *error);
extern ps_status ps_purchase_evaluate(const ps_env *env, const void *state, const ps_frame *frame,
									  ps_value *metrics, double *loss, ps_error *error);

/* Parts of them, for clv. */

/* Learn from the rows that reader reads, and store the parameters. */
extern ps_status ps_purchase_fit_rows(const ps_env *env, const ps_history_reader *reader, const ps_frame *frame,
									  bool early, ps_value *parameters, ps_value *notes, ps_error *error);

/* Validate parameters and fill model and unit of the state; others as in ps_parameters_load. */
extern ps_status ps_purchase_load_model(const ps_value *parameters, bool early, const char *other,
										ps_purchase_state *state, ps_error *error);

/* Answer for a history that was read. */
extern ps_status ps_purchase_answer_history(const ps_purchase_state *state, ps_question question,
											const ps_history *history, const ps_request *request,
											ps_answer *answer, ps_error *error);

/* Fill customers, log_likelihood and mean, and the loss, from weighted sums. */
extern ps_status ps_purchase_metrics(const ps_env *env, double customers, double log_likelihood,
									 ps_value *metrics, double *loss, ps_error *error);

#endif							/* PS_PURCHASE_LEARNER_H */
