/*-------------------------------------------------------------------------
 *
 * ps_logistic.c
 *	  Logistic regression by Newton's method.
 *
 * Maximises
 *		sum of weight log P(target) - ridge / 2 * sum of beta_j^2
 * over the design columns standardised to mean 0 and standard deviation 1;
 * the intercept carries no penalty.  Newton's method on a concave function
 * with step halving; it stops when the next step would move no column's
 * log-odds, over the whole range of the column, by more than 1e-6, and takes
 * that step, whose error is of the order of its square.
 *
 * Columns that depend linearly on others (duplicates, sums) are found as tiny
 * pivots of the first weighted Gram matrix, whose weights are all equal, and
 * get the coefficient 0.
 *
 * When some combination of columns separates the classes, the likelihood has
 * no maximum: each step then moves that combination by about one unit of
 * log-odds while gaining less and less (Albert and Anderson 1984 describe the
 * cases).  This is what is looked for.  The fit is then repeated with a ridge
 * of 1, which is finite, and the status says "separated".  The same ridge
 * serves where there are not more rows than coefficients.
 *
 * With class_weight "balanced" the rows of both classes weigh the same in
 * total, so that the base rate is 1/2 in the fit; the intercept then gets the
 * log-odds of the true base rate back (prior correction: King and Zeng 2001,
 * equation 7).  The inverse curvature is then no covariance, so there are no
 * standard errors.
 *
 * A pass over the rows is accumulate / merge / advance: sums of one block,
 * sums put together, and the step computed from them.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_dense.h"
#include "ps_encode.h"
#include "ps_evaluate.h"
#include "ps_kernels.h"
#include "ps_learners.h"

#define ROWS PS_NEWTON_ROWS
#define STEP_SMALL 1e-6			/* log-odds; see above */
#define STEP_LARGE 0.1			/* a step that does not shrink below this ... */
#define GAIN_SMALL 1e-5			/* ... and gains less than this means separation */
#define DEPENDENT 1e-10			/* 1 - R^2 of a column on those before it */
#define FALLBACK_RIDGE 1.0
#define MOST_HALVINGS 30
#define LOG_ODDS_LIMIT 36.0		/* keeps 1 / (1 + exp(-x)) different from 0 and 1 */

/* Sums over rows at one beta. */
typedef struct logistic_sums
{
	double		log_likelihood;
	double	   *gradient;		/* padded */
	double	   *gram;			/* padded x padded, lower triangle */
} logistic_sums;

/* One fit in progress; vectors have the intercept first, then the design columns. */
typedef struct logistic_fit
{
	const ps_env *env;
	const ps_frame *frame;
	const ps_encoder *encoder;
	const ps_encoding *encoding;
	const ps_kernels *kernels;
	size_t		n;				/* coefficients with the intercept */
	size_t		padded;			/* n rounded up to a multiple of 4 */
	double		mean_weight;
	double		start;			/* log-odds of the positives' share of the weight */
	double		class_weights[2];	/* by target: factors of the rows' weights */
	double		correction;		/* log-odds of the base rate minus start */

	double	   *tile;			/* padded x ROWS */
	double	   *scratch;		/* padded x ROWS */
	logistic_sums block;
	logistic_sums total;

	double	   *beta;			/* padded */
	double	   *previous;		/* padded */
	double	   *step;			/* n */
	double	   *factor;			/* n x n */
	bool	   *dependent;		/* n, at the last factoring */
	bool	   *dropped;		/* n, for the whole fit */

	const char *status;
	int			iterations;
	double		log_likelihood;
} logistic_fit;

static void
sums_clear(const logistic_fit *fit, logistic_sums *sums)
{
	sums->log_likelihood = 0;
	memset(sums->gradient, 0, fit->padded * sizeof(double));
	memset(sums->gram, 0, fit->padded * fit->padded * sizeof(double));
}

