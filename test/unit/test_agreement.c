/*-------------------------------------------------------------------------
 *
 * test_agreement.c
 *	  Agreement of labels: the numbers of scikit-learn
 *	  (test/unit/reference/gaussian_mixture.py), parts that merge, bytes that
 *	  come back the same and are refused when damaged.
 *
 *-------------------------------------------------------------------------
 */
#include "learner_host.h"

#include "ps_agreement.h"
#include "ps_crc.h"
#include "ps_bytes.h"

static ps_status
add(const ps_env *env, ps_agreement *agreement, const char *actual, const char *predicted, ps_error *error)
{
	return ps_agreement_add(env, agreement, (const char *const[]) {actual, predicted},
							(const size_t[]) {strlen(actual), strlen(predicted)}, 1, error);
}

/* Add rows from..to - 1 of the reference script. */
static ps_status
add_reference(const ps_env *env, ps_agreement *agreement, int from, int to, ps_error *error)
{
	for (int j = from; j < to; j++)
	{
		char		actual[20];
		char		predicted[20];

		snprintf(actual, sizeof(actual), "%d", j % 3);
		snprintf(predicted, sizeof(predicted), "cluster %d", j % 3 + (j % 7 == 0));
		PS_TRY(add(env, agreement, actual, predicted, error));
	}
	return PS_OK;
}

static double
rand_of(const ps_env *env, const ps_agreement *agreement)
{
	double		value;
	bool		defined;
	ps_error	error;

	return ps_adjusted_rand(env, agreement, &value, &defined, &error) == PS_OK && defined ? value : NAN;
}

static double
information_of(const ps_env *env, const ps_agreement *agreement)
{
	double		value;
	bool		defined;
	ps_error	error;

	return ps_normalized_mutual_information(env, agreement, &value, &defined, &error) == PS_OK && defined ? value : NAN;
}

static ps_status
small_work(const ps_env *env)
{
	ps_agreement left = {0},
				right = {0},
				back = {0};
	uint8_t    *bytes;
	size_t		length;
	double		value;
	bool		defined;
	ps_error	error;

	PS_TRY(add_reference(env, &left, 0, 30, &error));
	PS_TRY(add_reference(env, &right, 30, 60, &error));
	PS_TRY(ps_agreement_merge(env, &left, &right, &error));
	PS_TRY(ps_agreement_write(env, &left, &bytes, &length, &error));
	PS_TRY(ps_agreement_read(env, bytes, length, &back, &error));
	PS_TRY(ps_adjusted_rand(env, &back, &value, &defined, &error));
	return ps_normalized_mutual_information(env, &back, &value, &defined, &error);
}

/* Writing and reading many bytes can be cancelled: every megabyte polls. */
static void
test_long_bytes(const ps_env *env, const long *polls)
{
	ps_agreement agreement = {0},
				back = {0};
	char	   *label;
	uint8_t    *bytes = NULL;
	size_t		length = 0;
	long		before;
	ps_error	error;

	ok(ps_alloc(env, PS_AGREEMENT_LABEL + 1, 1, &label, &error) == PS_OK, "a long label");
	memset(label, 'x', PS_AGREEMENT_LABEL);
	label[PS_AGREEMENT_LABEL] = '\0';
	for (char first = 'a'; first < 'e'; first++)
	{
		label[0] = first;
		add(env, &agreement, label, label, &error);
	}
	before = *polls;
	ok(ps_agreement_write(env, &agreement, &bytes, &length, &error) == PS_OK && length > 8 * PS_AGREEMENT_LABEL, "they are written");
	ok(*polls - before >= (long) (length >> 20), "%ld polls while %zu bytes are written", *polls - before, length);
	before = *polls;
	ok(ps_agreement_read(env, bytes, length, &back, &error) == PS_OK, "and read");
	ok(*polls - before >= (long) (length >> 20), "%ld polls while they are read", *polls - before);
}

