/*-------------------------------------------------------------------------
 *
 * errors.c
 *	  The engine's host environment inside a backend, and its errors.
 *
 * Engine memory comes from one memory context that the caller deletes (or
 * transaction abort does).  poll is CHECK_FOR_INTERRUPTS(), which may longjmp
 * through engine frames: they own nothing else than that memory.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "compat.h"
#include "errors.h"
#include "ps_value.h"

static void *
env_alloc(void *ctx, size_t size)
{
	return MemoryContextAllocExtended((MemoryContext) ctx, size,
									  MCXT_ALLOC_HUGE | MCXT_ALLOC_NO_OOM);
}

static void
env_release(void *ctx, void *pointer)
{
	(void) ctx;
	pfree(pointer);
}

static int
env_poll(void *ctx, double fraction_done)
{
	(void) ctx;
	(void) fraction_done;
	CHECK_FOR_INTERRUPTS();
	return 0;
}

/* Make an engine environment over a memory context. */
ps_env
predseg_env(MemoryContext context)
{
	ps_env		env = {context, env_alloc, env_release, env_poll};

	return env;
}

/* Translate an engine status to an SQLSTATE. */
static int
sqlstate_of(ps_status status)
{
	switch (status)
	{
		case PS_OK:
			break;
		case PS_OUT_OF_MEMORY:
			return ERRCODE_OUT_OF_MEMORY;
		case PS_CANCELLED:
			return ERRCODE_QUERY_CANCELED;
		case PS_CORRUPT:
			return ERRCODE_DATA_CORRUPTED;
		case PS_INVALID_OPTION:
			return ERRCODE_PREDSEG_INVALID_OPTION;
		case PS_INVALID_DATA:
			return ERRCODE_PREDSEG_INVALID_DATA;
		case PS_TOO_LITTLE_DATA:
			return ERRCODE_PREDSEG_TOO_LITTLE_DATA;
		case PS_MISSING_COLUMN:
			return ERRCODE_PREDSEG_MISSING_COLUMN;
		case PS_WRONG_TYPE:
			return ERRCODE_PREDSEG_WRONG_TYPE;
		case PS_WRONG_MODEL:
			return ERRCODE_PREDSEG_WRONG_MODEL;
		case PS_NO_SOLUTION:
			return ERRCODE_PREDSEG_NO_SOLUTION;
	}
	return ERRCODE_INTERNAL_ERROR;
}

/* Raise an engine failure as an error; return on success. */
void
predseg_check(ps_status status, const ps_error *error)
{
	if (status == PS_OK)
		return;
	ereport(ERROR,
			(errcode(sqlstate_of(status)),
			 errmsg("%s", error->message[0] != '\0' ? error->message : "the model engine failed"),
			 error->detail[0] != '\0' ? errdetail("%s", error->detail) : 0,
			 error->hint[0] != '\0' ? errhint("%s", error->hint) : 0,
			 error->column[0] != '\0' ? err_generic_string(PG_DIAG_COLUMN_NAME, error->column) : 0));
}

/* Raise a NOTICE for each sentence of a list of notes. */
void
predseg_raise_notes(const ps_value *notes)
{
	for (size_t i = 0; i < notes->count; i++)
		ereport(NOTICE, (errmsg("%s", notes->items[i]->text)));
}
