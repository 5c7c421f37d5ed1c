/*-------------------------------------------------------------------------
 *
 * ps_pareto_nbd.c
 *	  The law of Pareto/NBD, and the method pareto_nbd.
 *
 * While alive, a customer buys at rate lambda ~ Gamma(r, rate alpha); his
 * lifetime is exponential with rate mu ~ Gamma(s, rate beta), whatever he
 * buys (Schmittlein, Morrison, Colombo 1987).  R = r + x throughout.
 *
 * The published likelihood is a difference of two Gauss hypergeometric
 * functions with a case for alpha < beta, and loses all digits for large x or
 * alpha = beta.  Here it is that of a living customer times 1 + odds, with
 *
 *		odds = s int_{t_x}^{T} ((alpha + T) / (alpha + u))^R
 *								* ((beta + T) / (beta + u))^s du / (beta + u)
 *
 * the odds that he died at some u since t_x: a positive integrand without
 * poles.  In u = t_x + unit * (exp(y) - 1), with unit below the shortest scale
 * on which it decays, its singularities are at least pi away from the real
 * axis of y, and 16 Gauss-Legendre nodes on a panel of 2 reach the precision
 * of the arithmetic.  Derivatives of log(odds) are averages under the same
 * integrand, from the same nodes.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "ps_learners.h"
#include "ps_purchase_learner.h"
#include "ps_quadrature.h"
#include "ps_special.h"

#define PANEL 2.0				/* width of panels in y */
#define FIT_PANEL 4.0			/* the same in fits: odds to 1e-10 */
#define NEGLIGIBLE 1e-17

enum
{
	R,
	ALPHA,
	S,
	BETA
};

/* A customer with R = total, alive at t_x and silent for gap since; a = alpha + t_x, b = beta + t_x. */
typedef struct silent
{
	double		total,
				s,
				a,
				b,
				gap,
				unit;
} silent;

static silent
silent_since(const double *values, double x, double t_x, double T)
{
	silent		f = {values[R] + x, values[S], values[ALPHA] + t_x, values[BETA] + t_x, T - t_x, 0};

	f.unit = 1 / ((f.total + 1) / f.a + (f.s + 1) / f.b);
	return f;
}

/* The integrand of the odds in y, relative to its decay until T. */
static double
death_at(const void *data, double y)
{
	const silent *f = data;
	double		d = f->unit * expm1(y);

	return exp(y - f->total * log1p(d / f->a) - f->s * log1p(d / f->b)) / (f->b + d);
}

/* The odds of having died are exp of the sum of both: the integral, and how unlikely it was to live on in silence. */
static double
log_deaths(const silent *f)
{
	return log(f->s * f->unit * ps_integrate(death_at, f, 0, log1p(f->gap / f->unit), PANEL));
}

static double
log_decay(const silent *f)
{
	return f->total * log1p(f->gap / f->a) + f->s * log1p(f->gap / f->b);
}

static double
log_odds(const ps_purchase *model, double x, double t_x, double T)
{
	silent		f = silent_since(model->values, x, t_x, T);

	return -(log_deaths(&f) + log_decay(&f));
}

/* Of a customer who lives at T; or at t_x where he is more likely dead, since the decay since then would cancel. */
static double
log_likelihood(const ps_purchase *model, double x, double t_x, double T)
{
	const double *v = model->values;
	silent		f = silent_since(v, x, t_x, T);
	double		deaths = log_deaths(&f),
				odds = deaths + log_decay(&f),
				alive = odds > 0 ? t_x : T;

	return ps_log_rising(v[R], x) - (v[R] + x) * log1p(alive / v[ALPHA]) - x * log(v[ALPHA])
		- v[S] * log1p(alive / v[BETA]) + log1p(exp(-fabs(odds))) + (odds > 0 ? deaths : 0);
}

/* log(1 + z), given 1 / (1 + z). */
static inline double
log_ratio(double z, double reciprocal)
{
	double		y = 1 + z;

	return log(y) + (z - (y - 1)) * reciprocal;
}

/*
 * Averages under the integrand of the odds, of
 *		g = log((alpha + T) / (alpha + u)),		k = log((beta + T) / (beta + u)),
 *		dg = -dg/dlog(alpha),		m = -d/dlog(beta) (s k - log(beta + u))
 * in the order g, dg, k, m, of their products, and of the derivatives that
 * are no products.  In fits the unit of y is chosen such that whole panels
 * reach T, so that exp(y) at the nodes of a panel, grown, is the same for all.
 */
