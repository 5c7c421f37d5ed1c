/*-------------------------------------------------------------------------
 *
 * refresh.c
 *	  refresh(): from the materialized views to the log of changes.
 *
 * 1. Lock the segments, in the order of names.
 * 2. Find out what each depends on. This is undone again in a rolled-back
 *	  subtransaction, which lets go of the locks on the views: kept, they would
 *	  make two refreshes that both need a plain REFRESH wait for each other.
 * 3. Refresh each materialized view once, as the caller; PostgreSQL itself
 *	  switches to the view's owner.
 * 4. Under one snapshot for all segments, so that they agree with each other:
 *	  evaluate each as its owner, compare with the members, write members and
 *	  history.
 * 5. Give positions to all changes at once and notify: only this last step
 *	  keeps other refreshes waiting.
 *
 * What goes wrong with one segment or one view is undone by a subtransaction
 * and holds the segments concerned; errors that concern the session or the
 * whole transaction (cancel, shutdown, out of memory, serialization) end the
 * refresh.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "authority.h"
#include "change.h"
#include "compat.h"
#include "errors.h"
#include "membership.h"
#include "segment.h"
#include "source.h"
#include "store.h"

/* A materialized view that this refresh refreshes. */
typedef struct View
{
	DependencyView dependency;
	char	   *key;			/* of a segment whose source it is, or NULL */
	char	   *failure;		/* why it could not be refreshed, or NULL */
} View;

/* Does an error concern more than the segment or view at hand? */
static bool
ends_refresh(int sqlstate)
{
	int			category = ERRCODE_TO_CATEGORY(sqlstate);

	return category == ERRCODE_TO_CATEGORY(ERRCODE_QUERY_CANCELED) ||
		category == ERRCODE_TO_CATEGORY(ERRCODE_OUT_OF_MEMORY) ||
		category == ERRCODE_TO_CATEGORY(ERRCODE_IO_ERROR) ||
		category == ERRCODE_TO_CATEGORY(ERRCODE_T_R_SERIALIZATION_FAILURE);
}

/*
 * Do work in a subtransaction, which is kept if keep says so and there is no
 * error.  Returns NULL, or the error in one line.
 */
static char *
attempt(void (*work) (void *), void *argument, bool keep)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	char	   *volatile failure = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		work(argument);
		if (keep)
			ReleaseCurrentSubTransaction();
		else
			RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
		if (ends_refresh(error->sqlerrcode))
			ReThrowError(error);
		failure = error->detail == NULL && error->hint == NULL ? pstrdup(error->message) :
			psprintf("%s. %s", error->message, error->hint != NULL ? error->hint : error->detail);
		FreeErrorData(error);
	}
	PG_END_TRY();
	return failure;
}

/* Become the segment's owner, if that is somebody else, and set the session as its texts need it. */
static int
owner_enter(const Segment *segment, AuthorityScope *scope)
{
	Oid			owner = get_role_oid(segment->owner, false);

	scope->user = InvalidOid;
	if (owner != GetUserId())
		authority_become(scope, owner);
	return definition_settings(&segment->definition);
}

/* Undo owner_enter. */
static void
owner_leave(const AuthorityScope *scope, int level)
{
	AtEOXact_GUC(false, level);
	if (OidIsValid(scope->user))
		authority_leave(scope);
}

/* Work: find what a segment depends on. */
static void
find_dependencies(void *argument)
{
	Segment    *segment = argument;
	AuthorityScope scope;
	int			level = owner_enter(segment, &scope);

	dependencies_collect(definition_analyze(&segment->definition), &segment->dependencies);
	owner_leave(&scope, level);
}

/*
 * Decide the reason of the segment's changes, and note the versions of its
 * models.  Before the views are refreshed: a version deployed meanwhile is
 * then the next refresh's reason.
 */
static void
note_models(Segment *segment)
{
	int			count = list_length(segment->dependencies.models);
	Datum	   *names = palloc(sizeof(Datum) * (Size) Max(count, 1));
	char	   *models;
	ListCell   *cell;
	int			i = 0;

	foreach(cell, segment->dependencies.models)
		names[i++] = CStringGetTextDatum(lfirst(cell));
	(void) store_execute("SELECT coalesce(jsonb_object_agg(v.name, v.version), '{}'), "
						 " coalesce(jsonb_object_agg(v.name, v.version), '{}') = $2::jsonb"
						 " FROM predseg.model_version v WHERE v.deployed AND v.name = ANY ($1)",
						 STORE_VALUES(store_datum(TEXTARRAYOID,
												  PointerGetDatum(construct_array(names, count, TEXTOID, -1, false, TYPALIGN_INT)),
												  false),
									  store_text(segment->models)));
	models = store_get_text(0, 1);
	if (segment->refreshed_version != segment->version)
		segment->reason = "definition";
	else
		segment->reason = strcmp(store_get_text(0, 2), "t") == 0 ? "data" : "model";
	segment->models = models;
}

