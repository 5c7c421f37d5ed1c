/*-------------------------------------------------------------------------
 *
 * ps_choice.c
 *	  See ps_choice.h.
 *
 * Of candidates of one kind for a target, each learns from four fifths of the
 * rows and is judged by its loss on the others; the lowest wins and will learn
 * from all.  The parts follow from hashes of the rows' content, so that they
 * are the same for any order of the rows, and copies of a row are in one part.
 * Where they would be too small to tell methods apart the simplest candidate
 * wins, and so it does unless another's loss is lower by more than a
 * thousandth: neither chance nor rounding must choose the more complicated one.
 *
 * Models of purchase histories, of which one method takes one, compete as
 * methods of their own.  They are distributions of what the rows say, and are
 * judged by the log-likelihood of the customers held out (ps_division.h says
 * who these are).  A part of it would mean nothing: its zero depends on the unit
 * of time.  The preferred model gives way to one under which those customers
 * are exp(3) = 20 times as probable ("strong" evidence to Kass and Raftery
 * 1995).
 *
 *-------------------------------------------------------------------------
 */
#include "ps_choice.h"

#include <math.h>
#include <string.h>

#include "ps_division.h"
#include "ps_learners.h"
#include "ps_random.h"
#include "ps_row_hash.h"

/* Rows of weight above 0, or customers, that a comparison needs at least; and which part of the rows judges. */
#define COMPARED_ROWS 200
#define JUDGING_SHARE 5

/* What part of the simpler method's loss a more complicated one's must be below. */
#define CLEARLY_LOWER 0.999

/* By how much the log-likelihood of a model must be above that of the preferred one. */
#define CLEARLY_HIGHER 3.0

#define LEARNER_ADDRESS(name) &ps_learner_##name,

static const ps_learner *const learners[] = {PS_LEARNERS(LEARNER_ADDRESS)};

#define LEARNERS (sizeof(learners) / sizeof(learners[0]))

/* Plan for the model that a method is to take as a method of its own; options that it does not have drop out. */
static ps_status
plan_model(const ps_env *env, const char *model, const ps_value *given, const ps_column *columns, size_t ncolumns,
		   ps_plan *plan, ps_error *error)
{
	const ps_learner *learner = ps_learner_find(model);
	ps_value   *own;
	ps_value   *options;
	ps_value   *notes;

	PS_TRY(ps_value_object(env, &own, error));
	PS_TRY(ps_value_list(env, &notes, error));
	for (size_t i = 0; given != NULL && i < given->count; i++)
	{
		if (ps_option_known(learner, given->names[i]))
			PS_TRY(ps_value_set(env, own, given->names[i], given->items[i], error));
	}
	PS_TRY(ps_options_complete(env, learner, own, &options, error));
	return ps_plan_make(env, learner, options, columns, ncolumns, plan, notes, error);
}

/* Plan for a method with an option as said, if it is, and take it among the candidates if that succeeds. */
static ps_status
add_candidate(const ps_env *env, const ps_learner *learner, const ps_value *given, const char *model,
			  const ps_column *columns, size_t ncolumns, ps_choice *choice, ps_error *error)
{
	ps_value   *options;
	ps_value  **notes = &choice->notes[choice->count];
	ps_plan    *plan = &choice->plans[choice->count];

	PS_TRY(ps_value_list(env, notes, error));
	PS_TRY(ps_options_complete(env, learner, given, &options, error));
	if (model != NULL)
		PS_TRY(ps_value_set_text(env, options, learner->model_option, model, error));
	PS_TRY(ps_plan_make(env, learner, options, columns, ncolumns, plan, *notes, error));
	if (learner->model_option != NULL)
		PS_TRY(plan_model(env, ps_value_text_or(options, learner->model_option, ""), given, columns, ncolumns,
						  &choice->models[choice->count], error));
	choice->count++;
	return PS_OK;
}

/* Take a method among the candidates, or instead those of its models that are to be compared. */
static ps_status
add_method(const ps_env *env, const ps_learner *learner, const ps_value *given, const ps_column *columns,
		   size_t ncolumns, ps_choice *choice, ps_error *error)
{
	if (learner->model_option == NULL || strcmp(ps_value_text_or(given, learner->model_option, ""), PS_AUTO) != 0)
		return add_candidate(env, learner, given, NULL, columns, ncolumns, choice, error);
	for (const char *const *model = learner->compared; *model != NULL && choice->count < PS_CANDIDATES; model++)
		PS_TRY(add_candidate(env, learner, given, *model, columns, ncolumns, choice, error));
	choice->option = learner->model_option;
	return PS_OK;
}

