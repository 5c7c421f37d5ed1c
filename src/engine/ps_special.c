/*-------------------------------------------------------------------------
 *
 * ps_special.c
 *	  Gamma-function family for positive real arguments.
 *
 * Everything rests on the asymptotic series in 1/x (Abramowitz and Stegun
 * 6.1.40, 6.3.18, 6.4.11), used from x = 12 on, where seven terms reach
 * double precision; smaller arguments are first moved up by recurrence.  In
 * differences the series are subtracted term by term with
 *		u^k - w^k = u * (u^(k-1) - w^(k-1)) + w^(k-1) * (u - w),
 * u = 1/x, w = 1/(x + n), u - w = n * u * w, in which nothing cancels.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "ps_special.h"

#define ASYMPTOTIC_FROM 12.0
#define TERMS 7
#define FRACTION_MAX 20000.0	/* enough for arguments to 1e8 */

#define HALF_LOG_TWO_PI 0.91893853320467274178

/* Bernoulli numbers B_2, B_4, ... B_14. */
static const double bernoulli[TERMS] = {
	1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730, 7.0 / 6
};

/* The same over 2k(2k - 1): the series of log Gamma. */
static const double stirling[TERMS] = {
	1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360360, 1.0 / 156
};

/* Sum of coefficient[k] * u^(2k), k = 0 .. TERMS - 1. */
static double
even_series(const double *coefficient, double u)
{
	double		square = u * u,
				sum = 0;

	for (int k = TERMS - 1; k >= 0; k--)
		sum = sum * square + coefficient[k];
	return sum;
}

double
ps_log_gamma(double x)
{
	double		product = 1;

	while (x < ASYMPTOTIC_FROM)
	{
		product *= x;
		x += 1;
	}
	return (x - 0.5) * log(x) - x + HALF_LOG_TWO_PI + even_series(stirling, 1 / x) / x - log(product);
}

double
ps_log_beta(double a, double b)
{
	double		small = fmin(a, b),
				large = fmax(a, b);

	return ps_log_gamma(small) - ps_log_rising(large, small);
}

double
ps_digamma(double x)
{
	double		sum = 0,
				series = 0,
				u;

	while (x < ASYMPTOTIC_FROM)
	{
		sum -= 1 / x;
		x += 1;
	}
	u = 1 / x;
	for (int k = TERMS - 1; k >= 0; k--)
		series = (series + bernoulli[k] / (2 * k + 2)) * u * u;
	return sum + log(x) - u / 2 - series;
}

double
ps_trigamma(double x)
{
	double		sum = 0,
				u;

	while (x < ASYMPTOTIC_FROM)
	{
		sum += 1 / (x * x);
		x += 1;
	}
	u = 1 / x;
	return sum + u + u * u / 2 + even_series(bernoulli, u) * u * u * u;
}

double
ps_log_rising(double x, double n)
{
	double		ratio = 1,
				sum,
				u,
				w,
				step,
				difference,
				power;

	if (x < ASYMPTOTIC_FROM && n > 1e15)	/* the ratio would underflow, and nothing cancels */
		return ps_log_gamma(x + n) - ps_log_gamma(x);
	while (x < ASYMPTOTIC_FROM)
	{
		ratio *= x / (x + n);
		x += 1;
	}
	u = 1 / x;
	w = 1 / (x + n);
	step = n * u * w;
	sum = (x - 0.5) * log1p(n * u) + n * (log(x + n) - 1) + log(ratio);
	difference = step;
	power = w;
	for (int k = 0; k < TERMS; k++)
	{
		sum -= stirling[k] * difference;	/* of the powers 2k + 1 */
		difference = u * difference + power * step;
		power *= w;
		difference = u * difference + power * step;
		power *= w;
	}
	return sum;
}

double
ps_digamma_rise(double x, double n)
{
	double		sum = 0,
				u,
				w,
				step,
				difference,
				power;

	while (x < ASYMPTOTIC_FROM)
	{
		sum += n / (x * (x + n));
		x += 1;
	}
	u = 1 / x;
	w = 1 / (x + n);
	step = n * u * w;
	sum += log1p(n * u) + step / 2;
	difference = step;
	power = w;
	for (int k = 0; k < TERMS; k++)
	{
		difference = u * difference + power * step; /* of the powers 2k + 2 */
		power *= w;
		sum += bernoulli[k] / (2 * k + 2) * difference;
		difference = u * difference + power * step;
		power *= w;
	}
	return sum;
}

double
ps_trigamma_fall(double x, double n)
{
	double		sum = 0,
				u,
				w,
				step,
				difference,
				power;

	while (x < ASYMPTOTIC_FROM)
	{
		sum += n / (x * (x + n)) * (1 / x + 1 / (x + n));
		x += 1;
	}
	u = 1 / x;
	w = 1 / (x + n);
	step = n * u * w;
	sum += step + step * (u + w) / 2;
	difference = step * (u + w);
	power = w * w;
	for (int k = 0; k < TERMS; k++)
	{
		difference = u * difference + power * step; /* of the powers 2k + 3 */
		power *= w;
		sum += bernoulli[k] * difference;
		difference = u * difference + power * step;
		power *= w;
	}
	return sum;
}

double
ps_log_negative_binomial(double shape, double ratio, double n)
{
	return ps_log_rising(shape, n) - ps_log_gamma(n + 1) - n * log1p(1 / ratio) - shape * log1p(ratio);
}

/*
 * The continued fraction of the incomplete beta function, I_x(a, b) times
 * a B(a, b) / (x^a (1 - x)^b) (DLMF 8.17.22), for x below its mean, by the
 * algorithm of Lentz.
 */
static double
beta_fraction(double x, double a, double b)
{
	double		c = 1,
				d = 1 / (1 - (a + b) * x / (a + 1)),
				value = d;

	for (double m = 1; m < FRACTION_MAX; m++)
	{
		double		even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
					odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
					step;

		d = 1 / (1 + even * d);
		c = 1 + even / c;
		value *= c * d;
		d = 1 / (1 + odd * d);
		c = 1 + odd / c;
		step = c * d;
		value *= step;
		if (fabs(step - 1) < 1e-16)
			break;
	}
	return value;
}

double
ps_negative_binomial_tail(double shape, double ratio, double n)
{
	/* I_x(n, shape) with x = ratio / (1 + ratio) */
	double		x = 1 / (1 + 1 / ratio),
				front = exp(-n * log1p(1 / ratio) - shape * log1p(ratio) - ps_log_beta(n, shape)),
				tail;

	if (x < (n + 1) / (n + shape + 2))
		tail = front / n * beta_fraction(x, n, shape);
	else
		tail = 1 - front / shape * beta_fraction(1 / (1 + ratio), shape, n);
	return fmin(fmax(tail, 0), 1);
}

double
ps_softplus(double u)
{
	return u > 0 ? u + log1p(exp(-u)) : log1p(exp(u));
}

double
ps_expit(double u)
{
	double		t = exp(-fabs(u));

	return (u > 0 ? 1 : t) / (1 + t);
}
