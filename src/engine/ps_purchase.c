/*-------------------------------------------------------------------------
 *
 * ps_purchase.c
 *	  What BG/NBD and MBG/NBD share: likelihood, fit and forecasts.
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
#include <math.h>
#include <string.h>

#include "ps_purchase.h"
#include "ps_special.h"

/* Groups between two polls: at most 1 microsecond each. */
#define BLOCK 8192

/* Beyond this many groups the starting points are tried on a sample of about that size. */
#define SAMPLE_GROUPS 16384
#define SAMPLE_REPEATERS 1000

/* Terms of the series that cost as much as the trapezoidal rule. */
#define SERIES_MAX 1000.0

/* The same, in the last of the 16 or more series of a discounted sum. */
#define DISCOUNTED_SERIES_MAX 400.0

/* Spacing of the trapezoidal rules: error about exp(-pi^2 / WIDTH) = 5e-15. */
#define WIDTH 0.3
#define NEGLIGIBLE 1e-15
#define EDGE_MIN 1e-300			/* before p underflows */
#define SPREAD_NONE 1e-9		/* p is as good as known: a relative error of this order */
#define RATES_MAX 256

enum
{
	R,
	ALPHA,
	A,
	B
};

/* log(1 + z) for z >= 0 within two units in the last place; faster than log1p. */
static inline double
log_one_plus(double z)
{
	double		y = 1 + z;

	return log(y) + (z - (y - 1)) / y;
}

