/*-------------------------------------------------------------------------
 *
 * ps_strata.c
 *	  See ps_strata.h.
 *
 * A cell without text holds a number or a boolean as 0 or 1.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_strata.h"

#include <string.h>

#define POLL_ROWS 4096

/* Order cells of one column: numbers, texts by bytes, and NULL last. */
static int
compare_cells(const ps_cell *left, const ps_cell *right)
{
	size_t		shorter = left->length < right->length ? left->length : right->length;
	int			order;

	if (left->null || right->null)
		return left->null - right->null;
	if (left->text == NULL)
		return (left->number > right->number) - (left->number < right->number);
	order = memcmp(left->text, right->text, shorter);
	return order != 0 ? order : (left->length > right->length) - (left->length < right->length);
}

static int
compare_strata(const ps_cell *left, const ps_cell *right, size_t ncolumns)
{
	for (size_t i = 0; i < ncolumns; i++)
	{
		int			order = compare_cells(&left[i], &right[i]);

		if (order != 0)
			return order;
	}
	return 0;
}

size_t
ps_strata_find(const ps_strata *strata, const ps_cell *cells)
{
	size_t		stratum = 0;

	while (stratum < strata->count &&
		   compare_strata(cells + strata->first, strata->values + stratum * strata->ncolumns, strata->ncolumns) != 0)
		stratum++;
	return stratum;
}

/* Insert a new stratum where it belongs, and return its place. */
static size_t
insert_stratum(ps_strata *strata, const ps_cell *cells)
{
	size_t		width = strata->ncolumns;
	size_t		place = strata->count;

	while (place > 0 && compare_strata(cells, strata->values + (place - 1) * width, width) < 0)
		place--;
	memmove(strata->values + (place + 1) * width, strata->values + place * width,
			(strata->count - place) * width * sizeof(ps_cell));
	memcpy(strata->values + place * width, cells, width * sizeof(ps_cell));
	strata->count++;
	return place;
}

ps_status
ps_strata_fit(const ps_env *env, const ps_survival_reader *reader, const ps_frame *frame,
			  const ps_survival_row *rows, size_t n, ps_strata *strata, uint8_t **members, ps_error *error)
{
	size_t		last = 0;
	ps_cell    *cells;

	*strata = (ps_strata) {.ncolumns = reader->nstrata,.first = reader->ncovariates};
	PS_TRY(ps_alloc_zero(env, n, sizeof(**members), members, error));
	PS_TRY(ps_alloc(env, (PS_STRATA_MAX + 1) * (strata->ncolumns + 1), sizeof(ps_cell), &strata->values, error));
	PS_TRY(ps_alloc(env, ps_frame_columns(frame), sizeof(*cells), &cells, error));
	if (strata->ncolumns == 0)
	{
		strata->count = 1;
		return PS_OK;
	}

	/* first all strata, whose places change while they are found, then the rows' places */
	for (int pass = 0; pass < 2; pass++)
	{
		for (size_t i = 0; i < n; i++)
		{
			if (i % POLL_ROWS == 0)
				PS_TRY(ps_poll(env, 0, error));
			ps_frame_row(frame, rows[i].row, cells);
			if (last >= strata->count ||
				compare_strata(cells + strata->first, strata->values + last * strata->ncolumns, strata->ncolumns) != 0)
				last = ps_strata_find(strata, cells);
			if (last == strata->count)
				last = insert_stratum(strata, cells + strata->first);
			if (strata->count > PS_STRATA_MAX)
			{
				ps_fail(error, PS_INVALID_DATA, "the columns of the strata have more than %d combinations of values",
						(int64_t) PS_STRATA_MAX);
				return ps_hint(error, "Strata are few groups of many contracts each; to learn from columns of many "
							   "values, use a method with covariates.");
			}
			(*members)[i] = (uint8_t) last;
		}
	}
	ps_release(env, cells);
	return PS_OK;
}

