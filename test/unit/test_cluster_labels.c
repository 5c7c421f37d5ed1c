/*-------------------------------------------------------------------------
 *
 * test_cluster_labels.c
 *	  Numbers of clusters from version to version: groups on a line whose
 *	  sizes, and with them the numbers of a first version, change; that come, go
 *	  and come apart; and numbers that are not valid.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_cluster_labels.h"

static const ps_column column = {"x", PS_TYPE_NUMBER};

/* Rows around 10, 20, ...: as many as sizes[i], at most 0.3 away. */
static ps_frame *
groups(const ps_env *env, const int *sizes, int n)
{
	ps_frame   *frame;
	ps_error	error;

	ps_frame_create(env, &column, 1, false, false, &frame, &error);
	for (int i = 0; i < n; i++)
		for (int j = 0; j < sizes[i]; j++)
			ps_frame_append(frame, &(ps_cell) {.number = 10 * (i + 1) + 0.3 * (j % 7 - 3) / 3}, 0, 1, &error);
	return frame;
}

/* Fit, and keep the numbers of a former version, if there is one. */
static fitted
fit_after(const ps_env *env, const ps_frame *frame, const char *method, int k, const fitted *before, ps_value **report)
{
	char		options[40];
	fitted		fit;

	snprintf(options, sizeof(options), "{\"k\": %d}", k);
	fit = fit_frame(env, frame, method, options);
	if (before != NULL && fit.status == PS_OK)
	{
		fit.status = ps_cluster_labels_keep(env, fit.document, fit.model, frame, before->model, frame, 7, fit.notes, report,
											&fit.error);
		if (fit.status == PS_OK)
			fit.status = ps_model_open(env, fit.document, &fit.model, &fit.error);
	}
	if (fit.status != PS_OK)
		printf("# %s\n", fit.error.message);
	return fit;
}

/* Are these the numbers of the groups? */
static bool
are(const ps_env *env, const fitted *fit, const int *numbers, int n)
{
	bool		right = true;

	for (int i = 0; i < n; i++)
	{
		ps_cell		cell = {.number = 10 * (i + 1)};
		int			number = (int) score_cells(env, fit, &cell);

		if (number != numbers[i])
			printf("# group %d is %d\n", i + 1, number);
		right = right && number == numbers[i];
	}
	return right;
}

#define ARE(fit, ...) are(env, fit, (const int[]) {__VA_ARGS__}, (int) (sizeof((int[]) {__VA_ARGS__}) / sizeof(int)))
#define GROUPS(...) groups(env, (const int[]) {__VA_ARGS__}, (int) (sizeof((int[]) {__VA_ARGS__}) / sizeof(int)))

/* A member of the row of the report for a number, NAN without one. */
static double
label(const ps_value *report, int number, const char *member)
{
	const ps_value *list = ps_value_get(report, "labels");

	for (size_t i = 0; i < list->count; i++)
		if (ps_value_number_or(list->items[i], "cluster", 0) == number)
			return ps_value_number_or(list->items[i], member, NAN);
	return NAN;
}

