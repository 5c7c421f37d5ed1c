/*-------------------------------------------------------------------------
 *
 * membership.c
 *	  See membership.h.
 *
 * Everything here is a handful of statements over whole sets.  The rows of
 * the source and the changes are given to them as relations with their true
 * number of rows, so that the planner chooses hash joins for a first fill and
 * index lookups for a few changes.
 *
 * Statistics of member know nothing of a segment that is new, and of its one
 * million rows expect one: a nested loop over both sides would run for days.
 * "segment = (SELECT $1)" hides the name from the planner, which then expects
 * a segment of average size.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/tupdesc.h"
#include "catalog/pg_type.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "errors.h"
#include "membership.h"
#include "store.h"

TupleDesc
membership_changes_desc(void)
{
	TupleDesc	desc = CreateTemplateTupleDesc(5);

	TupleDescInitEntry(desc, 1, "key", TEXTOID, -1, 0);
	TupleDescInitEntry(desc, 2, "op", TEXTOID, -1, 0);
	TupleDescInitEntry(desc, 3, "reason", TEXTOID, -1, 0);
	TupleDescInitEntry(desc, 4, "episode", INT4OID, -1, 0);
	TupleDescInitEntry(desc, 5, "facts", JSONBOID, -1, 0);
	return desc;
}

void
membership_begin_run(Segment *segment)
{
	(void) store_execute("INSERT INTO predseg.refresh_run (segment, version, started_at)"
						 " VALUES ($1, $2, clock_timestamp()) RETURNING id",
						 STORE_VALUES(store_text(segment->name), store_int4(segment->version)));
	segment->run = store_get_int8(0, 1);
}

void
membership_end_run(const Segment *segment)
{
	(void) store_execute("UPDATE predseg.refresh_run SET finished_at = clock_timestamp(), reason = $2, as_of = $3,"
						 " entered = $4, \"left\" = $5, held = $6 IS NOT NULL, held_reason = $6 WHERE id = $1",
						 STORE_VALUES(store_int8(segment->run), store_text(segment->reason), store_time(segment->as_of),
									  store_int8(segment->entered), store_int8(segment->left),
									  store_text(segment->held)));
}

/* Refuse keys that do not identify a customer; unique says that an index makes them, but for nulls. */
static void
check_keys(const Segment *segment, bool unique)
{
	const char *key = segment->definition.key;
	char	   *value;

	if (store_execute(unique ? "SELECT NULL::text, count(*) FROM evaluated e WHERE e.key IS NULL HAVING count(*) > 0" :
					  "SELECT e.key, count(*), count(*) OVER () FROM evaluated e GROUP BY e.key"
					  " HAVING e.key IS NULL OR count(*) > 1"
					  " ORDER BY e.key IS NULL DESC, count(*) DESC, e.key COLLATE \"C\" LIMIT 1",
					  0, NULL) == 0)
		return;
	value = store_get_text(0, 1);
	if (value == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_KEY),
				 errmsg("the key \"%s\" is null in the source (rows: " INT64_FORMAT ")", key, store_get_int8(0, 2)),
				 errhint("Leave these rows out of the source.")));
	ereport(ERROR,
			(errcode(ERRCODE_PREDSEG_INVALID_KEY),
			 errmsg("the key \"%s\" is not unique in the source: \"%s\" has " INT64_FORMAT " rows (such values: " INT64_FORMAT ")",
					key, value, store_get_int8(0, 2), store_get_int8(0, 3)),
			 errhint("Make the source have one row for each customer.")));
}

void
membership_compare(Segment *segment, Tuplestorestate *rows, TupleDesc desc, bool unique)
{
	store_register("evaluated", rows, desc);
	check_keys(segment, unique);

	/*
	 * The history is searched only when there is one.  Who would leave at
	 * once does not enter.  A new version of a model takes nobody out of the
	 * source; a new definition may name another source.
	 */
	store_select(segment->changes,
				 "SELECT coalesce(m.key, e.key), CASE WHEN m.key IS NULL THEN 'enter' ELSE 'leave' END,"
				 " CASE WHEN e.key IS NULL AND $2 <> 'definition' THEN 'gone' ELSE $2 END,"
				 " coalesce(m.episode, 1 + CASE WHEN (SELECT h.episode FROM predseg.member_history h WHERE h.segment = $1"
				 " ORDER BY h.key LIMIT 1) IS NOT NULL THEN (SELECT coalesce(max(h.episode), 0) FROM predseg.member_history h"
				 " WHERE h.segment = $1 AND h.key = e.key) ELSE 0 END),"
				 " e.facts"
				 " FROM evaluated e FULL JOIN (SELECT key, episode FROM predseg.member WHERE segment = (SELECT $1)) m ON m.key = e.key"
				 " WHERE CASE WHEN m.key IS NULL THEN e.enters AND e.leaves IS NOT TRUE"
				 " ELSE coalesce(e.leaves, NOT e.enters, true) END"
				 " ORDER BY coalesce(m.key, e.key) COLLATE \"C\"",
				 STORE_VALUES(store_text(segment->name), store_text(segment->reason)));
	store_forget("evaluated");
}

void
membership_compare_with_nobody(Segment *segment)
{
	store_select(segment->changes,
				 "SELECT m.key, 'leave'::text, $2, m.episode, NULL::jsonb FROM predseg.member m"
				 " WHERE m.segment = $1 ORDER BY m.key",
				 STORE_VALUES(store_text(segment->name), store_text(segment->reason)));
}

void
membership_apply(Segment *segment)
{
	TimestampTz now = GetCurrentTimestamp();

	if (tuplestore_tuple_count(segment->changes) == 0)
		return;
	store_register("changes", segment->changes, membership_changes_desc());
	(void) store_execute("SELECT count(*) FILTER (WHERE c.op = 'enter'), count(*) FILTER (WHERE c.op = 'leave') FROM changes c",
						 0, NULL);
	segment->entered = store_get_int8(0, 1);
	segment->left = store_get_int8(0, 2);
	if (segment->entered > 0)
	{
		(void) store_execute("INSERT INTO predseg.member (segment, key, version, episode, entered_at, as_of, facts)"
							 " SELECT $1, c.key, $2, c.episode, $3, $4, c.facts FROM changes c WHERE c.op = 'enter'",
							 STORE_VALUES(store_text(segment->name), store_int4(segment->version),
										  store_time(now), store_time(segment->as_of)));
		(void) store_execute("INSERT INTO predseg.member_history (segment, key, episode, version, entered_at,"
							 " enter_reason, entered_facts, enter_run)"
							 " SELECT $1, c.key, c.episode, $2, $3, c.reason, c.facts, $4 FROM changes c WHERE c.op = 'enter'",
							 STORE_VALUES(store_text(segment->name), store_int4(segment->version),
										  store_time(now), store_int8(segment->run)));
	}
	if (segment->left > 0)
	{
		(void) store_execute("DELETE FROM predseg.member m USING changes c"
							 " WHERE m.segment = (SELECT $1) AND m.key = c.key AND c.op = 'leave'",
							 STORE_VALUES(store_text(segment->name)));
		(void) store_execute("UPDATE predseg.member_history h"
							 " SET left_at = $2, leave_reason = c.reason, left_facts = c.facts, leave_run = $3"
							 " FROM changes c WHERE h.segment = (SELECT $1) AND h.key = c.key AND h.episode = c.episode"
							 " AND c.op = 'leave'",
							 STORE_VALUES(store_text(segment->name), store_time(now), store_int8(segment->run)));
	}
	store_forget("changes");
}
