/*-------------------------------------------------------------------------
 *
 * test_holdout.c
 *	  Unit tests of hold-outs and samples: the right share, the same rows for
 *	  any order, copies of a row one by one, no more than asked for.
 *
 *-------------------------------------------------------------------------
 */
#include "tap.h"

#include "ps_copies.h"
#include "ps_holdout.h"
#include "ps_random.h"

#define ROWS 20000

/* The share of rows 0..n-1 with these keys that a name holds out. */
static double
share_held_out(const char *name, size_t n, double share)
{
	uint64_t	salt = ps_holdout_salt(name);
	size_t		count = 0;

	for (size_t i = 0; i < n; i++)
	{
		char		key[32];
		size_t		length = (size_t) snprintf(key, sizeof(key), "%zu", i);

		count += ps_holdout_has(ps_hash_bytes(salt, key, length), share);
	}
	return (double) count / (double) n;
}

static void
test_holdout(void)
{
	static const ps_column columns[] = {{"a", PS_TYPE_NUMBER}, {"b", PS_TYPE_TEXT}, {"c", PS_TYPE_HISTORY}};
	ps_cell		cells[3];
	ps_cell		other[3];
	uint64_t	salt = ps_holdout_salt("intent");
	uint64_t	first;
	size_t		both = 0;

	/* five standard deviations of a binomial share */
	close_to(share_held_out("intent", ROWS, 0.2), 0.2, 0, 5 * sqrt(0.2 * 0.8 / ROWS), "a fifth is held out");
	ok(share_held_out("intent", ROWS, 0) == 0 && share_held_out("intent", ROWS, 1) == 1, "none and all");
	for (uint64_t i = 0; i < ROWS; i++)
	{
		both += ps_holdout_has(ps_hash_add(salt, i), 0.2) && ps_holdout_has(ps_hash_add(ps_holdout_salt("other"), i), 0.2);
		if (ps_holdout_has(ps_hash_add(salt, i), 0.1) && !ps_holdout_has(ps_hash_add(salt, i), 0.2))
			both = ROWS;
	}
	close_to((double) both / ROWS, 0.04, 0, 5 * sqrt(0.04 * 0.96 / ROWS),
			 "another name holds out others, a larger share the same and more");

	/* the customers of a released version stay the same */
	ok(!ps_holdout_has(ps_hash_bytes(salt, "1", 1), 0.2) &&
	   ps_hash_bytes(salt, "1", 1) == UINT64_C(0x603812e2ce260d69), "the hash of a key does not change: %llx",
	   (unsigned long long) ps_hash_bytes(salt, "1", 1));

	memset(cells, 0, sizeof(cells));
	cells[0].number = 1.5;
	cells[1].text = "mail";
	cells[1].length = 4;
	cells[2].history = (ps_history) {1, 2, 3, NAN};
	first = ps_holdout_content(salt, columns, 3, cells, 1);
	ok(ps_holdout_content(salt, columns, 3, cells, 1) == first, "equal rows have equal hashes");
	ok(ps_holdout_content(salt, columns, 3, cells, 0) != first, "the target counts");
	ok(ps_holdout_content(salt + 1, columns, 3, cells, 1) != first, "the salt counts");
	for (size_t i = 0; i < 3; i++)
	{
		memcpy(other, cells, sizeof(cells));
		other[i].null = true;
		ok(ps_holdout_content(salt, columns, 3, other, 1) != first, "NULL in column %zu counts", i);
	}
	memcpy(other, cells, sizeof(cells));
	other[1].text = "Mail";
	ok(ps_holdout_content(salt, columns, 3, other, 1) != first, "texts count");
	{
		static const ps_column numbers[] = {{"a", PS_TYPE_NUMBER}, {"b", PS_TYPE_NUMBER}};
		ps_cell		left[2] = {{.number = 1}, {.number = 2}};
		ps_cell		right[2] = {{.number = 2}, {.number = 1}};

		ok(ps_holdout_content(0, numbers, 2, left, 0) != ps_holdout_content(0, numbers, 2, right, 0),
		   "which column has a value counts");
	}
}

