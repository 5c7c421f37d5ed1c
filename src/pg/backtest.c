/*-------------------------------------------------------------------------
 *
 * backtest.c
 *	  What a back-test of purchase models needs and SQL cannot do: reading the
 *	  transactions of a source, and checking and cutting up its time.
 *
 * The rest is SQL, in sql/backtest.sql.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "errors.h"
#include "rfm.h"
#include "row.h"
#include "source.h"
#include "zone.h"

typedef struct Transactions
{
	const char *key;
	const char *at;
	const char *amount;			/* column, or NULL */
	const char *zone;			/* or NULL */
	int			key_attribute;
	FmgrInfo	key_output;
	int			at_attribute;
	Oid			at_type;
	pg_tz	   *at_zone;		/* of a timestamp with time zone, or NULL */
	RowBinding *amount_binding; /* or NULL */
	int64		without_key;
	int64		without_day;
	MemoryContext row_context;
	ReturnSetInfo *result;
} Transactions;

/* Get a text argument; NULL where it is NULL. */
static char *
text_argument(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(argument));
}

/* Look at the type of the column of moments. */
static void
bind_moment(Transactions *reader, TupleDesc desc)
{
	reader->at_attribute = source_column(desc, "at", reader->at);
	reader->at_type = getBaseType(TupleDescAttr(desc, reader->at_attribute)->atttypid);
	if (reader->at_type != DATEOID && reader->at_type != TIMESTAMPOID && reader->at_type != TIMESTAMPTZOID)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_WRONG_TYPE),
				 errmsg("column \"%s\" is of type %s", reader->at,
						format_type_be(TupleDescAttr(desc, reader->at_attribute)->atttypid)),
				 errhint("The moment of a transaction is a date or a timestamp."),
				 err_generic_string(PG_DIAG_COLUMN_NAME, reader->at)));
	if (reader->at_type == TIMESTAMPTZOID)
	{
		if (reader->zone == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_PREDSEG_INVALID_DATA),
					 errmsg("column \"%s\" has a time zone, and no zone is given", reader->at),
					 errhint("Give the zone whose calendar the customer's days follow, such as zone => 'Europe/Vienna'.")));
		reader->at_zone = zone_find(reader->zone);
	}
}

/* Look at the columns of the source. */
static void
start_rows(void *argument, TupleDesc desc)
{
	Transactions *reader = argument;
	const ps_input amount = {reader->amount, PS_TYPE_NUMBER};
	int			attribute;
	Oid			output;
	bool		is_varlena;

	reader->key_attribute = source_column(desc, "key", reader->key);
	getTypeOutputInfo(TupleDescAttr(desc, reader->key_attribute)->atttypid, &output, &is_varlena);
	fmgr_info(output, &reader->key_output);
	bind_moment(reader, desc);
	if (reader->amount != NULL)
	{
		attribute = source_column(desc, "amount", reader->amount);
		if (row_type(TupleDescAttr(desc, attribute)->atttypid) != PS_TYPE_NUMBER)
			ereport(ERROR,
					(errcode(ERRCODE_PREDSEG_WRONG_TYPE),
					 errmsg("column \"%s\" is of type %s", reader->amount,
							format_type_be(TupleDescAttr(desc, attribute)->atttypid)),
					 errhint("The amount of a transaction is a number; without amounts, say amount => NULL."),
					 err_generic_string(PG_DIAG_COLUMN_NAME, reader->amount)));
		reader->amount_binding = row_bind(desc, &amount, 1, NULL);
	}
}

/* Return (customer, day, value) of a row; without customer or day, count it. */
static void
take_row(void *argument, const Datum *row, const bool *row_nulls)
{
	Transactions *reader = argument;
	const RowMoment moment = {0};
	ps_cell		amount = {.null = true};
	Datum		values[3];
	bool		nulls[3] = {false, false, false};
	MemoryContext old;

	reader->without_key += row_nulls[reader->key_attribute];
	reader->without_day += !row_nulls[reader->key_attribute] && row_nulls[reader->at_attribute];
	if (row_nulls[reader->key_attribute] || row_nulls[reader->at_attribute])
		return;
	old = MemoryContextSwitchTo(reader->row_context);
	values[0] = CStringGetTextDatum(OutputFunctionCall(&reader->key_output, row[reader->key_attribute]));
	values[1] = DateADTGetDatum(predseg_rfm_day(row[reader->at_attribute], reader->at_type, reader->at_zone));
	if (reader->amount_binding != NULL)
		row_read(reader->amount_binding, row, row_nulls, &moment, &amount);
	values[2] = Float8GetDatum(amount.number);
	nulls[2] = amount.null;
	tuplestore_putvalues(reader->result->setResult, reader->result->setDesc, values, nulls);
	MemoryContextSwitchTo(old);
	MemoryContextReset(reader->row_context);
}

