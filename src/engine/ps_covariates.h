/*-------------------------------------------------------------------------
 *
 * ps_covariates.h
 *	  Covariates of purchase models: columns that make customers differ.
 *
 * A part of a law, its purchases or its lifetimes, can depend on columns z of the row,
 * which do not change over time.  Coefficients g of a part multiply the
 * law's parameters by exp(sign z'g), with the signs of
 * ps_purchase_law.covariate_signs: the convention of the R package CLVTools.  A
 * larger z'g means buying more often, or being lost sooner; in beta-geometric laws,
 * whose a and b it multiplies alike, drop-out probabilities that vary less
 * between customers, around the same mean.
 *
 * The parameters of a law, r, alpha, ..., are those where all columns are 0 and
 * texts are at their reference levels, or null where that is beyond any
 * range.  Beside them, "covariates" has
 *
 *	encoder		how columns are read (ps_encode.h)
 *	at_means	the law's parameters where numbers are at their means and no
 *				yes-or-no column of a text is 1: answers are computed from them,
 *				since for large numbers that vary little the others lose all digits
 *	purchase	the columns and terms of that part, if it has any
 *	lifetime	the same
 *	penalty		if there is one
 *	and the likelihood ratio against the model without covariates
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_COVARIATES_H
#define PS_COVARIATES_H

#include "ps_encode.h"
#include "ps_purchase.h"

#define PS_COVARIATES_OPTIONS \
	{"purchase_covariates", PS_OPTION_COLUMNS, NAN, 0, 0, NULL, "Columns on which the rate of purchases depends."}, \
	{"lifetime_covariates", PS_OPTION_COLUMNS, NAN, 0, 0, NULL, "Columns on which the loss of customers depends."}, \
	{"penalty", PS_OPTION_NUMBER, NAN, 0, 1e12, NULL, \
	"Penalty on half the squares of the coefficients of columns scaled to standard deviation 1; none by default."}

/* Append the columns that options name to the features already chosen; a law without covariates refuses them. */
extern ps_status ps_covariates_choose(const ps_value *options, const ps_purchase_law *law, const ps_column *columns,
									  size_t n, size_t *features, size_t *nfeatures, ps_error *error);

/* Tell whether options name any. */
extern bool ps_covariates_asked(const ps_value *options);

/* A coefficient: of a design column, for a part of the law. */
typedef struct ps_covariate
{
	size_t		column;
	int			part;
} ps_covariate;

/* The covariates of a fit. */
typedef struct ps_covariates
{
	ps_encoder *encoder;
	const ps_frame *frame;		/* of the covariates alone */
	ps_cell    *cells;			/* a row of it */
	double	   *design;			/* rows x encoder->width: numbers as distances from their means; all in standard deviations */
	int			n;
	ps_covariate terms[PS_NEWTON_MAX];
	double		penalty;

	/* what the fit finds; theta has the law's parameters at the means first */
	ps_newton_result result;
	double		without;		/* log-likelihood without covariates */
} ps_covariates;

/* Fit the rules for the columns of a frame from first on, and make room for the frame's rows. */
extern ps_status ps_covariates_begin(const ps_env *env, const ps_frame *frame, size_t first, const ps_value *options,
									 ps_covariates **out, ps_value *notes, ps_error *error);

/* Put a row of the frame into row "place" of the design. */
extern ps_status ps_covariates_read(ps_covariates *covariates, size_t row, size_t place, ps_error *error);

/* Leave out columns that others determine in the design of rows[n], with notes. */
extern ps_status ps_covariates_reduce(const ps_env *env, ps_covariates *covariates, const ps_purchase_group *rows,
									  size_t n, ps_value *notes, ps_error *error);

/*
 * Learn parameters and coefficients together: fill covariates->result, from
 * starts of the law's parameters; rows[n] as of the design.
 */
extern ps_status ps_covariates_maximise(const ps_env *env, const ps_purchase_law *law, const ps_purchase_group *rows,
										size_t n, ps_covariates *covariates, const double (*starts)[PS_NEWTON_MAX],
										int nstarts, size_t *groups, ps_error *error);

/* Store what was learnt into parameters, and put the law's parameters in fit, which are at the means, at 0. */
extern ps_status ps_covariates_save(const ps_env *env, const ps_purchase_law *law, const ps_covariates *covariates,
									const ps_value *options, ps_fit *fit, ps_value *parameters, ps_error *error);

/* Covariates ready to answer. */
typedef struct ps_covariates_reader
{
	ps_encoder *encoder;
	size_t		first;			/* of the model's inputs */
	double	   *coefficients[PS_PURCHASE_PARTS];	/* of each design column, in the data's units */
} ps_covariates_reader;

/* Validate the untrusted object "covariates" of parameters; values receives the law's parameters at the means. */
extern ps_status ps_covariates_load(const ps_env *env, const ps_value *object, const ps_purchase_law *law,
									const ps_input *inputs, size_t ninputs, size_t first,
									ps_covariates_reader **out, double *values, ps_error *error);

/* Change the parameters of a model to those of a row of the model's inputs. */
extern ps_status ps_covariates_apply(const ps_covariates_reader *reader, const ps_cell *cells, ps_purchase *model,
									 ps_error *error);

#endif							/* PS_COVARIATES_H */
