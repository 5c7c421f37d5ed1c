/*-------------------------------------------------------------------------
 *
 * ps_model.c
 *	  Making models, opening documents, asking, evaluating.
 *
 * What holds for every method is checked here once: the document's frame
 * around the learner's parameters, the classes of a classifier's target, the
 * arguments of a question, and that no answer is NaN or infinite.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_model.h"

#include <math.h>
#include <string.h>

#include "ps_evaluate.h"
#include "ps_leakage.h"
#include "ps_sort.h"
#include "ps_target.h"
#include "ps_tree.h"

/* No relation has as many columns; bounds the comparison of all names. */
#define MAX_INPUTS 2000

/* True for the kind of model that predicts a yes or no. */
bool
ps_is_classifier(const char *kind)
{
	return strcmp(kind, "classifier") == 0;
}

/* True for the kinds of models that learn from a yes or no. */
bool
ps_has_classes(const char *kind)
{
	return ps_is_classifier(kind) || strcmp(kind, "survival") == 0;
}

/* The kind of model that a fit to targets gives, of which all are 0 and 1 or not. */
const char *
ps_plan_kind(const ps_plan *plan, bool zero_one)
{
	const ps_learner *learner = plan->learner;

	return learner->fit_kind == NULL ? learner->kind : learner->fit_kind(plan->options, zero_one);
}

/* Append {name, type} to the inputs; a history is found by its type alone. */
static ps_status
add_input(const ps_env *env, ps_value *inputs, const char *name, ps_type type, ps_error *error)
{
	ps_value   *input;

	PS_TRY(ps_value_append_object(env, inputs, &input, error));
	PS_TRY(ps_value_set_text(env, input, "name", type == PS_TYPE_HISTORY ? "" : name, error));
	return ps_value_set_text(env, input, "type", ps_type_name(type), error);
}

/* What the rows of a fit have in common. */
typedef struct row_survey
{
	size_t		rows;
	size_t		counting;		/* of weight above 0 */
	double		weights;
	double		positives;		/* weight of the targets that are 1 */
	size_t		other_row;		/* 1-based row of the first target that is neither 0 nor 1, or 0 */
	double		other;			/* that target */
} row_survey;

static ps_status
survey_rows(const ps_env *env, const ps_frame *frame, row_survey *survey, ps_error *error)
{
	memset(survey, 0, sizeof(*survey));
	for (size_t chunk = 0; chunk < ps_frame_chunks(frame); chunk++)
	{
		const double *w = ps_frame_weights(frame, chunk);
		const double *y = ps_frame_targets(frame, chunk);
		size_t		count = ps_frame_chunk_rows(frame, chunk);

		PS_TRY(ps_poll(env, 0, error));
		for (size_t i = 0; i < count; i++)
		{
			double		weight = w == NULL ? 1 : w[i];

			survey->rows++;
			survey->counting += weight > 0;
			survey->weights += weight;
			if (y == NULL)
				continue;
			if (y[i] == 1)
				survey->positives += weight;
			else if (y[i] != 0 && survey->other_row == 0)
			{
				survey->other_row = survey->rows;
				survey->other = y[i];
			}
		}
	}
	return PS_OK;
}

