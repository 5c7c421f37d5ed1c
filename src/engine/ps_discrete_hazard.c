/*-------------------------------------------------------------------------
 *
 * ps_discrete_hazard.c
 *	  The method discrete_hazard: contracts that end, or not, in each period.
 *
 * A contract that has lasted for t - 1 periods ends in the next with
 * probability h, where
 *		logit h = a(t) + x'beta		or, with cloglog, log(-log(1 - h)) = a(t) + x'beta,
 * the latter being proportional hazards seen once a period (Prentice and
 * Gloeckler 1978).  That is a regression of person-periods (Allison 1982): a contract
 * contributes one row for each of its periods, the same but for the period.
 * These rows are never made: a(t) is tabled, a row's columns are encoded once, and
 * only sums over its periods are kept.
 *
 * a(t) is a natural cubic spline in log t (Hastie, Tibshirani and Friedman, The Elements of
 * Statistical Learning, 5.2.1), with knots at quantiles of the periods in which contracts ended.
 * Before the first of these and after the last it is linear in log t, so that beyond what was
 * observed the odds of ending move with a power of time.
 *
 * A row's sums enter the Gram matrix through one trick: its cell of a time
 * column is the mean of that column over its periods, weighted by curvature.
 * With the sum of curvatures this gives the products with covariates;
 * the products of time columns among themselves are summed by period, apart.
 *
 * Within a period the hazard is taken to be constant: log survival is linear between
 * the ends of periods.  Beyond the observed periods, those of up to 2 % of the time
 * are taken together.
 *
 * The main number, PS_ASK_SCORE, is the linear predictor of the period that runs:
 * of logit, the log-odds that the contract ends in it.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_learners.h"
#include "ps_linear_fit.h"
#include "ps_survival_quality.h"
#include "ps_survival_table.h"

#define AT_MEANS "predictor_at_means"
#define ROWS PS_NEWTON_ROWS
#define PERIODS_MOST 10000
#define KNOTS_MOST (PS_LINEAR_EXTRAS + 1)	/* with those at both ends */
#define ENDS_PER_KNOT 10
#define TIME_PENALTY 1e-6		/* keeps a(t) finite where coefficients are penalised, so that separation is not looked for */
#define EXPONENT_MOST 300.0		/* of each factor of the odds */
#define PRODUCT_MOST 1e40
#define KNOWN_UP_TO 1e8			/* periods of a curve */
#define BLOCK_SHARE 0.02		/* of the time, that a block of periods beyond the observed ones may have */
#define BLOCKS_MOST (PERIODS_MOST + 1200)
#define NEGLIGIBLE 1e-12
#define LARGEST 1e100			/* of loaded numbers, which are multiplied */

static const ps_option own_options[] = {
	PS_SURVIVAL_DURATION,
	PS_SURVIVAL_ENTRY,
	PS_SURVIVAL_MARGIN,
	{"link", PS_OPTION_TEXT, NAN, 0, 0, "logit cloglog",
	"Whether columns multiply the odds of ending in a period, or the hazard."},
	{"knots", PS_OPTION_INTEGER, 3, 0, KNOTS_MOST - 2, NULL,
	"Bends of the curve of the hazard over the log of time; 0 is a straight line."},
	PS_LINEAR_PENALTIES,
	{"iterations", PS_OPTION_INTEGER, 50, 1, 1000, NULL, "Passes over the rows at most."},
	{0}
};

/* The spline's columns; knots are in log periods, ascending: none, or one at each end and some between. */
typedef struct time_basis
{
	size_t		nknots;
	size_t		width;
	double		knots[KNOTS_MOST];
} time_basis;

static double
cube_above(double x)
{
	return x > 0 ? x * x * x : 0;
}

static void
basis_at(const time_basis *basis, double period, double *out)
{
	double		u = log(period);
	const double *knots = basis->knots;
	size_t		last = basis->nknots - 1;

	out[0] = u;
	for (size_t k = 0; k + 1 < basis->width; k++)
		out[k + 1] = (cube_above(u - knots[k]) - cube_above(u - knots[last])) / (knots[last] - knots[k]) -
			(cube_above(u - knots[last - 1]) - cube_above(u - knots[last])) / (knots[last] - knots[last - 1]);
}

