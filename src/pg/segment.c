/*-------------------------------------------------------------------------
 *
 * segment.c
 *	  Definitions of segments: create_segment(), drop_segment().
 *
 * A definition is checked as the role that makes it, and is stored as text
 * with the search_path and the time zone it was read under.  A dropped segment keeps its row,
 * without which nobody could tell to whom its history belongs: another role
 * that took the name would read it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "authority.h"
#include "change.h"
#include "compat.h"
#include "errors.h"
#include "membership.h"
#include "segment.h"
#include "store.h"

char *
required_text(FunctionCallInfo fcinfo, int argument, const char *what)
{
	if (PG_ARGISNULL(argument))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("\"%s\" must not be null", what)));
	return text_to_cstring(PG_GETARG_TEXT_PP(argument));
}

void
check_name(const char *name, const char *what)
{
	if (name[0] == '\0' || strlen(name) > SEGMENT_NAME_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("the name of a %s must have 1 to %d bytes, not %zu", what, SEGMENT_NAME_MAX, strlen(name))));
}

List *
segments_lock(const char *name)
{
	List	   *segments = NIL;
	uint64		count = store_execute("SELECT s.name, s.owner, s.source, s.key, s.enter_when, s.leave_when, s.search_path,"
									  " s.time_zone, s.version::int8, coalesce(s.refreshed_version, 0)::int8, s.models"
									  " FROM predseg.segment s JOIN pg_roles r ON r.rolname = s.owner"
									  " WHERE s.dropped_at IS NULL AND ($1 IS NULL OR s.name = $1)"
									  " AND pg_has_role($2, r.oid, 'USAGE')"
									  " ORDER BY s.name FOR UPDATE OF s",
									  STORE_VALUES(store_text(name), store_oid(GetUserId())));

	if (name != NULL && count == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_UNKNOWN_SEGMENT),
				 errmsg("there is no segment \"%s\" that you have rights for", name),
				 errhint("SELECT name FROM predseg.segments shows those you have rights for.")));
	for (uint64 i = 0; i < count; i++)
	{
		Segment    *segment = palloc0(sizeof(Segment));

		segment->name = store_get_text(i, 1);
		segment->owner = store_get_text(i, 2);
		segment->definition.source = store_get_text(i, 3);
		segment->definition.key = store_get_text(i, 4);
		segment->definition.enter_when = store_get_text(i, 5);
		segment->definition.leave_when = store_get_text(i, 6);
		segment->definition.search_path = store_get_text(i, 7);
		segment->definition.time_zone = store_get_text(i, 8);
		segment->version = (int) store_get_int8(i, 9);
		segment->refreshed_version = (int) store_get_int8(i, 10);
		segment->models = store_get_text(i, 11);
		segments = lappend(segments, segment);
	}
	return segments;
}

/* Check a definition as the current user. */
static void
check_definition(const Definition *definition)
{
	int			level = definition_settings(definition);

	definition_check(definition_analyze(definition), definition->source);
	AtEOXact_GUC(false, level);
}

/*
 * Write a definition over the segment that has the name already; return the
 * version it is then.
 */
static int
redefine(const char *name, const Definition *definition, const char *description)
{
	char	   *owner;

	(void) store_execute("SELECT owner FROM predseg.segment WHERE name = $1 FOR UPDATE",
						 STORE_VALUES(store_text(name)));
	owner = store_get_text(0, 1);
	if (!authority_has_role(owner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("segment \"%s\" belongs to another role", name),
				 errhint("Choose another name, or become a member of the owning role.")));
	(void) store_execute("UPDATE predseg.segment SET source = $2, key = $3, enter_when = $4, leave_when = $5,"
						 " search_path = $6, time_zone = $7, version = version + 1, changed_at = clock_timestamp(), dropped_at = NULL,"
						 " state = CASE state WHEN 'dropped' THEN 'new' ELSE state END"
						 " WHERE name = $1 AND (dropped_at IS NOT NULL OR (source, key, enter_when, leave_when, search_path, time_zone)"
						 " IS DISTINCT FROM ($2, $3, $4, $5, $6, $7))",
						 STORE_VALUES(store_text(name), store_text(definition->source), store_text(definition->key),
									  store_text(definition->enter_when), store_text(definition->leave_when),
									  store_text(definition->search_path), store_text(definition->time_zone)));
	(void) store_execute("UPDATE predseg.segment SET description = $2"
						 " WHERE name = $1 AND description IS DISTINCT FROM $2",
						 STORE_VALUES(store_text(name), store_text(description)));
	(void) store_execute("SELECT version::int8 FROM predseg.segment WHERE name = $1", STORE_VALUES(store_text(name)));
	return (int) store_get_int8(0, 1);
}

PG_FUNCTION_INFO_V1(predseg_segment_create);

/* create_segment(name, source, key, enter_when [, leave_when] [, description]) */
Datum
predseg_segment_create(PG_FUNCTION_ARGS)
{
	char	   *name = required_text(fcinfo, 0, "name");
	Definition	definition = {
		.source = required_text(fcinfo, 1, "source"),
		.key = required_text(fcinfo, 2, "key"),
		.enter_when = required_text(fcinfo, 3, "enter_when"),
		.leave_when = PG_ARGISNULL(4) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(4)),
		.search_path = definition_search_path(),
		.time_zone = pstrdup(pg_get_timezone_name(session_timezone)),
	};
	char	   *description = PG_ARGISNULL(5) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(5));
	int			version = 1;

	check_name(name, "segment");
	check_definition(&definition);
	SPI_connect();
	if (store_execute("INSERT INTO predseg.segment (name, owner, source, key, enter_when, leave_when, search_path,"
					  " time_zone, description) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (name) DO NOTHING",
					  STORE_VALUES(store_text(name), store_text(authority_current_user()),
								   store_text(definition.source), store_text(definition.key),
								   store_text(definition.enter_when), store_text(definition.leave_when),
								   store_text(definition.search_path), store_text(definition.time_zone),
								   store_text(description))) == 0)
		version = redefine(name, &definition, description);
	SPI_finish();
	PG_RETURN_INT32(version);
}

PG_FUNCTION_INFO_V1(predseg_segment_drop);

/* drop_segment(name): let every member leave, and end the segment. */
Datum
predseg_segment_drop(PG_FUNCTION_ARGS)
{
	char	   *name = required_text(fcinfo, 0, "name");
	List	   *segments;
	Segment    *segment;

	SPI_connect();
	segments = segments_lock(name);
	segment = linitial(segments);
	segment->reason = "definition";
	segment->as_of = GetCurrentTimestamp();
	segment->changes = tuplestore_begin_heap(false, false, work_mem);
	membership_begin_run(segment);
	membership_compare_with_nobody(segment);
	membership_apply(segment);
	changes_append(segments);
	membership_end_run(segment);
	tuplestore_end(segment->changes);
	(void) store_execute("UPDATE predseg.segment SET state = 'dropped', dropped_at = clock_timestamp(), size = 0,"
						 " held_reason = NULL, refreshed_version = NULL WHERE name = $1",
						 STORE_VALUES(store_text(name)));
	SPI_finish();
	PG_RETURN_VOID();
}
