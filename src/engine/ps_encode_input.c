/*-------------------------------------------------------------------------
 *
 * ps_encode_input.c
 *	  What an encoder knows about an input.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_encode_input.h"

ps_status
ps_encode_create(const ps_env *env, size_t ninputs, bool reference_dropped, ps_encoder **out, ps_error *error)
{
	ps_encoder *encoder;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*encoder), &encoder, error));
	encoder->ninputs = ninputs;
	encoder->reference_dropped = reference_dropped;
	PS_TRY(ps_alloc_zero(env, ninputs * (1 + PS_CALENDAR_PARTS), sizeof(*encoder->inputs), &encoder->inputs, error));
	*out = encoder;
	return PS_OK;
}

void
ps_encode_set_input(ps_encoder *encoder, size_t i, const char *name, ps_type type)
{
	ps_encode_input *input = &encoder->inputs[i];

	input->name = name;
	input->type = type;
	input->source = i;
	input->preparation = (ps_preparation) {0, -INFINITY, INFINITY};
}

ps_encode_input *
ps_encode_add_part(ps_encoder *encoder, size_t i, ps_calendar_part part)
{
	ps_encode_input *input = &encoder->inputs[encoder->ninputs++];

	input->name = encoder->inputs[i].name;
	input->source = i;
	input->type = PS_TYPE_TEXT;
	input->part = part;
	return input;
}

ps_status
ps_encode_index_levels(const ps_env *env, ps_encode_input *input, bool *unique, ps_error *error)
{
	*unique = true;
	input->nslots = 4;
	while (input->nslots < 2 * input->nlevels)
		input->nslots *= 2;
	PS_TRY(ps_alloc(env, input->nslots, sizeof(*input->slots), &input->slots, error));
	memset(input->slots, 0xff, input->nslots * sizeof(*input->slots));
	for (size_t i = 0; i < input->nlevels; i++)
	{
		size_t		slot = (size_t) ps_hash_bytes(0, input->levels[i], input->lengths[i]) & (input->nslots - 1);

		if (ps_encode_find_level(input, input->levels[i], input->lengths[i]) < input->nlevels)
			*unique = false;
		while (input->slots[slot] >= 0)
			slot = (slot + 1) & (input->nslots - 1);
		input->slots[slot] = (int32_t) i;
	}
	return PS_OK;
}

/* Set number_means and number_columns where all inputs are plain numbers. */
static ps_status
list_numbers(const ps_env *env, ps_encoder *encoder, ps_error *error)
{
	for (size_t i = 0; i < encoder->ninputs; i++)
	{
		const ps_encode_input *input = &encoder->inputs[i];

		if (input->type == PS_TYPE_TEXT || input->type == PS_TYPE_MOMENT || input->value_column < 0)
			return PS_OK;
	}
	PS_TRY(ps_alloc(env, encoder->ninputs, sizeof(double), &encoder->number_means, error));
	PS_TRY(ps_alloc(env, encoder->ninputs, sizeof(int32_t), &encoder->number_columns, error));
	for (size_t i = 0; i < encoder->ninputs; i++)
	{
		encoder->number_means[i] = encoder->inputs[i].mean;
		encoder->number_columns[i] = encoder->inputs[i].value_column;
	}
	return PS_OK;
}

ps_status
ps_encode_lay_out(const ps_env *env, ps_encoder *encoder, const double *value_ranges, ps_error *error)
{
	size_t		width = 0;

	for (int pass = 0; pass < 2; pass++)
	{
		int32_t		next = 0;

		if (pass == 1)
		{
			if (width > PS_ENCODE_COLUMNS)
			{
				ps_fail(error, PS_INVALID_DATA, "the columns give %d columns of the design matrix, more than %d",
						(int64_t) width, (int64_t) PS_ENCODE_COLUMNS);
				return ps_hint(error, "Leave out text columns with many values by the option \"exclude\".");
			}
			encoder->width = width;
			PS_TRY(ps_alloc(env, width, sizeof(double), &encoder->mean, error));
			PS_TRY(ps_alloc(env, width, sizeof(double), &encoder->scale, error));
			PS_TRY(ps_alloc(env, width, sizeof(size_t), &encoder->origin, error));
			if (value_ranges != NULL)
				PS_TRY(ps_alloc(env, width, sizeof(double), &encoder->range, error));
		}
		for (size_t i = 0; i < encoder->ninputs; i++)
		{
			ps_encode_input *input = &encoder->inputs[i];
			bool		is_text = input->type == PS_TYPE_TEXT;
			size_t		categories = is_text ? input->nlevels + 2 : 2;
			bool		skip = is_text && encoder->reference_dropped;

			if (is_text && pass == 0)
				PS_TRY(ps_alloc(env, categories, sizeof(int32_t), &input->columns, error));
			for (size_t c = 0; c < categories; c++)
			{
				double		share = c == categories - 1 ? input->null_share :
					c < input->nlevels ? input->shares[c] : input->other_share;
				bool		is_value = !is_text && c == 0;
				bool		exists = is_value ? input->scale > 0 : share > 0;
				int32_t		column = -1;

				if (exists && skip)
					skip = false;
				else if (exists)
					column = next++;
				/* what training had none of stands for nothing, and not for the reference level */
				if (is_text && c == input->nlevels && !exists)
					column = PS_ENCODE_UNKNOWN;
				if (is_text)
					input->columns[c] = column;
				else if (is_value)
					input->value_column = column;
				else
					input->null_column = column;
				if (column >= 0 && pass == 1)
				{
					encoder->origin[column] = input->source;
					encoder->mean[column] = is_value ? input->mean : share;
					encoder->scale[column] = is_value ? input->scale : encoder->measured ? 1 : sqrt(share * (1 - share));
					if (value_ranges != NULL)
						encoder->range[column] = is_value ? value_ranges[i] : 1;
				}
			}
		}
		width = (size_t) next;
	}
	return list_numbers(env, encoder, error);
}

size_t
ps_encode_level_count(const ps_frame *frame, const ps_encode_input *input)
{
	return input->part == PS_CALENDAR_NONE ? ps_frame_levels(frame, input->source) :
		(size_t) ps_calendar_values(input->part);
}

const char *
ps_encode_level_text(const ps_frame *frame, const ps_encode_input *input, size_t code, size_t *length)
{
	const char *name;

	if (input->part == PS_CALENDAR_NONE)
		return ps_frame_level(frame, input->source, code, length);
	name = ps_calendar_value_name(input->part, (int32_t) code);
	*length = strlen(name);
	return name;
}
