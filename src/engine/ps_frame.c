/*-------------------------------------------------------------------------
 *
 * ps_frame.c
 *	  Typed columns of one training set in memory.
 *
 * Target and weight are stored as two more columns of numbers.  The chunks of
 * all columns lie in one table of pointers, chunk by chunk, so that growing
 * by a chunk is one step.  The first chunk starts small and doubles: a fit
 * grouped by country holds one frame per group, most of them short.
 *
 * Each text column has a dictionary: an open-addressing hash table of codes
 * into a list of levels.  A match is decided by comparing all bytes; the hash
 * only finds candidates.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_frame.h"

#include <math.h>
#include <string.h>

#include "ps_random.h"

#define FIRST_ROWS 64			/* room of the first chunk at first */
#define TEXT_BLOCK_MIN 256		/* bytes taken for texts at a time */
#define TEXT_BLOCK_MAX 65536

typedef struct frame_level
{
	const char *text;			/* zero-terminated */
	size_t		length;
	uint64_t	hash;
} frame_level;

typedef struct frame_dictionary
{
	frame_level *levels;
	size_t		nlevels;
	size_t		room;			/* of levels */
	int32_t    *slots;			/* code or -1 */
	size_t		nslots;			/* a power of two, at least twice nlevels; or 0 */
	char	   *block;			/* where the next text goes */
	size_t		block_left;
	size_t		block_size;
} frame_dictionary;

struct ps_frame
{
	const ps_env *env;
	size_t		ncolumns;
	size_t		nstored;		/* ncolumns, then target and weight if any */
	ps_column  *columns;		/* nstored, the last ones unnamed numbers */
	frame_dictionary *dictionaries; /* ncolumns */
	bool		has_target;
	bool		has_weight;
	size_t		rows;
	size_t		room;			/* rows for which chunks are allocated */
	size_t		chunk_room;		/* chunks for which the table has pointers */
	void	  **chunks;			/* chunks[chunk * nstored + column] */
	size_t		memory;
};

const char *
ps_type_name(ps_type type)
{
	switch (type)
	{
		case PS_TYPE_NUMBER:
			return "number";
		case PS_TYPE_BOOLEAN:
			return "boolean";
		case PS_TYPE_TEXT:
			return "text";
		case PS_TYPE_HISTORY:
			return "history";
		case PS_TYPE_MOMENT:
			return "moment";
		case PS_TYPE_INTERVAL:
			return "interval";
		case PS_TYPE_OTHER:
		case PS_TYPE_IDENTIFIER:
			break;
	}
	return "other";
}

ps_type
ps_type_of_name(const char *name)
{
	for (int type = PS_TYPE_NUMBER; type < PS_TYPE_OTHER; type++)
		if (strcmp(name, ps_type_name((ps_type) type)) == 0)
			return (ps_type) type;
	return PS_TYPE_OTHER;
}

/* Give the bytes of one value as stored. */
static size_t
value_size(ps_type type)
{
	switch (type)
	{
		case PS_TYPE_TEXT:
			return sizeof(int32_t);
		case PS_TYPE_HISTORY:
			return sizeof(ps_history);
		default:
			return sizeof(double);
	}
}

/* Allocate count * size bytes and count them as the frame's memory. */
static ps_status
frame_alloc(ps_frame *frame, size_t count, size_t size, void *out_pointer, ps_error *error)
{
	PS_TRY(ps_alloc(frame->env, count, size, out_pointer, error));
	frame->memory += count * size;
	return PS_OK;
}

/* Release what frame_alloc gave for count * size bytes. */
static void
frame_release(ps_frame *frame, void *pointer, size_t count, size_t size)
{
	if (pointer == NULL)
		return;
	ps_release(frame->env, pointer);
	frame->memory -= count * size;
}

/* Replace *array of count elements by a copy with room for more. */
static ps_status
frame_enlarge(ps_frame *frame, void **array, size_t count, size_t room, size_t new_room, size_t size, ps_error *error)
{
	void	   *larger;

	PS_TRY(frame_alloc(frame, new_room, size, &larger, error));
	if (count > 0)
		memcpy(larger, *array, count * size);
	frame_release(frame, *array, room, size);
	*array = larger;
	return PS_OK;
}

