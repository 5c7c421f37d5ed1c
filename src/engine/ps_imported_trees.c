/*-------------------------------------------------------------------------
 *
 * ps_imported_trees.c
 *	  The method imported_trees: models of other programs, to score with.
 *
 * ps_imported_trees.h describes the parameters, ps_import.h how they are made
 * from files.  A row is first turned into one double for each input: the
 * number or the code, NAN for NULL.  Each tree is then gone down by itself, in
 * the order of the file, which single precision needs.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_imported_trees.h"

#include <math.h>
#include <string.h>

#include "ps_evaluate.h"
#include "ps_json.h"
#include "ps_learners.h"
#include "ps_levels.h"
#include "ps_tree_shap.h"
#include "ps_vectors.h"

#define STACK_INPUTS 256		/* more are allocated for each row */
#define EXPONENT_LIMIT 700.0	/* keeps exp(x) finite */
#define POLL_NODES 65536
#define POLL_TREES 4096

static const ps_option imported_trees_options[] = {{0}};

enum imported_link
{
	LINK_IDENTITY, LINK_LOGISTIC, LINK_EXPONENTIAL, LINKS
};

enum imported_kind
{
	KIND_REGRESSION, KIND_CLASSIFIER, KIND_QUANTILE, KINDS
};

static const char *const link_names[LINKS] = {"identity", "logistic", "exponential"};
static const char *const kind_names[KINDS] = {"regression", "classifier", "quantile"};

typedef struct imported_column
{
	const char *name;
	ps_type		type;
	bool		categorical;
	bool		zero_is_null;
	bool		has_levels;
	ps_levels	levels;
} imported_column;

typedef struct imported_node
{
	double		number;			/* threshold; of a categorical split, where its set begins; value of a leaf */
	uint32_t	left;			/* index of the left child, the right one is the next; of a leaf, its own */
	uint32_t	input;
	uint32_t	codes;			/* of a categorical split, how many */
	bool		categorical;
	bool		null_left;
} imported_node;

typedef struct imported_model
{
	size_t		kind;
	size_t		link;
	double		alpha;
	double		base;
	double		unit;
	bool		single;
	size_t		ninputs;
	imported_column *columns;
	size_t		count;			/* of nodes */
	imported_node *nodes;
	uint32_t   *codes;			/* of all sets */
	ps_ensemble trees;			/* for ps_tree_shap.h, with one slot for each node: 1 when the row goes right */
} imported_model;

/* The vectors, in this order. */
enum vector
{
	NODES, THRESHOLDS, SETS, NULL_LEFT, VALUES, ROWS, VECTORS
};

static const char *const vector_names[VECTORS] = {"nodes", "thresholds", "sets", "null_left", "values", "rows"};

/* Models are imported, not learned. */
static ps_status
imported_trees_fit(const ps_env *env, const ps_frame *frame, const ps_value *options, ps_value *parameters,
				   ps_value *notes, ps_error *error)
{
	(void) env;
	(void) frame;
	(void) options;
	(void) parameters;
	(void) notes;
	ps_fail(error, PS_INVALID_OPTION, "method \"imported_trees\" does not learn");
	return ps_hint(error, "Its models come from files, with import_model(); method \"boosted_trees\" learns from rows.");
}

/* Find a word of the parameters among count names. */
static ps_status
load_word(const ps_value *parameters, const char *member, const char *const *names, size_t count, size_t *out,
		  ps_error *error)
{
	const ps_value *value;

	PS_TRY(ps_value_need(parameters, member, PS_STRING, &value, error));
	for (*out = 0; *out < count; (*out)++)
		if (strcmp(names[*out], value->text) == 0)
			return PS_OK;
	return ps_fail(error, PS_CORRUPT, "\"%s\" cannot be \"%s\"", member, value->text);
}

