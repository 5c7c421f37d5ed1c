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
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "nodes/primnodes.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "compat.h"
#include "model.h"
#include "registry.h"
#include "site.h"

/* A site with what tells whether it still holds. */
typedef struct SiteCache
{
	Site		site;
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
} SiteCache;

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
static SiteCache *
cache_for_value(FunctionCallInfo fcinfo)
{
	SiteCache  *cache = fcinfo->flinfo->fn_extra;
	struct varlena *raw = (struct varlena *) PG_GETARG_POINTER(0);
	MemoryContext old;

	if (cache != NULL && cache->site.model != NULL &&
		(model_is_constant(fcinfo->flinfo) ||
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

/* Get the opened model deployed under the name in argument 0. */
static SiteCache *
cache_for_name(FunctionCallInfo fcinfo)
{
	SiteCache  *cache = fcinfo->flinfo->fn_extra;
	text	   *name = PG_GETARG_TEXT_PP(0);
	MemoryContext old;

	if (cache != NULL && cache->site.model != NULL && registry_is_current(cache->registered, &cache->moment) &&
		strlen(cache->name) == VARSIZE_ANY_EXHDR(name) &&
		memcmp(cache->name, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)) == 0)
		return cache;
	cache = cache_reset(fcinfo, cache);
	old = MemoryContextSwitchTo(cache->context);
	cache->name = text_to_cstring(name);
	MemoryContextSwitchTo(old);
	cache->registered = registry_deployed(cache->name, cache->context);
	cache->moment = registry_moment();
	cache->site.model = cache->registered->model;
	return cache;
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
	cache->site.binding = row_bind(cache->desc, cache->site.model->inputs, cache->site.model->ninputs);
	cache->site.values = palloc(Max(cache->desc->natts, 1) * sizeof(Datum));
	cache->site.nulls = palloc(Max(cache->desc->natts, 1) * sizeof(bool));
	cache->site.cells = palloc0(Max(cache->site.model->ninputs, 1) * sizeof(ps_cell));
	MemoryContextSwitchTo(old);
}

const Site *
site_read(FunctionCallInfo fcinfo, bool by_name, const RowMoment *moment)
{
	HeapTupleHeader row = PG_GETARG_HEAPTUPLEHEADER(1);
	SiteCache  *cache = by_name ? cache_for_name(fcinfo) : cache_for_value(fcinfo);
	Site	   *site = &cache->site;
	HeapTupleData tuple;

	cache_bind(cache, row);
	tuple.t_len = HeapTupleHeaderGetDatumLength(row);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = row;
	heap_deform_tuple(&tuple, cache->desc, site->values, site->nulls);
	return row_read(site->binding, site->values, site->nulls, moment, site->cells) ? site : NULL;
}
