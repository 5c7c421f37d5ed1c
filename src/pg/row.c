/*-------------------------------------------------------------------------
 *
 * row.c
 *	  See row.h.
 *
 * Conversions use no output function and no setting, so that scoring by model
 * value is immutable.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_type.h"
#include "common/shortest_dec.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "decimal.h"
#include "errors.h"
#include "rfm.h"
#include "row.h"
#include "zone.h"

/* Decide how a column type is read. */
static RowConversion
conversion_of(Oid type)
{
	Oid			base = getBaseType(type);

	switch (base)
	{
		case INT2OID:
			return ROW_INT2;
		case INT4OID:
			return ROW_INT4;
		case INT8OID:
			return ROW_INT8;
		case FLOAT4OID:
			return ROW_FLOAT4;
		case FLOAT8OID:
			return ROW_FLOAT8;
		case NUMERICOID:
			return ROW_NUMERIC;
		case BOOLOID:
			return ROW_BOOLEAN;
		case TEXTOID:
		case VARCHAROID:
			return ROW_TEXT;
		case BPCHAROID:
			return ROW_BPCHAR;
		case NAMEOID:
			return ROW_NAME;
		case DATEOID:
			return ROW_DATE;
		case TIMESTAMPOID:
			return ROW_TIMESTAMP;
		case TIMESTAMPTZOID:
			return ROW_TIMESTAMPTZ;
		case INTERVALOID:
			return ROW_INTERVAL;
		case UUIDOID:
			return ROW_UUID;
		default:
			if (type_is_enum(base))
				return ROW_ENUM;
			if (predseg_is_rfm_type(base))
				return ROW_HISTORY;
			return ROW_OTHER;
	}
}

static ps_type
engine_type(RowConversion conversion)
{
	switch (conversion)
	{
		case ROW_INT2:
		case ROW_INT4:
		case ROW_INT8:
		case ROW_FLOAT4:
		case ROW_FLOAT8:
		case ROW_NUMERIC:
			return PS_TYPE_NUMBER;
		case ROW_BOOLEAN:
			return PS_TYPE_BOOLEAN;
		case ROW_TEXT:
		case ROW_BPCHAR:
		case ROW_NAME:
		case ROW_ENUM:
			return PS_TYPE_TEXT;
		case ROW_HISTORY:
			return PS_TYPE_HISTORY;
		case ROW_DATE:
		case ROW_TIMESTAMP:
		case ROW_TIMESTAMPTZ:
			return PS_TYPE_MOMENT;
		case ROW_INTERVAL:
			return PS_TYPE_INTERVAL;
		case ROW_UUID:
			return PS_TYPE_IDENTIFIER;
		case ROW_OTHER:
			break;
	}
	return PS_TYPE_OTHER;
}

ps_type
row_type(Oid type)
{
	return engine_type(conversion_of(type));
}

bool
row_is_anonymous(TupleDesc desc)
{
	if (desc->tdtypeid != RECORDOID || desc->natts == 0)
		return false;
	for (int i = 0; i < desc->natts; i++)
	{
		char		made_up[16];

		snprintf(made_up, sizeof(made_up), "f%d", i + 1);
		if (strcmp(NameStr(TupleDescAttr(desc, i)->attname), made_up) != 0)
			return false;
	}
	return true;
}

/* Refuse a row whose column names PostgreSQL made up. */
static void
refuse_anonymous_row(TupleDesc desc)
{
	if (!row_is_anonymous(desc))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_PREDSEG_MISSING_COLUMN),
			 errmsg("the row has no column names of its own, only f1 to f%d", desc->natts),
			 errdetail("Columns are matched by name, and PostgreSQL makes up the names of ROW(...)."),
			 errhint("Pass a whole row of a table, view or sub-query as t.*, or cast the row to a named type.")));
}

