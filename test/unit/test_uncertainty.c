/*-------------------------------------------------------------------------
 *
 * test_uncertainty.c
 *	  The delta method, against estimates whose derivatives are known.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "ps_special.h"
#include "ps_uncertainty.h"
#include "tap.h"

/* a^2 b / c: its logarithm has the derivatives 2, 1 and -1. */
static ps_status
estimate_power(const ps_env *env, void *argument, ps_answer *answer, ps_error *error)
{
	const double *values = argument;

	(void) env;
	(void) error;
	answer->number = values[0] * values[0] * values[1] / values[2];
	return PS_OK;
}

static ps_status
estimate_nothing(const ps_env *env, void *argument, ps_answer *answer, ps_error *error)
{
	(void) env;
	(void) argument;
	(void) error;
	answer->null = true;
	return PS_OK;
}

static ps_status
estimate_fails(const ps_env *env, void *argument, ps_answer *answer, ps_error *error)
{
	(void) env;
	(void) argument;
	(void) answer;
	return ps_fail(error, PS_INVALID_DATA, "no");
}

static void
check_variance(void)
{
	static const ps_uncertainty uncertainty = {true, {{0.04, 0.01, 0.005, 0}, {0.01, 0.09, 0.02, 0}, {0.005, 0.02, 0.01, 0}}};
	static const ps_uncertainty wrong = {true, {{0, 1, 0, 0}, {1, 0, 0, 0}, {0, 0, 0, 0}}};
	double		values[] = {3, 5, 7};
	double	   *const places[] = {&values[0], &values[1], &values[2]};
	double	   *const other_way[] = {&values[0], &values[2]};
	double		variance = 1;
	host		h;
	ps_error	error;

	host_init(&h);
	ok(ps_uncertainty_add(&h.env, &uncertainty, places, 3, estimate_power, values, &variance, &error) == PS_OK, "a variance");
	close_to(variance, 1 + 4 * 0.04 + 0.09 + 0.01 + 4 * 0.01 - 4 * 0.005 - 2 * 0.02, 1e-8, 0, "g' C g is added");
	ok(values[0] == 3 && values[1] == 5 && values[2] == 7, "the parameters are as before");
	variance = 0;
	ok(ps_uncertainty_add(&h.env, &wrong, other_way, 2, estimate_power, values, &variance, &error) == PS_OK && variance == 0,
	   "no variance is below 0");
	ok(ps_uncertainty_add(&h.env, &uncertainty, places, 3, estimate_nothing, values, &variance, &error) == PS_OK &&
	   isnan(variance), "none where there is no estimate");
	ok(ps_uncertainty_add(&h.env, &uncertainty, places, 3, estimate_fails, values, &variance, &error) == PS_INVALID_DATA &&
	   values[0] == 3, "an error is passed on");
	host_free(&h);
}

static void
check_bound(void)
{
	static const double wrong[] = {0, 1, -1, NAN};
	ps_answer	answer = {true, 0};
	ps_error	error;

	/* mpmath, 30 digits */
	close_to(ps_normal_quantile(0.975), 1.959963984540054235524594, 1e-15, 0, "97.5 %");
	close_to(ps_normal_quantile(0.025), -1.959963984540054235524594, 1e-15, 0, "2.5 %");
	close_to(ps_normal_quantile(1e-300), -37.0470962993611992372229625, 1e-14, 0, "far out");
	close_to(ps_normal_quantile(0.5), 0, 0, 1e-15, "the middle");

	ok(ps_uncertainty_bound(10, 0.04, 0.975, &answer, &error) == PS_OK && !answer.null, "a bound");
	close_to(answer.number, 10 * exp(1.959963984540054 * 0.2), 1e-14, 0, "on the scale of logarithms");
	ok(ps_uncertainty_bound(0, 0, 0.975, &answer, &error) == PS_OK && answer.number == 0, "nothing is surely nothing");
	ok(ps_uncertainty_bound(10, NAN, 0.975, &answer, &error) == PS_OK && answer.null, "an unknown variance gives null");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ok(ps_uncertainty_bound(10, 0.04, wrong[i], &answer, &error) == PS_INVALID_DATA, "a probability of %g is none",
		   wrong[i]);
}

int
main(void)
{
	check_variance();
	check_bound();
	return tap_done();
}
