/*-------------------------------------------------------------------------
 *
 * ps_centers.c
 *	  Clusters that are told apart by the nearest of their centers.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_centers.h"
#include "ps_cluster_evaluate.h"
#include "ps_sort.h"
#include "ps_sum.h"
#include "ps_weighed.h"

#define ROWS PS_NEWTON_ROWS
#define FAR_OUT 3				/* ranges between quartiles beyond the upper one */
#define LEAST_CUT 1e-3			/* of a scaled column: well above the rounding of rows */

/* What is known of a cluster. */
typedef struct cluster_facts
{
	size_t		number;			/* as it was learned, from 0 */
	double		size;			/* weight of its rows */
	size_t		width;
	const double *center;
	double		cut;
} cluster_facts;

/* Order by size, the largest first, then by the centers. */
static int
compare_clusters(const void *a, const void *b)
{
	const cluster_facts *left = a;
	const cluster_facts *right = b;

	if (left->size != right->size)
		return left->size > right->size ? -1 : 1;
	for (size_t j = 0; j < left->width; j++)
		if (left->center[j] != right->center[j])
			return left->center[j] < right->center[j] ? -1 : 1;
	return 0;
}

/* Distances of rows to their centers: numbers, or where rows have weights, those with them. */
typedef struct row_distances
{
	double	   *plain;
	ps_weighed *weighed;
} row_distances;

/* The cut of count distances from first on, which are sorted. */
static ps_status
find_cut(const ps_env *env, const row_distances *distances, size_t first, size_t count, double *cut, ps_error *error)
{
	double		lower;
	double		upper;

	*cut = 0;
	if (count == 0)
		return PS_OK;
	if (distances->weighed == NULL)
	{
		const double *sorted = distances->plain + first;

		PS_TRY(ps_sort_numbers(env, distances->plain + first, count, error));
		lower = sorted[count / 4];
		upper = sorted[count - 1 - count / 4];
	}
	else
	{
		ps_weighed *sorted = distances->weighed + first;
		double		weight = 0;

		PS_TRY(ps_weighed_sort(env, sorted, count, error));
		for (size_t i = 0; i < count; i++)
			weight += sorted[i].weight;
		lower = ps_weighed_from_below(sorted, count, weight / 4);
		upper = ps_weighed_from_above(sorted, count, weight / 4);
	}
	*cut = fmax(upper + FAR_OUT * (upper - lower), LEAST_CUT);
	return PS_OK;
}

/* Collect size and cut of each cluster. */
static ps_status
find_facts(const ps_cluster_rows *rows, const double *centers, size_t k, double farthest, cluster_facts *facts,
		   ps_error *error)
{
	const ps_env *env = rows->env;
	row_distances distances = {NULL, NULL}; /* those of the first cluster, then those of the second ... */
	size_t	   *counts;
	size_t	   *next;
	size_t		total = 0;
	double		cut;

	if (rows->weights == NULL)
		PS_TRY(ps_alloc(env, rows->count, sizeof(*distances.plain), &distances.plain, error));
	else
		PS_TRY(ps_alloc(env, rows->count, sizeof(*distances.weighed), &distances.weighed, error));
	PS_TRY(ps_alloc_zero(env, k, sizeof(*counts), &counts, error));
	PS_TRY(ps_alloc(env, k, sizeof(*next), &next, error));
	for (size_t c = 0; c < k; c++)
		facts[c] = (cluster_facts) {c, 0, rows->width, centers + c * rows->width, 0};

	/* count them, then put their distances into their places */
	for (int pass = 0; pass < 2; pass++)
	{
		for (size_t c = 0; pass > 0 && c < k; total += counts[c], c++)
			next[c] = total;
		for (size_t row = 0; row < rows->count; row++)
		{
			size_t		c = (size_t) rows->labels[row];
			double		squared = pass > 0 || farthest < INFINITY ? ps_cluster_squared_distance(rows, row, facts[c].center) : 0;

			if (squared <= farthest && pass == 0)
			{
				counts[c]++;
				facts[c].size += ps_cluster_row_weight(rows, row);
			}
			else if (squared <= farthest && rows->weights == NULL)
				distances.plain[next[c]++] = sqrt(squared);
			else if (squared <= farthest)
				distances.weighed[next[c]++] = (ps_weighed) {sqrt(squared), rows->weights[row]};
			if (row % 1024 == 0)
				PS_TRY(ps_poll(env, 0, error));
		}
	}
	for (size_t c = 0; c < k; c++)
		PS_TRY(find_cut(env, &distances, next[c] - counts[c], counts[c], &facts[c].cut, error));
	PS_TRY(find_cut(env, &distances, 0, total, &cut, error));
	for (size_t c = 0; c < k; c++)
		facts[c].cut = fmax(facts[c].cut, cut);
	ps_release(env, distances.plain);
	ps_release(env, distances.weighed);
	ps_release(env, counts);
	ps_release(env, next);
	return PS_OK;
}

