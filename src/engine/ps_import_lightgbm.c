/*-------------------------------------------------------------------------
 *
 * ps_import_lightgbm.c
 *	  Models of LightGBM, as its save_model('model.txt') writes them.
 *
 * The file is lines: a head of "name=value", for each tree a line "Tree=i" and
 * more of these, "end of trees", the parameters as "[name: value]", and, where
 * the model was trained on a data frame, the levels of its categorical columns
 * as JSON after "pandas_categorical:".  A child that is not a split is minus
 * the number of the leaf, minus one.
 *
 * LightGBM goes left where a value is not above the threshold, after anything
 * not farther from 0 than PS_IMPORTED_ZERO became 0.  Of NULL each split says
 * whether it counts as 0 ("missing type" none), is sent to a side (NaN), or
 * both it and 0 are sent there (zero).
 *
 *-------------------------------------------------------------------------
 */
#include "ps_import.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "ps_imported_trees.h"
#include "ps_json.h"

#define CATEGORICAL 1			/* bits of a decision type */
#define DEFAULT_LEFT 2
#define MISSING_SHIFT 2
#define MISSING_MASK 3
#define MISSING_NONE 0
#define MISSING_ZERO 1

typedef struct lightgbm_objective
{
	const char *name;
	const char *kind;
	const char *link;
} lightgbm_objective;

static const lightgbm_objective objectives[] = {
	{"binary", "classifier", "logistic"},
	{"cross_entropy", "regression", "logistic"},
	{"regression", "regression", "identity"},
	{"regression_l1", "regression", "identity"},
	{"huber", "regression", "identity"},
	{"fair", "regression", "identity"},
	{"mape", "regression", "identity"},
	{"quantile", "quantile", "identity"},
	{"poisson", "regression", "exponential"},
	{"gamma", "regression", "exponential"},
	{"tweedie", "regression", "exponential"}
};

#define OBJECTIVES (sizeof(objectives) / sizeof(objectives[0]))

/* A part of the file. */
typedef struct span
{
	const char *text;			/* NULL: the file does not have it */
	size_t		length;
} span;

/* Lines of interest in the head. */
enum head_line
{
	NUM_CLASS, TREES_PER_ITERATION, MAX_FEATURE, OBJECTIVE, FEATURE_NAMES, FEATURE_INFOS, HEAD_LINES
};

static const char *const head_lines[HEAD_LINES] = {
	"num_class", "num_tree_per_iteration", "max_feature_idx", "objective", "feature_names", "feature_infos"
};

/* Lines of interest of a tree. */
enum tree_line
{
	NUM_LEAVES, NUM_CAT, SPLIT_FEATURE, THRESHOLD, DECISION_TYPE, LEFT_CHILD, RIGHT_CHILD, LEAF_VALUE, LEAF_COUNT,
	CAT_BOUNDARIES, CAT_THRESHOLD, IS_LINEAR, TREE_LINES
};

static const char *const tree_lines[TREE_LINES] = {
	"num_leaves", "num_cat", "split_feature", "threshold", "decision_type", "left_child", "right_child", "leaf_value",
	"leaf_count", "cat_boundaries", "cat_threshold", "is_linear"
};

/* A file being read. */
typedef struct lightgbm_file
{
	const ps_import_call *call;
	const ps_env *env;
	size_t		position;
	span		head[HEAD_LINES];
	bool		average;		/* of the trees, not their sum */
	size_t		nfeatures;
	size_t		rounds;			/* to import */
	ps_import  *import;
} lightgbm_file;

/* Take the next line, without its end; false when there is none. */
static bool
next_line(lightgbm_file *file, span *line)
{
	const char *content = file->call->content;
	size_t		left = file->call->length - file->position;
	const char *end;

	if (left == 0)
		return false;
	line->text = content + file->position;
	end = memchr(line->text, '\n', left);
	line->length = end != NULL ? (size_t) (end - line->text) : left;
	file->position += line->length + (end != NULL ? 1 : 0);
	if (line->length > 0 && line->text[line->length - 1] == '\r')
		line->length--;
	return true;
}

