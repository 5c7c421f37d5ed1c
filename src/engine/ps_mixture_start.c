/*-------------------------------------------------------------------------
 *
 * ps_mixture_start.c
 *	  Where EM begins: the rows cut into small pieces, joined into clusters.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_dense.h"
#include "ps_mixture_start.h"

#define ROWS PS_NEWTON_ROWS
#define ROUNDS 4				/* of k-means, for pieces */
#define WIDE 32					/* most columns whose products pieces know */
#define UNIT_ROUNDS 5			/* until the units of stretched clusters are about right */

/*
 * Draw means from the rows, each row with a probability in proportion to its
 * weight and its squared distance from those before.
 */
static ps_status
draw_means(const ps_mixture_rows *rows, ps_random *random, double *distances, ps_mixture *of, ps_error *error)
{
	for (size_t i = 0; i < rows->count; i++)
		distances[i] = 1;
	for (size_t c = 0; c < of->k; c++)
	{
		double	   *mean = of->mean + c * of->padded;
		double		total = 0;
		double		left;
		size_t		chosen = 0;

		for (size_t i = 0; i < rows->count; i++)
			total += distances[i] * rows->weights[i];
		left = ps_random_uniform(random) * total;

		/* the last row with a distance, should rounding lead past the end */
		for (size_t i = 0; i < rows->count && left >= 0; i++)
			if (distances[i] * rows->weights[i] > 0)
			{
				left -= distances[i] * rows->weights[i];
				chosen = i;
			}
		for (size_t j = 0; j < of->width; j++)
			mean[j] = ps_mixture_row(rows, chosen)[j * ROWS];
		for (size_t tile = 0; tile < rows->ntiles; tile++)
		{
			double		nearer[ROWS];

			ps_scaled_distances(rows->tiles + tile * rows->padded * ROWS, of->width, mean, NULL, nearer);
			for (size_t i = tile * ROWS; i < rows->count && i < (tile + 1) * ROWS; i++)
				distances[i] = c == 0 ? nearer[i % ROWS] : fmin(distances[i], nearer[i % ROWS]);
			PS_TRY(ps_poll(rows->env, 0, error));
		}
	}
	return PS_OK;
}

ps_status
ps_mixture_cut(const ps_mixture_rows *rows, size_t count, bool matrix, ps_random *random, ps_mixture_pieces *out,
			   ps_error *error)
{
	const ps_env *env = rows->env;
	ps_mixture	rough;
	ps_mixture_scratch scratch;
	double	   *distances;

	/* rounds of k-means need no products */
	PS_TRY(ps_mixture_create(env, count, rows->width, PS_SPHERICAL, &rough, error));
	PS_TRY(ps_mixture_scratch_create(env, &rough, &scratch, error));
	PS_TRY(ps_alloc(env, rows->count, sizeof(double), &distances, error));
	PS_TRY(draw_means(rows, random, distances, &rough, error));
	for (int round = 0; round < ROUNDS; round++)
	{
		PS_TRY(ps_mixture_sum(rows, &rough, true, &scratch, error));
		for (size_t c = 0; c < count; c++)
			for (size_t j = 0; scratch.sums.rows[c] > 0 && j < rows->width; j++)
				rough.mean[c * rough.padded + j] = scratch.sums.sum[c * rough.padded + j] / scratch.sums.rows[c];
	}
	PS_TRY(ps_mixture_create(env, count, rows->width, matrix && rows->width <= WIDE ? PS_FULL : PS_DIAGONAL,
							 &out->mixture, error));
	PS_TRY(ps_mixture_scratch_create(env, &out->mixture, &out->scratch, error));
	memcpy(out->mixture.mean, rough.mean, count * rough.padded * sizeof(double));
	PS_TRY(ps_mixture_sum(rows, &out->mixture, true, &out->scratch, error));
	ps_release(env, distances);
	ps_mixture_scratch_release(env, &scratch);
	ps_mixture_release(env, &rough);
	return PS_OK;
}

