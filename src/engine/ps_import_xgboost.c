/*-------------------------------------------------------------------------
 *
 * ps_import_xgboost.c
 *	  Models of XGBoost, as its save_model('model.json') writes them.
 *
 * XGBoost rounds a value x to single precision and goes left where that is
 * below the threshold t.  Rounding never changes the order of two numbers, so
 * there is a largest double that goes left, and "x <= that" is the same split
 * of the numbers as they come.
 *
 * At a categorical split the codes of its set go right.  Here the codes of a
 * set go left, so such a split is turned around.
 *
 * The base score is kept as a prediction: 0.5 of a probability adds 0.  Since
 * version 3 it is a list in a text, "[5E-1]", and there are as many as the
 * model has outputs.  Since 3.1 the levels of categorical columns are in the
 * file, as bytes of all texts and offsets into them, or as numbers.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_import.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "ps_json.h"

typedef struct xgboost_objective
{
	const char *name;
	const char *kind;
	const char *link;
} xgboost_objective;

static const xgboost_objective objectives[] = {
	{"binary:logistic", "classifier", "logistic"},
	{"reg:logistic", "regression", "logistic"},
	{"reg:squarederror", "regression", "identity"},
	{"reg:linear", "regression", "identity"},
	{"reg:squaredlogerror", "regression", "identity"},
	{"reg:pseudohubererror", "regression", "identity"},
	{"reg:absoluteerror", "regression", "identity"},
	{"reg:quantileerror", "quantile", "identity"},
	{"count:poisson", "regression", "exponential"},
	{"reg:gamma", "regression", "exponential"},
	{"reg:tweedie", "regression", "exponential"}
};

#define OBJECTIVES (sizeof(objectives) / sizeof(objectives[0]))

/* The lists of a tree, one element for each node. */
enum tree_list
{
	LEFT, RIGHT, FEATURE, CONDITION, DEFAULT_LEFT, WEIGHT, TREE_LISTS
};

static const char *const tree_lists[TREE_LISTS] = {
	"left_children", "right_children", "split_indices", "split_conditions", "default_left", "sum_hessian"
};

/* An element of a list of numbers, booleans or nulls, of which it has more; NAN for anything else. */
static double
element(const ps_value *list, size_t i)
{
	if (list->type == PS_NUMBERS)
		return list->numbers[i];
	if (list->items[i]->type == PS_BOOLEAN)
		return list->items[i]->boolean ? 1 : 0;
	return list->items[i]->type == PS_NUMBER ? list->items[i]->number : NAN;
}

/* Is a value a list of any kind? */
static bool
is_list(const ps_value *value)
{
	return value != NULL && (value->type == PS_LIST || value->type == PS_NUMBERS);
}

/* Find an element that is a whole number 0..max. */
static ps_status
need_index(const ps_value *list, size_t i, double max, const char *what, size_t *out, ps_error *error)
{
	double		number = element(list, i);

	if (!(number >= 0 && number <= max && number == floor(number)))
		return ps_fail(error, PS_CORRUPT, "element %d of \"%s\" is not a whole number from 0 to %g", (int64_t) i + 1,
					   what, max);
	*out = (size_t) number;
	return PS_OK;
}

/* Read a parameter, which is a number, the text of one, or a text of a list with one; the fallback where it is not there. */
static ps_status
read_parameter(const ps_value *object, const char *name, double fallback, double *out, ps_error *error)
{
	const ps_value *value = ps_value_get(object, name);
	const char *text;
	size_t		length;

	*out = fallback;
	if (value == NULL || value->type == PS_NUMBER)
	{
		*out = value == NULL ? fallback : value->number;
		return PS_OK;
	}
	if (value->type != PS_STRING)
		return ps_fail(error, PS_CORRUPT, "\"%s\" is not a number", name);
	text = value->text;
	length = value->count;
	if (length > 2 && text[0] == '[' && text[length - 1] == ']')
	{
		text++;
		length -= 2;
	}
	if (memchr(text, ',', length) != NULL)
		return ps_fail(error, PS_WRONG_MODEL, "the model has more than one output: \"%s\" is %s", name, value->text);
	if (!ps_import_number(text, length, out))
		return ps_fail(error, PS_CORRUPT, "\"%s\" is \"%s\", not a number", name, value->text);
	return PS_OK;
}