/* Does a text start with a word?  Then *rest, which may be NULL, receives what follows. */
static bool
starts_with(span text, const char *word, span *rest)
{
	size_t		length = strlen(word);

	if (text.length < length || memcmp(text.text, word, length) != 0)
		return false;
	if (rest != NULL)
		*rest = (span) {text.text + length, text.length - length};
	return true;
}

/* Keep the value of a line "name=value" that is among count names. */
static void
keep_line(span line, const char *const *names, size_t count, span *values)
{
	for (size_t i = 0; i < count; i++)
	{
		span		rest;

		if (starts_with(line, names[i], &rest) && starts_with(rest, "=", &values[i]))
			return;
	}
}

/* Take the next of the words that a separator divides; false when there is none. */
static bool
next_word(span *text, char separator, span *word)
{
	while (text->length > 0 && (*text->text == separator || *text->text == ' '))
	{
		text->text++;
		text->length--;
	}
	*word = (span) {text->text, 0};
	while (text->length > 0 && *text->text != separator)
	{
		text->text++;
		text->length--;
		word->length++;
	}
	return word->length > 0;
}

/* Read a number of the head or of a tree; the fallback where it is not there. */
static ps_status
read_number(span value, const char *name, double fallback, double *out, ps_error *error)
{
	*out = fallback;
	if (value.text == NULL && !isnan(fallback))
		return PS_OK;
	if (value.text == NULL || !ps_import_number(value.text, value.length, out))
		return ps_fail(error, PS_CORRUPT, "\"%s\" is not there, or is not a number", name);
	return PS_OK;
}

/* Read a number of a list.  The threshold of a split that only parts NULL from the others is "inf". */
static bool
read_element(span word, enum tree_line line, double *out)
{
	if (line == THRESHOLD && word.length == 3 && starts_with(word, "inf", NULL))
		*out = DBL_MAX;
	else
		return ps_import_number(word.text, word.length, out);
	return true;
}

/* Read a list of exactly count numbers, each of min..max and whole if wanted. */
static ps_status
read_numbers(const lightgbm_file *file, const span *lines, enum tree_line line, size_t count, bool whole, double min,
			 double max, double **out, ps_error *error)
{
	span		text = lines[line];
	span		word;
	size_t		found = 0;

	PS_TRY(ps_alloc(file->env, count, sizeof(**out), out, error));
	while (text.text != NULL && next_word(&text, ' ', &word))
	{
		double		number;

		if (found == count || !read_element(word, line, &number) || !(number >= min && number <= max) ||
			(whole && number != floor(number)))
			return ps_fail(error, PS_CORRUPT, "element %d of \"%s\" is one too many, or not a number from %g to %g",
						   (int64_t) found + 1, tree_lines[line], min, max);
		(*out)[found++] = number;
		if (found % 65536 == 0)
			PS_TRY(ps_poll(file->env, 0, error));
	}
	if (found < count)
		return ps_fail(error, PS_CORRUPT, "\"%s\" has %d elements, must have %d", tree_lines[line], (int64_t) found,
					   (int64_t) count);
	return PS_OK;
}

/* Find the number in a list of words "name:number"; the fallback where there is none. */
static double
word_number(span words, const char *name, double fallback)
{
	span		word;
	span		rest;
	double		number;

	while (next_word(&words, ' ', &word))
		if (starts_with(word, name, &rest) && ps_import_number(rest.text, rest.length, &number))
			return number;
	return fallback;
}

