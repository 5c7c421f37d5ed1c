/*-------------------------------------------------------------------------
 *
 * test_choice.c
 *	  Which method "auto" takes, and which purchase model clv takes, and why; in
 *	  any order of the rows.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_choice.h"
#include "ps_random.h"

#define ROWS 1200

static const ps_column columns[] = {
	{"a", PS_TYPE_NUMBER}, {"b", PS_TYPE_NUMBER}, {"since", PS_TYPE_MOMENT}, {"as_of", PS_TYPE_MOMENT},
	{"y", PS_TYPE_NUMBER}
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* What the target of a row with a and b, and a uniform number, is. */
typedef double (*rule) (double a, double b, double u);

static double
follows_a(double a, double b, double u)
{
	(void) b;
	return u < 1 / (1 + exp(-2 * a));
}

static double
crosses(double a, double b, double u)
{
	return u < ((a > 0) != (b > 0) ? 0.95 : 0.05);
}

static double
amounts(double a, double b, double u)
{
	return 10 * a * b + u;
}

static double
straight(double a, double b, double u)
{
	return 10 * a - b + u;
}

static double
once(double a, double b, double u)
{
	(void) b;
	(void) u;
	return a > 0.999 * 2 - 1;
}

/* A choice and what came of it. */
typedef struct chosen
{
	ps_status	status;
	ps_error	error;
	ps_choice	choice;
	ps_verdict	verdict;
	ps_value   *notes;
	ps_frame   *frame;
	const char *method;
} chosen;

/* Begin with options as JSON, take rows, backwards if asked for, and choose. */
static ps_status
run(const ps_env *env, const char *options, rule target, size_t rows, bool backwards, chosen *out)
{
	ps_error   *error = &out->error;
	ps_value   *given;
	ps_column	features[COLUMNS];
	ps_cell		cells[COLUMNS];

	memset(out, 0, sizeof(*out));
	out->method = "none";
	PS_TRY(ps_value_list(env, &out->notes, error));
	PS_TRY(ps_json_read(env, options, strlen(options), &given, error));
	PS_TRY(ps_choice_begin(env, PS_AUTO, given, columns, COLUMNS, &out->choice, out->notes, error));
	for (size_t i = 0; i < out->choice.all.nfeatures; i++)
		features[i] = columns[out->choice.all.features[i]];
	PS_TRY(ps_frame_create(env, features, out->choice.all.nfeatures, true, false, &out->frame, error));
	for (size_t r = 0; r < rows; r++)
	{
		ps_random	random;
		double		values[COLUMNS];

		ps_random_seed(&random, backwards ? rows - 1 - r : r);
		values[0] = 2 * ps_random_uniform(&random) - 1;
		values[1] = 2 * ps_random_uniform(&random) - 1;
		values[2] = 8000 + floor(300 * ps_random_uniform(&random));
		values[3] = 9000;
		for (size_t i = 0; i < out->choice.all.nfeatures; i++)
			cells[i] = number_cell(values[out->choice.all.features[i]]);
		PS_TRY(ps_frame_append(out->frame, cells, target(values[0], values[1], ps_random_uniform(&random)), 1, error));
	}
	PS_TRY(ps_choice_compare(env, &out->choice, out->frame, &out->verdict, error));
	PS_TRY(ps_choice_settle(env, &out->choice, &out->verdict, &out->frame, out->notes, error));
	out->method = out->choice.plans[out->verdict.winner].learner->name;
	return PS_OK;
}

/* Check the method, a note, and how many inputs the winner's frame has. */
static void
chooses(const char *options, rule target, size_t rows, const char *method, const char *note, size_t width)
{
	host		h;
	chosen		forth;
	chosen		back;
	bool		noted = false;

	host_init(&h);
	forth.status = run(&h.env, options, target, rows, false, &forth);
	back.status = run(&h.env, options, target, rows, true, &back);
	for (size_t i = 0; forth.status == PS_OK && i < forth.notes->count; i++)
		noted = noted || strstr(forth.notes->items[i]->text, note) != NULL;
	if (!ok(noted && strcmp(forth.method, method) == 0, "%s: %s", method, note))
		printf("# %s: %s %s\n", forth.method, forth.verdict.reason, forth.error.message);
	ok(back.status == PS_OK && strcmp(back.method, method) == 0 && strcmp(forth.verdict.reason, back.verdict.reason) == 0,
	   "the same with the rows backwards");
	ok(forth.frame != NULL && ps_frame_columns(forth.frame) == width && ps_frame_rows(forth.frame) == rows,
	   "all %zu rows with %zu columns are left to learn from", rows, width);
	host_free(&h);
}

/* How customers leave. */
typedef enum leaving
{
	AFTER_ANY,					/* after any purchase: mbg_nbd */
	AFTER_REPEAT,				/* after any but the first: bg_nbd */
	ANY_TIME					/* pareto_nbd */
} leaving;

