/*-------------------------------------------------------------------------
 *
 * ps_weibull_aft.c
 *	  The method weibull_aft: accelerated failure times.
 *
 * The log of a contract's lifetime is x'beta + sigma W.  W is the log of an
 * exponential variable for weibull and, with sigma 1, exponential; normal for
 * log_normal; logistic for log_logistic (Kalbfleisch and Prentice, The
 * Statistical Analysis of Failure Time Data, chapter 3).  A column multiplies
 * lifetimes, by exp(beta) for each unit.
 *
 * With gamma = beta / sigma and lambda = 1 / sigma (Olsen 1978),
 *		z = lambda log t - x'gamma,
 * the log-likelihood of a row is concave in gamma and lambda:
 *		log S(z)										of one that goes on,
 *		log f(z) + log lambda - log t					of one that has ended.
 * -log t is then one more design column, lambda its coefficient, and
 * all but log lambda is a sum of functions of a linear predictor, -z.
 *
 * A late entry at time e adds -log S(z at e), which is not concave.  Its part
 * of the second derivatives is left out where with it they do not show a
 * maximum; without it they are those of a lower bound, whose steps are safe and short.
 *
 * Where columns determine durations exactly, lambda has no maximum.  A penalty of
 * 4e-10 / 2 times the square of lambda for each contract that ended, with log t scaled to
 * standard deviation 1, keeps lambda below 5e4 and changes one around 1 by 2e-10.  A lambda larger
 * by its square would make the Gram matrix singular in double precision.
 *
 * The main number, PS_ASK_SCORE, is x'beta: the log of the lifetime, in the
 * time unit, that a share of 1/2 of such contracts exceeds, for weibull and exponential 1/e.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_dense.h"
#include "ps_learners.h"
#include "ps_linear_fit.h"
#include "ps_special.h"
#include "ps_survival_quality.h"
#include "ps_survival_table.h"

#define AT_MEANS "log_time_at_means"
#define ROWS PS_NEWTON_ROWS
#define LAMBDA 1				/* its place among the coefficients */
#define LAMBDA_PENALTY 4e-10
#define LAMBDA_MOST 1e4			/* with log t scaled: beyond it durations do not scatter */
#define DEVIATION_LEAST 0.01	/* of log t, for its scale */
#define DEPENDENT 1e-10
#define FAR 5.0					/* beyond it the normal tail is a continued fraction, */
#define FAR_TERMS 30			/* of so many terms */

typedef enum distribution
{
	WEIBULL,
	EXPONENTIAL,
	LOG_NORMAL,
	LOG_LOGISTIC,
	DISTRIBUTIONS
} distribution;

static const char *const distribution_names[DISTRIBUTIONS] = {"weibull", "exponential", "log_normal", "log_logistic"};

static const ps_option own_options[] = {
	PS_SURVIVAL_DURATION,
	PS_SURVIVAL_ENTRY,
	PS_SURVIVAL_MARGIN,
	{"distribution", PS_OPTION_TEXT, NAN, 0, 0, "weibull exponential log_normal log_logistic",
	"How lifetimes of contracts with the same columns are distributed."},
	PS_LINEAR_PENALTIES,
	{"iterations", PS_OPTION_INTEGER, 50, 1, 1000, NULL, "Passes over the rows at most."},
	{0}
};

/* A log density or log probability at z with its derivatives. */
typedef struct term
{
	double		value;
	double		slope;
	double		curvature;		/* minus the second derivative */
} term;

/* log P(W > z). */
static term
log_tail(distribution family, double z)
{
	if (family == LOG_LOGISTIC)
	{
		double		p = ps_expit(z);

		return (term) {-ps_softplus(z), -p, p * ps_expit(-z)};
	}
	if (family == LOG_NORMAL && z < FAR)
	{
		double		tail = 0.5 * erfc(z * 0.70710678118654752440);
		double		hazard = exp(-0.5 * z * z - PS_HALF_LOG_TWO_PI) / tail;

		return (term) {z > 0 ? log(tail) : log1p(-0.5 * erfc(-z * 0.70710678118654752440)), -hazard, hazard * (hazard - z)};
	}
	if (family == LOG_NORMAL)
	{
		/* the hazard is z + 1/(z + 2/(z + 3/...)) (Abramowitz and Stegun 26.2.14) */
		double		fraction = z;

		for (int k = FAR_TERMS; k > 1; k--)
			fraction = z + k / fraction;
		return (term) {-0.5 * z * z - PS_HALF_LOG_TWO_PI - log(z + 1 / fraction), -(z + 1 / fraction), (z + 1 / fraction) / fraction};
	}
	return (term) {-exp(z), -exp(z), exp(z)};
}

