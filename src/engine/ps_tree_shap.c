/*-------------------------------------------------------------------------
 *
 * ps_tree_shap.c
 *	  Shapley values of trees, leaf by leaf.
 *
 * Let known_i be 1 if the splits of input i on the way to a leaf all send the
 * row there, otherwise 0, and share_i the product of the shares of training
 * rows that those splits send there.  A set S of known inputs gets from the
 * leaf
 *		value  prod_{i in S} known_i  prod_{i not in S} share_i
 * Let each input be known with the probability t.  The expected worth is
 *		value  prod_i f_i(t),  f_i(t) = share_i + t (known_i - share_i)
 * and the Shapley value of i is the integral over t from 0 to 1 of its
 * derivative in the probability of i alone (Owen 1972):
 *		value  (known_i - share_i)  integral of prod_{j != i} f_j(t)
 * The integrand is a polynomial of one degree less than there are inputs on
 * the way, so Gauss-Legendre quadrature with half as many points is exact.
 * Every factor is positive: nothing cancels, however deep the tree, as it
 * would in sums over the sizes of sets.
 *
 * Where both numbers of an input are 0, no row came to the leaf and this one
 * does not either: it counts for nothing.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_tree_shap.h"

#include <math.h>

#define POLL_NODES 1024
#define PI 3.14159265358979323846

/* An input on the way from the root. */
typedef struct shap_input
{
	uint32_t	number;
	double		known;
	double		share;
} shap_input;

/* One row going down. */
typedef struct shap_walk
{
	const ps_env *env;
	const ps_ensemble *ensemble;
	const uint8_t *slots;
	double	   *contributions;
	size_t		nodes;			/* since the last poll */
	size_t		points;
	double	   *at;				/* points */
	double	   *weights;		/* points */
	size_t		ninputs;		/* on the way */
	shap_input *inputs;			/* as many as the deepest tree has splits on a way, and one more */
	double	   *products;		/* of all f at each point, for each depth */
} shap_walk;

/*
 * Set points and weights of Gauss-Legendre quadrature over 0..1: roots of the
 * Legendre polynomial P_n by Newton's method, weights 1 / ((1 - x^2) P_n'(x)^2)
 * (Abramowitz and Stegun 25.4.29, halved for an interval of length 1).
 */
static void
set_points(shap_walk *walk)
{
	double		n = (double) walk->points;

	for (size_t k = 0; k < walk->points; k++)
	{
		double		x = cos(PI * ((double) k + 0.75) / (n + 0.5));
		double		slope = 1;

		for (int step = 0; step < 6; step++)
		{
			double		last = 1;
			double		value = x;

			for (double m = 2; m <= n; m++)
			{
				double		next = ((2 * m - 1) * x * value - (m - 1) * last) / m;

				last = value;
				value = next;
			}
			slope = n * (last - x * value) / (1 - x * x);
			x -= value / slope;
		}
		walk->at[k] = (1 + x) / 2;
		walk->weights[k] = 1 / ((1 - x * x) * slope * slope);
	}
}

/* f of an input at a point. */
static inline double
factor(const shap_input *input, double t)
{
	return (1 - t) * input->share + t * input->known;
}

/* Add what a leaf gives to each input on the way. */
static void
add_leaf(shap_walk *walk, const double *products, double value)
{
	for (size_t i = 0; i < walk->ninputs; i++)
	{
		const shap_input *input = &walk->inputs[i];
		double		sum = 0;

		for (size_t k = 0; k < walk->points; k++)
			sum += walk->weights[k] * products[k] / factor(input, walk->at[k]);
		walk->contributions[input->number] += value * (input->known - input->share) * sum;
	}
}

