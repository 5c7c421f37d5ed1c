/*-------------------------------------------------------------------------
 *
 * ps_encode_save.c
 *	  Rules of an encoder as an object of a model, and back.
 *
 * An encoder is kept as one object per input, in their order, and after them
 * one per calendar part:
 *		{"column": name, "mean": m, "scale": s, "nulls": share}	number, boolean,
 *																interval, moment
 *		... "unit": u, "low": l, "high": h						beside these, where prepared
 *		{"column": name, "levels": [...], "shares": [...], "others": share,
 *		 "nulls": share}										text
 *		{"column": name, "part": "month", ...}					the same of a part
 *		{"column": name}										left out
 * and beside them, where moments are not counted from an input,
 *		"reference": days since 2000-01-01
 * and where columns have the scales of distances
 *		"measured": true
 * where scale is absent for a constant and a share where it has no column.
 * Shares are those of all rows, so that the mean p and the standard deviation
 * sqrt(p (1 - p)) of every 0/1 column follow from them.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_encode.h"

#include <float.h>

#include "ps_encode_input.h"

ps_status
ps_encode_save(const ps_env *env, const ps_encoder *encoder, ps_value *object, ps_error *error)
{
	ps_value   *list;

	PS_TRY(ps_value_set_boolean(env, object, "reference_dropped", encoder->reference_dropped, error));
	if (encoder->measured)
		PS_TRY(ps_value_set_boolean(env, object, "measured", true, error));
	PS_TRY(ps_ages_save(env, &encoder->ages, object, error));
	PS_TRY(ps_value_set_list(env, object, "columns", &list, error));
	for (size_t i = 0; i < encoder->ninputs; i++)
	{
		const ps_encode_input *input = &encoder->inputs[i];
		ps_value   *entry;

		PS_TRY(ps_value_append_object(env, list, &entry, error));
		PS_TRY(ps_value_set_text(env, entry, "column", input->name, error));
		if (input->part != PS_CALENDAR_NONE)
			PS_TRY(ps_value_set_text(env, entry, "part", ps_calendar_part_name(input->part), error));
		if (input->type != PS_TYPE_TEXT && (input->scale > 0 || input->null_share > 0))
		{
			PS_TRY(ps_value_set_number(env, entry, "mean", input->mean, error));
			if (input->scale > 0)
				PS_TRY(ps_value_set_number(env, entry, "scale", input->scale, error));
			if (input->preparation.unit > 0)
				PS_TRY(ps_value_set_number(env, entry, "unit", input->preparation.unit, error));
			if (input->preparation.high < INFINITY)
			{
				PS_TRY(ps_value_set_number(env, entry, "low", input->preparation.low, error));
				PS_TRY(ps_value_set_number(env, entry, "high", input->preparation.high, error));
			}
		}
		else if (input->nlevels > 0 || input->other_share > 0)
		{
			ps_value   *levels;

			PS_TRY(ps_value_set_list(env, entry, "levels", &levels, error));
			for (size_t level = 0; level < input->nlevels; level++)
				PS_TRY(ps_value_append_text(env, levels, input->levels[level], error));
			PS_TRY(ps_value_set_numbers(env, entry, "shares", input->shares, input->nlevels, error));
			if (input->other_share > 0)
				PS_TRY(ps_value_set_number(env, entry, "others", input->other_share, error));
		}
		if (input->null_share > 0)
			PS_TRY(ps_value_set_number(env, entry, "nulls", input->null_share, error));
	}
	return PS_OK;
}

/* Read a share if there is one. */
static ps_status
load_share(const ps_value *entry, const char *name, double *share, ps_error *error)
{
	if (ps_value_get(entry, name) == NULL)
		return PS_OK;
	PS_TRY(ps_value_need_number(entry, name, share, error));
	if (!(*share > 0 && *share < 1))
		return ps_fail(error, PS_CORRUPT, "share \"%s\" is not between 0 and 1", name);
	return PS_OK;
}

