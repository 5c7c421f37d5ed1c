/*-------------------------------------------------------------------------
 *
 * ps_encode_fit.c
 *	  Fit the rules by which raw columns become a design matrix.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_encode.h"

#include <float.h>

#include "ps_encode_input.h"
#include "ps_identifier.h"
#include "ps_row_hash.h"
#include "ps_sort.h"
#include "ps_sum.h"
#include "ps_weighed.h"

#define MIN_ROWS 10				/* "enough", see the header */
#define MIN_ROWS_SHARE 1000
#define YES_NO_SCALE 0.70710678118654752	/* two values two squared units apart */
#define PREPARED_ROWS 65536		/* rows by which it is decided how to prepare a number */
#define WIDEST 10				/* units from the smallest to the largest bounded number */

/* Do rows count by their weights?  Only for distances, and then the frame is one of ps_cluster_frame. */
static bool
is_weighed(const ps_encoder *encoder, const ps_frame *frame)
{
	return encoder->measured && ps_frame_has_weight(frame);
}

/* The weights of the rows of a chunk; NULL where each counts once. */
static const double *
read_weights(const ps_encoder *encoder, const ps_frame *frame, size_t chunk)
{
	return is_weighed(encoder, frame) ? ps_frame_weights(frame, chunk) : NULL;
}

/* How many rows all of them count as. */
static ps_status
count_rows(const ps_env *env, const ps_encoder *encoder, const ps_frame *frame, double *rows, ps_error *error)
{
	*rows = is_weighed(encoder, frame) ? 0 : (double) ps_frame_rows(frame);
	for (size_t chunk = 0; is_weighed(encoder, frame) && chunk < ps_frame_chunks(frame); chunk++)
	{
		for (size_t i = 0; i < ps_frame_chunk_rows(frame, chunk); i++)
			*rows += ps_frame_weights(frame, chunk)[i];
		PS_TRY(ps_poll(env, 0, error));
	}
	return PS_OK;
}

/* Add a term as often as a weight says, as exactly as so many additions. */
static inline void
add_weighed(ps_sum *total, double term, double weight)
{
	double		product = term * weight;

	ps_sum_add(total, product);
	if (weight != 1)
		total->rest += fma(term, weight, -product);
}

/* How many rows of so many are enough for a 0/1 column. */
static double
enough_rows(double rows)
{
	return fmax(floor(rows / MIN_ROWS_SHARE), MIN_ROWS);
}

/* The share of rows, less than 1 for a part of them. */
static double
share_of(double part, double rows)
{
	return fmin(part / rows, 1 - DBL_EPSILON / 2);
}

/* The numbers of a chunk: as they are, or ages or prepared ones in room for PS_FRAME_CHUNK of them. */
static const double *
read_numbers(const ps_encoder *encoder, const ps_frame *frame, const ps_encode_input *input, size_t chunk,
			 double *room)
{
	size_t		count = ps_frame_chunk_rows(frame, chunk);
	const double *x = room;

	if (ps_encode_is_age(encoder, input))
		ps_ages_read(&encoder->ages, frame, input->source, chunk, 0, count, room);
	else
		x = ps_frame_numbers(frame, input->source, chunk);
	if (!ps_encode_is_prepared(input))
		return x;
	for (size_t i = 0; i < count; i++)
		room[i] = ps_prepare(&input->preparation, x[i]);
	return room;
}

/* How numbers are to be read by the encoder. */
typedef enum number_use
{
	AS_THEY_ARE,
	FOR_DENSITIES,				/* prepared, limits hold only for mean and scale */
	FOR_DISTANCES				/* prepared, and two values in the scale of yes and no */
} number_use;

/*
 * Repeat numbers as often as their weights say, whole ones of PREPARED_ROWS in
 * all at most; otherwise in proportion to them.
 */
static ps_status
repeat_numbers(const ps_env *env, ps_weighed *numbers, size_t count, double **out, size_t *out_count, ps_error *error)
{
	double		total = 0;
	double		sum = 0;
	double		per_weight = 1;
	bool		whole = true;

	for (size_t i = 0; i < count; i++)
	{
		total += numbers[i].weight;
		whole = whole && numbers[i].weight == floor(numbers[i].weight);
	}
	if (!whole || total > PREPARED_ROWS)
		per_weight = PREPARED_ROWS / total;
	PS_TRY(ps_weighed_sort(env, numbers, count, error));
	PS_TRY(ps_alloc(env, PREPARED_ROWS, sizeof(**out), out, error));
	*out_count = 0;
	for (size_t i = 0; i < count; i++)
	{
		sum += numbers[i].weight;
		while (*out_count < PREPARED_ROWS && (double) *out_count + 0.5 <= sum * per_weight)
			(*out)[(*out_count)++] = numbers[i].value;
	}
	return PS_OK;
}

