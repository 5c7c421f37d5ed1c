/*-------------------------------------------------------------------------
 *
 * test_calendar.c
 *	  Months and weekdays against the calendar, and when they are worth
 *	  learning from.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_calendar.h"

/* Walk the Gregorian calendar day by day over 800 years around 2000. */
static void
test_walk(void)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int			year = 1600;
	int			month = 0;
	int			day = 1;
	size_t		wrong = 0;
	double		moment = -146097;	/* 1600-01-01: one cycle of the calendar before 2000-01-01 */

	for (; year < 2400; moment++)
	{
		bool		leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

		/* 2000-01-01 was a Saturday, and 146097 days are whole weeks */
		if (ps_calendar_value(PS_CALENDAR_MONTH, moment) != month ||
			ps_calendar_value(PS_CALENDAR_MONTH, moment + 0.999) != month ||
			ps_calendar_value(PS_CALENDAR_WEEKDAY, moment) != (int) fmod(moment + 146097 + 5, 7))
			wrong++;
		if (++day > lengths[month] + (leap && month == 1))
		{
			day = 1;
			month = (month + 1) % 12;
			year += month == 0;
		}
	}
	ok(wrong == 0 && moment == 146097, "%zu of 292194 days have a wrong month or weekday", wrong);
	ok(ps_calendar_value(PS_CALENDAR_MONTH, NAN) == -1 && ps_calendar_value(PS_CALENDAR_WEEKDAY, 1e300) == -1, "no part of NULL or the end of time");
	ok(ps_calendar_part_of_name("weekday") == PS_CALENDAR_WEEKDAY && ps_calendar_part_of_name("") == PS_CALENDAR_NONE &&
	   ps_calendar_part_of_name("hour") == PS_CALENDAR_NONE, "names");
}

/* Does the part help where days count up from 0 and the target follows it by strength? */
static bool
helps(const ps_env *env, ps_calendar_part part, int days, int strength, bool has_target)
{
	static const ps_column column = {"at", PS_TYPE_MOMENT};
	ps_frame   *frame;
	ps_error	error;
	bool		out = false;

	ps_frame_create(env, &column, 1, has_target, false, &frame, &error);
	for (int i = 0; i < 3000; i++)
	{
		ps_cell		cell = number_cell(i * 7 % days);

		ps_frame_append(frame, &cell, i * 7919 % 100 < 30 + (ps_calendar_value(part, cell.number) == 3 ? strength : 0), 1, &error);
	}
	ok(ps_calendar_helps(env, frame, 0, part, &out, &error) == PS_OK, "tested");
	return out;
}

static void
test_helps(const ps_env *env)
{
	for (int part = PS_CALENDAR_MONTH; part <= PS_CALENDAR_PARTS; part++)
	{
		ok(helps(env, (ps_calendar_part) part, 1000, 30, true), "a %s that moves the target", ps_calendar_part_name((ps_calendar_part) part));
		ok(!helps(env, (ps_calendar_part) part, 1000, 0, true), "one that does not");
		ok(!helps(env, (ps_calendar_part) part, 1000, 30, false), "none without a target");
	}
	ok(!helps(env, PS_CALENDAR_MONTH, 700, 30, true) && !helps(env, PS_CALENDAR_WEEKDAY, 13, 30, true),
	   "none within two cycles");
}

int
main(void)
{
	host		h;

	host_init(&h);
	test_walk();
	test_helps(&h.env);
	host_free(&h);
	return tap_done();
}
