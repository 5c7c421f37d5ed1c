/*-------------------------------------------------------------------------
 *
 * ps_sort.c
 *	  Bottom-up merge sort.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_sort.h"

#include <string.h>

#define POLL_EVERY 65536		/* elements merged between polls */

/* Merge the sorted runs from[0..middle) and from[middle..count) into to. */
static void
merge_runs(const char *from, size_t middle, size_t count, char *to, size_t size,
		   int (*compare) (const void *, const void *))
{
	const char *left = from;
	const char *right = from + middle * size;
	const char *left_end = right;
	const char *right_end = from + count * size;

	if (middle < count && compare(right - size, right) > 0)
		while (left < left_end && right < right_end)
		{
			const char **next = compare(left, right) <= 0 ? &left : &right;

			memcpy(to, *next, size);
			*next += size;
			to += size;
		}
	memcpy(to, left, (size_t) (left_end - left));
	memcpy(to + (left_end - left), right, (size_t) (right_end - right));
}

ps_status
ps_sort(const ps_env *env, void *base, size_t count, size_t size,
		int (*compare) (const void *, const void *), ps_error *error)
{
	char	   *from = base;
	char	   *to;
	char	   *buffer;
	size_t		unpolled = 0;

	if (count < 2)
		return PS_OK;
	PS_TRY(ps_alloc(env, count, size, &buffer, error));
	to = buffer;
	for (size_t run = 1; run < count; run = run <= count / 2 ? run * 2 : count)
	{
		char	   *swap = from;

		for (size_t start = 0; start < count;)
		{
			size_t		both = count - start <= run ? count - start :
				count - start - run <= run ? count - start : run * 2;

			merge_runs(from + start * size, both < run ? both : run, both, to + start * size, size, compare);
			start += both;
			unpolled += both;
			if (unpolled >= POLL_EVERY)
			{
				PS_TRY(ps_poll(env, 0, error));
				unpolled = 0;
			}
		}
		from = to;
		to = swap;
	}
	if (from != base)
		memcpy(base, from, count * size);
	ps_release(env, buffer);
	return PS_OK;
}

int
ps_compare_numbers(const void *left, const void *right)
{
	double		a = *(const double *) left;
	double		b = *(const double *) right;

	return (a > b) - (a < b);
}
