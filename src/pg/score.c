/*-------------------------------------------------------------------------
 *
 * score.c
 *	  Questions to models from SQL: score, intent_score, band,
 *	  churn_probability, p_alive, expected_purchases, clv, cluster.
 *
 * Each comes as f(model, row, ...), a pure function of its arguments, and as
 * f(name, row, ...), which asks the version deployed under that name.  Both
 * run through ask().
 *
 * A call site keeps the opened model and the mapping of the row's columns in
 * fn_extra.  For a model value the cache is checked against the datum as it
 * came (a toast pointer or the stored bytes, before detoasting), and not at
 * all for a constant.  A parameter is no constant: PL/pgSQL evaluates an
 * expression again and again in one state, with other values and in between
 * other statements, which may deploy.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "nodes/primnodes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "compat.h"
#include "errors.h"
#include "model.h"
#include "registry.h"
#include "row.h"

typedef struct AskCache
{
	MemoryContext context;		/* of the model and the binding */
	struct varlena *raw;		/* the model's datum as it came, or NULL by name */
	char	   *name;			/* or NULL by value */
	const RegistryModel *registered;	/* by name */
	RegistryMoment moment;		/* when it was asked for */
	const ps_model *model;

	Oid			row_type;		/* the binding's */
	int32		row_typmod;
	TupleDesc	desc;
	RowBinding *binding;
	Datum	   *values;
	bool	   *nulls;
	ps_cell    *cells;
} AskCache;

/* Forget what the call site knows, and start again in an empty context. */
static AskCache *
cache_reset(FunctionCallInfo fcinfo, AskCache *cache)
{
	if (cache == NULL)
	{
		cache = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(AskCache));
		cache->context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt, "predseg score", ALLOCSET_DEFAULT_SIZES);
		fcinfo->flinfo->fn_extra = cache;
	}
	else
	{
		MemoryContext context = cache->context;

		MemoryContextReset(context);
		memset(cache, 0, sizeof(AskCache));
		cache->context = context;
	}
	return cache;
}

/* Is argument 0 written as a constant? */
static bool
model_is_constant(const FmgrInfo *function)
{
	Node	   *call = function->fn_expr;

	return call != NULL && IsA(call, FuncExpr) && IsA(linitial(((FuncExpr *) call)->args), Const);
}

/* Get the opened model of argument 0, a value. */
static AskCache *
cache_for_value(FunctionCallInfo fcinfo)
{
	AskCache   *cache = fcinfo->flinfo->fn_extra;
	struct varlena *raw = (struct varlena *) PG_GETARG_POINTER(0);
	MemoryContext old;

	if (cache != NULL && cache->model != NULL &&
		(model_is_constant(fcinfo->flinfo) ||
		 (VARSIZE_ANY(cache->raw) == VARSIZE_ANY(raw) &&
		  memcmp(cache->raw, raw, VARSIZE_ANY(raw)) == 0)))
		return cache;
	cache = cache_reset(fcinfo, cache);
	old = MemoryContextSwitchTo(cache->context);
	cache->raw = palloc(VARSIZE_ANY(raw));
	memcpy(cache->raw, raw, VARSIZE_ANY(raw));
	cache->model = model_open(PointerGetDatum(raw));
	MemoryContextSwitchTo(old);
	return cache;
}

/* Get the opened model deployed under the name in argument 0. */
static AskCache *
cache_for_name(FunctionCallInfo fcinfo)
{
	AskCache   *cache = fcinfo->flinfo->fn_extra;
	text	   *name = PG_GETARG_TEXT_PP(0);
	MemoryContext old;

	if (cache != NULL && cache->model != NULL && registry_is_current(cache->registered, &cache->moment) &&
		strlen(cache->name) == VARSIZE_ANY_EXHDR(name) &&
		memcmp(cache->name, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)) == 0)
		return cache;
	cache = cache_reset(fcinfo, cache);
	old = MemoryContextSwitchTo(cache->context);
	cache->name = text_to_cstring(name);
	MemoryContextSwitchTo(old);
	cache->registered = registry_deployed(cache->name, cache->context);
	cache->moment = registry_moment();
	cache->model = cache->registered->model;
	return cache;
}