/* The largest double that is below a threshold once it is rounded to single precision. */
static double
last_below(float threshold)
{
	double		before = threshold == -FLT_MAX ? -0x1p128 : (double) nextafterf(threshold, -INFINITY);
	double		middle = before / 2 + (double) threshold / 2;

	/* halfway numbers go to the even neighbour */
	return (float) middle < threshold ? middle : nextafter(middle, -INFINITY);
}

/* Find the objective. */
static ps_status
find_objective(const ps_value *learner, const xgboost_objective **out, ps_error *error)
{
	const char *name = ps_value_text_or(ps_value_get(learner, "objective"), "name", "");
	char		known[300] = "";

	for (size_t i = 0; i < OBJECTIVES; i++)
	{
		size_t		used = strlen(known);

		*out = &objectives[i];
		if (strcmp(name, objectives[i].name) == 0)
			return PS_OK;
		ps_format(known + used, sizeof(known) - used, used > 0 ? ", %s" : "%s", objectives[i].name);
	}
	ps_fail(error, PS_WRONG_MODEL, "a model of objective \"%s\" cannot be imported", name);
	return ps_hint(error, "Objectives that can: %s.", known);
}

/* Read the model's sizes, refuse more than one output, and find the margin of no trees. */
static ps_status
read_head(const ps_value *learner, ps_import_facts *facts, size_t *nfeatures, ps_error *error)
{
	const ps_value *sizes = ps_value_get(learner, "learner_model_param");
	const ps_value *objective = ps_value_get(learner, "objective");
	const xgboost_objective *found;
	double		classes;
	double		targets;
	double		features;
	double		base;

	PS_TRY(find_objective(learner, &found, error));
	PS_TRY(read_parameter(sizes, "num_class", 0, &classes, error));
	PS_TRY(read_parameter(sizes, "num_target", 1, &targets, error));
	PS_TRY(read_parameter(sizes, "num_feature", 0, &features, error));
	PS_TRY(read_parameter(sizes, "base_score", NAN, &base, error));
	if (classes > 1 || targets > 1)
		return ps_fail(error, PS_WRONG_MODEL, "a model of %g %s cannot be imported, only one with one output",
					   classes > 1 ? classes : targets, classes > 1 ? "classes" : "targets");
	if (!(features >= 1 && features <= INT32_MAX))
		return ps_fail(error, PS_CORRUPT, "\"num_feature\" is %g", features);
	*nfeatures = (size_t) features;
	base = (double) (float) base;
	if (strcmp(found->link, "logistic") == 0 && base > 0 && base < 1)
		base = -log((double) (1 / (float) base - 1));
	else if (strcmp(found->link, "exponential") == 0 && base > 0)
		base = log(base);
	else if (strcmp(found->link, "identity") != 0 || !isfinite(base))
		return ps_fail(error, PS_CORRUPT, "\"base_score\" is %g, no prediction of objective \"%s\"", base, found->name);
	*facts = (ps_import_facts) {
		.objective = found->name,.kind = found->kind,.link = found->link,.base = (double) (float) base,.unit = 1,
		.single = true
	};
	if (strcmp(found->kind, "quantile") == 0)
		PS_TRY(read_parameter(ps_value_get(objective, "quantile_loss_param"), "quantile_alpha", NAN, &facts->alpha,
							  error));
	return PS_OK;
}

