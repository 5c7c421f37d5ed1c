/*-------------------------------------------------------------------------
 *
 * test_rfm.c
 *	  Unit tests of purchase histories: sums are exact and their form depends
 *	  neither on the order nor on the grouping of rows; text and bytes lead
 *	  back to the same value; damaged ones are refused; accessors.
 *
 * Sums are compared with 128-bit integers, to which the compiler rounds
 * correctly.  All comparisons are for equality of bits.
 *
 *-------------------------------------------------------------------------
 */
#include "tap.h"

#include "ps_crc.h"
#include "ps_json.h"
#include "ps_random.h"
#include "ps_rfm.h"

typedef struct row
{
	int32_t		day;
	bool		known;
	double		amount;
} row;

static host h;
static ps_error error;

/* A working form with that much room, or NULL. */
static ps_rfm *
make(const char *zone, size_t capacity)
{
	ps_rfm	   *rfm = host_alloc(&h, ps_rfm_size(strlen(zone), capacity));

	return ps_rfm_init(rfm, zone, strlen(zone), &error) == PS_OK ? rfm : NULL;
}

static ps_status
add_row(ps_rfm *rfm, const row *r)
{
	return ps_rfm_add(rfm, r->day, r->known ? &r->amount : NULL, &error);
}

static ps_status
compact(ps_rfm *rfm)
{
	return ps_rfm_compact(&h.env, rfm, &error);
}

/* The canonical history of rows. */
static ps_rfm *
of_rows(const char *zone, const row *rows, size_t count)
{
	ps_rfm	   *rfm = make(zone, count);

	for (size_t i = 0; i < count; i++)
		if (add_row(rfm, &rows[i]) != PS_OK)
			return NULL;
	return compact(rfm) == PS_OK ? rfm : NULL;
}

static bool
same(const ps_rfm *a, const ps_rfm *b)
{
	return a != NULL && b != NULL && a->count == b->count && a->zone_length == b->zone_length &&
		memcmp(a, b, ps_rfm_size(a->zone_length, a->count)) == 0;
}

static const char *
text_of(const ps_rfm *rfm)
{
	char	   *text;

	return rfm != NULL && ps_rfm_write(&h.env, rfm, &text, &error) == PS_OK ? text : error.message;
}

#define text_is(rfm, want, ...) \
	do { \
		const char *got_ = text_of(rfm); \
		if (!ok(strcmp(got_, (want)) == 0, __VA_ARGS__)) \
			printf("# got %s\n", got_); \
	} while (0)

static void
shuffle(row *rows, size_t count, ps_random *random)
{
	for (size_t i = count; i > 1; i--)
	{
		size_t		j = ps_random_next(random) % i;
		row			swap = rows[i - 1];

		rows[i - 1] = rows[j];
		rows[j] = swap;
	}
}

/* Aggregate rows in pieces, with compactions in between, and merge the pieces. */
static ps_rfm *
in_pieces(const row *rows, size_t count, ps_random *random)
{
	ps_rfm	   *whole = make("", count);

	for (size_t i = 0; i < count;)
	{
		size_t		length = 1 + ps_random_next(random) % 20;
		ps_rfm	   *piece = make("", length);

		for (size_t end = i + length < count ? i + length : count; i < end; i++)
		{
			add_row(piece, &rows[i]);
			if (ps_random_next(random) % 4 == 0)
				compact(piece);
		}
		if (ps_random_next(random) % 2 == 0)
			compact(piece);
		if (ps_rfm_append(whole, piece, &error) != PS_OK)
			return NULL;
		if (ps_random_next(random) % 3 == 0)
			compact(whole);
	}
	return compact(whole) == PS_OK ? whole : NULL;
}

