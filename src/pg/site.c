/*-------------------------------------------------------------------------
 *
 * site.c
 *	  See site.h.
 *
 * What a call site knows is in fn_extra.  For a model value it is checked
 * against the datum as it came (a toast pointer or the stored bytes, before
 * detoasting), and not at all for a constant.  A parameter is no constant:
 * PL/pgSQL evaluates an expression again and again in one state, with other
 * values and in between other statements, which may deploy.
 *
 * A whole row t.* costs more to put together and to take apart again than a
 * model costs to ask.  predseg.row_of, which rewrite.c puts in its place, is a
 * call site of its own: it finds the model, and gives its columns as an
 * expanded object that predseg's functions read in place.  Everybody else gets
 * an ordinary composite value of them, made when it is asked for.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "nodes/primnodes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/expandeddatum.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "compat.h"
#include "errors.h"
#include "model.h"
#include "registry.h"
#include "site.h"

/* A site with what tells whether it still holds. */
typedef struct SiteCache
{
	SiteFeed	feed;			/* set if its name and that of row_of are the same constant */
	ExpandedObjectHeader row;	/* of row_of: what it returns */
	Site		site;
	bool		constant;		/* argument 0 is one */
	MemoryContext context;		/* of the model */
	MemoryContext row_context;	/* of the binding, below it */
	struct varlena *raw;		/* the model's datum as it came, or NULL by name */
	char	   *name;			/* or NULL by value */
	const RegistryModel *registered;	/* by name */
	RegistryMoment moment;		/* when it was asked for */
	Oid			row_type;		/* the binding's */
	int32		row_typmod;
	const TypeCacheEntry *row_entry;	/* NULL for RECORD, whose typmod says everything */
	uint64		row_identifier; /* of that type's columns then; ALTER TABLE changes them */
	TupleDesc	desc;
	const NullableDatum *columns;	/* of row_of: its last row */
	bool		takes_numbers;	/* of row_of: its columns are the model's inputs, and may be read as numbers */
	bool		useless;		/* of row_of: the model reads other inputs */
	Datum		flat;			/* of row_of: the last row as a composite datum */
} SiteCache;

/* Is argument 0 written as a constant? */
static bool
model_is_constant(const FmgrInfo *function)
{
	Node	   *call = function->fn_expr;

	return call != NULL && IsA(call, FuncExpr) && IsA(linitial(((FuncExpr *) call)->args), Const);
}

/* Forget what the call site knows, and start again in an empty context. */
static SiteCache *
cache_reset(FunctionCallInfo fcinfo, SiteCache *cache)
{
	if (cache == NULL)
	{
		cache = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(SiteCache));
		cache->context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt, "predseg call", ALLOCSET_DEFAULT_SIZES);
		fcinfo->flinfo->fn_extra = cache;
	}
	else
	{
		MemoryContext context = cache->context;

		MemoryContextReset(context);
		memset(cache, 0, sizeof(SiteCache));
		cache->context = context;
	}
	cache->constant = model_is_constant(fcinfo->flinfo);
	return cache;
}

/* Get the opened model of argument 0, a value. */
static SiteCache *
cache_for_value(FunctionCallInfo fcinfo)
{
	SiteCache  *cache = fcinfo->flinfo->fn_extra;
	struct varlena *raw = (struct varlena *) PG_GETARG_POINTER(0);
	MemoryContext old;

	if (cache != NULL && cache->site.model != NULL &&
		(cache->constant ||
		 (VARSIZE_ANY(cache->raw) == VARSIZE_ANY(raw) &&
		  memcmp(cache->raw, raw, VARSIZE_ANY(raw)) == 0)))
		return cache;
	cache = cache_reset(fcinfo, cache);
	old = MemoryContextSwitchTo(cache->context);
	cache->raw = palloc(VARSIZE_ANY(raw));
	memcpy(cache->raw, raw, VARSIZE_ANY(raw));
	cache->site.model = model_open(PointerGetDatum(raw));
	MemoryContextSwitchTo(old);
	return cache;
}

/* Is this the name of the model that the call site knows? */
static bool
is_name_of(const SiteCache *cache, const text *name)
{
	return strlen(cache->name) == VARSIZE_ANY_EXHDR(name) &&
		memcmp(cache->name, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)) == 0;
}

