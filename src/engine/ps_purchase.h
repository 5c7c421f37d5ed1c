/*-------------------------------------------------------------------------
 *
 * ps_purchase.h
 *	  Purchase models: what they have in common, their fit and forecasts.
 *
 * A law says how customers buy while they are alive and how they drop out
 * for good, unseen.  Each customer made x repeat purchases, the last at t_x,
 * and was observed for T since the first purchase.  Of laws in continuous
 * time, times are in the unit of the parameters; a law of occasions
 * counts occasions: t_x is the number of the last one used, T how many there
 * were.  Valid arguments: 0 <= t_x <= T, t_x = 0 exactly when x = 0, all
 * finite; of occasions also whole numbers with x <= t_x.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_PURCHASE_H
#define PS_PURCHASE_H

#include "ps_newton.h"

#define PS_PURCHASE_PARAMETERS 4
#define PS_PURCHASE_PARTS 2		/* on which covariates act: purchases, lifetimes */

typedef struct ps_purchase_law ps_purchase_law;

/* A law with its parameters. */
typedef struct ps_purchase
{
	const ps_purchase_law *law;
	double		values[PS_PURCHASE_PARAMETERS];
} ps_purchase;

/* Equal rows are one group. */
typedef struct ps_purchase_group
{
	double		frequency;
	double		recency;
	double		tenure;
	double		weight;
} ps_purchase_group;

struct ps_purchase_law
{
	const char *method;			/* its name in SQL */
	const char *names[PS_PURCHASE_PARAMETERS];
	bool		occasions;		/* time is counted in occasions to buy */
	bool		early;			/* of beta-geometric laws: may drop out right after the first purchase */
	bool		immortal;		/* customers without repeats cannot have dropped out */

	/*
	 * Which parameters are times, and where fits start.  A law in continuous
	 * time is fitted in a unit that makes the mean tenure about 1, and
	 * starts[][1], its rate parameter alpha, is in mean times between
	 * purchases.
	 */
	bool		times[PS_PURCHASE_PARAMETERS];
	double		starts[3][PS_PURCHASE_PARAMETERS];

	/*
	 * Add value and derivatives in the logarithms of the parameters, theta, of
	 * the groups from .. to - 1 to sums, both halves of the Hessian; fast where
	 * equal frequencies are neighbours.
	 */
	void		(*accumulate) (const ps_purchase_law *law, const ps_purchase_group *groups, size_t from, size_t to,
							   const double *theta, ps_newton_sums *sums);

	/* Groups that accumulate takes in 20 ms at most. */
	size_t		block;

	/* What covariates of each part add their sum to log parameters with; NULL: the law takes none. */
	const double *covariate_signs[PS_PURCHASE_PARTS];

	/* Log-likelihood of one customer. */
	double		(*log_likelihood) (const ps_purchase *model, double x, double t_x, double T);

	/*
	 * log(P(alive) / P(dropped out)) at T; INFINITY where nobody can have
	 * dropped out.  Of occasions: alive at the next one.
	 */
	double		(*log_odds) (const ps_purchase *model, double x, double t_x, double T);

	/*
	 * Given alive at T: P(still alive at T + h) and the expected number of
	 * purchases within h >= 0.
	 */
	void		(*forecast) (const ps_purchase *model, double x, double T, double h, double *survival,
							 double *purchases);

	/* Given alive at T: the logarithms of P(still alive at T + h) and of P(dropped out by then), h > 0, both with all digits. */
	void		(*lifetime) (const ps_purchase *model, double x, double T, double h, double *log_alive, double *log_lost);

	/* Given alive at T: P(no purchase within h >= 0). */
	double		(*silence) (const ps_purchase *model, double x, double T, double h);

	/* Given alive at T: P(exactly n purchases within h >= 0) and P(n or more), n >= 1. */
	double		(*exactly) (const ps_purchase *model, double x, double T, double h, double n);
	double		(*at_least) (const ps_purchase *model, double x, double T, double h, double n);

	/*
	 * Given alive at T: expected purchases within h, each worth exp(-delta * wait);
	 * h may be INFINITY when delta > 0.
	 */
	double		(*discounted) (const ps_purchase *model, double x, double T, double h, double delta);
};

extern const ps_purchase_law ps_law_bg_nbd;
extern const ps_purchase_law ps_law_mbg_nbd;
extern const ps_purchase_law ps_law_pareto_nbd;
extern const ps_purchase_law ps_law_bg_bb;

/* The law of a method, or NULL; and the methods' names as a text option takes them, the default first. */
extern const ps_purchase_law *ps_purchase_law_find(const char *method);

#define PS_PURCHASE_METHODS "mbg_nbd bg_nbd pareto_nbd bg_bb"

/* A hash of frequency, recency and tenure. */
extern uint64_t ps_purchase_hash(const ps_purchase_group *group);

/* Equal ones of rows[n] together as *groups, ordered by frequency; rows is only read. */
extern ps_status ps_purchase_put_together(const ps_env *env, const ps_purchase_group *rows, size_t n,
										  ps_purchase_group **groups, size_t *ngroups, ps_error *error);

/*
 * With many groups, sample about 8,000 customers, on which starting points are
 * tried: one group in so many, chosen by content, and a part of the weight of each that
 * is heavier, in their order.  z, or NULL, are the design rows of the groups, width long, which go along.
 * *count is 0 with few groups, or where too few of them bought again.
 */
extern ps_status ps_purchase_sample(const ps_env *env, const ps_purchase_group *groups, const double *const *z,
									size_t width, size_t n, ps_purchase_group **sample, const double ***sample_z,
									size_t *count, ps_error *error);

/*
 * Learn the parameters; the times of rows[n] are scaled in place.  With
 * covariates (or NULL) those of fit are at the means of their columns.
 */
struct ps_covariates;
extern ps_status ps_purchase_learn(const ps_env *env, const ps_purchase_law *law, ps_purchase_group *rows, size_t n,
								   struct ps_covariates *covariates, ps_fit *fit, ps_error *error);

/* P(alive) at T. */
extern double ps_purchase_alive(const ps_purchase *model, double x, double t_x, double T);

/* log(P(alive) / P(dropped out)) at T + h, with all digits; INFINITY where nobody can have dropped out. */
extern double ps_purchase_log_odds(const ps_purchase *model, double x, double t_x, double T, double h);

/* P(no purchase within h >= 0), dropped out or not. */
extern double ps_purchase_silence(const ps_purchase *model, double x, double t_x, double T, double h);

#endif							/* PS_PURCHASE_H */
