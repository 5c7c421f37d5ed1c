/*-------------------------------------------------------------------------
 *
 * zone.c
 *	  See zone.h.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "zone.h"

pg_tz *
zone_find(const char *name)
{
	pg_tz	   *zone;

	/* PostgreSQL reads '+02' and 'UTC+2' as west of Greenwich, which is hardly what is meant. */
	if (strpbrk(name, "+-") != NULL && strchr(name, '/') == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%s\" is an offset and not a name", name),
				 errhint("Use a full name of the view pg_timezone_names, such as Europe/Vienna, which knows its summer time.")));
	zone = strlen(name) <= TZ_STRLEN_MAX ? pg_tzset(name) : NULL;
	if (zone == NULL || !pg_tz_acceptable(zone))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%s\" not recognized", name),
				 errhint("Use a full name of the view pg_timezone_names, such as Europe/Vienna.")));
	return zone;
}

Timestamp
zone_local(TimestampTz at, pg_tz *zone)
{
	struct pg_tm local;
	fsec_t		fraction;
	int			west;			/* seconds */

	if (timestamp2tm(at, &west, &local, &fraction, NULL, zone) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	return at - west * USECS_PER_SEC;
}
