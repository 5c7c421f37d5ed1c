/*-------------------------------------------------------------------------
 *
 * ps_gaussian_mixture.c
 *	  Clusters as a mixture of normal distributions.
 *
 * Rows are encoded, standardised and stored in tiles in the order of the hash
 * of their content, so that the order in which they came changes no sum: the
 * same rows give the same model to the last bit.
 *
 * The EM algorithm (Dempster, Laird and Rubin 1977) is a sum over rows: shares
 * of the clusters in each row and, weighted by them, counts, sums and products
 * of the columns.  They are accumulated a block of tiles at a time and merged.
 *
 * Each start is drawn as for k-means (k-means++), goes through a few rounds of
 * k-means and some of EM on a sample; the best goes on to all rows.  The sample
 * takes the rows whose hash of content and number of occurrence is small, and
 * one of each where few are different.
 *
 * The likelihood of a mixture has no maximum: a cluster that shrinks to a point
 * makes it infinite.  Every variance is therefore raised by a part of the
 * column's own.  For 0/1 columns the part f is such that clusters that are pure
 * in the column raise the log likelihood of a row by the column's entropy,
 * log((1 + f) / f) / 2, and no more: this is what it costs to say which of them
 * the row is in, so that no cluster forms for the sake of one such column.  The
 * columns of a text share the text's entropy.
 *
 * Clusters are numbered by their share, the largest first.
 *
 *-------------------------------------------------------------------------
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "ps_cluster_choice.h"
#include "ps_cluster_evaluate.h"
#include "ps_dense.h"
#include "ps_encode.h"
#include "ps_kernels.h"
#include "ps_learners.h"
#include "ps_random.h"
#include "ps_sort.h"
#include "ps_sum.h"

#define ROWS PS_NEWTON_ROWS
#define BLOCK 64				/* tiles that are summed apart */
#define SAMPLE_ROWS 16384
#define SHORT_ITERATIONS 15		/* of EM, for each start */
#define SAMPLE_ITERATIONS 50	/* of EM on the sample, for the best start */
#define MOST_CLUSTERS 100
#define FULL_NUMBERS 1000000	/* most numbers in the covariances of a model */
#define TOLERANCE 1e-6			/* gain in log likelihood per row at which EM stops */
#define FAR_OUT 3				/* ranges between quartiles below the lower one */
#define LOG_TWO_PI 1.8378770664093453

typedef enum covariance_form
{
	FULL,
	DIAGONAL,
	SPHERICAL
} covariance_form;

static const char *const form_names[] = {"full", "diagonal", "spherical"};

/* Encoded rows in the order of their content's hash. */
typedef struct mixture_rows
{
	const ps_env *env;
	const ps_kernels *kernels;
	size_t		count;
	size_t		width;			/* columns */
	size_t		padded;			/* width rounded up to a multiple of 4 */
	size_t		ntiles;
	double	   *tiles;			/* ntiles x padded x ROWS, 0 past the last row and column */
	double	   *weights;		/* ntiles x ROWS, 0 past the last row */
	double		total;			/* of the weights */
} mixture_rows;

/* A mixture, in standardised units. */
typedef struct mixture
{
	size_t		k;
	size_t		width;
	size_t		padded;
	covariance_form form;
	size_t		stride;			/* numbers of a covariance: padded x padded, lower triangle; or padded */
	double	   *share;			/* k */
	double	   *mean;			/* k x padded */
	double	   *covariance;		/* k x stride; the diagonal alone where the form is not full */
	double	   *factor;			/* k x stride: the inverse of the covariance's Cholesky factor */
	double	   *offset;			/* k x padded: factor times mean, where the form is full */
	double	   *constant;		/* k: log of share and of the density at the mean */
} mixture;

/* What a round of EM needs to know of the rows. */
typedef struct mixture_sums
{
	size_t		numbers;		/* in all, from log_likelihood on */
	double	   *log_likelihood; /* 1 */
	double	   *rows;			/* k: sum of shares */
	double	   *sum;			/* k x padded: of shares times columns */
	double	   *product;		/* k x stride: of shares times products of columns */
} mixture_sums;

/* Room to work in. */
typedef struct mixture_scratch
{
	mixture_sums part;
	mixture_sums sums;
	double	   *shares;			/* k x ROWS */
	double	   *weighted;		/* padded x ROWS */
	double	   *squares;		/* padded x ROWS */
	double	   *zeroes;			/* padded */
	double	   *matrix;			/* width x width */
	bool	   *dependent;		/* width */
} mixture_scratch;

/* The values of one row, ROWS apart. */
static inline double *
row_values(const mixture_rows *rows, size_t row)
{
	return rows->tiles + row / ROWS * rows->padded * ROWS + row % ROWS;
}

static size_t
padded_width(size_t width)
{
	return (width + 3) / 4 * 4;
}

static ps_status
rows_create(const ps_env *env, size_t count, size_t width, mixture_rows *rows, ps_error *error)
{
	rows->env = env;
	rows->kernels = ps_kernels_best();
	rows->count = count;
	rows->width = width;
	rows->padded = padded_width(width);
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
			const size_t *places, mixture_rows *rows, ps_error *error)
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
				double	   *out = places != NULL ? row_values(rows, places[row]) : NULL;
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
 * Take a sample of rows in the order of their hashes: all if they are few,
 * otherwise those whose hash of (content, number of occurrence) is below a
 * limit, and the first of each content where contents are few.
 */
static ps_status
sample_create(const mixture_rows *rows, const hashed_row *hashed, size_t distinct, mixture_rows *sample,
			  ps_error *error)
{
	uint64_t	limit = ps_hash_limit(SAMPLE_ROWS, rows->count);

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
			if (ps_hash_add(hashed[row].hash, occurrence) > limit && (occurrence > 1 || distinct > SAMPLE_ROWS / 4))
				continue;
			for (size_t j = 0; pass > 0 && j < rows->width; j++)
				row_values(sample, count)[j * ROWS] = row_values(rows, row)[j * ROWS];
			if (pass > 0)
				sample->total += sample->weights[count] = rows->weights[row];
			count++;
		}
		if (pass == 0)
			PS_TRY(rows_create(rows->env, count, rows->width, sample, error));
	}
	return PS_OK;
}

/*
 * Encode a frame, put the rows in order, and take a sample; *distinct is how
 * many are different, (*order)[i] the frame's row i of that order.
 */
