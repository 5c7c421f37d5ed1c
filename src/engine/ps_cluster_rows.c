/*-------------------------------------------------------------------------
 *
 * ps_cluster_rows.c
 *	  Encoded rows as cluster methods read them, and a sample of them.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_cluster_rows.h"
#include "ps_random.h"
#include "ps_sort.h"

#define ROWS PS_CLUSTER_ROWS

ps_status
ps_cluster_rows_create(const ps_env *env, size_t count, size_t width, ps_cluster_rows *rows, ps_error *error)
{
	rows->env = env;
	rows->kernels = ps_kernels_best();
	rows->count = count;
	rows->width = width;
	rows->ntiles = count / ROWS + (count % ROWS != 0 ? 1 : 0);
	PS_TRY(ps_alloc_zero(env, rows->ntiles, width * ROWS * sizeof(float), &rows->tiles, error));
	return ps_alloc(env, rows->ntiles, ROWS * sizeof(int32_t), &rows->labels, error);
}

void
ps_cluster_rows_release(ps_cluster_rows *rows)
{
	ps_release(rows->env, rows->tiles);
	ps_release(rows->env, rows->labels);
}

ps_status
ps_cluster_rows_encode(const ps_env *env, const ps_frame *frame, const ps_encoder *encoder,
					   ps_cluster_rows *rows, ps_error *error)
{
	ps_encoding *encoding;
	double	   *tile;
	float	   *out;
	int			exponent;
	double		shift;

	PS_TRY(ps_encode_bind(env, encoder, frame, &encoding, error));
	PS_TRY(ps_cluster_rows_create(env, ps_frame_rows(frame), encoder->width, rows, error));
	PS_TRY(ps_alloc(env, encoder->width, ROWS * sizeof(double), &tile, error));

	/* adding and subtracting this rounds to multiples of 2^(exponent - 51) >= 2n / 2^52 */
	frexp((double) rows->count, &exponent);
	shift = ldexp(1.5, exponent + 1);
	out = rows->tiles;
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
		for (size_t start = 0; start < ps_frame_chunk_rows(frame, chunk); start += ROWS)
		{
			size_t		left = ps_frame_chunk_rows(frame, chunk) - start;
			size_t		count = left < ROWS ? left : ROWS;

			ps_encode_tile(encoding, chunk, start, count, tile, ROWS);
			for (size_t j = 0; j < encoder->width; j++, out += ROWS)
				for (size_t i = 0; i < count; i++)
					out[i] = (float) (tile[j * ROWS + i] + shift - shift);
			PS_TRY(ps_poll(env, 0, error));
		}
	ps_release(env, tile);
	return PS_OK;
}

uint64_t
ps_cluster_row_hash(const ps_cluster_rows *rows, size_t row)
{
	const float *x = ps_cluster_row(rows, row);
	uint64_t	hash = 0;

	for (size_t j = 0; j < rows->width; j += 2)
	{
		uint32_t	bits[2] = {0, 0};

		memcpy(&bits[0], &x[j * ROWS], sizeof(uint32_t));
		if (j + 1 < rows->width)
			memcpy(&bits[1], &x[(j + 1) * ROWS], sizeof(uint32_t));
		hash = ps_hash_add(hash, (uint64_t) bits[1] << 32 | bits[0]);
	}
	return hash;
}

/* A row of the sample. */
typedef struct sample_row
{
	uint64_t	hash;
	size_t		row;
} sample_row;

/*
 * Choose the rows of the sample: all if they are few, otherwise those whose
 * hash of (content, number of occurrence) is below a limit.
 */
static ps_status
sample_choose(const ps_cluster_rows *rows, size_t most, sample_row **out, size_t *out_count, ps_error *error)
{
	const ps_env *env = rows->env;
	uint64_t	limit = ps_hash_limit(most, rows->count);
	sample_row *samples = NULL;
	size_t		count = 0;
	size_t		capacity = 0;
	size_t		nslots = 2;
	uint64_t   *contents;		/* hash table: content, 0 empty */
	uint32_t   *occurrences;
	uint64_t	hashes[ROWS];

	while (nslots / 3 < rows->count / 2 + 1)
		nslots *= 2;
	PS_TRY(ps_alloc_zero(env, nslots, sizeof(*contents), &contents, error));
	PS_TRY(ps_alloc_zero(env, nslots, sizeof(*occurrences), &occurrences, error));
	for (size_t row = 0; row < rows->count; row++)
	{
		uint64_t	content;
		size_t		slot;

		/* hashes of a tile at a time, so that their places in the table are on their way into the cache */
		if (row % ROWS == 0)
		{
			for (size_t i = 0; i < ROWS; i++)
			{
				hashes[i] = ps_cluster_row_hash(rows, row + i);
				__builtin_prefetch(contents + (hashes[i] & (nslots - 1)), 1);
				__builtin_prefetch(occurrences + (hashes[i] & (nslots - 1)), 1);
			}
			PS_TRY(ps_poll(env, 0, error));
		}
		content = hashes[row % ROWS] == 0 ? 1 : hashes[row % ROWS];
		slot = (size_t) content & (nslots - 1);

		while (contents[slot] != 0 && contents[slot] != content)
			slot = (slot + 1) & (nslots - 1);
		contents[slot] = content;
		if (ps_hash_add(content, ++occurrences[slot]) <= limit)
		{
			PS_TRY(ps_grow(env, &samples, count, count + 1, &capacity, sizeof(*samples), error));
			samples[count++] = (sample_row) {content, row};
		}
	}
	ps_release(env, contents);
	ps_release(env, occurrences);
	PS_TRY(ps_sort(env, samples, count, sizeof(*samples), ps_compare_hashes, error));
	*out = samples;
	*out_count = count;
	return PS_OK;
}

ps_status
ps_cluster_rows_sample(const ps_cluster_rows *rows, size_t most, ps_cluster_rows *sample, ps_error *error)
{
	sample_row *samples;
	size_t		count;

	PS_TRY(sample_choose(rows, most, &samples, &count, error));
	PS_TRY(ps_cluster_rows_create(rows->env, count, rows->width, sample, error));
	for (size_t i = 0; i < count; i++)
	{
		const float *from = ps_cluster_row(rows, samples[i].row);
		float	   *to = sample->tiles + i / ROWS * rows->width * ROWS + i % ROWS;

		for (size_t j = 0; j < rows->width; j++)
			to[j * ROWS] = from[j * ROWS];
		if (i % 1024 == 0)
			PS_TRY(ps_poll(rows->env, 0, error));
	}
	ps_release(rows->env, samples);
	return PS_OK;
}
