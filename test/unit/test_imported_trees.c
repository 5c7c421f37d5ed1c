/*-------------------------------------------------------------------------
 *
 * test_imported_trees.c
 *	  Models of XGBoost and LightGBM: against their own predictions and
 *	  contributions (test/data/imported, written by reference/imported_trees.py),
 *	  with options, and damaged in every way.
 *
 * Predictions agree to 1e-6 relative to what is above 1, which the files of
 * single precision need; contributions to 1e-5, since XGBoost adds them up in
 * single precision.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_import.h"
#include "ps_random.h"

#define FOLDER "test/data/imported/"
#define INPUTS 5
#define LARGEST_FILE 65536
#define LEVELS "\"levels\":{\"t\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\"],\"k\":[3,7,11,20]}"

static const char *const names[INPUTS] = {"a", "b", "c", "t", "k"};

/* A file and how it is imported. */
typedef struct example
{
	const char *name;
	const char *options;
	const char *kind;
} example;

static const example examples[] = {
	{"xgboost-1.7-binary", "{" LEVELS "}", "classifier"},
	{"xgboost-1.7-poisson", "{\"columns\":[\"a\",\"b\",\"c\"]}", "regression"},
	{"xgboost-2.1-binary", "{" LEVELS "}", "classifier"},
	{"xgboost-2.1-gamma", "{" LEVELS "}", "regression"},
	{"xgboost-3.2-binary", "{}", "classifier"},
	{"xgboost-3.2-quantile", "{}", "quantile"},
	{"lightgbm-4.7-binary", "{}", "classifier"},
	{"lightgbm-4.7-tweedie", "{}", "regression"},
	{"lightgbm-3.3-regression", "{}", "regression"},
	{"lightgbm-3.3-quantile", "{}", "quantile"}
};

#define EXAMPLES (sizeof(examples) / sizeof(examples[0]))

/* The content of a file; it is not terminated, so that the sanitizer sees what is read beyond it. */
static char *
read_content(const ps_env *env, const char *name, size_t *length)
{
	char		path[200];
	char	   *content;
	char	   *copy;
	FILE	   *file;
	ps_error	error;

	snprintf(path, sizeof(path), FOLDER "%s", name);
	file = fopen(path, "rb");
	*length = 0;
	if (ps_alloc(env, LARGEST_FILE, 1, &content, &error) != PS_OK)
		return NULL;
	if (file != NULL)
	{
		*length = fread(content, 1, LARGEST_FILE, file);
		fclose(file);
	}
	if (ps_alloc(env, *length, 1, &copy, &error) != PS_OK)
		return NULL;
	memcpy(copy, content, *length);
	ps_release(env, content);
	return copy;
}

/* Import content as the format that a name starts with. */
static fitted
import(const ps_env *env, const char *name, const char *content, size_t length, const char *options)
{
	fitted		result;
	ps_value   *given;

	memset(&result, 0, sizeof(result));
	if ((result.status = ps_value_list(env, &result.notes, &result.error)) != PS_OK ||
		(result.status = ps_json_read(env, options, strlen(options), &given, &result.error)) != PS_OK)
		return result;
	result.status = ps_import_model(env, name[0] == 'x' ? "xgboost" : "lightgbm", content, length, given,
									&result.document, result.notes, &result.error);
	if (result.status == PS_OK)
		result.status = ps_model_open(env, result.document, &result.model, &result.error);
	return result;
}

static fitted
import_file(const ps_env *env, const char *name, const char *options)
{
	size_t		length;
	char	   *content = read_content(env, name, &length);

	return import(env, name, content, length, options);
}

/* Put the fields of a line of rows.csv into the model's inputs, which have an order of their own. */
static void
fill_cells(const ps_model *model, char *line, ps_cell *cells, int *places)
{
	char	   *fields[INPUTS] = {0};

	line[strcspn(line, "\r\n")] = '\0';
	for (int i = 0; i < INPUTS && line != NULL; i++)
	{
		fields[i] = line;
		line = strchr(line, ',');
		if (line != NULL)
			*line++ = '\0';
	}
	for (int i = 0; i < INPUTS; i++)
		places[i] = -1;
	for (size_t input = 0; input < model->ninputs; input++)
		for (int i = 0; i < INPUTS; i++)
		{
			if (strcmp(model->inputs[input].name, names[i]) != 0)
				continue;
			places[i] = (int) input;
			if (fields[i] == NULL || fields[i][0] == '\0')
				cells[input] = (ps_cell) {.null = true};
			else
				cells[input] = model->inputs[input].type == PS_TYPE_TEXT ? text_cell(fields[i]) :
					number_cell(strtod(fields[i], NULL));
		}
}

