/*-------------------------------------------------------------------------
 *
 * ps_hierarchical.c
 *	  Clusters cut from a tree of merges.
 *
 * The rows are summarised in points (ps_row_summary.h), the points merged to a
 * tree (ps_linkage.h), and the tree cut.  The points are kept with the
 * clusters they fall into, so that any row can be put into the cluster of the
 * point nearest to it: where every different row is a point, rows of the
 * training get exactly the cluster that the tree gives them, and clusters need
 * not be round.  Centers alone would be less to store and to compute, but they
 * draw other borders than the tree.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_centers.h"
#include "ps_cluster_choice.h"
#include "ps_column_weights.h"
#include "ps_dendrogram.h"
#include "ps_learners.h"
#include "ps_linkage.h"
#include "ps_row_summary.h"
#include "ps_sum.h"

#define MOST_CLUSTERS 1000
#define SAVED_MERGES 50			/* or as many as the cut undoes */

_Static_assert(PS_SUMMARY_EXACT <= PS_CENTERS_POINTS && PS_SUMMARY_POINTS <= PS_CENTERS_POINTS,
			   "a model has room for all points");

/* The tree of the rows. */
typedef struct row_tree
{
	ps_row_summary summary;
	ps_points	points;			/* the means of the summary */
	ps_merge   *merges;
} row_tree;

static ps_status
grow(const ps_cluster_rows *rows, ps_linkage linkage, uint64_t seed, row_tree *out, ps_error *error)
{
	PS_TRY(ps_row_summary_make(rows, seed, &out->summary, error));
	out->points = (ps_points) {out->summary.count, rows->width, out->summary.means, out->summary.weights};
	PS_TRY(ps_alloc(rows->env, out->points.count, sizeof(*out->merges), &out->merges, error));
	return ps_linkage_merge(rows->env, linkage, &out->points, out->merges, error);
}

/* Refuse to make more clusters than there are points. */
static ps_status
check_clusters(const row_tree *of, size_t k, const char *option, ps_error *error)
{
	if (k <= of->points.count)
		return PS_OK;
	if (of->summary.exact)
		ps_fail(error, PS_TOO_LITTLE_DATA, "cannot make %d clusters of rows of which only %d are different",
				(int64_t) k, (int64_t) of->points.count);
	else
		ps_fail(error, PS_TOO_LITTLE_DATA, "cannot make %d clusters of rows that are summarised in %d points",
				(int64_t) k, (int64_t) of->points.count);
	return ps_hint(error, "Ask for fewer clusters by the option \"%s\".", option);
}

/* Count the clusters that a cut at a height leaves. */
static ps_status
count_clusters(const row_tree *of, double height, size_t *k, ps_error *error)
{
	size_t		count = of->points.count;

	*k = 1;
	for (size_t i = 0; i + 1 < count; i++)
		*k += of->merges[i].height > height;
	if (*k < 2)
	{
		ps_fail(error, PS_INVALID_OPTION, "option \"height\" is %g, must be below %g, the height of the last merge", height,
				count < 2 ? 0 : of->merges[count - 2].height);
		return ps_hint(error, "At that height all rows are in one cluster.");
	}
	if (*k > MOST_CLUSTERS)
		return ps_fail(error, PS_INVALID_OPTION, "option \"height\" is %g, which makes %d clusters, must be at least %g, which makes %d",
					   height, (int64_t) *k, of->merges[count - MOST_CLUSTERS].height, (int64_t) MOST_CLUSTERS);
	return PS_OK;
}

/*
 * Find the centers of k groups of the points, centers[k x width], and the sum
 * of the squared distances of all rows to them.
 */