/* Copy the texts of a list, as many as there are columns; NULL where the list is empty. */
static ps_status
read_texts(const ps_env *env, const ps_value *list, const char *name, size_t count, const char *const **out,
		   ps_error *error)
{
	const char **texts;

	*out = NULL;
	if (list == NULL || list->count == 0)
		return PS_OK;
	if (list->type != PS_LIST || list->count != count)
		return ps_fail(error, PS_CORRUPT, "\"%s\" is not a list of %d texts", name, (int64_t) count);
	PS_TRY(ps_alloc(env, count, sizeof(*texts), &texts, error));
	for (size_t i = 0; i < count; i++)
	{
		if (list->items[i]->type != PS_STRING)
			return ps_fail(error, PS_CORRUPT, "\"%s\" is not a list of %d texts", name, (int64_t) count);
		texts[i] = list->items[i]->text;
	}
	*out = texts;
	return PS_OK;
}

/* Read the texts of a categorical column from their bytes. */
static ps_status
read_level_texts(const ps_env *env, const ps_value *offsets, const ps_value *bytes, ps_value **out, ps_error *error)
{
	char	   *text;
	size_t		from;
	size_t		to;

	PS_TRY(ps_value_list(env, out, error));
	PS_TRY(ps_alloc(env, bytes->count, 1, &text, error));
	for (size_t i = 0; i < bytes->count; i++)
	{
		double		byte = element(bytes, i);

		if (!(byte >= -128 && byte <= 255 && byte == floor(byte) && byte != 0))
			return ps_fail(error, PS_CORRUPT, "the texts of the levels are not bytes");
		text[i] = (char) (int) byte;
	}
	for (size_t i = 1; i < offsets->count; i++)
	{
		char	   *level;

		PS_TRY(need_index(offsets, i - 1, (double) bytes->count, "offsets", &from, error));
		PS_TRY(need_index(offsets, i, (double) bytes->count, "offsets", &to, error));
		if (to < from)
			return ps_fail(error, PS_CORRUPT, "the offsets of the levels do not ascend");
		PS_TRY(ps_copy_text(env, text + from, to - from, &level, error));
		PS_TRY(ps_value_append_text(env, *out, level, error));
		ps_release(env, level);
		if (i % 65536 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	ps_release(env, text);
	return PS_OK;
}

/* Take the levels that the file has of categorical columns. */
static ps_status
read_cats(const ps_env *env, const ps_value *model, ps_import *import, size_t nfeatures, ps_error *error)
{
	const ps_value *columns = ps_value_get(ps_value_get(model, "cats"), "enc");

	if (columns == NULL || columns->count == 0)
		return PS_OK;
	if (columns->type != PS_LIST || columns->count != nfeatures)
		return ps_fail(error, PS_CORRUPT, "\"enc\" is not a list of %d columns", (int64_t) nfeatures);
	for (size_t i = 0; i < nfeatures; i++)
	{
		const ps_value *offsets = ps_value_get(columns->items[i], "offsets");
		const ps_value *values = ps_value_get(columns->items[i], "values");
		ps_value   *levels;

		if (!is_list(values) || values->count == 0)
			continue;
		if (is_list(offsets))
		{
			PS_TRY(read_level_texts(env, offsets, values, &levels, error));
			values = levels;
		}
		PS_TRY(ps_import_set_levels(import, i, values, error));
	}
	return PS_OK;
}

/* Start the import with the columns of the file. */
static ps_status
read_columns(const ps_import_call *call, const ps_value *learner, const ps_value *model, size_t nfeatures,
			 ps_import **out, ps_error *error)
{
	const char *const *names;
	const char *const *types;

	PS_TRY(read_texts(call->env, ps_value_get(learner, "feature_names"), "feature_names", nfeatures, &names, error));
	PS_TRY(read_texts(call->env, ps_value_get(learner, "feature_types"), "feature_types", nfeatures, &types, error));
	PS_TRY(ps_import_start(call, names, nfeatures, out, error));
	/* an indicator is a boolean */
	for (size_t i = 0; types != NULL && i < nfeatures; i++)
		if (strcmp(types[i], "i") == 0)
			ps_import_feature_at(*out, i)->type = PS_TYPE_BOOLEAN;
	return read_cats(call->env, model, *out, nfeatures, error);
}

/* Give the categorical splits of a tree their sets. */
static ps_status
read_sets(const ps_env *env, const ps_value *tree, ps_import_node *nodes, size_t count, ps_error *error)
{
	static const char *const names[] = {"categories_nodes", "categories_segments", "categories_sizes", "categories"};
	const ps_value *lists[4];
	double	   *codes;

	for (int i = 0; i < 4; i++)
	{
		lists[i] = ps_value_get(tree, names[i]);
		if (!is_list(lists[i]) || (i > 0 && i < 3 && lists[i]->count != lists[0]->count))
			return ps_fail(error, PS_CORRUPT, "\"%s\" of a tree is not a list, or not as long as it must be", names[i]);
	}
	PS_TRY(ps_alloc(env, lists[3]->count, sizeof(*codes), &codes, error));
	for (size_t i = 0; i < lists[3]->count; i++)
		codes[i] = element(lists[3], i);
	for (size_t i = 0; i < lists[0]->count; i++)
	{
		size_t		node;
		size_t		first;

		PS_TRY(need_index(lists[0], i, (double) count - 1, names[0], &node, error));
		PS_TRY(need_index(lists[1], i, (double) lists[3]->count, names[1], &first, error));
		PS_TRY(need_index(lists[2], i, (double) (lists[3]->count - first), names[2], &nodes[node].ncodes, error));
		nodes[node].codes = codes + first;
	}
	return PS_OK;
}

/* Read one tree; leaves count times weight. */
static ps_status
read_tree(const ps_env *env, const ps_value *tree, double weight, ps_import *import, ps_error *error)
{
	const ps_value *lists[TREE_LISTS];
	const ps_value *types = ps_value_get(tree, "split_type");
	size_t		count = 0;
	bool		has_sets = false;
	ps_import_node *nodes;

	for (int i = 0; i < TREE_LISTS; i++)
	{
		lists[i] = ps_value_get(tree, tree_lists[i]);
		if (!is_list(lists[i]) || lists[i]->count == 0 || (i > 0 && lists[i]->count != count))
			return ps_fail(error, PS_CORRUPT, "\"%s\" of a tree is not a list, or not as long as it must be",
						   tree_lists[i]);
		count = lists[i]->count;
	}
	if (types != NULL && (!is_list(types) || types->count != count))
		return ps_fail(error, PS_CORRUPT, "\"split_type\" of a tree is not a list of %d elements", (int64_t) count);
	PS_TRY(ps_alloc_zero(env, count, sizeof(*nodes), &nodes, error));
	for (size_t i = 0; i < count; i++)
	{
		ps_import_node *node = &nodes[i];
		float		condition = (float) element(lists[CONDITION], i);
		bool		categorical = types != NULL && element(types, i) == 1;

		node->leaf = element(lists[LEFT], i) == -1;
		if (!isfinite(condition) && (node->leaf || !categorical))
			return ps_fail(error, PS_CORRUPT, "element %d of \"split_conditions\" is not a finite number",
						   (int64_t) i + 1);
		if (node->leaf)
		{
			node->value = (double) (float) (weight * (double) condition);
			node->weight = element(lists[WEIGHT], i);
			continue;
		}
		PS_TRY(need_index(lists[LEFT], i, (double) count - 1, tree_lists[LEFT], &node->left, error));
		PS_TRY(need_index(lists[RIGHT], i, (double) count - 1, tree_lists[RIGHT], &node->right, error));
		PS_TRY(need_index(lists[FEATURE], i, INT32_MAX, tree_lists[FEATURE], &node->feature, error));
		PS_TRY(ps_import_compare(import, node->feature, categorical, false, error));
		node->null_left = element(lists[DEFAULT_LEFT], i) == 1;
		if (categorical)
		{
			size_t		left = node->left;

			node->left = node->right;
			node->right = left;
			node->null_left = !node->null_left;
			has_sets = true;
		}
		else
			node->threshold = last_below(condition);
	}
	if (has_sets)
		PS_TRY(read_sets(env, tree, nodes, count, error));
	PS_TRY(ps_import_tree(import, nodes, count, error));
	ps_release(env, nodes);
	return PS_OK;
}

/* Say that an early stop is in the file, where it counts for nothing. */
static ps_status
note_early_stop(const ps_import_call *call, const ps_value *learner, size_t rounds, ps_error *error)
{
	double		best;

	PS_TRY(read_parameter(ps_value_get(learner, "attributes"), "best_iteration", NAN, &best, error));
	if (ps_value_get(call->options, "iterations") != NULL || !(best >= 0 && best + 1 < (double) rounds))
		return PS_OK;
	return ps_note(call->env, call->notes, error, "all %d iterations are imported, though the file says that %g were "
				   "best: to stop there give {\"iterations\": %g}", (int64_t) rounds, best + 1, best + 1);
}

ps_status
ps_import_xgboost(const ps_import_call *call, ps_error *error)
{
	const ps_env *env = call->env;
	ps_value   *file;
	const ps_value *learner;
	const ps_value *booster;
	const ps_value *model;
	const ps_value *trees;
	const ps_value *weights = NULL;
	const char *name;
	ps_import_facts facts;
	ps_import  *import;
	double		parallel;
	size_t		nfeatures = 0;
	size_t		rounds = 0;
	ps_status	status = ps_json_read_foreign(env, call->content, call->length, &file, error);

	if (status == PS_CORRUPT)
		return ps_hint(error, "Write the model with save_model('model.json'): binary files cannot be imported.");
	PS_TRY(status);
	PS_TRY(ps_value_need(file, "learner", PS_OBJECT, &learner, error));
	PS_TRY(ps_value_need(learner, "gradient_booster", PS_OBJECT, &booster, error));
	name = ps_value_text_or(booster, "name", "");
	if (strcmp(name, "dart") == 0)
	{
		weights = ps_value_get(booster, "weight_drop");
		PS_TRY(ps_value_need(booster, "gbtree", PS_OBJECT, &booster, error));
	}
	else if (strcmp(name, "gbtree") != 0)
		return ps_fail(error, PS_WRONG_MODEL, "a model of booster \"%s\" cannot be imported, only gbtree and dart", name);
	PS_TRY(ps_value_need(booster, "model", PS_OBJECT, &model, error));
	PS_TRY(ps_value_need(model, "trees", PS_LIST, &trees, error));
	if (strcmp(name, "dart") == 0 && (!is_list(weights) || weights->count != trees->count))
		return ps_fail(error, PS_CORRUPT, "\"weight_drop\" is not a list of %d numbers", (int64_t) trees->count);
	PS_TRY(read_head(learner, &facts, &nfeatures, error));
	PS_TRY(read_columns(call, learner, model, nfeatures, &import, error));
	PS_TRY(read_parameter(ps_value_get(model, "gbtree_model_param"), "num_parallel_tree", 1, &parallel, error));
	if (!(parallel >= 1 && parallel <= INT32_MAX && parallel == floor(parallel)))
		return ps_fail(error, PS_CORRUPT, "\"num_parallel_tree\" is %g", parallel);
	PS_TRY(ps_import_rounds(call, trees->count / (size_t) parallel, &rounds, error));
	PS_TRY(note_early_stop(call, learner, rounds, error));
	for (size_t t = 0; t < rounds * (size_t) parallel; t++)
		PS_TRY(read_tree(env, trees->items[t], weights == NULL ? 1 : element(weights, t), import, error));
	return ps_import_finish(import, &facts, error);
}