/* The log of the density of W at z. */
static term
log_density(distribution family, double z)
{
	term		t;

	if (family == LOG_NORMAL)
		return (term) {-0.5 * z * z - PS_HALF_LOG_TWO_PI, -z, 1};
	t = log_tail(family, z);
	if (family == LOG_LOGISTIC)
		return (term) {z + 2 * t.value, 1 + 2 * t.slope, 2 * t.curvature};
	return (term) {z + t.value, 1 + t.slope, t.curvature};
}

typedef struct learning
{
	distribution family;
	const ps_kernels *kernels;
	const ps_survival_row *rows;
	size_t		n;
	double	   *log_time;		/* of each of rows: of its duration, scaled to mean 0 and deviation 1 */
	double	   *log_entry;		/* of its entry, NAN without one; NULL when none has one */
	double		mean;			/* of log durations */
	double		deviation;
	double		range;			/* of log_time: largest minus smallest */
	double		ended;			/* weights */
	double		log_density;	/* sum of what is added to log densities of z for those of t, but for lambda's part */
	double		start;			/* of the intercept, with lambda's */
	double		lambda_start;

	/* of the pass that runs */
	size_t		next;			/* the first of rows not yet taken */
	double	   *entry_gram;		/* the part of late entries */
} learning;

/* ps_linear_fit.add_rows */
static void
add_rows(ps_linear_fit *fit, size_t first, size_t count, ps_linear_sums *sums)
{
	learning   *l = fit->pass_state;
	const ps_survival_row *rows = l->rows + l->next;
	double	   *column = fit->tile + LAMBDA * ROWS;
	size_t		taken = 0;
	double		predictor[ROWS];
	double		residual[ROWS] = {0};
	double		curvature[ROWS] = {0};
	bool		late = false;

	memset(column, 0, ROWS * sizeof(double));
	for (; l->next + taken < l->n && rows[taken].row < first + count; taken++)
		column[rows[taken].row - first] = -l->log_time[l->next + taken];
	l->kernels->predict_tile(fit->tile, fit->padded, fit->beta, predictor);
	for (size_t k = 0; k < taken; k++)
	{
		size_t		i = rows[k].row - first;
		term		t = rows[k].ended ? log_density(l->family, -predictor[i]) : log_tail(l->family, -predictor[i]);

		sums->value += rows[k].weight * t.value;
		residual[i] = -rows[k].weight * t.slope;
		curvature[i] = rows[k].weight * t.curvature;
		late = late || rows[k].entry > 0;
	}
	l->kernels->moments_tile(fit->tile, fit->padded, residual, curvature, sums->gram, sums->gradient, fit->scratch);
	if (late)
	{
		memset(column, 0, ROWS * sizeof(double));
		memset(residual, 0, sizeof(residual));
		memset(curvature, 0, sizeof(curvature));
		for (size_t k = 0; k < taken; k++)
			if (rows[k].entry > 0)
				column[rows[k].row - first] = -l->log_entry[l->next + k];
		l->kernels->predict_tile(fit->tile, fit->padded, fit->beta, predictor);
		for (size_t k = 0; k < taken; k++)
		{
			size_t		i = rows[k].row - first;
			term		t = log_tail(l->family, -predictor[i]);

			if (!(rows[k].entry > 0))
				continue;
			sums->value -= rows[k].weight * t.value;
			residual[i] = rows[k].weight * t.slope;
			curvature[i] = rows[k].weight * t.curvature;
		}
		l->kernels->moments_tile(fit->tile, fit->padded, residual, curvature, sums->gram == NULL ? NULL : l->entry_gram,
								 sums->gradient, fit->scratch);
	}
	l->next += taken;
}

