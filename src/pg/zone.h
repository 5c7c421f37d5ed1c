/*-------------------------------------------------------------------------
 *
 * zone.h
 *	  Time zones by name, independent of any setting.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PREDSEG_ZONE_H
#define PREDSEG_ZONE_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "pgtime.h"

/* Find a time zone by name; an error when there is none. */
extern pg_tz *zone_find(const char *name);

/* The local time of a finite moment in a zone. */
extern Timestamp zone_local(TimestampTz at, pg_tz *zone);

#endif							/* PREDSEG_ZONE_H */
