/*-------------------------------------------------------------------------
 *
 * ps_encode.c
 *	  Raw columns to a design matrix.
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
#include <math.h>
#include <string.h>

#include "ps_calendar.h"
#include "ps_identifier.h"
#include "ps_preparation.h"
#include "ps_random.h"
#include "ps_row_hash.h"
#include "ps_sort.h"

#define UNKNOWN (-2)			/* instead of a design column: all columns of the input are at their means */
#define LARGEST 1e150			/* larger numbers could overflow when squared */
#define MIN_ROWS 10				/* "enough", see the header */
#define MIN_ROWS_SHARE 1000
#define YES_NO_SCALE 0.70710678118654752	/* two values two squared units apart */
#define PREPARED_ROWS 65536		/* rows by which it is decided how to prepare a number */
#define WIDEST 10				/* units from the smallest to the largest bounded number */

typedef struct ps_encode_input
{
	const char *name;
	size_t		source;			/* the model's input and column of the frame */
	ps_type		type;			/* text for calendar parts */
	ps_calendar_part part;		/* or none */

	/* all but texts; columns are -1 where there is none */
	double		mean;
	double		scale;
	ps_preparation preparation;
	int32_t		value_column;
	int32_t		null_column;

	/* texts */
	size_t		nlevels;
	const char **levels;		/* zero-terminated */
	size_t	   *lengths;
	double	   *shares;
	double		other_share;	/* 0: no column */
	double		null_share;		/* 0: no column; of numbers too */
	int32_t    *columns;		/* of the levels, of other values, of NULL; -1: none */
	int32_t    *slots;			/* hash table of levels, -1 empty */
	size_t		nslots;			/* a power of two */
} ps_encode_input;

/* A sum that keeps the rounding errors of its additions (Knuth's TwoSum). */
typedef struct exact_sum
{
	double		sum;
	double		rest;
} exact_sum;

static inline void
exact_add(exact_sum *total, double x)
{
	double		sum = total->sum + x;
	double		added = sum - total->sum;

	total->rest += (total->sum - (sum - added)) + (x - added);
	total->sum = sum;
}

/* Find a text among the levels: its index, or nlevels. */
static size_t
find_level(const ps_encode_input *input, const char *text, size_t length)
{
	size_t		slot = (size_t) ps_hash_bytes(0, text, length) & (input->nslots - 1);

	for (; input->slots[slot] >= 0; slot = (slot + 1) & (input->nslots - 1))
	{
		size_t		level = (size_t) input->slots[slot];

		if (input->lengths[level] == length && (length == 0 || memcmp(input->levels[level], text, length) == 0))
			return level;
	}
	return input->nlevels;
}

/* Build the hash table of the levels; false when a level comes twice. */
static ps_status
index_levels(const ps_env *env, ps_encode_input *input, bool *unique, ps_error *error)
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

		if (find_level(input, input->levels[i], input->lengths[i]) < input->nlevels)
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

/*
 * Number the design columns and set their means and scales; ranges too where
 * value_ranges gives those of the inputs.
 */
static ps_status
lay_out(const ps_env *env, ps_encoder *encoder, const double *value_ranges, ps_error *error)
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
					column = UNKNOWN;
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

/* How many rows of n are enough for a 0/1 column. */
static size_t
enough_rows(size_t n)
{
	return n / MIN_ROWS_SHARE > MIN_ROWS ? n / MIN_ROWS_SHARE : MIN_ROWS;
}

/* Is this an input of moments that are counted from another one? */
static inline bool
is_age(const ps_encoder *encoder, const ps_encode_input *input)
{
	return ps_is_age(&encoder->ages, input->type, input->source);
}

/* Do numbers have to be prepared? */
static inline bool
is_prepared(const ps_encode_input *input)
{
	return input->preparation.unit > 0 || input->preparation.low > -INFINITY || input->preparation.high < INFINITY;
}