typedef struct learning
{
	bool		cloglog;
	const ps_kernels *kernels;
	const ps_survival_row *rows;
	size_t		n;
	size_t		periods;		/* the longest duration */
	time_basis	basis;
	double	   *at_risk;		/* weights in each period */
	double	   *ends;
	double	   *columns;		/* periods x width, standardised */
	double		ended;

	/* of the pass that runs */
	size_t		next;			/* the first of rows not yet taken */
	double	   *time;			/* a(t), without the intercept */
	double	   *factor;			/* its exponential */
	double	   *slopes;			/* sums of minus the first derivatives, by period */
	double	   *curvatures;
} learning;

/* The exponential of a part of a predictor, kept away from overflow. */
static double
bounded_exp(double x)
{
	return exp(fmin(fmax(x, -EXPONENT_MOST), EXPONENT_MOST));
}

/* Sums over the periods of one row. */
typedef struct row_sums
{
	double		value;
	double		slope;			/* minus the first derivative */
	double		curvature;
	double		times[PS_LINEAR_EXTRAS];	/* curvature times the time columns */
} row_sums;

/* Add the periods from .. to - 1, counted from 0, that a contract survived. */
static void
add_survived(learning *l, double factor, double weight, size_t from, size_t to, bool with_times, row_sums *sums)
{
	size_t		width = l->basis.width;
	double		product = 1;

	for (size_t t = from; t < to; t++)
	{
		double		odds = factor * l->factor[t];
		double		slope = odds;
		double		curvature = odds;

		if (l->cloglog)
			sums->value -= odds;
		else
		{
			double		stays = 1 / (1 + odds);

			slope = odds * stays;
			curvature = slope * stays;
			product *= 1 + odds;
			if (product > PRODUCT_MOST)
			{
				sums->value -= log(product);
				product = 1;
			}
		}
		sums->slope += slope;
		sums->curvature += curvature;
		l->slopes[t] += weight * slope;
		l->curvatures[t] += weight * curvature;
		for (size_t k = 0; with_times && k < width; k++)
			sums->times[k] += curvature * l->columns[t * width + k];
	}
	sums->value -= log(product);
}

/* Add the end of a contract in period t, with cloglog all of it, otherwise what is more than surviving it. */
static void
add_end(learning *l, double predictor, double factor, double weight, size_t t, row_sums *sums)
{
	size_t		width = l->basis.width;
	double		slope = 1;
	double		curvature = 0;

	if (!l->cloglog)
		sums->value += predictor + l->time[t];
	else
	{
		double		hazard = factor * l->factor[t];
		double		grown = expm1(fmin(hazard, EXPONENT_MOST));

		slope = hazard < NEGLIGIBLE ? 1 : hazard / grown;
		curvature = fmax(slope * (hazard + slope - 1), 0);
		sums->value += hazard < NEGLIGIBLE ? predictor + l->time[t] : log(-expm1(-hazard));
	}
	sums->slope -= slope;
	sums->curvature += curvature;
	l->slopes[t] -= weight * slope;
	l->curvatures[t] += weight * curvature;
	for (size_t k = 0; k < width; k++)
		sums->times[k] += curvature * l->columns[t * width + k];
}

