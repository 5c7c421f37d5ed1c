/*-------------------------------------------------------------------------
 *
 * ps_special.h
 *	  Gamma-function family for positive real arguments, Student's t and
 *	  chi-squared.
 *
 * libm's lgamma writes the global signgam, and differences such as
 * lgamma(r + x) - lgamma(r) lose all digits for large r.  The functions here
 * keep no state, and the differences are computed as differences: relative
 * error about 1e-14 wherever the result is not close to a zero.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_SPECIAL_H
#define PS_SPECIAL_H

#include <math.h>

#define PS_HALF_LOG_TWO_PI 0.91893853320467274178

/* log Gamma(x), x > 0; absolute error below 1e-14 near its zeros 1 and 2. */
extern double ps_log_gamma(double x);

/* log B(a, b) = log Gamma(a) + log Gamma(b) - log Gamma(a + b); a, b > 0. */
extern double ps_log_beta(double a, double b);

/* psi(x) and psi'(x), x > 0. */
extern double ps_digamma(double x);
extern double ps_trigamma(double x);

/* Differences over a step n >= 0 (any real) from x > 0. */
extern double ps_log_rising(double x, double n);	/* log Gamma(x + n) - log Gamma(x) */
extern double ps_digamma_rise(double x, double n);	/* psi(x + n) - psi(x), >= 0 */
extern double ps_trigamma_fall(double x, double n); /* psi'(x) - psi'(x + n), >= 0 */

/*
 * A negative binomial count K of a gamma-mixed Poisson process, shape > 0,
 * observed for ratio > 0 times the rate parameter: log P(K = n) and P(K >= n), n >= 1.
 */
extern double ps_log_negative_binomial(double shape, double ratio, double n);
extern double ps_negative_binomial_tail(double shape, double ratio, double n);

/* log(1 + z) for z >= 0 within two units in the last place; faster than log1p. */
static inline double
ps_log_one_plus(double z)
{
	double		y = 1 + z;

	return log(y) + (z - (y - 1)) / y;
}

/* log(1 + exp(u)) for any u; infinities allowed. */
extern double ps_softplus(double u);

/* 1 / (1 + exp(-u)) for any u; infinities allowed. */
extern double ps_expit(double u);

/* P(chi-squared of whole degrees of freedom > x); x >= 0, degrees >= 1. */
extern double ps_chi_squared_tail(double x, int degrees);

/*
 * P(|T| >= |t|) for Student's t with degrees > 0 of freedom, INFINITY for the
 * normal distribution; relative error below 1e-9, and 1e-13 up to 1000.
 */
extern double ps_student_two_sided(double t, double degrees);

/* The t with P(T <= t) = p, 1/2 <= p < 1; the same degrees. */
extern double ps_student_quantile(double p, double degrees);

/* The number below which a standard normal one is with probability p, 0 < p < 1. */
extern double ps_normal_quantile(double p);

#endif							/* PS_SPECIAL_H */