/* Read how a number is prepared, if it is. */
static ps_status
load_preparation(const ps_value *entry, ps_preparation *preparation, ps_error *error)
{
	if (ps_value_get(entry, "unit") != NULL)
	{
		PS_TRY(ps_value_need_number(entry, "unit", &preparation->unit, error));
		if (!(preparation->unit >= 1 / PS_ENCODE_LARGEST && preparation->unit <= PS_ENCODE_LARGEST))
			return ps_fail(error, PS_CORRUPT, "\"unit\" is out of range");
	}
	if (ps_value_get(entry, "high") != NULL)
	{
		PS_TRY(ps_value_need_number(entry, "low", &preparation->low, error));
		PS_TRY(ps_value_need_number(entry, "high", &preparation->high, error));
		if (!(preparation->low >= -PS_ENCODE_LARGEST && preparation->low < preparation->high && preparation->high <= PS_ENCODE_LARGEST))
			return ps_fail(error, PS_CORRUPT, "\"low\" and \"high\" are out of range");
	}
	return PS_OK;
}

/* Read what an encoder knows about one input. */
static ps_status
load_input(const ps_env *env, const ps_value *entry, ps_encode_input *input, ps_error *error)
{
	const ps_value *value;
	const double *shares;
	bool		unique;

	PS_TRY(ps_value_need(entry, "column", PS_STRING, &value, error));
	if (strcmp(value->text, input->name) != 0)
		return ps_fail(error, PS_CORRUPT, "the encoder's column \"%s\" is not the input \"%s\"", value->text, input->name);
	PS_TRY(load_share(entry, "nulls", &input->null_share, error));
	if (input->part != PS_CALENDAR_NONE && input->null_share > 0)
		return ps_fail(error, PS_CORRUPT, "a calendar part has a column for NULL");
	if (input->type != PS_TYPE_TEXT)
	{
		if (ps_value_get(entry, "mean") == NULL)
			return input->null_share == 0 ? PS_OK : ps_fail(error, PS_CORRUPT, "\"mean\" is missing");
		PS_TRY(ps_value_need_number(entry, "mean", &input->mean, error));
		if (ps_value_get(entry, "scale") != NULL)
		{
			PS_TRY(ps_value_need_number(entry, "scale", &input->scale, error));
			if (!(input->scale >= DBL_MIN && input->scale <= 2 * PS_ENCODE_LARGEST))
				return ps_fail(error, PS_CORRUPT, "\"scale\" is out of range");
		}
		PS_TRY(load_preparation(entry, &input->preparation, error));
		if (ps_is_as_of(input->name, input->type))
			return ps_fail(error, PS_CORRUPT, "the moment judged has a column");
		if (!(fabs(input->mean) <= PS_ENCODE_LARGEST))
			return ps_fail(error, PS_CORRUPT, "\"mean\" is out of range");
		return PS_OK;
	}
	if (ps_value_get(entry, "levels") == NULL)
	{
		if (input->null_share > 0)
			return ps_fail(error, PS_CORRUPT, "\"levels\" is missing");
		return ps_encode_index_levels(env, input, &unique, error);
	}
	PS_TRY(load_share(entry, "others", &input->other_share, error));
	PS_TRY(ps_value_need(entry, "levels", PS_LIST, &value, error));
	if (value->count > PS_ENCODE_LEVELS)
		return ps_fail(error, PS_CORRUPT, "too many levels");
	input->nlevels = value->count;
	PS_TRY(ps_value_need_numbers(entry, "shares", input->nlevels, &shares, error));
	PS_TRY(ps_alloc(env, input->nlevels, sizeof(*input->levels), &input->levels, error));
	PS_TRY(ps_alloc(env, input->nlevels, sizeof(*input->lengths), &input->lengths, error));
	PS_TRY(ps_alloc(env, input->nlevels, sizeof(*input->shares), &input->shares, error));
	for (size_t i = 0; i < input->nlevels; i++)
	{
		if (value->items[i]->type != PS_STRING)
			return ps_fail(error, PS_CORRUPT, "a level is not text");
		if (!(shares[i] > 0 && shares[i] < 1))
			return ps_fail(error, PS_CORRUPT, "the share of a level is not between 0 and 1");
		input->levels[i] = value->items[i]->text;
		input->lengths[i] = value->items[i]->count;
		input->shares[i] = shares[i];
	}
	PS_TRY(ps_encode_index_levels(env, input, &unique, error));
	return unique ? PS_OK : ps_fail(error, PS_CORRUPT, "a level comes twice");
}