/* What a candidate is called. */
static const char *
candidate_name(const ps_choice *choice, size_t candidate)
{
	const ps_plan *plan = &choice->plans[candidate];

	return choice->option == NULL ? plan->learner->name : ps_value_text_or(plan->options, choice->option, "");
}

/* Add the features of all candidates to those of the first. */
static ps_status
unite_features(const ps_env *env, size_t ncolumns, ps_choice *choice, ps_error *error)
{
	ps_plan    *all = &choice->all;
	bool	   *there;

	*all = choice->plans[0];
	PS_TRY(ps_alloc(env, ncolumns, sizeof(size_t), &all->features, error));
	PS_TRY(ps_alloc_zero(env, ncolumns, sizeof(bool), &there, error));
	all->nfeatures = 0;
	for (size_t c = 0; c < choice->count; c++)
	{
		const ps_plan *plan = &choice->plans[c];

		for (size_t i = 0; i < plan->nfeatures; i++)
		{
			if (!there[plan->features[i]])
				all->features[all->nfeatures++] = plan->features[i];
			there[plan->features[i]] = true;
		}
	}
	ps_release(env, there);
	return PS_OK;
}

/* Append the notes of a list to another. */
static ps_status
append_notes(const ps_env *env, const ps_value *from, ps_value *notes, ps_error *error)
{
	for (size_t i = 0; i < from->count; i++)
		PS_TRY(ps_note(env, notes, error, "%s", from->items[i]->text));
	return PS_OK;
}

/* Say what was chosen. */
static ps_status
note_chosen(const ps_env *env, const char *what, const char *name, const char *reason, ps_value *notes, ps_error *error)
{
	return ps_note(env, notes, error, "%s \"%s\" chosen: %s", what, name, reason);
}

/* When "auto" may choose a method, given the columns. */
static ps_automatic
automatic_case(const ps_value *given, const ps_column *columns, size_t ncolumns)
{
	const ps_value *target = ps_value_get(given, "target");

	if (target != NULL && target->type != PS_NULL)
		return PS_AUTOMATIC_TARGET;
	for (size_t i = 0; i < ncolumns; i++)
	{
		if (columns[i].type == PS_TYPE_HISTORY)
			return PS_AUTOMATIC_HISTORY;
	}
	return PS_AUTOMATIC_NEVER;
}

/* Find the candidates for "auto"; the error is of the first that has the options when none is left. */
static ps_status
find_candidates(const ps_env *env, const ps_value *given, const ps_column *columns, size_t ncolumns,
				ps_choice *choice, ps_value *notes, ps_error *error)
{
	ps_automatic automatic = automatic_case(given, columns, ncolumns);
	ps_status	failed = PS_OK;
	bool		failed_known = false;	/* options of the method that failed */

	if (automatic == PS_AUTOMATIC_NEVER)
	{
		ps_fail(error, PS_INVALID_OPTION, "no method given, and none follows from the source");
		return ps_hint(error, "Give a target for a classifier, a column of type predseg.rfm for lifetime values, "
					   "or method => 'kmeans' for clusters.");
	}
	for (size_t i = 0; i < LEARNERS && choice->count < PS_CANDIDATES; i++)
	{
		ps_error	own;
		ps_status	status;

		if (learners[i]->automatic != automatic)
			continue;
		status = add_method(env, learners[i], given, columns, ncolumns, choice, &own);
		if (status == PS_OUT_OF_MEMORY || status == PS_CANCELLED)
		{
			*error = own;
			return status;
		}
		if (status != PS_OK && (failed == PS_OK || (!failed_known && ps_options_known(learners[i], given))))
		{
			*error = own;
			failed = status;
			failed_known = ps_options_known(learners[i], given);
		}
	}
	if (choice->count == 0)
		return failed;
	if (choice->count > 1 && choice->option == NULL)
		return PS_OK;
	choice->may_simplify = choice->plans[0].learner->model_option != NULL;
	return note_chosen(env, "method", choice->plans[0].learner->name, automatic == PS_AUTOMATIC_HISTORY ?
					   "the source has a purchase history and no target is given" :
					   "no other takes these options and columns", notes, error);
}

ps_status
ps_choice_begin(const ps_env *env, const char *method, const ps_value *given, const ps_column *columns,
				size_t ncolumns, ps_choice *out, ps_value *notes, ps_error *error)
{
	memset(out, 0, sizeof(*out));
	if (strcmp(method, PS_AUTO) == 0)
		PS_TRY(find_candidates(env, given, columns, ncolumns, out, notes, error));
	else
		PS_TRY(add_method(env, ps_learner_find(method), given, columns, ncolumns, out, error));
	if (out->count == 1)
	{
		PS_TRY(append_notes(env, out->notes[0], notes, error));
		out->notes[0]->count = 0;
	}
	return unite_features(env, ncolumns, out, error);
}

