/*-------------------------------------------------------------------------
 *
 * test_lloyd.c
 *	  Lloyd's algorithm leaves out the rows that cannot change their cluster,
 *	  and still gives, to the last bit, what reading all rows in every pass
 *	  gives: with every set of kernels, for rows in any order, whether they
 *	  have clusters, ties, copies or centers without rows.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_lloyd.h"
#include "ps_random.h"

#define ROWS PS_CLUSTER_ROWS
#define WIDTH 5
#define MOST_K 9

typedef enum shape
{
	CLUSTERED,
	UNCLUSTERED,
	TIED,
	COPIED,
	SHAPES
} shape;

static const char *const shape_names[] = {"clustered", "unclustered", "tied", "copied"};

/* Value j of row i of a shape: a multiple of 1/1024, so that all sums are exact. */
static float
value_of(shape of, size_t i, size_t j)
{
	ps_random	random;
	double		value;

	if (of == COPIED)
		i %= 100;
	ps_random_seed(&random, i * WIDTH + j);
	value = ps_random_uniform(&random);
	if (of == TIED)
		return (float) floor(4 * value);
	if (of == CLUSTERED)
		value += 2 * (double) ((i * 7919 % 6 + j) * 31 % 5);
	return (float) floor(1024 * value) / 1024;
}

static ps_cluster_rows
make_rows(const ps_env *env, const ps_kernels *kernels, shape of, size_t n, bool reversed)
{
	ps_cluster_rows rows;
	ps_error	error;

	ps_cluster_rows_create(env, n, WIDTH, &rows, &error);
	rows.kernels = kernels;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < WIDTH; j++)
			rows.tiles[i / ROWS * WIDTH * ROWS + j * ROWS + i % ROWS] = value_of(of, reversed ? n - 1 - i : i, j);
	return rows;
}

/* How often the kernel was called. */
static long tiles_read;
static const ps_kernels *counted;

static void
counting_kernel(const float *x, size_t columns, const float *centers, const float *half_norms, size_t ncenters,
				const float *ahead, int32_t *labels, float *margin)
{
	tiles_read++;
	counted->nearest_tile(x, columns, centers, half_norms, ncenters, ahead, labels, margin);
}

/* Squared distance of a row to a center. */
static double
distance(const ps_cluster_rows *rows, size_t row, const double *center)
{
	double		sum = 0;

	for (size_t j = 0; j < WIDTH; j++)
		sum += pow((double) ps_cluster_row(rows, row)[j * ROWS] - center[j], 2);
	return sum;
}

/* The nearest center; where two are equally near but for rounding, what the kernel says. */
static int32_t
nearest(const ps_cluster_rows *rows, size_t row, const float *centers, const float *half_norms, size_t k)
{
	double		best = INFINITY;
	double		next = INFINITY;
	int32_t		label = 0;

	for (size_t c = 0; c < k; c++)
	{
		double		center[WIDTH];
		double		square;

		for (size_t j = 0; j < WIDTH; j++)
			center[j] = (double) centers[c * WIDTH + j];
		square = distance(rows, row, center);
		if (square < best)
		{
			next = best;
			best = square;
			label = (int32_t) c;
		}
		else
			next = fmin(next, square);
	}
	if (next - best < 1e-4)
	{
		int32_t		labels[ROWS];
		const float *x = rows->tiles + row / ROWS * WIDTH * ROWS;

		counted->nearest_tile(x, WIDTH, centers, half_norms, (k + 3) / 4 * 4, x, labels, NULL);
		label = labels[row % ROWS];
	}
	return label;
}

/* Move the centers without rows to the rows farthest from the others. */
static bool
refill_empty(const ps_cluster_rows *rows, double *centers, const double *sizes, size_t k)
{
	bool		used[MOST_K];
	bool		refilled = false;

	for (size_t c = 0; c < k; c++)
		used[c] = sizes[c] > 0;
	for (size_t c = 0; c < k; c++)
	{
		double		most = -1;
		size_t		farthest = 0;

		if (used[c])
			continue;
		for (size_t row = 0; row < rows->count; row++)
		{
			double		least = INFINITY;

			for (size_t other = 0; other < k; other++)
				if (used[other])
					least = fmin(least, distance(rows, row, centers + other * WIDTH));
			if (least > most || (least == most && ps_cluster_row_hash(rows, row) < ps_cluster_row_hash(rows, farthest)))
			{
				most = least;
				farthest = row;
			}
		}
		for (size_t j = 0; j < WIDTH; j++)
			centers[c * WIDTH + j] = (double) ps_cluster_row(rows, farthest)[j * ROWS];
		used[c] = refilled = true;
	}
	return refilled;
}