typedef struct moments
{
	double		log_odds;
	double		first[4];
	double		second[4][4];	/* lower half */
	double		next_alpha,		/* d(dg)/dlog(alpha) */
				next_beta,		/* dm/dlog(beta) */
				dk;				/* m without what stems from log(beta + u) */
} moments;

static void
average_death(const double *values, double x, double t_x, double T, const double *grown, moments *out)
{
	silent		f = silent_since(values, x, t_x, T);
	double		panels = fmax(ceil(log(1 + f.gap / f.unit) / FIT_PANEL), 1),
				unit = f.gap / expm1(panels * FIT_PANEL),
				g_all = ps_log_one_plus(f.gap / f.a),
				k_all = ps_log_one_plus(f.gap / f.b),
				share_a = values[ALPHA] / (values[ALPHA] + T),
				share_b = values[BETA] / (values[BETA] + T),
				a_inverse = 1 / f.a,
				b_inverse = 1 / f.b,
				so_far = 1,		/* exp(y) at the start of the panel */
				sum = 0;

	*out = (moments) {0};
	for (double panel = 0; panel < panels; panel++)
	{
		double		part = 0;

		for (int i = 0; i < PS_GAUSS_NODES; i++)
		{
			double		e = so_far * grown[i],
						d = unit * (e - 1),
						a_u = 1 / (f.a + d),
						b_u = 1 / (f.b + d),
						g = log_ratio(d * a_inverse, f.a * a_u),
						k = log_ratio(d * b_inverse, f.b * b_u),
						weight = ps_gauss[i].weight * e * exp(-f.total * g - f.s * k) * b_u,
						left = f.gap - d,
						rest_a = values[ALPHA] * a_u,
						rest_b = values[BETA] * b_u,
						dg = share_a * left * a_u,
						dk = share_b * left * b_u,
						p[4] = {g_all - g, dg, k_all - k, f.s * dk + rest_b};

			part += weight;
			for (int j = 0; j < 4; j++)
			{
				double		weighted = weight * p[j];

				out->first[j] += weighted;
				for (int l = 0; l <= j; l++)
					out->second[j][l] += weighted * p[l];
			}
			out->next_alpha += weight * dg * (1 - share_a - rest_a);
			out->next_beta += weight * (f.s * dk * (1 - share_b - rest_b) + rest_b * (1 - rest_b));
			out->dk += weight * dk;
		}
		sum += part;
		so_far *= exp(FIT_PANEL);
		if (part <= NEGLIGIBLE * sum)
			break;
	}
	out->log_odds = log(f.s * unit * FIT_PANEL * sum) + f.total * g_all + f.s * k_all;
	for (int j = 0; j < 4; j++)
		out->first[j] /= sum;
	for (int j = 0; j < 4; j++)
		for (int l = 0; l <= j; l++)
			out->second[j][l] = out->second[j][l] / sum - out->first[j] * out->first[l];
	out->next_alpha /= sum;
	out->next_beta /= sum;
	out->dk /= sum;
}

/* Add log(1 + odds) of a group and its derivatives. */
static void
add_odds(const double *values, const ps_purchase_group *group, const double *grown, ps_newton_sums *sums)
{
	double		total = values[R] + group->frequency,
				w = group->weight,
				q,
				scale[4] = {values[R], -total, values[S], -1},
				first[4];
	moments		m;

	average_death(values, group->frequency, group->recency, group->tenure, grown, &m);
	sums->value += w * ps_softplus(m.log_odds);
	q = ps_expit(m.log_odds);
	for (int i = 0; i < 4; i++)
		first[i] = scale[i] * m.first[i];
	first[S] += 1;
	for (int i = 0; i < 4; i++)
	{
		sums->gradient[i] += w * q * first[i];
		for (int j = 0; j <= i; j++)
			sums->hessian[i][j] += w * q * (scale[i] * scale[j] * m.second[i][j] + (1 - q) * first[i] * first[j]);
	}
	sums->hessian[R][R] += w * q * first[R];
	sums->hessian[ALPHA][R] -= w * q * values[R] * m.first[ALPHA];
	sums->hessian[ALPHA][ALPHA] -= w * q * total * m.next_alpha;
	sums->hessian[S][S] += w * q * (first[S] - 1);
	sums->hessian[BETA][S] -= w * q * values[S] * m.dk;
	sums->hessian[BETA][BETA] -= w * q * m.next_beta;
}

