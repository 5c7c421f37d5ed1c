/*-------------------------------------------------------------------------
 *
 * ps_logistic.c
 *	  The method logistic: logistic regression.
 *
 * Maximises the sum of weight log P(target), less the penalties
 * (ps_linear_fit.h).
 *
 * With class_weight "balanced" the rows of both classes weigh the same in
 * total, so that the base rate is 1/2 in the fit; the intercept then gets the
 * log-odds of the true base rate back (prior correction: King and Zeng 2001,
 * equation 7).  The inverse curvature is then no covariance, so there are no
 * standard errors.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_evaluate.h"
#include "ps_learners.h"
#include "ps_linear_fit.h"

#define AT_MEANS "log_odds_at_means"
#define LOG_ODDS_LIMIT 36.0		/* keeps 1 / (1 + exp(-x)) different from 0 and 1 */

/* Learn; the caller has seen to it that the target is 0 and 1 and has both. */
static ps_status
logistic_learn(const ps_env *env, const ps_frame *frame, const ps_value *options,
			   ps_value *parameters, ps_value *notes, ps_error *error)
{
	bool		balanced = strcmp(ps_value_text_or(options, "class_weight", "none"), "balanced") == 0;
	ps_inference inference = {.degrees = INFINITY,.ratio = "odds_ratio"};
	ps_linear_fit fit;
	double		base_rate;

	PS_TRY(ps_linear_fit_begin(env, frame, options, ps_kernels_best()->newton_tile, false, 0, &fit, notes, error));
	base_rate = fit.target_mean;
	fit.start = log(base_rate / (1 - base_rate));
	if (balanced)
	{
		fit.class_weights[0] = 0.5 / (1 - base_rate);
		fit.class_weights[1] = 0.5 / base_rate;
		fit.correction = fit.start;
		fit.start = 0;
	}
	PS_TRY(ps_linear_fit_run(&fit, notes, error));
	inference.none = fit.no_inference == NULL && balanced ? "class_weight is balanced" : fit.no_inference;

	PS_TRY(ps_value_set_text(env, parameters, "status", fit.status, error));
	PS_TRY(ps_value_set_number(env, parameters, "iterations", fit.iterations, error));
	PS_TRY(ps_value_set_number(env, parameters, "log_likelihood", fit.value, error));
	PS_TRY(ps_value_set_number(env, parameters, "l1", fit.l1, error));
	PS_TRY(ps_value_set_number(env, parameters, "l2", fit.l2, error));
	if (balanced)
		PS_TRY(ps_value_set_text(env, parameters, "class_weight", "balanced", error));
	return ps_linear_fit_save(&fit, AT_MEANS, 1, &inference, parameters, error);
}

static ps_status
logistic_load(const ps_env *env, const ps_value *parameters, const ps_input *inputs, size_t ninputs,
			  void **state, ps_error *error)
{
	return ps_linear_model_load(env, parameters, inputs, ninputs, AT_MEANS, state, error);
}

/* Strictly between 0 and 1. */
static double
bounded_probability(double log_odds)
{
	log_odds = log_odds < -LOG_ODDS_LIMIT ? -LOG_ODDS_LIMIT : log_odds > LOG_ODDS_LIMIT ? LOG_ODDS_LIMIT : log_odds;
	return 1 / (1 + exp(-log_odds));
}

/* P(target).  A horizon says nothing to a classifier. */
static ps_status
logistic_answer(const ps_env *env, const void *state, ps_question question, const ps_cell *cells,
				const ps_request *request, ps_answer *answer, ps_error *error)
{
	double		log_odds;

	(void) env;
	(void) question;
	(void) request;
	PS_TRY(ps_linear_model_predict(state, cells, &log_odds, error));
	answer->null = false;
	answer->number = bounded_probability(log_odds);
	return PS_OK;
}

static bool
logistic_answer_numbers(const void *state, ps_question question, const ps_numbers *row, const ps_request *request,
						double *answer)
{
	double		log_odds;

	(void) question;
	(void) request;
	if (!ps_linear_model_predict_numbers(state, row, &log_odds))
		return false;
	*answer = bounded_probability(log_odds);
	return true;
}

static ps_status
logistic_evaluate(const ps_env *env, const void *state, const ps_frame *frame,
				  ps_value *metrics, double *loss, ps_error *error)
{
	return ps_evaluate_classifier(env, logistic_answer, state, frame, metrics, loss, error);
}

static const ps_option logistic_options[] = {
	PS_LINEAR_PENALTIES,
	{"iterations", PS_OPTION_INTEGER, 50, 1, 1000, NULL, "Passes over the rows at most."},
	{"class_weight", PS_OPTION_TEXT, NAN, 0, 0, "none balanced",
	"With balanced, both classes weigh the same in the fit; probabilities keep to the base rate."},
	{0}
};

const ps_learner ps_learner_logistic = {
	.name = "logistic",
	.kind = "classifier",
	.needs_target = true,
	.answers = 1u << PS_ASK_SCORE | 1u << PS_ASK_PROBABILITY | 1u << PS_ASK_CHURN,
	.comparison = PS_COMPARE_KIND,
	.automatic = PS_AUTOMATIC_TARGET,
	.options = logistic_options,
	.choose = ps_choose_features,
	.fit = logistic_learn,
	.load = logistic_load,
	.answer = logistic_answer,
	.takes_numbers = ps_linear_model_takes_numbers,
	.answer_numbers = logistic_answer_numbers,
	.evaluate = logistic_evaluate,
	.explain = ps_linear_model_explain
};
