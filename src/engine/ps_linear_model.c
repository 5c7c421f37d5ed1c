/*-------------------------------------------------------------------------
 *
 * ps_linear_model.c
 *	  A linear predictor of raw columns.
 *
 * Intervals are Wald's, at 95 %: coefficient -/+ quantile * standard error.
 * That of a ratio has the exponentials of these ends.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_linear_model.h"

#include <math.h>

#include "ps_special.h"

#define CONFIDENCE 0.95

/* Set a term's coefficient with what is known of its error; an interval reaches quantile standard errors. */
static ps_status
set_term(const ps_env *env, ps_value *term, double coefficient, double variance, const ps_inference *inference,
		 double quantile, const char *ratio_name, ps_error *error)
{
	char		name[40];
	double		standard_error = sqrt(variance);
	double		ratio = coefficient / standard_error;
	double		reach = quantile * standard_error;

	PS_TRY(ps_value_set_number(env, term, "coefficient", coefficient, error));
	if (variance > 0)
	{
		PS_TRY(ps_value_set_number(env, term, "standard_error", standard_error, error));
		PS_TRY(ps_value_set_number(env, term, isinf(inference->degrees) ? "z" : "t", ratio, error));
		PS_TRY(ps_value_set_number(env, term, "p", ps_student_two_sided(ratio, inference->degrees), error));
		PS_TRY(ps_value_set_number(env, term, "lower", coefficient - reach, error));
		PS_TRY(ps_value_set_number(env, term, "upper", coefficient + reach, error));
	}
	if (ratio_name == NULL)
		return PS_OK;
	PS_TRY(ps_value_set_number(env, term, ratio_name, exp(coefficient), error));
	if (!(variance > 0))
		return PS_OK;
	ps_format(name, sizeof(name), "%s_lower", ratio_name);
	PS_TRY(ps_value_set_number(env, term, name, exp(coefficient - reach), error));
	ps_format(name, sizeof(name), "%s_upper", ratio_name);
	return ps_value_set_number(env, term, name, exp(coefficient + reach), error);
}

ps_status
ps_linear_model_save_term(const ps_env *env, ps_value *terms, const ps_encoder *encoder, size_t column,
						  double coefficient, double variance, const ps_inference *inference, ps_error *error)
{
	ps_value   *term;
	const char *name;
	const char *level;
	ps_encode_kind kind = ps_encode_term(encoder, column, &name, &level);
	double		quantile = variance > 0 ? ps_student_quantile(0.5 + CONFIDENCE / 2, inference->degrees) : 0;

	PS_TRY(ps_value_append_object(env, terms, &term, error));
	PS_TRY(ps_value_set_text(env, term, "column", name, error));
	if (kind == PS_ENCODE_LEVEL)
		PS_TRY(ps_value_set_text(env, term, "level", level, error));
	else if (kind != PS_ENCODE_VALUE)
		PS_TRY(ps_value_set_boolean(env, term, kind == PS_ENCODE_NULL ? "null" : "other", true, error));
	return set_term(env, term, coefficient, variance, inference, quantile, inference->ratio, error);
}

ps_status
ps_linear_model_save(const ps_env *env, const ps_encoder *encoder, const char *at_means_name, double at_means,
					 const double *coefficients, const double *variances, const ps_inference *inference,
					 ps_value *parameters, ps_error *error)
{
	ps_value   *terms;
	ps_value   *term;
	ps_value   *saved;
	double		quantile = 0;

	PS_TRY(ps_value_set_number(env, parameters, at_means_name, at_means, error));
	if (inference->none != NULL)
		PS_TRY(ps_value_set_text(env, parameters, "no_standard_errors", inference->none, error));
	else
	{
		quantile = ps_student_quantile(0.5 + CONFIDENCE / 2, inference->degrees);
		PS_TRY(ps_value_set_number(env, parameters, "confidence", CONFIDENCE, error));
	}
	PS_TRY(ps_value_set_object(env, parameters, "intercept", &term, error));
	PS_TRY(set_term(env, term, coefficients[0], variances == NULL ? 0 : variances[0], inference, quantile,
					NULL, error));
	PS_TRY(ps_value_set_list(env, parameters, "terms", &terms, error));
	for (size_t j = 0; j < encoder->width; j++)
	{
		PS_TRY(ps_linear_model_save_term(env, terms, encoder, j, coefficients[j + 1],
										 variances == NULL ? 0 : variances[j + 1], inference, error));
		if (j % 64 == 63)
			PS_TRY(ps_poll(env, 0, error));
	}
	PS_TRY(ps_value_set_object(env, parameters, "encoder", &saved, error));
	return ps_encode_save(env, encoder, saved, error);
}

