/*-------------------------------------------------------------------------
 *
 * ps_mixture_choice.c
 *	  Mixtures of several numbers and forms of clusters, and the choice between
 *	  them.
 *
 * Many starts go a little way, and the best one of each candidate to the end
 * (emEM, Biernacki, Celeux and Govaert 2003).
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "ps_cluster_quality.h"
#include "ps_mixture_choice.h"
#include "ps_mixture_start.h"

#define PIECES 60				/* that the sample is cut into, if that is twice the clusters */
#define PIECE_ROWS 4			/* rows of a piece, of few rows */
#define SHORT_ITERATIONS 8		/* of EM, for each start */
#define SAMPLE_ITERATIONS 50	/* of EM, for the best start */
#define HOPELESS 3				/* of BIC a row behind the lowest, where no other start is tried */
#define FAR_BEHIND 0.2			/* of BIC a row behind it, where the best start does not go on */
#define STRONG_EVIDENCE 10		/* a difference of BIC */

/* Make room for the candidates of a plan. */
static ps_status
candidates_create(const ps_env *env, size_t width, const ps_mixture_plan *plan, ps_mixture_candidates *out,
				  ps_error *error)
{
	out->count = 0;
	PS_TRY(ps_alloc(env, plan->k_max - plan->k_min + 1, PS_COVARIANCE_FORMS * sizeof(*out->fits), &out->fits, error));
	for (size_t k = plan->k_min; k <= plan->k_max; k++)
		for (int form = 0; form < PS_COVARIANCE_FORMS; form++)
			if (plan->forms[form])
			{
				ps_mixture_fit *fit = &out->fits[out->count++];

				PS_TRY(ps_mixture_create(env, k, width, (ps_covariance_form) form, &fit->mixture, error));
				fit->log_likelihood = -INFINITY;
			}
	return PS_OK;
}

ps_status
ps_mixture_finish(const ps_mixture_rows *rows, const double *least, int most_iterations, ps_mixture_fit *fit,
				  ps_error *error)
{
	ps_mixture_scratch scratch;
	ps_status	status;

	PS_TRY(ps_mixture_scratch_create(rows->env, &fit->mixture, &scratch, error));
	status = ps_mixture_iterate(rows, &fit->mixture, least, most_iterations, &scratch, &fit->iterations,
								&fit->converged, error);
	fit->log_likelihood = *scratch.sums.log_likelihood;
	ps_mixture_scratch_release(rows->env, &scratch);
	if (status == PS_OK && !isfinite(fit->log_likelihood))
		status = ps_fail(error, PS_NO_SOLUTION, "the likelihood of %d clusters is not a finite number",
						 (int64_t) fit->mixture.k);
	if (status != PS_OK)
		fit->log_likelihood = -INFINITY;
	return status;
}

/* A candidate without a solution is one that is not chosen. */
static ps_status
allow_no_solution(ps_status status)
{
	return status == PS_NO_SOLUTION ? PS_OK : status;
}

/* Fit a candidate from one start, and keep what is better than from those before. */
static ps_status
try_start(const ps_mixture_rows *sample, const ps_mixture_pieces *pieces, const ps_mixture_join *joins,
		  const double *least, ps_mixture_fit *best, ps_error *error)
{
	const ps_env *env = sample->env;
	ps_mixture_fit trial;

	PS_TRY(ps_mixture_create(env, best->mixture.k, best->mixture.width, best->mixture.form, &trial.mixture, error));
	PS_TRY(ps_mixture_start(sample, pieces, joins, least, &trial.mixture, error));
	PS_TRY(allow_no_solution(ps_mixture_finish(sample, least, SHORT_ITERATIONS, &trial, error)));
	if (trial.log_likelihood > best->log_likelihood)
	{
		best->log_likelihood = trial.log_likelihood;
		ps_mixture_copy(&trial.mixture, &best->mixture);
	}
	ps_mixture_release(env, &trial.mixture);
	return PS_OK;
}

/* The BIC of a fit to standardised rows. */
static double
bic_of(const ps_mixture_fit *fit, double rows)
{
	return ps_mixture_parameters(&fit->mixture) * log(rows) - 2 * fit->log_likelihood;
}

/* The candidate with the lowest BIC but for one. */
static size_t
lowest_bic(const ps_mixture_candidates *candidates, size_t but)
{
	size_t		lowest = but == 0 ? 1 : 0;

	for (size_t i = 0; i < candidates->count; i++)
		if (i != but && bic_of(&candidates->fits[i], candidates->rows) < bic_of(&candidates->fits[lowest], candidates->rows))
			lowest = i;
	return lowest;
}