ps_status
ps_frame_create(const ps_env *env, const ps_column *columns, size_t ncolumns,
				bool has_target, bool has_weight, ps_frame **out, ps_error *error)
{
	ps_frame   *frame;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*frame), &frame, error));
	frame->env = env;
	frame->memory = sizeof(*frame);
	frame->ncolumns = ncolumns;
	frame->nstored = ncolumns + (has_target ? 1 : 0) + (has_weight ? 1 : 0);
	frame->has_target = has_target;
	frame->has_weight = has_weight;
	PS_TRY(frame_alloc(frame, frame->nstored, sizeof(*frame->columns), &frame->columns, error));
	PS_TRY(ps_alloc_zero(env, ncolumns, sizeof(*frame->dictionaries), &frame->dictionaries, error));
	frame->memory += ncolumns * sizeof(*frame->dictionaries);
	for (size_t i = 0; i < frame->nstored; i++)
	{
		frame->columns[i] = (ps_column) {"", PS_TYPE_NUMBER};
		if (i < ncolumns)
		{
			char	   *name;

			if (columns[i].type >= PS_TYPE_OTHER)
				return ps_fail_column(error, PS_WRONG_TYPE, columns[i].name,
									  "column \"%s\" has a type that no method reads", columns[i].name);
			PS_TRY(ps_copy_text(env, columns[i].name, strlen(columns[i].name), &name, error));
			frame->memory += strlen(name) + 1;
			frame->columns[i] = (ps_column) {name, columns[i].type};
		}
	}
	*out = frame;
	return PS_OK;
}

/* Make room for one row more in every column. */
static ps_status
frame_grow(ps_frame *frame, ps_error *error)
{
	size_t		chunk = frame->room / PS_FRAME_CHUNK;
	size_t		old_rows = frame->room % PS_FRAME_CHUNK;	/* of a short first chunk */
	size_t		new_rows;

	if (old_rows != 0)
		new_rows = old_rows * 2;
	else
	{
		new_rows = chunk == 0 ? FIRST_ROWS : PS_FRAME_CHUNK;
		if (chunk == frame->chunk_room)
		{
			size_t		room = frame->chunk_room == 0 ? 1 : frame->chunk_room * 2;
			size_t		row_of_pointers;

			if (!ps_size_multiply(frame->nstored, sizeof(void *), &row_of_pointers))
				return ps_fail(error, PS_OUT_OF_MEMORY, "too many columns");
			PS_TRY(frame_enlarge(frame, (void **) &frame->chunks, chunk, frame->chunk_room, room,
								 row_of_pointers, error));
			frame->chunk_room = room;
		}
		for (size_t i = 0; i < frame->nstored; i++)
			frame->chunks[chunk * frame->nstored + i] = NULL;
	}

	/*
	 * If an allocation fails here, some columns have more room than the frame
	 * knows and the count of memory is off; the rows appended stay readable.
	 */
	for (size_t i = 0; i < frame->nstored; i++)
		PS_TRY(frame_enlarge(frame, &frame->chunks[chunk * frame->nstored + i], old_rows, old_rows,
							 new_rows, value_size(frame->columns[i].type), error));
	frame->room += new_rows - old_rows;
	return PS_OK;
}

/* Enter all levels of a dictionary into a new hash table. */
static ps_status
dictionary_enter_all(ps_frame *frame, frame_dictionary *dictionary, size_t nslots, ps_error *error)
{
	int32_t    *slots;

	PS_TRY(frame_alloc(frame, nslots, sizeof(*slots), &slots, error));
	memset(slots, 0xff, nslots * sizeof(*slots));
	for (size_t code = 0; code < dictionary->nlevels; code++)
	{
		size_t		slot = (size_t) dictionary->levels[code].hash & (nslots - 1);

		while (slots[slot] >= 0)
			slot = (slot + 1) & (nslots - 1);
		slots[slot] = (int32_t) code;
	}
	frame_release(frame, dictionary->slots, dictionary->nslots, sizeof(*slots));
	dictionary->slots = slots;
	dictionary->nslots = nslots;
	return PS_OK;
}

