/*-------------------------------------------------------------------------
 *
 * ps_encode_input.h
 *	  What an encoder knows about an input.
 *
 * Only the files ps_encode*.c read this; others use ps_encode.h.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_ENCODE_INPUT_H
#define PS_ENCODE_INPUT_H

#include <math.h>
#include <string.h>

#include "ps_calendar.h"
#include "ps_encode.h"
#include "ps_preparation.h"
#include "ps_random.h"

#define PS_ENCODE_UNKNOWN (-2)	/* instead of a design column: all columns of the input are at their means */
#define PS_ENCODE_LARGEST 1e150 /* larger numbers could overflow when squared */

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

/* Find a text among the levels: its index, or nlevels. */
static inline size_t
ps_encode_find_level(const ps_encode_input *input, const char *text, size_t length)
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

/* Is this an input of moments that are counted from another one? */
static inline bool
ps_encode_is_age(const ps_encoder *encoder, const ps_encode_input *input)
{
	return ps_is_age(&encoder->ages, input->type, input->source);
}

/* Do numbers have to be prepared? */
static inline bool
ps_encode_is_prepared(const ps_encode_input *input)
{
	return input->preparation.unit > 0 || input->preparation.low > -INFINITY || input->preparation.high < INFINITY;
}

/* The code of row i of a chunk, -1 for NULL. */
static inline int32_t
ps_encode_row_code(const ps_frame *frame, const ps_encode_input *input, size_t chunk, size_t i)
{
	if (input->part == PS_CALENDAR_NONE)
		return ps_frame_codes(frame, input->source, chunk)[i];
	return ps_calendar_value(input->part, ps_frame_numbers(frame, input->source, chunk)[i]);
}

/* Allocate an encoder for inputs that are set by ps_encode_set_input, with room for their calendar parts. */
extern ps_status ps_encode_create(const ps_env *env, size_t ninputs, bool reference_dropped, ps_encoder **out,
								  ps_error *error);

/* Set what input i reads. */
extern void ps_encode_set_input(ps_encoder *encoder, size_t i, const char *name, ps_type type);

/* Append a calendar part of input i. */
extern ps_encode_input *ps_encode_add_part(ps_encoder *encoder, size_t i, ps_calendar_part part);

/* Build the hash table of the levels; false when a level comes twice. */
extern ps_status ps_encode_index_levels(const ps_env *env, ps_encode_input *input, bool *unique, ps_error *error);

/*
 * Number the design columns and set their means and scales; ranges too where
 * value_ranges gives those of the inputs.
 */
extern ps_status ps_encode_lay_out(const ps_env *env, ps_encoder *encoder, const double *value_ranges, ps_error *error);

/* How many different codes the rows of a text or calendar part may have. */
extern size_t ps_encode_level_count(const ps_frame *frame, const ps_encode_input *input);

/* The text of a code. */
extern const char *ps_encode_level_text(const ps_frame *frame, const ps_encode_input *input, size_t code,
										size_t *length);

#endif							/* PS_ENCODE_INPUT_H */
