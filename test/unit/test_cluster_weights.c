/*-------------------------------------------------------------------------
 *
 * test_cluster_weights.c
 *	  Weights of rows in k-means and hierarchical clusters: a row of weight w is
 *	  as good as w rows, one of weight 0 as none, and the order of the rows
 *	  changes nothing.
 *
 * Copies are compared to the last bit in what decides (how columns are scaled,
 * centers, cuts, the tree), and to 1e-13 where sums of squares are reported,
 * whose terms are rounded apart.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_lloyd.h"
#include "ps_weighed.h"

static const ps_column columns[] = {
	{"amount", PS_TYPE_NUMBER}, {"age", PS_TYPE_NUMBER}, {"member", PS_TYPE_BOOLEAN}, {"country", PS_TYPE_TEXT}
};

#define COLUMNS 4

/* Rows in three groups: a long tail, NULLs, two values, and texts of which one is rare. */
static void
make_cells(size_t i, ps_cell *cells)
{
	static const char *const countries[] = {"at", "de", "ch"};
	size_t		group = i % 3;
	double		u = fmod((double) i * 0.6180339887498949, 1);
	double		v = fmod((double) i * 0.7071067811865476, 1);

	cells[0] = number_cell(i % 17 == 0 ? (double) NAN : exp(1 + 2 * (double) group + u));
	cells[1] = number_cell(20 + 15 * (double) group + 6 * v);
	cells[2] = number_cell(i % 4 == 1);
	cells[3] = text_cell(i % 29 == 0 ? NULL : i % 31 == 0 ? "li" : countries[i * i % 7 % 3]);
}

/* How rows get into a frame. */
typedef enum row_order
{
	WEIGHED,
	REVERSED,
	REPEATED
} row_order;

/* A frame of n rows with these weights; repeated as often as they say. */
static ps_frame *
make_frame(const ps_env *env, size_t n, double (*weigh) (size_t i), row_order order)
{
	ps_frame   *frame;
	ps_error	error;

	ps_frame_create(env, columns, COLUMNS, false, order != REPEATED, &frame, &error);
	for (size_t row = 0; row < n; row++)
	{
		size_t		i = order == REVERSED ? n - 1 - row : row;
		ps_cell		cells[COLUMNS];

		make_cells(i, cells);
		if (order != REPEATED)
			ps_frame_append(frame, cells, 0, weigh(i), &error);
		for (double copy = 0; order == REPEATED && copy < weigh(i); copy++)
			ps_frame_append(frame, cells, 0, 1, &error);
	}
	return frame;
}

static double
whole(size_t i)
{
	return (double) (i * i % 11 % 4);
}

static double
fractions(size_t i)
{
	return i % 5 == 0 ? 0 : fmod((double) i * 0.3819660112501051, 1) * (double) (i % 7);
}

/* A part of the parameters as JSON. */
static char *
part_json(const ps_env *env, const fitted *fit, const char *name)
{
	char	   *json = NULL;
	size_t		length;
	ps_error	error;

	ps_json_write(env, ps_value_get(fit_parameters(fit), name), &json, &length, &error);
	return json;
}

static double
parameter(const fitted *fit, const char *name)
{
	return ps_value_number_or(fit_parameters(fit), name, NAN);
}

