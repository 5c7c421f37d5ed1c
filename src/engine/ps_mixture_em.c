/*-------------------------------------------------------------------------
 *
 * ps_mixture_em.c
 *	  The EM algorithm.
 *
 *-------------------------------------------------------------------------
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "ps_mixture_em.h"
#include "ps_mixture_stretch.h"

#define ROWS PS_NEWTON_ROWS
#define BLOCK 64				/* tiles that are summed apart */
#define TOLERANCE 1e-6			/* gain in log likelihood per row at which EM stops */

static ps_status
sums_create(const ps_env *env, const ps_mixture *of, ps_mixture_sums *sums, ps_error *error)
{
	sums->numbers = 1 + of->k * (1 + of->padded + of->stride);
	PS_TRY(ps_alloc(env, sums->numbers, sizeof(double), &sums->log_likelihood, error));
	sums->rows = sums->log_likelihood + 1;
	sums->sum = sums->rows + of->k;
	sums->product = sums->sum + of->k * of->padded;
	return PS_OK;
}

static void
sums_clear(ps_mixture_sums *sums)
{
	memset(sums->log_likelihood, 0, sums->numbers * sizeof(double));
}

static void
sums_merge(ps_mixture_sums *sums, const ps_mixture_sums *other)
{
	for (size_t i = 0; i < sums->numbers; i++)
		sums->log_likelihood[i] += other->log_likelihood[i];
}

ps_status
ps_mixture_scratch_create(const ps_env *env, const ps_mixture *of, ps_mixture_scratch *scratch, ps_error *error)
{
	PS_TRY(sums_create(env, of, &scratch->part, error));
	PS_TRY(sums_create(env, of, &scratch->sums, error));
	PS_TRY(ps_alloc(env, of->k, ROWS * sizeof(double), &scratch->shares, error));
	PS_TRY(ps_alloc(env, of->padded, ROWS * sizeof(double), &scratch->weighted, error));
	PS_TRY(ps_alloc(env, of->padded, ROWS * sizeof(double), &scratch->squares, error));
	PS_TRY(ps_alloc_zero(env, of->padded, sizeof(double), &scratch->zeroes, error));
	PS_TRY(ps_alloc_zero(env, of->padded, sizeof(double), &scratch->gradient, error));
	PS_TRY(ps_alloc(env, ps_covariance_is_matrix(of->form) ? of->width * of->width : 1, sizeof(double), &scratch->matrix, error));
	return ps_alloc(env, of->width, sizeof(bool), &scratch->dependent, error);
}

void
ps_mixture_scratch_release(const ps_env *env, ps_mixture_scratch *scratch)
{
	ps_release(env, scratch->part.log_likelihood);
	ps_release(env, scratch->sums.log_likelihood);
	ps_release(env, scratch->shares);
	ps_release(env, scratch->weighted);
	ps_release(env, scratch->squares);
	ps_release(env, scratch->zeroes);
	ps_release(env, scratch->gradient);
	ps_release(env, scratch->matrix);
	ps_release(env, scratch->dependent);
}

void
ps_scaled_distances(const double *x, size_t width, const double *mean, const double *factor, double *distances)
{
	memset(distances, 0, ROWS * sizeof(double));
	for (size_t j = 0; j < width; j++)
	{
		double		scale = factor != NULL ? factor[j] : 1;

		for (size_t i = 0; i < ROWS; i++)
		{
			double		z = (x[j * ROWS + i] - mean[j]) * scale;

			distances[i] += z * z;
		}
	}
}

/* Give all of each row to the nearest mean, the first of equal ones; distances become shares. */
static void
nearest_shares(double *distances, size_t k)
{
	for (size_t i = 0; i < ROWS; i++)
	{
		size_t		nearest = 0;

		for (size_t c = 1; c < k; c++)
			if (distances[c * ROWS + i] < distances[nearest * ROWS + i])
				nearest = c;
		for (size_t c = 0; c < k; c++)
			distances[c * ROWS + i] = c == nearest ? 1 : 0;
	}
}

ps_status
ps_mixture_shares(const ps_mixture_rows *rows, size_t tile, const ps_mixture *of, bool nearest, ps_mixture_scratch *scratch,
			double *totals, ps_error *error)
{
	const double *x = rows->tiles + tile * rows->padded * ROWS;

	for (size_t c = 0; c < of->k; c++)
	{
		double	   *share = scratch->shares + c * ROWS;
		const double *factor = of->factor + c * of->stride;

		if (nearest)
			ps_scaled_distances(x, of->width, of->mean + c * of->padded, NULL, share);
		else if (ps_covariance_is_matrix(of->form))
			rows->kernels->distances_tile(x, of->padded, factor, of->offset + c * of->padded, share);
		else
			ps_scaled_distances(x, of->width, of->mean + c * of->padded, factor, share);
		for (size_t i = 0; !nearest && i < ROWS; i++)
			share[i] = of->constant[c] - 0.5 * share[i];
		PS_TRY(ps_poll(rows->env, 0, error));
	}
	if (nearest)
		nearest_shares(scratch->shares, of->k);
	else
		rows->kernels->shares_tile(scratch->shares, of->k, totals);
	return PS_OK;
}