static ps_status
rows_read(const ps_env *env, const ps_frame *frame, const ps_encoder *encoder, mixture_rows *rows,
		  mixture_rows *sample, size_t **order, size_t *distinct, ps_error *error)
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

static ps_status
mixture_create(const ps_env *env, size_t k, size_t width, covariance_form form, mixture *out, ps_error *error)
{
	size_t		padded = padded_width(width);

	*out = (mixture) {.k = k,.width = width,.padded = padded,.form = form};
	out->stride = form == FULL ? padded * padded : padded;
	PS_TRY(ps_alloc_zero(env, k, sizeof(double), &out->share, error));
	PS_TRY(ps_alloc_zero(env, k * padded, sizeof(double), &out->mean, error));
	PS_TRY(ps_alloc_zero(env, k * out->stride, sizeof(double), &out->covariance, error));
	PS_TRY(ps_alloc_zero(env, k * out->stride, sizeof(double), &out->factor, error));
	PS_TRY(ps_alloc_zero(env, k * padded, sizeof(double), &out->offset, error));
	return ps_alloc_zero(env, k, sizeof(double), &out->constant, error);
}

static void
mixture_release(const ps_env *env, mixture *old)
{
	ps_release(env, old->share);
	ps_release(env, old->mean);
	ps_release(env, old->covariance);
	ps_release(env, old->factor);
	ps_release(env, old->offset);
	ps_release(env, old->constant);
}

/* Copy the parameters that the others follow from. */
static void
mixture_copy(const mixture *from, mixture *to)
{
	memcpy(to->share, from->share, from->k * sizeof(double));
	memcpy(to->mean, from->mean, from->k * from->padded * sizeof(double));
	memcpy(to->covariance, from->covariance, from->k * from->stride * sizeof(double));
}

static ps_status
sums_create(const ps_env *env, const mixture *of, mixture_sums *sums, ps_error *error)
{
	sums->numbers = 1 + of->k * (1 + of->padded + of->stride);
	PS_TRY(ps_alloc(env, sums->numbers, sizeof(double), &sums->log_likelihood, error));
	sums->rows = sums->log_likelihood + 1;
	sums->sum = sums->rows + of->k;
	sums->product = sums->sum + of->k * of->padded;
	return PS_OK;
}

static void
sums_clear(mixture_sums *sums)
{
	memset(sums->log_likelihood, 0, sums->numbers * sizeof(double));
}

static void
sums_merge(mixture_sums *sums, const mixture_sums *other)
{
	for (size_t i = 0; i < sums->numbers; i++)
		sums->log_likelihood[i] += other->log_likelihood[i];
}

static ps_status
scratch_create(const ps_env *env, const mixture *of, mixture_scratch *scratch, ps_error *error)
{
	PS_TRY(sums_create(env, of, &scratch->part, error));
	PS_TRY(sums_create(env, of, &scratch->sums, error));
	PS_TRY(ps_alloc(env, of->k, ROWS * sizeof(double), &scratch->shares, error));
	PS_TRY(ps_alloc(env, of->padded, ROWS * sizeof(double), &scratch->weighted, error));
	PS_TRY(ps_alloc(env, of->padded, ROWS * sizeof(double), &scratch->squares, error));
	PS_TRY(ps_alloc_zero(env, of->padded, sizeof(double), &scratch->zeroes, error));
	PS_TRY(ps_alloc(env, of->form == FULL ? of->width * of->width : 1, sizeof(double), &scratch->matrix, error));
	return ps_alloc(env, of->width, sizeof(bool), &scratch->dependent, error);
}

static void
scratch_release(const ps_env *env, mixture_scratch *scratch)
{
	ps_release(env, scratch->part.log_likelihood);
	ps_release(env, scratch->sums.log_likelihood);
	ps_release(env, scratch->shares);
	ps_release(env, scratch->weighted);
	ps_release(env, scratch->squares);
	ps_release(env, scratch->zeroes);
	ps_release(env, scratch->matrix);
	ps_release(env, scratch->dependent);
}

/* Find the inverse of the Cholesky factor of a full covariance; *log_determinant is that of the covariance. */
static ps_status
invert_factor(const ps_env *env, const mixture *of, size_t c, double *lower, bool *dependent,
			  double *log_determinant, ps_error *error)
{
	size_t		width = of->width;
	size_t		rank;
	double	   *inverse = of->factor + c * of->stride;

	for (size_t i = 0; i < width; i++)
		memcpy(lower + i * width, of->covariance + c * of->stride + i * of->padded, (i + 1) * sizeof(double));
	PS_TRY(ps_cholesky(env, lower, width, 0, dependent, &rank, error));
	if (rank < width)
		return ps_fail(error, PS_NO_SOLUTION, "the covariance of a cluster is not positive definite");
	*log_determinant = 0;
	for (size_t i = 0; i < width; i++)
	{
		const double *row = lower + i * width;
		double	   *out = inverse + i * of->padded;

		*log_determinant += 2 * log(row[i]);
		memset(out, 0, width * sizeof(double));
		for (size_t m = 0; m < i; m++)
			for (size_t j = 0; j <= m; j++)
				out[j] -= row[m] * inverse[m * of->padded + j];
		for (size_t j = 0; j < i; j++)
			out[j] /= row[i];
		out[i] = 1 / row[i];
		if (i % 8 == 7)
			PS_TRY(ps_poll(env, 0, error));
	}
	return PS_OK;
}

/* Make ready to compute densities: factor, offset and constant follow from the rest. */
static ps_status
mixture_prepare(const ps_env *env, mixture *of, double *matrix, bool *dependent, ps_error *error)
{
	for (size_t c = 0; c < of->k; c++)
	{
		const double *covariance = of->covariance + c * of->stride;
		const double *mean = of->mean + c * of->padded;
		double	   *factor = of->factor + c * of->stride;
		double		log_determinant = 0;

		if (of->form == FULL)
		{
			PS_TRY(invert_factor(env, of, c, matrix, dependent, &log_determinant, error));
			for (size_t i = 0; i < of->width; i++)
			{
				double		sum = 0;

				for (size_t j = 0; j <= i; j++)
					sum += factor[i * of->padded + j] * mean[j];
				of->offset[c * of->padded + i] = sum;
			}
		}
		else
			for (size_t j = 0; j < of->width; j++)
			{
				factor[j] = 1 / sqrt(covariance[j]);
				log_determinant += log(covariance[j]);
			}
		of->constant[c] = log(of->share[c]) - 0.5 * (log_determinant + (double) of->width * LOG_TWO_PI);
	}
	return PS_OK;
}