/* ps_linear_fit.add_rows */
static void
add_rows(ps_linear_fit *fit, size_t first, size_t count, ps_linear_sums *sums)
{
	learning   *l = fit->pass_state;
	size_t		width = l->basis.width;
	double		predictor[ROWS];
	double		residual[ROWS] = {0};
	double		curvature[ROWS] = {0};

	memset(fit->tile + ROWS, 0, width * ROWS * sizeof(double));
	l->kernels->predict_tile(fit->tile, fit->padded, fit->beta, predictor);
	for (; l->next < l->n && l->rows[l->next].row < first + count; l->next++)
	{
		const ps_survival_row *row = &l->rows[l->next];
		size_t		i = row->row - first;
		size_t		to = (size_t) row->duration;
		double		factor = bounded_exp(predictor[i]);
		row_sums	r = {0};

		add_survived(l, factor, row->weight, (size_t) row->entry, to - (row->ended && l->cloglog), sums->gram != NULL, &r);
		if (row->ended)
			add_end(l, predictor[i], factor, row->weight, to - 1, &r);
		sums->value += row->weight * r.value;
		residual[i] = -row->weight * r.slope;
		curvature[i] = row->weight * r.curvature;
		for (size_t k = 0; r.curvature > 0 && k < width; k++)
			fit->tile[(k + 1) * ROWS + i] = r.times[k] / r.curvature;
	}
	l->kernels->moments_tile(fit->tile, fit->padded, residual, curvature, sums->gram, sums->gradient, fit->scratch);
}

/* ps_linear_fit.pass: tables of the periods, the rows, and the sums of the time columns. */
static ps_status
pass(ps_linear_fit *fit, bool with_gram, ps_error *error)
{
	learning   *l = fit->pass_state;
	size_t		width = l->basis.width;

	l->next = 0;
	for (size_t t = 0; t < l->periods; t++)
	{
		l->time[t] = l->slopes[t] = l->curvatures[t] = 0;
		for (size_t k = 0; k < width; k++)
			l->time[t] += l->columns[t * width + k] * fit->beta[k + 1];
		l->factor[t] = bounded_exp(l->time[t]);
	}
	PS_TRY(ps_linear_fit_sum(fit, with_gram, error));
	for (size_t a = 0; a < width; a++)
	{
		fit->total.gradient[a + 1] = 0;
		for (size_t t = 0; t < l->periods; t++)
			fit->total.gradient[a + 1] -= l->slopes[t] * l->columns[t * width + a];
		for (size_t b = 0; with_gram && b <= a; b++)
		{
			double		sum = 0;

			for (size_t t = 0; t < l->periods; t++)
				sum += l->curvatures[t] * l->columns[t * width + a] * l->columns[t * width + b];
			fit->total.gram[(a + 1) * fit->padded + b + 1] = sum;
		}
	}
	return PS_OK;
}

/* Count who is at risk and who ends in each period. */
static ps_status
count_periods(const ps_env *env, learning *l, const char *time_unit, ps_error *error)
{
	double		longest = 0;

	for (size_t i = 0; i < l->n; i++)
		longest = fmax(longest, l->rows[i].duration);
	if (longest > PERIODS_MOST)
	{
		ps_fail(error, PS_INVALID_DATA, "the longest of the contracts has %g periods, more than %d", longest, (int64_t) PERIODS_MOST);
		return ps_hint(error, "A period is the \"time_unit\", now a %s: count in a longer one, or use the method cox or weibull_aft.",
					   time_unit);
	}
	l->periods = (size_t) longest;
	PS_TRY(ps_alloc_zero(env, l->periods + 1, sizeof(double), &l->at_risk, error));
	PS_TRY(ps_alloc_zero(env, l->periods + 1, sizeof(double), &l->ends, error));
	PS_TRY(ps_alloc(env, l->periods, sizeof(double), &l->time, error));
	PS_TRY(ps_alloc(env, l->periods, sizeof(double), &l->factor, error));
	PS_TRY(ps_alloc(env, l->periods, sizeof(double), &l->slopes, error));
	PS_TRY(ps_alloc(env, l->periods, sizeof(double), &l->curvatures, error));
	for (size_t i = 0; i < l->n; i++)
	{
		const ps_survival_row *row = &l->rows[i];

		l->at_risk[(size_t) row->entry] += row->weight;
		l->at_risk[(size_t) row->duration] -= row->weight;
		if (row->ended)
		{
			l->ends[(size_t) row->duration - 1] += row->weight;
			l->ended += row->weight;
		}
	}
	for (size_t t = 1; t < l->periods; t++)
		l->at_risk[t] += l->at_risk[t - 1];
	return PS_OK;
}

