/*-------------------------------------------------------------------------
 *
 * rfm.c
 *	  The SQL type predseg.rfm, its aggregates and accessors.
 *
 * A datum is the engine's history (ps_rfm.h) behind a varlena header.  The
 * state of the aggregates is a datum of the same type, in the working form:
 * spare room and an unsorted tail, changed in place, so that a row costs one
 * append.  Partial aggregation hands it on as it is; every reader here takes
 * both forms.  A state that needs more room is returned as a new value, which
 * the executor copies into the aggregate's context, freeing the old one.  The
 * many states of a hash aggregate over rows are kept in another way
 * (rfm_groups.c).
 *
 * Values from outside and stored ones are checked completely when they are
 * opened.  A plain state of an aggregate is not: it is the aggregate's own, or
 * was checked when it came from outside.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "aggregate_state.h"
#include "compat.h"
#include "decimal.h"
#include "errors.h"
#include "ps_rfm.h"
#include "rfm.h"
#include "rfm_groups.h"
#include "zone.h"

#define RFM(datum) ((ps_rfm *) VARDATA(datum))
#define RFM_SIZE(datum) (VARSIZE(datum) - VARHDRSZ)

#define SMALLEST_STATE 64		/* bytes: four entries, without a zone */
#define SMALL_STATE 1024		/* up to this size a full state grows at once, unsorted */

PG_FUNCTION_INFO_V1(predseg_rfm_in);
PG_FUNCTION_INFO_V1(predseg_rfm_out);
PG_FUNCTION_INFO_V1(predseg_rfm_recv);
PG_FUNCTION_INFO_V1(predseg_rfm_send);
PG_FUNCTION_INFO_V1(predseg_rfm_add_date);
PG_FUNCTION_INFO_V1(predseg_rfm_add_timestamp);
PG_FUNCTION_INFO_V1(predseg_rfm_add_timestamptz);
PG_FUNCTION_INFO_V1(predseg_rfm_add_date_numeric);
PG_FUNCTION_INFO_V1(predseg_rfm_add_timestamp_numeric);
PG_FUNCTION_INFO_V1(predseg_rfm_add_timestamptz_numeric);
PG_FUNCTION_INFO_V1(predseg_rfm_merge);
PG_FUNCTION_INFO_V1(predseg_rfm_final);
PG_FUNCTION_INFO_V1(predseg_rfm_orders);
PG_FUNCTION_INFO_V1(predseg_rfm_repeats);
PG_FUNCTION_INFO_V1(predseg_rfm_total);
PG_FUNCTION_INFO_V1(predseg_rfm_average);
PG_FUNCTION_INFO_V1(predseg_rfm_first_day);
PG_FUNCTION_INFO_V1(predseg_rfm_last_day);
PG_FUNCTION_INFO_V1(predseg_rfm_days_since_last);
PG_FUNCTION_INFO_V1(predseg_rfm_btyd);

/* Make a history canonical. */
static void
compact(ps_rfm *rfm)
{
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_error	error;

	predseg_check(ps_rfm_compact(&env, rfm, &error), &error);
}

/* Put an engine's history of size bytes into a datum. */
static Datum
datum_of(const ps_rfm *rfm, size_t size)
{
	bytea	   *datum = palloc(VARHDRSZ + size);

	SET_VARSIZE(datum, VARHDRSZ + size);
	memcpy(VARDATA(datum), rfm, size);
	return PointerGetDatum(datum);
}

/* Detoast and check a value; it may be a working form. */
static bytea *
open_any(Datum value)
{
	bytea	   *datum = (bytea *) PG_DETOAST_DATUM(value);
	ps_error	error;

	predseg_check(ps_rfm_check(RFM(datum), RFM_SIZE(datum), &error), &error);
	return datum;
}

/* Make a datum canonical, without spare room. */
static bytea *
make_canonical(bytea *datum)
{
	ps_rfm	   *rfm = RFM(datum);

	compact(rfm);
	SET_VARSIZE(datum, VARHDRSZ + ps_rfm_size(rfm->zone_length, rfm->count));
	return datum;
}

/* Copy a history without its spare room, and make the copy canonical. */
static bytea *
canonical_copy(const bytea *datum)
{
	const ps_rfm *rfm = RFM(datum);
	size_t		size = VARHDRSZ + ps_rfm_size(rfm->zone_length, rfm->count);

	return make_canonical(memcpy(palloc(size), datum, size));
}