/* Compare a model with the predictions and contributions of its program. */
static void
test_example(const ps_env *env, const example *which)
{
	fitted		fit = import_file(env, which->name, which->options);
	char		path[200];
	char		line[1000];
	FILE	   *rows = fopen(FOLDER "rows.csv", "r");
	FILE	   *wanted;
	size_t		count = 0;
	double		worst = 0;
	double		worst_contribution = 0;

	snprintf(path, sizeof(path), FOLDER "%s.expected", which->name);
	wanted = fopen(path, "r");
	ok(fit.status == PS_OK && rows != NULL && wanted != NULL, "%s is imported %s", which->name, fit.error.message);
	if (fit.status != PS_OK || rows == NULL || wanted == NULL || fgets(line, sizeof(line), rows) == NULL)
		return;
	ok(strcmp(fit.model->kind, which->kind) == 0, "as a %s", fit.model->kind);
	while (fgets(line, sizeof(line), rows) != NULL)
	{
		ps_cell		cells[INPUTS];
		int			places[INPUTS];
		double		baseline;
		double		contributions[INPUTS];
		double		prediction;
		double		number;
		ps_error	error;

		fill_cells(fit.model, line, cells, places);
		if (ps_model_explain(env, fit.model, cells, &baseline, contributions, &error) != PS_OK ||
			fscanf(wanted, "%lf %lf", &prediction, &number) != 2)
			break;
		worst = fmax(worst, fabs(score_cells(env, &fit, cells) - prediction) / fmax(1, fabs(prediction)));
		worst_contribution = fmax(worst_contribution, fabs(baseline - number));
		for (int i = 0; i < INPUTS && fscanf(wanted, "%lf", &number) == 1; i++)
			worst_contribution = fmax(worst_contribution, fabs((places[i] < 0 ? 0 : contributions[places[i]]) - number));
		count++;
	}
	fclose(rows);
	fclose(wanted);
	ok(count == 60, "all %zu rows have a score", count);
	close_to(worst, 0, 0, 1e-6, "its scores agree");
	close_to(worst_contribution, 0, 0, 1e-5, "and so do contributions");
}

/* Import must fail with the status and the words. */
static void
refuse(const ps_env *env, const char *name, const char *content, size_t length, const char *options, ps_status status,
	   const char *words)
{
	fitted		fit = import(env, name, content, length, options);

	ok(fit.status == status && strstr(fit.error.message, words) != NULL, "refused: %s", words);
	if (fit.status != status || strstr(fit.error.message, words) == NULL)
		printf("# status %d: %s\n", fit.status, fit.error.message);
}

/* The same of a file in which the first text after a mark is replaced. */
static void
refuse_changed(const ps_env *env, const char *name, const char *old, const char *new, ps_status status,
			   const char *words)
{
	size_t		length;
	char	   *content = read_content(env, name, &length);
	char	   *changed;
	size_t		at = 0;
	ps_error	error;

	while (at + strlen(old) <= length && memcmp(content + at, old, strlen(old)) != 0)
		at++;
	if (!ok(at + strlen(old) <= length, "%s has %s", name, old) ||
		ps_alloc(env, length + strlen(new), 1, &changed, &error) != PS_OK)
		return;
	memcpy(changed, content, at);
	memcpy(changed + at, new, strlen(new));
	memcpy(changed + at + strlen(new), content + at + strlen(old), length - at - strlen(old));
	refuse(env, name, changed, length - strlen(old) + strlen(new), name[0] == 'x' ? "{" LEVELS "}" : "{}", status,
		   words);
}