/* Read the objective; without one, as with a function of the user's own, predictions are sums. */
static ps_status
read_objective(const lightgbm_file *file, ps_import_facts *facts, ps_error *error)
{
	span		words = file->head[OBJECTIVE];
	span		name;
	span		word;
	char		known[300] = "";
	char	   *text;

	*facts = (ps_import_facts) {
		.objective = "custom",.kind = "regression",.link = "identity",.unit = 1
	};
	if (words.text == NULL || !next_word(&words, ' ', &name))
		return PS_OK;
	facts->objective = NULL;
	for (size_t i = 0; i < OBJECTIVES; i++)
	{
		size_t		used = strlen(known);

		ps_format(known + used, sizeof(known) - used, used > 0 ? ", %s" : "%s", objectives[i].name);
		if (name.length != strlen(objectives[i].name) || !starts_with(name, objectives[i].name, NULL))
			continue;
		facts->objective = objectives[i].name;
		facts->kind = objectives[i].kind;
		facts->link = objectives[i].link;
	}
	if (facts->objective == NULL)
	{
		PS_TRY(ps_copy_text(file->env, name.text, name.length, &text, error));
		ps_fail(error, PS_WRONG_MODEL, "a model of objective \"%s\" cannot be imported", text);
		return ps_hint(error, "Objectives that can: %s.", known);
	}
	facts->unit = word_number(words, "sigmoid:", 1);
	facts->alpha = word_number(words, "alpha:", NAN);
	while (next_word(&words, ' ', &word))
		if (word.length == 4 && starts_with(word, "sqrt", NULL))
			return ps_fail(error, PS_WRONG_MODEL, "a model of square roots (reg_sqrt) cannot be imported");
	return PS_OK;
}

/* Read the head, up to the first tree. */
static ps_status
read_head(lightgbm_file *file, ps_import_facts *facts, ps_error *error)
{
	span		line;
	size_t		start;
	double		classes;
	double		trees;
	double		features;

	if (!next_line(file, &line) || line.length != 4 || !starts_with(line, "tree", NULL))
	{
		ps_fail(error, PS_CORRUPT, "the first line is not \"tree\"");
		return ps_hint(error, "Write the model with save_model('model.txt').");
	}
	for (;;)
	{
		start = file->position;
		if (!next_line(file, &line) || starts_with(line, "Tree=", NULL) || starts_with(line, "end of trees", NULL))
			break;
		file->average = file->average || (line.length == 14 && starts_with(line, "average_output", NULL));
		keep_line(line, head_lines, HEAD_LINES, file->head);
	}
	file->position = start;
	PS_TRY(read_number(file->head[NUM_CLASS], "num_class", NAN, &classes, error));
	PS_TRY(read_number(file->head[TREES_PER_ITERATION], "num_tree_per_iteration", 1, &trees, error));
	PS_TRY(read_number(file->head[MAX_FEATURE], "max_feature_idx", NAN, &features, error));
	if (classes > 1 || trees > 1)
		return ps_fail(error, PS_WRONG_MODEL, "a model of %g classes cannot be imported, only one with one output",
					   fmax(classes, trees));
	if (!(features >= 0 && features < INT32_MAX && features == floor(features)))
		return ps_fail(error, PS_CORRUPT, "\"max_feature_idx\" is %g", features);
	file->nfeatures = (size_t) features + 1;
	return read_objective(file, facts, error);
}

/* Start the import with the columns of the head. */
static ps_status
read_columns(lightgbm_file *file, ps_error *error)
{
	span		names = file->head[FEATURE_NAMES];
	span		word;
	size_t		count = 0;
	size_t		capacity = 0;
	const char **texts = NULL;

	while (names.text != NULL && next_word(&names, ' ', &word))
	{
		char	   *text;

		PS_TRY(ps_copy_text(file->env, word.text, word.length, &text, error));
		PS_TRY(ps_grow(file->env, &texts, count, count + 1, &capacity, sizeof(*texts), error));
		texts[count++] = text;
	}
	if (count > 0 && count != file->nfeatures)
		return ps_fail(error, PS_CORRUPT, "\"feature_names\" has %d names for %d columns", (int64_t) count,
					   (int64_t) file->nfeatures);
	return ps_import_start(file->call, count > 0 ? (const char *const *) texts : NULL, file->nfeatures, &file->import,
						   error);
}

