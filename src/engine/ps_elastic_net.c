/*-------------------------------------------------------------------------
 *
 * ps_elastic_net.c
 *	  The least point of a quadratic form with L1 and L2 penalties.
 *
 * Coordinate descent with covariance updates (Friedman, Hastie and Tibshirani
 * 2010, section 2): the product A b is kept, so that a coefficient that stays
 * as it is costs nothing, and a sweep little more than its active ones.
 *
 * Coordinate descent is quick to find which coefficients are not 0, and slow
 * to find their values where columns are correlated.  When two sweeps leave
 * the signs as they were, the values for these signs are computed by Cholesky;
 * they are taken if they have the signs, and the next sweep proves them.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_elastic_net.h"

#include <math.h>
#include <string.h>

#include "ps_dense.h"

#define MOST_SWEEPS 10000
#define MOVED 1e-9				/* A_jj times step^2 is below the square of this times A_00 */
#define DEPENDENT 1e-12

typedef struct elastic_net
{
	const ps_env *env;
	const double *matrix;
	size_t		stride;
	size_t		n;
	const double *linear;
	double		l1;
	double		l2;
	double	   *b;
	double	   *product;		/* A b */
	signed char *signs;			/* of b, after the last sweep */
	size_t	   *active;			/* n; where b is not 0, and the intercept */
	double	   *factor;			/* of A for the active ones; NULL before it is needed */
	size_t		room;			/* active ones that factor and solution are for */
	double	   *solution;
	bool	   *dependent;		/* n */
} elastic_net;

static signed char
sign_of(double x)
{
	return (signed char) ((x > 0) - (x < 0));
}

/* Recompute A b. */
static ps_status
multiply(elastic_net *net, ps_error *error)
{
	memset(net->product, 0, net->n * sizeof(double));
	for (size_t j = 0; j < net->n; j++)
	{
		const double *row = net->matrix + j * net->stride;

		for (size_t i = 0; net->b[j] != 0 && i < net->n; i++)
			net->product[i] += net->b[j] * row[i];
		if (j % 256 == 255)
			PS_TRY(ps_poll(net->env, 0, error));
	}
	return PS_OK;
}

/* Minimise over each coefficient in turn.  *changed when a sign did; returns the largest A_jj step_j^2. */
static double
sweep(elastic_net *net, bool *changed)
{
	double		largest = 0;

	*changed = false;
	for (size_t j = 0; j < net->n; j++)
	{
		const double *row = net->matrix + j * net->stride;
		double		curvature = row[j];
		double		pull = net->linear[j] - net->product[j] + curvature * net->b[j];
		double		l1 = j == 0 ? 0 : net->l1;
		double		l2 = j == 0 ? 0 : net->l2;
		double		b = 0;
		double		step;

		if (curvature + l2 > 0 && fabs(pull) > l1)
			b = (pull - copysign(l1, pull)) / (curvature + l2);
		step = b - net->b[j];
		if (sign_of(b) != net->signs[j])
			*changed = true;
		net->signs[j] = sign_of(b);
		if (step == 0)
			continue;
		net->b[j] = b;
		largest = fmax(largest, curvature * step * step);
		for (size_t i = 0; i < net->n; i++)
			net->product[i] += step * row[i];
	}
	return largest;
}

/* Compute the values that go with the signs, and take them if they have these signs. */
static ps_status
solve_for_signs(elastic_net *net, ps_error *error)
{
	const ps_env *env = net->env;
	size_t		count = 0;
	size_t		rank;

	for (size_t j = 0; j < net->n; j++)
		if (j == 0 || net->signs[j] != 0)
			net->active[count++] = j;
	if (count > net->room)
	{
		ps_release(env, net->factor);
		ps_release(env, net->solution);
		net->room = count;
		PS_TRY(ps_alloc(env, count * count, sizeof(double), &net->factor, error));
		PS_TRY(ps_alloc(env, count, sizeof(double), &net->solution, error));
	}
	for (size_t a = 0; a < count; a++)
	{
		size_t		j = net->active[a];

		net->solution[a] = net->linear[j] - (j == 0 ? 0 : net->l1 * net->signs[j]);
		for (size_t b = 0; b <= a; b++)
			net->factor[a * count + b] = net->matrix[j * net->stride + net->active[b]] +
				(a == b && j > 0 ? net->l2 : 0);
	}
	PS_TRY(ps_cholesky(env, net->factor, count, DEPENDENT, net->dependent, &rank, error));
	if (rank < count)
		return PS_OK;
	ps_cholesky_solve(net->factor, count, net->dependent, net->solution);
	for (size_t a = 0; a < count; a++)
		if (net->active[a] > 0 && sign_of(net->solution[a]) != net->signs[net->active[a]])
			return PS_OK;
	for (size_t a = 0; a < count; a++)
		net->b[net->active[a]] = net->solution[a];
	return multiply(net, error);
}

ps_status
ps_elastic_net(const ps_env *env, const double *matrix, size_t stride, size_t n,
			   const double *linear, double l1, double l2, double *b, ps_error *error)
{
	elastic_net net = {
		.env = env,.matrix = matrix,.stride = stride,.n = n,.linear = linear,.l1 = l1,.l2 = l2,.b = b
	};
	bool		tried = false;	/* to solve for the present signs */

	PS_TRY(ps_alloc(env, n, sizeof(double), &net.product, error));
	PS_TRY(ps_alloc_zero(env, n, sizeof(signed char), &net.signs, error));
	PS_TRY(ps_alloc(env, n, sizeof(size_t), &net.active, error));
	PS_TRY(ps_alloc(env, n, sizeof(bool), &net.dependent, error));
	PS_TRY(multiply(&net, error));
	for (int i = 0; i < MOST_SWEEPS; i++)
	{
		bool		changed;

		if (sweep(&net, &changed) <= MOVED * MOVED * matrix[0])
			break;
		PS_TRY(ps_poll(env, 0, error));
		tried = tried && !changed;
		if (!changed && !tried)
		{
			tried = true;
			PS_TRY(solve_for_signs(&net, error));
		}
	}
	ps_release(env, net.product);
	ps_release(env, net.signs);
	ps_release(env, net.active);
	ps_release(env, net.dependent);
	ps_release(env, net.factor);
	ps_release(env, net.solution);
	return PS_OK;
}