/* Open a value in its canonical form. */
static const ps_rfm *
open_canonical(Datum value)
{
	bytea	   *datum = open_any(value);

	if (RFM(datum)->sorted < RFM(datum)->count)
		datum = canonical_copy(datum);
	return RFM(datum);
}

/*
 * Make an empty state with room for at least that many entries; sizes are
 * powers of two, as the allocator's.  The room is 0: an aggregate without a
 * final function gives its state away, which may then be stored as it is.
 */
static bytea *
make_state(const char *zone, size_t zone_length, size_t entries)
{
	size_t		needed = VARHDRSZ + ps_rfm_size(zone_length, entries);
	size_t		size = SMALLEST_STATE;
	bytea	   *state;
	ps_error	error;

	if (needed > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a purchase history of %zu days is too large", entries),
				 errhint("Group the rows by customer.")));
	while (size < needed)
		size *= 2;
	size = Min(size, MaxAllocSize);
	state = palloc0(size);
	SET_VARSIZE(state, size);
	predseg_check(ps_rfm_init(RFM(state), zone, zone_length, &error), &error);
	return state;
}

/*
 * Make room for that many more entries: compact the state unless it is small,
 * and where less than half of it is free then, return a larger one.
 */
static bytea *
reserve(bytea *state, size_t more)
{
	ps_rfm	   *rfm = RFM(state);
	size_t		capacity = ps_rfm_capacity(rfm, RFM_SIZE(state));
	bytea	   *larger;
	ps_error	error;

	if (rfm->count + more <= capacity)
		return state;
	if (VARSIZE(state) >= SMALL_STATE)
		compact(rfm);
	if (rfm->count + more <= capacity && rfm->count <= capacity / 2)
		return state;
	larger = make_state(ps_rfm_zone(rfm), rfm->zone_length, Max(rfm->count + more, capacity + 1));
	predseg_check(ps_rfm_append(RFM(larger), rfm, &error), &error);
	RFM(larger)->sorted = rfm->sorted;
	return larger;
}

/*
 * Get the state, argument 0.  An aggregate that somebody makes of these
 * functions and his own can hand in any value, as it lies in a table.
 */
static bytea *
get_state(FunctionCallInfo fcinfo)
{
	bytea	   *state = (bytea *) PG_GETARG_POINTER(0);

	return VARATT_IS_4B_U(state) ? state : open_any(PG_GETARG_DATUM(0));
}

/* What a transition function remembers between calls. */
typedef struct row_cache
{
	text	   *given;			/* the zone of the row before: most often that of the next one */
	pg_tz	   *zone;
	rfm_groups *groups;			/* of a hash aggregate */
} row_cache;

/* Get what this one remembers. */
static row_cache *
get_cache(FunctionCallInfo fcinfo)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(row_cache));
	return fcinfo->flinfo->fn_extra;
}

/* How a row gives its amount. */
typedef enum amount_type
{
	AMOUNT_FLOAT8,
	AMOUNT_NUMERIC
} amount_type;

/* Add a row (the amount is argument 2) to the state (argument 0, or NULL). */
static Datum
add_row(FunctionCallInfo fcinfo, DateADT day, const char *zone, amount_type type)
{
	size_t		zone_length = strlen(zone);
	bytea	   *state;
	float8		value = 0;
	const float8 *amount = NULL;
	rfm_groups *groups;
	ps_error	error;

	if (!PG_ARGISNULL(2))
	{
		value = type == AMOUNT_NUMERIC ? decimal_number(PG_GETARG_DATUM(2)) : PG_GETARG_FLOAT8(2);
		amount = &value;
	}
	groups = rfm_groups_find(fcinfo, state_context(fcinfo), &get_cache(fcinfo)->groups);
	if (groups != NULL)
	{
		Datum		group = PG_ARGISNULL(0) ? rfm_groups_start(groups, zone) : PG_GETARG_DATUM(0);

		if (rfm_groups_add(groups, group, day, amount, zone))
			return group;
	}
	if (PG_ARGISNULL(0))
		state = make_state(zone, zone_length, 1);
	else
	{
		state = get_state(fcinfo);
		predseg_check(ps_rfm_check_zone(RFM(state), zone, zone_length, &error), &error);
		state = reserve(state, 1);
	}
	predseg_check(ps_rfm_add(RFM(state), day, amount, &error), &error);
	PG_RETURN_POINTER(state);
}

