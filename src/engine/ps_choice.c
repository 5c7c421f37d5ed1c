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
 *-------------------------------------------------------------------------
 */
#include "ps_choice.h"

#include <math.h>
#include <string.h>

#include "ps_learners.h"
#include "ps_random.h"
#include "ps_row_hash.h"

/* Rows of weight above 0 that a comparison needs at least, and which part of them judges. */
#define COMPARED_ROWS 200
#define JUDGING_SHARE 5

/* What part of the simpler method's loss a more complicated one's must be below. */
#define CLEARLY_LOWER 0.999

#define LEARNER_ADDRESS(name) &ps_learner_##name,

static const ps_learner *const learners[] = {PS_LEARNERS(LEARNER_ADDRESS)};

#define LEARNERS (sizeof(learners) / sizeof(learners[0]))

/* Plan for a method, and take it among the candidates if that succeeds. */
static ps_status
add_candidate(const ps_env *env, const ps_learner *learner, const ps_value *given, const ps_column *columns,
			  size_t ncolumns, ps_choice *choice, ps_error *error)
{
	ps_value   *options;
	ps_value  **notes = &choice->notes[choice->count];
	ps_plan    *plan = &choice->plans[choice->count];

	PS_TRY(ps_value_list(env, notes, error));
	PS_TRY(ps_options_complete(env, learner, given, &options, error));
	PS_TRY(ps_plan_make(env, learner, options, columns, ncolumns, plan, *notes, error));
	choice->count++;
	return PS_OK;
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

/* Say which method was chosen. */
static ps_status
note_chosen(const ps_env *env, const ps_plan *plan, const char *reason, ps_value *notes, ps_error *error)
{
	return ps_note(env, notes, error, "method \"%s\" chosen: %s", plan->learner->name, reason);
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
		status = add_candidate(env, learners[i], given, columns, ncolumns, choice, &own);
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
	if (choice->count > 1)
		return PS_OK;
	return note_chosen(env, &choice->plans[0], automatic == PS_AUTOMATIC_HISTORY ?
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
		PS_TRY(add_candidate(env, ps_learner_find(method), given, columns, ncolumns, out, error));
	if (out->count == 1)
	{
		PS_TRY(append_notes(env, out->notes[0], notes, error));
		out->notes[0]->count = 0;
	}
	return unite_features(env, ncolumns, out, error);
}

/* The features of a candidate, sharing the memory of the frame. */
static ps_status
select_features(const ps_env *env, const ps_choice *choice, size_t candidate, const ps_frame *frame, ps_frame **out,
				ps_error *error)
{
	const ps_plan *plan = &choice->plans[candidate];
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

/* The loss of a candidate on the judging rows when it has learned from the others. */
static ps_status
try_candidate(const ps_env *env, const ps_choice *choice, size_t candidate, const ps_frame *learning,
			  const ps_frame *judging, double *loss, ps_error *error)
{
	ps_frame   *rows;
	ps_value   *document;
	ps_value   *notes;
	ps_value   *metrics;
	ps_model   *model;

	PS_TRY(ps_value_list(env, &notes, error));
	PS_TRY(select_features(env, choice, candidate, learning, &rows, error));
	PS_TRY(ps_model_learn(env, &choice->plans[candidate], rows, &document, notes, error));
	PS_TRY(ps_model_open(env, document, &model, error));
	PS_TRY(select_features(env, choice, candidate, judging, &rows, error));
	return ps_model_evaluate(env, model, rows, &metrics, loss, error);
}

/* What the targets of rows of weight above 0 say about a comparison. */
typedef struct target_survey
{
	size_t		rows;
	bool		zero_one;		/* all are 0 or 1 */
	size_t		classes[2][2];	/* rows of [learning, judging] with target [0, 1] */
} target_survey;

/* Survey targets; without parts, all rows are learning. */
static ps_status
survey_targets(const ps_env *env, const ps_frame *frame, const bool *judging, target_survey *survey, ps_error *error)
{
	*survey = (target_survey) {.zero_one = true};
	for (size_t row = 0; row < ps_frame_rows(frame); row++)
	{
		double		target = ps_frame_target(frame, row);

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

/* Choose which rows judge. */
static ps_status
choose_judging(const ps_env *env, const ps_frame *frame, bool **judging, ps_error *error)
{
	static const char salt[] = "choice";	/* other rows than those of early stopping */
	uint64_t   *hashes;

	PS_TRY(ps_row_group_hashes(env, frame, ps_hash_bytes(0, salt, sizeof(salt) - 1), &hashes, error));
	PS_TRY(ps_alloc(env, ps_frame_rows(frame), sizeof(**judging), judging, error));
	for (size_t row = 0; row < ps_frame_rows(frame); row++)
		(*judging)[row] = hashes[row] < UINT64_MAX / JUDGING_SHARE;
	ps_release(env, hashes);
	return PS_OK;
}

/* Round to four digits after the point, for people. */
static double
four_digits(double loss)
{
	return round(loss * 1e4) / 1e4;
}

/* Let the candidates that are in compete. */
static ps_status
compete(const ps_env *env, const ps_choice *choice, const bool *in, const ps_frame *learning,
		const ps_frame *judging, ps_verdict *verdict, ps_error *error)
{
	double		losses[PS_CANDIDATES];
	char		failures[PS_CANDIDATES][sizeof(error->message)];
	int64_t		count = (int64_t) ps_frame_rows(judging);
	int64_t		all = count + (int64_t) ps_frame_rows(learning);

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
		if (losses[c] < CLEARLY_LOWER * losses[verdict->winner])
			verdict->winner = c;
	}
	if (isfinite(losses[verdict->winner]))
		ps_format(verdict->reason, sizeof(verdict->reason), "its loss on %d of the %d rows is %g", count, all,
				  four_digits(losses[verdict->winner]));
	else
		ps_format(verdict->reason, sizeof(verdict->reason), "no method can learn from a part of the rows");
	for (size_t c = 0; c < choice->count; c++)
	{
		const char *name = choice->plans[c].learner->name;
		size_t		used = strlen(verdict->reason);

		if (!in[c] || c == verdict->winner)
			continue;
		if (isfinite(losses[c]))
			ps_format(verdict->reason + used, sizeof(verdict->reason) - used, ", that of \"%s\" %g%s", name,
					  four_digits(losses[c]), losses[c] < losses[verdict->winner] ? ", not clearly lower" : "");
		else
			ps_format(verdict->reason + used, sizeof(verdict->reason) - used, "; \"%s\" cannot be tried: %s", name,
					  failures[c]);
	}
	return PS_OK;
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
	if (choice->count == 1)
		return PS_OK;
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
		in[c] = strcmp(own, kind) == 0 &&
			(c == verdict->winner || plan->learner->comparison == PS_COMPARE_KIND);
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
	return compete(env, choice, in, learning_rows, judging_rows, verdict, error);
}

ps_status
ps_choice_settle(const ps_env *env, const ps_choice *choice, const ps_verdict *verdict, ps_frame **frame,
				 ps_value *notes, ps_error *error)
{
	const ps_plan *plan = &choice->plans[verdict->winner];

	if (verdict->reason[0] != '\0')
		PS_TRY(note_chosen(env, plan, verdict->reason, notes, error));
	PS_TRY(append_notes(env, choice->notes[verdict->winner], notes, error));
	if (plan->nfeatures == choice->all.nfeatures &&
		memcmp(plan->features, choice->all.features, plan->nfeatures * sizeof(size_t)) == 0)
		return PS_OK;
	return select_features(env, choice, verdict->winner, *frame, frame, error);
}
