/*-------------------------------------------------------------------------
 *
 * ps_purchase_answer.c
 *	  What purchase models answer about one customer.
 *
 * Most answers are formulas of the law.  Days are looked for, since what is
 * asked about only ever becomes true; bounds move the parameters
 * (ps_uncertainty.h).
 *
 *-------------------------------------------------------------------------
 */
#include "ps_purchase_answer.h"

#include <math.h>

/* How far ahead the day is looked for on which something comes true. */
#define DAYS_MAX 100000

/* Occasions ahead that an answer may sum over. */
#define OCCASIONS_MAX 1e6

ps_status
ps_purchase_state_of_row(const ps_purchase_state *state, const ps_cell *cells, ps_purchase_state *copy,
						 const ps_purchase_state **out, ps_error *error)
{
	*out = state;
	if (state->covariates == NULL)
		return PS_OK;
	*copy = *state;
	*out = copy;
	return ps_covariates_apply(state->covariates, cells, &copy->model, error);
}

/* A period of days in the unit of the model; of occasions, how many are complete. */
static double
horizon_in_units(const ps_purchase_state *state, double days)
{
	double		horizon = days / state->unit;

	return state->model.law->occasions ? floor(horizon * (1 + 1e-9)) : horizon;
}

/* Is it true that ... after so many days? */
static bool
is_reached(const ps_purchase_state *state, ps_question question, const ps_history *history, const ps_request *request,
		   double days)
{
	const ps_purchase *model = &state->model;
	double		x = history->frequency,
				t_x = history->recency,
				T = history->tenure,
				later = T + horizon_in_units(state, days);

	if (question == PS_ASK_NEXT)
		return ps_purchase_silence(model, x, t_x, T, later - T) <= 1 - request->probability;
	if (question == PS_ASK_ALIVE_BELOW)
		return ps_purchase_alive(model, x, t_x, later) < request->probability;
	return ps_purchase_silence(model, x, t_x, later, horizon_in_units(state, request->horizon))
		>= request->probability;
}

/*
 * Find the first day on which it is true, by doubling and halving; all three
 * are false before a day and true from it on.
 */
static ps_status
answer_day(const ps_env *env, const ps_purchase_state *state, ps_question question, const ps_history *history,
		   const ps_request *request, ps_answer *answer, ps_error *error)
{
	int64_t		low = -1,
				high = 0;

	if (!(request->probability > 0 && request->probability < 1))
		return ps_fail(error, PS_INVALID_DATA, "the probability is %g, must be between 0 and 1", request->probability);

	/* who is lost buys no more: this saves the search */
	answer->null = question == PS_ASK_NEXT && request->probability >
		ps_purchase_alive(&state->model, history->frequency, history->recency, history->tenure);
	while (!answer->null && !is_reached(state, question, history, request, (double) high))
	{
		PS_TRY(ps_poll(env, 0, error));
		answer->null = high == DAYS_MAX;
		low = high;
		high = high < DAYS_MAX / 2 ? 2 * high + 1 : DAYS_MAX;
	}
	while (!answer->null && high - low > 1)
	{
		int64_t		middle = (low + high) / 2;

		PS_TRY(ps_poll(env, 0, error));
		if (is_reached(state, question, history, request, (double) middle))
			high = middle;
		else
			low = middle;
	}
	answer->number = (double) high;
	return PS_OK;
}

/* P(exactly ...) or P(at least so many purchases within the horizon), dropped out or not. */
static double
count_probability(const ps_purchase *model, ps_question question, const ps_history *history, double horizon, double count)
{
	double		x = history->frequency,
				T = history->tenure,
				alive = ps_purchase_alive(model, x, history->recency, T);

	if (question == PS_ASK_AT_LEAST)
		return count == 0 ? 1 : alive * model->law->at_least(model, x, T, horizon, count);
	return count == 0 ? ps_purchase_silence(model, x, history->recency, T, horizon) :
		alive * model->law->exactly(model, x, T, horizon, count);
}

/* Refuse questions without the horizon they need, or with one of too many occasions. */
static ps_status
check_horizon(const ps_purchase_state *state, ps_question question, const ps_request *request, ps_error *error)
{
	double		horizon = horizon_in_units(state, request->horizon);

	if (!request->has_horizon)
	{
		ps_fail(error, PS_INVALID_DATA, "%s of a purchase model needs a horizon", ps_question_name(question));
		return ps_hint(error, "Give the period ahead as an interval, for example '90 days'.");
	}
	if (state->model.law->occasions && horizon > OCCASIONS_MAX)
		return ps_fail(error, PS_INVALID_DATA, "the horizon has %g occasions to buy, must have at most %g", horizon,
					   OCCASIONS_MAX);
	return PS_OK;
}

ps_status
ps_purchase_discounted(const ps_purchase_state *state, ps_question question, const ps_history *history,
					   const ps_request *request, double *purchases, ps_error *error)
{
	const ps_purchase *model = &state->model;
	double		delta = log1p(request->discount) / 365.25 * state->unit,
				horizon = request->has_horizon ? horizon_in_units(state, request->horizon) : INFINITY;

	if (!request->has_horizon && !(delta > 0))
	{
		ps_fail(error, PS_INVALID_DATA, "%s without a horizon needs a discount above 0", ps_question_name(question));
		return ps_hint(error, "Give a horizon, for example '1 year', or a yearly discount, for example 0.1.");
	}
	*purchases = ps_purchase_alive(model, history->frequency, history->recency, history->tenure)
		* model->law->discounted(model, history->frequency, history->tenure, horizon, delta);
	return PS_OK;
}

