/*-------------------------------------------------------------------------
 *
 * ps_beta_geometric.c
 *	  The laws of BG/NBD and MBG/NBD: likelihood and forecasts.
 *
 * Both say: while alive, a customer buys at rate lambda ~ Gamma(r, rate alpha);
 * after a purchase he drops out with probability p ~ Beta(a, b).  BG/NBD
 * (Fader, Hardie, Lee 2005) starts drawing at the first repeat purchase,
 * MBG/NBD (Batislam, Denizel, Filiztekin 2007) already at the first purchase.
 * With x repeat purchases, the last at t_x, observed for T since the first,
 * a living customer has survived n = x (BG) or x + 1 (MBG) draws; nothing
 * else differs.  R = r + x and A = alpha + T throughout.  Since b may be tiny,
 * b + (n - 1) is written where b + n - 1 would lose its digits.
 *
 * The published forms contain the Gauss hypergeometric function, which fails
 * for large x, at a = 1 and for a + b < 1.  Nothing here needs it:
 *
 * The likelihood is that of a living customer times 1 + odds(dropped out),
 *		odds = a / (b + n - 1) * ((alpha + T) / (alpha + t_x))^R,
 * kept as its logarithm.  Special functions depend on x only, so rows are
 * sorted by x and the functions computed once per distinct x; a row costs a
 * few logarithms.
 *
 * Forecasts average over the drop-out probability p ~ Beta(a, b + n) of a
 * living customer.  With K ~ NegativeBinomial(R, z = h / (A + h)) the number
 * of purchases he would make within h if he never dropped out, and m_j the
 * probability of surviving j draws,
 *		P(alive at T + h) = E m_K,		E Y(h) = E (m_0 + ... + m_(K-1)):
 * sums of positive terms without poles.  They grow long with R h / A, and
 * then the average over p is taken instead, of
 *		(1 + p h / A)^-R	and		(1 - (1 + p h / A)^-R) / p,
 * by the trapezoidal rule in log(p / (1 - p)), which converges geometrically
 * for such integrands; its tails are geometric series and summed as such.
 *
 *-------------------------------------------------------------------------
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "ps_purchase.h"
#include "ps_quadrature.h"
#include "ps_special.h"

/* Terms of the series that cost as much as the trapezoidal rule. */
#define SERIES_MAX 1000.0

/* Terms between questions whether the rest is negligible; their quotients are divided side by side. */
#define BLOCK 4

/* The same, in the last of the 16 or more series of a discounted sum. */
#define DISCOUNTED_SERIES_MAX 400.0

/* Spacing of the trapezoidal rules: error about exp(-pi^2 / WIDTH) = 5e-15. */
#define WIDTH 0.3
#define NEGLIGIBLE 1e-15
#define RATES_MAX 256

/* The average over p is good for what is not rarer; what is, is looked for up to a logit, as long as it adds something. */
#define SURVIVAL_RARE 1e-6
#define LOGIT_MAX 720.0
#define FAR_BELOW 45.0
#define POINTS_MAX 100000

enum
{
	R,
	ALPHA,
	A,
	B
};

/* Draws that a living customer with x repeat purchases has survived. */
static inline double
draws(const ps_purchase_law *law, double x)
{
	return law->early ? x + 1 : x;
}

/* Sums over the groups of one frequency; each weighted. */
typedef struct level_sums
{
	double		weight;
	double		growth;			/* log(1 + T / alpha) */
	double		share;			/* T / (alpha + T) */
	double		share_rest;		/* share * (1 - share) */
	double		softplus;		/* log(1 + odds(dropped out)) */
	/* with q = P(dropped out): sums of q and of q (1 - q) times ... */
	double		q,
				qg,				/* g = log((alpha + T) / (alpha + t_x)) */
				qk,				/* k = -dg / dlog(alpha) */
				qkk;			/* -dk / dlog(alpha) */
	double		v,
				vg,
				vk,
				vgg,
				vgk,
				vkk;
} level_sums;

