/*-------------------------------------------------------------------------
 *
 * ps_kmeans.c
 *	  Clusters by k-means.
 *
 * Rows are encoded, standardised and stored as float32 in tiles.  Lloyd's
 * algorithm runs until no row changes its cluster.
 *
 * The result does not depend on the order of the rows, to the last bit:
 *
 * - Values are rounded to multiples of a power of two so small that every sum
 *	 of them that occurs is exact in double precision: the values of a
 *	 standardised column of n rows sum to at most n in absolute value (Cauchy
 *	 and Schwarz), so multiples of 2n / 2^52 will do.  For a million rows that
 *	 is finer than float32 itself for all but the values within 0.004 of zero.
 *	 Exact sums can also be corrected for the rows that moved, and parts summed
 *	 apart can be merged, without any drift.
 * - Starts are drawn (k-means++, Arthur and Vassilvitskii 2007) from a sample
 *	 in the order of the hash of the rows' content.  The sample takes the rows
 *	 whose hash of content and number of occurrence is small, so that copies of
 *	 a row count as often as they occur.
 * - Ties are broken by content.
 *
 * Each start is carried through on the sample; the best of them goes on to all
 * rows.  A cluster that runs empty gets the row that is farthest from all
 * centers.  Clusters are numbered by size, the largest first.
 *
 *-------------------------------------------------------------------------
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "ps_encode.h"
#include "ps_kernels.h"
#include "ps_learners.h"
#include "ps_random.h"
#include "ps_sort.h"

#define ROWS PS_CLUSTER_ROWS
#define SAMPLE_ROWS 16384
#define SAMPLE_ITERATIONS 50

/* Encoded rows. */
typedef struct kmeans_rows
{
	const ps_env *env;
	const ps_kernels *kernels;
	size_t		count;
	size_t		width;			/* columns */
	size_t		ntiles;
	float	   *tiles;			/* ntiles x width x ROWS, 0 past the last row */
	int32_t    *labels;			/* ntiles x ROWS */
} kmeans_rows;

/* Clusters in progress. */
typedef struct kmeans_clusters
{
	size_t		k;
	size_t		width;
	size_t		padded;			/* k rounded up to a multiple of 4 */
	double	   *centers;		/* k x width */
	double	   *sums;			/* k x width */
	size_t	   *sizes;			/* k */
	float	   *float_centers;	/* padded x width */
	float	   *half_norms;		/* padded */
	int			iterations;
	bool		converged;
} kmeans_clusters;

/* The values of one row, ROWS apart. */
static inline const float *
row_values(const kmeans_rows *rows, size_t row)
{
	return rows->tiles + row / ROWS * rows->width * ROWS + row % ROWS;
}

static ps_status
rows_create(const ps_env *env, size_t count, size_t width, kmeans_rows *rows, ps_error *error)
{
	rows->env = env;
	rows->kernels = ps_kernels_best();
	rows->count = count;
	rows->width = width;
	rows->ntiles = count / ROWS + (count % ROWS != 0 ? 1 : 0);
	PS_TRY(ps_alloc_zero(env, rows->ntiles, width * ROWS * sizeof(float), &rows->tiles, error));
	return ps_alloc(env, rows->ntiles, ROWS * sizeof(int32_t), &rows->labels, error);
}