/* A question about one customer to a model whose parameters may be moved. */
typedef struct moved_question
{
	ps_purchase_state state;
	const ps_history *history;
	const ps_request *request;
} moved_question;

/* ps_estimate of the expected purchases. */
static ps_status
estimate_purchases(const ps_env *env, void *argument, ps_answer *answer, ps_error *error)
{
	const moved_question *moved = argument;

	return ps_purchase_answer_history(env, &moved->state, PS_ASK_PURCHASES, moved->history, moved->request, answer,
									  error);
}

/* What the expected purchases are below with the probability of the request; null without a covariance. */
static ps_status
answer_bound(const ps_env *env, const ps_purchase_state *state, const ps_history *history, const ps_request *request,
			 ps_answer *answer, ps_error *error)
{
	moved_question moved = {*state, history, request};
	double	   *values[PS_PURCHASE_PARAMETERS];
	double		variance = 0;

	for (int i = 0; i < PS_PURCHASE_PARAMETERS; i++)
		values[i] = &moved.state.model.values[i];
	PS_TRY(estimate_purchases(env, &moved, answer, error));
	if (!state->uncertainty.known)
		variance = NAN;
	else if (answer->number > 0)
		PS_TRY(ps_uncertainty_add(env, &state->uncertainty, values, PS_PURCHASE_PARAMETERS, estimate_purchases, &moved,
								  &variance, error));
	return ps_uncertainty_bound(answer->number, variance, request->probability, answer, error);
}

ps_status
ps_purchase_answer_history(const ps_env *env, const ps_purchase_state *state, ps_question question,
						   const ps_history *history, const ps_request *request, ps_answer *answer, ps_error *error)
{
	const ps_purchase *model = &state->model;
	double		horizon = horizon_in_units(state, request->horizon),
				alive,
				survival,
				purchases;

	answer->null = false;
	if (question == PS_ASK_NEXT || question == PS_ASK_ALIVE_BELOW)
		return answer_day(env, state, question, history, request, answer, error);
	if (question == PS_ASK_DISCOUNTED)
		return ps_purchase_discounted(state, question, history, request, &answer->number, error);
	if (question != PS_ASK_SCORE && ((question != PS_ASK_ALIVE && question != PS_ASK_ALIVE_LOG_ODDS) || request->has_horizon))
		PS_TRY(check_horizon(state, question, request, error));
	switch (question)
	{
		case PS_ASK_PURCHASES_BOUND:
			return answer_bound(env, state, history, request, answer, error);
		case PS_ASK_ALIVE_LOG_ODDS:
			answer->number = ps_purchase_log_odds(model, history->frequency, history->recency, history->tenure,
												  request->has_horizon ? horizon : 0);
			answer->null = isinf(answer->number);
			return PS_OK;
		case PS_ASK_CHURN_ABOVE:
			return answer_day(env, state, question, history, request, answer, error);
		case PS_ASK_CHURN:
			answer->number = ps_purchase_silence(model, history->frequency, history->recency, history->tenure, horizon);
			return PS_OK;
		case PS_ASK_EXACTLY:
		case PS_ASK_AT_LEAST:
			if (!(request->count >= 0 && request->count == floor(request->count)))
				return ps_fail(error, PS_INVALID_DATA, "the number of purchases is %g, must be 0 or more",
							   request->count);
			answer->number = count_probability(model, question, history, horizon, request->count);
			return PS_OK;
		default:
			break;
	}
	alive = ps_purchase_alive(model, history->frequency, history->recency, history->tenure);
	answer->number = alive;
	if (question == PS_ASK_SCORE || !request->has_horizon)
		return PS_OK;
	model->law->forecast(model, history->frequency, history->tenure, horizon, &survival, &purchases);
	answer->number = alive * (question == PS_ASK_ALIVE ? survival : purchases);
	return PS_OK;
}

ps_status
ps_purchase_answer(const ps_env *env, const void *state, ps_question question, const ps_cell *cells,
				   const ps_request *request, ps_answer *answer, ps_error *error)
{
	const ps_purchase_state *loaded = state;
	const ps_purchase_state *at;
	ps_purchase_state copy;
	ps_history	history;

	PS_TRY(ps_history_read(&loaded->reader, cells, &history, &answer->null, error));
	if (answer->null)
		return PS_OK;
	PS_TRY(ps_purchase_state_of_row(loaded, cells, &copy, &at, error));
	return ps_purchase_answer_history(env, at, question, &history, request, answer, error);
}

bool
ps_purchase_takes_numbers(const void *state)
{
	const ps_purchase_state *loaded = state;

	return loaded->covariates == NULL && ps_history_takes_numbers(&loaded->reader);
}

/* The questions with closed answers: only the others poll. */
bool
ps_purchase_answer_numbers(const void *state, ps_question question, const ps_numbers *row, const ps_request *request,
						   double *answer)
{
	const unsigned closed = 1u << PS_ASK_SCORE | 1u << PS_ASK_ALIVE | 1u << PS_ASK_PURCHASES | 1u << PS_ASK_CHURN;
	const ps_purchase_state *loaded = state;
	ps_history	history;
	ps_answer	given;
	ps_error	error;

	if ((1u << question & closed) == 0 || !ps_history_read_numbers(&loaded->reader, row, &history) ||
		ps_purchase_answer_history(NULL, loaded, question, &history, request, &given, &error) != PS_OK)
		return false;
	*answer = given.number;
	return true;
}
