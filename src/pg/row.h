/*-------------------------------------------------------------------------
 *
 * row.h
 *	  Rows of PostgreSQL as cells of the engine, matched by column name.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PREDSEG_ROW_H
#define PREDSEG_ROW_H

#include "postgres.h"

#include "access/htup.h"
#include "access/tupdesc.h"
#include "pgtime.h"
#include "utils/date.h"
#include "utils/timestamp.h"

#include "ps_frame.h"
#include "ps_learner.h"

/* How an attribute's datum becomes a cell. */
typedef enum RowConversion
{
	ROW_INT2,
	ROW_INT4,
	ROW_INT8,
	ROW_FLOAT4,
	ROW_FLOAT8,
	ROW_NUMERIC,
	ROW_BOOLEAN,
	ROW_TEXT,
	ROW_BPCHAR,
	ROW_NAME,
	ROW_ENUM,
	ROW_HISTORY,
	ROW_DATE,
	ROW_TIMESTAMP,
	ROW_TIMESTAMPTZ,
	ROW_INTERVAL,
	ROW_UUID,
	ROW_OTHER
} RowConversion;

typedef struct RowInput
{
	int			attribute;		/* index into the row's values, -1 for an as_of that it need not have */
	RowConversion conversion;
	bool		is_as_of;		/* the moment that others are counted from */
	const char *name;			/* for messages */
} RowInput;

/* Which attributes of a row type feed which cells. */
typedef struct RowBinding
{
	int			ninputs;
	RowInput   *inputs;
	pg_tz	   *zone;			/* of timestamps with time zone; NULL without moments */
	bool		needs_as_of;	/* some input is a history */
	bool		are_numbers;	/* input i is attribute i, of type float8 and passed by value */
	int			as_of;			/* attribute that says the day judged, or -1 */
	Oid			as_of_type;
} RowBinding;

/* The moment judged, as far as the call says it. */
typedef struct RowMoment
{
	bool		given;
	DateADT		day;
	bool		today_if_missing;	/* by name; a model value has no today */
} RowMoment;

/* The engine's type of a column type, seen through domains; PS_TYPE_OTHER when no method reads it. */
extern ps_type row_type(Oid type);

/* Did PostgreSQL make up the names of all columns of a row type (f1, f2, ...)? */
extern bool row_is_anonymous(TupleDesc desc);

/*
 * List the live columns of a row type: columns[] (palloc'd, *n of them) and
 * their attribute indices. Refuses an anonymous row whose names PostgreSQL
 * made up (f1, f2, ...).
 */
extern void row_columns(TupleDesc desc, ps_column **columns, int **attributes, int *n);

/*
 * Bind inputs to a row type by name; a history is found by its type where its
 * name is not there. Timestamps with time zone are read in the zone, which may
 * be NULL where no input is a moment. Errors name the column that is missing or
 * cannot serve.
 */
extern RowBinding *row_bind(TupleDesc desc, const ps_input *inputs, size_t ninputs, const char *zone);

/* A finite interval in days: a month is 365.25/12 of them. */
extern double row_interval_days(const Interval *interval);

/*
 * Fill cells[ninputs] from a deformed row. Text points into memory of the
 * current context or of the row. Returns false when the row has no moment to
 * be judged at (its as_of is NULL): the answer is NULL then.
 */
extern bool row_read(const RowBinding *binding, const Datum *values, const bool *nulls,
					 const RowMoment *moment, ps_cell *cells);

/* Decide the day a row is judged at; false when its own as_of is NULL. */
extern bool row_day(const RowBinding *binding, const Datum *values, const bool *nulls, const RowMoment *moment,
					DateADT *day);

/* The columns of a row whose binding says that they are numbers, where they are. */
extern ps_numbers row_numbers(const NullableDatum *columns);

/*
 * Write the value of an input that row_read has read as a person reads it:
 * the shortest text of a number, texts as they are, true or false. No setting
 * has a say. NULL for NULL, and for histories.
 */
extern char *row_text(const RowInput *input, const Datum *values, const ps_cell *cell);

#endif							/* PREDSEG_ROW_H */