/* Sum squares of (x - mean) times factor, or times 1 where it is NULL, over the columns of each row of a tile. */
static void
scaled_distances(const double *x, size_t width, const double *mean, const double *factor, double *distances)
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

/*
 * Compute the shares of the clusters in the rows of a tile; with nearest, as
 * k-means shares them out, otherwise totals[ROWS] receives the log densities.
 */
static ps_status
tile_shares(const mixture_rows *rows, size_t tile, const mixture *of, bool nearest, mixture_scratch *scratch,
			double *totals, ps_error *error)
{
	const double *x = rows->tiles + tile * rows->padded * ROWS;

	for (size_t c = 0; c < of->k; c++)
	{
		double	   *share = scratch->shares + c * ROWS;
		const double *factor = of->factor + c * of->stride;

		if (nearest)
			scaled_distances(x, of->width, of->mean + c * of->padded, NULL, share);
		else if (of->form == FULL)
			rows->kernels->distances_tile(x, of->padded, factor, of->offset + c * of->padded, share);
		else
			scaled_distances(x, of->width, of->mean + c * of->padded, factor, share);
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
mixture_accumulate(const mixture_rows *rows, size_t tile, const mixture *of, bool nearest, mixture_scratch *scratch,
				   ps_error *error)
{
	const double *x = rows->tiles + tile * rows->padded * ROWS;
	const double *weights = rows->weights + tile * ROWS;
	mixture_sums *part = &scratch->part;
	double		totals[ROWS] = {0};
	double		ones[ROWS];

	PS_TRY(tile_shares(rows, tile, of, nearest, scratch, totals, error));
	for (size_t i = 0; i < ROWS; i++)
	{
		*part->log_likelihood += weights[i] * totals[i];
		ones[i] = 1;
	}
	for (size_t i = 0; of->form != FULL && i < of->padded * ROWS; i++)
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
														 of->form == FULL ? product : NULL, sum, scratch->weighted);
		if (of->form != FULL)
			rows->kernels->squares_tile(scratch->squares, of->padded, ones, share, scratch->zeroes, NULL, product,
										scratch->weighted);
		PS_TRY(ps_poll(rows->env, 0, error));
	}
	return PS_OK;
}

/* Sum over all rows into scratch->sums. */
static ps_status
mixture_sum(const mixture_rows *rows, const mixture *of, bool nearest, mixture_scratch *scratch, ps_error *error)
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

/*
 * Move the clusters to the means, covariances and shares of their rows; least[]
 * is what each column's variance is raised by.  A cluster that lost its rows
 * stays where it is.
 */
static void
mixture_advance(const mixture_sums *sums, double total, const double *least, mixture *of)
{
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
		for (size_t i = 0; i < of->width; i++)
		{
			size_t		at = of->form == FULL ? i * of->padded + i : i;

			for (size_t j = 0; of->form == FULL && j < i; j++)
				covariance[i * of->padded + j] = product[i * of->padded + j] / rows - mean[i] * mean[j];
			covariance[at] = fmax(product[at] / rows - mean[i] * mean[i], 0) + least[i];
			average += covariance[at] / (double) of->width;
		}
		for (size_t i = 0; of->form == SPHERICAL && i < of->width; i++)
			covariance[i] = average;
	}
}

/*
 * EM from the parameters given until the likelihood stands still, which is
 * that of the parameters left behind.
 */
static ps_status
mixture_iterate(const mixture_rows *rows, mixture *of, const double *least, int most_iterations,
				mixture_scratch *scratch, int *iterations, bool *converged, ps_error *error)
{
	double		previous = -INFINITY;

	for (*iterations = 0;; (*iterations)++)
	{
		PS_TRY(mixture_prepare(rows->env, of, scratch->matrix, scratch->dependent, error));
		PS_TRY(mixture_sum(rows, of, false, scratch, error));
		*converged = *scratch->sums.log_likelihood - previous <= TOLERANCE * rows->total;
		if (*converged || *iterations == most_iterations)
			return PS_OK;
		previous = *scratch->sums.log_likelihood;
		mixture_advance(&scratch->sums, rows->total, least, of);
	}
}

/*
 * Draw means from the sample, each row with a probability in proportion to its
 * weight and its squared distance from those before.
 */
static ps_status
draw_means(const mixture_rows *sample, ps_random *random, double *distances, mixture *of, ps_error *error)
{
	for (size_t i = 0; i < sample->count; i++)
		distances[i] = 1;
	for (size_t c = 0; c < of->k; c++)
	{
		double	   *mean = of->mean + c * of->padded;
		double		total = 0;
		double		left;
		size_t		chosen = 0;

		for (size_t i = 0; i < sample->count; i++)
			total += distances[i] * sample->weights[i];
		left = ps_random_uniform(random) * total;

		/* the last row with a distance, should rounding lead past the end */
		for (size_t i = 0; i < sample->count && left >= 0; i++)
			if (distances[i] * sample->weights[i] > 0)
			{
				left -= distances[i] * sample->weights[i];
				chosen = i;
			}
		for (size_t j = 0; j < of->width; j++)
			mean[j] = row_values(sample, chosen)[j * ROWS];
		for (size_t tile = 0; tile < sample->ntiles; tile++)
		{
			double		nearer[ROWS];

			scaled_distances(sample->tiles + tile * sample->padded * ROWS, of->width, mean, NULL, nearer);
			for (size_t i = tile * ROWS; i < sample->count && i < (tile + 1) * ROWS; i++)
				distances[i] = c == 0 ? nearer[i % ROWS] : fmin(distances[i], nearer[i % ROWS]);
			PS_TRY(ps_poll(sample->env, 0, error));
		}
	}
	return PS_OK;
}

/* How to fit. */
typedef struct mixture_plan
{
	covariance_form form;
	int			most_iterations;
	int			starts;
	uint64_t	seed;
	const double *least;		/* variance of each column that is added */
} mixture_plan;

/* A finished fit. */
typedef struct mixture_fit
{
	mixture		mixture;
	double		log_likelihood; /* of standardised rows */
	int			iterations;
	bool		converged;
} mixture_fit;

/*
 * Fit k clusters: many starts a little way, the best one to the end (emEM,
 * Biernacki, Celeux and Govaert 2003).  A start is not refined by k-means,
 * which would cut the groups along a column that has nothing to do with them.
 */
