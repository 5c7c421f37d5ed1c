/*-------------------------------------------------------------------------
 *
 * ps_calibration.c
 *	  See ps_calibration.h.
 *
 * Isotonic regression on single rows follows chance: a run of a few rows that
 * happen to be of one class becomes a block of its own.  Rows are therefore
 * put into bins first, of BIN_ROWS or more, and adjacent bins are pooled.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_calibration.h"

#include <math.h>
#include <string.h>

#include "ps_sort.h"

#define LOG_ODDS_LIMIT 36.0		/* keeps 1 / (1 + exp(-x)) different from 0 and 1 */
#define BIN_ROWS 50
#define POLL_ROWS 4096
#define MOST_STEPS 100
#define MOST_HALVINGS 30

/* When a kind is clearly better than a simpler one; see ps_calibration_choose. */
#define CLEARLY_LOWER 0.001
#define STANDARD_ERRORS 2.0

static const char *const kind_names[PS_CALIBRATIONS] = {"none", "platt", "isotonic"};

const char *
ps_calibration_name(ps_calibration_kind kind)
{
	return kind_names[kind];
}

static double
limit(double log_odds)
{
	return fmin(fmax(log_odds, -LOG_ODDS_LIMIT), LOG_ODDS_LIMIT);
}

double
ps_log_odds(double probability)
{
	return limit(log(probability) - log1p(-probability));
}

double
ps_probability(double log_odds)
{
	return 1 / (1 + exp(-limit(log_odds)));
}

double
ps_calibration_map(const ps_calibration *calibration, double log_odds, double *slope)
{
	const double *from = calibration->from;
	const double *to = calibration->to;
	double		x = limit(log_odds);
	double		local = 1;
	double		mapped = x;

	if (calibration->kind == PS_CALIBRATION_PLATT)
	{
		local = calibration->slope;
		mapped = local * x + calibration->intercept;
	}
	else if (calibration->kind == PS_CALIBRATION_ISOTONIC)
	{
		size_t		low = 0;	/* the last knot not above x, or the first */
		size_t		high = calibration->count;

		while (high - low > 1)
		{
			size_t		middle = low + (high - low) / 2;

			if (from[middle] <= x)
				low = middle;
			else
				high = middle;
		}
		if (x >= from[low] && low + 1 < calibration->count)
			local = (to[low + 1] - to[low]) / (from[low + 1] - from[low]);
		mapped = to[low] + local * (x - from[low]);
	}
	if (slope != NULL)
		*slope = local;
	return limit(mapped);
}

/* Order of predictions by all that counts, for ps_sort. */
static int
compare_predictions(const void *left, const void *right)
{
	const ps_prediction *a = left;
	const ps_prediction *b = right;

	if (a->log_odds != b->log_odds)
		return a->log_odds < b->log_odds ? -1 : 1;
	if (a->actual != b->actual)
		return a->actual ? 1 : -1;
	if (a->weight != b->weight)
		return a->weight < b->weight ? -1 : 1;
	return a->part - b->part;
}

ps_status
ps_predictions_sort(const ps_env *env, ps_prediction *predictions, size_t count, ps_error *error)
{
	double		largest = 0;
	double		total = 0;

	PS_TRY(ps_sort(env, predictions, count, sizeof(*predictions), compare_predictions, error));
	for (size_t i = 0; i < count; i++)
		largest = fmax(largest, predictions[i].weight);
	for (size_t i = 0; largest > 0 && i < count; i++)
		total += predictions[i].weight /= largest;
	for (size_t i = 0; total > 0 && i < count; i++)
		predictions[i].weight *= (double) count / total;
	return PS_OK;
}

/* Logistic loss of log-odds for a target from 0 to 1, which need not be 0 or 1. */
static double
target_loss(double log_odds, double target)
{
	return fmax(log_odds, 0) + log1p(exp(-fabs(log_odds))) - target * log_odds;
}

/* Sums over predictions at one slope and intercept. */
typedef struct platt_sums
{
	double		loss;
	double		gradient[2];	/* by slope, intercept */
	double		hessian[3];		/* by slope twice, both, intercept twice */
} platt_sums;

