/*-------------------------------------------------------------------------
 *
 * ps_linear_fit.c
 *	  Coefficients of a linear predictor that fit a target best.
 *
 * Newton's method on a concave function with step halving; it stops when the
 * next step would move no column's part of the predictor, over the whole range
 * of the column, by more than 1e-6, and takes that step, whose error is of the
 * order of its square.  For a quadratic function that is one pass with the
 * Gram matrix, and passes without it that take the rounding errors back
 * (iterative refinement).
 *
 * The Gram matrix takes a time that grows with the square of the columns, a
 * gradient does not.  With many columns it is therefore computed at the start
 * and near the end only; in between the BFGS formula corrects it by what the
 * gradients show (Nocedal and Wright, Numerical Optimization, 6.19), which is
 * a quasi-Newton method with the best of starts.  It ends as Newton's does.
 *
 * With an L1 penalty a step leads to the least point of the quadratic
 * approximation with penalties (ps_elastic_net.h; proximal Newton and
 * quasi-Newton methods: Lee, Sun and Saunders 2014).
 *
 * Columns that depend linearly on others (duplicates, sums) are found as tiny
 * pivots of the first Gram matrix, whose weights do not depend on the
 * columns, and get the coefficient 0.  An L1 penalty needs no such choice.
 *
 * When some combination of columns separates the classes, a likelihood has
 * no maximum: each step then moves that combination by about one unit of
 * log-odds while gaining less and less (Albert and Anderson 1984 describe the
 * cases).  This is what is looked for.  The fit is then repeated with a ridge,
 * which is finite.  So is it where there are not more rows than coefficients.
 *
 * Many rows are given a start: the fit of a sample of them, which saves about
 * half of the passes.  It decides nothing else; where it or the fit that
 * starts from it does not simply converge, the fit starts anew without it.
 *
 * Columns of a method's own come before the encoder's, so that of columns that
 * say the same it is the encoder's that is left out.
 *
 * A pass over the rows is accumulate / merge / advance: sums of one block,
 * sums put together, and the step computed from them.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_linear_fit.h"

#include <math.h>
#include <string.h>

#include "ps_dense.h"
#include "ps_elastic_net.h"
#include "ps_ridge_choice.h"
#include "ps_sum.h"

#define ROWS PS_NEWTON_ROWS
#define NEWTON_COLUMNS 100		/* with more the Gram matrix is computed rarely */
#define QUASI_PASSES 20			/* after which it is computed again, however far the end may be */
#define STEP_SMALL 1e-6			/* see above */
#define REFINED 1e-10			/* the same for least squares, where a pass costs little */
#define STEP_LARGE 0.1			/* a step that does not shrink below this ... */
#define GAIN_SMALL 1e-5			/* ... and gains less than this means separation */
#define DEPENDENT 1e-10			/* 1 - R^2 of a column on those before it */
#define FALLBACK_RIDGE 1.0
#define MOST_HALVINGS 30
#define LARGEST 1e150			/* larger targets could overflow when squared */
#define NAMED 10				/* dependent columns that are named one by one */
#define SAMPLE_STEP 32			/* one chunk of so many makes a sample ... */
#define SAMPLE_ROWS 500			/* ... that has to have so many rows for each coefficient */

static void
sums_clear(const ps_linear_fit *fit, bool with_gram, ps_linear_sums *sums)
{
	sums->value = 0;
	memset(sums->gradient, 0, fit->padded * sizeof(double));
	if (with_gram)
		memset(sums->gram, 0, fit->padded * fit->padded * sizeof(double));
}

