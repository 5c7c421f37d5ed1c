/*-------------------------------------------------------------------------
 *
 * ps_clv.c
 *	  The method clv: a purchase model and gamma_gamma in one.
 *
 * Customer lifetime value is
 *		P(alive) * expected purchases to come, each discounted by its wait
 *				 * expected amount of a purchase,
 * which takes spend to be independent of the number of purchases.  The
 * discount is an effective rate per year of 365.25 days; without a horizon it
 * must be positive, since the undiscounted sum has no bound (its expectation
 * is infinite for a <= 1).
 *
 * The main number (PS_ASK_SCORE) is P(alive), as for the purchase model
 * alone: value depends on the horizon and discount of the question.
 *
 * The option purchase names the purchase model; with "auto" ps_choice.h
 * compares some, and this method is given the one chosen.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "ps_learners.h"
#include "ps_purchase_learner.h"
#include "ps_spend_learner.h"

typedef struct clv_state
{
	ps_purchase_state purchase;
	ps_spend	spend;
	ps_uncertainty spend_uncertainty;
} clv_state;

static const ps_option own_options[] = {
	PS_HISTORY_FREQUENCY,
	PS_HISTORY_RECENCY,
	PS_HISTORY_TENURE,
	PS_HISTORY_MONETARY,
	{"purchase", PS_OPTION_TEXT, NAN, 0, 0, PS_PURCHASE_METHODS " auto", "Purchase model to use."},
	PS_COVARIATES_OPTIONS,
	{0}
};

/* The models to compare: densities in time.  What bg_bb gives is a probability of occasions, which cannot be compared with them. */
static const char *const compared[] = {"mbg_nbd", "bg_nbd", "pareto_nbd", NULL};

/* Find the law that complete options ask for. */
static ps_status
find_law(const ps_value *options, const ps_purchase_law **law, ps_error *error)
{
	const char *method = ps_value_text_or(options, "purchase", "");

	*law = ps_purchase_law_find(method);
	if (*law != NULL)
		return PS_OK;
	ps_fail(error, PS_INVALID_OPTION, "option \"purchase\" is \"%s\", and there is nothing to choose by", method);
	return ps_hint(error, "Name the purchase model, or let fit or train choose it.");
}

static unsigned
needs(const ps_purchase_law *law)
{
	return ps_purchase_needs(law) | PS_HISTORY_MONEY;
}

static ps_status
choose(const ps_env *env, const ps_value *options, const ps_column *columns, size_t n, size_t *features,
	   size_t *nfeatures, ps_value *notes, ps_error *error)
{
	const ps_purchase_law *law;

	(void) env;
	(void) notes;
	PS_TRY(find_law(options, &law, error));
	PS_TRY(ps_history_choose(options, columns, n, needs(law), features, nfeatures, error));
	return ps_covariates_choose(options, law, columns, n, features, nfeatures, error);
}

/* Start the parameters: objects purchase, with its method and time unit, and spend. */
static ps_status
start_parameters(const ps_env *env, const ps_value *options, const ps_purchase_law *law, ps_value *parameters,
				 ps_value **purchase, ps_value **spend, ps_error *error)
{
	PS_TRY(ps_value_set_object(env, parameters, "purchase", purchase, error));
	PS_TRY(ps_value_set_text(env, *purchase, "method", law->method, error));
	PS_TRY(ps_value_set_text(env, *purchase, "time_unit", ps_value_text_or(options, "time_unit", "day"), error));
	return ps_value_set_object(env, parameters, "spend", spend, error);
}

static ps_status
fit(const ps_env *env, const ps_frame *frame, const ps_value *options, ps_value *parameters, ps_value *notes,
	ps_error *error)
{
	ps_history_reader reader;
	ps_value   *purchase,
			   *spend;
	const ps_purchase_law *law;

	PS_TRY(find_law(options, &law, error));
	PS_TRY(ps_history_open_frame(&reader, needs(law), ps_value_text_or(options, "time_unit", "day"), frame, error));
	PS_TRY(start_parameters(env, options, law, parameters, &purchase, &spend, error));
	PS_TRY(ps_purchase_fit_rows(env, &reader, frame, options, law, purchase, notes, error));
	return ps_spend_fit_rows(env, &reader, frame, spend, notes, error);
}

