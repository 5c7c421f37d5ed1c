/*-------------------------------------------------------------------------
 *
 * ps_age.c
 *	  Moments as ages: how long ago they were.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_age.h"

#include <math.h>

/* Note one input. */
static void
add_input(ps_ages *ages, const char *name, ps_type type, size_t input)
{
	ages->moments = ages->moments || type == PS_TYPE_MOMENT;
	if (ps_is_as_of(name, type))
		ages->as_of = (int) input;
}

ps_status
ps_ages_fit(const ps_env *env, const ps_frame *frame, ps_ages *out, ps_error *error)
{
	double		latest = -INFINITY;

	*out = (ps_ages) {.as_of = -1};
	for (size_t i = 0; i < ps_frame_columns(frame); i++)
	{
		const ps_column *column = ps_frame_column(frame, i);

		add_input(out, column->name, column->type, i);
		for (size_t chunk = 0; column->type == PS_TYPE_MOMENT && chunk < ps_frame_chunks(frame); chunk++)
		{
			const double *x = ps_frame_numbers(frame, i, chunk);

			for (size_t row = 0; row < ps_frame_chunk_rows(frame, chunk); row++)
				latest = x[row] > latest ? x[row] : latest;
			PS_TRY(ps_poll(env, 0, error));
		}
	}
	out->reference = isfinite(latest) ? latest : 0;
	return PS_OK;
}

ps_status
ps_ages_save(const ps_env *env, const ps_ages *ages, ps_value *object, ps_error *error)
{
	if (!ages->moments || ages->as_of >= 0)
		return PS_OK;
	return ps_value_set_number(env, object, "reference", ages->reference, error);
}

ps_status
ps_ages_load(const ps_value *object, const ps_input *inputs, size_t ninputs, ps_ages *out, ps_error *error)
{
	*out = (ps_ages) {.as_of = -1};
	for (size_t i = 0; i < ninputs; i++)
		add_input(out, inputs[i].name, inputs[i].type, i);
	if (!out->moments || out->as_of >= 0)
		return PS_OK;
	return ps_value_need_number(object, "reference", &out->reference, error);
}

void
ps_ages_read(const ps_ages *ages, const ps_frame *frame, size_t column, size_t chunk, size_t start, size_t count,
			 double *out)
{
	const double *x = ps_frame_numbers(frame, column, chunk) + start;

	if (ages->as_of < 0)
		for (size_t i = 0; i < count; i++)
			out[i] = ages->reference - x[i];
	else
	{
		const double *as_of = ps_frame_numbers(frame, (size_t) ages->as_of, chunk) + start;

		for (size_t i = 0; i < count; i++)
			out[i] = as_of[i] - x[i];
	}
}

bool
ps_ages_cell(const ps_ages *ages, const ps_cell *cells, size_t input, double *out)
{
	const ps_cell *as_of = ages->as_of < 0 ? NULL : &cells[ages->as_of];

	if (cells[input].null || (as_of != NULL && as_of->null))
		return false;
	*out = (as_of == NULL ? ages->reference : as_of->number) - cells[input].number;
	return true;
}