/* Add the rows of one chunk at beta to sums. */
static ps_status
fit_accumulate(ps_linear_fit *fit, size_t chunk, bool with_gram, ps_linear_sums *sums, ps_error *error)
{
	size_t		rows = ps_frame_chunk_rows(fit->frame, chunk);
	const double *targets = ps_frame_targets(fit->frame, chunk);
	const double *weights = ps_frame_weights(fit->frame, chunk);

	for (size_t start = 0; start < rows; start += ROWS)
	{
		size_t		count = rows - start < ROWS ? rows - start : ROWS;
		double		target[ROWS] = {0};
		double		weight[ROWS] = {0};

		ps_encode_tile(fit->encoding, chunk, start, count, fit->tile + fit->free * ROWS, ROWS);
		if (fit->add_rows != NULL)
		{
			double	   *gram = sums->gram;

			sums->gram = with_gram ? gram : NULL;
			fit->add_rows(fit, chunk * PS_FRAME_CHUNK + start, count, sums);
			sums->gram = gram;
			PS_TRY(ps_poll(fit->env, 0, error));
			continue;
		}
		for (size_t i = 0; i < count; i++)
		{
			target[i] = (targets[start + i] - fit->shift) / fit->unit;
			weight[i] = (weights == NULL ? 1 : weights[start + i]) * fit->class_weights[targets[start + i] != 0];
		}
		sums->value += fit->kernel(fit->tile, fit->padded, target, weight, fit->beta,
								   with_gram ? sums->gram : NULL, sums->gradient, fit->scratch);
		PS_TRY(ps_poll(fit->env, 0, error));
	}
	return PS_OK;
}

/* Add other to sums. */
static void
fit_merge(const ps_linear_fit *fit, bool with_gram, ps_linear_sums *sums, const ps_linear_sums *other)
{
	sums->value += other->value;
	for (size_t j = 0; j < fit->padded; j++)
		sums->gradient[j] += other->gradient[j];
	for (size_t j = 0; with_gram && j < fit->padded * fit->padded; j++)
		sums->gram[j] += other->gram[j];
}

ps_status
ps_linear_fit_sum(ps_linear_fit *fit, bool with_gram, ps_error *error)
{
	for (size_t chunk = 0; chunk < ps_frame_chunks(fit->frame); chunk += fit->chunk_step)
	{
		sums_clear(fit, with_gram, &fit->block);
		PS_TRY(fit_accumulate(fit, chunk, with_gram, &fit->block, error));
		fit_merge(fit, with_gram, &fit->total, &fit->block);
	}
	return PS_OK;
}

/* Compute the sums of all rows at beta; the Gram matrix stays as it is unless asked for. */
static ps_status
fit_pass(ps_linear_fit *fit, bool with_gram, ps_error *error)
{
	sums_clear(fit, with_gram, &fit->total);
	return fit->pass != NULL ? fit->pass(fit, with_gram, error) : ps_linear_fit_sum(fit, with_gram, error);
}

/* The factor of the L2 penalty on coefficient j. */
static double
l2_of(const ps_linear_fit *fit, size_t j)
{
	return j == 0 ? 0 : j < fit->free ? fit->extra_l2 : fit->l2 * fit->l2_factors[j];
}

/* The penalties at beta. */
static double
penalty(const ps_linear_fit *fit)
{
	double		squares = 0;
	double		sizes = 0;

	for (size_t j = 1; j < fit->n; j++)
	{
		squares += l2_of(fit, j) * fit->beta[j] * fit->beta[j];
		sizes += j < fit->free ? 0 : fabs(fit->beta[j]);
	}
	return 0.5 * squares + fit->l1 * sizes;
}

/* product = Gram matrix times v, from its lower triangle. */
static ps_status
gram_times(ps_linear_fit *fit, const double *v, ps_error *error)
{
	memset(fit->product, 0, fit->padded * sizeof(double));
	for (size_t a = 0; a < fit->n; a++)
	{
		const double *row = fit->total.gram + a * fit->padded;

		for (size_t b = 0; b < a; b++)
		{
			fit->product[a] += row[b] * v[b];
			fit->product[b] += row[b] * v[a];
		}
		fit->product[a] += row[a] * v[a];
		if (a % 256 == 255)
			PS_TRY(ps_poll(fit->env, 0, error));
	}
	return PS_OK;
}

/* Correct the Gram matrix by how the last step changed the gradient. */
static ps_status
update_gram(ps_linear_fit *fit, ps_error *error)
{
	double	   *step = fit->step;
	double		curvature = 0;
	double		expected = 0;

	for (size_t j = 0; j < fit->n; j++)
		step[j] = fit->beta[j] - fit->previous[j];
	PS_TRY(gram_times(fit, step, error));
	for (size_t j = 0; j < fit->n; j++)
	{
		fit->previous_gradient[j] -= fit->total.gradient[j];
		curvature += step[j] * fit->previous_gradient[j];
		expected += step[j] * fit->product[j];
	}
	if (!(expected > 0 && curvature > DEPENDENT * expected))
		return PS_OK;
	for (size_t a = 0; a < fit->n; a++)
	{
		double	   *row = fit->total.gram + a * fit->padded;
		double		found = fit->previous_gradient[a] / curvature;
		double		had = fit->product[a] / expected;

		for (size_t b = 0; b <= a; b++)
			row[b] += found * fit->previous_gradient[b] - had * fit->product[b];
		if (a % 256 == 255)
			PS_TRY(ps_poll(fit->env, 0, error));
	}
	return PS_OK;
}