/* Make the words of bits of a set its codes. */
static ps_status
read_set(const lightgbm_file *file, const double *words, size_t count, ps_import_node *node, ps_error *error)
{
	size_t		capacity = 0;
	double	   *codes = NULL;

	for (size_t bit = 0; bit < 32 * count; bit++)
	{
		if (((uint32_t) words[bit / 32] >> bit % 32 & 1) == 0)
			continue;
		PS_TRY(ps_grow(file->env, &codes, node->ncodes, node->ncodes + 1, &capacity, sizeof(*codes), error));
		codes[node->ncodes++] = (double) bit;
	}
	node->codes = codes;
	return PS_OK;
}

/* Set how a split of a number compares. */
static void
set_threshold(ps_import_node *node, double threshold, unsigned decision)
{
	unsigned	missing = decision >> MISSING_SHIFT & MISSING_MASK;

	node->null_left = missing == MISSING_NONE ? 0 <= threshold : (decision & DEFAULT_LEFT) != 0;
	node->threshold = threshold;
	if (fabs(threshold) <= PS_IMPORTED_ZERO)
		node->threshold = threshold >= 0 ? PS_IMPORTED_ZERO : nextafter(-PS_IMPORTED_ZERO, -INFINITY);
}

/* Number the children of a split as nodes: the splits first, then the leaves. */
static size_t
child_of(double child, size_t splits)
{
	return child >= 0 ? (size_t) child : splits + (size_t) (-child - 1);
}

/* Read the splits of a tree into its first nodes. */
static ps_status
read_splits(const lightgbm_file *file, const span *lines, size_t splits, ps_import_node *nodes, ps_error *error)
{
	double		largest = (double) splits;
	double		ncat;
	double	   *features;
	double	   *thresholds;
	double	   *decisions;
	double	   *left;
	double	   *right;
	double	   *bounds = NULL;
	double	   *words = NULL;

	PS_TRY(read_number(lines[NUM_CAT], "num_cat", 0, &ncat, error));
	if (!(ncat >= 0 && ncat <= largest && ncat == floor(ncat)))
		return ps_fail(error, PS_CORRUPT, "\"num_cat\" is %g for %d splits", ncat, (int64_t) splits);
	PS_TRY(read_numbers(file, lines, SPLIT_FEATURE, splits, true, 0, INT32_MAX, &features, error));
	PS_TRY(read_numbers(file, lines, THRESHOLD, splits, false, -INFINITY, INFINITY, &thresholds, error));
	PS_TRY(read_numbers(file, lines, DECISION_TYPE, splits, true, 0, 15, &decisions, error));
	PS_TRY(read_numbers(file, lines, LEFT_CHILD, splits, true, -largest - 1, largest, &left, error));
	PS_TRY(read_numbers(file, lines, RIGHT_CHILD, splits, true, -largest - 1, largest, &right, error));
	if (ncat > 0)
	{
		PS_TRY(read_numbers(file, lines, CAT_BOUNDARIES, (size_t) ncat + 1, true, 0, INT32_MAX, &bounds, error));
		for (size_t i = 0; i < (size_t) ncat; i++)
			if (bounds[i] > bounds[i + 1])
				return ps_fail(error, PS_CORRUPT, "\"cat_boundaries\" do not ascend");
		/* a word takes two bytes or more of the file */
		if (bounds[(size_t) ncat] > (double) lines[CAT_THRESHOLD].length)
			return ps_fail(error, PS_CORRUPT, "\"cat_threshold\" is too short");
		PS_TRY(read_numbers(file, lines, CAT_THRESHOLD, (size_t) bounds[(size_t) ncat], true, 0, UINT32_MAX, &words,
							error));
	}
	for (size_t i = 0; i < splits; i++)
	{
		unsigned	decision = (unsigned) decisions[i];
		bool		categorical = (decision & CATEGORICAL) != 0;

		nodes[i].feature = (size_t) features[i];
		nodes[i].left = child_of(left[i], splits);
		nodes[i].right = child_of(right[i], splits);
		PS_TRY(ps_import_compare(file->import, nodes[i].feature, categorical, !categorical &&
								 (decision >> MISSING_SHIFT & MISSING_MASK) == MISSING_ZERO, error));
		if (!categorical)
			set_threshold(&nodes[i], thresholds[i], decision);
		else if (thresholds[i] >= 0 && thresholds[i] < ncat && thresholds[i] == floor(thresholds[i]))
		{
			size_t		set = (size_t) thresholds[i];

			PS_TRY(read_set(file, words + (size_t) bounds[set], (size_t) (bounds[set + 1] - bounds[set]), &nodes[i],
							error));
		}
		else
			return ps_fail(error, PS_CORRUPT, "a categorical split has set %g of %g", thresholds[i], ncat);
	}
	ps_release(file->env, features);
	ps_release(file->env, thresholds);
	ps_release(file->env, decisions);
	ps_release(file->env, left);
	ps_release(file->env, right);
	return PS_OK;
}

