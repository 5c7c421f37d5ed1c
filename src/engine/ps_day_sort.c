/*-------------------------------------------------------------------------
 *
 * ps_day_sort.c
 *	  The entries of a purchase history in the order of their days.
 *
 * Mostly they come in order.  Else a customer's few are sorted by counting
 * how many are earlier than each: of so few, that takes less time than any
 * sort that has to guess which way a comparison goes.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_day_sort.h"

#include <string.h>

#include "ps_sort.h"

#define FEW 512
#define LANES 16				/* the days are filled up to a multiple of this, for whole vectors */

/* Order entries by day. */
static int
compare_days(const void *left, const void *right)
{
	int32_t		a = ((const ps_rfm_entry *) left)->day;
	int32_t		b = ((const ps_rfm_entry *) right)->day;

	return (a > b) - (a < b);
}

/* Sort at most FEW entries: each comes after those that are earlier, and those of its day that came before it. */
static void
sort_few(ps_rfm_entry *entries, size_t count)
{
	ps_rfm_entry copies[FEW];
	int32_t		days[FEW];
	uint16_t	placed[FEW] = {0};
	size_t		filled = (count + LANES - 1) / LANES * LANES;

	memcpy(copies, entries, count * sizeof(ps_rfm_entry));
	for (size_t i = 0; i < filled; i++)
		days[i] = i < count ? entries[i].day : INT32_MAX;
	for (size_t i = 0; i < count; i++)
	{
		int32_t		day = days[i];
		int32_t		earlier = 0;

		for (size_t j = 0; j < filled; j++)
			earlier += days[j] < day;
		entries[earlier + placed[earlier]++] = copies[i];
	}
}

/* Sort entries by day. */
ps_status
ps_day_sort(const ps_env *env, ps_rfm_entry *entries, size_t count, ps_error *error)
{
	size_t		ascending = 1;

	while (ascending < count && entries[ascending - 1].day <= entries[ascending].day)
		ascending++;
	if (ascending >= count)
		return PS_OK;
	if (count > FEW)
		return ps_sort(env, entries, count, sizeof(ps_rfm_entry), compare_days, error);
	sort_few(entries, count);
	return PS_OK;
}
