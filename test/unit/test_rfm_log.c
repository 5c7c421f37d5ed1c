/*-------------------------------------------------------------------------
 *
 * test_rfm_log.c
 *	  Unit tests of the log of many purchase histories: each history is, bit
 *	  for bit, the one that its rows make by themselves.
 *
 *-------------------------------------------------------------------------
 */
#include "tap.h"

#include "ps_random.h"
#include "ps_rfm_log.h"

static host h;
static ps_error error;

typedef struct row
{
	uint32_t	history;
	int32_t		day;
	double		amount;			/* NaN: unknown */
} row;

static const double *
amount_of(const row *r)
{
	return isnan(r->amount) ? NULL : &r->amount;
}

/* Make rows of all these histories and days; a history is first met when all before it have been. */
static row *
make_rows(uint32_t histories, size_t count, uint64_t days, ps_random *random)
{
	row		   *rows = host_alloc(&h, count * sizeof(row));
	uint32_t	met = 0;

	for (size_t i = 0; i < count; i++)
	{
		bool		fresh = met < histories && (met == 0 || ps_random_next(random) % 2 == 0 || count - i == histories - met);

		rows[i].history = fresh ? met++ : (uint32_t) (ps_random_next(random) % met);
		rows[i].day = (int32_t) (ps_random_next(random) % days);
		rows[i].amount = ps_random_next(random) % 9 == 0 ? NAN :
			ps_random_uniform(random) * (ps_random_next(random) % 5 == 0 ? -1 : 1e9);
	}
	return rows;
}

/* How many of the log's histories differ from those of their rows alone? */
static uint32_t
differences(ps_rfm_log *log, const row *rows, size_t count)
{
	uint32_t	different = 0;

	for (uint32_t history = 0; history < log->histories; history += 1 + log->histories / 50)
	{
		const ps_rfm_entry *entries;
		uint32_t	length = 0;
		ps_status	status = ps_rfm_log_find(&h.env, log, history, &entries, &length, &error);
		ps_rfm	   *logged = host_alloc(&h, ps_rfm_size(0, length));
		ps_rfm	   *alone = host_alloc(&h, ps_rfm_size(0, count));

		ps_rfm_init(logged, "", 0, &error);
		ps_rfm_append_entries(logged, entries, length);
		ps_rfm_init(alone, "", 0, &error);
		for (size_t i = 0; i < count; i++)
		{
			if (rows[i].history == history)
				ps_rfm_add(alone, rows[i].day, amount_of(&rows[i]), &error);
		}
		different += status != PS_OK || ps_rfm_compact(&h.env, logged, &error) != PS_OK || ps_rfm_compact(&h.env, alone, &error) != PS_OK ||
			alone->count != logged->count || memcmp(alone, logged, ps_rfm_size(0, alone->count)) != 0;
	}
	return different;
}

/* Log rows, reading the histories when some have come and at the end. */
static void
test_histories(uint32_t histories, size_t count, uint64_t days, ps_random *random)
{
	row		   *rows = make_rows(histories, count, days, random);
	ps_rfm_log	log = {0};
	bool		failed = false;
	uint32_t	different = 0;

	for (size_t i = 0; i < count; i++)
	{
		log.histories = rows[i].history >= log.histories ? rows[i].history + 1 : log.histories;
		failed |= ps_rfm_log_add(&h.env, &log, rows[i].history, rows[i].day, amount_of(&rows[i]), &error) != PS_OK;
		if (i == count / 3 || i == count / 3 + 1 || i == count - 1)
			different += differences(&log, rows, i + 1);
	}
	ok(!failed && log.histories == histories && different == 0, "%u histories of %zu rows are those of their rows", histories, count);
	host_free(&h);
}

/* However often the same days come, a log does not become much larger than their histories. */
static void
test_size(ps_random *random)
{
	ps_rfm_log	log = {.histories = 10};
	size_t		largest = 0;

	for (size_t i = 0; i < 300000; i++)
	{
		double		amount = (double) (ps_random_next(random) % 1000);

		ps_rfm_log_add(&h.env, &log, (uint32_t) (i % 10), (int32_t) (ps_random_next(random) % 100), &amount, &error);
		largest = log.lists[i % 10].count > largest ? log.lists[i % 10].count : largest;
	}
	ok(largest <= 600, "of 300000 rows of 10 histories of 100 days each keeps %zu at most", largest);
	host_free(&h);
}

/* A refused row leaves the log as it was, and so does a failed allocation or a cancelled sort the process. */
static void
test_failures(ps_random *random)
{
	size_t		count = 5000;
	row		   *rows;
	long		failures = 0;
	double		bad = NAN;
	ps_rfm_log	log = {.histories = 1};
	const ps_rfm_entry *entries;
	uint32_t	length;

	ok(ps_rfm_log_add(&h.env, &log, 0, 0, &bad, &error) == PS_INVALID_DATA && log.lists[0].count == 0, "%s", error.message);
	ok(ps_rfm_log_add(&h.env, &log, 0, INT32_MIN, NULL, &error) == PS_INVALID_DATA && log.lists[0].count == 0, "%s", error.message);
	for (long k = 1; k < 1000; k++)
	{
		ps_status	status = PS_OK;

		rows = make_rows(20, count, 1000, random);
		log = (ps_rfm_log) {.histories = 20};
		h.allocations = h.polls = 0;
		*(k % 2 == 0 ? &h.fail_at : &h.cancel_at) = (k + 1) / 2;
		for (size_t i = 0; i < count && status == PS_OK; i++)
			status = ps_rfm_log_add(&h.env, &log, rows[i].history, rows[i].day, amount_of(&rows[i]), &error);
		for (uint32_t history = 0; history < log.histories && status == PS_OK; history++)
			status = ps_rfm_log_find(&h.env, &log, history, &entries, &length, &error);
		h.fail_at = h.cancel_at = 0;
		host_free(&h);
		if (status == PS_OK && k % 2 == 0)
			break;
		failures += status == PS_OUT_OF_MEMORY || status == PS_CANCELLED;
	}
	ok(failures > 10, "%ld allocations and polls failed one by one", failures);
}

int
main(void)
{
	ps_random	random;

	host_init(&h);
	ps_random_seed(&random, 3);
	test_histories(1, 3000, 50, &random);
	test_histories(2, 20000, 50, &random);
	test_histories(513, 20000, 700, &random);
	test_histories(5000, 20000, 700, &random);
	test_histories(20000, 20000, 700, &random);
	test_size(&random);
	test_failures(&random);
	host_free(&h);
	return tap_done();
}