/* Find the zone that argument 3 names; NULL where the call has no such argument. */
static pg_tz *
zone_argument(FunctionCallInfo fcinfo)
{
	row_cache  *cache;
	text	   *given;
	pg_tz	   *zone;

	if (PG_NARGS() < 4)
		return NULL;
	if (PG_ARGISNULL(3))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_DATA),
				 errmsg("the time zone of a purchase is null"),
				 errhint("Give the zone whose calendar the customer's days follow, such as 'Europe/Vienna'.")));
	given = PG_GETARG_TEXT_PP(3);
	cache = get_cache(fcinfo);
	if (cache->given != NULL && VARSIZE_ANY_EXHDR(given) == VARSIZE_ANY_EXHDR(cache->given) &&
		memcmp(VARDATA_ANY(given), VARDATA_ANY(cache->given), VARSIZE_ANY_EXHDR(given)) == 0)
		return cache->zone;

	zone = zone_find(text_to_cstring(given));
	if (cache->given != NULL)
		pfree(cache->given);
	cache->given = (text *) MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, VARSIZE_ANY(given));
	memcpy(cache->given, given, VARSIZE_ANY(given));
	cache->zone = zone;
	return zone;
}

/* The name that is recorded: spelled as in the zone database, so that spellings do not matter. */
static const char *
zone_name(pg_tz *zone)
{
	return zone != NULL ? pg_get_timezone_name(zone) : "";
}

/* Fail where a moment is infinite. */
static void
check_finite(Timestamp at)
{
	if (TIMESTAMP_NOT_FINITE(at))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_DATA),
				 errmsg("the time of a purchase is infinite")));
}

/* The day of a local time. */
static DateADT
day_of(Timestamp at)
{
	return (DateADT) (at / USECS_PER_DAY - (at % USECS_PER_DAY < 0));
}

DateADT
predseg_rfm_day(Datum at, Oid type, pg_tz *zone)
{
	Timestamp	local;

	if (type == DATEOID)
	{
		if (DATE_NOT_FINITE(DatumGetDateADT(at)))
			check_finite(DT_NOEND);
		return DatumGetDateADT(at);
	}
	local = DatumGetTimestamp(at);
	check_finite(local);
	return day_of(type == TIMESTAMPTZOID ? zone_local(local, zone) : local);
}

/* Add a row of rfm(day, amount [, zone]). */
static Datum
add_date(FunctionCallInfo fcinfo, amount_type type)
{
	if (PG_ARGISNULL(1))
		return state_unchanged(fcinfo);
	return add_row(fcinfo, PG_GETARG_DATEADT(1), zone_name(zone_argument(fcinfo)), type);
}

/* Add a row of rfm(at timestamp, amount [, zone]): the day is that of the local time given. */
static Datum
add_timestamp(FunctionCallInfo fcinfo, amount_type type)
{
	Timestamp	at;

	if (PG_ARGISNULL(1))
		return state_unchanged(fcinfo);
	at = PG_GETARG_TIMESTAMP(1);
	check_finite(at);
	return add_row(fcinfo, day_of(at), zone_name(zone_argument(fcinfo)), type);
}

/* Add a row of rfm(at timestamptz, amount, zone): the day in that zone. */
static Datum
add_timestamptz(FunctionCallInfo fcinfo, amount_type type)
{
	TimestampTz at;
	pg_tz	   *zone;

	if (PG_ARGISNULL(1))
		return state_unchanged(fcinfo);
	at = PG_GETARG_TIMESTAMPTZ(1);
	check_finite(at);
	zone = zone_argument(fcinfo);
	return add_row(fcinfo, day_of(zone_local(at, zone)), zone_name(zone), type);
}

/* The transition functions: for each type of time, one for each type of amount. */
Datum
predseg_rfm_add_date(PG_FUNCTION_ARGS)
{
	return add_date(fcinfo, AMOUNT_FLOAT8);
}

Datum
predseg_rfm_add_date_numeric(PG_FUNCTION_ARGS)
{
	return add_date(fcinfo, AMOUNT_NUMERIC);
}

Datum
predseg_rfm_add_timestamp(PG_FUNCTION_ARGS)
{
	return add_timestamp(fcinfo, AMOUNT_FLOAT8);
}

