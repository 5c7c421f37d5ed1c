/*-------------------------------------------------------------------------
 *
 * ps_identifier.c
 *	  See ps_identifier.h.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_identifier.h"

#include <math.h>
#include <string.h>

bool
ps_identifier_included(const ps_value *options, const char *name)
{
	const ps_value *list = ps_value_get(options, "include");

	for (size_t i = 0; list != NULL && i < list->count; i++)
		if (strcmp(list->items[i]->text, name) == 0)
			return true;
	return false;
}

bool
ps_identifier_text(const ps_frame *frame, size_t column, size_t nulls)
{
	size_t		rows = ps_frame_rows(frame);

	return rows >= PS_IDENTIFIER_ROWS && nulls == 0 && ps_frame_levels(frame, column) == rows;
}

ps_status
ps_identifier_number(const ps_env *env, const ps_frame *frame, size_t column, double min, double max, bool *out,
					 ps_value *notes, ps_error *error)
{
	size_t		rows = ps_frame_rows(frame);
	size_t		values;
	uint8_t    *seen;

	*out = false;
	if (rows < PS_IDENTIFIER_ROWS || !(max - min + 1 <= 2 * (double) rows))
		return PS_OK;
	values = (size_t) (max - min) + 1;
	PS_TRY(ps_alloc_zero(env, values / 8 + 1, 1, &seen, error));
	*out = true;
	for (size_t chunk = 0; *out && chunk < ps_frame_chunks(frame); chunk++)
	{
		const double *x = ps_frame_numbers(frame, column, chunk);

		for (size_t i = 0; *out && i < ps_frame_chunk_rows(frame, chunk); i++)
		{
			size_t		value = isnan(x[i]) ? 0 : (size_t) (x[i] - min);

			if (isnan(x[i]) || x[i] != floor(x[i]) || (seen[value / 8] & 1u << value % 8) != 0)
				*out = false;
			seen[value / 8] |= (uint8_t) (1u << value % 8);
		}
		PS_TRY(ps_poll(env, 0, error));
	}
	ps_release(env, seen);
	if (!*out)
		return PS_OK;
	return ps_note(env, notes, error,
				   "column \"%s\" is left out: it numbers the rows, as an identifier does (if it measures something, name it in \"include\")",
				   ps_frame_column(frame, column)->name);
}

ps_status
ps_identifier_note_text(const ps_env *env, const ps_frame *frame, size_t column, ps_value *notes, ps_error *error)
{
	return ps_note(env, notes, error, "column \"%s\" is left out: no two of its %d values are the same, as in an identifier",
				   ps_frame_column(frame, column)->name, (int64_t) ps_frame_levels(frame, column));
}
