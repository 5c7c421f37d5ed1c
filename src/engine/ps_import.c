/*-------------------------------------------------------------------------
 *
 * ps_import.c
 *	  What the importers of model files share: the table of formats, options,
 *	  and writing trees into a document.
 *
 * Only columns that some tree splits become inputs of the model, so a row to
 * score needs no others.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_import.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ps_imported_trees.h"
#include "ps_json.h"
#include "ps_tree.h"

typedef struct importer
{
	const char *format;
	ps_status	(*read) (const ps_import_call *call, ps_error *error);
} importer;

static const importer importers[] = {
	{"xgboost", ps_import_xgboost},
	{"lightgbm", ps_import_lightgbm}
};

#define FORMATS "xgboost, lightgbm"
#define IMPORTERS (sizeof(importers) / sizeof(importers[0]))
#define MOST_FEATURES 100000
#define LONGEST_NUMBER 63		/* bytes */
#define WEIGHT_BITS 31			/* the largest weight of a tree is made a number of so many */

/* Numbers of a vector to be saved. */
typedef struct number_list
{
	double	   *numbers;
	size_t		count;
	size_t		capacity;
} number_list;

/* The vectors, in this order. */
enum vector
{
	NODES, THRESHOLDS, SETS, NULL_LEFT, VALUES, ROWS, VECTORS
};

static const char *const vector_names[VECTORS] = {"nodes", "thresholds", "sets", "null_left", "values", "rows"};

struct ps_import
{
	const ps_import_call *call;
	const ps_env *env;
	size_t		nfeatures;
	ps_import_feature *features;
	size_t		trees;
	size_t		inputs;			/* features that are split so far */
	number_list vectors[VECTORS];
	size_t	   *order;			/* of the nodes of a tree */
	size_t		order_capacity;
	bool	   *met;			/* nodes of a tree */
	size_t		met_capacity;
};

/* Read all of a text as a finite number. */
bool
ps_import_number(const char *text, size_t length, double *out)
{
	char		copy[LONGEST_NUMBER + 1];
	char	   *end;

	if (length == 0 || length > LONGEST_NUMBER)
		return false;
	/* neither the words nor the hexadecimal numbers that strtod() takes */
	for (size_t i = 0; i < length; i++)
		if (text[i] == '\0' || strchr("+-.0123456789eE", text[i]) == NULL)
			return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	*out = strtod(copy, &end);
	return end == copy + length && isfinite(*out);
}

/* Check that an option, where it is given, is of a type. */
static ps_status
check_option(const ps_value *value, ps_value_type type, const char *name, const char *wanted, ps_error *error)
{
	if (value->type == type || (type == PS_LIST && value->type == PS_NUMBERS))
		return PS_OK;
	return ps_fail(error, PS_INVALID_OPTION, "option \"%s\" must be %s", name, wanted);
}

/* Check the user's options. */
static ps_status
check_options(const ps_value *options, ps_error *error)
{
	if (options->type != PS_OBJECT)
		return ps_fail(error, PS_INVALID_OPTION, "the options must be an object");
	for (size_t i = 0; i < options->count; i++)
	{
		const char *name = options->names[i];
		const ps_value *value = options->items[i];

		if (strcmp(name, "columns") == 0)
		{
			PS_TRY(check_option(value, PS_LIST, name, "a list of column names", error));
			for (size_t j = 0; j < value->count; j++)
				if (value->type == PS_NUMBERS || value->items[j]->type != PS_STRING)
					return ps_fail(error, PS_INVALID_OPTION, "option \"%s\" must be a list of column names", name);
		}
		else if (strcmp(name, "levels") == 0)
		{
			PS_TRY(check_option(value, PS_OBJECT, name, "an object of lists", error));
			for (size_t j = 0; j < value->count; j++)
				PS_TRY(check_option(value->items[j], PS_LIST, name, "an object of lists", error));
		}
		else if (strcmp(name, "target") == 0)
			PS_TRY(check_option(value, PS_STRING, name, "the name of a column", error));
		else if (strcmp(name, "iterations") == 0)
		{
			PS_TRY(check_option(value, PS_NUMBER, name, "a whole number, 1 or more", error));
			if (!(value->number >= 1 && value->number == floor(value->number)))
				return ps_fail(error, PS_INVALID_OPTION, "option \"%s\" must be a whole number, 1 or more", name);
		}
		else
		{
			ps_fail(error, PS_INVALID_OPTION, "there is no option \"%s\" for importing a model", name);
			return ps_hint(error, "Options: columns, levels, target, iterations.");
		}
	}
	return PS_OK;
}