/* Compute the step without an L1 penalty; *rank receives the columns that took part. */
static ps_status
smooth_step(ps_linear_fit *fit, size_t *rank, ps_error *error)
{
	size_t		n = fit->n;

	for (size_t a = 0; a < n; a++)
	{
		fit->step[a] = fit->dropped[a] ? 0 : fit->total.gradient[a] - l2_of(fit, a) * fit->beta[a];
		for (size_t b = 0; b <= a; b++)
			fit->factor[a * n + b] = fit->dropped[a] || fit->dropped[b] ? 0 :
				fit->total.gram[a * fit->padded + b] + (a == b ? l2_of(fit, a) : 0);
	}
	PS_TRY(ps_cholesky(fit->env, fit->factor, n, DEPENDENT, fit->dependent, rank, error));
	ps_cholesky_solve(fit->factor, n, fit->dependent, fit->step);
	return PS_OK;
}

/* Compute the step with one. */
static ps_status
sparse_step(ps_linear_fit *fit, ps_error *error)
{
	double	   *gram = fit->total.gram;

	for (size_t a = 0; a < fit->n; a++)
	{
		for (size_t b = 0; b < a; b++)
			gram[b * fit->padded + a] = gram[a * fit->padded + b];
		if (a % 256 == 255)
			PS_TRY(ps_poll(fit->env, 0, error));
	}
	PS_TRY(gram_times(fit, fit->beta, error));
	for (size_t j = 0; j < fit->n; j++)
	{
		fit->product[j] += fit->total.gradient[j];
		fit->step[j] = fit->beta[j];
	}
	for (size_t j = 1; j < fit->free; j++)
		gram[j * fit->padded + j] += fit->extra_l2;
	PS_TRY(ps_elastic_net(fit->env, gram, fit->padded, fit->n, fit->free, fit->product, fit->l1, fit->l2, fit->step, error));
	for (size_t j = 0; j < fit->n; j++)
		fit->step[j] -= fit->beta[j];
	return PS_OK;
}

/*
 * Compute the step from the sums.  *gain receives what it promises to gain to
 * first order, for a quadratic function twice the gain.
 */
static ps_status
fit_advance(ps_linear_fit *fit, double *gain, size_t *rank, ps_error *error)
{
	*rank = fit->n;
	if (fit->l1 > 0)
		PS_TRY(sparse_step(fit, error));
	else
		PS_TRY(smooth_step(fit, rank, error));
	*gain = fit->step[0] * fit->total.gradient[0];
	for (size_t j = 1; j < fit->n; j++)
		*gain += fit->step[j] * (fit->total.gradient[j] - l2_of(fit, j) * fit->beta[j]) -
			(j < fit->free ? 0 : fit->l1) * (fabs(fit->beta[j] + fit->step[j]) - fabs(fit->beta[j]));
	return PS_OK;
}

/* Mean, scale and range of the design column of coefficient j >= 1. */
static ps_linear_extra
column_of(const ps_linear_fit *fit, size_t j)
{
	const ps_encoder *encoder = fit->encoder;
	size_t		k = j - fit->free;

	return j < fit->free ? fit->extras[j - 1] :
		(ps_linear_extra) {.mean = encoder->mean[k],.scale = encoder->scale[k],.range = encoder->range[k]};
}

/* How much the step moves the predictor over the whole range of the design column of coefficient j >= 1. */
static double
step_over_range(const ps_linear_fit *fit, size_t j)
{
	ps_linear_extra column = column_of(fit, j);

	return fabs(fit->step[j]) / column.scale * column.range;
}

/* The largest of these. */
static double
step_size(const ps_linear_fit *fit)
{
	double		largest = fabs(fit->step[0]);

	for (size_t j = 1; j < fit->n; j++)
		largest = fmax(largest, step_over_range(fit, j));
	return largest;
}

