/*-------------------------------------------------------------------------
 *
 * ps_spend_learner.h
 *	  Parts of the method gamma_gamma that clv needs too.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_SPEND_LEARNER_H
#define PS_SPEND_LEARNER_H

#include "ps_history.h"
#include "ps_parameters.h"
#include "ps_spend.h"
#include "ps_uncertainty.h"

/* Learn from repeat customers with a known amount above 0, and store the parameters. */
extern ps_status ps_spend_fit_rows(const ps_env *env, const ps_history_reader *reader, const ps_frame *frame,
								   ps_value *parameters, ps_value *notes, ps_error *error);

/* Validate parameters and read them, and how sure they are where uncertainty is not NULL. */
extern ps_status ps_spend_load_model(const ps_value *parameters, ps_spend *model, ps_uncertainty *uncertainty,
									 ps_error *error);

/* Copy parameters that a user gives. */
extern ps_status ps_spend_make(const ps_env *env, const ps_value *given, ps_value *parameters, ps_error *error);

/* True when a customer's spend says something: repeat purchases of a known amount above 0. */
extern bool ps_spend_is_known(const ps_history *history);

/*
 * Expected amount per purchase.  Where the amounts of the repeat purchases are
 * unknown it is the population's; NAN where that does not exist.
 */
extern double ps_spend_expected(const ps_spend *model, const ps_history *history);

#endif							/* PS_SPEND_LEARNER_H */
