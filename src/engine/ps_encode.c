/*-------------------------------------------------------------------------
 *
 * ps_encode.c
 *	  Raw columns to a design matrix.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_encode.h"

#include "ps_encode_input.h"

ps_encode_kind
ps_encode_term(const ps_encoder *encoder, size_t column, const char **name, const char **level)
{
	int32_t		wanted = (int32_t) column;
	const ps_encode_input *input = encoder->inputs;

	for (;; input++)
	{
		size_t		categories = input->type == PS_TYPE_TEXT ? input->nlevels + 2 : 0;

		*name = input->name;
		*level = NULL;
		if (categories == 0 && input->value_column == wanted)
			return PS_ENCODE_VALUE;
		if (categories == 0 && input->null_column == wanted)
			return PS_ENCODE_NULL;
		for (size_t c = 0; c < categories; c++)
			if (input->columns[c] == wanted)
			{
				*level = c < input->nlevels ? input->levels[c] : NULL;
				return c < input->nlevels ? PS_ENCODE_LEVEL :
					c == input->nlevels ? PS_ENCODE_OTHER : PS_ENCODE_NULL;
			}
	}
}

void
ps_encode_weigh(ps_encoder *encoder, size_t column, double weight)
{
	ps_encode_input *input = encoder->inputs;

	while (input->type == PS_TYPE_TEXT || input->value_column != (int32_t) column)
		input++;
	input->scale /= weight;
	encoder->scale[column] = input->scale;
}

void
ps_encode_term_text(const ps_encoder *encoder, size_t column, char *out, size_t size)
{
	const char *name;
	const char *level;

	switch (ps_encode_term(encoder, column, &name, &level))
	{
		case PS_ENCODE_VALUE:
			ps_format(out, size, "\"%s\"", name);
			break;
		case PS_ENCODE_LEVEL:
			ps_format(out, size, "\"%s\" = '%s'", name, level);
			break;
		case PS_ENCODE_OTHER:
			ps_format(out, size, "other values of \"%s\"", name);
			break;
		case PS_ENCODE_NULL:
			ps_format(out, size, "\"%s\" IS NULL", name);
			break;
	}
}

ps_status
ps_encode_bind(const ps_env *env, const ps_encoder *encoder, const ps_frame *frame,
			   ps_encoding **out, ps_error *error)
{
	ps_encoding *encoding;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*encoding), &encoding, error));
	encoding->encoder = encoder;
	encoding->frame = frame;
	encoding->kernels = ps_kernels_best();
	PS_TRY(ps_alloc_zero(env, encoder->ninputs, sizeof(*encoding->columns), &encoding->columns, error));
	for (size_t i = 0; i < encoder->ninputs; i++)
	{
		const ps_encode_input *input = &encoder->inputs[i];
		size_t		levels;

		if (input->type != PS_TYPE_TEXT)
			continue;
		levels = ps_encode_level_count(frame, input);
		PS_TRY(ps_alloc(env, levels, sizeof(int32_t), &encoding->columns[i], error));
		for (size_t code = 0; code < levels; code++)
		{
			size_t		length;
			const char *text = ps_encode_level_text(frame, input, code, &length);

			encoding->columns[i][code] = input->columns[ps_encode_find_level(input, text, length)];
			if (code % 65536 == 65535)
				PS_TRY(ps_poll(env, 0, error));
		}
	}
	*out = encoding;
	return PS_OK;
}

/* The design column that is 1 for NULL, -1 for none. */
static inline int32_t
null_column_of(const ps_encode_input *input)
{
	if (input->type != PS_TYPE_TEXT)
		return input->null_column;
	if (input->part != PS_CALENDAR_NONE)
		return -1;
	return input->columns[input->null_share > 0 ? input->nlevels + 1 : input->nlevels];
}

/* Prepare and standardise count numbers, NAN to 0; out may be x. */
static void
standardise_prepared(const ps_encode_input *input, const double *x, size_t count, double *out)
{
	for (size_t i = 0; i < count; i++)
		out[i] = isnan(x[i]) ? 0 : (ps_prepare(&input->preparation, x[i]) - input->mean) * (1 / input->scale);
}