void
ps_mixture_pieces_release(const ps_env *env, ps_mixture_pieces *pieces)
{
	ps_mixture_scratch_release(env, &pieces->scratch);
	ps_mixture_release(env, &pieces->mixture);
}

/* Sums of pieces that are being joined. */
typedef struct joiner
{
	const ps_env *env;
	ps_covariance_form form;	/* what a cluster costs is judged by: full, diagonal or spherical */
	const double *least;
	size_t		count;			/* pieces */
	size_t		width;
	size_t		padded;
	size_t		stride;			/* of products */
	bool		products;		/* are all products of columns known, or only squares? */
	double	   *rows;			/* count, and one more: room for two that may be joined */
	double	   *sum;			/* (count + 1) x padded */
	double	   *product;		/* (count + 1) x stride */
	double	   *cost;			/* count */
	double	   *loss;			/* count x count: what a join adds to the costs; the lower triangle */
	bool	   *gone;			/* count: part of another piece */
	double	   *prior;			/* stride: the covariance within the pieces */
	double		prior_rows;		/* rows that the prior counts as */
	double	   *matrix;			/* width x width */
	bool	   *dependent;		/* width */
} joiner;

/* Find the covariance of rows around the means of their pieces. */
static void
pool_pieces(joiner *of, double total)
{
	for (size_t c = 0; c < of->count; c++)
		for (size_t i = 0; of->rows[c] > 0 && i < of->width; i++)
			for (size_t j = of->products ? 0 : i; j <= i; j++)
			{
				size_t		at = of->products ? i * of->padded + j : i;
				double		product = of->sum[c * of->padded + i] * of->sum[c * of->padded + j] / of->rows[c];

				of->prior[at] += (of->product[c * of->stride + at] - product) / total;
			}
}

static ps_status
joiner_create(const ps_mixture_rows *rows, const ps_mixture_pieces *pieces, ps_covariance_form form,
			  const double *least, joiner *out, ps_error *error)
{
	const ps_mixture *mixture = &pieces->mixture;
	const ps_mixture_sums *sums = &pieces->scratch.sums;

	*out = (joiner) {.env = rows->env,.least = least,.count = mixture->k,.width = mixture->width,
	.padded = mixture->padded,.stride = mixture->stride,.products = mixture->form == PS_FULL};
	out->form = !ps_covariance_is_matrix(form) ? form : out->products ? PS_FULL : PS_DIAGONAL;

	/* as many as make a covariance of this form regular, and some more */
	out->prior_rows = (double) ((out->form == PS_FULL ? out->width : 0) + 2);
	PS_TRY(ps_alloc(out->env, out->count + 1, sizeof(double), &out->rows, error));
	PS_TRY(ps_alloc(out->env, out->count + 1, out->padded * sizeof(double), &out->sum, error));
	PS_TRY(ps_alloc(out->env, out->count + 1, out->stride * sizeof(double), &out->product, error));
	PS_TRY(ps_alloc_zero(out->env, out->count, sizeof(double), &out->cost, error));
	PS_TRY(ps_alloc(out->env, out->count, out->count * sizeof(double), &out->loss, error));
	PS_TRY(ps_alloc_zero(out->env, out->count, sizeof(bool), &out->gone, error));
	PS_TRY(ps_alloc_zero(out->env, out->stride, sizeof(double), &out->prior, error));
	PS_TRY(ps_alloc(out->env, out->products ? out->width * out->width : 1, sizeof(double), &out->matrix, error));
	PS_TRY(ps_alloc(out->env, out->width, sizeof(bool), &out->dependent, error));
	memcpy(out->rows, sums->rows, out->count * sizeof(double));
	memcpy(out->sum, sums->sum, out->count * out->padded * sizeof(double));
	memcpy(out->product, sums->product, out->count * out->stride * sizeof(double));
	pool_pieces(out, rows->total);
	return PS_OK;
}