/* Add the rows of one chunk at beta to sums. */
static ps_status
logistic_accumulate(logistic_fit *fit, size_t chunk, logistic_sums *sums, ps_error *error)
{
	size_t		rows = ps_frame_chunk_rows(fit->frame, chunk);
	const double *targets = ps_frame_targets(fit->frame, chunk);
	const double *weights = ps_frame_weights(fit->frame, chunk);

	for (size_t start = 0; start < rows; start += ROWS)
	{
		size_t		count = rows - start < ROWS ? rows - start : ROWS;
		double		target[ROWS] = {0};
		double		weight[ROWS] = {0};

		for (size_t i = 0; i < count; i++)
		{
			target[i] = targets[start + i];
			weight[i] = (weights == NULL ? 1 : weights[start + i]) * fit->class_weights[targets[start + i] != 0];
		}
		ps_encode_tile(fit->encoding, chunk, start, count, fit->tile + ROWS, ROWS);
		sums->log_likelihood += fit->kernels->newton_tile(fit->tile, fit->padded, target, weight, fit->beta,
														  sums->gram, sums->gradient, fit->scratch);
		PS_TRY(ps_poll(fit->env, 0, error));
	}
	return PS_OK;
}

/* Add other to sums. */
static void
logistic_merge(const logistic_fit *fit, logistic_sums *sums, const logistic_sums *other)
{
	sums->log_likelihood += other->log_likelihood;
	for (size_t j = 0; j < fit->padded; j++)
		sums->gradient[j] += other->gradient[j];
	for (size_t j = 0; j < fit->padded * fit->padded; j++)
		sums->gram[j] += other->gram[j];
}

/* Compute the sums of all rows at beta. */
static ps_status
logistic_pass(logistic_fit *fit, ps_error *error)
{
	sums_clear(fit, &fit->total);
	for (size_t chunk = 0; chunk < ps_frame_chunks(fit->frame); chunk++)
	{
		sums_clear(fit, &fit->block);
		PS_TRY(logistic_accumulate(fit, chunk, &fit->block, error));
		logistic_merge(fit, &fit->total, &fit->block);
	}
	return PS_OK;
}

/* What is maximised, from the sums at beta. */
static double
penalised(const logistic_fit *fit, double ridge)
{
	double		squares = 0;

	for (size_t j = 1; j < fit->n; j++)
		squares += fit->beta[j] * fit->beta[j];
	return fit->total.log_likelihood - 0.5 * ridge * squares;
}

/*
 * Factor the curvature and compute the Newton step from the sums.  *gain
 * receives gradient times step, twice what the step promises to gain; *rank
 * the columns that took part.
 */
static ps_status
logistic_advance(logistic_fit *fit, double ridge, double *gain, size_t *rank, ps_error *error)
{
	size_t		n = fit->n;

	for (size_t a = 0; a < n; a++)
	{
		fit->step[a] = fit->dropped[a] ? 0 : fit->total.gradient[a] - (a > 0 ? ridge * fit->beta[a] : 0);
		for (size_t b = 0; b <= a; b++)
			fit->factor[a * n + b] = fit->dropped[a] || fit->dropped[b] ? 0 :
				fit->total.gram[a * fit->padded + b] + (a == b && a > 0 ? ridge : 0);
	}
	PS_TRY(ps_cholesky(fit->env, fit->factor, n, DEPENDENT, fit->dependent, rank, error));
	ps_cholesky_solve(fit->factor, n, fit->dependent, fit->step);
	*gain = 0;
	for (size_t j = 0; j < n; j++)
		if (!fit->dropped[j])
			*gain += fit->step[j] * (fit->total.gradient[j] - (j > 0 ? ridge * fit->beta[j] : 0));
	return PS_OK;
}

/* How much the step moves log-odds over the whole range of design column j. */
static double
step_over_range(const logistic_fit *fit, size_t j)
{
	return fabs(fit->step[j + 1]) / fit->encoder->scale[j] * fit->encoder->range[j];
}

/* The largest of these. */
static double
step_size(const logistic_fit *fit)
{
	double		largest = fabs(fit->step[0]);

	for (size_t j = 0; j + 1 < fit->n; j++)
		largest = fmax(largest, step_over_range(fit, j));
	return largest;
}

