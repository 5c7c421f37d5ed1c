/*-------------------------------------------------------------------------
 *
 * ps_dense.c
 *	  Dense symmetric systems: Cholesky factor, solution, forms of the inverse.
 *
 * The factor is built row by row (Golub and Van Loan, Matrix Computations,
 * 4.2), so that the inner loop is a product of two contiguous rows.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_dense.h"

#include <math.h>
#include <string.h>

/* The inner product, in four sums that do not wait for each other. */
static double
product(const double *x, const double *y, size_t n)
{
	double		sums[4] = {0, 0, 0, 0};
	size_t		i = 0;

	for (; i + 4 <= n; i += 4)
		for (size_t part = 0; part < 4; part++)
			sums[part] += x[i + part] * y[i + part];
	for (; i < n; i++)
		sums[0] += x[i] * y[i];
	return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

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
			row[j] = dependent[j] ? 0 : (row[j] - product(row, other, j)) / other[j];
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
		if (i % 8 == 7)
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

		b[i] = dependent[i] ? 0 : (b[i] - product(row, b, i)) / row[i];
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

/* v' (L L')^-1 v is the squared length of L^-1 v. */
double
ps_cholesky_inverse_form(const double *factor, size_t n, const bool *dependent, const double *v, size_t first,
						 double *scratch)
{
	double		form = 0;

	for (size_t i = first; i < n; i++)
	{
		const double *row = factor + i * n;

		scratch[i] = dependent[i] ? 0 : (v[i] - product(row + first, scratch + first, i - first)) / row[i];
		form += scratch[i] * scratch[i];
	}
	return form;
}