/* Place the knots: at the first and the last period in which contracts ended, and at quantiles between. */
static void
place_knots(learning *l, int wanted)
{
	size_t		inner = (size_t) fmin(wanted, floor(l->ended / ENDS_PER_KNOT));
	double		so_far = 0;
	size_t		done = 0;
	size_t		last = l->periods;
	time_basis *basis = &l->basis;

	while (l->ends[last - 1] == 0)
		last--;
	for (size_t t = 0; t + 1 < last; t++)
	{
		so_far += l->ends[t];
		if (basis->nknots == 0 && so_far > 0)
			basis->knots[basis->nknots++] = log((double) t + 1);
		else if (done < inner && so_far * (double) (inner + 1) >= l->ended * (double) (done + 1))
			basis->knots[basis->nknots++] = log((double) t + 1);
		while (done < inner && so_far * (double) (inner + 1) >= l->ended * (double) (done + 1))
			done++;
	}
	if (basis->nknots > 1)
		basis->knots[basis->nknots++] = log((double) last);
	else
		basis->nknots = 0;
	basis->width = basis->nknots == 0 ? 1 : basis->nknots - 1;
}

/* Table the time columns, standardised over the periods of all contracts. */
static ps_status
table_columns(ps_linear_fit *fit, learning *l, ps_error *error)
{
	size_t		width = l->basis.width;

	PS_TRY(ps_alloc(fit->env, l->periods, width * sizeof(double), &l->columns, error));
	for (size_t t = 0; t < l->periods; t++)
		basis_at(&l->basis, (double) t + 1, l->columns + t * width);
	for (size_t k = 0; k < width; k++)
	{
		double		weight = 0;
		double		mean = 0;
		double		squares = 0;
		double		least = INFINITY;
		double		most = -INFINITY;
		double		scale;

		for (size_t t = 0; t < l->periods; t++)
		{
			double		x = l->columns[t * width + k];

			weight += l->at_risk[t];
			mean += l->at_risk[t] > 0 ? (x - mean) * l->at_risk[t] / weight : 0;
			least = fmin(least, x);
			most = fmax(most, x);
		}
		for (size_t t = 0; t < l->periods; t++)
			squares += l->at_risk[t] * (l->columns[t * width + k] - mean) * (l->columns[t * width + k] - mean);
		scale = squares > 0 ? sqrt(squares / weight) : 1;
		for (size_t t = 0; t < l->periods; t++)
			l->columns[t * width + k] = (l->columns[t * width + k] - mean) / scale;
		fit->extras[k] = (ps_linear_extra) {.mean = mean,.scale = scale,.range = most - least};
	}
	return PS_OK;
}

/* Write what the fit says of time. */
static ps_status
save_time(ps_linear_fit *fit, const learning *l, ps_value *parameters, ps_error *error)
{
	const ps_env *env = fit->env;
	const time_basis *basis = &l->basis;
	double		knots[KNOTS_MOST];
	double		numbers[3][PS_LINEAR_EXTRAS];

	for (size_t k = 0; k < basis->nknots; k++)
		knots[k] = round(exp(basis->knots[k]));
	for (size_t k = 0; k < basis->width; k++)
	{
		double		variance;

		ps_linear_fit_extra(fit, k, &numbers[0][k], &variance);
		numbers[1][k] = sqrt(variance);
		numbers[2][k] = fit->extras[k].mean;
	}
	PS_TRY(ps_value_set_text(env, parameters, "status", fit->status, error));
	PS_TRY(ps_value_set_text(env, parameters, "link", l->cloglog ? "cloglog" : "logit", error));
	PS_TRY(ps_value_set_number(env, parameters, "iterations", fit->iterations, error));
	PS_TRY(ps_value_set_number(env, parameters, "ended", l->ended, error));
	PS_TRY(ps_value_set_number(env, parameters, "log_likelihood", fit->value, error));
	PS_TRY(ps_value_set_number(env, parameters, "periods", (double) l->periods, error));
	PS_TRY(ps_value_set_numbers(env, parameters, "knots", knots, basis->nknots, error));
	PS_TRY(ps_value_set_numbers(env, parameters, "time_coefficients", numbers[0], basis->width, error));
	if (fit->no_inference == NULL)
		PS_TRY(ps_value_set_numbers(env, parameters, "time_standard_errors", numbers[1], basis->width, error));
	return ps_value_set_numbers(env, parameters, "time_means", numbers[2], basis->width, error);
}