/* Read one tree from its lines. */
static ps_status
read_tree(const lightgbm_file *file, const span *lines, ps_error *error)
{
	double		leaves;
	double		linear;
	double	   *values;
	double	   *counts = NULL;
	size_t		splits;
	ps_import_node *nodes;

	PS_TRY(read_number(lines[NUM_LEAVES], "num_leaves", NAN, &leaves, error));
	PS_TRY(read_number(lines[IS_LINEAR], "is_linear", 0, &linear, error));
	if (linear != 0)
		return ps_fail(error, PS_WRONG_MODEL, "a model with linear leaves (linear_tree) cannot be imported");
	/* a value takes two bytes or more of the file */
	if (!(leaves >= 1 && leaves == floor(leaves) && leaves <= (double) lines[LEAF_VALUE].length))
		return ps_fail(error, PS_CORRUPT, "\"num_leaves\" is %g, or \"leaf_value\" is too short", leaves);
	splits = (size_t) leaves - 1;
	PS_TRY(ps_alloc_zero(file->env, 2 * splits + 1, sizeof(*nodes), &nodes, error));
	PS_TRY(read_numbers(file, lines, LEAF_VALUE, splits + 1, false, -INFINITY, INFINITY, &values, error));
	if (lines[LEAF_COUNT].length > 0)
		PS_TRY(read_numbers(file, lines, LEAF_COUNT, splits + 1, true, 0, INT32_MAX, &counts, error));
	if (splits > 0)
		PS_TRY(read_splits(file, lines, splits, nodes, error));
	for (size_t i = 0; i <= splits; i++)
	{
		nodes[splits + i].leaf = true;
		nodes[splits + i].value = values[i];
		nodes[splits + i].weight = counts != NULL ? counts[i] : 0;
	}
	PS_TRY(ps_import_tree(file->import, nodes, 2 * splits + 1, error));
	for (size_t i = 0; i < splits; i++)
		if (nodes[i].codes != NULL)
			ps_release(file->env, (void *) nodes[i].codes);
	ps_release(file->env, nodes);
	ps_release(file->env, values);
	ps_release(file->env, counts);
	return PS_OK;
}

/* Count the trees of the file. */
static size_t
count_trees(lightgbm_file *file)
{
	size_t		start = file->position;
	size_t		trees = 0;
	span		line;

	while (next_line(file, &line) && !starts_with(line, "end of trees", NULL))
		trees += starts_with(line, "Tree=", NULL) ? 1 : 0;
	file->position = start;
	return trees;
}