/* transactions(source, key, at, amount, zone) */
PG_FUNCTION_INFO_V1(predseg_transactions);
Datum
predseg_transactions(PG_FUNCTION_ARGS)
{
	Transactions *reader = palloc0(sizeof(Transactions));

	for (int i = 0; i < 3; i++)
		if (PG_ARGISNULL(i))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("the source, key and at of transactions must not be NULL")));
	InitMaterializedSRF(fcinfo, 0);
	reader->key = text_argument(fcinfo, 1);
	reader->at = text_argument(fcinfo, 2);
	reader->amount = text_argument(fcinfo, 3);
	reader->zone = text_argument(fcinfo, 4);
	reader->result = (ReturnSetInfo *) fcinfo->resultinfo;
	reader->row_context = AllocSetContextCreate(CurrentMemoryContext, "predseg row", ALLOCSET_SMALL_SIZES);
	source_read(source_parse(text_argument(fcinfo, 0)), start_rows, take_row, reader);
	if (reader->without_key > 0)
		ereport(NOTICE,
				(errmsg("%lld transactions without a customer are left out: column \"%s\" is NULL",
						(long long) reader->without_key, reader->key)));
	if (reader->without_day > 0)
		ereport(NOTICE,
				(errmsg("%lld transactions without a day are left out: column \"%s\" is NULL",
						(long long) reader->without_day, reader->at)));
	PG_RETURN_NULL();
}

/* Refuse a hold-out that does not begin after the first purchase, or has no day. */
static void
check_holdout(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(1) || DATE_NOT_FINITE(PG_GETARG_DATEADT(1)))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_DATA),
				 errmsg("split_at must be a day, not NULL or infinite")));
	if (PG_ARGISNULL(0) || PG_GETARG_DATEADT(0) > PG_GETARG_DATEADT(1))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_TOO_LITTLE_DATA),
				 errmsg("there is no purchase on or before split_at"),
				 errhint("Models learn from what happened until then: split later.")));
	if (PG_ARGISNULL(2) || DATE_NOT_FINITE(PG_GETARG_DATEADT(2)) || PG_GETARG_DATEADT(2) <= PG_GETARG_DATEADT(1))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_TOO_LITTLE_DATA),
				 errmsg("there is no hold-out: it ends on or before split_at, or never"),
				 errhint("It ends with the last purchase, or on the day ends_at: split earlier.")));
}

/* holdout_end(first_day, split_at, ends_at): ends_at, once it is known to be right. */
PG_FUNCTION_INFO_V1(predseg_holdout_end);
Datum
predseg_holdout_end(PG_FUNCTION_ARGS)
{
	check_holdout(fcinfo);
	PG_RETURN_DATEADT(PG_GETARG_DATEADT(2));
}

/* The day so many periods after split_at. */
static DateADT
day_after(DateADT split_at, const Interval *period, int periods)
{
	Datum		span = DirectFunctionCall2(interval_mul, IntervalPGetDatum(period), Float8GetDatum(periods));

	return DatumGetDateADT(DirectFunctionCall1(timestamp_date,
											   DirectFunctionCall2(date_pl_interval, DateADTGetDatum(split_at), span)));
}

/* Return (bin, first_day, last_day). */
static void
return_period(ReturnSetInfo *result, int bin, DateADT first_day, DateADT last_day)
{
	Datum		values[3] = {Int32GetDatum(bin), DateADTGetDatum(first_day), DateADTGetDatum(last_day)};
	bool		nulls[3] = {false, false, false};

	CHECK_FOR_INTERRUPTS();
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/*
 * holdout_periods(first_day, split_at, ends_at, period): periods that cover
 * first_day .. ends_at, one of them ending on split_at.  They are counted from
 * there: 1 is the first of the hold-out, 0 the last before it.
 */
PG_FUNCTION_INFO_V1(predseg_holdout_periods);
Datum
predseg_holdout_periods(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	DateADT		split_at,
				ends_at,
				last;
	const Interval *period;

	check_holdout(fcinfo);
	period = PG_ARGISNULL(3) ? NULL : PG_GETARG_INTERVAL_P(3);
	if (period == NULL || INTERVAL_NOT_FINITE(period) || period->month < 0 || period->day < 0 || period->time != 0 ||
		(period->month == 0 && period->day == 0))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_DATA),
				 errmsg("the period must be whole days, weeks, months or years, one day at least")));
	InitMaterializedSRF(fcinfo, 0);
	split_at = PG_GETARG_DATEADT(1);
	ends_at = PG_GETARG_DATEADT(2);
	last = split_at;
	for (int bin = 0; last >= PG_GETARG_DATEADT(0); bin--)
	{
		DateADT		before = day_after(split_at, period, bin - 1);

		return_period(result, bin, before + 1, last);
		last = before;
	}
	last = split_at;
	for (int bin = 1; last < ends_at; bin++)
	{
		DateADT		next = Min(day_after(split_at, period, bin), ends_at);

		return_period(result, bin, last + 1, next);
		last = next;
	}
	PG_RETURN_NULL();
}
