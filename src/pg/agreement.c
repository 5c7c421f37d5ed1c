/*-------------------------------------------------------------------------
 *
 * agreement.c
 *	  Aggregates that compare two ways to label the same rows (adjusted_rand,
 *	  normalized_mutual_information), and their state, the type
 *	  predseg.agreement.
 *
 * Labels of any type are compared by their text.  As predseg.roc (metrics.c),
 * the state is an expanded object while it grows, which is flattened to the
 * engine's canonical bytes when it leaves the aggregate.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/expandeddatum.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "compat.h"
#include "errors.h"
#include "metrics.h"
#include "ps_agreement.h"

typedef struct AgreementState
{
	ExpandedObjectHeader header;
	ps_agreement agreement;
	uint8_t    *flat;			/* bytes between get_flat_size and flatten_into */
	size_t		flat_length;
} AgreementState;

static Size agreement_flat_size(ExpandedObjectHeader *object);
static void agreement_flatten(ExpandedObjectHeader *object, void *result, Size allocated_size);

static const ExpandedObjectMethods agreement_methods = {agreement_flat_size, agreement_flatten};

/* Write the state's bytes and tell their size. */
static Size
agreement_flat_size(ExpandedObjectHeader *object)
{
	AgreementState *state = (AgreementState *) object;
	ps_env		env = predseg_env(object->eoh_context);
	ps_error	error;

	if (state->flat != NULL)
		pfree(state->flat);
	state->flat = NULL;
	predseg_check(ps_agreement_write(&env, &state->agreement, &state->flat, &state->flat_length, &error), &error);
	if (state->flat_length > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("there are too many different labels")));
	return state->flat_length + VARHDRSZ;
}

static void
agreement_flatten(ExpandedObjectHeader *object, void *result, Size allocated_size)
{
	AgreementState *state = (AgreementState *) object;

	Assert(allocated_size == state->flat_length + VARHDRSZ);
	SET_VARSIZE(result, allocated_size);
	memcpy(VARDATA(result), state->flat, state->flat_length);
	pfree(state->flat);
	state->flat = NULL;
}

/* Make an empty state below a context. */
static AgreementState *
agreement_create(MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "predseg agreement", ALLOCSET_SMALL_SIZES);
	AgreementState *state = MemoryContextAllocZero(context, sizeof(AgreementState));

	EOH_init_header(&state->header, &agreement_methods, context);
	return state;
}

/* Get a state that may be changed from an argument: the aggregate's own, or a copy below parent. */
static AgreementState *
agreement_open(Datum value, MemoryContext parent)
{
	AgreementState *state;
	struct varlena *flat;
	ps_env		env;
	ps_error	error;

	if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(value)))
	{
		state = (AgreementState *) DatumGetEOHP(value);
		if (state->header.eoh_methods == &agreement_methods &&
			VARATT_IS_EXTERNAL_EXPANDED_RW(DatumGetPointer(value)))
			return state;
	}
	flat = PG_DETOAST_DATUM_PACKED(value);
	state = agreement_create(parent);
	env = predseg_env(state->header.eoh_context);
	predseg_check(ps_agreement_read(&env, (const uint8_t *) VARDATA_ANY(flat), VARSIZE_ANY_EXHDR(flat), &state->agreement,
									&error), &error);
	return state;
}

PG_FUNCTION_INFO_V1(predseg_agreement_add);

/* agreement_add(state, actual, predicted): pairs with a NULL are skipped. */
Datum
predseg_agreement_add(PG_FUNCTION_ARGS)
{
	MemoryContext context = metric_context(fcinfo);
	FmgrInfo   *output = fcinfo->flinfo->fn_extra;
	const char *labels[2];
	size_t		lengths[2];
	AgreementState *state;
	ps_env		env;
	ps_error	error;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	if (output == NULL)
	{
		output = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, 2 * sizeof(FmgrInfo));
		for (int i = 0; i < 2; i++)
		{
			Oid			function;
			bool		varlena;

			getTypeOutputInfo(get_fn_expr_argtype(fcinfo->flinfo, 1 + i), &function, &varlena);
			fmgr_info_cxt(function, &output[i], fcinfo->flinfo->fn_mcxt);
		}
		fcinfo->flinfo->fn_extra = output;
	}
	for (int i = 0; i < 2; i++)
	{
		labels[i] = OutputFunctionCall(&output[i], PG_GETARG_DATUM(1 + i));
		lengths[i] = strlen(labels[i]);
	}
	state = PG_ARGISNULL(0) ? agreement_create(context) : agreement_open(PG_GETARG_DATUM(0), context);
	env = predseg_env(state->header.eoh_context);
	predseg_check(ps_agreement_add(&env, &state->agreement, labels, lengths, 1, &error), &error);
	PG_RETURN_DATUM(EOHPGetRWDatum(&state->header));
}