/*
 * Collect known numbers of an input, about PREPARED_ROWS where there are more:
 * those of the rows whose hashes are below a limit.
 */
static ps_status
sample_numbers(const ps_env *env, const ps_frame *frame, const ps_encoder *encoder, const uint64_t *hashes,
			   double known, double *room, const ps_encode_input *input, double **out, size_t *count, ps_error *error)
{
	bool		weighed = is_weighed(encoder, frame);
	uint64_t	limit = ps_hash_limit(PREPARED_ROWS, weighed ? ps_frame_rows(frame) : (size_t) known);
	size_t		capacity = 0;
	size_t		row = 0;
	ps_weighed *numbers = NULL;

	*out = NULL;
	*count = 0;
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		const double *x = read_numbers(encoder, frame, input, chunk, room);
		const double *weights = read_weights(encoder, frame, chunk);

		for (size_t i = 0; i < ps_frame_chunk_rows(frame, chunk); i++, row++)
		{
			if (isnan(x[i]) || (hashes != NULL && hashes[row] > limit))
				continue;
			if (weights == NULL)
			{
				PS_TRY(ps_grow(env, out, *count, *count + 1, &capacity, sizeof(**out), error));
				(*out)[(*count)++] = x[i];
			}
			else
			{
				PS_TRY(ps_grow(env, &numbers, *count, *count + 1, &capacity, sizeof(*numbers), error));
				numbers[(*count)++] = (ps_weighed) {x[i], weights[i]};
			}
		}
		PS_TRY(ps_poll(env, 0, error));
	}
	if (weighed)
		PS_TRY(repeat_numbers(env, numbers, *count, out, count, error));
	ps_release(env, numbers);
	return PS_OK;
}

/* Are all known numbers of an input min or max? */
static bool
has_two_values(const ps_frame *frame, const ps_encoder *encoder, const ps_encode_input *input, double *room, double min,
			   double max)
{
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		const double *x = read_numbers(encoder, frame, input, chunk, room);

		for (size_t i = 0; i < ps_frame_chunk_rows(frame, chunk); i++)
			if (x[i] > min && x[i] < max)
				return false;
	}
	return true;
}

/*
 * Decide how to prepare the numbers of an input, of which known are not NULL,
 * and set its mean and range to those of the prepared ones, the scale too
 * where they are only two.  hashes of rows where there are many.
 */
static ps_status
fit_preparation(const ps_env *env, const ps_frame *frame, const ps_encoder *encoder, const ps_value *options,
				const uint64_t *hashes, double known, double min, double max, double *room, ps_encode_input *input,
				double *range, ps_value *notes, ps_error *error)
{
	bool		logarithm = strcmp(ps_value_text_or(options, "transform", "auto"), "none") != 0;
	bool		limits = strcmp(ps_value_text_or(options, "scale", "robust"), "standard") != 0;
	bool		two_values = encoder->measured && has_two_values(frame, encoder, input, room, min, max);
	ps_preparation preparation;
	ps_sum		sum = {0};
	double	   *sample;
	double		width;
	size_t		count;

	if (two_values)
	{
		input->scale = *range * YES_NO_SCALE;
		if (limits)
			input->preparation = (ps_preparation) {0, min, max};
		return PS_OK;
	}
	if (!logarithm && !limits)
		return PS_OK;
	PS_TRY(sample_numbers(env, frame, encoder, hashes, known, room, input, &sample, &count, error));
	if (count == 0)
		return PS_OK;
	PS_TRY(ps_preparation_fit(env, sample, count, min, max, logarithm, &preparation, error));
	ps_release(env, sample);
	if (!limits)
	{
		preparation.low = -INFINITY;
		preparation.high = INFINITY;
	}
	width = ps_prepare(&preparation, max) - ps_prepare(&preparation, min);
	if (!(width > DBL_MIN / DBL_EPSILON))
		return PS_OK;
	input->preparation = preparation;
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		const double *x = read_numbers(encoder, frame, input, chunk, room);
		const double *weights = read_weights(encoder, frame, chunk);

		for (size_t i = 0; i < ps_frame_chunk_rows(frame, chunk); i++)
			if (!isnan(x[i]))
				add_weighed(&sum, x[i], weights == NULL ? 1 : weights[i]);
		PS_TRY(ps_poll(env, 0, error));
	}
	input->mean = ps_sum_value(&sum) / known;
	*range = width;
	if (preparation.unit > 0)
		PS_TRY(ps_note(env, notes, error, "column \"%s\" has a long tail: log(1 + value / %g) is used in its place",
					   input->name, preparation.unit));
	return PS_OK;
}