ps_status
ps_mixture_try(const ps_mixture_rows *sample, const ps_mixture_plan *plan, ps_mixture_candidates *out,
			   ps_error *error)
{
	const ps_env *env = sample->env;
	size_t		count = sample->count / PIECE_ROWS < PIECES ? sample->count / PIECE_ROWS : PIECES;
	bool		matrix = false;
	bool		solved = false;
	size_t		lowest;
	double		limit;
	ps_random	random;
	ps_mixture_join *joins;

	count = count > 2 * plan->k_max ? count : 2 * plan->k_max;
	count = count < sample->count ? count : sample->count;
	for (int form = 0; form < PS_COVARIANCE_FORMS; form++)
		matrix = matrix || (plan->forms[form] && ps_covariance_is_matrix((ps_covariance_form) form));
	out->rows = sample->total;
	PS_TRY(candidates_create(env, sample->width, plan, out, error));
	PS_TRY(ps_alloc(env, count, sizeof(*joins), &joins, error));
	ps_random_seed(&random, plan->seed);

	/* one cluster has one solution */
	for (int start = 0; start < (plan->k_max > 1 ? plan->starts : 1); start++)
	{
		ps_mixture_pieces pieces;

		lowest = lowest_bic(out, SIZE_MAX);
		limit = start == 0 ? INFINITY : bic_of(&out->fits[lowest], out->rows) + HOPELESS * out->rows;
		PS_TRY(ps_mixture_cut(sample, count, matrix, &random, &pieces, error));
		for (int form = 0, joined = -1; form < PS_COVARIANCE_FORMS; form++)
		{
			if (!plan->forms[form])
				continue;

			/* forms that are matrices have the same joins, and come one after the other */
			if (joined < 0 || !ps_covariance_is_matrix((ps_covariance_form) form))
				PS_TRY(ps_mixture_join_pieces(sample, &pieces, (ps_covariance_form) form, plan->least, joins, error));
			joined = form;
			for (size_t i = 0; i < out->count; i++)
				if ((int) out->fits[i].mixture.form == form && (start == 0 || out->fits[i].mixture.k > 1) &&
					bic_of(&out->fits[i], out->rows) <= limit)
					PS_TRY(try_start(sample, &pieces, joins, plan->least, &out->fits[i], error));
		}
		ps_mixture_pieces_release(env, &pieces);
	}
	ps_release(env, joins);
	lowest = lowest_bic(out, SIZE_MAX);
	limit = bic_of(&out->fits[lowest], out->rows) + FAR_BEHIND * out->rows;
	for (size_t i = 0; i < out->count; i++)
	{
		if (bic_of(&out->fits[i], out->rows) <= limit)
			PS_TRY(allow_no_solution(ps_mixture_finish(sample, plan->least, SAMPLE_ITERATIONS, &out->fits[i], error)));
		solved = solved || isfinite(out->fits[i].log_likelihood);
	}
	return solved ? PS_OK : ps_fail(error, PS_NO_SOLUTION, "the covariance of a cluster is not positive definite");
}

size_t
ps_mixture_choose(const ps_mixture_candidates *candidates)
{
	size_t		lowest = lowest_bic(candidates, SIZE_MAX);
	size_t		chosen = lowest;

	for (size_t i = 0; i < lowest; i++)
	{
		double		bic = bic_of(&candidates->fits[i], candidates->rows);
		bool		fewer = candidates->fits[i].mixture.k < candidates->fits[chosen].mixture.k;

		/* the fewest clusters, and of several forms of as many the one with the lowest BIC */
		if (bic <= bic_of(&candidates->fits[lowest], candidates->rows) + STRONG_EVIDENCE &&
			candidates->fits[i].mixture.k < candidates->fits[lowest].mixture.k &&
			(fewer || (candidates->fits[i].mixture.k == candidates->fits[chosen].mixture.k &&
					   bic < bic_of(&candidates->fits[chosen], candidates->rows))))
			chosen = i;
	}
	return chosen;
}

ps_status
ps_mixture_save_quality(const ps_env *env, const ps_mixture_fit *fit, double rows, double slope, ps_value *object,
						ps_error *error)
{
	double		parameters = ps_mixture_parameters(&fit->mixture);
	double		log_likelihood = fit->log_likelihood + slope * rows;

	PS_TRY(ps_value_set_number(env, object, "log_likelihood", log_likelihood, error));
	PS_TRY(ps_value_set_number(env, object, "bic", parameters * log(rows) - 2 * log_likelihood, error));
	return ps_value_set_number(env, object, "aic", 2 * parameters - 2 * log_likelihood, error);
}