/* Copy a text into the dictionary's blocks, with a zero after it. */
static ps_status
dictionary_store(ps_frame *frame, frame_dictionary *dictionary, const char *text, size_t length,
				 const char **out, ps_error *error)
{
	size_t		needed;
	char	   *copy;

	if (!ps_size_add(length, 1, &needed))
		return ps_fail(error, PS_OUT_OF_MEMORY, "text too long");
	if (needed > dictionary->block_left && needed > TEXT_BLOCK_MAX / 4)
		PS_TRY(frame_alloc(frame, needed, 1, &copy, error));	/* a block of its own */
	else
	{
		if (needed > dictionary->block_left)
		{
			size_t		size = dictionary->block_size == 0 ? TEXT_BLOCK_MIN : dictionary->block_size * 2;

			while (size < needed)
				size *= 2;
			if (size > TEXT_BLOCK_MAX)
				size = TEXT_BLOCK_MAX;
			PS_TRY(frame_alloc(frame, size, 1, &dictionary->block, error));
			dictionary->block_size = size;
			dictionary->block_left = size;
		}
		copy = dictionary->block;
		dictionary->block += needed;
		dictionary->block_left -= needed;
	}
	if (length > 0)
		memcpy(copy, text, length);
	copy[length] = '\0';
	*out = copy;
	return PS_OK;
}

/* Find the code of a text, entering it if it is new. */
static ps_status
dictionary_code(ps_frame *frame, size_t column, const char *text, size_t length, int32_t *code, ps_error *error)
{
	frame_dictionary *dictionary = &frame->dictionaries[column];
	uint64_t	hash = ps_hash_bytes(0, text, length);
	size_t		slot;
	frame_level level = {NULL, length, hash};

	if (dictionary->nlevels * 2 >= dictionary->nslots)
		PS_TRY(dictionary_enter_all(frame, dictionary, dictionary->nslots == 0 ? 16 : dictionary->nslots * 2, error));
	for (slot = (size_t) hash & (dictionary->nslots - 1); dictionary->slots[slot] >= 0;
		 slot = (slot + 1) & (dictionary->nslots - 1))
	{
		const frame_level *known = &dictionary->levels[dictionary->slots[slot]];

		if (known->hash == hash && known->length == length &&
			(length == 0 || memcmp(known->text, text, length) == 0))
		{
			*code = dictionary->slots[slot];
			return PS_OK;
		}
	}
	if (dictionary->nlevels == INT32_MAX)
		return ps_fail_column(error, PS_OUT_OF_MEMORY, frame->columns[column].name,
							  "column \"%s\" has too many different values", frame->columns[column].name);
	if (dictionary->nlevels == dictionary->room)
	{
		size_t		room = dictionary->room == 0 ? 8 : dictionary->room * 2;

		PS_TRY(frame_enlarge(frame, (void **) &dictionary->levels, dictionary->nlevels, dictionary->room, room,
							 sizeof(frame_level), error));
		dictionary->room = room;
	}
	PS_TRY(dictionary_store(frame, dictionary, text, length, &level.text, error));
	*code = (int32_t) dictionary->nlevels;
	dictionary->levels[dictionary->nlevels++] = level;
	dictionary->slots[slot] = *code;
	return PS_OK;
}

/* Report a number the frame cannot hold; what names its role. */
static ps_status
refuse_number(const ps_frame *frame, const char *column, const char *what, double number, ps_error *error)
{
	const char *kind = isnan(number) ? "NaN" : isinf(number) ? "infinite" : "negative";

	if (column[0] != '\0')
		ps_fail_column(error, PS_INVALID_DATA, column, "column \"%s\" is %s in row %d", column, kind,
					   (int64_t) frame->rows + 1);
	else
		ps_fail(error, PS_INVALID_DATA, "%s is %s in row %d", what, kind, (int64_t) frame->rows + 1);
	if (error != NULL)
		error->row = (int64_t) frame->rows + 1;
	return ps_hint(error, "Use NULL for an unknown value, or leave such rows out.");
}

/* Store a row at a place for which there is room. */
static ps_status
put_row(ps_frame *frame, size_t place, const ps_cell *cells, double target, double weight, ps_error *error)
{
	size_t		row = place % PS_FRAME_CHUNK;
	void	  **chunk = frame->chunks + place / PS_FRAME_CHUNK * frame->nstored;
	size_t		stored = frame->ncolumns;

	for (size_t i = 0; i < frame->ncolumns; i++)
	{
		const ps_cell *cell = &cells[i];

		switch (frame->columns[i].type)
		{
			case PS_TYPE_TEXT:
				{
					int32_t		code = -1;

					if (!cell->null)
						PS_TRY(dictionary_code(frame, i, cell->text, cell->length, &code, error));
					((int32_t *) chunk[i])[row] = code;
					break;
				}
			case PS_TYPE_HISTORY:
				{
					ps_history	history = cell->history;

					if (cell->null)
						history = (ps_history) {NAN, NAN, NAN, NAN};
					else if (!isfinite(history.frequency) || !isfinite(history.recency) || !isfinite(history.tenure))
						return refuse_number(frame, frame->columns[i].name, "", NAN, error);
					((ps_history *) chunk[i])[row] = history;
					break;
				}
			default:
				if (!cell->null && !isfinite(cell->number))
					return refuse_number(frame, frame->columns[i].name, "", cell->number, error);
				((double *) chunk[i])[row] = cell->null ? (double) NAN : cell->number;
		}
	}
	if (frame->has_target)
	{
		if (!isfinite(target))
			return refuse_number(frame, "", "the target", target, error);
		((double *) chunk[stored++])[row] = target;
	}
	if (frame->has_weight)
	{
		if (!isfinite(weight) || weight < 0)
			return refuse_number(frame, "", "the weight", weight, error);
		((double *) chunk[stored])[row] = weight;
	}
	return PS_OK;
}

