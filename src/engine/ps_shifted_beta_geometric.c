/*-------------------------------------------------------------------------
 *
 * ps_shifted_beta_geometric.c
 *	  The method shifted_beta_geometric: contracts renewed period by period.
 *
 * At the end of each period a contract ends with a probability of its own,
 * which is Beta(alpha, beta) distributed among contracts (Fader and Hardie
 * 2007, "How to project customer retention"):
 *		P(T = t) = B(alpha + 1, beta + t - 1) / B(alpha, beta)
 *		P(T > t) = B(alpha, beta + t) / B(alpha, beta)
 * with t counted in periods, the time unit.  A contract that has ended did so
 * in the period of its duration, 1 or more; one that goes on has lasted that
 * many.  Those who stay are ever more loyal: retention rises with time.
 *
 * Between the ends of periods answers use the same formula of P(T > t), which
 * interpolates smoothly, so that a horizon need not be a whole number.
 *
 * The main number, PS_ASK_SCORE, is the probability that the contract ends
 * with the period that runs: alpha / (alpha + beta + t).
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_learners.h"
#include "ps_newton.h"
#include "ps_parameters.h"
#include "ps_sort.h"
#include "ps_special.h"
#include "ps_survival_quality.h"
#include "ps_survival_table.h"

#define PARAMETERS 2
#define BLOCK 1024

enum
{
	ALPHA,
	BETA
};

static const char *const names[PARAMETERS] = {"alpha", "beta"};

static const ps_option own_options[] = {
	PS_SURVIVAL_DURATION,
	PS_SURVIVAL_ENTRY,
	PS_SURVIVAL_MARGIN,
	{0}
};

static int
compare_rows(const void *left, const void *right)
{
	const ps_survival_row *a = left;
	const ps_survival_row *b = right;

	if (a->duration != b->duration)
		return a->duration > b->duration ? 1 : -1;
	if (a->entry != b->entry)
		return a->entry > b->entry ? 1 : -1;
	return a->ended - b->ended;
}

/* Sort rows and put equal ones together. */
static ps_status
group_rows(const ps_env *env, ps_survival_row *rows, size_t *n, ps_error *error)
{
	size_t		groups = 0;

	PS_TRY(ps_sort(env, rows, *n, sizeof(*rows), compare_rows, error));
	for (size_t i = 0; i < *n; i++)
	{
		if (groups > 0 && compare_rows(&rows[groups - 1], &rows[i]) == 0)
			rows[groups - 1].weight += rows[i].weight;
		else
			rows[groups++] = rows[i];
	}
	*n = groups;
	return PS_OK;
}

typedef struct learning
{
	const ps_survival_row *rows;
	size_t		n;
} learning;

/*
 * Add weight times the log of Gamma(beta + t_beta) Gamma(s) / Gamma(beta) /
 * Gamma(s + t_sum), s = alpha + beta, and its derivatives in alpha and beta.
 * With both t equal this is log P(T > t).
 */
static void
add_log_survival(double alpha, double beta, double weight, double t_beta, double t_sum, double *value,
				 double g[PARAMETERS], double h[PARAMETERS][PARAMETERS])
{
	double		s = alpha + beta;
	double		fall = ps_trigamma_fall(s, t_sum);

	*value += weight * (ps_log_rising(beta, t_beta) - ps_log_rising(s, t_sum));
	g[ALPHA] -= weight * ps_digamma_rise(s, t_sum);
	g[BETA] += weight * (ps_digamma_rise(beta, t_beta) - ps_digamma_rise(s, t_sum));
	h[ALPHA][ALPHA] += weight * fall;
	h[ALPHA][BETA] += weight * fall;
	h[BETA][BETA] += weight * (fall - ps_trigamma_fall(beta, t_beta));
}

