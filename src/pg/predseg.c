/*-------------------------------------------------------------------------
 *
 * predseg.c
 *	  The module: magic block and settings.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"

#include "compat.h"
#include "rewrite.h"

PREDSEG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

/* Define the settings. */
void
_PG_init(void)
{
	rewrite_init();
}
