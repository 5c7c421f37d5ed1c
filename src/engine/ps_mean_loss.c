/*-------------------------------------------------------------------------
 *
 * ps_mean_loss.c
 *	  Means of losses over weighted rows, mergeable.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_mean_loss.h"

#include <string.h>

#include "ps_bytes.h"
#include "ps_crc.h"


/* Refuse sums that have overflowed. */
static ps_status
check_sums(const ps_mean_loss *mean, ps_error *error)
{
	if (!isfinite(ps_sum_value(&mean->weight)) || !isfinite(ps_sum_value(&mean->loss)))
		return ps_fail(error, PS_INVALID_DATA, "the numbers are too large to add up");
	return PS_OK;
}

ps_status
ps_mean_loss_add(ps_mean_loss *mean, ps_loss_of_row kind, double actual, double predicted, double weight,
				 ps_error *error)
{
	double		loss;

	if (!isfinite(actual) || !isfinite(predicted))
		return ps_fail(error, PS_INVALID_DATA, "\"%s\" is %s", isfinite(actual) ? "predicted" : "actual",
					   isnan(actual) || isnan(predicted) ? "NaN" : "infinite");
	if (!(weight >= 0 && isfinite(weight)))
		return ps_fail(error, PS_INVALID_DATA, "a weight is %s",
					   isnan(weight) ? "NaN" : weight < 0 ? "negative" : "infinite");
	if ((kind == PS_LOG_LOSS || kind == PS_BRIER_LOSS) && !(predicted >= 0 && predicted <= 1))
		return ps_fail(error, PS_INVALID_DATA, "\"predicted\" is %g, but a probability is between 0 and 1", predicted);
	if (weight == 0)
		return PS_OK;
	loss = kind == PS_LOG_LOSS ? ps_log_loss(actual != 0, predicted) :
		kind == PS_ABSOLUTE_LOSS ? fabs(actual - predicted) : ps_squared_loss(actual, predicted);
	ps_sum_add(&mean->weight, weight);
	ps_sum_add(&mean->loss, weight * loss);
	return check_sums(mean, error);
}

static void
merge_sum(ps_sum *total, const ps_sum *other)
{
	ps_sum_add(total, other->sum);
	total->rest += other->rest;
}

ps_status
ps_mean_loss_merge(ps_mean_loss *mean, const ps_mean_loss *other, ps_error *error)
{
	merge_sum(&mean->weight, &other->weight);
	merge_sum(&mean->loss, &other->loss);
	return check_sums(mean, error);
}

bool
ps_mean_loss_value(const ps_mean_loss *mean, double *value)
{
	double		weight = ps_sum_value(&mean->weight);

	*value = weight > 0 ? ps_sum_value(&mean->loss) / weight : 0;
	return weight > 0;
}

static uint32_t
checksum(const uint8_t bytes[PS_MEAN_LOSS_BYTES])
{
	return ps_crc32c(ps_crc32c(0, bytes, PS_CHECKSUM_OFFSET), bytes + PS_HEADER_BYTES, PS_MEAN_LOSS_BYTES - PS_HEADER_BYTES);
}

void
ps_mean_loss_write(const ps_mean_loss *mean, uint8_t bytes[PS_MEAN_LOSS_BYTES])
{
	memset(bytes, 0, PS_HEADER_BYTES);
	memcpy(bytes, "PSML", 4);
	ps_store_integer(bytes + 4, 1, 2);
	ps_store_number(bytes + PS_HEADER_BYTES, mean->weight.sum);
	ps_store_number(bytes + PS_HEADER_BYTES + 8, mean->weight.rest);
	ps_store_number(bytes + PS_HEADER_BYTES + 16, mean->loss.sum);
	ps_store_number(bytes + PS_HEADER_BYTES + 24, mean->loss.rest);
	ps_store_integer(bytes + PS_CHECKSUM_OFFSET, checksum(bytes), 4);
}

/* Is it a sum of numbers that are not negative? */
static bool
is_sound(const ps_sum *sum)
{
	return isfinite(sum->sum) && isfinite(sum->rest) && sum->sum >= 0 && ps_sum_value(sum) >= 0 &&
		isfinite(ps_sum_value(sum));
}

ps_status
ps_mean_loss_read(const uint8_t *bytes, size_t length, ps_mean_loss *mean, ps_error *error)
{
	if (length != PS_MEAN_LOSS_BYTES || memcmp(bytes, "PSML", 4) != 0 || ps_load_integer(bytes + 4, 8) != 1 ||
		ps_load_integer(bytes + PS_CHECKSUM_OFFSET, 4) != checksum(bytes))
		return ps_fail(error, PS_CORRUPT, "not a valid state of a mean loss");
	mean->weight.sum = ps_load_number(bytes + PS_HEADER_BYTES);
	mean->weight.rest = ps_load_number(bytes + PS_HEADER_BYTES + 8);
	mean->loss.sum = ps_load_number(bytes + PS_HEADER_BYTES + 16);
	mean->loss.rest = ps_load_number(bytes + PS_HEADER_BYTES + 24);
	if (!is_sound(&mean->weight) || !is_sound(&mean->loss))
		return ps_fail(error, PS_CORRUPT, "the sums in the state of a mean loss are not valid");
	return PS_OK;
}