/* Fit all but a text; room is for PS_FRAME_CHUNK numbers. */
static ps_status
fit_number(const ps_env *env, const ps_frame *frame, const ps_encoder *encoder, const ps_value *options, number_use use,
		   const uint64_t *hashes, double *room, ps_encode_input *input, double *range, ps_value *notes, ps_error *error)
{
	ps_sum		sum = {0};
	ps_sum		squares = {0};
	double		rows;
	double		known = 0;
	double		nulls = 0;
	double		min = INFINITY;
	double		max = -INFINITY;
	bool		identifies = false;

	PS_TRY(count_rows(env, encoder, frame, &rows, error));
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		const double *x = read_numbers(encoder, frame, input, chunk, room);
		const double *weights = read_weights(encoder, frame, chunk);
		size_t		count = ps_frame_chunk_rows(frame, chunk);

		for (size_t i = 0; i < count; i++)
		{
			double		weight = weights == NULL ? 1 : weights[i];

			if (isnan(x[i]))
				nulls += weight;
			else
			{
				known += weight;
				add_weighed(&sum, x[i], weight);
				min = x[i] < min ? x[i] : min;
				max = x[i] > max ? x[i] : max;
			}
		}
		PS_TRY(ps_poll(env, 0, error));
	}
	if (known > 0 && !(max <= PS_ENCODE_LARGEST && min >= -PS_ENCODE_LARGEST))
	{
		ps_fail_column(error, PS_INVALID_DATA, input->name, "column \"%s\" has a value of %g, too large to compute with",
					   input->name, max > PS_ENCODE_LARGEST ? max : min);
		return ps_hint(error, "Divide the column by a power of ten.");
	}
	input->null_share = nulls >= enough_rows(rows) && known > 0 ? share_of(nulls, rows) : 0;
	if (known == 0)
		return ps_note(env, notes, error, "column \"%s\" is left out: it has no value but NULL", input->name);

	*range = max - min;
	input->mean = min == max ? min : ps_sum_value(&sum) / known;
	if (*range < DBL_MIN / DBL_EPSILON)
	{
		if (input->null_share > 0)
			return PS_OK;		/* being known is what varies */
		return max > min ?
			ps_note(env, notes, error, "column \"%s\" is left out: its values differ by %g, too little to compute with", input->name, max - min) :
			ps_note(env, notes, error, "column \"%s\" is left out: all its values are the same", input->name);
	}
	if (input->type == PS_TYPE_NUMBER && !ps_identifier_included(options, input->name))
		PS_TRY(ps_identifier_number(env, frame, input->source, min, max, &identifies, notes, error));
	if (identifies)
		return PS_OK;
	if (use == FOR_DISTANCES && input->type == PS_TYPE_BOOLEAN)
		input->scale = YES_NO_SCALE;
	else if (use != AS_THEY_ARE && input->type != PS_TYPE_BOOLEAN)
		PS_TRY(fit_preparation(env, frame, encoder, options, hashes, known, min, max, room, input, range, notes, error));
	if (input->scale > 0)
		return PS_OK;
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		const double *x = read_numbers(encoder, frame, input, chunk, room);
		const double *weights = read_weights(encoder, frame, chunk);
		size_t		count = ps_frame_chunk_rows(frame, chunk);
		double		mean = input->mean;
		double		per_range = 1 / *range;

		for (size_t i = 0; i < count; i++)
			if (!isnan(x[i]))
			{
				double		deviation = (x[i] - mean) * per_range;

				add_weighed(&squares, deviation * deviation, weights == NULL ? 1 : weights[i]);
			}
		PS_TRY(ps_poll(env, 0, error));
	}
	input->scale = *range * sqrt(ps_sum_value(&squares) / rows);
	if (use == FOR_DISTANCES && input->preparation.high < INFINITY)
		input->scale = fmax(input->scale, *range / WIDEST);
	if (use == FOR_DENSITIES)
	{
		input->preparation.low = -INFINITY;
		input->preparation.high = INFINITY;
	}
	return PS_OK;
}