/* Compute the mean of a number in each cluster, in the data's units, over the rows where it is known; NAN where none is. */
static ps_status
find_means(const ps_frame *frame, const ps_encoder *encoder, size_t column, const ps_cluster_rows *rows,
		   const double *centers, size_t k, double farthest, ps_sum *sums, double *means, ps_error *error)
{
	memset(sums, 0, k * sizeof(*sums));
	memset(means, 0, k * sizeof(*means));
	for (size_t row = 0; row < rows->count; row++)
	{
		size_t		c = (size_t) rows->labels[row];
		double		x = ps_encode_number(encoder, frame, column, row);

		if (row % 1024 == 0)
			PS_TRY(ps_poll(rows->env, 0, error));
		if (isnan(x) || (farthest < INFINITY &&
						 ps_cluster_squared_distance(rows, row, centers + c * rows->width) > farthest))
			continue;
		ps_sum_add(&sums[c], x * ps_cluster_row_weight(rows, row));
		means[c] += ps_cluster_row_weight(rows, row);
	}
	for (size_t c = 0; c < k; c++)
		means[c] = means[c] > 0 ? ps_sum_value(&sums[c]) / means[c] : (double) NAN;
	return PS_OK;
}

/* Write the clusters in the data's units: means of numbers, null where there are none, and shares of levels. */
static ps_status
save_means(const ps_frame *frame, const ps_encoder *encoder, const ps_cluster_rows *rows, const double *centers,
		   const cluster_facts *facts, size_t k, double farthest, ps_value *const *objects, ps_error *error)
{
	const ps_env *env = rows->env;
	double	   *means;
	ps_sum	   *sums;

	PS_TRY(ps_alloc(env, k, sizeof(*means), &means, error));
	PS_TRY(ps_alloc(env, k, sizeof(*sums), &sums, error));
	for (size_t j = 0; j < encoder->width; j++)
	{
		char		text[200];
		const char *name;
		const char *level;
		bool		number = ps_encode_term(encoder, j, &name, &level) == PS_ENCODE_VALUE;

		if (number)
			PS_TRY(find_means(frame, encoder, j, rows, centers, k, farthest, sums, means, error));
		if (number)
			ps_format(text, sizeof(text), "%s", name);
		else
			ps_encode_term_text(encoder, j, text, sizeof(text));
		for (size_t rank = 0; rank < k; rank++)
		{
			double		mean = number ? means[facts[rank].number] :
				encoder->mean[j] + encoder->scale[j] * facts[rank].center[j];

			PS_TRY(ps_value_set_number(env, objects[rank], text, mean, error));
		}
		PS_TRY(ps_poll(env, 0, error));
	}
	ps_release(env, means);
	ps_release(env, sums);
	return PS_OK;
}