/* Sum the groups from .. to - 1, all of one frequency; odds0 is log(a / (b + n - 1)). */
static level_sums
sum_level(const ps_purchase_group *groups, size_t from, size_t to, bool mortal, double total, double alpha,
		  double odds0)
{
	level_sums	s = {0};

	for (size_t i = from; i < to; i++)
	{
		const ps_purchase_group *group = &groups[i];
		double		w = group->weight,
					reciprocal = 1 / (alpha + group->tenure),
					share = group->tenure * reciprocal,
					rest = alpha * reciprocal;

		s.weight += w;
		s.growth += w * ps_log_one_plus(group->tenure / alpha);
		s.share += w * share;
		s.share_rest += w * share * rest;
		if (mortal)
		{
			double		reciprocal_last = 1 / (alpha + group->recency),
						gap = group->tenure - group->recency,
						g = ps_log_one_plus(gap * reciprocal_last),
						k = rest * gap * reciprocal_last,
						u = odds0 + total * g,
						t = exp(-fabs(u)),
						q = (u > 0 ? 1 : t) / (1 + t),
						wq = w * q,
						wv = wq * (1 - q);

			s.softplus += w * ((u > 0 ? u : 0) + ps_log_one_plus(t));
			s.q += wq;
			s.qg += wq * g;
			s.qk += wq * k;
			s.qkk += wq * k * (1 - rest - alpha * reciprocal_last);
			s.v += wv;
			s.vg += wv * g;
			s.vk += wv * k;
			s.vgg += wv * g * g;
			s.vgk += wv * g * k;
			s.vkk += wv * k * k;
		}
	}
	return s;
}

static void
accumulate(const ps_purchase_law *law, const ps_purchase_group *groups, size_t from, size_t to, const double *theta,
		   ps_newton_sums *sums)
{
	double		r = exp(theta[R]),
				alpha = exp(theta[ALPHA]),
				a = exp(theta[A]),
				b = exp(theta[B]),
			   *g = sums->gradient,
				(*h)[PS_NEWTON_MAX] = sums->hessian;

	while (from < to)
	{
		double		x = groups[from].frequency,
					n = draws(law, x),
					total = r + x,
					rise_b = ps_digamma_rise(b, n),
					rise_ab = ps_digamma_rise(a + b, n),
					fall_ab = ps_trigamma_fall(a + b, n),
					beta = n > 0 ? b / (b + (n - 1)) : 0,
					first_r,
					first_b;
		size_t		end = from;
		level_sums	s;

		while (end < to && groups[end].frequency == x)
			end++;
		s = sum_level(groups, from, end, n > 0, total, alpha, n > 0 ? theta[A] - log(b + (n - 1)) : 0);
		from = end;

		sums->value += s.weight * (ps_log_rising(r, x) + ps_log_rising(b, n) - ps_log_rising(a + b, n)
								   - x * theta[ALPHA]) - total * s.growth + s.softplus;

		first_r = r * (s.weight * ps_digamma_rise(r, x) - s.growth + s.qg);
		first_b = b * s.weight * (rise_b - rise_ab);
		g[R] += first_r;
		g[ALPHA] += total * s.share - x * s.weight - total * s.qk;
		g[A] += s.q - a * s.weight * rise_ab;
		g[B] += first_b - beta * s.q;

		h[R][R] += first_r + r * r * (s.vgg - s.weight * ps_trigamma_fall(r, x));
		h[R][ALPHA] += r * (s.share - s.qk - total * s.vgk);
		h[R][A] += r * s.vg;
		h[R][B] -= r * beta * s.vg;
		h[ALPHA][ALPHA] += total * (total * s.vkk - s.share_rest - s.qkk);
		h[ALPHA][A] -= total * s.vk;
		h[ALPHA][B] += total * beta * s.vk;
		h[A][A] += s.weight * a * (a * fall_ab - rise_ab) + s.v;
		h[A][B] += s.weight * a * b * fall_ab - beta * s.v;
		h[B][B] += first_b + s.weight * b * b * (fall_ab - ps_trigamma_fall(b, n))
			+ beta * (beta * s.v - (1 - beta) * s.q);
	}
	for (int i = 0; i < PS_PURCHASE_PARAMETERS; i++)
		for (int j = 0; j < i; j++)
			h[i][j] = h[j][i];
}

static double
log_odds(const ps_purchase *model, double x, double t_x, double T)
{
	double		n = draws(model->law, x),
				b = model->values[B] + (n - 1),
				a = model->values[A],
				ratio = b / a;

	if (n == 0)
		return INFINITY;
	return (ratio > DBL_MIN && ratio < DBL_MAX ? log(ratio) : log(b) - log(a))
		- (model->values[R] + x) * log1p((T - t_x) / (model->values[ALPHA] + t_x));
}