/* Add value and derivatives in (log alpha, log beta). */
static ps_status
likelihood(const ps_env *env, const void *data, const double *theta, ps_newton_sums *sums, ps_error *error)
{
	const learning *l = data;
	double		alpha = exp(theta[ALPHA]);
	double		beta = exp(theta[BETA]);
	double		g[PARAMETERS] = {0};
	double		h[PARAMETERS][PARAMETERS] = {{0}};

	for (size_t i = 0; i < l->n; i++)
	{
		const ps_survival_row *row = &l->rows[i];
		double		w = row->weight;

		if (i % BLOCK == 0)
			PS_TRY(ps_poll(env, (double) i / (double) l->n, error));
		add_log_survival(alpha, beta, w, row->duration - row->ended, row->duration, &sums->value, g, h);
		if (row->ended)
		{
			sums->value += w * theta[ALPHA];
			g[ALPHA] += w / alpha;
			h[ALPHA][ALPHA] -= w / (alpha * alpha);
		}
		if (row->entry > 0)
			add_log_survival(alpha, beta, -w, row->entry, row->entry, &sums->value, g, h);
	}

	/* from the parameters to their logarithms */
	sums->gradient[ALPHA] += alpha * g[ALPHA];
	sums->gradient[BETA] += beta * g[BETA];
	sums->hessian[ALPHA][ALPHA] += alpha * g[ALPHA] + alpha * alpha * h[ALPHA][ALPHA];
	sums->hessian[ALPHA][BETA] += alpha * beta * h[ALPHA][BETA];
	sums->hessian[BETA][ALPHA] += alpha * beta * h[ALPHA][BETA];
	sums->hessian[BETA][BETA] += beta * g[BETA] + beta * beta * h[BETA][BETA];
	return PS_OK;
}

/* Learn alpha and beta from grouped rows. */
static ps_status
learn(const ps_env *env, const ps_survival_row *rows, size_t n, ps_fit *fit, ps_error *error)
{
	double		ended = 0;
	double		periods = 0;
	double		odds;
	ps_newton_result result;

	memset(fit, 0, sizeof(*fit));
	fit->groups = n;
	for (size_t i = 0; i < n; i++)
	{
		fit->customers += rows[i].weight;
		ended += rows[i].ended ? rows[i].weight : 0;
		periods += rows[i].weight * (rows[i].duration - rows[i].entry);
	}

	/* around the mean churn per period: spread, ordinary and nearly equal customers */
	odds = fmin(fmax((periods - ended) / ended, 1e-3), 1e6);
	{
		const double starts[][PS_NEWTON_MAX] = {
			{log(0.5), log(0.5 * odds)},
			{log(2), log(2 * odds)},
			{log(50), log(50 * odds)}
		};

		PS_TRY(ps_newton_maximise(env, likelihood, &(learning) {rows, n}, PARAMETERS, starts,
								  sizeof(starts) / sizeof(starts[0]), &result, error));
	}
	ps_newton_report(&result, PARAMETERS, (const double[]) {1, 1}, fit);
	fit->log_likelihood = result.value;
	return PS_OK;
}

static ps_status
make(const ps_env *env, const ps_value *given, const ps_value *options, ps_value *parameters, ps_error *error)
{
	PS_TRY(ps_survival_save(env, options, parameters, error));
	return ps_parameters_make(env, given, names, PARAMETERS, parameters, error);
}

typedef struct shifted_beta_geometric_state
{
	ps_survival_model model;
	double		alpha;
	double		beta;
} shifted_beta_geometric_state;

static double
log_survival(const ps_survival_curve *curve, double time)
{
	const shifted_beta_geometric_state *loaded = curve->model;

	/* Gamma(beta + t) Gamma(alpha + beta) / Gamma(beta) / Gamma(alpha + beta + t), by the shorter of two ways, which keeps the digits */
	return time <= loaded->alpha ? ps_log_rising(loaded->beta, time) - ps_log_rising(loaded->alpha + loaded->beta, time) :
		ps_log_rising(loaded->beta, loaded->alpha) - ps_log_rising(loaded->beta + time, loaded->alpha);
}