/* Take the part of late entries out of the Gram matrix, unless no maximum is left then. */
static ps_status
subtract_entries(ps_linear_fit *fit, const learning *l, ps_error *error)
{
	size_t		ranks[2];

	for (int with = 0; with < 2; with++)
	{
		for (size_t a = 0; a < fit->n; a++)
			for (size_t b = 0; b <= a; b++)
				fit->factor[a * fit->n + b] = fit->total.gram[a * fit->padded + b] -
					(with ? l->entry_gram[a * fit->padded + b] : 0);
		PS_TRY(ps_cholesky(fit->env, fit->factor, fit->n, DEPENDENT, fit->dependent, &ranks[with], error));
	}
	for (size_t j = 0; ranks[1] == ranks[0] && j < fit->padded * fit->padded; j++)
		fit->total.gram[j] -= l->entry_gram[j];
	return PS_OK;
}

/* ps_linear_fit.pass: the rows, and log lambda for each that has ended. */
static ps_status
pass(ps_linear_fit *fit, bool with_gram, ps_error *error)
{
	learning   *l = fit->pass_state;
	double		lambda = fit->beta[LAMBDA];

	l->next = 0;
	if (l->log_entry != NULL)
		memset(l->entry_gram, 0, fit->padded * fit->padded * sizeof(double));
	PS_TRY(ps_linear_fit_sum(fit, with_gram, error));
	fit->total.value += l->ended * log(lambda) + l->log_density;
	fit->total.gradient[LAMBDA] += l->ended / lambda;
	fit->total.gram[LAMBDA * fit->padded + LAMBDA] += with_gram ? l->ended / (lambda * lambda) : 0;
	if (with_gram && l->log_entry != NULL)
		PS_TRY(subtract_entries(fit, l, error));

	/* a slope that is just the penalty's leaves lambda where it is */
	for (size_t a = 0; l->family == EXPONENTIAL && a < fit->n; a++)
	{
		fit->total.gradient[LAMBDA] = fit->extra_l2 * lambda;
		if (with_gram)
			fit->total.gram[a * fit->padded + LAMBDA] = fit->total.gram[LAMBDA * fit->padded + a] = 0;
	}
	return PS_OK;
}

/* Leave out contracts that have just begun, which say nothing, and refuse those that have ended then. */
static ps_status
check_durations(const ps_env *env, const ps_survival_reader *reader, ps_survival_row *rows, size_t *n,
				ps_value *notes, ps_error *error)
{
	size_t		kept = 0;
	int64_t		out;

	for (size_t i = 0; i < *n; i++)
	{
		if (rows[i].duration > 0)
			rows[kept++] = rows[i];
		else if (rows[i].ended)
		{
			ps_fail_column(error, PS_INVALID_DATA, reader->names[PS_SURVIVAL_ROLE_DURATION],
						   "the contract in row %d has ended with a duration of 0", (int64_t) rows[i].row + 1);
			error->row = (int64_t) rows[i].row + 1;
			return ps_hint(error, "A lifetime has a logarithm: give a contract that ended on its first day a part of it, "
						   "half a day, say.");
		}
	}
	out = (int64_t) (*n - kept);
	*n = kept;
	return out == 0 ? PS_OK :
		ps_note(env, notes, error, "%d rows are left out: contracts that go on after a duration of 0 say nothing", out);
}

/* Take logarithms of times, scale them, and find where to start. */
static ps_status
prepare(const ps_env *env, learning *l, ps_error *error)
{
	double		weight = 0;
	double		squares = 0;
	double		hazard = 0;
	double		least = INFINITY;
	double		most = -INFINITY;
	bool		late = false;

	PS_TRY(ps_alloc(env, l->n, sizeof(double), &l->log_time, error));
	for (size_t i = 0; i < l->n; i++)
	{
		const ps_survival_row *row = &l->rows[i];

		l->log_time[i] = log(row->duration);
		least = fmin(least, l->log_time[i]);
		most = fmax(most, l->log_time[i]);
		weight += row->weight;
		l->mean += (l->log_time[i] - l->mean) * row->weight / weight;
		l->ended += row->ended ? row->weight : 0;
		l->log_density -= row->ended ? row->weight * l->log_time[i] : 0;
		late = late || row->entry > 0;
	}
	PS_TRY(ps_poll(env, 0, error));
	for (size_t i = 0; i < l->n; i++)
	{
		l->log_time[i] -= l->mean;
		squares += l->rows[i].weight * l->log_time[i] * l->log_time[i];
	}
	l->deviation = fmax(sqrt(squares / weight), DEVIATION_LEAST);
	l->range = fmax((most - least) / l->deviation, 1);
	l->log_density -= l->ended * log(l->deviation);
	l->lambda_start = l->family == EXPONENTIAL ? l->deviation : 1;
	if (late)
		PS_TRY(ps_alloc(env, l->n, sizeof(double), &l->log_entry, error));
	for (size_t i = 0; i < l->n; i++)
	{
		l->log_time[i] /= l->deviation;
		hazard += l->rows[i].weight * exp(l->lambda_start * l->log_time[i]);
		if (late)
			l->log_entry[i] = (log(l->rows[i].entry) - l->mean) / l->deviation;
	}
	l->start = l->family == WEIBULL || l->family == EXPONENTIAL ? log(hazard / l->ended) : 0;
	return ps_poll(env, 0, error);
}

