/*-------------------------------------------------------------------------
 *
 * predseg.c
 *	  The module: magic block and settings.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>

#include "fmgr.h"
#include "utils/guc.h"

#include "budget.h"
#include "compat.h"
#include "rewrite.h"

PREDSEG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

/* Called when the module is loaded. */
void
_PG_init(void)
{
	budget_define_setting();
	rewrite_init();
	MarkGUCPrefixReserved("predseg");
}