/* A customer of 100 days who left that way, with amounts that do not depend on it. */
static ps_history
customer(uint64_t seed, leaving how)
{
	ps_random	random;
	double		rate,
				p,
				end = 100,
				t = 0;
	ps_history	history = {0, 0, 100, NAN};

	ps_random_seed(&random, seed);
	rate = -log(1 - ps_random_uniform(&random)) / 10;
	p = 1 - sqrt(ps_random_uniform(&random));
	if (how == ANY_TIME)
		end = fmin(end, -20 * log(1 - ps_random_uniform(&random)));
	if (how == AFTER_ANY && ps_random_uniform(&random) < p)
		return history;
	while ((t -= log(1 - ps_random_uniform(&random)) / rate) < end)
	{
		history.frequency++;
		history.recency = t;
		if (how != ANY_TIME && ps_random_uniform(&random) < p)
			break;
	}
	if (history.frequency > 0)
		history.monetary = 10 + 20 * ps_random_uniform(&random);
	return history;
}

/* Choose a purchase model for clv, learn it, and save what was compared; the model must open. */
static ps_status
run_clv(const ps_env *env, const char *method, const char *options, leaving how, size_t rows, bool backwards,
		chosen *out, ps_model **model)
{
	static const ps_column orders = {"orders", PS_TYPE_HISTORY};
	ps_error   *error = &out->error;
	ps_value   *given;
	ps_value   *document;

	memset(out, 0, sizeof(*out));
	out->method = "none";
	PS_TRY(ps_value_list(env, &out->notes, error));
	PS_TRY(ps_json_read(env, options, strlen(options), &given, error));
	PS_TRY(ps_choice_begin(env, method, given, &orders, 1, &out->choice, out->notes, error));
	PS_TRY(ps_frame_create(env, &orders, 1, false, false, &out->frame, error));
	for (size_t r = 0; r < rows; r++)
	{
		ps_cell		cell = {.history = customer(backwards ? rows - 1 - r : r, how)};

		PS_TRY(ps_frame_append(out->frame, &cell, 0, 1, error));
	}
	PS_TRY(ps_choice_compare(env, &out->choice, out->frame, &out->verdict, error));
	PS_TRY(ps_choice_settle(env, &out->choice, &out->verdict, &out->frame, out->notes, error));
	PS_TRY(ps_model_fit(env, &out->choice.plans[out->verdict.winner], out->frame, &document, out->notes, error));
	PS_TRY(ps_choice_save(env, &out->choice, &out->verdict, document, error));
	PS_TRY(ps_model_open(env, document, model, error));
	out->method = ps_value_text_or(ps_value_get(ps_value_get(document, "parameters"), "purchase"), "method", "none");
	return PS_OK;
}

/* What a candidate's log-likelihood was, by the model. */
static double
candidate_of(const ps_model *model, size_t i)
{
	const ps_value *candidates = ps_value_get(ps_value_get(model->document, "parameters"), "candidates");

	return candidates == NULL || i >= candidates->count ? NAN :
		ps_value_number_or(candidates->items[i], "held_out_log_likelihood", NAN);
}

/* The law of the customers is found, in any order of the rows and any unit of time. */
static void
test_clv(void)
{
	static const char *const laws[] = {"mbg_nbd", "bg_nbd", "pareto_nbd"};
	host		h;
	chosen		forth;
	chosen		back;
	ps_model   *model;
	ps_model   *other;

	for (int how = AFTER_ANY; how <= ANY_TIME; how++)
	{
		host_init(&h);
		forth.status = run_clv(&h.env, "clv", "{\"purchase\":\"auto\"}", (leaving) how, 3000, false, &forth, &model);
		back.status = run_clv(&h.env, PS_AUTO, "{\"purchase\":\"auto\",\"time_unit\":\"week\"}", (leaving) how, 3000, true,
							  &back, &other);
		if (!ok(forth.status == PS_OK && strcmp(forth.method, laws[how]) == 0, "clv finds %s", laws[how]))
			printf("# %s: %s %s\n", forth.method, forth.verdict.reason, forth.error.message);
		if (forth.status == PS_OK && back.status == PS_OK)
		{
			int			best = 0;

			printf("# %s\n", forth.verdict.reason);
			for (int i = 1; i < 3; i++)
				best = candidate_of(model, (size_t) i) > candidate_of(model, (size_t) best) ? i : best;
			ok(best == how, "by the highest log-likelihood");
			for (size_t i = 1; i < 3; i++)
				close_to(candidate_of(other, i) - candidate_of(other, 0), candidate_of(model, i) - candidate_of(model, 0), 0, 1e-5,
						 "which differ by as much in weeks, with the rows backwards");
		}
		ok(back.status == PS_OK && strcmp(back.method, laws[how]) == 0, "and finds it there");
		host_free(&h);
	}

	host_init(&h);
	forth.status = run_clv(&h.env, "clv", "{\"purchase\":\"auto\"}", ANY_TIME, 199, false, &forth, &model);
	ok(forth.status == PS_OK && strcmp(forth.method, "mbg_nbd") == 0 && strstr(forth.verdict.reason, "199 customers are too few") != NULL,
	   "199 customers get the default");
	ok(forth.status == PS_OK && ps_value_get(ps_value_get(model->document, "parameters"), "candidates") == NULL, "without candidates");
	forth.status = run_clv(&h.env, "clv", "{\"purchase\":\"car\"}", ANY_TIME, 199, false, &forth, &model);
	ok(forth.status == PS_INVALID_OPTION && strstr(forth.error.message, "must be one of: mbg_nbd") != NULL, "no other word is taken");
	host_free(&h);
}