/* Amounts k * 2^-40, k a random integer of up to 100 bits that a double holds. */
static void
test_integers(ps_random *random)
{
	int			wrong = 0;
	size_t		most = 0;

	for (int trial = 0; trial < 2000; trial++)
	{
		row			rows[40];
		size_t		count = 2 + ps_random_next(random) % 38;
		__int128	exact = 0;
		ps_rfm	   *rfm;
		char		want[400] = "{\"days\":[[\"2000-01-01\"";

		for (size_t i = 0; i < count; i++)
		{
			double		k = (double) (ps_random_next(random) >> 11) * (double) ((uint64_t) 1 << ps_random_next(random) % 48);

			rows[i] = (row) {0, true, ldexp(k, -40)};
			exact += (__int128) k;
		}
		rfm = of_rows("", rows, count);
		do
		{
			double		component = (double) exact;
			char		number[32];

			number[ps_number_write(ldexp(component, -40), number)] = '\0';
			strcat(strcat(want, ","), number);
			exact -= (__int128) component;
		} while (exact != 0);
		strcat(want, "]]}");
		wrong += strcmp(text_of(rfm), want) != 0;
		wrong += ps_rfm_check(rfm, ps_rfm_size(0, rfm->count), &error) != PS_OK;
		most = rfm->count > most ? rfm->count : most;
	}
	ok(wrong == 0, "the components of 2000 sums are those of 128-bit integers");
	ok(most >= 2, "some of these sums need several components");
}

/* Amounts over the whole range of doubles, days, returns and unknown values, in any order and grouping. */
static void
test_orders(ps_random *random)
{
	int			wrong = 0;
	int			damaged = 0;
	uint32_t	most = 0;

	for (int trial = 0; trial < 400; trial++)
	{
		row			rows[200];
		size_t		count = 1 + ps_random_next(random) % 200;
		ps_rfm	   *whole;
		uint8_t    *bytes;
		size_t		length;
		ps_rfm	   *again;
		size_t		size;

		for (size_t i = 0; i < count; i++)
		{
			int			exponent = trial % 2 ? (int) (ps_random_next(random) % 2060) - 1074 : (int) (ps_random_next(random) % 60);

			rows[i].day = (int32_t) (ps_random_next(random) % 3);
			rows[i].known = ps_random_next(random) % 8 > 0;
			rows[i].amount = ldexp(ps_random_uniform(random), exponent) * (ps_random_next(random) % 4 ? 1 : -1);
		}
		whole = of_rows("", rows, count);
		most = whole->count > most ? whole->count : most;
		for (int again_ = 0; again_ < 4; again_++)
		{
			shuffle(rows, count, random);
			wrong += !same(whole, of_rows("", rows, count));
			wrong += !same(whole, in_pieces(rows, count, random));
		}
		damaged += ps_rfm_check(whole, ps_rfm_size(0, whole->count), &error) != PS_OK;
		damaged += ps_rfm_encode(&h.env, whole, &bytes, &length, &error) != PS_OK ||
			ps_rfm_decode(&h.env, bytes, length, &again, &size, &error) != PS_OK || !same(whole, again);
		damaged += ps_rfm_read(&h.env, text_of(whole), strlen(text_of(whole)), &again, &size, &error) != PS_OK ||
			!same(whole, again);
		host_free(&h);
	}
	ok(wrong == 0, "any order and any grouping of 400 sets of rows gives the same bits");
	ok(damaged == 0, "each of them is valid, and the same after bytes and after text");
	ok(most > 40, "some of them have sums of many components (%u entries)", most);
}

/* Sums on the border of a rounding: a half unit, and a little beside it. */
static void
test_ties(void)
{
	double		unit = ldexp(1, -52);
	row			rows[][3] = {
		{{0, true, 1}, {0, true, unit / 2}, {0, true, 0}},
		{{0, true, 1}, {0, true, unit / 2}, {0, true, ldexp(1, -900)}},
		{{0, true, 1 + unit}, {0, true, unit / 2}, {0, true, 0}},
		{{0, true, ldexp(1, -1074)}, {0, true, 1e290}, {0, true, ldexp(1, -1074)}},
	};
	const char *want[] = {
		"{\"days\":[[\"2000-01-01\",1,1.1102230246251565e-16]]}",
		"{\"days\":[[\"2000-01-01\",1.0000000000000002,-1.1102230246251565e-16,1.1830521861667747e-271]]}",
		"{\"days\":[[\"2000-01-01\",1.0000000000000004,-1.1102230246251565e-16]]}",
		"{\"days\":[[\"2000-01-01\",1e+290,1e-323]]}",
	};

	for (size_t i = 0; i < 4; i++)
		text_is(of_rows("", rows[i], 3), want[i], "tie %zu is rounded to even, or as the rest decides", i);
}

