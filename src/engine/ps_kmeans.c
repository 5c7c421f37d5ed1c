/*-------------------------------------------------------------------------
 *
 * ps_kmeans.c
 *	  Clusters by k-means.
 *
 * Starts are drawn from a sample and carried through on it; the best of them
 * goes on to all rows (ps_lloyd.h, which also says why the result does not
 * depend on the order of the rows).
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_centers.h"
#include "ps_learners.h"
#include "ps_lloyd.h"

#define SAMPLE_ROWS 16384
#define SAMPLE_ITERATIONS 50

static ps_status
kmeans_learn(const ps_env *env, const ps_frame *frame, const ps_value *options,
			 ps_value *parameters, ps_value *notes, ps_error *error)
{
	size_t		k = (size_t) ps_value_number_or(options, "k", 5);
	int			most_iterations = (int) ps_value_number_or(options, "iterations", 300);
	int			starts = (int) ps_value_number_or(options, "starts", 10);
	uint64_t	seed = (uint64_t) ps_value_number_or(options, "seed", 0);
	ps_encoder *encoder;
	ps_cluster_rows rows;
	ps_cluster_rows sample;
	ps_lloyd clusters;
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
	PS_TRY(ps_cluster_rows_encode(env, frame, encoder, &rows, error));
	PS_TRY(ps_cluster_rows_sample(&rows, SAMPLE_ROWS, &sample, error));
	PS_TRY(ps_lloyd_create(env, k, encoder->width, &clusters, error));
	PS_TRY(ps_alloc(env, k * encoder->width, sizeof(double), &best_centers, error));
	PS_TRY(ps_alloc(env, sample.count, sizeof(double), &distances, error));
	PS_TRY(ps_alloc(env, k, sizeof(bool), &used, error));

	ps_random_seed(&random, seed);
	for (int start = 0; start < starts; start++)
	{
		PS_TRY(ps_lloyd_draw(&rows, &sample, &random, distances, used, &clusters, error));
		PS_TRY(ps_lloyd_run(&sample, &clusters, SAMPLE_ITERATIONS, false, used, error));
		PS_TRY(ps_lloyd_inertia(&sample, &clusters, &inertia, error));
		if (inertia < best_inertia)
		{
			best_inertia = inertia;
			memcpy(best_centers, clusters.centers, k * encoder->width * sizeof(double));
		}
	}
	memcpy(clusters.centers, best_centers, k * encoder->width * sizeof(double));
	PS_TRY(ps_lloyd_run(&rows, &clusters, most_iterations, true, used, error));
	PS_TRY(ps_lloyd_inertia(&rows, &clusters, &inertia, error));
	if (!clusters.converged)
		PS_TRY(ps_note(env, notes, error, "rows were still changing clusters after %d iterations",
					   (int64_t) most_iterations));

	PS_TRY(ps_value_set_text(env, parameters, "status", clusters.converged ? "converged" : "not_converged", error));
	PS_TRY(ps_value_set_number(env, parameters, "iterations", clusters.iterations, error));
	PS_TRY(ps_value_set_number(env, parameters, "inertia", inertia, error));
	PS_TRY(ps_centers_save(env, encoder, clusters.centers, clusters.sizes, k, NULL, parameters, error));
	PS_TRY(ps_value_set_object(env, parameters, "encoder", &saved, error));
	return ps_encode_save(env, encoder, saved, error);
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
	.load = ps_centers_load,
	.answer = ps_centers_answer,
	.evaluate = ps_centers_evaluate,
	.explain = ps_centers_explain
};
