/*-------------------------------------------------------------------------
 *
 * ps_roc_tables.c
 *	  See ps_roc_tables.h.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_roc_tables.h"

#include <math.h>

#include "ps_sum.h"

#define DEFAULT_BINS 10
#define NORMAL_975 1.959963984540054	/* 97.5 % quantile of the normal distribution */

/* Sums over the rows of a bin. */
typedef struct roc_bin
{
	double		lower;
	double		upper;
	double		positives;
	double		rows;
	double		scores;			/* times the weight */
} roc_bin;

/* Sort, and sum both classes. */
static ps_status
roc_totals(const ps_env *env, ps_roc *roc, double *positives, double *negatives, ps_error *error)
{
	*positives = *negatives = 0;
	PS_TRY(ps_roc_sort(env, roc, error));
	for (size_t i = 0; i < roc->count; i++)
	{
		*positives += roc->entries[i].positives;
		*negatives += roc->entries[i].negatives;
	}
	if (!isfinite(*positives + *negatives))
		return ps_fail(error, PS_INVALID_DATA, "the weights are too large to add up");
	return PS_OK;
}

/* The i-th entry, from the highest score down if descending. */
static const ps_roc_entry *
entry_at(const ps_roc *roc, size_t i, bool descending)
{
	return &roc->entries[descending ? roc->count - 1 - i : i];
}

/* Put entries, which are sorted and have that weight in total, into bins. */
static ps_status
make_bins(const ps_env *env, const ps_roc *roc, bool descending, double total, roc_bin **out, size_t *count,
		  ps_error *error)
{
	double		bins = roc->nparameters == 0 ? DEFAULT_BINS : roc->parameters[0];
	double		before = 0;
	double		current = -1;

	*count = 0;
	if (roc->nparameters > 1 || !(bins >= 1 && bins <= PS_ROC_MAX_BINS) || bins != floor(bins))
		return ps_fail(error, PS_INVALID_OPTION, "bins must be between 1 and %d", (int64_t) PS_ROC_MAX_BINS);
	PS_TRY(ps_alloc_zero(env, (size_t) bins, sizeof(roc_bin), out, error));
	for (size_t i = 0; i < roc->count; i++)
	{
		const ps_roc_entry *entry = entry_at(roc, i, descending);
		double		rows = entry->positives + entry->negatives;
		double		chosen = fmin(floor(bins * ((before + rows / 2) / total)), bins - 1);
		roc_bin    *bin;

		if (chosen > current)
		{
			current = chosen;
			(*count)++;
		}
		bin = &(*out)[*count - 1];
		bin->lower = bin->rows > 0 ? fmin(bin->lower, entry->score) : entry->score;
		bin->upper = bin->rows > 0 ? fmax(bin->upper, entry->score) : entry->score;
		bin->positives += entry->positives;
		bin->rows += rows;
		bin->scores += rows * entry->score;
		before += rows;
	}
	return PS_OK;
}

ps_status
ps_roc_gini(const ps_env *env, ps_roc *roc, double *value, bool *defined, ps_error *error)
{
	PS_TRY(ps_roc_area(env, roc, value, defined, error));
	*value = 2 * *value - 1;
	return PS_OK;
}

ps_status
ps_roc_average_precision(const ps_env *env, ps_roc *roc, double *value, bool *defined, ps_error *error)
{
	ps_sum		area = {0};
	double		positives;
	double		negatives;
	double		caught = 0;
	double		treated = 0;

	PS_TRY(roc_totals(env, roc, &positives, &negatives, error));
	*defined = positives > 0 && negatives > 0;
	for (size_t i = 0; i < roc->count && *defined; i++)
	{
		const ps_roc_entry *entry = entry_at(roc, i, true);

		caught += entry->positives;
		treated += entry->positives + entry->negatives;
		ps_sum_add(&area, entry->positives / positives * (caught / treated));
	}
	*value = ps_sum_value(&area);
	return PS_OK;
}

ps_status
ps_roc_calibration(const ps_env *env, ps_roc *roc, ps_calibration_bin **bins, size_t *count, ps_error *error)
{
	const double z = NORMAL_975;
	double		positives;
	double		negatives;
	roc_bin    *raw;

	PS_TRY(roc_totals(env, roc, &positives, &negatives, error));
	if (roc->count > 0 && !(roc->entries[0].score >= 0 && roc->entries[roc->count - 1].score <= 1))
		return ps_fail(error, PS_INVALID_DATA, "\"predicted\" is %g, but a probability is between 0 and 1",
					   roc->entries[0].score >= 0 ? roc->entries[roc->count - 1].score : roc->entries[0].score);
	PS_TRY(make_bins(env, roc, false, positives + negatives, &raw, count, error));
	PS_TRY(ps_alloc(env, *count, sizeof(**bins), bins, error));
	for (size_t i = 0; i < *count; i++)
	{
		double		n = raw[i].rows;
		double		rate = raw[i].positives / n;
		double		center = (rate + z * z / (2 * n)) / (1 + z * z / n);
		double		half = z / (1 + z * z / n) * sqrt((rate * (1 - rate) + z * z / (4 * n)) / n);

		(*bins)[i] = (ps_calibration_bin) {
			.bin = (double) (i + 1),
			.lower = raw[i].lower,
			.upper = raw[i].upper,
			.rows = n,
			.predicted = raw[i].scores / n,
			.observed = rate,
			.observed_lower = rate > 0 ? center - half : 0,
			.observed_upper = rate < 1 ? center + half : 1
		};
	}
	return PS_OK;
}

