/*-------------------------------------------------------------------------
 *
 * ps_pieces.c
 *	  Whether the numbers of one column fall into pieces that lie apart.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdint.h>

#include "ps_pieces.h"

#define MOST 12
#define FEWEST_NUMBERS 3		/* of a piece that counts, */
#define SMALLEST_SHARE 30		/* and at least one in so many */
#define APART 0.5				/* pieces that overlap less have a gap in between */
#define NARROWEST 1e-12			/* variance, of the range squared */

_Static_assert(PS_PIECES_NUMBERS <= UINT8_MAX, "numbers are counted in a byte");

/* Numbers from -1 to 1 and the sums before each of them. */
typedef struct prepared
{
	size_t		count;
	double		x[PS_PIECES_NUMBERS];
	double		sums[PS_PIECES_NUMBERS + 1];
	double		squares[PS_PIECES_NUMBERS + 1];
} prepared;

/* The least squares within k + 1 pieces of the first j numbers, and where the last piece begins. */
typedef struct divisions
{
	double		within[MOST][PS_PIECES_NUMBERS + 1];
	uint8_t		last[MOST][PS_PIECES_NUMBERS + 1];
} divisions;

/* The squared deviations of numbers from .. to - 1 from their mean. */
static double
squares_within(const prepared *of, size_t from, size_t to)
{
	double		sum = of->sums[to] - of->sums[from];

	return fmax(of->squares[to] - of->squares[from] - sum * sum / (double) (to - from), 0);
}

static void
divide(const prepared *of, divisions *out)
{
	for (size_t k = 0; k < MOST && k < of->count; k++)
		for (size_t j = k + 1; j <= of->count; j++)
		{
			out->within[k][j] = k == 0 ? squares_within(of, 0, j) : INFINITY;
			out->last[k][j] = 0;
			for (size_t i = k; k > 0 && i < j; i++)
			{
				double		within = out->within[k - 1][i] + squares_within(of, i, j);

				if (within < out->within[k][j])
				{
					out->within[k][j] = within;
					out->last[k][j] = (uint8_t) i;
				}
			}
		}
}

/* Is there a gap between the pieces from .. middle - 1 and middle .. to - 1? */
static int
are_apart(const prepared *of, size_t from, size_t middle, size_t to)
{
	double		left = (of->sums[middle] - of->sums[from]) / (double) (middle - from);
	double		right = (of->sums[to] - of->sums[middle]) / (double) (to - middle);
	double		reach = (right - left) / 6;
	double		at[2] = {0, 0};
	double		between = 0;

	for (size_t i = from; i < to; i++)
	{
		at[i >= middle] += fabs(of->x[i] - (i < middle ? left : right)) < reach;
		between += fabs(of->x[i] - (left + right) / 2) < reach;
	}
	return between + sqrt(between + 1) < APART * fmin(at[0], at[1]);
}

/* Count the pieces of a division that have a gap before and after them; starts[k + 1] where they begin and end. */
static size_t
count_apart(const prepared *of, const size_t *starts, size_t k)
{
	double		fewest = fmax(FEWEST_NUMBERS, (double) of->count / SMALLEST_SHARE);
	size_t		joined = 0;		/* where the pieces without a gap so far begin */
	size_t		count = 0;

	for (size_t c = 1; c <= k; c++)
		if (c == k || are_apart(of, joined, starts[c], starts[c + 1]))
		{
			count += (double) (starts[c] - joined) >= fewest;
			joined = starts[c];
		}
	return count;
}

ps_pieces
ps_pieces_find(const double *x, size_t count)
{
	prepared	of = {.count = count};
	divisions	found;
	double		n = (double) count;
	double		range = x[count - 1] - x[0];
	ps_pieces	best = {1, -INFINITY};

	if (!(range > 0))
		return best;
	for (size_t i = 0; i < count; i++)
	{
		of.x[i] = (x[i] - x[count / 2]) / range;
		of.sums[i + 1] = of.sums[i] + of.x[i];
		of.squares[i + 1] = of.squares[i] + of.x[i] * of.x[i];
	}
	divide(&of, &found);
	for (size_t k = 1; k <= MOST && k <= count; k++)
	{
		double		variance = fmax(found.within[k - 1][count] / n, NARROWEST);
		double		log_likelihood = -n * log(range) - n / 2 * log(variance) - (double) k * log(n);
		size_t		starts[MOST + 1];

		starts[k] = count;
		for (size_t c = k; c-- > 0;)
		{
			double		size;

			starts[c] = found.last[c][starts[c + 1]];
			size = (double) (starts[c + 1] - starts[c]);
			log_likelihood += size * log(size / n);
		}
		if (log_likelihood > best.log_likelihood)
			best = (ps_pieces) {count_apart(&of, starts, k), log_likelihood};
	}
	return best;
}
