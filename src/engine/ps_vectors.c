/*-------------------------------------------------------------------------
 *
 * ps_vectors.c
 *	  Saved vectors of numbers that are read element by element, each in
 *	  its own order: how trees are kept in a model.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_vectors.h"

#include <math.h>

ps_status
ps_vectors_open(const ps_value *object, const char *const *names, size_t count, ps_vector *vectors, ps_error *error)
{
	for (size_t v = 0; v < count; v++)
	{
		const ps_value *value = ps_value_get(object, names[v]);

		if (value == NULL || (value->type != PS_NUMBERS && !(value->type == PS_LIST && value->count == 0)))
			return ps_fail(error, PS_CORRUPT, "\"%s\" is not a list of numbers", names[v]);
		vectors[v] = (ps_vector) {names[v], value->numbers, value->count, 0};
	}
	return PS_OK;
}

ps_status
ps_vector_next(ps_vector *vector, double min, double max, double *out, ps_error *error)
{
	if (vector->next == vector->count)
		return ps_fail(error, PS_CORRUPT, "\"%s\" is too short", vector->name);
	*out = vector->numbers[vector->next++];
	if (!(*out >= min && *out <= max))
		return ps_fail(error, PS_CORRUPT, "element %d of \"%s\" is %g, must be from %g to %g", (int64_t) vector->next,
					   vector->name, *out, min, max);
	return PS_OK;
}

ps_status
ps_vector_next_integer(ps_vector *vector, size_t min, size_t max, size_t *out, ps_error *error)
{
	double		number = 0;

	PS_TRY(ps_vector_next(vector, (double) min, (double) max, &number, error));
	if (number != floor(number))
		return ps_fail(error, PS_CORRUPT, "element %d of \"%s\" is %g, not a whole number", (int64_t) vector->next,
					   vector->name, number);
	*out = (size_t) number;
	return PS_OK;
}

ps_status
ps_vectors_finish(const ps_vector *vectors, size_t count, ps_error *error)
{
	for (size_t v = 0; v < count; v++)
		if (vectors[v].next != vectors[v].count)
			return ps_fail(error, PS_CORRUPT, "\"%s\" is too long", vectors[v].name);
	return PS_OK;
}