/* A fit with weights against that of as many copies. */
static void
test_copies(const ps_env *env, const char *method, const char *options)
{
	ps_frame   *frames[] = {make_frame(env, 800, whole, WEIGHED), make_frame(env, 800, whole, REPEATED)};
	fitted		fits[2];
	const ps_value *lists[2];
	ps_value   *metrics;
	double		losses[2];
	ps_error	error;
	size_t		wrong = 0;

	for (int f = 0; f < 2; f++)
		fits[f] = fit_frame(env, frames[f], method, options);
	ok(fits[0].status == PS_OK && fits[1].status == PS_OK, "%s %s: %s", method, options, fits[0].error.message);
	if (fits[0].status != PS_OK || fits[1].status != PS_OK)
		return;
	ok(strcmp(part_json(env, &fits[0], "encoder"), part_json(env, &fits[1], "encoder")) == 0, "columns are prepared and scaled alike");
	for (int f = 0; f < 2; f++)
		lists[f] = ps_value_get(fit_parameters(&fits[f]), "clusters");
	ok(lists[0]->count == lists[1]->count, "%zu clusters, %zu of copies", lists[0]->count, lists[1]->count);
	for (size_t c = 0; c < lists[0]->count && c < lists[1]->count; c++)
	{
		const ps_value *pair[] = {lists[0]->items[c], lists[1]->items[c]};
		const ps_value *centers[] = {ps_value_get(pair[0], "center"), ps_value_get(pair[1], "center")};

		wrong += memcmp(centers[0]->numbers, centers[1]->numbers, centers[0]->count * sizeof(double)) != 0;
		wrong += ps_value_number_or(pair[0], "rows", -1) != ps_value_number_or(pair[1], "rows", -2);
		wrong += ps_value_number_or(pair[0], "unlike_beyond", -1) != ps_value_number_or(pair[1], "unlike_beyond", -2);
		wrong += ps_value_number_or(pair[0], "node", -1) != ps_value_number_or(pair[1], "node", -1);
		for (size_t j = 0; j < 2; j++)
			wrong += !(fabs(ps_value_number_or(ps_value_get(pair[0], "means"), columns[j].name, NAN) /
							ps_value_number_or(ps_value_get(pair[1], "means"), columns[j].name, NAN) - 1) < 1e-13);
	}
	ok(wrong == 0, "the same centers, rows, limits and means: %zu differ", wrong);
	close_to(parameter(&fits[0], "inertia") / parameter(&fits[1], "inertia"), 1, 0, 1e-13, "inertia");
	ok(isnan(parameter(&fits[1], "trimmed_rows")) || parameter(&fits[0], "trimmed_rows") == parameter(&fits[1], "trimmed_rows"),
	   "as many rows are trimmed: %g", parameter(&fits[0], "trimmed_rows"));
	ok(parameter(&fits[0], "iterations") == parameter(&fits[1], "iterations") || isnan(parameter(&fits[0], "iterations")), "as many passes");
	for (int f = 0; f < 2; f++)
		lists[f] = ps_value_get(fit_parameters(&fits[f]), "candidates");
	wrong = 0;
	for (size_t i = 0; lists[0] != NULL && lists[0]->count == lists[1]->count && i < lists[0]->count; i++)
	{
		static const char *const measures[] = {"inertia", "overlap", "silhouette", "calinski_harabasz", "davies_bouldin"};

		for (size_t m = 0; m < sizeof(measures) / sizeof(measures[0]); m++)
		{
			double		of_weights = ps_value_number_or(lists[0]->items[i], measures[m], -1);
			double		of_copies = ps_value_number_or(lists[1]->items[i], measures[m], -1);

			wrong += !(fabs(of_weights - of_copies) <= 1e-12 * fabs(of_copies));
		}
	}
	ok(wrong == 0 && (lists[0] == NULL) == (lists[1] == NULL) && (lists[0] == NULL || lists[0]->count == lists[1]->count),
	   "the same candidates: %zu measures differ", wrong);
	ok(ps_model_evaluate(env, fits[0].model, frames[0], &metrics, &losses[0], &error) == PS_OK &&
	   ps_model_evaluate(env, fits[0].model, frames[1], &metrics, &losses[1], &error) == PS_OK, "evaluates");
	close_to(losses[0], losses[1], 1e-12, 0, "to the same");
}