/* The features of a candidate's plan, sharing the memory of the frame. */
static ps_status
select_features(const ps_env *env, const ps_choice *choice, const ps_plan *plan, const ps_frame *frame, ps_frame **out,
				ps_error *error)
{
	size_t	   *columns;

	PS_TRY(ps_alloc(env, plan->nfeatures, sizeof(*columns), &columns, error));
	for (size_t i = 0; i < plan->nfeatures; i++)
	{
		columns[i] = 0;
		while (choice->all.features[columns[i]] != plan->features[i])
			columns[i]++;
	}
	PS_TRY(ps_frame_select(env, frame, columns, plan->nfeatures, NULL, true, out, error));
	ps_release(env, columns);
	return PS_OK;
}

/* The loss of a candidate on the judging rows when it has learned from the others; see ps_verdict. */
static ps_status
try_candidate(const ps_env *env, const ps_choice *choice, size_t candidate, const ps_frame *learning,
			  const ps_frame *judging, double *loss, ps_error *error)
{
	const ps_plan *plan = choice->option == NULL ? &choice->plans[candidate] : &choice->models[candidate];
	ps_frame   *rows;
	ps_value   *document;
	ps_value   *notes;
	ps_value   *metrics;
	ps_model   *model;

	PS_TRY(ps_value_list(env, &notes, error));
	PS_TRY(select_features(env, choice, plan, learning, &rows, error));
	PS_TRY(ps_model_learn(env, plan, rows, &document, notes, error));
	PS_TRY(ps_model_open(env, document, &model, error));
	PS_TRY(select_features(env, choice, plan, judging, &rows, error));
	PS_TRY(ps_model_evaluate(env, model, rows, &metrics, loss, error));
	if (choice->option != NULL)
		*loss = -ps_value_number_or(metrics, "log_likelihood", -INFINITY);
	return PS_OK;
}

/* What the targets of rows of weight above 0 say about a comparison. */
typedef struct target_survey
{
	size_t		rows;
	bool		zero_one;		/* there are targets, and all are 0 or 1 */
	size_t		classes[2][2];	/* rows of [learning, judging] with target [0, 1] */
} target_survey;

/* Survey targets; without parts, all rows are learning. */
static ps_status
survey_targets(const ps_env *env, const ps_frame *frame, const bool *judging, target_survey *survey, ps_error *error)
{
	*survey = (target_survey) {.zero_one = true};
	for (size_t row = 0; row < ps_frame_rows(frame); row++)
	{
		double		target = ps_frame_has_target(frame) ? ps_frame_target(frame, row) : NAN;

		if (row % PS_FRAME_CHUNK == 0)
			PS_TRY(ps_poll(env, 0, error));
		if (target != 0 && target != 1)
			survey->zero_one = false;
		else if (ps_frame_weight(frame, row) > 0)
			survey->classes[judging != NULL && judging[row]][target == 1]++;
		survey->rows += ps_frame_weight(frame, row) > 0;
	}
	return PS_OK;
}

/* Choose which rows judge methods. */
static ps_status
choose_judging(const ps_env *env, const ps_frame *frame, bool **judging, ps_error *error)
{
	static const char salt[] = "choice";	/* other rows than those of early stopping */
	uint64_t	seed = ps_hash_bytes(0, salt, sizeof(salt) - 1);
	uint64_t   *hashes;

	PS_TRY(ps_row_group_hashes(env, frame, seed, &hashes, error));
	PS_TRY(ps_alloc(env, ps_frame_rows(frame), sizeof(**judging), judging, error));
	for (size_t row = 0; row < ps_frame_rows(frame); row++)
		(*judging)[row] = hashes[row] < UINT64_MAX / JUDGING_SHARE;
	ps_release(env, hashes);
	return PS_OK;
}

/* Is a loss so much lower than that of a candidate that would be preferred? */
static bool
is_clearly_lower(const ps_choice *choice, double loss, double preferred)
{
	return loss < (choice->option == NULL ? CLEARLY_LOWER * preferred : preferred - CLEARLY_HIGHER);
}

/* A loss, or a log-likelihood, for people. */
static double
shown_loss(const ps_choice *choice, double loss)
{
	return ps_rounded(choice->option == NULL ? loss : -loss, 4);
}