/* Read the trees, up to their end. */
static ps_status
read_trees(lightgbm_file *file, ps_error *error)
{
	span		lines[TREE_LINES] = {{0}};
	span		line;
	size_t		started = 0;

	while (next_line(file, &line))
	{
		bool		end = starts_with(line, "end of trees", NULL);

		if (end || starts_with(line, "Tree=", NULL))
		{
			if (started > 0 && started <= file->rounds)
				PS_TRY(read_tree(file, lines, error));
			if (end)
				return PS_OK;
			started++;
			memset(lines, 0, sizeof(lines));
		}
		else
			keep_line(line, tree_lines, TREE_LINES, lines);
	}
	return ps_fail(error, PS_CORRUPT, "the file ends before \"end of trees\"");
}

/* Give categorical columns the levels of the data frame: columns are their numbers, divided by commas. */
static ps_status
set_levels(const lightgbm_file *file, span columns, const ps_value *levels, bool *done, ps_error *error)
{
	span		word;
	span		rest = columns;
	size_t		count = 0;
	double		column;

	while (next_word(&rest, ',', &word))
		count++;
	*done = count == levels->count;
	for (size_t i = 0; *done && i < count; i++)
	{
		next_word(&columns, ',', &word);
		if (!ps_import_number(word.text, word.length, &column) ||
			!(column >= 0 && column < (double) file->nfeatures && column == floor(column)) ||
			(levels->items[i]->type != PS_LIST && levels->items[i]->type != PS_NUMBERS))
			return ps_fail(error, PS_CORRUPT, "\"pandas_categorical\" does not fit \"categorical_feature\"");
		if (ps_import_feature_at(file->import, (size_t) column)->split)
			PS_TRY(ps_import_set_levels(file->import, (size_t) column, levels->items[i], error));
	}
	return PS_OK;
}

/* Read what comes after the trees: the quantile, and which levels categorical columns have. */
static ps_status
read_end(lightgbm_file *file, ps_import_facts *facts, ps_error *error)
{
	span		line;
	span		value;
	span		columns = {0};
	span		json = {0};
	ps_value   *levels;
	bool		done = false;

	while (next_line(file, &line))
	{
		if (line.length > 0 && line.text[line.length - 1] == ']' && starts_with(line, "[alpha: ", &value) &&
			isnan(facts->alpha))
			ps_import_number(value.text, value.length - 1, &facts->alpha);
		else if (line.length > 0 && line.text[line.length - 1] == ']' &&
				 starts_with(line, "[categorical_feature: ", &value))
			columns = (span) {value.text, value.length - 1};
		else
			starts_with(line, "pandas_categorical:", &json);
	}
	if (json.text == NULL)
		return PS_OK;
	PS_TRY(ps_json_read_foreign(file->env, json.text, json.length, &levels, error));
	if (levels->type != PS_LIST || levels->count == 0)
		return PS_OK;
	if (columns.text != NULL)
		PS_TRY(set_levels(file, columns, levels, &done, error));
	for (size_t i = 0; !done && i < file->nfeatures; i++)
	{
		const ps_import_feature *feature = ps_import_feature_at(file->import, i);

		if (!feature->split || !feature->categorical || feature->levels != NULL)
			continue;
		ps_fail_column(error, PS_INVALID_OPTION, feature->name, "the file does not say which of its levels are those of "
					   "column \"%s\"", feature->name);
		return ps_hint(error, "Give them in the order of their codes, for example {\"levels\": {\"%s\": [\"a\", \"b\"]}}.",
					   feature->name);
	}
	return PS_OK;
}

ps_status
ps_import_lightgbm(const ps_import_call *call, ps_error *error)
{
	lightgbm_file file = {.call = call,.env = call->env};
	ps_import_facts facts;

	PS_TRY(read_head(&file, &facts, error));
	PS_TRY(read_columns(&file, error));
	PS_TRY(ps_import_rounds(call, count_trees(&file), &file.rounds, error));
	PS_TRY(read_trees(&file, error));
	PS_TRY(read_end(&file, &facts, error));
	if (file.average && file.rounds > 0)
		facts.unit /= (double) file.rounds;
	return ps_import_finish(file.import, &facts, error);
}