ps_status
ps_frame_append(ps_frame *frame, const ps_cell *cells, double target, double weight, ps_error *error)
{
	if (frame->rows == frame->room)
		PS_TRY(frame_grow(frame, error));
	PS_TRY(put_row(frame, frame->rows, cells, target, weight, error));
	frame->rows++;
	return PS_OK;
}

ps_status
ps_frame_replace(ps_frame *frame, size_t row, const ps_cell *cells, double target, double weight, ps_error *error)
{
	return put_row(frame, row, cells, target, weight, error);
}

/* Number the levels of a column that occur anew, in their order, and enter them again. */
static ps_status
drop_unused(ps_frame *frame, size_t column, ps_error *error)
{
	frame_dictionary *dictionary = &frame->dictionaries[column];
	size_t		known = dictionary->nlevels;
	int32_t    *renumbered;		/* 0 unused, otherwise the new code and 1 */

	PS_TRY(ps_alloc_zero(frame->env, known, sizeof(*renumbered), &renumbered, error));
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		const int32_t *codes = ps_frame_codes(frame, column, chunk);

		for (size_t i = 0; i < ps_frame_chunk_rows(frame, chunk); i++)
			if (codes[i] >= 0)
				renumbered[codes[i]] = 1;
		PS_TRY(ps_poll(frame->env, 0, error));
	}
	dictionary->nlevels = 0;
	for (size_t code = 0; code < known; code++)
		if (renumbered[code] != 0)
		{
			dictionary->levels[dictionary->nlevels++] = dictionary->levels[code];
			renumbered[code] = (int32_t) dictionary->nlevels;
		}
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		int32_t    *codes = frame->chunks[chunk * frame->nstored + column];

		for (size_t i = 0; i < ps_frame_chunk_rows(frame, chunk); i++)
			codes[i] = codes[i] < 0 ? -1 : renumbered[codes[i]] - 1;
	}
	ps_release(frame->env, renumbered);
	return dictionary_enter_all(frame, dictionary, dictionary->nslots, error);
}

ps_status
ps_frame_drop_unused_levels(ps_frame *frame, ps_error *error)
{
	for (size_t i = 0; i < frame->ncolumns; i++)
		if (frame->columns[i].type == PS_TYPE_TEXT)
			PS_TRY(drop_unused(frame, i, error));
	return PS_OK;
}

size_t
ps_frame_rows(const ps_frame *frame)
{
	return frame->rows;
}

size_t
ps_frame_columns(const ps_frame *frame)
{
	return frame->ncolumns;
}

const ps_column *
ps_frame_column(const ps_frame *frame, size_t column)
{
	return &frame->columns[column];
}

bool
ps_frame_has_target(const ps_frame *frame)
{
	return frame->has_target;
}

bool
ps_frame_has_weight(const ps_frame *frame)
{
	return frame->has_weight;
}

size_t
ps_frame_memory(const ps_frame *frame)
{
	return frame->memory;
}

size_t
ps_frame_chunks(const ps_frame *frame)
{
	return frame->rows / PS_FRAME_CHUNK + (frame->rows % PS_FRAME_CHUNK != 0 ? 1 : 0);
}

size_t
ps_frame_chunk_rows(const ps_frame *frame, size_t chunk)
{
	size_t		left = frame->rows - chunk * PS_FRAME_CHUNK;

	return left < PS_FRAME_CHUNK ? left : PS_FRAME_CHUNK;
}

const double *
ps_frame_numbers(const ps_frame *frame, size_t column, size_t chunk)
{
	return frame->chunks[chunk * frame->nstored + column];
}

