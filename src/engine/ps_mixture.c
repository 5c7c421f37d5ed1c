/*-------------------------------------------------------------------------
 *
 * ps_mixture.c
 *	  The parameters of a mixture of normal distributions.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_dense.h"
#include "ps_mixture.h"

#define LOG_TWO_PI 1.8378770664093453

const char *const ps_covariance_names[PS_COVARIANCE_FORMS] = {"full", "tied", "stretched", "diagonal", "spherical"};

size_t
ps_mixture_padded(size_t width)
{
	return (width + 3) / 4 * 4;
}

ps_status
ps_mixture_create(const ps_env *env, size_t k, size_t width, ps_covariance_form form, ps_mixture *out, ps_error *error)
{
	size_t		padded = ps_mixture_padded(width);

	*out = (ps_mixture) {.k = k,.width = width,.padded = padded,.form = form};
	out->stride = ps_covariance_is_matrix(form) ? padded * padded : padded;
	PS_TRY(ps_alloc(env, padded, sizeof(double), &out->unit, error));
	for (size_t j = 0; j < padded; j++)
		out->unit[j] = 1;
	PS_TRY(ps_alloc_zero(env, k, sizeof(double), &out->share, error));
	PS_TRY(ps_alloc_zero(env, k * padded, sizeof(double), &out->mean, error));
	PS_TRY(ps_alloc_zero(env, k * out->stride, sizeof(double), &out->covariance, error));
	PS_TRY(ps_alloc_zero(env, k * out->stride, sizeof(double), &out->factor, error));
	PS_TRY(ps_alloc_zero(env, k * padded, sizeof(double), &out->offset, error));
	return ps_alloc_zero(env, k, sizeof(double), &out->constant, error);
}

void
ps_mixture_release(const ps_env *env, ps_mixture *old)
{
	ps_release(env, old->unit);
	ps_release(env, old->share);
	ps_release(env, old->mean);
	ps_release(env, old->covariance);
	ps_release(env, old->factor);
	ps_release(env, old->offset);
	ps_release(env, old->constant);
}

void
ps_mixture_copy(const ps_mixture *from, ps_mixture *to)
{
	memcpy(to->unit, from->unit, from->padded * sizeof(double));
	memcpy(to->share, from->share, from->k * sizeof(double));
	memcpy(to->mean, from->mean, from->k * from->padded * sizeof(double));
	memcpy(to->covariance, from->covariance, from->k * from->stride * sizeof(double));
}

/* Find the inverse of the Cholesky factor of a full covariance; *log_determinant is that of the covariance. */
static ps_status
invert_factor(const ps_env *env, const ps_mixture *of, size_t c, double *lower, bool *dependent,
			  double *log_determinant, ps_error *error)
{
	size_t		width = of->width;
	size_t		rank;
	double	   *inverse = of->factor + c * of->stride;

	for (size_t i = 0; i < width; i++)
		memcpy(lower + i * width, of->covariance + c * of->stride + i * of->padded, (i + 1) * sizeof(double));
	PS_TRY(ps_cholesky(env, lower, width, 0, dependent, &rank, error));
	if (rank < width)
		return ps_fail(error, PS_NO_SOLUTION, "the covariance of a cluster is not positive definite");
	*log_determinant = 0;
	for (size_t i = 0; i < width; i++)
	{
		const double *row = lower + i * width;
		double	   *out = inverse + i * of->padded;

		*log_determinant += 2 * log(row[i]);
		memset(out, 0, width * sizeof(double));
		for (size_t m = 0; m < i; m++)
			for (size_t j = 0; j <= m; j++)
				out[j] -= row[m] * inverse[m * of->padded + j];
		for (size_t j = 0; j < i; j++)
			out[j] /= row[i];
		out[i] = 1 / row[i];
		if (i % 8 == 7)
			PS_TRY(ps_poll(env, 0, error));
	}
	return PS_OK;
}

ps_status
ps_mixture_prepare(const ps_env *env, ps_mixture *of, double *matrix, bool *dependent, ps_error *error)
{
	double		log_determinant = 0;	/* of a tied covariance that of the first cluster */

	for (size_t c = 0; c < of->k; c++)
	{
		const double *covariance = of->covariance + c * of->stride;
		const double *mean = of->mean + c * of->padded;
		double	   *factor = of->factor + c * of->stride;

		if (ps_covariance_is_matrix(of->form))
		{
			if (of->form == PS_TIED && c > 0)
				memcpy(factor, of->factor, of->stride * sizeof(double));
			else
				PS_TRY(invert_factor(env, of, c, matrix, dependent, &log_determinant, error));
			for (size_t i = 0; i < of->width; i++)
			{
				double		sum = 0;

				for (size_t j = 0; j <= i; j++)
					sum += factor[i * of->padded + j] * mean[j];
				of->offset[c * of->padded + i] = sum;
			}
		}
		else
		{
			log_determinant = 0;
			for (size_t j = 0; j < of->width; j++)
			{
				factor[j] = 1 / sqrt(covariance[j]);
				log_determinant += log(covariance[j]);
			}
		}
		of->constant[c] = log(of->share[c]) - 0.5 * (log_determinant + (double) of->width * LOG_TWO_PI);
	}
	return PS_OK;
}

double
ps_mixture_parameters(const ps_mixture *of)
{
	size_t		means = of->k * (1 + of->width) - 1;

	if (of->form == PS_TIED)
		return (double) (means + ps_covariance_numbers(PS_TIED, of->width));

	/* of each cluster a direction and two variances; of all, the units of columns */
	if (of->form == PS_STRETCHED && of->width > 1)
		return (double) (means + of->k * (of->width + 1) + of->width - 1);
	return (double) (means + of->k * ps_covariance_numbers(of->form, of->width));
}

size_t
ps_covariance_numbers(ps_covariance_form form, size_t width)
{
	return ps_covariance_is_matrix(form) ? width * (width + 1) / 2 : form == PS_DIAGONAL ? width : 1;
}

bool
ps_covariance_find(const char *name, ps_covariance_form *form)
{
	for (int i = 0; i < PS_COVARIANCE_FORMS; i++)
		if (strcmp(name, ps_covariance_names[i]) == 0)
		{
			*form = (ps_covariance_form) i;
			return true;
		}
	return false;
}
