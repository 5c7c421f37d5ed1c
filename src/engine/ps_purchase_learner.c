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

static const char *const names[] = {"r", "alpha", "a", "b"};

const ps_option ps_purchase_options[] = {
	PS_HISTORY_FREQUENCY,
	PS_HISTORY_RECENCY,
	PS_HISTORY_TENURE,
	{0}
};

ps_status
ps_purchase_choose(const ps_env *env, const ps_value *options, const ps_column *columns, size_t n,
				   size_t *features, size_t *nfeatures, ps_value *notes, ps_error *error)
{
	(void) env;
	(void) notes;
	return ps_history_choose(options, columns, n, PS_HISTORY_TIMES, features, nfeatures, error);
}

ps_status
ps_purchase_fit_rows(const ps_env *env, const ps_history_reader *reader, const ps_frame *frame, bool early,
					 ps_value *parameters, ps_value *notes, ps_error *error)
{
	ps_purchase_group *rows;
	ps_fit		fit;
	size_t		n = 0;
	double		single = 0;
	int64_t		unknown = 0;

	PS_TRY(ps_alloc(env, ps_frame_rows(frame), sizeof(*rows), &rows, error));
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
			rows[n++] = (ps_purchase_group) {history.frequency, history.recency, history.tenure, weight};
			single += history.frequency == 0 ? weight : 0;
		}
	}
	PS_TRY(ps_purchase_learn(env, rows, n, early, &fit, error));
	ps_release(env, rows);

	if (unknown > 0)
		PS_TRY(ps_note(env, notes, error, "%d of %d rows are left out: their purchase history is null", unknown,
					   (int64_t) ps_frame_rows(frame)));
	if (!early && single > MANY_SINGLE * fit.customers)
		PS_TRY(ps_note(env, notes, error, "%g of %g customers have no repeat purchase, and bg_nbd takes all of them "
					   "to be alive; mbg_nbd does not", single, fit.customers));
	PS_TRY(ps_parameters_note(env, &fit, "purchase", notes, error));
	return ps_parameters_store(env, &fit, names, PS_NEWTON_MAX, parameters, error);
}

ps_status
ps_purchase_fit(const ps_env *env, const ps_frame *frame, const ps_value *options, bool early,
				ps_value *parameters, ps_value *notes, ps_error *error)
{
	const char *time_unit = ps_value_text_or(options, "time_unit", "day");
	ps_history_reader reader;

	PS_TRY(ps_history_open_frame(&reader, PS_HISTORY_TIMES, time_unit, frame, error));
	PS_TRY(ps_value_set_text(env, parameters, "time_unit", time_unit, error));
	return ps_purchase_fit_rows(env, &reader, frame, early, parameters, notes, error);
}

ps_status
ps_purchase_make(const ps_env *env, const ps_value *given, const ps_value *options, ps_value *parameters,
				 ps_error *error)
{
	PS_TRY(ps_value_set_text(env, parameters, "time_unit", ps_value_text_or(options, "time_unit", "day"), error));
	return ps_parameters_make(env, given, names, PS_NEWTON_MAX, parameters, error);
}

ps_status
ps_purchase_load_model(const ps_value *parameters, bool early, const char *other, ps_purchase_state *state,
					   ps_error *error)
{
	const char *others[] = {"time_unit", other};
	const ps_value *time_unit;
	double		values[PS_NEWTON_MAX];

	PS_TRY(ps_value_need(parameters, "time_unit", PS_STRING, &time_unit, error));
	state->unit = ps_time_unit_days(time_unit->text);
	if (!(state->unit > 0))
		return ps_fail(error, PS_CORRUPT, "\"time_unit\" is \"%s\", which is no unit", time_unit->text);
	PS_TRY(ps_parameters_load(parameters, names, PS_NEWTON_MAX, others, other != NULL ? 2 : 1, values, error));
	state->model = (ps_purchase) {early, values[0], values[1], values[2], values[3]};
	return PS_OK;
}

ps_status
ps_purchase_load(const ps_env *env, const ps_value *parameters, const ps_input *inputs, size_t ninputs, bool early,
				 void **state, ps_error *error)
{
	ps_purchase_state *loaded;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*loaded), &loaded, error));
	PS_TRY(ps_purchase_load_model(parameters, early, NULL, loaded, error));
	PS_TRY(ps_history_open(&loaded->reader, PS_HISTORY_TIMES, ps_value_text_or(parameters, "time_unit", ""), inputs,
						   ninputs, error));
	*state = loaded;
	return PS_OK;
}

ps_status
ps_purchase_answer_history(const ps_purchase_state *state, ps_question question, const ps_history *history,
						   const ps_request *request, ps_answer *answer, ps_error *error)
{
	const ps_purchase *model = &state->model;
	double		x = history->frequency,
				t_x = history->recency,
				T = history->tenure,
				alive = ps_expit(ps_purchase_log_odds(model, x, t_x, T)),
				horizon = request->horizon / state->unit,
				survival,
				purchases;

	answer->null = false;
	answer->number = alive;
	if (question == PS_ASK_SCORE || (question == PS_ASK_ALIVE && !request->has_horizon))
		return PS_OK;
	if (!request->has_horizon)
	{
		ps_fail(error, PS_INVALID_DATA, "%s of a purchase model needs a horizon", ps_question_name(question));
		return ps_hint(error, "Give the period ahead as an interval, for example '90 days'.");
	}
	if (question == PS_ASK_CHURN)
	{
		answer->number = ps_purchase_silence(model, x, t_x, T, horizon);
		return PS_OK;
	}
	ps_purchase_forecast(model, x, T, horizon, &survival, &purchases);
	answer->number = alive * (question == PS_ASK_ALIVE ? survival : purchases);
	return PS_OK;
}

ps_status
ps_purchase_answer(const ps_env *env, const void *state, ps_question question, const ps_cell *cells,
				   const ps_request *request, ps_answer *answer, ps_error *error)
{
	const ps_purchase_state *loaded = state;
	ps_history	history;

	(void) env;
	PS_TRY(ps_history_read(&loaded->reader, cells, &history, &answer->null, error));
	if (answer->null)
		return PS_OK;
	return ps_purchase_answer_history(loaded, question, &history, request, answer, error);
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
	const ps_purchase *model;
	double		customers;
	double		log_likelihood;
} purchase_sums;

static void
add_purchases(void *argument, const ps_history *history, double weight)
{
	purchase_sums *sums = argument;

	sums->customers += weight;
	sums->log_likelihood += weight * ps_purchase_log_likelihood(sums->model, history->frequency, history->recency,
																history->tenure);
}

ps_status
ps_purchase_evaluate(const ps_env *env, const void *state, const ps_frame *frame, ps_value *metrics, double *loss,
					 ps_error *error)
{
	const ps_purchase_state *loaded = state;
	purchase_sums sums = {&loaded->model, 0, 0};

	PS_TRY(ps_history_each(env, &loaded->reader, frame, add_purchases, &sums, error));
	return ps_purchase_metrics(env, sums.customers, sums.log_likelihood, metrics, loss, error);
}
