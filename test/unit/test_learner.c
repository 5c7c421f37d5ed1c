/*-------------------------------------------------------------------------
 *
 * test_learner.c
 *	  The table of methods, their options, and which column serves for what.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_json.h"
#include "ps_learner.h"
#include "tap.h"

static host h;
static ps_error error;
static ps_value *notes;

/* A method with an option of every type; learns from what the default choice takes. */
static const ps_option own_options[] = {
	{"penalty", PS_OPTION_NUMBER, 0.5, 0, INFINITY, NULL, "Penalty."},
	{"share", PS_OPTION_NUMBER, NAN, 0, 1, NULL, "Share."},
	{"k", PS_OPTION_INTEGER, 3, 2, 100, NULL, "Number."},
	{"scale", PS_OPTION_BOOLEAN, 1, 0, 0, NULL, "Scale."},
	{"start", PS_OPTION_TEXT, NAN, 0, 0, "plus random", "Start."},
	{"tenure", PS_OPTION_COLUMN, NAN, 0, 0, NULL, "Tenure."},
	{0}
};

static const ps_learner method = {
	.name = "method", .kind = "classifier", .needs_target = true, .options = own_options,
	.choose = ps_choose_features
};
static const ps_learner untargeted = {
	.name = "untargeted", .kind = "cluster", .options = own_options, .choose = ps_choose_features
};

static const ps_column columns[] = {
	{"id", PS_TYPE_NUMBER}, {"age", PS_TYPE_NUMBER}, {"plan", PS_TYPE_TEXT}, {"as_of", PS_TYPE_NUMBER},
	{"w", PS_TYPE_NUMBER}, {"place", PS_TYPE_OTHER}, {"bought", PS_TYPE_BOOLEAN}, {"past", PS_TYPE_HISTORY}
};

#define ALL 8
#define WITHOUT_HISTORY 7

static ps_value *
read_json(const char *json)
{
	ps_value   *value = NULL;

	ps_json_read(&h.env, json, strlen(json), &value, &error);
	return value;
}

static void
completes(const char *given, const char *want)
{
	ps_value   *out;
	char	   *text = NULL;
	size_t		length;

	if (ps_options_complete(&h.env, &method, given == NULL ? NULL : read_json(given), &out, &error) == PS_OK)
		ps_json_write(&h.env, out, &text, &length, &error);
	if (!ok(text != NULL && strcmp(text, want) == 0, "completes %s", given == NULL ? "nothing" : given))
		printf("# %s %s\n", text == NULL ? "(refused)" : text, error.message);
}

static void
refuses(const char *given, const char *why)
{
	ps_value   *out;

	ok(ps_options_complete(&h.env, &method, read_json(given), &out, &error) == PS_INVALID_OPTION &&
	   strstr(error.message, why) != NULL, "refuses %s: %s", given, error.message);
}

static ps_status
plan(const ps_learner *learner, const char *given, size_t ncolumns, ps_plan *out)
{
	ps_value   *options;

	notes = read_json("[]");
	PS_TRY(ps_options_complete(&h.env, learner, read_json(given), &options, &error));
	return ps_plan_make(&h.env, learner, options, columns, ncolumns, out, notes, &error);
}