/* Sort views so that each comes after those it reads. */
static int
compare_views(const ListCell *a, const ListCell *b)
{
	const View *first = lfirst(a);
	const View *second = lfirst(b);

	if (first->dependency.level != second->dependency.level)
		return first->dependency.level < second->dependency.level ? -1 : 1;
	if (first->dependency.relation != second->dependency.relation)
		return first->dependency.relation < second->dependency.relation ? -1 : 1;
	return 0;
}

/* Find a view in the list; NULL when it is not there. */
static View *
find_view(List *views, Oid relation)
{
	ListCell   *cell;

	foreach(cell, views)
	{
		View	   *view = lfirst(cell);

		if (view->dependency.relation == relation)
			return view;
	}
	return NULL;
}

/* Add the views of one segment to the list. */
static List *
add_views(List *views, const Segment *segment)
{
	ListCell   *cell;

	foreach(cell, segment->dependencies.views)
	{
		const DependencyView *dependency = lfirst(cell);
		View	   *view = find_view(views, dependency->relation);

		if (view == NULL)
		{
			view = palloc0(sizeof(View));
			view->dependency = *dependency;
			views = lappend(views, view);
		}

		/* The segment's key identifies a row of the view if the view has such a column; it is only a proposal. */
		if (view->key == NULL && get_attnum(dependency->relation, segment->definition.key) > 0)
			view->key = segment->definition.key;
	}
	return views;
}

/*
 * Is this a unique index that REFRESH CONCURRENTLY can use (as
 * is_usable_unique_index of PostgreSQL's matview.c), and on that column alone
 * unless it is InvalidAttrNumber?
 */
static bool
index_is_usable(Oid oid, AttrNumber column)
{
	HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(oid));
	Form_pg_index index;
	bool		usable;

	if (!HeapTupleIsValid(tuple))
		return false;
	index = (Form_pg_index) GETSTRUCT(tuple);
	usable = index->indisunique && index->indimmediate && index->indisvalid && index->indnatts > 0 &&
		heap_attisnull(tuple, Anum_pg_index_indpred, NULL);
	for (int i = 0; usable && i < index->indnatts; i++)
		usable = index->indkey.values[i] > 0;
	if (usable && column != InvalidAttrNumber)
		usable = index->indnkeyatts == 1 && index->indkey.values[0] == column;
	ReleaseSysCache(tuple);
	return usable;
}