/* The numbers of a chunk: as they are, or ages or prepared ones in room for PS_FRAME_CHUNK of them. */
static const double *
read_numbers(const ps_encoder *encoder, const ps_frame *frame, const ps_encode_input *input, size_t chunk,
			 double *room)
{
	size_t		count = ps_frame_chunk_rows(frame, chunk);
	const double *x = room;

	if (is_age(encoder, input))
		ps_ages_read(&encoder->ages, frame, input->source, chunk, 0, count, room);
	else
		x = ps_frame_numbers(frame, input->source, chunk);
	if (!is_prepared(input))
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
 * Collect known numbers of an input, about PREPARED_ROWS where there are more:
 * those of the rows whose hashes are below a limit.
 */
static ps_status
sample_numbers(const ps_env *env, const ps_frame *frame, const ps_encoder *encoder, const uint64_t *hashes,
			   size_t known, double *room, const ps_encode_input *input, double **out, size_t *count, ps_error *error)
{
	uint64_t	limit = ps_hash_limit(PREPARED_ROWS, known);
	size_t		capacity = 0;
	size_t		row = 0;

	*out = NULL;
	*count = 0;
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		const double *x = read_numbers(encoder, frame, input, chunk, room);

		for (size_t i = 0; i < ps_frame_chunk_rows(frame, chunk); i++, row++)
			if (!isnan(x[i]) && (hashes == NULL || hashes[row] <= limit))
			{
				PS_TRY(ps_grow(env, out, *count, *count + 1, &capacity, sizeof(**out), error));
				(*out)[(*count)++] = x[i];
			}
		PS_TRY(ps_poll(env, 0, error));
	}
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
				const uint64_t *hashes, size_t known, double min, double max, double *room, ps_encode_input *input,
				double *range, ps_value *notes, ps_error *error)
{
	bool		logarithm = strcmp(ps_value_text_or(options, "transform", "auto"), "none") != 0;
	bool		limits = strcmp(ps_value_text_or(options, "scale", "robust"), "standard") != 0;
	bool		two_values = encoder->measured && has_two_values(frame, encoder, input, room, min, max);
	ps_preparation preparation;
	exact_sum	sum = {0, 0};
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

		for (size_t i = 0; i < ps_frame_chunk_rows(frame, chunk); i++)
			if (!isnan(x[i]))
				exact_add(&sum, x[i]);
		PS_TRY(ps_poll(env, 0, error));
	}
	input->mean = (sum.sum + sum.rest) / (double) known;
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
	exact_sum	sum = {0, 0};
	exact_sum	squares = {0, 0};
	size_t		rows = ps_frame_rows(frame);
	size_t		known = 0;
	double		min = INFINITY;
	double		max = -INFINITY;
	bool		identifies = false;

	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		const double *x = read_numbers(encoder, frame, input, chunk, room);
		size_t		count = ps_frame_chunk_rows(frame, chunk);

		for (size_t i = 0; i < count; i++)
			if (!isnan(x[i]))
			{
				known++;
				exact_add(&sum, x[i]);
				min = x[i] < min ? x[i] : min;
				max = x[i] > max ? x[i] : max;
			}
		PS_TRY(ps_poll(env, 0, error));
	}
	if (known > 0 && !(max <= LARGEST && min >= -LARGEST))
	{
		ps_fail_column(error, PS_INVALID_DATA, input->name, "column \"%s\" has a value of %g, too large to compute with",
					   input->name, max > LARGEST ? max : min);
		return ps_hint(error, "Divide the column by a power of ten.");
	}
	input->null_share = rows - known >= enough_rows(rows) && known > 0 ? (double) (rows - known) / (double) rows : 0;
	if (known == 0)
		return ps_note(env, notes, error, "column \"%s\" is left out: it has no value but NULL", input->name);

	*range = max - min;
	input->mean = min == max ? min : (sum.sum + sum.rest) / (double) known;
	if (*range < DBL_MIN / DBL_EPSILON)
	{
		if (input->null_share > 0)
			return PS_OK;		/* being known is what varies */
		return max > min ? ps_note(env, notes, error, "column \"%s\" is left out: its values differ by %g, too little to compute with", input->name, max - min) :
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
		size_t		count = ps_frame_chunk_rows(frame, chunk);
		double		mean = input->mean;
		double		per_range = 1 / *range;

		for (size_t i = 0; i < count; i++)
			if (!isnan(x[i]))
			{
				double		deviation = (x[i] - mean) * per_range;

				exact_add(&squares, deviation * deviation);
			}
		PS_TRY(ps_poll(env, 0, error));
	}
	input->scale = *range * sqrt((squares.sum + squares.rest) / (double) rows);
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
	size_t		count;
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

