/*-------------------------------------------------------------------------
 *
 * evaluate.c
 *	  evaluate(model | name, source [, as_of]): the quality of a model on rows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/spi.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "budget.h"
#include "compat.h"
#include "errors.h"
#include "model.h"
#include "registry.h"
#include "row.h"
#include "source.h"

/* Rows on their way into a frame. */
typedef struct Evaluation
{
	MemoryContext context;		/* holds everything here */
	MemoryContext row_context;
	ps_env		env;			/* over context, within the budget; the frame keeps a pointer to it */
	const ps_model *model;
	RowMoment	moment;
	RowBinding *binding;		/* the model's inputs, then the target if it has one */
	ps_cell    *cells;
	ps_frame   *frame;
} Evaluation;

/* The type in which the source has the target: a number or a boolean. */
static ps_type
target_type(TupleDesc desc, const char *target)
{
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);
		ps_type		type = row_type(attribute->atttypid);

		if (attribute->attisdropped || strcmp(NameStr(attribute->attname), target) != 0)
			continue;
		if (type != PS_TYPE_NUMBER && type != PS_TYPE_BOOLEAN)
			ereport(ERROR,
					(errcode(ERRCODE_PREDSEG_WRONG_TYPE),
					 errmsg("target \"%s\" is of type %s", target, format_type_be(attribute->atttypid)),
					 errhint("Give a boolean or a number."),
					 err_generic_string(PG_DIAG_COLUMN_NAME, target)));
		return type;
	}
	return PS_TYPE_BOOLEAN;		/* row_bind reports the missing column */
}

/* Return if status is PS_OK, raise the error otherwise. */
static void
check(const Evaluation *evaluation, ps_status status, const ps_error *error)
{
	const ps_frame *frame = evaluation->frame;

	budget_check(&evaluation->env, status, error, "evaluating", frame == NULL ? 0 : (int64) ps_frame_rows(frame),
				 frame == NULL ? 0 : ps_frame_memory(frame), "evaluate fewer rows");
}

/* Look at the columns of the source. */
static void
start_rows(void *reader, TupleDesc desc)
{
	Evaluation *evaluation = reader;
	const ps_model *model = evaluation->model;
	MemoryContext old = MemoryContextSwitchTo(evaluation->context);
	size_t		n = model->ninputs;
	ps_input   *inputs = palloc((n + 1) * sizeof(ps_input));
	ps_column  *columns = palloc((n + 1) * sizeof(ps_column));
	ps_error	error;

	for (size_t i = 0; i < n; i++)
	{
		inputs[i] = model->inputs[i];
		columns[i] = (ps_column) {inputs[i].name, inputs[i].type};
	}
	if (model->target != NULL)
		inputs[n] = (ps_input) {model->target, target_type(desc, model->target)};
	evaluation->binding = row_bind(desc, inputs, n + (model->target != NULL), model->time_zone);
	evaluation->cells = palloc0((n + 1) * sizeof(ps_cell));
	check(evaluation, ps_frame_create(&evaluation->env, columns, n, model->target != NULL, false, &evaluation->frame, &error),
		  &error);
	MemoryContextSwitchTo(old);
}

/* Take a row, unless what happened is unknown. */
static void
take_row(void *reader, const Datum *values, const bool *nulls)
{
	Evaluation *evaluation = reader;
	MemoryContext old = MemoryContextSwitchTo(evaluation->row_context);
	const ps_cell *target = &evaluation->cells[evaluation->model->ninputs];
	ps_error	error;

	if (!row_read(evaluation->binding, values, nulls, &evaluation->moment, evaluation->cells))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_DATA),
				 errmsg("column \"as_of\" is NULL in a row of the source"),
				 errhint("Every row needs the moment its purchase history is judged at.")));
	if (!target->null)
		check(evaluation, ps_frame_append(evaluation->frame, evaluation->cells, target->number, 1, &error), &error);
	MemoryContextSwitchTo(old);
	MemoryContextReset(evaluation->row_context);
}

/* Return (metric, value) for each number among the metrics; what is not defined is NULL. */
static void
return_metrics(FunctionCallInfo fcinfo, const ps_value *metrics)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (size_t i = 0; i < metrics->count; i++)
	{
		const ps_value *value = metrics->items[i];
		Datum		values[2] = {CStringGetTextDatum(metrics->names[i]), Float8GetDatum(value->number)};
		bool		nulls[2] = {false, value->type != PS_NUMBER};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
}

/* evaluate(model | name, source [, as_of]) */
static Datum
evaluate(FunctionCallInfo fcinfo, bool by_name)
{
	MemoryContext context;
	MemoryContext old;
	Evaluation *evaluation;
	ps_value   *metrics;
	double		loss;
	ps_error	error;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("the model and the source of predseg.evaluate must not be NULL")));
	context = AllocSetContextCreate(CurrentMemoryContext, "predseg evaluate", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	evaluation = palloc0(sizeof(Evaluation));
	evaluation->context = context;
	evaluation->row_context = AllocSetContextCreate(context, "predseg row", ALLOCSET_SMALL_SIZES);
	evaluation->env = budget_env(context);
	evaluation->model = by_name ? registry_deployed(text_to_cstring(PG_GETARG_TEXT_PP(0)), context)->model :
		model_open(PG_GETARG_DATUM(0));
	evaluation->moment.today_if_missing = by_name;
	if (!PG_ARGISNULL(2))
	{
		evaluation->moment.given = true;
		evaluation->moment.day = PG_GETARG_DATEADT(2);
	}
	source_read(source_parse(text_to_cstring(PG_GETARG_TEXT_PP(1))), start_rows, take_row, evaluation);
	check(evaluation, ps_model_evaluate(&evaluation->env, evaluation->model, evaluation->frame, &metrics, &loss, &error),
		  &error);
	MemoryContextSwitchTo(old);
	return_metrics(fcinfo, metrics);
	MemoryContextDelete(context);
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
