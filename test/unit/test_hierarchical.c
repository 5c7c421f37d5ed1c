/*-------------------------------------------------------------------------
 *
 * test_hierarchical.c
 *	  Hierarchical clustering: merges as SciPy finds them, cuts as the
 *	  definition of the linkages gives them, the same model for rows in any
 *	  order, exact or summarised, and clear words where there is nothing to cut.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_kernels.h"
#include "ps_linkage.h"
#include "ps_random.h"
#include "ps_row_summary.h"

enum
{
POINTS = 12};

/* reference/hierarchical.py */
static const double points[POINTS][2] = {
	{0.3, 1.1}, {0.9, 1.4}, {0.2, 2.6}, {4.1, 0.7}, {5.3, 1.9}, {4.6, 3.9},
	{5.8, 4.4}, {1.7, 5.2}, {2.9, 6.1}, {9.2, 8.7}, {8.1, 7.5}, {6.6, 0.2}
};
static const double copies[POINTS] = {1, 3, 2, 1, 1, 5, 1, 2, 1, 1, 4, 1};
static const ps_merge expected[2][POINTS - 1] = {
	{
		{0, 1, 0.6708203932499369, 2},
		{5, 6, 1.3000000000000003, 2},
		{7, 8, 1.4999999999999998, 2},
		{2, 12, 1.6258331197676263, 3},
		{9, 10, 1.62788205960997, 2},
		{3, 4, 1.6970562748477143, 2},
		{11, 17, 2.5350871122442054, 3},
		{13, 14, 4.617358552246078, 4},
		{18, 19, 7.908343996179273, 7},
		{15, 20, 8.681940752970803, 10},
		{16, 21, 13.89131623233258, 12},
	},
	{
		{0, 1, 0.6708203932499369, 2},
		{5, 6, 1.3000000000000003, 2},
		{2, 12, 1.4462870183911356, 3},
		{7, 8, 1.4999999999999998, 2},
		{9, 10, 1.62788205960997, 2},
		{3, 4, 1.6970562748477143, 2},
		{11, 17, 2.344801606349831, 3},
		{13, 15, 3.374301112235279, 4},
		{18, 19, 4.564854087798299, 7},
		{14, 20, 4.938396794479244, 10},
		{16, 21, 7.927929709047722, 12},
	}
};
static const double expected_of_copies[2][POINTS - 1] = {
	{0.8215838362577492, 1.6782927833565475, 1.6970562748477143, 1.732050807568877, 2.059126028197399, 2.267524347535582, 2.5350871122442054, 6.192558257923599, 8.1027430197708, 11.700427342623003, 19.906333806200095},
	{0.6708203932499369, 1.3000000000000003, 1.417765708668058, 1.4999999999999998, 1.62788205960997, 1.6970562748477143, 2.344801606349831, 3.1887845906153185, 4.07472437000974, 4.669190823210802, 7.345559114328393}
};
static const char *const linkage_names[] = {"ward", "average"};

/* SciPy's numbers; 1e-12 leaves room for sums in another order. */
static void
test_merges(const ps_env *env)
{
	for (int linkage = 0; linkage < 2; linkage++)
	{
		ps_points	given = {POINTS, 2, points[0], NULL};
		ps_merge	merges[POINTS - 1];
		ps_error	error;
		size_t		wrong = 0;

		ok(ps_linkage_merge(env, (ps_linkage) linkage, &given, merges, &error) == PS_OK, "%s", linkage_names[linkage]);
		for (size_t i = 0; i < POINTS - 1; i++)
		{
			const ps_merge *want = &expected[linkage][i];

			wrong += merges[i].left != want->left || merges[i].right != want->right || merges[i].weight != want->weight;
			close_to(merges[i].height, want->height, 1e-12, 0, "height %zu", i + 1);
		}
		ok(wrong == 0, "SciPy's merges");
		given.weights = copies;
		ps_linkage_merge(env, (ps_linkage) linkage, &given, merges, &error);
		for (size_t i = 0; i < POINTS - 1; i++)
			close_to(merges[i].height, expected_of_copies[linkage][i], 1e-12, 0, "a weight counts as so many points: height %zu", i + 1);
		ok(merges[POINTS - 2].weight == 23, "all of them in the end");
	}
}

