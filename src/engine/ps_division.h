/*-------------------------------------------------------------------------
 *
 * ps_division.h
 *	  Customers divided into those who teach models of their histories and
 *	  those who judge them.
 *
 * The division must not depend on what the models do not: the order of the
 * rows, the units of time and money, amounts at all, and whether equal
 * customers are so many rows or one with a weight.  So customers stand in
 * line by what is modelled, each as long as his weight, and one unit in five
 * of that line judges.  Equal customers are neighbours, and are divided as
 * evenly as wholes allow: most of a cohort may have bought once, on one day,
 * and all in one part they would make the parts two different shops.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_DIVISION_H
#define PS_DIVISION_H

#include "ps_frame.h"

/*
 * Give for each row of a frame how much of its weight judges, (*judging)[rows],
 * and how many customers there are, by weight.  The frame begins with a purchase
 * history, or with frequency, recency and tenure; columns that follow are
 * covariates.  Rows without a history judge nothing.
 */
extern ps_status ps_divide_customers(const ps_env *env, const ps_frame *frame, double **judging, double *customers,
									 ps_error *error);

/* Two frames of the same rows, without those of weight 0: of the weight that does not judge, and of that which does. */
extern ps_status ps_frame_share_out(const ps_env *env, ps_frame *frame, const double *judging, ps_frame **learning_rows,
									ps_frame **judging_rows, ps_error *error);

#endif							/* PS_DIVISION_H */
