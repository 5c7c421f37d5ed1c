/*-------------------------------------------------------------------------
 *
 * ps_uncertainty.c
 *	  See ps_uncertainty.h.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_parameters.h"
#include "ps_special.h"
#include "ps_uncertainty.h"

/* Step in the logarithm of a parameter: central differences are good to about 1e-8 of the derivative. */
#define STEP 1e-4

void
ps_uncertainty_load(const ps_value *parameters, int n, ps_uncertainty *out)
{
	const ps_value *lower = ps_value_get(parameters, PS_COVARIANCE);
	size_t		next = 0;

	memset(out, 0, sizeof(*out));
	out->known = lower != NULL;
	for (int i = 0; out->known && i < n; i++)
	{
		for (int j = 0; j <= i; j++)
			out->covariance[i][j] = out->covariance[j][i] = lower->numbers[next++];
	}
}

/* The logarithm of the estimate where the logarithm of a parameter is so much higher; NAN where there is none. */
static ps_status
shifted(const ps_env *env, double *value, double by, ps_estimate estimate, void *argument, double *out, ps_error *error)
{
	const double before = *value;
	ps_answer	answer = {0};
	ps_status	status;

	PS_TRY(ps_poll(env, 0, error));
	*value = before * exp(by);
	status = estimate(env, argument, &answer, error);
	*value = before;
	*out = answer.null || !(answer.number > 0) ? NAN : log(answer.number);
	return status;
}

ps_status
ps_uncertainty_add(const ps_env *env, const ps_uncertainty *uncertainty, double *const *values, int n,
				   ps_estimate estimate, void *argument, double *variance, ps_error *error)
{
	double		gradient[PS_UNCERTAINTY_MAX];
	double		sum = 0;

	for (int i = 0; i < n; i++)
	{
		double		above,
					below;

		PS_TRY(shifted(env, values[i], STEP, estimate, argument, &above, error));
		PS_TRY(shifted(env, values[i], -STEP, estimate, argument, &below, error));
		gradient[i] = (above - below) / (2 * STEP);
		for (int j = 0; j <= i; j++)
			sum += (i == j ? 1 : 2) * gradient[i] * gradient[j] * uncertainty->covariance[i][j];
	}
	*variance += sum < 0 ? 0 : sum; /* rounding, or a matrix that is no covariance */
	return PS_OK;
}

ps_status
ps_uncertainty_bound(double estimate, double variance, double probability, ps_answer *answer, ps_error *error)
{
	if (!(probability > 0 && probability < 1))
		return ps_fail(error, PS_INVALID_DATA, "the probability is %g, must be between 0 and 1", probability);
	answer->null = isnan(variance);
	if (!answer->null)
		answer->number = estimate * exp(ps_normal_quantile(probability) * sqrt(variance));
	return PS_OK;
}