/* Read how one input is compared. */
static ps_status
load_column(const ps_env *env, const ps_value *item, const ps_input *input, imported_column *column, ps_error *error)
{
	const ps_value *name;
	const ps_value *levels = ps_value_get(item, "levels");

	PS_TRY(ps_value_need(item, "column", PS_STRING, &name, error));
	*column = (imported_column) {
		.name = input->name,
		.type = input->type,
		.categorical = ps_value_boolean_or(item, "categorical", false),
		.zero_is_null = ps_value_boolean_or(item, "zero_is_null", false),
		.has_levels = levels != NULL
	};
	if (strcmp(name->text, input->name) != 0)
		return ps_fail(error, PS_CORRUPT, "column \"%s\" is not input \"%s\"", name->text, input->name);
	if (input->type != PS_TYPE_NUMBER && input->type != PS_TYPE_BOOLEAN && input->type != PS_TYPE_TEXT)
		return ps_fail(error, PS_CORRUPT, "column \"%s\" is a %s", input->name, ps_type_name(input->type));
	if (column->has_levels ? !column->categorical : input->type == PS_TYPE_TEXT)
		return ps_fail(error, PS_CORRUPT, column->has_levels ? "column \"%s\" has levels but is not categorical" :
					   "column \"%s\" is a text without levels", input->name);
	if (!column->has_levels)
		return PS_OK;
	PS_TRY(ps_value_need(item, "levels", PS_LIST, &levels, error));
	return ps_levels_load(env, levels, PS_IMPORTED_LEVELS, &column->levels, error);
}

/* Read the codes that go left at a categorical split; they are kept where they stand in the vector. */
static ps_status
load_set(imported_model *model, ps_vector *vectors, imported_node *node, ps_error *error)
{
	size_t		count;
	size_t		least = 0;

	PS_TRY(ps_vector_next_integer(&vectors[SETS], 0, vectors[SETS].count, &count, error));
	node->number = (double) vectors[SETS].next;
	node->codes = (uint32_t) count;
	for (uint32_t i = 0; i < node->codes; i++)
	{
		size_t		code;

		PS_TRY(ps_vector_next_integer(&vectors[SETS], least, PS_IMPORTED_CODE, &code, error));
		model->codes[vectors[SETS].next - 1] = (uint32_t) code;
		least = code + 1;
	}
	return PS_OK;
}

/* Read one split of the input with a number. */
static ps_status
load_split(imported_model *model, uint32_t input, ps_vector *vectors, imported_node *node, ps_error *error)
{
	size_t		null_left;

	node->input = input;
	node->categorical = model->columns[input].categorical;
	PS_TRY(ps_vector_next_integer(&vectors[NULL_LEFT], 0, 1, &null_left, error));
	node->null_left = null_left == 1;
	if (node->categorical)
		return load_set(model, vectors, node, error);
	return ps_vector_next(&vectors[THRESHOLDS], -INFINITY, INFINITY, &node->number, error);
}

/* What is known of a node while its tree is read. */
typedef struct node_facts
{
	uint32_t	depth;
	double		rows;			/* in the leaves below it */
} node_facts;

/* Read one tree into the nodes from its root on; *count receives how many it has. */
static ps_status
load_tree(imported_model *model, ps_vector *vectors, node_facts *facts, ps_score_tree *tree, size_t *count,
		  ps_error *error)
{
	size_t		first = tree->root;
	size_t		known = first + 1;

	facts[first].depth = 0;
	for (size_t i = first; i < known; i++)
	{
		imported_node *node = &model->nodes[i];
		size_t		number;

		PS_TRY(ps_vector_next_integer(&vectors[NODES], 0, model->ninputs, &number, error));
		if (number == 0)
		{
			size_t		rows;

			PS_TRY(ps_vector_next(&vectors[VALUES], -PS_IMPORTED_LARGEST, PS_IMPORTED_LARGEST, &node->number, error));
			PS_TRY(ps_vector_next_integer(&vectors[ROWS], 0, PS_IMPORTED_ROWS, &rows, error));
			facts[i].rows = (double) rows;
			node->left = (uint32_t) i;
			model->trees.values[i] = node->number;
			continue;
		}
		if (known + 2 > vectors[NODES].count)
			return ps_fail(error, PS_CORRUPT, "\"nodes\" is too short");
		if (facts[i].depth == PS_IMPORTED_DEEPEST)
			return ps_fail(error, PS_CORRUPT, "a tree is deeper than %d", (int64_t) PS_IMPORTED_DEEPEST);
		PS_TRY(load_split(model, (uint32_t) number - 1, vectors, node, error));
		node->left = (uint32_t) known;
		facts[known].depth = facts[known + 1].depth = facts[i].depth + 1;
		if (facts[known].depth > tree->depth)
			tree->depth = facts[known].depth;
		known += 2;
	}
	for (size_t i = known; i-- > first;)
	{
		size_t		left = model->nodes[i].left;

		if (left == i)
			continue;
		facts[i].rows = facts[left].rows + facts[left + 1].rows;
		ps_ensemble_split(&model->trees, i, left, facts[left].rows, facts[left + 1].rows);
	}
	*count = known - first;
	return PS_OK;
}

