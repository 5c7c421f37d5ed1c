/*-------------------------------------------------------------------------
 *
 * ps_rfm_log.c
 *	  The rows of many purchase histories, in the order in which they come.
 *
 * A row takes 16 bytes, and 12 when it is gathered, which is done list by
 * list.  Where a list has many more rows than histories, these are made
 * canonical before it grows: however often the same days come, it is not much
 * larger than its histories then.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_rfm_log.h"

#include <string.h>

#define SMALLEST_BLOCK 15		/* rows: 256 bytes */
#define LARGEST_BLOCK 1023		/* 16 kB */
#define MANY_ROWS 64			/* so many rows a history are worth making the histories canonical */
#define POLL_HISTORIES 1024

typedef struct ps_rfm_row
{
	uint32_t	history;		/* its number within the list */
	ps_rfm_entry entry;
} ps_rfm_row;

typedef struct ps_rfm_block
{
	struct ps_rfm_block *before;
	size_t		capacity;
	ps_rfm_row	rows[];
} ps_rfm_block;

/* The histories of a list. */
static inline uint32_t
histories_of(const ps_rfm_log *log, uint32_t list)
{
	return log->histories / PS_RFM_LISTS + (list < log->histories % PS_RFM_LISTS);
}

/* Gather the rows of a list by history. */
static ps_status
gather(const ps_env *env, ps_rfm_list *list, uint32_t histories, ps_error *error)
{
	uint32_t   *starts;
	ps_rfm_entry *entries;
	uint32_t	total = 0;

	if (list->last == NULL && list->histories == histories)
		return PS_OK;
	PS_TRY(ps_poll(env, 0.0, error));
	PS_TRY(ps_alloc_zero(env, (size_t) histories + 1, sizeof(uint32_t), &starts, error));
	PS_TRY(ps_alloc(env, list->count, sizeof(ps_rfm_entry), &entries, error));

	/* count, and let each start be the end of the history before; placing moves it to the history's own */
	for (uint32_t i = 0; i < list->histories; i++)
		starts[i] = list->starts[i + 1] - list->starts[i];
	for (const ps_rfm_block *block = list->last; block != NULL; block = block->before)
		for (size_t i = block == list->last ? list->room : 0; i < block->capacity; i++)
			starts[block->rows[i].history]++;
	for (uint32_t i = 0; i <= histories; i++)
		starts[i] = total += starts[i];
	for (uint32_t i = 0; i < list->histories; i++)
		for (uint32_t j = list->starts[i]; j < list->starts[i + 1]; j++)
			entries[--starts[i]] = list->entries[j];
	while (list->last != NULL)
	{
		ps_rfm_block *block = list->last;

		for (size_t i = list->room; i < block->capacity; i++)
			entries[--starts[block->rows[i].history]] = block->rows[i].entry;
		list->room = 0;
		list->last = block->before;
		ps_release(env, block);
	}
	ps_release(env, list->starts);
	ps_release(env, list->entries);
	list->starts = starts;
	list->entries = entries;
	list->histories = histories;
	return PS_OK;
}

/* Find the entries of a history. */
ps_status
ps_rfm_log_find(const ps_env *env, ps_rfm_log *log, uint32_t history, const ps_rfm_entry **entries, uint32_t *count,
				ps_error *error)
{
	ps_rfm_list *list = &log->lists[history % PS_RFM_LISTS];
	uint32_t	number = history / PS_RFM_LISTS;

	PS_TRY(gather(env, list, histories_of(log, history % PS_RFM_LISTS), error));
	*entries = list->entries + list->starts[number];
	*count = list->starts[number + 1] - list->starts[number];
	return PS_OK;
}

/* Make each history of a list canonical. */
static ps_status
compact(const ps_env *env, ps_rfm_list *list, uint32_t histories, ps_error *error)
{
	uint32_t	out = 0;

	PS_TRY(gather(env, list, histories, error));
	for (uint32_t history = 0; history < histories; history++)
	{
		uint32_t	start = list->starts[history];
		uint32_t	count = list->starts[history + 1] - start;
		ps_rfm	   *rfm;

		if (history % POLL_HISTORIES == 0)
			PS_TRY(ps_poll(env, 0.0, error));
		PS_TRY(ps_alloc(env, 1, ps_rfm_size(0, count), &rfm, error));
		PS_TRY(ps_rfm_init(rfm, "", 0, error));
		ps_rfm_append_entries(rfm, list->entries + start, count);
		PS_TRY(ps_rfm_compact(env, rfm, error));
		memcpy(list->entries + out, ps_rfm_entries(rfm), rfm->count * sizeof(ps_rfm_entry));
		list->starts[history] = out;
		out += rfm->count;
		ps_release(env, rfm);
	}
	list->starts[histories] = out;
	list->count = list->canonical = out;
	return PS_OK;
}

/* Make room for a row in a list. */
static ps_status
reserve(const ps_env *env, ps_rfm_list *list, uint32_t histories, ps_error *error)
{
	size_t		capacity;
	ps_rfm_block *block;

	if (list->count / MANY_ROWS > histories && list->count / 2 > list->canonical)
		PS_TRY(compact(env, list, histories, error));
	capacity = list->last == NULL ? SMALLEST_BLOCK : 2 * list->last->capacity + 1;
	if (capacity > LARGEST_BLOCK)
		capacity = LARGEST_BLOCK;
	if (list->count > UINT32_MAX - LARGEST_BLOCK)
		return ps_fail(error, PS_OUT_OF_MEMORY, "too many purchases to be gathered by customer at once");
	PS_TRY(ps_alloc(env, 1, sizeof(ps_rfm_block) + capacity * sizeof(ps_rfm_row), &block, error));
	block->before = list->last;
	block->capacity = capacity;
	list->last = block;
	list->room = (uint32_t) capacity;
	return PS_OK;
}

/* Add a row. */
ps_status
ps_rfm_log_add(const ps_env *env, ps_rfm_log *log, uint32_t history, int32_t day, const double *amount, ps_error *error)
{
	ps_rfm_list *list = &log->lists[history % PS_RFM_LISTS];
	ps_rfm_row *row;

	if (list->room == 0)
		PS_TRY(reserve(env, list, histories_of(log, history % PS_RFM_LISTS), error));
	row = &list->last->rows[list->room - 1];
	row->history = history / PS_RFM_LISTS;
	PS_TRY(ps_rfm_entry_make(&row->entry, day, amount, error));
	list->room--;
	list->count++;
	return PS_OK;
}