const int32_t *
ps_frame_codes(const ps_frame *frame, size_t column, size_t chunk)
{
	return frame->chunks[chunk * frame->nstored + column];
}

const ps_history *
ps_frame_histories(const ps_frame *frame, size_t column, size_t chunk)
{
	return frame->chunks[chunk * frame->nstored + column];
}

const double *
ps_frame_targets(const ps_frame *frame, size_t chunk)
{
	return frame->has_target ? ps_frame_numbers(frame, frame->ncolumns, chunk) : NULL;
}

const double *
ps_frame_weights(const ps_frame *frame, size_t chunk)
{
	return frame->has_weight ? ps_frame_numbers(frame, frame->nstored - 1, chunk) : NULL;
}

size_t
ps_frame_levels(const ps_frame *frame, size_t column)
{
	return frame->dictionaries[column].nlevels;
}

const char *
ps_frame_level(const ps_frame *frame, size_t column, size_t code, size_t *length)
{
	const frame_level *level = &frame->dictionaries[column].levels[code];

	*length = level->length;
	return level->text;
}

void
ps_frame_row(const ps_frame *frame, size_t row, ps_cell *cells)
{
	size_t		chunk = row / PS_FRAME_CHUNK;

	row %= PS_FRAME_CHUNK;
	for (size_t i = 0; i < frame->ncolumns; i++)
	{
		ps_cell    *cell = &cells[i];

		memset(cell, 0, sizeof(*cell));
		switch (frame->columns[i].type)
		{
			case PS_TYPE_TEXT:
				{
					int32_t		code = ps_frame_codes(frame, i, chunk)[row];

					cell->null = code < 0;
					if (code >= 0)
						cell->text = ps_frame_level(frame, i, (size_t) code, &cell->length);
					break;
				}
			case PS_TYPE_HISTORY:
				cell->history = ps_frame_histories(frame, i, chunk)[row];
				cell->null = isnan(cell->history.tenure);
				break;
			default:
				cell->number = ps_frame_numbers(frame, i, chunk)[row];
				cell->null = isnan(cell->number);
		}
	}
}

double
ps_frame_target(const ps_frame *frame, size_t row)
{
	return ps_frame_targets(frame, row / PS_FRAME_CHUNK)[row % PS_FRAME_CHUNK];
}

double
ps_frame_weight(const ps_frame *frame, size_t row)
{
	return frame->has_weight ? ps_frame_weights(frame, row / PS_FRAME_CHUNK)[row % PS_FRAME_CHUNK] : 1.0;
}

/*
 * Give an empty frame rows of another, whose memory it shares: count from the
 * start of a chunk on, all of that or whole chunks; and room for more chunks.
 */
static ps_status
share_rows(const ps_frame *frame, const size_t *columns, size_t first_chunk, size_t count, size_t more_chunks,
		   ps_frame *out, ps_error *error)
{
	size_t		row_of_pointers;

	out->rows = out->room = count;
	out->chunk_room = ps_frame_chunks(out) + more_chunks;
	if (!ps_size_multiply(out->nstored, sizeof(void *), &row_of_pointers))
		return ps_fail(error, PS_OUT_OF_MEMORY, "too many columns");
	PS_TRY(frame_alloc(out, out->chunk_room, row_of_pointers, &out->chunks, error));
	for (size_t chunk = 0; chunk < ps_frame_chunks(out); chunk++)
	{
		for (size_t i = 0; i < out->nstored; i++)
		{
			size_t		from = i >= out->ncolumns ? frame->ncolumns + i - out->ncolumns :
				columns != NULL ? columns[i] : i;

			out->chunks[chunk * out->nstored + i] = frame->chunks[(first_chunk + chunk) * frame->nstored + from];
		}
	}
	for (size_t i = 0; i < out->ncolumns; i++)
		out->dictionaries[i] = frame->dictionaries[columns != NULL ? columns[i] : i];
	return PS_OK;
}

/* Where a stored value is. */
static char *
value_at(const ps_frame *frame, size_t column, size_t row)
{
	return (char *) frame->chunks[row / PS_FRAME_CHUNK * frame->nstored + column] +
		row % PS_FRAME_CHUNK * value_size(frame->columns[column].type);
}

/* Exchange two rows. */
static void
swap_rows(ps_frame *frame, size_t left, size_t right)
{
	for (size_t i = 0; i < frame->nstored; i++)
	{
		size_t		size = value_size(frame->columns[i].type);
		char		value[sizeof(ps_history)];

		memcpy(value, value_at(frame, i, left), size);
		memcpy(value_at(frame, i, left), value_at(frame, i, right), size);
		memcpy(value_at(frame, i, right), value, size);
	}
}

