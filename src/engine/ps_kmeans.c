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
#include "ps_cluster_choice.h"
#include "ps_column_weights.h"
#include "ps_kmeans_choice.h"
#include "ps_learners.h"
#include "ps_lloyd.h"

#define SAMPLE_ROWS 16384

/* Save how many rows trimming left out; fail where it left a cluster nothing. */
static ps_status
save_trimmed(const ps_env *env, const ps_cluster_rows *rows, const ps_lloyd *clusters, ps_value *parameters,
			 ps_error *error)
{
	double		kept = 0;

	if (clusters->trim == 0)
		return PS_OK;
	for (size_t c = 0; c < clusters->k; c++)
	{
		kept += clusters->sizes[c];
		if (clusters->sizes[c] > 0)
			continue;
		ps_fail(error, PS_TOO_LITTLE_DATA, "trimming leaves too few different rows for %d clusters", (int64_t) clusters->k);
		return ps_hint(error, "Ask for fewer clusters by the option \"k\", or set \"trim\" lower.");
	}
	return ps_value_set_number(env, parameters, "trimmed_rows", rows->total - kept, error);
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

	PS_TRY(ps_cluster_frame(env, frame, &frame, error));
	PS_TRY(ps_column_weights_encode(env, frame, options, &encoder, &rows, notes, error));
	PS_TRY(ps_cluster_rows_sample(&rows, SAMPLE_ROWS, &sample, error));
	if (k == 0)
		PS_TRY(ps_kmeans_choose(&sample, options, parameters, notes, &k, error));
	PS_TRY(ps_lloyd_create(env, k, encoder->width, &clusters, error));
	clusters.trim = ps_value_number_or(options, "trim", 0);
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
	PS_TRY(save_trimmed(env, &rows, &clusters, parameters, error));
	PS_TRY(ps_centers_save(env, frame, encoder, &rows, clusters.centers, k, clusters.farthest, NULL, parameters, error));
	PS_TRY(ps_value_set_object(env, parameters, "encoder", &saved, error));
	return ps_encode_save(env, encoder, saved, error);
}

static const ps_option kmeans_options[] = {
	{"k", PS_OPTION_INTEGER, NAN, 2, 1000, NULL, "Number of clusters; without it, one from k_min to k_max."},
	{"k_min", PS_OPTION_INTEGER, 2, 2, 100, NULL, "Fewest clusters tried where k is not given."},
	{"k_max", PS_OPTION_INTEGER, 10, 2, 100, NULL, "Most clusters tried where k is not given."},
	{"criterion", PS_OPTION_TEXT, NAN, 0, 0, PS_CRITERIA, "What decides between them."},
	{"iterations", PS_OPTION_INTEGER, 300, 1, 100000, NULL, "Passes over the rows at most."},
	{"starts", PS_OPTION_INTEGER, 10, 1, 1000, NULL, "Random starts tried on a sample of up to about 16,000 rows."},
	PS_ENCODE_TRANSFORM,
	PS_ENCODE_SCALE,
	{"trim", PS_OPTION_NUMBER, 0, 0, 0.5, NULL, "Share of the rows to leave out as outliers."},
	{0}
};

const ps_learner ps_learner_kmeans = {
	.name = "kmeans",
	.kind = "cluster",
	.answers = PS_CENTERS_ANSWERS,
	.comparison = PS_COMPARE_NEVER,
	.options = kmeans_options,
	.choose = ps_choose_features,
	.fit = kmeans_learn,
	.load = ps_centers_load,
	.answer = ps_centers_answer,
	.evaluate = ps_centers_evaluate,
	.explain = ps_centers_explain
};