static ps_status
find_centers(const ps_env *env, const row_tree *of, const int32_t *labels, size_t k, double *centers, double *inertia,
			 ps_error *error)
{
	size_t		width = of->points.width;
	ps_sum	   *sums;
	ps_sum	   *weights;
	ps_sum		total = {of->summary.inertia, 0};

	PS_TRY(ps_alloc_zero(env, k * width, sizeof(*sums), &sums, error));
	PS_TRY(ps_alloc_zero(env, k, sizeof(*weights), &weights, error));
	for (size_t i = 0; i < of->points.count; i++)
	{
		size_t		c = (size_t) labels[i];

		ps_sum_add(&weights[c], of->points.weights[i]);
		for (size_t j = 0; j < width; j++)
			ps_sum_add(&sums[c * width + j], of->points.weights[i] * of->points.values[i * width + j]);
		if (i % 256 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	for (size_t i = 0; i < k * width; i++)
		centers[i] = ps_sum_value(&sums[i]) / ps_sum_value(&weights[i / width]);
	for (size_t i = 0; i < of->points.count; i++)
	{
		for (size_t j = 0; j < width; j++)
		{
			double		difference = of->points.values[i * width + j] - centers[(size_t) labels[i] * width + j];

			ps_sum_add(&total, of->points.weights[i] * difference * difference);
		}
		if (i % 256 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	*inertia = ps_sum_value(&total);
	ps_release(env, sums);
	ps_release(env, weights);
	return PS_OK;
}

/* Judge the cuts into k_min to k_max clusters and choose one. */
static ps_status
choose_clusters(const ps_env *env, const row_tree *of, size_t k_min, size_t k_max, const char *criterion, size_t *k,
				ps_value *parameters, ps_value *notes, ps_error *error)
{
	size_t		count = of->points.count;
	size_t		nnodes = 2 * count - 1;
	ps_candidates candidates = {.points = &of->points,.count = (k_max < count ? k_max : count) - k_min + 1,.k_max = k_max};
	size_t		chosen;
	int32_t    *labels;
	size_t	   *roots;
	double	   *centers;
	double	   *inertias;
	ps_grouping *cuts;
	const ps_value *list;

	PS_TRY(ps_alloc(env, candidates.count, nnodes * sizeof(*labels), &labels, error));
	PS_TRY(ps_alloc(env, k_max, sizeof(*roots), &roots, error));
	PS_TRY(ps_alloc(env, k_max, of->points.width * sizeof(*centers), &centers, error));
	PS_TRY(ps_alloc(env, candidates.count, sizeof(*inertias), &inertias, error));
	PS_TRY(ps_alloc(env, candidates.count, sizeof(*cuts), &cuts, error));
	for (size_t i = 0; i < candidates.count; i++)
	{
		cuts[i] = (ps_grouping) {k_min + i, labels + i * nnodes};
		ps_linkage_cut(of->merges, count, k_min + i, labels + i * nnodes, roots);
		PS_TRY(find_centers(env, of, labels + i * nnodes, k_min + i, centers, &inertias[i], error));
	}
	candidates.groupings = cuts;
	candidates.inertias = inertias;
	PS_TRY(ps_candidates_choose(env, &candidates, criterion, parameters, notes, &chosen, error));
	list = ps_value_get(parameters, "candidates");
	for (size_t i = 0; i < candidates.count; i++)
		PS_TRY(ps_value_set_number(env, list->items[i], "height", of->merges[count - cuts[i].k].height, error));
	*k = cuts[chosen].k;
	ps_release(env, labels);
	ps_release(env, roots);
	ps_release(env, centers);
	ps_release(env, inertias);
	ps_release(env, cuts);
	return PS_OK;
}

/* Find how many clusters the options ask for. */
static ps_status
find_clusters(const ps_env *env, const row_tree *of, const ps_value *options, size_t k_min, size_t k_max, size_t *k,
			  ps_value *parameters, ps_value *notes, ps_error *error)
{
	double		height = ps_value_number_or(options, "height", NAN);

	*k = (size_t) ps_value_number_or(options, "k", 0);
	if (*k > 0)
		return check_clusters(of, *k, "k", error);
	if (!isnan(height))
		return count_clusters(of, height, k, error);
	PS_TRY(check_clusters(of, k_min, "k_min", error));
	return choose_clusters(env, of, k_min, k_max, ps_value_text_or(options, "criterion", "overlap"), k, parameters,
						   notes, error);
}

/* Save with each cluster its node in the tree and its points. */
static ps_status
save_points(const ps_env *env, const row_tree *of, const int32_t *labels, const size_t *order, const size_t *nodes,
			size_t k, ps_value *parameters, ps_error *error)
{
	const ps_value *list = ps_value_get(parameters, "clusters");
	size_t		width = of->points.width;
	double	   *points;

	PS_TRY(ps_alloc(env, of->points.count, width * sizeof(double), &points, error));
	for (size_t place = 0; place < k; place++)
	{
		size_t		npoints = 0;

		for (size_t i = 0; i < of->points.count; i++)
			if ((size_t) labels[i] == order[place])
				memcpy(points + npoints++ * width, of->summary.points + i * width, width * sizeof(double));
		PS_TRY(ps_value_set_number(env, list->items[place], "node", (double) nodes[order[place]], error));
		PS_TRY(ps_centers_save_points(env, points, npoints, width, list->items[place], error));
		PS_TRY(ps_poll(env, 0, error));
	}
	ps_release(env, points);
	return PS_OK;
}

/* Cut the tree into k clusters and save them; the labels of rows are their points. */
static ps_status
cut(const ps_frame *frame, const ps_cluster_rows *rows, const ps_encoder *encoder, const row_tree *of, size_t k,
	ps_value *parameters, ps_error *error)
{
	const ps_env *env = rows->env;
	size_t		count = of->points.count;
	size_t		saved = k - 1 > SAVED_MERGES ? k - 1 : SAVED_MERGES < count ? SAVED_MERGES : count - 1;
	int32_t    *labels;
	size_t	   *roots;
	size_t	   *order;
	size_t	   *nodes;
	double	   *centers;
	double		inertia;

	PS_TRY(ps_alloc(env, 2 * count - 1, sizeof(*labels), &labels, error));
	PS_TRY(ps_alloc(env, k, sizeof(*roots), &roots, error));
	PS_TRY(ps_alloc(env, k, sizeof(*order), &order, error));
	PS_TRY(ps_alloc(env, k, sizeof(*nodes), &nodes, error));
	PS_TRY(ps_alloc(env, k, rows->width * sizeof(*centers), &centers, error));
	ps_linkage_cut(of->merges, count, k, labels, roots);
	PS_TRY(find_centers(env, of, labels, k, centers, &inertia, error));
	for (size_t row = 0; row < rows->count; row++)
	{
		rows->labels[row] = labels[rows->labels[row]];
		if (row % 65536 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	PS_TRY(ps_value_set_number(env, parameters, "inertia", inertia, error));
	PS_TRY(ps_centers_save(env, frame, encoder, rows, centers, k, INFINITY, order, parameters, error));
	PS_TRY(ps_dendrogram_save(env, &of->points, of->merges, saved, roots, k, nodes, parameters, error));
	return save_points(env, of, labels, order, nodes, k, parameters, error);
}

static ps_status
hierarchical_learn(const ps_env *env, const ps_frame *frame, const ps_value *options, ps_value *parameters,
				   ps_value *notes, ps_error *error)
{
	const char *linkage = ps_value_text_or(options, "linkage", "ward");
	size_t		k_min;
	size_t		k_max;
	ps_encoder *encoder;
	ps_cluster_rows rows;
	row_tree	tree;
	size_t		k;
	ps_value   *saved;

	if (ps_value_get(options, "k") != NULL && ps_value_get(options, "height") != NULL)
		return ps_fail(error, PS_INVALID_OPTION, "options \"k\" and \"height\" cannot be given both");
	PS_TRY(ps_candidates_range(options, &k_min, &k_max, error));
	PS_TRY(ps_cluster_frame(env, frame, &frame, error));
	PS_TRY(ps_column_weights_encode(env, frame, options, &encoder, &rows, notes, error));
	PS_TRY(grow(&rows, strcmp(linkage, "ward") == 0 ? PS_LINKAGE_WARD : PS_LINKAGE_AVERAGE,
				(uint64_t) ps_value_number_or(options, "seed", 0), &tree, error));

	PS_TRY(ps_value_set_text(env, parameters, "status", tree.summary.exact ? "exact" : "summarised", error));
	PS_TRY(ps_value_set_text(env, parameters, "linkage", linkage, error));
	PS_TRY(ps_value_set_number(env, parameters, "points", (double) tree.points.count, error));
	PS_TRY(find_clusters(env, &tree, options, k_min, k_max, &k, parameters, notes, error));
	PS_TRY(cut(frame, &rows, encoder, &tree, k, parameters, error));
	PS_TRY(ps_value_set_object(env, parameters, "encoder", &saved, error));
	return ps_encode_save(env, encoder, saved, error);
}

static const ps_option hierarchical_options[] = {
	{"k", PS_OPTION_INTEGER, NAN, 2, MOST_CLUSTERS, NULL, "Number of clusters; without it and height, one from k_min to k_max."},
	{"k_min", PS_OPTION_INTEGER, 2, 2, 100, NULL, "Fewest clusters tried where neither k nor height is given."},
	{"k_max", PS_OPTION_INTEGER, 10, 2, 100, NULL, "Most clusters tried where neither k nor height is given."},
	{"height", PS_OPTION_NUMBER, NAN, 0, 1e300, NULL, "Height above which nothing is merged, instead of k."},
	{"linkage", PS_OPTION_TEXT, NAN, 0, 0, "ward average", "How far clusters are apart: what merging them adds to the squared distances to their centers, or the mean distance of their rows."},
	{"criterion", PS_OPTION_TEXT, NAN, 0, 0, "overlap silhouette calinski_harabasz davies_bouldin", "What decides between them."},
	PS_ENCODE_TRANSFORM,
	PS_ENCODE_SCALE,
	{0}
};

const ps_learner ps_learner_hierarchical = {
	.name = "hierarchical",
	.kind = "cluster",
	.answers = PS_CENTERS_ANSWERS,
	.comparison = PS_COMPARE_NEVER,
	.options = hierarchical_options,
	.choose = ps_choose_features,
	.fit = hierarchical_learn,
	.load = ps_centers_load,
	.answer = ps_centers_answer,
	.evaluate = ps_centers_evaluate,
	.explain = ps_centers_explain
};