static void
joiner_release(joiner *old)
{
	ps_release(old->env, old->rows);
	ps_release(old->env, old->sum);
	ps_release(old->env, old->product);
	ps_release(old->env, old->cost);
	ps_release(old->env, old->loss);
	ps_release(old->env, old->gone);
	ps_release(old->env, old->prior);
	ps_release(old->env, old->matrix);
	ps_release(old->env, old->dependent);
}

/*
 * Compute minus twice the log likelihood of a piece as a cluster of its own, but
 * for what is the same for all ways to join: n (log |C| - 2 log n).  C is drawn
 * towards the covariance within all pieces, since that of a few rows would be
 * singular.
 */
static ps_status
cost_of(joiner *of, size_t piece, double *cost, ps_error *error)
{
	double		rows = of->rows[piece];
	const double *sum = of->sum + piece * of->padded;
	const double *product = of->product + piece * of->stride;
	double		weight = rows + of->prior_rows;
	double		log_determinant = 0;
	double		average = 0;

	*cost = 0;
	if (!(rows > 0))
		return PS_OK;
	for (size_t i = 0; i < of->width; i++)
	{
		size_t		at = of->products ? i * of->padded + i : i;
		double		square = fmax(product[at] - sum[i] * sum[i] / rows, 0);
		double		variance = (square + of->prior_rows * of->prior[at]) / weight + of->least[i];

		for (size_t j = 0; of->form == PS_FULL && j < i; j++)
			of->matrix[i * of->width + j] = (product[i * of->padded + j] - sum[i] * sum[j] / rows +
											 of->prior_rows * of->prior[i * of->padded + j]) / weight;
		if (of->form == PS_FULL)
			of->matrix[i * of->width + i] = variance;
		else if (of->form == PS_DIAGONAL)
			log_determinant += log(variance);
		average += variance / (double) of->width;
	}
	if (of->form == PS_FULL)
	{
		size_t		rank;

		PS_TRY(ps_cholesky(of->env, of->matrix, of->width, 0, of->dependent, &rank, error));
		for (size_t i = 0; i < of->width; i++)
			log_determinant += fmax(2 * log(of->matrix[i * of->width + i]), log(of->least[i]));
	}
	else if (of->form == PS_SPHERICAL)
		log_determinant = (double) of->width * log(average);
	*cost = rows * (log_determinant - 2 * log(rows));
	return PS_OK;
}

/* Set the sums of piece to to those of two. */
static void
add_pieces(joiner *of, size_t a, size_t b, size_t to)
{
	of->rows[to] = of->rows[a] + of->rows[b];
	for (size_t j = 0; j < of->padded; j++)
		of->sum[to * of->padded + j] = of->sum[a * of->padded + j] + of->sum[b * of->padded + j];
	for (size_t at = 0; at < of->stride; at++)
		of->product[to * of->stride + at] = of->product[a * of->stride + at] + of->product[b * of->stride + at];
}

/* Compute what it would cost to join b to a, which comes before it; pieces without rows go first. */
static ps_status
find_loss(joiner *of, size_t a, size_t b, ps_error *error)
{
	double		cost;

	add_pieces(of, a, b, of->count);
	PS_TRY(cost_of(of, of->count, &cost, error));
	of->loss[b * of->count + a] = of->rows[a] > 0 && of->rows[b] > 0 ? cost - of->cost[a] - of->cost[b] : -INFINITY;
	return PS_OK;
}

/* The join with the least loss. */
static ps_mixture_join
cheapest_join(const joiner *of)
{
	ps_mixture_join cheapest = {0, 0};

	for (size_t b = 1; b < of->count; b++)
		for (size_t a = 0; !of->gone[b] && a < b; a++)
			if (!of->gone[a] && (cheapest.second == 0 || of->loss[b * of->count + a] <
								 of->loss[cheapest.second * of->count + cheapest.first]))
				cheapest = (ps_mixture_join) {a, b};
	return cheapest;
}

