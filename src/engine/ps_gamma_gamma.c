/*-------------------------------------------------------------------------
 *
 * ps_gamma_gamma.c
 *	  The method gamma_gamma: expected spend per purchase.
 *
 * Learns from customers with repeat purchases and a mean amount above 0, the
 * only ones the model allows; answers PS_ASK_SCORE with the expected amount
 * of a purchase for everybody.  That is null where it does not exist: for
 * customers without repeats when q <= 1.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "ps_learners.h"
#include "ps_purchase_learner.h"
#include "ps_spend_learner.h"

static const char *const names[] = {"p", "q", "v"};

#define PARAMETERS 3

/*
 * Facts on what the model takes for granted: that customers who buy more often
 * spend neither more nor less.  Fader and Hardie (note 025) accept the 0.11 of
 * the CDNOW sample, whose ranks have 0.21.  A medium effect by Cohen (1988),
 * when one explains 9 % of the other's variance, is noted, unless it is within
 * three standard errors of independent numbers.
 */
static const char *const dependence[] = {"correlation", "rank_correlation"};

#define DEPENDENCE 2
#define MATERIAL 0.3
#define CERTAIN 3.0

typedef struct spend_state
{
	ps_spend	model;
	ps_history_reader reader;
} spend_state;

static const ps_option own_options[] = {
	PS_HISTORY_FREQUENCY,
	PS_HISTORY_MONETARY,
	{0}
};

bool
ps_spend_is_known(const ps_history *history)
{
	return history->frequency > 0 && history->monetary > 0;
}

double
ps_spend_expected(const ps_spend *model, const ps_history *history)
{
	return ps_spend_mean(model, isnan(history->monetary) ? 0 : history->frequency, history->monetary);
}

static ps_status
choose(const ps_env *env, const ps_value *options, const ps_column *columns, size_t n, size_t *features,
	   size_t *nfeatures, ps_value *notes, ps_error *error)
{
	(void) env;
	(void) notes;
	return ps_history_choose(options, columns, n, PS_HISTORY_MONEY, features, nfeatures, error);
}

/* Store how far frequency and amount depend on each other, and say so where it matters. */
static ps_status
store_dependence(const ps_env *env, const ps_spend_row *rows, size_t n, double customers, ps_value *parameters,
				 ps_value *notes, ps_error *error)
{
	double		values[DEPENDENCE],
				strongest = 0;

	PS_TRY(ps_spend_dependence(env, rows, n, &values[0], &values[1], error));
	for (int i = 0; i < DEPENDENCE; i++)
	{
		strongest = fmax(strongest, fabs(values[i]));
		PS_TRY(ps_value_set_number(env, parameters, dependence[i], values[i], error));
	}
	if (strongest < MATERIAL || strongest * sqrt(customers) < CERTAIN)
		return PS_OK;
	return ps_note(env, notes, error, "the spend model takes what customers spend to be independent of how often they buy, but "
				   "their correlation is %g (of ranks %g): values by frequency may be off", ps_rounded(values[0], 2),
				   ps_rounded(values[1], 2));
}

/* Validate that they are correlations, where they are there. */
static ps_status
check_dependence(const ps_value *parameters, ps_error *error)
{
	for (int i = 0; i < DEPENDENCE; i++)
	{
		const ps_value *value = ps_value_get(parameters, dependence[i]);

		if (value != NULL && value->type != PS_NULL && !(value->type == PS_NUMBER && fabs(value->number) <= 1))
			return ps_fail(error, PS_CORRUPT, "member \"%s\" of the parameters is not valid", dependence[i]);
	}
	return PS_OK;
}

ps_status
ps_spend_fit_rows(const ps_env *env, const ps_history_reader *reader, const ps_frame *frame, ps_value *parameters,
				  ps_value *notes, ps_error *error)
{
	ps_spend_row *rows;
	ps_fit		fit;
	size_t		n = 0;
	int64_t		zero = 0,
				unknown = 0;

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
			if (null || weight == 0 || history.frequency == 0)
				continue;
			if (ps_spend_is_known(&history))
				rows[n++] = (ps_spend_row) {history.frequency, history.monetary, weight};
			else if (isnan(history.monetary))
				unknown++;
			else
				zero++;
		}
	}
	if (zero + unknown > 0)
		PS_TRY(ps_note(env, notes, error, "%d repeat customers are left out of the spend model: %d with a mean amount "
					   "of 0, %d with an unknown one", zero + unknown, zero, unknown));
	PS_TRY(ps_spend_learn(env, rows, n, &fit, error));
	PS_TRY(ps_parameters_note(env, &fit, "spend", notes, error));
	PS_TRY(ps_parameters_store(env, &fit, names, PARAMETERS, parameters, error));
	PS_TRY(store_dependence(env, rows, n, fit.customers, parameters, notes, error));
	ps_release(env, rows);
	return PS_OK;
}