/* Add the rows of a tile to scratch->part; with nearest, as k-means shares them out. */
static ps_status
mixture_accumulate(const ps_mixture_rows *rows, size_t tile, const ps_mixture *of, bool nearest, ps_mixture_scratch *scratch,
				   ps_error *error)
{
	const double *x = rows->tiles + tile * rows->padded * ROWS;
	const double *weights = rows->weights + tile * ROWS;
	ps_mixture_sums *part = &scratch->part;
	double		totals[ROWS] = {0};
	double		ones[ROWS];
	bool		matrix = ps_covariance_is_matrix(of->form);

	PS_TRY(ps_mixture_shares(rows, tile, of, nearest, scratch, totals, error));
	for (size_t i = 0; i < ROWS; i++)
	{
		*part->log_likelihood += weights[i] * totals[i];
		ones[i] = 1;
	}
	for (size_t i = 0; !matrix && i < of->padded * ROWS; i++)
		scratch->squares[i] = x[i] * x[i];
	for (size_t c = 0; c < of->k; c++)
	{
		double	   *share = scratch->shares + c * ROWS;
		double	   *sum = part->sum + c * of->padded;
		double	   *product = part->product + c * of->stride;

		for (size_t i = 0; i < ROWS; i++)
			share[i] *= weights[i];

		/* least squares of 1 on the columns, from coefficients of 0, sums all that is needed */
		part->rows[c] -= 2 * rows->kernels->squares_tile(x, of->padded, ones, share, scratch->zeroes,
														 matrix && of->form != PS_TIED ? product : NULL, sum,
														 scratch->weighted);
		if (!matrix)
			rows->kernels->squares_tile(scratch->squares, of->padded, ones, share, scratch->zeroes, NULL, product,
										scratch->weighted);
		PS_TRY(ps_poll(rows->env, 0, error));
	}

	/* shares sum to 1: the products of all clusters are those of the rows, for the first one to keep */
	if (of->form == PS_TIED)
		rows->kernels->squares_tile(x, of->padded, ones, weights, scratch->zeroes, part->product, scratch->gradient,
									scratch->weighted);
	return PS_OK;
}

ps_status
ps_mixture_sum(const ps_mixture_rows *rows, const ps_mixture *of, bool nearest, ps_mixture_scratch *scratch, ps_error *error)
{
	sums_clear(&scratch->sums);
	for (size_t tile = 0; tile < rows->ntiles; tile++)
	{
		if (tile % BLOCK == 0)
			sums_clear(&scratch->part);
		PS_TRY(mixture_accumulate(rows, tile, of, nearest, scratch, error));
		if (tile % BLOCK == BLOCK - 1 || tile + 1 == rows->ntiles)
			sums_merge(&scratch->sums, &scratch->part);
	}
	return PS_OK;
}

/* Find the covariance of all rows around the means of their clusters, and give it to each cluster. */
static void
tie_covariances(const ps_mixture_sums *sums, double total, const double *least, ps_mixture *of)
{
	size_t		padded = of->padded;

	for (size_t i = 0; i < of->width; i++)
		for (size_t j = 0; j <= i; j++)
		{
			double		sum = sums->product[i * padded + j];

			for (size_t c = 0; c < of->k; c++)
				sum -= sums->rows[c] * of->mean[c * padded + i] * of->mean[c * padded + j];
			of->covariance[i * padded + j] = i == j ? fmax(sum / total, 0) + least[i] : sum / total;
		}
	for (size_t c = 1; c < of->k; c++)
		memcpy(of->covariance + c * of->stride, of->covariance, of->stride * sizeof(double));
}

ps_status
ps_mixture_advance(const ps_env *env, const ps_mixture_sums *sums, double total, const double *least, ps_mixture *of,
				   ps_error *error)
{
	bool		matrix = ps_covariance_is_matrix(of->form);

	for (size_t c = 0; c < of->k; c++)
	{
		double		rows = sums->rows[c];
		const double *product = sums->product + c * of->stride;
		double	   *mean = of->mean + c * of->padded;
		double	   *covariance = of->covariance + c * of->stride;
		double		average = 0;

		of->share[c] = fmax(rows / total, DBL_MIN);
		if (rows < 1e-6 * fmin(total, 1))
			continue;
		for (size_t j = 0; j < of->width; j++)
			mean[j] = sums->sum[c * of->padded + j] / rows;
		for (size_t i = 0; of->form != PS_TIED && i < of->width; i++)
		{
			size_t		at = matrix ? i * of->padded + i : i;

			for (size_t j = 0; matrix && j < i; j++)
				covariance[i * of->padded + j] = product[i * of->padded + j] / rows - mean[i] * mean[j];
			covariance[at] = fmax(product[at] / rows - mean[i] * mean[i], 0) + least[i];
			average += covariance[at] / (double) of->width;
		}
		for (size_t i = 0; of->form == PS_SPHERICAL && i < of->width; i++)
			covariance[i] = average;
	}
	if (of->form == PS_TIED)
		tie_covariances(sums, total, least, of);
	return of->form == PS_STRETCHED ? ps_mixture_stretch(env, sums->rows, of, error) : PS_OK;
}

ps_status
ps_mixture_iterate(const ps_mixture_rows *rows, ps_mixture *of, const double *least, int most_iterations,
				ps_mixture_scratch *scratch, int *iterations, bool *converged, ps_error *error)
{
	double		previous = -INFINITY;

	for (*iterations = 0;; (*iterations)++)
	{
		PS_TRY(ps_mixture_prepare(rows->env, of, scratch->matrix, scratch->dependent, error));
		PS_TRY(ps_mixture_sum(rows, of, false, scratch, error));
		*converged = *scratch->sums.log_likelihood - previous <= TOLERANCE * rows->total;
		if (*converged || *iterations == most_iterations)
			return PS_OK;
		previous = *scratch->sums.log_likelihood;
		PS_TRY(ps_mixture_advance(rows->env, &scratch->sums, rows->total, least, of, error));
	}
}
