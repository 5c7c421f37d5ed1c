/*-------------------------------------------------------------------------
 *
 * ps_metrics.c
 *	  Quality of scores against what really happened.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_metrics.h"

#include <math.h>
#include <string.h>

#include "ps_bytes.h"
#include "ps_crc.h"
#include "ps_mean_loss.h"
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

ps_status
ps_roc_sort(const ps_env *env, ps_roc *roc, ps_error *error)
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

ps_status
ps_roc_reserve(const ps_env *env, ps_roc *roc, size_t more, ps_error *error)
{
	size_t		needed;

	if (more <= roc->capacity - roc->count)
		return PS_OK;
	PS_TRY(ps_roc_sort(env, roc, error));
	if (more <= roc->capacity - roc->count && roc->count <= roc->capacity / 2)
		return PS_OK;
	if (!ps_size_add(roc->count, more, &needed))
		return ps_fail(error, PS_OUT_OF_MEMORY, "too many scores");
	return ps_grow(env, &roc->entries, roc->count, needed, &roc->capacity, sizeof(ps_roc_entry), error);
}

ps_status
ps_roc_set(ps_roc *roc, const double *parameters, size_t count, ps_error *error)
{
	bool		first = roc->nparameters == 0;

	for (size_t i = 0; i < count; i++)
	{
		if (isnan(parameters[i]))
			return ps_fail(error, PS_INVALID_OPTION, "an argument after \"predicted\" is NaN");
		if (first)
			roc->parameters[i] = parameters[i];
		else if (count != roc->nparameters || parameters[i] != roc->parameters[i])
			return ps_fail(error, PS_INVALID_OPTION,
						   "bins, benefit, cost and capacity must be the same in all rows of a group");
	}
	if (first)
		roc->nparameters = count;
	return PS_OK;
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
	PS_TRY(ps_roc_reserve(env, roc, 1, error));

	/* adding 0 turns a negative zero into a positive one */
	roc->entries[roc->count++] = (ps_roc_entry) {score + 0.0, actual ? weight : 0, actual ? 0 : weight};
	return PS_OK;
}

ps_status
ps_roc_merge(const ps_env *env, ps_roc *roc, const ps_roc *other, ps_error *error)
{
	PS_TRY(ps_roc_set(roc, other->parameters, other->nparameters, error));
	if (other->count == 0)
		return PS_OK;
	PS_TRY(ps_roc_reserve(env, roc, other->count, error));
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

	PS_TRY(ps_roc_sort(env, roc, error));
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

ps_status
ps_roc_write(const ps_env *env, ps_roc *roc, uint8_t **bytes, size_t *length, ps_error *error)
{
	uint8_t    *entry;
	uint32_t	crc;

	PS_TRY(ps_roc_sort(env, roc, error));
	if (roc->count > UINT32_MAX ||
		!ps_size_multiply(roc->count, ENTRY_BYTES, length) ||
		!ps_size_add(*length, PS_HEADER_BYTES + roc->nparameters * sizeof(double), length))
		return ps_fail(error, PS_OUT_OF_MEMORY, "too many different scores");
	PS_TRY(ps_alloc(env, *length, 1, bytes, error));
	memcpy(*bytes, "PSRC", 4);
	ps_store_integer(*bytes + 4, 1, 2);
	ps_store_integer(*bytes + 6, roc->nparameters, 2);
	ps_store_integer(*bytes + 8, roc->count, 4);
	entry = *bytes + PS_HEADER_BYTES;
	for (size_t i = 0; i < roc->nparameters; i++, entry += sizeof(double))
		ps_store_number(entry, roc->parameters[i]);
	for (size_t i = 0; i < roc->count; i++, entry += ENTRY_BYTES)
	{
		if (i % POLL_ENTRIES == 0)
			PS_TRY(ps_poll(env, 0, error));
		ps_store_number(entry, roc->entries[i].score);
		ps_store_number(entry + 8, roc->entries[i].positives);
		ps_store_number(entry + 16, roc->entries[i].negatives);
	}
	PS_TRY(ps_checksum(env, *bytes, *length, &crc, error));
	ps_store_integer(*bytes + PS_CHECKSUM_OFFSET, crc, 4);
	return PS_OK;
}

ps_status
ps_roc_read(const ps_env *env, const uint8_t *bytes, size_t length, ps_roc *roc, ps_error *error)
{
	size_t		nparameters = length < PS_HEADER_BYTES ? 0 : (size_t) ps_load_integer(bytes + 6, 2);
	size_t		before = PS_HEADER_BYTES + nparameters * sizeof(double);
	size_t		count = length < before ? 0 : (length - before) / ENTRY_BYTES;
	const uint8_t *from;
	uint32_t	crc = 0;

	memset(roc, 0, sizeof(*roc));
	if (length >= PS_HEADER_BYTES)
		PS_TRY(ps_checksum(env, bytes, length, &crc, error));
	if (length < before || (length - before) % ENTRY_BYTES != 0 || memcmp(bytes, "PSRC", 4) != 0 ||
		ps_load_integer(bytes + 4, 2) != 1 || nparameters > PS_ROC_PARAMETERS ||
		ps_load_integer(bytes + 8, 4) != count || ps_load_integer(bytes + PS_CHECKSUM_OFFSET, 4) != crc)
		return ps_fail(error, PS_CORRUPT, "not a valid state of roc_auc");
	from = bytes + PS_HEADER_BYTES;
	for (size_t i = 0; i < nparameters; i++, from += sizeof(double))
	{
		roc->parameters[i] = ps_load_number(from);
		if (isnan(roc->parameters[i]))
			return ps_fail(error, PS_CORRUPT, "parameter %d in the state of roc_auc is not valid", (int64_t) i + 1);
	}
	roc->nparameters = nparameters;
	PS_TRY(ps_alloc(env, count, sizeof(ps_roc_entry), &roc->entries, error));
	roc->capacity = count;
	for (size_t i = 0; i < count; i++, from += ENTRY_BYTES)
	{
		ps_roc_entry entry = {ps_load_number(from), ps_load_number(from + 8), ps_load_number(from + 16)};

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
	PS_TRY(ps_roc_add(env, &quality->roc, probability, actual, weight, error));
	quality->weight += weight;
	quality->positives += actual ? weight : 0;
	quality->log_loss += weight * ps_log_loss(actual, probability);
	quality->brier += weight * ps_squared_loss(actual, probability);
	return PS_OK;
}
