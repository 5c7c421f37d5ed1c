/*-------------------------------------------------------------------------
 *
 * ps_weighed.c
 *	  Order statistics of numbers with weights.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_weighed.h"

#include "ps_sort.h"

static int
compare_weighed(const void *a, const void *b)
{
	const ps_weighed *left = a;
	const ps_weighed *right = b;

	if (left->value != right->value)
		return left->value < right->value ? -1 : 1;
	return left->weight < right->weight ? -1 : left->weight > right->weight ? 1 : 0;
}

ps_status
ps_weighed_sort(const ps_env *env, ps_weighed *numbers, size_t count, ps_error *error)
{
	return ps_sort(env, numbers, count, sizeof(*numbers), compare_weighed, error);
}

double
ps_weighed_from_below(const ps_weighed *sorted, size_t count, double weight)
{
	double		sum = sorted[0].weight;
	size_t		i = 0;

	while (i + 1 < count && sum <= weight)
		sum += sorted[++i].weight;
	return sorted[i].value;
}

double
ps_weighed_from_above(const ps_weighed *sorted, size_t count, double weight)
{
	double		sum = sorted[count - 1].weight;
	size_t		i = count - 1;

	while (i > 0 && sum <= weight)
		sum += sorted[--i].weight;
	return sorted[i].value;
}

ps_status
ps_weighed_quantile(const ps_env *env, ps_weighed *numbers, size_t count, double alpha, double *quantile,
					ps_error *error)
{
	double		total = 0;
	double		below = 0;
	size_t		i = 0;

	PS_TRY(ps_weighed_sort(env, numbers, count, error));
	for (size_t k = 0; k < count; k++)
		total += numbers[k].weight;
	while (i + 1 < count && (below += numbers[i].weight) < alpha * total)
		i++;
	*quantile = numbers[i].value;
	return PS_OK;
}
