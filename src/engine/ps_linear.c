/*-------------------------------------------------------------------------
 *
 * ps_linear.c
 *	  The method linear: least squares.
 *
 * The target is shifted and scaled to mean 0 and standard deviation 1 for the
 * fit, so that nothing depends on its unit; a penalty p is one on coefficients
 * in the target's unit, for half the sum of squares:
 *		sum of weight (y - x'beta)^2 / 2 + p sum of ((1 - l1_ratio) beta_j^2 / 2 + l1_ratio |beta_j|)
 *
 * A row of weight 2 counts as two rows, in the degrees of freedom too.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "ps_evaluate.h"
#include "ps_learners.h"
#include "ps_linear_fit.h"

#define AT_MEANS "value_at_means"

/* Write how well the rows are fitted. */
static ps_status
save_quality(const ps_linear_fit *fit, double squares, double degrees, ps_value *parameters, ps_error *error)
{
	const ps_env *env = fit->env;
	double		unexplained = fit->target_deviation > 0 ? squares / fit->weight_sum : (double) NAN;

	PS_TRY(ps_value_set_number(env, parameters, "r_squared", 1 - unexplained, error));
	if (fit->no_inference != NULL)
		return PS_OK;
	PS_TRY(ps_value_set_number(env, parameters, "adjusted_r_squared",
							   1 - unexplained * (fit->weight_sum - 1) / degrees, error));
	PS_TRY(ps_value_set_number(env, parameters, "residual_standard_error", fit->unit * sqrt(squares / degrees), error));
	return ps_value_set_number(env, parameters, "degrees_of_freedom", degrees, error);
}

static ps_status
linear_learn(const ps_env *env, const ps_frame *frame, const ps_value *options, ps_value *parameters,
			 ps_value *notes, ps_error *error)
{
	ps_linear_fit fit;
	ps_inference inference = {0};
	double		squares;

	PS_TRY(ps_linear_fit_begin(env, frame, options, ps_kernels_best()->squares_tile, true, 0, &fit, notes, error));
	fit.shift = fit.target_mean;
	if (fit.target_deviation > 0)
		fit.unit = fit.target_deviation;
	else
		PS_TRY(ps_note(env, notes, error, "the target is the same in all rows: so are the scores"));
	fit.l1 /= fit.unit;
	PS_TRY(ps_linear_fit_run(&fit, notes, error));

	squares = -2 * fit.value;
	inference.degrees = fit.weight_sum - (double) fit.rank;
	if (fit.no_inference == NULL && !(inference.degrees > 0))
		fit.no_inference = "the weights do not add up to more than the number of coefficients";
	inference.none = fit.no_inference;
	PS_TRY(ps_value_set_text(env, parameters, "status", fit.status, error));
	PS_TRY(save_quality(&fit, squares, inference.degrees, parameters, error));
	PS_TRY(ps_value_set_number(env, parameters, "l1", fit.l1 * fit.unit, error));
	PS_TRY(ps_value_set_number(env, parameters, "l2", fit.l2, error));
	return ps_linear_fit_save(&fit, AT_MEANS, squares / inference.degrees, &inference, parameters, error);
}

static ps_status
linear_load(const ps_env *env, const ps_value *parameters, const ps_input *inputs, size_t ninputs, void **state,
			ps_error *error)
{
	return ps_linear_model_load(env, parameters, inputs, ninputs, AT_MEANS, state, error);
}

/* The expected target. */
static ps_status
linear_answer(const ps_env *env, const void *state, ps_question question, const ps_cell *cells,
			  const ps_request *request, ps_answer *answer, ps_error *error)
{
	(void) env;
	(void) question;
	(void) request;
	answer->null = false;
	PS_TRY(ps_linear_model_predict(state, cells, &answer->number, error));
	if (isinf(answer->number))
		return ps_fail(error, PS_INVALID_DATA, "the score of the row is too large a number");
	return PS_OK;
}

static bool
linear_answer_numbers(const void *state, ps_question question, const ps_numbers *row, const ps_request *request,
					  double *answer)
{
	(void) question;
	(void) request;
	return ps_linear_model_predict_numbers(state, row, answer);
}

static ps_status
linear_evaluate(const ps_env *env, const void *state, const ps_frame *frame, ps_value *metrics, double *loss,
				ps_error *error)
{
	return ps_evaluate_regression(env, linear_answer, state, frame, NAN, metrics, loss, error);
}

static const ps_option linear_options[] = {
	PS_LINEAR_PENALTIES,
	{0}
};

const ps_learner ps_learner_linear = {
	.name = "linear",
	.kind = "regression",
	.needs_target = true,
	.answers = 1u << PS_ASK_SCORE,
	.comparison = PS_COMPARE_KIND,
	.automatic = PS_AUTOMATIC_TARGET,
	.options = linear_options,
	.choose = ps_choose_features,
	.fit = linear_learn,
	.load = linear_load,
	.answer = linear_answer,
	.takes_numbers = ps_linear_model_takes_numbers,
	.answer_numbers = linear_answer_numbers,
	.evaluate = linear_evaluate,
	.explain = ps_linear_model_explain
};
