/*-------------------------------------------------------------------------
 *
 * evaluate.c
 *	  evaluate(model | name, source ...): the quality of a model on rows;
 *	  outcomes(model | name, source ...): what happened and what was predicted.
 *
 * Both read the same rows in the same way.  evaluate keeps them, one frame for
 * each group; outcomes asks the model about each and keeps only the answer.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "budget.h"
#include "compat.h"
#include "errors.h"
#include "model.h"
#include "ps_evaluate.h"
#include "ps_target.h"
#include "registry.h"
#include "row.h"
#include "source.h"

/* Rows with one value of the column "by". */
typedef struct EvaluationGroup
{
	const char *value;			/* as text, or NULL */
	ps_frame   *frame;
} EvaluationGroup;

typedef struct Evaluation
{
	MemoryContext context;		/* holds everything here */
	MemoryContext row_context;
	ps_env		env;			/* over context, within the budget; the frames keep a pointer to it */
	const ps_model *model;
	RowMoment	moment;
	const char *weight;			/* column, or NULL */
	const char *by;				/* column, or NULL */
	RowBinding *binding;		/* the model's inputs, then the target and the weight if there are any */
	ps_cell    *cells;
	ps_column  *columns;		/* the inputs */
	int			by_attribute;
	FmgrInfo	by_output;
	ReturnSetInfo *outcomes;	/* or NULL to evaluate */
	HTAB	   *groups;			/* of EvaluationGroup, those whose value is not NULL */
	EvaluationGroup rest;		/* without "by", or where it is NULL; no frame without rows */
	int64		rows;			/* in all frames */
} Evaluation;

/* Return if status is PS_OK, raise the error otherwise. */
static void
check(const Evaluation *evaluation, ps_status status, const ps_error *error)
{
	HASH_SEQ_STATUS scan;
	EvaluationGroup *group;
	size_t		memory = evaluation->rest.frame == NULL ? 0 : ps_frame_memory(evaluation->rest.frame);

	if (status == PS_OK)
		return;
	hash_seq_init(&scan, evaluation->groups);
	while ((group = hash_seq_search(&scan)) != NULL)
		memory += group->frame == NULL ? 0 : ps_frame_memory(group->frame);
	budget_check(&evaluation->env, status, error, "evaluating", evaluation->rows, memory, "evaluate fewer rows");
}

/* Hash and compare the texts that groups have as keys. */
static uint32
hash_group(const void *key, Size size)
{
	const char *text = *(const char *const *) key;

	return hash_bytes((const unsigned char *) text, (int) strlen(text));
}

static int
compare_keys(const void *left, const void *right, Size size)
{
	return strcmp(*(const char *const *) left, *(const char *const *) right);
}

/* Find a column of the source by name; -1 when there is none. */
static int
find_column(TupleDesc desc, const char *name)
{
	for (int i = 0; i < desc->natts; i++)
		if (!TupleDescAttr(desc, i)->attisdropped && strcmp(NameStr(TupleDescAttr(desc, i)->attname), name) == 0)
			return i;
	return -1;
}

/* The type in which the source has the target. */
static ps_type
target_type(const Evaluation *evaluation, TupleDesc desc)
{
	const char *target = evaluation->model->target;
	int			attribute = find_column(desc, target);
	ps_type		type;

	if (attribute < 0)
		return PS_TYPE_BOOLEAN; /* row_bind reports the missing column */
	type = row_type(TupleDescAttr(desc, attribute)->atttypid);
	if (type != PS_TYPE_NUMBER && type != PS_TYPE_BOOLEAN &&
		(type != PS_TYPE_TEXT || evaluation->model->classes == NULL))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_WRONG_TYPE),
				 errmsg("target \"%s\" is of type %s", target, format_type_be(TupleDescAttr(desc, attribute)->atttypid)),
				 errhint("Give a boolean or a number."),
				 err_generic_string(PG_DIAG_COLUMN_NAME, target)));
	return type;
}

