/*-------------------------------------------------------------------------
 *
 * budget.c
 *	  How much memory training data and what is learned from them may take.
 *
 * Every allocation of the engine while it takes rows, learns and evaluates is
 * counted for the session as a whole: all groups of a hash aggregate, all
 * calls of a query and those of queries inside it.  A context takes what it
 * holds out of the count when it is reset, as at the end of a transaction.
 *
 * The default is a multiple of maintenance_work_mem.  That bounds work which
 * goes to disk when there is more; here there is no disk to go to, and the
 * training is refused.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>

#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "budget.h"
#include "compat.h"
#include "errors.h"

#define SETTING "predseg.training_memory"
#define MAINTENANCE_MULTIPLE 4

/* What one context holds. */
struct Budget
{
	MemoryContext context;
	MemoryContextCallback reset;
	Size		used;
	Size		refused;		/* bytes of the first request that was refused, or 0 */
};

static int	training_memory = -1;	/* kB */
static Size session_used = 0;

void
budget_define_setting(void)
{
	DefineCustomIntVariable(SETTING,
							"Sets the memory that training data and learning may take in a session.",
							"-1 means four times maintenance_work_mem.",
							&training_memory, -1, -1, MAX_KILOBYTES, PGC_USERSET, GUC_UNIT_KB, NULL, NULL, NULL);
}

/* The limit in bytes. */
static Size
budget_limit(void)
{
	return training_memory >= 0 ? (Size) training_memory * 1024 :
		(Size) maintenance_work_mem * 1024 * MAINTENANCE_MULTIPLE;
}

static void *
budget_alloc(void *ctx, size_t size)
{
	Budget	   *budget = ctx;
	Size		limit = budget_limit();
	void	   *pointer;
	Size		space;

	if (size > limit || session_used > limit - size)
	{
		if (budget->refused == 0)
			budget->refused = size;
		return NULL;
	}
	pointer = MemoryContextAllocExtended(budget->context, size, MCXT_ALLOC_HUGE | MCXT_ALLOC_NO_OOM);
	if (pointer == NULL)
		return NULL;
	space = GetMemoryChunkSpace(pointer);
	budget->used += space;
	session_used += space;
	return pointer;
}

static void
budget_release(void *ctx, void *pointer)
{
	Budget	   *budget = ctx;
	Size		space = GetMemoryChunkSpace(pointer);

	budget->used -= space;
	session_used -= space;
	pfree(pointer);
}

static int
budget_poll(void *ctx, double fraction_done)
{
	(void) ctx;
	(void) fraction_done;
	CHECK_FOR_INTERRUPTS();
	return 0;
}

/* The context is reset: its memory is gone. */
static void
budget_reset(void *ctx)
{
	Budget	   *budget = ctx;

	session_used -= budget->used;
	budget->used = 0;
}

ps_env
budget_env(MemoryContext context)
{
	Budget	   *budget = MemoryContextAllocZero(context, sizeof(Budget));
	ps_env		env = {budget, budget_alloc, budget_release, budget_poll};

	budget->context = context;
	budget->reset.func = budget_reset;
	budget->reset.arg = budget;
	MemoryContextRegisterResetCallback(context, &budget->reset);
	return env;
}

ps_status
budget_count_rest(const ps_env *env, ps_error *error)
{
	Budget	   *budget = env->ctx;
	Size		held = MemoryContextMemAllocated(budget->context, true);
	Size		rest = held > budget->used ? held - budget->used : 0;

	if (session_used + rest > budget_limit())
	{
		budget->refused = rest;
		return ps_fail(error, PS_OUT_OF_MEMORY, "out of memory");
	}
	budget->used += rest;
	session_used += rest;
	return PS_OK;
}

/* Write a number of bytes for people. */
static const char *
pretty(Size bytes)
{
	return bytes < 10 * 1024 * 1024 ? psprintf("%zu kB", (bytes + 1023) / 1024) : psprintf("%zu MB", bytes / (1024 * 1024));
}

void
budget_check(const ps_env *env, ps_status status, const ps_error *error, const char *what, int64 rows, Size bytes,
			 const char *advice)
{
	const Budget *budget = env->ctx;

	if (status == PS_OUT_OF_MEMORY && budget->refused > 0)
		ereport(ERROR,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("%s needs more than the %s that %s allows", what, pretty(budget_limit()), SETTING),
				 errdetail(INT64_FORMAT " rows so far take %s, %.0f bytes each. All trainings of the session take %s and need another %s.",
						   rows, pretty(bytes), (double) bytes / Max(rows, 1), pretty(session_used),
						   pretty(budget->refused)),
				 errhint("Set %s higher, or %s.", SETTING, advice)));
	predseg_check(status, error);
}