/* Maximise from beta on. */
static ps_status
maximise_from_here(ps_linear_fit *fit, ps_error *error)
{
	double		mean_weight = fit->weight_sum / (double) ps_frame_rows(fit->frame);
	double		best = -INFINITY;
	double		last_size = INFINITY;
	double		small = fit->quadratic && fit->l1 == 0 ? REFINED : STEP_SMALL;
	bool		newton = fit->n <= NEWTON_COLUMNS && !fit->quadratic;	/* a Gram matrix at each point */
	int			halvings = 0;

	fit->status = "not_converged";
	for (fit->iterations = 1; fit->iterations <= fit->most_iterations; fit->iterations++)
	{
		bool		with_gram = newton || fit->iterations == 1;
		double		value;
		double		gain;
		double		size;
		size_t		rank;

		PS_TRY(fit_pass(fit, with_gram, error));
		value = fit->total.value - penalty(fit);

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
		if (!with_gram && !fit->quadratic)
			PS_TRY(update_gram(fit, error));
		PS_TRY(fit_advance(fit, &gain, &rank, error));
		size = step_size(fit);
		if (fit->iterations == 1)
		{
			memcpy(fit->dropped, fit->dependent, fit->n * sizeof(bool));
			fit->rank = rank;
		}
		if (newton && fit->l1 + fit->l2 == 0 &&
			(rank < fit->rank || (gain / mean_weight < GAIN_SMALL && size > STEP_LARGE && size > 0.5 * last_size)))
		{
			fit->status = "separated";
			break;
		}
		memcpy(fit->previous, fit->beta, fit->padded * sizeof(double));
		memcpy(fit->previous_gradient, fit->total.gradient, fit->padded * sizeof(double));
		for (size_t j = 0; j < fit->n; j++)
			fit->beta[j] += fit->step[j];
		last_size = size;
		fit->value = fit->total.value;
		if (size < small && (newton || fit->quadratic))
		{
			fit->status = "converged";
			break;
		}
		newton = newton || (!fit->quadratic && (gain / mean_weight < GAIN_SMALL || fit->iterations >= QUASI_PASSES));
	}
	fit->iterations = fit->iterations < fit->most_iterations ? fit->iterations : fit->most_iterations;
	return PS_OK;
}

/*
 * Maximise from the fit of a sample, if that promises to be of use.  *done says
 * whether the fit converged.  The columns it leaves out must have the
 * coefficient 0, as they have in a sample that leaves them out, too.
 */
static ps_status
maximise_from_sample(ps_linear_fit *fit, bool *done, ps_error *error)
{
	*done = false;
	if (fit->pass != NULL || fit->add_rows != NULL || fit->quadratic || fit->n > NEWTON_COLUMNS || fit->l1 + fit->l2 > 0 ||
		ps_frame_rows(fit->frame) / SAMPLE_STEP / SAMPLE_ROWS < fit->n)
		return PS_OK;
	fit->chunk_step = SAMPLE_STEP;
	PS_TRY(maximise_from_here(fit, error));
	fit->chunk_step = 1;
	memset(fit->dropped, 0, fit->n * sizeof(bool));
	if (strcmp(fit->status, "converged") != 0)
		return PS_OK;
	PS_TRY(maximise_from_here(fit, error));
	*done = strcmp(fit->status, "converged") == 0;
	for (size_t j = 1; j < fit->n; j++)
		*done = *done && !(fit->dropped[j] && fit->beta[j] != 0);
	return PS_OK;
}

/* Set beta to where a fit starts that knows nothing. */
static void
start_anew(ps_linear_fit *fit)
{
	memset(fit->beta, 0, fit->padded * sizeof(double));
	fit->beta[0] = fit->start;
	for (size_t j = 1; j < fit->free; j++)
		fit->beta[j] = fit->extras[j - 1].start;
}

ps_status
ps_linear_fit_maximise(ps_linear_fit *fit, ps_error *error)
{
	bool		done;

	start_anew(fit);
	PS_TRY(maximise_from_sample(fit, &done, error));
	if (done)
		return PS_OK;
	start_anew(fit);
	return maximise_from_here(fit, error);
}

