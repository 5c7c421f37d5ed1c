/*-------------------------------------------------------------------------
 *
 * ps_agreement.c
 *	  How far two ways to label the same rows agree.
 *
 * Both measures are computed from the table in the order of its labels, so
 * that the order of rows changes no bit.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_agreement.h"

#include <math.h>
#include <string.h>

#include "ps_bytes.h"
#include "ps_crc.h"
#include "ps_random.h"
#include "ps_sort.h"

#define PAIR_BYTES 16
#define MOST_ROWS ((uint64_t) 1 << 53)

/* Make the hash table large enough for one pair more. */
static ps_status
grow_slots(const ps_env *env, ps_agreement *agreement, ps_error *error)
{
	size_t		nslots = agreement->nslots == 0 ? 16 : agreement->nslots * 2;

	if (agreement->count < agreement->nslots / 2)
		return PS_OK;
	if (agreement->count >= UINT32_MAX / 2)
		return ps_fail(error, PS_INVALID_DATA, "there are too many different labels");
	ps_release(env, agreement->slots);
	agreement->nslots = 0;
	PS_TRY(ps_alloc_zero(env, nslots, sizeof(uint32_t), &agreement->slots, error));
	agreement->nslots = nslots;
	for (size_t i = 0; i < agreement->count; i++)
	{
		size_t		slot = (size_t) agreement->pairs[i].hash & (nslots - 1);

		while (agreement->slots[slot] != 0)
			slot = (slot + 1) & (nslots - 1);
		agreement->slots[slot] = (uint32_t) (i + 1);
		if (i % 65536 == 65535)
			PS_TRY(ps_poll(env, 0, error));
	}
	return PS_OK;
}

ps_status
ps_agreement_add(const ps_env *env, ps_agreement *agreement, const char *const labels[2], const size_t lengths[2],
				 uint64_t rows, ps_error *error)
{
	uint64_t	hash;
	size_t		slot;
	ps_label_pair *pair;

	if (lengths[0] > PS_AGREEMENT_LABEL || lengths[1] > PS_AGREEMENT_LABEL)
		return ps_fail(error, PS_INVALID_DATA, "a label has more than %d bytes", (int64_t) PS_AGREEMENT_LABEL);
	if (rows > MOST_ROWS - agreement->rows)
		return ps_fail(error, PS_INVALID_DATA, "there are too many rows");
	PS_TRY(grow_slots(env, agreement, error));
	hash = ps_hash_bytes(ps_hash_bytes(0, labels[0], lengths[0]), labels[1], lengths[1]);
	for (slot = (size_t) hash & (agreement->nslots - 1); agreement->slots[slot] != 0;
		 slot = (slot + 1) & (agreement->nslots - 1))
	{
		pair = &agreement->pairs[agreement->slots[slot] - 1];
		if (pair->hash == hash && pair->lengths[0] == lengths[0] && pair->lengths[1] == lengths[1] &&
			memcmp(agreement->texts + pair->offset, labels[0], lengths[0]) == 0 &&
			memcmp(agreement->texts + pair->offset + lengths[0], labels[1], lengths[1]) == 0)
		{
			pair->rows += rows;
			agreement->rows += rows;
			return PS_OK;
		}
	}
	PS_TRY(ps_grow(env, &agreement->texts, agreement->used, agreement->used + lengths[0] + lengths[1],
				   &agreement->text_capacity, 1, error));
	PS_TRY(ps_grow(env, &agreement->pairs, agreement->count, agreement->count + 1, &agreement->capacity,
				   sizeof(*agreement->pairs), error));
	pair = &agreement->pairs[agreement->count++];
	*pair = (ps_label_pair) {hash, rows, agreement->used, {(uint32_t) lengths[0], (uint32_t) lengths[1]}};
	memcpy(agreement->texts + agreement->used, labels[0], lengths[0]);
	memcpy(agreement->texts + agreement->used + lengths[0], labels[1], lengths[1]);
	agreement->used += lengths[0] + lengths[1];
	agreement->slots[slot] = (uint32_t) agreement->count;
	agreement->rows += rows;
	return PS_OK;
}

ps_status
ps_agreement_merge(const ps_env *env, ps_agreement *agreement, const ps_agreement *other, ps_error *error)
{
	for (size_t i = 0; i < other->count; i++)
	{
		const ps_label_pair *pair = &other->pairs[i];
		const char *text = (const char *) other->texts + pair->offset;

		PS_TRY(ps_agreement_add(env, agreement, (const char *const[]) {text, text + pair->lengths[0]},
								(const size_t[]) {pair->lengths[0], pair->lengths[1]}, pair->rows, error));
		if (i % 4096 == 4095)
			PS_TRY(ps_poll(env, 0, error));
	}
	return PS_OK;
}

