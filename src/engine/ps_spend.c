/*-------------------------------------------------------------------------
 *
 * ps_spend.c
 *	  The gamma-gamma model of spend per purchase: likelihood, fit, mean.
 *
 * With y = log(v) - log(x m) the log-likelihood of a customer is
 *		-log B(p x, q) - p x softplus(y) - q softplus(-y) - log(m),
 * where softplus(y) = log(1 + exp(y)).  The beta function depends on x only:
 * rows are sorted by x and special functions computed once per distinct x.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_sort.h"
#include "ps_special.h"
#include "ps_spend.h"

/* Rows between two polls. */
#define BLOCK 8192

#define ROUNDING 1e-12			/* of a sum of numbers, relative */

enum
{
	P,
	Q,
	V,
	PARAMETERS
};

void
ps_spend_accumulate(const ps_spend_row *rows, size_t from, size_t to, const double *theta, ps_newton_sums *sums)
{
	double		p = exp(theta[P]),
				q = exp(theta[Q]),
			   *g = sums->gradient,
				(*h)[PS_NEWTON_MAX] = sums->hessian;

	while (from < to)
	{
		double		x = rows[from].frequency,
					log_x = log(x),
					px = p * x,
					weight = 0,
					logs = 0,
					up = 0,		/* softplus(y) */
					down = 0,	/* softplus(-y) */
					slope = 0,	/* expit(y) */
					curve = 0,
					first_p,
					first_q;

		for (; from < to && rows[from].frequency == x; from++)
		{
			double		w = rows[from].weight,
						log_m = log(rows[from].amount),
						y = theta[V] - log_x - log_m,
						t = exp(-fabs(y)),
						rest = log1p(t),
						expit = (y > 0 ? 1 : t) / (1 + t);

			weight += w;
			logs += w * log_m;
			up += w * ((y > 0 ? y : 0) + rest);
			down += w * ((y > 0 ? 0 : -y) + rest);
			slope += w * expit;
			curve += w * expit * (1 - expit);
		}

		first_p = px * (weight * ps_digamma_rise(px, q) - up);
		first_q = q * (weight * ps_digamma_rise(q, px) - down);
		sums->value -= weight * ps_log_beta(px, q) + px * up + q * down + logs;
		g[P] += first_p;
		g[Q] += first_q;
		g[V] += q * (weight - slope) - px * slope;
		h[P][P] += first_p - px * px * weight * ps_trigamma_fall(px, q);
		h[P][Q] += px * q * weight * ps_trigamma(px + q);
		h[P][V] -= px * slope;
		h[Q][Q] += first_q - q * q * weight * ps_trigamma_fall(q, px);
		h[Q][V] += q * (weight - slope);
		h[V][V] -= (px + q) * curve;
	}
	for (int i = 0; i < PARAMETERS; i++)
		for (int j = 0; j < i; j++)
			h[i][j] = h[j][i];
}

typedef struct learning
{
	const ps_spend_row *rows;
	size_t		n;
} learning;

/* The objective of the fit: accumulate block by block. */
static ps_status
likelihood(const ps_env *env, const void *data, const double *theta, ps_newton_sums *sums, ps_error *error)
{
	const learning *l = data;

	for (size_t from = 0; from < l->n; from += BLOCK)
	{
		size_t		to = from + BLOCK < l->n ? from + BLOCK : l->n;
		ps_newton_sums block = {0};

		PS_TRY(ps_poll(env, (double) from / (double) l->n, error));
		ps_spend_accumulate(l->rows, from, to, theta, &block);
		ps_newton_merge(sums, &block);
	}
	return PS_OK;
}

/* Order by frequency, then amount. */
static int
compare_rows(const void *left, const void *right)
{
	const ps_spend_row *l = left,
			   *r = right;

	if (l->frequency != r->frequency)
		return l->frequency < r->frequency ? -1 : 1;
	return (l->amount > r->amount) - (l->amount < r->amount);
}