/* Copy rows from first to before end of a frame to the end of one that shares its memory. */
static ps_status
copy_rows(const ps_frame *frame, size_t first, size_t end, ps_frame *out, ps_error *error)
{
	for (size_t row = first; row < end; row++)
	{
		if (out->rows == out->room)
			PS_TRY(frame_grow(out, error));
		for (size_t i = 0; i < frame->nstored; i++)
			memcpy(value_at(out, i, out->rows), value_at(frame, i, row), value_size(frame->columns[i].type));
		out->rows++;
	}
	return PS_OK;
}

ps_status
ps_frame_divide(const ps_env *env, ps_frame *frame, const bool *marks, ps_frame **rest, ps_frame **marked,
				ps_error *error)
{
	size_t		left = 0;
	size_t		right = frame->rows;
	size_t		first_chunk;	/* the first one with marked rows only */
	size_t		last_chunk;		/* the one after the last that is full */

	for (size_t exchanged = 0;; exchanged++)
	{
		while (left < right && !marks[left])
			left++;
		while (left < right && marks[right - 1])
			right--;
		if (left == right)
			break;
		swap_rows(frame, left++, --right);
		if (exchanged % 1024 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	PS_TRY(ps_frame_create(env, frame->columns, frame->ncolumns, frame->has_target, frame->has_weight, rest, error));
	PS_TRY(share_rows(frame, NULL, 0, left, 0, *rest, error));

	PS_TRY(ps_frame_create(env, frame->columns, frame->ncolumns, frame->has_target, frame->has_weight, marked, error));
	first_chunk = ps_frame_chunks(*rest);
	last_chunk = frame->rows / PS_FRAME_CHUNK;
	if (first_chunk >= last_chunk)
	{
		PS_TRY(share_rows(frame, NULL, 0, 0, 0, *marked, error));
		return copy_rows(frame, left, frame->rows, *marked, error);
	}
	PS_TRY(share_rows(frame, NULL, first_chunk, (last_chunk - first_chunk) * PS_FRAME_CHUNK, 2, *marked, error));
	PS_TRY(copy_rows(frame, left, first_chunk * PS_FRAME_CHUNK, *marked, error));
	return copy_rows(frame, last_chunk * PS_FRAME_CHUNK, frame->rows, *marked, error);
}

ps_status
ps_frame_select(const ps_env *env, const ps_frame *frame, const size_t *columns, size_t ncolumns,
				const bool *marks, bool wanted, ps_frame **out, ps_error *error)
{
	ps_column  *selected;
	ps_cell    *row;
	ps_cell    *cells;

	PS_TRY(ps_alloc(env, ncolumns, sizeof(*selected), &selected, error));
	PS_TRY(ps_alloc(env, frame->ncolumns, sizeof(*row), &row, error));
	PS_TRY(ps_alloc(env, ncolumns, sizeof(*cells), &cells, error));
	for (size_t i = 0; i < ncolumns; i++)
		selected[i] = frame->columns[columns[i]];
	PS_TRY(ps_frame_create(env, selected, ncolumns, frame->has_target, frame->has_weight, out, error));
	if (marks == NULL)
		PS_TRY(share_rows(frame, columns, 0, frame->rows, 0, *out, error));
	for (size_t r = 0; marks != NULL && r < frame->rows; r++)
	{
		if (r % 1024 == 0)
			PS_TRY(ps_poll(env, 0, error));
		if (marks[r] != wanted)
			continue;
		ps_frame_row(frame, r, row);
		for (size_t i = 0; i < ncolumns; i++)
			cells[i] = row[columns[i]];
		PS_TRY(ps_frame_append(*out, cells, frame->has_target ? ps_frame_target(frame, r) : 0,
							   ps_frame_weight(frame, r), error));
	}
	ps_release(env, selected);
	ps_release(env, row);
	ps_release(env, cells);
	return PS_OK;
}

ps_status
ps_frame_turn_targets(ps_frame *frame, ps_error *error)
{
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		double	   *targets = frame->chunks[chunk * frame->nstored + frame->ncolumns];

		for (size_t i = 0; i < ps_frame_chunk_rows(frame, chunk); i++)
			targets[i] = 1 - targets[i];
		PS_TRY(ps_poll(frame->env, 0, error));
	}
	return PS_OK;
}
