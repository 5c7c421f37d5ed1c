/*-------------------------------------------------------------------------
 *
 * ps_linear_model.h
 *	  A linear predictor of raw columns: an encoder and a coefficient for each
 *	  of its design columns, in the data's units.
 *
 * Parameters:
 *
 *	encoder		how columns are read (ps_encode.h)
 *	terms		for each design column: "column", with "level" or "null" or
 *				"other" where it has them; "coefficient"; what is known of its error
 *	intercept	the same without a column
 *
 * and a number, named by the method, which is the predictor where all numbers
 * are at their means and no yes-or-no column is 1: scores are computed from it
 * and not from the intercept, which for large numbers that vary little has
 * lost all digits.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_LINEAR_MODEL_H
#define PS_LINEAR_MODEL_H

#include "ps_encode.h"

/* What is known of the errors of coefficients. */
typedef struct ps_inference
{
	const char *none;			/* why nothing is, or NULL */
	double		degrees;		/* of freedom of Student's t; INFINITY where errors are normal */
	const char *ratio;			/* what exp of a coefficient is, as "odds_ratio", or NULL */
} ps_inference;

/*
 * Write a predictor.  coefficients and variances (NULL when inference->none)
 * have the intercept first; a variance is 0 where there is no error to tell.
 */
extern ps_status ps_linear_model_save(const ps_env *env, const ps_encoder *encoder, const char *at_means_name,
									  double at_means, const double *coefficients, const double *variances,
									  const ps_inference *inference, ps_value *parameters, ps_error *error);

/* Append the term of a design column to a list; variance 0: no error to tell.  At 95 %. */
extern ps_status ps_linear_model_save_term(const ps_env *env, ps_value *terms, const ps_encoder *encoder, size_t column,
										   double coefficient, double variance, const ps_inference *inference,
										   ps_error *error);

/* A predictor ready to score. */
typedef struct ps_linear_model
{
	ps_encoder *encoder;
	double		at_means;		/* of numbers, where no yes-or-no column is 1 */
	double		baseline;		/* at the means of all design columns */
	double	   *coefficients;
	double	   *number_coefficients;	/* those of inputs that are plain numbers (encoder->number_means), in their order */
} ps_linear_model;

extern ps_status ps_linear_model_load(const ps_env *env, const ps_value *parameters, const ps_input *inputs,
									  size_t ninputs, const char *at_means_name, void **state, ps_error *error);

/* The predictor of a row; infinite where the sum overflows. */
extern ps_status ps_linear_model_predict(const ps_linear_model *model, const ps_cell *cells, double *out,
										 ps_error *error);

/* The same of a row of numbers; false where one of them is NULL, or the predictor is not finite. */
extern bool ps_linear_model_predict_numbers(const ps_linear_model *model, const ps_numbers *row, double *out);

/* ps_learner.takes_numbers of methods whose state is a ps_linear_model, or starts with one. */
extern bool ps_linear_model_takes_numbers(const void *state);

/*
 * ps_learner.explain of methods whose state is a ps_linear_model, or starts with one.  A design
 * column x contributes coefficient * (x - mean of x in training): the
 * Shapley values of a linear model whose columns are taken to be independent
 * (Strumbelj and Kononenko 2014).
 */
extern ps_status ps_linear_model_explain(const ps_env *env, const void *state, const ps_cell *cells,
										 double *baseline, double *contributions, ps_error *error);

#endif							/* PS_LINEAR_MODEL_H */