static void
accumulate(const ps_purchase_law *law, const ps_purchase_group *groups, size_t from, size_t to, const double *theta,
		   ps_newton_sums *sums)
{
	double		values[4],
				grown[PS_GAUSS_NODES],
			   *g = sums->gradient,
				(*h)[PS_NEWTON_MAX] = sums->hessian,
				x = -1,
				rising = 0,
				rise = 0,
				fall = 0;

	(void) law;
	for (int i = 0; i < 4; i++)
		values[i] = exp(theta[i]);
	for (int i = 0; i < PS_GAUSS_NODES; i++)
		grown[i] = exp(ps_gauss[i].at * FIT_PANEL);
	for (size_t i = from; i < to; i++)
	{
		const ps_purchase_group *group = &groups[i];
		double		w = group->weight,
					share_a = group->tenure / (values[ALPHA] + group->tenure),
					share_b = group->tenure / (values[BETA] + group->tenure),
					growth_a = ps_log_one_plus(group->tenure / values[ALPHA]),
					growth_b = ps_log_one_plus(group->tenure / values[BETA]),
					total,
					first_r,
					first_s = -values[S] * growth_b;

		if (group->frequency != x)
		{
			x = group->frequency;
			rising = ps_log_rising(values[R], x);
			rise = ps_digamma_rise(values[R], x);
			fall = ps_trigamma_fall(values[R], x);
		}
		total = values[R] + x;
		first_r = values[R] * (rise - growth_a);

		sums->value += w * (rising - total * growth_a - x * theta[ALPHA] + first_s);
		g[R] += w * first_r;
		g[ALPHA] += w * (total * share_a - x);
		g[S] += w * first_s;
		g[BETA] += w * values[S] * share_b;
		h[R][R] += w * (first_r - values[R] * values[R] * fall);
		h[ALPHA][R] += w * values[R] * share_a;
		h[ALPHA][ALPHA] -= w * total * share_a * (1 - share_a);
		h[S][S] += w * first_s;
		h[BETA][S] += w * values[S] * share_b;
		h[BETA][BETA] -= w * values[S] * share_b * (1 - share_b);
		if (group->tenure > group->recency)
			add_odds(values, group, grown, sums);
	}
	for (int i = 0; i < PS_PURCHASE_PARAMETERS; i++)
		for (int j = 0; j < i; j++)
			h[j][i] = h[i][j];
}

/* (1 - exp(-rate * time)) / rate for any rate, also 0. */
static double
lost_within(double rate, double time)
{
	double		y = -rate * time;

	return y == 0 ? time : time * (expm1(y) / y);
}

static void
forecast(const ps_purchase *model, double x, double T, double h, double *survival, double *purchases)
{
	const double *v = model->values;
	double		b = v[BETA] + T,
				growth = log1p(h / b);

	*survival = exp(-v[S] * growth);
	*purchases = (v[R] + x) / (v[ALPHA] + T) * b * lost_within(v[S] - 1, growth);
}

static void
lifetime(const ps_purchase *model, double x, double T, double h, double *log_alive, double *log_lost)
{
	(void) x;
	*log_alive = -model->values[S] * log1p(h / (model->values[BETA] + T));
	*log_lost = log(-expm1(*log_alive));
}

/* The likelihood of no purchase, of a customer whose history is forgotten but for what is known of his rates. */
static double
silence(const ps_purchase *model, double x, double T, double h)
{
	const double *v = model->values;
	ps_purchase known = {model->law, {v[R] + x, v[ALPHA] + T, v[S], v[BETA] + T}};

	return exp(fmin(log_likelihood(&known, 0, 0, h), 0));
}

typedef struct worth
{
	double		s,
				b,
				delta,
				unit;
} worth;

/* P(alive) at t = unit * (exp(y) - 1), discounted, for an integral over y. */
static double
worth_at(const void *data, double y)
{
	const worth *f = data;
	double		t = f->unit * expm1(y);

	return exp(y - f->delta * t - f->s * log1p(t / f->b));
}