/* Refuse rows that nothing can be learned from, and a classifier's target that is not 0 and 1. */
static ps_status
check_rows(const ps_plan *plan, const row_survey *survey, ps_error *error)
{
	const char *kind = ps_plan_kind(plan, survey->other_row == 0);
	const char *name = ps_value_text_or(plan->options, "target", "target");
	const char *calibration = ps_value_text_or(plan->options, "calibration", "auto");

	if (survey->rows == 0)
		return ps_fail(error, PS_TOO_LITTLE_DATA, "there are no rows to learn from");
	if (!ps_is_classifier(kind) && (strcmp(calibration, "platt") == 0 || strcmp(calibration, "isotonic") == 0))
	{
		ps_fail(error, PS_INVALID_OPTION, "option \"calibration\" is for a target of 0 and 1, which \"%s\" is not", name);
		return ps_hint(error, "Leave the option out.");
	}
	if (ps_is_classifier(kind) && survey->other_row > 0)
	{
		ps_fail_column(error, PS_INVALID_DATA, name, "target \"%s\" is %g in row %d, must be 0 or 1", name,
					   survey->other, (int64_t) survey->other_row);
		error->row = (int64_t) survey->other_row;
		return ps_hint(error, "Give a boolean, for example (%s > 0) AS %s.", name, name);
	}
	if (!(survey->weights > 0))
		return ps_fail(error, PS_TOO_LITTLE_DATA, "the weights of all %d rows are zero", (int64_t) survey->rows);
	if (!isfinite(survey->weights))
		return ps_fail(error, PS_INVALID_DATA, "the sum of the weights is not finite");
	if (ps_is_classifier(kind) && (survey->positives <= 0 || survey->positives >= survey->weights))
	{
		ps_fail_column(error, PS_TOO_LITTLE_DATA, name, "target \"%s\" is %s in all %d rows%s", name,
					   survey->positives > 0 ? "true" : "false", (int64_t) survey->counting,
					   survey->counting < survey->rows ? " of weight above 0" : "");
		return ps_hint(error, "Learning needs rows of both classes.");
	}
	return PS_OK;
}

/* Start a document with method and an empty list of inputs. */
static ps_status
start_document(const ps_env *env, const ps_learner *learner, ps_value **document, ps_value **inputs,
			   ps_error *error)
{
	PS_TRY(ps_value_object(env, document, error));
	PS_TRY(ps_value_set_text(env, *document, "method", learner->name, error));
	return ps_value_set_list(env, *document, "inputs", inputs, error);
}

/* Learn from a frame built to the plan. */
ps_status
ps_model_learn(const ps_env *env, const ps_plan *plan, const ps_frame *frame, ps_value **document,
			   ps_value *notes, ps_error *error)
{
	ps_value   *inputs;
	ps_value   *training;
	ps_value   *parameters;
	ps_model   *model;
	row_survey	survey;

	*document = NULL;
	PS_TRY(survey_rows(env, frame, &survey, error));
	PS_TRY(check_rows(plan, &survey, error));
	PS_TRY(start_document(env, plan->learner, document, &inputs, error));
	for (size_t i = 0; i < ps_frame_columns(frame); i++)
	{
		const ps_column *column = ps_frame_column(frame, i);

		PS_TRY(add_input(env, inputs, column->name, column->type, error));
		if (column->type == PS_TYPE_MOMENT)
			PS_TRY(ps_value_set_text(env, *document, "time_zone", ps_value_text_or(plan->options, "time_zone", PS_UTC),
									 error));
	}
	if (plan->learner->needs_target)
		PS_TRY(ps_value_set_text(env, *document, "target", ps_value_text_or(plan->options, "target", ""), error));

	PS_TRY(ps_value_set_object(env, *document, "training", &training, error));
	PS_TRY(ps_value_set_number(env, training, "rows", (double) ps_frame_rows(frame), error));
	if (ps_frame_has_weight(frame))
		PS_TRY(ps_value_set_number(env, training, "weight", survey.weights, error));

	PS_TRY(ps_value_set_object(env, *document, "parameters", &parameters, error));
	PS_TRY(plan->learner->fit(env, frame, plan->options, parameters, notes, error));
	/* a model that could not be read back must not be stored */
	PS_TRY(ps_model_open(env, *document, &model, error));
	if (!ps_is_classifier(model->kind))
		return PS_OK;
	return ps_value_set_number(env, training, "base_rate", survey.positives / survey.weights, error);
}

/* Learn from a frame, and look for columns that give a classifier's target away. */
ps_status
ps_model_fit(const ps_env *env, const ps_plan *plan, const ps_frame *frame, ps_value **document,
			 ps_value *notes, ps_error *error)
{
	ps_model   *model;

	PS_TRY(ps_model_learn(env, plan, frame, document, notes, error));
	PS_TRY(ps_model_open(env, *document, &model, error));
	return ps_is_classifier(model->kind) ? ps_leakage_note(env, frame, notes, error) : PS_OK;
}

