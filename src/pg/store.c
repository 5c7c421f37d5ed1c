/*-------------------------------------------------------------------------
 *
 * store.c
 *	  See store.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/tstoreReceiver.h"
#include "miscadmin.h"
#include "nodes/params.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/queryenvironment.h"
#include "utils/timestamp.h"

#include "authority.h"
#include "compat.h"
#include "store.h"

StoreValue
store_datum(Oid type, Datum value, bool isnull)
{
	return (StoreValue) {type, value, isnull};
}

StoreValue
store_text(const char *text)
{
	return store_datum(TEXTOID, text != NULL ? CStringGetTextDatum(text) : (Datum) 0, text == NULL);
}

StoreValue
store_int4(int32 number)
{
	return store_datum(INT4OID, Int32GetDatum(number), false);
}

StoreValue
store_int8(int64 number)
{
	return store_datum(INT8OID, Int64GetDatum(number), false);
}

StoreValue
store_oid(Oid oid)
{
	return store_datum(OIDOID, ObjectIdGetDatum(oid), false);
}

StoreValue
store_bool(bool truth)
{
	return store_datum(BOOLOID, BoolGetDatum(truth), false);
}

StoreValue
store_time(TimestampTz time)
{
	return store_datum(TIMESTAMPTZOID, TimestampTzGetDatum(time), false);
}

/* Run a constant statement, its rows to a receiver or, when that is NULL, to SPI_tuptable. */
static uint64
execute(const char *statement, int count, const StoreValue *values, bool read_only, DestReceiver *receiver)
{
	AuthorityScope scope;
	ParamListInfo parameters = makeParamList(count);
	SPIExecuteOptions options = {.params = parameters, .read_only = read_only, .dest = receiver};
	int			result;

	for (int i = 0; i < count; i++)
	{
		parameters->params[i].ptype = values[i].type;
		parameters->params[i].value = values[i].value;
		parameters->params[i].isnull = values[i].isnull;
		parameters->params[i].pflags = PARAM_FLAG_CONST;
	}
	authority_enter(&scope);

	/* Estimates of set-based statements are large, and compiling them costs more than it saves. */
	(void) set_config_option("jit", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	result = SPI_execute_extended(statement, &options);
	if (result < 0)
		elog(ERROR, "could not run a statement of predseg: %s", SPI_result_code_string(result));
	authority_leave(&scope);
	return SPI_processed;
}

uint64
store_execute(const char *statement, int count, const StoreValue *values)
{
	return execute(statement, count, values, false, NULL);
}

uint64
store_read(const char *statement, int count, const StoreValue *values)
{
	return execute(statement, count, values, true, NULL);
}

void
store_select(Tuplestorestate *rows, const char *statement, int count, const StoreValue *values)
{
	DestReceiver *receiver = CreateTuplestoreDestReceiver();

	SetTuplestoreDestReceiverParams(receiver, rows, CurrentMemoryContext, false, NULL, NULL);
	(void) execute(statement, count, values, false, receiver);
	receiver->rDestroy(receiver);
}

char *
store_get_text(uint64 row, int column)
{
	return SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column);
}

int64
store_get_int8(uint64 row, int column)
{
	bool		isnull;

	return DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &isnull));
}

void
store_register(const char *name, Tuplestorestate *rows, TupleDesc desc)
{
	EphemeralNamedRelation relation = palloc0(sizeof(EphemeralNamedRelationData));

	relation->md.name = pstrdup(name);
	relation->md.tupdesc = desc;
	relation->md.enrtype = ENR_NAMED_TUPLESTORE;
	relation->md.enrtuples = (double) tuplestore_tuple_count(rows);
	relation->reldata = rows;
	if (SPI_register_relation(relation) != SPI_OK_REL_REGISTER)
		elog(ERROR, "could not register %s", name);
}

void
store_forget(const char *name)
{
	(void) SPI_unregister_relation(name);
}