/* Refuse a weight that is not there or no number. */
static void
check_weight(const Evaluation *evaluation, TupleDesc desc)
{
	int			attribute = source_column(desc, "weight", evaluation->weight);

	if (row_type(TupleDescAttr(desc, attribute)->atttypid) != PS_TYPE_NUMBER)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_WRONG_TYPE),
				 errmsg("weight \"%s\" is of type %s", evaluation->weight,
						format_type_be(TupleDescAttr(desc, attribute)->atttypid)),
				 errhint("Give a number, 0 or more."),
				 err_generic_string(PG_DIAG_COLUMN_NAME, evaluation->weight)));
}

/* Look for the column "by". */
static void
bind_group(Evaluation *evaluation, TupleDesc desc)
{
	Oid			output;
	bool		is_varlena;

	if (evaluation->by == NULL)
		return;
	evaluation->by_attribute = source_column(desc, "by", evaluation->by);
	getTypeOutputInfo(TupleDescAttr(desc, evaluation->by_attribute)->atttypid, &output, &is_varlena);
	fmgr_info_cxt(output, &evaluation->by_output, evaluation->context);
}

/* Look at the columns of the source. */
static void
start_rows(void *reader, TupleDesc desc)
{
	Evaluation *evaluation = reader;
	const ps_model *model = evaluation->model;
	MemoryContext old = MemoryContextSwitchTo(evaluation->context);
	size_t		n = model->ninputs;
	ps_input   *inputs = palloc((n + 2) * sizeof(ps_input));

	evaluation->columns = palloc((n + 1) * sizeof(ps_column));
	for (size_t i = 0; i < n; i++)
	{
		inputs[i] = model->inputs[i];
		evaluation->columns[i] = (ps_column) {inputs[i].name, inputs[i].type};
	}
	if (model->target != NULL)
		inputs[n++] = (ps_input) {model->target, target_type(evaluation, desc)};
	if (evaluation->weight != NULL)
	{
		check_weight(evaluation, desc);
		inputs[n++] = (ps_input) {evaluation->weight, PS_TYPE_NUMBER};
	}
	evaluation->binding = row_bind(desc, inputs, n, model->time_zone);
	evaluation->cells = palloc0((n + 1) * sizeof(ps_cell));
	bind_group(evaluation, desc);
	MemoryContextSwitchTo(old);
}

/* The value of "by" in a row as text; NULL where it is or where there is none. */
static char *
group_value(Evaluation *evaluation, const Datum *values, const bool *nulls)
{
	if (evaluation->by == NULL || nulls[evaluation->by_attribute])
		return NULL;
	return OutputFunctionCall(&evaluation->by_output, values[evaluation->by_attribute]);
}

/* Find the frame of a row's group. */
static ps_frame *
group_frame(Evaluation *evaluation, const char *value)
{
	EvaluationGroup *group = &evaluation->rest;
	ps_error	error;
	bool		found;

	if (value != NULL)
	{
		group = hash_search(evaluation->groups, &value, HASH_ENTER, &found);
		if (!found)
		{
			group->value = MemoryContextStrdup(evaluation->context, value);
			group->frame = NULL;
		}
	}
	if (group->frame == NULL)
		check(evaluation, ps_frame_create(&evaluation->env, evaluation->columns, evaluation->model->ninputs,
										  evaluation->model->target != NULL, evaluation->weight != NULL,
										  &group->frame, &error), &error);
	return group->frame;
}

/* Return (actual, predicted, weight, by) for a row. */
static void
return_outcome(Evaluation *evaluation, double target, double weight, const char *group)
{
	const ps_model *model = evaluation->model;
	const ps_request request = {0};
	ps_answer	answer;
	ps_error	error;
	Datum		values[4] = {Float8GetDatum(target), (Datum) 0, Float8GetDatum(weight), (Datum) 0};
	bool		nulls[4] = {false, false, false, group == NULL};

	if (weight < 0)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_DATA),
				 errmsg("weight \"%s\" is %g, must be 0 or more", evaluation->weight, weight)));
	check(evaluation, ps_model_ask(&evaluation->env, model, PS_ASK_SCORE, evaluation->cells, &request, &answer, &error),
		  &error);
	nulls[1] = answer.null;
	values[1] = Float8GetDatum(answer.number);
	if (group != NULL)
		values[3] = CStringGetTextDatum(group);
	tuplestore_putvalues(evaluation->outcomes->setResult, evaluation->outcomes->setDesc, values, nulls);
}

