/*-------------------------------------------------------------------------
 *
 * profile.c
 *	  cluster_profile(model | name, source ...): what the rows of each cluster
 *	  are like, and cluster_names, what to call it.
 *
 * The rows are kept as a frame of the columns to describe, whose targets are the
 * places of the rows' clusters.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "budget.h"
#include "compat.h"
#include "errors.h"
#include "model.h"
#include "ps_cluster_profile.h"
#include "registry.h"
#include "row.h"
#include "source.h"

typedef struct Profiling
{
	MemoryContext context;		/* holds everything here */
	MemoryContext row_context;
	ps_env		env;			/* over context, within the budget; the frame keeps a pointer to it */
	const ps_model *model;
	size_t	   *places;			/* of the cluster of each number */
	RowMoment	moment;
	int			nnames;			/* of columns to describe; 0: those of the model */
	Datum	   *names;
	RowBinding *binding;		/* the model's inputs, then the columns to describe */
	ps_cell    *cells;
	ps_frame   *frame;			/* of the columns to describe */
	int64		nowhere;		/* rows in no cluster */
} Profiling;

/* Return if status is PS_OK, raise the error otherwise. */
static void
check(const Profiling *profiling, ps_status status, const ps_error *error)
{
	size_t		memory = profiling->frame == NULL ? 0 : ps_frame_memory(profiling->frame);
	int64		rows = profiling->frame == NULL ? 0 : (int64) ps_frame_rows(profiling->frame);

	if (status != PS_OK)
		budget_check(&profiling->env, status, error, "describing clusters", rows, memory, "describe fewer rows or columns");
}

/* The columns to describe: those that are named, or the model's but for the moment others are counted from. */
static ps_column *
described_columns(const Profiling *profiling, TupleDesc desc, size_t *n)
{
	const ps_model *model = profiling->model;
	ps_column  *columns = palloc((profiling->nnames + model->ninputs) * sizeof(ps_column));

	*n = 0;
	for (int i = 0; i < profiling->nnames; i++)
	{
		const char *name = TextDatumGetCString(profiling->names[i]);
		Oid			type = TupleDescAttr(desc, source_column(desc, "columns", name))->atttypid;

		columns[*n] = (ps_column) {name, row_type(type)};
		if (columns[*n].type == PS_TYPE_HISTORY || columns[*n].type >= PS_TYPE_OTHER)
			ereport(ERROR,
					(errcode(ERRCODE_PREDSEG_WRONG_TYPE),
					 errmsg("column \"%s\" is of type %s, which cannot be described", name, format_type_be(type)),
					 errhint("Give numbers, booleans, texts, dates or intervals."),
					 err_generic_string(PG_DIAG_COLUMN_NAME, name)));
		(*n)++;
	}
	for (size_t i = 0; profiling->nnames == 0 && i < model->ninputs; i++)
		if (!ps_is_as_of(model->inputs[i].name, model->inputs[i].type))
			columns[(*n)++] = (ps_column) {model->inputs[i].name, model->inputs[i].type};
	return columns;
}

/* Look at the columns of the source. */
static void
start_rows(void *reader, TupleDesc desc)
{
	Profiling  *profiling = reader;
	const ps_model *model = profiling->model;
	MemoryContext old = MemoryContextSwitchTo(profiling->context);
	size_t		n;
	ps_column  *columns = described_columns(profiling, desc, &n);
	ps_input   *inputs = palloc((model->ninputs + n) * sizeof(ps_input));
	ps_error	error;

	for (size_t i = 0; i < model->ninputs; i++)
		inputs[i] = model->inputs[i];
	for (size_t i = 0; i < n; i++)
		inputs[model->ninputs + i] = (ps_input) {columns[i].name, columns[i].type};
	profiling->binding = row_bind(desc, inputs, model->ninputs + n, model->time_zone != NULL ? model->time_zone : PS_UTC);
	profiling->cells = palloc0((model->ninputs + n) * sizeof(ps_cell));
	check(profiling, ps_frame_create(&profiling->env, columns, n, true, false, &profiling->frame, &error), &error);
	MemoryContextSwitchTo(old);
}

/* Take a row, if it is in a cluster. */
static void
take_row(void *reader, const Datum *values, const bool *nulls)
{
	Profiling  *profiling = reader;
	const ps_model *model = profiling->model;
	MemoryContext old = MemoryContextSwitchTo(profiling->row_context);
	const ps_request request = {0};
	ps_answer	answer;
	ps_error	error;

	if (!row_read(profiling->binding, values, nulls, &profiling->moment, profiling->cells))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_DATA),
				 errmsg("column \"as_of\" is NULL in a row of the source"),
				 errhint("Every row needs the moment its purchase history is judged at.")));
	check(profiling, ps_model_ask(&profiling->env, model, PS_ASK_CLUSTER, profiling->cells, &request, &answer, &error),
		  &error);
	if (answer.null)
		profiling->nowhere++;
	else
		check(profiling, ps_frame_append(profiling->frame, profiling->cells + model->ninputs,
										 (double) profiling->places[(int) answer.number], 1, &error), &error);
	MemoryContextSwitchTo(old);
	MemoryContextReset(profiling->row_context);
}

