/*-------------------------------------------------------------------------
 *
 * consumer.c
 *	  Readers of the log of changes: create_consumer(), poll(), ack(),
 *	  drop_consumer().
 *
 * A consumer owns two positions: up to acked everything is done with, up to
 * delivered it was handed out.  poll hands out what comes after acked; while a
 * lease runs, nothing, so that several workers of one consumer do not get the
 * same changes twice.  Without an acknowledgement the changes are handed out
 * again when the lease has ended: at least once, never lost.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/tstoreReceiver.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "authority.h"
#include "compat.h"
#include "errors.h"
#include "segment.h"
#include "store.h"

typedef struct Consumer
{
	Oid			owner;
	int64		acked;
	int64		delivered;
	bool		leased;			/* does a lease run? */
} Consumer;

/*
 * Read and lock a consumer of a role whose rights the current user has; taken
 * says that there is one, which somebody wants to define again.
 */
static Consumer
consumer_lock(const char *name, bool taken)
{
	Consumer	consumer;
	char	   *owner = NULL;

	if (store_execute("SELECT owner, acked_pos, delivered_pos, coalesce(lease_until > clock_timestamp(), false)::int::int8"
					  " FROM predseg.consumer WHERE name = $1 FOR UPDATE",
					  STORE_VALUES(store_text(name))) == 1)
		owner = store_get_text(0, 1);
	if (taken && owner != NULL && !authority_has_role(owner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("consumer \"%s\" belongs to another role", name),
				 errhint("Choose another name, or become a member of the owning role.")));
	if (owner == NULL || !authority_has_role(owner))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_UNKNOWN_CONSUMER),
				 errmsg("there is no consumer \"%s\" that you have rights for", name),
				 errhint("SELECT name FROM predseg.consumers shows those you have rights for; predseg.create_consumer makes one.")));
	consumer.owner = get_role_oid(owner, false);
	consumer.acked = store_get_int8(0, 2);
	consumer.delivered = store_get_int8(0, 3);
	consumer.leased = store_get_int8(0, 4) != 0;
	return consumer;
}

/* Refuse a list with a segment that the current user has no rights for. */
static void
check_segments(ArrayType *segments)
{
	if (store_execute("SELECT coalesce(w.name, 'NULL') FROM unnest($1) w (name) WHERE NOT EXISTS"
					  " (SELECT FROM predseg.segment s JOIN pg_roles r ON r.rolname = s.owner"
					  " WHERE s.name = w.name AND s.dropped_at IS NULL AND pg_has_role($2, r.oid, 'USAGE')) LIMIT 1",
					  STORE_VALUES(store_datum(TEXTARRAYOID, PointerGetDatum(segments), false),
								   store_oid(GetUserId()))) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_UNKNOWN_SEGMENT),
				 errmsg("there is no segment \"%s\" that you have rights for", store_get_text(0, 1)),
				 errhint("SELECT name FROM predseg.segments shows those you have rights for.")));
}

PG_FUNCTION_INFO_V1(predseg_consumer_create);

/* create_consumer(name [, segments] [, from_start]): returns the position it begins after. */
Datum
predseg_consumer_create(PG_FUNCTION_ARGS)
{
	char	   *name = required_text(fcinfo, 0, "name");
	ArrayType  *segments = PG_ARGISNULL(1) ? NULL : PG_GETARG_ARRAYTYPE_P(1);
	StoreValue	wanted = store_datum(TEXTARRAYOID, PointerGetDatum(segments), segments == NULL);
	bool		from_start = !PG_ARGISNULL(2) && PG_GETARG_BOOL(2);
	int64		position;

	check_name(name, "consumer");
	SPI_connect();
	if (segments != NULL)
		check_segments(segments);
	if (store_execute("INSERT INTO predseg.consumer AS c (name, owner, segments, acked_pos, delivered_pos)"
					  " SELECT $1, $2, $3, p.pos, p.pos FROM"
					  " (SELECT CASE WHEN $4 THEN 0 ELSE coalesce((SELECT pos FROM predseg.change_position), 0) END) p (pos)"
					  " ON CONFLICT (name) DO NOTHING RETURNING acked_pos",
					  STORE_VALUES(store_text(name), store_text(authority_current_user()), wanted, store_bool(from_start))) == 1)
		position = store_get_int8(0, 1);
	else
	{
		position = consumer_lock(name, true).acked;
		(void) store_execute("UPDATE predseg.consumer SET segments = $2 WHERE name = $1 AND segments IS DISTINCT FROM $2",
							 STORE_VALUES(store_text(name), wanted));
	}
	SPI_finish();
	PG_RETURN_INT64(position);
}