/* Any weights: the order of rows changes no bit, and the clusters weigh as much as the rows. */
static void
test_order(const ps_env *env, size_t n, const char *method, const char *options)
{
	fitted		fits[2];
	double		total = 0;
	double		rows = 0;

	fits[0] = fit_frame(env, make_frame(env, n, fractions, WEIGHED), method, options);
	fits[1] = fit_frame(env, make_frame(env, n, fractions, REVERSED), method, options);
	ok(fits[0].status == PS_OK && fits[1].status == PS_OK &&
	   strcmp(parameters_json(env, &fits[0]), parameters_json(env, &fits[1])) == 0,
	   "%zu rows, %s %s: the same in another order: %s", n, method, options, fits[0].error.message);
	if (fits[0].status != PS_OK)
		return;
	for (size_t i = 0; i < n; i++)
		total += fractions(i);
	for (size_t c = 1; c <= ps_value_get(fit_parameters(&fits[0]), "clusters")->count; c++)
		rows += ps_value_number_or(fit_cluster(&fits[0], c), "rows", NAN);
	close_to((rows + (strstr(options, "trim") == NULL ? 0 : parameter(&fits[0], "trimmed_rows"))) / total, 1, 0, 1e-12,
			 "all the weight is in clusters");
}

/* Rows of weight 0 leave no trace, whatever is in them; weights that cannot be. */
static void
test_edges(const ps_env *env)
{
	static const char *const methods[] = {"kmeans", "hierarchical"};

	for (int m = 0; m < 2; m++)
	{
		ps_frame   *frames[4];
		fitted		fits[4];
		ps_error	error;

		for (int f = 0; f < 4; f++)
			ps_frame_create(env, columns, COLUMNS, false, true, &frames[f], &error);
		for (size_t i = 0; i < 300; i++)
		{
			ps_cell		cells[COLUMNS];
			const ps_cell nowhere[COLUMNS] = {number_cell(-1e140), number_cell((double) i), number_cell(NAN), text_cell("nowhere")};

			make_cells(i, cells);
			for (int f = 0; f < 2; f++)
				ps_frame_append(frames[f], cells, 0, 1, &error);
			ps_frame_append(frames[1], nowhere, 0, 0, &error);
			ps_frame_append(frames[2], cells, 0, 1e13, &error);
			ps_frame_append(frames[3], cells, 0, 1e-300 * (double) (1 + i % 3), &error);
		}
		for (int f = 0; f < 4; f++)
			fits[f] = fit_frame(env, frames[f], methods[m], "{\"k\":3}");
		ok(fits[0].status == PS_OK && fits[1].status == PS_OK &&
		   strcmp(parameters_json(env, &fits[0]), parameters_json(env, &fits[1])) == 0, "%s: rows of weight 0 have no part: %s", methods[m],
		   fits[1].error.message);
		ok(fits[2].status == PS_INVALID_DATA && fits[2].error.hint[0] != '\0', "%s: %s", methods[m], fits[2].error.message);
		ok(fits[3].status == PS_OK && parameter(&fits[3], "inertia") > 0, "%s: tiny weights: %s", methods[m], fits[3].error.message);
	}
}

/* A few heavy rows decide, also where there are many rows: the sample and the prepared columns follow the weights. */
static void
test_heavy(const ps_env *env)
{
	ps_frame   *frame;
	fitted		fit;
	ps_error	error;
	ps_cell		cells[2];

	ps_frame_create(env, columns, 2, false, true, &frame, &error);
	for (size_t i = 0; i < 100000; i++)
	{
		bool		heavy = i % 1000 == 0;

		cells[0] = number_cell((heavy ? 40 + (double) (i / 1000 % 2) * 40 : 0) + fmod((double) i * 0.6180339887498949, 1));
		cells[1] = number_cell((heavy ? 40 : 0) + fmod((double) i * 0.7071067811865476, 1));
		ps_frame_append(frame, cells, 0, heavy ? 10000 : 0.01, &error);
	}
	fit = fit_frame(env, frame, "kmeans", "{\"k\":2}");
	ok(fit.status == PS_OK, "heavy rows: %s", fit.error.message);
	if (fit.status != PS_OK)
		return;
	close_to(ps_value_number_or(ps_value_get(fit_cluster(&fit, 1), "means"), "amount", NAN) +
			 ps_value_number_or(ps_value_get(fit_cluster(&fit, 2), "means"), "amount", NAN), 121, 1, 0, "the two kinds of heavy rows are the clusters");
}

