/*-------------------------------------------------------------------------
 *
 * ps_learner.c
 *	  The table of methods, their options, and which column serves for what.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_learner.h"

#include <math.h>
#include <string.h>

#include "ps_learners.h"
#include "ps_model.h"
#include "ps_tree.h"

#define LEARNER_ADDRESS(name) &ps_learner_##name,
#define LEARNER_NAME(name) ", " #name

static const ps_learner *const learners[] = {PS_LEARNERS(LEARNER_ADDRESS)};
static const char learner_names[] = PS_LEARNERS(LEARNER_NAME);

#define LEARNERS (sizeof(learners) / sizeof(learners[0]))

static const char *const question_names[PS_QUESTIONS] = {
	"score", "intent_score", "churn_probability", "p_alive", "expected_purchases", "clv", "cluster", "p_exactly",
	"p_at_least", "next_purchase", "p_alive_below", "churn_above", "expected_lifetime",
	"expected_purchases_bound", "clv_bound", "cluster_probabilities",
	"cluster_distance", "second_cluster", "unlike_any_cluster",
	"discounted_purchases", "p_alive_log_odds"
};

/* Options every method takes. key, sample and as_of are used by the host. */
static const ps_option common_options[] = {
	{"target", PS_OPTION_COLUMN, NAN, 0, 0, NULL, "Column to predict."},
	{"positive", PS_OPTION_TEXT, NAN, 0, 0, NULL, "Which of two texts of the target counts as yes."},
	{"key", PS_OPTION_COLUMN, NAN, 0, 0, NULL, "Column that identifies the customer; not learned from."},
	{"exclude", PS_OPTION_COLUMNS, NAN, 0, 0, NULL, "Columns not to learn from."},
	{"include", PS_OPTION_COLUMNS, NAN, 0, 0, NULL, "Columns to learn from even where they look like identifiers."},
	{"weight", PS_OPTION_COLUMN, NAN, 0, 0, NULL, "Column with the weight of each row, 0 or more."},
	{"sample", PS_OPTION_INTEGER, NAN, 1, 9007199254740992.0, NULL, "Rows to take at most, those held out included: of more, a uniform sample."},
	{"seed", PS_OPTION_INTEGER, 0, 0, 9007199254740992.0, NULL, "Start of the random choices."},
	{"time_unit", PS_OPTION_TEXT, NAN, 0, 0, "day week month year", "Unit of the parameters' time."},
	{"as_of", PS_OPTION_TEXT, NAN, 0, 0, NULL, "Date at which histories are judged."},
	{"time_zone", PS_OPTION_TEXT, NAN, 0, 0, NULL, "Zone in which timestamps with time zone are read; UTC by default."},
	{0}
};

/* Further ones of methods that can make classifiers (ps_out_of_fold.h). */
static const ps_option classifier_options[] = {
	{"calibration", PS_OPTION_TEXT, NAN, 0, 0, "auto none platt isotonic",
	"How probabilities are brought in line with what is observed."},
	{0}
};

/* Further ones of methods that make clusters. keep_labels is used by the host (ps_cluster_labels.h). */
static const ps_option cluster_options[] = {
	{"keep_labels", PS_OPTION_BOOLEAN, 1, 0, 0, NULL, "Do clusters keep the numbers of the version before?"},
	{0}
};

#define OPTION_TABLES 4

/* The tables of options that a method takes, its own first. */
static void
option_tables(const ps_learner *learner, const ps_option *tables[OPTION_TABLES])
{
	static const ps_option none[] = {{0}};

	tables[0] = learner->options;
	tables[1] = (learner->answers & (1u << PS_ASK_PROBABILITY)) != 0 ? classifier_options : none;
	tables[2] = (learner->answers & (1u << PS_ASK_CLUSTER)) != 0 ? cluster_options : none;
	tables[3] = common_options;
}

/* Append text to a zero-terminated buffer, after a comma where it is not the first. */
static void
append_name(char *buffer, size_t size, const char *name)
{
	size_t		used = strlen(buffer);

	ps_format(buffer + used, size - used, used > 0 ? ", %s" : "%s", name);
}

/* Find a method by name, or NULL. */
const ps_learner *
ps_learner_find(const char *name)
{
	for (size_t i = 0; i < LEARNERS; i++)
	{
		if (strcmp(learners[i]->name, name) == 0)
			return learners[i];
	}
	return NULL;
}

