/*-------------------------------------------------------------------------
 *
 * ps_loss.c
 *	  What boosted trees minimise.
 *
 * Poisson, gamma and Tweedie are one family: with m = exp(F) and p the power,
 * minus the log likelihood of a target t is, but for terms in t alone,
 *		m^(2-p) / (2-p) - t m^(1-p) / (1-p)
 * (with the limits m - t log m at 1 and t / m + log m at 2), its gradient in F
 *		m^(2-p) - t m^(1-p)
 * and its expected curvature m^(2-p) (Jorgensen 1987).
 *
 *-------------------------------------------------------------------------
 */
#include "ps_loss.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "ps_sum.h"
#include "ps_weighed.h"

#define ROWS PS_LOSS_ROWS
#define LOG_ODDS_LIMIT 36.0		/* keeps 1 / (1 + exp(-x)) different from 0 and 1 */
#define LOG_LIMIT 700.0			/* keeps exp(x) finite */
#define LARGEST 1e150

static const char *const names[PS_LOSSES] = {"binary", "squared", "poisson", "gamma", "tweedie", "quantile"};

const char *
ps_loss_name(ps_loss_kind kind)
{
	return names[kind];
}

bool
ps_loss_find(const char *name, ps_loss_kind *kind)
{
	for (int i = 0; i < PS_LOSSES; i++)
		if (strcmp(names[i], name) == 0)
		{
			*kind = (ps_loss_kind) i;
			return true;
		}
	return false;
}

bool
ps_loss_has_log_link(ps_loss_kind kind)
{
	return kind == PS_LOSS_POISSON || kind == PS_LOSS_GAMMA || kind == PS_LOSS_TWEEDIE;
}