static ps_status
mixture_fit_k(const mixture_rows *rows, const mixture_rows *sample, const mixture_plan *plan, size_t k,
			  mixture_fit *out, ps_error *error)
{
	const ps_env *env = rows->env;
	mixture		trial;
	mixture_scratch scratch;
	double	   *distances;
	double		best = -INFINITY;
	ps_random	random;

	PS_TRY(mixture_create(env, k, rows->width, plan->form, &out->mixture, error));
	PS_TRY(mixture_create(env, k, rows->width, plan->form, &trial, error));
	PS_TRY(scratch_create(env, &trial, &scratch, error));
	PS_TRY(ps_alloc(env, sample->count, sizeof(double), &distances, error));
	ps_random_seed(&random, plan->seed);

	/* one cluster has one solution */
	for (int start = 0; start < (k > 1 ? plan->starts : 1); start++)
	{
		PS_TRY(draw_means(sample, &random, distances, &trial, error));

		/* the spread of the rows nearest to each mean; where there are none, that of all */
		memset(trial.covariance, 0, k * trial.stride * sizeof(double));
		for (size_t at = 0; at < k * rows->width; at++)
			trial.covariance[at / rows->width * trial.stride +
							 at % rows->width * (plan->form == FULL ? trial.padded + 1 : 1)] = 1;
		PS_TRY(mixture_sum(sample, &trial, true, &scratch, error));
		mixture_advance(&scratch.sums, sample->total, plan->least, &trial);
		PS_TRY(mixture_iterate(sample, &trial, plan->least, SHORT_ITERATIONS, &scratch, &out->iterations,
							   &out->converged, error));
		if (*scratch.sums.log_likelihood > best)
		{
			best = *scratch.sums.log_likelihood;
			mixture_copy(&trial, &out->mixture);
		}
	}
	PS_TRY(mixture_iterate(sample, &out->mixture, plan->least, SAMPLE_ITERATIONS, &scratch, &out->iterations,
						   &out->converged, error));
	PS_TRY(mixture_iterate(rows, &out->mixture, plan->least, plan->most_iterations, &scratch, &out->iterations,
						   &out->converged, error));
	out->log_likelihood = *scratch.sums.log_likelihood;
	if (!isfinite(out->log_likelihood))
		return ps_fail(error, PS_NO_SOLUTION, "the likelihood of %d clusters is not a finite number", (int64_t) k);
	ps_release(env, distances);
	scratch_release(env, &scratch);
	mixture_release(env, &trial);
	return PS_OK;
}

/* The numbers that are estimated: shares, means and covariances. */
static double
free_parameters(const mixture *of)
{
	double		width = (double) of->width;
	double		each = of->form == FULL ? width * (width + 1) / 2 : of->form == DIAGONAL ? width : 1;

	return (double) of->k * (1 + width + each) - 1;
}

/* Write log likelihood, in the data's units, and both criteria. */
static ps_status
save_quality(const ps_env *env, const mixture_fit *fit, double log_likelihood, double rows, ps_value *object,
			 ps_error *error)
{
	double		parameters = free_parameters(&fit->mixture);

	PS_TRY(ps_value_set_number(env, object, "log_likelihood", log_likelihood, error));
	PS_TRY(ps_value_set_number(env, object, "bic", parameters * log(rows) - 2 * log_likelihood, error));
	return ps_value_set_number(env, object, "aic", 2 * parameters - 2 * log_likelihood, error);
}

/* A cluster to be numbered. */
typedef struct ranked_cluster
{
	const mixture *of;
	size_t		cluster;
} ranked_cluster;

/* Order by share, the largest first, then by the means. */
static int
compare_clusters(const void *a, const void *b)
{
	const ranked_cluster *left = a;
	const ranked_cluster *right = b;
	const mixture *of = left->of;

	if (of->share[left->cluster] != of->share[right->cluster])
		return of->share[left->cluster] > of->share[right->cluster] ? -1 : 1;
	for (size_t j = 0; j < of->width; j++)
	{
		double		difference = of->mean[left->cluster * of->padded + j] - of->mean[right->cluster * of->padded + j];

		if (difference != 0)
			return difference < 0 ? -1 : 1;
	}
	return 0;
}

/* What rows say of the clusters, in the data's units, and of what is unlike them. */
typedef struct mixture_summary
{
	double	   *mean;			/* k x width: of numbers, by share over the rows where they are known; NAN where none is */
	double	   *deviation;		/* k x width: standard deviations of the same */
	double		unlike_below;	/* log density of encoded rows */
} mixture_summary;

/*
 * Summarise the rows, in the order of their tiles: (*order)[i] is the frame's
 * row i.  The cut is the lower quartile of the log densities minus three times
 * the range between the quartiles ("far out", Tukey, Exploratory Data Analysis,
 * 1977).
 */
static ps_status
summarise(const ps_frame *frame, const ps_encoder *encoder, const mixture_rows *rows, const size_t *order,
		  const mixture *of, mixture_summary *out, ps_error *error)
{
	const ps_env *env = rows->env;
	size_t		numbers = of->k * of->width;
	mixture_scratch scratch;
	double	   *model;			/* k x width: the model's means in the data's units, NAN where no number */
	double	   *known;			/* k x width: sum of shares */
	double	   *densities;
	size_t		count = 0;
	double		lower;

	PS_TRY(scratch_create(env, of, &scratch, error));
	PS_TRY(ps_alloc_zero(env, numbers, sizeof(double), &out->mean, error));
	PS_TRY(ps_alloc_zero(env, numbers, sizeof(double), &out->deviation, error));
	PS_TRY(ps_alloc(env, numbers, sizeof(double), &model, error));
	PS_TRY(ps_alloc_zero(env, numbers, sizeof(double), &known, error));
	PS_TRY(ps_alloc(env, rows->count, sizeof(double), &densities, error));
	for (size_t at = 0; at < numbers; at++)
	{
		size_t		j = at % of->width;
		const char *name;
		const char *level;

		model[at] = ps_encode_term(encoder, j, &name, &level) != PS_ENCODE_VALUE ? (double) NAN :
			ps_encode_inverse(encoder, j, of->mean[at / of->width * of->padded + j]);
	}
	for (size_t tile = 0; tile < rows->ntiles; tile++)
	{
		double		totals[ROWS];

		PS_TRY(tile_shares(rows, tile, of, false, &scratch, totals, error));
		for (size_t i = 0; i < ROWS && tile * ROWS + i < rows->count; i++)
		{
			double		weight = rows->weights[tile * ROWS + i];

			if (weight > 0)
				densities[count++] = totals[i];
			for (size_t j = 0; j < of->width; j++)
			{
				double		x = isnan(model[j]) ? (double) NAN : ps_encode_number(encoder, frame, j, order[tile * ROWS + i]);

				for (size_t c = 0; !isnan(x) && c < of->k; c++)
				{
					/* as distances from the model's mean: large numbers that vary little would cancel */
					double		distance = x - model[c * of->width + j];
					double		share = weight * scratch.shares[c * ROWS + i];

					known[c * of->width + j] += share;
					out->mean[c * of->width + j] += share * distance;
					out->deviation[c * of->width + j] += share * distance * distance;
				}
			}
		}
	}
	for (size_t at = 0; at < numbers; at++)
	{
		double		distance = out->mean[at] / known[at];

		out->deviation[at] = sqrt(fmax(out->deviation[at] / known[at] - distance * distance, 0));
		out->mean[at] = model[at] + distance;
	}
	PS_TRY(ps_sort_numbers(env, densities, count, error));
	lower = densities[count / 4];
	out->unlike_below = lower - FAR_OUT * (densities[count - 1 - count / 4] - lower);
	scratch_release(env, &scratch);
	ps_release(env, model);
	ps_release(env, known);
	ps_release(env, densities);
	return PS_OK;
}

