/*-------------------------------------------------------------------------
 *
 * ps_bins.c
 *	  Raw columns to codes of one byte.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_bins.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "ps_identifier.h"
#include "ps_random.h"
#include "ps_sort.h"

#define SAMPLE_ROWS 50000		/* about so many decide about edges */
#define TILE 16					/* numbers coded at a time */

/* Find the rows of the sample. */
static ps_status
choose_sample(const ps_env *env, const uint64_t *hashes, size_t rows, size_t **out, size_t *out_count, ps_error *error)
{
	uint64_t	limit = ps_hash_limit(SAMPLE_ROWS, rows);
	size_t		capacity = 0;

	*out = NULL;
	*out_count = 0;
	for (size_t row = 0; row < rows; row++)
	{
		if (row % 65536 == 0)
			PS_TRY(ps_poll(env, 0, error));
		if (hashes[row] > limit)
			continue;
		PS_TRY(ps_grow(env, out, *out_count, *out_count + 1, &capacity, sizeof(**out), error));
		(*out)[(*out_count)++] = row;
	}
	return PS_OK;
}

/* Choose an edge with below <= edge < above, one that takes few bytes where possible. */
static double
edge_between(double below, double above)
{
	double		middle = below / 2 + above / 2;
	double		rounded = fabs(middle) < FLT_MAX ? (double) (float) middle : middle;

	if (below <= rounded && rounded < above)
		return rounded;
	return below <= middle && middle < above ? middle : below;
}

/* Allocate the edges of an input, infinite. */
static ps_status
create_edges(const ps_env *env, ps_bin_input *input, ps_error *error)
{
	input->codes = 1;
	PS_TRY(ps_alloc(env, PS_BINS, sizeof(double), &input->edges, error));
	for (size_t i = 0; i < PS_BINS; i++)
		input->edges[i] = INFINITY;
	return PS_OK;
}

/* The number in a row of the frame: as it is, or an age; NAN for NULL. */
static double
read_number(const ps_bin_input *input, const ps_frame *frame, size_t row)
{
	double		age;

	if (input->ages == NULL)
		return ps_frame_numbers(frame, input->source, row / PS_FRAME_CHUNK)[row % PS_FRAME_CHUNK];
	ps_ages_read(input->ages, frame, input->source, row / PS_FRAME_CHUNK, row % PS_FRAME_CHUNK, 1, &age);
	return age;
}

/* Decide whether a column of numbers, of which these are known, the ascending ones of a sample, numbers the rows. */
static ps_status
identifies(const ps_env *env, const ps_frame *frame, const ps_bin_input *input, const double *values, size_t known,
		   bool *out, ps_value *notes, ps_error *error)
{
	double		min = INFINITY;
	double		max = -INFINITY;

	*out = false;
	for (size_t i = 0; i < known; i++)
		if (values[i] != floor(values[i]) || (i > 0 && values[i] == values[i - 1]))
			return PS_OK;
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		const double *x = ps_frame_numbers(frame, input->source, chunk);

		for (size_t i = 0; i < ps_frame_chunk_rows(frame, chunk); i++)
		{
			min = x[i] < min ? x[i] : min;
			max = x[i] > max ? x[i] : max;
		}
		PS_TRY(ps_poll(env, 0, error));
	}
	return ps_identifier_number(env, frame, input->source, min, max, out, notes, error);
}

/*
 * Place the edges of a number.  Each bin takes an equal share of the values
 * left by the bins before it, and then all values equal to its last.
 */