/* Say why a candidate was chosen, and what comes next. */
static ps_status
explain(const ps_env *env, const ps_mixture_candidates *candidates, size_t chosen, double slope, ps_value *notes,
		ps_error *error)
{
	size_t		next = lowest_bic(candidates, chosen);
	const ps_mixture *best = &candidates->fits[chosen].mixture;
	const ps_mixture *other = &candidates->fits[next].mixture;
	double		unit = 2 * slope * candidates->rows;
	double		bic = rint(bic_of(&candidates->fits[chosen], candidates->rows) - unit);
	double		next_bic = rint(bic_of(&candidates->fits[next], candidates->rows) - unit);
	int64_t		first = (int64_t) candidates->fits[0].mixture.k;
	int64_t		last = (int64_t) candidates->fits[candidates->count - 1].mixture.k;

	if (!isfinite(next_bic))
		return PS_OK;
	if (first == last)
		return ps_note(env, notes, error, "of %d clusters, those with the covariance \"%s\" have the lowest BIC: %g; next is \"%s\" with %g",
					   first, ps_covariance_names[best->form], bic, ps_covariance_names[other->form], next_bic);
	if (next_bic < bic)
		return ps_note(env, notes, error, "%d clusters with the covariance \"%s\" are the fewest of %d to %d whose BIC, %g, is at most %d above the lowest: %g, of %d with \"%s\"",
					   (int64_t) best->k, ps_covariance_names[best->form], first, last, bic, (int64_t) STRONG_EVIDENCE,
					   next_bic, (int64_t) other->k, ps_covariance_names[other->form]);
	return ps_note(env, notes, error, "%d clusters with the covariance \"%s\" have the lowest BIC of %d to %d: %g; next are %d with \"%s\" and %g",
				   (int64_t) best->k, ps_covariance_names[best->form], first, last, bic, (int64_t) other->k,
				   ps_covariance_names[other->form], next_bic);
}

ps_status
ps_mixture_save_choice(const ps_env *env, const ps_mixture_candidates *candidates, size_t chosen, double slope,
					   ps_value *parameters, ps_value *notes, ps_error *error)
{
	ps_value   *list;

	if (candidates->count < 2)
		return PS_OK;
	PS_TRY(ps_value_set_list(env, parameters, "candidates", &list, error));
	for (size_t i = 0; i < candidates->count; i++)
	{
		const ps_mixture_fit *fit = &candidates->fits[i];
		ps_value   *row;

		PS_TRY(ps_value_append_object(env, list, &row, error));
		PS_TRY(ps_value_set_number(env, row, "k", (double) fit->mixture.k, error));
		PS_TRY(ps_value_set_text(env, row, "covariance", ps_covariance_names[fit->mixture.form], error));
		if (isfinite(fit->log_likelihood))
			PS_TRY(ps_mixture_save_quality(env, fit, candidates->rows, slope, row, error));
	}
	return explain(env, candidates, chosen, slope, notes, error);
}

/* Give each row of a sample to its most likely cluster; points receive the rows that count, and labels[] of those. */
static ps_status
label_rows(const ps_mixture_rows *sample, const ps_mixture *of, ps_points *points, int32_t **labels, ps_error *error)
{
	const ps_env *env = sample->env;
	ps_mixture_scratch scratch;
	double		totals[PS_NEWTON_ROWS];
	double	   *values;
	double	   *weights;

	PS_TRY(ps_mixture_scratch_create(env, of, &scratch, error));
	PS_TRY(ps_alloc(env, sample->count, sample->width * sizeof(double), &values, error));
	PS_TRY(ps_alloc(env, sample->count, sizeof(double), &weights, error));
	PS_TRY(ps_alloc(env, sample->count, sizeof(int32_t), labels, error));
	*points = (ps_points) {.width = sample->width,.values = values,.weights = weights};
	for (size_t row = 0; row < sample->count; row++)
	{
		size_t		at = row % PS_NEWTON_ROWS;
		size_t		best = 0;

		if (at == 0)
			PS_TRY(ps_mixture_shares(sample, row / PS_NEWTON_ROWS, of, false, &scratch, totals, error));
		if (!(sample->weights[row] > 0))
			continue;
		for (size_t c = 1; c < of->k; c++)
			if (scratch.shares[c * PS_NEWTON_ROWS + at] > scratch.shares[best * PS_NEWTON_ROWS + at])
				best = c;
		for (size_t j = 0; j < sample->width; j++)
			values[points->count * sample->width + j] = ps_mixture_row(sample, row)[j * PS_NEWTON_ROWS];
		weights[points->count] = sample->weights[row];
		(*labels)[points->count++] = (int32_t) best;
	}
	ps_mixture_scratch_release(env, &scratch);
	return PS_OK;
}

ps_status
ps_mixture_note_overlap(const ps_mixture_rows *sample, const ps_mixture *of, ps_value *notes, ps_error *error)
{
	ps_points	points;
	ps_overlap	overlap;
	int32_t    *labels;

	PS_TRY(label_rows(sample, of, &points, &labels, error));
	PS_TRY(ps_overlap_of(sample->env, &points, &(ps_grouping) {of->k, labels}, &overlap, error));
	ps_release(sample->env, (void *) points.values);
	ps_release(sample->env, (void *) points.weights);
	ps_release(sample->env, labels);
	if (!(overlap.ratio >= PS_OVERLAP_APART))
		return PS_OK;
	return ps_note(sample->env, notes, error, "some clusters pass into each other without a gap: together they describe the rows, but are no groups apart");
}
