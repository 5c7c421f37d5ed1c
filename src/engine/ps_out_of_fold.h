/*-------------------------------------------------------------------------
 *
 * ps_out_of_fold.h
 *	  What needs predictions for rows that a classifier has not learned from:
 *	  calibration and the cuts of the bands.
 *
 * The rows to learn from are divided into FOLDS parts by their content; each
 * part is predicted by a model of the same method and options that learned
 * from the others.  Of many rows only as many parts are predicted as give
 * ENOUGH_PREDICTIONS, and a trial model learns from MOST_LEARNED rows at most,
 * so that the work is bounded.  Rows that a host holds out take no part.
 *
 * A host begins, runs each fold with memory that it frees afterwards, and
 * finishes, which changes the document.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_OUT_OF_FOLD_H
#define PS_OUT_OF_FOLD_H

#include "ps_calibration.h"
#include "ps_model.h"

typedef struct ps_out_of_fold
{
	const ps_plan *plan;
	const ps_frame *frame;
	const char *wanted;			/* the option calibration */
	size_t		folds;			/* to run; 0 when nothing is to be predicted */
	uint64_t   *hashes;			/* of the rows */
	size_t		count;
	ps_prediction *predictions;
	char		failure[320];	/* why there are none, or "" */
} ps_out_of_fold;

/* Prepare for a frame and the document of the model that ps_model_fit made of it. */
extern ps_status ps_out_of_fold_begin(const ps_env *env, const ps_plan *plan, const ps_frame *frame,
									  const ps_value *document, ps_out_of_fold *out, ps_error *error);

/* Predict a fold, 0..folds - 1; nothing allocated from env is needed afterwards. */
extern ps_status ps_out_of_fold_run(const ps_env *env, ps_out_of_fold *out, size_t fold, ps_error *error);

/*
 * Choose the calibration and put it into the document, with the losses and a
 * note about them; and cut the bands from the calibrated predictions or,
 * without any, from the scores of the rows learned from.
 */
extern ps_status ps_out_of_fold_finish(const ps_env *env, ps_out_of_fold *out, ps_value *document, ps_value *notes,
									   ps_error *error);

#endif							/* PS_OUT_OF_FOLD_H */