ps_status
ps_import_model(const ps_env *env, const char *format, const char *content, size_t length, const ps_value *options,
				ps_value **document, ps_value *notes, ps_error *error)
{
	ps_import_call call = {.env = env,.content = content,.length = length,.options = options,.notes = notes};
	ps_model   *model;
	ps_status	status;

	*document = NULL;
	PS_TRY(check_options(options, error));
	for (size_t i = 0; i < IMPORTERS; i++)
	{
		if (strcmp(importers[i].format, format) != 0)
			continue;
		PS_TRY(ps_value_object(env, &call.document, error));
		status = importers[i].read(&call, error);
		if (status == PS_OK)
			status = ps_value_set_text(env, (ps_value *) ps_value_get(call.document, "parameters"), "format", format,
									   error);
		if (status == PS_OK)
			status = ps_model_open(env, call.document, &model, error);
		if (status == PS_CORRUPT)
		{
			status = error->status = PS_INVALID_DATA;
			ps_detail(error, "The content was read as a model file of %s.", format);
		}
		*document = call.document;
		return status;
	}
	ps_fail(error, PS_INVALID_OPTION, "there is no format \"%s\"", format);
	return ps_hint(error, "Formats are: %s.", FORMATS);
}

/* Give a feature its levels: a list of texts of their own. */
static ps_status
set_levels(const ps_env *env, ps_import_feature *feature, const ps_value *levels, ps_error *error)
{
	ps_value   *list;

	PS_TRY(ps_value_list(env, &list, error));
	feature->type = levels->type == PS_NUMBERS ? PS_TYPE_NUMBER : PS_TYPE_TEXT;
	for (size_t i = 0; i < levels->count; i++)
	{
		char		text[32];

		if (levels->type == PS_NUMBERS)
			text[ps_number_write(levels->numbers[i], text)] = '\0';
		else if (levels->items[i]->type != PS_STRING)
		{
			ps_fail_column(error, PS_INVALID_OPTION, feature->name,
						   "the levels of column \"%s\" are neither all texts nor all numbers", feature->name);
			return ps_hint(error, "Give them in the option \"levels\", in the order of their codes.");
		}
		PS_TRY(ps_value_append_text(env, list, levels->type == PS_NUMBERS ? text : levels->items[i]->text, error));
	}
	feature->levels = list;
	return PS_OK;
}

ps_status
ps_import_set_levels(ps_import *import, size_t feature, const ps_value *levels, ps_error *error)
{
	if (import->features[feature].levels != NULL)
		return PS_OK;
	return set_levels(import->env, &import->features[feature], levels, error);
}

/* Find the features that the option "levels" names. */
static ps_status
read_levels(ps_import *import, ps_error *error)
{
	const ps_value *given = ps_value_get(import->call->options, "levels");

	for (size_t i = 0; given != NULL && i < given->count; i++)
	{
		size_t		feature = 0;

		while (feature < import->nfeatures && strcmp(import->features[feature].name, given->names[i]) != 0)
			feature++;
		if (feature == import->nfeatures)
			return ps_fail_column(error, PS_INVALID_OPTION, given->names[i],
								  "option \"levels\" names column \"%s\", which the file does not have",
								  given->names[i]);
		PS_TRY(set_levels(import->env, &import->features[feature], given->items[i], error));
	}
	return PS_OK;
}

ps_status
ps_import_start(const ps_import_call *call, const char *const *names, size_t count, ps_import **out, ps_error *error)
{
	const ps_value *given = ps_value_get(call->options, "columns");
	ps_import  *import;

	if (count == 0 || count > MOST_FEATURES)
		return ps_fail(error, PS_CORRUPT, "the model has %d columns, must have 1 to %d", (int64_t) count,
					   (int64_t) MOST_FEATURES);
	if (given != NULL && given->count != count)
		return ps_fail(error, PS_INVALID_OPTION, "option \"columns\" has %d names, the model has %d columns",
					   (int64_t) given->count, (int64_t) count);
	if (given == NULL && names == NULL)
	{
		ps_fail(error, PS_INVALID_OPTION, "the file has no names of its %d columns", (int64_t) count);
		return ps_hint(error, "Give them in their order, for example {\"columns\": [\"age\", \"visits\"]}.");
	}
	PS_TRY(ps_alloc_zero(call->env, 1, sizeof(*import), &import, error));
	import->call = call;
	import->env = call->env;
	import->nfeatures = count;
	PS_TRY(ps_alloc_zero(call->env, count, sizeof(*import->features), &import->features, error));
	for (size_t i = 0; i < count; i++)
	{
		import->features[i].name = given != NULL ? given->items[i]->text : names[i];
		import->features[i].type = PS_TYPE_NUMBER;
	}
	*out = import;
	return read_levels(import, error);
}

ps_import_feature *
ps_import_feature_at(ps_import *import, size_t feature)
{
	return &import->features[feature];
}