/* Make a document from known parameters. */
ps_status
ps_model_make(const ps_env *env, const ps_learner *learner, const ps_value *given, const ps_value *options,
			  ps_value **document, ps_error *error)
{
	ps_value   *complete;
	ps_value   *inputs;
	ps_value   *parameters;
	ps_model   *model;

	*document = NULL;
	if (learner->make == NULL)
	{
		ps_fail(error, PS_WRONG_MODEL, "a model of method \"%s\" cannot be made from parameters", learner->name);
		return ps_hint(error, "Learn it from data with fit().");
	}
	if (given == NULL || given->type != PS_OBJECT)
		return ps_fail(error, PS_INVALID_OPTION, "the parameters must be an object");
	PS_TRY(ps_options_complete(env, learner, options, &complete, error));
	PS_TRY(start_document(env, learner, document, &inputs, error));
	for (const ps_option *option = learner->options; option->name != NULL; option++)
	{
		const char *column = ps_value_text_or(complete, option->name, NULL);

		if (option->type == PS_OPTION_COLUMN && column != NULL)
			PS_TRY(add_input(env, inputs, column, PS_TYPE_NUMBER, error));
	}
	if (inputs->count == 0)
		PS_TRY(add_input(env, inputs, "", PS_TYPE_HISTORY, error));
	PS_TRY(ps_value_set_object(env, *document, "parameters", &parameters, error));
	PS_TRY(learner->make(env, given, complete, parameters, error));
	return ps_model_open(env, *document, &model, error);
}

/* Refuse members that a document does not have. */
static ps_status
check_members(const ps_value *document, ps_error *error)
{
	static const char *const known[] = {
		"method", "inputs", "time_zone", "target", "classes", "calibration", "bands", "training", "parameters"
	};

	if (document->type != PS_OBJECT)
		return ps_fail(error, PS_CORRUPT, "a model is an object, not %s", ps_value_type_name(document->type));
	for (size_t i = 0; i < document->count; i++)
	{
		size_t		j = 0;

		while (j < sizeof(known) / sizeof(known[0]) && strcmp(document->names[i], known[j]) != 0)
			j++;
		if (j == sizeof(known) / sizeof(known[0]))
			return ps_fail(error, PS_CORRUPT, "a model has no member \"%s\"", document->names[i]);
	}
	return PS_OK;
}

/* Open the list of inputs: at least one, names unique and empty for histories alone, types known; and their zone. */
static ps_status
open_inputs(const ps_env *env, const ps_value *document, ps_model *model, ps_error *error)
{
	const ps_value *list;
	const ps_value *zone;
	bool		moments = false;

	PS_TRY(ps_value_need(document, "inputs", PS_LIST, &list, error));
	if (list->count == 0 || list->count > MAX_INPUTS)
		return ps_fail(error, PS_CORRUPT, "\"inputs\" has %d elements, must have 1 to %d", (int64_t) list->count,
					   (int64_t) MAX_INPUTS);
	PS_TRY(ps_alloc_zero(env, list->count, sizeof(ps_input), &model->inputs, error));
	model->ninputs = list->count;
	for (size_t i = 0; i < list->count; i++)
	{
		const ps_value *name;
		const ps_value *type;
		ps_input   *input = &model->inputs[i];

		PS_TRY(ps_value_need(list->items[i], "name", PS_STRING, &name, error));
		PS_TRY(ps_value_need(list->items[i], "type", PS_STRING, &type, error));
		input->name = name->text;
		input->type = ps_type_of_name(type->text);
		moments = moments || input->type == PS_TYPE_MOMENT;
		if (list->items[i]->count != 2 || input->type == PS_TYPE_OTHER ||
			(name->count == 0) != (input->type == PS_TYPE_HISTORY))
			return ps_fail(error, PS_CORRUPT, "input %d (\"%s\", \"%s\") is not valid", (int64_t) i + 1, name->text,
						   type->text);
		for (size_t j = 0; j < i; j++)
		{
			if (strcmp(model->inputs[j].name, input->name) == 0)
				return ps_fail(error, PS_CORRUPT, "input \"%s\" is there twice", input->name);
		}
	}
	if (moments)
	{
		PS_TRY(ps_value_need(document, "time_zone", PS_STRING, &zone, error));
		model->time_zone = zone->text;
	}
	else if (ps_value_get(document, "time_zone") != NULL)
		return ps_fail(error, PS_CORRUPT, "a model without moments has no time zone");
	return PS_OK;
}