static void
test_sums(void)
{
	row			tenths[10];
	row			cancelling[] = {{5, true, 1e16}, {6, true, 1}, {7, true, -1e16}};
	row			mixed[] = {{-1, false, 0}, {-1, true, 2}, {3, false, 0}, {3, false, 0}, {4, true, -0.0}, {9, true, -7.25}};
	ps_rfm_summary summary;

	for (size_t i = 0; i < 10; i++)
		tenths[i] = (row) {1, true, 0.1};
	/* 10 * 0.1000000000000000055511151231257827 = 1 + 2^-54 */
	text_is(of_rows("", tenths, 10), "{\"days\":[[\"2000-01-02\",1,5.551115123125783e-17]]}", "ten times 0.1");

	ps_rfm_summarize(of_rows("", cancelling, 3), &summary);
	ok(summary.total == 1 && summary.average == 5e15 && summary.occasions == 2, "1e16 + 1 - 1e16 is 1; the average is of purchases");

	text_is(of_rows("Europe/Vienna", mixed, 6),
			"{\"zone\":\"Europe/Vienna\",\"days\":[[\"1999-12-31\",2],[\"2000-01-04\",null],[\"2000-01-05\",0]],\"returns\":[-7.25]}",
			"unknown values, a purchase of nothing, a return");
	ps_rfm_summarize(of_rows("", mixed, 6), &summary);
	ok(summary.occasions == 3 && summary.known == 2 && summary.first_day == -1 && summary.last_day == 4 &&
	   summary.total == -5.25 && summary.average == 1, "its summary");

	ps_rfm_summarize(of_rows("", mixed + 5, 1), &summary);
	ok(summary.occasions == 0 && summary.total == -7.25 && isnan(summary.average), "a customer with returns only has no occasions");
	ps_rfm_summarize(of_rows("", mixed + 2, 1), &summary);
	ok(summary.occasions == 1 && isnan(summary.total) && isnan(summary.average), "nothing known is no total");
}

static void
test_history(void)
{
	row			rows[] = {{10, true, 50}, {17, true, 30}, {24, false, 0}, {24, true, -500}, {31, true, 10}, {31, true, 1}};
	ps_rfm	   *rfm = of_rows("", rows, 6);
	ps_rfm	   *returns = of_rows("", rows + 3, 1);
	ps_history	history;

	ok(!ps_rfm_history(rfm, 9, &history), "no history before the first purchase");
	ok(!ps_rfm_history(returns, 99, &history), "no history of returns only");
	ok(ps_rfm_history(rfm, 10, &history) && history.frequency == 0 && history.recency == 0 && history.tenure == 0 &&
	   isnan(history.monetary), "the first day is no repeat");
	ok(ps_rfm_history(rfm, 30, &history) && history.frequency == 2 && history.recency == 14 && history.tenure == 20 &&
	   history.monetary == 30, "repeats of unknown value count, but not in the mean");
	ok(ps_rfm_history(rfm, 40, &history) && history.frequency == 3 && history.recency == 21 && history.tenure == 30 &&
	   history.monetary == 20.5, "the whole history; returns do not matter");
	ok(ps_rfm_history(of_rows("", (row[]) {{PS_RFM_FIRST_DAY, true, 1}}, 1), PS_RFM_LAST_DAY, &history) &&
	   history.tenure == 2147483493.0, "the whole calendar");
}