Datum
predseg_rfm_add_timestamp_numeric(PG_FUNCTION_ARGS)
{
	return add_timestamp(fcinfo, AMOUNT_NUMERIC);
}

Datum
predseg_rfm_add_timestamptz(PG_FUNCTION_ARGS)
{
	return add_timestamptz(fcinfo, AMOUNT_FLOAT8);
}

Datum
predseg_rfm_add_timestamptz_numeric(PG_FUNCTION_ARGS)
{
	return add_timestamptz(fcinfo, AMOUNT_NUMERIC);
}

/* Combine function of all aggregates, and transition function of rollup. */
Datum
predseg_rfm_merge(PG_FUNCTION_ARGS)
{
	bytea	   *state;
	const ps_rfm *other;
	ps_error	error;

	if (PG_ARGISNULL(1))
		return state_unchanged(fcinfo);
	(void) state_context(fcinfo);
	other = RFM(open_any(PG_GETARG_DATUM(1)));
	if (PG_ARGISNULL(0))
		state = make_state(ps_rfm_zone(other), other->zone_length, other->count);
	else
		state = reserve(get_state(fcinfo), other->count);
	predseg_check(ps_rfm_append(RFM(state), other, &error), &error);
	PG_RETURN_POINTER(state);
}

/* Final function: the canonical value; the state stays as it is. */
Datum
predseg_rfm_final(PG_FUNCTION_ARGS)
{
	bytea	   *flat;

	(void) state_context(fcinfo);
	flat = rfm_groups_flatten(PG_GETARG_DATUM(0));
	PG_RETURN_POINTER(flat != NULL ? make_canonical(flat) : canonical_copy(get_state(fcinfo)));
}

/* Read text. */
Datum
predseg_rfm_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_rfm	   *rfm;
	size_t		size;
	ps_error	error;
	ps_status	status = ps_rfm_read(&env, text, strlen(text), &rfm, &size, &error);

	if (status == PS_OUT_OF_MEMORY)
		predseg_check(status, &error);
	if (status != PS_OK)
		predseg_input_error(fcinfo,
							(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
							 errmsg("invalid input syntax for type predseg.rfm: %s", error.message),
							 errhint("Purchase histories are made by the aggregate predseg.rfm(day, amount).")));
	PG_RETURN_DATUM(datum_of(rfm, size));
}

/* Write text. */
Datum
predseg_rfm_out(PG_FUNCTION_ARGS)
{
	ps_env		env = predseg_env(CurrentMemoryContext);
	char	   *text;
	ps_error	error;

	predseg_check(ps_rfm_write(&env, open_canonical(PG_GETARG_DATUM(0)), &text, &error), &error);
	PG_RETURN_CSTRING(text);
}

/* Read bytes. */
Datum
predseg_rfm_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	int			length = message->len - message->cursor;
	ps_env		env = predseg_env(CurrentMemoryContext);
	ps_rfm	   *rfm;
	size_t		size;
	ps_error	error;
	ps_status	status;

	status = ps_rfm_decode(&env, (const uint8_t *) pq_getmsgbytes(message, length), length, &rfm, &size, &error);
	if (status == PS_OUT_OF_MEMORY)
		predseg_check(status, &error);
	if (status != PS_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid bytes for type predseg.rfm: %s", error.message)));
	PG_RETURN_DATUM(datum_of(rfm, size));
}