/* Read the trees. */
static ps_status
load_trees(const ps_env *env, const ps_value *parameters, imported_model *model, ps_error *error)
{
	ps_ensemble *trees = &model->trees;
	ps_vector vectors[VECTORS];
	node_facts *facts;
	int64_t		count;
	size_t		first = 0;

	PS_TRY(ps_value_need_integer(parameters, "trees", 0, PS_IMPORTED_TREES, &count, error));
	PS_TRY(ps_vectors_open(parameters, vector_names, VECTORS, vectors, error));
	model->count = vectors[NODES].count;
	if (model->count < (size_t) count || model->count > PS_IMPORTED_NODES || vectors[SETS].count > UINT32_MAX)
		return ps_fail(error, PS_CORRUPT, "there are %d nodes for %d trees", (int64_t) model->count, count);
	PS_TRY(ps_alloc_zero(env, model->count, sizeof(*model->nodes), &model->nodes, error));
	PS_TRY(ps_alloc_zero(env, vectors[SETS].count, sizeof(*model->codes), &model->codes, error));
	trees->ninputs = model->ninputs;
	trees->slots = model->count;
	trees->count = (size_t) count;
	PS_TRY(ps_alloc_zero(env, trees->count, sizeof(*trees->trees), &trees->trees, error));
	PS_TRY(ps_alloc_zero(env, model->count, sizeof(*trees->nodes), &trees->nodes, error));
	PS_TRY(ps_alloc_zero(env, model->count, sizeof(*trees->values), &trees->values, error));
	PS_TRY(ps_alloc_zero(env, model->count, sizeof(*trees->left_shares), &trees->left_shares, error));
	PS_TRY(ps_alloc_zero(env, model->count, sizeof(*trees->numbers), &trees->numbers, error));
	PS_TRY(ps_alloc_zero(env, model->count, sizeof(*facts), &facts, error));
	for (size_t t = 0; t < trees->count; t++)
	{
		size_t		nodes = 0;

		if (first == model->count)
			return ps_fail(error, PS_CORRUPT, "\"nodes\" is too short");
		trees->trees[t].root = (uint32_t) first;
		PS_TRY(load_tree(model, vectors, facts, &trees->trees[t], &nodes, error));
		first += nodes;
		PS_TRY(ps_poll(env, 0, error));
	}
	ps_release(env, facts);
	PS_TRY(ps_vectors_finish(vectors, VECTORS, error));
	for (size_t i = 0; i < model->count; i++)
	{
		trees->nodes[i].left = model->nodes[i].left;
		trees->nodes[i].cut_and_slot = (uint32_t) i;
		trees->numbers[i] = model->nodes[i].input;
	}
	return PS_OK;
}

