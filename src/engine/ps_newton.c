/*-------------------------------------------------------------------------
 *
 * ps_newton.c
 *	  Damped Newton maximiser for likelihoods in a few log parameters.
 *
 * Each step solves (-H + lambda D) d = g by Cholesky, with the smallest
 * lambda of a growing sequence for which all pivots are positive relative to
 * their diagonal.  D is the diagonal of |H| (Marquardt): where the likelihood
 * hardly depends on some parameters, they are not held back by the others.  A
 * step moves no parameter by more than a factor e^2 and is halved until the
 * value rises.  Iteration ends on the Newton decrement g' d, twice the gain
 * that is still to be had, and not on the gradient, whose scale grows with the
 * number of rows.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_newton.h"

#define ITERATIONS_MAX 100
#define STEP_MAX 2.0
#define HALVINGS_MAX 40
#define LAMBDA_MAX 1e6
#define DECREMENT_DONE 1e-12	/* in units of log-likelihood */
#define DECREMENT_ENOUGH 1e-6	/* accepted when rounding stops the ascent */
#define PIVOT_MIN 1e-12			/* relative to the diagonal */
#define LOG_LIMIT 18.5			/* parameters beyond 1e8 or below 1e-8 (scaled data) are at the boundary */
#define DEVIATION_MAX 50.0		/* a log parameter known no better than this is not determined */
#define LOG_FAR 7.0				/* undetermined and beyond 1e3: on the way to the boundary */

typedef double matrix[PS_NEWTON_MAX][PS_NEWTON_MAX];

const char *
ps_fit_status_name(ps_fit_status status)
{
	switch (status)
	{
		case PS_FIT_CONVERGED:
			return "converged";
		case PS_FIT_BOUNDARY:
			return "boundary";
		case PS_FIT_FLAT:
			break;
	}
	return "flat";
}

void
ps_newton_merge(ps_newton_sums *sums, const ps_newton_sums *other)
{
	sums->value += other->value;
	for (int i = 0; i < PS_NEWTON_MAX; i++)
	{
		sums->gradient[i] += other->gradient[i];
		for (int j = 0; j < PS_NEWTON_MAX; j++)
			sums->hessian[i][j] += other->hessian[i][j];
	}
}

/* Factor -hessian + lambda D into lower; false when a pivot is not positive relative to its diagonal. */
static bool
factor(const matrix hessian, double lambda, int n, matrix lower)
{
	for (int i = 0; i < n; i++)
		for (int j = 0; j <= i; j++)
		{
			double		diagonal = lambda * fabs(hessian[i][i]) - hessian[i][i],
						sum = i == j ? diagonal : -hessian[i][j];

			for (int k = 0; k < j; k++)
				sum -= lower[i][k] * lower[j][k];
			if (i != j)
				lower[i][j] = sum / lower[j][j];
			else if (sum > PIVOT_MIN * diagonal && sum > 0)
				lower[i][i] = sqrt(sum);
			else
				return false;
		}
	return true;
}

/* Solve lower lower' x = b. */
static void
solve(const matrix lower, int n, const double *b, double *x)
{
	for (int i = 0; i < n; i++)
	{
		x[i] = b[i];
		for (int k = 0; k < i; k++)
			x[i] -= lower[i][k] * x[k];
		x[i] /= lower[i][i];
	}
	for (int i = n - 1; i >= 0; i--)
	{
		for (int k = i + 1; k < n; k++)
			x[i] -= lower[k][i] * x[k];
		x[i] /= lower[i][i];
	}
}

static bool
all_finite(const ps_newton_sums *sums, int n)
{
	double		total = sums->value;

	for (int i = 0; i < n; i++)
	{
		total += sums->gradient[i];
		for (int j = 0; j < n; j++)
			total += sums->hessian[i][j];
	}
	return isfinite(total);
}

/* Take parameters that have left the limits, and those in frozen, out of the equations; true when there are any. */
static bool
freeze(ps_newton_sums *sums, const double *theta, int n, bool *frozen)
{
	bool		any = false;

	for (int i = 0; i < n; i++)
	{
		frozen[i] = frozen[i] || fabs(theta[i]) > LOG_LIMIT;
		any = any || frozen[i];
		for (int j = 0; frozen[i] && j < n; j++)
			sums->hessian[i][j] = sums->hessian[j][i] = i == j ? -1 : 0;
		if (frozen[i])
			sums->gradient[i] = 0;
	}
	return any;
}