ps_status
ps_centers_save(const ps_env *env, const ps_frame *frame, const ps_encoder *encoder, const ps_cluster_rows *rows,
				const double *centers, size_t k, double farthest, size_t *order,
				ps_value *parameters, ps_error *error)
{
	cluster_facts *facts;
	ps_value  **means;
	ps_value   *list;

	PS_TRY(ps_alloc(env, k, sizeof(*facts), &facts, error));
	PS_TRY(ps_alloc(env, k, sizeof(*means), &means, error));
	PS_TRY(find_facts(rows, centers, k, farthest, facts, error));
	PS_TRY(ps_sort(env, facts, k, sizeof(*facts), compare_clusters, error));
	PS_TRY(ps_value_set_list(env, parameters, "clusters", &list, error));
	for (size_t rank = 0; rank < k; rank++)
	{
		ps_value   *cluster;

		PS_TRY(ps_value_append_object(env, list, &cluster, error));
		PS_TRY(ps_value_set_number(env, cluster, "cluster", (double) (rank + 1), error));
		PS_TRY(ps_value_set_number(env, cluster, "rows", facts[rank].size, error));
		PS_TRY(ps_value_set_numbers(env, cluster, "center", facts[rank].center, encoder->width, error));
		PS_TRY(ps_value_set_number(env, cluster, "unlike_beyond", facts[rank].cut, error));
		PS_TRY(ps_value_set_object(env, cluster, "means", &means[rank], error));
		if (order != NULL)
			order[rank] = facts[rank].number;
		PS_TRY(ps_poll(env, 0, error));
	}
	return save_means(frame, encoder, rows, centers, facts, k, farthest, means, error);
}

ps_status
ps_centers_save_points(const ps_env *env, const double *points, size_t npoints, size_t width, ps_value *cluster,
					   ps_error *error)
{
	return ps_value_set_numbers(env, cluster, "points", points, npoints * width, error);
}

/* Read a cluster of a model. */
static ps_status
load_cluster(const ps_value *cluster, ps_centers *model, size_t c, ps_error *error)
{
	size_t		width = model->encoder->width;
	size_t		npoints = 1;
	const ps_value *points;

	PS_TRY(ps_value_need_numbers(cluster, "center", width, &model->centers[c], error));
	model->points[c] = model->centers[c];
	if (ps_value_get(cluster, "points") != NULL)
	{
		PS_TRY(ps_value_need(cluster, "points", PS_NUMBERS, &points, error));
		npoints = points->count / width;
		if (points->count % width != 0)
			return ps_fail(error, PS_CORRUPT, "the points of a cluster are %d numbers, not a multiple of %d",
						   (int64_t) points->count, (int64_t) width);
		model->points[c] = points->numbers;
	}
	model->first[c + 1] = model->first[c] + npoints;
	model->cuts[c] = NAN;
	if (ps_value_get(cluster, "unlike_beyond") == NULL)
		return PS_OK;
	PS_TRY(ps_value_need_number(cluster, "unlike_beyond", &model->cuts[c], error));
	if (!(model->cuts[c] >= 0))
		return ps_fail(error, PS_CORRUPT, "\"unlike_beyond\" of a cluster is %g", model->cuts[c]);
	return PS_OK;
}

/* Put the points of all clusters into tiles. */
static ps_status
make_tiles(const ps_env *env, ps_centers *model, ps_error *error)
{
	size_t		width = model->encoder->width;
	size_t		ntiles = (model->first[model->k] - 1) / ROWS + 1;

	PS_TRY(ps_alloc_zero(env, ntiles, width * ROWS * sizeof(double), &model->tiles, error));
	PS_TRY(ps_alloc_zero(env, ntiles, ROWS * sizeof(double), &model->half_norms, error));
	for (size_t c = 0; c < model->k; c++)
		for (size_t i = model->first[c]; i < model->first[c + 1]; i++)
			for (size_t j = 0; j < width; j++)
			{
				double		x = model->points[c][(i - model->first[c]) * width + j];

				model->tiles[(i / ROWS * width + j) * ROWS + i % ROWS] = x;
				model->half_norms[i] += 0.5 * x * x;
			}
	return PS_OK;
}

