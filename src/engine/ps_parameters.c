/*-------------------------------------------------------------------------
 *
 * ps_parameters.c
 *	  The parameters of likelihood models as an object of a model document.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_parameters.h"

/* Parameters outside could overflow formulas; no fit comes near. */
#define SMALLEST 1e-100
#define LARGEST 1e100

/* Numbers a fit adds; all but the first are counts. */
static const char *const facts[] = {"log_likelihood", "iterations", "customers", "groups"};

#define NFACTS ((int) (sizeof(facts) / sizeof(facts[0])))

ps_status
ps_parameters_store(const ps_env *env, const ps_fit *fit, const char *const *names, int n, ps_value *object,
					ps_error *error)
{
	const double numbers[] = {fit->log_likelihood, fit->iterations, fit->customers, (double) fit->groups};
	ps_value   *errors;

	for (int i = 0; i < n; i++)
		PS_TRY(ps_value_set_number(env, object, names[i], fit->values[i], error));
	PS_TRY(ps_value_set_object(env, object, "standard_errors", &errors, error));
	for (int i = 0; i < n; i++)
		PS_TRY(ps_value_set_number(env, errors, names[i], fit->standard_errors[i], error));
	if (fit->has_covariance)
	{
		double		lower[PS_FIT_MAX * (PS_FIT_MAX + 1) / 2];
		size_t		count = 0;

		for (int i = 0; i < n; i++)
		{
			for (int j = 0; j <= i; j++)
				lower[count++] = fit->covariance[i][j];
		}
		PS_TRY(ps_value_set_numbers(env, object, PS_COVARIANCE, lower, count, error));
	}
	PS_TRY(ps_value_set_text(env, object, "status", ps_fit_status_name(fit->status), error));
	for (int i = 0; i < NFACTS; i++)
		PS_TRY(ps_value_set_number(env, object, facts[i], numbers[i], error));
	return PS_OK;
}

static int
find_name(const char *const *names, int n, const char *name)
{
	for (int i = 0; i < n; i++)
	{
		if (strcmp(names[i], name) == 0)
			return i;
	}
	return -1;
}

static bool
is_parameter(double value)
{
	return value >= SMALLEST && value <= LARGEST;
}

/* Check an optional member that is not a parameter. */
static ps_status
check_fact(const char *name, const ps_value *value, const char *const *names, int n, ps_error *error)
{
	int			fact = find_name(facts, NFACTS, name);
	bool		valid = false;

	if (fact >= 0)
		valid = value->type == PS_NUMBER && (fact == 0 || value->number >= 0);
	else if (strcmp(name, "status") == 0 && value->type == PS_STRING)
	{
		for (int status = PS_FIT_CONVERGED; status <= PS_FIT_FLAT; status++)
			valid = valid || strcmp(value->text, ps_fit_status_name((ps_fit_status) status)) == 0;
	}
	else if (strcmp(name, "standard_errors") == 0 && value->type == PS_OBJECT)
	{
		valid = value->count == (size_t) n;
		for (size_t i = 0; valid && i < value->count; i++)
			valid = find_name(names, n, value->names[i]) >= 0 &&
				(value->items[i]->type == PS_NULL ||
				 (value->items[i]->type == PS_NUMBER && value->items[i]->number >= 0));
	}
	else if (strcmp(name, PS_COVARIANCE) == 0 && value->type == PS_NUMBERS)
	{
		valid = value->count == (size_t) (n * (n + 1) / 2);
		for (size_t i = 0; valid && i < value->count; i++)
			valid = fabs(value->numbers[i]) <= LARGEST; /* so that no product overflows */
	}
	return valid ? PS_OK : ps_fail(error, PS_CORRUPT, "member \"%s\" of the parameters is not valid", name);
}

ps_status
ps_parameters_load(const ps_value *object, const char *const *names, int n, const char *const *others, int nothers,
				   double *values, ps_error *error)
{
	for (int i = 0; i < n; i++)
	{
		const ps_value *given = ps_value_get(object, names[i]);
		double		value;

		if (values == NULL && given != NULL && given->type == PS_NULL)
			continue;
		PS_TRY(ps_value_need_number(object, names[i], &value, error));
		if (!is_parameter(value))
			return ps_fail(error, PS_CORRUPT, "parameter \"%s\" is %g, must be positive", names[i], value);
		if (values != NULL)
			values[i] = value;
	}
	for (size_t i = 0; i < object->count; i++)
	{
		if (find_name(names, n, object->names[i]) < 0 && find_name(others, nothers, object->names[i]) < 0)
			PS_TRY(check_fact(object->names[i], object->items[i], names, n, error));
	}
	return PS_OK;
}

ps_status
ps_parameters_make(const ps_env *env, const ps_value *given, const char *const *names, int n, ps_value *object,
				   ps_error *error)
{
	if (given == NULL || given->type != PS_OBJECT)
		return ps_fail(error, PS_INVALID_DATA, "the parameters must be an object with numbers");
	for (size_t i = 0; i < given->count; i++)
	{
		if (find_name(names, n, given->names[i]) < 0)
		{
			char		list[120] = "";

			for (int j = 0; j < n; j++)
				ps_format(list + strlen(list), sizeof(list) - strlen(list), "%s%s", j > 0 ? ", " : "", names[j]);
			ps_fail(error, PS_INVALID_DATA, "there is no parameter \"%s\"", given->names[i]);
			return ps_hint(error, "The parameters are %s.", list);
		}
	}
	for (int i = 0; i < n; i++)
	{
		const ps_value *value = ps_value_get(given, names[i]);

		if (value == NULL)
			return ps_fail(error, PS_INVALID_DATA, "parameter \"%s\" is missing", names[i]);
		if (value->type != PS_NUMBER)
			return ps_fail(error, PS_INVALID_DATA, "parameter \"%s\" is not a number", names[i]);
		if (!is_parameter(value->number))
			return ps_fail(error, PS_INVALID_DATA, "parameter \"%s\" is %g, must be from %g to %g", names[i],
						   value->number, SMALLEST, LARGEST);
		PS_TRY(ps_value_set_number(env, object, names[i], value->number, error));
	}
	return PS_OK;
}

ps_status
ps_parameters_note(const ps_env *env, const ps_fit *fit, const char *what, ps_value *notes, ps_error *error)
{
	switch (fit->status)
	{
		case PS_FIT_CONVERGED:
			break;
		case PS_FIT_BOUNDARY:
			return ps_note(env, notes, error, "the likelihood of the %s model rises towards a boundary of its "
						   "parameters: predictions are usable, standard errors are not defined", what);
		case PS_FIT_FLAT:
			return ps_note(env, notes, error, "the data do not determine all parameters of the %s model: "
						   "more customers or a longer period are needed", what);
	}
	return PS_OK;
}