/* Sum up; targets[2] are those of a row that did not and did happen. */
static ps_status
platt_accumulate(const ps_env *env, const ps_prediction *predictions, size_t count, int left_out,
				 const double *targets, const ps_calibration *at, platt_sums *sums, ps_error *error)
{
	memset(sums, 0, sizeof(*sums));
	for (size_t i = 0; i < count; i++)
	{
		const ps_prediction *row = &predictions[i];
		double		x = row->log_odds;
		double		mapped = at->slope * x + at->intercept;
		double		probability = 1 / (1 + exp(-mapped));
		double		miss = row->weight * (probability - targets[row->actual]);
		double		curvature = row->weight * probability * (1 - probability);

		if (i % POLL_ROWS == 0)
			PS_TRY(ps_poll(env, 0, error));
		if (row->part == left_out)
			continue;
		sums->loss += row->weight * target_loss(mapped, targets[row->actual]);
		sums->gradient[0] += miss * x;
		sums->gradient[1] += miss;
		sums->hessian[0] += curvature * x * x;
		sums->hessian[1] += curvature * x;
		sums->hessian[2] += curvature;
	}
	return PS_OK;
}

/*
 * Fit slope and intercept by Newton's method with step halving.  The targets
 * are (n1 + 1) / (n1 + 2) and 1 / (n0 + 2) instead of 1 and 0, n1 and n0 being
 * the rows of both classes.
 */
static ps_status
fit_platt(const ps_env *env, const ps_prediction *predictions, size_t count, int left_out, ps_calibration *out,
		  bool *found, ps_error *error)
{
	double		rows[2] = {0, 0};
	double		targets[2];
	platt_sums	sums;

	for (size_t i = 0; i < count; i++)
		if (predictions[i].part != left_out)
			rows[predictions[i].actual] += predictions[i].weight;
	targets[0] = 1 / (rows[0] + 2);
	targets[1] = (rows[1] + 1) / (rows[1] + 2);
	out->slope = 1;
	out->intercept = 0;
	PS_TRY(platt_accumulate(env, predictions, count, left_out, targets, out, &sums, error));
	for (int step = 0; step < MOST_STEPS; step++)
	{
		/* a little more curvature keeps the case of one score alone regular */
		double		a = sums.hessian[0] * (1 + 1e-12) + 1e-12;
		double		b = sums.hessian[1];
		double		c = sums.hessian[2] * (1 + 1e-12) + 1e-12;
		double		determinant = a * c - b * b;
		double		by_slope = (c * sums.gradient[0] - b * sums.gradient[1]) / determinant;
		double		by_intercept = (a * sums.gradient[1] - b * sums.gradient[0]) / determinant;
		double		part = 1;
		platt_sums	next;

		if (!(fabs(by_slope) + fabs(by_intercept) > 1e-10))
			break;
		for (int halving = 0; halving < MOST_HALVINGS; halving++, part /= 2)
		{
			ps_calibration trial = {.slope = out->slope - part * by_slope,
			.intercept = out->intercept - part * by_intercept};

			PS_TRY(platt_accumulate(env, predictions, count, left_out, targets, &trial, &next, error));
			if (next.loss < sums.loss)
			{
				out->slope = trial.slope;
				out->intercept = trial.intercept;
				break;
			}
		}
		if (!(next.loss < sums.loss))
			break;
		sums = next;
	}
	*found = out->slope > 0 && isfinite(out->slope) && isfinite(out->intercept) && rows[0] + rows[1] > 0;
	return PS_OK;
}

/* A block of isotonic regression. */
typedef struct bin_block
{
	double		weight;
	double		positives;
	double		first;			/* mean log-odds of its first bin */
	double		last;			/* and of its last one */
} bin_block;

/* Append a block, and pool it with those before it while the order of the shares is not strict. */
static void
pool(bin_block *blocks, size_t *count, bin_block next, double smoothing)
{
	while (*count > 0 &&
		   (blocks[*count - 1].positives + smoothing / 2) * (next.weight + smoothing) >=
		   (next.positives + smoothing / 2) * (blocks[*count - 1].weight + smoothing))
	{
		const bin_block *before = &blocks[--*count];

		next.weight += before->weight;
		next.positives += before->positives;
		next.first = before->first;
	}
	blocks[(*count)++] = next;
}

/*
 * Put rows into bins of at least so much weight and pool those next to each
 * other that are not in order: blocks[PS_CALIBRATION_BINS].
 */
