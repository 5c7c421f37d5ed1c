/*-------------------------------------------------------------------------
 *
 * metrics.c
 *	  Aggregates over what happened and what was predicted that look at all
 *	  scores (roc_auc, average_precision, gini, calibration, lift,
 *	  threshold_table, choose_cutoff), and their state, the type predseg.roc.
 *
 * The state is a real type, so that parallel plans and distributed databases
 * can hand it on.  While it grows it is an expanded object, which is flattened
 * to the engine's canonical bytes when it leaves the aggregate.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/expandeddatum.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "compat.h"
#include "errors.h"
#include "metrics.h"
#include "ps_roc_tables.h"

typedef struct RocState
{
	ExpandedObjectHeader header;
	ps_roc		roc;
	uint8_t    *flat;			/* bytes between get_flat_size and flatten_into */
	size_t		flat_length;
} RocState;

static Size roc_flat_size(ExpandedObjectHeader *object);
static void roc_flatten(ExpandedObjectHeader *object, void *result, Size allocated_size);

static const ExpandedObjectMethods roc_methods = {roc_flat_size, roc_flatten};

/* Write the state's bytes and tell their size. */
static Size
roc_flat_size(ExpandedObjectHeader *object)
{
	RocState   *state = (RocState *) object;
	ps_env		env = predseg_env(object->eoh_context);
	ps_error	error;

	if (state->flat != NULL)
		pfree(state->flat);
	state->flat = NULL;
	predseg_check(ps_roc_write(&env, &state->roc, &state->flat, &state->flat_length, &error), &error);
	if (state->flat_length > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("there are too many different scores"),
				 errhint("Round the scores, for example to 6 digits.")));
	return state->flat_length + VARHDRSZ;
}

static void
roc_flatten(ExpandedObjectHeader *object, void *result, Size allocated_size)
{
	RocState   *state = (RocState *) object;

	Assert(allocated_size == state->flat_length + VARHDRSZ);
	SET_VARSIZE(result, allocated_size);
	memcpy(VARDATA(result), state->flat, state->flat_length);
	pfree(state->flat);
	state->flat = NULL;
}

/* Make an empty state below a context. */
static RocState *
roc_create(MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "predseg roc", ALLOCSET_SMALL_SIZES);
	RocState   *state = MemoryContextAllocZero(context, sizeof(RocState));

	EOH_init_header(&state->header, &roc_methods, context);
	return state;
}

/* Get a state that may be changed from an argument: the aggregate's own, or a copy below parent. */
static RocState *
roc_open(Datum value, MemoryContext parent)
{
	RocState   *state;
	struct varlena *flat;
	ps_env		env;
	ps_error	error;

	if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(value)))
	{
		state = (RocState *) DatumGetEOHP(value);
		if (state->header.eoh_methods == &roc_methods &&
			VARATT_IS_EXTERNAL_EXPANDED_RW(DatumGetPointer(value)))
			return state;
	}
	flat = PG_DETOAST_DATUM_PACKED(value);
	state = roc_create(parent);
	env = predseg_env(state->header.eoh_context);
	predseg_check(ps_roc_read(&env, (const uint8_t *) VARDATA_ANY(flat), VARSIZE_ANY_EXHDR(flat), &state->roc, &error), &error);
	return state;
}

