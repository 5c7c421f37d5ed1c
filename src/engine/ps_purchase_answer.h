/*-------------------------------------------------------------------------
 *
 * ps_purchase_answer.h
 *	  What purchase models answer about one customer.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_PURCHASE_ANSWER_H
#define PS_PURCHASE_ANSWER_H

#include "ps_covariates.h"
#include "ps_history.h"
#include "ps_purchase.h"
#include "ps_uncertainty.h"

#define PS_PURCHASE_ANSWERS \
	((1u << PS_ASK_SCORE) | (1u << PS_ASK_ALIVE) | (1u << PS_ASK_PURCHASES) | (1u << PS_ASK_CHURN) | \
	 (1u << PS_ASK_EXACTLY) | (1u << PS_ASK_AT_LEAST) | (1u << PS_ASK_NEXT) | (1u << PS_ASK_ALIVE_BELOW) | \
	 (1u << PS_ASK_CHURN_ABOVE) | (1u << PS_ASK_PURCHASES_BOUND) | (1u << PS_ASK_DISCOUNTED) | \
	 (1u << PS_ASK_ALIVE_LOG_ODDS))

/* A purchase model ready to answer. */
typedef struct ps_purchase_state
{
	ps_purchase model;
	double		unit;			/* days in its time unit */
	ps_uncertainty uncertainty; /* of the model's values */
	ps_history_reader reader;
	ps_covariates_reader *covariates;	/* or NULL */
} ps_purchase_state;

/* The functions of ps_learner. */
extern ps_status ps_purchase_answer(const ps_env *env, const void *state, ps_question question, const ps_cell *cells,
									const ps_request *request, ps_answer *answer, ps_error *error);
extern bool ps_purchase_takes_numbers(const void *state);
extern bool ps_purchase_answer_numbers(const void *state, ps_question question, const ps_numbers *row,
									   const ps_request *request, double *answer);

/* Find the state with the parameters of a row: state itself, or copy, which is filled then. */
extern ps_status ps_purchase_state_of_row(const ps_purchase_state *state, const ps_cell *cells, ps_purchase_state *copy,
										  const ps_purchase_state **out, ps_error *error);

/* Answer for a history that was read. */
extern ps_status ps_purchase_answer_history(const ps_env *env, const ps_purchase_state *state, ps_question question,
											const ps_history *history, const ps_request *request,
											ps_answer *answer, ps_error *error);

/* Expected purchases within the horizon of the request, or without end, each discounted by its wait. */
extern ps_status ps_purchase_discounted(const ps_purchase_state *state, ps_question question, const ps_history *history,
										const ps_request *request, double *purchases, ps_error *error);

#endif							/* PS_PURCHASE_ANSWER_H */