static double
discounted(const ps_purchase *model, double x, double T, double h, double delta)
{
	const double *v = model->values;
	worth		f = {v[S], v[BETA] + T, delta, 0};
	double		survival,
				purchases;

	if (delta > 0)
	{
		f.unit = 1 / ((f.s + 1) / f.b + delta);
		return (v[R] + x) / (v[ALPHA] + T) * f.unit * ps_integrate(worth_at, &f, 0, log1p(h / f.unit), PANEL);
	}
	forecast(model, x, T, h, &survival, &purchases);
	return purchases;
}

/*
 * The wait for the n-th purchase of a living customer, were he to live for
 * ever, has the density
 *		rho^n (1 + rho)^-(R + n) / B(n, R)		over y = log(rho), rho = t / A,
 * which n times P(exactly n purchases by t) is, too; times his survival,
 * (1 + ratio rho)^-s with ratio = A / B.
 */
typedef struct arrival
{
	double		total,
				s,
				ratio,
				n;
	double		front;			/* log of the constant factor */
	bool		dying;			/* times the hazard of death per unit of y */
} arrival;

static double
arrival_at(const void *data, double y)
{
	const arrival *f = data;
	double		rho = exp(y),
				aged = f->ratio * rho,
				density = exp(f->front + f->n * y - (f->total + f->n) * log1p(rho) - f->s * log1p(aged));

	return f->dying ? density * f->s * aged / (1 + aged) : density;
}

/* Derivative of the log density, falling in y, and its own slope. */
static double
arrival_slope(const arrival *f, double y, double *curvature)
{
	double		share = ps_expit(y),
				aged = ps_expit(y + log(f->ratio));

	*curvature = (f->total + f->n) * share * (1 - share) + f->s * aged * (1 - aged);
	return f->n - (f->total + f->n) * share - f->s * aged;
}

/* Integral of the arrival until log(rho) = end: from its mode, or its end, to both sides. */
static double
integrate_arrival(const arrival *f, double end)
{
	double		low = end - 1500,
				high = end,
				curvature,
				slope = arrival_slope(f, end, &curvature),
				width;

	for (int i = 0; slope < 0 && i < 60; i++)
	{
		double		middle = (low + high) / 2;

		if (arrival_slope(f, middle, &curvature) < 0)
			high = middle;
		else
			low = middle;
	}
	slope = arrival_slope(f, high, &curvature);
	width = fmin(PANEL, fmin(3 / sqrt(curvature), 8 / fabs(slope)));
	return ps_integrate(arrival_at, f, high, -INFINITY, width) +
		(high < end ? ps_integrate(arrival_at, f, high, end, width) : 0);
}

static double
at_least(const ps_purchase *model, double x, double T, double h, double n)
{
	const double *v = model->values;
	double		a = v[ALPHA] + T;
	arrival		f = {v[R] + x, v[S], a / (v[BETA] + T), n, -ps_log_beta(n, v[R] + x), false};

	return fmin(integrate_arrival(&f, log(h / a)), 1);
}

/* Either he is alive after h, or he died after the n-th purchase and before the next. */
static double
exactly(const ps_purchase *model, double x, double T, double h, double n)
{
	const double *v = model->values;
	double		a = v[ALPHA] + T;
	arrival		f = {v[R] + x, v[S], a / (v[BETA] + T), n, -ps_log_beta(n, v[R] + x) - log(n), true};

	return exp(ps_log_negative_binomial(f.total, h / a, n) - f.s * log1p(h / (v[BETA] + T))) +
		integrate_arrival(&f, log(h / a));
}

static const double rate_signs[] = {0, -1, 0, 0};
static const double lifetime_signs[] = {0, 0, 0, -1};

const ps_purchase_law ps_law_pareto_nbd = {
	.method = "pareto_nbd",
	.names = {"r", "alpha", "s", "beta"},
	.times = {false, true, false, true},
	/* balanced; rare, varied drop-out; frequent, uniform drop-out */
	.starts = {{1, 1, 1, 1}, {0.5, 0.5, 0.3, 3}, {1, 1, 5, 10}},
	.accumulate = accumulate,
	.block = 4096,
	.covariate_signs = {rate_signs, lifetime_signs},
	.log_likelihood = log_likelihood,
	.log_odds = log_odds,
	.forecast = forecast,
	.lifetime = lifetime,
	.silence = silence,
	.exactly = exactly,
	.at_least = at_least,
	.discounted = discounted
};

PS_PURCHASE_LEARNER(pareto_nbd, ps_covariates_purchase_options);