/* How many different codes the rows of a text or calendar part may have. */
static size_t
level_count_of(const ps_frame *frame, const ps_encode_input *input)
{
	return input->part == PS_CALENDAR_NONE ? ps_frame_levels(frame, input->source) :
		(size_t) ps_calendar_values(input->part);
}

/* The text of a code. */
static const char *
level_text(const ps_frame *frame, const ps_encode_input *input, size_t code, size_t *length)
{
	const char *name;

	if (input->part == PS_CALENDAR_NONE)
		return ps_frame_level(frame, input->source, code, length);
	name = ps_calendar_value_name(input->part, (int32_t) code);
	*length = strlen(name);
	return name;
}

/* The code of row i of a chunk, -1 for NULL. */
static inline int32_t
row_code(const ps_frame *frame, const ps_encode_input *input, size_t chunk, size_t i)
{
	if (input->part == PS_CALENDAR_NONE)
		return ps_frame_codes(frame, input->source, chunk)[i];
	return ps_calendar_value(input->part, ps_frame_numbers(frame, input->source, chunk)[i]);
}

/* Fit a text or calendar part. */
static ps_status
fit_text(const ps_env *env, const ps_frame *frame, bool drop_reference, ps_encode_input *input,
		 ps_value *notes, ps_error *error)
{
	size_t		rows = ps_frame_rows(frame);
	size_t		levels = level_count_of(frame, input);
	size_t		enough = enough_rows(rows);
	size_t		nulls = 0;
	size_t		others = rows;
	size_t		frequent = 0;
	size_t		columns;
	size_t	   *counts;
	level_count *candidates;
	bool		unique;

	PS_TRY(ps_alloc_zero(env, levels, sizeof(*counts), &counts, error));
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		size_t		count = ps_frame_chunk_rows(frame, chunk);

		for (size_t i = 0; i < count; i++)
		{
			int32_t		code = row_code(frame, input, chunk, i);

			if (code < 0)
				nulls++;
			else
				counts[code]++;
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

			candidate->text = level_text(frame, input, code, &candidate->length);
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
		input->shares[i] = (double) candidates[i].count / (double) rows;
		others -= candidates[i].count;
	}
	ps_release(env, candidates);
	if (input->part != PS_CALENDAR_NONE)
		others -= nulls;		/* the moment's own column says that */
	else if (nulls >= enough)
	{
		input->null_share = (double) nulls / (double) rows;
		others -= nulls;
	}
	if (others >= enough)
		input->other_share = (double) others / (double) rows;

	/* leave out what has no column that varies */
	columns = input->nlevels + (input->null_share > 0 ? 1 : 0) + (input->other_share > 0 ? 1 : 0);
	if (input->part != PS_CALENDAR_NONE)
	{
		if (columns > 1)
			return index_levels(env, input, &unique, error);
	}
	else if (ps_identifier_text(frame, input->source, nulls))
		PS_TRY(ps_identifier_note_text(env, frame, input->source, notes, error));
	else if (levels == 0 || (columns == 1 && others == 0))
		PS_TRY(ps_note(env, notes, error, "column \"%s\" is left out: all its values are the same", input->name));
	else if (input->nlevels == 0 && input->null_share == 0)
		PS_TRY(ps_note(env, notes, error, "column \"%s\" is left out: none of its %d values occurs in %d rows or more",
					   input->name, (int64_t) levels, (int64_t) enough));
	else if (columns == 1 && drop_reference)
		PS_TRY(ps_note(env, notes, error, "column \"%s\" is left out: all but %d of its values are the same",
					   input->name, (int64_t) others));
	else
		return index_levels(env, input, &unique, error);
	input->nlevels = 0;
	input->null_share = input->other_share = 0;
	return index_levels(env, input, &unique, error);
}

