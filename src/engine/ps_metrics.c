/*-------------------------------------------------------------------------
 *
 * ps_metrics.c
 *	  Quality of scores against what really happened.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_metrics.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "ps_bytes.h"
#include "ps_crc.h"
#include "ps_sort.h"

#define ENTRY_BYTES 24
#define POLL_ENTRIES 65536		/* a few milliseconds of work */

static int
compare_entries(const void *a, const void *b)
{
	double		left = ((const ps_roc_entry *) a)->score;
	double		right = ((const ps_roc_entry *) b)->score;

	return left < right ? -1 : left > right ? 1 : 0;
}

/* Sort all entries and put those of equal scores together. */
static ps_status
roc_sort(const ps_env *env, ps_roc *roc, ps_error *error)
{
	size_t		kept = 0;

	if (roc->sorted == roc->count)
		return PS_OK;
	PS_TRY(ps_sort(env, roc->entries, roc->count, sizeof(ps_roc_entry), compare_entries, error));
	for (size_t i = 1; i < roc->count; i++)
		if (roc->entries[i].score == roc->entries[kept].score)
		{
			roc->entries[kept].positives += roc->entries[i].positives;
			roc->entries[kept].negatives += roc->entries[i].negatives;
		}
		else
			roc->entries[++kept] = roc->entries[i];
	roc->count = roc->sorted = kept + 1;
	return PS_OK;
}

/* Make room for more entries, by putting ties together if that frees half. */
static ps_status
roc_reserve(const ps_env *env, ps_roc *roc, size_t more, ps_error *error)
{
	size_t		needed;

	if (more <= roc->capacity - roc->count)
		return PS_OK;
	PS_TRY(roc_sort(env, roc, error));
	if (more <= roc->capacity - roc->count && roc->count <= roc->capacity / 2)
		return PS_OK;
	if (!ps_size_add(roc->count, more, &needed))
		return ps_fail(error, PS_OUT_OF_MEMORY, "too many scores");
	return ps_grow(env, &roc->entries, roc->count, needed, &roc->capacity, sizeof(ps_roc_entry), error);
}

ps_status
ps_roc_add(const ps_env *env, ps_roc *roc, double score, bool actual, double weight, ps_error *error)
{
	if (isnan(score))
		return ps_fail(error, PS_INVALID_DATA, "a score is NaN");
	if (!(weight >= 0 && isfinite(weight)))
		return ps_fail(error, PS_INVALID_DATA, "a weight is %s",
					   isnan(weight) ? "NaN" : weight < 0 ? "negative" : "infinite");
	if (weight == 0)
		return PS_OK;
	PS_TRY(roc_reserve(env, roc, 1, error));

	/* adding 0 turns a negative zero into a positive one */
	roc->entries[roc->count++] = (ps_roc_entry) {score + 0.0, actual ? weight : 0, actual ? 0 : weight};
	return PS_OK;
}

ps_status
ps_roc_merge(const ps_env *env, ps_roc *roc, const ps_roc *other, ps_error *error)
{
	if (other->count == 0)
		return PS_OK;
	PS_TRY(roc_reserve(env, roc, other->count, error));
	memcpy(roc->entries + roc->count, other->entries, other->count * sizeof(ps_roc_entry));
	roc->count += other->count;
	return PS_OK;
}

ps_status
ps_roc_area(const ps_env *env, ps_roc *roc, double *area, bool *defined, ps_error *error)
{
	double		pairs = 0;
	double		positives = 0;
	double		negatives = 0;

	PS_TRY(roc_sort(env, roc, error));
	for (size_t i = 0; i < roc->count; i++)
	{
		const ps_roc_entry *entry = &roc->entries[i];

		if (i % POLL_ENTRIES == 0)
			PS_TRY(ps_poll(env, 0, error));
		pairs += entry->positives * (negatives + 0.5 * entry->negatives);
		positives += entry->positives;
		negatives += entry->negatives;
	}
	*defined = positives > 0 && negatives > 0;
	*area = *defined ? pairs / positives / negatives : 0;
	if (!isfinite(*area))
		return ps_fail(error, PS_INVALID_DATA, "the weights are too large to add up");
	return PS_OK;
}

static void
store_double(uint8_t *bytes, double number)
{
	uint64_t	bits;

	memcpy(&bits, &number, sizeof(bits));
	ps_store_integer(bytes, bits, 8);
}