/* Encode all rows of a frame. */
static ps_status
rows_encode(const ps_env *env, const ps_frame *frame, const ps_encoder *encoder, kmeans_rows *rows, ps_error *error)
{
	ps_encoding *encoding;
	double	   *tile;
	float	   *out;
	int			exponent;
	double		shift;

	PS_TRY(ps_encode_bind(env, encoder, frame, &encoding, error));
	PS_TRY(rows_create(env, ps_frame_rows(frame), encoder->width, rows, error));
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

/* Hash the content of a row, two values a word. */
static uint64_t
hash_row(const kmeans_rows *rows, size_t row)
{
	const float *x = row_values(rows, row);
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

static int
compare_samples(const void *a, const void *b)
{
	uint64_t	left = ((const sample_row *) a)->hash;
	uint64_t	right = ((const sample_row *) b)->hash;

	return left < right ? -1 : left > right ? 1 : 0;
}

/*
 * Choose the rows of the sample: all if they are few, otherwise those whose
 * hash of (content, number of occurrence) is below a limit.
 */
static ps_status
sample_choose(const kmeans_rows *rows, sample_row **out, size_t *out_count, ps_error *error)
{
	const ps_env *env = rows->env;
	uint64_t	limit = rows->count <= SAMPLE_ROWS ? UINT64_MAX :
		(uint64_t) ((double) SAMPLE_ROWS / (double) rows->count * 0x1p64);
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

		/* hashes of a tile at a time: the table's cache misses would stall them */
		if (row % ROWS == 0)
		{
			for (size_t i = 0; i < ROWS; i++)
				hashes[i] = hash_row(rows, row + i);
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
	PS_TRY(ps_sort(env, samples, count, sizeof(*samples), compare_samples, error));
	*out = samples;
	*out_count = count;
	return PS_OK;
}

/* Copy the sample's rows, in the order of their content's hash. */
static ps_status
sample_create(const kmeans_rows *rows, kmeans_rows *sample, ps_error *error)
{
	sample_row *samples;
	size_t		count;

	PS_TRY(sample_choose(rows, &samples, &count, error));
	PS_TRY(rows_create(rows->env, count, rows->width, sample, error));
	for (size_t i = 0; i < count; i++)
	{
		const float *from = row_values(rows, samples[i].row);
		float	   *to = sample->tiles + i / ROWS * rows->width * ROWS + i % ROWS;

		for (size_t j = 0; j < rows->width; j++)
			to[j * ROWS] = from[j * ROWS];
		if (i % 1024 == 0)
			PS_TRY(ps_poll(rows->env, 0, error));
	}
	ps_release(rows->env, samples);
	return PS_OK;
}

static ps_status
clusters_create(const ps_env *env, size_t k, size_t width, kmeans_clusters *clusters, ps_error *error)
{
	memset(clusters, 0, sizeof(*clusters));
	clusters->k = k;
	clusters->width = width;
	clusters->padded = (k + 3) / 4 * 4;
	PS_TRY(ps_alloc(env, k * width, sizeof(double), &clusters->centers, error));
	PS_TRY(ps_alloc(env, k * width, sizeof(double), &clusters->sums, error));
	PS_TRY(ps_alloc(env, k, sizeof(size_t), &clusters->sizes, error));
	PS_TRY(ps_alloc_zero(env, clusters->padded * width, sizeof(float), &clusters->float_centers, error));
	return ps_alloc(env, clusters->padded, sizeof(float), &clusters->half_norms, error);
}

/* The squared distance of a row to a center. */
static double
squared_distance(const kmeans_rows *rows, size_t row, const double *center)
{
	const float *x = row_values(rows, row);
	double		sum = 0;

	for (size_t j = 0; j < rows->width; j++)
	{
		double		difference = (double) x[j * ROWS] - center[j];

		sum += difference * difference;
	}
	return sum;
}

static void
set_center(const kmeans_rows *rows, size_t row, double *center)
{
	const float *x = row_values(rows, row);

	for (size_t j = 0; j < rows->width; j++)
		center[j] = (double) x[j * ROWS];
}

/*
 * Set a center to the row that is farthest from the centers that used marks
 * (the first of equal ones by content hash); *distance 0 when every row lies
 * on one of them.
 */
static ps_status
set_farthest(const kmeans_rows *rows, const kmeans_clusters *clusters, const bool *used, double *center,
			 double *distance, ps_error *error)
{
	size_t		farthest = 0;

	*distance = -1;
	for (size_t row = 0; row < rows->count; row++)
	{
		double		nearest = INFINITY;

		for (size_t c = 0; c < clusters->k; c++)
			if (used[c])
				nearest = fmin(nearest, squared_distance(rows, row, clusters->centers + c * rows->width));
		if (nearest > *distance ||
			(nearest == *distance && hash_row(rows, row) < hash_row(rows, farthest)))
		{
			*distance = nearest;
			farthest = row;
		}
		PS_TRY(ps_poll(rows->env, 0, error));
	}
	set_center(rows, farthest, center);
	return PS_OK;
}

/* Report that there are not k different rows. */
static ps_status
too_few_rows(size_t k, size_t distinct, ps_error *error)
{
	ps_fail(error, PS_TOO_LITTLE_DATA, "cannot make %d clusters of rows of which only %d are different",
			(int64_t) k, (int64_t) distinct);
	return ps_hint(error, "Ask for fewer clusters by the option \"k\".");
}

/*
 * Draw k centers from the sample, each row with a probability in proportion to
 * its squared distance from the nearest center so far.  When the sample has no
 * other rows, the rest comes from all rows.
 */
static ps_status
draw_centers(const kmeans_rows *rows, const kmeans_rows *sample, ps_random *random, double *distances, bool *used,
			 kmeans_clusters *clusters, ps_error *error)
{
	size_t		width = rows->width;

	memset(used, 0, clusters->k * sizeof(*used));
	for (size_t i = 0; i < sample->count; i++)
		distances[i] = 1;
	for (size_t c = 0; c < clusters->k; c++)
	{
		double	   *center = clusters->centers + c * width;
		double		total = 0;
		double		left;
		size_t		chosen = 0;

		for (size_t i = 0; i < sample->count; i++)
			total += distances[i];
		left = ps_random_uniform(random) * total;
		if (total > 0)
		{
			/* the last row with a distance, should rounding lead past the end */
			for (size_t i = 0; i < sample->count && left >= 0; i++)
				if (distances[i] > 0)
				{
					left -= distances[i];
					chosen = i;
				}
			set_center(sample, chosen, center);
		}
		else
		{
			double		distance;

			PS_TRY(set_farthest(rows, clusters, used, center, &distance, error));
			if (distance <= 0)
				return too_few_rows(clusters->k, c, error);
		}
		used[c] = true;
		for (size_t i = 0; i < sample->count; i++)
		{
			double		distance = squared_distance(sample, i, center);

			if (c == 0 || distance < distances[i])
				distances[i] = distance;
		}
		PS_TRY(ps_poll(rows->env, 0, error));
	}
	return PS_OK;
}

/* Assign the rows of one tile; correct sums and sizes for those that moved and count them. */
static size_t
kmeans_accumulate(const kmeans_rows *rows, size_t tile, kmeans_clusters *clusters)
{
	size_t		width = rows->width;
	size_t		left = rows->count - tile * ROWS;
	size_t		count = left < ROWS ? left : ROWS;
	const float *x = rows->tiles + tile * width * ROWS;
	int32_t    *old = rows->labels + tile * ROWS;
	int32_t		labels[ROWS];
	size_t		moved = 0;

	rows->kernels->nearest_tile(x, width, clusters->float_centers, clusters->half_norms, clusters->padded, labels);
	for (size_t i = 0; i < count; i++)
	{
		double	   *sum;

		if (labels[i] == old[i])
			continue;
		moved++;
		sum = clusters->sums + (size_t) labels[i] * width;
		for (size_t j = 0; j < width; j++)
			sum[j] += (double) x[j * ROWS + i];
		clusters->sizes[labels[i]]++;
		if (old[i] >= 0)
		{
			sum = clusters->sums + (size_t) old[i] * width;
			for (size_t j = 0; j < width; j++)
				sum[j] -= (double) x[j * ROWS + i];
			clusters->sizes[old[i]]--;
		}
		old[i] = labels[i];
	}
	return moved;
}

/*
 * Move the centers to the means of their rows.  With refill, an empty cluster
 * gets the row farthest from the others, and *refilled says so; otherwise it
 * stays where it is.
 */
static ps_status
kmeans_advance(const kmeans_rows *rows, kmeans_clusters *clusters, bool refill, bool *used, bool *refilled,
			   ps_error *error)
{
	*refilled = false;
	for (size_t c = 0; c < clusters->k; c++)
	{
		used[c] = clusters->sizes[c] > 0;
		for (size_t j = 0; used[c] && j < clusters->width; j++)
			clusters->centers[c * clusters->width + j] =
				clusters->sums[c * clusters->width + j] / (double) clusters->sizes[c];
	}
	for (size_t c = 0; refill && c < clusters->k; c++)
	{
		double		distance;

		if (used[c])
			continue;
		PS_TRY(set_farthest(rows, clusters, used, clusters->centers + c * clusters->width, &distance, error));
		if (distance <= 0)
			return too_few_rows(clusters->k, c, error);
		used[c] = *refilled = true;
	}
	return PS_OK;
}

/* Write the centers as the kernel reads them. */
static void
prepare_centers(kmeans_clusters *clusters)
{
	for (size_t c = 0; c < clusters->padded; c++)
	{
		double		norm = 0;

		for (size_t j = 0; c < clusters->k && j < clusters->width; j++)
		{
			float		value = (float) clusters->centers[c * clusters->width + j];

			clusters->float_centers[c * clusters->width + j] = value;
			norm += (double) value * (double) value;
		}
		clusters->half_norms[c] = c < clusters->k ? (float) (0.5 * norm) : HUGE_VALF;
	}
}

/* Lloyd's algorithm from the centers given. */
static ps_status
kmeans_iterate(const kmeans_rows *rows, kmeans_clusters *clusters, int most_iterations, bool refill, bool *used,
			   ps_error *error)
{
	memset(rows->labels, 0xff, rows->ntiles * ROWS * sizeof(int32_t));
	memset(clusters->sums, 0, clusters->k * clusters->width * sizeof(double));
	memset(clusters->sizes, 0, clusters->k * sizeof(size_t));
	clusters->converged = false;
	for (clusters->iterations = 0; clusters->iterations < most_iterations && !clusters->converged;
		 clusters->iterations++)
	{
		size_t		moved = 0;
		bool		refilled;

		prepare_centers(clusters);
		for (size_t tile = 0; tile < rows->ntiles; tile++)
		{
			moved += kmeans_accumulate(rows, tile, clusters);
			PS_TRY(ps_poll(rows->env, 0, error));
		}
		PS_TRY(kmeans_advance(rows, clusters, refill, used, &refilled, error));
		clusters->converged = moved == 0 && !refilled;
	}
	return PS_OK;
}

/* Sum the squared distances of rows to the centers of their clusters. */
static ps_status
kmeans_inertia(const kmeans_rows *rows, const kmeans_clusters *clusters, double *inertia, ps_error *error)
{
	*inertia = 0;
	for (size_t row = 0; row < rows->count; row++)
	{
		*inertia += squared_distance(rows, row, clusters->centers + (size_t) rows->labels[row] * rows->width);
		if (row % 1024 == 0)
			PS_TRY(ps_poll(rows->env, 0, error));
	}
	return PS_OK;
}

/* A cluster to be numbered. */
typedef struct ranked_cluster
{
	size_t		size;
	size_t		width;
	const double *center;
} ranked_cluster;

/* Order by size, the largest first, then by the centers. */
static int
compare_clusters(const void *a, const void *b)
{
	const ranked_cluster *left = a;
	const ranked_cluster *right = b;

	if (left->size != right->size)
		return left->size > right->size ? -1 : 1;
	for (size_t j = 0; j < left->width; j++)
		if (left->center[j] != right->center[j])
			return left->center[j] < right->center[j] ? -1 : 1;
	return 0;
}

/* Write a center in the data's units: means of numbers, shares of levels. */
static ps_status
save_means(const ps_env *env, const ps_encoder *encoder, const double *center, ps_value *cluster, ps_error *error)
{
	ps_value   *means;

	PS_TRY(ps_value_set_object(env, cluster, "means", &means, error));
	for (size_t j = 0; j < encoder->width; j++)
	{
		char		text[200];
		const char *name;
		const char *level;

		if (ps_encode_term(encoder, j, &name, &level) == PS_ENCODE_VALUE)
			ps_format(text, sizeof(text), "%s", name);
		else
			ps_encode_term_text(encoder, j, text, sizeof(text));
		PS_TRY(ps_value_set_number(env, means, text, encoder->mean[j] + encoder->scale[j] * center[j], error));
	}
	return PS_OK;
}

static ps_status
save_clusters(const ps_env *env, const ps_encoder *encoder, const kmeans_clusters *clusters, ps_value *parameters,
			  ps_error *error)
{
	ranked_cluster *ranked;
	ps_value   *list;

	PS_TRY(ps_alloc(env, clusters->k, sizeof(*ranked), &ranked, error));
	for (size_t c = 0; c < clusters->k; c++)
		ranked[c] = (ranked_cluster) {clusters->sizes[c], clusters->width, clusters->centers + c * clusters->width};
	PS_TRY(ps_sort(env, ranked, clusters->k, sizeof(*ranked), compare_clusters, error));
	PS_TRY(ps_value_set_list(env, parameters, "clusters", &list, error));
	for (size_t c = 0; c < clusters->k; c++)
	{
		ps_value   *cluster;

		PS_TRY(ps_value_append_object(env, list, &cluster, error));
		PS_TRY(ps_value_set_number(env, cluster, "cluster", (double) (c + 1), error));
		PS_TRY(ps_value_set_number(env, cluster, "rows", (double) ranked[c].size, error));
		PS_TRY(ps_value_set_numbers(env, cluster, "center", ranked[c].center, clusters->width, error));
		PS_TRY(save_means(env, encoder, ranked[c].center, cluster, error));
		PS_TRY(ps_poll(env, 0, error));
	}
	return PS_OK;
}

static ps_status
kmeans_learn(const ps_env *env, const ps_frame *frame, const ps_value *options,
			 ps_value *parameters, ps_value *notes, ps_error *error)
{
	size_t		k = (size_t) ps_value_number_or(options, "k", 5);
	int			most_iterations = (int) ps_value_number_or(options, "iterations", 300);
	int			starts = (int) ps_value_number_or(options, "starts", 10);
	uint64_t	seed = (uint64_t) ps_value_number_or(options, "seed", 0);
	ps_encoder *encoder;
	kmeans_rows rows;
	kmeans_rows sample;
	kmeans_clusters clusters;
	double	   *best_centers;
	double	   *distances;
	bool	   *used;
	double		best_inertia = INFINITY;
	double		inertia;
	ps_random	random;
	ps_value   *saved;

	if (ps_frame_has_weight(frame))
		return ps_fail(error, PS_INVALID_OPTION, "method \"kmeans\" takes no weight");
	PS_TRY(ps_encode_fit(env, frame, options, false, &encoder, notes, error));
	if (encoder->width == 0)
		return ps_fail(error, PS_TOO_LITTLE_DATA, "no column is left to make clusters by");
	PS_TRY(rows_encode(env, frame, encoder, &rows, error));
	PS_TRY(sample_create(&rows, &sample, error));
	PS_TRY(clusters_create(env, k, encoder->width, &clusters, error));
	PS_TRY(ps_alloc(env, k * encoder->width, sizeof(double), &best_centers, error));
	PS_TRY(ps_alloc(env, sample.count, sizeof(double), &distances, error));
	PS_TRY(ps_alloc(env, k, sizeof(bool), &used, error));

	ps_random_seed(&random, seed);
	for (int start = 0; start < starts; start++)
	{
		PS_TRY(draw_centers(&rows, &sample, &random, distances, used, &clusters, error));
		PS_TRY(kmeans_iterate(&sample, &clusters, SAMPLE_ITERATIONS, false, used, error));
		PS_TRY(kmeans_inertia(&sample, &clusters, &inertia, error));
		if (inertia < best_inertia)
		{
			best_inertia = inertia;
			memcpy(best_centers, clusters.centers, k * encoder->width * sizeof(double));
		}
	}
	memcpy(clusters.centers, best_centers, k * encoder->width * sizeof(double));
	PS_TRY(kmeans_iterate(&rows, &clusters, most_iterations, true, used, error));
	PS_TRY(kmeans_inertia(&rows, &clusters, &inertia, error));
	if (!clusters.converged)
		PS_TRY(ps_note(env, notes, error, "rows were still changing clusters after %d iterations",
					   (int64_t) most_iterations));

	PS_TRY(ps_value_set_text(env, parameters, "status", clusters.converged ? "converged" : "not_converged", error));
	PS_TRY(ps_value_set_number(env, parameters, "iterations", clusters.iterations, error));
	PS_TRY(ps_value_set_number(env, parameters, "inertia", inertia, error));
	PS_TRY(save_clusters(env, encoder, &clusters, parameters, error));
	PS_TRY(ps_value_set_object(env, parameters, "encoder", &saved, error));
	return ps_encode_save(env, encoder, saved, error);
}

/* A model ready to score. */
typedef struct kmeans_model
{
	ps_encoder *encoder;
	size_t		k;
	const double **centers;		/* k times width numbers, standardised */
} kmeans_model;

static ps_status
kmeans_load(const ps_env *env, const ps_value *parameters, const ps_input *inputs, size_t ninputs,
			void **state, ps_error *error)
{
	kmeans_model *model;
	const ps_value *value;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*model), &model, error));
	PS_TRY(ps_value_need(parameters, "encoder", PS_OBJECT, &value, error));
	PS_TRY(ps_encode_load(env, value, inputs, ninputs, &model->encoder, error));
	if (model->encoder->reference_dropped || model->encoder->width == 0)
		return ps_fail(error, PS_CORRUPT, "the encoder is not one for clusters");
	PS_TRY(ps_value_need(parameters, "clusters", PS_LIST, &value, error));
	if (value->count < 2)
		return ps_fail(error, PS_CORRUPT, "there are %d clusters, must be 2 or more", (int64_t) value->count);
	model->k = value->count;
	PS_TRY(ps_alloc(env, model->k, sizeof(*model->centers), &model->centers, error));
	for (size_t c = 0; c < model->k; c++)
		PS_TRY(ps_value_need_numbers(value->items[c], "center", model->encoder->width, &model->centers[c], error));
	*state = model;
	return PS_OK;
}

