/*-------------------------------------------------------------------------
 *
 * change.c
 *	  See change.h; also the trigger that notifies.
 *
 * Positions come from a row that stays locked until the commit: who gets the
 * next ones has waited for this transaction to end, and readers see a prefix
 * of the log.  A sequence would give numbers that appear late, which a reader
 * who has gone past them would lose.
 *
 * The trigger sends only what changes_append writes: rows that are copied in
 * by a restore ring no bell.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/async.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "utils/json.h"
#include "utils/timestamp.h"

#include "change.h"
#include "compat.h"
#include "membership.h"
#include "segment.h"
#include "store.h"

/* Is changes_append inserting? */
static bool appending = false;

/* Lock the counter and take a number of positions; returns the one before the first. */
static int64
take_positions(int64 count)
{
	(void) store_execute("INSERT INTO predseg.change_position AS p (one, pos) VALUES (true, $1)"
						 " ON CONFLICT (one) DO UPDATE SET pos = p.pos + $1 RETURNING pos",
						 STORE_VALUES(store_int8(count)));
	return store_get_int8(0, 1) - count;
}

/* Append the changes of one segment behind a position. */
static void
append(const Segment *segment, int64 position)
{
	store_register("changes", segment->changes, membership_changes_desc());
	appending = true;
	PG_TRY();
	{
		(void) store_execute("INSERT INTO predseg.change (pos, segment, key, op, reason, version, episode, run, as_of, at)"
							 " SELECT $2 + row_number() OVER (), $1, c.key, c.op, c.reason, $3, c.episode, $4, $5, $6"
							 " FROM changes c",
							 STORE_VALUES(store_text(segment->name), store_int8(position), store_int4(segment->version),
										  store_int8(segment->run), store_time(segment->as_of),
										  store_time(GetCurrentTimestamp())));
	}
	PG_FINALLY();
	{
		appending = false;
	}
	PG_END_TRY();
	store_forget("changes");
}

void
changes_append(List *segments)
{
	int64		total = 0;
	int64		position;
	ListCell   *cell;

	foreach(cell, segments)
	{
		const Segment *segment = lfirst(cell);

		total += segment->entered + segment->left;
	}
	if (total == 0)
		return;
	position = take_positions(total);
	foreach(cell, segments)
	{
		const Segment *segment = lfirst(cell);

		if (segment->entered + segment->left == 0)
			continue;
		append(segment, position);
		position += segment->entered + segment->left;
	}
}

/* Send the notification about one segment: the row of the query in change_notify. */
static void
notify(uint64 row)
{
	StringInfoData payload;

	initStringInfo(&payload);
	appendStringInfoString(&payload, "{\"segment\":");
	escape_json(&payload, store_get_text(row, 1));
	appendStringInfo(&payload, ",\"entered\":" INT64_FORMAT ",\"left\":" INT64_FORMAT ",\"moved\":" INT64_FORMAT
					 ",\"first\":" INT64_FORMAT ",\"last\":" INT64_FORMAT ",\"reason\":",
					 store_get_int8(row, 2), store_get_int8(row, 3), store_get_int8(row, 4),
					 store_get_int8(row, 5), store_get_int8(row, 6));
	escape_json(&payload, store_get_text(row, 7));
	appendStringInfoChar(&payload, '}');
	Async_Notify("predseg", payload.data);
}

PG_FUNCTION_INFO_V1(predseg_change_notify);

/* After an insert into predseg.change: NOTIFY predseg, once for each segment. */
Datum
predseg_change_notify(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	uint64		count;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event) || trigger->tg_newtable == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("change_notify is the trigger of table predseg.change")));
	if (!appending)
		return PointerGetDatum(NULL);
	SPI_connect();
	if (SPI_register_trigger_data(trigger) != SPI_OK_TD_REGISTER)
		elog(ERROR, "could not register the inserted rows");
	count = store_execute("SELECT i.segment, count(*) FILTER (WHERE i.op = 'enter'), count(*) FILTER (WHERE i.op = 'leave'),"
						  " count(*) FILTER (WHERE i.op = 'move'), min(i.pos), max(i.pos),"
						  " coalesce(min(i.reason) FILTER (WHERE i.reason <> 'gone'), 'gone')"
						  " FROM inserted i GROUP BY i.segment ORDER BY i.segment",
						  0, NULL);
	for (uint64 row = 0; row < count; row++)
		notify(row);
	SPI_finish();
	return PointerGetDatum(NULL);
}