int
main(void)
{
	static const char *const questions[] = {
		"score", "intent_score", "churn_probability", "p_alive", "expected_purchases", "clv", "cluster", "p_exactly",
		"p_at_least", "next_purchase", "p_alive_below", "churn_above", "expected_lifetime", "expected_purchases_bound",
		"clv_bound", "cluster_probabilities", "cluster_distance", "second_cluster", "unlike_any_cluster",
		"discounted_purchases", "p_alive_log_odds"
	};
	_Static_assert(sizeof(questions) / sizeof(questions[0]) == PS_QUESTIONS, "every question has a name here");
	ps_plan		made;
	char		names[300];
	bool		same = true;
	long		wrong = 0;

	host_init(&h);

	for (int i = 0; i < PS_QUESTIONS; i++)
		same = same && strcmp(ps_question_name((ps_question) i), questions[i]) == 0;
	ok(same, "questions have the names of the SQL functions");
	ok(ps_learner_find("logistic") != NULL && strcmp(ps_learner_find("kmeans")->name, "kmeans") == 0 &&
	   ps_learner_find("") == NULL && ps_learner_find("Logistic") == NULL, "finds methods by name");
	ok(strncmp(ps_learner_names(), "logistic, ", 10) == 0 && strstr(ps_learner_names(), ", kmeans") != NULL,
	   "lists the methods: %s", ps_learner_names());
	ps_learner_list(1u << PS_ASK_CLUSTER, names, sizeof(names));
	ok(strcmp(names, "kmeans, gaussian_mixture, hierarchical") == 0, "lists who answers cluster");
	ok(ps_time_unit_days("day") == 1 && ps_time_unit_days("week") == 7 && ps_time_unit_days("year") == 365.25 &&
	   ps_time_unit_days("month") == 365.25 / 12 && isnan(ps_time_unit_days("hour")), "days in time units");

	completes(NULL, "{\"seed\":0,\"time_unit\":\"day\",\"penalty\":0.5,\"k\":3,\"scale\":true,\"start\":\"plus\"}");
	completes("{\"seed\":null,\"k\":7,\"target\":\"bought\",\"start\":\"random\",\"exclude\":[\"id\"],\"penalty\":0}",
			  "{\"target\":\"bought\",\"exclude\":[\"id\"],\"seed\":0,\"time_unit\":\"day\",\"penalty\":0,\"k\":7,"
			  "\"scale\":true,\"start\":\"random\"}");
	completes("{\"seed\":9007199254740991,\"exclude\":[],\"share\":1,\"scale\":false,\"as_of\":\"2026-01-01\"}",
			  "{\"exclude\":[],\"seed\":9007199254740991,\"time_unit\":\"day\",\"as_of\":\"2026-01-01\",\"penalty\":0.5,"
			  "\"share\":1,\"k\":3,\"scale\":false,\"start\":\"plus\"}");
	refuses("{\"penality\":1}", "no option \"penality\"");
	ok(strstr(error.hint, "penalty") != NULL && strstr(error.hint, "time_unit") != NULL, "%s", error.hint);
	refuses("[1]", "must be an object, not a list");
	refuses("{\"penalty\":\"1\"}", "must be a number");
	refuses("{\"penalty\":-1}", "must be at least 0");
	refuses("{\"share\":1.5}", "must be from 0 to 1");
	refuses("{\"k\":2.5}", "must be a whole number");
	refuses("{\"k\":101}", "must be from 2 to 100");
	refuses("{\"seed\":-1}", "must be from 0");
	refuses("{\"scale\":1}", "must be true or false");
	refuses("{\"start\":\"rand\"}", "must be one of: plus random");
	refuses("{\"start\":\"plus random\"}", "must be one of: plus random");
	refuses("{\"start\":\"\"}", "must be one of");
	refuses("{\"time_unit\":\"hour\"}", "must be one of: day week month year");
	refuses("{\"target\":[\"a\"]}", "must be the name of a column");
	refuses("{\"exclude\":\"id\"}", "must be a list of column names");
	refuses("{\"exclude\":[1]}", "must be a list of column names");
	refuses("{\"exclude\":[\"a\",1]}", "must be a list of column names");

	ok(plan(&method, "{\"target\":\"bought\"}", WITHOUT_HISTORY, &made) == PS_OK && made.target == 6 &&
	   made.weight == -1 && made.nfeatures == 5 && made.features[0] == 0 && made.features[1] == 1 &&
	   made.features[2] == 2 && made.features[3] == 3 && made.features[4] == 4,
	   "everything that can be read but the target is learned from");
	ok(notes->count == 1 && strstr(notes->items[0]->text, "\"place\"") != NULL, "with a note on what is left out");
	ok(plan(&method, "{\"target\":\"bought\",\"key\":\"id\",\"weight\":\"w\",\"exclude\":[\"place\",\"age\"]}", ALL,
			&made) == PS_OK && made.target == 6 && made.weight == 4 && made.nfeatures == 1 && made.features[0] == 2 &&
	   notes->count == 1, "roles and exclusions are not, nor as_of beside a history");
	ok(plan(&method, "{\"target\":\"age\"}", WITHOUT_HISTORY, &made) == PS_OK && made.target == 1, "a number can be the target");

	ok(plan(&method, "{}", ALL, &made) == PS_INVALID_OPTION && strstr(error.hint, "\"target\"") != NULL,
	   "a target is needed: %s %s", error.message, error.hint);
	ok(plan(&untargeted, "{\"target\":\"bought\"}", ALL, &made) == PS_INVALID_OPTION, "no target is taken: %s",
	   error.message);
	ok(plan(&method, "{\"target\":\"bougth\"}", ALL, &made) == PS_MISSING_COLUMN &&
	   strcmp(error.column, "bougth") == 0 && strstr(error.hint, "bought") != NULL, "%s. %s", error.message, error.hint);
	ok(plan(&method, "{\"target\":\"bought\",\"exclude\":[\"id\",\"x\"]}", ALL, &made) == PS_MISSING_COLUMN &&
	   strcmp(error.column, "x") == 0, "%s", error.message);
	ok(plan(&method, "{\"target\":\"bought\",\"tenure\":\"x\"}", ALL, &made) == PS_MISSING_COLUMN, "%s", error.message);
	ok(plan(&method, "{\"target\":\"plan\"}", ALL, &made) == PS_OK && made.target == 2, "so can a text for a classifier");
	ok(plan(&method, "{\"target\":\"bought\",\"positive\":\"yes\"}", ALL, &made) == PS_INVALID_OPTION, "%s", error.message);
	ok(plan(&method, "{\"target\":\"place\"}", ALL, &made) == PS_WRONG_TYPE && strcmp(error.column, "place") == 0,
	   "%s. %s", error.message, error.hint);
	ok(plan(&method, "{\"target\":\"bought\",\"weight\":\"plan\"}", ALL, &made) == PS_WRONG_TYPE, "%s", error.message);
	ok(plan(&method, "{\"target\":\"bought\",\"exclude\":[\"id\",\"age\",\"plan\",\"w\",\"as_of\"]}", WITHOUT_HISTORY,
			&made) == PS_MISSING_COLUMN && strstr(error.message, "no column is left") != NULL, "%s", error.message);
	ok(plan(&untargeted, "{}", 0, &made) == PS_MISSING_COLUMN, "rows without columns: %s", error.message);
	{
		const ps_column twice[] = {{"a", PS_TYPE_NUMBER}, {"b", PS_TYPE_NUMBER}, {"a", PS_TYPE_NUMBER}};
		ps_value   *options;

		ps_options_complete(&h.env, &untargeted, NULL, &options, &error);
		ok(ps_plan_make(&h.env, &untargeted, options, twice, 3, &made, notes, &error) == PS_INVALID_DATA &&
		   strcmp(error.column, "a") == 0, "%s", error.message);
	}

	for (long k = 1;; k++)
	{
		ps_value   *given = read_json("{\"target\":\"bought\",\"k\":4}");
		ps_value   *options;
		ps_status	status;

		notes = read_json("[]");
		h.fail_at = h.allocations + k;
		status = ps_options_complete(&h.env, &method, given, &options, &error);
		if (status == PS_OK)
			status = ps_plan_make(&h.env, &method, options, columns, ALL, &made, notes, &error);
		h.fail_at = 0;
		if (status == PS_OK)
			break;
		wrong += status != PS_OUT_OF_MEMORY;
	}
	ok(wrong == 0, "every failing allocation is reported");

	host_free(&h);
	return tap_done();
}
