/*-------------------------------------------------------------------------
 *
 * fit.c
 *	  The aggregate predseg.fit(method, row [, options]): one model per group.
 *
 * The state holds all rows of its group as a frame, so there is no combine
 * function.
 *
 * One group with too little data must not keep the others from their models:
 * it gets NULL, with a warning.  An aggregate does not know its group's key, so
 * the warning names the columns that have one value in all of its rows, which
 * those of GROUP BY do.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
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
	bool		error_on_too_little_data;
	Datum	   *first_values;	/* of the first row */
	bool	   *first_nulls;
	bool	   *constant;		/* columns of which all rows have the first one's value */
} FitState;

/* Columns and bytes of a value that a warning shows at most. */
#define SHOWN_COLUMNS 4
#define SHOWN_BYTES 60

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

/*
 * Take the option that is fit()'s own out of the others, which go to the
 * method; true when too little data is to be an error.
 */
static bool
take_own_option(ps_value **options)
{
	static const char name[] = "on_too_little_data";
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_error	error;
	const ps_value *value = ps_value_get(*options, name);
	ps_value   *others;

	if (value == NULL)
		return false;
	if (value->type != PS_STRING || (strcmp(value->text, "null") != 0 && strcmp(value->text, "error") != 0))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_OPTION),
				 errmsg("option \"%s\" must be \"null\" or \"error\"", name)));
	predseg_check(ps_value_object(&env, &others, &error), &error);
	for (size_t i = 0; i < (*options)->count; i++)
		if (strcmp((*options)->names[i], name) != 0)
			predseg_check(ps_value_set(&env, others, (*options)->names[i], (*options)->items[i], &error), &error);
	*options = others;
	return strcmp(value->text, "error") == 0;
}

/* Keep the first row, of which all columns are still constant. */
static void
keep_first_row(FitState *state, HeapTuple tuple)
{
	HeapTuple	copy = heap_copytuple(tuple);
	int			natts = Max(state->desc->natts, 1);

	state->first_values = palloc(natts * sizeof(Datum));
	state->first_nulls = palloc(natts * sizeof(bool));
	state->constant = palloc(natts * sizeof(bool));
	heap_deform_tuple(copy, state->desc, state->first_values, state->first_nulls);
	for (int i = 0; i < state->desc->natts; i++)
		state->constant[i] = !TupleDescAttr(state->desc, i)->attisdropped && !state->first_nulls[i];
}

/* Forget the columns of which the row in state has another value than the first one. */
static void
compare_with_first_row(FitState *state)
{
	for (int i = 0; i < state->desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(state->desc, i);

		if (state->constant[i])
			state->constant[i] = !state->nulls[i] &&
				datum_image_eq(state->values[i], state->first_values[i], attribute->attbyval, attribute->attlen);
	}
}

/* Say which values all rows of the group share: "channel = search, ...". */
static char *
describe_group(const FitState *state)
{
	StringInfoData text;
	int			shown = 0;

	initStringInfo(&text);
	for (int i = 0; i < state->desc->natts && shown < SHOWN_COLUMNS; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(state->desc, i);
		Oid			output;
		bool		is_varlena;
		char	   *value;
		int			length;

		if (!state->constant[i])
			continue;
		getTypeOutputInfo(attribute->atttypid, &output, &is_varlena);
		value = OidOutputFunctionCall(output, state->first_values[i]);
		length = pg_mbcliplen(value, (int) strlen(value), SHOWN_BYTES);
		appendStringInfo(&text, "%s%s = %.*s%s", shown > 0 ? ", " : "", NameStr(attribute->attname), length, value,
						 value[length] != '\0' ? "..." : "");
		shown++;
	}
	return text.data;
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
	state->error_on_too_little_data = take_own_option(&options);
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
		if (state->first_values == NULL)
		{
			MemoryContext old = MemoryContextSwitchTo(state->ingest->context);

			keep_first_row(state, &tuple);
			MemoryContextSwitchTo(old);
		}
		else
			compare_with_first_row(state);
		ingest_row(state->ingest, state->values, state->nulls);
	}
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(predseg_fit_finish);

/* Learn from the group's rows; NULL without any, and where they are too little unless that is to be an error. */
Datum
predseg_fit_finish(PG_FUNCTION_ARGS)
{
	FitState   *state;
	ps_error	error;
	ps_status	status;
	ps_value   *document;
	char	   *group;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (FitState *) PG_GETARG_POINTER(0);
	status = ingest_fit(state->ingest, &document, &error);
	if (status == PS_OK)
	{
		predseg_raise_notes(state->ingest->notes);
		PG_RETURN_DATUM(model_datum(document));
	}
	if (state->error_on_too_little_data)
		predseg_check(status, &error);
	group = describe_group(state);
	ereport(WARNING,
			(errcode(ERRCODE_PREDSEG_TOO_LITTLE_DATA),
			 errmsg("no model for a group of " INT64_FORMAT " rows: %s", state->ingest->rows, error.message),
			 group[0] != '\0' ? errdetail("All rows of the group have %s.", group) : 0,
			 errhint("%s%sWith the option {\"on_too_little_data\": \"error\"} it is an error.", error.hint,
					 error.hint[0] != '\0' ? " " : "")));
	PG_RETURN_NULL();
}
