/*-------------------------------------------------------------------------
 *
 * rfm.h
 *	  The SQL type predseg.rfm, as the rest of the server side sees it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PREDSEG_RFM_H
#define PREDSEG_RFM_H

#include "postgres.h"

#include "pgtime.h"
#include "utils/date.h"

#include "ps_frame.h"

/* Is this the type predseg.rfm? Cheap when asked again. */
extern bool predseg_is_rfm_type(Oid type);

/*
 * Read a purchase history as of a day (a DateADT): in days, by the
 * occasions on or before it.  *is_null is true when there is none of them.
 */
extern void predseg_rfm_history(Datum rfm, int32 as_of, bool *is_null, ps_history *out);

/* The day of a purchase given as a date or timestamp, with time zone as the days of zone. */
extern DateADT predseg_rfm_day(Datum at, Oid type, pg_tz *zone);

#endif							/* PREDSEG_RFM_H */
