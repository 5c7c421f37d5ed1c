/*-------------------------------------------------------------------------
 *
 * ps_bg_bb.c
 *	  The law of BG/BB, and the method bg_bb.
 *
 * Purchases are tied to occasions (a yearly appeal, a weekly market): while
 * alive, a customer uses an occasion with probability p ~ Beta(alpha, beta);
 * before each he drops out for good with probability theta ~ Beta(gamma,
 * delta) (Fader, Hardie, Shang 2010).  Of n = T occasions he used x, the last
 * of them number t_x.  Alive means alive at the next occasion, number n + 1.
 *
 * The likelihood is that of a customer alive at occasion n times 1 + odds,
 * the sum over the last occasion j = t_x .. n - 1 at which he was alive of
 *
 *		u(j) = u(j + 1) * (alpha + beta + j) / (beta + j - x)
 *						* (gamma + delta + 1 + j) / (delta + j),
 *		u(n) = gamma / (gamma + delta + n),
 *
 * positive terms that grow backwards, so nothing cancels; differences of
 * counts are taken first, since beta may be tiny.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "ps_learners.h"
#include "ps_purchase_learner.h"
#include "ps_quadrature.h"
#include "ps_special.h"

#define LARGE 1e50				/* sums are scaled down from here on: a factor may be 1e200 */

enum
{
	ALPHA,
	BETA,
	GAMMA,
	DELTA
};

/* The two factors of u(j) / u(j + 1), both above 1: which 0 and 1. */
static inline double
growth(const double *v, double x, double j, int which)
{
	return which == 0 ? (v[ALPHA] + v[BETA] + j) / (v[BETA] + (j - x)) : (v[GAMMA] + v[DELTA] + 1 + j) / (v[DELTA] + j);
}

/* log(odds of having dropped out by occasion n). */
static double
log_odds_gone(const double *v, double x, double t_x, double n)
{
	double		term = 1,
				sum = 0,
				scale = log(v[GAMMA]) - log(v[GAMMA] + v[DELTA] + n);

	for (double j = n - 1; j >= t_x; j--)
	{
		for (int which = 0; which < 2; which++)
		{
			term *= growth(v, x, j, which);
			if (term > LARGE)
			{
				scale += log(term);
				sum /= term;
				term = 1;
			}
		}
		sum += term;
	}
	return scale + log(sum);
}

static double
log_odds(const ps_purchase *model, double x, double t_x, double T)
{
	const double *v = model->values;
	double		gone = log_odds_gone(v, x, t_x, T),
				next = v[GAMMA] / (v[DELTA] + T);	/* odds of dropping out before occasion n + 1 */

	return gone > 0 ? -gone - log1p(next + next * exp(-gone)) : -log(next + exp(gone) * (1 + next));
}

static double
log_likelihood(const ps_purchase *model, double x, double t_x, double T)
{
	const double *v = model->values;

	return ps_log_rising(v[ALPHA], x) + ps_log_rising(v[BETA], T - x) - ps_log_rising(v[ALPHA] + v[BETA], T)
		+ ps_log_rising(v[DELTA], T) - ps_log_rising(v[GAMMA] + v[DELTA], T)
		+ ps_softplus(log_odds_gone(v, x, t_x, T));
}

/* Turn derivatives in the parameters into derivatives in their logarithms. */
static void
to_logarithms(const double *v, double *first, double second[4][4])
{
	for (int i = 0; i < 4; i++)
	{
		first[i] *= v[i];
		for (int j = 0; j < 4; j++)
			second[i][j] = v[i] * v[j] * second[i][j] + (i == j ? first[i] : 0);
	}
}

/* Derivatives of the likelihood of a customer alive at occasion n. */
static void
derive_alive(const double *v, double x, double n, double *first, double second[4][4])
{
	double		ab = ps_digamma_rise(v[ALPHA] + v[BETA], n),
				gd = ps_digamma_rise(v[GAMMA] + v[DELTA], n),
				ab_fall = ps_trigamma_fall(v[ALPHA] + v[BETA], n),
				gd_fall = ps_trigamma_fall(v[GAMMA] + v[DELTA], n);

	first[ALPHA] = ps_digamma_rise(v[ALPHA], x) - ab;
	first[BETA] = ps_digamma_rise(v[BETA], n - x) - ab;
	first[GAMMA] = -gd;
	first[DELTA] = ps_digamma_rise(v[DELTA], n) - gd;
	second[ALPHA][ALPHA] = ab_fall - ps_trigamma_fall(v[ALPHA], x);
	second[ALPHA][BETA] = second[BETA][ALPHA] = ab_fall;
	second[BETA][BETA] = ab_fall - ps_trigamma_fall(v[BETA], n - x);
	second[GAMMA][GAMMA] = second[GAMMA][DELTA] = second[DELTA][GAMMA] = gd_fall;
	second[DELTA][DELTA] = gd_fall - ps_trigamma_fall(v[DELTA], n);
	to_logarithms(v, first, second);
}

