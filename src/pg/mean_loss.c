/*-------------------------------------------------------------------------
 *
 * mean_loss.c
 *	  Aggregates that are means over rows (log_loss, brier, rmse, mae), and
 *	  their state, the type predseg.mean_loss.
 *
 * The type has a fixed length: in memory it is the engine's sums behind the
 * version of this layout, which the aggregate changes in place.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "aggregate_state.h"
#include "compat.h"
#include "errors.h"
#include "metrics.h"
#include "ps_mean_loss.h"

#define LAYOUT_VERSION 1

/* INTERNALLENGTH in sql/evaluate.sql is its size. */
typedef struct MeanLoss
{
	uint64		version;
	ps_mean_loss mean;
} MeanLoss;

StaticAssertDecl(sizeof(MeanLoss) == 40, "the length of predseg.mean_loss is fixed");

#define PG_GETARG_MEAN_LOSS(n) ((MeanLoss *) PG_GETARG_POINTER(n))

/* Add a pair (actual, predicted [, weight]); pairs with a NULL are skipped. */
static Datum
accumulate(FunctionCallInfo fcinfo, ps_loss_of_row kind)
{
	bool		weighted = PG_NARGS() > 3;
	MeanLoss   *state;
	double		actual;
	ps_error	error;

	(void) state_context(fcinfo);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || (weighted && PG_ARGISNULL(3)))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	if (PG_ARGISNULL(0))
	{
		/* what the executor does not know yet, it copies to where the state lives */
		state = palloc0(sizeof(MeanLoss));
		state->version = LAYOUT_VERSION;
	}
	else
		state = PG_GETARG_MEAN_LOSS(0);
	actual = kind == PS_LOG_LOSS || kind == PS_BRIER_LOSS ? metric_actual(fcinfo, 1) : PG_GETARG_FLOAT8(1);
	predseg_check(ps_mean_loss_add(&state->mean, kind, actual, PG_GETARG_FLOAT8(2),
								   weighted ? PG_GETARG_FLOAT8(3) : 1, &error), &error);
	PG_RETURN_POINTER(state);
}

/* Define the transition function of a loss. */
#define ADD_FUNCTION(name, kind) \
PG_FUNCTION_INFO_V1(predseg_##name##_add); \
Datum \
predseg_##name##_add(PG_FUNCTION_ARGS) \
{ \
	return accumulate(fcinfo, kind); \
} \
extern Datum predseg_##name##_add(PG_FUNCTION_ARGS)

ADD_FUNCTION(log_loss, PS_LOG_LOSS);
ADD_FUNCTION(brier, PS_BRIER_LOSS);
ADD_FUNCTION(squared_loss, PS_SQUARED_LOSS);
ADD_FUNCTION(absolute_loss, PS_ABSOLUTE_LOSS);

PG_FUNCTION_INFO_V1(predseg_mean_loss_merge);

/* Merge two states. */
Datum
predseg_mean_loss_merge(PG_FUNCTION_ARGS)
{
	ps_error	error;

	(void) state_context(fcinfo);
	if (PG_ARGISNULL(0))
	{
		if (PG_ARGISNULL(1))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(1));
	}
	if (!PG_ARGISNULL(1))
		predseg_check(ps_mean_loss_merge(&PG_GETARG_MEAN_LOSS(0)->mean, &PG_GETARG_MEAN_LOSS(1)->mean, &error), &error);
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

PG_FUNCTION_INFO_V1(predseg_mean_loss_mean);

/* The mean; NULL without weight. */
Datum
predseg_mean_loss_mean(PG_FUNCTION_ARGS)
{
	double		value;

	if (!ps_mean_loss_value(&PG_GETARG_MEAN_LOSS(0)->mean, &value))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(value);
}

PG_FUNCTION_INFO_V1(predseg_mean_loss_root);

/* The square root of the mean; NULL without weight. */
Datum
predseg_mean_loss_root(PG_FUNCTION_ARGS)
{
	double		value;

	if (!ps_mean_loss_value(&PG_GETARG_MEAN_LOSS(0)->mean, &value))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(sqrt(value));
}

/* Make a value of bytes from outside. */
static Datum
accept(bytea *bytes, int sqlstate)
{
	MeanLoss   *state = palloc(sizeof(MeanLoss));
	ps_error	error;

	state->version = LAYOUT_VERSION;
	if (ps_mean_loss_read((const uint8_t *) VARDATA(bytes), VARSIZE(bytes) - VARHDRSZ, &state->mean, &error) != PS_OK)
		ereport(ERROR,
				(errcode(sqlstate),
				 errmsg("%s", error.message)));
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(predseg_mean_loss_in);

/* Read a state from the hexadecimal text of its bytes. */
Datum
predseg_mean_loss_in(PG_FUNCTION_ARGS)
{
	return accept(DatumGetByteaP(DirectFunctionCall1(byteain, PG_GETARG_DATUM(0))), ERRCODE_INVALID_TEXT_REPRESENTATION);
}

PG_FUNCTION_INFO_V1(predseg_mean_loss_out);

/* Write a state as the hexadecimal text of its bytes. */
Datum
predseg_mean_loss_out(PG_FUNCTION_ARGS)
{
	uint8_t		bytes[PS_MEAN_LOSS_BYTES];

	ps_mean_loss_write(&PG_GETARG_MEAN_LOSS(0)->mean, bytes);
	PG_RETURN_CSTRING(state_text((const char *) bytes, sizeof(bytes)));
}

PG_FUNCTION_INFO_V1(predseg_mean_loss_recv);

/* Read a state from its bytes. */
Datum
predseg_mean_loss_recv(PG_FUNCTION_ARGS)
{
	return accept(DatumGetByteaP(DirectFunctionCall1(bytearecv, PG_GETARG_DATUM(0))),
				  ERRCODE_INVALID_BINARY_REPRESENTATION);
}

PG_FUNCTION_INFO_V1(predseg_mean_loss_send);

/* Write a state as its bytes. */
Datum
predseg_mean_loss_send(PG_FUNCTION_ARGS)
{
	StringInfoData buffer;
	uint8_t		bytes[PS_MEAN_LOSS_BYTES];

	ps_mean_loss_write(&PG_GETARG_MEAN_LOSS(0)->mean, bytes);
	pq_begintypsend(&buffer);
	pq_sendbytes(&buffer, (const char *) bytes, sizeof(bytes));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buffer));
}