MemoryContext
metric_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("this function can be called only by an aggregate")));
	return context;
}

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
	MemoryContext context = metric_context(fcinfo);
	int			weight = 3 + nparameters;
	bool		weighted = PG_NARGS() > weight;
	RocState   *state;
	ps_env		env;
	ps_error	error;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || (weighted && PG_ARGISNULL(weight)))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	state = PG_ARGISNULL(0) ? roc_create(context) : roc_open(PG_GETARG_DATUM(0), context);
	env = predseg_env(state->header.eoh_context);
	predseg_check(ps_roc_set(&state->roc, parameters, nparameters, &error), &error);
	predseg_check(ps_roc_add(&env, &state->roc, PG_GETARG_FLOAT8(2), metric_actual(fcinfo, 1),
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

PG_FUNCTION_INFO_V1(predseg_roc_merge);

/* Merge two states. */
Datum
predseg_roc_merge(PG_FUNCTION_ARGS)
{
	MemoryContext context = metric_context(fcinfo);
	RocState   *state;
	RocState   *other;
	ps_env		env;
	ps_error	error;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	if (PG_ARGISNULL(0))
		PG_RETURN_DATUM(EOHPGetRWDatum(&roc_open(PG_GETARG_DATUM(1), context)->header));
	state = roc_open(PG_GETARG_DATUM(0), context);
	other = roc_open(PG_GETARG_DATUM(1), CurrentMemoryContext);
	env = predseg_env(state->header.eoh_context);
	predseg_check(ps_roc_merge(&env, &state->roc, &other->roc, &error), &error);
	PG_RETURN_DATUM(EOHPGetRWDatum(&state->header));
}

/* Answer a final function that gives one number; NULL where it is not defined. */
static Datum
roc_number(FunctionCallInfo fcinfo, ps_status (*ask) (const ps_env *env, ps_roc *roc, double *value, bool *defined,
													  ps_error *error))
{
	RocState   *state = roc_open(PG_GETARG_DATUM(0), CurrentMemoryContext);
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_error	error;
	double		value;
	bool		defined;

	predseg_check(ask(&env, &state->roc, &value, &defined, &error), &error);
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
	RocState   *state = roc_open(PG_GETARG_DATUM(0), CurrentMemoryContext); \
	ps_env		env = predseg_env(CurrentMemoryContext); \
	ps_error	error; \
	row_type   *rows; \
	size_t		count; \
\
	predseg_check(ps_roc_##name(&env, &state->roc, &rows, &count, &error), &error); \
	return table_array(fcinfo, (const double *) rows, sizeof(row_type) / sizeof(double), count); \
} \
extern Datum predseg_roc_##name(PG_FUNCTION_ARGS)

TABLE_FUNCTION(calibration, ps_calibration_bin);
TABLE_FUNCTION(lift, ps_lift_bin);
TABLE_FUNCTION(thresholds, ps_threshold);

/* Check bytes from outside and make a value of them. */
static Datum
roc_accept(bytea *bytes, int sqlstate)
{
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_roc		roc = {0};
	ps_error	error;
	ps_status	status = ps_roc_read(&env, (const uint8_t *) VARDATA(bytes), VARSIZE(bytes) - VARHDRSZ, &roc, &error);

	if (status == PS_CORRUPT)
		ereport(ERROR,
				(errcode(sqlstate),
				 errmsg("%s", error.message)));
	predseg_check(status, &error);
	return PointerGetDatum(bytes);
}

char *
metric_text(const char *bytes, Size length)
{
	char	   *text = palloc(2 * length + 3);

	text[0] = '\\';
	text[1] = 'x';
	text[2 + hex_encode(bytes, length, text + 2)] = '\0';
	return text;
}

PG_FUNCTION_INFO_V1(predseg_roc_in);

/* Read a state from the hexadecimal text of its bytes. */
Datum
predseg_roc_in(PG_FUNCTION_ARGS)
{
	return roc_accept(DatumGetByteaP(DirectFunctionCall1(byteain, PG_GETARG_DATUM(0))),
					  ERRCODE_INVALID_TEXT_REPRESENTATION);
}

PG_FUNCTION_INFO_V1(predseg_roc_out);

/* Write a state as the hexadecimal text of its bytes, whatever bytea_output is. */
Datum
predseg_roc_out(PG_FUNCTION_ARGS)
{
	struct varlena *flat = PG_GETARG_VARLENA_PP(0);

	PG_RETURN_CSTRING(metric_text(VARDATA_ANY(flat), VARSIZE_ANY_EXHDR(flat)));
}

PG_FUNCTION_INFO_V1(predseg_roc_recv);

/* Read a state from its bytes. */
Datum
predseg_roc_recv(PG_FUNCTION_ARGS)
{
	return roc_accept(DatumGetByteaP(DirectFunctionCall1(bytearecv, PG_GETARG_DATUM(0))),
					  ERRCODE_INVALID_BINARY_REPRESENTATION);
}

PG_FUNCTION_INFO_V1(predseg_roc_send);

/* Write a state as its bytes. */
Datum
predseg_roc_send(PG_FUNCTION_ARGS)
{
	PG_RETURN_BYTEA_P(PG_GETARG_BYTEA_P_COPY(0));
}