/* The squared distance of two points, in four sums that do not wait for each other. */
static double
distance_of(const double *a, const double *b, size_t width)
{
	double		sums[4] = {0, 0, 0, 0};
	size_t		j = 0;

	for (; j + 4 <= width; j += 4)
		for (size_t i = 0; i < 4; i++)
			sums[i] += (a[j + i] - b[j + i]) * (a[j + i] - b[j + i]);
	for (; j < width; j++)
		sums[0] += (a[j] - b[j]) * (a[j] - b[j]);
	return sums[0] + sums[1] + sums[2] + sums[3];
}

/* A row and the two centers nearest to it. */
typedef struct kmeans_place
{
	double		x[PS_ENCODE_COLUMNS];	/* the row, standardised */
	size_t		nearest;		/* from 0 */
	size_t		next;
	double		distance;		/* squared, to the nearest */
	double		next_distance;
} kmeans_place;

/* Find the place of a row; of equally near centers the first. */
static ps_status
find_place(const kmeans_model *model, const ps_cell *cells, kmeans_place *place, ps_error *error)
{
	PS_TRY(ps_encode_row(model->encoder, cells, place->x, error));
	place->nearest = place->next = 0;
	place->distance = place->next_distance = INFINITY;
	for (size_t c = 0; c < model->k; c++)
	{
		double		sum = distance_of(place->x, model->centers[c], model->encoder->width);

		if (sum < place->distance)
		{
			place->next = place->nearest;
			place->next_distance = place->distance;
			place->nearest = c;
			place->distance = sum;
		}
		else if (sum < place->next_distance)
		{
			place->next = c;
			place->next_distance = sum;
		}
	}
	if (isinf(place->distance))
		return ps_fail(error, PS_INVALID_DATA, "the numbers of the row are too large to compute with");
	return PS_OK;
}

