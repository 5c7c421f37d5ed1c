/*-------------------------------------------------------------------------
 *
 * ps_calendar.h
 *	  Calendar parts of moments, and when they are worth learning from.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_CALENDAR_H
#define PS_CALENDAR_H

#include "ps_frame.h"

typedef enum ps_calendar_part
{
	PS_CALENDAR_NONE,
	PS_CALENDAR_MONTH,			/* values 0..11, January to December */
	PS_CALENDAR_WEEKDAY			/* values 0..6, Monday to Sunday */
} ps_calendar_part;

#define PS_CALENDAR_PARTS 2		/* MONTH and WEEKDAY */
#define PS_CALENDAR_VALUES 12	/* most of any part */

/* "month", "weekday"; and back (PS_CALENDAR_NONE when unknown). */
extern const char *ps_calendar_part_name(ps_calendar_part part);
extern ps_calendar_part ps_calendar_part_of_name(const char *name);

/* How many values a part has, and their English names. */
extern int32_t ps_calendar_values(ps_calendar_part part);
extern const char *ps_calendar_value_name(ps_calendar_part part, int32_t value);

/* The value of a moment in days since 2000-01-01, by the Gregorian calendar; -1 for NAN and moments beyond 10^9 days. */
extern int32_t ps_calendar_value(ps_calendar_part part, double moment);

/*
 * Decide whether a part of a column of moments is worth design columns.  It
 * is where the moments cover at least two of its cycles (two years, two
 * weeks), since within one a part cannot be told from the time passed, and
 * where the mean of the target differs between its values by more than chance
 * gives one time in a thousand.  Never without a target.
 */
extern ps_status ps_calendar_helps(const ps_env *env, const ps_frame *frame, size_t column, ps_calendar_part part,
								   bool *out, ps_error *error);

#endif							/* PS_CALENDAR_H */