static ps_status
fit(const ps_env *env, const ps_frame *frame, const ps_value *options, ps_value *parameters, ps_value *notes,
	ps_error *error)
{
	ps_history_reader reader;

	PS_TRY(ps_history_open_frame(&reader, PS_HISTORY_MONEY, ps_value_text_or(options, "time_unit", "day"), frame,
								 error));
	return ps_spend_fit_rows(env, &reader, frame, parameters, notes, error);
}

ps_status
ps_spend_make(const ps_env *env, const ps_value *given, ps_value *parameters, ps_error *error)
{
	return ps_parameters_make(env, given, names, PARAMETERS, parameters, error);
}

static ps_status
make(const ps_env *env, const ps_value *given, const ps_value *options, ps_value *parameters, ps_error *error)
{
	(void) options;
	return ps_spend_make(env, given, parameters, error);
}

ps_status
ps_spend_load_model(const ps_value *parameters, ps_spend *model, ps_uncertainty *uncertainty, ps_error *error)
{
	double		values[PARAMETERS];

	PS_TRY(ps_parameters_load(parameters, names, PARAMETERS, dependence, DEPENDENCE, values, error));
	PS_TRY(check_dependence(parameters, error));
	*model = (ps_spend) {values[0], values[1], values[2]};
	if (uncertainty != NULL)
		ps_uncertainty_load(parameters, PARAMETERS, uncertainty);
	return PS_OK;
}

static ps_status
load(const ps_env *env, const ps_value *parameters, const ps_input *inputs, size_t ninputs, void **state,
	 ps_error *error)
{
	spend_state *loaded;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*loaded), &loaded, error));
	PS_TRY(ps_spend_load_model(parameters, &loaded->model, NULL, error));
	PS_TRY(ps_history_open(&loaded->reader, PS_HISTORY_MONEY, "day", inputs, ninputs, error));
	*state = loaded;
	return PS_OK;
}

static ps_status
answer_question(const ps_env *env, const void *state, ps_question question, const ps_cell *cells,
				const ps_request *request, ps_answer *answer, ps_error *error)
{
	const spend_state *loaded = state;
	ps_history	history;

	(void) env;
	(void) question;
	(void) request;
	PS_TRY(ps_history_read(&loaded->reader, cells, &history, &answer->null, error));
	if (answer->null)
		return PS_OK;
	answer->number = ps_spend_expected(&loaded->model, &history);
	answer->null = isnan(answer->number);
	return PS_OK;
}

typedef struct spend_sums
{
	const ps_spend *model;
	double		customers;
	double		log_likelihood;
} spend_sums;

static ps_status
add_spend(void *argument, const ps_history *history, double weight, size_t row, ps_error *error)
{
	spend_sums *sums = argument;

	(void) row;
	(void) error;
	if (!ps_spend_is_known(history))
		return PS_OK;
	sums->customers += weight;
	sums->log_likelihood += weight * ps_spend_log_likelihood(sums->model, history->frequency, history->monetary);
	return PS_OK;
}

static ps_status
evaluate(const ps_env *env, const void *state, const ps_frame *frame, ps_value *metrics, double *loss,
		 ps_error *error)
{
	const spend_state *loaded = state;
	spend_sums	sums = {&loaded->model, 0, 0};

	PS_TRY(ps_history_each(env, &loaded->reader, frame, add_spend, &sums, error));
	return ps_purchase_metrics(env, sums.customers, sums.log_likelihood, metrics, loss, error);
}

const ps_learner ps_learner_gamma_gamma = {
	.name = "gamma_gamma",
	.kind = "spend",
	.needs_target = false,
	.answers = 1u << PS_ASK_SCORE,
	.options = own_options,
	.choose = choose,
	.fit = fit,
	.make = make,
	.load = load,
	.answer = answer_question,
	.evaluate = evaluate
};