/* Derivatives of log(odds), which is log_odds. */
static void
derive_odds(const double *v, const ps_purchase_group *group, double odds, double *mean, double covariance[4][4])
{
	double		n = group->tenure,
				last = 1 / (v[GAMMA] + v[DELTA] + n),
				term = log(v[GAMMA]) + log(last) - odds,	/* log of the share of u(j) */
				sums[4] = {0, 0, -last, 0},		/* over the four factors of u(j), of 1 / factor */
				squares[4] = {0, 0, -last * last, 0};

	for (int i = 0; i < 4; i++)
	{
		mean[i] = 0;
		for (int k = 0; k < 4; k++)
			covariance[i][k] = 0;
	}
	for (double j = n - 1; j >= group->recency; j--)
	{
		double		factors[4] = {
			1 / (v[ALPHA] + v[BETA] + j), 1 / (v[BETA] + (j - group->frequency)), 1 / (v[GAMMA] + v[DELTA] + 1 + j),
			1 / (v[DELTA] + j)
		},
					first[4],
					second[4][4] = {{0}},
					share;

		term += log(growth(v, group->frequency, j, 0)) + log(growth(v, group->frequency, j, 1));
		share = exp(term);
		for (int i = 0; i < 4; i++)
		{
			sums[i] += factors[i];
			squares[i] += factors[i] * factors[i];
		}
		first[ALPHA] = sums[0];
		first[BETA] = sums[0] - sums[1];
		first[GAMMA] = 1 / v[GAMMA] + sums[2];
		first[DELTA] = sums[2] - sums[3];
		second[ALPHA][ALPHA] = second[ALPHA][BETA] = second[BETA][ALPHA] = -squares[0];
		second[BETA][BETA] = squares[1] - squares[0];
		second[GAMMA][DELTA] = second[DELTA][GAMMA] = -squares[2];
		second[GAMMA][GAMMA] = -squares[2] - 1 / (v[GAMMA] * v[GAMMA]);
		second[DELTA][DELTA] = squares[3] - squares[2];
		to_logarithms(v, first, second);
		for (int i = 0; i < 4; i++)
		{
			mean[i] += share * first[i];
			for (int k = 0; k < 4; k++)
				covariance[i][k] += share * (second[i][k] + first[i] * first[k]);
		}
	}
	for (int i = 0; i < 4; i++)
		for (int k = 0; k < 4; k++)
			covariance[i][k] -= mean[i] * mean[k];
}

static void
accumulate(const ps_purchase_law *law, const ps_purchase_group *groups, size_t from, size_t to, const double *theta,
		   ps_newton_sums *sums)
{
	ps_purchase model = {law, {exp(theta[0]), exp(theta[1]), exp(theta[2]), exp(theta[3])}};
	const double *v = model.values;

	for (size_t at = from; at < to; at++)
	{
		const ps_purchase_group *group = &groups[at];
		double		w = group->weight,
					odds = log_odds_gone(v, group->frequency, group->recency, group->tenure),
					gone = ps_expit(odds),
					first[4],
					mean[4],
					second[4][4] = {{0}},
					covariance[4][4];

		derive_alive(v, group->frequency, group->tenure, first, second);
		derive_odds(v, group, odds, mean, covariance);
		sums->value += w * log_likelihood(&model, group->frequency, group->recency, group->tenure);
		for (int i = 0; i < 4; i++)
		{
			sums->gradient[i] += w * (first[i] + gone * mean[i]);
			for (int k = 0; k < 4; k++)
				sums->hessian[i][k] += w * (second[i][k] + gone * (covariance[i][k] + (1 - gone) * mean[i] * mean[k]));
		}
	}
}

/* P(alive at j more occasions), given alive at the next. */
static double
survival_of(const double *v, double n, double j)
{
	double		d = v[DELTA] + n + 1;

	return exp(ps_log_rising(d, j) - ps_log_rising(v[GAMMA] + d, j));
}

/*
 * The expected number of the next h occasions at which a customer is alive who
 * is alive at the first, the sum of survival_of for j = 0 .. h - 1.  It telescopes to
 *		(c - 1) ((d)_h / (c - 1)_h - 1) / (1 - gamma),	c = gamma + d, d = delta + n + 1,
 * in rising factorials.  Near gamma = 1, and where d is large beside gamma - 1,
 * the logarithm of their quotient is left over from much larger ones; it is
 * (1 - gamma) times an average of psi(u + h) - psi(u) over u between d and c - 1,
 * whose pole at u = 0 is far enough for the nodes up to these bounds.
 */
static double
occasions_alive(double gamma, double d, double h)
{
	double		above = gamma - 1,
				before = gamma + (d - 1),	/* c - 1 */
				rate = 0,
				y;

	if (above < -0.75 * d || above > 3 * d)
		rate = (ps_log_rising(before, h) - ps_log_rising(d, h)) / above;
	else
		for (int i = 0; i < PS_GAUSS_NODES; i++)
			rate += ps_gauss[i].weight * ps_digamma_rise(d + ps_gauss[i].at * above, h);
	y = -above * rate;
	return before * rate * (y == 0 ? 1 : expm1(y) / y);
}