PG_FUNCTION_INFO_V1(predseg_agreement_merge);

/* Merge two states. */
Datum
predseg_agreement_merge(PG_FUNCTION_ARGS)
{
	MemoryContext context = metric_context(fcinfo);
	AgreementState *state;
	AgreementState *other;
	ps_env		env;
	ps_error	error;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	if (PG_ARGISNULL(0))
		PG_RETURN_DATUM(EOHPGetRWDatum(&agreement_open(PG_GETARG_DATUM(1), context)->header));
	state = agreement_open(PG_GETARG_DATUM(0), context);
	other = agreement_open(PG_GETARG_DATUM(1), CurrentMemoryContext);
	env = predseg_env(state->header.eoh_context);
	predseg_check(ps_agreement_merge(&env, &state->agreement, &other->agreement, &error), &error);
	PG_RETURN_DATUM(EOHPGetRWDatum(&state->header));
}

/* Answer a final function; NULL where it is not defined. */
static Datum
agreement_number(FunctionCallInfo fcinfo, ps_status (*ask) (const ps_env *env, const ps_agreement *agreement,
															double *value, bool *defined, ps_error *error))
{
	AgreementState *state = agreement_open(PG_GETARG_DATUM(0), CurrentMemoryContext);
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_error	error;
	double		value;
	bool		defined;

	predseg_check(ask(&env, &state->agreement, &value, &defined, &error), &error);
	if (!defined)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(value);
}

PG_FUNCTION_INFO_V1(predseg_agreement_rand);

/* The adjusted Rand index. */
Datum
predseg_agreement_rand(PG_FUNCTION_ARGS)
{
	return agreement_number(fcinfo, ps_adjusted_rand);
}

PG_FUNCTION_INFO_V1(predseg_agreement_information);

/* The normalized mutual information. */
Datum
predseg_agreement_information(PG_FUNCTION_ARGS)
{
	return agreement_number(fcinfo, ps_normalized_mutual_information);
}

/* Check bytes from outside and make a value of them. */
static Datum
accept(bytea *bytes, int sqlstate)
{
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_agreement agreement = {0};
	ps_error	error;
	ps_status	status = ps_agreement_read(&env, (const uint8_t *) VARDATA(bytes), VARSIZE(bytes) - VARHDRSZ, &agreement,
										   &error);

	if (status == PS_CORRUPT)
		ereport(ERROR,
				(errcode(sqlstate),
				 errmsg("%s", error.message)));
	predseg_check(status, &error);
	return PointerGetDatum(bytes);
}

PG_FUNCTION_INFO_V1(predseg_agreement_in);

/* Read a state from the hexadecimal text of its bytes. */
Datum
predseg_agreement_in(PG_FUNCTION_ARGS)
{
	return accept(DatumGetByteaP(DirectFunctionCall1(byteain, PG_GETARG_DATUM(0))), ERRCODE_INVALID_TEXT_REPRESENTATION);
}

PG_FUNCTION_INFO_V1(predseg_agreement_out);

/* Write a state as the hexadecimal text of its bytes. */
Datum
predseg_agreement_out(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);

	PG_RETURN_CSTRING(metric_text(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes)));
}

PG_FUNCTION_INFO_V1(predseg_agreement_recv);

/* Read a state from its bytes. */
Datum
predseg_agreement_recv(PG_FUNCTION_ARGS)
{
	return accept(DatumGetByteaP(DirectFunctionCall1(bytearecv, PG_GETARG_DATUM(0))),
				  ERRCODE_INVALID_BINARY_REPRESENTATION);
}

PG_FUNCTION_INFO_V1(predseg_agreement_send);

/* Write a state as its bytes. */
Datum
predseg_agreement_send(PG_FUNCTION_ARGS)
{
	PG_RETURN_BYTEA_P(PG_GETARG_BYTEA_P_COPY(0));
}