/* Get the opened model deployed under the name in argument 0; without one, an error or NULL. */
static SiteCache *
cache_for_name(FunctionCallInfo fcinfo, bool report)
{
	SiteCache  *cache = fcinfo->flinfo->fn_extra;
	MemoryContext old;

	if (cache != NULL && cache->site.model != NULL && registry_is_current(cache->registered, &cache->moment) &&
		(cache->constant || is_name_of(cache, PG_GETARG_TEXT_PP(0))))
		return cache;
	cache = cache_reset(fcinfo, cache);
	old = MemoryContextSwitchTo(cache->context);
	cache->name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	MemoryContextSwitchTo(old);
	cache->registered = report ? registry_deployed(cache->name, cache->context) :
		registry_find(cache->name, cache->context);
	if (cache->registered == NULL)
		return NULL;
	cache->moment = registry_moment();
	cache->site.model = cache->registered->model;
	return cache;
}

/* Map the columns of desc to the model's inputs, in the current memory context. */
static void
bind_columns(SiteCache *cache)
{
	const ps_model *model = cache->site.model;

	cache->site.binding = row_bind(cache->desc, model->inputs, model->ninputs, model->time_zone);
	cache->site.values = palloc(Max(cache->desc->natts, 1) * sizeof(Datum));
	cache->site.nulls = palloc(Max(cache->desc->natts, 1) * sizeof(bool));
	cache->site.cells = palloc0(Max(model->ninputs, 1) * sizeof(ps_cell));
}

/* Map the columns of the row's type to the model's inputs. */
static void
cache_bind(SiteCache *cache, HeapTupleHeader row)
{
	MemoryContext old;

	if (cache->site.binding != NULL &&
		cache->row_type == HeapTupleHeaderGetTypeId(row) &&
		cache->row_typmod == HeapTupleHeaderGetTypMod(row) &&
		(cache->row_entry == NULL || cache->row_entry->tupDesc_identifier == cache->row_identifier))
		return;
	if (cache->row_context == NULL)
		cache->row_context = AllocSetContextCreate(cache->context, "predseg row", ALLOCSET_SMALL_SIZES);
	cache->site.binding = NULL;
	MemoryContextReset(cache->row_context);
	old = MemoryContextSwitchTo(cache->row_context);
	cache->row_type = HeapTupleHeaderGetTypeId(row);
	cache->row_typmod = HeapTupleHeaderGetTypMod(row);
	cache->row_entry = cache->row_type == RECORDOID ? NULL : lookup_type_cache(cache->row_type, TYPECACHE_TUPDESC);
	if (cache->row_entry != NULL)
		cache->row_identifier = cache->row_entry->tupDesc_identifier;
	cache->desc = lookup_rowtype_tupdesc_copy(cache->row_type, cache->row_typmod);
	bind_columns(cache);
	MemoryContextSwitchTo(old);
}

/* The row_of whose row this is. */
static SiteCache *
row_cache(ExpandedObjectHeader *row)
{
	return (SiteCache *) ((char *) row - offsetof(SiteCache, row));
}

/* Deform the columns of row_of. */
static void
copy_columns(SiteCache *cache)
{
	for (int i = 0; i < cache->desc->natts; i++)
	{
		cache->site.values[i] = cache->columns[i].value;
		cache->site.nulls[i] = cache->columns[i].isnull;
	}
}

/* Make the row of row_of a composite datum, and say how long it is. */
static Size
row_of_flat_size(ExpandedObjectHeader *row)
{
	SiteCache  *cache = row_cache(row);
	TupleDesc	desc = CreateTupleDescCopy(cache->desc);

	copy_columns(cache);
	desc->tdtypeid = RECORDOID;
	BlessTupleDesc(desc);
	cache->flat = heap_copy_tuple_as_datum(heap_form_tuple(desc, cache->site.values, cache->site.nulls), desc);
	return VARSIZE(DatumGetPointer(cache->flat));
}

static void
row_of_flatten(ExpandedObjectHeader *row, void *result, Size size)
{
	SiteCache  *cache = row_cache(row);

	memcpy(result, DatumGetPointer(cache->flat), size);
}

static const ExpandedObjectMethods row_of_methods = {row_of_flat_size, row_of_flatten};

/* Get the row of argument 1 where it comes from row_of for the name in argument 0, otherwise NULL. */
static SiteCache *
cache_of_row(FunctionCallInfo fcinfo)
{
	Pointer		row = DatumGetPointer(PG_GETARG_DATUM(1));
	SiteCache  *own = fcinfo->flinfo->fn_extra;
	ExpandedObjectHeader *header;
	SiteCache  *cache;

	if (!VARATT_IS_EXTERNAL_EXPANDED(row))
		return NULL;
	header = DatumGetEOHP(PointerGetDatum(row));
	cache = row_cache(header);
	if (own != NULL && own->feed.site == &cache->site)
		return cache;
	if (header->eoh_methods != &row_of_methods || !is_name_of(cache, PG_GETARG_TEXT_PP(0)))
		return NULL;
	own = cache_reset(fcinfo, own);
	if (own->constant && cache->constant)
		own->feed = (SiteFeed) {EOHPGetRODatum(&cache->row), &cache->site};
	return cache;
}

