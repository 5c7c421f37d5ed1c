/*-------------------------------------------------------------------------
 *
 * ps_mixture_start.c
 *	  Fit.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_mixture_start.h"
#include "ps_random.h"

#define ROWS PS_NEWTON_ROWS
#define SHORT_ITERATIONS 15		/* of EM, for each start */
#define SAMPLE_ITERATIONS 50	/* of EM on the sample, for the best start */

/*
 * Draw means from the sample, each row with a probability in proportion to its
 * weight and its squared distance from those before.
 */
static ps_status
draw_means(const ps_mixture_rows *sample, ps_random *random, double *distances, ps_mixture *of, ps_error *error)
{
	for (size_t i = 0; i < sample->count; i++)
		distances[i] = 1;
	for (size_t c = 0; c < of->k; c++)
	{
		double	   *mean = of->mean + c * of->padded;
		double		total = 0;
		double		left;
		size_t		chosen = 0;

		for (size_t i = 0; i < sample->count; i++)
			total += distances[i] * sample->weights[i];
		left = ps_random_uniform(random) * total;

		/* the last row with a distance, should rounding lead past the end */
		for (size_t i = 0; i < sample->count && left >= 0; i++)
			if (distances[i] * sample->weights[i] > 0)
			{
				left -= distances[i] * sample->weights[i];
				chosen = i;
			}
		for (size_t j = 0; j < of->width; j++)
			mean[j] = ps_mixture_row(sample, chosen)[j * ROWS];
		for (size_t tile = 0; tile < sample->ntiles; tile++)
		{
			double		nearer[ROWS];

			ps_scaled_distances(sample->tiles + tile * sample->padded * ROWS, of->width, mean, NULL, nearer);
			for (size_t i = tile * ROWS; i < sample->count && i < (tile + 1) * ROWS; i++)
				distances[i] = c == 0 ? nearer[i % ROWS] : fmin(distances[i], nearer[i % ROWS]);
			PS_TRY(ps_poll(sample->env, 0, error));
		}
	}
	return PS_OK;
}

/*
 * Fit k clusters: many starts a little way, the best one to the end (emEM,
 * Biernacki, Celeux and Govaert 2003).  A start is not refined by k-means,
 * which would cut the groups along a column that has nothing to do with them.
 */
ps_status
ps_mixture_fit_k(const ps_mixture_rows *rows, const ps_mixture_rows *sample, const ps_mixture_plan *plan, size_t k,
			  ps_mixture_fit *out, ps_error *error)
{
	const ps_env *env = rows->env;
	ps_mixture	trial;
	ps_mixture_scratch scratch;
	double	   *distances;
	double		best = -INFINITY;
	ps_random	random;

	PS_TRY(ps_mixture_create(env, k, rows->width, plan->form, &out->mixture, error));
	PS_TRY(ps_mixture_create(env, k, rows->width, plan->form, &trial, error));
	PS_TRY(ps_mixture_scratch_create(env, &trial, &scratch, error));
	PS_TRY(ps_alloc(env, sample->count, sizeof(double), &distances, error));
	ps_random_seed(&random, plan->seed);

	/* one cluster has one solution */
	for (int start = 0; start < (k > 1 ? plan->starts : 1); start++)
	{
		PS_TRY(draw_means(sample, &random, distances, &trial, error));

		/* the spread of the rows nearest to each mean; where there are none, that of all */
		memset(trial.covariance, 0, k * trial.stride * sizeof(double));
		for (size_t at = 0; at < k * rows->width; at++)
			trial.covariance[at / rows->width * trial.stride +
							 at % rows->width * (plan->form == PS_FULL ? trial.padded + 1 : 1)] = 1;
		PS_TRY(ps_mixture_sum(sample, &trial, true, &scratch, error));
		ps_mixture_advance(&scratch.sums, sample->total, plan->least, &trial);
		PS_TRY(ps_mixture_iterate(sample, &trial, plan->least, SHORT_ITERATIONS, &scratch, &out->iterations,
							   &out->converged, error));
		if (*scratch.sums.log_likelihood > best)
		{
			best = *scratch.sums.log_likelihood;
			ps_mixture_copy(&trial, &out->mixture);
		}
	}
	PS_TRY(ps_mixture_iterate(sample, &out->mixture, plan->least, SAMPLE_ITERATIONS, &scratch, &out->iterations,
						   &out->converged, error));
	PS_TRY(ps_mixture_iterate(rows, &out->mixture, plan->least, plan->most_iterations, &scratch, &out->iterations,
						   &out->converged, error));
	out->log_likelihood = *scratch.sums.log_likelihood;
	if (!isfinite(out->log_likelihood))
		return ps_fail(error, PS_NO_SOLUTION, "the likelihood of %d clusters is not a finite number", (int64_t) k);
	ps_release(env, distances);
	ps_mixture_scratch_release(env, &scratch);
	ps_mixture_release(env, &trial);
	return PS_OK;
}