/* Encode the ages of moments as ps_encode_tile does numbers; they are first put where they go to. */
static void
encode_ages(const ps_encoding *encoding, const ps_encode_input *input, size_t chunk, size_t start, size_t count,
			double *out, size_t stride)
{
	const ps_encoder *encoder = encoding->encoder;
	double	   *null_column = input->null_column < 0 ? NULL : out + (size_t) input->null_column * stride;
	double	   *column = input->value_column < 0 ? null_column : out + (size_t) input->value_column * stride;

	if (column == NULL)
		return;
	ps_ages_read(&encoder->ages, encoding->frame, input->source, chunk, start, count, column);
	if (null_column != NULL)
	{
		double		zero = -encoder->mean[input->null_column] / encoder->scale[input->null_column];
		double		one = zero + 1 / encoder->scale[input->null_column];

		for (size_t i = 0; i < count; i++)
			null_column[i] = isnan(column[i]) ? one : zero;
	}
	if (column != null_column)
		standardise_prepared(input, column, count, column);
}

void
ps_encode_tile(const ps_encoding *encoding, size_t chunk, size_t start, size_t count, double *out, size_t stride)
{
	const ps_encoder *encoder = encoding->encoder;

	for (size_t input_number = 0; input_number < encoder->ninputs; input_number++)
	{
		const ps_encode_input *input = &encoder->inputs[input_number];
		int32_t		null_column = null_column_of(input);

		if (input->type == PS_TYPE_TEXT)
		{
			const int32_t *codes = input->part != PS_CALENDAR_NONE ? NULL :
				ps_frame_codes(encoding->frame, input->source, chunk) + start;
			const int32_t *columns = encoding->columns[input_number];

			for (size_t c = 0; c < input->nlevels + 2; c++)
				if (input->columns[c] >= 0)
				{
					size_t		column = (size_t) input->columns[c];
					double		zero = -encoder->mean[column] / encoder->scale[column];

					for (size_t i = 0; i < count; i++)
						out[column * stride + i] = zero;
				}
			for (size_t i = 0; i < count; i++)
			{
				int32_t		code = codes != NULL ? codes[i] : ps_encode_row_code(encoding->frame, input, chunk, start + i);
				int32_t		column = code >= 0 ? columns[code] : null_column;

				if (column >= 0)
					out[(size_t) column * stride + i] += 1 / encoder->scale[column];
				else if (column == PS_ENCODE_UNKNOWN)
					for (size_t c = 0; c < input->nlevels + 2; c++)
						if (input->columns[c] >= 0)
							out[(size_t) input->columns[c] * stride + i] = 0;
			}
		}
		else if (ps_encode_is_age(encoder, input))
			encode_ages(encoding, input, chunk, start, count, out, stride);
		else
		{
			const double *x = ps_frame_numbers(encoding->frame, input_number, chunk) + start;

			if (input->value_column >= 0)
			{
				double	   *column = out + (size_t) input->value_column * stride;

				if (ps_encode_is_prepared(input))
					standardise_prepared(input, x, count, column);
				else
					encoding->kernels->standardise(x, count, input->mean, 1 / input->scale, column);
			}
			if (null_column >= 0)
			{
				double	   *column = out + (size_t) null_column * stride;
				double		zero = -encoder->mean[null_column] / encoder->scale[null_column];
				double		one = zero + 1 / encoder->scale[null_column];

				for (size_t i = 0; i < count; i++)
					column[i] = isnan(x[i]) ? one : zero;
			}
		}
	}
}

/* Refuse a number in a row to score that is NaN or infinite. */
static ps_status
refuse_number(const ps_encode_input *input, double number, ps_error *error)
{
	return ps_fail_column(error, PS_INVALID_DATA, input->name, "column \"%s\" is %s", input->name,
						  isnan(number) ? "NaN" : "infinite");
}

/* The design column of a text cell, or of a moment's part; -1 for the reference level, where all are zero; or PS_ENCODE_UNKNOWN. */
static inline int32_t
text_column(const ps_encode_input *input, const ps_cell *cell)
{
	if (cell->null)
		return null_column_of(input);
	if (input->part != PS_CALENDAR_NONE)
	{
		int32_t		value = ps_calendar_value(input->part, cell->number);
		const char *name = value < 0 ? "" : ps_calendar_value_name(input->part, value);

		return input->columns[ps_encode_find_level(input, name, strlen(name))];
	}
	return input->columns[ps_encode_find_level(input, cell->text, cell->length)];
}

/* Read the number of a cell: *null, or the value or age. */
static inline ps_status
read_number(const ps_encoder *encoder, const ps_encode_input *input, const ps_cell *cells, bool *null, double *number,
			ps_error *error)
{
	const ps_cell *cell = &cells[input->source];

	*null = cell->null;
	*number = cell->number;
	if (!cell->null && !isfinite(cell->number))
		return refuse_number(input, cell->number, error);
	if (ps_encode_is_age(encoder, input))
		*null = !ps_ages_cell(&encoder->ages, cells, input->source, number);
	return PS_OK;
}

