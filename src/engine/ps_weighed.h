/*-------------------------------------------------------------------------
 *
 * ps_weighed.h
 *	  Order statistics of numbers with weights: those of as many copies of each
 *	  number as its weight says.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_WEIGHED_H
#define PS_WEIGHED_H

#include "ps_env.h"

typedef struct ps_weighed
{
	double		value;
	double		weight;			/* 0 or more */
} ps_weighed;

/* Sort by value, then by weight. */
extern ps_status ps_weighed_sort(const ps_env *env, ps_weighed *numbers, size_t count, ps_error *error);

/* The least of count > 0 sorted numbers that has, with those below, more than this weight; else the largest. */
extern double ps_weighed_from_below(const ps_weighed *sorted, size_t count, double weight);

/* The same from the largest one down. */
extern double ps_weighed_from_above(const ps_weighed *sorted, size_t count, double weight);

/*
 * The least of count > 0 numbers that has, with those below, at least the
 * share alpha of the weight; sorts them.
 */
extern ps_status ps_weighed_quantile(const ps_env *env, ps_weighed *numbers, size_t count, double alpha,
									 double *quantile, ps_error *error);

#endif							/* PS_WEIGHED_H */