static void
test_versions(const ps_env *env, const char *method)
{
	ps_value   *report;
	fitted		first = fit_after(env, GROUPS(400, 300, 200, 100), method, 4, NULL, NULL);
	fitted		same = fit_after(env, GROUPS(400, 300, 200, 100), method, 4, &first, &report);
	fitted		other;
	fitted		fewer;
	fitted		more;
	uint8_t    *bytes[2];
	size_t		lengths[2];
	ps_error	error;

	ok(ARE(&first, 1, 2, 3, 4), "%s: a first version is numbered by size", method);
	ok(ARE(&same, 1, 2, 3, 4) && ps_value_number_or(report, "share_moved", NAN) == 0 &&
	   ps_value_number_or(report, "adjusted_rand", NAN) == 1 && ps_value_number_or(report, "labels_kept_from", 0) == 7,
	   "%s: the same rows change nothing", method);
	ps_model_encode(env, first.document, &bytes[0], &lengths[0], &error);
	ps_model_encode(env, same.document, &bytes[1], &lengths[1], &error);
	ok(lengths[0] == lengths[1] && memcmp(bytes[0], bytes[1], lengths[0]) == 0, "%s: not even a byte", method);

	other = fit_after(env, GROUPS(100, 200, 300, 400), method, 4, &first, &report);
	ok(ARE(&other, 1, 2, 3, 4) && ps_value_number_or(report, "share_moved", NAN) == 0, "%s: other sizes, the same numbers", method);
	ok(label(report, 4, "rows") == 400 && label(report, 4, "rows_before") == 400 && label(report, 4, "rows_kept") == 400,
	   "%s: which the report counts", method);

	/* the third group is gone: the first version puts nobody there any more */
	fewer = fit_after(env, GROUPS(100, 200, 0, 400), method, 3, &other, &report);
	ok(ARE(&fewer, 1, 2) && score_cells(env, &fewer, &(ps_cell) {.number = 40}) == 4, "%s: a group that goes leaves a gap", method);
	ok(label(report, 3, "rows") == 0 && label(report, 3, "rows_before") == 0 && has_note(&fewer, "version 7 that are gone: 3"),
	   "%s: and the report says so", method);

	/* a group at 50 comes, between those of the version before; nearest to 40 by it */
	more = fit_after(env, GROUPS(100, 200, 0, 400, 300), method, 4, &fewer, &report);
	ok(ARE(&more, 1, 2) && score_cells(env, &more, &(ps_cell) {.number = 40}) == 4 &&
	   score_cells(env, &more, &(ps_cell) {.number = 50}) == 5, "%s: a new group gets a new number", method);
	ok(label(report, 5, "rows") == 300 && label(report, 5, "rows_before") == 0 && label(report, 4, "rows_before") == 700 &&
	   fabs(ps_value_number_or(report, "share_moved", NAN) - 0.3) < 1e-12 && has_note(&more, "like none of version 7: 5"),
	   "%s: its rows are those that moved", method);

	/* the highest number goes, and is not given again */
	fewer = fit_after(env, GROUPS(100, 200, 0, 400), method, 3, &more, &report);
	ok(ps_value_number_or(fit_parameters(&fewer), "last_number", 0) == 5, "%s: the highest number is remembered", method);
	more = fit_after(env, GROUPS(100, 200, 0, 400, 300), method, 4, &fewer, &report);
	ok(score_cells(env, &more, &(ps_cell) {.number = 50}) == 6 && ps_value_get(fit_parameters(&more), "last_number") == NULL,
	   "%s: and not given again", method);

	/* a group of 800 comes apart into four of 200: none of them is it */
	first = fit_after(env, GROUPS(200, 200, 200, 200, 0, 0, 0, 0, 0, 500), method, 2, NULL, NULL);
	more = fit_after(env, GROUPS(200, 200, 200, 200, 0, 0, 0, 0, 0, 500), method, 5, &first, &report);
	ok(score_cells(env, &more, &(ps_cell) {.number = 100}) == 2 && score_cells(env, &more, &(ps_cell) {.number = 10}) > 2 &&
	   score_cells(env, &more, &(ps_cell) {.number = 40}) > 2 && label(report, 1, "rows") == 0 && label(report, 1, "rows_before") == 800,
	   "%s: a part of a quarter is not the whole", method);
}

/* Probabilities stand at their numbers. */
static void
test_probabilities(const ps_env *env)
{
	const ps_request request = {0};
	ps_value   *report;
	fitted		first = fit_after(env, GROUPS(400, 300, 200, 100), "gaussian_mixture", 4, NULL, NULL);
	fitted		fewer = fit_after(env, GROUPS(100, 0, 300, 400), "gaussian_mixture", 3, &first, &report);
	ps_answer	answer;
	ps_cell		cell = {.number = 40};
	ps_error	error;

	ok(ps_model_ask(env, fewer.model, PS_ASK_CLUSTERS, &cell, &request, &answer, &error) == PS_OK && answer.count == 4 &&
	   answer.numbers[1] == 0 && answer.numbers[3] > 0.99, "element i is the probability of cluster i, 0 where there is none");
	close_to(answer.numbers[0] + answer.numbers[2] + answer.numbers[3], 1, 1e-12, 0, "they sum to 1");
	ok(ps_model_ask(env, fewer.model, PS_ASK_CLUSTER, &cell, &request, &answer, &error) == PS_OK && answer.number == 4, "cluster");
}