/* Work: refresh a materialized view, without keeping its readers waiting if possible. */
static void
refresh_view(void *argument)
{
	View	   *view = argument;
	const char *name = view->dependency.name;
	Relation	relation;
	bool		populated;
	bool		concurrently = false;
	ListCell   *cell;

	if (!predseg_may_refresh(view->dependency.relation))
	{
		ereport(NOTICE,
				(errmsg("materialized view %s is not refreshed: you may not", name),
				 errhint("Its owner refreshes it; the segments use what it holds.")));
		return;
	}
	relation = table_open(view->dependency.relation, AccessShareLock);
	populated = RelationIsPopulated(relation);
	foreach(cell, RelationGetIndexList(relation))
		concurrently = concurrently || index_is_usable(lfirst_oid(cell), InvalidAttrNumber);
	table_close(relation, AccessShareLock);

	if (populated && !concurrently)
		ereport(WARNING,
				(errmsg("materialized view %s has no unique index that REFRESH CONCURRENTLY can use: its readers wait", name),
				 errhint("CREATE UNIQUE INDEX ON %s (%s);", name,
						 view->key != NULL ? quote_identifier(view->key) : "columns that identify a row")));
	if (SPI_execute(psprintf("REFRESH MATERIALIZED VIEW %s%s", populated && concurrently ? "CONCURRENTLY " : "", name),
					false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not refresh materialized view %s", name);
}

/* Refresh the views that the segments need, and hold the segments whose view failed. */
static void
refresh_views(List *segments)
{
	List	   *views = NIL;
	ListCell   *cell;

	foreach(cell, segments)
		views = add_views(views, lfirst(cell));
	list_sort(views, compare_views);
	foreach(cell, views)
	{
		View	   *view = lfirst(cell);

		view->failure = attempt(refresh_view, view, true);
	}
	foreach(cell, segments)
	{
		Segment    *segment = lfirst(cell);
		ListCell   *other;

		foreach(other, segment->dependencies.views)
		{
			const View *view = find_view(views, ((DependencyView *) lfirst(other))->relation);

			if (view->failure != NULL && segment->held == NULL)
				segment->held = psprintf("materialized view %s could not be refreshed: %s", view->dependency.name,
										 view->failure);
		}
	}
}

/*
 * Does a unique index on the key alone forbid that it is repeated in the
 * source?  Of a table with children an index knows its own rows only.
 */
static bool
key_is_unique(Query *query, const char *key)
{
	RangeTblEntry *source = linitial_node(RangeTblEntry, query->rtable);
	Relation	relation;
	AttrNumber	column;
	ListCell   *cell;
	bool		unique = false;

	if (source->rtekind != RTE_RELATION || has_subclass(source->relid) ||
		(source->relkind != RELKIND_RELATION && source->relkind != RELKIND_MATVIEW))
		return false;
	column = get_attnum(source->relid, key);
	relation = table_open(source->relid, AccessShareLock);
	foreach(cell, RelationGetIndexList(relation))
		unique = unique || index_is_usable(lfirst_oid(cell), column);
	table_close(relation, AccessShareLock);
	return unique;
}

/* Work: evaluate a segment under the active snapshot, and write members and history. */
static void
refresh_members(void *argument)
{
	Segment    *segment = argument;
	AuthorityScope scope;
	int			level = owner_enter(segment, &scope);
	Query	   *query;
	bool		unique;
	TupleDesc	desc;
	Tuplestorestate *rows;

	/* A connection of its own takes its relations and memory with it, whatever happens. */
	SPI_connect();
	query = definition_analyze(&segment->definition);
	unique = key_is_unique(query, segment->definition.key);
	rows = definition_evaluate(query, segment->definition.source, &desc);
	owner_leave(&scope, level);
	membership_compare(segment, rows, desc, unique);
	tuplestore_end(rows);
	membership_apply(segment);
	SPI_finish();
}

/* Write how the refresh of a segment ended, and return it to the caller. */
static void
finish(const Segment *segment, ReturnSetInfo *result)
{
	Datum		values[6];
	bool		nulls[6] = {false};

	membership_end_run(segment);
	if (segment->held == NULL)
		(void) store_execute("UPDATE predseg.segment SET state = 'fresh', held_reason = NULL,"
							 " refreshed_at = clock_timestamp(), refreshed_version = version, as_of = $2,"
							 " models = $3::jsonb, size = size + $4 WHERE name = $1",
							 STORE_VALUES(store_text(segment->name), store_time(segment->as_of), store_text(segment->models),
										  store_int8(segment->entered - segment->left)));
	else
		(void) store_execute("UPDATE predseg.segment SET state = 'held', held_reason = $2 WHERE name = $1",
							 STORE_VALUES(store_text(segment->name), store_text(segment->held)));
	values[0] = CStringGetTextDatum(segment->name);
	values[1] = Int64GetDatum(segment->entered);
	values[2] = Int64GetDatum(segment->left);
	values[3] = Int64GetDatum(0);
	values[4] = BoolGetDatum(segment->held != NULL);
	nulls[5] = segment->held == NULL;
	values[5] = nulls[5] ? (Datum) 0 : CStringGetTextDatum(segment->held);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

PG_FUNCTION_INFO_V1(predseg_segment_refresh);

/* refresh([name]): see the head of this file. */
Datum
predseg_segment_refresh(PG_FUNCTION_ARGS)
{
	char	   *name = PG_ARGISNULL(0) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(0));
	List	   *segments;
	ListCell   *cell;
	TimestampTz as_of;

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	segments = segments_lock(name);
	foreach(cell, segments)
	{
		Segment    *segment = lfirst(cell);

		membership_begin_run(segment);
		segment->held = attempt(find_dependencies, segment, false);
		note_models(segment);
	}
	refresh_views(segments);

	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	as_of = GetCurrentTimestamp();
	foreach(cell, segments)
	{
		Segment    *segment = lfirst(cell);

		segment->as_of = as_of;
		segment->changes = tuplestore_begin_heap(false, false, work_mem);
		if (segment->held == NULL)
			segment->held = attempt(refresh_members, segment, true);
		if (segment->held != NULL)
			segment->entered = segment->left = 0;
	}
	PopActiveSnapshot();

	changes_append(segments);
	foreach(cell, segments)
	{
		Segment    *segment = lfirst(cell);

		finish(segment, (ReturnSetInfo *) fcinfo->resultinfo);
		tuplestore_end(segment->changes);
	}
	SPI_finish();
	return (Datum) 0;
}