static ps_status
make(const ps_env *env, const ps_value *given, const ps_value *options, ps_value *parameters, ps_error *error)
{
	const ps_purchase_law *law;
	ps_value   *purchase,
			   *spend;

	PS_TRY(find_law(options, &law, error));
	for (size_t i = 0; i < given->count; i++)
	{
		if (strcmp(given->names[i], "purchase") != 0 && strcmp(given->names[i], "spend") != 0)
			return ps_fail(error, PS_INVALID_DATA, "there is no part \"%s\" of a clv model; the parts are purchase and spend",
						   given->names[i]);
	}
	PS_TRY(start_parameters(env, options, law, parameters, &purchase, &spend, error));
	if (ps_purchase_make(env, ps_value_get(given, "purchase"), options, law, purchase, error) != PS_OK ||
		ps_spend_make(env, ps_value_get(given, "spend"), spend, error) != PS_OK)
	{
		if (error->hint[0] == '\0')
			ps_hint(error, "Give {\"purchase\": {\"%s\": ..., \"%s\": ..., \"%s\": ..., \"%s\": ...}, "
					"\"spend\": {\"p\": ..., \"q\": ..., \"v\": ...}}.", law->names[0], law->names[1], law->names[2],
					law->names[3]);
		return error->status;
	}
	return PS_OK;
}

static ps_status
load(const ps_env *env, const ps_value *parameters, const ps_input *inputs, size_t ninputs, void **state,
	 ps_error *error)
{
	const ps_value *purchase,
			   *spend,
			   *candidates = NULL,	/* inform only */
			   *method;
	const ps_purchase_law *law;
	clv_state  *loaded;

	PS_TRY(ps_alloc_zero(env, 1, sizeof(*loaded), &loaded, error));
	PS_TRY(ps_value_need(parameters, "purchase", PS_OBJECT, &purchase, error));
	PS_TRY(ps_value_need(parameters, "spend", PS_OBJECT, &spend, error));
	if (ps_value_get(parameters, "candidates") != NULL)
		PS_TRY(ps_value_need(parameters, "candidates", PS_LIST, &candidates, error));
	if (parameters->count != (candidates == NULL ? 2 : 3))
		return ps_fail(error, PS_CORRUPT, "the parameters of a clv model are purchase, spend and candidates and nothing else");
	PS_TRY(ps_value_need(purchase, "method", PS_STRING, &method, error));
	law = ps_purchase_law_find(method->text);
	if (law == NULL)
		return ps_fail(error, PS_CORRUPT, "\"%s\" is no purchase model", method->text);
	PS_TRY(ps_purchase_load_model(env, purchase, inputs, ninputs, law, needs(law), "method", &loaded->purchase, error));
	PS_TRY(ps_spend_load_model(spend, &loaded->spend, &loaded->spend_uncertainty, error));
	*state = loaded;
	return PS_OK;
}

/* Discounted value of a customer's purchases to come; null when the expected amount does not exist. */
static ps_status
answer_value(const ps_purchase_state *purchase, const ps_spend *spend, const ps_history *history,
			 const ps_request *request, ps_answer *answer, ps_error *error)
{
	double		amount = ps_spend_expected(spend, history),
				purchases;

	PS_TRY(ps_purchase_discounted(purchase, PS_ASK_VALUE, history, request, &purchases, error));
	answer->null = isnan(amount);
	if (!answer->null)
		answer->number = purchases * amount;
	return PS_OK;
}

/* The value of one customer by a model whose parameters may be moved. */
typedef struct moved_value
{
	clv_state	state;
	const ps_history *history;
	const ps_request *request;
} moved_value;

/* ps_estimate of the value. */
static ps_status
estimate_value(const ps_env *env, void *argument, ps_answer *answer, ps_error *error)
{
	const moved_value *moved = argument;

	(void) env;
	return answer_value(&moved->state.purchase, &moved->state.spend, moved->history, moved->request, answer, error);
}

/*
 * What the value is below with the probability of the request; null where it
 * is, or without a covariance.  Both parts of the model are fitted apart, and
 * spend does not depend on purchases: their variances add up.
 */