/* A pair on its way into an order. */
typedef struct sorted_pair
{
	const uint8_t *labels[2];
	size_t		lengths[2];
	uint64_t	rows;
} sorted_pair;

/* Compare one label of two pairs by bytes. */
static int
compare_label(const sorted_pair *left, const sorted_pair *right, int label)
{
	size_t		shorter = left->lengths[label] < right->lengths[label] ? left->lengths[label] : right->lengths[label];
	int			order = memcmp(left->labels[label], right->labels[label], shorter);

	if (order != 0)
		return order;
	return left->lengths[label] < right->lengths[label] ? -1 : left->lengths[label] > right->lengths[label] ? 1 : 0;
}

static int
compare_first(const void *a, const void *b)
{
	int			order = compare_label(a, b, 0);

	return order != 0 ? order : compare_label(a, b, 1);
}

static int
compare_second(const void *a, const void *b)
{
	return compare_label(a, b, 1);
}

/* The pairs in the order of their labels. */
static ps_status
sort_pairs(const ps_env *env, const ps_agreement *agreement, sorted_pair **out, ps_error *error)
{
	PS_TRY(ps_alloc(env, agreement->count, sizeof(**out), out, error));
	for (size_t i = 0; i < agreement->count; i++)
	{
		const ps_label_pair *pair = &agreement->pairs[i];
		const uint8_t *text = agreement->texts + pair->offset;

		(*out)[i] = (sorted_pair) {{text, text + pair->lengths[0]}, {pair->lengths[0], pair->lengths[1]}, pair->rows};
	}
	return ps_sort(env, *out, agreement->count, sizeof(**out), compare_first, error);
}

/* What both measures are made of. */
typedef struct agreement_sums
{
	double		rows;
	double		pairs[3];		/* of rows with both labels, the first, the second in common */
	double		entropies[3];	/* of both labels, the first, the second, in nats */
} agreement_sums;

/* Add a group of rows. */
static void
add_group(agreement_sums *sums, int of, double rows)
{
	double		share = rows / sums->rows;

	sums->pairs[of] += rows * (rows - 1) / 2;
	sums->entropies[of] -= share * log(share);
}

static ps_status
sum_groups(const ps_env *env, const ps_agreement *agreement, agreement_sums *sums, ps_error *error)
{
	sorted_pair *sorted;

	*sums = (agreement_sums) {.rows = (double) agreement->rows};
	PS_TRY(sort_pairs(env, agreement, &sorted, error));
	for (size_t i = 0; i < agreement->count; i++)
		add_group(sums, 0, (double) sorted[i].rows);
	for (int label = 0; label < 2; label++)
	{
		double		rows = 0;

		if (label == 1)
			PS_TRY(ps_sort(env, sorted, agreement->count, sizeof(*sorted), compare_second, error));
		for (size_t i = 0; i < agreement->count; i++)
		{
			rows += (double) sorted[i].rows;
			if (i + 1 == agreement->count || compare_label(&sorted[i], &sorted[i + 1], label) != 0)
			{
				add_group(sums, label + 1, rows);
				rows = 0;
			}
		}
	}
	ps_release(env, sorted);
	return PS_OK;
}

ps_status
ps_adjusted_rand(const ps_env *env, const ps_agreement *agreement, double *value, bool *defined, ps_error *error)
{
	agreement_sums sums;
	double		all;
	double		expected;
	double		most;

	*value = 1;
	*defined = agreement->rows > 0;
	PS_TRY(sum_groups(env, agreement, &sums, error));
	all = sums.rows * (sums.rows - 1) / 2;
	expected = all > 0 ? sums.pairs[1] / all * sums.pairs[2] : 0;
	most = (sums.pairs[1] + sums.pairs[2]) / 2;
	if (most > expected)
		*value = (sums.pairs[0] - expected) / (most - expected);
	return PS_OK;
}