void
row_columns(TupleDesc desc, ps_column **columns, int **attributes, int *n)
{
	refuse_anonymous_row(desc);
	*columns = palloc(Max(desc->natts, 1) * sizeof(ps_column));
	*attributes = palloc(Max(desc->natts, 1) * sizeof(int));
	*n = 0;
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);

		if (attribute->attisdropped)
			continue;
		(*columns)[*n].name = pstrdup(NameStr(attribute->attname));
		(*columns)[*n].type = row_type(attribute->atttypid);
		(*attributes)[*n] = i;
		(*n)++;
	}
}

/* Find an attribute by name, which only one may have; -1 when there is none. */
static int
find_attribute(TupleDesc desc, const char *name)
{
	int			found = -1;

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);

		if (attribute->attisdropped || strcmp(NameStr(attribute->attname), name) != 0)
			continue;
		if (found >= 0)
			ereport(ERROR,
					(errcode(ERRCODE_PREDSEG_INVALID_DATA),
					 errmsg("column name \"%s\" appears twice in the rows", name),
					 errhint("Columns are matched by name; give each one of its own."),
					 err_generic_string(PG_DIAG_COLUMN_NAME, name)));
		found = i;
	}
	return found;
}

/* Find the only purchase history of a row by its type. */
static int
find_history(TupleDesc desc)
{
	int			found = -1;

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);

		if (attribute->attisdropped || conversion_of(attribute->atttypid) != ROW_HISTORY)
			continue;
		if (found >= 0)
			ereport(ERROR,
					(errcode(ERRCODE_PREDSEG_MISSING_COLUMN),
					 errmsg("the row has more than one column of type predseg.rfm: \"%s\" and \"%s\"",
							NameStr(TupleDescAttr(desc, found)->attname),
							NameStr(attribute->attname)),
					 errhint("Pass a row with the one that is meant.")));
		found = i;
	}
	if (found < 0)
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_MISSING_COLUMN),
				 errmsg("the row has no column of type predseg.rfm"),
				 errhint("Build one from the orders: SELECT customer_id, predseg.rfm(ordered_at, amount, 'Europe/Vienna') FROM orders GROUP BY customer_id.")));
	return found;
}

/* Report a column that is not in the row, with those that are. */
static void
report_missing(TupleDesc desc, const char *name)
{
	StringInfoData there;
	int			listed = 0;

	initStringInfo(&there);
	for (int i = 0; i < desc->natts && listed < 20; i++)
	{
		if (TupleDescAttr(desc, i)->attisdropped)
			continue;
		appendStringInfo(&there, "%s%s", listed == 0 ? "" : ", ", NameStr(TupleDescAttr(desc, i)->attname));
		listed++;
	}
	ereport(ERROR,
			(errcode(ERRCODE_PREDSEG_MISSING_COLUMN),
			 errmsg("the row has no column \"%s\", which the model needs", name),
			 listed > 0 ? errdetail("Its columns are: %s.", there.data) : errdetail("It has no columns."),
			 errhint("Score the same columns that the model was trained on; the names must agree."),
			 err_generic_string(PG_DIAG_COLUMN_NAME, name)));
}

