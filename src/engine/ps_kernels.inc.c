/*-------------------------------------------------------------------------
 *
 * ps_kernels.inc.c
 *	  Source of the kernels, included once per instruction set.
 *
 * The including file defines KERNELS, the name of the table, KERNELS_NAME, and
 * LANES, the floats of a vector.
 *
 * These files are compiled with -O3 -fno-math-errno -fno-trapping-math
 * -fassociative-math -fno-signed-zeros: without leave to reorder sums no
 * compiler vectorises them, with plain -O2 they are two to four times slower.
 * Reordering is harmless here: nothing below relies on the order of sums.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_kernels.h"

#include <math.h>
#include <string.h>

#define ROWS PS_NEWTON_ROWS
#define BAND 32					/* columns of a tile in the second-level cache */

/*
 * exp(x) for -700 <= x <= 0 and n = x / log 2 rounded: x = n log 2 + f with
 * |f| <= log(2)/2, and the Taylor polynomial of exp(f/2), squared.  Relative error below 1e-15 down to
 * x = -30, growing with |x| after that.
 */
static inline double
exp_from(double x, int32_t n)
{
	double		f = (x - (double) n * 0.6931471805599453) * 0.5;
	double		p = 1 + f * (1 + f * (1. / 2 + f * (1. / 6 + f * (1. / 24 + f * (1. / 120 + f * (1. / 720 +
				   f * (1. / 5040 + f * (1. / 40320 + f * (1. / 362880 + f * (1. / 3628800))))))))));
	int64_t		bits;

	p *= p;
	memcpy(&bits, &p, sizeof(bits));
	bits += (int64_t) n * ((int64_t) 1 << 52);
	memcpy(&p, &bits, sizeof(bits));
	return p;
}

/*
 * log(1 + e) for 0 <= e <= 1, as 2 artanh(e / (2 + e)), whose argument is at
 * most 1/3.  Relative error below 1e-15.
 */
static inline double
log_one_plus(double e)
{
	double		s = e / (2 + e);
	double		t = s * s;

	return 2 * s * (1 + t * (1. / 3 + t * (1. / 5 + t * (1. / 7 + t * (1. / 9 + t * (1. / 11 + t * (1. / 13 +
			   t * (1. / 15 + t * (1. / 17 + t * (1. / 19 + t * (1. / 21 + t * (1. / 23 + t * (1. / 25 +
			   t * (1. / 27 + t * (1. / 29)))))))))))))));
}

/* eta = x'beta of each row. */
static void
predict_tile(const double *restrict x, size_t columns, const double *restrict beta, double *restrict eta)
{
	for (int i = 0; i < ROWS; i++)
		eta[i] = 0;
	for (size_t j = 0; j < columns; j++)
	{
		const double *column = x + j * ROWS;
		double		b = beta[j];

		for (int i = 0; i < ROWS; i++)
			eta[i] += b * column[i];
	}
}

/* Add the sums of residual x_j to gradient, and those of curvature x_a x_b to gram unless it is NULL. */
static void
add_moments(const double *restrict x, size_t columns, const double *restrict residual,
			const double *restrict curvature, double *restrict gram, double *restrict gradient,
			double *restrict scratch)
{
	for (size_t j = 0; j < columns; j++)
	{
		const double *column = x + j * ROWS;
		double	   *weighted = scratch + j * ROWS;
		double		sum = 0;

		for (int i = 0; i < ROWS; i++)
		{
			sum += residual[i] * column[i];
			weighted[i] = curvature[i] * column[i];
		}
		gradient[j] += sum;
	}

	if (gram == NULL)
		return;

	/*
	 * Blocks of 2 x 4 products keep eight sums in registers, and bands of
	 * columns stay in the cache while the others pass by.
	 */
	for (size_t band = 0; band < columns; band += BAND)
		for (size_t a = band; a < columns; a += 2)
			for (size_t b = band; b < band + BAND && b <= a + 1; b += 4)
			{
				const double *u = scratch + a * ROWS;
				const double *v = scratch + (a + 1) * ROWS;
				const double *x0 = x + b * ROWS;
				const double *x1 = x0 + ROWS;
				const double *x2 = x1 + ROWS;
				const double *x3 = x2 + ROWS;
				double	   *row = gram + a * columns + b;
				double		u0 = 0, u1 = 0, u2 = 0, u3 = 0;
				double		v0 = 0, v1 = 0, v2 = 0, v3 = 0;

				for (int i = 0; i < ROWS; i++)
				{
					u0 += u[i] * x0[i];
					u1 += u[i] * x1[i];
					u2 += u[i] * x2[i];
					u3 += u[i] * x3[i];
					v0 += v[i] * x0[i];
					v1 += v[i] * x1[i];
					v2 += v[i] * x2[i];
					v3 += v[i] * x3[i];
				}
				row[0] += u0;
				row[1] += u1;
				row[2] += u2;
				row[3] += u3;
				row += columns;
				row[0] += v0;
				row[1] += v1;
				row[2] += v2;
				row[3] += v3;
			}
}

