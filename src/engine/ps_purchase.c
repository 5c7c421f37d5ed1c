/*-------------------------------------------------------------------------
 *
 * ps_purchase.c
 *	  Purchase models: the fit, and what follows from any law.
 *
 * The likelihood is maximised over the logarithms of the parameters, which
 * ps_newton.c does, on groups of equal customers.  With many groups a sample
 * of them finds the neighbourhood of the maximum first.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_covariates.h"
#include "ps_random.h"
#include "ps_special.h"

/* Beyond this many groups the starting points are tried on a sample of about that size. */
#define SAMPLE_GROUPS 8192
#define SAMPLE_REPEATERS 1000

#define POLL_GROUPS 4096
#define STARTS 3

static const ps_purchase_law *const laws[] = {
	&ps_law_mbg_nbd, &ps_law_bg_nbd, &ps_law_pareto_nbd, &ps_law_bg_bb
};

const ps_purchase_law *
ps_purchase_law_find(const char *method)
{
	for (size_t i = 0; i < sizeof(laws) / sizeof(laws[0]); i++)
	{
		if (strcmp(laws[i]->method, method) == 0)
			return laws[i];
	}
	return NULL;
}

typedef struct learning
{
	const ps_purchase_law *law;
	const ps_purchase_group *groups;
	size_t		n;
} learning;

/* The objective of the fit: accumulate block by block. */
static ps_status
likelihood(const ps_env *env, const void *data, const double *theta, ps_newton_sums *sums, ps_error *error)
{
	const learning *l = data;
	size_t		size = l->law->block;

	for (size_t from = 0; from < l->n; from += size)
	{
		size_t		to = from + size < l->n ? from + size : l->n;
		ps_newton_sums block = {0};

		PS_TRY(ps_poll(env, (double) from / (double) l->n, error));
		l->law->accumulate(l->law, l->groups, from, to, theta, &block);
		ps_newton_merge(sums, &block);
	}
	return PS_OK;
}

ps_status
ps_purchase_sample(const ps_env *env, const ps_purchase_group *groups, const double *const *z, size_t width, size_t n,
				   ps_purchase_group **sample, const double ***sample_z, size_t *count, ps_error *error)
{
	size_t		stride = n / SAMPLE_GROUPS,
				room = 2 * SAMPLE_GROUPS,
				repeaters = 0;

	*count = 0;
	if (n <= room)
		return PS_OK;
	PS_TRY(ps_alloc(env, room, sizeof(**sample), sample, error));
	PS_TRY(ps_alloc(env, z == NULL ? 0 : room, sizeof(**sample_z), sample_z, error));
	for (size_t i = 0; i < n && *count < room; i++)
	{
		double		part = groups[i].weight / (double) stride;
		uint64_t	hash = ps_purchase_hash(&groups[i]);

		if (i % POLL_GROUPS == 0)
			PS_TRY(ps_poll(env, 0, error));
		if (z != NULL)
			hash = ps_hash_bytes(hash, z[i], width * sizeof(double));
		if (part < 1 && hash % stride != 0)
			continue;
		if (z != NULL)
			(*sample_z)[*count] = z[i];
		(*sample)[*count] = groups[i];
		if (part >= 1)
			(*sample)[*count].weight = part;
		(*count)++;
		repeaters += groups[i].frequency > 0;
	}
	if (repeaters < SAMPLE_REPEATERS)
		*count = 0;
	return PS_OK;
}

/* Fill the starts of a law; rate is the mean number of purchases per unit of time. */
static void
fill_starts(const ps_purchase_law *law, double rate, double (*starts)[PS_NEWTON_MAX])
{
	for (int i = 0; i < STARTS; i++)
	{
		for (int j = 0; j < PS_PURCHASE_PARAMETERS; j++)
			starts[i][j] = log(law->starts[i][j]);
		if (!law->occasions)
			starts[i][1] -= log(rate);
	}
}