static double
log_likelihood(const ps_purchase *model, double x, double t_x, double T)
{
	const double *v = model->values;
	double		n = draws(model->law, x);

	return ps_log_rising(v[R], x) + ps_log_rising(v[B], n) - ps_log_rising(v[A] + v[B], n)
		- (v[R] + x) * log1p(T / v[ALPHA]) - x * log(v[ALPHA]) + ps_softplus(-log_odds(model, x, t_x, T));
}

/* Averages over p ~ Beta(a, b) as sums over the purchases to come; see the head of the file. */
static void
forecast_series(double total, double ratio, double a, double b, double *survival, double *purchases)
{
	double		z = ratio / (1 + ratio),
				chance = exp(-total * log1p(ratio)),	/* P(K = j) */
				alive = 1,		/* m_j */
				made = 0,		/* m_0 + ... + m_(j-1) */
				alive_sum = 0,
				made_sum = 0;

	for (double first = 0;; first += BLOCK)
	{
		double		growth[BLOCK],
					survived[BLOCK],
					rest;

		for (int k = 0; k < BLOCK; k++)
		{
			double		j = first + k;

			growth[k] = z * (total + j) / (j + 1);
			survived[k] = (b + j) / (a + b + j);
		}
		for (int k = 0; k < BLOCK; k++)
		{
			alive_sum += chance * alive;
			made_sum += chance * made;
			made += alive;
			alive *= survived[k];
			chance *= growth[k];
		}

		/* from here on the chances fall at least by growth a term; "made" grows slower than j */
		rest = (1 - growth[BLOCK - 1]) * (1 - growth[BLOCK - 1]) * NEGLIGIBLE;
		if (growth[BLOCK - 1] < 1 && chance * made <= rest * made_sum && chance * alive <= rest * alive_sum)
			break;
	}
	*survival = alive_sum;
	*purchases = made_sum;
}

/* What is averaged over p. */
typedef struct integrand
{
	double		total,			/* R */
				scale;			/* h / A */
	double		delta,
				horizon;
	const double *rates;		/* quadrature over the purchase rate */
	const double *rate_weights;
	int			nrates;
} integrand;

/* P(alive after h), and purchases within h relative to those of a customer who cannot drop out, given p. */
static void
forecast_given(const void *data, double p, double *values)
{
	const integrand *self = data;
	double		decay = self->total * log1p(p * self->scale),
				lost = -expm1(-decay);

	values[0] = decay < 1 ? 1 - lost : exp(-decay);
	values[1] = lost / (p * self->total * self->scale);
}

/* Averages for a living customer with R = total, h / A = ratio and p ~ Beta(a, b). */
static void
forecast(double total, double ratio, double a, double b, double *survival, double *purchases)
{
	double		means[2];

	if (total * ratio + 37 * (1 + ratio) < SERIES_MAX && total * log1p(ratio) < 600)
	{
		forecast_series(total, ratio, a, b, survival, purchases);
		return;
	}
	ps_average_beta(forecast_given, &(integrand) {.total = total, .scale = ratio}, a, b,
					ratio * fmax(1, total), total, means);
	*survival = means[0];
	*purchases = means[1] * total * ratio;
}

static void
forecast_purchases(const ps_purchase *model, double x, double T, double h, double *survival, double *purchases)
{
	forecast(model->values[R] + x, h / (model->values[ALPHA] + T), model->values[A],
			 model->values[B] + draws(model->law, x), survival, purchases);
}

/* log of what is averaged for P(alive after h) at y = log(p / (1 - p)), but for the Beta function. */
static double
log_survival_at(double total, double ratio, double a, double b, double y)
{
	return -a * ps_softplus(-y) - b * ps_softplus(y) - total * log1p(ratio * ps_expit(y));
}

/*
 * log of a small P(alive after h): rare customers may make up most of it, far
 * from where the average over p looks.  They are found on a grid.
 */
