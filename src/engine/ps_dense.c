/*-------------------------------------------------------------------------
 *
 * ps_dense.c
 *	  Dense symmetric systems: Cholesky factor, solution, inverse.
 *
 * The factor is built row by row (Golub and Van Loan, Matrix Computations,
 * 4.2), so that the inner loop is a product of two contiguous rows.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_dense.h"

#include <math.h>
#include <string.h>

ps_status
ps_cholesky(const ps_env *env, double *matrix, size_t n, double threshold,
			bool *dependent, size_t *rank, ps_error *error)
{
	*rank = 0;
	for (size_t i = 0; i < n; i++)
	{
		double	   *row = matrix + i * n;
		double		pivot = row[i];

		for (size_t j = 0; j < i; j++)
		{
			const double *other = matrix + j * n;
			double		sum = row[j];

			for (size_t m = 0; m < j; m++)
				sum -= row[m] * other[m];
			row[j] = dependent[j] ? 0 : sum / other[j];
			pivot -= row[j] * row[j];
		}

		/* written so that NaN counts as dependent */
		dependent[i] = !(pivot > threshold * row[i] && pivot > 0);
		if (dependent[i])
			memset(row, 0, (i + 1) * sizeof(double));
		else
		{
			row[i] = sqrt(pivot);
			(*rank)++;
		}
		if (i % 64 == 63)
			PS_TRY(ps_poll(env, 0, error));
	}
	return PS_OK;
}

void
ps_cholesky_solve(const double *factor, size_t n, const bool *dependent, double *b)
{
	for (size_t i = 0; i < n; i++)
	{
		const double *row = factor + i * n;
		double		sum = b[i];

		for (size_t j = 0; j < i; j++)
			sum -= row[j] * b[j];
		b[i] = dependent[i] ? 0 : sum / row[i];
	}
	for (size_t i = n; i-- > 0;)
	{
		const double *row = factor + i * n;

		if (dependent[i])
			continue;
		b[i] /= row[i];
		for (size_t j = 0; j < i; j++)
			b[j] -= row[j] * b[i];
	}
}

ps_status
ps_cholesky_inverse(const ps_env *env, const double *factor, size_t n, const bool *dependent,
					double *inverse, ps_error *error)
{
	memset(inverse, 0, n * n * sizeof(double));
	for (size_t i = 0; i < n; i++)
	{
		inverse[i * n + i] = dependent[i] ? 0 : 1;
		ps_cholesky_solve(factor, n, dependent, inverse + i * n);
		if (i % 16 == 15)
			PS_TRY(ps_poll(env, 0, error));
	}
	return PS_OK;
}