/* Take a row, unless what happened or what it weighs is unknown. */
static void
take_row(void *reader, const Datum *values, const bool *nulls)
{
	Evaluation *evaluation = reader;
	const ps_model *model = evaluation->model;
	MemoryContext old = MemoryContextSwitchTo(evaluation->row_context);
	const ps_cell *cell = &evaluation->cells[model->ninputs];
	double		target = 0;
	double		weight = 1;
	bool		known = true;
	ps_error	error;

	if (!row_read(evaluation->binding, values, nulls, &evaluation->moment, evaluation->cells))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_DATA),
				 errmsg("column \"as_of\" is NULL in a row of the source"),
				 errhint("Every row needs the moment its purchase history is judged at.")));
	if (model->target != NULL)
	{
		known = !cell->null;
		target = cell->number;
		if (known && cell->text != NULL)
			check(evaluation, ps_target_code(model->target, model->classes, cell->text, cell->length, &target, &error),
				  &error);
		cell++;
	}
	if (evaluation->weight != NULL)
	{
		known = known && !cell->null;
		weight = cell->number;
	}
	if (known && evaluation->outcomes != NULL)
		return_outcome(evaluation, target, weight, group_value(evaluation, values, nulls));
	else if (known)
	{
		check(evaluation, ps_frame_append(group_frame(evaluation, group_value(evaluation, values, nulls)),
										  evaluation->cells, target, weight, &error), &error);
		evaluation->rows++;
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(evaluation->row_context);
}