/* Hand out the changes after the acknowledged position. */
static void
hand_out(const char *name, const Consumer *consumer, int max_rows, Datum lease, ReturnSetInfo *result)
{
	int64		newest;
	int64		last;
	int64		before = tuplestore_tuple_count(result->setResult);

	/*
	 * The newest position is read first: what the next statement sees holds
	 * everything up to it.
	 */
	(void) store_execute("SELECT coalesce(max(pos), 0) FROM predseg.change", 0, NULL);
	newest = store_get_int8(0, 1);
	store_select(result->setResult,
				 "SELECT c.* FROM predseg.change c WHERE c.pos > $1 AND c.pos <= $2 AND c.segment IN"
				 " (SELECT s.name FROM predseg.segment s JOIN pg_roles r ON r.rolname = s.owner"
				 " JOIN predseg.consumer o ON o.name = $3 AND (o.segments IS NULL OR s.name = ANY (o.segments))"
				 " WHERE pg_has_role($4, r.oid, 'USAGE')) ORDER BY c.pos LIMIT $5",
				 STORE_VALUES(store_int8(consumer->acked), store_int8(newest), store_text(name),
							  store_oid(consumer->owner), store_int4(max_rows)));
	if (tuplestore_tuple_count(result->setResult) == before)
	{
		/* Nothing for this consumer up to there: it need not be searched again. */
		(void) store_execute("UPDATE predseg.consumer SET acked_pos = greatest(acked_pos, $2),"
							 " delivered_pos = greatest(delivered_pos, $2), lease_until = NULL"
							 " WHERE name = $1 AND (acked_pos < $2 OR lease_until IS NOT NULL)",
							 STORE_VALUES(store_text(name), store_int8(newest)));
		return;
	}

	/* The last row holds the last position. */
	{
		TupleTableSlot *slot = MakeSingleTupleTableSlot(result->setDesc, &TTSOpsMinimalTuple);
		bool		isnull;

		last = consumer->acked;
		while (tuplestore_gettupleslot(result->setResult, true, false, slot))
			last = DatumGetInt64(slot_getattr(slot, 1, &isnull));
		ExecDropSingleTupleTableSlot(slot);
		tuplestore_rescan(result->setResult);
	}
	(void) store_execute("UPDATE predseg.consumer SET delivered_pos = greatest(delivered_pos, $2),"
						 " polled_at = clock_timestamp(), lease_until = clock_timestamp() + $3 WHERE name = $1",
						 STORE_VALUES(store_text(name), store_int8(last), store_datum(INTERVALOID, lease, false)));
}

PG_FUNCTION_INFO_V1(predseg_consumer_poll);

/* poll(consumer [, max_rows] [, lease]) */
Datum
predseg_consumer_poll(PG_FUNCTION_ARGS)
{
	char	   *name = required_text(fcinfo, 0, "consumer");
	int			max_rows = PG_ARGISNULL(1) ? 0 : PG_GETARG_INT32(1);
	Consumer	consumer;

	if (max_rows < 1)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_OPTION),
				 errmsg("\"max_rows\" must be at least 1")));
	if (PG_ARGISNULL(2) ||
		DatumGetBool(DirectFunctionCall2(interval_lt, PG_GETARG_DATUM(2),
										 IntervalPGetDatum(&(Interval) {0}))))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_OPTION),
				 errmsg("\"lease\" must be an interval of zero or more")));
	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	consumer = consumer_lock(name, false);
	if (!consumer.leased)
		hand_out(name, &consumer, max_rows, PG_GETARG_DATUM(2), (ReturnSetInfo *) fcinfo->resultinfo);
	SPI_finish();
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(predseg_consumer_ack);

/* ack(consumer, pos): returns the acknowledged position. */
Datum
predseg_consumer_ack(PG_FUNCTION_ARGS)
{
	char	   *name = required_text(fcinfo, 0, "consumer");
	Consumer	consumer;
	int64		position;

	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("\"pos\" must not be null")));
	position = PG_GETARG_INT64(1);
	SPI_connect();
	consumer = consumer_lock(name, false);
	if (position > consumer.delivered)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_OPTION),
				 errmsg("position " INT64_FORMAT " was not handed out to consumer \"%s\"", position, name),
				 errdetail("The last one was " INT64_FORMAT ".", consumer.delivered),
				 errhint("Acknowledge the position of the last row of predseg.poll() that you are done with.")));
	position = Max(position, consumer.acked);
	(void) store_execute("UPDATE predseg.consumer SET acked_pos = $2, acked_at = clock_timestamp(), lease_until = NULL"
						 " WHERE name = $1",
						 STORE_VALUES(store_text(name), store_int8(position)));
	SPI_finish();
	PG_RETURN_INT64(position);
}

PG_FUNCTION_INFO_V1(predseg_consumer_drop);

/* drop_consumer(name) */
Datum
predseg_consumer_drop(PG_FUNCTION_ARGS)
{
	char	   *name = required_text(fcinfo, 0, "name");

	SPI_connect();
	(void) consumer_lock(name, false);
	(void) store_execute("DELETE FROM predseg.consumer WHERE name = $1", STORE_VALUES(store_text(name)));
	SPI_finish();
	PG_RETURN_VOID();
}