/* Open the bands, if there are any. */
static ps_status
open_bands(const ps_env *env, const ps_value *document, ps_model *model, ps_error *error)
{
	const ps_value *bands = ps_value_get(document, "bands");
	const ps_value *cuts;
	const ps_value *labels;

	if (bands == NULL)
		return PS_OK;
	PS_TRY(ps_value_need(document, "bands", PS_OBJECT, &bands, error));
	PS_TRY(ps_value_need(bands, "cuts", PS_NUMBERS, &cuts, error));
	PS_TRY(ps_value_need(bands, "labels", PS_LIST, &labels, error));
	if (bands->count != 2 || labels->count != cuts->count + 1)
		return ps_fail(error, PS_CORRUPT, "bands must have cuts and one label more, not %d and %d",
					   (int64_t) cuts->count, (int64_t) labels->count);
	PS_TRY(ps_alloc_zero(env, labels->count, sizeof(char *), &model->labels, error));
	for (size_t i = 0; i < labels->count; i++)
	{
		if (labels->items[i]->type != PS_STRING)
			return ps_fail(error, PS_CORRUPT, "the label of band %d is not a text", (int64_t) i + 1);
		if (i > 0 && i < cuts->count && cuts->numbers[i] < cuts->numbers[i - 1])
			return ps_fail(error, PS_CORRUPT, "the cuts of the bands do not ascend");
		model->labels[i] = labels->items[i]->text;
	}
	model->ncuts = cuts->count;
	model->cuts = cuts->numbers;
	return PS_OK;
}

/* Open the calibration of a classifier, if it has one. */
static ps_status
open_calibration(const ps_env *env, const ps_value *document, ps_model *model, ps_error *error)
{
	const ps_value *value = ps_value_get(document, "calibration");
	ps_calibration *calibration;

	if (value == NULL)
		return PS_OK;
	if (!ps_is_classifier(model->kind))
		return ps_fail(error, PS_CORRUPT, "a %s has no calibration", model->kind);
	PS_TRY(ps_value_need(document, "calibration", PS_OBJECT, &value, error));
	PS_TRY(ps_calibration_load(env, value, &calibration, error));
	model->calibration = calibration;
	return PS_OK;
}