/* Write bytes. */
Datum
predseg_rfm_send(PG_FUNCTION_ARGS)
{
	ps_env		env = predseg_env(CurrentMemoryContext);
	uint8_t    *bytes;
	size_t		length;
	ps_error	error;
	StringInfoData message;

	predseg_check(ps_rfm_encode(&env, open_canonical(PG_GETARG_DATUM(0)), &bytes, &length, &error), &error);
	pq_begintypsend(&message);
	pq_sendbytes(&message, (const char *) bytes, length);
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/* Summarize argument 0. */
static ps_rfm_summary
summary_of(FunctionCallInfo fcinfo)
{
	ps_rfm_summary summary;

	ps_rfm_summarize(open_canonical(PG_GETARG_DATUM(0)), &summary);
	return summary;
}

/* Return a number, NULL for NaN. */
static Datum
number_or_null(FunctionCallInfo fcinfo, double number)
{
	if (isnan(number))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(number);
}

/* Days with a purchase. */
Datum
predseg_rfm_orders(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32((int32) summary_of(fcinfo).occasions);
}

/* Days with a purchase after the first. */
Datum
predseg_rfm_repeats(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32((int32) Max(summary_of(fcinfo).occasions - 1, 0));
}

/* Known amounts minus returns; NULL without any. */
Datum
predseg_rfm_total(PG_FUNCTION_ARGS)
{
	return number_or_null(fcinfo, summary_of(fcinfo).total);
}

/* Mean value of the days of known value; NULL without any. */
Datum
predseg_rfm_average(PG_FUNCTION_ARGS)
{
	return number_or_null(fcinfo, summary_of(fcinfo).average);
}

/* First day with a purchase, or NULL. */
Datum
predseg_rfm_first_day(PG_FUNCTION_ARGS)
{
	ps_rfm_summary summary = summary_of(fcinfo);

	if (summary.occasions == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(summary.first_day);
}

/* Last day with a purchase, or NULL. */
Datum
predseg_rfm_last_day(PG_FUNCTION_ARGS)
{
	ps_rfm_summary summary = summary_of(fcinfo);

	if (summary.occasions == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(summary.last_day);
}

void
predseg_rfm_history(Datum rfm, int32 as_of, bool *is_null, ps_history *out)
{
	if (DATE_NOT_FINITE(as_of))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_DATA),
				 errmsg("as_of is infinite"),
				 errhint("Give the day as of which the customer is judged.")));
	*is_null = !ps_rfm_history(open_canonical(rfm), as_of, out);
}

/* Days from the last purchase on or before as_of to as_of; NULL without any. */
Datum
predseg_rfm_days_since_last(PG_FUNCTION_ARGS)
{
	bool		is_null;
	ps_history	history;

	predseg_rfm_history(PG_GETARG_DATUM(0), PG_GETARG_DATEADT(1), &is_null, &history);
	if (is_null)
		PG_RETURN_NULL();
	PG_RETURN_INT32((int32) (history.tenure - history.recency));
}

/* The row (frequency, recency, tenure, monetary) as of a day; NULL without a purchase on or before it. */
Datum
predseg_rfm_btyd(PG_FUNCTION_ARGS)
{
	TupleDesc	descriptor = fcinfo->flinfo->fn_extra;
	bool		is_null;
	ps_history	history;
	Datum		values[4];
	bool		nulls[4] = {false};

	predseg_rfm_history(PG_GETARG_DATUM(0), PG_GETARG_DATEADT(1), &is_null, &history);
	if (is_null)
		PG_RETURN_NULL();
	if (descriptor == NULL)
	{
		MemoryContext previous = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);

		if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE || descriptor->natts != 4)
			elog(ERROR, "predseg.btyd must return predseg.btyd");
		fcinfo->flinfo->fn_extra = descriptor = BlessTupleDesc(descriptor);
		MemoryContextSwitchTo(previous);
	}
	values[0] = Float8GetDatum(history.frequency);
	values[1] = Float8GetDatum(history.recency);
	values[2] = Float8GetDatum(history.tenure);
	values[3] = Float8GetDatum(history.monetary);
	nulls[3] = isnan(history.monetary);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(descriptor, values, nulls)));
}

/* The type's OID once it is known. */
static Oid	known_type = InvalidOid;

/* Forget the OID when a type changes: the extension may be dropped and made again. */
static void
forget_type(Datum arg, int cache, uint32 hash)
{
	known_type = InvalidOid;
}

bool
predseg_is_rfm_type(Oid type)
{
	static bool registered = false;
	HeapTuple	tuple;
	Form_pg_type form;

	if (type == known_type)
		return OidIsValid(type);
	if (OidIsValid(known_type))
		return false;
	if (!registered)
	{
		CacheRegisterSyscacheCallback(TYPEOID, forget_type, (Datum) 0);
		registered = true;
	}
	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	if (!HeapTupleIsValid(tuple))
		return false;
	form = (Form_pg_type) GETSTRUCT(tuple);
	if (strcmp(NameStr(form->typname), "rfm") == 0)
	{
		char	   *schema = get_namespace_name(form->typnamespace);

		if (schema != NULL && strcmp(schema, "predseg") == 0)
			known_type = type;
	}
	ReleaseSysCache(tuple);
	return type == known_type && OidIsValid(type);
}