/* Note which columns separate the classes, if they are few enough to name. */
static ps_status
note_separation(const ps_linear_fit *fit, ps_value *notes, ps_error *error)
{
	char		text[200] = "";
	const char *first = NULL;
	size_t		columns = 0;
	bool		one_input = true;

	for (size_t j = fit->free; j < fit->n; j++)
		if (step_over_range(fit, j) > STEP_LARGE)
		{
			const char *name;
			const char *level;

			ps_encode_term(fit->encoder, j - fit->free, &name, &level);
			if (columns++ == 0)
			{
				first = name;
				ps_encode_term_text(fit->encoder, j - fit->free, text, sizeof(text));
			}
			else if (strcmp(first, name) != 0)
				one_input = false;
		}
	if (columns > 1 && one_input)
		ps_format(text, sizeof(text), "\"%s\"", first);
	if (columns > 0 && one_input)
		return ps_note(fit->env, notes, error,
					   "column %s separates the classes (it may be the target in disguise): a ridge keeps the coefficients finite",
					   text);
	return ps_note(fit->env, notes, error,
				   "several columns together separate the classes: a ridge keeps the coefficients finite");
}

/* Note the columns that depend on others. */
static ps_status
note_dropped(const ps_linear_fit *fit, ps_value *notes, ps_error *error)
{
	int64_t		count = 0;

	for (size_t j = fit->free; j < fit->n; j++)
		if (fit->dropped[j] && count++ < NAMED)
		{
			char		text[200];

			ps_encode_term_text(fit->encoder, j - fit->free, text, sizeof(text));
			PS_TRY(ps_note(fit->env, notes, error,
						   "column %s is a linear combination of columns before it: its coefficient is 0", text));
		}
	if (count <= NAMED)
		return PS_OK;
	return ps_note(fit->env, notes, error, "%d more columns are linear combinations of columns before them: their coefficients are 0",
				   count - NAMED);
}

static ps_status
fail_target(const char *name, double target, size_t row, ps_error *error)
{
	ps_fail_column(error, PS_INVALID_DATA, name, "target \"%s\" is %g in row %d, too large to compute with",
				   name, target, (int64_t) row);
	error->row = (int64_t) row;
	return ps_hint(error, "Divide the target by a power of ten, or leave such rows out.");
}

/* Sum up weights and targets; the deviation only where it is wanted. */
static ps_status
survey(ps_linear_fit *fit, const char *name, bool want_deviation, ps_error *error)
{
	const ps_frame *frame = fit->frame;
	ps_sum		weight_sum = {0, 0};
	ps_sum		sums[2] = {{0, 0}, {0, 0}};	/* of targets, and of squared deviations */
	double		min = INFINITY;
	double		max = -INFINITY;

	for (int moment = 0; moment < (want_deviation ? 2 : 1); moment++)
	{
		for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
		{
			const double *targets = ps_frame_targets(frame, chunk);
			const double *weights = ps_frame_weights(frame, chunk);
			double		chunk_weight = 0;
			double		chunk_sum = 0;

			for (size_t i = 0; i < ps_frame_chunk_rows(frame, chunk); i++)
			{
				double		weight = weights == NULL ? 1 : weights[i];
				double		deviation = targets[i] - fit->target_mean;

				if (!(fabs(targets[i]) <= LARGEST))
					return fail_target(name, targets[i], chunk * PS_FRAME_CHUNK + i + 1, error);
				min = targets[i] < min ? targets[i] : min;
				max = targets[i] > max ? targets[i] : max;
				chunk_weight += weight;
				chunk_sum += weight * (moment == 0 ? targets[i] : deviation * deviation);
			}
			if (moment == 0)
				ps_sum_add(&weight_sum, chunk_weight);
			ps_sum_add(&sums[moment], chunk_sum);
			PS_TRY(ps_poll(fit->env, 0, error));
		}
		fit->weight_sum = ps_sum_value(&weight_sum);
		fit->target_mean = min == max ? min : ps_sum_value(&sums[0]) / fit->weight_sum;
	}
	fit->target_deviation = sqrt(ps_sum_value(&sums[1]) / fit->weight_sum);
	if (!isfinite(fit->target_mean + fit->target_deviation))
		return ps_fail_column(error, PS_INVALID_DATA, name,
							  "target \"%s\" times the weights is too large to compute with", name);
	return PS_OK;
}