/* Allocate an encoder for inputs that are set by set_input, with room for their calendar parts. */
static ps_status
encoder_create(const ps_env *env, size_t ninputs, bool reference_dropped, ps_encoder **out, ps_error *error)
{
	ps_encoder *encoder;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*encoder), &encoder, error));
	encoder->ninputs = ninputs;
	encoder->reference_dropped = reference_dropped;
	PS_TRY(ps_alloc_zero(env, ninputs * (1 + PS_CALENDAR_PARTS), sizeof(*encoder->inputs), &encoder->inputs, error));
	*out = encoder;
	return PS_OK;
}

/* Set what input i reads. */
static void
set_input(ps_encoder *encoder, size_t i, const char *name, ps_type type)
{
	ps_encode_input *input = &encoder->inputs[i];

	input->name = name;
	input->type = type;
	input->source = i;
	input->preparation = (ps_preparation) {0, -INFINITY, INFINITY};
}

/* Append a calendar part of input i. */
static ps_encode_input *
add_part(ps_encoder *encoder, size_t i, ps_calendar_part part)
{
	ps_encode_input *input = &encoder->inputs[encoder->ninputs++];

	input->name = encoder->inputs[i].name;
	input->source = i;
	input->type = PS_TYPE_TEXT;
	input->part = part;
	return input;
}