/* Read the arguments (model | name, source, columns, as_of) and prepare for rows. */
static Profiling *
begin(FunctionCallInfo fcinfo, bool by_name, const char *function)
{
	MemoryContext context;
	MemoryContext old;
	Profiling  *profiling;
	const ps_cluster_numbers *numbers;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("the model and the source of predseg.%s must not be NULL", function)));
	InitMaterializedSRF(fcinfo, 0);
	context = AllocSetContextCreate(CurrentMemoryContext, "predseg profile", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	profiling = palloc0(sizeof(Profiling));
	profiling->context = context;
	profiling->row_context = AllocSetContextCreate(context, "predseg row", ALLOCSET_SMALL_SIZES);
	profiling->env = budget_env(context);
	profiling->model = registry_argument(fcinfo, by_name, context);
	profiling->moment.today_if_missing = by_name;
	numbers = model_clusters(profiling->model);
	profiling->places = palloc0((numbers->highest + 1) * sizeof(size_t));
	for (size_t i = 0; i < numbers->count; i++)
		profiling->places[numbers->numbers[i]] = i;
	if (!PG_ARGISNULL(2))
	{
		bool	   *nulls;

		deconstruct_array(PG_GETARG_ARRAYTYPE_P(2), TEXTOID, -1, false, TYPALIGN_INT, &profiling->names, &nulls,
						  &profiling->nnames);
		for (int i = 0; i < profiling->nnames; i++)
			if (nulls[i])
				ereport(ERROR,
						(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						 errmsg("the names of columns must not be NULL")));
	}
	if (!PG_ARGISNULL(3))
	{
		profiling->moment.given = true;
		profiling->moment.day = PG_GETARG_DATEADT(3);
	}
	MemoryContextSwitchTo(old);
	return profiling;
}

/* Put a number into a row of the result, or NULL where it is not finite. */
static void
set_number(Datum *values, bool *nulls, int column, double number)
{
	values[column] = Float8GetDatum(number);
	nulls[column] = !isfinite(number);
}

/* Put a cluster into a row of the result: its number, name, rows and share. */
static void
set_cluster(Datum *values, bool *nulls, const ps_profile *profile, size_t cluster)
{
	const char *name = profile->names[cluster];
	double		size = profile->sizes[cluster];

	values[0] = Int32GetDatum(profile->numbers->numbers[cluster]);
	nulls[1] = name == NULL;
	values[1] = name == NULL ? (Datum) 0 : CStringGetTextDatum(name);
	values[2] = Int64GetDatum((int64) size);
	values[3] = Float8GetDatum(size / (double) ps_frame_rows(profile->frame));
}

/* Return the rows of a profile. */
static void
return_profile(ReturnSetInfo *result, const ps_profile *profile)
{
	for (size_t i = 0; i < profile->count; i++)
	{
		const ps_profile_row *row = &profile->rows[i];
		Datum		values[13];
		bool		nulls[13] = {false};

		set_cluster(values, nulls, profile, row->cluster);
		values[4] = CStringGetTextDatum(ps_frame_column(profile->frame, row->column)->name);
		nulls[5] = row->level == NULL;
		values[5] = row->level == NULL ? (Datum) 0 : CStringGetTextDatum(row->level);
		values[6] = Int64GetDatum((int64) row->rows);
		set_number(values, nulls, 7, row->mean);
		set_number(values, nulls, 8, row->median);
		set_number(values, nulls, 9, row->overall_mean);
		set_number(values, nulls, 10, row->overall_median);
		set_number(values, nulls, 11, row->difference);
		set_number(values, nulls, 12, row->lift);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
}

/* Return the clusters of a profile. */
static void
return_names(ReturnSetInfo *result, const ps_profile *profile)
{
	for (size_t i = 0; i < profile->count; i++)
		if (i == 0 || profile->rows[i].cluster != profile->rows[i - 1].cluster)
		{
			Datum		values[4];
			bool		nulls[4] = {false};

			set_cluster(values, nulls, profile, profile->rows[i].cluster);
			tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		}
}

/* Describe the rows that the arguments (model | name, source [, columns] [, as_of]) give. */
static Datum
describe_clusters(FunctionCallInfo fcinfo, bool by_name, const char *function,
				  void (*return_rows) (ReturnSetInfo *result, const ps_profile *profile))
{
	Profiling  *profiling = begin(fcinfo, by_name, function);
	MemoryContext old = MemoryContextSwitchTo(profiling->context);
	ps_profile *profile;
	ps_error	error;

	source_read(source_parse(text_to_cstring(PG_GETARG_TEXT_PP(1))), start_rows, take_row, profiling);
	if (profiling->nowhere > 0)
		ereport(NOTICE,
				(errmsg("%lld rows that are in no cluster are left out", (long long) profiling->nowhere)));
	check(profiling, ps_profile_make(&profiling->env, profiling->frame, profiling->model->clusters, &profile, &error),
		  &error);
	return_rows((ReturnSetInfo *) fcinfo->resultinfo, profile);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(profiling->context);
	PG_RETURN_NULL();
}

PG_FUNCTION_INFO_V1(predseg_cluster_profile_by_value);
Datum
predseg_cluster_profile_by_value(PG_FUNCTION_ARGS)
{
	return describe_clusters(fcinfo, false, "cluster_profile", return_profile);
}

PG_FUNCTION_INFO_V1(predseg_cluster_profile_by_name);
Datum
predseg_cluster_profile_by_name(PG_FUNCTION_ARGS)
{
	return describe_clusters(fcinfo, true, "cluster_profile", return_profile);
}

PG_FUNCTION_INFO_V1(predseg_cluster_names_by_value);
Datum
predseg_cluster_names_by_value(PG_FUNCTION_ARGS)
{
	return describe_clusters(fcinfo, false, "cluster_names", return_names);
}

PG_FUNCTION_INFO_V1(predseg_cluster_names_by_name);
Datum
predseg_cluster_names_by_name(PG_FUNCTION_ARGS)
{
	return describe_clusters(fcinfo, true, "cluster_names", return_names);
}
