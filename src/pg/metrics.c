/*-------------------------------------------------------------------------
 *
 * metrics.c
 *	  Aggregates over what happened and what was predicted that look at all
 *	  scores (roc_auc, average_precision, gini, calibration, lift,
 *	  threshold_table, choose_cutoff), and their state, the type predseg.roc.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "aggregate_state.h"
#include "compat.h"
#include "errors.h"
#include "metrics.h"
#include "ps_roc_tables.h"

static ps_status
read_roc(const ps_env *env, const uint8_t *bytes, size_t length, void *content, ps_error *error)
{
	return ps_roc_read(env, bytes, length, content, error);
}

static ps_status
write_roc(const ps_env *env, void *content, uint8_t **bytes, size_t *length, ps_error *error)
{
	return ps_roc_write(env, content, bytes, length, error);
}

static ps_status
merge_rocs(const ps_env *env, void *content, const void *other, ps_error *error)
{
	return ps_roc_merge(env, content, other, error);
}

static const StateKind roc_kind = {
	sizeof(ps_roc), "scores", "Round the scores, for example to 6 digits.",
	read_roc, write_roc, merge_rocs
};

STATE_FUNCTIONS(roc, roc_kind);

bool
metric_actual(FunctionCallInfo fcinfo, int argument)
{
	Oid			type = getBaseType(get_fn_expr_argtype(fcinfo->flinfo, argument));
	double		number;

	switch (type)
	{
		case BOOLOID:
			return PG_GETARG_BOOL(argument);
		case INT2OID:
			number = PG_GETARG_INT16(argument);
			break;
		case INT4OID:
			number = PG_GETARG_INT32(argument);
			break;
		case INT8OID:
			number = (double) PG_GETARG_INT64(argument);
			break;
		case FLOAT8OID:
			number = PG_GETARG_FLOAT8(argument);
			break;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_PREDSEG_WRONG_TYPE),
					 errmsg("\"actual\" is of type %s", format_type_be(type)),
					 errhint("It says what happened: boolean, or a number that is 0 or 1.")));
	}
	if (number != 0 && number != 1)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_DATA),
				 errmsg("\"actual\" has the value %g", number),
				 errhint("It says what happened: it must be 0 or 1.")));
	return number == 1;
}

/*
 * Add a pair (actual, predicted) and, from argument 3 on, parameters and then
 * the weight if there is one more argument.  Pairs with a NULL are skipped.
 */
static Datum
roc_accumulate(FunctionCallInfo fcinfo, int nparameters, const double *parameters)
{
	int			weight = 3 + nparameters;
	bool		weighted = PG_NARGS() > weight;
	AggregateState *state;
	ps_error	error;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || (weighted && PG_ARGISNULL(weight)))
		return state_unchanged(fcinfo);
	state = state_to_change(fcinfo, &roc_kind);
	predseg_check(ps_roc_set(state->content, parameters, nparameters, &error), &error);
	predseg_check(ps_roc_add(&state->env, state->content, PG_GETARG_FLOAT8(2), metric_actual(fcinfo, 1),
							 weighted ? PG_GETARG_FLOAT8(weight) : 1, &error), &error);
	PG_RETURN_DATUM(EOHPGetRWDatum(&state->header));
}

/* Refuse NULL for a parameter of an aggregate. */
static void
require(FunctionCallInfo fcinfo, int argument, const char *name)
{
	if (PG_ARGISNULL(argument))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("\"%s\" must not be NULL", name)));
}

PG_FUNCTION_INFO_V1(predseg_roc_add);

/* roc_add(state, actual, predicted [, weight]) */
Datum
predseg_roc_add(PG_FUNCTION_ARGS)
{
	return roc_accumulate(fcinfo, 0, NULL);
}

PG_FUNCTION_INFO_V1(predseg_roc_add_bins);

/* roc_add_bins(state, actual, predicted, bins [, weight]) */
Datum
predseg_roc_add_bins(PG_FUNCTION_ARGS)
{
	double		bins;

	require(fcinfo, 3, "bins");
	bins = PG_GETARG_INT32(3);
	return roc_accumulate(fcinfo, 1, &bins);
}

PG_FUNCTION_INFO_V1(predseg_roc_add_profit);

