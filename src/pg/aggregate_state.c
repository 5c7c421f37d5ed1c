/*-------------------------------------------------------------------------
 *
 * aggregate_state.c
 *	  States of aggregates that are values of the engine.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "aggregate_state.h"
#include "compat.h"
#include "errors.h"

static Size flat_size(ExpandedObjectHeader *object);
static void flatten(ExpandedObjectHeader *object, void *result, Size allocated_size);

static const ExpandedObjectMethods methods = {flat_size, flatten};

/* Write the state's bytes and tell their size. */
static Size
flat_size(ExpandedObjectHeader *object)
{
	AggregateState *state = (AggregateState *) object;
	ps_error	error;

	if (state->flat != NULL)
		pfree(state->flat);
	state->flat = NULL;
	predseg_check(state->kind->write(&state->env, state->content, &state->flat, &state->flat_length, &error), &error);
	if (state->flat_length > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("there are too many different %s", state->kind->parts),
				 errhint("%s", state->kind->hint)));
	return state->flat_length + VARHDRSZ;
}

static void
flatten(ExpandedObjectHeader *object, void *result, Size allocated_size)
{
	AggregateState *state = (AggregateState *) object;

	Assert(allocated_size == state->flat_length + VARHDRSZ);
	SET_VARSIZE(result, allocated_size);
	memcpy(VARDATA(result), state->flat, state->flat_length);
	pfree(state->flat);
	state->flat = NULL;
}

/* Make an empty state below a context. */
static AggregateState *
create_state(const StateKind *kind, MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "predseg aggregate state", ALLOCSET_SMALL_SIZES);
	AggregateState *state = MemoryContextAllocZero(context, sizeof(AggregateState));

	EOH_init_header(&state->header, &methods, context);
	state->kind = kind;
	state->env = predseg_env(context);
	state->content = MemoryContextAllocZero(context, kind->size);
	return state;
}

/* Get a state that may be changed from an argument: the aggregate's own, or a copy below parent. */
static AggregateState *
open_state(Datum value, const StateKind *kind, MemoryContext parent)
{
	AggregateState *state;
	struct varlena *flat;
	ps_error	error;

	if (VARATT_IS_EXTERNAL_EXPANDED_RW(DatumGetPointer(value)))
	{
		state = (AggregateState *) DatumGetEOHP(value);
		if (state->header.eoh_methods == &methods && state->kind == kind)
			return state;
	}
	flat = PG_DETOAST_DATUM_PACKED(value);
	state = create_state(kind, parent);
	predseg_check(kind->read(&state->env, (const uint8_t *) VARDATA_ANY(flat), VARSIZE_ANY_EXHDR(flat), state->content,
							 &error), &error);
	return state;
}

MemoryContext
state_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("this function can be called only by an aggregate")));
	return context;
}

AggregateState *
state_to_change(FunctionCallInfo fcinfo, const StateKind *kind)
{
	MemoryContext context = state_context(fcinfo);

	return PG_ARGISNULL(0) ? create_state(kind, context) : open_state(PG_GETARG_DATUM(0), kind, context);
}

void *
state_to_finish(FunctionCallInfo fcinfo, const StateKind *kind)
{
	return open_state(PG_GETARG_DATUM(0), kind, CurrentMemoryContext)->content;
}

Datum
state_unchanged(FunctionCallInfo fcinfo)
{
	(void) state_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

Datum
state_merge(FunctionCallInfo fcinfo, const StateKind *kind)
{
	MemoryContext context = state_context(fcinfo);
	AggregateState *state;
	AggregateState *other;
	ps_error	error;

	if (PG_ARGISNULL(1))
		return state_unchanged(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_DATUM(EOHPGetRWDatum(&open_state(PG_GETARG_DATUM(1), kind, context)->header));
	state = open_state(PG_GETARG_DATUM(0), kind, context);
	other = open_state(PG_GETARG_DATUM(1), kind, CurrentMemoryContext);
	predseg_check(kind->merge(&state->env, state->content, other->content, &error), &error);
	PG_RETURN_DATUM(EOHPGetRWDatum(&state->header));
}

/* Check bytes from outside and make a value of them. */
static Datum
accept_bytes(bytea *bytes, const StateKind *kind, int sqlstate)
{
	ps_env		env = predseg_env(CurrentMemoryContext);
	void	   *content = palloc0(kind->size);
	ps_error	error;
	ps_status	status = kind->read(&env, (const uint8_t *) VARDATA(bytes), VARSIZE(bytes) - VARHDRSZ, content, &error);

	if (status == PS_CORRUPT)
		ereport(ERROR,
				(errcode(sqlstate),
				 errmsg("%s", error.message)));
	predseg_check(status, &error);
	return PointerGetDatum(bytes);
}

Datum
state_in(FunctionCallInfo fcinfo, const StateKind *kind)
{
	return accept_bytes(DatumGetByteaP(DirectFunctionCall1(byteain, PG_GETARG_DATUM(0))), kind,
				  ERRCODE_INVALID_TEXT_REPRESENTATION);
}

Datum
state_out(FunctionCallInfo fcinfo)
{
	struct varlena *flat = PG_GETARG_VARLENA_PP(0);

	PG_RETURN_CSTRING(state_text(VARDATA_ANY(flat), VARSIZE_ANY_EXHDR(flat)));
}

Datum
state_recv(FunctionCallInfo fcinfo, const StateKind *kind)
{
	return accept_bytes(DatumGetByteaP(DirectFunctionCall1(bytearecv, PG_GETARG_DATUM(0))), kind,
				  ERRCODE_INVALID_BINARY_REPRESENTATION);
}

Datum
state_send(FunctionCallInfo fcinfo)
{
	PG_RETURN_BYTEA_P(PG_GETARG_BYTEA_P_COPY(0));
}

char *
state_text(const char *bytes, Size length)
{
	char	   *text = palloc(2 * length + 3);

	text[0] = '\\';
	text[1] = 'x';
	text[2 + hex_encode(bytes, length, text + 2)] = '\0';
	return text;
}

void
state_labels(FunctionCallInfo fcinfo, int first, int count, const char **labels, size_t *lengths)
{
	FmgrInfo   *output = fcinfo->flinfo->fn_extra;

	if (output == NULL)
	{
		output = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, count * sizeof(FmgrInfo));
		for (int i = 0; i < count; i++)
		{
			Oid			function;
			bool		varlena;

			getTypeOutputInfo(get_fn_expr_argtype(fcinfo->flinfo, first + i), &function, &varlena);
			fmgr_info_cxt(function, &output[i], fcinfo->flinfo->fn_mcxt);
		}
		fcinfo->flinfo->fn_extra = output;
	}
	for (int i = 0; i < count; i++)
	{
		labels[i] = OutputFunctionCall(&output[i], PG_GETARG_DATUM(first + i));
		lengths[i] = strlen(labels[i]);
	}
}
