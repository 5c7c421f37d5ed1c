/*-------------------------------------------------------------------------
 *
 * store.h
 *	  Constant statements on predseg's own tables.
 *
 * Every function needs an SPI connection and runs its statement between
 * authority_enter and authority_leave.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PREDSEG_STORE_H
#define PREDSEG_STORE_H

#include "postgres.h"

#include "executor/spi.h"
#include "utils/tuplestore.h"

/* A parameter of a statement. */
typedef struct StoreValue
{
	Oid			type;
	Datum		value;
	bool		isnull;
} StoreValue;

extern StoreValue store_text(const char *text);	/* NULL becomes the SQL null */
extern StoreValue store_int4(int32 number);
extern StoreValue store_int8(int64 number);
extern StoreValue store_oid(Oid oid);
extern StoreValue store_bool(bool truth);
extern StoreValue store_time(TimestampTz time);
extern StoreValue store_datum(Oid type, Datum value, bool isnull);

/* Run a constant statement; returns the number of rows. Rows read are in SPI_tuptable. */
extern uint64 store_execute(const char *statement, int count, const StoreValue *values);

/* The same under the snapshot of the calling query, as a STABLE function must. */
extern uint64 store_read(const char *statement, int count, const StoreValue *values);

/* The same for a query whose rows go to a tuplestore. */
extern void store_select(Tuplestorestate *rows, const char *statement, int count, const StoreValue *values);

/* One value of a row that was read; NULL for the SQL null. */
extern char *store_get_text(uint64 row, int column);
extern int64 store_get_int8(uint64 row, int column);

/* Let the next statements read a tuplestore as a relation of that name, until store_forget. */
extern void store_register(const char *name, Tuplestorestate *rows, TupleDesc desc);
extern void store_forget(const char *name);

#define STORE_VALUES(...) \
	(int) (sizeof((StoreValue[]) {__VA_ARGS__}) / sizeof(StoreValue)), (StoreValue[]) {__VA_ARGS__}

#endif							/* PREDSEG_STORE_H */