/* Maximise from starts. */
static ps_status
maximise(const ps_env *env, const learning *all, double (*starts)[PS_NEWTON_MAX], ps_newton_result *result,
		 ps_error *error)
{
	learning	part = *all;
	ps_purchase_group *sample = NULL;
	ps_newton_result near;

	PS_TRY(ps_purchase_sample(env, all->groups, NULL, 0, all->n, &sample, &(const double **) {NULL}, &part.n, error));
	if (part.n > 0)
	{
		part.groups = sample;
		PS_TRY(ps_newton_maximise(env, likelihood, &part, PS_PURCHASE_PARAMETERS,
								  (const double (*)[PS_NEWTON_MAX]) starts, STARTS, &near, error));
		memcpy(starts[0], near.theta, sizeof(starts[0]));
	}
	ps_release(env, sample);
	return ps_newton_maximise(env, likelihood, all, PS_PURCHASE_PARAMETERS,
							  (const double (*)[PS_NEWTON_MAX]) starts, part.n > 0 ? 1 : STARTS, result, error);
}

ps_status
ps_purchase_learn(const ps_env *env, const ps_purchase_law *law, ps_purchase_group *rows, size_t n,
				  ps_covariates *covariates, ps_fit *fit, ps_error *error)
{
	double		time = 0,
				repeats = 0,
				scale = 1,
				scales[PS_PURCHASE_PARAMETERS],
				starts[STARTS][PS_NEWTON_MAX] = {{0}};
	ps_purchase_group *groups;
	ps_newton_result result;

	memset(fit, 0, sizeof(*fit));
	for (size_t i = 0; i < n; i++)
	{
		fit->customers += rows[i].weight;
		time += rows[i].weight * rows[i].tenure;
		repeats += rows[i].weight * rows[i].frequency;
	}
	if (n < 2 || !(repeats > 0))
	{
		ps_fail(error, PS_TOO_LITTLE_DATA, "too little to learn from: %d customers with %g repeat purchases in all",
				(int64_t) n, repeats);
		return ps_hint(error, "At least two customers, and one who bought again, are needed.");
	}

	/* with a mean tenure near 1 the log parameters are of order 1 in any unit; a power of 2 scales exactly */
	if (!law->occasions)
		scale = exp2(round(log2(time / fit->customers)));
	for (size_t i = 0; i < n; i++)
	{
		rows[i].tenure /= scale;
		rows[i].recency /= scale;
	}
	for (int i = 0; i < PS_PURCHASE_PARAMETERS; i++)
		scales[i] = law->times[i] ? scale : 1;
	PS_TRY(ps_purchase_put_together(env, rows, n, &groups, &fit->groups, error));
	fill_starts(law, repeats / time * scale, starts);
	PS_TRY(maximise(env, &(learning) {law, groups, fit->groups}, starts, &result, error));
	ps_release(env, groups);
	if (covariates != NULL)
	{
		bool		found = result.status == PS_FIT_CONVERGED;

		covariates->without = result.value - repeats * log(scale);
		if (found)
			memcpy(starts[0], result.theta, sizeof(starts[0]));
		PS_TRY(ps_covariates_maximise(env, law, rows, n, covariates, (const double (*)[PS_NEWTON_MAX]) starts,
									  found ? 1 : STARTS, &fit->groups, error));
		result = covariates->result;
	}
	ps_newton_report(&result, PS_PURCHASE_PARAMETERS, scales, fit);
	fit->log_likelihood = result.value - repeats * log(scale);	/* one density in time per repeat purchase */
	return PS_OK;
}

double
ps_purchase_alive(const ps_purchase *model, double x, double t_x, double T)
{
	return ps_expit(model->law->log_odds(model, x, t_x, T));
}

double
ps_purchase_log_odds(const ps_purchase *model, double x, double t_x, double T, double h)
{
	double		gone = -model->law->log_odds(model, x, t_x, T),
				log_alive,
				log_lost,
				larger;

	if (h == 0)
		return -gone;
	model->law->lifetime(model, x, T, h, &log_alive, &log_lost);
	larger = fmax(gone, log_lost);
	if (isinf(larger))
		return -larger;
	return log_alive - larger - log(exp(gone - larger) + exp(log_lost - larger));
}

double
ps_purchase_silence(const ps_purchase *model, double x, double t_x, double T, double h)
{
	double		odds = model->law->log_odds(model, x, t_x, T);

	return ps_expit(-odds) + ps_expit(odds) * model->law->silence(model, x, T, h);
}
