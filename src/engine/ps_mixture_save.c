/*-------------------------------------------------------------------------
 *
 * ps_mixture_save.c
 *	  What a fitted mixture says of the rows, and how it is written into a model.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_mixture_em.h"
#include "ps_mixture_save.h"
#include "ps_sort.h"

#define ROWS PS_NEWTON_ROWS
#define FAR_OUT 3				/* ranges between quartiles below the lower one */

/* A cluster to be numbered. */
typedef struct ranked_cluster
{
	const ps_mixture *of;
	size_t		cluster;
} ranked_cluster;

/* Order by share, the largest first, then by the means. */
static int
compare_clusters(const void *a, const void *b)
{
	const ranked_cluster *left = a;
	const ranked_cluster *right = b;
	const ps_mixture *of = left->of;

	if (of->share[left->cluster] != of->share[right->cluster])
		return of->share[left->cluster] > of->share[right->cluster] ? -1 : 1;
	for (size_t j = 0; j < of->width; j++)
	{
		double		difference = of->mean[left->cluster * of->padded + j] - of->mean[right->cluster * of->padded + j];

		if (difference != 0)
			return difference < 0 ? -1 : 1;
	}
	return 0;
}

ps_status
ps_mixture_summarise(const ps_frame *frame, const ps_encoder *encoder, const ps_mixture_rows *rows, const size_t *order,
		  const ps_mixture *of, ps_mixture_summary *out, ps_error *error)
{
	const ps_env *env = rows->env;
	size_t		numbers = of->k * of->width;
	ps_mixture_scratch scratch;
	double	   *model;			/* k x width: the model's means in the data's units, NAN where no number */
	double	   *known;			/* k x width: sum of shares */
	double	   *densities;
	size_t		count = 0;
	double		lower;

	PS_TRY(ps_mixture_scratch_create(env, of, &scratch, error));
	PS_TRY(ps_alloc_zero(env, numbers, sizeof(double), &out->mean, error));
	PS_TRY(ps_alloc_zero(env, numbers, sizeof(double), &out->deviation, error));
	PS_TRY(ps_alloc(env, numbers, sizeof(double), &model, error));
	PS_TRY(ps_alloc_zero(env, numbers, sizeof(double), &known, error));
	PS_TRY(ps_alloc(env, rows->count, sizeof(double), &densities, error));
	for (size_t at = 0; at < numbers; at++)
	{
		size_t		j = at % of->width;
		const char *name;
		const char *level;

		model[at] = ps_encode_term(encoder, j, &name, &level) != PS_ENCODE_VALUE ? (double) NAN :
			ps_encode_inverse(encoder, j, of->mean[at / of->width * of->padded + j]);
	}
	for (size_t tile = 0; tile < rows->ntiles; tile++)
	{
		double		totals[ROWS];

		PS_TRY(ps_mixture_shares(rows, tile, of, false, &scratch, totals, error));
		for (size_t i = 0; i < ROWS && tile * ROWS + i < rows->count; i++)
		{
			double		weight = rows->weights[tile * ROWS + i];

			if (weight > 0)
				densities[count++] = totals[i];
			for (size_t j = 0; j < of->width; j++)
			{
				double		x = isnan(model[j]) ? (double) NAN : ps_encode_number(encoder, frame, j, order[tile * ROWS + i]);

				for (size_t c = 0; !isnan(x) && c < of->k; c++)
				{
					/* as distances from the model's mean: large numbers that vary little would cancel */
					double		distance = x - model[c * of->width + j];
					double		share = weight * scratch.shares[c * ROWS + i];

					known[c * of->width + j] += share;
					out->mean[c * of->width + j] += share * distance;
					out->deviation[c * of->width + j] += share * distance * distance;
				}
			}
		}
	}
	for (size_t at = 0; at < numbers; at++)
	{
		double		distance = out->mean[at] / known[at];

		out->deviation[at] = sqrt(fmax(out->deviation[at] / known[at] - distance * distance, 0));
		out->mean[at] = model[at] + distance;
	}
	PS_TRY(ps_sort_numbers(env, densities, count, error));
	lower = densities[count / 4];
	out->unlike_below = lower - FAR_OUT * (densities[count - 1 - count / 4] - lower);
	ps_mixture_scratch_release(env, &scratch);
	ps_release(env, model);
	ps_release(env, known);
	ps_release(env, densities);
	return PS_OK;
}