/* Go down from a node that is depth splits below the root. */
static ps_status
visit(shap_walk *walk, size_t at, size_t depth, ps_error *error)
{
	const ps_ensemble *ensemble = walk->ensemble;
	const ps_score_node *node = &ensemble->nodes[at];
	const double *products = walk->products + depth * walk->points;
	double	   *next = walk->products + (depth + 1) * walk->points;
	size_t		ninputs = walk->ninputs;
	size_t		place = 0;
	shap_input	before;
	bool		right;

	if (++walk->nodes >= POLL_NODES)
	{
		walk->nodes = 0;
		PS_TRY(ps_poll(walk->env, 0, error));
	}
	if (node->left == at)
	{
		add_leaf(walk, products, ensemble->values[at]);
		return PS_OK;
	}
	while (place < ninputs && walk->inputs[place].number != ensemble->numbers[at])
		place++;
	if (place == ninputs)
		walk->inputs[walk->ninputs++] = (shap_input) {ensemble->numbers[at], 1, 1};
	before = walk->inputs[place];
	right = ps_score_right(node, walk->slots);
	for (size_t side = 0; side < 2; side++)
	{
		shap_input *input = &walk->inputs[place];

		input->known = right == (side == 1) ? before.known : 0;
		input->share = before.share * (side == 0 ? ensemble->left_shares[at] : 1 - ensemble->left_shares[at]);
		if (input->known == 0 && input->share == 0)
			continue;
		for (size_t k = 0; k < walk->points; k++)
			next[k] = products[k] / factor(&before, walk->at[k]) * factor(input, walk->at[k]);
		PS_TRY(visit(walk, node->left + side, depth + 1, error));
	}
	walk->inputs[place] = before;
	walk->ninputs = ninputs;
	return PS_OK;
}

/* Make room for the ways down to the deepest leaves. */
static ps_status
open_walk(const ps_env *env, const ps_ensemble *ensemble, shap_walk *walk, ps_error *error)
{
	size_t		deepest = 0;

	for (size_t t = 0; t < ensemble->count; t++)
		if (ensemble->trees[t].depth > deepest)
			deepest = ensemble->trees[t].depth;
	walk->points = ((deepest < ensemble->ninputs ? deepest : ensemble->ninputs) + 1) / 2;
	PS_TRY(ps_alloc(env, walk->points, sizeof(double), &walk->at, error));
	PS_TRY(ps_alloc(env, walk->points, sizeof(double), &walk->weights, error));
	PS_TRY(ps_alloc(env, deepest + 1, sizeof(*walk->inputs), &walk->inputs, error));
	PS_TRY(ps_alloc(env, deepest + 1, walk->points * sizeof(double), &walk->products, error));
	set_points(walk);
	for (size_t k = 0; k < walk->points; k++)
		walk->products[k] = 1;
	return PS_OK;
}

ps_status
ps_ensemble_shap_slots(const ps_env *env, const ps_ensemble *ensemble, const uint8_t *slots, double *mean,
					   double *contributions, ps_error *error)
{
	shap_walk	walk = {.env = env,.ensemble = ensemble,.slots = slots,.contributions = contributions};

	PS_TRY(open_walk(env, ensemble, &walk, error));
	for (size_t t = 0; t < ensemble->count; t++)
	{
		*mean += ensemble->values[ensemble->trees[t].root];
		PS_TRY(visit(&walk, ensemble->trees[t].root, 0, error));
	}
	ps_release(env, walk.at);
	ps_release(env, walk.weights);
	ps_release(env, walk.inputs);
	ps_release(env, walk.products);
	return PS_OK;
}

ps_status
ps_ensemble_shap(const ps_env *env, const ps_ensemble *ensemble, const ps_cell *cells, double *mean,
				 double *contributions, ps_error *error)
{
	uint8_t    *slots;

	PS_TRY(ps_alloc(env, ensemble->slots, 1, &slots, error));
	PS_TRY(ps_ensemble_slots(ensemble, cells, slots, error));
	PS_TRY(ps_ensemble_shap_slots(env, ensemble, slots, mean, contributions, error));
	ps_release(env, slots);
	return PS_OK;
}