ps_status
ps_linear_model_load(const ps_env *env, const ps_value *parameters, const ps_input *inputs, size_t ninputs,
					 const char *at_means_name, void **state, ps_error *error)
{
	ps_linear_model *model;
	const ps_value *value;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*model), &model, error));
	PS_TRY(ps_value_need(parameters, "encoder", PS_OBJECT, &value, error));
	PS_TRY(ps_encode_load(env, value, inputs, ninputs, &model->encoder, error));
	if (!model->encoder->reference_dropped)
		return ps_fail(error, PS_CORRUPT, "the encoder keeps reference levels");
	PS_TRY(ps_value_need_number(parameters, at_means_name, &model->at_means, error));
	PS_TRY(ps_value_need(parameters, "terms", PS_LIST, &value, error));
	if (value->count != model->encoder->width)
		return ps_fail(error, PS_CORRUPT, "there are %d terms for %d columns", (int64_t) value->count,
					   (int64_t) model->encoder->width);
	PS_TRY(ps_alloc(env, value->count, sizeof(double), &model->coefficients, error));
	model->baseline = model->at_means;
	for (size_t j = 0; j < value->count; j++)
	{
		const char *name;
		const char *level;

		PS_TRY(ps_value_need_number(value->items[j], "coefficient", &model->coefficients[j], error));
		if (ps_encode_term(model->encoder, j, &name, &level) != PS_ENCODE_VALUE)
			model->baseline += model->coefficients[j] * model->encoder->mean[j];
	}
	if (model->encoder->number_means != NULL)
	{
		PS_TRY(ps_alloc(env, model->encoder->ninputs, sizeof(double), &model->number_coefficients, error));
		for (size_t i = 0; i < model->encoder->ninputs; i++)
			model->number_coefficients[i] = model->coefficients[model->encoder->number_columns[i]];
	}
	*state = model;
	return PS_OK;
}

bool
ps_linear_model_takes_numbers(const void *state)
{
	return ((const ps_linear_model *) state)->number_coefficients != NULL;
}

/* In four sums, since an addition must wait for the one before. */
bool
ps_linear_model_predict_numbers(const ps_linear_model *model, const ps_numbers *row, double *out)
{
	const char *number = (const char *) row->first;
	const char *null = (const char *) row->null;
	size_t		stride = row->stride;
	size_t		left = model->encoder->ninputs;
	const double *mean = model->encoder->number_means;
	const double *coefficient = model->number_coefficients;
	double		sums[4] = {0, 0, 0, 0};
	bool		has_null = false;

#define PRODUCT(i) (coefficient[i] * (*(const double *) (const void *) (number + (i) * stride) - mean[i]))
#define IS_NULL(i) (*(const bool *) (null + (i) * stride))

	for (; left >= 4; left -= 4)
	{
		sums[0] += PRODUCT(0);
		sums[1] += PRODUCT(1);
		sums[2] += PRODUCT(2);
		sums[3] += PRODUCT(3);
		has_null |= IS_NULL(0) | IS_NULL(1) | IS_NULL(2) | IS_NULL(3);
		number += 4 * stride;
		null += 4 * stride;
		mean += 4;
		coefficient += 4;
	}
	for (size_t i = 0; i < left; i++)
	{
		sums[0] += PRODUCT(i);
		has_null |= IS_NULL(i);
	}
#undef PRODUCT
#undef IS_NULL
	*out = (sums[0] + sums[1]) + (sums[2] + sums[3]) + model->at_means;
	return !has_null && isfinite(*out);
}

ps_status
ps_linear_model_predict(const ps_linear_model *model, const ps_cell *cells, double *out, ps_error *error)
{
	if (model->number_coefficients != NULL &&
		ps_linear_model_predict_numbers(model, &(ps_numbers) {&cells->number, &cells->null, sizeof(*cells)}, out))
		return PS_OK;
	PS_TRY(ps_encode_dot(model->encoder, cells, model->coefficients, out, error));
	*out += model->at_means;
	if (isnan(*out))
		return ps_fail(error, PS_INVALID_DATA, "the numbers of the row are too large to compute with");
	return PS_OK;
}

ps_status
ps_linear_model_explain(const ps_env *env, const void *state, const ps_cell *cells, double *baseline,
						double *contributions, ps_error *error)
{
	const ps_linear_model *model = state;
	const ps_encoder *encoder = model->encoder;
	double		x[PS_ENCODE_COLUMNS];

	(void) env;
	PS_TRY(ps_encode_row(encoder, cells, x, error));
	*baseline = model->baseline;
	for (size_t j = 0; j < encoder->width; j++)
		contributions[encoder->origin[j]] += model->coefficients[j] * encoder->scale[j] * x[j];
	return PS_OK;
}