static ps_status
fit_number(const ps_env *env, const ps_frame *frame, const ps_value *options, const size_t *sample, size_t count,
		   ps_bin_input *input, ps_value *notes, ps_error *error)
{
	double	   *values;
	size_t		known = 0;
	size_t		distinct = 1;
	size_t		start = 0;
	bool		is_identifier = false;

	PS_TRY(create_edges(env, input, error));
	PS_TRY(ps_alloc(env, count, sizeof(*values), &values, error));
	for (size_t i = 0; i < count; i++)
	{
		double		value = read_number(input, frame, sample[i]);

		if (!isnan(value))
			values[known++] = value;
	}
	PS_TRY(ps_sort_numbers(env, values, known, error));
	if (input->type == PS_TYPE_NUMBER && known == count && !ps_identifier_included(options, input->name))
		PS_TRY(identifies(env, frame, input, values, known, &is_identifier, notes, error));
	if (is_identifier)
	{
		ps_release(env, values);
		return PS_OK;
	}
	for (size_t i = 1; i < known; i++)
		distinct += values[i] > values[i - 1] ? 1 : 0;
	while (known > 0 && input->codes <= PS_BINS_EDGES)
	{
		size_t		left = PS_BINS_EDGES + 2 - input->codes;
		size_t		end = distinct <= PS_BINS_EDGES + 1 ? start + 1 : start + (known - start + left - 1) / left;

		while (end < known && values[end] == values[end - 1])
			end++;
		if (end >= known)
			break;
		input->edges[input->codes++ - 1] = edge_between(values[end - 1], values[end]);
		start = end;
	}
	ps_release(env, values);
	input->used = input->codes > 1 || (known > 0 && known < count);
	if (!input->used)
		return ps_note(env, notes, error, known == 0 ? "column \"%s\" is left out: it has no value but NULL" :
					   "column \"%s\" is left out: all its values are the same", input->name);
	return PS_OK;
}

/* Choose the levels of a text. */
static ps_status
fit_text(const ps_env *env, const ps_frame *frame, ps_bin_input *input, ps_value *notes, ps_error *error)
{
	size_t		others;
	size_t		nulls;
	size_t		kinds;

	PS_TRY(ps_levels_fit(env, frame, input->source, PS_BINS_LEVEL_ROWS, PS_BINS_LEVELS, &input->levels, &others, &nulls,
						 error));
	input->codes = input->levels.count + 1;
	kinds = input->levels.count + (others > 0 ? 1 : 0) + (nulls > 0 ? 1 : 0);
	input->used = kinds > 1;
	if (ps_identifier_text(frame, input->source, nulls))
		return ps_identifier_note_text(env, frame, input->source, notes, error);
	if (!input->used)
		return ps_note(env, notes, error, others > 0 ?
					   "column \"%s\" is left out: none of its values occurs in %d rows or more" :
					   "column \"%s\" is left out: all its values are the same", input->name,
					   (int64_t) PS_BINS_LEVEL_ROWS);
	return PS_OK;
}

/* Allocate rules for inputs that are set by set_input, with room for their calendar parts. */
static ps_status
bins_create(const ps_env *env, size_t ninputs, ps_bins **out, ps_error *error)
{
	PS_TRY(ps_alloc_zero(env, 1, sizeof(**out), out, error));
	(*out)->ninputs = ninputs;
	return ps_alloc_zero(env, ninputs * (1 + PS_CALENDAR_PARTS), sizeof(*(*out)->inputs), &(*out)->inputs, error);
}

/* Set what input i reads, once the ages are known. */
static void
set_input(ps_bins *bins, size_t i, const char *name, ps_type type)
{
	bins->inputs[i] = (ps_bin_input) {
		.name = name,.type = type,.source = i,.ages = ps_is_age(&bins->ages, type, i) ? &bins->ages : NULL
	};
}

/* Append a calendar part of input i. */
static void
add_part(ps_bins *bins, size_t i, ps_calendar_part part)
{
	bins->inputs[bins->ninputs++] = (ps_bin_input) {
		.name = bins->inputs[i].name,.type = PS_TYPE_TEXT,.source = i,.part = part,.used = true,
		.codes = (size_t) ps_calendar_values(part)
	};
}

static bool
is_readable(ps_type type)
{
	return type != PS_TYPE_HISTORY && type < PS_TYPE_OTHER;
}

