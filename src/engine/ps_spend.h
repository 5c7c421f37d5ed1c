/*-------------------------------------------------------------------------
 *
 * ps_spend.h
 *	  The gamma-gamma model of spend per purchase: likelihood, fit, mean.
 *
 * A customer's amounts are Gamma(p, rate nu), nu ~ Gamma(q, rate v) (Fader,
 * Hardie, Lee 2005; Fader, Hardie 2013, note 025).  x is the number of
 * purchases averaged, m > 0 their mean; v is in units of money.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_SPEND_H
#define PS_SPEND_H

#include "ps_newton.h"

typedef struct ps_spend
{
	double		p,
				q,
				v;
} ps_spend;

typedef struct ps_spend_row
{
	double		frequency;		/* x >= 1 */
	double		amount;			/* m > 0 */
	double		weight;
} ps_spend_row;

/*
 * Add value and derivatives in (log p, log q, log v) of the rows from .. to - 1
 * to sums.  rows are sorted by frequency.
 */
extern void ps_spend_accumulate(const ps_spend_row *rows, size_t from, size_t to, const double *theta,
								ps_newton_sums *sums);

/* Learn p, q, v; rows[n] are sorted in place and not put together: amounts hardly ever repeat. */
extern ps_status ps_spend_learn(const ps_env *env, ps_spend_row *rows, size_t n, ps_fit *fit, ps_error *error);

/*
 * How far frequency and amount depend on each other, which the model takes not
 * to be so: the weighted correlation of both, and that of their ranks; NAN
 * where one of them does not vary.  rows[n] are sorted by frequency.
 */
extern ps_status ps_spend_dependence(const ps_env *env, const ps_spend_row *rows, size_t n, double *correlation,
									 double *rank_correlation, ps_error *error);

/* Log-likelihood of one customer. */
extern double ps_spend_log_likelihood(const ps_spend *model, double x, double m);

/* Expected amount per purchase of a customer (x = 0: of the population); NAN where the mean does not exist. */
extern double ps_spend_mean(const ps_spend *model, double x, double m);

#endif							/* PS_SPEND_H */
