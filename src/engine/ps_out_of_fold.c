/*-------------------------------------------------------------------------
 *
 * ps_out_of_fold.c
 *	  See ps_out_of_fold.h.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_out_of_fold.h"

#include <math.h>
#include <string.h>

#include "ps_random.h"
#include "ps_row_hash.h"

#define FOLDS 5
#define ENOUGH_PREDICTIONS 20000
#define MOST_LEARNED 200000		/* rows of a trial model ... */
#define MOST_PREDICTED 50000	/* ... and those it predicts, where there are more than both */

/* Fewer rows of weight above 0, in all or of a class, say nothing about probabilities. */
#define LEAST_ROWS 200
#define LEAST_OF_CLASS 20

/* Where a row stands among all, in random order: 0 to below 1. */
static double
place(const ps_out_of_fold *out, size_t row)
{
	return (double) (out->hashes[row] >> 11) * 0x1p-53;
}

/* Is a row among those that a fold predicts? */
static bool
is_predicted(const ps_out_of_fold *out, size_t row, size_t fold)
{
	double		rows = (double) ps_frame_rows(out->frame);
	double		at = place(out, row) * FOLDS - (double) fold;

	return at >= 0 && at < 1 && (rows <= MOST_LEARNED + MOST_PREDICTED || at < FOLDS * MOST_PREDICTED / rows);
}

/* Is it among those that a fold's model learns from? */
static bool
is_learned(const ps_out_of_fold *out, size_t row, size_t fold)
{
	double		rows = (double) ps_frame_rows(out->frame);
	double		at = place(out, row) * FOLDS - (double) fold;

	return (at < 0 || at >= 1) &&
		(rows <= MOST_LEARNED + MOST_PREDICTED || at < 1 + FOLDS * MOST_LEARNED / rows);
}

ps_status
ps_out_of_fold_begin(const ps_env *env, const ps_plan *plan, const ps_frame *frame, const ps_value *document,
					 ps_out_of_fold *out, ps_error *error)
{
	static const char salt[] = "calibration";	/* other parts than those that choose and stop early */
	size_t		rows = ps_frame_rows(frame);
	uint64_t	seed = (uint64_t) ps_value_number_or(plan->options, "seed", 0);
	int64_t		classes[2] = {0, 0};
	ps_model   *model;

	*out = (ps_out_of_fold) {
		.plan = plan,.frame = frame,.wanted = ps_value_text_or(plan->options, "calibration", "none")
	};
	PS_TRY(ps_model_open(env, document, &model, error));
	if (!ps_is_classifier(model->kind) || strcmp(out->wanted, "none") == 0)
		return PS_OK;
	for (size_t row = 0; row < rows; row++)
	{
		if (row % PS_FRAME_CHUNK == 0)
			PS_TRY(ps_poll(env, 0, error));
		if (ps_frame_weight(frame, row) > 0)
			classes[ps_frame_target(frame, row) != 0]++;
	}
	if (classes[0] + classes[1] < LEAST_ROWS || classes[0] < LEAST_OF_CLASS || classes[1] < LEAST_OF_CLASS)
	{
		ps_format(out->failure, sizeof(out->failure), "%d rows with %d of the rarer class are too few, which are %d with %d",
				  classes[0] + classes[1], classes[0] < classes[1] ? classes[0] : classes[1], (int64_t) LEAST_ROWS,
				  (int64_t) LEAST_OF_CLASS);
		return PS_OK;
	}
	out->folds = (size_t) fmin(FOLDS, ceil((double) FOLDS * ENOUGH_PREDICTIONS / (double) rows));
	PS_TRY(ps_row_group_hashes(env, frame, ps_hash_bytes(seed, salt, sizeof(salt) - 1), &out->hashes, error));
	return ps_alloc(env, rows, sizeof(*out->predictions), &out->predictions, error);
}

/* Learn a trial model from the other rows. */
static ps_status
learn(const ps_env *env, const ps_out_of_fold *out, size_t fold, ps_model **model, ps_error *error)
{
	size_t		rows = ps_frame_rows(out->frame);
	size_t		width = ps_frame_columns(out->frame);
	size_t	   *columns;
	bool	   *learned;
	ps_frame   *part;
	ps_value   *document;
	ps_value   *notes;

	PS_TRY(ps_value_list(env, &notes, error));
	PS_TRY(ps_alloc(env, width, sizeof(*columns), &columns, error));
	PS_TRY(ps_alloc(env, rows, sizeof(*learned), &learned, error));
	for (size_t i = 0; i < width; i++)
		columns[i] = i;
	for (size_t row = 0; row < rows; row++)
	{
		if (row % PS_FRAME_CHUNK == 0)
			PS_TRY(ps_poll(env, 0, error));
		learned[row] = is_learned(out, row, fold);
	}
	PS_TRY(ps_frame_select(env, out->frame, columns, width, learned, true, &part, error));
	PS_TRY(ps_model_learn(env, out->plan, part, &document, notes, error));
	return ps_model_open(env, document, model, error);
}

