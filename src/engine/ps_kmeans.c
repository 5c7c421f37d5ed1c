/*-------------------------------------------------------------------------
 *
 * ps_kmeans.c
 *	  Clusters by k-means.
 *
 * Starts are drawn from a sample and carried through on it; the best of them
 * goes on to all rows (ps_lloyd.h, which also says why the result does not
 * depend on the order of the rows).  Clusters are numbered by size, the
 * largest first.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_cluster_choice.h"
#include "ps_kmeans_choice.h"
#include "ps_learners.h"
#include "ps_lloyd.h"
#include "ps_sort.h"

#define SAMPLE_ROWS 16384

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
save_clusters(const ps_env *env, const ps_encoder *encoder, const ps_lloyd *clusters, ps_value *parameters,
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
	size_t		k = (size_t) ps_value_number_or(options, "k", 0);
	int			most_iterations = (int) ps_value_number_or(options, "iterations", 300);
	int			starts = (int) ps_value_number_or(options, "starts", 10);
	uint64_t	seed = (uint64_t) ps_value_number_or(options, "seed", 0);
	ps_encoder *encoder;
	ps_cluster_rows rows;
	ps_cluster_rows sample;
	ps_lloyd clusters;
	bool	   *used;
	double		inertia;
	ps_value   *saved;

	if (ps_frame_has_weight(frame))
		return ps_fail(error, PS_INVALID_OPTION, "method \"kmeans\" takes no weight");
	PS_TRY(ps_encode_fit(env, frame, options, false, &encoder, notes, error));
	if (encoder->width == 0)
		return ps_fail(error, PS_TOO_LITTLE_DATA, "no column is left to make clusters by");
	PS_TRY(ps_cluster_rows_encode(env, frame, encoder, &rows, error));
	PS_TRY(ps_cluster_rows_sample(&rows, SAMPLE_ROWS, &sample, error));
	if (k == 0)
		PS_TRY(ps_kmeans_choose(&sample, options, parameters, notes, &k, error));
	PS_TRY(ps_lloyd_create(env, k, encoder->width, &clusters, error));
	PS_TRY(ps_alloc(env, k, sizeof(bool), &used, error));
	PS_TRY(ps_lloyd_start(&rows, &sample, starts, seed, &clusters, error));
	PS_TRY(ps_lloyd_run(&rows, &clusters, most_iterations, true, used, error));
	PS_TRY(ps_lloyd_inertia(&rows, &clusters, &inertia, error));
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
	{"k", PS_OPTION_INTEGER, NAN, 2, 1000, NULL, "Number of clusters; without it, one from k_min to k_max."},
	{"k_min", PS_OPTION_INTEGER, 2, 2, 100, NULL, "Fewest clusters tried where k is not given."},
	{"k_max", PS_OPTION_INTEGER, 10, 2, 100, NULL, "Most clusters tried where k is not given."},
	{"criterion", PS_OPTION_TEXT, NAN, 0, 0, PS_CRITERIA, "What decides between them."},
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
