/*-------------------------------------------------------------------------
 *
 * ps_special.c
 *	  Gamma-function family for positive real arguments, and Student's t.
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
#include <float.h>
#include <math.h>

#include "ps_special.h"

#define ASYMPTOTIC_FROM 12.0
#define TERMS 7
#define FRACTION_MAX 20000.0	/* enough for arguments to 1e8 */

#define NORMAL_FROM 1e7			/* degrees of freedom from which a transformed t is normal */

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
	return (x - 0.5) * log(x) - x + PS_HALF_LOG_TWO_PI + even_series(stirling, 1 / x) / x - log(product);
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
		if (fabs(step - 1) < DBL_EPSILON)
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

/*
 * The regularised incomplete gamma function at whole and half arguments:
 * Q(a + 1, y) = Q(a, y) + y^a exp(-y) / Gamma(a + 1) from Q(1, y) = exp(-y) or
 * Q(1/2, y) = erfc(sqrt(y)) on (DLMF 8.8.5).
 */
double
ps_chi_squared_tail(double x, int degrees)
{
	double		y = 0.5 * x;
	double		a = degrees % 2 == 0 ? 1 : 0.5;
	double		tail = degrees % 2 == 0 ? exp(-y) : erfc(sqrt(y));

	if (y == 0)
		return 1;
	for (; a < 0.5 * degrees; a++)
		tail += exp(a * log(y) - y - ps_log_gamma(a + 1));
	return fmin(tail, 1);
}

/*
 * P(|T| >= |t|) is the incomplete beta function I_x(degrees / 2, 1/2) at
 * x = degrees / (degrees + t^2).  For many degrees of freedom, where the fraction
 * is slow, the transform of Abramowitz and Stegun 26.7.8 makes T normal up to 1/degrees^2.
 */
double
ps_student_two_sided(double t, double degrees)
{
	double		ratio = t * t / degrees;
	double		a = degrees / 2;
	double		x = 1 / (1 + ratio);
	double		front;

	if (degrees > NORMAL_FROM)
		return erfc(fabs(t) * (1 - 0.25 / degrees) / sqrt(2 + t * t / degrees));
	if (isinf(ratio))
		return 0;
	if (ratio == 0)
		return 1;

	/* x^a (1 - x)^(1/2) / B(a, 1/2) */
	front = exp(-a * log1p(ratio) - ps_log_beta(a, 0.5)) * sqrt(ratio * x);
	if (x < (a + 1) / (a + 2.5))
		return front * beta_fraction(x, a, 0.5) / a;
	return 1 - front * beta_fraction(ratio * x, 0.5, a) / 0.5;
}

/* Halve an interval until it is one number. */
double
ps_student_quantile(double p, double degrees)
{
	double		low = 0;
	double		high = 1;

	while (ps_student_two_sided(high, degrees) > 2 * (1 - p))
		high *= 2;
	for (;;)
	{
		double		middle = low + (high - low) / 2;

		if (middle <= low || middle >= high)
			return high;
		if (ps_student_two_sided(middle, degrees) > 2 * (1 - p))
			low = middle;
		else
			high = middle;
	}
}

/* Halve an interval until it is one number. */
double
ps_normal_quantile(double p)
{
	double		low = -40;		/* beyond it no p > 0 is left */
	double		high = 40;

	if (p > 0.5)
		return -ps_normal_quantile(1 - p);	/* where p is close to 1, 1 - p has more digits */
	for (;;)
	{
		double		middle = low + (high - low) / 2;

		if (middle <= low || middle >= high)
			return high;
		if (erfc(-middle / sqrt(2)) < 2 * p)
			low = middle;
		else
			high = middle;
	}
}
