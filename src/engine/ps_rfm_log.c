/*-------------------------------------------------------------------------
 *
 * ps_rfm_log.c
 *	  The rows of many purchase histories, in the order in which they come.
 *
 * A log takes 16 bytes a row, and at the time of gathering as much again.
 * Where it has many more rows than histories, histories are made canonical
 * before it grows: however often the same days come, it is not much larger
 * than their histories then.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_rfm_log.h"

#define FIRST_ROWS 1024
#define MANY_ROWS 64			/* so many rows a history are worth making the histories canonical */
#define DIGIT_BITS 9			/* of the radix sort, which writes to 2^9 places by turns */
#define POLL_ROWS (1 << 20)		/* some milliseconds of work */
#define POLL_HISTORIES 1024

/* The digit of a row by which a pass sorts: bits of its history's number. */
static inline size_t
digit_of(const ps_rfm_row *row, int shift)
{
	return row->history >> shift & ((1 << DIGIT_BITS) - 1);
}

/* Poll before row i, now and then. */
static inline ps_status
poll_at(const ps_env *env, size_t i, ps_error *error)
{
	return i % POLL_ROWS == 0 ? ps_poll(env, 0.0, error) : PS_OK;
}

/* Sort rows stably by one digit. */
static ps_status
sort_by_digit(const ps_env *env, const ps_rfm_row *from, size_t count, int shift, ps_rfm_row *to, ps_error *error)
{
	uint32_t	places[1 << DIGIT_BITS] = {0};
	uint32_t	place = 0;

	for (size_t i = 0; i < count; i++)
	{
		PS_TRY(poll_at(env, i, error));
		places[digit_of(&from[i], shift)]++;
	}
	for (size_t digit = 0; digit < 1 << DIGIT_BITS; digit++)
	{
		uint32_t	rows = places[digit];

		places[digit] = place;
		place += rows;
	}
	for (size_t i = 0; i < count; i++)
	{
		PS_TRY(poll_at(env, i, error));
		to[places[digit_of(&from[i], shift)]++] = from[i];
	}
	return PS_OK;
}

/* Gather rows. */
ps_status
ps_rfm_log_gather(const ps_env *env, ps_rfm_log *log, ps_error *error)
{
	ps_rfm_row *spare;
	uint32_t	history = 0;

	if (log->starts != NULL)
		return PS_OK;
	PS_TRY(ps_alloc(env, log->count, sizeof(ps_rfm_row), &spare, error));
	log->capacity = log->count;
	for (int shift = 0; shift < 32 && (log->histories - 1) >> shift > 0; shift += DIGIT_BITS)
	{
		ps_rfm_row *sorted = spare;

		PS_TRY(sort_by_digit(env, log->rows, log->count, shift, sorted, error));
		spare = log->rows;
		log->rows = sorted;
	}
	ps_release(env, spare);
	PS_TRY(ps_alloc(env, (size_t) log->histories + 1, sizeof(uint32_t), &log->starts, error));
	for (size_t i = 0; i < log->count; i++)
	{
		PS_TRY(poll_at(env, i, error));
		while (history <= log->rows[i].history)
			log->starts[history++] = (uint32_t) i;
	}
	while (history <= log->histories)
		log->starts[history++] = (uint32_t) log->count;
	return PS_OK;
}

/* The number of gathered rows of a history. */
uint32_t
ps_rfm_log_length(const ps_rfm_log *log, uint32_t history)
{
	return log->starts[history + 1] - log->starts[history];
}

/* Read a history. */
void
ps_rfm_log_read(const ps_rfm_log *log, uint32_t history, ps_rfm *rfm)
{
	ps_rfm_entry *entries = ps_rfm_entries(rfm) + rfm->count;
	const ps_rfm_row *rows = log->rows + log->starts[history];
	uint32_t	length = ps_rfm_log_length(log, history);

	for (uint32_t i = 0; i < length; i++)
		entries[i] = rows[i].entry;
	rfm->count += length;
}

/* Gather all rows and make each history canonical. */
static ps_status
compact(const ps_env *env, ps_rfm_log *log, ps_error *error)
{
	size_t		out = 0;

	PS_TRY(ps_rfm_log_gather(env, log, error));
	for (uint32_t history = 0; history < log->histories; history++)
	{
		ps_rfm	   *rfm;
		ps_rfm_entry *entries;

		if (history % POLL_HISTORIES == 0)
			PS_TRY(ps_poll(env, 0.0, error));
		PS_TRY(ps_alloc(env, 1, ps_rfm_size(0, ps_rfm_log_length(log, history)), &rfm, error));
		PS_TRY(ps_rfm_init(rfm, "", 0, error));
		ps_rfm_log_read(log, history, rfm);
		PS_TRY(ps_rfm_compact(env, rfm, error));
		entries = ps_rfm_entries(rfm);
		for (uint32_t i = 0; i < rfm->count; i++)
			log->rows[out++] = (ps_rfm_row) {history, entries[i]};
		ps_release(env, rfm);
	}
	log->count = out;
	return PS_OK;
}

/* Make room for a row. */
static ps_status
reserve(const ps_env *env, ps_rfm_log *log, ps_error *error)
{
	if (log->count / MANY_ROWS > log->histories)
		PS_TRY(compact(env, log, error));
	if (log->count < log->capacity / 2)
		return PS_OK;
	if (log->capacity > UINT32_MAX / 2)
		return ps_fail(error, PS_OUT_OF_MEMORY, "too many purchases to be gathered by customer at once");
	return ps_grow(env, &log->rows, log->count, log->capacity < FIRST_ROWS ? FIRST_ROWS : log->capacity + 1, &log->capacity,
				   sizeof(ps_rfm_row), error);
}

/* Add a row. */
ps_status
ps_rfm_log_add(const ps_env *env, ps_rfm_log *log, uint32_t history, int32_t day, const double *amount, ps_error *error)
{
	ps_rfm_row *row;

	if (log->count == log->capacity)
		PS_TRY(reserve(env, log, error));
	if (log->starts != NULL)
	{
		ps_release(env, log->starts);
		log->starts = NULL;
	}
	row = &log->rows[log->count];
	row->history = history;
	PS_TRY(ps_rfm_entry_make(&row->entry, day, amount, error));
	log->count++;
	return PS_OK;
}
