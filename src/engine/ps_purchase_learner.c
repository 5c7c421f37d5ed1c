/*-------------------------------------------------------------------------
 *
 * ps_purchase_learner.c
 *	  What the methods built on a purchase model share as learners.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "ps_purchase_learner.h"
#include "ps_special.h"

/* Share of customers without a repeat purchase from which BG/NBD's view of them matters. */
#define MANY_SINGLE 0.6

/* How far ahead the day is looked for on which something comes true. */
#define DAYS_MAX 100000

/* Occasions ahead that an answer may sum over. */
#define OCCASIONS_MAX 1e6

const ps_option ps_purchase_options[] = {
	PS_HISTORY_FREQUENCY,
	PS_HISTORY_RECENCY,
	PS_HISTORY_TENURE,
	{0}
};

const ps_option ps_covariates_purchase_options[] = {
	PS_HISTORY_FREQUENCY,
	PS_HISTORY_RECENCY,
	PS_HISTORY_TENURE,
	PS_COVARIATES_OPTIONS,
	{0}
};

unsigned
ps_purchase_needs(const ps_purchase_law *law)
{
	return PS_HISTORY_TIMES | (law->occasions ? PS_HISTORY_OCCASIONS : 0);
}

ps_status
ps_purchase_choose(const ps_value *options, const ps_column *columns, size_t n, const ps_purchase_law *law,
				   size_t *features, size_t *nfeatures, ps_error *error)
{
	PS_TRY(ps_history_choose(options, columns, n, ps_purchase_needs(law), features, nfeatures, error));
	return ps_covariates_choose(options, law, columns, n, features, nfeatures, error);
}

ps_status
ps_purchase_fit_rows(const ps_env *env, const ps_history_reader *reader, const ps_frame *frame,
					 const ps_value *options, const ps_purchase_law *law, ps_value *parameters, ps_value *notes,
					 ps_error *error)
{
	ps_purchase_group *rows;
	ps_covariates *covariates = NULL;
	ps_fit		fit;
	size_t		n = 0;
	double		single = 0;
	int64_t		unknown = 0;

	PS_TRY(ps_alloc(env, ps_frame_rows(frame), sizeof(*rows), &rows, error));
	if (ps_covariates_asked(options))
		PS_TRY(ps_covariates_begin(env, frame, ps_history_width(reader->needs, ps_frame_column(frame, 0)->type), options, &covariates, notes, error));
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		const double *weights = ps_frame_weights(frame, chunk);

		PS_TRY(ps_poll(env, 0, error));
		for (size_t i = 0; i < ps_frame_chunk_rows(frame, chunk); i++)
		{
			double		weight = weights != NULL ? weights[i] : 1;
			ps_history	history;
			bool		null;

			PS_TRY(ps_history_read_frame(reader, frame, chunk, i, &history, &null, error));
			unknown += null;
			if (null || weight == 0)
				continue;
			if (covariates != NULL)
				PS_TRY(ps_covariates_read(covariates, chunk * PS_FRAME_CHUNK + i, n, error));
			rows[n++] = (ps_purchase_group) {history.frequency, history.recency, history.tenure, weight};
			single += history.frequency == 0 ? weight : 0;
		}
	}
	if (covariates != NULL)
		PS_TRY(ps_covariates_reduce(env, covariates, rows, n, notes, error));
	PS_TRY(ps_purchase_learn(env, law, rows, n, covariates, &fit, error));
	ps_release(env, rows);

	if (unknown > 0)
		PS_TRY(ps_note(env, notes, error, "%d of %d rows are left out: their purchase history is null", unknown,
					   (int64_t) ps_frame_rows(frame)));
	if (law->immortal && single > MANY_SINGLE * fit.customers)
		PS_TRY(ps_note(env, notes, error, "%g of %g customers have no repeat purchase, and bg_nbd takes all of them "
					   "to be alive; mbg_nbd does not", single, fit.customers));
	PS_TRY(ps_parameters_note(env, &fit, "purchase", notes, error));
	if (covariates != NULL)
		PS_TRY(ps_covariates_save(env, law, covariates, options, &fit, parameters, error));
	return ps_parameters_store(env, &fit, law->names, PS_PURCHASE_PARAMETERS, parameters, error);
}

ps_status
ps_purchase_fit(const ps_env *env, const ps_frame *frame, const ps_value *options,
				const ps_purchase_law *law, ps_value *parameters, ps_value *notes, ps_error *error)
{
	const char *time_unit = ps_value_text_or(options, "time_unit", "day");
	ps_history_reader reader;

	PS_TRY(ps_history_open_frame(&reader, ps_purchase_needs(law), time_unit, frame, error));
	PS_TRY(ps_value_set_text(env, parameters, "time_unit", time_unit, error));
	return ps_purchase_fit_rows(env, &reader, frame, options, law, parameters, notes, error);
}