static void
test_refusals(const ps_env *env)
{
	static const char *const x = "xgboost-2.1-binary";
	static const char *const l = "lightgbm-4.7-binary";

	refuse(env, x, "{", 1, "{}", PS_INVALID_DATA, "not valid JSON");
	refuse(env, x, "{}", 2, "{}", PS_INVALID_DATA, "\"learner\"");
	refuse(env, x, "", 0, "{}", PS_INVALID_DATA, "not valid JSON");
	refuse(env, l, "", 0, "{}", PS_INVALID_DATA, "the first line is not \"tree\"");
	refuse(env, l, "tree\n", 5, "{}", PS_INVALID_DATA, "num_class");
	refuse(env, x, "{}", 2, "{\"colums\":[]}", PS_INVALID_OPTION, "no option \"colums\"");
	refuse(env, x, "{}", 2, "{\"columns\":[1]}", PS_INVALID_OPTION, "option \"columns\"");
	refuse(env, x, "{}", 2, "{\"levels\":{\"a\":1}}", PS_INVALID_OPTION, "option \"levels\"");
	refuse(env, x, "{}", 2, "{\"iterations\":0}", PS_INVALID_OPTION, "option \"iterations\"");
	refuse_changed(env, x, "binary:logistic", "multi:softprob", PS_WRONG_MODEL, "multi:softprob");
	refuse_changed(env, x, "binary:logistic", "rank:ndcg", PS_WRONG_MODEL, "rank:ndcg");
	refuse_changed(env, x, "\"num_class\":\"0\"", "\"num_class\":\"3\"", PS_WRONG_MODEL, "3 classes");
	refuse_changed(env, x, "\"name\":\"gbtree\"", "\"name\":\"gblinear\"", PS_WRONG_MODEL, "gblinear");
	refuse_changed(env, x, "\"num_class\":\"0\",\"num_feature\":\"5\"",
				   "\"num_class\":\"0\",\"num_feature\":\"4\"", PS_INVALID_DATA, "is not a list of 4 texts");
	refuse_changed(env, x, "\"base_score\":\"", "\"base_score\":\"1,", PS_WRONG_MODEL, "more than one output");
	refuse_changed(env, x, "\"left_children\":[1", "\"left_children\":[0", PS_INVALID_DATA, "two parents");
	refuse_changed(env, x, "\"left_children\":[1", "\"left_children\":[2", PS_INVALID_DATA, "two parents");
	refuse_changed(env, x, "\"left_children\":[1", "\"left_children\":[1000000", PS_INVALID_DATA, "left_children");
	refuse_changed(env, x, "\"left_children\":[1", "\"left_children\":[1.5", PS_INVALID_DATA, "left_children");
	refuse_changed(env, x, "\"left_children\":[1", "\"left_children\":[1,1", PS_INVALID_DATA, "right_children");
	refuse_changed(env, x, "\"split_indices\":[", "\"split_indices\":[7", PS_INVALID_DATA, "splits column 7");
	refuse_changed(env, x, "\"sum_hessian\":[", "\"sum_hessian\":[\"x\",", PS_INVALID_DATA, "sum_hessian");
	refuse_changed(env, l, "objective=binary", "objective=multiclass", PS_WRONG_MODEL, "multiclass");
	refuse_changed(env, l, "objective=binary", "objective=lambdarank", PS_WRONG_MODEL, "lambdarank");
	refuse_changed(env, l, "num_tree_per_iteration=1", "num_tree_per_iteration=3", PS_WRONG_MODEL, "3 classes");
	refuse_changed(env, l, "is_linear=0", "is_linear=1", PS_WRONG_MODEL, "linear leaves");
	refuse_changed(env, l, "left_child=1", "left_child=0", PS_INVALID_DATA, "two parents");
	refuse_changed(env, l, "left_child=1", "left_child=99", PS_INVALID_DATA, "left_child");
	refuse_changed(env, l, "num_leaves=7", "num_leaves=1e18", PS_INVALID_DATA, "num_leaves");
	refuse_changed(env, l, "num_leaves=7", "num_leaves=8", PS_INVALID_DATA, "elements, must have 8");
	refuse_changed(env, l, "threshold=", "threshold=nan ", PS_INVALID_DATA, "threshold");
	refuse_changed(env, l, "max_feature_idx=4", "max_feature_idx=3", PS_INVALID_DATA, "5 names for 4 columns");
	refuse_changed(env, l, "end of trees", "end of", PS_INVALID_DATA, "ends before");
	refuse_changed(env, l, "[categorical_feature: ", "[categorical_feature: 0,", PS_INVALID_OPTION,
				   "does not say which of its levels");
}

static void
test_options(const ps_env *env)
{
	ps_cell		row[3] = {number_cell(0.5), number_cell(1), number_cell(2)};
	fitted		all = import_file(env, "xgboost-1.7-poisson", "{\"columns\":[\"x\",\"y\",\"z\"],\"target\":\"orders\"}");
	fitted		one = import_file(env, "xgboost-1.7-poisson", "{\"columns\":[\"x\",\"y\",\"z\"],\"iterations\":1}");
	fitted		fit;
	size_t		length;
	char	   *content;

	ok(all.status == PS_OK && strcmp(all.model->target, "orders") == 0, "the target is named");
	ok(all.status == PS_OK && all.model->ninputs == 3 && strchr("xyz", all.model->inputs[0].name[0]) != NULL,
	   "columns are named");
	ok(ps_value_number_or(fit_parameters(&all), "trees", 0) == 3 && ps_value_number_or(fit_parameters(&one), "trees", 0) == 1 &&
	   score_cells(env, &all, row) != score_cells(env, &one, row), "the first iterations are taken");
	content = read_content(env, "xgboost-1.7-poisson", &length);
	refuse(env, "xgboost", content, length, "{}", PS_INVALID_OPTION, "no names of its 3 columns");
	refuse(env, "xgboost", content, length, "{\"columns\":[\"x\"]}", PS_INVALID_OPTION, "has 1 names");
	refuse(env, "xgboost", content, length, "{\"columns\":[\"x\",\"x\",\"x\"]}", PS_INVALID_DATA, "is there twice");
	refuse(env, "xgboost", content, length, "{\"columns\":[\"x\",\"y\",\"z\"],\"iterations\":4}", PS_INVALID_OPTION,
		   "the model has 3");
	refuse(env, "xgboost", content, length, "{\"columns\":[\"x\",\"y\",\"z\"],\"levels\":{\"w\":[\"a\"]}}",
		   PS_INVALID_OPTION, "\"w\"");
	refuse(env, "xgboost", content, length, "{\"columns\":[\"x\",\"y\",\"z\"],\"levels\":{\"x\":[\"a\"]}}",
		   PS_INVALID_OPTION, "compare it as a number");
	fit = import_file(env, "xgboost-2.1-binary", "{}");
	ok(fit.status == PS_OK && has_note(&fit, "the file has no levels of column \"t\""),
	   "without levels a categorical column is one of codes, with a note");
	for (size_t i = 0; fit.status == PS_OK && i < fit.model->ninputs; i++)
		ok(fit.model->inputs[i].type == PS_TYPE_NUMBER, "input \"%s\" is a number", fit.model->inputs[i].name);
}

