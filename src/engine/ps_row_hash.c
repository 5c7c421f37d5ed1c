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

#define GROUP 32				/* rows that go together at most: hundreds of the same kind must be divided */
#define MOST_MIXED 0.05			/* share of the repeated kinds of rows whose targets differ */

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

/* Add histories to the hashes of their rows. */
static void
add_histories(const ps_history *histories, size_t count, uint64_t *hashes)
{
	for (size_t i = 0; i < count; i++)
		hashes[i] = ps_hash_bytes(hashes[i], &histories[i], sizeof(histories[i]));
}

ps_status
ps_row_feature_hashes(const ps_env *env, const ps_frame *frame, uint64_t seed, uint64_t **hashes, ps_error *error)
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
			else if (ps_frame_column(frame, column)->type == PS_TYPE_HISTORY)
				add_histories(ps_frame_histories(frame, column, chunk), count, part);
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
	PS_TRY(ps_row_feature_hashes(env, frame, seed, hashes, error));
	PS_TRY(add_roles(env, frame, *hashes, error));
	return number_copies(env, ps_frame_rows(frame), *hashes, error);
}

/* Count the different hashes, and those that come more than once; with groups, extend each by the group of its copy. */
static ps_status
count_hashes(const ps_env *env, size_t rows, uint64_t *hashes, bool groups, size_t *different, size_t *repeated,
			 ps_error *error)
{
	ps_copies  *copies;

	*different = *repeated = 0;
	PS_TRY(ps_copies_create(env, &copies, error));
	for (size_t row = 0; row < rows; row++)
	{
		uint32_t	before;

		if (row % 65536 == 0)
			PS_TRY(ps_poll(env, 0, error));
		PS_TRY(ps_copies_count(copies, hashes[row], &before, error));
		*different += before == 0;
		*repeated += before == 1;
		if (groups)
			hashes[row] = ps_hash_add(hashes[row], before / GROUP);
	}
	ps_copies_release(copies);
	return PS_OK;
}

ps_status
ps_row_group_hashes(const ps_env *env, const ps_frame *frame, uint64_t seed, uint64_t **hashes, ps_error *error)
{
	size_t		rows = ps_frame_rows(frame);
	uint64_t   *contents;
	size_t		kinds;
	size_t		repeated;
	size_t		outcomes;		/* different pairs of kind and target */
	size_t		ignored;

	PS_TRY(ps_row_feature_hashes(env, frame, seed, hashes, error));
	PS_TRY(ps_alloc(env, rows, sizeof(*contents), &contents, error));
	memcpy(contents, *hashes, rows * sizeof(*contents));
	PS_TRY(add_roles(env, frame, contents, error));
	PS_TRY(count_hashes(env, rows, contents, false, &outcomes, &ignored, error));
	PS_TRY(count_hashes(env, rows, *hashes, true, &kinds, &repeated, error));
	if ((double) (outcomes - kinds) > MOST_MIXED * (double) repeated)
	{
		memcpy(*hashes, contents, rows * sizeof(*contents));
		PS_TRY(number_copies(env, rows, *hashes, error));
	}
	ps_release(env, contents);
	return PS_OK;
}
