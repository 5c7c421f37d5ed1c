/*-------------------------------------------------------------------------
 *
 * ps_calendar.c
 *	  Calendar parts of moments, and when they are worth learning from.
 *
 * The test compares the means of the target in the k values that occur:
 *		sum over values of n_v (mean_v - mean)^2 / variance
 * which without a difference is distributed as chi-square with k - 1 degrees
 * of freedom; for a target of 0 and 1 it is Pearson's statistic.  The critical
 * value is Wilson and Hilferty's (1931), within 1 % of the exact one.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_calendar.h"

#include <math.h>
#include <string.h>

#define NORMAL_999 3.0902323	/* the normal distribution's 99.9 % point */

static const char *const months[] = {
	"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
	"December"
};

static const char *const weekdays[] = {
	"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"
};

static const struct
{
	const char *name;
	int32_t		count;
	const char *const *names;
	double		cycle;			/* days */
}			parts[] = {{"", 0, NULL, 0}, {"month", 12, months, 365.25}, {"weekday", 7, weekdays, 7}};

const char *
ps_calendar_part_name(ps_calendar_part part)
{
	return parts[part].name;
}

ps_calendar_part
ps_calendar_part_of_name(const char *name)
{
	for (int part = PS_CALENDAR_MONTH; part <= PS_CALENDAR_WEEKDAY; part++)
		if (strcmp(parts[part].name, name) == 0)
			return (ps_calendar_part) part;
	return PS_CALENDAR_NONE;
}

int32_t
ps_calendar_values(ps_calendar_part part)
{
	return parts[part].count;
}

const char *
ps_calendar_value_name(ps_calendar_part part, int32_t value)
{
	return parts[part].names[value];
}

int32_t
ps_calendar_value(ps_calendar_part part, double moment)
{
	int64_t		days;
	int64_t		of_era;			/* days of a Gregorian cycle of 400 years, which starts on a 1st of March */
	int64_t		of_year;		/* days since the 1st of March */
	int64_t		year;

	if (!(fabs(moment) <= 1e9))
		return -1;
	days = (int64_t) floor(moment);
	if (part == PS_CALENDAR_WEEKDAY)
		return (int32_t) (((days + 5) % 7 + 7) % 7);	/* 2000-01-01 was a Saturday */

	/* 2000-03-01 is 60 days after 2000-01-01 and starts a cycle of 146097 days */
	of_era = ((days - 60) % 146097 + 146097) % 146097;
	year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	of_year = of_era - (365 * year + year / 4 - year / 100);
	return (int32_t) (((5 * of_year + 2) / 153 + 2) % 12);
}

ps_status
ps_calendar_helps(const ps_env *env, const ps_frame *frame, size_t column, ps_calendar_part part, bool *out,
				  ps_error *error)
{
	double		rows[PS_CALENDAR_VALUES] = {0};
	double		sums[PS_CALENDAR_VALUES] = {0};
	double		n = 0;
	double		sum = 0;
	double		squares = 0;
	double		min = INFINITY;
	double		max = -INFINITY;
	double		variance;
	double		between = 0;
	double		freedom = -1;
	double		critical;

	*out = false;
	if (!ps_frame_has_target(frame))
		return PS_OK;
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		const double *x = ps_frame_numbers(frame, column, chunk);
		const double *y = ps_frame_targets(frame, chunk);
		const double *w = ps_frame_weights(frame, chunk);

		for (size_t i = 0; i < ps_frame_chunk_rows(frame, chunk); i++)
		{
			int32_t		value = ps_calendar_value(part, x[i]);

			if (value < 0 || (w != NULL && w[i] == 0))
				continue;
			rows[value]++;
			sums[value] += y[i];
			n++;
			sum += y[i];
			squares += y[i] * y[i];
			min = fmin(min, x[i]);
			max = fmax(max, x[i]);
		}
		PS_TRY(ps_poll(env, 0, error));
	}
	variance = squares / n - sum / n * (sum / n);
	if (!(max - min >= 2 * parts[part].cycle) || !(variance > 0))
		return PS_OK;
	for (int32_t value = 0; value < parts[part].count; value++)
		if (rows[value] > 0)
		{
			double		difference = sums[value] / rows[value] - sum / n;

			between += rows[value] * difference * difference;
			freedom++;
		}
	critical = 1 - 2 / (9 * freedom) + NORMAL_999 * sqrt(2 / (9 * freedom));
	*out = freedom > 0 && between / variance > freedom * critical * critical * critical;
	return PS_OK;
}
