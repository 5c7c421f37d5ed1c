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

/* Make the hashes of rows with the same content different. */
static ps_status
number_copies(const ps_env *env, uint64_t *hashes, size_t rows, ps_error *error)
{
	size_t		nslots = 2;
	uint64_t   *contents;		/* hash table: content, 0 empty */
	uint32_t   *copies;

	while (nslots / 3 < rows / 2 + 1)
		nslots *= 2;
	PS_TRY(ps_alloc_zero(env, nslots, sizeof(*contents), &contents, error));
	PS_TRY(ps_alloc_zero(env, nslots, sizeof(*copies), &copies, error));
	for (size_t row = 0; row < rows; row++)
	{
		uint64_t	content = hashes[row] == 0 ? 1 : hashes[row];
		size_t		slot = (size_t) content & (nslots - 1);

		while (contents[slot] != 0 && contents[slot] != content)
			slot = (slot + 1) & (nslots - 1);
		contents[slot] = content;
		hashes[row] = ps_hash_add(content, copies[slot]++);
		if (row % 65536 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	ps_release(env, contents);
	ps_release(env, copies);
	return PS_OK;
}

ps_status
ps_row_hashes(const ps_env *env, const ps_frame *frame, uint64_t seed, uint64_t **hashes, ps_error *error)
{
	size_t		rows = ps_frame_rows(frame);

	PS_TRY(ps_alloc(env, rows, sizeof(**hashes), hashes, error));
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
		if (ps_frame_has_target(frame))
			add_numbers(ps_frame_targets(frame, chunk), count, part);
		if (ps_frame_has_weight(frame))
			add_numbers(ps_frame_weights(frame, chunk), count, part);
	}
	return number_copies(env, *hashes, rows, error);
}
