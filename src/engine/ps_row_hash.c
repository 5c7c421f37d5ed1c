/*-------------------------------------------------------------------------
 *
 * ps_row_hash.c
 *	  Hashes of the rows of a frame.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_row_hash.h"

#include <string.h>

#include "ps_copies.h"
#include "ps_random.h"

/* Add doubles to the hashes of their rows. */
static void
add_numbers(const double *numbers, size_t count, uint64_t *hashes)
{
	for (size_t i = 0; i < count; i++)
	{
		uint64_t	bits;

		memcpy(&bits, &numbers[i], sizeof(bits));
		hashes[i] = ps_hash_add(hashes[i], bits);
	}
}

/* Add texts, by their bytes: codes depend on the order of the rows. */
static void
add_texts(const ps_frame *frame, size_t column, size_t chunk, size_t count, uint64_t *hashes)
{
	const int32_t *codes = ps_frame_codes(frame, column, chunk);

	for (size_t i = 0; i < count; i++)
	{
		size_t		length = 0;
		const char *text = codes[i] < 0 ? "" : ps_frame_level(frame, column, (size_t) codes[i], &length);

		hashes[i] = codes[i] < 0 ? ps_hash_add(hashes[i], 0) : ps_hash_bytes(hashes[i], text, length);
	}
}

/* Hash the features of all rows: (*hashes)[rows]. */
static ps_status
hash_features(const ps_env *env, const ps_frame *frame, uint64_t seed, uint64_t **hashes, ps_error *error)
{
	PS_TRY(ps_alloc(env, ps_frame_rows(frame), sizeof(**hashes), hashes, error));
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		uint64_t   *part = *hashes + chunk * PS_FRAME_CHUNK;
		size_t		count = ps_frame_chunk_rows(frame, chunk);

		for (size_t i = 0; i < count; i++)
			part[i] = seed;
		for (size_t column = 0; column < ps_frame_columns(frame); column++)
		{
			if (ps_frame_column(frame, column)->type == PS_TYPE_TEXT)
				add_texts(frame, column, chunk, count, part);
			else
				add_numbers(ps_frame_numbers(frame, column, chunk), count, part);
			if (column % 64 == 0)
				PS_TRY(ps_poll(env, 0, error));
		}
	}
	return PS_OK;
}

/* Add target and weight to the hashes of the features. */
static ps_status
add_roles(const ps_env *env, const ps_frame *frame, uint64_t *hashes, ps_error *error)
{
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		uint64_t   *part = hashes + chunk * PS_FRAME_CHUNK;
		size_t		count = ps_frame_chunk_rows(frame, chunk);

		if (chunk % 64 == 0)
			PS_TRY(ps_poll(env, 0, error));
		if (ps_frame_has_target(frame))
			add_numbers(ps_frame_targets(frame, chunk), count, part);
		if (ps_frame_has_weight(frame))
			add_numbers(ps_frame_weights(frame, chunk), count, part);
	}
	return PS_OK;
}

/* Tell copies apart. */
static ps_status
number_copies(const ps_env *env, size_t rows, uint64_t *hashes, ps_error *error)
{
	ps_copies  *copies;

	PS_TRY(ps_copies_create(env, &copies, error));
	for (size_t row = 0; row < rows; row++)
	{
		if (row % 65536 == 0)
			PS_TRY(ps_poll(env, 0, error));
		PS_TRY(ps_copies_number(copies, &hashes[row], error));
	}
	ps_copies_release(copies);
	return PS_OK;
}

ps_status
ps_row_hashes(const ps_env *env, const ps_frame *frame, uint64_t seed, uint64_t **hashes, ps_error *error)
{
	PS_TRY(hash_features(env, frame, seed, hashes, error));
	PS_TRY(add_roles(env, frame, *hashes, error));
	return number_copies(env, ps_frame_rows(frame), *hashes, error);
}