/* The number of the nearest cluster, 1..k. */
static ps_status
kmeans_answer(const ps_env *env, const void *state, ps_question question, const ps_cell *cells,
			  const ps_request *request, ps_answer *answer, ps_error *error)
{
	kmeans_place place;

	(void) env;
	(void) question;
	(void) request;
	PS_TRY(find_place(state, cells, &place, error));
	answer->null = false;
	answer->number = (double) (place.nearest + 1);
	return PS_OK;
}

/*
 * Contributions to how much nearer the center is than the next best one: of a
 * design column x, (x - next)^2 - (x - nearest)^2, standardised.  They sum to
 * the difference of the squared distances; the baseline is 0.
 */
static ps_status
kmeans_explain(const ps_env *env, const void *state, const ps_cell *cells, double *baseline,
			   double *contributions, ps_error *error)
{
	const kmeans_model *model = state;
	kmeans_place place;

	(void) env;
	(void) baseline;
	PS_TRY(find_place(model, cells, &place, error));
	if (isinf(place.next_distance))
		return ps_fail(error, PS_INVALID_DATA, "the numbers of the row are too large to compute with");
	for (size_t j = 0; j < model->encoder->width; j++)
	{
		double		nearest = model->centers[place.nearest][j];
		double		next = model->centers[place.next][j];

		/* the difference of squares, without their rounding */
		contributions[model->encoder->origin[j]] += (nearest - next) * (2 * place.x[j] - nearest - next);
	}
	return PS_OK;
}