ps_status
ps_bins_fit(const ps_env *env, const ps_frame *frame, const uint64_t *hashes, const ps_value *options, ps_bins **out,
			ps_value *notes, ps_error *error)
{
	size_t		sources = ps_frame_columns(frame);
	ps_bins    *bins;
	size_t	   *sample;
	size_t		count;

	PS_TRY(bins_create(env, sources, &bins, error));
	PS_TRY(ps_ages_fit(env, frame, &bins->ages, error));
	PS_TRY(choose_sample(env, hashes, ps_frame_rows(frame), &sample, &count, error));
	for (size_t i = 0; i < sources; i++)
	{
		const ps_column *column = ps_frame_column(frame, i);
		ps_bin_input *input = &bins->inputs[i];

		if (!is_readable(column->type))
			return ps_fail_column(error, PS_WRONG_TYPE, column->name,
								  "column \"%s\" is of a type that this method does not read", column->name);
		set_input(bins, i, column->name, column->type);
		if (input->type == PS_TYPE_TEXT)
			PS_TRY(fit_text(env, frame, input, notes, error));
		else if (input->type != PS_TYPE_MOMENT || input->ages != NULL)
			PS_TRY(fit_number(env, frame, options, sample, count, input, notes, error));
		PS_TRY(ps_poll(env, 0, error));
	}
	for (size_t i = 0; i < sources; i++)
		for (int part = PS_CALENDAR_MONTH; part <= PS_CALENDAR_PARTS && bins->inputs[i].ages != NULL; part++)
		{
			bool		helps;

			PS_TRY(ps_calendar_helps(env, frame, i, (ps_calendar_part) part, &helps, error));
			if (helps)
				add_part(bins, i, (ps_calendar_part) part);
		}
	ps_release(env, sample);
	*out = bins;
	return PS_OK;
}

ps_status
ps_bins_save(const ps_env *env, const ps_bins *bins, ps_value *object, ps_error *error)
{
	ps_value   *list;

	PS_TRY(ps_ages_save(env, &bins->ages, object, error));
	PS_TRY(ps_value_set_list(env, object, "columns", &list, error));
	for (size_t i = 0; i < bins->ninputs; i++)
	{
		const ps_bin_input *input = &bins->inputs[i];
		ps_value   *entry;
		ps_value   *levels;

		PS_TRY(ps_value_append_object(env, list, &entry, error));
		PS_TRY(ps_value_set_text(env, entry, "column", input->name, error));
		if (input->part != PS_CALENDAR_NONE)
			PS_TRY(ps_value_set_text(env, entry, "part", ps_calendar_part_name(input->part), error));
		if (!input->used || input->part != PS_CALENDAR_NONE)
			continue;
		if (input->type != PS_TYPE_TEXT)
		{
			PS_TRY(ps_value_set_numbers(env, entry, "edges", input->edges, input->codes - 1, error));
			continue;
		}
		PS_TRY(ps_value_set_list(env, entry, "levels", &levels, error));
		for (size_t level = 0; level < input->levels.count; level++)
			PS_TRY(ps_value_append_text(env, levels, input->levels.texts[level], error));
	}
	return PS_OK;
}

/* Read the rules of one input. */
static ps_status
load_input(const ps_env *env, const ps_value *entry, ps_bin_input *input, ps_error *error)
{
	const ps_value *value;

	PS_TRY(ps_value_need(entry, "column", PS_STRING, &value, error));
	if (strcmp(value->text, input->name) != 0)
		return ps_fail(error, PS_CORRUPT, "column \"%s\" is not the input \"%s\"", value->text, input->name);
	if (!is_readable(input->type))
		return ps_fail(error, PS_CORRUPT, "input \"%s\" is of a type that this method does not read", input->name);
	value = ps_value_get(entry, input->type == PS_TYPE_TEXT ? "levels" : "edges");
	input->used = value != NULL;
	if (!input->used)
		return PS_OK;
	if (ps_is_as_of(input->name, input->type))
		return ps_fail(error, PS_CORRUPT, "the moment judged has edges");
	if (input->type == PS_TYPE_TEXT)
	{
		if (value->type != PS_LIST)
			return ps_fail(error, PS_CORRUPT, "\"levels\" is not a list of texts");
		input->codes = value->count + 1;
		return ps_levels_load(env, value, PS_BINS_LEVELS, &input->levels, error);
	}
	if (!(value->type == PS_NUMBERS || (value->type == PS_LIST && value->count == 0)) || value->count > PS_BINS_EDGES)
		return ps_fail(error, PS_CORRUPT, "\"edges\" is not a list of at most %d numbers", (int64_t) PS_BINS_EDGES);
	PS_TRY(create_edges(env, input, error));
	input->codes = value->count + 1;
	for (size_t i = 0; i < value->count; i++)
	{
		if (i > 0 && value->numbers[i] <= value->numbers[i - 1])
			return ps_fail(error, PS_CORRUPT, "the edges of column \"%s\" do not ascend", input->name);
		input->edges[i] = value->numbers[i];
	}
	return PS_OK;
}