ps_status
ps_import_compare(ps_import *import, size_t feature, bool categorical, bool zero_is_null, ps_error *error)
{
	ps_import_feature *known;

	if (feature >= import->nfeatures)
		return ps_fail(error, PS_CORRUPT, "tree %d splits column %d of %d", (int64_t) import->trees + 1,
					   (int64_t) feature + 1, (int64_t) import->nfeatures);
	known = &import->features[feature];
	if (known->compared && (known->categorical != categorical || known->zero_is_null != zero_is_null))
		return ps_fail_column(error, PS_CORRUPT, known->name, "trees compare column \"%s\" in different ways",
							  known->name);
	known->compared = true;
	known->categorical = categorical;
	known->zero_is_null = zero_is_null;
	if (known->levels == NULL || categorical)
		return PS_OK;
	return ps_fail_column(error, PS_INVALID_OPTION, known->name,
						  "column \"%s\" has levels, but the trees compare it as a number", known->name);
}

ps_status
ps_import_rounds(const ps_import_call *call, size_t rounds, size_t *out, ps_error *error)
{
	double		wanted = ps_value_number_or(call->options, "iterations", (double) rounds);

	if (wanted > (double) rounds)
		return ps_fail(error, PS_INVALID_OPTION, "option \"iterations\" is %g, the model has %d", wanted,
					   (int64_t) rounds);
	*out = (size_t) wanted;
	return PS_OK;
}

static ps_status
add_number(ps_import *import, enum vector vector, double number, ps_error *error)
{
	number_list *list = &import->vectors[vector];

	PS_TRY(ps_grow(import->env, &list->numbers, list->count, list->count + 1, &list->capacity, sizeof(double), error));
	list->numbers[list->count++] = number;
	return PS_OK;
}

/* Add a split to the vectors. */
static ps_status
add_split(ps_import *import, const ps_import_node *node, ps_error *error)
{
	ps_import_feature *feature = &import->features[node->feature];

	if (!feature->split)
	{
		feature->split = true;
		feature->number = ++import->inputs;
	}
	PS_TRY(add_number(import, NODES, (double) feature->number, error));
	PS_TRY(add_number(import, NULL_LEFT, node->null_left ? 1 : 0, error));
	if (!feature->categorical)
		return add_number(import, THRESHOLDS, node->threshold, error);
	PS_TRY(add_number(import, SETS, (double) node->ncodes, error));
	for (size_t i = 0; i < node->ncodes; i++)
		PS_TRY(add_number(import, SETS, node->codes[i], error));
	return PS_OK;
}

/*
 * The power of two that makes the largest weight of the leaves a number of
 * WEIGHT_BITS bits: weights are counts or sums of curvatures, and are kept as
 * whole numbers.
 */
static int
weight_exponent(const ps_import_node *nodes, size_t count)
{
	double		largest = 0;
	bool		whole = true;
	int			exponent = 0;

	for (size_t i = 0; i < count; i++)
	{
		if (!nodes[i].leaf)
			continue;
		largest = fmax(largest, nodes[i].weight);
		whole = whole && nodes[i].weight == floor(nodes[i].weight);
	}
	if (largest == 0 || (whole && largest < ldexp(1, WEIGHT_BITS)))
		return 0;
	frexp(largest, &exponent);
	return WEIGHT_BITS - exponent;
}

ps_status
ps_import_tree(ps_import *import, const ps_import_node *nodes, size_t count, ps_error *error)
{
	size_t		known = 1;
	int			exponent = weight_exponent(nodes, count);

	if (import->trees++ == PS_IMPORTED_TREES)
		return ps_fail(error, PS_CORRUPT, "the model has more than %d trees", (int64_t) PS_IMPORTED_TREES);
	PS_TRY(ps_grow(import->env, &import->order, 0, count, &import->order_capacity, sizeof(*import->order), error));
	PS_TRY(ps_grow(import->env, &import->met, 0, count, &import->met_capacity, sizeof(*import->met), error));
	memset(import->met, 0, count * sizeof(*import->met));
	import->order[0] = 0;
	import->met[0] = true;
	for (size_t i = 0; i < known; i++)
	{
		const ps_import_node *node = &nodes[import->order[i]];

		if (node->leaf)
		{
			if (!(node->weight >= 0 && isfinite(node->weight)))
				return ps_fail(error, PS_CORRUPT, "the weight of a leaf in tree %d is %g", (int64_t) import->trees,
							   node->weight);
			PS_TRY(add_number(import, NODES, 0, error));
			PS_TRY(add_number(import, VALUES, node->value, error));
			PS_TRY(add_number(import, ROWS, round(ldexp(node->weight, exponent)), error));
			continue;
		}
		if (node->left >= count || node->right >= count)
			return ps_fail(error, PS_CORRUPT, "node %d of tree %d has a child that is not among its %d nodes",
						   (int64_t) import->order[i], (int64_t) import->trees, (int64_t) count);
		PS_TRY(add_split(import, node, error));
		for (int side = 0; side < 2; side++)
		{
			size_t		child = side == 0 ? node->left : node->right;

			if (import->met[child])
				return ps_fail(error, PS_CORRUPT, "node %d of tree %d has two parents", (int64_t) child,
							   (int64_t) import->trees);
			import->met[child] = true;
			import->order[known++] = child;
		}
	}
	return ps_poll(import->env, 0, error);
}