ps_status
ps_mixture_join_pieces(const ps_mixture_rows *rows, const ps_mixture_pieces *pieces, ps_covariance_form form,
					   const double *least, ps_mixture_join *joins, ps_error *error)
{
	joiner		of;

	PS_TRY(joiner_create(rows, pieces, form, least, &of, error));
	for (size_t b = 0; b < of.count; b++)
	{
		PS_TRY(cost_of(&of, b, &of.cost[b], error));
		for (size_t a = 0; a < b; a++)
			PS_TRY(find_loss(&of, a, b, error));
		PS_TRY(ps_poll(of.env, 0, error));
	}
	for (size_t join = 0; join + 1 < of.count; join++)
	{
		size_t		first;

		joins[join] = cheapest_join(&of);
		first = joins[join].first;
		of.gone[joins[join].second] = true;
		add_pieces(&of, first, joins[join].second, first);
		PS_TRY(cost_of(&of, first, &of.cost[first], error));
		for (size_t other = 0; other < of.count; other++)
			if (!of.gone[other] && other != first)
				PS_TRY(find_loss(&of, other < first ? other : first, other < first ? first : other, error));
		PS_TRY(ps_poll(of.env, 0, error));
	}
	joiner_release(&of);
	return PS_OK;
}

/* Add the sums of a piece to those of a cluster. */
static void
add_piece(const ps_mixture_pieces *pieces, size_t piece, const ps_mixture *of, size_t c, ps_mixture_sums *sums)
{
	const double *product = pieces->scratch.sums.product + piece * pieces->mixture.stride;
	double	   *out = sums->product + (of->form == PS_TIED ? 0 : c * of->stride);
	bool		known = pieces->mixture.form == PS_FULL;
	bool		wanted = ps_covariance_is_matrix(of->form);

	sums->rows[c] += pieces->scratch.sums.rows[piece];
	for (size_t i = 0; i < of->width; i++)
	{
		sums->sum[c * of->padded + i] += pieces->scratch.sums.sum[piece * of->padded + i];
		for (size_t j = known && wanted ? 0 : i; j <= i; j++)
			out[wanted ? i * of->padded + j : i] += product[known ? i * of->padded + j : i];
	}
}

ps_status
ps_mixture_start(const ps_mixture_rows *rows, const ps_mixture_pieces *pieces, const ps_mixture_join *joins,
				 const double *least, ps_mixture *out, ps_error *error)
{
	const ps_env *env = rows->env;
	size_t		count = pieces->mixture.k;
	size_t		step = ps_covariance_is_matrix(out->form) ? out->padded + 1 : 1;
	ps_mixture_scratch scratch;
	size_t	   *clusters;		/* of pieces; until it is known, the piece that it was joined to */
	size_t		c = 0;

	PS_TRY(ps_mixture_scratch_create(env, out, &scratch, error));
	memset(scratch.sums.log_likelihood, 0, scratch.sums.numbers * sizeof(double));
	PS_TRY(ps_alloc(env, count, sizeof(*clusters), &clusters, error));
	for (size_t piece = 0; piece < count; piece++)
		clusters[piece] = piece;
	for (size_t join = 0; join + out->k < count; join++)
		clusters[joins[join].second] = joins[join].first;
	for (size_t piece = 0; piece < count; piece++)
	{
		clusters[piece] = clusters[piece] == piece ? c++ : clusters[clusters[piece]];
		add_piece(pieces, piece, out, clusters[piece], &scratch.sums);
	}

	/* where there are no rows, the spread of all */
	for (size_t at = 0; at < out->k * out->width; at++)
		out->covariance[at / out->width * out->stride + at % out->width * step] = 1;
	for (int round = 0; round < (out->form == PS_STRETCHED ? UNIT_ROUNDS : 1); round++)
		PS_TRY(ps_mixture_advance(env, &scratch.sums, rows->total, least, out, error));
	ps_release(env, clusters);
	ps_mixture_scratch_release(env, &scratch);
	return PS_OK;
}