/* roc_add_profit(state, actual, predicted, benefit, cost [, capacity [, weight]]) */
Datum
predseg_roc_add_profit(PG_FUNCTION_ARGS)
{
	static const char *const names[PS_ROC_PARAMETERS] = {"benefit", "cost", "capacity"};
	double		parameters[PS_ROC_PARAMETERS];
	int			nparameters = Min(PG_NARGS() - 3, PS_ROC_PARAMETERS);

	for (int i = 0; i < nparameters; i++)
	{
		require(fcinfo, 3 + i, names[i]);
		parameters[i] = PG_GETARG_FLOAT8(3 + i);
	}
	return roc_accumulate(fcinfo, nparameters, parameters);
}

/* Answer a final function that gives one number; NULL where it is not defined. */
static Datum
roc_number(FunctionCallInfo fcinfo, ps_status (*ask) (const ps_env *env, ps_roc *roc, double *value, bool *defined,
													  ps_error *error))
{
	ps_roc	   *roc = state_to_finish(fcinfo, &roc_kind);
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_error	error;
	double		value;
	bool		defined;

	predseg_check(ask(&env, roc, &value, &defined, &error), &error);
	if (!defined)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(value);
}

PG_FUNCTION_INFO_V1(predseg_roc_area);

/* The area under the curve. */
Datum
predseg_roc_area(PG_FUNCTION_ARGS)
{
	return roc_number(fcinfo, ps_roc_area);
}

PG_FUNCTION_INFO_V1(predseg_roc_average_precision);

/* The area under the curve of precision over recall. */
Datum
predseg_roc_average_precision(PG_FUNCTION_ARGS)
{
	return roc_number(fcinfo, ps_roc_average_precision);
}

PG_FUNCTION_INFO_V1(predseg_roc_gini);

/* The Gini coefficient. */
Datum
predseg_roc_gini(PG_FUNCTION_ARGS)
{
	return roc_number(fcinfo, ps_roc_gini);
}

PG_FUNCTION_INFO_V1(predseg_roc_cutoff);

/* The cut-off of the highest profit. */
Datum
predseg_roc_cutoff(PG_FUNCTION_ARGS)
{
	return roc_number(fcinfo, ps_roc_cutoff);
}

/*
 * Make an array of the function's composite result type from rows of as many
 * numbers as it has columns.  NULL without rows.
 */
static Datum
table_array(FunctionCallInfo fcinfo, const double *numbers, size_t width, size_t rows)
{
	Oid			type = get_element_type(get_func_rettype(fcinfo->flinfo->fn_oid));
	TupleDesc	desc;
	Datum	   *elements;
	Datum	   *values;
	bool	   *nulls;

	if (rows == 0)
		PG_RETURN_NULL();
	desc = lookup_rowtype_tupdesc_copy(type, -1);
	if (desc->natts != (int) width)
		elog(ERROR, "%s must have %zu columns", format_type_be(type), width);
	elements = palloc(rows * sizeof(Datum));
	values = palloc(width * sizeof(Datum));
	nulls = palloc0(width * sizeof(bool));
	for (size_t row = 0; row < rows; row++)
	{
		for (size_t i = 0; i < width; i++)
			values[i] = TupleDescAttr(desc, i)->atttypid == INT4OID ?
				Int32GetDatum((int32) numbers[row * width + i]) : Float8GetDatum(numbers[row * width + i]);
		elements[row] = HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(elements, (int) rows, type, -1, false, TYPALIGN_DOUBLE));
}

/* Define the final function of an aggregate that gives a table, whose rows are structs of numbers only. */
#define TABLE_FUNCTION(name, row_type) \
PG_FUNCTION_INFO_V1(predseg_roc_##name); \
Datum \
predseg_roc_##name(PG_FUNCTION_ARGS) \
{ \
	ps_roc	   *roc = state_to_finish(fcinfo, &roc_kind); \
	ps_env		env = predseg_env(CurrentMemoryContext); \
	ps_error	error; \
	row_type   *rows; \
	size_t		count; \
\
	predseg_check(ps_roc_##name(&env, roc, &rows, &count, &error), &error); \
	return table_array(fcinfo, (const double *) rows, sizeof(row_type) / sizeof(double), count); \
} \
extern Datum predseg_roc_##name(PG_FUNCTION_ARGS)

TABLE_FUNCTION(calibration, ps_calibration_bin);
TABLE_FUNCTION(lift, ps_lift_bin);
TABLE_FUNCTION(thresholds, ps_threshold);
