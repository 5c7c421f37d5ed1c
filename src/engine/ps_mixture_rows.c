/*-------------------------------------------------------------------------
 *
 * ps_mixture_rows.c
 *	  Encoded rows in the order of their content's hash.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "ps_mixture.h"
#include "ps_mixture_rows.h"
#include "ps_random.h"
#include "ps_sort.h"

#define ROWS PS_NEWTON_ROWS
#define SAMPLE_ROWS 16384		/* about as many, of more */

static ps_status
rows_create(const ps_env *env, size_t count, size_t width, ps_mixture_rows *rows, ps_error *error)
{
	rows->env = env;
	rows->kernels = ps_kernels_best();
	rows->count = count;
	rows->width = width;
	rows->padded = ps_mixture_padded(width);
	rows->ntiles = count / ROWS + (count % ROWS != 0 ? 1 : 0);
	rows->total = 0;
	PS_TRY(ps_alloc_zero(env, rows->ntiles, ROWS * sizeof(double), &rows->weights, error));
	return ps_alloc_zero(env, rows->ntiles, rows->padded * ROWS * sizeof(double), &rows->tiles, error);
}

/* A row and the hash of its content. */
typedef struct hashed_row
{
	uint64_t	hash;
	double		weight;
	size_t		row;
} hashed_row;

/* Order by hash, then by weight. */
static int
compare_hashes(const void *a, const void *b)
{
	const hashed_row *left = a;
	const hashed_row *right = b;

	if (left->hash != right->hash)
		return left->hash < right->hash ? -1 : 1;
	return left->weight < right->weight ? -1 : left->weight > right->weight ? 1 : 0;
}

/*
 * Encode all rows of a frame: with places NULL to hash them into hashed, and
 * then to put each one into its place in rows.
 */
static ps_status
rows_encode(const ps_env *env, const ps_frame *frame, const ps_encoding *encoding, hashed_row *hashed,
			const size_t *places, ps_mixture_rows *rows, ps_error *error)
{
	size_t		width = encoding->encoder->width;
	size_t		row = 0;
	double	   *tile;

	PS_TRY(ps_alloc(env, width, ROWS * sizeof(double), &tile, error));
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
		for (size_t start = 0; start < ps_frame_chunk_rows(frame, chunk); start += ROWS)
		{
			size_t		left = ps_frame_chunk_rows(frame, chunk) - start;
			size_t		count = left < ROWS ? left : ROWS;

			ps_encode_tile(encoding, chunk, start, count, tile, ROWS);
			for (size_t i = 0; i < count; i++, row++)
			{
				double	   *out = places != NULL ? ps_mixture_row(rows, places[row]) : NULL;
				uint64_t	hash = 0;

				for (size_t j = 0; j < width; j++)
				{
					uint64_t	bits;

					memcpy(&bits, &tile[j * ROWS + i], sizeof(bits));
					if (out != NULL)
						out[j * ROWS] = tile[j * ROWS + i];
					else
						hash = ps_hash_add(hash, bits);
				}
				if (out == NULL)
					hashed[row] = (hashed_row) {hash, ps_frame_weight(frame, row), row};
			}
			PS_TRY(ps_poll(env, 0, error));
		}
	ps_release(env, tile);
	return PS_OK;
}

/*
 * Take a sample of rows in the order of their hashes: where few contents are
 * different, one row of each with the weight of all its copies; otherwise the
 * rows whose hash of (content, number of occurrence) is below a limit.
 */
static ps_status
sample_create(const ps_mixture_rows *rows, const hashed_row *hashed, size_t distinct, ps_mixture_rows *sample,
			  ps_error *error)
{
	uint64_t	limit = ps_hash_limit(SAMPLE_ROWS, rows->count);
	bool		merge = distinct <= SAMPLE_ROWS / 4;

	/* count them, then copy them */
	for (int pass = 0; pass < 2; pass++)
	{
		uint64_t	occurrence = 0;
		size_t		count = 0;

		for (size_t row = 0; row < rows->count; row++)
		{
			occurrence = row > 0 && hashed[row].hash == hashed[row - 1].hash ? occurrence + 1 : 1;
			if (row % 4096 == 0)
				PS_TRY(ps_poll(rows->env, 0, error));
			if (!merge && ps_hash_add(hashed[row].hash, occurrence) > limit)
				continue;
			if (!merge || occurrence == 1)
				count++;
			if (pass == 0)
				continue;
			for (size_t j = 0; j < rows->width; j++)
				ps_mixture_row(sample, count - 1)[j * ROWS] = ps_mixture_row(rows, row)[j * ROWS];
			sample->weights[count - 1] += rows->weights[row];
			sample->total += rows->weights[row];
		}
		if (pass == 0)
			PS_TRY(rows_create(rows->env, count, rows->width, sample, error));
	}
	return PS_OK;
}

ps_status
ps_mixture_rows_read(const ps_env *env, const ps_frame *frame, const ps_encoder *encoder, ps_mixture_rows *rows,
		  ps_mixture_rows *sample, size_t **order, size_t *distinct, ps_error *error)
{
	size_t		count = ps_frame_rows(frame);
	ps_encoding *encoding;
	hashed_row *hashed;
	size_t	   *places;

	PS_TRY(ps_encode_bind(env, encoder, frame, &encoding, error));
	PS_TRY(ps_alloc(env, count, sizeof(*hashed), &hashed, error));
	PS_TRY(rows_encode(env, frame, encoding, hashed, NULL, NULL, error));
	PS_TRY(ps_sort(env, hashed, count, sizeof(*hashed), compare_hashes, error));
	PS_TRY(ps_alloc(env, count, sizeof(*places), &places, error));
	*distinct = 0;
	for (size_t i = 0; i < count; i++)
	{
		places[hashed[i].row] = i;
		if (i == 0 || hashed[i].hash != hashed[i - 1].hash)
			(*distinct)++;
	}
	PS_TRY(rows_create(env, count, encoder->width, rows, error));
	PS_TRY(rows_encode(env, frame, encoding, NULL, places, rows, error));
	for (size_t i = 0; i < count; i++)
	{
		rows->total += rows->weights[i] = hashed[i].weight;
		places[i] = hashed[i].row;
	}
	PS_TRY(sample_create(rows, hashed, *distinct, sample, error));
	ps_release(env, hashed);
	*order = places;
	return PS_OK;
}
