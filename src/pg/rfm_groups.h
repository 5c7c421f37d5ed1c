/*-------------------------------------------------------------------------
 *
 * rfm_groups.h
 *	  The states of predseg.rfm in a hash aggregate: one log for all groups.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PREDSEG_RFM_GROUPS_H
#define PREDSEG_RFM_GROUPS_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/date.h"

typedef struct rfm_groups rfm_groups;

/*
 * Find the groups of the hash aggregate that calls, whose memory is context,
 * or start them; NULL where no hash aggregate calls.  *known keeps them between
 * calls, and is set to NULL when context is reset.
 */
extern rfm_groups *rfm_groups_find(FunctionCallInfo fcinfo, MemoryContext context, rfm_groups **known);

/* Start a group, and return its state. */
extern Datum rfm_groups_start(rfm_groups *groups, const char *zone);

/* Add a row to a state; false if it is none of these groups. */
extern bool rfm_groups_add(rfm_groups *groups, Datum state, DateADT day, const float8 *amount, const char *zone);

/* Make a history, in the working form, of the state of a group; NULL if it is none. */
extern bytea *rfm_groups_flatten(Datum state);

#endif							/* PREDSEG_RFM_GROUPS_H */