typedef struct discrete_state
{
	ps_survival_model model;
	bool		cloglog;
	time_basis	basis;
	const double *coefficients;	/* of the time columns */
	const double *means;
	size_t		nblocks;
	double	   *starts;			/* periods before each block; nblocks + 1 */
	double	   *factors;		/* exp(a(t)) in the middle of each */
} discrete_state;

/* a(t) less its mean. */
static double
time_part(const discrete_state *state, double period)
{
	double		columns[PS_LINEAR_EXTRAS];
	double		sum = 0;

	basis_at(&state->basis, period, columns);
	for (size_t k = 0; k < state->basis.width; k++)
		sum += state->coefficients[k] * (columns[k] - state->means[k]);
	return sum;
}

/* Table a(t), period by period as far as it was observed. */
static ps_status
table_blocks(const ps_env *env, discrete_state *state, double periods, ps_error *error)
{
	double		start = 0;

	PS_TRY(ps_alloc(env, BLOCKS_MOST + 1, sizeof(double), &state->starts, error));
	PS_TRY(ps_alloc(env, BLOCKS_MOST, sizeof(double), &state->factors, error));
	while (start < KNOWN_UP_TO && state->nblocks < BLOCKS_MOST)
	{
		double		length = start < periods ? 1 : fmax(1, floor(BLOCK_SHARE * start));

		state->starts[state->nblocks] = start;
		state->factors[state->nblocks++] = bounded_exp(time_part(state, start + 0.5 * (length + 1)));
		start += length;
	}
	state->starts[state->nblocks] = start;
	return ps_poll(env, 0, error);
}

/* Read and check the knots. */
static ps_status
load_basis(const ps_value *parameters, time_basis *basis, ps_error *error)
{
	const ps_value *list = ps_value_get(parameters, "knots");
	const double *knots;

	basis->nknots = list == NULL ? 0 : list->count;
	if (basis->nknots != 0 && (basis->nknots < 3 || basis->nknots > KNOTS_MOST))
		return ps_fail(error, PS_CORRUPT, "there are %d knots", (int64_t) basis->nknots);
	PS_TRY(ps_value_need_numbers(parameters, "knots", basis->nknots, &knots, error));
	for (size_t k = 0; k < basis->nknots; k++)
	{
		if (!(knots[k] >= (k == 0 ? 1 : knots[k - 1] + 1) && knots[k] <= PERIODS_MOST))
			return ps_fail(error, PS_CORRUPT, "knot %d is %g", (int64_t) k + 1, knots[k]);
		basis->knots[k] = log(knots[k]);
	}
	basis->width = basis->nknots == 0 ? 1 : basis->nknots - 1;
	return PS_OK;
}

/* Validate and read what is said of time. */
static ps_status
load_time(const ps_env *env, const ps_value *parameters, discrete_state *loaded, ps_error *error)
{
	const ps_value *link;
	int64_t		periods;

	PS_TRY(ps_value_need(parameters, "link", PS_STRING, &link, error));
	loaded->cloglog = strcmp(link->text, "cloglog") == 0;
	if (!loaded->cloglog && strcmp(link->text, "logit") != 0)
		return ps_fail(error, PS_CORRUPT, "\"link\" is \"%s\", which is none", link->text);
	PS_TRY(ps_value_need_integer(parameters, "periods", 1, PERIODS_MOST, &periods, error));
	PS_TRY(load_basis(parameters, &loaded->basis, error));
	PS_TRY(ps_value_need_numbers(parameters, "time_coefficients", loaded->basis.width, &loaded->coefficients, error));
	PS_TRY(ps_value_need_numbers(parameters, "time_means", loaded->basis.width, &loaded->means, error));
	for (size_t k = 0; k < loaded->basis.width; k++)
	{
		if (!(fabs(loaded->coefficients[k]) <= LARGEST && fabs(loaded->means[k]) <= LARGEST))
			return ps_fail(error, PS_CORRUPT, "the coefficient or mean of time column %d is too large", (int64_t) k + 1);
	}
	return table_blocks(env, loaded, (double) periods, error);
}

