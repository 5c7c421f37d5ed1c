/*-------------------------------------------------------------------------
 *
 * ps_cluster_numbers.h
 *	  The numbers that the clusters of a model are called by.
 *
 * The parameters of every model of kind "cluster" have
 *
 *	  clusters		list of objects whose member "cluster" is the number
 *	  last_number	the highest number ever given under the model's name, where
 *					none of the clusters has it any more
 *
 * A method's own code knows clusters by their places in that list, from 1;
 * ps_model_ask gives the numbers.  A first version has the numbers 1..k in the
 * order of the list.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_CLUSTER_NUMBERS_H
#define PS_CLUSTER_NUMBERS_H

#include "ps_learner.h"

/* The highest number of a cluster. */
#define PS_CLUSTER_NUMBER_MAX 10000

/* The questions that are answered by a place or, PS_ASK_CLUSTERS, by a number for each place. */
#define PS_CLUSTER_QUESTIONS \
	(1u << PS_ASK_SCORE | 1u << PS_ASK_CLUSTER | 1u << PS_ASK_SECOND_CLUSTER | 1u << PS_ASK_CLUSTERS)

typedef struct ps_cluster_numbers
{
	size_t		count;
	int32_t    *numbers;		/* of each place */
	int32_t		highest;
	int32_t		last;			/* highest ever given, at least highest */
} ps_cluster_numbers;

/* Read the numbers of untrusted parameters: 1 or more of them, all different. */
extern ps_status ps_cluster_numbers_load(const ps_env *env, const ps_value *parameters,
										 const ps_cluster_numbers **out, ps_error *error);

/*
 * Put numbers for places into an answer to one of PS_CLUSTER_QUESTIONS.  Of
 * several, element i is that of number i, 0 where no cluster has the number.
 */
extern ps_status ps_cluster_numbers_apply(const ps_env *env, const ps_cluster_numbers *numbers, ps_question question,
										  ps_answer *answer, ps_error *error);

/* Give the clusters in parameters other numbers, numbers[count of clusters]. */
extern ps_status ps_cluster_numbers_save(const ps_env *env, const int32_t *numbers, int32_t last, ps_value *parameters,
										 ps_error *error);

#endif							/* PS_CLUSTER_NUMBERS_H */