ps_status
ps_centers_load(const ps_env *env, const ps_value *parameters, const ps_input *inputs, size_t ninputs,
				void **state, ps_error *error)
{
	ps_centers *model;
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
	PS_TRY(ps_alloc(env, model->k, sizeof(*model->cuts), &model->cuts, error));
	PS_TRY(ps_alloc(env, model->k, sizeof(*model->points), &model->points, error));
	PS_TRY(ps_alloc_zero(env, model->k + 1, sizeof(*model->first), &model->first, error));
	for (size_t c = 0; c < model->k; c++)
		PS_TRY(load_cluster(value->items[c], model, c, error));
	if (model->first[model->k] > model->k && model->first[model->k] > PS_CENTERS_POINTS)
		return ps_fail(error, PS_CORRUPT, "the clusters have %d points, must be at most %d",
					   (int64_t) model->first[model->k], (int64_t) PS_CENTERS_POINTS);
	if (model->first[model->k] > model->k)
		PS_TRY(make_tiles(env, model, error));
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

/*
 * Compute |p|^2/2 - x'p, which is least for the point p nearest to x, of all
 * points of a model with tiles.
 */
static void
compare_points(const ps_centers *model, const double *x, double *nearness)
{
	const ps_kernels *kernels = ps_kernels_best();

	for (size_t start = 0; start < model->first[model->k]; start += ROWS)
	{
		double		products[ROWS];

		kernels->predict_tile(model->tiles + start * model->encoder->width, model->encoder->width, x, products);
		for (size_t i = 0; i < ROWS; i++)
			nearness[start + i] = model->half_norms[start + i] - products[i];
	}
}

/* The place of the least of count numbers, the first of equal ones, by four minima that do not wait for each other. */
static size_t
least_of(const double *x, size_t count)
{
	double		least[4] = {x[0], x[0], x[0], x[0]};
	size_t		place = 0;

	for (size_t i = 0; i + 4 <= count; i += 4)
		for (size_t m = 0; m < 4; m++)
			least[m] = x[i + m] < least[m] ? x[i + m] : least[m];
	for (size_t i = count / 4 * 4; i < count; i++)
		least[0] = fmin(x[i], least[0]);
	least[0] = fmin(fmin(least[0], least[1]), fmin(least[2], least[3]));
	while (place < count && x[place] != least[0])
		place++;
	return place < count ? place : 0;
}

/* The point of a cluster that is nearest. */
static const double *
nearest_point(const ps_centers *model, size_t c, const double *nearness)
{
	size_t		first = model->first[c];

	return model->points[c] + least_of(nearness + first, model->first[c + 1] - first) * model->encoder->width;
}

/* A row and the two clusters nearest to it. */
typedef struct centers_place
{
	double		x[PS_ENCODE_COLUMNS];	/* the row, standardised */
	size_t		nearest;		/* from 0 */
	size_t		next;
	const double *point;		/* of the nearest */
	const double *next_point;
	double		distance;		/* squared, to that point */
	double		next_distance;
} centers_place;

/* Find the place of a row; of equally near points the first. */
static ps_status
find_place(const ps_centers *model, const ps_cell *cells, centers_place *place, ps_error *error)
{
	double		nearness[PS_CENTERS_POINTS];

	PS_TRY(ps_encode_row(model->encoder, cells, place->x, error));
	if (model->tiles != NULL)
		compare_points(model, place->x, nearness);
	place->nearest = place->next = 0;
	place->point = place->next_point = model->points[0];
	place->distance = place->next_distance = INFINITY;
	for (size_t c = 0; c < model->k; c++)
	{
		const double *point = model->tiles != NULL ? nearest_point(model, c, nearness) : model->points[c];
		double		sum = distance_of(place->x, point, model->encoder->width);

		if (sum < place->distance)
		{
			place->next = place->nearest;
			place->next_point = place->point;
			place->next_distance = place->distance;
			place->nearest = c;
			place->point = point;
			place->distance = sum;
		}
		else if (sum < place->next_distance)
		{
			place->next = c;
			place->next_point = point;
			place->next_distance = sum;
		}
	}
	if (isinf(place->distance))
		return ps_fail(error, PS_INVALID_DATA, "the numbers of the row are too large to compute with");
	return PS_OK;
}

/*
 * The number of the nearest cluster or of the next one, 1..k; how far the row
 * is from the nearest, and whether that is beyond its cut.
 */
ps_status
ps_centers_answer(const ps_env *env, const void *state, ps_question question, const ps_cell *cells,
				  const ps_request *request, ps_answer *answer, ps_error *error)
{
	const ps_centers *model = state;
	centers_place place;
	double		distance;

	(void) env;
	(void) request;
	PS_TRY(find_place(model, cells, &place, error));
	answer->null = false;
	answer->number = (double) (place.nearest + 1);
	if (question == PS_ASK_SECOND_CLUSTER)
		answer->number = (double) (place.next + 1);
	if (question != PS_ASK_CLUSTER_DISTANCE && question != PS_ASK_UNLIKE)
		return PS_OK;

	PS_TRY(ps_encode_row_unbounded(model->encoder, cells, place.x, error));
	distance = sqrt(distance_of(place.x, model->centers[place.nearest], model->encoder->width));
	answer->number = distance;
	if (question == PS_ASK_UNLIKE)
	{
		answer->null = isnan(model->cuts[place.nearest]);
		answer->number = distance > model->cuts[place.nearest] ? 1 : 0;
	}
	else if (isinf(distance))
		return ps_fail(error, PS_INVALID_DATA, "the numbers of the row are too large to compute with");
	return PS_OK;
}

/*
 * Contributions to how much nearer the cluster is than the next best one: of a
 * design column x and the nearest points of both, (x - next)^2 - (x - nearest)^2, standardised.  They sum to
 * the difference of the squared distances; the baseline is 0.
 */
ps_status
ps_centers_explain(const ps_env *env, const void *state, const ps_cell *cells, double *baseline,
				   double *contributions, ps_error *error)
{
	const ps_centers *model = state;
	centers_place place;

	(void) env;
	(void) baseline;
	PS_TRY(find_place(model, cells, &place, error));
	if (isinf(place.next_distance))
		return ps_fail(error, PS_INVALID_DATA, "the numbers of the row are too large to compute with");
	for (size_t j = 0; j < model->encoder->width; j++)
	{
		double		nearest = place.point[j];
		double		next = place.next_point[j];

		/* the difference of squares, without their rounding */
		contributions[model->encoder->origin[j]] += (nearest - next) * (2 * place.x[j] - nearest - next);
	}
	return PS_OK;
}

/* Loss: the mean squared distance to the center of the own cluster, in standardised units. */
ps_status
ps_centers_evaluate(const ps_env *env, const void *state, const ps_frame *frame,
					ps_value *metrics, double *loss, ps_error *error)
{
	const ps_centers *model = state;
	size_t		rows = ps_frame_rows(frame);
	double		total = 0;
	double		weights = 0;
	ps_cell    *cells;

	PS_TRY(ps_alloc(env, ps_frame_columns(frame), sizeof(*cells), &cells, error));
	for (size_t row = 0; row < rows; row++)
	{
		double		weight = ps_frame_weight(frame, row);
		centers_place place;

		ps_frame_row(frame, row, cells);
		PS_TRY(find_place(model, cells, &place, error));
		total += weight * distance_of(place.x, model->centers[place.nearest], model->encoder->width);
		weights += weight;
		if (row % 256 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	if (!(weights > 0))
		return ps_fail(error, PS_TOO_LITTLE_DATA, "there are no rows to evaluate on");
	*loss = total / weights;
	PS_TRY(ps_value_set_number(env, metrics, "rows", (double) rows, error));
	PS_TRY(ps_value_set_number(env, metrics, "inertia", total, error));
	PS_TRY(ps_value_set_number(env, metrics, "mean_squared_distance", *loss, error));
	return ps_cluster_measure(env, frame, &(ps_clustering) {model->encoder, ps_centers_answer, model}, model->k, metrics, error);
}