/* Run Newton's method from the base rate until it converges, separates or has had enough. */
static ps_status
logistic_maximise(logistic_fit *fit, double ridge, int most_iterations, ps_error *error)
{
	double		best = -INFINITY;
	double		last_size = INFINITY;
	size_t		full_rank = 0;
	int			halvings = 0;

	fit->status = "not_converged";
	memset(fit->beta, 0, fit->padded * sizeof(double));
	fit->beta[0] = fit->start;
	for (fit->iterations = 1; fit->iterations <= most_iterations; fit->iterations++)
	{
		double		value;
		double		gain;
		double		size;
		size_t		rank;

		PS_TRY(logistic_pass(fit, error));
		value = penalised(fit, ridge);

		/* written so that NaN is halved, too; a loss within rounding is none */
		if (!(value >= best - 1e-12 * fabs(best)) && halvings < MOST_HALVINGS)
		{
			for (size_t j = 0; j < fit->n; j++)
				fit->beta[j] = 0.5 * (fit->beta[j] + fit->previous[j]);
			halvings++;
			continue;
		}
		best = value;
		halvings = 0;
		PS_TRY(logistic_advance(fit, ridge, &gain, &rank, error));
		size = step_size(fit);
		if (fit->iterations == 1)
		{
			memcpy(fit->dropped, fit->dependent, fit->n * sizeof(bool));
			full_rank = rank;
		}
		if (rank < full_rank ||
			(gain / fit->mean_weight < GAIN_SMALL && size > STEP_LARGE && size > 0.5 * last_size))
		{
			fit->status = "separated";
			break;
		}
		memcpy(fit->previous, fit->beta, fit->padded * sizeof(double));
		for (size_t j = 0; j < fit->n; j++)
			fit->beta[j] += fit->step[j];
		last_size = size;
		fit->log_likelihood = fit->total.log_likelihood;
		if (size < STEP_SMALL)
		{
			fit->status = "converged";
			break;
		}
	}
	return PS_OK;
}

/* Note which columns separate the classes, if they are few enough to name. */
static ps_status
note_separation(const logistic_fit *fit, ps_value *notes, ps_error *error)
{
	char		text[200] = "";
	const char *first = NULL;
	size_t		columns = 0;
	bool		one_input = true;

	for (size_t j = 0; j + 1 < fit->n; j++)
		if (step_over_range(fit, j) > STEP_LARGE)
		{
			const char *name;
			const char *level;

			ps_encode_term(fit->encoder, j, &name, &level);
			if (columns++ == 0)
			{
				first = name;
				ps_encode_term_text(fit->encoder, j, text, sizeof(text));
			}
			else if (strcmp(first, name) != 0)
				one_input = false;
		}
	if (columns > 1 && one_input)
		ps_format(text, sizeof(text), "\"%s\"", first);
	if (columns > 0 && one_input)
		return ps_note(fit->env, notes, error,
					   "column %s separates the classes (it may be the target in disguise): a ridge of %g keeps the coefficients finite",
					   text, FALLBACK_RIDGE);
	return ps_note(fit->env, notes, error,
				   "several columns together separate the classes: a ridge of %g keeps the coefficients finite",
				   FALLBACK_RIDGE);
}

/* Note the columns that depend on others. */
static ps_status
note_dropped(const logistic_fit *fit, ps_value *notes, ps_error *error)
{
	for (size_t j = 0; j + 1 < fit->n; j++)
		if (fit->dropped[j + 1])
		{
			char		text[200];

			ps_encode_term_text(fit->encoder, j, text, sizeof(text));
			PS_TRY(ps_note(fit->env, notes, error,
						   "column %s is a linear combination of columns before it: its coefficient is 0", text));
		}
	return PS_OK;
}

/* Set name to a coefficient with what is known of its error. */
static ps_status
set_term(const logistic_fit *fit, ps_value *term, double coefficient, double variance, ps_error *error)
{
	double		standard_error = sqrt(variance);
	double		z = coefficient / standard_error;

	PS_TRY(ps_value_set_number(fit->env, term, "coefficient", coefficient, error));
	if (!(variance > 0))
		return PS_OK;
	PS_TRY(ps_value_set_number(fit->env, term, "standard_error", standard_error, error));
	PS_TRY(ps_value_set_number(fit->env, term, "z", z, error));
	return ps_value_set_number(fit->env, term, "p", erfc(fabs(z) / sqrt(2.0)), error);
}

/*
 * Write intercept and coefficients in the data's units.  covariance is that
 * of the standardised ones, or NULL where it means nothing.
 */
