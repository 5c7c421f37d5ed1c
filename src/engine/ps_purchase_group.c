/*-------------------------------------------------------------------------
 *
 * ps_purchase_group.c
 *	  Puts equal rows of a purchase model's training set together.
 *
 * Rows are ordered by frequency, then by a hash of their content, so that
 * equal rows become neighbours and the order of the input does not matter.
 * The order is found on keys of 48 bits by a radix sort, several times faster
 * than comparing rows.  A hash that two different rows share can at worst keep
 * equal rows apart, and frequencies from 65,535 on may be mixed: the
 * likelihood allows both.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_purchase.h"
#include "ps_random.h"

#define DIGITS 6				/* bytes of a key: two of frequency, four of hash */
#define BLOCK 65536				/* rows between two polls */

typedef struct entry
{
	uint64_t	key;
	size_t		row;
} entry;

uint64_t
ps_purchase_hash(const ps_purchase_group *group)
{
	uint64_t	hash = 0,
				words[3];

	memcpy(words, group, sizeof(words));	/* frequency, recency, tenure */
	for (int i = 0; i < 3; i++)
		hash = ps_hash_add(hash, words[i]);
	return hash;
}

/* Sort by one byte of the key, keeping the order of equal ones. */
static ps_status
sort_digit(const ps_env *env, const entry *from, entry *to, size_t n, int shift, ps_error *error)
{
	size_t		starts[257] = {0};

	for (size_t i = 0; i < n; i++)
	{
		if (i % BLOCK == 0)
			PS_TRY(ps_poll(env, 0, error));
		starts[(from[i].key >> shift & 255) + 1]++;
	}
	for (int digit = 0; digit < 256; digit++)
		starts[digit + 1] += starts[digit];
	for (size_t i = 0; i < n; i++)
	{
		if (i % BLOCK == 0)
			PS_TRY(ps_poll(env, 0, error));
		to[starts[from[i].key >> shift & 255]++] = from[i];
	}
	return PS_OK;
}

ps_status
ps_purchase_put_together(const ps_env *env, const ps_purchase_group *rows, size_t n, ps_purchase_group **groups,
						 size_t *ngroups, ps_error *error)
{
	entry	   *entries,
			   *other;
	size_t		count = 0;

	PS_TRY(ps_alloc(env, n, sizeof(entry), &entries, error));
	PS_TRY(ps_alloc(env, n, sizeof(entry), &other, error));
	for (size_t i = 0; i < n; i++)
	{
		if (i % BLOCK == 0)
			PS_TRY(ps_poll(env, 0, error));
		entries[i].key = (uint64_t) fmin(rows[i].frequency, 65535) << 32 | ps_purchase_hash(&rows[i]) >> 32;
		entries[i].row = i;
	}
	for (int digit = 0; digit < DIGITS; digit++)
	{
		entry	   *swap = entries;

		PS_TRY(sort_digit(env, entries, other, n, 8 * digit, error));
		entries = other;
		other = swap;
	}
	ps_release(env, other);

	PS_TRY(ps_alloc(env, n, sizeof(ps_purchase_group), groups, error));
	for (size_t i = 0; i < n; i++)
	{
		const ps_purchase_group *row = &rows[entries[i].row];
		ps_purchase_group *last = &(*groups)[count > 0 ? count - 1 : 0];

		if (i % BLOCK == 0)
			PS_TRY(ps_poll(env, 0, error));
		if (count > 0 && last->frequency == row->frequency && last->recency == row->recency &&
			last->tenure == row->tenure)
			last->weight += row->weight;
		else
			(*groups)[count++] = *row;
	}
	ps_release(env, entries);
	*ngroups = count;
	return PS_OK;
}