/* Draws that a living customer with x repeat purchases has survived. */
static inline double
draws(bool early, double x)
{
	return early ? x + 1 : x;
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
		s.growth += w * log_one_plus(group->tenure / alpha);
		s.share += w * share;
		s.share_rest += w * share * rest;
		if (mortal)
		{
			double		reciprocal_last = 1 / (alpha + group->recency),
						gap = group->tenure - group->recency,
						g = log_one_plus(gap * reciprocal_last),
						k = rest * gap * reciprocal_last,
						u = odds0 + total * g,
						t = exp(-fabs(u)),
						q = (u > 0 ? 1 : t) / (1 + t),
						wq = w * q,
						wv = wq * (1 - q);

			s.softplus += w * ((u > 0 ? u : 0) + log_one_plus(t));
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

void
ps_purchase_accumulate(const ps_purchase_group *groups, size_t from, size_t to, bool early, const double *theta,
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
					n = draws(early, x),
					total = r + x,
					rise_b = ps_digamma_rise(b, n),
					rise_ab = ps_digamma_rise(a + b, n),
					fall_ab = ps_trigamma_fall(a + b, n),
					beta = n > 0 ? b / (b + n - 1) : 0,
					first_r,
					first_b;
		size_t		end = from;
		level_sums	s;

		while (end < to && groups[end].frequency == x)
			end++;
		s = sum_level(groups, from, end, n > 0, total, alpha, n > 0 ? theta[A] - log(b + n - 1) : 0);
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
	for (int i = 0; i < PS_NEWTON_MAX; i++)
		for (int j = 0; j < i; j++)
			h[i][j] = h[j][i];
}

typedef struct learning
{
	const ps_purchase_group *groups;
	size_t		n;
	bool		early;
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
		ps_purchase_accumulate(l->groups, from, to, l->early, theta, &block);
		ps_newton_merge(sums, &block);
	}
	return PS_OK;
}

/*
 * Copy about one group in "stride", chosen by content, keeping the order;
 * *repeaters receives how many of them have repeat purchases.
 */
static size_t
take_sample(const ps_purchase_group *groups, size_t n, size_t stride, ps_purchase_group *sample, size_t room,
			size_t *repeaters)
{
	size_t		taken = 0;

	*repeaters = 0;
	for (size_t i = 0; i < n && taken < room; i++)
	{
		if (ps_purchase_hash(&groups[i]) % stride != 0)
			continue;
		sample[taken++] = groups[i];
		*repeaters += groups[i].frequency > 0;
	}
	return taken;
}

/*
 * Maximise from several starts: balanced, hardly any drop-out (without this
 * one near-Poisson data end on a flat ridge), very heterogeneous.  rate is
 * the mean number of purchases per unit of time.
 */
static ps_status
maximise(const ps_env *env, const learning *all, double rate, ps_newton_result *result, ps_error *error)
{
	const double starts[][PS_NEWTON_MAX] = {
		{0, -log(rate), 0, log(3)},
		{0, -log(rate), log(0.05), log(5)},
		{log(0.3), log(0.1 / rate), 0, 0}
	};
	const int	nstarts = sizeof(starts) / sizeof(starts[0]);

	if (all->n > 2 * SAMPLE_GROUPS)
	{
		learning	part = *all;
		ps_purchase_group *sample;
		size_t		room = 2 * SAMPLE_GROUPS,
					repeaters;

		PS_TRY(ps_alloc(env, room, sizeof(*sample), &sample, error));
		part.groups = sample;
		part.n = take_sample(all->groups, all->n, all->n / SAMPLE_GROUPS, sample, room, &repeaters);
		if (repeaters >= SAMPLE_REPEATERS)
		{
			ps_newton_result near;

			PS_TRY(ps_newton_maximise(env, likelihood, &part, PS_NEWTON_MAX, starts, nstarts, &near, error));
			ps_release(env, sample);
			return ps_newton_maximise(env, likelihood, all, PS_NEWTON_MAX,
									  (const double (*)[PS_NEWTON_MAX]) near.theta, 1, result, error);
		}
		ps_release(env, sample);
	}
	return ps_newton_maximise(env, likelihood, all, PS_NEWTON_MAX, starts, nstarts, result, error);
}

ps_status
ps_purchase_learn(const ps_env *env, ps_purchase_group *rows, size_t n, bool early, ps_fit *fit,
				  ps_error *error)
{
	double		time = 0,
				repeats = 0,
				scale;
	ps_purchase_group *groups;
	ps_newton_result result;

	memset(fit, 0, sizeof(*fit));
	for (size_t i = 0; i < n; i++)
	{
		fit->customers += rows[i].weight;
		time += rows[i].weight * rows[i].tenure;
		repeats += rows[i].weight * rows[i].frequency;
	}
	if (n < 2 || !(repeats > 0))
	{
		ps_fail(error, PS_TOO_LITTLE_DATA, "too little to learn from: %d customers with %g repeat purchases in all",
				(int64_t) n, repeats);
		return ps_hint(error, "At least two customers, and one who bought again, are needed.");
	}

	/* with a mean tenure near 1 the log parameters are of order 1 in any unit; a power of 2 scales exactly */
	scale = exp2(round(log2(time / fit->customers)));
	for (size_t i = 0; i < n; i++)
	{
		rows[i].tenure /= scale;
		rows[i].recency /= scale;
	}
	PS_TRY(ps_purchase_put_together(env, rows, n, &groups, &fit->groups, error));
	PS_TRY(maximise(env, &(learning) {groups, fit->groups, early}, repeats / time * scale, &result, error));

	ps_release(env, groups);
	ps_newton_report(&result, PS_NEWTON_MAX, (const double[]) {1, scale, 1, 1}, fit);
	fit->log_likelihood = result.value - repeats * log(scale);	/* one density in time per repeat purchase */
	return PS_OK;
}

double
ps_purchase_log_odds(const ps_purchase *model, double x, double t_x, double T)
{
	double		n = draws(model->early, x);

	if (n == 0)
		return INFINITY;
	return log(model->b + n - 1) - log(model->a) - (model->r + x) * log1p((T - t_x) / (model->alpha + t_x));
}

double
ps_purchase_log_likelihood(const ps_purchase *model, double x, double t_x, double T)
{
	double		n = draws(model->early, x);

	return ps_log_rising(model->r, x) + ps_log_rising(model->b, n) - ps_log_rising(model->a + model->b, n)
		- (model->r + x) * log1p(T / model->alpha) - x * log(model->alpha)
		+ ps_softplus(-ps_purchase_log_odds(model, x, t_x, T));
}

/* Averages over p ~ Beta(a, b) as sums over the purchases to come; see the head of the file. */
static void
forecast_series(double total, double ratio, double a, double b, double *survival, double *purchases)
{
	double		z = ratio / (1 + ratio),
				chance = exp(-total * log1p(ratio)),	/* P(K = j) */
				alive = 1,		/* m_j */
				made = 0;		/* m_0 + ... + m_(j-1) */

	*survival = 0;
	*purchases = 0;
	for (double j = 0;; j++)
	{
		double		growth = z * (total + j) / (j + 1);

		*survival += chance * alive;
		*purchases += chance * made;
		made += alive;
		alive *= (b + j) / (a + b + j);
		chance *= growth;

		/* from here on the chances fall at least by growth a term; "made" grows slower than j */
		if (growth < 1)
		{
			double		rest = (1 - growth) * (1 - growth) * 1e-17;

			if (chance * made <= rest * *purchases && chance * alive <= rest * *survival)
				return;
		}
	}
}

/* What is averaged over p; values[2] receives the results. */
typedef struct integrand
{
	void		(*value) (const struct integrand *self, double p, double *values);
	double		total,			/* R */
				scale;			/* h / A */
	double		delta,
				horizon;
	const double *rates;		/* quadrature over the purchase rate */
	const double *rate_weights;
	int			nrates;
} integrand;

/*
 * Average over p ~ Beta(a, b) by the trapezoidal rule in log(p / (1 - p)).
 * The integrand must be a constant where p * left or (1 - p) * right is tiny.
 */
static void
average(const integrand *what, double a, double b, double left, double right, double *means)
{
	double		spread = 1 / a + 1 / b, /* variance of log(p / (1 - p)), where it is small */
				centre = log(a) - log(b),
				width = fmin(WIDTH, 0.5 * sqrt(spread)),
				reference = -a * ps_softplus(-centre) - b * ps_softplus(centre),
				sum[3] = {0, 0, 0}; /* of the weights; weighted values */

	if (spread < SPREAD_NONE)
	{
		what->value(what, a / (a + b), means);
		return;
	}
	for (int side = 0; side < 2; side++)
	{
		double		fall = side == 0 ? a : b,	/* of the log weight, per unit, far out */
					settle = side == 0 ? 1 + b + left : 1 + a + right;

		for (double step = side;; step++)
		{
			double		y = centre + (side == 0 ? -step : step) * width,
						t = exp(-fabs(y)),
						l = log1p(t),
						p = (y > 0 ? 1 : t) / (1 + t),
						edge = ((y > 0) == (side == 1) ? t : 1) / (1 + t),	/* p on the left, 1 - p on the right */
						term[3];
			bool		settled = edge * settle < NEGLIGIBLE || edge < EDGE_MIN,
						negligible = true;

			term[0] = exp((y > 0 ? -a * l - b * (y + l) : a * (y - l) - b * l) - reference);
			what->value(what, p, &term[1]);
			term[1] *= term[0];
			term[2] *= term[0];
			for (int i = 0; i < 3; i++)
			{
				/* the terms are powers of edge from here on: add the rest of the geometric series */
				sum[i] += settled ? term[i] / -expm1(-fall * width) : term[i];
				negligible = negligible && term[i] <= NEGLIGIBLE * fmin(1, fall) * sum[i];
			}
			if (settled || negligible)
				break;
		}
	}
	means[0] = sum[1] / sum[0];
	means[1] = sum[2] / sum[0];
}

/* P(alive after h), and purchases within h relative to those of a customer who cannot drop out, given p. */
static void
forecast_given(const integrand *self, double p, double *values)
{
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
	average(&(integrand) {.value = forecast_given, .total = total, .scale = ratio}, a, b,
			ratio * fmax(1, total), total, means);
	*survival = means[0];
	*purchases = means[1] * total * ratio;
}

void
ps_purchase_forecast(const ps_purchase *model, double x, double T, double h, double *survival, double *purchases)
{
	forecast(model->r + x, h / (model->alpha + T), model->a, model->b + draws(model->early, x),
			 survival, purchases);
}

double
ps_purchase_silence(const ps_purchase *model, double x, double t_x, double T, double h)
{
	double		odds = ps_purchase_log_odds(model, x, t_x, T);

	/* dropped out, or alive and no event of a gamma-mixed Poisson process */
	return ps_expit(-odds) + ps_expit(odds) * exp(-(model->r + x) * log1p(h / (model->alpha + T)));
}

/* E (1 - exp(-h (delta + lambda p))) / (delta + lambda p) over the rates lambda, given p. */
static void
discounted_given(const integrand *self, double p, double *values)
{
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
				means[2];
	int			n = 0;

	for (int side = 0; side < 2; side++)
		for (double step = side; n < RATES_MAX; step++)
		{
			double		y = (side == 0 ? -step : step) * width,
						weight = exp(shape * (y - expm1(y)));

			rates[n] = shape / age * exp(y);
			weights[n++] = weight;
			sum += weight;
			if (weight < NEGLIGIBLE * sum)
				break;
		}
	average(&(integrand) {.value = discounted_given, .delta = delta, .horizon = h, .rates = rates,
			.rate_weights = weights, .nrates = n}, a, b, shape / age * fmin(1 / delta, h), shape, means);
	return total / age * means[0] / sum;
}

/*
 * Discounted purchases of a living customer by their rate over time,
 *		f(t) = E lambda exp(-lambda p t) = (R / A) E (1 + p t / A)^-(R+1),
 * the survival function at R + 1.  With t = unit * (exp(y) - 1) and unit the
 * shortest time scale of f(t) exp(-delta t), the integrand is smooth on the
 * scale y = 1: panels of at most 2, each with 16 Gauss-Legendre nodes.
 */
static double
discounted_by_time(double total, double age, double a, double b, double h, double delta)
{
	/* positive half of the nodes on [-1, 1] */
	static const double nodes[8] = {
		0.095012509837637440185, 0.28160355077925891323, 0.45801677765722738634, 0.61787624440264374845,
		0.75540440835500303390, 0.86563120238783174388, 0.94457502307323257608, 0.98940093499164993260
	};
	static const double weights[8] = {
		0.18945061045506849629, 0.18260341504492358887, 0.16915651939500253819, 0.14959598881657673208,
		0.12462897125553387205, 0.095158511682492784810, 0.062253523938647892863, 0.027152459411754094852
	};
	double		unit = 1 / ((total + 1) / age + delta),
				end = log1p(h / unit),
				panels = ceil(end / 2),
				sum = 0,
				survival,
				purchases;

	for (double panel = 0; panel < panels; panel++)
		for (int i = 0; i < 16; i++)
		{
			double		node = i < 8 ? nodes[i] : -nodes[i - 8],
						y = (panel + (1 + node) / 2) * end / panels,
						t = unit * expm1(y);

			forecast(total + 1, t / age, a, b, &survival, &purchases);
			sum += weights[i % 8] * exp(y - delta * t) * survival;
		}
	return h > 0 ? sum * unit * end / (2 * panels) * total / age : 0;
}

double
ps_purchase_discounted(const ps_purchase *model, double x, double T, double h, double delta)
{
	double		total = model->r + x,
				age = model->alpha + T,
				b = model->b + draws(model->early, x),
				survival,
				purchases;

	if (delta > 0 && total * h / age + 37 * (1 + h / age) < DISCOUNTED_SERIES_MAX)
		return discounted_by_time(total, age, model->a, b, h, delta);
	if (delta > 0)
		return discounted_by_rates(total, age, model->a, b, h, delta);
	forecast(total, h / age, model->a, b, &survival, &purchases);
	return purchases;
}
