/*-------------------------------------------------------------------------
 *
 * ps_holdout.h
 *	  Which rows are held out, and which make up a sample: choices by hashes of
 *	  what rows say, never by their place.
 *
 * The identity of a row is a hash of a salt with its key or, without one, with
 * its content and its number among its copies: where few values are possible,
 * rows that say the same are different customers.  The salt of a hold-out is the model's name, so that the same
 * customers are held out from every version of a model.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_HOLDOUT_H
#define PS_HOLDOUT_H

#include "ps_frame.h"

/* Start of the identities for a name. */
extern uint64_t ps_holdout_salt(const char *name);

/* Extend a hash by cells[n] of these columns, whose order counts, and the target. */
extern uint64_t ps_holdout_content(uint64_t hash, const ps_column *columns, size_t n, const ps_cell *cells,
								   double target);

/* Is the row of an identity held out? share 0..1 of the rows are. */
extern bool ps_holdout_has(uint64_t identity, double share);

/*
 * A uniform sample of rows that come one after the other, without their
 * number being known: the wanted ones with the smallest hashes, which are the
 * same for any order of the rows (bottom-k sampling).
 */
typedef struct ps_sample ps_sample;

/* An empty sample of wanted >= 1 rows. */
extern ps_status ps_sample_create(const ps_env *env, size_t wanted, ps_sample **out, ps_error *error);

/* Not in the sample. */
#define PS_SAMPLE_NONE SIZE_MAX

/*
 * Offer a row.  *place receives where it goes among the rows of the sample,
 * from 0: behind them, in place of one that leaves the sample, or
 * PS_SAMPLE_NONE.
 */
extern ps_status ps_sample_offer(ps_sample *sample, uint64_t hash, size_t *place, ps_error *error);

#endif							/* PS_HOLDOUT_H */