ps_status
ps_spend_learn(const ps_env *env, ps_spend_row *rows, size_t n, ps_fit *fit, ps_error *error)
{
	/* mean amount 1 = p v / (q - 1): ordinary, heavy tails, nearly constant amounts */
	const double starts[][PS_NEWTON_MAX] = {
		{log(6), log(4), log(0.5)},
		{0, log(1.5), log(0.5)},
		{log(50), log(20), log(0.38)}
	};
	double		money = 0,
				scale;
	ps_newton_result result;

	memset(fit, 0, sizeof(*fit));
	fit->groups = n;
	for (size_t i = 0; i < n; i++)
	{
		fit->customers += rows[i].weight;
		money += rows[i].weight * rows[i].amount;
	}
	if (n < 2)
	{
		ps_fail(error, PS_TOO_LITTLE_DATA, "too little to learn spend from: %d customers with repeat purchases "
				"of a known amount above 0", (int64_t) n);
		return ps_hint(error, "At least two are needed.");
	}

	/* as with time, a power of 2 scales exactly */
	scale = exp2(round(log2(money / fit->customers)));
	for (size_t i = 0; i < n; i++)
		rows[i].amount /= scale;
	PS_TRY(ps_sort(env, rows, n, sizeof(*rows), compare_rows, error));
	PS_TRY(ps_newton_maximise(env, likelihood, &(learning) {rows, n}, PARAMETERS, starts,
							  sizeof(starts) / sizeof(starts[0]), &result, error));

	ps_newton_report(&result, PARAMETERS, (const double[]) {1, 1, scale}, fit);
	fit->log_likelihood = result.value - fit->customers * log(scale);	/* one density in money per customer */
	return PS_OK;
}

/* A pair of numbers to correlate. */
typedef struct pair
{
	double		x,
				y,
				weight;
} pair;

/* Order by y. */
static int
compare_pairs(const void *left, const void *right)
{
	const pair *l = left,
			   *r = right;

	if (l->y != r->y)
		return l->y < r->y ? -1 : 1;
	return (l->x > r->x) - (l->x < r->x);
}

/* Replace the x of pairs in their order by ranks: equal ones get the middle of their weight. */
static void
rank_by_x(pair *pairs, size_t n)
{
	double		before = 0;

	for (size_t from = 0, to; from < n; from = to)
	{
		double		x = pairs[from].x,
					weight = 0;

		for (to = from; to < n && pairs[to].x == x; to++)
			weight += pairs[to].weight;
		for (size_t i = from; i < to; i++)
			pairs[i].x = before + weight / 2;
		before += weight;
	}
}

/* Weighted correlation; NAN where x or y does not vary. */
static double
correlate(const pair *pairs, size_t n)
{
	double		weight = 0,
				mean_x = 0,
				mean_y = 0,
				xx = 0,
				xy = 0,
				yy = 0;

	for (size_t i = 0; i < n; i++)
	{
		weight += pairs[i].weight;
		mean_x += pairs[i].weight * pairs[i].x;
		mean_y += pairs[i].weight * pairs[i].y;
	}
	mean_x /= weight;
	mean_y /= weight;
	for (size_t i = 0; i < n; i++)
	{
		double		w = pairs[i].weight / weight,
					dx = pairs[i].x - mean_x,
					dy = pairs[i].y - mean_y;

		xx += w * dx * dx;
		xy += w * dx * dy;
		yy += w * dy * dy;
	}
	/* what rounding leaves of equal numbers is no variance */
	if (!(sqrt(xx) > ROUNDING * fabs(mean_x)) || !(sqrt(yy) > ROUNDING * fabs(mean_y)))
		return NAN;
	return fmax(-1, fmin(1, xy / sqrt(xx) / sqrt(yy)));
}

ps_status
ps_spend_dependence(const ps_env *env, const ps_spend_row *rows, size_t n, double *correlation,
					double *rank_correlation, ps_error *error)
{
	pair	   *pairs;

	PS_TRY(ps_alloc(env, n, sizeof(*pairs), &pairs, error));
	for (size_t i = 0; i < n; i++)
		pairs[i] = (pair) {rows[i].frequency, rows[i].amount, rows[i].weight};
	PS_TRY(ps_poll(env, 0, error));
	*correlation = correlate(pairs, n);
	rank_by_x(pairs, n);
	PS_TRY(ps_sort(env, pairs, n, sizeof(*pairs), compare_pairs, error));

	/* the same for y */
	for (size_t i = 0; i < n; i++)
		pairs[i] = (pair) {pairs[i].y, pairs[i].x, pairs[i].weight};
	rank_by_x(pairs, n);
	PS_TRY(ps_poll(env, 0, error));
	*rank_correlation = correlate(pairs, n);
	ps_release(env, pairs);
	return PS_OK;
}

double
ps_spend_log_likelihood(const ps_spend *model, double x, double m)
{
	double		y = log(model->v) - log(x) - log(m);

	return -ps_log_beta(model->p * x, model->q) - model->p * x * ps_softplus(y) - model->q * ps_softplus(-y) - log(m);
}

double
ps_spend_mean(const ps_spend *model, double x, double m)
{
	double		px = model->p * x,
				denominator = fmax(px, model->q) - 1 + fmin(px, model->q);	/* in this order 1 takes no digits away */

	if (!(denominator > 0))
		return NAN;
	return model->p * (model->v + (x > 0 ? x * m : 0)) / denominator;
}
