/*-------------------------------------------------------------------------
 *
 * ps_purchase.h
 *	  What BG/NBD and MBG/NBD share: likelihood, fit and forecasts.
 *
 * Both say: while alive, a customer buys at rate lambda ~ Gamma(r, rate alpha);
 * after a purchase he drops out with probability p ~ Beta(a, b).  BG/NBD
 * (Fader, Hardie, Lee 2005) starts drawing at the first repeat purchase,
 * MBG/NBD (Batislam, Denizel, Filiztekin 2007) already at the first purchase.
 * With x repeat purchases, the last at t_x, observed for T since the first,
 * a living customer has survived n = x (BG) or x + 1 (MBG) draws; nothing
 * else differs.  R = r + x and A = alpha + T throughout.
 *
 * Times are in the unit of alpha.  Valid arguments: 0 <= t_x <= T,
 * t_x = 0 exactly when x = 0, all finite.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_PURCHASE_H
#define PS_PURCHASE_H

#include "ps_newton.h"

typedef struct ps_purchase
{
	bool		early;			/* MBG: may drop out right after the first purchase */
	double		r,
				alpha,
				a,
				b;
} ps_purchase;

/* Equal rows are one group. */
typedef struct ps_purchase_group
{
	double		frequency;
	double		recency;
	double		tenure;
	double		weight;
} ps_purchase_group;

/* A hash of frequency, recency and tenure. */
extern uint64_t ps_purchase_hash(const ps_purchase_group *group);

/* Equal ones of rows[n] together as *groups, ordered by frequency; rows is only read. */
extern ps_status ps_purchase_put_together(const ps_env *env, const ps_purchase_group *rows, size_t n,
										  ps_purchase_group **groups, size_t *ngroups, ps_error *error);

/*
 * Add value and derivatives in (log r, log alpha, log a, log b) of the groups
 * from .. to - 1 to sums; fast where equal frequencies are neighbours.
 */
extern void ps_purchase_accumulate(const ps_purchase_group *groups, size_t from, size_t to, bool early,
								   const double *theta, ps_newton_sums *sums);

/* Learn r, alpha, a, b; the times of rows[n] are scaled in place. */
extern ps_status ps_purchase_learn(const ps_env *env, ps_purchase_group *rows, size_t n, bool early,
								   ps_fit *fit, ps_error *error);

/* Log-likelihood of one customer. */
extern double ps_purchase_log_likelihood(const ps_purchase *model, double x, double t_x, double T);

/* log(P(alive) / P(dropped out)) at T; INFINITY where nobody can have dropped out. */
extern double ps_purchase_log_odds(const ps_purchase *model, double x, double t_x, double T);

/*
 * Given alive at T: P(still alive at T + h) and the expected number of
 * purchases within h >= 0.
 */
extern void ps_purchase_forecast(const ps_purchase *model, double x, double T, double h,
								 double *survival, double *purchases);

/* P(no purchase within h >= 0), dropped out or not. */
extern double ps_purchase_silence(const ps_purchase *model, double x, double t_x, double T, double h);

/*
 * Given alive at T: expected purchases within h, each worth exp(-delta * wait);
 * h may be INFINITY when delta > 0.
 */
extern double ps_purchase_discounted(const ps_purchase *model, double x, double T, double h, double delta);

#endif							/* PS_PURCHASE_H */