/* Map the columns of the row's type to the model's inputs. */
static void
cache_bind(AskCache *cache, HeapTupleHeader row)
{
	MemoryContext old;

	if (cache->binding != NULL &&
		cache->row_type == HeapTupleHeaderGetTypeId(row) &&
		cache->row_typmod == HeapTupleHeaderGetTypMod(row))
		return;
	old = MemoryContextSwitchTo(cache->context);
	cache->row_type = HeapTupleHeaderGetTypeId(row);
	cache->row_typmod = HeapTupleHeaderGetTypMod(row);
	cache->desc = lookup_rowtype_tupdesc_copy(cache->row_type, cache->row_typmod);
	cache->binding = row_bind(cache->desc, cache->model->inputs, cache->model->ninputs,
							  cache->model->time_zone);
	cache->values = palloc(Max(cache->desc->natts, 1) * sizeof(Datum));
	cache->nulls = palloc(Max(cache->desc->natts, 1) * sizeof(bool));
	cache->cells = palloc0(Max(cache->model->ninputs, 1) * sizeof(ps_cell));
	MemoryContextSwitchTo(old);
}

/*
 * Ask the model of argument 0 about the row of argument 1.  Returns false
 * when the answer is NULL.
 */
static bool
ask(FunctionCallInfo fcinfo, bool by_name, ps_question question,
	const ps_request *request, const RowMoment *moment, ps_answer *answer, AskCache **cache_out)
{
	HeapTupleHeader row = PG_GETARG_HEAPTUPLEHEADER(1);
	AskCache   *cache = by_name ? cache_for_name(fcinfo) : cache_for_value(fcinfo);
	HeapTupleData tuple;
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_error	error;

	cache_bind(cache, row);
	tuple.t_len = HeapTupleHeaderGetDatumLength(row);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = row;
	heap_deform_tuple(&tuple, cache->desc, cache->values, cache->nulls);
	if (!row_read(cache->binding, cache->values, cache->nulls, moment, cache->cells))
		return false;
	predseg_check(ps_model_ask(&env, cache->model, question, cache->cells, request, answer, &error), &error);
	*cache_out = cache;
	return !answer->null;
}

/*
 * Ask with the optional arguments a function has: the positions of horizon,
 * discount and as_of, or -1.  A NULL model or row gives NULL.
 */
static Datum
ask_number(FunctionCallInfo fcinfo, bool by_name, ps_question question, int horizon, int discount, int as_of)
{
	ps_request	request = {false, 0, 0};
	RowMoment	moment = {false, 0, by_name};
	ps_answer	answer;
	AskCache   *cache;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (horizon >= 0 && !PG_ARGISNULL(horizon))
	{
		if (INTERVAL_NOT_FINITE(PG_GETARG_INTERVAL_P(horizon)))
			ereport(ERROR,
					(errcode(ERRCODE_PREDSEG_INVALID_DATA),
					 errmsg("horizon must be finite"),
					 errhint("Only predseg.clv looks ahead without end: with a horizon of NULL and a discount.")));
		request.has_horizon = true;
		request.horizon = row_interval_days(PG_GETARG_INTERVAL_P(horizon));
	}
	if (discount >= 0 && !PG_ARGISNULL(discount))
		request.discount = PG_GETARG_FLOAT8(discount);
	if (as_of >= 0 && !PG_ARGISNULL(as_of))
	{
		moment.given = true;
		moment.day = PG_GETARG_DATEADT(as_of);
	}
	if (!ask(fcinfo, by_name, question, &request, &moment, &answer, &cache))
		PG_RETURN_NULL();
	if (question == PS_ASK_CLUSTER)
		PG_RETURN_INT32((int32) answer.number);
	PG_RETURN_FLOAT8(answer.number);
}