RowBinding *
row_bind(TupleDesc desc, const ps_input *inputs, size_t ninputs, const char *zone)
{
	RowBinding *binding = palloc0(sizeof(RowBinding));

	refuse_anonymous_row(desc);
	binding->ninputs = (int) ninputs;
#ifdef USE_FLOAT8_BYVAL
	binding->are_numbers = true;
#endif
	binding->inputs = palloc0(Max(ninputs, 1) * sizeof(RowInput));
	for (size_t i = 0; i < ninputs; i++)
	{
		RowInput   *input = &binding->inputs[i];
		int			attribute = find_attribute(desc, inputs[i].name);

		if (inputs[i].type == PS_TYPE_HISTORY &&
			(attribute < 0 || row_type(TupleDescAttr(desc, attribute)->atttypid) != PS_TYPE_HISTORY))
			attribute = find_history(desc);
		if (inputs[i].type == PS_TYPE_MOMENT)
			binding->zone = zone_find(zone);
		input->attribute = attribute;
		input->is_as_of = ps_is_as_of(inputs[i].name, inputs[i].type);
		if (attribute != (int) i || input->is_as_of)
			binding->are_numbers = false;
		if (attribute < 0 && input->is_as_of)
			continue;
		if (attribute < 0)
			report_missing(desc, inputs[i].name);
		input->conversion = conversion_of(TupleDescAttr(desc, attribute)->atttypid);
		input->name = pstrdup(NameStr(TupleDescAttr(desc, attribute)->attname));
		if (engine_type(input->conversion) != inputs[i].type)
			ereport(ERROR,
					(errcode(ERRCODE_PREDSEG_WRONG_TYPE),
					 errmsg("column \"%s\" is of type %s, but the model was trained on a %s", input->name,
							format_type_be(TupleDescAttr(desc, attribute)->atttypid),
							ps_type_name(inputs[i].type)),
					 errhint("Cast the column to the type it had in training, or train again."),
					 err_generic_string(PG_DIAG_COLUMN_NAME, input->name)));
		if (inputs[i].type == PS_TYPE_HISTORY)
			binding->needs_as_of = true;
		if (input->conversion != ROW_FLOAT8)
			binding->are_numbers = false;
	}
	binding->as_of = find_attribute(desc, PS_AS_OF);
	if (binding->as_of >= 0)
		binding->as_of_type = getBaseType(TupleDescAttr(desc, binding->as_of)->atttypid);
	return binding;
}

double
row_interval_days(const Interval *interval)
{
	return interval->month * (DAYS_PER_YEAR / MONTHS_PER_YEAR) + interval->day +
		interval->time / (double) USECS_PER_DAY;
}

/* Refuse a value that is no finite number or moment. */
static void
refuse_value(const RowInput *input, const char *value, const char *kind)
{
	ereport(ERROR,
			(errcode(ERRCODE_PREDSEG_INVALID_DATA),
			 errmsg("column \"%s\" has the value %s", input->name, value),
			 errhint("Only finite %s can be used; make it NULL if it is unknown, for example with NULLIF.", kind),
			 err_generic_string(PG_DIAG_COLUMN_NAME, input->name)));
}

/* Read a date or time as days since 2000-01-01. */
static double
read_moment(const RowBinding *binding, const RowInput *input, Datum value)
{
	Timestamp	at;

	if (input->conversion == ROW_DATE)
	{
		DateADT		day = DatumGetDateADT(value);

		if (DATE_NOT_FINITE(day))
			refuse_value(input, DATE_IS_NOBEGIN(day) ? "-infinity" : "infinity", "moments");
		return day;
	}
	at = DatumGetTimestamp(value);
	if (TIMESTAMP_NOT_FINITE(at))
		refuse_value(input, TIMESTAMP_IS_NOBEGIN(at) ? "-infinity" : "infinity", "moments");
	if (input->conversion == ROW_TIMESTAMPTZ)
		at = zone_local(at, binding->zone);
	return at / (double) USECS_PER_DAY;
}

/*
 * Fill the cell of the moment judged where the call decides it: it gives one,
 * or the row has none.  Returns false where the row's own counts.
 */
static bool
read_as_of(const RowBinding *binding, const RowInput *input, const RowMoment *moment, ps_cell *cell)
{
	if (!moment->given && input->attribute >= 0)
		return false;
	cell->null = false;
	if (moment->given)
	{
		if (DATE_NOT_FINITE(moment->day))
			ereport(ERROR,
					(errcode(ERRCODE_PREDSEG_INVALID_DATA),
					 errmsg("as_of must be a finite date")));
		cell->number = moment->day;
	}
	else if (moment->today_if_missing)
		cell->number = floor(zone_local(GetCurrentTransactionStartTimestamp(), binding->zone) / (double) USECS_PER_DAY);
	else
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_MISSING_COLUMN),
				 errmsg("the moment that dates are counted from is not given"),
				 errhint("The model was trained with a column \"as_of\": give it in the row. Only a model asked by name takes today.")));
	return true;
}