static ps_status
imported_trees_load(const ps_env *env, const ps_value *parameters, const ps_input *inputs, size_t ninputs,
					void **state, ps_error *error)
{
	imported_model *model;
	const ps_value *value;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*model), &model, error));
	model->ninputs = ninputs;
	model->alpha = NAN;
	PS_TRY(load_word(parameters, "kind", kind_names, KINDS, &model->kind, error));
	PS_TRY(load_word(parameters, "link", link_names, LINKS, &model->link, error));
	if (model->kind == KIND_QUANTILE)
		PS_TRY(ps_value_need_number(parameters, "alpha", &model->alpha, error));
	PS_TRY(ps_value_need_number(parameters, "base", &model->base, error));
	PS_TRY(ps_value_need_number(parameters, "unit", &model->unit, error));
	PS_TRY(ps_value_need(parameters, "single", PS_BOOLEAN, &value, error));
	model->single = value->boolean;
	if (model->kind == KIND_QUANTILE && !(model->alpha > 0 && model->alpha < 1))
		return ps_fail(error, PS_CORRUPT, "\"alpha\" is %g, not between 0 and 1", model->alpha);
	if (model->kind == KIND_CLASSIFIER && model->link != LINK_LOGISTIC)
		return ps_fail(error, PS_CORRUPT, "the link of a classifier is not logistic");
	if (!(model->unit > 0) || (model->single && model->unit != 1) || fabs(model->base) > PS_IMPORTED_LARGEST)
		return ps_fail(error, PS_CORRUPT, "\"base\" is %g and \"unit\" is %g", model->base, model->unit);
	PS_TRY(ps_value_need(parameters, "columns", PS_LIST, &value, error));
	if (value->count != ninputs)
		return ps_fail(error, PS_CORRUPT, "there are %d columns for %d inputs", (int64_t) value->count,
					   (int64_t) ninputs);
	PS_TRY(ps_alloc_zero(env, ninputs, sizeof(*model->columns), &model->columns, error));
	for (size_t i = 0; i < ninputs; i++)
		PS_TRY(load_column(env, value->items[i], &inputs[i], &model->columns[i], error));
	PS_TRY(load_trees(env, parameters, model, error));
	*state = model;
	return PS_OK;
}

static void
imported_trees_model_kind(const void *state, const char **kind, unsigned *answers)
{
	const imported_model *model = state;

	*kind = kind_names[model->kind];
	if (model->kind != KIND_CLASSIFIER)
		*answers = 1u << PS_ASK_SCORE;
}

/* Turn a cell into the number that splits compare, NAN for NULL. */
static ps_status
read_cell(const imported_column *column, const ps_cell *cell, double *out, ps_error *error)
{
	char		text[32];
	size_t		level;

	*out = NAN;
	if (cell->null)
		return PS_OK;
	if (column->type == PS_TYPE_TEXT)
	{
		level = ps_levels_find(&column->levels, cell->text, cell->length);
		*out = level < column->levels.count ? (double) level : NAN;
		return PS_OK;
	}
	if (!isfinite(cell->number))
		return ps_fail_column(error, PS_INVALID_DATA, column->name, "column \"%s\" has a value that is not finite",
							  column->name);
	if (column->zero_is_null && fabs(cell->number) <= PS_IMPORTED_ZERO)
		return PS_OK;
	*out = cell->number;
	if (column->has_levels)
	{
		level = ps_levels_find(&column->levels, text, ps_number_write(cell->number, text));
		*out = level < column->levels.count ? (double) level : NAN;
	}
	else if (column->categorical)
		*out = trunc(cell->number);
	return PS_OK;
}

/* Is a code in the set of a categorical split? */
static bool
has_code(const imported_model *model, const imported_node *node, double code)
{
	const uint32_t *codes = model->codes + (size_t) node->number;
	size_t		from = 0;
	size_t		to = node->codes;

	while (from < to)
	{
		size_t		middle = (from + to) / 2;

		if (codes[middle] < code)
			from = middle + 1;
		else
			to = middle;
	}
	return from < node->codes && codes[from] == code;
}

/* Does a row go right at a split? */
static inline bool
goes_right(const imported_model *model, const imported_node *node, const double *numbers)
{
	double		number = numbers[node->input];

	if (isnan(number))
		return !node->null_left;
	return node->categorical ? !has_code(model, node, number) : !(number <= node->number);
}

/* Add up the trees for a row: *out receives base + unit F. */
static ps_status
sum_trees(const ps_env *env, const imported_model *model, const double *numbers, double *out, ps_error *error)
{
	float		single = (float) model->base;
	double		sum = 0;

	for (size_t t = 0; t < model->trees.count; t++)
	{
		const imported_node *node = &model->nodes[model->trees.trees[t].root];

		while (&model->nodes[node->left] != node)
			node = &model->nodes[node->left + (goes_right(model, node, numbers) ? 1 : 0)];
		single += (float) node->number;
		sum += node->number;
		if (t % POLL_TREES == POLL_TREES - 1)
			PS_TRY(ps_poll(env, 0, error));
	}
	*out = model->single ? (double) single : model->base + model->unit * sum;
	return PS_OK;
}

