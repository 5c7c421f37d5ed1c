/*-------------------------------------------------------------------------
 *
 * learner_host.h
 *	  What the tests of learners share: frames from arrays, fits with options
 *	  as JSON, scores, notes, and fault injection into a whole fit.
 *
 *-------------------------------------------------------------------------
 */
#ifndef LEARNER_HOST_H
#define LEARNER_HOST_H

#include "tap.h"

#include "ps_json.h"
#include "ps_model.h"

#define LEARNER_COLUMNS 32

static inline ps_cell
number_cell(double number)
{
	return (ps_cell) {.null = isnan(number),.number = number};
}

static inline ps_cell
text_cell(const char *text)
{
	return (ps_cell) {.null = text == NULL,.text = text,.length = text == NULL ? 0 : strlen(text)};
}

/* A fit and what came of it. */
typedef struct fitted
{
	ps_status	status;
	ps_error	error;
	ps_value   *document;
	ps_value   *notes;
	ps_model   *model;
} fitted;

/* Fit a frame that holds exactly the features; options is JSON. */
static inline fitted
fit_frame(const ps_env *env, const ps_frame *frame, const char *method, const char *options)
{
	fitted		result;
	ps_value   *given;
	ps_value   *complete;
	ps_plan		plan;

	memset(&result, 0, sizeof(result));
	memset(&plan, 0, sizeof(plan));
	plan.learner = ps_learner_find(method);
	plan.weight = -1;
	if ((result.status = ps_value_list(env, &result.notes, &result.error)) != PS_OK ||
		(result.status = ps_json_read(env, options, strlen(options), &given, &result.error)) != PS_OK ||
		(result.status = ps_options_complete(env, plan.learner, given, &complete, &result.error)) != PS_OK)
		return result;
	plan.options = complete;
	result.status = ps_model_fit(env, &plan, frame, &result.document, result.notes, &result.error);
	if (result.status == PS_OK)
		result.status = ps_model_open(env, result.document, &result.model, &result.error);
	return result;
}

/* The answer to a question about cells, NAN for null and on any failure. */
static inline double
answer_of(const ps_env *env, const fitted *fit, ps_question question, const ps_cell *cells)
{
	const ps_request request = {0};
	ps_answer	answer;
	ps_error	error;

	if (fit->model == NULL ||
		ps_model_ask(env, fit->model, question, cells, &request, &answer, &error) != PS_OK || answer.null)
		return NAN;
	return answer.number;
}

static inline double
score_cells(const ps_env *env, const fitted *fit, const ps_cell *cells)
{
	return answer_of(env, fit, PS_ASK_SCORE, cells);
}

static inline double
score_row(const ps_env *env, const fitted *fit, const ps_frame *frame, size_t row)
{
	ps_cell		cells[LEARNER_COLUMNS];

	ps_frame_row(frame, row, cells);
	return score_cells(env, fit, cells);
}

static inline const ps_value *
fit_parameters(const fitted *fit)
{
	return ps_value_get(fit->document, "parameters");
}

static inline const char *
fit_status(const fitted *fit)
{
	return ps_value_text_or(fit_parameters(fit), "status", "?");
}

static inline char *
parameters_json(const ps_env *env, const fitted *fit)
{
	char	   *json = NULL;
	size_t		length;
	ps_error	error;

	ps_json_write(env, fit_parameters(fit), &json, &length, &error);
	return json;
}

/* What is saved of a cluster, from 1 on in the order in which they are saved. */
static inline const ps_value *
fit_cluster(const fitted *fit, size_t number)
{
	return ps_value_get(fit_parameters(fit), "clusters")->items[number - 1];
}

/* True when a note contains the words; prints the notes otherwise. */
static inline bool
has_note(const fitted *fit, const char *words)
{
	for (size_t i = 0; i < fit->notes->count; i++)
		if (strstr(fit->notes->items[i]->text, words) != NULL)
			return true;
	for (size_t i = 0; i < fit->notes->count; i++)
		printf("# note: %s\n", fit->notes->items[i]->text);
	return false;
}

/*
 * Run work with each allocation failing, each poll cancelling and each poll
 * jumping out; count what does not end as it should.
 */
static inline size_t
inject_faults(ps_status (*work) (const ps_env *env), long *allocations, long *polls)
{
	host		h;
	volatile size_t wrong = 0;	/* changes between setjmp and longjmp */

	host_init(&h);
	if (work(&h.env) != PS_OK)
		wrong++;
	*allocations = h.allocations;
	*polls = h.polls;
	host_free(&h);
	for (long k = 1; k <= *allocations; k++)
	{
		host_init(&h);
		h.fail_at = k;
		if (work(&h.env) != PS_OUT_OF_MEMORY)
			wrong++;
		host_free(&h);
	}
	for (long k = 1; k <= *polls; k++)
	{
		host_init(&h);
		h.cancel_at = k;
		if (work(&h.env) != PS_CANCELLED)
			wrong++;
		host_free(&h);
		host_init(&h);
		h.jump_at = k;
		if (setjmp(h.jump) == 0)
		{
			work(&h.env);
			wrong++;
		}
		host_free(&h);
	}
	return wrong;
}

#endif							/* LEARNER_HOST_H */