static ps_status
save_terms(const logistic_fit *fit, const double *covariance, ps_value *parameters, ps_error *error)
{
	const ps_env *env = fit->env;
	const ps_encoder *encoder = fit->encoder;
	double		intercept = fit->beta[0] + fit->correction;
	double		at_means = intercept;
	double		variance = 0;
	ps_value   *terms;
	ps_value   *term;

	/* intercept = beta_0 - sum of beta_j mean_j / scale_j, and the variance of that sum */
	for (size_t a = 0; a < fit->n; a++)
	{
		double		factor = a == 0 ? 1 : -encoder->mean[a - 1] / encoder->scale[a - 1];
		const char *name;
		const char *level;

		for (size_t b = 0; covariance != NULL && b < fit->n; b++)
			variance += factor * covariance[a * fit->n + b] *
				(b == 0 ? 1 : -encoder->mean[b - 1] / encoder->scale[b - 1]);
		if (a == 0)
			continue;
		intercept += factor * fit->beta[a];
		if (ps_encode_term(encoder, a - 1, &name, &level) != PS_ENCODE_VALUE)
			at_means += factor * fit->beta[a];
	}
	PS_TRY(ps_value_set_number(env, parameters, "log_odds_at_means", at_means, error));
	PS_TRY(ps_value_set_object(env, parameters, "intercept", &term, error));
	PS_TRY(set_term(fit, term, intercept, variance, error));
	PS_TRY(ps_value_set_list(env, parameters, "terms", &terms, error));
	for (size_t j = 0; j < encoder->width; j++)
	{
		const char *name;
		const char *level;
		ps_encode_kind kind = ps_encode_term(encoder, j, &name, &level);
		double		scale = encoder->scale[j];

		PS_TRY(ps_value_append_object(env, terms, &term, error));
		PS_TRY(ps_value_set_text(env, term, "column", name, error));
		if (kind == PS_ENCODE_LEVEL)
			PS_TRY(ps_value_set_text(env, term, "level", level, error));
		else if (kind != PS_ENCODE_VALUE)
			PS_TRY(ps_value_set_boolean(env, term, kind == PS_ENCODE_NULL ? "null" : "other", true, error));
		PS_TRY(set_term(fit, term, fit->beta[j + 1] / scale,
						covariance == NULL ? 0 : covariance[(j + 1) * fit->n + j + 1] / scale / scale, error));
	}
	return PS_OK;
}

/* Allocate the buffers of a fit and sum up weights and targets. */
static ps_status
logistic_prepare(logistic_fit *fit, bool balanced, double *weight_sum, ps_error *error)
{
	const ps_env *env = fit->env;
	double		positives = 0;
	size_t		padded;

	fit->kernels = ps_kernels_best();
	fit->n = fit->encoder->width + 1;
	fit->padded = padded = (fit->n + 3) / 4 * 4;
	PS_TRY(ps_alloc_zero(env, padded * ROWS, sizeof(double), &fit->tile, error));
	PS_TRY(ps_alloc(env, padded * ROWS, sizeof(double), &fit->scratch, error));
	PS_TRY(ps_alloc(env, padded, sizeof(double), &fit->block.gradient, error));
	PS_TRY(ps_alloc(env, padded * padded, sizeof(double), &fit->block.gram, error));
	PS_TRY(ps_alloc(env, padded, sizeof(double), &fit->total.gradient, error));
	PS_TRY(ps_alloc(env, padded * padded, sizeof(double), &fit->total.gram, error));
	PS_TRY(ps_alloc(env, padded, sizeof(double), &fit->beta, error));
	PS_TRY(ps_alloc_zero(env, padded, sizeof(double), &fit->previous, error));
	PS_TRY(ps_alloc(env, padded, sizeof(double), &fit->step, error));
	PS_TRY(ps_alloc(env, padded * padded, sizeof(double), &fit->factor, error));
	PS_TRY(ps_alloc(env, padded, sizeof(bool), &fit->dependent, error));
	PS_TRY(ps_alloc_zero(env, padded, sizeof(bool), &fit->dropped, error));
	for (size_t i = 0; i < ROWS; i++)
		fit->tile[i] = 1;		/* the intercept's column */

	*weight_sum = 0;
	for (size_t chunk = 0; chunk < ps_frame_chunks(fit->frame); chunk++)
	{
		const double *targets = ps_frame_targets(fit->frame, chunk);
		const double *weights = ps_frame_weights(fit->frame, chunk);

		for (size_t i = 0; i < ps_frame_chunk_rows(fit->frame, chunk); i++)
		{
			double		weight = weights == NULL ? 1 : weights[i];

			*weight_sum += weight;
			positives += weight * targets[i];
		}
		PS_TRY(ps_poll(env, 0, error));
	}
	fit->mean_weight = *weight_sum / (double) ps_frame_rows(fit->frame);
	fit->start = log(positives / (*weight_sum - positives));
	fit->class_weights[0] = fit->class_weights[1] = 1;
	if (balanced)
	{
		fit->class_weights[0] = *weight_sum / (2 * (*weight_sum - positives));
		fit->class_weights[1] = *weight_sum / (2 * positives);
		fit->correction = fit->start;
		fit->start = 0;
	}
	return PS_OK;
}