/* Ties: a square of equal distances gives the same tree for any shift of the points. */
static void
test_ties(const ps_env *env)
{
	static const double square[][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
	const ps_points given = {4, 2, square[0], NULL};
	const ps_points one = {1, 2, square[0], NULL};
	ps_merge	merges[3];
	int32_t		labels[7];
	size_t		roots[4];
	ps_error	error;

	ps_linkage_merge(env, PS_LINKAGE_AVERAGE, &given, merges, &error);
	ok(merges[0].height == 1 && merges[1].height == 1, "the sides first");
	close_to(merges[2].height, (1 + sqrt(2)) / 2, 1e-15, 0, "then their mean distance");
	ps_linkage_cut(merges, 4, 4, labels, roots);
	ok(labels[4] == -1 && labels[5] == -1 && labels[6] == -1, "all undone");
	for (int32_t c = 0; c < 4; c++)
		ok(roots[c] < 4 && labels[roots[c]] == c, "every point alone");
	ps_linkage_cut(merges, 4, 1, labels, roots);
	ok(roots[0] == 6 && labels[0] == 0 && labels[3] == 0, "nothing undone");
	ok(ps_linkage_merge(env, PS_LINKAGE_WARD, &one, merges, &error) == PS_OK, "a single point");
	ps_linkage_cut(merges, 1, 1, labels, roots);
	ok(labels[0] == 0 && roots[0] == 0, "is a group");
}

static const ps_column columns[] = {
	{"spend", PS_TYPE_NUMBER}, {"visits", PS_TYPE_NUMBER}, {"channel", PS_TYPE_TEXT}
};

/* Row i of four groups of customers of sizes 4:3:2:1; returns the group. */
static size_t
make_cells(size_t i, ps_cell *cells)
{
	static const size_t groups[] = {0, 0, 0, 0, 1, 1, 1, 2, 2, 3};
	static const double centers[][2] = {{10, 1}, {100, 12}, {50, 20}, {190, 30}};
	static const char *const channels[] = {"web", "shop", "web", "phone"};
	size_t		group = groups[i % 10];
	ps_random	random;

	ps_random_seed(&random, i);
	cells[0] = number_cell(centers[group][0] + 8 * ps_random_uniform(&random));
	cells[1] = number_cell(centers[group][1] + ps_random_uniform(&random));
	cells[2] = text_cell(channels[group]);
	return group;
}

static ps_frame *
make_frame(const ps_env *env, size_t n, size_t ncolumns, bool reversed)
{
	ps_frame   *frame;
	ps_error	error;

	ps_frame_create(env, columns, ncolumns, false, false, &frame, &error);
	for (size_t i = 0; i < n; i++)
	{
		ps_cell		cells[3];

		make_cells(reversed ? n - 1 - i : i, cells);
		ps_frame_append(frame, cells, 0, 1, &error);
	}
	return frame;
}

static const ps_value *
clusters_of(const fitted *fit)
{
	return ps_value_get(fit_parameters(fit), "clusters");
}

static double
parameter(const fitted *fit, const char *name)
{
	return ps_value_number_or(fit_parameters(fit), name, NAN);
}

/* Clusters that are there: all rows in the tree, and a summary of them. */
static void
test_groups(const ps_env *env, size_t n, const char *options)
{
	ps_frame   *frame = make_frame(env, n, 3, false);
	ps_frame   *reversed = make_frame(env, n, 3, true);
	fitted		fit = fit_frame(env, frame, "hierarchical", options);
	fitted		same = fit_frame(env, reversed, "hierarchical", options);
	ps_value   *metrics;
	ps_error	error;
	double		loss;
	size_t		wrong = 0;

	ok(fit.status == PS_OK && strcmp(fit_status(&fit), n > PS_SUMMARY_EXACT ? "summarised" : "exact") == 0, "%zu rows, %s: %s", n,
	   options, fit.error.message);
	if (fit.status != PS_OK)
		return;
	ok(clusters_of(&fit)->count == 4, "four clusters");
	for (size_t i = 0; i < n; i++)
	{
		ps_cell		cells[3];

		if (score_row(env, &fit, frame, i) != (double) make_cells(i, cells) + 1)
			wrong++;
	}
	ok(wrong == 0, "every row in the cluster of its group, numbered by size");
	for (size_t c = 0; c < clusters_of(&fit)->count; c++)
		close_to(ps_value_number_or(clusters_of(&fit)->items[c], "rows", NAN), (double) (n * (4 - c) / 10), 0, 0, "size of %zu", c + 1);
	ok(strcmp(parameters_json(env, &fit), parameters_json(env, &same)) == 0, "rows in another order: the same model to the last bit");
	ok(ps_model_evaluate(env, fit.model, frame, &metrics, &loss, &error) == PS_OK, "evaluate");
	close_to(loss * (double) n, parameter(&fit, "inertia"), 1e-6, 0, "the loss is the inertia per row, up to float32");
}

/* Merge the two groups that are nearest by definition, again and again: labels[count], and the height of the last merge. */
static double
merge_plainly(const double *values, size_t count, size_t width, bool ward, size_t k, size_t *labels)
{
	double		last = 0;

	for (size_t i = 0; i < count; i++)
		labels[i] = i;
	for (size_t groups = count; groups > k; groups--)
	{
		size_t		best[2] = {0, 0};

		last = INFINITY;
		for (size_t a = 0; a < count; a++)
			for (size_t b = a + 1; b < count; b++)
			{
				double		sizes[2] = {0, 0};
				double		apart = 0;

				if (labels[a] != a || labels[b] != b)
					continue;
				for (size_t i = 0; i < count; i++)
				{
					sizes[0] += labels[i] == a;
					sizes[1] += labels[i] == b;
				}
				for (size_t j = 0; ward && j < width; j++)
				{
					double		difference = 0;

					for (size_t i = 0; i < count; i++)
						difference += (labels[i] == a) * values[i * width + j] / sizes[0] -
							(labels[i] == b) * values[i * width + j] / sizes[1];
					apart += 2 * sizes[0] * sizes[1] / (sizes[0] + sizes[1]) * difference * difference;
				}
				for (size_t i = 0; !ward && i < count; i++)
					for (size_t m = 0; m < count && labels[i] == a; m++)
					{
						double		sum = 0;

						for (size_t j = 0; labels[m] == b && j < width; j++)
							sum += pow(values[i * width + j] - values[m * width + j], 2);
						apart += sqrt(sum) / (sizes[0] * sizes[1]);
					}
				if (ward)
					apart = sqrt(apart);
				if (apart < last)
				{
					last = apart;
					best[0] = a;
					best[1] = b;
				}
			}
		for (size_t i = 0; i < count; i++)
			if (labels[i] == best[1])
				labels[i] = best[0];
	}
	return last;
}

/* The first point of each cluster, of a model's tree, against the definition. */
static void
test_definition(const ps_env *env, int linkage)
{
	enum
	{
	N = 60, K = 5};
	ps_frame   *frame;
	ps_error	error;
	fitted		fit;
	char		options[100];
	double		values[N * 2];
	size_t		of_cluster[N];
	size_t		labels[N];
	size_t		count = 0;
	size_t		wrong = 0;
	size_t		elsewhere = 0;
	const ps_value *tree;
	double		height;

	ps_frame_create(env, columns, 2, false, false, &frame, &error);
	for (size_t i = 0; i < N; i++)
	{
		ps_cell		cells[2];
		ps_random	random;

		ps_random_seed(&random, 100 + i);
		cells[0] = number_cell(ps_random_uniform(&random));
		cells[1] = number_cell(5 * ps_random_uniform(&random));
		ps_frame_append(frame, cells, 0, 1, &error);
	}
	ps_format(options, sizeof(options), "{\"k\":5,\"linkage\":\"%s\"}", linkage_names[linkage]);
	fit = fit_frame(env, frame, "hierarchical", options);
	ok(fit.status == PS_OK && clusters_of(&fit)->count == K, "%s %s", options, fit.error.message);
	for (size_t c = 0; c < K; c++)
	{
		const ps_value *own = ps_value_get(clusters_of(&fit)->items[c], "points");

		for (size_t i = 0; i < own->count / 2; i++, count++)
		{
			memcpy(values + count * 2, own->numbers + i * 2, 2 * sizeof(double));
			of_cluster[count] = c;
		}
	}
	ok(count == N, "every row is a point");
	height = merge_plainly(values, N, 2, linkage == 0, K, labels);
	for (size_t a = 0; a < N; a++)
		for (size_t b = 0; b < N; b++)
			wrong += (labels[a] == labels[b]) != (of_cluster[a] == of_cluster[b]);
	ok(wrong == 0, "the clusters of the definition");
	tree = ps_value_get(fit_parameters(&fit), "tree");
	ok(tree->count == 101, "50 merges and the 51 branches before them are kept");
	close_to(ps_value_number_or(tree->items[101 - K], "height", NAN), height, 1e-6, 0, "the height of the last merge, of float32");

	/* each row of the training is given the cluster that the tree gives it */
	wrong = 0;
	for (size_t i = 0; i < N; i++)
	{
		size_t		label = (size_t) score_row(env, &fit, frame, i) - 1;
		size_t		nearest = 0;
		size_t		center = 0;
		double		least[2] = {INFINITY, INFINITY};
		ps_cell		cells[2];
		const ps_value *coded = ps_value_get(ps_value_get(fit_parameters(&fit), "encoder"), "columns");
		double		x[2];

		ps_frame_row(frame, i, cells);
		for (size_t j = 0; j < 2; j++)
			x[j] = (cells[j].number - ps_value_number_or(coded->items[j], "mean", NAN)) / ps_value_number_or(coded->items[j], "scale", NAN);
		for (size_t m = 0; m < N; m++)
		{
			double		sum = pow(x[0] - values[2 * m], 2) + pow(x[1] - values[2 * m + 1], 2);

			if (sum < least[0])
			{
				least[0] = sum;
				nearest = of_cluster[m];
			}
		}
		for (size_t c = 0; c < K; c++)
		{
			const double *of = ps_value_get(clusters_of(&fit)->items[c], "center")->numbers;
			double		sum = pow(x[0] - of[0], 2) + pow(x[1] - of[1], 2);

			if (sum < least[1])
			{
				least[1] = sum;
				center = c;
			}
		}
		wrong += least[0] > 1e-10 || label != nearest;
		elsewhere += center != label;
	}
	ok(wrong == 0, "rows are at their points and in their clusters");
	ok(elsewhere > 0, "which the nearest centers would not say of %zu rows", elsewhere);
}

/* The tree as it is drawn. */
static void
test_tree(const ps_env *env)
{
	ps_frame   *frame = make_frame(env, 40, 3, false);
	fitted		fit = fit_frame(env, frame, "hierarchical", "{\"k\":3}");
	const ps_value *tree = ps_value_get(fit_parameters(&fit), "tree");
	size_t		branches = (tree->count + 1) / 2;
	double		rows = 0;
	double		last = 0;
	size_t		wrong = 0;

	ok(branches == (size_t) parameter(&fit, "points"), "all of a small tree");
	for (size_t i = 0; i < tree->count; i++)
	{
		const ps_value *node = tree->items[i];
		double		height = ps_value_number_or(node, "height", NAN);

		wrong += ps_value_number_or(node, "node", 0) != (double) (i + 1);
		if (i < branches)
		{
			rows += ps_value_number_or(node, "rows", NAN);
			wrong += ps_value_number_or(node, "position", 0) != (double) (i + 1) || height != 0 || ps_value_get(node, "left") != NULL;
		}
		else
		{
			const ps_value *left = tree->items[(size_t) ps_value_number_or(node, "left", 1) - 1];
			const ps_value *right = tree->items[(size_t) ps_value_number_or(node, "right", 1) - 1];

			wrong += height < last || ps_value_number_or(left, "position", NAN) >= ps_value_number_or(right, "position", NAN) ||
				ps_value_number_or(left, "rows", NAN) + ps_value_number_or(right, "rows", NAN) != ps_value_number_or(node, "rows", NAN);
			last = height;
		}
	}
	ok(wrong == 0, "branches from left to right, then merges by height; rows add up");
	ok(rows == 40 && ps_value_number_or(tree->items[tree->count - 1], "rows", 0) == 40, "to all rows");
	for (size_t c = 0; c < 3; c++)
	{
		const ps_value *cluster = clusters_of(&fit)->items[c];
		size_t		node = (size_t) ps_value_number_or(cluster, "node", 1);

		ok(ps_value_number_or(tree->items[node - 1], "rows", NAN) == ps_value_number_or(cluster, "rows", 0), "cluster %zu is node %zu", c + 1, node);
	}
}

/* How many clusters: chosen, and by a height. */
static void
test_number(const ps_env *env)
{
	ps_frame   *frame = make_frame(env, 400, 2, false);
	fitted		fit = fit_frame(env, frame, "hierarchical", "{\"k_max\":7}");
	const ps_value *candidates = ps_value_get(fit_parameters(&fit), "candidates");
	char		options[100];
	double		heights[2];

	ok(fit.status == PS_OK && clusters_of(&fit)->count == 4 && candidates->count == 6 && has_note(&fit, "4 clusters"), "four found");
	heights[0] = ps_value_number_or(candidates->items[2], "height", NAN);
	heights[1] = ps_value_number_or(candidates->items[1], "height", NAN);
	ok(heights[0] < heights[1], "merged at their heights");
	for (int i = 0; i < 2; i++)
	{
		ps_format(options, sizeof(options), "{\"height\":%g}", i == 0 ? heights[0] : (heights[0] + heights[1]) / 2);
		fit = fit_frame(env, frame, "hierarchical", options);
		ok(fit.status == PS_OK && clusters_of(&fit)->count == 3 && ps_value_get(fit_parameters(&fit), "candidates") == NULL,
		   "%s leaves three", options);
	}
	ps_format(options, sizeof(options), "{\"height\":%g,\"linkage\":\"ward\"}", heights[0] * 0.999);
	fit = fit_frame(env, frame, "hierarchical", options);
	ok(fit.status == PS_OK && clusters_of(&fit)->count == 4, "and just below four");
	fit = fit_frame(env, frame, "hierarchical", "{\"height\":1e9}");
	ok(fit.status == PS_INVALID_OPTION && fit.error.hint[0] != '\0', "%s", fit.error.message);
	fit = fit_frame(env, frame, "hierarchical", "{\"height\":-1}");
	ok(fit.status == PS_INVALID_OPTION, "%s", fit.error.message);
	fit = fit_frame(env, frame, "hierarchical", "{\"height\":1,\"k\":3}");
	ok(fit.status == PS_INVALID_OPTION, "%s", fit.error.message);
	fit = fit_frame(env, frame, "hierarchical", "{\"k_min\":5,\"k_max\":4}");
	ok(fit.status == PS_INVALID_OPTION, "%s", fit.error.message);
	fit = fit_frame(env, frame, "hierarchical", "{\"linkage\":\"single\"}");
	ok(fit.status == PS_INVALID_OPTION, "%s", fit.error.message);
	frame = make_frame(env, 1500, 2, false);
	fit = fit_frame(env, frame, "hierarchical", "{\"height\":0}");
	ok(fit.status == PS_INVALID_OPTION, "%s", fit.error.message);
	fit = fit_frame(env, frame, "hierarchical", "{\"k\":1000}");
	ok(fit.status == PS_OK && ps_value_get(fit_parameters(&fit), "tree")->count == 1999, "a cut below the last 50 merges keeps as many as it undoes");
}

/* Frames of few different rows. */
static void
test_few(const ps_env *env)
{
	static const size_t sizes[] = {40, 60000};
	ps_frame   *frame;
	ps_error	error;
	fitted		fit;
	ps_cell		cells[2];

	for (int s = 0; s < 2; s++)
	{
		ps_frame_create(env, columns, 1, false, false, &frame, &error);
		for (size_t i = 0; i < sizes[s]; i++)
		{
			cells[0] = number_cell(i == 17 ? 9 : (double) (i % 4 == 0));
			ps_frame_append(frame, cells, 0, 1, &error);
		}
		fit = fit_frame(env, frame, "hierarchical", "{\"k\":3,\"transform\":\"none\",\"scale\":\"standard\"}");
		ok(fit.status == PS_OK && ps_value_number_or(clusters_of(&fit)->items[2], "rows", 0) == 1 && parameter(&fit, "inertia") == 0,
		   "%zu rows, three values: %s", sizes[s], fit.error.message);
		fit = fit_frame(env, frame, "hierarchical", "{}");
		ok(fit.status == PS_OK, "chosen among two and three");
		fit = fit_frame(env, frame, "hierarchical", "{\"k\":4}");
		ok(fit.status == PS_TOO_LITTLE_DATA && strncmp(fit.error.message, "cannot make 4 clusters of rows of which only ", 45) == 0,
		   "four clusters: %s", fit.error.message);
		fit = fit_frame(env, frame, "hierarchical", "{\"k_min\":4}");
		ok(fit.status == PS_TOO_LITTLE_DATA && strstr(fit.error.hint, "k_min") != NULL, "at least four: %s", fit.error.hint);
	}
	cells[0] = number_cell(1);
	ps_frame_create(env, columns, 1, false, false, &frame, &error);
	for (size_t i = 0; i < 20; i++)
		ps_frame_append(frame, cells, 0, 1, &error);
	fit = fit_frame(env, frame, "hierarchical", "{}");
	ok(fit.status == PS_TOO_LITTLE_DATA, "identical rows: %s", fit.error.message);

	/* 40,000 rows of three kinds and 5,000 that are all different: fewer points than rows to divide among */
	ps_frame_create(env, columns, 2, false, false, &frame, &error);
	for (size_t i = 0; i < 45000; i++)
	{
		cells[0] = number_cell(i < 40000 ? (double) (i % 3) : 3 + (double) i / 45000);
		cells[1] = number_cell(i < 40000 ? 0 : 1);
		ps_frame_append(frame, cells, 0, 1, &error);
	}
	fit = fit_frame(env, frame, "hierarchical", "{\"k\":4}");
	ok(fit.status == PS_OK && strcmp(fit_status(&fit), "summarised") == 0 && parameter(&fit, "points") <= PS_SUMMARY_POINTS &&
	   ps_value_number_or(clusters_of(&fit)->items[3], "rows", 0) == 5000, "copies take no points from others");
}

/* NULL, bad scales, rows unlike any seen. */
static void
test_cells(const ps_env *env)
{
	ps_frame   *frame;
	ps_error	error;
	fitted		fit;
	ps_cell		cells[2];
	double		number;

	ps_frame_create(env, columns, 2, false, false, &frame, &error);
	for (size_t i = 0; i < 300; i++)
	{
		cells[0] = number_cell(i % 3 == 0 ? (double) NAN : 1e12 + 1e10 * (double) (i % 3));
		cells[1] = number_cell(1e-12 * (double) (i % 2));
		ps_frame_append(frame, cells, 0, 1, &error);
	}
	fit = fit_frame(env, frame, "hierarchical", "{\"k\":6}");
	ok(fit.status == PS_OK && parameter(&fit, "inertia") < 1e-6, "NULLs are a place of their own: %s", fit.error.message);
	cells[0] = number_cell(NAN);
	cells[1] = number_cell(NAN);
	number = score_cells(env, &fit, cells);
	ok(number >= 1 && number <= 6, "a row of NULLs");
	cells[1] = number_cell(-1e300);
	number = score_cells(env, &fit, cells);
	ok(isnan(number) || (number >= 1 && number <= 6), "far away: an error or a cluster");
}

/* Contributions sum to how much nearer the nearest point is than the nearest of another cluster. */
static void
test_explain(const ps_env *env)
{
	ps_frame   *frame = make_frame(env, 300, 2, false);
	fitted		fit = fit_frame(env, frame, "hierarchical", "{\"k\":5,\"transform\":\"none\",\"scale\":\"standard\"}");
	const ps_value *coded = ps_value_get(ps_value_get(fit_parameters(&fit), "encoder"), "columns");
	size_t		wrong = 0;

	for (size_t i = 0; i < 300; i += 7)
	{
		double		nearest[5];
		double		contributions[2] = {0, 0};
		double		baseline = 0;
		double		next = INFINITY;
		size_t		own;
		ps_error	error;
		ps_cell		cells[3];
		double		x[2];

		make_cells(i, cells);
		cells[0].number += 3 * (double) (i % 11);
		for (size_t j = 0; j < 2; j++)
			x[j] = (cells[j].number - ps_value_number_or(coded->items[j], "mean", NAN)) / ps_value_number_or(coded->items[j], "scale", NAN);
		for (size_t c = 0; c < 5; c++)
		{
			const ps_value *own_points = ps_value_get(clusters_of(&fit)->items[c], "points");

			nearest[c] = INFINITY;
			for (size_t m = 0; m < own_points->count; m += 2)
				nearest[c] = fmin(nearest[c], pow(x[0] - own_points->numbers[m], 2) + pow(x[1] - own_points->numbers[m + 1], 2));
		}
		own = (size_t) score_cells(env, &fit, cells) - 1;
		for (size_t c = 0; c < 5; c++)
			if (c != own)
				next = fmin(next, nearest[c]);
		wrong += ps_model_explain(env, fit.model, cells, &baseline, contributions, &error) != PS_OK || baseline != 0 ||
			fabs(contributions[0] + contributions[1] - (next - nearest[own])) > 1e-9;
	}
	ok(wrong == 0, "explained");
}

static void
test_corrupt(const ps_env *env)
{
#define ENCODER "\"encoder\":{\"reference_dropped\":false,\"columns\":[{\"column\":\"spend\",\"mean\":0,\"scale\":1}]}"
#define TWO_COLUMNS "\"encoder\":{\"reference_dropped\":false,\"columns\":[{\"column\":\"spend\",\"mean\":0,\"scale\":1,\"nulls\":0.5}]}"
	static const char *const texts[] = {
		"{" ENCODER ",\"clusters\":[{\"center\":[1],\"points\":[1,0.5]},{\"center\":[2]}]}",
		"{" ENCODER ",\"clusters\":[{\"center\":[1],\"points\":[]},{\"center\":[2]}]}",
		"{" ENCODER ",\"clusters\":[{\"center\":[1],\"points\":[1,\"x\"]},{\"center\":[2]}]}",
		"{" ENCODER ",\"clusters\":[{\"center\":[1],\"points\":3},{\"center\":[2]}]}",
		"{" ENCODER ",\"clusters\":[{\"points\":[1]},{\"center\":[2]}]}",
		"{" TWO_COLUMNS ",\"clusters\":[{\"center\":[1,2],\"points\":[1,2,3]},{\"center\":[2,3]}]}"
	};
	const ps_input input = {"spend", PS_TYPE_NUMBER};
	ps_value   *parameters;
	void	   *state;
	ps_error	error = {0};
	double		many[PS_SUMMARY_EXACT];
	ps_value   *cluster;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
	{
		ps_json_read(env, texts[i], strlen(texts[i]), &parameters, &error);
		ok(ps_learner_find("hierarchical")->load(env, parameters, &input, 1, &state, &error) == (i == 0 ? PS_OK : PS_CORRUPT),
		   "%s %s", i == 0 ? "loads" : "refused:", error.message);
	}
	ps_json_read(env, texts[0], strlen(texts[0]), &parameters, &error);
	cluster = ps_value_get(parameters, "clusters")->items[1];
	for (size_t i = 0; i < PS_SUMMARY_EXACT; i++)
		many[i] = (double) i;
	ps_value_set_numbers(env, cluster, "points", many, PS_SUMMARY_EXACT - 2, &error);
	ok(ps_learner_find("hierarchical")->load(env, parameters, &input, 1, &state, &error) == PS_OK, "as many points as there is room for");
	ps_value_set_numbers(env, cluster, "points", many, PS_SUMMARY_EXACT - 1, &error);
	ok(ps_learner_find("hierarchical")->load(env, parameters, &input, 1, &state, &error) == PS_CORRUPT, "refused: %s", error.message);

	/* more clusters of one point each than there is room for, after one of two */
	ps_json_read(env, texts[0], strlen(texts[0]), &parameters, &error);
	for (size_t i = 2; i < PS_SUMMARY_EXACT; i++)
	{
		ps_value   *list = (ps_value *) ps_value_get(parameters, "clusters");

		ps_value_append_object(env, list, &cluster, &error);
		ps_value_set_numbers(env, cluster, "center", many + i, 1, &error);
	}
	ok(ps_learner_find("hierarchical")->load(env, parameters, &input, 1, &state, &error) == PS_CORRUPT, "refused: %s", error.message);
}

static ps_status
small_fit(const ps_env *env)
{
	ps_frame   *frame;
	ps_error	error;
	ps_value   *metrics;
	double		loss;
	fitted		fit;

	PS_TRY(ps_frame_create(env, columns, 3, false, false, &frame, &error));
	for (size_t i = 0; i < 20; i++)
	{
		ps_cell		cells[3];

		make_cells(i, cells);
		PS_TRY(ps_frame_append(frame, cells, 0, 1, &error));
	}
	fit = fit_frame(env, frame, "hierarchical", "{\"k_max\":3}");
	PS_TRY(fit.status);
	return ps_model_evaluate(env, fit.model, frame, &metrics, &loss, &error);
}

/* A summary of more rows than are kept. */
static ps_status
summarise(const ps_env *env)
{
	enum
	{
	N = PS_SUMMARY_EXACT + 100};
	ps_cluster_rows rows;
	ps_row_summary summary;
	ps_error	error;

	PS_TRY(ps_cluster_rows_create(env, N, 1, &rows, &error));
	for (size_t i = 0; i < N; i++)
		rows.tiles[i] = (float) i / N;
	return ps_row_summary_make(&rows, 0, &summary, &error);
}

/* Each allocation of it failing, and some of its polls cancelling: all of them would take long. */
static size_t
fail_summaries(void)
{
	host		h;
	long		allocations;
	long		polls;
	size_t		wrong = 0;

	host_init(&h);
	wrong += summarise(&h.env) != PS_OK;
	allocations = h.allocations;
	polls = h.polls;
	host_free(&h);
	for (long i = 1; i <= allocations; i++)
	{
		host_init(&h);
		h.fail_at = i;
		wrong += summarise(&h.env) != PS_OUT_OF_MEMORY;
		host_free(&h);
	}
	for (long i = 1; i <= polls; i += 50)
	{
		host_init(&h);
		h.cancel_at = i;
		wrong += summarise(&h.env) != PS_CANCELLED;
		host_free(&h);
	}
	return wrong;
}

int
main(void)
{
	host		h;
	long		allocations;
	long		polls;
	size_t		wrong;

	host_init(&h);
	test_merges(&h.env);
	test_ties(&h.env);
	test_groups(&h.env, 300, "{\"k\":4}");
	test_groups(&h.env, 300, "{\"k\":4,\"linkage\":\"average\"}");
	test_groups(&h.env, 20000, "{}");
	test_groups(&h.env, 20000, "{\"linkage\":\"average\"}");
	test_definition(&h.env, 0);
	test_definition(&h.env, 1);
	test_tree(&h.env);
	test_number(&h.env);
	test_few(&h.env);
	test_cells(&h.env);
	test_explain(&h.env);
	test_corrupt(&h.env);
	host_free(&h);
	wrong = inject_faults(small_fit, &allocations, &polls);
	ok(wrong == 0, "each of %ld allocations and %ld polls may fail: %zu did not end as they should", allocations, polls, wrong);
	ok(fail_summaries() == 0, "and those of a summary");
	return tap_done();
}
