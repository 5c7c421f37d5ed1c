/*-------------------------------------------------------------------------
 *
 * ps_assignment.h
 *	  The assignment problem: pairs of rows and columns with the largest sum of
 *	  profits.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_ASSIGNMENT_H
#define PS_ASSIGNMENT_H

#include "ps_env.h"

/* No column. */
#define PS_ASSIGNMENT_NONE SIZE_MAX

/*
 * Give each row a column of its own, or each column a row where there are more
 * rows than columns, such that the profits of the pairs, profits[nrows x
 * ncolumns], sum to the most.  columns[nrows] receives the column of each row,
 * or PS_ASSIGNMENT_NONE.  Profits times the smaller of both numbers are less
 * than 2^62 in absolute value, so that all sums are exact.
 */
extern ps_status ps_assignment_best(const ps_env *env, const int64_t *profits, size_t nrows, size_t ncolumns,
									size_t *columns, ps_error *error);

#endif							/* PS_ASSIGNMENT_H */