/* Order statistics are those of copies. */
static void
test_weighed(const ps_env *env)
{
	ps_weighed	numbers[] = {{3, 2}, {1, 3}, {2, 1}, {3, 1}};
	double		quantile;
	const double copies[] = {1, 1, 1, 2, 3, 3, 3};
	size_t		wrong = 0;
	ps_error	error;

	ok(ps_weighed_sort(env, numbers, 4, &error) == PS_OK && numbers[2].weight == 1, "by number, then weight");
	for (size_t i = 0; i < 7; i++)
	{
		wrong += ps_weighed_from_below(numbers, 4, (double) i) != copies[i] || ps_weighed_from_below(numbers, 4, (double) i + 0.9) != copies[i];
		wrong += ps_weighed_from_above(numbers, 4, (double) i) != copies[6 - i];
	}
	ok(wrong == 0 && ps_weighed_from_below(numbers, 4, 7) == 3 && ps_weighed_from_above(numbers, 4, 7) == 1, "%zu are not those of copies", wrong);
	ok(ps_weighed_quantile(env, numbers, 4, 3.0 / 7, &quantile, &error) == PS_OK && quantile == 1, "quantile %g, exactly the share", quantile);
	ok(ps_weighed_quantile(env, numbers, 4, 0.43, &quantile, &error) == PS_OK && quantile == 2, "quantile %g, more than the share", quantile);
	ok(ps_weighed_quantile(env, numbers, 4, 1, &quantile, &error) == PS_OK && quantile == 3, "quantile %g, of all", quantile);
}

static ps_status
small_fit(const ps_env *env)
{
	ps_frame   *frame;
	ps_error	error;

	PS_TRY(ps_frame_create(env, columns, 2, false, true, &frame, &error));
	for (size_t i = 0; i < 40; i++)
	{
		ps_cell		cells[COLUMNS];

		make_cells(i, cells);
		PS_TRY(ps_frame_append(frame, cells, 0, fractions(i), &error));
	}
	return fit_frame(env, frame, "kmeans", "{\"k\":2,\"starts\":1,\"trim\":0.1}").status;
}

int
main(void)
{
	host		h;
	long		allocations;
	long		polls;
	size_t		wrong;

	host_init(&h);
	test_copies(&h.env, "kmeans", "{\"k\":3}");
	test_copies(&h.env, "kmeans", "{\"k\":5,\"starts\":3,\"transform\":\"none\",\"scale\":\"standard\"}");
	test_copies(&h.env, "kmeans", "{\"k\":3,\"trim\":0.1}");
	test_copies(&h.env, "kmeans", "{}");
	test_copies(&h.env, "kmeans", "{\"trim\":0.05,\"criterion\":\"silhouette\"}");
	test_copies(&h.env, "hierarchical", "{\"k\":4}");
	test_copies(&h.env, "hierarchical", "{\"linkage\":\"average\"}");
	test_copies(&h.env, "hierarchical", "{\"height\":20}");
	test_order(&h.env, 500, "kmeans", "{}");
	test_order(&h.env, 500, "kmeans", "{\"criterion\":\"gap\",\"k_max\":3}");
	test_order(&h.env, 40000, "kmeans", "{\"k\":4}");
	test_order(&h.env, 20000, "kmeans", "{\"trim\":0.02,\"k\":3}");
	test_order(&h.env, 500, "hierarchical", "{}");
	test_order(&h.env, 5000, "hierarchical", "{\"k\":3}");
	test_edges(&h.env);
	test_heavy(&h.env);
	test_weighed(&h.env);
	host_free(&h);
	wrong = inject_faults(small_fit, &allocations, &polls);
	ok(wrong == 0, "each of %ld allocations and %ld polls may fail: %zu did not end as they should", allocations, polls, wrong);
	return tap_done();
}