ps_status
ps_normalized_mutual_information(const ps_env *env, const ps_agreement *agreement, double *value, bool *defined,
								 ps_error *error)
{
	agreement_sums sums;
	double		mean;

	*value = 1;
	*defined = agreement->rows > 0;
	PS_TRY(sum_groups(env, agreement, &sums, error));
	mean = (sums.entropies[1] + sums.entropies[2]) / 2;

	/* rounding must not lead out of 0 to 1 */
	if (mean > 0)
		*value = fmin(fmax((sums.entropies[1] + sums.entropies[2] - sums.entropies[0]) / mean, 0), 1);
	return PS_OK;
}

ps_status
ps_agreement_write(const ps_env *env, const ps_agreement *agreement, uint8_t **bytes, size_t *length, ps_error *error)
{
	sorted_pair *sorted;
	uint8_t    *out;
	size_t		size;
	uint32_t	crc;

	if (agreement->count > UINT32_MAX || !ps_size_multiply(agreement->count, PAIR_BYTES, &size) ||
		!ps_size_add(size, agreement->used + PS_HEADER_BYTES, &size))
		return ps_fail(error, PS_INVALID_DATA, "there are too many different labels");
	PS_TRY(sort_pairs(env, agreement, &sorted, error));
	PS_TRY(ps_alloc(env, size, 1, bytes, error));
	*length = size;
	memset(*bytes, 0, PS_HEADER_BYTES);
	memcpy(*bytes, "PSAG", 4);
	ps_store_integer(*bytes + 4, 1, 2);
	ps_store_integer(*bytes + 8, agreement->count, 4);
	out = *bytes + PS_HEADER_BYTES;
	for (size_t i = 0; i < agreement->count; i++)
	{
		ps_store_integer(out, sorted[i].rows, 8);
		ps_store_integer(out + 8, sorted[i].lengths[0], 4);
		ps_store_integer(out + 12, sorted[i].lengths[1], 4);
		out += PAIR_BYTES;
		for (int label = 0; label < 2; label++)
		{
			memcpy(out, sorted[i].labels[label], sorted[i].lengths[label]);
			out += sorted[i].lengths[label];
		}
		if (i % 4096 == 4095)
			PS_TRY(ps_poll(env, 0, error));
	}
	PS_TRY(ps_checksum(env, *bytes, size, &crc, error));
	ps_store_integer(*bytes + PS_CHECKSUM_OFFSET, crc, 4);
	ps_release(env, sorted);
	return PS_OK;
}

/* Refuse bytes that are not a state. */
static ps_status
not_valid(ps_error *error)
{
	return ps_fail(error, PS_CORRUPT, "not a valid state of an agreement of labels");
}

ps_status
ps_agreement_read(const ps_env *env, const uint8_t *bytes, size_t length, ps_agreement *agreement, ps_error *error)
{
	ps_reader	reader = {bytes, length, PS_HEADER_BYTES};
	sorted_pair before = {{NULL, NULL}, {0, 0}, 0};
	uint64_t	count;
	uint32_t	crc;

	if (length < PS_HEADER_BYTES || memcmp(bytes, "PSAG", 4) != 0 || ps_load_integer(bytes + 4, 4) != 1)
		return not_valid(error);
	PS_TRY(ps_checksum(env, bytes, length, &crc, error));
	if (ps_load_integer(bytes + PS_CHECKSUM_OFFSET, 4) != crc)
		return not_valid(error);
	count = ps_load_integer(bytes + 8, 4);
	for (uint64_t i = 0; i < count; i++)
	{
		sorted_pair pair;
		uint64_t	numbers[3];

		PS_TRY(ps_reader_integer(&reader, 8, &numbers[0], error));
		PS_TRY(ps_reader_integer(&reader, 4, &numbers[1], error));
		PS_TRY(ps_reader_integer(&reader, 4, &numbers[2], error));
		pair.rows = numbers[0];
		for (int label = 0; label < 2; label++)
		{
			pair.lengths[label] = (size_t) numbers[1 + label];
			if (pair.lengths[label] > PS_AGREEMENT_LABEL)
				return not_valid(error);
			PS_TRY(ps_reader_take(&reader, pair.lengths[label], &pair.labels[label], error));
		}
		if (pair.rows == 0 || pair.rows > MOST_ROWS - agreement->rows || (i > 0 && compare_first(&before, &pair) >= 0))
			return not_valid(error);
		PS_TRY(ps_agreement_add(env, agreement, (const char *const[]) {(const char *) pair.labels[0], (const char *) pair.labels[1]},
								pair.lengths, pair.rows, error));
		before = pair;
		if (i % 4096 == 4095)
			PS_TRY(ps_poll(env, 0, error));
	}
	return reader.position == length ? PS_OK : not_valid(error);
}