static double
newton_tile(const double *restrict x, size_t columns, const double *restrict target,
			const double *restrict weight, const double *restrict beta,
			double *restrict gram, double *restrict gradient, double *restrict scratch)
{
	double		eta[ROWS];
	double		size[ROWS];
	int32_t		power[ROWS];
	double		residual[ROWS];
	double		curvature[ROWS];
	double		log_likelihood = 0;

	predict_tile(x, columns, beta, eta);

	/*
	 * With e = exp(-|eta|) nothing overflows and no digits cancel.  Choices
	 * and conversions have short loops of their own, and the sign becomes a
	 * number, since gcc would not vectorise one long loop with them in it.
	 */
	for (int i = 0; i < ROWS; i++)
		size[i] = fabs(eta[i]) < 700 ? fabs(eta[i]) : 700;
	for (int i = 0; i < ROWS; i++)
		power[i] = (int32_t) (size[i] * -1.4426950408889634 - 0.5);
	for (int i = 0; i < ROWS; i++)
	{
		double		below = 0.5 - copysign(0.5, eta[i]);
		double		above = 1 - below;
		double		e = exp_from(-size[i], power[i]);
		double		q = 1 / (1 + e);
		double		p = q * (above + below * e);
		double		not_p = q * (below + above * e);
		double		missed = below * target[i] + above * (1 - target[i]);

		residual[i] = weight[i] * (target[i] * not_p - (1 - target[i]) * p);
		curvature[i] = weight[i] * e * q * q;
		log_likelihood -= weight[i] * (missed * fabs(eta[i]) + log_one_plus(e));
	}

	add_moments(x, columns, residual, curvature, gram, gradient, scratch);
	return log_likelihood;
}

static double
squares_tile(const double *restrict x, size_t columns, const double *restrict target,
			 const double *restrict weight, const double *restrict beta,
			 double *restrict gram, double *restrict gradient, double *restrict scratch)
{
	double		eta[ROWS];
	double		residual[ROWS];
	double		squares = 0;

	predict_tile(x, columns, beta, eta);
	for (int i = 0; i < ROWS; i++)
	{
		double		miss = target[i] - eta[i];

		residual[i] = weight[i] * miss;
		squares += residual[i] * miss;
	}
	add_moments(x, columns, residual, weight, gram, gradient, scratch);
	return -0.5 * squares;
}

/*
 * Four rows of the factor at a time for as many rows of the tile as leave
 * their products in registers.
 */
#ifdef __AVX512F__
#define STRIP 16
#else
#define STRIP 8
#endif

static void
distances_tile(const double *restrict x, size_t columns, const double *restrict factor,
			   const double *restrict offset, double *restrict distances)
{
	for (int start = 0; start < ROWS; start += STRIP)
	{
		double		total[STRIP];

		for (int i = 0; i < STRIP; i++)
			total[i] = 0;
		for (size_t a = 0; a < columns; a += 4)
		{
			const double *f0 = factor + a * columns;
			const double *f1 = f0 + columns;
			const double *f2 = f1 + columns;
			const double *f3 = f2 + columns;
			double		y0[STRIP], y1[STRIP], y2[STRIP], y3[STRIP];

			for (int i = 0; i < STRIP; i++)
			{
				y0[i] = -offset[a];
				y1[i] = -offset[a + 1];
				y2[i] = -offset[a + 2];
				y3[i] = -offset[a + 3];
			}
			for (size_t b = 0; b < a + 4; b++)
			{
				const double *column = x + b * ROWS + start;

				for (int i = 0; i < STRIP; i++)
				{
					y0[i] += f0[b] * column[i];
					y1[i] += f1[b] * column[i];
					y2[i] += f2[b] * column[i];
					y3[i] += f3[b] * column[i];
				}
			}
			for (int i = 0; i < STRIP; i++)
				total[i] += y0[i] * y0[i] + y1[i] * y1[i] + y2[i] * y2[i] + y3[i] * y3[i];
		}
		for (int i = 0; i < STRIP; i++)
			distances[start + i] = total[i];
	}
}