/* -log(1 - h) in the periods of a block. */
static double
block_hazard(const ps_survival_curve *curve, size_t block)
{
	const discrete_state *state = curve->model;
	double		odds = curve->numbers[0] * state->factors[block];

	return state->cloglog ? odds : log1p(odds);
}

static double
log_survival(const ps_survival_curve *curve, double time)
{
	const discrete_state *state = curve->model;
	double		sum = 0;
	double		product = 1;	/* of 1 + odds in blocks of one period, which saves logarithms */

	for (size_t b = 0; b < state->nblocks && state->starts[b] < time; b++)
	{
		double		length = fmin(state->starts[b + 1], time) - state->starts[b];

		if (state->cloglog || length != 1)
			sum += length * block_hazard(curve, b);
		else
		{
			product *= 1 + curve->numbers[0] * state->factors[b];
			if (product > PRODUCT_MOST)
			{
				sum += log(product);
				product = 1;
			}
		}
	}
	return -sum - log(product);
}

/* ps_survival_curve.expectation: in each block survival falls exponentially. */
static double
expectation(const ps_survival_curve *curve, double t, double horizon, double delta)
{
	const discrete_state *state = curve->model;
	double		reached = 0;	/* after t */
	double		remaining = 1;	/* survival, discounted */
	double		sum = 0;

	for (size_t b = 0; b < state->nblocks && reached < horizon && remaining > NEGLIGIBLE * NEGLIGIBLE; b++)
	{
		double		length = fmin(state->starts[b + 1] - t, horizon) - reached;
		double		rate;

		if (!(length > 0))
			continue;
		rate = block_hazard(curve, b) + delta;
		sum += remaining * (rate * length > 0 ? -expm1(-rate * length) / rate : length);
		remaining *= exp(-rate * length);
		reached += length;
	}
	return reached < horizon && remaining > NEGLIGIBLE ? (double) NAN : sum;
}

/* The curve of a contract whose predictor without time is known. */
static ps_survival_curve
curve_at(const discrete_state *state, double predictor)
{
	return (ps_survival_curve) {log_survival, NULL, state->starts[state->nblocks], state, {bounded_exp(predictor)}, expectation};
}

static ps_status
find_curve(const void *state, const ps_cell *cells, ps_survival_curve *curve, bool *null, ps_error *error)
{
	const discrete_state *loaded = state;
	double		predictor;

	*null = false;
	PS_TRY(ps_linear_model_predict(&loaded->model.predictor, cells, &predictor, error));
	*curve = curve_at(loaded, predictor);
	return PS_OK;
}

static ps_status
score(const void *state, const ps_cell *cells, ps_answer *answer, ps_error *error)
{
	const discrete_state *loaded = state;
	double		duration;

	PS_TRY(ps_survival_duration(&loaded->model.reader, cells, &duration, &answer->null, error));
	if (answer->null)
		return PS_OK;
	PS_TRY(ps_linear_model_predict(&loaded->model.predictor, cells, &answer->number, error));
	answer->number += time_part(loaded, floor(fmin(duration, KNOWN_UP_TO)) + 1);
	return PS_OK;
}