static ps_status
pool_bins(const ps_env *env, const ps_prediction *predictions, size_t count, int left_out, bin_block *blocks, size_t *used,
		  ps_error *error)
{
	bin_block	bin = {0};
	double		moment = 0;		/* sum of weight times log-odds in the bin */
	double		rest = 0;		/* weight of the rows after it */
	double		least;

	*used = 0;
	for (size_t i = 0; i < count; i++)
		if (predictions[i].part != left_out)
			rest += predictions[i].weight;
	least = fmax(rest / PS_CALIBRATION_BINS, BIN_ROWS);
	for (size_t i = 0; i < count; i++)
	{
		const ps_prediction *row = &predictions[i];

		if (i % POLL_ROWS == 0)
			PS_TRY(ps_poll(env, 0, error));
		if (row->part != left_out)
		{
			bin.weight += row->weight;
			bin.positives += row->actual ? row->weight : 0;
			moment += row->weight * row->log_odds;
			rest -= row->weight;
		}
		/* equal log-odds stay together, and the last bin is not a small one */
		if (i + 1 == count ? bin.weight > 0 : bin.weight >= least && rest >= least && *used + 1 < PS_CALIBRATION_BINS &&
			predictions[i + 1].log_odds > row->log_odds)
		{
			bin.first = bin.last = limit(moment / bin.weight);
			pool(blocks, used, bin, 0);
			bin = (bin_block) {0};
			moment = 0;
		}
	}
	return PS_OK;
}

/* Log-odds of the positives' smoothed share in a block. */
static double
block_log_odds(const bin_block *block)
{
	return log((block->positives + 0.5) / (block->weight - block->positives + 0.5));
}

/*
 * Fit by pooling adjacent violators.  The share of positives in a block of w
 * rows is (positives + 1/2) / (w + 1) (Krichevsky and Trofimov 1981), which is
 * neither 0 nor 1; where that turns the order of blocks they are pooled again.
 * A block of several bins rises by one standard error, as far as its
 * neighbours leave room, so that it makes no ties.
 */
static ps_status
fit_isotonic(const ps_env *env, const ps_prediction *predictions, size_t count, int left_out, ps_calibration *out,
			 bool *found, ps_error *error)
{
	bin_block	blocks[PS_CALIBRATION_BINS];
	size_t		raw;
	size_t		used = 0;

	PS_TRY(pool_bins(env, predictions, count, left_out, blocks, &raw, error));
	for (size_t i = 0; i < raw; i++)
		pool(blocks, &used, blocks[i], 1);
	for (size_t i = 0; i < used; i++)
	{
		const bin_block *block = &blocks[i];
		double		to = block_log_odds(block);
		double		rise = sqrt(1 / (block->positives + 0.5) + 1 / (block->weight - block->positives + 0.5)) / 2;

		if (i > 0)
			rise = fmin(rise, (to - block_log_odds(block - 1)) / 3);
		if (i + 1 < used)
			rise = fmin(rise, (block_log_odds(block + 1) - to) / 3);
		if (block->last > block->first)
		{
			out->from[out->count] = block->first;
			out->to[out->count++] = to - rise;
			to += rise;
		}
		out->from[out->count] = block->last;
		out->to[out->count++] = to;
	}
	*found = out->count > 0;
	for (size_t i = 1; i < out->count; i++)
		*found = *found && out->from[i] > out->from[i - 1] && out->to[i] > out->to[i - 1];
	return PS_OK;
}

ps_status
ps_calibration_fit(const ps_env *env, ps_calibration_kind kind, const ps_prediction *predictions, size_t count,
				   int left_out, ps_calibration *out, bool *found, ps_error *error)
{
	memset(out, 0, sizeof(*out));
	out->kind = kind;
	*found = true;
	if (kind == PS_CALIBRATION_PLATT)
		return fit_platt(env, predictions, count, left_out, out, found, error);
	if (kind == PS_CALIBRATION_ISOTONIC)
		return fit_isotonic(env, predictions, count, left_out, out, found, error);
	return PS_OK;
}

/* Sums of the weighted differences between the losses of two kinds. */
typedef struct difference
{
	double		sum;
	double		squares;
} difference;

/* Is the kind with these differences from a loss clearly better? */
static bool
is_clearly_better(const difference *gain, double loss, double weight)
{
	double		mean = gain->sum / weight;

	return mean > CLEARLY_LOWER * loss &&
		mean > STANDARD_ERRORS * sqrt(fmax(gain->squares - gain->sum * mean, 0)) / weight;
}