/* Lloyd's algorithm as it is in books: all rows, all centers, in every pass.  Returns the passes made. */
static int
plain_lloyd(const ps_cluster_rows *rows, double *centers, size_t k, int most_passes, bool refill, int32_t *labels)
{
	bool		changed = true;
	int			passes;

	memset(labels, 0xff, rows->count * sizeof(*labels));
	for (passes = 0; passes < most_passes && changed; passes++)
	{
		float		float_centers[(MOST_K + 3) * WIDTH] = {0};
		float		half_norms[MOST_K + 3];
		double		sums[MOST_K][WIDTH] = {{0}};
		double		sizes[MOST_K] = {0};

		changed = false;
		for (size_t c = 0; c < MOST_K + 3; c++)
		{
			double		norm = 0;

			for (size_t j = 0; c < k && j < WIDTH; j++)
			{
				float_centers[c * WIDTH + j] = (float) centers[c * WIDTH + j];
				norm += pow((double) float_centers[c * WIDTH + j], 2);
			}
			half_norms[c] = c < k ? (float) (0.5 * norm) : HUGE_VALF;
		}
		for (size_t row = 0; row < rows->count; row++)
		{
			int32_t		label = nearest(rows, row, float_centers, half_norms, k);

			changed |= label != labels[row];
			labels[row] = label;
			sizes[label]++;
			for (size_t j = 0; j < WIDTH; j++)
				sums[label][j] += (double) ps_cluster_row(rows, row)[j * ROWS];
		}
		for (size_t c = 0; c < k; c++)
			for (size_t j = 0; sizes[c] > 0 && j < WIDTH; j++)
				centers[c * WIDTH + j] = sums[c][j] / sizes[c];
		if (refill)
			changed |= refill_empty(rows, centers, sizes, k);
	}
	return passes;
}

/*
 * Start from the first rows; with stray, the last center starts far away from
 * all rows and has none of them.
 */
static void
start_centers(const ps_cluster_rows *rows, size_t k, bool reversed, bool stray, double *centers)
{
	for (size_t c = 0; c < k; c++)
		for (size_t j = 0; j < WIDTH; j++)
			centers[c * WIDTH + j] = stray && c + 1 == k ? 1000 :
				(double) ps_cluster_row(rows, reversed ? rows->count - 1 - c : c)[j * ROWS];
}

static void
test_plain(const ps_env *env, const ps_kernels *kernels, shape of, size_t k, bool refill, bool stray)
{
	size_t		n = 6500;
	ps_kernels	counting = *kernels;
	ps_cluster_rows rows = make_rows(env, &counting, of, n, false);
	ps_cluster_rows reversed = make_rows(env, &counting, of, n, true);
	ps_lloyd	clusters;
	ps_lloyd	same;
	ps_error	error;
	double		centers[MOST_K * WIDTH];
	int32_t    *labels = malloc(n * sizeof(*labels));
	bool		used[MOST_K];
	size_t		wrong = 0;
	long		all_tiles;
	int			passes;
	int			most = 500;

	counted = kernels;
	counting.nearest_tile = counting_kernel;
	ps_lloyd_create(env, k, WIDTH, &clusters, &error);
	start_centers(&rows, k, false, stray, clusters.centers);
	start_centers(&rows, k, false, stray, centers);
	tiles_read = 0;
	ps_lloyd_run(&rows, &clusters, most, refill, used, &error);
	all_tiles = (long) rows.ntiles * clusters.iterations;
	ok(clusters.converged, "%s, %s, %zu centers%s%s: converged, %d passes", kernels->name, shape_names[of], k,
	   stray ? ", one astray" : "", refill ? "" : " that stays empty", clusters.iterations);
	if (of == CLUSTERED || (of == UNCLUSTERED && refill))
		ok(tiles_read < all_tiles * 9 / 10, "read %ld of %ld tiles", tiles_read, all_tiles);
	passes = plain_lloyd(&rows, centers, k, most, refill, labels);
	for (size_t i = 0; i < n; i++)
		wrong += labels[i] != rows.labels[i];
	ok(passes == clusters.iterations && wrong == 0, "as many passes as of plain loops, and the same labels (%zu are not)", wrong);
	ok(memcmp(centers, clusters.centers, k * WIDTH * sizeof(double)) == 0, "the same centers to the last bit");

	ps_lloyd_create(env, k, WIDTH, &same, &error);
	start_centers(&reversed, k, true, stray, same.centers);
	ps_lloyd_run(&reversed, &same, most, refill, used, &error);
	ok(memcmp(same.centers, clusters.centers, k * WIDTH * sizeof(double)) == 0 &&
	   memcmp(same.sizes, clusters.sizes, k * sizeof(double)) == 0, "for rows in another order, too");
	free(labels);
}