/* Learn; the caller has seen to it that the target is 0 and 1 and has both. */
static ps_status
logistic_learn(const ps_env *env, const ps_frame *frame, const ps_value *options,
			   ps_value *parameters, ps_value *notes, ps_error *error)
{
	double		ridge = ps_value_number_or(options, "ridge", 0);
	int			most_iterations = (int) ps_value_number_or(options, "iterations", 50);
	bool		balanced = strcmp(ps_value_text_or(options, "class_weight", "none"), "balanced") == 0;
	logistic_fit fit = {.env = env,.frame = frame};
	ps_encoder *encoder;
	ps_encoding *encoding;
	ps_value   *saved;
	double	   *covariance = NULL;
	double		weight_sum;
	bool		separated = false;

	PS_TRY(ps_encode_fit(env, frame, options, true, &encoder, notes, error));
	PS_TRY(ps_encode_bind(env, encoder, frame, &encoding, error));
	fit.encoder = encoder;
	fit.encoding = encoding;
	PS_TRY(logistic_prepare(&fit, balanced, &weight_sum, error));
	if (encoder->width == 0)
		PS_TRY(ps_note(env, notes, error, "no column is left to learn from: every row gets the base rate"));

	if (ridge == 0 && ps_frame_rows(frame) <= fit.n)
	{
		ridge = FALLBACK_RIDGE;
		PS_TRY(ps_note(env, notes, error, "%d rows are too few for %d coefficients: a ridge of %g keeps them finite",
					   (int64_t) ps_frame_rows(frame), (int64_t) fit.n, ridge));
	}
	PS_TRY(logistic_maximise(&fit, ridge, most_iterations, error));
	if (ridge == 0 && strcmp(fit.status, "separated") == 0)
	{
		PS_TRY(note_separation(&fit, notes, error));
		separated = true;
		ridge = FALLBACK_RIDGE;
		PS_TRY(logistic_maximise(&fit, ridge, most_iterations, error));
	}
	if (strcmp(fit.status, "converged") != 0)
	{
		fit.status = "not_converged";
		PS_TRY(ps_note(env, notes, error, "the fit did not converge in %d iterations", (int64_t) most_iterations));
	}
	PS_TRY(note_dropped(&fit, notes, error));
	if (strcmp(fit.status, "converged") == 0 && !separated && !balanced)
	{
		PS_TRY(ps_alloc(env, fit.n * fit.n, sizeof(double), &covariance, error));
		PS_TRY(ps_cholesky_inverse(env, fit.factor, fit.n, fit.dependent, covariance, error));
	}

	PS_TRY(ps_value_set_text(env, parameters, "status", separated ? "separated" : fit.status, error));
	PS_TRY(ps_value_set_number(env, parameters, "iterations", fmin(fit.iterations, most_iterations), error));
	PS_TRY(ps_value_set_number(env, parameters, "log_likelihood", fit.log_likelihood, error));
	PS_TRY(ps_value_set_number(env, parameters, "ridge", ridge, error));
	if (balanced)
		PS_TRY(ps_value_set_text(env, parameters, "class_weight", "balanced", error));
	PS_TRY(save_terms(&fit, covariance, parameters, error));
	PS_TRY(ps_value_set_object(env, parameters, "encoder", &saved, error));
	return ps_encode_save(env, encoder, saved, error);
}

/* A model ready to score. */
typedef struct logistic_model
{
	ps_encoder *encoder;
	double		log_odds_at_means;	/* of numbers, where no yes-or-no column is 1 */
	double		baseline;		/* log-odds at the means of all design columns */
	double	   *coefficients;	/* in the data's units */
} logistic_model;

