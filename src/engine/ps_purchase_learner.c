/*-------------------------------------------------------------------------
 *
 * ps_purchase_learner.c
 *	  What the methods built on a purchase model share as learners.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_purchase_learner.h"

#include <math.h>

/* Share of customers without a repeat purchase from which BG/NBD's view of them matters. */
#define MANY_SINGLE 0.6

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
		PS_TRY(ps_covariates_begin(env, frame, ps_history_width(reader->needs, ps_frame_column(frame, 0)->type), options,
								   &covariates, notes, error));
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
ps_purchase_model_of_row(const ps_purchase_state *state, const ps_frame *frame, size_t row, ps_cell *cells,
						 ps_purchase *out, ps_error *error)
{
	*out = state->model;
	if (state->covariates == NULL)
		return PS_OK;
	ps_frame_row(frame, row, cells);
	return ps_covariates_apply(state->covariates, cells, out, error);
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