/* Names of all methods, without the first comma. */
const char *
ps_learner_names(void)
{
	return learner_names + 2;
}

/* Write the names of the methods of which answers has any bit into buffer, comma-separated. */
void
ps_learner_list(unsigned answers, char *buffer, size_t size)
{
	buffer[0] = '\0';
	for (size_t i = 0; i < LEARNERS; i++)
	{
		if ((learners[i]->answers & answers) != 0)
			append_name(buffer, size, learners[i]->name);
	}
}

/* Write the names of the methods that explain into buffer, comma-separated. */
void
ps_learner_list_explaining(char *buffer, size_t size)
{
	buffer[0] = '\0';
	for (size_t i = 0; i < LEARNERS; i++)
	{
		if (learners[i]->explain != NULL)
			append_name(buffer, size, learners[i]->name);
	}
}

/* The SQL function that asks a question. */
const char *
ps_question_name(ps_question question)
{
	return question_names[question];
}

/* Days in a time unit; NAN when there is no such unit. */
double
ps_time_unit_days(const char *time_unit)
{
	static const struct
	{
		const char *name;
		double		days;
	}			units[] = {{"day", 1}, {"week", 7}, {"month", 365.25 / 12}, {"year", 365.25}};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
	{
		if (strcmp(units[i].name, time_unit) == 0)
			return units[i].days;
	}
	return NAN;
}

/* Find an option among the common ones and the method's own, or NULL. */
static const ps_option *
find_option(const ps_learner *learner, const char *name)
{
	const ps_option *tables[OPTION_TABLES];

	option_tables(learner, tables);
	for (int i = 0; i < OPTION_TABLES; i++)
	{
		for (const ps_option *option = tables[i]; option->name != NULL; option++)
		{
			if (strcmp(option->name, name) == 0)
				return option;
		}
	}
	return NULL;
}

bool
ps_option_known(const ps_learner *learner, const char *name)
{
	return find_option(learner, name) != NULL;
}

bool
ps_options_known(const ps_learner *learner, const ps_value *given)
{
	for (size_t i = 0; given != NULL && given->type == PS_OBJECT && i < given->count; i++)
	{
		if (!ps_option_known(learner, given->names[i]))
			return false;
	}
	return true;
}

/* Refuse an option that the method does not have. */
static ps_status
fail_unknown(const ps_learner *learner, const char *name, ps_error *error)
{
	const ps_option *tables[OPTION_TABLES];
	char		known[600] = "";

	option_tables(learner, tables);
	for (int i = 0; i < OPTION_TABLES; i++)
	{
		for (const ps_option *option = tables[i]; option->name != NULL; option++)
			append_name(known, sizeof(known), option->name);
	}
	ps_fail(error, PS_INVALID_OPTION, "method \"%s\" has no option \"%s\"", learner->name, name);
	return ps_hint(error, "Options: %s.", known);
}

/* Find a word among space-separated ones. */
static bool
is_choice(const char *choices, const char *word)
{
	size_t		length = strlen(word);

	for (const char *at = choices; *at != '\0'; at += strspn(at, " "))
	{
		size_t		span = strcspn(at, " ");

		if (span == length && memcmp(at, word, length) == 0)
			return true;
		at += span;
	}
	return false;
}

/* Check one value that the user gave. */
static ps_status
check_option(const ps_option *option, const ps_value *value, ps_error *error)
{
	static const char *const wanted[] = {
		"a number", "a whole number", "true or false", "a text", "the name of a column",
		"a list of column names"
	};
	bool		right = false;

	switch (option->type)
	{
		case PS_OPTION_NUMBER:
			right = value->type == PS_NUMBER;
			break;
		case PS_OPTION_INTEGER:
			right = value->type == PS_NUMBER && value->number == floor(value->number);
			break;
		case PS_OPTION_BOOLEAN:
			right = value->type == PS_BOOLEAN;
			break;
		case PS_OPTION_TEXT:
		case PS_OPTION_COLUMN:
			right = value->type == PS_STRING;
			break;
		case PS_OPTION_COLUMNS:
			right = value->type == PS_LIST;
			for (size_t i = 0; right && i < value->count; i++)
				right = value->items[i]->type == PS_STRING;
			break;
	}
	if (!right)
	{
		ps_fail(error, PS_INVALID_OPTION, "option \"%s\" must be %s", option->name, wanted[option->type]);
		return ps_hint(error, "%s", option->help);
	}
	if (value->type == PS_NUMBER && !(value->number >= option->min && value->number <= option->max))
	{
		if (isinf(option->max))
			return ps_fail(error, PS_INVALID_OPTION, "option \"%s\" is %g, must be at least %g", option->name,
						   value->number, option->min);
		return ps_fail(error, PS_INVALID_OPTION, "option \"%s\" is %g, must be from %g to %g", option->name,
					   value->number, option->min, option->max);
	}
	if (option->choices != NULL && !is_choice(option->choices, value->text))
		return ps_fail(error, PS_INVALID_OPTION, "option \"%s\" is \"%s\", must be one of: %s", option->name,
					   value->text, option->choices);
	return PS_OK;
}