/* Validate a document and prepare it for questions. */
ps_status
ps_model_open(const ps_env *env, const ps_value *document, ps_model **out, ps_error *error)
{
	ps_model   *model;
	const ps_value *value;
	ps_status	status;

	*out = NULL;
	PS_TRY(check_members(document, error));
	PS_TRY(ps_alloc_zero(env, 1, sizeof(ps_model), &model, error));
	model->document = document;
	PS_TRY(ps_value_need(document, "method", PS_STRING, &value, error));
	model->learner = ps_learner_find(value->text);
	if (model->learner == NULL)
	{
		ps_fail(error, PS_CORRUPT, "method \"%s\" is not known", value->text);
		return ps_hint(error, "Methods are: %s.", ps_learner_names());
	}
	PS_TRY(open_inputs(env, document, model, error));
	/* a model made from known parameters has seen no target */
	if (model->learner->needs_target && (model->learner->make == NULL || ps_value_get(document, "target") != NULL))
	{
		PS_TRY(ps_value_need(document, "target", PS_STRING, &value, error));
		model->target = value->text;
	}
	else if (!model->learner->needs_target && ps_value_get(document, "target") != NULL)
		return ps_fail(error, PS_CORRUPT, "a \"%s\" model has no target", model->learner->name);
	PS_TRY(ps_target_load(env, document, &model->classes, error));
	PS_TRY(open_bands(env, document, model, error));
	if (ps_value_get(document, "training") != NULL)
		PS_TRY(ps_value_need(document, "training", PS_OBJECT, &value, error));
	PS_TRY(ps_value_need(document, "parameters", PS_OBJECT, &value, error));

	status = model->learner->load(env, value, model->inputs, model->ninputs, &model->state, error);
	model->kind = model->learner->kind;
	model->answers = model->learner->answers;
	if (status == PS_OK)
	{
		if (model->learner->model_kind != NULL)
			model->learner->model_kind(model->state, &model->kind, &model->answers);
		model->takes_numbers = model->learner->takes_numbers != NULL && model->learner->takes_numbers(model->state);
		if (model->classes != NULL && !ps_has_classes(model->kind))
			return ps_fail(error, PS_CORRUPT, "a %s has no classes", model->kind);
		status = open_calibration(env, document, model, error);
	}
	if (status == PS_OK && (model->answers & (1u << PS_ASK_CLUSTER)) != 0)
		status = ps_cluster_numbers_load(env, value, &model->clusters, error);
	if (status == PS_OK)
		*out = model;
	else if (status != PS_OUT_OF_MEMORY && status != PS_CANCELLED)
		status = error->status = PS_CORRUPT;
	return status;
}

/* The calibrated probability. */
static double
calibrate(const ps_model *model, double probability)
{
	return ps_probability(ps_calibration_map(model->calibration, ps_log_odds(probability), NULL));
}

/* Ask a question about one row. */
ps_status
ps_model_ask(const ps_env *env, const ps_model *model, ps_question question, const ps_cell *cells,
			 const ps_request *request, ps_answer *answer, ps_error *error)
{
	*answer = (ps_answer) {.null = true};
	if ((model->answers & (1u << question)) == 0)
	{
		char		others[280];

		ps_learner_list(1u << question, others, sizeof(others));
		if (model->learner->answers & (1u << question))
			ps_fail(error, PS_WRONG_MODEL, "this \"%s\" model is a %s and does not answer %s", model->learner->name,
					model->kind, ps_question_name(question));
		else
			ps_fail(error, PS_WRONG_MODEL, "a \"%s\" model does not answer %s", model->learner->name,
					ps_question_name(question));
		return ps_hint(error, "Methods that do: %s.", others);
	}
	if (request->has_horizon && !(request->horizon > 0 && isfinite(request->horizon)))
	{
		ps_fail(error, PS_INVALID_DATA, "horizon is %g days, must be more than 0", request->horizon);
		return ps_hint(error, "Give an interval, for example '30 days'.");
	}
	if (request->has_horizon && (model->answers & (1u << PS_ASK_PROBABILITY)) != 0)
	{
		ps_fail(error, PS_INVALID_DATA, "a classifier's probability has no horizon to choose");
		return ps_hint(error, "Leave the horizon out: the probability is for the time that the target was made for.");
	}
	if (!(request->discount >= 0 && isfinite(request->discount)))
	{
		ps_fail(error, PS_INVALID_DATA, "discount is %g, must be a finite number, 0 or more", request->discount);
		return ps_hint(error, "Give the effective rate of a year, for example 0.1 for 10 %%.");
	}
	PS_TRY(model->learner->answer(env, model->state, question, cells, request, answer, error));
	if (!answer->null && !isfinite(answer->number))
	{
		answer->null = true;
		return ps_fail(error, PS_NO_SOLUTION, "the answer to %s is not a finite number", ps_question_name(question));
	}
	if (model->clusters != NULL && (PS_CLUSTER_QUESTIONS & (1u << question)) != 0)
		return ps_cluster_numbers_apply(env, model->clusters, question, answer, error);
	if (!answer->null && model->calibration != NULL)
		answer->number = calibrate(model, answer->number);
	return PS_OK;
}