/* Define the two SQL functions, by value and by name, of a question. */
#define ASK_FUNCTIONS(sql_name, question, horizon, discount, as_of) \
PG_FUNCTION_INFO_V1(predseg_##sql_name##_by_value); \
Datum \
predseg_##sql_name##_by_value(PG_FUNCTION_ARGS) \
{ \
	return ask_number(fcinfo, false, question, horizon, discount, as_of); \
} \
PG_FUNCTION_INFO_V1(predseg_##sql_name##_by_name); \
Datum \
predseg_##sql_name##_by_name(PG_FUNCTION_ARGS) \
{ \
	return ask_number(fcinfo, true, question, horizon, discount, as_of); \
} \
extern Datum predseg_##sql_name##_by_name(PG_FUNCTION_ARGS)

ASK_FUNCTIONS(score, PS_ASK_SCORE, -1, -1, -1);
ASK_FUNCTIONS(intent_score, PS_ASK_PROBABILITY, -1, -1, -1);
ASK_FUNCTIONS(churn_probability, PS_ASK_CHURN, 2, -1, 3);
ASK_FUNCTIONS(p_alive, PS_ASK_ALIVE, 2, -1, 3);
ASK_FUNCTIONS(expected_purchases, PS_ASK_PURCHASES, 2, -1, 3);
ASK_FUNCTIONS(clv, PS_ASK_VALUE, 2, 3, 4);
ASK_FUNCTIONS(cluster, PS_ASK_CLUSTER, -1, -1, -1);

/* The band of a row's probability, by the cuts frozen in the model. */
static Datum
ask_band(FunctionCallInfo fcinfo, bool by_name)
{
	ps_request	request = {false, 0, 0};
	RowMoment	moment = {false, 0, by_name};
	ps_answer	answer;
	AskCache   *cache;

	if (!ask(fcinfo, by_name, PS_ASK_PROBABILITY, &request, &moment, &answer, &cache))
		PG_RETURN_NULL();
	if (cache->model->ncuts == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_WRONG_MODEL),
				 errmsg("the model has no bands of its own"),
				 errhint("Give the cuts: predseg.band(score, ARRAY[0.2, 0.5], ARRAY['low', 'medium', 'high']).")));
	PG_RETURN_TEXT_P(cstring_to_text(ps_band_label(cache->model->cuts, cache->model->ncuts,
												   cache->model->labels, answer.number)));
}

PG_FUNCTION_INFO_V1(predseg_band_by_value);
Datum
predseg_band_by_value(PG_FUNCTION_ARGS)
{
	return ask_band(fcinfo, false);
}

PG_FUNCTION_INFO_V1(predseg_band_by_name);
Datum
predseg_band_by_name(PG_FUNCTION_ARGS)
{
	return ask_band(fcinfo, true);
}

PG_FUNCTION_INFO_V1(predseg_band_by_hand);

/* band(score, cuts, labels): the label of a number by ascending cuts, one label more than cuts. */
Datum
predseg_band_by_hand(PG_FUNCTION_ARGS)
{
	double		score = PG_GETARG_FLOAT8(0);
	Datum	   *cuts;
	Datum	   *labels;
	int			ncuts;
	int			nlabels;
	int			band = 0;

	if (array_contains_nulls(PG_GETARG_ARRAYTYPE_P(1)) || array_contains_nulls(PG_GETARG_ARRAYTYPE_P(2)))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_OPTION),
				 errmsg("cuts and labels must not contain NULL")));
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
					  &cuts, NULL, &ncuts);
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(2), TEXTOID, -1, false, TYPALIGN_INT, &labels, NULL, &nlabels);
	if (nlabels != ncuts + 1)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_OPTION),
				 errmsg("%d cuts need %d labels, but there are %d", ncuts, ncuts + 1, nlabels)));
	if (isnan(score))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_DATA),
				 errmsg("the score is NaN")));
	for (int i = 0; i < ncuts; i++)
	{
		double		cut = DatumGetFloat8(cuts[i]);

		if (isnan(cut) || (i > 0 && cut <= DatumGetFloat8(cuts[i - 1])))
			ereport(ERROR,
					(errcode(ERRCODE_PREDSEG_INVALID_OPTION),
					 errmsg("cuts must be ascending numbers"),
					 errdetail("Cut %d is %g.", i + 1, cut)));
		if (score >= cut)
			band = i + 1;
	}
	PG_RETURN_DATUM(labels[band]);
}