/* Write what the fit says beside the coefficients, and find whether its errors are known. */
static ps_status
save_scale(ps_linear_fit *fit, const learning *l, ps_value *parameters, ps_value *notes, ps_error *error)
{
	const ps_env *env = fit->env;
	double		lambda;
	double		variance;

	ps_linear_fit_extra(fit, 0, &lambda, &variance);
	if (lambda > LAMBDA_MOST && l->family != EXPONENTIAL)
	{
		fit->status = "separated";
		fit->no_inference = "the durations do not scatter";
		PS_TRY(ps_note(env, notes, error, "the columns determine the durations of the contracts that have ended: predictions are all but certain"));
	}
	fit->shift = l->mean;
	fit->unit = l->deviation / lambda;
	fit->unit_estimated = l->family != EXPONENTIAL;
	PS_TRY(ps_value_set_text(env, parameters, "status", fit->status, error));
	PS_TRY(ps_value_set_text(env, parameters, "distribution", distribution_names[l->family], error));
	PS_TRY(ps_value_set_number(env, parameters, "iterations", fit->iterations, error));
	PS_TRY(ps_value_set_number(env, parameters, "ended", l->ended, error));
	PS_TRY(ps_value_set_number(env, parameters, "log_likelihood", fit->value, error));
	PS_TRY(ps_value_set_number(env, parameters, "scale", l->family == EXPONENTIAL ? 1 : fit->unit, error));
	if (fit->no_inference == NULL && l->family != EXPONENTIAL)
		PS_TRY(ps_value_set_number(env, parameters, "scale_standard_error", fit->unit * sqrt(variance) / lambda, error));
	return PS_OK;
}

static distribution
find_distribution(const char *name)
{
	int			family = 0;

	while (family < DISTRIBUTIONS && strcmp(name, distribution_names[family]) != 0)
		family++;
	return (distribution) family;
}

typedef struct aft_state
{
	ps_survival_model model;
	distribution family;
	double		scale;
} aft_state;

static double
log_survival(const ps_survival_curve *curve, double time)
{
	const aft_state *loaded = curve->model;

	return time > 0 ? log_tail(loaded->family, (log(time) - curve->numbers[0]) / loaded->scale).value : 0;
}

/* The curve of a contract whose predictor is known. */
static ps_survival_curve
curve_at(const aft_state *state, double predictor)
{
	return (ps_survival_curve) {log_survival, NULL, INFINITY, state, {predictor}, NULL};
}

static ps_status
find_curve(const void *state, const ps_cell *cells, ps_survival_curve *curve, bool *null, ps_error *error)
{
	const aft_state *loaded = state;
	double		predictor;

	*null = false;
	PS_TRY(ps_linear_model_predict(&loaded->model.predictor, cells, &predictor, error));
	*curve = curve_at(loaded, predictor);
	return PS_OK;
}

static ps_status
score(const void *state, const ps_cell *cells, ps_answer *answer, ps_error *error)
{
	const aft_state *loaded = state;

	return ps_linear_model_predict(&loaded->model.predictor, cells, &answer->number, error);
}