ps_status
ps_out_of_fold_run(const ps_env *env, ps_out_of_fold *out, size_t fold, ps_error *error)
{
	const ps_request request = {0};
	ps_model   *model;
	ps_cell    *cells;
	ps_status	status;

	if (out->failure[0] != '\0')
		return PS_OK;
	status = learn(env, out, fold, &model, error);
	if (status == PS_OUT_OF_MEMORY || status == PS_CANCELLED)
		return status;
	if (status != PS_OK)
	{
		ps_format(out->failure, sizeof(out->failure), "a part of the rows cannot be learned from: %s", error->message);
		return PS_OK;
	}
	PS_TRY(ps_alloc_zero(env, ps_frame_columns(out->frame), sizeof(*cells), &cells, error));
	for (size_t row = 0; row < ps_frame_rows(out->frame); row++)
	{
		double		weight = ps_frame_weight(out->frame, row);
		ps_answer	answer;

		if (row % 1024 == 0)
			PS_TRY(ps_poll(env, 0, error));
		if (weight <= 0 || !is_predicted(out, row, fold))
			continue;
		ps_frame_row(out->frame, row, cells);
		PS_TRY(ps_model_ask(env, model, PS_ASK_PROBABILITY, cells, &request, &answer, error));
		if (!answer.null)
			out->predictions[out->count++] = (ps_prediction) {
				.log_odds = ps_log_odds(answer.number),.weight = weight,
				.actual = ps_frame_target(out->frame, row) != 0,
				.part = (uint8_t) (ps_hash_mix(out->hashes[row]) % PS_CALIBRATION_PARTS)
			};
	}
	return PS_OK;
}

/* Choose and estimate the map from sorted predictions, and store and note it with the losses. */
static ps_status
calibrate(const ps_env *env, const ps_out_of_fold *out, ps_value *document, ps_value *notes, ps_calibration *map,
		  ps_error *error)
{
	double		losses[PS_CALIBRATIONS];
	ps_calibration_kind kind;
	bool		found;
	ps_value   *training = (ps_value *) ps_value_get(document, "training");
	ps_value   *facts;

	PS_TRY(ps_calibration_choose(env, out->predictions, out->count, &kind, losses, error));
	for (int k = 0; k < PS_CALIBRATIONS; k++)
		if (strcmp(out->wanted, ps_calibration_name((ps_calibration_kind) k)) == 0)
			kind = (ps_calibration_kind) k;
	PS_TRY(ps_calibration_fit(env, kind, out->predictions, out->count, -1, map, &found, error));
	if (!found)
		map->kind = PS_CALIBRATION_NONE;

	PS_TRY(ps_value_set_object(env, training, "out_of_fold", &facts, error));
	PS_TRY(ps_value_set_number(env, facts, "rows", (double) out->count, error));
	PS_TRY(ps_value_set_number(env, facts, "log_loss", losses[PS_CALIBRATION_NONE], error));
	for (int k = 1; k < PS_CALIBRATIONS; k++)
		PS_TRY(ps_value_set_number(env, facts, ps_calibration_name((ps_calibration_kind) k), losses[k], error));
	PS_TRY(ps_note(env, notes, error, "calibration \"%s\"%s: on %d rows predicted out of fold the log loss is %g without, "
				   "%g with platt, %g with isotonic", ps_calibration_name(map->kind),
				   strcmp(out->wanted, "auto") == 0 ? " chosen" : found ? "" : ", since scores do not rise with the target",
				   (int64_t) out->count, ps_rounded(losses[PS_CALIBRATION_NONE], 4),
				   ps_rounded(losses[PS_CALIBRATION_PLATT], 4), ps_rounded(losses[PS_CALIBRATION_ISOTONIC], 4)));
	return map->kind == PS_CALIBRATION_NONE ? PS_OK : ps_calibration_save(env, map, document, error);
}

ps_status
ps_out_of_fold_finish(const ps_env *env, ps_out_of_fold *out, ps_value *document, ps_value *notes, ps_error *error)
{
	ps_calibration map;
	ps_model   *model;
	double	   *scores;

	if (out->failure[0] != '\0' && strcmp(out->wanted, "auto") != 0)
		PS_TRY(ps_note(env, notes, error, "probabilities are not calibrated: %s", out->failure));
	if (out->folds == 0 || out->count == 0 || out->failure[0] != '\0')
	{
		PS_TRY(ps_model_open(env, document, &model, error));
		return ps_model_set_bands(env, document, model, out->frame, error);
	}
	PS_TRY(ps_predictions_sort(env, out->predictions, out->count, error));
	PS_TRY(calibrate(env, out, document, notes, &map, error));
	PS_TRY(ps_alloc(env, out->count, sizeof(*scores), &scores, error));
	for (size_t i = 0; i < out->count; i++)
		scores[i] = ps_probability(ps_calibration_map(&map, out->predictions[i].log_odds, NULL));
	PS_TRY(ps_model_cut_bands(env, document, scores, out->count, error));
	ps_release(env, scores);
	return PS_OK;
}
