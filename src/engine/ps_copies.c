/*-------------------------------------------------------------------------
 *
 * ps_copies.c
 *	  See ps_copies.h.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_copies.h"

#include "ps_random.h"

#define FIRST_SLOTS 1024

/* How often hashes came: an open-addressing hash table; 0 marks a free slot. */
struct ps_copies
{
	const ps_env *env;
	size_t		nhashes;
	size_t		nslots;			/* a power of two, at least twice nhashes */
	uint64_t   *hashes;
	uint32_t   *counts;
};

ps_status
ps_copies_create(const ps_env *env, ps_copies **out, ps_error *error)
{
	PS_TRY(ps_alloc_zero(env, 1, sizeof(**out), out, error));
	(*out)->env = env;
	return PS_OK;
}

void
ps_copies_release(ps_copies *copies)
{
	ps_release(copies->env, copies->hashes);
	ps_release(copies->env, copies->counts);
	ps_release(copies->env, copies);
}

/* Find the slot of a hash that is not 0, or a free one. */
static size_t
find_slot(const uint64_t *hashes, size_t nslots, uint64_t hash)
{
	size_t		slot = (size_t) hash & (nslots - 1);

	while (hashes[slot] != 0 && hashes[slot] != hash)
		slot = (slot + 1) & (nslots - 1);
	return slot;
}

/* Double the table of hashes. */
static ps_status
enlarge_table(ps_copies *copies, ps_error *error)
{
	size_t		nslots = copies->nslots == 0 ? FIRST_SLOTS : copies->nslots * 2;
	uint64_t   *hashes;
	uint32_t   *counts;

	PS_TRY(ps_alloc_zero(copies->env, nslots, sizeof(*hashes), &hashes, error));
	PS_TRY(ps_alloc_zero(copies->env, nslots, sizeof(*counts), &counts, error));
	for (size_t old = 0; old < copies->nslots; old++)
	{
		size_t		slot;

		if (old % 65536 == 0)
			PS_TRY(ps_poll(copies->env, 0, error));
		if (copies->hashes[old] == 0)
			continue;
		slot = find_slot(hashes, nslots, copies->hashes[old]);
		hashes[slot] = copies->hashes[old];
		counts[slot] = copies->counts[old];
	}
	ps_release(copies->env, copies->hashes);
	ps_release(copies->env, copies->counts);
	copies->hashes = hashes;
	copies->counts = counts;
	copies->nslots = nslots;
	return PS_OK;
}

ps_status
ps_copies_count(ps_copies *copies, uint64_t hash, uint32_t *before, ps_error *error)
{
	uint64_t	content = hash == 0 ? 1 : hash;
	size_t		slot;

	if (copies->nhashes * 2 >= copies->nslots)
		PS_TRY(enlarge_table(copies, error));
	slot = find_slot(copies->hashes, copies->nslots, content);
	if (copies->hashes[slot] == 0)
	{
		copies->hashes[slot] = content;
		copies->nhashes++;
	}
	*before = copies->counts[slot]++;
	return PS_OK;
}

ps_status
ps_copies_number(ps_copies *copies, uint64_t *hash, ps_error *error)
{
	uint32_t	before;

	PS_TRY(ps_copies_count(copies, *hash, &before, error));
	*hash = ps_hash_add(*hash, before);
	return PS_OK;
}