/* Loss: the mean squared distance to the nearest center, in standardised units. */
static ps_status
kmeans_evaluate(const ps_env *env, const void *state, const ps_frame *frame,
				ps_value *metrics, double *loss, ps_error *error)
{
	size_t		rows = ps_frame_rows(frame);
	double		total = 0;
	ps_cell    *cells;

	PS_TRY(ps_alloc(env, ps_frame_columns(frame), sizeof(*cells), &cells, error));
	for (size_t row = 0; row < rows; row++)
	{
		kmeans_place place;

		ps_frame_row(frame, row, cells);
		PS_TRY(find_place(state, cells, &place, error));
		total += place.distance;
		if (row % 256 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	if (rows == 0)
		return ps_fail(error, PS_TOO_LITTLE_DATA, "there are no rows to evaluate on");
	*loss = total / (double) rows;
	PS_TRY(ps_value_set_number(env, metrics, "rows", (double) rows, error));
	PS_TRY(ps_value_set_number(env, metrics, "inertia", total, error));
	return ps_value_set_number(env, metrics, "mean_squared_distance", *loss, error);
}

static const ps_option kmeans_options[] = {
	{"k", PS_OPTION_INTEGER, 5, 2, 1000, NULL, "Number of clusters."},
	{"iterations", PS_OPTION_INTEGER, 300, 1, 100000, NULL, "Passes over the rows at most."},
	{"starts", PS_OPTION_INTEGER, 10, 1, 1000, NULL, "Random starts tried on a sample of up to about 16,000 rows."},
	{0}
};

const ps_learner ps_learner_kmeans = {
	.name = "kmeans",
	.kind = "cluster",
	.answers = 1u << PS_ASK_SCORE | 1u << PS_ASK_CLUSTER,
	.comparison = PS_COMPARE_NEVER,
	.options = kmeans_options,
	.choose = ps_choose_features,
	.fit = kmeans_learn,
	.load = kmeans_load,
	.answer = kmeans_answer,
	.evaluate = kmeans_evaluate,
	.explain = kmeans_explain
};