static ps_status
logistic_load(const ps_env *env, const ps_value *parameters, const ps_input *inputs, size_t ninputs,
			  void **state, ps_error *error)
{
	logistic_model *model;
	const ps_value *value;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*model), &model, error));
	PS_TRY(ps_value_need(parameters, "encoder", PS_OBJECT, &value, error));
	PS_TRY(ps_encode_load(env, value, inputs, ninputs, &model->encoder, error));
	if (!model->encoder->reference_dropped)
		return ps_fail(error, PS_CORRUPT, "the encoder keeps reference levels");
	PS_TRY(ps_value_need_number(parameters, "log_odds_at_means", &model->log_odds_at_means, error));
	PS_TRY(ps_value_need(parameters, "terms", PS_LIST, &value, error));
	if (value->count != model->encoder->width)
		return ps_fail(error, PS_CORRUPT, "there are %d terms for %d columns", (int64_t) value->count,
					   (int64_t) model->encoder->width);
	PS_TRY(ps_alloc(env, value->count, sizeof(double), &model->coefficients, error));
	model->baseline = model->log_odds_at_means;
	for (size_t j = 0; j < value->count; j++)
	{
		const char *name;
		const char *level;

		PS_TRY(ps_value_need_number(value->items[j], "coefficient", &model->coefficients[j], error));
		if (ps_encode_term(model->encoder, j, &name, &level) != PS_ENCODE_VALUE)
			model->baseline += model->coefficients[j] * model->encoder->mean[j];
	}
	*state = model;
	return PS_OK;
}

static bool
logistic_takes_numbers(const void *state)
{
	return ((const logistic_model *) state)->encoder->number_means != NULL;
}

/* P(target), strictly between 0 and 1. A horizon says nothing to a classifier. */
static ps_status
logistic_answer(const ps_env *env, const void *state, ps_question question, const ps_cell *cells,
				const ps_request *request, ps_answer *answer, ps_error *error)
{
	const logistic_model *model = state;
	double		log_odds;

	(void) env;
	(void) question;
	if (request->numbers != NULL)
		log_odds = ps_encode_dot_numbers(model->encoder, request->numbers, model->coefficients);
	else
		PS_TRY(ps_encode_dot(model->encoder, cells, model->coefficients, &log_odds, error));
	log_odds += model->log_odds_at_means;
	if (isnan(log_odds))
		return ps_fail(error, PS_INVALID_DATA, "the numbers of the row are too large to compute with");
	log_odds = log_odds < -LOG_ODDS_LIMIT ? -LOG_ODDS_LIMIT : log_odds > LOG_ODDS_LIMIT ? LOG_ODDS_LIMIT : log_odds;
	answer->null = false;
	answer->number = 1 / (1 + exp(-log_odds));
	return PS_OK;
}

/*
 * Contributions to the log-odds: of a design column x, coefficient * (x - mean
 * of x in training).  These are the Shapley values of a linear model whose
 * columns are taken to be independent (Strumbelj and Kononenko 2014).
 */
static ps_status
logistic_explain(const ps_env *env, const void *state, const ps_cell *cells, double *baseline,
				 double *contributions, ps_error *error)
{
	const logistic_model *model = state;
	const ps_encoder *encoder = model->encoder;
	double		x[PS_ENCODE_COLUMNS];

	(void) env;
	PS_TRY(ps_encode_row(encoder, cells, x, error));
	*baseline = model->baseline;
	for (size_t j = 0; j < encoder->width; j++)
		contributions[encoder->origin[j]] += model->coefficients[j] * encoder->scale[j] * x[j];
	return PS_OK;
}

static ps_status
logistic_evaluate(const ps_env *env, const void *state, const ps_frame *frame,
				  ps_value *metrics, double *loss, ps_error *error)
{
	return ps_evaluate_classifier(env, logistic_answer, state, frame, metrics, loss, error);
}

static const ps_option logistic_options[] = {
	{"ridge", PS_OPTION_NUMBER, 0, 0, 1e12, NULL,
	"Penalty on squared coefficients of columns scaled to standard deviation 1; 0 is maximum likelihood."},
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
	.takes_numbers = logistic_takes_numbers,
	.evaluate = logistic_evaluate,
	.explain = logistic_explain
};