static void
forecast(const ps_purchase *model, double x, double T, double h, double *survival, double *purchases)
{
	const double *v = model->values;

	*survival = survival_of(v, T, h);
	*purchases = (v[ALPHA] + x) / (v[ALPHA] + v[BETA] + T) * occasions_alive(v[GAMMA], v[DELTA] + T + 1, h);
}

/* P(dropped out within h) is E theta (1 + (1 - theta) + ... + (1 - theta)^(h - 1)): the factor theta raises gamma by 1. */
static void
lifetime(const ps_purchase *model, double x, double T, double h, double *log_alive, double *log_lost)
{
	const double *v = model->values;
	double		d = v[DELTA] + T + 1,
				lost = v[GAMMA] / (v[GAMMA] + d) * occasions_alive(v[GAMMA] + 1, d, h);

	(void) x;
	*log_lost = log(lost);
	*log_alive = lost < 0.5 ? log1p(-lost) : ps_log_rising(d, h) - ps_log_rising(v[GAMMA] + d, h);
}

/*
 * Sum over occasions i, from the first that can be it: P(n-th purchase at i)
 * P(alive at i) for P(n or more); P(n purchases at i occasions) P(alive at
 * exactly i of the h occasions) for P(exactly n).
 */
static double
sum_occasions(const ps_purchase *model, double x, double T, double h, double n, bool exactly)
{
	const double *v = model->values;
	double		a = v[ALPHA] + x,
				b = v[BETA] + (T - x),
				d = v[DELTA] + T + 1,
				start = fmax(n, 1),
				bought = 1,		/* P(n purchases ...) and ... */
				alive = 1,		/* ... P(alive at i), relative to the start and to scale */
				sum = 0,
				scale = n > 0 ? ps_log_rising(a, n) - ps_log_rising(a + b, n) : log(b / (a + b));

	if (start > h)
		return n > 0 ? 0 : 1;
	for (double i = start; i <= h; i++)
	{
		double		leave = v[GAMMA] / (v[GAMMA] + d + i - 1);	/* P(dropping out next) */

		sum += bought * alive * (exactly && i < h ? leave : 1);
		alive *= 1 - leave;
		bought *= (exactly ? i + 1 : i) / (i + 1 - n) * ((b + (i - n)) / (a + b + i));
		if (bought > LARGE || sum > LARGE)
		{
			double		by = fmax(bought, sum);

			scale += log(by);
			bought /= by;
			sum /= by;
		}
	}
	return fmin(exp(scale + log(sum) + log(survival_of(v, T, start - 1))), 1);
}

static double
silence(const ps_purchase *model, double x, double T, double h)
{
	return sum_occasions(model, x, T, h, 0, true);
}

static double
exactly(const ps_purchase *model, double x, double T, double h, double n)
{
	return sum_occasions(model, x, T, h, n, true);
}

static double
at_least(const ps_purchase *model, double x, double T, double h, double n)
{
	return sum_occasions(model, x, T, h, n, false);
}

typedef struct discounting
{
	double		delta,
				h;
} discounting;

/* The discounted occasions of a customer with drop-out probability p: a geometric series. */
static void
discounted_given(const void *data, double p, double *values)
{
	const discounting *f = data;

	values[0] = values[1] = exp(-f->delta) * -expm1(f->h * (log1p(-p) - f->delta))
		/ (p - (1 - p) * expm1(-f->delta));
}

static double
discounted(const ps_purchase *model, double x, double T, double h, double delta)
{
	const double *v = model->values;
	double		means[2],
				survival;

	if (delta > 0 && h > 0)
	{
		ps_average_beta(discounted_given, &(discounting) {delta, h}, v[GAMMA], v[DELTA] + T + 1, fmin(1 / delta, h), 2,
						means);
		return (v[ALPHA] + x) / (v[ALPHA] + v[BETA] + T) * means[0];
	}
	forecast(model, x, T, h, &survival, &means[0]);
	return means[0];
}

const ps_purchase_law ps_law_bg_bb = {
	.method = "bg_bb",
	.names = {"alpha", "beta", "gamma", "delta"},
	.occasions = true,
	.starts = {{1, 1, 1, 1}, {1, 1, 0.5, 5}, {0.5, 2, 2, 20}},
	.accumulate = accumulate,
	.block = 1,					/* of up to a million occasions */
	.log_likelihood = log_likelihood,
	.log_odds = log_odds,
	.forecast = forecast,
	.lifetime = lifetime,
	.silence = silence,
	.exactly = exactly,
	.at_least = at_least,
	.discounted = discounted
};

PS_PURCHASE_LEARNER(bg_bb, ps_purchase_options);