static double
log_rare_survival(double total, double ratio, double a, double b)
{
	double		width = fmin(WIDTH, 0.5 * sqrt(1 / a + 1 / (b + total))),
				peak = -INFINITY,
				from = LOGIT_MAX,
				to = -LOGIT_MAX,
				points,
				sum = 0;

	for (double y = -LOGIT_MAX; y <= LOGIT_MAX; y += WIDTH)
		peak = fmax(peak, log_survival_at(total, ratio, a, b, y));
	for (double y = -LOGIT_MAX; y <= LOGIT_MAX; y += WIDTH)
		if (log_survival_at(total, ratio, a, b, y) > peak - FAR_BELOW)
		{
			from = fmin(from, y - WIDTH);
			to = fmax(to, y + WIDTH);
		}
	points = fmin(ceil((to - from) / width), POINTS_MAX);
	width = (to - from) / points;
	for (double i = 0; i <= points; i++)
		sum += exp(log_survival_at(total, ratio, a, b, from + i * width) - peak);

	/* where it hardly falls within the grid: the rest of the geometric series */
	if (from < -LOGIT_MAX)
		sum += exp(log_survival_at(total, ratio, a, b, from) - peak) / expm1(a * width);
	if (to > LOGIT_MAX)
		sum += exp(log_survival_at(total, ratio, a, b, to) - peak) / expm1(b * width);
	return peak + log(sum * width) - ps_log_beta(a, b);
}

/* P(dropped out within h) is E p (1 - (1 + p h / A)^-R) / p: the factor p raises a by 1. */
static void
lifetime(const ps_purchase *model, double x, double T, double h, double *log_alive, double *log_lost)
{
	double		total = model->values[R] + x,
				ratio = h / (model->values[ALPHA] + T),
				a = model->values[A],
				b = model->values[B] + draws(model->law, x),
				lost,
				purchases,
				survival;

	forecast(total, ratio, a + 1, b, &survival, &purchases);
	lost = a / (a + b) * purchases;
	*log_lost = log(lost);
	if (lost < 0.5)
	{
		*log_alive = log1p(-lost);
		return;
	}
	forecast(total, ratio, a, b, &survival, &purchases);
	*log_alive = survival > SURVIVAL_RARE ? log(survival) : log_rare_survival(total, ratio, a, b);
}

static double
silence(const ps_purchase *model, double x, double T, double h)
{
	/* no event of a gamma-mixed Poisson process; who buys nothing cannot drop out */
	return exp(-(model->values[R] + x) * log1p(h / (model->values[ALPHA] + T)));
}

/* E (1 - exp(-h (delta + lambda p))) / (delta + lambda p) over the rates lambda, given p. */
static void
discounted_given(const void *data, double p, double *values)
{
	const integrand *self = data;
	double		sum = 0;

	for (int i = 0; i < self->nrates; i++)
	{
		double		force = self->delta + self->rates[i] * p,
					ended = self->horizon * force;

		sum += self->rate_weights[i] * (ended < 40 ? -expm1(-ended) : 1) / force;
	}
	values[0] = values[1] = sum;
}

/*
 * Discounted purchases of a living customer, as E lambda (1 - exp(-h (delta +
 * lambda p))) / (delta + lambda p) over p and lambda ~ Gamma(R, rate A).  The
 * factor lambda turns the latter into (R / A) times Gamma(R + 1, rate A),
 * which the trapezoidal rule in log(lambda) takes.
 */
static double
discounted_by_rates(double total, double age, double a, double b, double h, double delta)
{
	double		rates[RATES_MAX],
				weights[RATES_MAX],
				shape = total + 1,
				width = fmin(WIDTH, 0.5 / sqrt(shape)),
				sum = 0,
				shares = 0,		/* of the largest that is averaged, which grows with waits: p = 1 */
				means[2];
	int			n = 0;

	for (int side = 0; side < 2; side++)
		for (double step = side; n < RATES_MAX; step++)
		{
			double		y = (side == 0 ? -step : step) * width,
						weight = exp(shape * (y - expm1(y))),
						share;

			rates[n] = shape / age * exp(y);
			share = weight / (delta + 1 / h + rates[n]);
			weights[n++] = weight;
			sum += weight;
			shares += share;
			if (weight < NEGLIGIBLE * sum && share < NEGLIGIBLE * shares)
				break;
		}
	ps_average_beta(discounted_given, &(integrand) {.delta = delta, .horizon = h, .rates = rates,
					.rate_weights = weights, .nrates = n}, a, b, shape / age * fmin(1 / delta, h), shape, means);
	return total / age * means[0] / sum;
}