/* The margin is one: centers that move by less change no label; and no waste: it is half of what it could be at least. */
static void
test_margin(const ps_kernels *kernels)
{
	enum
	{
	K = 8};
	float		x[WIDTH * ROWS];
	float		centers[K * WIDTH];
	float		half_norms[K];
	int32_t		labels[ROWS];
	float		margin;
	double		least = INFINITY;
	size_t		wrong = 0;
	ps_random	random;

	ps_random_seed(&random, 1);
	for (size_t c = 0; c < K; c++)
	{
		half_norms[c] = c < 6 ? 0 : HUGE_VALF;
		for (size_t j = 0; j < WIDTH; j++)
		{
			centers[c * WIDTH + j] = (float) (3 * ps_random_uniform(&random));
			half_norms[c] += 0.5f * centers[c * WIDTH + j] * centers[c * WIDTH + j];
		}
	}
	for (size_t i = 0; i < ROWS; i++)
		for (size_t j = 0; j < WIDTH; j++)
			x[j * ROWS + i] = centers[i % 6 * WIDTH + j] + (float) (0.5 * ps_random_uniform(&random));
	kernels->nearest_tile(x, WIDTH, centers, half_norms, K, x, labels, &margin);
	for (size_t i = 0; i < ROWS; i++)
	{
		double		distances[6];
		double		next = INFINITY;

		for (size_t c = 0; c < 6; c++)
		{
			double		sum = 0;

			for (size_t j = 0; j < WIDTH; j++)
				sum += pow((double) x[j * ROWS + i] - (double) centers[c * WIDTH + j], 2);
			distances[c] = sqrt(sum);
		}
		for (size_t c = 0; c < 6; c++)
			if ((int32_t) c != labels[i])
				next = fmin(next, distances[c]);
		least = fmin(least, next - distances[labels[i]]);
	}
	ok((double) margin <= least && (double) margin >= 0.45 * least, "%s: margin %g where distances differ by %g",
	   kernels->name, (double) margin, least);

	/* each row's own center leaves it, the next one comes, as far as the margin lets them */
	for (size_t i = 0; i < ROWS; i++)
		for (size_t other = 0; other < 6; other++)
		{
			float		moved[K * WIDTH];
			float		norms[K];
			int32_t		after[ROWS];

			memcpy(moved, centers, sizeof(moved));
			memcpy(norms, half_norms, sizeof(norms));
			for (size_t c = 0; c < 6; c++)
			{
				double		direction[WIDTH];
				double		length = 0;
				double		norm = 0;

				if (c != other && c != (size_t) labels[i])
					continue;
				for (size_t j = 0; j < WIDTH; j++)
				{
					direction[j] = (double) x[j * ROWS + i] - (double) centers[c * WIDTH + j];
					length += direction[j] * direction[j];
				}
				for (size_t j = 0; j < WIDTH; j++)
				{
					moved[c * WIDTH + j] += (float) (direction[j] / sqrt(length) * 0.4999 * (double) margin *
													 (c == other ? 1 : -1));
					norm += pow((double) moved[c * WIDTH + j], 2);
				}
				norms[c] = (float) (0.5 * norm);
			}
			if (other == (size_t) labels[i])
				continue;
			kernels->nearest_tile(x, WIDTH, moved, norms, K, x, after, NULL);
			wrong += memcmp(labels, after, sizeof(labels)) != 0;
		}
	ok(wrong == 0, "nothing changes while centers move by less");

	/* a row between two centers, and numbers that are too large */
	for (size_t j = 0; j < WIDTH; j++)
		x[j * ROWS + 3] = (centers[j] + centers[WIDTH + j]) / 2;
	for (size_t c = 2; c < K; c++)
		half_norms[c] = HUGE_VALF;
	kernels->nearest_tile(x, WIDTH, centers, half_norms, 4, x, labels, &margin);
	ok(margin < 1e-5f, "no margin for a row between two centers: %g", (double) margin);
	x[3] = 3e38f;
	kernels->nearest_tile(x, WIDTH, centers, half_norms, 4, x, labels, &margin);
	ok(margin == 0, "none where numbers are too large: %g", (double) margin);
}

int
main(void)
{
	const ps_kernels *kernels;
	host		h;

	host_init(&h);
	for (size_t i = 0; (kernels = ps_kernels_number(i)) != NULL; i++)
	{
		test_margin(kernels);
		for (int of = CLUSTERED; of < SHAPES; of++)
			test_plain(&h.env, kernels, of, of == CLUSTERED ? 6 : 9, true, false);
		test_plain(&h.env, kernels, UNCLUSTERED, 5, true, true);
		test_plain(&h.env, kernels, UNCLUSTERED, 5, false, true);
		test_plain(&h.env, kernels, COPIED, 2, true, false);
	}
	host_free(&h);
	return tap_done();
}