/* Read a calendar part of one of the first ninputs inputs. */
static ps_status
load_part(const ps_value *entry, ps_bins *bins, size_t ninputs, ps_error *error)
{
	const ps_value *column;
	const ps_value *name;
	ps_calendar_part part;

	PS_TRY(ps_value_need(entry, "column", PS_STRING, &column, error));
	PS_TRY(ps_value_need(entry, "part", PS_STRING, &name, error));
	part = ps_calendar_part_of_name(name->text);
	for (size_t i = 0; i < ninputs && part != PS_CALENDAR_NONE; i++)
		if (bins->inputs[i].ages != NULL && strcmp(bins->inputs[i].name, column->text) == 0)
		{
			add_part(bins, i, part);
			return PS_OK;
		}
	return ps_fail(error, PS_CORRUPT, "\"%s\" of \"%s\" is no calendar part of a moment", name->text, column->text);
}

ps_status
ps_bins_load(const ps_env *env, const ps_value *object, const ps_input *inputs, size_t ninputs, ps_bins **out,
			 ps_error *error)
{
	const ps_value *list;
	ps_bins    *bins;

	PS_TRY(ps_value_need(object, "columns", PS_LIST, &list, error));
	if (list->count < ninputs || list->count > ninputs * (1 + PS_CALENDAR_PARTS))
		return ps_fail(error, PS_CORRUPT, "there are %d columns for %d inputs", (int64_t) list->count,
					   (int64_t) ninputs);
	PS_TRY(bins_create(env, ninputs, &bins, error));
	PS_TRY(ps_ages_load(object, inputs, ninputs, &bins->ages, error));
	for (size_t i = 0; i < ninputs; i++)
	{
		set_input(bins, i, inputs[i].name, inputs[i].type);
		PS_TRY(load_input(env, list->items[i], &bins->inputs[i], error));
	}
	for (size_t i = ninputs; i < list->count; i++)
		PS_TRY(load_part(list->items[i], bins, ninputs, error));
	*out = bins;
	return PS_OK;
}

/* The code of a calendar part of a moment. */
static inline uint8_t
part_code(ps_calendar_part part, double moment)
{
	int32_t		value = ps_calendar_value(part, moment);

	return value < 0 ? PS_BINS_NULL : (uint8_t) value;
}

ps_status
ps_bins_cell(const ps_bin_input *input, const ps_cell *cells, uint8_t *code, ps_error *error)
{
	const ps_cell *cell = &cells[input->source];
	double		number = cell->number;

	if (cell->null || (input->ages != NULL && !ps_ages_cell(input->ages, cells, input->source, &number)))
		*code = PS_BINS_NULL;
	else if (input->part != PS_CALENDAR_NONE)
		*code = part_code(input->part, number);
	else if (input->type == PS_TYPE_TEXT)
		*code = (uint8_t) ps_levels_find(&input->levels, cell->text, cell->length);
	else if (!isfinite(number))
		return ps_fail_column(error, PS_INVALID_DATA, input->name, "column \"%s\" is %s", input->name,
							  isnan(number) ? "NaN" : "infinite");
	else
		*code = ps_bins_number(input, number);
	return PS_OK;
}

/* Code numbers, TILE of them at a time so that their searches overlap. */
static void
code_numbers(const ps_bin_input *input, const double *numbers, size_t count, uint8_t *codes)
{
	const double *edges = input->edges;
	size_t		i = 0;

	for (; i + TILE <= count; i += TILE)
	{
		uint32_t	code[TILE] = {0};

		for (uint32_t half = PS_BINS / 2; half > 0; half /= 2)
			for (size_t k = 0; k < TILE; k++)
				code[k] += (0u - (uint32_t) (edges[code[k] + half - 1] < numbers[i + k])) & half;
		for (size_t k = 0; k < TILE; k++)
			codes[i + k] = isnan(numbers[i + k]) ? PS_BINS_NULL : (uint8_t) code[k];
	}
	for (; i < count; i++)
		codes[i] = isnan(numbers[i]) ? PS_BINS_NULL : ps_bins_number(input, numbers[i]);
}