static double
load_double(const uint8_t *bytes)
{
	uint64_t	bits = ps_load_integer(bytes, 8);
	double		number;

	memcpy(&number, &bits, sizeof(number));
	return number;
}

ps_status
ps_roc_write(const ps_env *env, ps_roc *roc, uint8_t **bytes, size_t *length, ps_error *error)
{
	uint32_t	crc;

	PS_TRY(roc_sort(env, roc, error));
	if (roc->count > UINT32_MAX ||
		!ps_size_multiply(roc->count, ENTRY_BYTES, length) || !ps_size_add(*length, PS_HEADER_BYTES, length))
		return ps_fail(error, PS_OUT_OF_MEMORY, "too many different scores");
	PS_TRY(ps_alloc(env, *length, 1, bytes, error));
	memcpy(*bytes, "PSRC", 4);
	ps_store_integer(*bytes + 4, 1, 4);
	ps_store_integer(*bytes + 8, roc->count, 4);
	for (size_t i = 0; i < roc->count; i++)
	{
		uint8_t    *entry = *bytes + PS_HEADER_BYTES + i * ENTRY_BYTES;

		if (i % POLL_ENTRIES == 0)
			PS_TRY(ps_poll(env, 0, error));
		store_double(entry, roc->entries[i].score);
		store_double(entry + 8, roc->entries[i].positives);
		store_double(entry + 16, roc->entries[i].negatives);
	}
	PS_TRY(ps_checksum(env, *bytes, *length, &crc, error));
	ps_store_integer(*bytes + PS_CHECKSUM_OFFSET, crc, 4);
	return PS_OK;
}

ps_status
ps_roc_read(const ps_env *env, const uint8_t *bytes, size_t length, ps_roc *roc, ps_error *error)
{
	size_t		count = length < PS_HEADER_BYTES ? 0 : (length - PS_HEADER_BYTES) / ENTRY_BYTES;
	uint32_t	crc = 0;

	memset(roc, 0, sizeof(*roc));
	if (length >= PS_HEADER_BYTES)
		PS_TRY(ps_checksum(env, bytes, length, &crc, error));
	if (length < PS_HEADER_BYTES || (length - PS_HEADER_BYTES) % ENTRY_BYTES != 0 || memcmp(bytes, "PSRC", 4) != 0 ||
		ps_load_integer(bytes + 4, 4) != 1 || ps_load_integer(bytes + 8, 4) != count ||
		ps_load_integer(bytes + PS_CHECKSUM_OFFSET, 4) != crc)
		return ps_fail(error, PS_CORRUPT, "not a valid state of roc_auc");
	PS_TRY(ps_alloc(env, count, sizeof(ps_roc_entry), &roc->entries, error));
	roc->capacity = count;
	for (size_t i = 0; i < count; i++)
	{
		const uint8_t *from = bytes + PS_HEADER_BYTES + i * ENTRY_BYTES;
		ps_roc_entry entry = {load_double(from), load_double(from + 8), load_double(from + 16)};

		if (i % POLL_ENTRIES == 0)
			PS_TRY(ps_poll(env, 0, error));
		if (isnan(entry.score) || (entry.score == 0 && signbit(entry.score)) ||
			(i > 0 && entry.score <= roc->entries[i - 1].score) ||
			!isfinite(entry.positives) || !isfinite(entry.negatives) ||
			signbit(entry.positives) || signbit(entry.negatives) || !(entry.positives + entry.negatives > 0))
			return ps_fail(error, PS_CORRUPT, "score %d in the state of roc_auc is not valid", (int64_t) i + 1);
		roc->entries[i] = entry;
		roc->count = roc->sorted = i + 1;
	}
	return PS_OK;
}

ps_status
ps_probability_quality_add(const ps_env *env, ps_probability_quality *quality, double probability,
						   bool actual, double weight, ps_error *error)
{
	double		miss = actual ? 1 - probability : probability;
	double		bounded = fmin(fmax(probability, DBL_EPSILON), 1 - DBL_EPSILON);

	PS_TRY(ps_roc_add(env, &quality->roc, probability, actual, weight, error));
	quality->weight += weight;
	quality->positives += actual ? weight : 0;
	quality->log_loss -= weight * (actual ? log(bounded) : log1p(-bounded));
	quality->brier += weight * miss * miss;
	return PS_OK;
}