/* Every day of the range near its ends, around year 0 and over two eras must lead back to itself. */
static void
test_days(void)
{
	static const struct
	{
		int32_t		day;
		const char *text;
	}			days[] = {
		{PS_RFM_FIRST_DAY, "4714-11-24 BC"}, {-730119, "0001-01-01"}, {-730120, "0001-12-31 BC"}, {-746176, "0044-01-15 BC"},
		{-36465, "1900-03-01"}, {0, "2000-01-01"}, {59, "2000-02-29"}, {2921939, "9999-12-31"}, {2921940, "10000-01-01"},
		{PS_RFM_LAST_DAY, "5874897-12-31"}
	};
	int			wrong = 0;

	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++)
	{
		char		want[64];

		snprintf(want, sizeof(want), "{\"days\":[[\"%s\",1]]}", days[i].text);
		text_is(of_rows("", (row[]) {{days[i].day, true, 1}}, 1), want, "day %s", days[i].text);
	}
	for (int32_t day = -740000; day < 200000; day += 37)
	{
		ps_rfm	   *rfm = of_rows("", (row[]) {{day, true, 1}}, 1);
		const char *text = text_of(rfm);
		ps_rfm	   *again;
		size_t		size;

		wrong += ps_rfm_read(&h.env, text, strlen(text), &again, &size, &error) != PS_OK || !same(rfm, again);
		host_free(&h);
	}
	ok(wrong == 0, "days lead back to themselves through text");
}

static void
test_refusals(void)
{
	static const double bad[] = {NAN, INFINITY, -INFINITY, 1.1e298, -1.1e298};
	static const int32_t bad_days[] = {INT32_MIN, INT32_MAX, PS_RFM_FIRST_DAY - 1, PS_RFM_LAST_DAY + 1};
	row			huge[] = {{0, true, 6e297}, {0, true, 6e297}};
	row			huge_returns[] = {{0, true, -6e297}, {1, true, -6e297}};
	row			one = {0, true, 1};
	ps_rfm	   *vienna = make("Europe/Vienna", 2);
	double		amount = 1;

	for (size_t i = 0; i < 5; i++)
	{
		ok(ps_rfm_add(vienna, 0, &bad[i], &error) == PS_INVALID_DATA && vienna->count == 0, "amount %g: %s", bad[i], error.message);
	}
	for (size_t i = 0; i < 4; i++)
		ok(ps_rfm_add(vienna, bad_days[i], &amount, &error) == PS_INVALID_DATA, "day %d: %s", bad_days[i], error.message);
	ok(of_rows("", huge, 2) == NULL && error.status == PS_INVALID_DATA, "%s", error.message);
	ok(of_rows("", huge_returns, 2) == NULL && error.status == PS_INVALID_DATA, "%s", error.message);
	ok(ps_rfm_append(vienna, of_rows("", &one, 1), &error) == PS_INVALID_DATA, "%s", error.message);
	ok(ps_rfm_append(vienna, of_rows("UTC", &one, 1), &error) == PS_INVALID_DATA, "%s", error.message);
	ok(make("a\"b", 1) == NULL && make("a\nb", 1) == NULL, "impossible zone names");
}