/* Write means and standard deviations of a cluster in the data's units. */
static ps_status
save_spread(const ps_env *env, const ps_encoder *encoder, const mixture *of, const mixture_summary *summary, size_t c,
			ps_value *cluster, ps_error *error)
{
	ps_value   *means;
	ps_value   *deviations;

	PS_TRY(ps_value_set_object(env, cluster, "means", &means, error));
	PS_TRY(ps_value_set_object(env, cluster, "standard_deviations", &deviations, error));
	for (size_t j = 0; j < encoder->width; j++)
	{
		double		variance = of->covariance[c * of->stride + (of->form == FULL ? j * of->padded + j : j)];
		double		mean = encoder->mean[j] + encoder->scale[j] * of->mean[c * of->padded + j];
		double		deviation = encoder->scale[j] * sqrt(variance);
		char		text[200];
		const char *name;
		const char *level;

		if (ps_encode_term(encoder, j, &name, &level) == PS_ENCODE_VALUE)
		{
			ps_format(text, sizeof(text), "%s", name);
			mean = summary->mean[c * of->width + j];
			deviation = summary->deviation[c * of->width + j];
		}
		else
			ps_encode_term_text(encoder, j, text, sizeof(text));
		PS_TRY(ps_value_set_number(env, means, text, mean, error));
		PS_TRY(ps_value_set_number(env, deviations, text, deviation, error));
	}
	return PS_OK;
}

/* How many numbers a saved covariance has: the lower triangle, the diagonal, or the one variance. */
static size_t
saved_numbers(covariance_form form, size_t width)
{
	return form == FULL ? width * (width + 1) / 2 : form == DIAGONAL ? width : 1;
}

static ps_status
save_clusters(const ps_env *env, const ps_encoder *encoder, const mixture *of, const mixture_summary *summary,
			  ps_value *parameters, ps_error *error)
{
	ranked_cluster *ranked;
	double	   *packed;
	ps_value   *list;

	PS_TRY(ps_alloc(env, of->k, sizeof(*ranked), &ranked, error));
	for (size_t c = 0; c < of->k; c++)
		ranked[c] = (ranked_cluster) {of, c};
	PS_TRY(ps_sort(env, ranked, of->k, sizeof(*ranked), compare_clusters, error));
	PS_TRY(ps_alloc(env, saved_numbers(of->form, of->width), sizeof(double), &packed, error));
	PS_TRY(ps_value_set_list(env, parameters, "clusters", &list, error));
	for (size_t rank = 0; rank < of->k; rank++)
	{
		size_t		c = ranked[rank].cluster;
		const double *covariance = of->covariance + c * of->stride;
		ps_value   *cluster;

		if (of->form != FULL)
			memcpy(packed, covariance, saved_numbers(of->form, of->width) * sizeof(double));
		for (size_t i = 0; of->form == FULL && i < of->width; i++)
			memcpy(packed + i * (i + 1) / 2, covariance + i * of->padded, (i + 1) * sizeof(double));
		PS_TRY(ps_value_append_object(env, list, &cluster, error));
		PS_TRY(ps_value_set_number(env, cluster, "cluster", (double) (rank + 1), error));
		PS_TRY(ps_value_set_number(env, cluster, "share", of->share[c], error));
		PS_TRY(save_spread(env, encoder, of, summary, c, cluster, error));
		PS_TRY(ps_value_set_numbers(env, cluster, "center", of->mean + c * of->padded, of->width, error));
		PS_TRY(ps_value_set_numbers(env, cluster, "covariance", packed, saved_numbers(of->form, of->width), error));
		PS_TRY(ps_poll(env, 0, error));
	}
	return PS_OK;
}

/* Say by how much each column's variance is raised, as a part of its own. */
static ps_status
least_variances(const ps_env *env, const ps_frame *frame, const ps_encoder *encoder, double regularisation,
				double **out, ps_error *error)
{
	PS_TRY(ps_alloc(env, encoder->width, sizeof(double), out, error));
	for (size_t j = 0; j < encoder->width; j++)
	{
		ps_type		type = ps_frame_column(frame, encoder->origin[j])->type;
		double		share = fmin(fmax(encoder->mean[j], DBL_EPSILON), 1 - DBL_EPSILON);
		double		entropy = -share * log(share);
		const char *name;
		const char *level;
		ps_encode_kind kind = ps_encode_term(encoder, j, &name, &level);

		if (kind == PS_ENCODE_VALUE && type != PS_TYPE_BOOLEAN)
		{
			(*out)[j] = regularisation;
			continue;
		}

		/* a yes or no by itself, not one of the columns that make up a text */
		if (kind == PS_ENCODE_VALUE || (kind == PS_ENCODE_NULL && type != PS_TYPE_TEXT))
			entropy -= (1 - share) * log1p(-share);
		(*out)[j] = fmax(1 / expm1(2 * entropy), regularisation);
	}
	return PS_OK;
}