/* Set an option that the user did not give to its default, if it has one. */
static ps_status
set_default(const ps_env *env, const ps_option *option, ps_value *options, ps_error *error)
{
	char		word[64];

	switch (option->type)
	{
		case PS_OPTION_NUMBER:
		case PS_OPTION_INTEGER:
			if (isnan(option->fallback))
				return PS_OK;
			return ps_value_set_number(env, options, option->name, option->fallback, error);
		case PS_OPTION_BOOLEAN:
			if (isnan(option->fallback))
				return PS_OK;
			return ps_value_set_boolean(env, options, option->name, option->fallback != 0, error);
		case PS_OPTION_TEXT:
			if (option->choices == NULL)
				return PS_OK;
			ps_format(word, sizeof(word), "%s", option->choices);
			word[strcspn(word, " ")] = '\0';
			return ps_value_set_text(env, options, option->name, word, error);
		case PS_OPTION_COLUMN:
		case PS_OPTION_COLUMNS:
			break;
	}
	return PS_OK;
}

/* Check the user's options and fill in defaults; what has no default stays absent. */
ps_status
ps_options_complete(const ps_env *env, const ps_learner *learner, const ps_value *given, ps_value **out,
					ps_error *error)
{
	const ps_option *tables[OPTION_TABLES];

	*out = NULL;
	if (given != NULL && given->type != PS_OBJECT)
		return ps_fail(error, PS_INVALID_OPTION, "options must be an object, not %s",
					   ps_value_type_name(given->type));
	for (size_t i = 0; given != NULL && i < given->count; i++)
	{
		if (find_option(learner, given->names[i]) == NULL)
			return fail_unknown(learner, given->names[i], error);
	}

	option_tables(learner, tables);
	PS_TRY(ps_value_object(env, out, error));
	for (int i = OPTION_TABLES - 1; i >= 0; i--)
	{
		for (const ps_option *option = tables[i]; option->name != NULL; option++)
		{
			const ps_value *value = ps_value_get(given, option->name);

			if (value == NULL || value->type == PS_NULL)
			{
				PS_TRY(set_default(env, option, *out, error));
				continue;
			}
			PS_TRY(check_option(option, value, error));
			/* the two trees share the value; neither is changed from here on */
			PS_TRY(ps_value_set(env, *out, option->name, (ps_value *) value, error));
		}
	}
	return PS_OK;
}

/* Is this the column that other moments are counted from? */
bool
ps_is_as_of(const char *name, ps_type type)
{
	return type == PS_TYPE_MOMENT && strcmp(name, PS_AS_OF) == 0;
}

/* Index of the column of that name, or -1. */
static int
find_column(const ps_column *columns, size_t ncolumns, const char *name)
{
	for (size_t i = 0; i < ncolumns; i++)
	{
		if (strcmp(columns[i].name, name) == 0)
			return (int) i;
	}
	return -1;
}

/* Refuse a name that several columns have. */
static ps_status
fail_twice(const char *name, ps_error *error)
{
	ps_fail_column(error, PS_INVALID_DATA, name, "column name \"%s\" appears twice in the rows", name);
	return ps_hint(error, "Columns are matched by name; give each one of its own.");
}

