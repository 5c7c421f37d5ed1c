/*-------------------------------------------------------------------------
 *
 * ps_levels.c
 *	  The frequent values of a text column, and finding a text among them.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_levels.h"

#include <string.h>

#include "ps_random.h"
#include "ps_sort.h"

size_t
ps_levels_find(const ps_levels *levels, const char *text, size_t length)
{
	size_t		slot = (size_t) ps_hash_bytes(0, text, length) & (levels->nslots - 1);

	for (; levels->slots[slot] >= 0; slot = (slot + 1) & (levels->nslots - 1))
	{
		size_t		level = (size_t) levels->slots[slot];

		if (levels->lengths[level] == length && (length == 0 || memcmp(levels->texts[level], text, length) == 0))
			return level;
	}
	return levels->count;
}

/* Build the hash table; PS_CORRUPT when a level comes twice. */
static ps_status
index_levels(const ps_env *env, ps_levels *levels, ps_error *error)
{
	levels->nslots = 4;
	while (levels->nslots < 2 * levels->count)
		levels->nslots *= 2;
	PS_TRY(ps_alloc(env, levels->nslots, sizeof(*levels->slots), &levels->slots, error));
	memset(levels->slots, 0xff, levels->nslots * sizeof(*levels->slots));
	for (size_t i = 0; i < levels->count; i++)
	{
		size_t		slot = (size_t) ps_hash_bytes(0, levels->texts[i], levels->lengths[i]) & (levels->nslots - 1);

		if (ps_levels_find(levels, levels->texts[i], levels->lengths[i]) < levels->count)
			return ps_fail(error, PS_CORRUPT, "level \"%s\" comes twice", levels->texts[i]);
		while (levels->slots[slot] >= 0)
			slot = (slot + 1) & (levels->nslots - 1);
		levels->slots[slot] = (int32_t) i;
	}
	return PS_OK;
}

static ps_status
create_levels(const ps_env *env, size_t count, ps_levels *levels, ps_error *error)
{
	levels->count = count;
	PS_TRY(ps_alloc(env, count, sizeof(*levels->texts), &levels->texts, error));
	return ps_alloc(env, count, sizeof(*levels->lengths), &levels->lengths, error);
}

/* A value and its rows. */
typedef struct level_rows
{
	const char *text;
	size_t		length;
	size_t		rows;
} level_rows;

/* Order by rows, the most first, then by bytes. */
static int
compare_rows(const void *a, const void *b)
{
	const level_rows *left = a;
	const level_rows *right = b;

	if (left->rows != right->rows)
		return left->rows > right->rows ? -1 : 1;
	return strcmp(left->text, right->text);
}

ps_status
ps_levels_fit(const ps_env *env, const ps_frame *frame, size_t column, size_t enough, size_t most,
			  ps_levels *out, size_t *others, size_t *nulls, ps_error *error)
{
	size_t		codes = ps_frame_levels(frame, column);
	size_t		frequent = 0;
	size_t	   *rows;
	level_rows *candidates;

	*nulls = 0;
	PS_TRY(ps_alloc_zero(env, codes, sizeof(*rows), &rows, error));
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		const int32_t *part = ps_frame_codes(frame, column, chunk);
		size_t		count = ps_frame_chunk_rows(frame, chunk);

		for (size_t i = 0; i < count; i++)
			if (part[i] < 0)
				(*nulls)++;
			else
				rows[part[i]]++;
		PS_TRY(ps_poll(env, 0, error));
	}
	for (size_t code = 0; code < codes; code++)
		frequent += rows[code] >= enough ? 1 : 0;
	PS_TRY(ps_alloc(env, frequent, sizeof(*candidates), &candidates, error));
	frequent = 0;
	for (size_t code = 0; code < codes; code++)
		if (rows[code] >= enough)
		{
			level_rows *candidate = &candidates[frequent++];

			candidate->text = ps_frame_level(frame, column, code, &candidate->length);
			candidate->rows = rows[code];
		}
	ps_release(env, rows);
	PS_TRY(ps_sort(env, candidates, frequent, sizeof(*candidates), compare_rows, error));

	PS_TRY(create_levels(env, frequent < most ? frequent : most, out, error));
	*others = ps_frame_rows(frame) - *nulls;
	for (size_t i = 0; i < out->count; i++)
	{
		out->texts[i] = candidates[i].text;
		out->lengths[i] = candidates[i].length;
		*others -= candidates[i].rows;
	}
	ps_release(env, candidates);
	return index_levels(env, out, error);
}

ps_status
ps_levels_load(const ps_env *env, const ps_value *list, size_t most, ps_levels *out, ps_error *error)
{
	if (list->count > most)
		return ps_fail(error, PS_CORRUPT, "there are %d levels, more than %d", (int64_t) list->count, (int64_t) most);
	PS_TRY(create_levels(env, list->count, out, error));
	for (size_t i = 0; i < list->count; i++)
	{
		if (list->items[i]->type != PS_STRING)
			return ps_fail(error, PS_CORRUPT, "a level is not a text");
		out->texts[i] = list->items[i]->text;
		out->lengths[i] = list->items[i]->count;
	}
	return index_levels(env, out, error);
}