/* Sum over the rows what their log densities need to be in the data's units. */
static ps_status
sum_log_slopes(const ps_env *env, const ps_frame *frame, const ps_encoder *encoder, double *out, ps_error *error)
{
	ps_sum		sum = {0, 0};
	ps_cell    *cells;

	PS_TRY(ps_alloc(env, ps_frame_columns(frame), sizeof(*cells), &cells, error));
	for (size_t row = 0; row < ps_frame_rows(frame); row++)
	{
		ps_frame_row(frame, row, cells);
		ps_sum_add(&sum, ps_frame_weight(frame, row) * ps_encode_log_slope(encoder, cells));
		if (row % 256 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	ps_release(env, cells);
	*out = ps_sum_value(&sum);
	return PS_OK;
}

static covariance_form
form_of_name(const char *name)
{
	for (int form = FULL; form < SPHERICAL; form++)
		if (strcmp(name, form_names[form]) == 0)
			return (covariance_form) form;
	return SPHERICAL;
}

static ps_status
gaussian_mixture_learn(const ps_env *env, const ps_frame *frame, const ps_value *options,
					   ps_value *parameters, ps_value *notes, ps_error *error)
{
	bool		automatic = ps_value_get(options, "k") == NULL;
	size_t		k = (size_t) ps_value_number_or(options, "k", 0);
	size_t		k_max = k;
	mixture_plan plan = {
		.form = form_of_name(ps_value_text_or(options, "covariance", "full")),
		.most_iterations = (int) ps_value_number_or(options, "iterations", 300),
		.starts = (int) ps_value_number_or(options, "starts", 20),
		.seed = (uint64_t) ps_value_number_or(options, "seed", 0)
	};
	ps_encoder *encoder;
	mixture_rows rows;
	mixture_rows sample;
	size_t	   *order;
	size_t		distinct;
	double		log_unit;
	double	   *least;
	mixture_fit best;
	mixture_summary summary;
	double		best_bic = INFINITY;
	ps_value   *candidates = NULL;
	ps_value   *saved;

	if (automatic)
		PS_TRY(ps_candidates_range(options, &k, &k_max, error));
	PS_TRY(ps_encode_fit_prepared(env, frame, options, false, &encoder, notes, error));
	if (k_max * saved_numbers(plan.form, encoder->width) > FULL_NUMBERS)
	{
		ps_fail(error, PS_INVALID_DATA, "%d columns are too many for the full covariances of %d clusters",
				(int64_t) encoder->width, (int64_t) k_max);
		return ps_hint(error, "Set the option \"covariance\" to \"diagonal\", exclude columns or ask for fewer clusters.");
	}
	PS_TRY(least_variances(env, frame, encoder, ps_value_number_or(options, "regularisation", 1e-4), &least, error));
	plan.least = least;
	PS_TRY(rows_read(env, frame, encoder, &rows, &sample, &order, &distinct, error));
	if (distinct < k)
	{
		ps_fail(error, PS_TOO_LITTLE_DATA, "cannot make %d clusters of rows of which only %d are different",
				(int64_t) k, (int64_t) distinct);
		return ps_hint(error, "Ask for fewer clusters by the option \"%s\".", automatic ? "k_min" : "k");
	}

	PS_TRY(sum_log_slopes(env, frame, encoder, &log_unit, error));
	if (automatic)
		PS_TRY(ps_value_list(env, &candidates, error));
	for (size_t candidate = k; candidate <= k_max && candidate <= distinct; candidate++)
	{
		mixture_fit fit;
		double		bic;

		PS_TRY(mixture_fit_k(&rows, &sample, &plan, candidate, &fit, error));
		bic = free_parameters(&fit.mixture) * log(rows.total) - 2 * fit.log_likelihood;
		if (automatic)
		{
			ps_value   *row;

			PS_TRY(ps_value_append_object(env, candidates, &row, error));
			PS_TRY(ps_value_set_number(env, row, "k", (double) candidate, error));
			PS_TRY(save_quality(env, &fit, fit.log_likelihood + log_unit, rows.total, row, error));
		}
		if (bic < best_bic)
		{
			if (candidate > k)
				mixture_release(env, &best.mixture);
			best = fit;
			best_bic = bic;
		}
		else
			mixture_release(env, &fit.mixture);
	}
	if (automatic)
		PS_TRY(ps_note(env, notes, error, "%d clusters have the lowest BIC of %d to %d", (int64_t) best.mixture.k,
					   (int64_t) k, (int64_t) (k_max < distinct ? k_max : distinct)));
	if (!best.converged)
		PS_TRY(ps_note(env, notes, error, "the likelihood was still rising after %d iterations",
					   (int64_t) plan.most_iterations));

	PS_TRY(ps_value_set_text(env, parameters, "status", best.converged ? "converged" : "not_converged", error));
	PS_TRY(ps_value_set_number(env, parameters, "iterations", best.iterations, error));
	PS_TRY(save_quality(env, &best, best.log_likelihood + log_unit, rows.total, parameters, error));
	if (automatic)
		PS_TRY(ps_value_set(env, parameters, "candidates", candidates, error));
	PS_TRY(ps_value_set_text(env, parameters, "covariance", form_names[plan.form], error));
	PS_TRY(summarise(frame, encoder, &rows, order, &best.mixture, &summary, error));
	PS_TRY(ps_value_set_number(env, parameters, "unlike_below", summary.unlike_below, error));
	PS_TRY(save_clusters(env, encoder, &best.mixture, &summary, parameters, error));
	PS_TRY(ps_value_set_object(env, parameters, "encoder", &saved, error));
	return ps_encode_save(env, encoder, saved, error);
}

/* A model ready to score. */
typedef struct gaussian_mixture_model
{
	ps_encoder *encoder;
	mixture		mixture;
	double		unlike_below;	/* log density of encoded rows; NAN where not known */
} gaussian_mixture_model;

/* Read one cluster into a mixture. */
static ps_status
load_cluster(const ps_value *value, mixture *of, size_t c, ps_error *error)
{
	double	   *covariance = of->covariance + c * of->stride;
	const double *mean;
	const double *saved;

	PS_TRY(ps_value_need_number(value, "share", &of->share[c], error));
	if (!(of->share[c] > 0 && of->share[c] <= 1))
		return ps_fail(error, PS_CORRUPT, "the share of a cluster is %g", of->share[c]);
	PS_TRY(ps_value_need_numbers(value, "center", of->width, &mean, error));
	memcpy(of->mean + c * of->padded, mean, of->width * sizeof(double));
	PS_TRY(ps_value_need_numbers(value, "covariance", saved_numbers(of->form, of->width), &saved, error));
	for (size_t i = 0; i < of->width; i++)
	{
		double		variance = saved[of->form == FULL ? i * (i + 1) / 2 + i : of->form == DIAGONAL ? i : 0];

		if (!(variance > 0))
			return ps_fail(error, PS_CORRUPT, "a variance of a cluster is %g", variance);
		if (of->form == FULL)
			memcpy(covariance + i * of->padded, saved + i * (i + 1) / 2, (i + 1) * sizeof(double));
		else
			covariance[i] = variance;
	}
	return PS_OK;
}

static ps_status
gaussian_mixture_load(const ps_env *env, const ps_value *parameters, const ps_input *inputs, size_t ninputs,
					  void **state, ps_error *error)
{
	gaussian_mixture_model *model;
	const ps_value *value;
	covariance_form form;
	double	   *matrix;
	bool	   *dependent;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*model), &model, error));
	PS_TRY(ps_value_need(parameters, "encoder", PS_OBJECT, &value, error));
	PS_TRY(ps_encode_load(env, value, inputs, ninputs, &model->encoder, error));
	if (model->encoder->reference_dropped || model->encoder->width == 0)
		return ps_fail(error, PS_CORRUPT, "the encoder is not one for clusters");
	PS_TRY(ps_value_need(parameters, "covariance", PS_STRING, &value, error));
	form = form_of_name(value->text);
	if (strcmp(value->text, form_names[form]) != 0)
		return ps_fail(error, PS_CORRUPT, "there is no covariance \"%s\"", value->text);
	model->unlike_below = NAN;
	if (ps_value_get(parameters, "unlike_below") != NULL)
		PS_TRY(ps_value_need_number(parameters, "unlike_below", &model->unlike_below, error));
	PS_TRY(ps_value_need(parameters, "clusters", PS_LIST, &value, error));
	if (value->count < 1 || value->count > MOST_CLUSTERS ||
		value->count * saved_numbers(form, model->encoder->width) > FULL_NUMBERS)
		return ps_fail(error, PS_CORRUPT, "there are %d clusters of %d columns", (int64_t) value->count,
					   (int64_t) model->encoder->width);
	PS_TRY(mixture_create(env, value->count, model->encoder->width, form, &model->mixture, error));
	for (size_t c = 0; c < value->count; c++)
		PS_TRY(load_cluster(value->items[c], &model->mixture, c, error));
	PS_TRY(ps_alloc(env, form == FULL ? model->encoder->width * model->encoder->width : 1, sizeof(double), &matrix, error));
	PS_TRY(ps_alloc(env, model->encoder->width, sizeof(bool), &dependent, error));
	if (mixture_prepare(env, &model->mixture, matrix, dependent, error) != PS_OK)
	{
		if (error->status == PS_NO_SOLUTION)
			error->status = PS_CORRUPT;
		return error->status;
	}
	ps_release(env, matrix);
	ps_release(env, dependent);
	*state = model;
	return PS_OK;
}