ps_status
ps_strata_save(const ps_env *env, const ps_strata *strata, size_t stratum, ps_value *curve, ps_error *error)
{
	const ps_cell *cells = strata->values + stratum * strata->ncolumns;
	ps_value   *object;

	if (strata->ncolumns == 0)
		return PS_OK;
	PS_TRY(ps_value_set_list(env, curve, "values", &object, error));
	for (size_t i = 0; i < strata->ncolumns; i++)
	{
		ps_value   *item;

		PS_TRY(ps_value_append_object(env, object, &item, error));
		if (cells[i].null)
			PS_TRY(ps_value_set_null(env, item, "value", error));
		else if (cells[i].text == NULL)
			PS_TRY(ps_value_set_number(env, item, "value", cells[i].number, error));
		else
		{
			char	   *text;

			PS_TRY(ps_copy_text(env, cells[i].text, cells[i].length, &text, error));
			PS_TRY(ps_value_set_text(env, item, "value", text, error));
			ps_release(env, text);
		}
	}
	return PS_OK;
}

/* Validate and read the values of one stratum into cells; inputs are those of the columns. */
static ps_status
load_stratum(const ps_strata *strata, const ps_input *inputs, const ps_value *curve, ps_cell *cells, ps_error *error)
{
	const ps_value *values;

	if (strata->ncolumns == 0)
		return PS_OK;
	PS_TRY(ps_value_need(curve, "values", PS_LIST, &values, error));
	if (values->count != strata->ncolumns)
		return ps_fail(error, PS_CORRUPT, "a stratum has %d values for %d columns", (int64_t) values->count,
					   (int64_t) strata->ncolumns);
	for (size_t i = 0; i < strata->ncolumns; i++)
	{
		const ps_value *value = ps_value_get(values->items[i], "value");

		if (value == NULL ||
			(value->type != PS_NULL && value->type != (inputs[i].type == PS_TYPE_TEXT ? PS_STRING : PS_NUMBER)))
			return ps_fail(error, PS_CORRUPT, "a value of a stratum is none that its column has");
		cells[i] = (ps_cell) {.null = value->type == PS_NULL};
		if (value->type == PS_NUMBER)
			cells[i].number = value->number;
		if (value->type == PS_STRING)
		{
			cells[i].text = value->text;
			cells[i].length = value->count;
		}
	}
	return PS_OK;
}

ps_status
ps_strata_load(const ps_env *env, const ps_survival_reader *reader, const ps_input *inputs, const ps_value *curves,
			   ps_strata *strata, ps_error *error)
{
	*strata = (ps_strata) {.ncolumns = reader->nstrata,.first = reader->ncovariates,.count = curves->count};
	if (curves->count == 0 || curves->count > (reader->nstrata == 0 ? 1 : PS_STRATA_MAX))
		return ps_fail(error, PS_CORRUPT, "there are %d curves", (int64_t) curves->count);
	PS_TRY(ps_alloc(env, curves->count * (strata->ncolumns + 1), sizeof(ps_cell), &strata->values, error));
	for (size_t i = 0; i < curves->count; i++)
		PS_TRY(load_stratum(strata, inputs + strata->first, curves->items[i], strata->values + i * strata->ncolumns, error));
	return PS_OK;
}

void
ps_strata_text(const ps_strata *strata, size_t stratum, char *out, size_t size)
{
	const ps_cell *cells = strata->values + stratum * strata->ncolumns;

	out[0] = '\0';
	for (size_t i = 0; i < strata->ncolumns; i++)
	{
		size_t		used = strlen(out);
		const char *comma = i > 0 ? ", " : "";

		if (cells[i].null)
			ps_format(out + used, size - used, "%snull", comma);
		else if (cells[i].text == NULL)
			ps_format(out + used, size - used, "%s%g", comma, cells[i].number);
		else
			ps_format(out + used, size - used, "%s%s", comma, cells[i].text);
	}
}
