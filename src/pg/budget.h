/*-------------------------------------------------------------------------
 *
 * budget.h
 *	  How much memory training data and what is learned from them may take.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PREDSEG_BUDGET_H
#define PREDSEG_BUDGET_H

#include "postgres.h"

#include "ps_env.h"

typedef struct Budget Budget;

/* Define the setting predseg.training_memory. */
extern void budget_define_setting(void);

/* Make an engine environment over a context that gives no more memory than is left to the session. */
extern ps_env budget_env(MemoryContext context);

/*
 * Count what the context holds beside what the environment has given: little,
 * but there may be many groups.
 */
extern ps_status budget_count_rest(const ps_env *env, ps_error *error);

/*
 * Return if status is PS_OK, raise the error otherwise.  Where the environment
 * has refused memory the error says so: "WHAT needs more than ...", with the
 * rows held until then and their bytes; advice is what else than a higher
 * limit may help.
 */
extern void budget_check(const ps_env *env, ps_status status, const ps_error *error, const char *what,
						 int64 rows, Size bytes, const char *advice);

#endif							/* PREDSEG_BUDGET_H */