/* Write means and standard deviations of a cluster in the data's units. */
static ps_status
save_spread(const ps_env *env, const ps_encoder *encoder, const ps_mixture *of, const ps_mixture_summary *summary, size_t c,
			ps_value *cluster, ps_error *error)
{
	ps_value   *means;
	ps_value   *deviations;

	PS_TRY(ps_value_set_object(env, cluster, "means", &means, error));
	PS_TRY(ps_value_set_object(env, cluster, "standard_deviations", &deviations, error));
	for (size_t j = 0; j < encoder->width; j++)
	{
		double		variance = of->covariance[c * of->stride + (ps_covariance_is_matrix(of->form) ? j * of->padded + j : j)];
		double		mean = encoder->mean[j] + encoder->scale[j] * of->mean[c * of->padded + j];
		double		deviation = encoder->scale[j] * sqrt(variance);
		char		text[200];
		const char *name;
		const char *level;

		if (ps_encode_term(encoder, j, &name, &level) == PS_ENCODE_VALUE)
		{
			ps_format(text, sizeof(text), "%s", name);
			mean = summary->mean[c * of->width + j];
			deviation = summary->deviation[c * of->width + j];
		}
		else
			ps_encode_term_text(encoder, j, text, sizeof(text));
		PS_TRY(ps_value_set_number(env, means, text, mean, error));
		PS_TRY(ps_value_set_number(env, deviations, text, deviation, error));
	}
	return PS_OK;
}

ps_status
ps_mixture_save(const ps_env *env, const ps_encoder *encoder, const ps_mixture *of, const ps_mixture_summary *summary,
			  ps_value *parameters, ps_error *error)
{
	ranked_cluster *ranked;
	double	   *packed;
	ps_value   *list;

	PS_TRY(ps_alloc(env, of->k, sizeof(*ranked), &ranked, error));
	for (size_t c = 0; c < of->k; c++)
		ranked[c] = (ranked_cluster) {of, c};
	PS_TRY(ps_sort(env, ranked, of->k, sizeof(*ranked), compare_clusters, error));
	PS_TRY(ps_alloc(env, ps_covariance_numbers(of->form, of->width), sizeof(double), &packed, error));
	PS_TRY(ps_value_set_list(env, parameters, "clusters", &list, error));
	for (size_t rank = 0; rank < of->k; rank++)
	{
		size_t		c = ranked[rank].cluster;
		const double *covariance = of->covariance + c * of->stride;
		ps_value   *cluster;

		if (!ps_covariance_is_matrix(of->form))
			memcpy(packed, covariance, ps_covariance_numbers(of->form, of->width) * sizeof(double));
		for (size_t i = 0; ps_covariance_is_matrix(of->form) && i < of->width; i++)
			memcpy(packed + i * (i + 1) / 2, covariance + i * of->padded, (i + 1) * sizeof(double));
		PS_TRY(ps_value_append_object(env, list, &cluster, error));
		PS_TRY(ps_value_set_number(env, cluster, "cluster", (double) (rank + 1), error));
		PS_TRY(ps_value_set_number(env, cluster, "share", of->share[c], error));
		PS_TRY(save_spread(env, encoder, of, summary, c, cluster, error));
		PS_TRY(ps_value_set_numbers(env, cluster, "center", of->mean + c * of->padded, of->width, error));
		PS_TRY(ps_value_set_numbers(env, cluster, "covariance", packed, ps_covariance_numbers(of->form, of->width), error));
		PS_TRY(ps_poll(env, 0, error));
	}
	return PS_OK;
}
