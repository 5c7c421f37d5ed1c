/*-------------------------------------------------------------------------
 *
 * metrics.c
 *	  The aggregate roc_auc and its state, the type predseg.roc.
 *
 * The state is a real type, so that parallel plans and distributed databases
 * can hand it on.  While it grows it is an expanded object, which is flattened
 * to the engine's canonical bytes when it leaves the aggregate.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/expandeddatum.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "compat.h"
#include "errors.h"
#include "ps_metrics.h"

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
				 errmsg("roc_auc met too many different scores"),
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

/* The context an aggregate's state lives in; an error when called otherwise. */
static MemoryContext
aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("this function can be called only by an aggregate")));
	return context;
}

/* Read what happened: a boolean, or a whole number 0 or 1. */
static bool
read_actual(FunctionCallInfo fcinfo, int argument)
{
	Oid			type = getBaseType(get_fn_expr_argtype(fcinfo->flinfo, argument));
	int64		number;

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
			number = PG_GETARG_INT64(argument);
			break;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_PREDSEG_WRONG_TYPE),
					 errmsg("\"actual\" is of type %s", format_type_be(type)),
					 errhint("It says what happened: boolean, or integer with 0 and 1.")));
	}
	if (number != 0 && number != 1)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_DATA),
				 errmsg("\"actual\" has the value " INT64_FORMAT, number),
				 errhint("It says what happened: it must be 0 or 1.")));
	return number == 1;
}

PG_FUNCTION_INFO_V1(predseg_roc_add);

/* Add a pair (actual, predicted [, weight]); pairs with a NULL are skipped. */
Datum
predseg_roc_add(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	RocState   *state;
	ps_env		env;
	ps_error	error;
	bool		weighted = PG_NARGS() > 3;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || (weighted && PG_ARGISNULL(3)))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	state = PG_ARGISNULL(0) ? roc_create(context) : roc_open(PG_GETARG_DATUM(0), context);
	env = predseg_env(state->header.eoh_context);
	predseg_check(ps_roc_add(&env, &state->roc, PG_GETARG_FLOAT8(2), read_actual(fcinfo, 1),
							 weighted ? PG_GETARG_FLOAT8(3) : 1, &error), &error);
	PG_RETURN_DATUM(EOHPGetRWDatum(&state->header));
}

PG_FUNCTION_INFO_V1(predseg_roc_merge);

/* Merge two states. */
Datum
predseg_roc_merge(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
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

PG_FUNCTION_INFO_V1(predseg_roc_area);

/* The area under the curve; NULL without both classes. */
Datum
predseg_roc_area(PG_FUNCTION_ARGS)
{
	RocState   *state = roc_open(PG_GETARG_DATUM(0), CurrentMemoryContext);
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_error	error;
	double		area;
	bool		defined;

	predseg_check(ps_roc_area(&env, &state->roc, &area, &defined, &error), &error);
	if (!defined)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(area);
}

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
	Size		length = VARSIZE_ANY_EXHDR(flat);
	char	   *text = palloc(2 * length + 3);

	text[0] = '\\';
	text[1] = 'x';
	text[2 + hex_encode(VARDATA_ANY(flat), length, text + 2)] = '\0';
	PG_RETURN_CSTRING(text);
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