ps_status
ps_linear_fit_begin(const ps_env *env, const ps_frame *frame, const ps_value *options, ps_moments_kernel kernel,
					bool quadratic, size_t extras, ps_linear_fit *fit, ps_value *notes, ps_error *error)
{
	double		amount = ps_value_number_or(options, "penalty", 0);
	double		l1_ratio = ps_value_number_or(options, "l1_ratio", 0);
	ps_encoder *encoder;
	ps_encoding *encoding;
	size_t		free = 1 + extras;
	size_t		padded;

	PS_TRY(ps_encode_fit(env, frame, options, true, &encoder, notes, error));
	PS_TRY(ps_encode_bind(env, encoder, frame, &encoding, error));
	if (encoder->width == 0)
		PS_TRY(ps_note(env, notes, error, "no column is left to learn from: every row gets the %s",
					   quadratic ? "mean" : kernel == NULL ? "same curve" : "base rate"));
	*fit = (ps_linear_fit) {
		.env = env,.frame = frame,.encoder = encoder,.encoding = encoding,
		.n = encoder->width + free,.free = free,.padded = (encoder->width + free + 3) / 4 * 4,
		.chunk_step = 1,.kernel = kernel,.quadratic = quadratic,.unit = 1,.class_weights = {1, 1},
		.l1 = amount * l1_ratio,.l2 = amount * (1 - l1_ratio) + ps_value_number_or(options, "ridge", 0),
		.choose_ridge = ps_value_get(options, "penalty") == NULL && ps_value_get(options, "ridge") == NULL && kernel != NULL,
		.most_iterations = (int) ps_value_number_or(options, "iterations", 50)
	};
	padded = fit->padded;
	PS_TRY(ps_alloc_zero(env, padded * ROWS, sizeof(double), &fit->tile, error));
	PS_TRY(ps_alloc(env, padded * ROWS, sizeof(double), &fit->scratch, error));
	PS_TRY(ps_alloc(env, padded, sizeof(double), &fit->block.gradient, error));
	PS_TRY(ps_alloc(env, padded * padded, sizeof(double), &fit->block.gram, error));
	PS_TRY(ps_alloc(env, padded, sizeof(double), &fit->total.gradient, error));
	PS_TRY(ps_alloc(env, padded * padded, sizeof(double), &fit->total.gram, error));
	PS_TRY(ps_alloc(env, padded, sizeof(double), &fit->beta, error));
	PS_TRY(ps_alloc_zero(env, padded, sizeof(double), &fit->previous, error));
	PS_TRY(ps_alloc(env, padded, sizeof(double), &fit->previous_gradient, error));
	PS_TRY(ps_alloc(env, padded, sizeof(double), &fit->step, error));
	PS_TRY(ps_alloc(env, padded, sizeof(double), &fit->product, error));
	PS_TRY(ps_alloc(env, padded * padded, sizeof(double), &fit->factor, error));
	PS_TRY(ps_alloc_zero(env, padded, sizeof(bool), &fit->dependent, error));
	PS_TRY(ps_alloc_zero(env, padded, sizeof(bool), &fit->dropped, error));
	PS_TRY(ps_alloc(env, padded, sizeof(double), &fit->l2_factors, error));
	for (size_t j = 0; j < padded; j++)
		fit->l2_factors[j] = 1;
	for (size_t i = 0; i < ROWS; i++)
		fit->tile[i] = 1;		/* the intercept's column */
	return survey(fit, ps_value_text_or(options, "target", "target"), quadratic, error);
}

