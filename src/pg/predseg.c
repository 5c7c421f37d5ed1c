/*-------------------------------------------------------------------------
 *
 * predseg.c
 *	  The module: magic block.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"

#include "compat.h"

PREDSEG_MODULE_MAGIC;