/* Find the alpha quantile of the targets. */
static ps_status
target_quantile(const ps_env *env, const ps_frame *frame, double alpha, double *quantile, ps_error *error)
{
	size_t		rows = ps_frame_rows(frame);
	ps_weighed *targets;

	PS_TRY(ps_alloc(env, rows, sizeof(*targets), &targets, error));
	for (size_t row = 0; row < rows; row++)
	{
		targets[row] = (ps_weighed) {ps_frame_target(frame, row), ps_frame_weight(frame, row)};
		if (row % 65536 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	PS_TRY(ps_weighed_quantile(env, targets, rows, alpha, quantile, error));
	ps_release(env, targets);
	return PS_OK;
}

/* Refuse a target that the loss cannot take. */
static ps_status
check_target(const ps_loss *loss, double target, size_t row, const char *name, ps_error *error)
{
	const char *must = NULL;

	if (ps_loss_has_log_link(loss->kind) && target < 0)
		must = "must not be negative";
	else if (loss->kind == PS_LOSS_GAMMA && target == 0)
		must = "must be above 0";
	else if (!(fabs(target) <= LARGEST))
		must = "is too large to compute with";
	if (must == NULL)
		return PS_OK;
	ps_fail_column(error, PS_INVALID_DATA, name, "target \"%s\" is %g in row %d, for the loss \"%s\" it %s", name,
				   target, (int64_t) row + 1, names[loss->kind], must);
	error->row = (int64_t) row + 1;
	return ps_hint(error, "Choose another loss by the option \"loss\", or leave such rows out.");
}

ps_status
ps_loss_fit(const ps_env *env, const ps_frame *frame, const char *target_name, ps_loss *loss, ps_error *error)
{
	size_t		rows = ps_frame_rows(frame);
	ps_sum		weights = {0, 0};
	ps_sum		targets = {0, 0};
	ps_sum		deviations = {0, 0};
	double		mean;
	int			exponent;

	loss->constant = true;
	loss->class_weights[0] = loss->class_weights[1] = 1;
	for (size_t row = 0; row < rows; row++)
	{
		double		target = ps_frame_target(frame, row);
		double		weight = ps_frame_weight(frame, row);

		loss->constant = loss->constant && target == ps_frame_target(frame, 0);
		PS_TRY(check_target(loss, target, row, target_name, error));
		ps_sum_add(&weights, weight);
		ps_sum_add(&targets, weight * target);
		if (row % 65536 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	mean = ps_sum_value(&targets) / ps_sum_value(&weights);
	loss->mean_weight = ps_sum_value(&weights) / (double) rows;
	if (!isfinite(mean))
		return ps_fail_column(error, PS_INVALID_DATA, target_name,
							  "target \"%s\" times the weights is too large to compute with", target_name);
	loss->unit = loss->scale = 1;
	loss->shift = 0;
	if (loss->kind == PS_LOSS_BINARY)
	{
		loss->base = log(mean / (1 - mean));
		return PS_OK;
	}
	if (ps_loss_has_log_link(loss->kind))
	{
		if (!(mean >= DBL_MIN))
			return ps_fail_column(error, PS_TOO_LITTLE_DATA, target_name, "target \"%s\" is 0 in all %d rows",
								  target_name, (int64_t) rows);
		loss->base = log(mean);
		loss->scale = mean;
		return PS_OK;
	}

	loss->base = mean;
	if (loss->kind == PS_LOSS_QUANTILE)
		PS_TRY(target_quantile(env, frame, loss->alpha, &loss->base, error));
	for (size_t row = 0; row < rows; row++)
	{
		ps_sum_add(&deviations, ps_frame_weight(frame, row) * fabs(ps_frame_target(frame, row) - loss->base));
		if (row % 65536 == 0)
			PS_TRY(ps_poll(env, 0, error));
	}
	/* a power of two about as large as the mean deviation: dividing by it rounds nothing */
	frexp(ps_sum_value(&deviations) / ps_sum_value(&weights), &exponent);
	loss->unit = loss->scale = ldexp(1, exponent > DBL_MIN_EXP ? exponent : DBL_MIN_EXP);
	loss->shift = loss->base;
	return PS_OK;
}

float
ps_loss_start(const ps_loss *loss)
{
	return loss->kind == PS_LOSS_BINARY ? (float) loss->base : 0;
}

/*
 * exp(x), |x| limited to 80: x = n log 2 + f with |f| <= log(2)/2, and the
 * Taylor polynomial of exp(f).  Relative error about 2e-7.  Plain arithmetic,
 * so that trees are the same on every processor.
 */
static inline float
exp_of(float x)
{
	float		limited = x < -80 ? -80 : x > 80 ? 80 : x;
	float		shifted = limited * 1.44269504f + 12582912.f;	/* 1.5 * 2^23: rounds to a whole number */
	float		n = shifted - 12582912.f;
	float		f = limited - n * 0.693359375f + n * 2.12194440e-4f;
	float		p = 1 + f * (1 + f * (0.5f + f * (0.16666667f + f * (0.041666667f + f * (0.0083333333f +
																						f * 0.0013888889f)))));
	int32_t		bits;

	memcpy(&bits, &p, sizeof(bits));
	bits += (int32_t) n * (1 << 23);
	memcpy(&p, &bits, sizeof(p));
	return p;
}

void
ps_loss_gradients(const ps_loss *loss, const double *targets, const double *weights, const float *f, size_t count,
				  float *gradients, float *curvatures)
{
	float		t[ROWS] = {0};
	float		w[ROWS] = {0};
	float		at[ROWS] = {0};
	float		first = (float) (1 - loss->power);
	float		second = (float) (2 - loss->power);
	float		alpha = (float) loss->alpha;

	for (size_t i = 0; i < count; i++)
	{
		t[i] = (float) ps_loss_target(loss, targets[i]);
		w[i] = weights == NULL ? 1 : (float) (weights[i] / loss->mean_weight);
	}
	memcpy(at, f, count * sizeof(float));
	switch (loss->kind)
	{
		case PS_LOSS_BINARY:
			for (int i = 0; i < ROWS; i++)
			{
				float		p = 1 / (1 + exp_of(-at[i]));

				gradients[i] = w[i] * (p - t[i]);
				curvatures[i] = w[i] * (p * (1 - p));
			}
			break;
		case PS_LOSS_SQUARED:
			for (int i = 0; i < ROWS; i++)
			{
				gradients[i] = w[i] * (at[i] - t[i]);
				curvatures[i] = w[i];
			}
			break;
		case PS_LOSS_QUANTILE:
			for (int i = 0; i < ROWS; i++)
			{
				gradients[i] = w[i] * (at[i] < t[i] ? -alpha : 1 - alpha);
				curvatures[i] = w[i];
			}
			break;
		case PS_LOSS_POISSON:
		case PS_LOSS_GAMMA:
		case PS_LOSS_TWEEDIE:
			for (int i = 0; i < ROWS; i++)
			{
				float		curvature = exp_of(second * at[i]);

				gradients[i] = w[i] * (curvature - t[i] * exp_of(first * at[i]));
				curvatures[i] = w[i] * curvature;
			}
			break;
	}
}

double
ps_loss_value(const ps_loss *loss, double target, double f)
{
	double		t = ps_loss_target(loss, target);

	switch (loss->kind)
	{
		case PS_LOSS_BINARY:
			return log1p(exp(-fabs(f))) + fmax(t > 0 ? -f : f, 0);
		case PS_LOSS_SQUARED:
			return (f - t) * (f - t);
		case PS_LOSS_QUANTILE:
			return f < t ? loss->alpha * (t - f) : (1 - loss->alpha) * (f - t);
		case PS_LOSS_POISSON:
			return exp(f) - t * f;
		case PS_LOSS_GAMMA:
			return t * exp(-f) + f;
		case PS_LOSS_TWEEDIE:
			return exp((2 - loss->power) * f) / (2 - loss->power) - t * exp((1 - loss->power) * f) / (1 - loss->power);
	}
	return 0;
}

double
ps_loss_predict(const ps_loss *loss, double f)
{
	double		sum = loss->base + loss->unit * f;

	if (loss->kind == PS_LOSS_BINARY)
		return 1 / (1 + exp(-fmin(fmax(sum, -LOG_ODDS_LIMIT), LOG_ODDS_LIMIT)));
	if (ps_loss_has_log_link(loss->kind))
		return exp(fmin(sum, LOG_LIMIT));
	return sum;
}