ps_status
ps_roc_lift(const ps_env *env, ps_roc *roc, ps_lift_bin **bins, size_t *count, ps_error *error)
{
	double		positives;
	double		negatives;
	double		total;
	double		captured = 0;
	double		reached = 0;
	roc_bin    *raw;

	PS_TRY(roc_totals(env, roc, &positives, &negatives, error));
	total = positives + negatives;
	PS_TRY(make_bins(env, roc, true, total, &raw, count, error));
	if (!(positives > 0 && negatives > 0))
		*count = 0;
	PS_TRY(ps_alloc(env, *count, sizeof(**bins), bins, error));
	for (size_t i = 0; i < *count; i++)
	{
		captured += raw[i].positives;
		reached += raw[i].rows;
		(*bins)[i] = (ps_lift_bin) {
			.bin = (double) (i + 1),
			.lower = raw[i].lower,
			.upper = raw[i].upper,
			.rows = raw[i].rows,
			.positives = raw[i].positives,
			.rate = raw[i].positives / raw[i].rows,
			.lift = raw[i].positives / raw[i].rows / (positives / total),
			.reached = reached / total,
			.captured = captured / positives,
			.cumulative_lift = captured / positives / (reached / total)
		};
	}
	return PS_OK;
}

ps_status
ps_roc_thresholds(const ps_env *env, ps_roc *roc, ps_threshold **thresholds, size_t *count, ps_error *error)
{
	double		positives;
	double		negatives;
	double		caught = 0;
	double		treated = 0;
	roc_bin    *raw;

	PS_TRY(roc_totals(env, roc, &positives, &negatives, error));
	PS_TRY(make_bins(env, roc, true, positives + negatives, &raw, count, error));
	if (!(positives > 0 && negatives > 0))
		*count = 0;
	PS_TRY(ps_alloc(env, *count, sizeof(**thresholds), thresholds, error));
	for (size_t i = 0; i < *count; i++)
	{
		caught += raw[i].positives;
		treated += raw[i].rows;
		(*thresholds)[i] = (ps_threshold) {
			.cut = raw[i].lower,
			.rows = treated,
			.caught = caught,
			.wasted = treated - caught,
			.precision = caught / treated,
			.recall = caught / positives,
			.false_positive_rate = (treated - caught) / negatives
		};
	}
	return PS_OK;
}

ps_status
ps_roc_cutoff(const ps_env *env, ps_roc *roc, double *cutoff, bool *defined, ps_error *error)
{
	double		benefit = roc->parameters[0];
	double		cost = roc->parameters[1];
	double		capacity = roc->nparameters > 2 ? roc->parameters[2] : 1;
	double		best = 0;
	double		caught = 0;
	double		treated = 0;
	double		positives;
	double		negatives;

	*cutoff = (double) INFINITY;
	PS_TRY(roc_totals(env, roc, &positives, &negatives, error));
	*defined = roc->count > 0;
	if (roc->nparameters < 2 || !(benefit >= 0 && cost >= 0))
		return ps_fail(error, PS_INVALID_OPTION, "benefit and cost must not be negative");
	if (!isfinite(benefit * (positives + negatives)) || !isfinite(cost * (positives + negatives)))
		return ps_fail(error, PS_INVALID_OPTION, "benefit or cost is too large");
	if (!(capacity >= 0 && capacity <= 1))
	{
		ps_fail(error, PS_INVALID_OPTION, "capacity is %g, must be between 0 and 1", capacity);
		return ps_hint(error, "It is the share of the rows that can be treated: 500 of 20000 customers are 0.025.");
	}
	for (size_t i = 0; i < roc->count; i++)
	{
		const ps_roc_entry *entry = entry_at(roc, i, true);
		double		profit;

		caught += entry->positives;
		treated += entry->positives + entry->negatives;
		if (treated / (positives + negatives) > capacity)
			break;
		profit = benefit * caught - cost * treated;
		if (profit > best)
		{
			best = profit;
			*cutoff = entry->score;
		}
	}
	return PS_OK;
}