/* Refuse an option that names a column the rows do not have, or, for single ones, have twice. */
static ps_status
check_column(const ps_column *columns, size_t ncolumns, const char *option, const char *name, bool single,
			 ps_error *error)
{
	char		there[280] = "";
	int			found = find_column(columns, ncolumns, name);

	if (found >= 0 && single && find_column(columns + found + 1, ncolumns - (size_t) found - 1, name) >= 0)
		return fail_twice(name, error);
	if (found >= 0)
		return PS_OK;
	for (size_t i = 0; i < ncolumns; i++)
		append_name(there, sizeof(there), columns[i].name);
	ps_fail_column(error, PS_MISSING_COLUMN, name, "option \"%s\" names column \"%s\", which the rows do not have",
				   option, name);
	return ps_hint(error, "The columns are: %s.", there);
}

/* Refuse options that name columns the rows do not have, or have twice. */
static ps_status
check_columns(const ps_learner *learner, const ps_value *options, const ps_column *columns, size_t ncolumns,
			  ps_error *error)
{
	for (size_t i = 0; i < options->count; i++)
	{
		const ps_value *value = options->items[i];
		ps_option_type type = find_option(learner, options->names[i])->type;

		if (type == PS_OPTION_COLUMN)
			PS_TRY(check_column(columns, ncolumns, options->names[i], value->text, true, error));
		for (size_t j = 0; type == PS_OPTION_COLUMNS && j < value->count; j++)
			PS_TRY(check_column(columns, ncolumns, options->names[i], value->items[j]->text, false, error));
	}
	return PS_OK;
}

/* Find target or weight, a number, boolean or, for a target, a text; *column is -1 when the option is not given. */
static ps_status
find_role(const ps_value *options, const char *role, const ps_column *columns, size_t ncolumns, int *column,
		  ps_error *error)
{
	const char *name = ps_value_text_or(options, role, NULL);
	bool		target = strcmp(role, "target") == 0;
	ps_type		type;

	*column = name == NULL ? -1 : find_column(columns, ncolumns, name);
	if (*column < 0)
		return PS_OK;
	type = columns[*column].type;
	if (type == PS_TYPE_NUMBER || (target && (type == PS_TYPE_BOOLEAN || type == PS_TYPE_TEXT)))
		return PS_OK;
	ps_fail_column(error, PS_WRONG_TYPE, name, "%s \"%s\" has a type that cannot be a %s", role, name, role);
	return ps_hint(error, target ? "Give a boolean, a number or a text of two values, for example (ended_at IS NOT NULL) AS left_us." :
				   "Give a number, 0 or more.");
}

/* Refuse a target of texts for a method that predicts numbers, and a positive value of other targets. */
static ps_status
check_text_target(const ps_plan *plan, const ps_column *columns, ps_error *error)
{
	const ps_column *target = plan->target < 0 ? NULL : &columns[plan->target];

	if (target == NULL || target->type != PS_TYPE_TEXT)
	{
		if (ps_value_get(plan->options, "positive") == NULL)
			return PS_OK;
		ps_fail(error, PS_INVALID_OPTION, "option \"positive\" is only for a target of type text");
		return ps_hint(error, "Turn another target round in the source, for example (NOT stayed) AS left_us.");
	}
	if (ps_has_classes(ps_plan_kind(plan, true)))
		return PS_OK;
	ps_fail_column(error, PS_WRONG_TYPE, target->name, "target \"%s\" is a text, and method \"%s\" predicts numbers%s",
				   target->name, plan->learner->name, plan->learner->fit_kind != NULL ? " with these options" : "");
	return ps_hint(error, "Give a number.");
}

/* Tell whether a column is taken by another role than being learned from. */
static bool
is_taken(const ps_value *options, const ps_column *column, bool has_history)
{
	static const char *const roles[] = {"target", "key", "weight"};
	const ps_value *excluded = ps_value_get(options, "exclude");
	const char *name = column->name;

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
	{
		if (strcmp(ps_value_text_or(options, roles[i], ""), name) == 0)
			return true;
	}
	for (size_t i = 0; excluded != NULL && i < excluded->count; i++)
	{
		if (strcmp(excluded->items[i]->text, name) == 0)
			return true;
	}
	return has_history && column->type != PS_TYPE_MOMENT && strcmp(name, PS_AS_OF) == 0;
}

/*
 * Decide which of all the columns of the rows serves for what.  The columns
 * of target, key, weight and exclude are not learned from, nor is "as_of"
 * where there is a history that is judged at that moment; as a moment it goes
 * to the method, which may count others from it.
 */