static const char *const bad_texts[] = {
	"", "{", "null", "[]", "3", "{}", "{\"days\":1}", "{\"days\":[1]}", "{\"days\":[\"2000-01-01\"]}", "{\"days\":[[]]}",
	"{\"days\":[[\"2000-01-01\"]]}", "{\"days\":[[\"2000-01-01\",\"1\"]]}", "{\"days\":[[\"2000-01-01\",1,null]]}",
	"{\"days\":[[\"2000-01-01\",null,null]]}", "{\"days\":[[\"2000-01-01\",-1]]}", "{\"days\":[[\"2000-01-01\",-0]]}",
	"{\"days\":[[\"2000-01-01\",1e299]]}", "{\"days\":[[\"2000-01-01\",1,2]]}", "{\"days\":[[\"2000-01-01\",1,0]]}",
	"{\"days\":[[\"2000-01-01\",1],[\"2000-01-01\",1]]}", "{\"days\":[[\"2000-01-02\",1],[\"2000-01-01\",1]]}",
	"{\"days\":[[\"2000-02-30\",1]]}", "{\"days\":[[\"2000-1-1\",1]]}", "{\"days\":[[\"0000-01-01\",1]]}",
	"{\"days\":[[\"2000-01-01 \",1]]}", "{\"days\":[[\"2000-01-01 AD\",1]]}", "{\"days\":[[\"9999999-01-01\",1]]}",
	"{\"days\":[[\"infinity\",1]]}", "{\"days\":[[\"4714-11-23 BC\",1]]}", "{\"days\":[],\"returns\":1}",
	"{\"days\":[],\"returns\":[]}", "{\"days\":[],\"returns\":[1]}", "{\"days\":[],\"returns\":[0]}",
	"{\"days\":[],\"returns\":[null]}", "{\"days\":[],\"zone\":\"\"}", "{\"days\":[],\"zone\":null}",
	"{\"days\":[],\"zone\":\"a b\"}", "{\"days\":[],\"more\":1}", "{\"returns\":[-1]}"
};

static void
test_damage(void)
{
	row			rows[] = {{0, true, 0.1}, {0, true, 0.7}, {5, false, 0}, {6, true, -3.5}};
	ps_rfm	   *rfm = of_rows("Asia/Kolkata", rows, 4);
	ps_rfm	   *again;
	size_t		size = ps_rfm_size(12, rfm->count);
	uint8_t    *bytes;
	size_t		length;
	int			accepted = 0;
	const char *spaced = " { \"returns\" : [-3.5], \"days\" : [[\"2000-01-01\", 1]] } ";

	ok(ps_crc32c(0, (const uint8_t *) "123456789", 9) == 0xE3069283, "CRC-32C of the standard's check string");
	for (size_t i = 0; i < sizeof(bad_texts) / sizeof(bad_texts[0]); i++)
		ok(ps_rfm_read(&h.env, bad_texts[i], strlen(bad_texts[i]), &again, &length, &error) != PS_OK,
		   "%s: %s", bad_texts[i], error.message);
	ok(ps_rfm_read(&h.env, spaced, strlen(spaced), &again, &length, &error) == PS_OK, "spaces and order of members are free");

	ps_rfm_encode(&h.env, rfm, &bytes, &length, &error);
	for (size_t i = 0; i < length; i++)
	{
		uint8_t    *cut = host_alloc(&h, i);	/* exactly as long, for the sanitizer */

		memcpy(cut, bytes, i);
		accepted += ps_rfm_decode(&h.env, cut, i, &again, &size, &error) == PS_OK;
		for (int bit = 0; bit < 8; bit++)
		{
			bytes[i] ^= (uint8_t) (1 << bit);
			accepted += ps_rfm_decode(&h.env, bytes, length, &again, &size, &error) == PS_OK;
			bytes[i] ^= (uint8_t) (1 << bit);
		}
	}
	ok(accepted == 0, "every truncation and every flipped bit of the bytes is refused");
	ok(ps_rfm_decode(&h.env, bytes, length, &again, &size, &error) == PS_OK && same(rfm, again), "the bytes themselves are not");

	/* in memory there is no checksum: whatever the check lets pass must be safe to read */
	size = ps_rfm_size(12, rfm->count);
	for (size_t i = 0; i < size; i++)
	{
		for (int bit = 0; bit < 8; bit++)
		{
			uint8_t    *copy = host_alloc(&h, size);
			ps_rfm	   *damaged = (ps_rfm *) (void *) copy;
			ps_rfm_summary summary;
			ps_history	history;

			memcpy(copy, rfm, size);
			copy[i] ^= (uint8_t) (1 << bit);
			if (ps_rfm_check(damaged, size, &error) != PS_OK)
				continue;
			accepted++;
			if (ps_rfm_compact(&h.env, damaged, &error) != PS_OK)
				continue;
			ps_rfm_summarize(damaged, &summary);
			ps_rfm_history(damaged, 100, &history);
			text_of(damaged);
		}
		ok(ps_rfm_check((ps_rfm *) memcpy(host_alloc(&h, i), rfm, i), i, &error) == PS_CORRUPT, "cut to %zu bytes", i);
	}
	ok(accepted > 0, "some flipped bits in memory give another valid history (%d)", accepted);
	host_free(&h);
}

