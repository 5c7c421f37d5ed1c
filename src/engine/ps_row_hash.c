/*-------------------------------------------------------------------------
 *
 * ps_row_hash.c
 *	  Hashes of the rows of a frame.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_row_hash.h"

#include <string.h>

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

/* Count for each row those with the same hash before it: (*copies)[rows]. */
static ps_status
count_copies(const ps_env *env, const uint64_t *hashes, size_t rows, uint32_t **copies, ps_error *error)
{
	size_t		nslots = 2;
	uint64_t   *contents;		/* hash table: content, 0 empty */
	uint32_t   *counts;

	while (nslots / 3 < rows / 2 + 1)
		nslots *= 2;
	PS_TRY(ps_alloc(env, rows, sizeof(**copies), copies, error));
	PS_TRY(ps_alloc_zero(env, nslots, sizeof(*contents), &contents, error));
	PS_TRY(ps_alloc_zero(env, nslots, sizeof(*counts), &counts, error));
	for (size_t row = 0; row < rows; row++)
	{
		uint64_t	content = hashes[row] == 0 ? 1 : hashes[row];
		size_t		slot = (size_t) content & (nslots - 1);

		while (contents[slot] != 0 && contents[slot] != content)
			slot = (slot + 1) & (nslots - 1);
		contents[slot] = content;
		(*copies)[row] = counts[slot]++;
		if (row % 65536 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	ps_release(env, contents);
	ps_release(env, counts);
	return PS_OK;
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

/* Extend the hash of each row by its number among the copies, counted in groups of so many. */
static ps_status
add_copies(const ps_env *env, const uint32_t *copies, uint32_t group, size_t rows, uint64_t *hashes, ps_error *error)
{
	for (size_t row = 0; row < rows; row++)
	{
		if (row % 65536 == 0)
			PS_TRY(ps_poll(env, 0, error));
		hashes[row] = ps_hash_add(hashes[row], copies[row] / group);
	}
	return PS_OK;
}

ps_status
ps_row_hashes(const ps_env *env, const ps_frame *frame, uint64_t seed, uint64_t **hashes, ps_error *error)
{
	size_t		rows = ps_frame_rows(frame);
	uint32_t   *copies;

	PS_TRY(hash_features(env, frame, seed, hashes, error));
	PS_TRY(add_roles(env, frame, *hashes, error));
	PS_TRY(count_copies(env, *hashes, rows, &copies, error));
	PS_TRY(add_copies(env, copies, 1, rows, *hashes, error));
	ps_release(env, copies);
	return PS_OK;
}

ps_status
ps_row_group_hashes(const ps_env *env, const ps_frame *frame, uint64_t seed, uint64_t **hashes, ps_error *error)
{
	size_t		rows = ps_frame_rows(frame);
	uint64_t   *contents;
	uint32_t   *copies;

	PS_TRY(hash_features(env, frame, seed, hashes, error));
	PS_TRY(ps_alloc(env, rows, sizeof(*contents), &contents, error));
	memcpy(contents, *hashes, rows * sizeof(*contents));
	PS_TRY(add_roles(env, frame, contents, error));
	PS_TRY(count_copies(env, contents, rows, &copies, error));
	PS_TRY(add_copies(env, copies, PS_ROW_COPIES, rows, *hashes, error));
	ps_release(env, contents);
	ps_release(env, copies);
	return PS_OK;
}