const Site *
site_read(FunctionCallInfo fcinfo, bool by_name, const RowMoment *moment)
{
	SiteCache  *cache = by_name ? cache_of_row(fcinfo) : NULL;

	if (cache != NULL)
		copy_columns(cache);
	else
	{
		HeapTupleHeader row = PG_GETARG_HEAPTUPLEHEADER(1);
		HeapTupleData tuple;

		cache = by_name ? cache_for_name(fcinfo, true) : cache_for_value(fcinfo);
		cache_bind(cache, row);
		tuple.t_len = HeapTupleHeaderGetDatumLength(row);
		ItemPointerSetInvalid(&tuple.t_self);
		tuple.t_tableOid = InvalidOid;
		tuple.t_data = row;
		heap_deform_tuple(&tuple, cache->desc, cache->site.values, cache->site.nulls);
	}
	return row_read(cache->site.binding, cache->site.values, cache->site.nulls, moment, cache->site.cells) ?
		&cache->site : NULL;
}

/* Read an array of names without NULLs; *count receives how many. */
static char **
read_names(Datum array, int *count)
{
	Datum	   *texts;
	char	  **names;

	if (array_contains_nulls(DatumGetArrayTypeP(array)))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_OPTION),
				 errmsg("names must not be NULL")));
	deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &texts, NULL, count);
	names = palloc(Max(*count, 1) * sizeof(char *));
	for (int i = 0; i < *count; i++)
		names[i] = TextDatumGetCString(texts[i]);
	return names;
}

/* Are these the inputs of a model, in this order? */
static bool
has_inputs(const ps_model *model, char **names, int count)
{
	if ((size_t) count != model->ninputs)
		return false;
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], model->inputs[i].name) != 0)
			return false;
	return true;
}

#define ROW_OF_FIXED 3			/* arguments before the columns */

/* Look at the inputs, names and types that row_of is given. */
static void
row_of_begin(SiteCache *cache, FunctionCallInfo fcinfo)
{
	int			columns = PG_NARGS() - ROW_OF_FIXED;
	int			ninputs;
	char	  **inputs;
	int			nnames;
	char	  **names;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || get_fn_expr_variadic(fcinfo->flinfo))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_OPTION),
				 errmsg("predseg.row_of needs two arrays of names, and the columns one by one")));
	inputs = read_names(PG_GETARG_DATUM(1), &ninputs);
	names = read_names(PG_GETARG_DATUM(2), &nnames);
	if (nnames != columns)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_OPTION),
				 errmsg("%d names do not fit %d columns", nnames, columns)));
	cache->useless = !has_inputs(cache->site.model, inputs, ninputs);
	if (cache->useless)
		return;
	cache->desc = CreateTemplateTupleDesc(columns);
	cache->desc->tdtypeid = InvalidOid; /* not a record's, whose names may be made up */
	for (int i = 0; i < columns; i++)
		TupleDescInitEntry(cache->desc, (AttrNumber) (i + 1), names[i],
						   get_fn_expr_argtype(fcinfo->flinfo, i + ROW_OF_FIXED), -1, 0);
	bind_columns(cache);
	cache->takes_numbers = cache->site.model->takes_numbers && cache->site.binding->are_numbers;
	EOH_init_header(&cache->row, &row_of_methods, cache->context);
}

PG_FUNCTION_INFO_V1(predseg_row_of);

/*
 * row_of(name, inputs, names, ...): the columns as a row, or NULL unless the
 * model deployed under the name has these inputs.  inputs and names are those
 * of the first call at a place.
 */
Datum
predseg_row_of(PG_FUNCTION_ARGS)
{
	SiteCache  *cache = PG_ARGISNULL(0) ? NULL : cache_for_name(fcinfo, false);

	if (cache == NULL)
		PG_RETURN_NULL();
	if (cache->site.binding == NULL && !cache->useless)
	{
		MemoryContext old = MemoryContextSwitchTo(cache->context);

		row_of_begin(cache, fcinfo);
		MemoryContextSwitchTo(old);
	}
	if (cache->useless)
		PG_RETURN_NULL();
	if (cache->columns != fcinfo->args + ROW_OF_FIXED)
	{
		cache->columns = fcinfo->args + ROW_OF_FIXED;
		if (cache->takes_numbers)
			cache->site.numbers = row_numbers(cache->columns);
	}
	return EOHPGetRODatum(&cache->row);
}