bool
ps_model_ask_numbers(const ps_model *model, ps_question question, const ps_numbers *row, const ps_request *request,
					 double *answer)
{
	bool		is_classifier = (model->answers & (1u << PS_ASK_PROBABILITY)) != 0;

	if ((model->answers & (1u << question)) == 0 ||
		(request->has_horizon && (is_classifier || !(request->horizon > 0 && isfinite(request->horizon)))) ||
		!model->learner->answer_numbers(model->state, question, row, request, answer) || !isfinite(*answer))
		return false;
	if (model->calibration != NULL)
		*answer = calibrate(model, *answer);
	return true;
}

/* ps_answer_function of a model whose answers are calibrated. */
static ps_status
ask_model(const ps_env *env, const void *model, ps_question question, const ps_cell *cells,
		  const ps_request *request, ps_answer *answer, ps_error *error)
{
	return ps_model_ask(env, model, question, cells, request, answer, error);
}

/*
 * Carry an explanation of log-odds over to calibrated ones: the baseline is
 * calibrated, and the contributions are multiplied by the one factor that makes
 * them sum to the rest, the slope of the map between baseline and score.
 */
static void
calibrate_explanation(const ps_model *model, double *baseline, double *contributions)
{
	double		sum = *baseline;
	double		from;
	double		factor;

	for (size_t i = 0; i < model->ninputs; i++)
		sum += contributions[i];
	from = ps_calibration_map(model->calibration, *baseline, &factor);
	if (sum != *baseline)
		factor = (ps_calibration_map(model->calibration, sum, NULL) - from) / (sum - *baseline);
	for (size_t i = 0; i < model->ninputs; i++)
		contributions[i] *= factor;
	*baseline = from;
}

/* Explain the answer for one row. */
ps_status
ps_model_explain(const ps_env *env, const ps_model *model, const ps_cell *cells, double *baseline,
				 double *contributions, ps_error *error)
{
	*baseline = 0;
	memset(contributions, 0, model->ninputs * sizeof(double));
	if (model->learner->explain == NULL)
	{
		char		others[280];

		ps_learner_list_explaining(others, sizeof(others));
		ps_fail(error, PS_WRONG_MODEL, "a \"%s\" model does not explain its answers", model->learner->name);
		return ps_hint(error, "Methods that do: %s.", others);
	}
	PS_TRY(model->learner->explain(env, model->state, cells, baseline, contributions, error));
	if (model->calibration != NULL)
		calibrate_explanation(model, baseline, contributions);
	for (size_t i = 0; i < model->ninputs; i++)
	{
		if (!isfinite(contributions[i]))
			return ps_fail_column(error, PS_NO_SOLUTION, model->inputs[i].name,
								  "the contribution of column \"%s\" is not a finite number", model->inputs[i].name);
	}
	if (!isfinite(*baseline))
		return ps_fail(error, PS_NO_SOLUTION, "the intercept is not a finite number");
	return PS_OK;
}

/* Quality on a frame that has the model's inputs as its columns. */
ps_status
ps_model_evaluate(const ps_env *env, const ps_model *model, const ps_frame *frame, ps_value **metrics,
				  double *loss, ps_error *error)
{
	*loss = 0;
	PS_TRY(ps_value_object(env, metrics, error));
	if (ps_frame_columns(frame) != model->ninputs)
		return ps_fail(error, PS_MISSING_COLUMN, "the rows have %d columns, the model has %d inputs",
					   (int64_t) ps_frame_columns(frame), (int64_t) model->ninputs);
	if (ps_frame_rows(frame) == 0)
		return ps_fail(error, PS_TOO_LITTLE_DATA, "there are no rows to evaluate on");
	if (model->learner->needs_target && !ps_frame_has_target(frame))
		return ps_fail(error, PS_MISSING_COLUMN, "the rows to evaluate on have no target");
	for (size_t row = 0; ps_is_classifier(model->kind) && row < ps_frame_rows(frame); row++)
	{
		double		target = ps_frame_target(frame, row);

		if (target != 0 && target != 1)
			return ps_fail_column(error, PS_INVALID_DATA, model->target, "target \"%s\" is %g in row %d, must be 0 or 1",
								  model->target, target, (int64_t) row + 1);
	}
	if (model->calibration != NULL)
		return ps_evaluate_classifier(env, ask_model, model, frame, *metrics, loss, error);
	return model->learner->evaluate(env, model->state, frame, *metrics, loss, error);
}

