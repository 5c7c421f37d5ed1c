/*-------------------------------------------------------------------------
 *
 * ps_gradients.c
 *	  Gradients and curvatures as integers, two in a word.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_gradients.h"

#include <math.h>
#include <string.h>

#include "ps_random.h"

#define ROWS PS_LOSS_ROWS

/* Largest power of two that keeps count dithered numbers with this sum of sizes below limit. */
static double
scale_for(double sum, size_t count, double limit)
{
	int			exponent;

	if (!(sum > 0))
		return 1;
	frexp((limit * (1 - 1e-6) - (double) count) / sum, &exponent);
	return ldexp(1, exponent - 1);
}

/* Round x >= -2^32 down. */
static inline int64_t
round_down(double x)
{
	return (int64_t) (x + 0x1p32) - (INT64_C(1) << 32);
}

ps_status
ps_gradients_compute(const ps_env *env, const ps_frame *frame, const ps_loss *loss, const uint64_t *hashes,
					 uint64_t tree, const float *f, ps_gradients *gradients, ps_error *error)
{
	size_t		rows = ps_frame_rows(frame);
	uint64_t	salt = ps_hash_mix(tree + 1);
	double		gradient_scale;
	double		curvature_scale;
	double		gradient_sum = 0;
	double		curvature_sum = 0;

	/* first as floats, two in a word, to learn their sums */
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		const double *targets = ps_frame_targets(frame, chunk);
		const double *weights = ps_frame_weights(frame, chunk);
		size_t		count = ps_frame_chunk_rows(frame, chunk);

		for (size_t start = 0; start < count; start += ROWS)
		{
			size_t		tile = count - start < ROWS ? count - start : ROWS;
			size_t		row = chunk * PS_FRAME_CHUNK + start;
			float		g[ROWS];
			float		h[ROWS];

			ps_loss_gradients(loss, targets + start, weights == NULL ? NULL : weights + start, f + row, tile, g, h);
			for (size_t i = 0; loss->class_weights[0] != loss->class_weights[1] && i < tile; i++)
			{
				float		factor = (float) loss->class_weights[targets[start + i] != 0];

				g[i] *= factor;
				h[i] *= factor;
			}
			for (size_t i = 0; i < tile; i++)
			{
				const float pair[2] = {g[i], h[i]};

				gradient_sum += fabs((double) g[i]);
				curvature_sum += (double) h[i];
				memcpy(&gradients->words[row + i], pair, sizeof(pair));
			}
		}
		if (chunk % 16 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	gradient_scale = scale_for(gradient_sum, rows, 0x1p31);
	curvature_scale = scale_for(curvature_sum, rows, 0x1p32);
	gradients->gradient_unit = 1 / gradient_scale;
	gradients->curvature_unit = 1 / curvature_scale;

	for (size_t row = 0; row < rows; row++)
	{
		uint64_t	dither = ps_hash_mix(hashes[row] ^ salt);
		float		pair[2];
		int64_t		g;
		int64_t		h;

		memcpy(pair, &gradients->words[row], sizeof(pair));
		g = round_down((double) pair[0] * gradient_scale + (double) (int32_t) (dither >> 33) * 0x1p-31);
		h = round_down((double) pair[1] * curvature_scale + (double) (int32_t) (dither & 0x7fffffff) * 0x1p-31);
		gradients->words[row] = ((uint64_t) g << 32) + (uint64_t) h;
		if (row % 65536 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	return PS_OK;
}