/* Numbers that no model may have. */
static void
test_invalid(const ps_env *env)
{
	fitted		fit = fit_after(env, GROUPS(40, 30, 20), "kmeans", 3, NULL, NULL);
	ps_value   *parameters = (ps_value *) fit_parameters(&fit);
	ps_value   *cluster = ps_value_get(parameters, "clusters")->items[1];
	static const double invalid[] = {0, -1, 1.5, 1, PS_CLUSTER_NUMBER_MAX + 1};
	ps_model   *model;
	ps_error	error;
	size_t		refused = 0;

	for (size_t i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++)
	{
		ps_value_set_number(env, cluster, "cluster", invalid[i], &error);
		refused += ps_model_open(env, fit.document, &model, &error) == PS_CORRUPT;
	}
	ok(refused == sizeof(invalid) / sizeof(invalid[0]), "numbers out of range, broken or given twice are refused (%zu)", refused);
	ps_value_set_text(env, cluster, "cluster", "2", &error);
	ok(ps_model_open(env, fit.document, &model, &error) == PS_CORRUPT, "so is a text");
	ps_value_set_number(env, cluster, "cluster", 20, &error);
	ps_value_set_number(env, parameters, "last_number", 19, &error);
	ok(ps_model_open(env, fit.document, &model, &error) == PS_CORRUPT, "and a last number that is not the last");
	ps_value_set_number(env, parameters, "last_number", PS_CLUSTER_NUMBER_MAX, &error);
	ok(ps_model_open(env, fit.document, &model, &error) == PS_OK, "a valid one is not");
	fit.model = model;
	{
		ps_value   *report;
		fitted		kept = fit_after(env, GROUPS(40, 30, 20), "kmeans", 3, &fit, &report);
		fitted		more = fit_after(env, GROUPS(40, 30, 20, 10), "kmeans", 4, &fit, &report);

		ok(kept.status == PS_OK && ARE(&kept, 1, 20, 3), "numbers with gaps are kept");
		ok(more.status == PS_INVALID_DATA && ARE(&more, 1, 2, 3, 4), "where no number is left, the clusters stay as they were");
	}
}

static ps_status
small_work(const ps_env *env)
{
	ps_frame   *frame;
	ps_value   *report;
	ps_value   *notes;
	ps_error	error = {0};
	fitted		first;
	fitted		next;

	PS_TRY(ps_frame_create(env, &column, 1, false, false, &frame, &error));
	for (int i = 0; i < 40; i++)
		PS_TRY(ps_frame_append(frame, &(ps_cell) {.number = i % 4}, 0, 1, &error));
	first = fit_frame(env, frame, "kmeans", "{\"k\": 2, \"starts\": 1}");
	PS_TRY(first.status);
	next = fit_frame(env, frame, "kmeans", "{\"k\": 3, \"starts\": 1}");
	PS_TRY(next.status);
	PS_TRY(ps_value_list(env, &notes, &error));
	return ps_cluster_labels_keep(env, next.document, next.model, frame, first.model, frame, 1, notes, &report, &error);
}

int
main(void)
{
	host		h;
	long		allocations,
				polls;

	host_init(&h);
	test_versions(&h.env, "kmeans");
	test_versions(&h.env, "gaussian_mixture");
	test_probabilities(&h.env);
	test_invalid(&h.env);
	host_free(&h);
	ok(inject_faults(small_work, &allocations, &polls) == 0 && allocations > 0 && polls > 0,
	   "every fault ends cleanly (%ld allocations, %ld polls)", allocations, polls);
	return tap_done();
}