typedef struct level_count
{
	const char *text;
	size_t		length;
	double		count;
} level_count;

/* Order levels by count, the largest first, then by bytes. */
static int
compare_levels(const void *a, const void *b)
{
	const level_count *left = a;
	const level_count *right = b;

	if (left->count != right->count)
		return left->count > right->count ? -1 : 1;
	return strcmp(left->text, right->text);
}

/* Fit a text or calendar part. */
static ps_status
fit_text(const ps_env *env, const ps_frame *frame, const ps_encoder *encoder, ps_encode_input *input,
		 ps_value *notes, ps_error *error)
{
	double		rows;
	size_t		levels = ps_encode_level_count(frame, input);
	double		enough;
	double		nulls = 0;
	size_t		null_rows = 0;
	double		others;
	size_t		frequent = 0;
	size_t		columns;
	double	   *counts;
	level_count *candidates;
	bool		unique;

	PS_TRY(count_rows(env, encoder, frame, &rows, error));
	enough = enough_rows(rows);
	others = rows;
	PS_TRY(ps_alloc_zero(env, levels, sizeof(*counts), &counts, error));
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		const double *weights = read_weights(encoder, frame, chunk);
		size_t		count = ps_frame_chunk_rows(frame, chunk);

		for (size_t i = 0; i < count; i++)
		{
			int32_t		code = ps_encode_row_code(frame, input, chunk, i);
			double		weight = weights == NULL ? 1 : weights[i];

			null_rows += code < 0 ? 1 : 0;
			if (code < 0)
				nulls += weight;
			else
				counts[code] += weight;
		}
		PS_TRY(ps_poll(env, 0, error));
	}
	for (size_t code = 0; code < levels; code++)
		frequent += counts[code] >= enough ? 1 : 0;
	PS_TRY(ps_alloc(env, frequent, sizeof(*candidates), &candidates, error));
	frequent = 0;
	for (size_t code = 0; code < levels; code++)
		if (counts[code] >= enough)
		{
			level_count *candidate = &candidates[frequent++];

			candidate->text = ps_encode_level_text(frame, input, code, &candidate->length);
			candidate->count = counts[code];
		}
	ps_release(env, counts);
	PS_TRY(ps_sort(env, candidates, frequent, sizeof(*candidates), compare_levels, error));

	input->nlevels = frequent < PS_ENCODE_LEVELS ? frequent : PS_ENCODE_LEVELS;
	PS_TRY(ps_alloc(env, input->nlevels, sizeof(*input->levels), &input->levels, error));
	PS_TRY(ps_alloc(env, input->nlevels, sizeof(*input->lengths), &input->lengths, error));
	PS_TRY(ps_alloc(env, input->nlevels, sizeof(*input->shares), &input->shares, error));
	for (size_t i = 0; i < input->nlevels; i++)
	{
		input->levels[i] = candidates[i].text;
		input->lengths[i] = candidates[i].length;
		input->shares[i] = share_of(candidates[i].count, rows);
		others -= candidates[i].count;
	}
	ps_release(env, candidates);
	if (input->part != PS_CALENDAR_NONE)
		others -= nulls;		/* the moment's own column says that */
	else if (nulls >= enough)
	{
		input->null_share = share_of(nulls, rows);
		others -= nulls;
	}
	if (others >= enough)
		input->other_share = share_of(others, rows);

	/* leave out what has no column that varies */
	columns = input->nlevels + (input->null_share > 0 ? 1 : 0) + (input->other_share > 0 ? 1 : 0);
	if (input->part != PS_CALENDAR_NONE)
	{
		if (columns > 1)
			return ps_encode_index_levels(env, input, &unique, error);
	}
	else if (ps_identifier_text(frame, input->source, null_rows))
		PS_TRY(ps_identifier_note_text(env, frame, input->source, notes, error));
	else if (levels == 0 || (columns == 1 && others == 0))
		PS_TRY(ps_note(env, notes, error, "column \"%s\" is left out: all its values are the same", input->name));
	else if (input->nlevels == 0 && input->null_share == 0)
		PS_TRY(ps_note(env, notes, error, "column \"%s\" is left out: none of its %d values occurs in %d rows or more",
					   input->name, (int64_t) levels, (int64_t) enough));
	else if (columns == 1 && encoder->reference_dropped)
		PS_TRY(ps_note(env, notes, error, "column \"%s\" is left out: all but %d of its values are the same",
					   input->name, (int64_t) others));
	else
		return ps_encode_index_levels(env, input, &unique, error);
	input->nlevels = 0;
	input->null_share = input->other_share = 0;
	return ps_encode_index_levels(env, input, &unique, error);
}

