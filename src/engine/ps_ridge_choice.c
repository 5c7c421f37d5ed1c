/*-------------------------------------------------------------------------
 *
 * ps_ridge_choice.c
 *	  See ps_ridge_choice.h.
 *
 * How a row is predicted by a fit without it is computed from the fit with it:
 * with slope g and curvature c of the row's loss at its predictor x'beta, and
 * h = x'H^-1 x, H being the matrix of second derivatives, the predictor would
 * be x'beta - g h / (1 - c h).  For least squares that is exact (Allen's
 * PRESS), otherwise one Newton step from the fit (Pregibon 1981; Rad and Maleki
 * 2020 on how good it is with many columns).  It takes no random parts, so the
 * choice does not depend on the order of the rows.
 *
 * The best ridge hardly depends on the number of rows: it is the variance of
 * the noise over that of the coefficients.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_ridge_choice.h"

#include <math.h>

#include "ps_dense.h"

#define PLENTY 20.0				/* rows for each coefficient ... */
#define MOST_WORK 4e9			/* rows times squared coefficients of a try; above, the smallest ridge is taken untried */
#define SMALLEST 1.0
#define FACTOR 4.0				/* from one ridge to the next */
#define LARGEST 16.0			/* a row; shrinks even what separates classes to nearly nothing */
#define BETTER 1e-3				/* share of the loss by which none must beat ridges */
#define LEAST_REST 1e-10		/* of 1 - c h, which is 0 where a row alone determines a coefficient */

bool
ps_ridge_matters(const ps_linear_fit *fit)
{
	double		share = fit->quadratic ? 1 : fmin(fit->target_mean, 1 - fit->target_mean);

	return fit->n > 1 && share * fit->weight_sum < PLENTY * (double) fit->n;
}

/* The loss of predictor eta, with its slope and curvature when they are asked for. */
static double
row_loss(bool quadratic, double target, double eta, double *slope, double *curvature)
{
	double		probability;

	if (quadratic)
	{
		if (slope != NULL)
		{
			*slope = eta - target;
			*curvature = 1;
		}
		return 0.5 * (target - eta) * (target - eta);
	}
	if (slope != NULL)
	{
		probability = 1 / (1 + exp(-eta));
		*slope = probability - target;
		*curvature = probability * (1 - probability);
	}
	eta = target > 0.5 ? -eta : eta;
	return fmax(eta, 0) + log1p(exp(-fabs(eta)));
}

/*
 * Compute the mean loss of rows that are left out one by one, from the fit
 * just made.  A row of weight 2 is two rows, of which one is left out.
 * x[n] and scratch[n] are overwritten.
 */
static ps_status
leave_one_out(ps_linear_fit *fit, double *x, double *scratch, double *mean_loss, ps_error *error)
{
	const ps_frame *frame = fit->frame;
	double		loss_sum = 0;
	double		weight_sum = 0;

	for (size_t row = 0; row < ps_frame_rows(frame); row++)
	{
		size_t		at = row % PS_NEWTON_ROWS;
		size_t		chunk = row / PS_FRAME_CHUNK;
		size_t		start = row % PS_FRAME_CHUNK;
		double		target = ps_frame_target(frame, row);
		double		class_weight = fit->class_weights[target != 0];
		double		weight = ps_frame_weight(frame, row);
		double		one = class_weight * fmin(weight, 1);
		double		eta = 0;
		double		slope;
		double		curvature;
		double		form;

		if (at == 0)
		{
			size_t		rest = ps_frame_chunk_rows(frame, chunk) - start;

			ps_encode_tile(fit->encoding, chunk, start, rest < PS_NEWTON_ROWS ? rest : PS_NEWTON_ROWS,
						   fit->tile + PS_NEWTON_ROWS, PS_NEWTON_ROWS);
			PS_TRY(ps_poll(fit->env, 0, error));
		}
		if (weight <= 0)
			continue;
		target = (target - fit->shift) / fit->unit;
		for (size_t j = 0; j < fit->n; j++)
		{
			x[j] = fit->tile[j * PS_NEWTON_ROWS + at];
			eta += x[j] * fit->beta[j];
		}
		form = one * ps_cholesky_inverse_form(fit->factor, fit->n, fit->dependent, x, 0, scratch);
		(void) row_loss(fit->quadratic, target, eta, &slope, &curvature);
		eta += slope * form / fmax(1 - curvature * form, LEAST_REST);
		loss_sum += class_weight * weight * row_loss(fit->quadratic, target, eta, NULL, NULL);
		weight_sum += class_weight * weight;
	}
	*mean_loss = loss_sum / weight_sum;
	return PS_OK;
}

/* Let the ridge weigh all columns alike, or those of levels as ps_ridge_choice.h says. */
static void
set_factors(ps_linear_fit *fit, bool by_kind)
{
	for (size_t j = 1; j < fit->n; j++)
	{
		double		scale = fit->encoder->scale[j - 1];
		const char *name;
		const char *level;

		fit->l2_factors[j] = by_kind && ps_encode_term(fit->encoder, j - 1, &name, &level) != PS_ENCODE_VALUE ?
			0.25 / (scale * scale) : 1;
	}
}

/* Try ridges until they get worse; *ridge receives the best one. */
static ps_status
try_ridges(ps_linear_fit *fit, double *x, double *scratch, double *ridge, double *loss, ps_error *error)
{
	double		last = INFINITY;

	*loss = INFINITY;
	for (fit->l2 = SMALLEST; fit->l2 < LARGEST * fmax(fit->weight_sum, 1); fit->l2 *= FACTOR)
	{
		double		tried;

		PS_TRY(ps_linear_fit_maximise(fit, error));
		PS_TRY(leave_one_out(fit, x, scratch, &tried, error));
		if (tried < *loss)
		{
			*loss = tried;
			*ridge = fit->l2;
		}
		if (tried > last)
			break;
		last = tried;
	}
	return PS_OK;
}

ps_status
ps_ridge_choose(ps_linear_fit *fit, ps_value *notes, ps_error *error)
{
	const ps_env *env = fit->env;
	double		rows = (double) ps_frame_rows(fit->frame);
	double		none = INFINITY;
	double		ridge = SMALLEST;
	double		loss;
	double	   *x;
	double	   *scratch;

	PS_TRY(ps_alloc(env, fit->n, sizeof(double), &x, error));
	PS_TRY(ps_alloc(env, fit->n, sizeof(double), &scratch, error));
	if (rows * (double) fit->n * (double) fit->n > MOST_WORK)
		PS_TRY(ps_note(env, notes, error, "%d rows are few for %d coefficients: a ridge of %g is taken; with {\"penalty\": 0} there is none",
					   (int64_t) rows, (int64_t) fit->n, SMALLEST));
	else
	{
		if (fit->l2 == 0)
			PS_TRY(leave_one_out(fit, x, scratch, &none, error));
		set_factors(fit, true);
		PS_TRY(try_ridges(fit, x, scratch, &ridge, &loss, error));
		if (none <= loss * (1 - BETTER))
		{
			ridge = 0;
			set_factors(fit, false);
		}
		else
			PS_TRY(ps_note(env, notes, error, isinf(none) ?
						   "a ridge of %g is taken, which predicts rows left out best" :
						   "a ridge of %g is taken, which predicts rows left out best; with {\"penalty\": 0} there is none, and standard errors",
						   ridge));
	}
	fit->l2 = ridge;
	if (ridge > 0 && fit->no_inference == NULL)
		fit->no_inference = "the coefficients are penalised";
	return ps_linear_fit_maximise(fit, error);
}