bool
row_day(const RowBinding *binding, const Datum *values, const bool *nulls, const RowMoment *moment, DateADT *day)
{
	if (moment->given)
		*day = moment->day;
	else if (binding->as_of >= 0)
	{
		if (nulls[binding->as_of])
			return false;
		if (binding->as_of_type == DATEOID)
			*day = DatumGetDateADT(values[binding->as_of]);
		else if (binding->as_of_type == TIMESTAMPOID)
			*day = DatumGetDateADT(DirectFunctionCall1(timestamp_date, values[binding->as_of]));
		else
			ereport(ERROR,
					(errcode(ERRCODE_PREDSEG_WRONG_TYPE),
					 errmsg("column \"as_of\" is of type %s, but must be a date",
							format_type_be(binding->as_of_type)),
					 errhint("Cast it to date; of a timestamp with time zone first choose the zone: (as_of AT TIME ZONE 'Europe/Vienna')::date."),
					 err_generic_string(PG_DIAG_COLUMN_NAME, "as_of")));
	}
	else if (moment->today_if_missing)
		*day = DatumGetDateADT(DirectFunctionCall1(timestamptz_date,
												   TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())));
	else
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_MISSING_COLUMN),
				 errmsg("the moment to judge purchase histories at is not given"),
				 errhint("Give as_of, or a column \"as_of\" of type date in the row. Only a model asked by name takes today.")));
	if (DATE_NOT_FINITE(*day))
		ereport(ERROR,
				(errcode(ERRCODE_PREDSEG_INVALID_DATA),
				 errmsg("as_of must be a finite date")));
	return true;
}

/* Read the label of an enum value; catalog text, no output function. */
static void
read_enum(Oid value, ps_cell *cell)
{
	HeapTuple	tuple = SearchSysCache1(ENUMOID, ObjectIdGetDatum(value));
	char	   *label;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid internal value for enum: %u", value)));
	label = pstrdup(NameStr(((Form_pg_enum) GETSTRUCT(tuple))->enumlabel));
	ReleaseSysCache(tuple);
	cell->text = label;
	cell->length = strlen(label);
}

bool
row_read(const RowBinding *binding, const Datum *values, const bool *nulls,
		 const RowMoment *moment, ps_cell *cells)
{
	DateADT		day = 0;

	if (binding->needs_as_of && !row_day(binding, values, nulls, moment, &day))
		return false;
	for (int i = 0; i < binding->ninputs; i++)
	{
		const RowInput *input = &binding->inputs[i];
		ps_cell    *cell = &cells[i];
		Datum		value;

		if (input->is_as_of && read_as_of(binding, input, moment, cell))
			continue;
		value = values[input->attribute];
		cell->null = nulls[input->attribute];
		if (cell->null)
			continue;
		switch (input->conversion)
		{
			case ROW_INT2:
				cell->number = DatumGetInt16(value);
				break;
			case ROW_INT4:
				cell->number = DatumGetInt32(value);
				break;
			case ROW_INT8:
				cell->number = (double) DatumGetInt64(value);
				break;
			case ROW_FLOAT4:
				cell->number = DatumGetFloat4(value);
				break;
			case ROW_FLOAT8:
				cell->number = DatumGetFloat8(value);
				break;
			case ROW_NUMERIC:
				cell->number = decimal_number(value);
				break;
			case ROW_BOOLEAN:
				cell->number = DatumGetBool(value) ? 1 : 0;
				break;
			case ROW_TEXT:
			case ROW_BPCHAR:
				{
					text	   *packed = DatumGetTextPP(value);

					cell->text = VARDATA_ANY(packed);
					cell->length = VARSIZE_ANY_EXHDR(packed);

					/* Trailing blanks of char(n) do not count, as in comparisons. */
					if (input->conversion == ROW_BPCHAR)
						while (cell->length > 0 && cell->text[cell->length - 1] == ' ')
							cell->length--;
					break;
				}
			case ROW_NAME:
				cell->text = NameStr(*DatumGetName(value));
				cell->length = strlen(cell->text);
				break;
			case ROW_ENUM:
				read_enum(DatumGetObjectId(value), cell);
				break;
			case ROW_HISTORY:
				predseg_rfm_history(value, day, &cell->null, &cell->history);
				break;
			case ROW_DATE:
			case ROW_TIMESTAMP:
			case ROW_TIMESTAMPTZ:
				cell->number = read_moment(binding, input, value);
				break;
			case ROW_INTERVAL:
				if (INTERVAL_NOT_FINITE(DatumGetIntervalP(value)))
					refuse_value(input, DatumGetIntervalP(value)->month > 0 ? "infinity" : "-infinity", "intervals");
				cell->number = row_interval_days(DatumGetIntervalP(value));
				break;
			case ROW_UUID:
			case ROW_OTHER:
				elog(ERROR, "column \"%s\" has no conversion", input->name);
		}
		if (input->conversion <= ROW_NUMERIC && !isfinite(cell->number))
			refuse_value(input, isnan(cell->number) ? "NaN" : (cell->number > 0 ? "Infinity" : "-Infinity"), "numbers");
	}
	return true;
}