/* A large working form: sorting is interrupted at every poll and after every failed allocation, and nothing is lost. */
static void
test_interruption(ps_random *random)
{
	size_t		count = 200000;
	ps_rfm	   *rfm = make("", count);
	ps_rfm	   *copy = make("", count);
	ps_rfm_summary summary;
	long		polls;

	for (size_t i = 0; i < count; i++)
		add_row(rfm, &(row) {(int32_t) ((i * 7919) % count), true, (double) (ps_random_next(random) % 100)});
	memcpy(copy, rfm, ps_rfm_size(0, count));
	h.polls = 0;
	ok(compact(copy) == PS_OK && copy->count == count, "200000 days in no order");
	polls = h.polls;
	ok(polls > 3, "were sorted and summed with %ld polls", polls);
	ps_rfm_summarize(copy, &summary);
	ok(summary.occasions == (int64_t) count && summary.first_day == 0 && summary.last_day == (int32_t) count - 1, "and are complete");
	for (long k = 1; k <= polls; k++)
	{
		memcpy(copy, rfm, ps_rfm_size(0, count));
		h.polls = 0;
		h.cancel_at = k;
		ok(compact(copy) == PS_CANCELLED, "cancelled at poll %ld", k);
		h.cancel_at = 0;
		h.polls = 0;
		h.jump_at = k;
		memcpy(copy, rfm, ps_rfm_size(0, count));
		if (setjmp(h.jump) == 0)
		{
			compact(copy);
			ok(false, "poll %ld did not come", k);
		}
		h.jump_at = 0;
	}
	memcpy(copy, rfm, ps_rfm_size(0, count));
	h.allocations = 0;
	h.fail_at = 1;
	ok(compact(copy) == PS_OUT_OF_MEMORY, "no memory to sort");
	h.fail_at = 0;
	host_free(&h);
}

/* Reading and writing report every failed allocation. */
static void
test_allocations(void)
{
	const char *text = "{\"zone\":\"UTC\",\"days\":[[\"2000-01-01\",1],[\"2000-01-02\",null]],\"returns\":[-1]}";
	int			outcomes[3] = {0, 0, 0};

	for (int what = 0; what < 3; what++)
	{
		for (long k = 1; k < 1000; k++)
		{
			ps_rfm	   *rfm = of_rows("UTC", (row[]) {{0, true, 1}}, 1);
			ps_rfm	   *out;
			char	   *written;
			uint8_t    *bytes;
			size_t		size;
			ps_status	status;

			h.allocations = 0;
			h.fail_at = k;
			status = what == 0 ? ps_rfm_read(&h.env, text, strlen(text), &out, &size, &error) :
				what == 1 ? ps_rfm_write(&h.env, rfm, &written, &error) : ps_rfm_encode(&h.env, rfm, &bytes, &size, &error);
			h.fail_at = 0;
			host_free(&h);
			if (status == PS_OK)
				break;
			outcomes[what] += status == PS_OUT_OF_MEMORY ? 1 : 1000000;
		}
		ok(outcomes[what] > 0 && outcomes[what] < 1000, "%d allocations failed one by one", outcomes[what]);
	}
}

int
main(void)
{
	ps_random	random;

	host_init(&h);
	ps_random_seed(&random, 2);
	test_integers(&random);
	test_orders(&random);
	test_ties();
	test_sums();
	test_history();
	test_days();
	test_refusals();
	test_damage();
	test_interruption(&random);
	test_allocations();
	host_free(&h);
	return tap_done();
}