static ps_status
answer_bound(const ps_env *env, const clv_state *state, const ps_history *history, const ps_request *request,
			 ps_answer *answer, ps_error *error)
{
	moved_value moved = {*state, history, request};
	double	   *purchase[PS_PURCHASE_PARAMETERS];
	double	   *const spend[] = {&moved.state.spend.p, &moved.state.spend.q, &moved.state.spend.v};
	double		variance = 0;

	for (int i = 0; i < PS_PURCHASE_PARAMETERS; i++)
		purchase[i] = &moved.state.purchase.model.values[i];
	PS_TRY(estimate_value(env, &moved, answer, error));
	if (answer->null)
		return PS_OK;
	if (!state->purchase.uncertainty.known || !state->spend_uncertainty.known)
		variance = NAN;
	else if (answer->number > 0)
	{
		PS_TRY(ps_uncertainty_add(env, &state->purchase.uncertainty, purchase, PS_PURCHASE_PARAMETERS, estimate_value,
								  &moved, &variance, error));
		PS_TRY(ps_uncertainty_add(env, &state->spend_uncertainty, spend, 3, estimate_value, &moved, &variance, error));
	}
	return ps_uncertainty_bound(answer->number, variance, request->probability, answer, error);
}

static ps_status
answer_question(const ps_env *env, const void *state, ps_question question, const ps_cell *cells,
				const ps_request *request, ps_answer *answer, ps_error *error)
{
	const clv_state *loaded = state;
	const ps_purchase_state *at;
	ps_purchase_state copy;
	ps_history	history;

	PS_TRY(ps_history_read(&loaded->purchase.reader, cells, &history, &answer->null, error));
	if (answer->null)
		return PS_OK;
	PS_TRY(ps_purchase_state_of_row(&loaded->purchase, cells, &copy, &at, error));
	if (question == PS_ASK_VALUE)
		return answer_value(at, &loaded->spend, &history, request, answer, error);
	if (question == PS_ASK_VALUE_BOUND)
		return answer_bound(env, &(clv_state) {*at, loaded->spend, loaded->spend_uncertainty}, &history, request, answer,
							error);
	return ps_purchase_answer_history(env, at, question, &history, request, answer, error);
}

typedef struct value_sums
{
	const clv_state *model;
	const ps_frame *frame;
	ps_cell    *cells;
	double		customers;
	double		purchase;		/* log-likelihoods */
	double		spend;
} value_sums;

static ps_status
add_value(void *argument, const ps_history *history, double weight, size_t row, ps_error *error)
{
	value_sums *sums = argument;
	ps_purchase model;

	PS_TRY(ps_purchase_model_of_row(&sums->model->purchase, sums->frame, row, sums->cells, &model, error));
	sums->customers += weight;
	sums->purchase += weight * model.law->log_likelihood(&model, history->frequency, history->recency, history->tenure);
	if (ps_spend_is_known(history))
		sums->spend += weight * ps_spend_log_likelihood(&sums->model->spend, history->frequency, history->monetary);
	return PS_OK;
}

static ps_status
evaluate(const ps_env *env, const void *state, const ps_frame *frame, ps_value *metrics, double *loss,
		 ps_error *error)
{
	const clv_state *loaded = state;
	value_sums	sums = {loaded, frame, NULL, 0, 0, 0};

	PS_TRY(ps_alloc_zero(env, ps_frame_columns(frame), sizeof(ps_cell), &sums.cells, error));
	PS_TRY(ps_history_each(env, &loaded->purchase.reader, frame, add_value, &sums, error));
	PS_TRY(ps_value_set_number(env, metrics, "purchase_log_likelihood", sums.purchase, error));
	PS_TRY(ps_value_set_number(env, metrics, "spend_log_likelihood", sums.spend, error));
	return ps_purchase_metrics(env, sums.customers, sums.purchase + sums.spend, metrics, loss, error);
}

const ps_learner ps_learner_clv = {
	.name = "clv",
	.kind = "purchase",
	.needs_target = false,
	.answers = PS_PURCHASE_ANSWERS | (1u << PS_ASK_VALUE) | (1u << PS_ASK_VALUE_BOUND),
	.automatic = PS_AUTOMATIC_HISTORY,
	.options = own_options,
	.model_option = "purchase",
	.compared = compared,
	.choose = choose,
	.fit = fit,
	.make = make,
	.load = load,
	.answer = answer_question,
	.evaluate = evaluate
};
