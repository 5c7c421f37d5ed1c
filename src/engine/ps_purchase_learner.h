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

#include "ps_parameters.h"
#include "ps_purchase_answer.h"

/* Own options: the columns of behaviour; and with covariates. */
extern const ps_option ps_purchase_options[];
extern const ps_option ps_covariates_purchase_options[];

/* What a law reads of a history, as ps_history.h names it. */
extern unsigned ps_purchase_needs(const ps_purchase_law *law);

/* The functions of ps_learner, for any law. */
extern ps_status ps_purchase_choose(const ps_value *options, const ps_column *columns, size_t n,
									const ps_purchase_law *law, size_t *features, size_t *nfeatures, ps_error *error);
extern ps_status ps_purchase_fit(const ps_env *env, const ps_frame *frame, const ps_value *options,
								 const ps_purchase_law *law, ps_value *parameters, ps_value *notes, ps_error *error);
extern ps_status ps_purchase_make(const ps_env *env, const ps_value *given, const ps_value *options,
								  const ps_purchase_law *law, ps_value *parameters, ps_error *error);
extern ps_status ps_purchase_load(const ps_env *env, const ps_value *parameters, const ps_input *inputs,
								  size_t ninputs, const ps_purchase_law *law, void **state, ps_error *error);
extern ps_status ps_purchase_evaluate(const ps_env *env, const void *state, const ps_frame *frame,
									  ps_value *metrics, double *loss, ps_error *error);

/* Define the learner of a method by its law. */
#define PS_PURCHASE_LEARNER(method, option_table) \
static ps_status \
choose_##method(const ps_env *env, const ps_value *options, const ps_column *columns, size_t n, size_t *features, \
				size_t *nfeatures, ps_value *notes, ps_error *error) \
{ \
	(void) env; \
	(void) notes; \
	return ps_purchase_choose(options, columns, n, &ps_law_##method, features, nfeatures, error); \
} \
static ps_status \
fit_##method(const ps_env *env, const ps_frame *frame, const ps_value *options, ps_value *parameters, \
			 ps_value *notes, ps_error *error) \
{ \
	return ps_purchase_fit(env, frame, options, &ps_law_##method, parameters, notes, error); \
} \
static ps_status \
make_##method(const ps_env *env, const ps_value *given, const ps_value *options, ps_value *parameters, \
			  ps_error *error) \
{ \
	return ps_purchase_make(env, given, options, &ps_law_##method, parameters, error); \
} \
static ps_status \
load_##method(const ps_env *env, const ps_value *parameters, const ps_input *inputs, size_t ninputs, void **state, \
			  ps_error *error) \
{ \
	return ps_purchase_load(env, parameters, inputs, ninputs, &ps_law_##method, state, error); \
} \
const ps_learner ps_learner_##method = { \
	.name = #method, \
	.kind = "purchase", \
	.needs_target = false, \
	.answers = PS_PURCHASE_ANSWERS, \
	.options = option_table, \
	.choose = choose_##method, \
	.fit = fit_##method, \
	.make = make_##method, \
	.load = load_##method, \
	.answer = ps_purchase_answer, \
	.takes_numbers = ps_purchase_takes_numbers, \
	.answer_numbers = ps_purchase_answer_numbers, \
	.evaluate = ps_purchase_evaluate \
}

/* Parts of them, for clv. */

/* Learn from the rows that reader reads, and store the parameters. */
extern ps_status ps_purchase_fit_rows(const ps_env *env, const ps_history_reader *reader, const ps_frame *frame,
									  const ps_value *options, const ps_purchase_law *law, ps_value *parameters,
									  ps_value *notes, ps_error *error);

/* Validate parameters and fill the state for inputs, of which needs are read; other is a member the caller validates, or NULL. */
extern ps_status ps_purchase_load_model(const ps_env *env, const ps_value *parameters, const ps_input *inputs,
										size_t ninputs, const ps_purchase_law *law, unsigned needs, const char *other,
										ps_purchase_state *state, ps_error *error);

/* Find the model with the parameters of a row of a frame; cells is room for the row. */
extern ps_status ps_purchase_model_of_row(const ps_purchase_state *state, const ps_frame *frame, size_t row,
										  ps_cell *cells, ps_purchase *out, ps_error *error);

/* Fill customers, log_likelihood and mean, and the loss, from weighted sums. */
extern ps_status ps_purchase_metrics(const ps_env *env, double customers, double log_likelihood,
									 ps_value *metrics, double *loss, ps_error *error);

#endif							/* PS_PURCHASE_LEARNER_H */