/* Cut, change and double bytes: an error or a model that answers, and nothing for the sanitizers. */
static void
test_damage(const ps_env *env, const example *which)
{
	size_t		length;
	char	   *content = read_content(env, which->name, &length);
	ps_random	random;
	size_t		wrong = 0;
	size_t		opened = 0;

	ps_random_seed(&random, 1);
	for (int i = 0; i < 600; i++)
	{
		host		h;
		char	   *changed;
		size_t		count = length;
		ps_error	error;
		fitted		fit;

		host_init(&h);
		if (i % 3 == 0)
			count = (size_t) (ps_random_uniform(&random) * (double) length);
		if (ps_alloc(&h.env, count, 1, &changed, &error) != PS_OK)
			break;
		memcpy(changed, content, count);
		for (int k = 0; k < i % 4 && count > 0; k++)
		{
			static const char bytes[] = "0123456789-.,[]{}\"eN =:\n\xff";

			changed[(size_t) (ps_random_uniform(&random) * (double) count)] =
				bytes[(size_t) (ps_random_uniform(&random) * (sizeof(bytes) - 1))];
		}
		fit = import(&h.env, which->name, changed, count, which->options);
		if (fit.status == PS_OK)
		{
			ps_cell		cells[INPUTS];

			opened++;
			for (size_t input = 0; input < fit.model->ninputs && input < INPUTS; input++)
				cells[input] = fit.model->inputs[input].type == PS_TYPE_TEXT ? text_cell("b") : number_cell(i % 5 - 2);
			if (fit.model->ninputs > INPUTS || isnan(score_cells(&h.env, &fit, cells)))
				wrong++;
		}
		else if (fit.error.message[0] == '\0' || fit.status == PS_CORRUPT)
			wrong++;
		host_free(&h);
	}
	ok(wrong == 0 && opened > 0, "%s damaged 600 times: %zu still open, %zu end badly", which->name, opened, wrong);
}

/* Content that is read before anything fails. */
static struct
{
	const char *name;
	char	   *content;
	size_t		length;
}			prepared;

static ps_status
import_prepared(const ps_env *env)
{
	return import(env, prepared.name, prepared.content, prepared.length, "{}").status;
}

static void
test_faults(const ps_env *env, const char *name)
{
	long		allocations;
	long		polls;

	prepared.name = name;
	prepared.content = read_content(env, name, &prepared.length);
	ok(inject_faults(import_prepared, &allocations, &polls) == 0 && polls > 0,
	   "%ld allocations and %ld polls of %s can fail", allocations, polls, name);
}

int
main(void)
{
	host		h;
	fitted		fit;
	ps_frame   *frame;
	ps_column	column = {"x", PS_TYPE_NUMBER};
	ps_cell		cell = number_cell(1);
	ps_error	error;

	host_init(&h);
	for (size_t i = 0; i < EXAMPLES; i++)
	{
		test_example(&h.env, &examples[i]);
		test_damage(&h.env, &examples[i]);
	}
	test_refusals(&h.env);
	test_options(&h.env);
	ps_frame_create(&h.env, &column, 1, true, false, &frame, &error);
	ps_frame_append(frame, &cell, 1, 1, &error);
	fit = fit_frame(&h.env, frame, "imported_trees", "{\"target\":\"y\"}");
	ok(fit.status == PS_INVALID_OPTION && strstr(fit.error.message, "does not learn") != NULL, "nothing is learned");
	test_faults(&h.env, "xgboost-3.2-binary");
	test_faults(&h.env, "lightgbm-4.7-binary");
	host_free(&h);
	return tap_done();
}