/* Code a whole column of a frame. */
static ps_status
code_column(const ps_env *env, const ps_bin_input *input, const ps_frame *frame, uint8_t *codes, ps_error *error)
{
	size_t		column = input->source;
	uint8_t    *code_of = NULL;
	double	   *ages = NULL;

	if (input->ages != NULL)
		PS_TRY(ps_alloc(env, PS_FRAME_CHUNK, sizeof(*ages), &ages, error));
	if (input->type == PS_TYPE_TEXT && input->part == PS_CALENDAR_NONE)
	{
		PS_TRY(ps_alloc(env, ps_frame_levels(frame, column), 1, &code_of, error));
		for (size_t level = 0; level < ps_frame_levels(frame, column); level++)
		{
			size_t		length;
			const char *text = ps_frame_level(frame, column, level, &length);

			code_of[level] = (uint8_t) ps_levels_find(&input->levels, text, length);
			if (level % 65536 == 65535)
				PS_TRY(ps_poll(env, 0, error));
		}
	}
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		size_t		count = ps_frame_chunk_rows(frame, chunk);
		uint8_t    *part = codes + chunk * PS_FRAME_CHUNK;

		if (input->part != PS_CALENDAR_NONE)
		{
			const double *moments = ps_frame_numbers(frame, column, chunk);

			for (size_t i = 0; i < count; i++)
				part[i] = part_code(input->part, moments[i]);
		}
		else if (input->type == PS_TYPE_TEXT)
		{
			const int32_t *levels = ps_frame_codes(frame, column, chunk);

			for (size_t i = 0; i < count; i++)
				part[i] = levels[i] < 0 ? PS_BINS_NULL : code_of[levels[i]];
		}
		else if (ages != NULL)
		{
			ps_ages_read(input->ages, frame, column, chunk, 0, count, ages);
			code_numbers(input, ages, count, part);
		}
		else
			code_numbers(input, ps_frame_numbers(frame, column, chunk), count, part);
		if (chunk % 16 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	ps_release(env, code_of);
	ps_release(env, ages);
	return PS_OK;
}

/* Copy the codes of a few rows, column by column, to their rows. */
static void
transpose(const ps_bin_matrix *matrix, size_t start, size_t end)
{
	for (size_t column = 0; column < matrix->width; column++)
	{
		const uint8_t *codes = matrix->by_column + column * matrix->rows;

		for (size_t row = start; row < end; row++)
			matrix->by_row[row * matrix->stride + column] = codes[row];
	}
}

ps_status
ps_bins_matrix(const ps_env *env, const ps_bins *bins, const ps_frame *frame, ps_bin_matrix **out, ps_error *error)
{
	ps_bin_matrix *matrix;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*matrix), &matrix, error));
	PS_TRY(ps_alloc(env, bins->ninputs, sizeof(*matrix->inputs), &matrix->inputs, error));
	for (size_t i = 0; i < bins->ninputs; i++)
		if (bins->inputs[i].used)
			matrix->inputs[matrix->width++] = i;
	matrix->rows = ps_frame_rows(frame);
	matrix->stride = (matrix->width + 3) / 4 * 4;
	PS_TRY(ps_alloc(env, matrix->rows, matrix->width, &matrix->by_column, error));
	PS_TRY(ps_alloc_zero(env, matrix->rows, matrix->stride, &matrix->by_row, error));
	for (size_t i = 0; i < matrix->width; i++)
		PS_TRY(code_column(env, &bins->inputs[matrix->inputs[i]], frame, matrix->by_column + i * matrix->rows, error));
	for (size_t start = 0; start < matrix->rows; start += 1024)
	{
		transpose(matrix, start, start + 1024 < matrix->rows ? start + 1024 : matrix->rows);
		PS_TRY(ps_poll(env, 0, error));
	}
	*out = matrix;
	return PS_OK;
}

void
ps_bins_release_codes(const ps_env *env, ps_bin_matrix *matrix)
{
	ps_release(env, matrix->by_row);
	ps_release(env, matrix->by_column);
	matrix->by_row = matrix->by_column = NULL;
}