/* Fail a sample of all allocations and polls of a choice of clv's. */
static void
test_clv_faults(void)
{
	host		h;
	chosen		result;
	ps_model   *model;
	long		allocations;
	long		polls;
	long		wrong = 0;

	host_init(&h);
	run_clv(&h.env, "clv", "{\"purchase\":\"auto\"}", AFTER_ANY, 250, false, &result, &model);
	allocations = h.allocations;
	polls = h.polls;
	host_free(&h);
	for (long k = 1; k <= allocations; k += 1 + allocations / 100)
	{
		host_init(&h);
		h.fail_at = k;
		wrong += run_clv(&h.env, "clv", "{\"purchase\":\"auto\"}", AFTER_ANY, 250, false, &result, &model) != PS_OUT_OF_MEMORY;
		host_free(&h);
	}
	for (long k = 1; k <= polls; k += 1 + polls / 20)
	{
		host_init(&h);
		h.cancel_at = k;
		wrong += run_clv(&h.env, "clv", "{\"purchase\":\"auto\"}", AFTER_ANY, 250, false, &result, &model) != PS_CANCELLED;
		host_free(&h);
	}
	ok(wrong == 0 && allocations > 100 && polls > 10, "no failure is taken for a reason to choose a model: %ld allocations, %ld polls",
	   allocations, polls);
}

/* Fail a sample of all allocations and polls of a whole choice. */
static void
test_faults(void)
{
	host		h;
	chosen		result;
	long		allocations;
	long		polls;
	long		wrong = 0;

	host_init(&h);
	run(&h.env, "{\"target\":\"y\"}", crosses, 300, false, &result);
	allocations = h.allocations;
	polls = h.polls;
	host_free(&h);
	for (long k = 1; k <= allocations; k += 1 + allocations / 100)
	{
		host_init(&h);
		h.fail_at = k;
		wrong += run(&h.env, "{\"target\":\"y\"}", crosses, 300, false, &result) != PS_OUT_OF_MEMORY;
		host_free(&h);
	}
	for (long k = 1; k <= polls; k += 1 + polls / 20)
	{
		host_init(&h);
		h.cancel_at = k;
		wrong += run(&h.env, "{\"target\":\"y\"}", crosses, 300, false, &result) != PS_CANCELLED;
		host_free(&h);
	}
	ok(wrong == 0 && allocations > 100 && polls > 10, "no failure is taken for a reason to choose: %ld allocations, %ld polls",
	   allocations, polls);
}

int
main(void)
{
	host		h;
	chosen		result;

	chooses("{\"target\":\"y\",\"exclude\":[\"since\"]}", follows_a, ROWS, "logistic", "that of \"boosted_trees\"", 2);
	chooses("{\"target\":\"y\"}", crosses, ROWS, "boosted_trees", "that of \"logistic\"", 4);
	chooses("{\"target\":\"y\"}", follows_a, 199, "logistic", "199 rows are too few", 4);
	chooses("{\"target\":\"y\"}", once, ROWS, "logistic", "one class only", 4);
	chooses("{\"target\":\"y\"}", amounts, ROWS, "boosted_trees", "that of \"linear\"", 4);
	chooses("{\"target\":\"y\",\"exclude\":[\"since\"]}", straight, ROWS, "linear", "that of \"boosted_trees\"", 2);
	chooses("{\"target\":\"y\"}", amounts, 199, "linear", "199 rows are too few", 4);
	chooses("{\"target\":\"y\",\"ridge\":1}", amounts, 50, "linear", "\"y\" is not only 0 and 1", 4);
	chooses("{\"target\":\"y\",\"loss\":\"squared\"}", crosses, ROWS, "boosted_trees", "no other takes", 4);
	chooses("{\"target\":\"y\",\"exclude\":[\"a\",\"b\"]}", follows_a, ROWS, "logistic", "that of \"boosted_trees\"", 2);

	host_init(&h);
	ok(run(&h.env, "{}", crosses, 1, false, &result) == PS_INVALID_OPTION &&
	   strstr(result.error.message, "none follows") != NULL, "nothing follows from columns without target and history");
	ok(run(&h.env, "{\"target\":\"y\",\"leaves\":\"many\"}", crosses, 1, false, &result) == PS_INVALID_OPTION &&
	   strstr(result.error.message, "\"leaves\" must be") != NULL, "an error is that of the method with the option");
	ok(run(&h.env, "{\"target\":\"y\",\"leave\":1}", crosses, 1, false, &result) == PS_INVALID_OPTION &&
	   strstr(result.error.message, "\"logistic\" has no option") != NULL, "or of the first, when none has it");
	host_free(&h);
	test_faults();
	test_clv();
	test_clv_faults();
	return tap_done();
}