ps_status
ps_linear_fit_run(ps_linear_fit *fit, ps_value *notes, ps_error *error)
{
	const ps_env *env = fit->env;
	size_t		rows = ps_frame_rows(fit->frame);
	bool		few = fit->choose_ridge && ps_ridge_matters(fit);
	bool		separated;

	fit->status = "";
	if (fit->l1 + fit->l2 > 0)
		fit->no_inference = "the coefficients are penalised";
	else if (rows <= fit->n)
	{
		fit->no_inference = "there are not more rows than coefficients";
		fit->l2 = fit->extra_l2 = FALLBACK_RIDGE;
		PS_TRY(ps_note(env, notes, error, "%d rows are too few for %d coefficients: a ridge keeps them finite",
					   (int64_t) rows, (int64_t) fit->n));
	}
	if (!few || fit->l2 == 0)
		PS_TRY(ps_linear_fit_maximise(fit, error));
	separated = strcmp(fit->status, "separated") == 0;
	if (separated)
	{
		fit->no_inference = "the classes are separated";
		PS_TRY(note_separation(fit, notes, error));
		fit->l2 = fit->extra_l2 = FALLBACK_RIDGE;
		if (!few)
			PS_TRY(ps_linear_fit_maximise(fit, error));
	}
	if (few)
		PS_TRY(ps_ridge_choose(fit, notes, error));
	if (strcmp(fit->status, "converged") != 0)
	{
		if (fit->no_inference == NULL)
			fit->no_inference = "the fit did not converge";
		PS_TRY(ps_note(env, notes, error, "the fit did not converge in %d iterations", (int64_t) fit->most_iterations));
	}
	if (separated)
		fit->status = "separated";
	ps_release(env, fit->tile);
	ps_release(env, fit->scratch);
	ps_release(env, fit->block.gram);
	ps_release(env, fit->total.gram);
	return note_dropped(fit, notes, error);
}

/* Compute the variances of the coefficients in the data's units; a unit that was estimated adds its part (delta method). */
static ps_status
compute_variances(const ps_linear_fit *fit, double variance, double *variances, ps_error *error)
{
	double	   *v = fit->step;
	size_t		first = fit->unit_estimated ? 1 : fit->n;

	memset(v, 0, fit->padded * sizeof(double));
	for (size_t j = fit->n; j-- > 0;)
	{
		v[j] = j == 0 ? 1 : 1 / column_of(fit, j).scale;

		/* intercept = beta_0 - sum of beta_j mean_j / scale_j */
		for (size_t k = 1; j == 0 && k < fit->n; k++)
			v[k] = -column_of(fit, k).mean / column_of(fit, k).scale;
		if (fit->unit_estimated)
		{
			double		form = 0;

			v[1] = 0;
			for (size_t k = 0; k < fit->n; k++)
				form += v[k] * fit->beta[k];
			v[1] = -form / fit->beta[1];
		}
		variances[j] = fit->unit * fit->unit * variance *
			ps_cholesky_inverse_form(fit->factor, fit->n, fit->dependent, v, j < first ? j : first, fit->product);
		v[j] = 0;
		if (j % 8 == 0)
			PS_TRY(ps_poll(fit->env, 0, error));
	}
	return PS_OK;
}

void
ps_linear_fit_extra(ps_linear_fit *fit, size_t extra, double *coefficient, double *variance)
{
	double		scale = fit->extras[extra].scale;

	memset(fit->step, 0, fit->padded * sizeof(double));
	fit->step[extra + 1] = 1 / scale;
	*coefficient = fit->beta[extra + 1] / scale;
	*variance = ps_cholesky_inverse_form(fit->factor, fit->n, fit->dependent, fit->step, extra + 1, fit->product);
}

ps_status
ps_linear_fit_save(ps_linear_fit *fit, const char *at_means_name, double variance, const ps_inference *inference,
				   ps_value *parameters, ps_error *error)
{
	const ps_encoder *encoder = fit->encoder;
	double	   *coefficients = fit->beta;
	double	   *variances = NULL;
	double		at_means;

	if (inference->none == NULL)
	{
		PS_TRY(ps_alloc(fit->env, fit->n, sizeof(double), &variances, error));
		PS_TRY(compute_variances(fit, variance, variances, error));
	}
	ps_release(fit->env, fit->factor);
	at_means = coefficients[0] = fit->shift + fit->correction + fit->unit * fit->beta[0];
	for (size_t j = 1; j < fit->n; j++)
	{
		ps_linear_extra column = column_of(fit, j);
		const char *name;
		const char *level;

		coefficients[j] *= fit->unit / column.scale;
		coefficients[0] -= coefficients[j] * column.mean;
		if (j >= fit->free && ps_encode_term(encoder, j - fit->free, &name, &level) != PS_ENCODE_VALUE)
			at_means -= coefficients[j] * column.mean;
	}

	/* the method's own columns are left out */
	memmove(coefficients + 1, coefficients + fit->free, encoder->width * sizeof(double));
	if (variances != NULL)
		memmove(variances + 1, variances + fit->free, encoder->width * sizeof(double));
	return ps_linear_model_save(fit->env, encoder, at_means_name, at_means, coefficients, variances, inference,
								parameters, error);
}