/* Read a calendar part of one of the first ninputs inputs. */
static ps_status
load_part(const ps_env *env, const ps_value *entry, ps_encoder *encoder, size_t ninputs, ps_error *error)
{
	const ps_value *column;
	const ps_value *name;
	ps_calendar_part part;

	PS_TRY(ps_value_need(entry, "column", PS_STRING, &column, error));
	PS_TRY(ps_value_need(entry, "part", PS_STRING, &name, error));
	part = ps_calendar_part_of_name(name->text);
	for (size_t i = 0; i < ninputs && part != PS_CALENDAR_NONE; i++)
		if (ps_encode_is_age(encoder, &encoder->inputs[i]) && strcmp(encoder->inputs[i].name, column->text) == 0)
			return load_input(env, entry, ps_encode_add_part(encoder, i, part), error);
	return ps_fail(error, PS_CORRUPT, "\"%s\" of \"%s\" is no calendar part of a moment", name->text, column->text);
}

ps_status
ps_encode_load(const ps_env *env, const ps_value *object, const ps_input *inputs, size_t ninputs,
			   ps_encoder **out, ps_error *error)
{
	const ps_value *reference_dropped;
	const ps_value *list;
	ps_encoder *encoder;

	PS_TRY(ps_value_need(object, "reference_dropped", PS_BOOLEAN, &reference_dropped, error));
	PS_TRY(ps_value_need(object, "columns", PS_LIST, &list, error));
	if (list->count < ninputs || list->count > ninputs * (1 + PS_CALENDAR_PARTS))
		return ps_fail(error, PS_CORRUPT, "the encoder has %d columns, the model %d inputs",
					   (int64_t) list->count, (int64_t) ninputs);
	PS_TRY(ps_encode_create(env, ninputs, reference_dropped->boolean, &encoder, error));
	encoder->measured = ps_value_get(object, "measured") != NULL;
	for (size_t i = 0; i < ninputs; i++)
	{
		if (inputs[i].type == PS_TYPE_HISTORY || inputs[i].type >= PS_TYPE_OTHER)
			return ps_fail(error, PS_CORRUPT, "input \"%s\" is of a type that this method does not read", inputs[i].name);
		ps_encode_set_input(encoder, i, inputs[i].name, inputs[i].type);
	}
	PS_TRY(ps_ages_load(object, inputs, ninputs, &encoder->ages, error));
	for (size_t i = 0; i < ninputs; i++)
		PS_TRY(load_input(env, list->items[i], &encoder->inputs[i], error));
	for (size_t i = ninputs; i < list->count; i++)
		PS_TRY(load_part(env, list->items[i], encoder, ninputs, error));
	for (size_t i = 0; i < encoder->ninputs; i++)
		if (encoder->reference_dropped &&
			(encoder->measured || (encoder->inputs[i].type != PS_TYPE_TEXT && ps_encode_is_prepared(&encoder->inputs[i]))))
			return ps_fail(error, PS_CORRUPT, "columns are prepared as those of clusters");
	PS_TRY(ps_encode_lay_out(env, encoder, NULL, error));
	*out = encoder;
	return PS_OK;
}