/* The inner product, in four sums that do not wait for each other. */
static double
product_of(const double *a, const double *b, size_t width)
{
	double		sums[4] = {0, 0, 0, 0};
	size_t		j = 0;

	for (; j + 4 <= width; j += 4)
		for (size_t i = 0; i < 4; i++)
			sums[i] += a[j + i] * b[j + i];
	for (; j < width; j++)
		sums[0] += a[j] * b[j];
	return sums[0] + sums[1] + sums[2] + sums[3];
}

/*
 * The squared distance of a row from a cluster, in the cluster's own spread.
 * standard receives the coordinates it is the sum of squares of.
 */
static double
distance_of(const mixture *of, size_t c, const double *x, double *standard)
{
	const double *mean = of->mean + c * of->padded;
	const double *factor = of->factor + c * of->stride;
	double		difference[PS_ENCODE_COLUMNS];
	double		sum = 0;

	for (size_t j = 0; j < of->width; j++)
		difference[j] = x[j] - mean[j];
	for (size_t j = 0; j < of->width; j++)
	{
		standard[j] = of->form == FULL ? product_of(factor + j * of->padded, difference, j + 1) :
			difference[j] * factor[j];
		sum += standard[j] * standard[j];
	}
	return sum;
}

/* A row among the clusters. */
typedef struct mixture_place
{
	double		x[PS_ENCODE_COLUMNS];	/* the row, standardised */
	double		standard[PS_ENCODE_COLUMNS];	/* room to work in */
	double		logs[MOST_CLUSTERS];	/* log of share times density */
	double		total;			/* log of their sum */
	size_t		best;			/* the most likely cluster, from 0 */
	size_t		next;			/* and the next; the same where there is only one */
} mixture_place;

/* Find the place of a row; of equally likely clusters the first. */
static ps_status
find_place(const gaussian_mixture_model *model, const ps_cell *cells, mixture_place *place, ps_error *error)
{
	const mixture *of = &model->mixture;
	double		sum = 0;

	PS_TRY(ps_encode_row(model->encoder, cells, place->x, error));
	place->best = 0;
	for (size_t c = 0; c < of->k; c++)
	{
		place->logs[c] = of->constant[c] - 0.5 * distance_of(of, c, place->x, place->standard);
		if (!isfinite(place->logs[c]))
			return ps_fail(error, PS_INVALID_DATA, "the numbers of the row are too large to compute with");
		if (place->logs[c] > place->logs[place->best])
			place->best = c;
	}
	place->next = place->best == 0 && of->k > 1 ? 1 : 0;
	for (size_t c = 0; c < of->k; c++)
	{
		if (c != place->best && place->logs[c] > place->logs[place->next])
			place->next = c;
		sum += exp(place->logs[c] - place->logs[place->best]);
	}
	place->total = place->logs[place->best] + log(sum);
	return PS_OK;
}

/*
 * The number of the most likely cluster or of the next, 1..k, or the
 * probabilities of all; how far the row is from the mean of the most likely
 * one, in its own standard deviations; whether its density is below the cut.
 */