typedef struct rate_over_time
{
	double		total,			/* R + 1 */
				age,
				a,
				b,
				delta,
				unit;
} rate_over_time;

/* Discounted rate at t = unit * (exp(y) - 1), for an integral over y, relative to R / A. */
static double
discounted_rate(const void *data, double y)
{
	const rate_over_time *f = data;
	double		t = f->unit * expm1(y),
				survival,
				purchases;

	forecast(f->total, t / f->age, f->a, f->b, &survival, &purchases);
	return exp(y - f->delta * t) * survival;
}

/*
 * Discounted purchases of a living customer by their rate over time,
 *		f(t) = E lambda exp(-lambda p t) = (R / A) E (1 + p t / A)^-(R+1),
 * the survival function at R + 1.  With t = unit * (exp(y) - 1) and unit the
 * shortest time scale of f(t) exp(-delta t), the integrand is smooth on the
 * scale y = 1.
 */
static double
discounted_by_time(double total, double age, double a, double b, double h, double delta)
{
	rate_over_time f = {total + 1, age, a, b, delta, 1 / ((total + 1) / age + delta)};

	return ps_integrate(discounted_rate, &f, 0, log1p(h / f.unit), 2) * f.unit * total / age;
}

static double
discounted(const ps_purchase *model, double x, double T, double h, double delta)
{
	double		total = model->values[R] + x,
				age = model->values[ALPHA] + T,
				b = model->values[B] + draws(model->law, x),
				survival,
				purchases;

	if (delta > 0 && total * h / age + 37 * (1 + h / age) < DISCOUNTED_SERIES_MAX)
		return discounted_by_time(total, age, model->values[A], b, h, delta);
	if (delta > 0)
		return discounted_by_rates(total, age, model->values[A], b, h, delta);
	forecast(total, h / age, model->values[A], b, &survival, &purchases);
	return purchases;
}

/* P(surviving n draws), given alive at T. */
static double
survival_of(const ps_purchase *model, double x, double n)
{
	double		b = model->values[B] + draws(model->law, x);

	return exp(ps_log_rising(b, n) - ps_log_rising(model->values[A] + b, n));
}

/* The n-th purchase is made by who would make n purchases if he never dropped out, and survives n - 1 of them. */
static double
at_least(const ps_purchase *model, double x, double T, double h, double n)
{
	return ps_negative_binomial_tail(model->values[R] + x, h / (model->values[ALPHA] + T), n)
		* survival_of(model, x, n - 1);
}

/* Either he survives all n purchases and makes no more, or he drops out at the n-th. */
static double
exactly(const ps_purchase *model, double x, double T, double h, double n)
{
	double		total = model->values[R] + x,
				ratio = h / (model->values[ALPHA] + T),
				a = model->values[A],
				b = model->values[B] + draws(model->law, x);

	return exp(ps_log_negative_binomial(total, ratio, n)) * survival_of(model, x, n)
		+ at_least(model, x, T, h, n) * a / (a + b + (n - 1));
}

static const double rate_signs[] = {0, -1, 0, 0};
static const double lifetime_signs[] = {0, 0, 1, 1};

#define BETA_GEOMETRIC \
	.names = {"r", "alpha", "a", "b"}, \
	.times = {false, true, false, false}, \
	/* balanced; hardly any drop-out (without it near-Poisson data end on a flat ridge); very heterogeneous */ \
	.starts = {{1, 1, 1, 3}, {1, 1, 0.05, 5}, {0.3, 0.1, 1, 1}}, \
	.accumulate = accumulate, \
	.block = 8192, \
	.covariate_signs = {rate_signs, lifetime_signs}, \
	.log_likelihood = log_likelihood, \
	.log_odds = log_odds, \
	.forecast = forecast_purchases, \
	.lifetime = lifetime, \
	.silence = silence, \
	.exactly = exactly, \
	.at_least = at_least, \
	.discounted = discounted

const ps_purchase_law ps_law_bg_nbd = {.method = "bg_nbd", .immortal = true, BETA_GEOMETRIC};
const ps_purchase_law ps_law_mbg_nbd = {.method = "mbg_nbd", .early = true, BETA_GEOMETRIC};