ps_status
ps_purchase_make(const ps_env *env, const ps_value *given, const ps_value *options, const ps_purchase_law *law,
				 ps_value *parameters, ps_error *error)
{
	if (ps_covariates_asked(options))
		return ps_fail(error, PS_INVALID_OPTION, "a model with covariates cannot be made from parameters");
	PS_TRY(ps_value_set_text(env, parameters, "time_unit", ps_value_text_or(options, "time_unit", "day"), error));
	return ps_parameters_make(env, given, law->names, PS_PURCHASE_PARAMETERS, parameters, error);
}

ps_status
ps_purchase_load_model(const ps_env *env, const ps_value *parameters, const ps_input *inputs, size_t ninputs,
					   const ps_purchase_law *law, unsigned needs, const char *other, ps_purchase_state *state,
					   ps_error *error)
{
	const char *others[] = {"time_unit", "covariates", other};
	bool		covariates = ps_value_get(parameters, "covariates") != NULL;
	const ps_value *time_unit;

	PS_TRY(ps_value_need(parameters, "time_unit", PS_STRING, &time_unit, error));
	state->unit = ps_time_unit_days(time_unit->text);
	if (!(state->unit > 0))
		return ps_fail(error, PS_CORRUPT, "\"time_unit\" is \"%s\", which is no unit", time_unit->text);
	state->model.law = law;
	PS_TRY(ps_parameters_load(parameters, law->names, PS_PURCHASE_PARAMETERS, others, other != NULL ? 3 : 2,
							  covariates ? NULL : state->model.values, error));
	if (!covariates)
		ps_uncertainty_load(parameters, PS_PURCHASE_PARAMETERS, &state->uncertainty);
	else
	{
		const ps_value *object;
		size_t		first = ps_history_width(needs, ninputs > 0 ? inputs[0].type : PS_TYPE_OTHER);

		PS_TRY(ps_value_need(parameters, "covariates", PS_OBJECT, &object, error));
		PS_TRY(ps_covariates_load(env, object, law, inputs, ninputs, first, &state->covariates, state->model.values,
								  error));
		ninputs = first;
	}
	return ps_history_open(&state->reader, needs, time_unit->text, inputs, ninputs, error);
}

ps_status
ps_purchase_load(const ps_env *env, const ps_value *parameters, const ps_input *inputs, size_t ninputs,
				 const ps_purchase_law *law, void **state, ps_error *error)
{
	ps_purchase_state *loaded;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*loaded), &loaded, error));
	PS_TRY(ps_purchase_load_model(env, parameters, inputs, ninputs, law, ps_purchase_needs(law), NULL, loaded, error));
	*state = loaded;
	return PS_OK;
}

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

ps_status
ps_purchase_model_of_row(const ps_purchase_state *state, const ps_frame *frame, size_t row, ps_cell *cells,
						 ps_purchase *out, ps_error *error)
{
	*out = state->model;
	if (state->covariates == NULL)
		return PS_OK;
	ps_frame_row(frame, row, cells);
	return ps_covariates_apply(state->covariates, cells, out, error);
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

ps_status
ps_purchase_metrics(const ps_env *env, double customers, double log_likelihood, ps_value *metrics, double *loss,
					ps_error *error)
{
	if (!(customers > 0))
		return ps_fail(error, PS_TOO_LITTLE_DATA, "there is no customer with a known history to evaluate on");
	*loss = -log_likelihood / customers;
	PS_TRY(ps_value_set_number(env, metrics, "customers", customers, error));
	PS_TRY(ps_value_set_number(env, metrics, "log_likelihood", log_likelihood, error));
	return ps_value_set_number(env, metrics, "mean_log_likelihood", -*loss, error);
}

typedef struct purchase_sums
{
	const ps_purchase_state *state;
	const ps_frame *frame;
	ps_cell    *cells;
	double		customers;
	double		log_likelihood;
} purchase_sums;

static ps_status
add_purchases(void *argument, const ps_history *history, double weight, size_t row, ps_error *error)
{
	purchase_sums *sums = argument;
	ps_purchase model;

	PS_TRY(ps_purchase_model_of_row(sums->state, sums->frame, row, sums->cells, &model, error));
	sums->customers += weight;
	sums->log_likelihood += weight * model.law->log_likelihood(&model, history->frequency, history->recency,
															   history->tenure);
	return PS_OK;
}

ps_status
ps_purchase_evaluate(const ps_env *env, const void *state, const ps_frame *frame, ps_value *metrics, double *loss,
					 ps_error *error)
{
	const ps_purchase_state *loaded = state;
	purchase_sums sums = {loaded, frame, NULL, 0, 0};

	PS_TRY(ps_alloc_zero(env, ps_frame_columns(frame), sizeof(ps_cell), &sums.cells, error));
	PS_TRY(ps_history_each(env, &loaded->reader, frame, add_purchases, &sums, error));
	return ps_purchase_metrics(env, sums.customers, sums.log_likelihood, metrics, loss, error);
}