static ps_status
gaussian_mixture_answer(const ps_env *env, const void *state, ps_question question, const ps_cell *cells,
						const ps_request *request, ps_answer *answer, ps_error *error)
{
	const gaussian_mixture_model *model = state;
	mixture_place place;

	(void) request;
	PS_TRY(find_place(model, cells, &place, error));
	answer->null = false;
	answer->number = (double) (place.best + 1);
	if (question == PS_ASK_SECOND_CLUSTER)
	{
		answer->null = place.next == place.best;
		answer->number = (double) (place.next + 1);
	}
	else if (question == PS_ASK_CLUSTER_DISTANCE)
		answer->number = sqrt(distance_of(&model->mixture, place.best, place.x, place.standard));
	else if (question == PS_ASK_UNLIKE)
	{
		answer->null = isnan(model->unlike_below);
		answer->number = place.total < model->unlike_below ? 1 : 0;
	}
	else if (question == PS_ASK_CLUSTERS)
	{
		double	   *numbers;

		PS_TRY(ps_alloc(env, model->mixture.k, sizeof(double), &numbers, error));
		for (size_t c = 0; c < model->mixture.k; c++)
			numbers[c] = exp(place.logs[c] - place.total);
		answer->count = model->mixture.k;
		answer->numbers = numbers;
	}
	return PS_OK;
}

/*
 * Add factor times what each column adds to the squared distance from a
 * cluster, z_j (C^-1 z)_j, where z is the row minus the mean.
 */
static void
add_distance_parts(const gaussian_mixture_model *model, size_t c, double factor, mixture_place *place,
				   double *contributions)
{
	const mixture *of = &model->mixture;
	const double *inverse = of->factor + c * of->stride;

	distance_of(of, c, place->x, place->standard);
	for (size_t j = 0; j < of->width; j++)
	{
		double		gradient = 0;

		for (size_t i = j; of->form == FULL && i < of->width; i++)
			gradient += inverse[i * of->padded + j] * place->standard[i];
		if (of->form != FULL)
			gradient = inverse[j] * place->standard[j];
		contributions[model->encoder->origin[j]] += factor * gradient * (place->x[j] - of->mean[c * of->padded + j]);
	}
}

/*
 * Contributions to how much likelier the cluster is than the next one, as the
 * logarithm of the ratio of their probabilities; the baseline is that of their
 * shares and sizes.  A single cluster has nothing to be told from: all is 0.
 */
static ps_status
gaussian_mixture_explain(const ps_env *env, const void *state, const ps_cell *cells, double *baseline,
						 double *contributions, ps_error *error)
{
	const gaussian_mixture_model *model = state;
	const double *constant = model->mixture.constant;
	mixture_place place;

	(void) env;
	PS_TRY(find_place(model, cells, &place, error));
	if (place.next == place.best)
		return PS_OK;
	*baseline += constant[place.best] - constant[place.next];
	add_distance_parts(model, place.next, 0.5, &place, contributions);
	add_distance_parts(model, place.best, -0.5, &place, contributions);
	return PS_OK;
}

/* A ps_cluster_place. */
static ps_status
place_row(const void *state, const ps_cell *cells, double *x, size_t *cluster, ps_error *error)
{
	const gaussian_mixture_model *model = state;
	mixture_place place;

	PS_TRY(find_place(model, cells, &place, error));
	memcpy(x, place.x, model->encoder->width * sizeof(double));
	*cluster = place.best;
	return PS_OK;
}

/* Loss: minus the mean log likelihood of a row, in the data's units. */
static ps_status
gaussian_mixture_evaluate(const ps_env *env, const void *state, const ps_frame *frame,
						  ps_value *metrics, double *loss, ps_error *error)
{
	const gaussian_mixture_model *model = state;
	size_t		rows = ps_frame_rows(frame);
	double		total = 0;
	double		weights = 0;
	ps_cell    *cells;

	PS_TRY(ps_alloc(env, ps_frame_columns(frame), sizeof(*cells), &cells, error));
	for (size_t row = 0; row < rows; row++)
	{
		mixture_place place;

		ps_frame_row(frame, row, cells);
		PS_TRY(find_place(model, cells, &place, error));
		total += ps_frame_weight(frame, row) * (place.total + ps_encode_log_slope(model->encoder, cells));
		weights += ps_frame_weight(frame, row);
		if (row % 16 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	if (!(weights > 0))
		return ps_fail(error, PS_TOO_LITTLE_DATA, "there are no rows to evaluate on");
	*loss = -total / weights;
	PS_TRY(ps_value_set_number(env, metrics, "rows", (double) rows, error));
	PS_TRY(ps_value_set_number(env, metrics, "log_likelihood", total, error));
	PS_TRY(ps_value_set_number(env, metrics, "mean_log_likelihood", -*loss, error));
	return ps_cluster_measure(env, frame, place_row, model, model->encoder->width, model->mixture.k, metrics, error);
}

static const ps_option gaussian_mixture_options[] = {
	{"k", PS_OPTION_INTEGER, NAN, 1, MOST_CLUSTERS, NULL, "Number of clusters; without it, the number from k_min to k_max with the lowest BIC."},
	{"k_min", PS_OPTION_INTEGER, 1, 1, MOST_CLUSTERS, NULL, "Fewest clusters tried where k is not given."},
	{"k_max", PS_OPTION_INTEGER, 10, 1, MOST_CLUSTERS, NULL, "Most clusters tried where k is not given."},
	{"covariance", PS_OPTION_TEXT, NAN, 0, 0, "full diagonal spherical", "Shape of the clusters."},
	{"regularisation", PS_OPTION_NUMBER, 1e-4, 1e-9, 1, NULL, "What is added to the variance of a number in each cluster, as a part of its variance over all."},
	PS_ENCODE_TRANSFORM,
	{"iterations", PS_OPTION_INTEGER, 300, 1, 100000, NULL, "Passes over the rows at most."},
	{"starts", PS_OPTION_INTEGER, 20, 1, 1000, NULL, "Random starts tried on a sample of up to about 16,000 rows."},
	{0}
};

const ps_learner ps_learner_gaussian_mixture = {
	.name = "gaussian_mixture",
	.kind = "cluster",
	.answers = 1u << PS_ASK_SCORE | 1u << PS_ASK_CLUSTER | 1u << PS_ASK_CLUSTERS |
		1u << PS_ASK_CLUSTER_DISTANCE | 1u << PS_ASK_SECOND_CLUSTER | 1u << PS_ASK_UNLIKE,
	.comparison = PS_COMPARE_NEVER,
	.options = gaussian_mixture_options,
	.choose = ps_choose_features,
	.fit = gaussian_mixture_learn,
	.load = gaussian_mixture_load,
	.answer = gaussian_mixture_answer,
	.evaluate = gaussian_mixture_evaluate,
	.explain = gaussian_mixture_explain
};