/* Fit the calendar parts that help. */
static ps_status
fit_parts(const ps_env *env, const ps_frame *frame, ps_encoder *encoder, ps_value *notes, ps_error *error)
{
	size_t		sources = encoder->ninputs;

	for (size_t i = 0; i < sources; i++)
		for (int part = PS_CALENDAR_MONTH; part <= PS_CALENDAR_PARTS && is_age(encoder, &encoder->inputs[i]); part++)
		{
			ps_encode_input *input;
			bool		helps;

			PS_TRY(ps_calendar_helps(env, frame, i, (ps_calendar_part) part, &helps, error));
			if (!helps)
				continue;
			input = add_part(encoder, i, (ps_calendar_part) part);
			PS_TRY(fit_text(env, frame, encoder->reference_dropped, input, notes, error));
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

	PS_TRY(encoder_create(env, ps_frame_columns(frame), drop_reference, &encoder, error));
	encoder->measured = use == FOR_DISTANCES;
	PS_TRY(ps_alloc_zero(env, encoder->ninputs * (1 + PS_CALENDAR_PARTS), sizeof(*ranges), &ranges, error));
	for (size_t i = 0; i < encoder->ninputs; i++)
	{
		const ps_column *column = ps_frame_column(frame, i);

		if (column->type == PS_TYPE_HISTORY || column->type >= PS_TYPE_OTHER)
			return ps_fail_column(error, PS_WRONG_TYPE, column->name,
								  "column \"%s\" is of a type that this method does not read", column->name);
		set_input(encoder, i, column->name, column->type);
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
			PS_TRY(fit_text(env, frame, drop_reference, input, notes, error));
		else if (input->type != PS_TYPE_MOMENT || is_age(encoder, input))
			PS_TRY(fit_number(env, frame, encoder, options, use, hashes, room, input, &ranges[i], notes, error));
	}
	PS_TRY(fit_parts(env, frame, encoder, notes, error));
	PS_TRY(lay_out(env, encoder, ranges, error));
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
	if ((*out)->width == 0)
		return ps_fail(error, PS_TOO_LITTLE_DATA, "no column is left to make clusters by");
	return PS_OK;
}

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
		if (!(preparation->unit >= 1 / LARGEST && preparation->unit <= LARGEST))
			return ps_fail(error, PS_CORRUPT, "\"unit\" is out of range");
	}
	if (ps_value_get(entry, "high") != NULL)
	{
		PS_TRY(ps_value_need_number(entry, "low", &preparation->low, error));
		PS_TRY(ps_value_need_number(entry, "high", &preparation->high, error));
		if (!(preparation->low >= -LARGEST && preparation->low < preparation->high && preparation->high <= LARGEST))
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
			if (!(input->scale >= DBL_MIN && input->scale <= 2 * LARGEST))
				return ps_fail(error, PS_CORRUPT, "\"scale\" is out of range");
		}
		PS_TRY(load_preparation(entry, &input->preparation, error));
		if (ps_is_as_of(input->name, input->type))
			return ps_fail(error, PS_CORRUPT, "the moment judged has a column");
		if (!(fabs(input->mean) <= LARGEST))
			return ps_fail(error, PS_CORRUPT, "\"mean\" is out of range");
		return PS_OK;
	}
	if (ps_value_get(entry, "levels") == NULL)
	{
		if (input->null_share > 0)
			return ps_fail(error, PS_CORRUPT, "\"levels\" is missing");
		return index_levels(env, input, &unique, error);
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
	PS_TRY(index_levels(env, input, &unique, error));
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
		if (is_age(encoder, &encoder->inputs[i]) && strcmp(encoder->inputs[i].name, column->text) == 0)
			return load_input(env, entry, add_part(encoder, i, part), error);
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
	PS_TRY(encoder_create(env, ninputs, reference_dropped->boolean, &encoder, error));
	encoder->measured = ps_value_get(object, "measured") != NULL;
	for (size_t i = 0; i < ninputs; i++)
	{
		if (inputs[i].type == PS_TYPE_HISTORY || inputs[i].type >= PS_TYPE_OTHER)
			return ps_fail(error, PS_CORRUPT, "input \"%s\" is of a type that this method does not read", inputs[i].name);
		set_input(encoder, i, inputs[i].name, inputs[i].type);
	}
	PS_TRY(ps_ages_load(object, inputs, ninputs, &encoder->ages, error));
	for (size_t i = 0; i < ninputs; i++)
		PS_TRY(load_input(env, list->items[i], &encoder->inputs[i], error));
	for (size_t i = ninputs; i < list->count; i++)
		PS_TRY(load_part(env, list->items[i], encoder, ninputs, error));
	for (size_t i = 0; i < encoder->ninputs; i++)
		if (encoder->reference_dropped &&
			(encoder->measured || (encoder->inputs[i].type != PS_TYPE_TEXT && is_prepared(&encoder->inputs[i]))))
			return ps_fail(error, PS_CORRUPT, "columns are prepared as those of clusters");
	PS_TRY(lay_out(env, encoder, NULL, error));
	*out = encoder;
	return PS_OK;
}

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
		levels = level_count_of(frame, input);
		PS_TRY(ps_alloc(env, levels, sizeof(int32_t), &encoding->columns[i], error));
		for (size_t code = 0; code < levels; code++)
		{
			size_t		length;
			const char *text = level_text(frame, input, code, &length);

			encoding->columns[i][code] = input->columns[find_level(input, text, length)];
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
				int32_t		code = codes != NULL ? codes[i] : row_code(encoding->frame, input, chunk, start + i);
				int32_t		column = code >= 0 ? columns[code] : null_column;

				if (column >= 0)
					out[(size_t) column * stride + i] += 1 / encoder->scale[column];
				else if (column == UNKNOWN)
					for (size_t c = 0; c < input->nlevels + 2; c++)
						if (input->columns[c] >= 0)
							out[(size_t) input->columns[c] * stride + i] = 0;
			}
		}
		else if (is_age(encoder, input))
			encode_ages(encoding, input, chunk, start, count, out, stride);
		else
		{
			const double *x = ps_frame_numbers(encoding->frame, input_number, chunk) + start;

			if (input->value_column >= 0)
			{
				double	   *column = out + (size_t) input->value_column * stride;

				if (is_prepared(input))
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

/* The design column of a text cell, or of a moment's part; -1 for the reference level, where all are zero; or UNKNOWN. */
static inline int32_t
text_column(const ps_encode_input *input, const ps_cell *cell)
{
	if (cell->null)
		return null_column_of(input);
	if (input->part != PS_CALENDAR_NONE)
	{
		int32_t		value = ps_calendar_value(input->part, cell->number);
		const char *name = value < 0 ? "" : ps_calendar_value_name(input->part, value);

		return input->columns[find_level(input, name, strlen(name))];
	}
	return input->columns[find_level(input, cell->text, cell->length)];
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
	if (is_age(encoder, input))
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
			else if (column == UNKNOWN)
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

	if (!is_age(encoder, input))
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
			(is_age(encoder, input) && !ps_ages_cell(&encoder->ages, cells, input->source, &number)))
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
			else if (column == UNKNOWN)
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