ps_numbers
row_numbers(const NullableDatum *columns)
{
	return (ps_numbers) {(const double *) &columns->value, &columns->isnull, sizeof(NullableDatum)};
}

/* Write a moment, days since 2000-01-01, as year, month, day and, unless only the date counts, time. */
static char *
moment_text(double days, bool only_date)
{
	char		text[MAXDATELEN + 1];
	struct pg_tm parts;
	fsec_t		fraction;

	if (timestamp2tm((Timestamp) rint(days * (double) USECS_PER_DAY), NULL, &parts, &fraction, NULL, NULL) != 0)
		return NULL;
	if (only_date)
		EncodeDateOnly(&parts, USE_ISO_DATES, text);
	else
		EncodeDateTime(&parts, fraction, false, 0, NULL, USE_ISO_DATES, text);
	return pstrdup(text);
}

char *
row_text(const RowInput *input, const Datum *values, const ps_cell *cell)
{
	Datum		value = input->attribute >= 0 ? values[input->attribute] : (Datum) 0;
	char		number[64];

	if (cell->null)
		return NULL;
	switch (input->conversion)
	{
		case ROW_INT2:
		case ROW_INT4:
		case ROW_FLOAT8:
			ps_format(number, sizeof(number), "%g", cell->number);
			return pstrdup(number);
		case ROW_INT8:
			return psprintf(INT64_FORMAT, DatumGetInt64(value));
		case ROW_FLOAT4:
			/* a double would show digits that float4 does not have */
			number[float_to_shortest_decimal_bufn(DatumGetFloat4(value), number)] = '\0';
			return pstrdup(number);
		case ROW_NUMERIC:
			return DatumGetCString(DirectFunctionCall1(numeric_out, DirectFunctionCall1(numeric_trim_scale, value)));
		case ROW_BOOLEAN:
			return pstrdup(cell->number != 0 ? "true" : "false");
		case ROW_TEXT:
		case ROW_BPCHAR:
		case ROW_NAME:
		case ROW_ENUM:
			return pnstrdup(cell->text, cell->length);
		case ROW_DATE:
		case ROW_TIMESTAMP:
		case ROW_TIMESTAMPTZ:
			return moment_text(cell->number, input->conversion == ROW_DATE);
		case ROW_INTERVAL:
			ps_format(number, sizeof(number), "%g days", cell->number);
			return pstrdup(number);
		case ROW_UUID:
		case ROW_HISTORY:
		case ROW_OTHER:
			break;
	}
	return NULL;
}
