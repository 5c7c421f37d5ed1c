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
#include "ps_sum.h"

#define ROWS PS_CLUSTER_ROWS
#define MOST_WEIGHT 1e15		/* of all rows: whole numbers up to there are exact */

/*
 * What rounds numbers, whose sum is at most total, to multiples of
 * 2^(exponent - 51) >= 2 total / 2^52 when it is added and subtracted.
 */
static double
shift_of(double total)
{
	int			exponent;

	frexp(total, &exponent);
	return ldexp(1.5, exponent + 1);
}

ps_status
ps_cluster_frame(const ps_env *env, const ps_frame *frame, const ps_frame **out, ps_error *error)
{
	size_t		columns = ps_frame_columns(frame);
	ps_sum		total = {0};
	bool		exact = true;
	double		shift;
	ps_column  *list;
	ps_cell    *cells;
	ps_frame   *copy;

	*out = frame;
	if (!ps_frame_has_weight(frame))
		return PS_OK;
	for (size_t row = 0; row < ps_frame_rows(frame); row++)
	{
		double		weight = ps_frame_weight(frame, row);

		ps_sum_add(&total, weight);
		exact = exact && weight > 0 && weight == floor(weight);
		if (row % 65536 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	if (!(ps_sum_value(&total) <= MOST_WEIGHT))
	{
		ps_fail(error, PS_INVALID_DATA, "the weights of the rows sum to %g, more than %g", ps_sum_value(&total), MOST_WEIGHT);
		return ps_hint(error, "Divide the weights by a power of ten.");
	}
	if (exact)
		return PS_OK;
	PS_TRY(ps_alloc(env, columns, sizeof(*list), &list, error));
	PS_TRY(ps_alloc(env, columns, sizeof(*cells), &cells, error));
	for (size_t i = 0; i < columns; i++)
		list[i] = *ps_frame_column(frame, i);
	PS_TRY(ps_frame_create(env, list, columns, false, true, &copy, error));
	shift = shift_of(ps_sum_value(&total));
	for (size_t row = 0; row < ps_frame_rows(frame); row++)
	{
		double		weight = ps_frame_weight(frame, row);

		if (row % 1024 == 0)
			PS_TRY(ps_poll(env, 0, error));
		if (weight == 0)
			continue;
		ps_frame_row(frame, row, cells);
		PS_TRY(ps_frame_append(copy, cells, 0, fmax(weight + shift - shift, ldexp(shift, -52)), error));
	}
	ps_release(env, list);
	ps_release(env, cells);
	*out = copy;
	return PS_OK;
}

ps_status
ps_cluster_rows_create(const ps_env *env, size_t count, size_t width, ps_cluster_rows *rows, ps_error *error)
{
	rows->env = env;
	rows->kernels = ps_kernels_best();
	rows->count = count;
	rows->width = width;
	rows->weights = NULL;
	rows->total = (double) count;
	rows->shift = 0;
	rows->ntiles = count / ROWS + (count % ROWS != 0 ? 1 : 0);
	PS_TRY(ps_alloc_zero(env, rows->ntiles, width * ROWS * sizeof(float), &rows->tiles, error));
	return ps_alloc_zero(env, rows->ntiles, ROWS * sizeof(int32_t), &rows->labels, error);
}

void
ps_cluster_rows_release(ps_cluster_rows *rows)
{
	ps_release(rows->env, rows->tiles);
	ps_release(rows->env, rows->labels);
	ps_release(rows->env, rows->weights);
}

/* Take over weights[count], and what follows from them. */
static ps_status
set_weights(ps_cluster_rows *rows, double *weights, ps_error *error)
{
	ps_sum		total = {0};

	rows->weights = weights;
	for (size_t row = 0; row < rows->count; row++)
	{
		ps_sum_add(&total, weights[row]);
		if (row % 65536 == 0)
			PS_TRY(ps_poll(rows->env, 0, error));
	}
	rows->total = ps_sum_value(&total);
	rows->shift = shift_of(rows->total);
	return PS_OK;
}

/* Copy the weights of a frame. */
static ps_status
copy_weights(const ps_frame *frame, ps_cluster_rows *rows, ps_error *error)
{
	double	   *weights;

	PS_TRY(ps_alloc(rows->env, rows->count, sizeof(double), &weights, error));
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		memcpy(weights + chunk * PS_FRAME_CHUNK, ps_frame_weights(frame, chunk),
			   ps_frame_chunk_rows(frame, chunk) * sizeof(double));
		PS_TRY(ps_poll(rows->env, 0, error));
	}
	return set_weights(rows, weights, error);
}

ps_status
ps_cluster_rows_encode(const ps_env *env, const ps_frame *frame, const ps_encoder *encoder,
					   ps_cluster_rows *rows, ps_error *error)
{
	ps_encoding *encoding;
	double	   *tile;
	float	   *out;
	double		shift;

	PS_TRY(ps_encode_bind(env, encoder, frame, &encoding, error));
	PS_TRY(ps_cluster_rows_create(env, ps_frame_rows(frame), encoder->width, rows, error));
	PS_TRY(ps_alloc(env, encoder->width, ROWS * sizeof(double), &tile, error));

	if (ps_frame_has_weight(frame))
		PS_TRY(copy_weights(frame, rows, error));
	shift = shift_of(rows->total);
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
	double		weight;
} sample_row;

/* Order by content, rows of one content by weight. */
static int
compare_samples(const void *a, const void *b)
{
	int			order = ps_compare_hashes(a, b);
	double		left = ((const sample_row *) a)->weight;
	double		right = ((const sample_row *) b)->weight;

	return order != 0 ? order : left < right ? -1 : left > right ? 1 : 0;
}

/* The hash of the content of a row, and of its weight where rows have one; not 0. */
static uint64_t
hash_weighed(const ps_cluster_rows *rows, size_t row)
{
	uint64_t	hash = ps_cluster_row_hash(rows, row);
	uint64_t	bits;

	if (rows->weights != NULL && row < rows->count)
	{
		memcpy(&bits, &rows->weights[row], sizeof(bits));
		hash = ps_hash_add(hash, bits);
	}
	return hash == 0 ? 1 : hash;
}

/*
 * Choose the rows of the sample: all if they are few, otherwise those whose
 * hash of (content, number of occurrence) is below a limit, which is in
 * proportion to their weight.  Those that are taken weigh the more, the lower
 * their limit.
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
		double		weight = 1;
		uint64_t	content;
		size_t		slot;

		/* hashes of a tile at a time, so that their places in the table are on their way into the cache */
		if (row % ROWS == 0)
		{
			for (size_t i = 0; i < ROWS; i++)
			{
				hashes[i] = hash_weighed(rows, row + i);
				__builtin_prefetch(contents + (hashes[i] & (nslots - 1)), 1);
				__builtin_prefetch(occurrences + (hashes[i] & (nslots - 1)), 1);
			}
			PS_TRY(ps_poll(env, 0, error));
		}
		content = hashes[row % ROWS];
		slot = (size_t) content & (nslots - 1);

		while (contents[slot] != 0 && contents[slot] != content)
			slot = (slot + 1) & (nslots - 1);
		contents[slot] = content;
		if (rows->weights != NULL)
		{
			double		chance = rows->count <= most ? 1 : fmin((double) most * rows->weights[row] / rows->total, 1);

			weight = rows->weights[row] / chance;
			limit = chance == 1 ? UINT64_MAX : (uint64_t) (chance * 0x1p64);
		}
		if (ps_hash_add(content, ++occurrences[slot]) <= limit)
		{
			PS_TRY(ps_grow(env, &samples, count, count + 1, &capacity, sizeof(*samples), error));
			samples[count++] = (sample_row) {rows->weights == NULL ? content : ps_cluster_row_hash(rows, row), row, weight};
		}
	}
	ps_release(env, contents);
	ps_release(env, occurrences);
	PS_TRY(ps_sort(env, samples, count, sizeof(*samples), compare_samples, error));
	*out = samples;
	*out_count = count;
	return PS_OK;
}

ps_status
ps_cluster_rows_sample(const ps_cluster_rows *rows, size_t most, ps_cluster_rows *sample, ps_error *error)
{
	sample_row *samples;
	size_t		count;
	double	   *weights = NULL;

	PS_TRY(sample_choose(rows, most, &samples, &count, error));
	PS_TRY(ps_cluster_rows_create(rows->env, count, rows->width, sample, error));
	if (rows->weights != NULL)
		PS_TRY(ps_alloc(rows->env, count, sizeof(double), &weights, error));
	for (size_t i = 0; i < count; i++)
	{
		const float *from = ps_cluster_row(rows, samples[i].row);
		float	   *to = sample->tiles + i / ROWS * rows->width * ROWS + i % ROWS;

		for (size_t j = 0; j < rows->width; j++)
			to[j * ROWS] = from[j * ROWS];
		if (weights != NULL)
			weights[i] = samples[i].weight;
		if (i % 1024 == 0)
			PS_TRY(ps_poll(rows->env, 0, error));
	}
	ps_release(rows->env, samples);
	return weights == NULL ? PS_OK : set_weights(sample, weights, error);
}