static ps_status
learn(const ps_env *env, const ps_frame *frame, const ps_value *options, ps_value *parameters, ps_value *notes,
	  ps_error *error)
{
	learning	l = {.family = find_distribution(ps_value_text_or(options, "distribution", "weibull")),
		.kernels = ps_kernels_best()};
	ps_inference inference = {.degrees = INFINITY,.ratio = "time_ratio"};
	ps_survival_reader reader;
	ps_survival_row *rows;
	ps_frame   *covariates;
	ps_linear_fit fit;
	aft_state	found;
	ps_survival_curve curve;

	PS_TRY(ps_survival_save(env, options, parameters, error));
	PS_TRY(ps_survival_open_frame(env, &reader, parameters, frame, error));
	PS_TRY(ps_survival_read(env, &reader, frame, &rows, &l.n, notes, error));
	PS_TRY(ps_survival_need_ends(rows, l.n, error));
	PS_TRY(check_durations(env, &reader, rows, &l.n, notes, error));
	l.rows = rows;
	PS_TRY(prepare(env, &l, error));
	PS_TRY(ps_survival_covariates(env, &reader, frame, &covariates, error));
	PS_TRY(ps_linear_fit_begin(env, covariates, options, NULL, false, 1, &fit, notes, error));
	if (l.log_entry != NULL)
		PS_TRY(ps_alloc(env, fit.padded * fit.padded, sizeof(double), &l.entry_gram, error));
	fit.add_rows = add_rows;
	fit.pass = pass;
	fit.pass_state = &l;
	fit.start = l.start;
	fit.extras[0] = (ps_linear_extra) {.start = l.lambda_start,.scale = 1,.range = l.range};
	fit.extra_l2 = l.family == EXPONENTIAL ? 1 : LAMBDA_PENALTY * l.ended;
	PS_TRY(ps_linear_fit_run(&fit, notes, error));
	PS_TRY(save_scale(&fit, &l, parameters, notes, error));
	inference.none = fit.no_inference;
	found = (aft_state) {.family = l.family,.scale = l.family == EXPONENTIAL ? 1 : fit.unit};
	curve = curve_at(&found, fit.shift + fit.unit * fit.beta[0]);
	PS_TRY(ps_survival_table_save(env, rows, l.n, &curve, parameters, error));
	ps_release(env, rows);
	ps_release(env, l.log_time);
	return ps_linear_fit_save(&fit, AT_MEANS, 1, &inference, parameters, error);
}

static ps_status
load(const ps_env *env, const ps_value *parameters, const ps_input *inputs, size_t ninputs, void **state,
	 ps_error *error)
{
	aft_state  *loaded;
	const ps_value *name;
	void	   *predictor;
	ps_survival_curve curve;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*loaded), &loaded, error));
	PS_TRY(ps_survival_open(&loaded->model.reader, parameters, inputs, ninputs, error));
	PS_TRY(ps_linear_model_load(env, parameters, inputs, loaded->model.reader.ncovariates, AT_MEANS, &predictor, error));
	loaded->model.predictor = *(ps_linear_model *) predictor;
	PS_TRY(ps_value_need(parameters, "distribution", PS_STRING, &name, error));
	loaded->family = find_distribution(name->text);
	if (loaded->family == DISTRIBUTIONS)
		return ps_fail(error, PS_CORRUPT, "\"distribution\" is \"%s\", which is none", name->text);
	PS_TRY(ps_value_need_number(parameters, "scale", &loaded->scale, error));
	if (!(loaded->scale > 0))
		return ps_fail(error, PS_CORRUPT, "the scale is %g, which is not above 0", loaded->scale);
	loaded->model.find_curve = find_curve;
	loaded->model.score = score;
	*state = loaded;
	curve = curve_at(loaded, loaded->model.predictor.baseline);
	return ps_survival_table_check(parameters, &curve, error);
}

const ps_learner ps_learner_weibull_aft = {
	.name = "weibull_aft",
	.kind = "survival",
	.needs_target = true,
	.answers = 1u << PS_ASK_SCORE | PS_SURVIVAL_ANSWERS,
	.comparison = PS_COMPARE_KIND,
	.options = own_options,
	.choose = ps_survival_choose_covariates,
	.fit = learn,
	.load = load,
	.answer = ps_survival_ask,
	.evaluate = ps_survival_evaluate,
	.explain = ps_linear_model_explain
};
