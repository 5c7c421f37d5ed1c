/*-------------------------------------------------------------------------
 *
 * ps_cluster_numbers.c
 *	  See ps_cluster_numbers.h.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_cluster_numbers.h"

ps_status
ps_cluster_numbers_load(const ps_env *env, const ps_value *parameters, const ps_cluster_numbers **out,
						ps_error *error)
{
	ps_cluster_numbers *numbers;
	const ps_value *list;
	bool	   *taken;
	int64_t		number;

	PS_TRY(ps_value_need(parameters, "clusters", PS_LIST, &list, error));
	if (list->count == 0 || list->count > PS_CLUSTER_NUMBER_MAX)
		return ps_fail(error, PS_CORRUPT, "there are %d clusters", (int64_t) list->count);
	PS_TRY(ps_alloc_zero(env, 1, sizeof(*numbers), &numbers, error));
	PS_TRY(ps_alloc(env, list->count, sizeof(int32_t), &numbers->numbers, error));
	PS_TRY(ps_alloc_zero(env, PS_CLUSTER_NUMBER_MAX + 1, sizeof(bool), &taken, error));
	numbers->count = list->count;
	for (size_t i = 0; i < list->count; i++)
	{
		PS_TRY(ps_value_need_integer(list->items[i], "cluster", 1, PS_CLUSTER_NUMBER_MAX, &number, error));
		if (taken[number])
			return ps_fail(error, PS_CORRUPT, "two clusters have number %d", number);
		taken[number] = true;
		numbers->numbers[i] = (int32_t) number;
		if (number > numbers->highest)
			numbers->highest = (int32_t) number;
	}
	numbers->last = numbers->highest;
	if (ps_value_get(parameters, "last_number") != NULL)
	{
		PS_TRY(ps_value_need_integer(parameters, "last_number", numbers->highest, PS_CLUSTER_NUMBER_MAX, &number,
									 error));
		numbers->last = (int32_t) number;
	}
	ps_release(env, taken);
	*out = numbers;
	return PS_OK;
}

ps_status
ps_cluster_numbers_apply(const ps_env *env, const ps_cluster_numbers *numbers, ps_question question, ps_answer *answer,
						 ps_error *error)
{
	double	   *spread;

	if (answer->null)
		return PS_OK;
	answer->number = numbers->numbers[(size_t) answer->number - 1];
	if (question != PS_ASK_CLUSTERS)
		return PS_OK;
	PS_TRY(ps_alloc_zero(env, (size_t) numbers->highest, sizeof(double), &spread, error));
	for (size_t i = 0; i < numbers->count; i++)
		spread[numbers->numbers[i] - 1] = answer->numbers[i];
	answer->numbers = spread;
	answer->count = (size_t) numbers->highest;
	return PS_OK;
}

ps_status
ps_cluster_numbers_save(const ps_env *env, const int32_t *numbers, int32_t last, ps_value *parameters, ps_error *error)
{
	const ps_value *list = ps_value_get(parameters, "clusters");
	int32_t		highest = 0;

	for (size_t i = 0; i < list->count; i++)
	{
		PS_TRY(ps_value_set_number(env, list->items[i], "cluster", numbers[i], error));
		if (numbers[i] > highest)
			highest = numbers[i];
	}
	return last == highest ? PS_OK : ps_value_set_number(env, parameters, "last_number", last, error);
}
