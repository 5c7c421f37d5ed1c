/*-------------------------------------------------------------------------
 *
 * ps_holdout.c
 *	  See ps_holdout.h.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_holdout.h"

#include <string.h>

#include "ps_random.h"

uint64_t
ps_holdout_salt(const char *name)
{
	return ps_hash_bytes(0, name, strlen(name));
}

/* Hash a number with a salt. */
static inline uint64_t
hash_number(uint64_t salt, double number)
{
	uint64_t	bits;

	memcpy(&bits, &number, sizeof(bits));
	return ps_hash_add(salt, bits);
}

uint64_t
ps_holdout_content(uint64_t hash, const ps_column *columns, size_t n, const ps_cell *cells, double target)
{
	uint64_t	sum = 0;		/* of hashes salted by the column: they do not wait for each other */

	for (size_t i = 0; i < n; i++)
	{
		const ps_cell *cell = &cells[i];
		uint64_t	salt = (uint64_t) i << 32;

		if (cell->null)
			sum += ps_hash_mix(salt + 1);
		else if (columns[i].type == PS_TYPE_TEXT)
			sum += ps_hash_bytes(salt, cell->text, cell->length);
		else if (columns[i].type == PS_TYPE_HISTORY)
			sum += ps_hash_bytes(salt, &cell->history, sizeof(cell->history));
		else
			sum += hash_number(salt, cell->number);
	}
	return ps_hash_add(hash_number(hash, target), sum);
}

bool
ps_holdout_has(uint64_t identity, double share)
{
	return (double) ps_hash_mix(identity) < share * 0x1p64;
}

/* A row of the sample. */
typedef struct sample_row
{
	uint64_t	hash;
	size_t		place;
} sample_row;

struct ps_sample
{
	const ps_env *env;
	size_t		wanted;
	size_t		count;
	size_t		capacity;
	sample_row *rows;			/* a heap, the largest hash first */
};

ps_status
ps_sample_create(const ps_env *env, size_t wanted, ps_sample **out, ps_error *error)
{
	PS_TRY(ps_alloc_zero(env, 1, sizeof(**out), out, error));
	(*out)->env = env;
	(*out)->wanted = wanted;
	return PS_OK;
}

/* Let a row rise from the end of the heap. */
static void
rise(sample_row *rows, size_t at)
{
	sample_row	row = rows[at];

	for (; at > 0 && rows[(at - 1) / 2].hash < row.hash; at = (at - 1) / 2)
		rows[at] = rows[(at - 1) / 2];
	rows[at] = row;
}

/* Let the first row of the heap sink. */
static void
sink(sample_row *rows, size_t count)
{
	sample_row	row = rows[0];
	size_t		at = 0;

	while (2 * at + 1 < count)
	{
		size_t		child = 2 * at + 1;

		if (child + 1 < count && rows[child + 1].hash > rows[child].hash)
			child++;
		if (rows[child].hash <= row.hash)
			break;
		rows[at] = rows[child];
		at = child;
	}
	rows[at] = row;
}

ps_status
ps_sample_offer(ps_sample *sample, uint64_t hash, size_t *place, ps_error *error)
{
	*place = PS_SAMPLE_NONE;
	if (sample->count < sample->wanted)
	{
		PS_TRY(ps_grow(sample->env, &sample->rows, sample->count, sample->count + 1, &sample->capacity,
					   sizeof(*sample->rows), error));
		*place = sample->count;
		sample->rows[sample->count] = (sample_row) {hash, *place};
		rise(sample->rows, sample->count++);
	}
	else if (hash < sample->rows[0].hash)
	{
		*place = sample->rows[0].place;
		sample->rows[0].hash = hash;
		sink(sample->rows, sample->count);
	}
	return PS_OK;
}