/* Let the candidates that are in compete; count of all rows, or customers, judge. */
static ps_status
compete(const ps_env *env, const ps_choice *choice, const bool *in, const ps_frame *learning,
		const ps_frame *judging, double count, double all, ps_verdict *verdict, ps_error *error)
{
	double	   *losses = verdict->losses;
	char		failures[PS_CANDIDATES][sizeof(error->message)];

	for (size_t c = 0; c < choice->count; c++)
	{
		ps_error	own;
		ps_status	status;

		losses[c] = INFINITY;
		if (!in[c])
			continue;
		status = try_candidate(env, choice, c, learning, judging, &losses[c], &own);
		if (status == PS_OUT_OF_MEMORY || status == PS_CANCELLED)
		{
			*error = own;
			return status;
		}
		if (status != PS_OK)
		{
			losses[c] = INFINITY;
			memcpy(failures[c], own.message, sizeof(failures[c]));
		}
		if (is_clearly_lower(choice, losses[c], losses[verdict->winner]))
			verdict->winner = c;
	}
	if (isfinite(losses[verdict->winner]))
	{
		verdict->judging = count;
		ps_format(verdict->reason, sizeof(verdict->reason), "its %s on %g of the %g %s is %g",
				  choice->option == NULL ? "loss" : "log-likelihood", count, all,
				  choice->option == NULL ? "rows" : "customers", shown_loss(choice, losses[verdict->winner]));
	}
	else
		ps_format(verdict->reason, sizeof(verdict->reason), "no %s can learn from a part of the %s",
				  choice->option == NULL ? "method" : "model", choice->option == NULL ? "rows" : "customers");
	for (size_t c = 0; c < choice->count; c++)
	{
		size_t		used = strlen(verdict->reason);

		if (!in[c] || c == verdict->winner)
			continue;
		if (isfinite(losses[c]))
			ps_format(verdict->reason + used, sizeof(verdict->reason) - used, ", that of \"%s\" %g%s",
					  candidate_name(choice, c), shown_loss(choice, losses[c]),
					  losses[c] >= losses[verdict->winner] ? "" :
					  choice->option == NULL ? ", not clearly lower" : ", not clearly higher");
		else
			ps_format(verdict->reason + used, sizeof(verdict->reason) - used, "; \"%s\" cannot be tried: %s",
					  candidate_name(choice, c), failures[c]);
	}
	return PS_OK;
}

/* Is there a repeat purchase with an amount?  Columns that options name have them. */
static ps_status
has_amounts(const ps_env *env, const ps_frame *frame, bool *known, ps_error *error)
{
	*known = ps_frame_column(frame, 0)->type != PS_TYPE_HISTORY;
	for (size_t chunk = 0; !*known && chunk < ps_frame_chunks(frame); chunk++)
	{
		const ps_history *histories = ps_frame_histories(frame, 0, chunk);

		PS_TRY(ps_poll(env, 0, error));
		for (size_t i = 0; i < ps_frame_chunk_rows(frame, chunk); i++)
			*known = *known || (histories[i].frequency > 0 && histories[i].monetary > 0);
	}
	return PS_OK;
}

/* Compare the models of a method. */
static ps_status
compare_models(const ps_env *env, const ps_choice *choice, ps_frame *frame, ps_verdict *verdict, ps_error *error)
{
	const bool	in[PS_CANDIDATES] = {true, true, true, true};
	double		customers;
	double		judging_customers = 0;
	double	   *judging;
	ps_frame   *histories;
	ps_frame   *learning_rows;
	ps_frame   *judging_rows;

	PS_TRY(select_features(env, choice, &choice->models[0], frame, &histories, error));
	PS_TRY(ps_divide_customers(env, histories, &judging, &customers, error));
	if (customers < COMPARED_ROWS)
	{
		ps_format(verdict->reason, sizeof(verdict->reason), "%g customers are too few to compare models, which takes %d",
				  customers, (int64_t) COMPARED_ROWS);
		return PS_OK;
	}
	for (size_t row = 0; row < ps_frame_rows(frame); row++)
		judging_customers += judging[row];
	PS_TRY(ps_frame_share_out(env, frame, judging, &learning_rows, &judging_rows, error));
	return compete(env, choice, in, learning_rows, judging_rows, judging_customers, customers, verdict, error);
}