/* Fit the calendar parts that help. */
static ps_status
fit_parts(const ps_env *env, const ps_frame *frame, ps_encoder *encoder, ps_value *notes, ps_error *error)
{
	size_t		sources = encoder->ninputs;

	for (size_t i = 0; i < sources; i++)
		for (int part = PS_CALENDAR_MONTH; part <= PS_CALENDAR_PARTS && ps_encode_is_age(encoder, &encoder->inputs[i]); part++)
		{
			ps_encode_input *input;
			bool		helps;

			PS_TRY(ps_calendar_helps(env, frame, i, (ps_calendar_part) part, &helps, error));
			if (!helps)
				continue;
			input = ps_encode_add_part(encoder, i, (ps_calendar_part) part);
			PS_TRY(fit_text(env, frame, encoder, input, notes, error));
			if (input->nlevels + (input->other_share > 0 ? 1 : 0) < 2)
				memset(&encoder->inputs[--encoder->ninputs], 0, sizeof(*input));
		}
	return PS_OK;
}

/* Fit the rules to a frame. */
static ps_status
fit_encoder(const ps_env *env, const ps_frame *frame, const ps_value *options, bool drop_reference, number_use use,
			ps_encoder **out, ps_value *notes, ps_error *error)
{
	ps_encoder *encoder;
	double	   *ranges;
	double	   *room = NULL;
	uint64_t   *hashes = NULL;

	PS_TRY(ps_encode_create(env, ps_frame_columns(frame), drop_reference, &encoder, error));
	encoder->measured = use == FOR_DISTANCES;
	PS_TRY(ps_alloc_zero(env, encoder->ninputs * (1 + PS_CALENDAR_PARTS), sizeof(*ranges), &ranges, error));
	for (size_t i = 0; i < encoder->ninputs; i++)
	{
		const ps_column *column = ps_frame_column(frame, i);

		if (column->type == PS_TYPE_HISTORY || column->type >= PS_TYPE_OTHER)
			return ps_fail_column(error, PS_WRONG_TYPE, column->name,
								  "column \"%s\" is of a type that this method does not read", column->name);
		ps_encode_set_input(encoder, i, column->name, column->type);
	}
	PS_TRY(ps_ages_fit(env, frame, &encoder->ages, error));
	if (encoder->ages.moments || use != AS_THEY_ARE)
		PS_TRY(ps_alloc(env, PS_FRAME_CHUNK, sizeof(*room), &room, error));
	if (use != AS_THEY_ARE && ps_frame_rows(frame) > PREPARED_ROWS)
		PS_TRY(ps_row_hashes(env, frame, 0, &hashes, error));
	for (size_t i = 0; i < encoder->ninputs; i++)
	{
		ps_encode_input *input = &encoder->inputs[i];

		if (input->type == PS_TYPE_TEXT)
			PS_TRY(fit_text(env, frame, encoder, input, notes, error));
		else if (input->type != PS_TYPE_MOMENT || ps_encode_is_age(encoder, input))
			PS_TRY(fit_number(env, frame, encoder, options, use, hashes, room, input, &ranges[i], notes, error));
	}
	PS_TRY(fit_parts(env, frame, encoder, notes, error));
	PS_TRY(ps_encode_lay_out(env, encoder, ranges, error));
	ps_release(env, room);
	ps_release(env, hashes);
	*out = encoder;
	return PS_OK;
}

ps_status
ps_encode_fit(const ps_env *env, const ps_frame *frame, const ps_value *options, bool drop_reference,
			  ps_encoder **out, ps_value *notes, ps_error *error)
{
	return fit_encoder(env, frame, options, drop_reference, AS_THEY_ARE, out, notes, error);
}

ps_status
ps_encode_fit_prepared(const ps_env *env, const ps_frame *frame, const ps_value *options, bool for_distances,
					   ps_encoder **out, ps_value *notes, ps_error *error)
{
	PS_TRY(fit_encoder(env, frame, options, false, for_distances ? FOR_DISTANCES : FOR_DENSITIES, out, notes, error));
	if ((*out)->width > 0)
		return PS_OK;
	ps_fail(error, PS_TOO_LITTLE_DATA, "no column is left to make clusters by");
	return ps_hint(error, "Clusters need rows that differ: columns in which all rows are the same, or that identify rows, are left out.");
}