/* Judge the end point: fill the covariance, or find that there is none. */
static void
judge(const ps_newton_sums *sums, int n, ps_newton_result *result)
{
	matrix		lower;
	bool		determined = factor(sums->hessian, 0, n, lower),
				far = false;

	for (int i = 0; i < n; i++)
	{
		if (determined)
		{
			double		unit[PS_NEWTON_MAX] = {0};

			unit[i] = 1;
			solve(lower, n, unit, result->covariance[i]);
		}
		far = far || fabs(result->theta[i]) > LOG_FAR;
	}
	for (int i = 0; determined && i < n; i++)
		determined = result->covariance[i][i] < DEVIATION_MAX * DEVIATION_MAX;
	if (!determined)
		result->status = far ? PS_FIT_BOUNDARY : PS_FIT_FLAT;
}

/* Climb from one start; result->value is -INFINITY when the objective is not finite there. */
static ps_status
climb(const ps_env *env, ps_newton_objective objective, const void *data, int n, const double *start,
	  ps_newton_result *result, ps_error *error)
{
	ps_newton_sums sums = {0};
	double		decrement = INFINITY;
	bool		frozen[PS_NEWTON_MAX] = {false},
				outside = false;

	memset(result, 0, sizeof(*result));
	memcpy(result->theta, start, sizeof(double) * (size_t) n);
	result->value = -INFINITY;
	result->status = PS_FIT_FLAT;
	PS_TRY(objective(env, data, start, &sums, error));
	if (!all_finite(&sums, n))
		return PS_OK;

	for (; result->iterations < ITERATIONS_MAX; result->iterations++)
	{
		matrix		lower;
		double		step[PS_NEWTON_MAX],
					lambda = 0,
					largest = 0,
					slack = 1e-14 * fabs(sums.value);
		ps_newton_sums next;
		double		point[PS_NEWTON_MAX];
		bool		risen = false;

		while (!factor(sums.hessian, lambda, n, lower) && lambda < LAMBDA_MAX)
			lambda = lambda > 0 ? 4 * lambda : 1e-3;
		if (lambda >= LAMBDA_MAX)
			break;				/* some parameter has no curvature at all */
		solve(lower, n, sums.gradient, step);
		decrement = 0;
		for (int i = 0; i < n; i++)
		{
			decrement += sums.gradient[i] * step[i];
			largest = fmax(largest, fabs(step[i]));
		}
		if (decrement <= DECREMENT_DONE)
			break;

		for (double t = fmin(1, STEP_MAX / largest); !risen && t > ldexp(1, -HALVINGS_MAX); t /= 2)
		{
			for (int i = 0; i < n; i++)
				point[i] = result->theta[i] + t * step[i];
			memset(&next, 0, sizeof(next));
			PS_TRY(objective(env, data, point, &next, error));
			risen = all_finite(&next, n) && next.value >= sums.value + 1e-4 * t * decrement - slack;
		}
		if (!risen)
			break;
		sums = next;
		memcpy(result->theta, point, sizeof(double) * (size_t) n);
		outside = freeze(&sums, point, n, frozen);
	}
	result->value = sums.value;
	if (outside)
	{
		result->status = PS_FIT_BOUNDARY;
		return PS_OK;
	}
	if (decrement <= DECREMENT_ENOUGH)
		result->status = PS_FIT_CONVERGED;
	judge(&sums, n, result);
	return PS_OK;
}

ps_status
ps_newton_maximise(const ps_env *env, ps_newton_objective objective, const void *data, int n,
				   const double (*starts)[PS_NEWTON_MAX], int nstarts, ps_newton_result *result, ps_error *error)
{
	for (int i = 0; i < nstarts; i++)
	{
		ps_newton_result one;

		PS_TRY(climb(env, objective, data, n, starts[i], &one, error));

		/* ends that differ by rounding only are the same: the earlier start wins */
		if (i == 0 || one.value > result->value + 1e-9 * (1 + fabs(one.value)))
			*result = one;
	}
	if (!isfinite(result->value))
		return ps_fail(error, PS_NO_SOLUTION, "the likelihood is not finite at any starting point");
	return PS_OK;
}

void
ps_newton_report(const ps_newton_result *result, int n, const double *scales, ps_fit *fit)
{
	for (int i = 0; i < n; i++)
	{
		fit->values[i] = exp(result->theta[i]) * scales[i];
		fit->standard_errors[i] = result->status == PS_FIT_CONVERGED ?
			fit->values[i] * sqrt(result->covariance[i][i]) : NAN;
		memcpy(fit->covariance[i], result->covariance[i], (size_t) n * sizeof(double));
	}
	fit->has_covariance = result->status == PS_FIT_CONVERGED;
	fit->status = result->status;
	fit->iterations = result->iterations;
}