/* True when the lower of two models' losses on the same rows tells which is better. */
bool
ps_model_comparable(const ps_model *left, const ps_model *right)
{
	ps_comparison comparison = left->learner->comparison;

	return strcmp(left->kind, right->kind) == 0 && comparison != PS_COMPARE_NEVER &&
		(left->learner == right->learner ||
		 (comparison == PS_COMPARE_KIND && right->learner->comparison == PS_COMPARE_KIND));
}

/*
 * Freeze band cuts into the document.  low is below max(base rate, 20 %
 * quantile), high from min(twice the base rate, 90 % quantile) on.  Where the
 * two cross, low gives way; a quantile that is the smallest score of all
 * separates nothing and does not count, so a constant score is medium.
 */
ps_status
ps_model_cut_bands(const ps_env *env, ps_value *document, double *scores, size_t count, ps_error *error)
{
	static const char *const names[] = {"low", "medium", "high"};
	double		base = ps_value_number_or(ps_value_get(document, "training"), "base_rate", 0.5);
	double		tenth;
	double		cuts[2];
	ps_value   *bands;
	ps_value   *labels;

	if (count == 0)
		return ps_fail(error, PS_TOO_LITTLE_DATA, "there are no scores to cut into bands");
	PS_TRY(ps_sort_numbers(env, scores, count, error));
	tenth = scores[count - 1 - count / 10];
	cuts[1] = tenth > scores[0] ? fmin(2 * base, tenth) : 2 * base;
	cuts[0] = fmin(fmax(base, scores[count / 5]), cuts[1]);

	PS_TRY(ps_value_object(env, &bands, error));
	PS_TRY(ps_value_set_numbers(env, bands, "cuts", cuts, 2, error));
	PS_TRY(ps_value_set_list(env, bands, "labels", &labels, error));
	for (int i = 0; i < 3; i++)
		PS_TRY(ps_value_append_text(env, labels, names[i], error));
	return ps_value_set(env, document, "bands", bands, error);
}

/* Freeze band cuts from a model's scores on frame. */
ps_status
ps_model_set_bands(const ps_env *env, ps_value *document, const ps_model *model, const ps_frame *frame,
				   ps_error *error)
{
	const ps_request request = {0};
	size_t		rows = ps_frame_rows(frame);
	size_t		count = 0;
	double	   *scores;
	ps_cell    *cells;

	if ((model->answers & (1u << PS_ASK_PROBABILITY)) == 0)
		return PS_OK;
	PS_TRY(ps_alloc(env, rows, sizeof(double), &scores, error));
	PS_TRY(ps_alloc_zero(env, ps_frame_columns(frame), sizeof(ps_cell), &cells, error));
	for (size_t row = 0; row < rows; row++)
	{
		ps_answer	answer;

		if (row % 1024 == 0)
			PS_TRY(ps_poll(env, (double) row / (double) rows, error));
		ps_frame_row(frame, row, cells);
		PS_TRY(ps_model_ask(env, model, PS_ASK_PROBABILITY, cells, &request, &answer, error));
		if (!answer.null)
			scores[count++] = answer.number;
	}
	PS_TRY(ps_model_cut_bands(env, document, scores, count, error));
	ps_release(env, scores);
	return PS_OK;
}

/* The label of a score: labels[i] where i is how many cuts are <= score. */
const char *
ps_band_label(const double *cuts, size_t ncuts, const char *const *labels, double score)
{
	size_t		band = 0;

	while (band < ncuts && cuts[band] <= score)
		band++;
	return labels[band];
}