/* Encode a row, with the limits of numbers or without. */
static ps_status
encode_row(const ps_encoder *encoder, const ps_cell *cells, bool bounded, double *out, ps_error *error)
{
	for (size_t j = 0; j < encoder->width; j++)
		out[j] = -encoder->mean[j] / encoder->scale[j];
	for (size_t i = 0; i < encoder->ninputs; i++)
	{
		const ps_encode_input *input = &encoder->inputs[i];

		if (input->type == PS_TYPE_TEXT)
		{
			int32_t		column = text_column(input, &cells[input->source]);

			if (column >= 0)
				out[column] += 1 / encoder->scale[column];
			else if (column == PS_ENCODE_UNKNOWN)
				for (size_t c = 0; c < input->nlevels + 2; c++)
					if (input->columns[c] >= 0)
						out[input->columns[c]] = 0;
		}
		else
		{
			ps_preparation preparation = input->preparation;
			bool		null = false;
			double		number = 0;

			if (!bounded)
			{
				preparation.low = -INFINITY;
				preparation.high = INFINITY;
			}
			PS_TRY(read_number(encoder, input, cells, &null, &number, error));
			if (input->value_column >= 0)
				out[input->value_column] = null ? 0 : (ps_prepare(&preparation, number) - input->mean) * (1 / input->scale);
			if (null && input->null_column >= 0)
				out[input->null_column] += 1 / encoder->scale[input->null_column];
		}
	}
	return PS_OK;
}

ps_status
ps_encode_row(const ps_encoder *encoder, const ps_cell *cells, double *out, ps_error *error)
{
	return encode_row(encoder, cells, true, out, error);
}

ps_status
ps_encode_row_unbounded(const ps_encoder *encoder, const ps_cell *cells, double *out, ps_error *error)
{
	return encode_row(encoder, cells, false, out, error);
}

/* The input whose number a design column is. */
static const ps_encode_input *
input_of_column(const ps_encoder *encoder, size_t column)
{
	return &encoder->inputs[encoder->origin[column]];
}

double
ps_encode_inverse(const ps_encoder *encoder, size_t column, double standardised)
{
	return ps_preparation_inverse(&input_of_column(encoder, column)->preparation,
								  encoder->mean[column] + encoder->scale[column] * standardised);
}

double
ps_encode_number(const ps_encoder *encoder, const ps_frame *frame, size_t column, size_t row)
{
	const ps_encode_input *input = input_of_column(encoder, column);
	double		age;

	if (!ps_encode_is_age(encoder, input))
		return ps_frame_numbers(frame, input->source, row / PS_FRAME_CHUNK)[row % PS_FRAME_CHUNK];
	ps_ages_read(&encoder->ages, frame, input->source, row / PS_FRAME_CHUNK, row % PS_FRAME_CHUNK, 1, &age);
	return age;
}

double
ps_encode_log_slope(const ps_encoder *encoder, const ps_cell *cells)
{
	double		sum = 0;

	for (size_t j = 0; j < encoder->width; j++)
		sum -= log(encoder->scale[j]);
	for (size_t i = 0; i < encoder->ninputs; i++)
	{
		const ps_encode_input *input = &encoder->inputs[i];
		double		number = cells[input->source].number;

		if (input->preparation.unit == 0 || input->value_column < 0)
			continue;
		if (cells[input->source].null ||
			(ps_encode_is_age(encoder, input) && !ps_ages_cell(&encoder->ages, cells, input->source, &number)))
			number = ps_preparation_inverse(&input->preparation, input->mean);
		sum -= log(input->preparation.unit + fabs(number));
	}
	return sum;
}

ps_status
ps_encode_dot(const ps_encoder *encoder, const ps_cell *cells, const double *coefficients,
			  double *out, ps_error *error)
{
	double		sum = 0;

	for (size_t i = 0; i < encoder->ninputs; i++)
	{
		const ps_encode_input *input = &encoder->inputs[i];

		if (input->type == PS_TYPE_TEXT)
		{
			int32_t		column = text_column(input, &cells[input->source]);

			if (column >= 0)
				sum += coefficients[column];
			else if (column == PS_ENCODE_UNKNOWN)
				for (size_t c = 0; c < input->nlevels + 2; c++)
					if (input->columns[c] >= 0)
						sum += coefficients[input->columns[c]] * encoder->mean[input->columns[c]];
		}
		else
		{
			bool		null = false;
			double		number = 0;

			PS_TRY(read_number(encoder, input, cells, &null, &number, error));
			if (null)
				sum += input->null_column >= 0 ? coefficients[input->null_column] : 0;
			else if (input->value_column >= 0)
				sum += coefficients[input->value_column] * (number - input->mean);
		}
	}
	*out = sum;
	return PS_OK;
}