/* Offer hashes[n], in their order or backwards and perhaps with copies numbered, and list those taken. */
static ps_status
take(const ps_env *env, const uint64_t *hashes, size_t n, size_t wanted, bool copies, bool backwards,
	 uint64_t *taken, size_t *count, ps_error *error)
{
	ps_sample  *sample;
	ps_copies  *numbers;

	*count = 0;
	PS_TRY(ps_sample_create(env, wanted, &sample, error));
	PS_TRY(ps_copies_create(env, &numbers, error));
	for (size_t i = 0; i < n; i++)
	{
		size_t		row = backwards ? n - 1 - i : i;
		uint64_t	hash = hashes[row];
		size_t		place;

		if (copies)
			PS_TRY(ps_copies_number(numbers, &hash, error));
		PS_TRY(ps_sample_offer(sample, hash, &place, error));
		if (place == PS_SAMPLE_NONE)
			continue;
		if (place > *count || place >= wanted)
			return ps_fail(error, PS_CORRUPT, "place %d of %d", (int64_t) place, (int64_t) *count);
		*count += place == *count;
		taken[place] = hashes[row];
	}
	return PS_OK;
}

static int
compare(const void *a, const void *b)
{
	uint64_t	left = *(const uint64_t *) a;
	uint64_t	right = *(const uint64_t *) b;

	return (left > right) - (left < right);
}

static void
test_sample(void)
{
	static uint64_t hashes[ROWS];
	static uint64_t taken[ROWS];
	static uint64_t backwards[ROWS];
	static uint64_t smallest[ROWS];
	host		h;
	ps_error	error;
	size_t		count;
	size_t		wrong = 0;
	long		allocations;

	host_init(&h);
	for (uint64_t i = 0; i < ROWS; i++)
		hashes[i] = smallest[i] = ps_hash_mix(i + 1);
	qsort(smallest, ROWS, sizeof(*smallest), compare);
	for (size_t wanted = 1; wanted <= 10000; wanted = wanted * 3 + 7)
	{
		wrong += take(&h.env, hashes, ROWS, wanted, false, false, taken, &count, &error) != PS_OK || count != wanted;
		qsort(taken, count, sizeof(*taken), compare);
		wrong += memcmp(taken, smallest, wanted * sizeof(*taken)) != 0;
	}
	ok(wrong == 0, "the rows with the smallest hashes are taken");
	ok(take(&h.env, hashes, 10, 100, true, false, taken, &count, &error) == PS_OK && count == 10 &&
	   memcmp(taken, hashes, 10 * sizeof(*taken)) == 0, "fewer rows than wanted are all taken, in their order");

	/* ten kinds of rows: all copies of few kinds would be no sample */
	for (uint64_t i = 0; i < ROWS; i++)
		hashes[i] = i % 10 + 1;
	ok(take(&h.env, hashes, ROWS, 1000, true, false, taken, &count, &error) == PS_OK && count == 1000 &&
	   take(&h.env, hashes, ROWS, 1000, true, true, backwards, &count, &error) == PS_OK && count == 1000, "copies");
	qsort(taken, 1000, sizeof(*taken), compare);
	qsort(backwards, 1000, sizeof(*backwards), compare);
	ok(memcmp(taken, backwards, 1000 * sizeof(*taken)) == 0, "copies are chosen alike in any order");
	for (uint64_t kind = 0; kind < 10; kind++)
	{
		size_t		of_kind = 0;

		for (size_t i = 0; i < 1000; i++)
			of_kind += taken[i] == kind + 1;
		wrong += of_kind < 50 || of_kind > 150; /* five standard deviations, sqrt(1000 * 0.1 * 0.9) = 9.5 */
	}
	ok(wrong == 0, "every kind has its share");
	host_free(&h);

	host_init(&h);
	take(&h.env, hashes, ROWS, 5000, true, false, taken, &count, &error);
	allocations = h.allocations;
	host_free(&h);
	for (long k = 1; k <= allocations; k++)
	{
		host_init(&h);
		h.fail_at = k;
		wrong += take(&h.env, hashes, ROWS, 5000, true, false, taken, &count, &error) != PS_OUT_OF_MEMORY;
		host_free(&h);
	}
	ok(wrong == 0, "each of %ld allocations may fail", allocations);
}

int
main(void)
{
	test_holdout();
	test_sample();
	return tap_done();
}