static ps_status
learn(const ps_env *env, const ps_frame *frame, const ps_value *options, ps_value *parameters, ps_value *notes,
	  ps_error *error)
{
	const char *time_unit = ps_value_text_or(options, "time_unit", "day");
	learning	l = {.cloglog = strcmp(ps_value_text_or(options, "link", "logit"), "cloglog") == 0,
		.kernels = ps_kernels_best()};
	ps_inference inference = {.degrees = INFINITY,.ratio = l.cloglog ? "hazard_ratio" : "odds_ratio"};
	double		at_risk = 0;
	ps_survival_reader reader;
	ps_survival_row *rows;
	ps_frame   *covariates;
	ps_linear_fit fit;
	discrete_state found = {0};
	ps_survival_curve curve;

	PS_TRY(ps_survival_save(env, options, parameters, error));
	PS_TRY(ps_survival_open_frame(env, &reader, parameters, frame, error));
	PS_TRY(ps_survival_read(env, &reader, frame, &rows, &l.n, notes, error));
	PS_TRY(ps_survival_need_ends(rows, l.n, error));
	PS_TRY(ps_survival_need_periods(&reader, rows, l.n, time_unit, error));
	l.rows = rows;
	PS_TRY(count_periods(env, &l, time_unit, error));
	place_knots(&l, (int) ps_value_number_or(options, "knots", 3));
	PS_TRY(ps_survival_covariates(env, &reader, frame, &covariates, error));
	PS_TRY(ps_linear_fit_begin(env, covariates, options, NULL, false, l.basis.width, &fit, notes, error));
	PS_TRY(table_columns(&fit, &l, error));
	for (size_t t = 0; t < l.periods; t++)
		at_risk += l.at_risk[t];
	fit.add_rows = add_rows;
	fit.pass = pass;
	fit.pass_state = &l;
	fit.start = log(l.ended / fmax(at_risk - l.ended, 0.5 * l.ended));
	fit.extra_l2 = fit.l1 + fit.l2 > 0 ? TIME_PENALTY : 0;
	PS_TRY(ps_linear_fit_run(&fit, notes, error));
	inference.none = fit.no_inference;
	PS_TRY(save_time(&fit, &l, parameters, error));
	PS_TRY(load_time(env, parameters, &found, error));
	curve = curve_at(&found, fit.beta[0]);
	PS_TRY(ps_survival_table_save(env, rows, l.n, &curve, parameters, error));
	ps_release(env, rows);
	return ps_linear_fit_save(&fit, AT_MEANS, 1, &inference, parameters, error);
}

static ps_status
load(const ps_env *env, const ps_value *parameters, const ps_input *inputs, size_t ninputs, void **state,
	 ps_error *error)
{
	discrete_state *loaded;
	void	   *predictor;
	ps_survival_curve curve;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*loaded), &loaded, error));
	PS_TRY(ps_survival_open(&loaded->model.reader, parameters, inputs, ninputs, error));
	PS_TRY(ps_linear_model_load(env, parameters, inputs, loaded->model.reader.ncovariates, AT_MEANS, &predictor, error));
	loaded->model.predictor = *(ps_linear_model *) predictor;
	PS_TRY(load_time(env, parameters, loaded, error));
	loaded->model.find_curve = find_curve;
	loaded->model.score = score;
	*state = loaded;
	curve = curve_at(loaded, loaded->model.predictor.baseline);
	return ps_survival_table_check(parameters, &curve, error);
}

/* The duration contributes what the period that runs has more than the mean period of the training. */
static ps_status
explain(const ps_env *env, const void *state, const ps_cell *cells, double *baseline, double *contributions,
		ps_error *error)
{
	const discrete_state *loaded = state;
	double		duration;
	bool		null;

	PS_TRY(ps_linear_model_explain(env, state, cells, baseline, contributions, error));
	PS_TRY(ps_survival_duration(&loaded->model.reader, cells, &duration, &null, error));
	if (!null)
		contributions[loaded->model.reader.inputs[PS_SURVIVAL_ROLE_DURATION]] +=
			time_part(loaded, floor(fmin(duration, KNOWN_UP_TO)) + 1);
	return PS_OK;
}

const ps_learner ps_learner_discrete_hazard = {
	.name = "discrete_hazard",
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
	.explain = explain
};
