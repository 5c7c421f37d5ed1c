/*-------------------------------------------------------------------------
 *
 * ps_sort.c
 *	  Bottom-up merge sort, and a radix sort for numbers.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_sort.h"

#include <stdint.h>
#include <string.h>

#define POLL_EVERY 65536		/* elements merged between polls */
#define DIGIT 11				/* bits sorted by in one pass */
#define DIGITS 6				/* enough for 64 bits */
#define DIGIT_VALUES (1 << DIGIT)

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
ps_compare_hashes(const void *left, const void *right)
{
	uint64_t	a = *(const uint64_t *) left;
	uint64_t	b = *(const uint64_t *) right;

	return (a > b) - (a < b);
}

/* Bits that are ordered, as whole numbers, like the numbers; and back. */
static inline uint64_t
ordered_bits(double number)
{
	uint64_t	bits;

	memcpy(&bits, &number, sizeof(bits));
	return (bits >> 63) != 0 ? ~bits : bits | UINT64_C(1) << 63;
}

static inline double
ordered_number(uint64_t bits)
{
	double		number;

	bits = (bits >> 63) != 0 ? bits & ~(UINT64_C(1) << 63) : ~bits;
	memcpy(&number, &bits, sizeof(number));
	return number;
}

/* Sort by one digit after the other, the last one first, leaving out digits that are the same in all. */
ps_status
ps_sort_numbers(const ps_env *env, double *x, size_t count, ps_error *error)
{
	size_t		places[DIGITS][DIGIT_VALUES];
	uint64_t   *from;
	uint64_t   *to;

	if (count < 2)
		return PS_OK;
	PS_TRY(ps_alloc(env, count, sizeof(*from), &from, error));
	PS_TRY(ps_alloc(env, count, sizeof(*to), &to, error));
	memset(places, 0, sizeof(places));
	for (size_t i = 0; i < count; i++)
	{
		from[i] = ordered_bits(x[i]);
		for (int digit = 0; digit < DIGITS; digit++)
			places[digit][from[i] >> digit * DIGIT & (DIGIT_VALUES - 1)]++;
		if (i % POLL_EVERY == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	for (int digit = 0; digit < DIGITS; digit++)
	{
		size_t	   *place = places[digit];
		uint64_t   *swap = from;
		size_t		before = 0;

		if (place[from[0] >> digit * DIGIT & (DIGIT_VALUES - 1)] == count)
			continue;
		for (size_t value = 0; value < DIGIT_VALUES; value++)
		{
			size_t		here = place[value];

			place[value] = before;
			before += here;
		}
		for (size_t i = 0; i < count; i++)
		{
			to[place[from[i] >> digit * DIGIT & (DIGIT_VALUES - 1)]++] = from[i];
			if (i % POLL_EVERY == 0)
				PS_TRY(ps_poll(env, 0, error));
		}
		from = to;
		to = swap;
	}
	for (size_t i = 0; i < count; i++)
		x[i] = ordered_number(from[i]);
	ps_release(env, from);
	ps_release(env, to);
	return PS_OK;
}