ps_status
ps_choice_compare(const ps_env *env, const ps_choice *choice, ps_frame *frame, ps_verdict *verdict,
				  ps_error *error)
{
	target_survey survey;
	const char *kind = NULL;	/* of the simplest candidate that takes the target */
	bool		in[PS_CANDIDATES] = {false};
	size_t		count = 0;
	bool	   *judging;
	ps_frame   *learning_rows;
	ps_frame   *judging_rows;

	memset(verdict, 0, sizeof(*verdict));
	if (choice->may_simplify)
	{
		bool		known;

		PS_TRY(has_amounts(env, frame, &known, error));
		verdict->simplify = !known;
	}
	if (choice->count == 1)
		return PS_OK;
	if (choice->option != NULL)
		return compare_models(env, choice, frame, verdict, error);
	PS_TRY(survey_targets(env, frame, NULL, &survey, error));
	for (size_t c = 0; c < choice->count; c++)
	{
		const ps_plan *plan = &choice->plans[c];
		const char *own = ps_plan_kind(plan, survey.zero_one);

		if (!survey.zero_one && ps_is_classifier(own))
			continue;
		if (kind == NULL)
		{
			kind = own;
			verdict->winner = c;
		}
		in[c] = strcmp(own, kind) == 0 && (c == verdict->winner || plan->learner->comparison == PS_COMPARE_KIND);
		count += in[c];
	}
	if (count < 2)
	{
		ps_format(verdict->reason, sizeof(verdict->reason), survey.zero_one ?
				  "no other predicts a yes or no with these options and columns" : "target \"%s\" is not only 0 and 1",
				  ps_value_text_or(choice->all.options, "target", "target"));
		return PS_OK;
	}
	if (survey.rows < COMPARED_ROWS)
	{
		ps_format(verdict->reason, sizeof(verdict->reason), "%d rows are too few to compare methods, which takes %d",
				  (int64_t) survey.rows, (int64_t) COMPARED_ROWS);
		return PS_OK;
	}
	PS_TRY(choose_judging(env, frame, &judging, error));
	PS_TRY(survey_targets(env, frame, judging, &survey, error));
	for (int part = 0; part < 2; part++)
	{
		if (survey.zero_one && (survey.classes[part][0] == 0 || survey.classes[part][1] == 0))
		{
			ps_format(verdict->reason, sizeof(verdict->reason),
					  "a part of the %d rows has one class only, so that methods cannot be compared", (int64_t) survey.rows);
			return PS_OK;
		}
	}
	PS_TRY(ps_frame_divide(env, frame, judging, &learning_rows, &judging_rows, error));
	return compete(env, choice, in, learning_rows, judging_rows, (double) ps_frame_rows(judging_rows),
				   (double) ps_frame_rows(judging_rows) + (double) ps_frame_rows(learning_rows), verdict, error);
}

ps_status
ps_choice_settle(const ps_env *env, ps_choice *choice, const ps_verdict *verdict, ps_frame **frame,
				 ps_value *notes, ps_error *error)
{
	ps_plan    *plan = &choice->plans[verdict->winner];

	if (verdict->reason[0] != '\0')
		PS_TRY(note_chosen(env, choice->option == NULL ? "method" : choice->option,
						   candidate_name(choice, verdict->winner), verdict->reason, notes, error));
	PS_TRY(append_notes(env, choice->notes[verdict->winner], notes, error));
	if (verdict->simplify)
	{
		PS_TRY(ps_note(env, notes, error, "method \"%s\" takes the place of \"%s\": no repeat purchase has an amount, "
					   "so purchases are learned and values are not", choice->models[verdict->winner].learner->name,
					   plan->learner->name));
		*plan = choice->models[verdict->winner];
	}
	if (plan->nfeatures == choice->all.nfeatures &&
		memcmp(plan->features, choice->all.features, plan->nfeatures * sizeof(size_t)) == 0)
		return PS_OK;
	return select_features(env, choice, plan, *frame, frame, error);
}

ps_status
ps_choice_save(const ps_env *env, const ps_choice *choice, const ps_verdict *verdict, ps_value *document,
			   ps_error *error)
{
	ps_value   *candidates;

	if (choice->option == NULL || verdict->judging == 0 || verdict->simplify)
		return PS_OK;
	PS_TRY(ps_value_set_list(env, (ps_value *) ps_value_get(document, "parameters"), "candidates", &candidates, error));
	for (size_t c = 0; c < choice->count; c++)
	{
		ps_value   *candidate;

		PS_TRY(ps_value_append_object(env, candidates, &candidate, error));
		PS_TRY(ps_value_set_text(env, candidate, choice->option, candidate_name(choice, c), error));
		PS_TRY(ps_value_set_number(env, candidate, "held_out_log_likelihood", -verdict->losses[c], error));
		PS_TRY(ps_value_set_number(env, candidate, "held_out_customers", verdict->judging, error));
	}
	return PS_OK;
}
