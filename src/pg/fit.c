/*-------------------------------------------------------------------------
 *
 * fit.c
 *	  The aggregate predseg.fit(method, row [, options]): one model per group.
 *
 * The state holds all rows of its group as a frame, so there is no combine
 * function.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "compat.h"
#include "errors.h"
#include "ingest.h"
#include "model.h"

typedef struct FitState
{
	Ingest	   *ingest;
	struct varlena *method;		/* as the first row gave it */
	struct varlena *options;	/* or NULL */
	TupleDesc	desc;
	Datum	   *values;
	bool	   *nulls;
} FitState;

/* Get an argument; NULL where it is missing or NULL. */
static struct varlena *
get_argument(FunctionCallInfo fcinfo, int argument)
{
	if (argument >= PG_NARGS() || PG_ARGISNULL(argument))
		return NULL;
	return PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(argument));
}

/* Copy such an argument. */
static struct varlena *
copy_argument(FunctionCallInfo fcinfo, int argument)
{
	struct varlena *value = get_argument(fcinfo, argument);

	return value == NULL ? NULL : memcpy(palloc(VARSIZE_ANY(value)), value, VARSIZE_ANY(value));
}

/* Refuse an argument that is not the first row's. */
static void
check_argument(FunctionCallInfo fcinfo, int argument, const char *name, struct varlena *first)
{
	struct varlena *value = get_argument(fcinfo, argument);

	if (value == NULL && first == NULL)
		return;
	if (value == NULL || first == NULL || VARSIZE_ANY_EXHDR(value) != VARSIZE_ANY_EXHDR(first) ||
		memcmp(VARDATA_ANY(value), VARDATA_ANY(first), VARSIZE_ANY_EXHDR(first)) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_OPTION),
				 errmsg("argument \"%s\" of predseg.fit is not the same in all rows of a group", name),
				 errhint("For one model of each, add it to GROUP BY.")));
}

/* Begin a group at its first row. */
static FitState *
fit_begin(FunctionCallInfo fcinfo, MemoryContext aggregate_context, HeapTupleHeader row)
{
	MemoryContext context = AllocSetContextCreate(aggregate_context, "predseg fit", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	FitState   *state = palloc0(sizeof(FitState));
	ps_value   *options = PG_NARGS() > 3 && !PG_ARGISNULL(3) ? value_from_jsonb(PG_GETARG_JSONB_P(3)) : NULL;

	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_OPTION),
				 errmsg("the method must not be NULL"),
				 errhint("Methods are: %s.", ps_learner_names())));
	state->ingest = ingest_create(context, text_to_cstring(PG_GETARG_TEXT_PP(1)), options);
	state->method = copy_argument(fcinfo, 1);
	state->options = copy_argument(fcinfo, 3);
	state->desc = lookup_rowtype_tupdesc_copy(HeapTupleHeaderGetTypeId(row), HeapTupleHeaderGetTypMod(row));
	state->values = palloc(Max(state->desc->natts, 1) * sizeof(Datum));
	state->nulls = palloc(Max(state->desc->natts, 1) * sizeof(bool));
	ingest_start(state->ingest, state->desc);
	MemoryContextSwitchTo(old);
	return state;
}

PG_FUNCTION_INFO_V1(predseg_fit_accumulate);

/* Add a row; a NULL row (of an outer join) is no row. */
Datum
predseg_fit_accumulate(PG_FUNCTION_ARGS)
{
	MemoryContext aggregate_context;
	FitState   *state = PG_ARGISNULL(0) ? NULL : (FitState *) PG_GETARG_POINTER(0);
	HeapTupleHeader row;
	HeapTupleData tuple;

	if (!AggCheckCallContext(fcinfo, &aggregate_context))
		elog(ERROR, "predseg_fit_accumulate called in non-aggregate context");
	if (!PG_ARGISNULL(2))
	{
		row = PG_GETARG_HEAPTUPLEHEADER(2);
		if (state == NULL)
			state = fit_begin(fcinfo, aggregate_context, row);
		else
		{
			check_argument(fcinfo, 1, "method", state->method);
			check_argument(fcinfo, 3, "options", state->options);
		}
		if (HeapTupleHeaderGetTypeId(row) != state->desc->tdtypeid || HeapTupleHeaderGetTypMod(row) != state->desc->tdtypmod)
			ereport(ERROR,
					(errcode(ERRCODE_PREDSEG_WRONG_TYPE),
					 errmsg("the rows are of different types"),
					 errdetail("Row " INT64_FORMAT " does not have the columns of the first one.", state->ingest->rows + 1),
					 errhint("Pass whole rows of one table, view or sub-query as t.*.")));
		tuple.t_len = HeapTupleHeaderGetDatumLength(row);
		ItemPointerSetInvalid(&tuple.t_self);
		tuple.t_tableOid = InvalidOid;
		tuple.t_data = row;
		heap_deform_tuple(&tuple, state->desc, state->values, state->nulls);
		ingest_row(state->ingest, state->values, state->nulls);
	}
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(predseg_fit_finish);

/* Learn from the group's rows; NULL without any. */
Datum
predseg_fit_finish(PG_FUNCTION_ARGS)
{
	FitState   *state;
	Ingest	   *ingest;
	ps_error	error;
	ps_value   *document;
	ps_model   *model;
	MemoryContext old;
	Datum		result;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (FitState *) PG_GETARG_POINTER(0);
	ingest = state->ingest;
	document = ingest_fit(ingest);

	/* Without a hold-out the bands come from the training scores. */
	old = MemoryContextSwitchTo(ingest->context);
	ingest_check(ingest, ps_model_open(&ingest->env, document, &model, &error), &error);
	ingest_check(ingest, ps_model_set_bands(&ingest->env, document, model, ingest->frame, &error), &error);
	MemoryContextSwitchTo(old);
	predseg_raise_notes(ingest->notes);
	result = model_datum(document);
	PG_RETURN_DATUM(result);
}