int
main(void)
{
	host		h;
	ps_agreement whole = {0},
				parts = {0},
				other = {0},
				back = {0},
				one = {0},
				alone = {0},
				empty = {0};
	uint8_t    *bytes,
			   *again;
	size_t		length,
				again_length,
				wrong = 0;
	long		allocations,
				polls;
	ps_error	error;

	host_init(&h);
	ok(add_reference(&h.env, &whole, 0, 60, &error) == PS_OK, "60 rows");
	close_to(rand_of(&h.env, &whole), 0.6621302971097487, 1e-14, 0, "adjusted Rand index of scikit-learn");
	close_to(information_of(&h.env, &whole), 0.6986840477170015, 1e-14, 0, "its normalized mutual information");

	add_reference(&h.env, &parts, 41, 60, &error);
	add_reference(&h.env, &other, 0, 41, &error);
	ps_agreement_merge(&h.env, &parts, &other, &error);
	ok(rand_of(&h.env, &parts) == rand_of(&h.env, &whole) && information_of(&h.env, &parts) == information_of(&h.env, &whole),
	   "parts in another order: the same to the last bit");
	ps_agreement_write(&h.env, &whole, &bytes, &length, &error);
	ps_agreement_write(&h.env, &parts, &again, &again_length, &error);
	ok(length == again_length && memcmp(bytes, again, length) == 0, "and the same bytes");
	ok(ps_agreement_read(&h.env, bytes, length, &back, &error) == PS_OK && rand_of(&h.env, &back) == rand_of(&h.env, &whole), "which come back");

	ok(isnan(rand_of(&h.env, &empty)) && isnan(information_of(&h.env, &empty)), "no rows: not defined");
	add(&h.env, &one, "a", "b", &error);
	ok(rand_of(&h.env, &one) == 1 && information_of(&h.env, &one) == 1, "one row: 1, as in scikit-learn");
	add(&h.env, &one, "a", "b", &error);
	ok(rand_of(&h.env, &one) == 1 && information_of(&h.env, &one) == 1, "one group in both: 1");
	add(&h.env, &alone, "a", "1", &error);
	add(&h.env, &alone, "b", "2", &error);
	ok(rand_of(&h.env, &alone) == 1 && information_of(&h.env, &alone) == 1, "each row its own group in both: 1");
	add(&h.env, &one, "c", "b", &error);
	ok(rand_of(&h.env, &one) == 0 && information_of(&h.env, &one) == 0, "one group in one of them: 0");
	memset(&alone, 0, sizeof(alone));
	add(&h.env, &alone, "ab", "c", &error);
	add(&h.env, &alone, "a", "bc", &error);
	add(&h.env, &alone, "", "abc", &error);
	ok(alone.count == 3, "labels are not run together");

	for (size_t i = 0; i < length; i++)
	{
		memset(&back, 0, sizeof(back));
		bytes[i] ^= 1;
		wrong += ps_agreement_read(&h.env, bytes, length, &back, &error) != PS_CORRUPT;
		bytes[i] ^= 1;
		memset(&back, 0, sizeof(back));
		wrong += ps_agreement_read(&h.env, bytes, i, &back, &error) != PS_CORRUPT;
	}
	ok(wrong == 0, "every bit and every end matters");
	for (size_t i = 16; i < length; i++)
	{
		memset(&back, 0, sizeof(back));
		bytes[i] ^= 0x80;
		ps_store_integer(bytes + 12, ps_crc32c(ps_crc32c(0, bytes, 12), bytes + 16, length - 16), 4);
		if (ps_agreement_read(&h.env, bytes, length, &back, &error) == PS_OK)
		{
			/* then it is another state, which writes these very bytes */
			ps_agreement_write(&h.env, &back, &again, &again_length, &error);
			wrong += again_length != length || memcmp(bytes, again, length) != 0;
		}
		bytes[i] ^= 0x80;
	}
	ok(wrong == 0, "with a good checksum, only what would be written is read");
	test_long_bytes(&h.env, &h.polls);
	host_free(&h);
	wrong = inject_faults(small_work, &allocations, &polls);
	ok(wrong == 0, "each of %ld allocations and %ld polls may fail: %zu did not end as they should", allocations, polls, wrong);
	return tap_done();
}