static void
shares_tile(double *restrict logs, size_t count, double *restrict totals)
{
	double		most[ROWS];
	double		sum[ROWS];
	int32_t		power[ROWS];

	for (int i = 0; i < ROWS; i++)
	{
		most[i] = logs[i];
		sum[i] = 0;
	}
	for (size_t c = 1; c < count; c++)
	{
		const double *other = logs + c * ROWS;

		for (int i = 0; i < ROWS; i++)
			most[i] = other[i] > most[i] ? other[i] : most[i];
	}
	for (size_t c = 0; c < count; c++)
	{
		double	   *share = logs + c * ROWS;

		for (int i = 0; i < ROWS; i++)
			share[i] = share[i] - most[i] > -100 ? share[i] - most[i] : -100;
		for (int i = 0; i < ROWS; i++)
			power[i] = (int32_t) (share[i] * 1.4426950408889634 - 0.5);
		for (int i = 0; i < ROWS; i++)
		{
			double		e = exp_from(share[i], power[i]);

			share[i] = share[i] > -100 ? e : 0;
			sum[i] += share[i];
		}
	}
	for (int i = 0; i < ROWS; i++)
	{
		totals[i] = most[i] + log(sum[i]);
		sum[i] = 1 / sum[i];
	}
	for (size_t c = 0; c < count; c++)
	{
		double	   *share = logs + c * ROWS;

		for (int i = 0; i < ROWS; i++)
			share[i] *= sum[i];
	}
}

#undef ROWS
#define ROWS PS_CLUSTER_ROWS

/*
 * Vectors of rows whose scores for four centers stay in registers.  They are
 * vectors by hand: gcc makes three operations of two when it takes apart loops
 * over rows and columns.
 */
#define VECTORS (LANES == 16 ? 4 : 2)
#undef STRIP
#define STRIP (LANES * VECTORS)
#define CACHE_LINE 64

typedef float lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(sizeof(float)), may_alias));

/*
 * Return the least square of (next - best) / |x - the center with the score
 * next| in a strip, rounded down for what largest_norm, the largest |c|^2, and
 * rounding allow, and 0 where numbers are too large to compute with.
 */
static float
least_margin(const float *restrict x, size_t columns, const float *restrict best, const float *restrict next,
			 float largest_norm)
{
	float		rounding = (float) (columns + 4) * 0x1p-19f;
	float		norm[STRIP];
	int32_t		squares[STRIP];
	int32_t		least = INT32_MAX;
	float		out;

	for (int i = 0; i < STRIP; i++)
		norm[i] = 0;
	for (size_t j = 0; j < columns; j++)
		for (int i = 0; i < STRIP; i++)
			norm[i] += x[j * ROWS + (size_t) i] * x[j * ROWS + (size_t) i];
	for (int i = 0; i < STRIP; i++)
	{
		float		slack = rounding * (largest_norm + norm[i]);
		float		gap = next[i] - best[i] - slack;

		gap = gap > 0 ? gap : 0;
		norm[i] = gap * gap / (norm[i] + 2 * next[i] + slack);
		norm[i] = norm[i] >= 0 ? norm[i] : 0;
	}

	/* numbers that are not negative are in the order of their bits, of which gcc finds the least faster */
	memcpy(squares, norm, sizeof(norm));
	for (int i = 0; i < STRIP; i++)
		least = squares[i] < least ? squares[i] : least;
	memcpy(&out, &least, sizeof(out));
	return out;
}