/* Add one input and how it is compared. */
static ps_status
add_input(const ps_import *import, const ps_import_feature *feature, ps_value *inputs, ps_value *columns,
		  ps_error *error)
{
	const ps_env *env = import->env;
	ps_value   *input;
	ps_value   *column;

	PS_TRY(ps_value_append_object(env, inputs, &input, error));
	PS_TRY(ps_value_set_text(env, input, "name", feature->name, error));
	PS_TRY(ps_value_set_text(env, input, "type", ps_type_name(feature->type), error));
	PS_TRY(ps_value_append_object(env, columns, &column, error));
	PS_TRY(ps_value_set_text(env, column, "column", feature->name, error));
	if (feature->categorical)
		PS_TRY(ps_value_set_boolean(env, column, "categorical", true, error));
	if (feature->zero_is_null)
		PS_TRY(ps_value_set_boolean(env, column, "zero_is_null", true, error));
	if (feature->levels != NULL)
		return ps_value_set(env, column, "levels", (ps_value *) feature->levels, error);
	if (!feature->categorical)
		return PS_OK;
	return ps_note(env, import->call->notes, error, "the file has no levels of column \"%s\", so that rows must hold their "
				   "codes: for its values give {\"levels\": {\"%s\": [...]}}", feature->name, feature->name);
}

/* Add the features that trees split, in the order of their numbers; the first one if none is. */
static ps_status
add_inputs(ps_import *import, ps_value *inputs, ps_value *columns, ps_error *error)
{
	const ps_import_feature **split;

	if (import->inputs == 0)
	{
		import->features[0].levels = NULL;
		import->features[0].type = PS_TYPE_NUMBER;
		import->features[0].categorical = false;
		return add_input(import, &import->features[0], inputs, columns, error);
	}
	PS_TRY(ps_alloc(import->env, import->inputs, sizeof(*split), &split, error));
	for (size_t i = 0; i < import->nfeatures; i++)
		if (import->features[i].split)
			split[import->features[i].number - 1] = &import->features[i];
	for (size_t i = 0; i < import->inputs; i++)
		PS_TRY(add_input(import, split[i], inputs, columns, error));
	return PS_OK;
}

ps_status
ps_import_finish(ps_import *import, const ps_import_facts *facts, ps_error *error)
{
	const ps_env *env = import->env;
	ps_value   *document = import->call->document;
	ps_value   *inputs;
	ps_value   *columns;
	ps_value   *parameters;

	PS_TRY(ps_value_set_text(env, document, "method", "imported_trees", error));
	PS_TRY(ps_value_set_list(env, document, "inputs", &inputs, error));
	PS_TRY(ps_value_set_text(env, document, "target", ps_value_text_or(import->call->options, "target", "target"),
							 error));
	PS_TRY(ps_value_set_object(env, document, "parameters", &parameters, error));
	PS_TRY(ps_value_set_text(env, parameters, "objective", facts->objective, error));
	PS_TRY(ps_value_set_text(env, parameters, "kind", facts->kind, error));
	PS_TRY(ps_value_set_text(env, parameters, "link", facts->link, error));
	if (strcmp(facts->kind, "quantile") == 0)
		PS_TRY(ps_value_set_number(env, parameters, "alpha", facts->alpha, error));
	PS_TRY(ps_value_set_number(env, parameters, "base", facts->base, error));
	PS_TRY(ps_value_set_number(env, parameters, "unit", facts->unit, error));
	PS_TRY(ps_value_set_boolean(env, parameters, "single", facts->single, error));
	PS_TRY(ps_value_set_list(env, parameters, "columns", &columns, error));
	PS_TRY(add_inputs(import, inputs, columns, error));
	PS_TRY(ps_value_set_number(env, parameters, "trees", (double) import->trees, error));
	for (int v = 0; v < VECTORS; v++)
		PS_TRY(ps_value_set_numbers(env, parameters, vector_names[v], import->vectors[v].numbers,
									import->vectors[v].count, error));
	return PS_OK;
}