static ps_status
find_curve(const void *state, const ps_cell *cells, ps_survival_curve *curve, bool *null, ps_error *error)
{
	(void) cells;
	(void) error;
	*null = false;
	*curve = (ps_survival_curve) {log_survival, NULL, INFINITY, state, {0}, NULL};
	return PS_OK;
}

static ps_status
score(const void *state, const ps_cell *cells, ps_answer *answer, ps_error *error)
{
	const shifted_beta_geometric_state *loaded = state;
	double		duration;

	PS_TRY(ps_survival_duration(&loaded->model.reader, cells, &duration, &answer->null, error));
	if (!answer->null)
		answer->number = loaded->alpha / (loaded->alpha + loaded->beta + duration);
	return PS_OK;
}

static ps_status
load(const ps_env *env, const ps_value *parameters, const ps_input *inputs, size_t ninputs, void **state,
	 ps_error *error)
{
	static const char *const others[] = {"time_unit", "duration", "entry", "margin", "curves"};
	shifted_beta_geometric_state *loaded;
	double		values[PARAMETERS];
	ps_survival_curve curve;
	bool		null;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*loaded), &loaded, error));
	PS_TRY(ps_parameters_load(parameters, names, PARAMETERS, others, sizeof(others) / sizeof(others[0]), values, error));
	PS_TRY(ps_survival_open(&loaded->model.reader, parameters, inputs, ninputs, error));
	if (loaded->model.reader.ncovariates > 0)
		return ps_fail(error, PS_CORRUPT, "there are inputs without a role");
	loaded->alpha = values[ALPHA];
	loaded->beta = values[BETA];
	loaded->model.find_curve = find_curve;
	loaded->model.score = score;
	*state = loaded;
	PS_TRY(find_curve(loaded, NULL, &curve, &null, error));
	return ps_survival_table_check(parameters, &curve, error);
}

static ps_status
fit(const ps_env *env, const ps_frame *frame, const ps_value *options, ps_value *parameters, ps_value *notes,
	ps_error *error)
{
	ps_survival_reader reader;
	ps_survival_row *rows;
	ps_fit		result;
	size_t		n;
	shifted_beta_geometric_state found = {0};
	ps_survival_curve curve;
	bool		null;

	PS_TRY(ps_survival_save(env, options, parameters, error));
	PS_TRY(ps_survival_open_frame(env, &reader, parameters, frame, error));
	PS_TRY(ps_survival_read(env, &reader, frame, &rows, &n, notes, error));
	PS_TRY(ps_survival_need_ends(rows, n, error));
	PS_TRY(ps_survival_need_periods(&reader, rows, n, ps_value_text_or(options, "time_unit", "day"), error));
	PS_TRY(group_rows(env, rows, &n, error));
	PS_TRY(learn(env, rows, n, &result, error));
	PS_TRY(ps_parameters_note(env, &result, "shifted beta geometric", notes, error));
	PS_TRY(ps_parameters_store(env, &result, names, PARAMETERS, parameters, error));
	found.alpha = result.values[ALPHA];
	found.beta = result.values[BETA];
	PS_TRY(find_curve(&found, NULL, &curve, &null, error));
	PS_TRY(ps_survival_table_save(env, rows, n, &curve, parameters, error));
	ps_release(env, rows);
	return PS_OK;
}

const ps_learner ps_learner_shifted_beta_geometric = {
	.name = "shifted_beta_geometric",
	.kind = "survival",
	.needs_target = true,
	.answers = 1u << PS_ASK_SCORE | PS_SURVIVAL_ANSWERS,
	.comparison = PS_COMPARE_KIND,
	.options = own_options,
	.choose = ps_survival_choose,
	.fit = fit,
	.make = make,
	.load = load,
	.answer = ps_survival_ask,
	.evaluate = ps_survival_evaluate
};