static void
nearest_tile(const float *restrict x, size_t columns, const float *restrict centers,
			 const float *restrict half_norms, size_t ncenters, const float *ahead, int32_t *restrict labels,
			 float *margin)
{
	const char *prefetched = (const char *) ahead;
	const char *end = prefetched + columns * ROWS * sizeof(float);
	float		largest_norm = 0;
	float		least = HUGE_VALF;

	for (size_t c = 0; c < ncenters; c++)
		if (half_norms[c] < HUGE_VALF && 2 * half_norms[c] > largest_norm)
			largest_norm = 2 * half_norms[c];
	for (int start = 0; start < ROWS; start += STRIP)
	{
		float		best[STRIP];
		float		next[STRIP];
		int32_t		label[STRIP];

		for (int i = 0; i < STRIP; i++)
		{
			best[i] = next[i] = HUGE_VALF;
			label[i] = 0;
		}
		for (size_t c = 0; c < ncenters; c += 4)
		{
			const float *center = centers + c * columns;
			int32_t		first = (int32_t) c;
			lanes		s0[VECTORS], s1[VECTORS], s2[VECTORS], s3[VECTORS];
			float		score[4][STRIP];

			for (int m = 0; m < VECTORS; m++)
			{
				s0[m] = (lanes) {0} + half_norms[c];
				s1[m] = (lanes) {0} + half_norms[c + 1];
				s2[m] = (lanes) {0} + half_norms[c + 2];
				s3[m] = (lanes) {0} + half_norms[c + 3];
			}
			for (size_t j = 0; j < columns; j++)
			{
				const lanes *column = (const lanes *) (x + j * ROWS + start);

				for (int m = 0; m < VECTORS; m++)
				{
					lanes		value = column[m];

					s0[m] -= center[j] * value;
					s1[m] -= center[columns + j] * value;
					s2[m] -= center[2 * columns + j] * value;
					s3[m] -= center[3 * columns + j] * value;
				}

				/* two lines at a time: all at once they would wait for each other */
				if (prefetched < end)
				{
					__builtin_prefetch(prefetched, 0, 2);
					__builtin_prefetch(prefetched + CACHE_LINE, 0, 2);
					prefetched += 2 * CACHE_LINE;
				}
			}
			memcpy(score[0], s0, sizeof(s0));
			memcpy(score[1], s1, sizeof(s1));
			memcpy(score[2], s2, sizeof(s2));
			memcpy(score[3], s3, sizeof(s3));

			/* the second least of five: the best so far and two pairs */
			for (int i = 0; margin != NULL && i < STRIP; i++)
			{
				float		low = score[0][i] < score[1][i] ? score[0][i] : score[1][i];
				float		high = score[0][i] > score[1][i] ? score[0][i] : score[1][i];
				float		other_low = score[2][i] < score[3][i] ? score[2][i] : score[3][i];
				float		other_high = score[2][i] > score[3][i] ? score[2][i] : score[3][i];
				float		least_four = low < other_low ? low : other_low;
				float		second = low > other_low ? low : other_low;

				second = second < high ? second : high;
				second = second < other_high ? second : other_high;
				least_four = least_four > best[i] ? least_four : best[i];
				second = second < least_four ? second : least_four;
				next[i] = next[i] < second ? next[i] : second;
			}
			for (int i = 0; i < STRIP; i++)
			{
				float		b = best[i];
				int32_t		l = label[i];

				l = score[0][i] < b ? first : l;
				b = score[0][i] < b ? score[0][i] : b;
				l = score[1][i] < b ? first + 1 : l;
				b = score[1][i] < b ? score[1][i] : b;
				l = score[2][i] < b ? first + 2 : l;
				b = score[2][i] < b ? score[2][i] : b;
				l = score[3][i] < b ? first + 3 : l;
				b = score[3][i] < b ? score[3][i] : b;
				best[i] = b;
				label[i] = l;
			}
		}
		memcpy(labels + start, label, sizeof(label));
		if (margin != NULL)
		{
			float		square = least_margin(x + start, columns, best, next, largest_norm);

			least = square < least ? square : least;
		}
	}
	if (margin != NULL)
		*margin = sqrtf(least);
}

static void
standardise(const double *restrict x, size_t count, double mean, double factor, double *restrict out)
{
	for (size_t i = 0; i < count; i++)
	{
		double		z = (x[i] - mean) * factor;

		out[i] = isnan(x[i]) ? 0 : z;
	}
}

/* Eight words, which no compiler takes apart as gcc does with the loop over words. */
typedef uint64_t eight_words __attribute__((vector_size(64), aligned(8), may_alias));

static void
intersect(const uint64_t *const *rows, size_t nrows, size_t word, uint64_t *restrict out)
{
	const eight_words *words = (const eight_words *) (rows[0] + word);
	eight_words a = words[0];
	eight_words b = words[1];
	eight_words c = words[2];

	for (size_t row = 1; row < nrows; row++)
	{
		words = (const eight_words *) (rows[row] + word);
		a &= words[0];
		b &= words[1];
		c &= words[2];
	}
	((eight_words *) out)[0] = a;
	((eight_words *) out)[1] = b;
	((eight_words *) out)[2] = c;
}

const ps_kernels KERNELS = {KERNELS_NAME, newton_tile, squares_tile, nearest_tile, predict_tile, add_moments,
	distances_tile, shares_tile, standardise, intersect};