ps_status
ps_plan_make(const ps_env *env, const ps_learner *learner, const ps_value *options, const ps_column *columns,
			 size_t ncolumns, ps_plan *out, ps_value *notes, ps_error *error)
{
	bool		has_history = false;
	size_t		nfree = 0;
	size_t	   *origin;			/* of each free column, its index in columns */
	ps_column  *free_columns;

	memset(out, 0, sizeof(*out));
	out->learner = learner;
	out->options = options;
	PS_TRY(check_columns(learner, options, columns, ncolumns, error));
	PS_TRY(find_role(options, "target", columns, ncolumns, &out->target, error));
	PS_TRY(find_role(options, "weight", columns, ncolumns, &out->weight, error));
	if (learner->needs_target && out->target < 0)
	{
		ps_fail(error, PS_INVALID_OPTION, "method \"%s\" needs a target", learner->name);
		return ps_hint(error, "Name the column to predict, for example {\"target\": \"%s\"}.",
					   ncolumns > 0 ? columns[ncolumns - 1].name : "bought");
	}
	if (!learner->needs_target && out->target >= 0)
	{
		ps_fail(error, PS_INVALID_OPTION, "method \"%s\" takes no target", learner->name);
		return ps_hint(error, "Leave the option \"target\" out; to keep the column from being learned from, "
					   "name it in \"exclude\".");
	}
	PS_TRY(check_text_target(out, columns, error));

	PS_TRY(ps_alloc(env, ncolumns, sizeof(size_t), &origin, error));
	PS_TRY(ps_alloc(env, ncolumns, sizeof(ps_column), &free_columns, error));
	PS_TRY(ps_alloc(env, ncolumns, sizeof(size_t), &out->features, error));
	for (size_t i = 0; i < ncolumns; i++)
		has_history = has_history || columns[i].type == PS_TYPE_HISTORY;
	for (size_t i = 0; i < ncolumns; i++)
	{
		if (is_taken(options, &columns[i], has_history))
			continue;
		origin[nfree] = i;
		free_columns[nfree++] = columns[i];
	}

	PS_TRY(learner->choose(env, options, free_columns, nfree, out->features, &out->nfeatures, notes, error));
	if (out->nfeatures == 0)
		return ps_fail(error, PS_MISSING_COLUMN, "no column is left to learn from");
	for (size_t i = 0; i < out->nfeatures; i++)
	{
		const char *name = free_columns[out->features[i]].name;

		out->features[i] = origin[out->features[i]];
		for (size_t j = 0; j < i; j++)
		{
			if (strcmp(columns[out->features[j]].name, name) == 0)
				return fail_twice(name, error);
		}
	}
	return PS_OK;
}

/* The note on a column that is not among the features. */
static ps_status
note_left_out(const ps_env *env, const ps_column *column, ps_value *notes, ps_error *error)
{
	switch (column->type)
	{
		case PS_TYPE_IDENTIFIER:
			return ps_note(env, notes, error, "column \"%s\" is left out: it identifies rows and says nothing about others",
						   column->name);
		case PS_TYPE_MOMENT:
			return ps_note(env, notes, error, "column \"%s\" is left out: it is the moment judged, and no other column is counted from it",
						   column->name);
		default:
			return ps_note(env, notes, error, "column \"%s\" is left out: its type is none that this method reads",
						   column->name);
	}
}

/*
 * Choose every number, boolean, text, moment and interval column; "as_of"
 * only where there are other moments to count from it.
 */
ps_status
ps_choose_features(const ps_env *env, const ps_value *options, const ps_column *columns, size_t n,
				   size_t *features, size_t *nfeatures, ps_value *notes, ps_error *error)
{
	bool		counted = false;

	(void) options;
	*nfeatures = 0;
	for (size_t i = 0; i < n; i++)
		counted = counted || (columns[i].type == PS_TYPE_MOMENT && !ps_is_as_of(columns[i].name, columns[i].type));
	for (size_t i = 0; i < n; i++)
	{
		ps_type		type = columns[i].type;

		if (type != PS_TYPE_HISTORY && type < PS_TYPE_OTHER && (counted || !ps_is_as_of(columns[i].name, type)))
			features[(*nfeatures)++] = i;
		else
			PS_TRY(note_left_out(env, &columns[i], notes, error));
	}
	return PS_OK;
}