/* Read a row; *numbers is on_stack[STACK_INPUTS] or allocated. */
static ps_status
read_cells(const ps_env *env, const imported_model *model, const ps_cell *cells, double *on_stack, double **numbers,
		   ps_error *error)
{
	*numbers = on_stack;
	if (model->ninputs > STACK_INPUTS)
		PS_TRY(ps_alloc(env, model->ninputs, sizeof(double), numbers, error));
	for (size_t i = 0; i < model->ninputs; i++)
		PS_TRY(read_cell(&model->columns[i], &cells[i], &(*numbers)[i], error));
	return PS_OK;
}

/* P(target), or the mean or quantile of the target. A horizon says nothing to trees. */
static ps_status
imported_trees_answer(const ps_env *env, const void *state, ps_question question, const ps_cell *cells,
					  const ps_request *request, ps_answer *answer, ps_error *error)
{
	const imported_model *model = state;
	double		on_stack[STACK_INPUTS];
	double	   *numbers;
	double		sum;

	(void) question;
	(void) request;
	PS_TRY(read_cells(env, model, cells, on_stack, &numbers, error));
	PS_TRY(sum_trees(env, model, numbers, &sum, error));
	if (numbers != on_stack)
		ps_release(env, numbers);
	if (model->link == LINK_LOGISTIC)
		sum = model->single ? (double) (1 / (1 + (float) exp(-sum))) : 1 / (1 + exp(-sum));
	else if (model->link == LINK_EXPONENTIAL)
		sum = exp(fmin(sum, EXPONENT_LIMIT));
	answer->null = false;
	answer->number = model->single ? (double) (float) sum : sum;
	return PS_OK;
}

/*
 * Contributions to base + unit F: the log-odds, the logarithm of the mean, or
 * the prediction itself.  What single precision loses goes to the baseline.
 */
static ps_status
imported_trees_explain(const ps_env *env, const void *state, const ps_cell *cells, double *baseline,
					   double *contributions, ps_error *error)
{
	const imported_model *model = state;
	double		on_stack[STACK_INPUTS];
	double	   *numbers;
	double		mean = 0;
	uint8_t    *slots;

	PS_TRY(read_cells(env, model, cells, on_stack, &numbers, error));
	PS_TRY(ps_alloc_zero(env, model->count, 1, &slots, error));
	for (size_t i = 0; i < model->count; i++)
	{
		if (model->nodes[i].left != i)
			slots[i] = goes_right(model, &model->nodes[i], numbers) ? 1 : 0;
		if (i % POLL_NODES == POLL_NODES - 1)
			PS_TRY(ps_poll(env, 0, error));
	}
	PS_TRY(ps_ensemble_shap_slots(env, &model->trees, slots, &mean, contributions, error));
	PS_TRY(sum_trees(env, model, numbers, baseline, error));
	for (size_t i = 0; i < model->ninputs; i++)
	{
		contributions[i] *= model->unit;
		*baseline -= contributions[i];
	}
	ps_release(env, slots);
	if (numbers != on_stack)
		ps_release(env, numbers);
	return PS_OK;
}

static ps_status
imported_trees_evaluate(const ps_env *env, const void *state, const ps_frame *frame, ps_value *metrics, double *loss,
						ps_error *error)
{
	const imported_model *model = state;

	if (model->kind == KIND_CLASSIFIER)
		return ps_evaluate_classifier(env, imported_trees_answer, state, frame, metrics, loss, error);
	return ps_evaluate_regression(env, imported_trees_answer, state, frame, model->alpha, metrics, loss, error);
}

const ps_learner ps_learner_imported_trees = {
	.name = "imported_trees",
	.kind = "regression",
	.needs_target = true,
	.answers = 1u << PS_ASK_SCORE | 1u << PS_ASK_PROBABILITY | 1u << PS_ASK_CHURN,
	.comparison = PS_COMPARE_KIND,
	.automatic = PS_AUTOMATIC_NEVER,
	.options = imported_trees_options,
	.model_kind = imported_trees_model_kind,
	.choose = ps_choose_features,
	.fit = imported_trees_fit,
	.load = imported_trees_load,
	.answer = imported_trees_answer,
	.evaluate = imported_trees_evaluate,
	.explain = imported_trees_explain
};