ps_status
ps_calibration_choose(const ps_env *env, const ps_prediction *predictions, size_t count, ps_calibration_kind *kind,
					  double *losses, ps_error *error)
{
	difference	gains[PS_CALIBRATIONS][PS_CALIBRATIONS] = {0};	/* [of][over] */
	double		weight = 0;

	memset(losses, 0, PS_CALIBRATIONS * sizeof(*losses));
	for (int part = 0; part < PS_CALIBRATION_PARTS; part++)
	{
		ps_calibration maps[PS_CALIBRATIONS];

		for (int k = 0; k < PS_CALIBRATIONS; k++)
		{
			bool		found;

			PS_TRY(ps_calibration_fit(env, (ps_calibration_kind) k, predictions, count, part, &maps[k], &found, error));
			if (!found)
				maps[k].kind = PS_CALIBRATION_NONE;
		}
		for (size_t i = 0; i < count; i++)
		{
			const ps_prediction *row = &predictions[i];
			double		loss[PS_CALIBRATIONS];

			if (i % POLL_ROWS == 0)
				PS_TRY(ps_poll(env, 0, error));
			if (row->part != part)
				continue;
			weight += row->weight;
			for (int k = 0; k < PS_CALIBRATIONS; k++)
			{
				loss[k] = target_loss(ps_calibration_map(&maps[k], row->log_odds, NULL), row->actual);
				losses[k] += row->weight * loss[k];
				for (int over = 0; over < k; over++)
				{
					double		gain = loss[over] - loss[k];

					gains[k][over].sum += row->weight * gain;
					gains[k][over].squares += row->weight * row->weight * gain * gain;
				}
			}
		}
	}
	*kind = PS_CALIBRATION_NONE;
	for (int k = 0; k < PS_CALIBRATIONS && weight > 0; k++)
	{
		losses[k] /= weight;
		if (k > 0 && is_clearly_better(&gains[k][*kind], losses[*kind], weight))
			*kind = (ps_calibration_kind) k;
	}
	return PS_OK;
}

ps_status
ps_calibration_save(const ps_env *env, const ps_calibration *calibration, ps_value *document, ps_error *error)
{
	ps_value   *value;

	PS_TRY(ps_value_set_object(env, document, "calibration", &value, error));
	PS_TRY(ps_value_set_text(env, value, "kind", ps_calibration_name(calibration->kind), error));
	if (calibration->kind == PS_CALIBRATION_PLATT)
	{
		PS_TRY(ps_value_set_number(env, value, "slope", calibration->slope, error));
		return ps_value_set_number(env, value, "intercept", calibration->intercept, error);
	}
	PS_TRY(ps_value_set_numbers(env, value, "from", calibration->from, calibration->count, error));
	return ps_value_set_numbers(env, value, "to", calibration->to, calibration->count, error);
}

/* Read numbers that ascend strictly and can be log-odds. */
static ps_status
load_knots(const ps_value *value, const char *name, size_t count, double *out, ps_error *error)
{
	const double *numbers;

	PS_TRY(ps_value_need_numbers(value, name, count, &numbers, error));
	for (size_t i = 0; i < count; i++)
	{
		if (fabs(numbers[i]) > LOG_ODDS_LIMIT || (i > 0 && !(numbers[i] > numbers[i - 1])))
			return ps_fail(error, PS_CORRUPT, "\"%s\" of a calibration must ascend and be from %g to %g", name,
						   -LOG_ODDS_LIMIT, LOG_ODDS_LIMIT);
		out[i] = numbers[i];
	}
	return PS_OK;
}

ps_status
ps_calibration_load(const ps_env *env, const ps_value *value, ps_calibration **out, ps_error *error)
{
	ps_calibration *calibration;
	const ps_value *kind;
	const ps_value *from;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*calibration), &calibration, error));
	PS_TRY(ps_value_need(value, "kind", PS_STRING, &kind, error));
	*out = calibration;
	if (value->count != 3)
		return ps_fail(error, PS_CORRUPT, "a calibration has 3 members, not %d", (int64_t) value->count);
	if (strcmp(kind->text, "platt") == 0)
	{
		calibration->kind = PS_CALIBRATION_PLATT;
		PS_TRY(ps_value_need_number(value, "slope", &calibration->slope, error));
		PS_TRY(ps_value_need_number(value, "intercept", &calibration->intercept, error));
		if (!(calibration->slope > 0))
			return ps_fail(error, PS_CORRUPT, "the slope of a calibration is %g, must be above 0", calibration->slope);
		return PS_OK;
	}
	if (strcmp(kind->text, "isotonic") != 0)
		return ps_fail(error, PS_CORRUPT, "there is no calibration \"%s\"", kind->text);
	calibration->kind = PS_CALIBRATION_ISOTONIC;
	PS_TRY(ps_value_need(value, "from", PS_NUMBERS, &from, error));
	if (from->count > PS_CALIBRATION_KNOTS)
		return ps_fail(error, PS_CORRUPT, "a calibration has %d points, must have %d at most", (int64_t) from->count,
					   (int64_t) PS_CALIBRATION_KNOTS);
	calibration->count = from->count;
	PS_TRY(load_knots(value, "from", from->count, calibration->from, error));
	return load_knots(value, "to", from->count, calibration->to, error);
}