/* Read the arguments (model | name, source, by, weight, as_of) and prepare for rows. */
static Evaluation *
begin(FunctionCallInfo fcinfo, bool by_name, const char *function)
{
	MemoryContext context;
	MemoryContext old;
	Evaluation *evaluation;
	HASHCTL		control = {.keysize = sizeof(char *),.entrysize = sizeof(EvaluationGroup),.hash = hash_group,
	.match = compare_keys};

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("the model and the source of predseg.%s must not be NULL", function)));
	InitMaterializedSRF(fcinfo, 0);
	context = AllocSetContextCreate(CurrentMemoryContext, "predseg evaluate", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	evaluation = palloc0(sizeof(Evaluation));
	evaluation->context = context;
	evaluation->row_context = AllocSetContextCreate(context, "predseg row", ALLOCSET_SMALL_SIZES);
	evaluation->env = budget_env(context);
	evaluation->model = registry_argument(fcinfo, by_name, context);
	evaluation->moment.today_if_missing = by_name;
	if (!PG_ARGISNULL(2))
		evaluation->by = text_to_cstring(PG_GETARG_TEXT_PP(2));
	if (!PG_ARGISNULL(3))
		evaluation->weight = text_to_cstring(PG_GETARG_TEXT_PP(3));
	if (!PG_ARGISNULL(4))
	{
		evaluation->moment.given = true;
		evaluation->moment.day = PG_GETARG_DATEADT(4);
	}
	control.hcxt = context;
	evaluation->groups = hash_create("predseg groups", 64, &control,
									 HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
	MemoryContextSwitchTo(old);
	return evaluation;
}

/* Order groups by value. */
static int
compare_groups(const void *left, const void *right)
{
	return strcmp(((const EvaluationGroup *) left)->value, ((const EvaluationGroup *) right)->value);
}

/*
 * Return (metric, value, quality, by) for each metric of a group; what is not
 * defined is NULL.  A group too small to judge does not keep the others from
 * being judged.
 */
static void
return_metrics(ReturnSetInfo *result, const Evaluation *evaluation, const EvaluationGroup *group)
{
	ps_value   *metrics;
	double		loss;
	ps_error	error;
	ps_status	status = ps_model_evaluate(&evaluation->env, evaluation->model, group->frame, &metrics, &loss, &error);

	if (status == PS_TOO_LITTLE_DATA && evaluation->by != NULL && evaluation->rows > 0)
	{
		ereport(WARNING,
				(errcode(ERRCODE_PREDSEG_TOO_LITTLE_DATA),
				 errmsg("no metrics where column \"%s\" is %s: %s", evaluation->by,
						group->value == NULL ? "NULL" : psprintf("'%s'", group->value), error.message)));
		return;
	}
	check(evaluation, status, &error);
	for (size_t i = 0; i < metrics->count; i++)
	{
		const ps_value *value = metrics->items[i];
		const char *quality = ps_quality_word(metrics, metrics->names[i]);
		Datum		values[4] = {CStringGetTextDatum(metrics->names[i]), Float8GetDatum(value->number)};
		bool		nulls[4] = {false, value->type != PS_NUMBER, quality == NULL, group->value == NULL};

		if (quality != NULL)
			values[2] = CStringGetTextDatum(quality);
		if (group->value != NULL)
			values[3] = CStringGetTextDatum(group->value);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
}

/* evaluate(model | name, source [, by] [, weight] [, as_of]) */
static Datum
evaluate(FunctionCallInfo fcinfo, bool by_name)
{
	Evaluation *evaluation = begin(fcinfo, by_name, "evaluate");
	MemoryContext old = MemoryContextSwitchTo(evaluation->context);
	EvaluationGroup *groups;
	EvaluationGroup *next;
	HASH_SEQ_STATUS scan;
	long		n = 0;

	source_read(source_parse(text_to_cstring(PG_GETARG_TEXT_PP(1))), start_rows, take_row, evaluation);
	groups = palloc((hash_get_num_entries(evaluation->groups) + 1) * sizeof(EvaluationGroup));
	hash_seq_init(&scan, evaluation->groups);
	while ((next = hash_seq_search(&scan)) != NULL)
		groups[n++] = *next;
	qsort(groups, n, sizeof(EvaluationGroup), compare_groups);
	if (n == 0)
		group_frame(evaluation, NULL);	/* the engine says what it takes */
	if (evaluation->rest.frame != NULL)
		groups[n++] = evaluation->rest;
	for (long i = 0; i < n; i++)
		return_metrics((ReturnSetInfo *) fcinfo->resultinfo, evaluation, &groups[i]);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(evaluation->context);
	PG_RETURN_NULL();
}

/* outcomes(model | name, source [, by] [, weight] [, as_of]) */
static Datum
outcomes(FunctionCallInfo fcinfo, bool by_name)
{
	Evaluation *evaluation = begin(fcinfo, by_name, "outcomes");
	MemoryContext old = MemoryContextSwitchTo(evaluation->context);

	if (evaluation->model->target == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_WRONG_MODEL),
				 errmsg("a \"%s\" model has no target to compare with", evaluation->model->learner->name)));
	evaluation->outcomes = (ReturnSetInfo *) fcinfo->resultinfo;
	source_read(source_parse(text_to_cstring(PG_GETARG_TEXT_PP(1))), start_rows, take_row, evaluation);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(evaluation->context);
	PG_RETURN_NULL();
}

PG_FUNCTION_INFO_V1(predseg_evaluate_by_value);
Datum
predseg_evaluate_by_value(PG_FUNCTION_ARGS)
{
	return evaluate(fcinfo, false);
}

PG_FUNCTION_INFO_V1(predseg_evaluate_by_name);
Datum
predseg_evaluate_by_name(PG_FUNCTION_ARGS)
{
	return evaluate(fcinfo, true);
}

PG_FUNCTION_INFO_V1(predseg_outcomes_by_value);
Datum
predseg_outcomes_by_value(PG_FUNCTION_ARGS)
{
	return outcomes(fcinfo, false);
}

PG_FUNCTION_INFO_V1(predseg_outcomes_by_name);
Datum
predseg_outcomes_by_name(PG_FUNCTION_ARGS)
{
	return outcomes(fcinfo, true);
}
