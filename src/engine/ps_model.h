/*-------------------------------------------------------------------------
 *
 * ps_model.h
 *	  Models: documents, their bytes, and asking them.
 *
 * A model is a document (ps_value object):
 *
 *	  method      text, a row of the learner table
 *	  inputs      list of {name, type}
 *	  time_zone   text, where some input is a moment: the zone in which the host
 *				  reads timestamps with time zone
 *	  target      text, where the method has one
 *	  classes     [negative, positive], where the target was text (ps_target.h)
 *	  calibration what follows a classifier's answers (ps_calibration.h), optional
 *	  bands       {cuts: numbers ascending, labels: list of one text more}, optional
 *	  training    object with facts about the fit (rows, base_rate, ...), optional
 *	  parameters  object, the learner's own
 *
 * Bytes, all little-endian:
 *
 *	  0   4  magic "PSMD"
 *	  4   2  format version (1)
 *	  6   2  flags, 0; reserved
 *	  8   4  length of the payload in bytes
 *	  12  4  CRC-32C of bytes 0..11 and of the payload
 *	  16     payload: the document in the encoding described in ps_model_bytes.c
 *
 * The writer writes the newest version, the reader reads all of them for ever.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_MODEL_H
#define PS_MODEL_H

#include "ps_calibration.h"
#include "ps_cluster_numbers.h"
#include "ps_learner.h"

typedef struct ps_model
{
	const ps_learner *learner;
	const ps_value *document;
	size_t		ninputs;
	ps_input   *inputs;
	const char *time_zone;		/* or NULL without moments */
	const char *kind;			/* and what it answers: the learner's, unless it says otherwise */
	unsigned	answers;
	const char *target;			/* or NULL */
	const char **classes;		/* its texts for 0 and 1, or NULL */
	size_t		ncuts;			/* 0: no bands */
	const double *cuts;			/* ascending */
	const char **labels;		/* ncuts + 1 */
	const ps_calibration *calibration;	/* or NULL */
	const ps_cluster_numbers *clusters;	/* of a model that answers cluster, or NULL */
	void	   *state;			/* the learner's */
	bool		takes_numbers;		/* ps_model_ask_numbers may be asked */
} ps_model;

/* True for the kind of model that predicts a yes or no. */
extern bool ps_is_classifier(const char *kind);

/* True for those that learn from one: of classifiers, and of contracts that have ended or not. */
extern bool ps_has_classes(const char *kind);

/* The kind of model that a fit to targets gives, of which all are 0 and 1 or not. */
extern const char *ps_plan_kind(const ps_plan *plan, bool zero_one);

/* Learn from a frame built to the plan: the finished document. */
extern ps_status ps_model_fit(const ps_env *env, const ps_plan *plan, const ps_frame *frame,
							  ps_value **document, ps_value *notes, ps_error *error);

/* The same without looking for leakage, for trial models. */
extern ps_status ps_model_learn(const ps_env *env, const ps_plan *plan, const ps_frame *frame,
								ps_value **document, ps_value *notes, ps_error *error);

/* A document from known parameters (make_model). options as the user gave them, or NULL. */
extern ps_status ps_model_make(const ps_env *env, const ps_learner *learner, const ps_value *given,
							   const ps_value *options, ps_value **document, ps_error *error);

/* Validate a document and prepare it for questions. Any error is PS_CORRUPT (or out of memory). */
extern ps_status ps_model_open(const ps_env *env, const ps_value *document, ps_model **out, ps_error *error);

/* Bytes to document and back. Decode refuses everything but exactly what encode writes. */
extern ps_status ps_model_encode(const ps_env *env, const ps_value *document, uint8_t **bytes, size_t *length, ps_error *error);
extern ps_status ps_model_decode(const ps_env *env, const uint8_t *bytes, size_t length, ps_value **document, ps_error *error);

/* Ask; PS_WRONG_MODEL names the methods that do answer the question. */
extern ps_status ps_model_ask(const ps_env *env, const ps_model *model, ps_question question, const ps_cell *cells,
							  const ps_request *request, ps_answer *answer, ps_error *error);

/*
 * The same of a model that takes numbers, for requests of a horizon alone, or nothing.
 * Returns false where ps_model_ask must be asked, which says why; otherwise
 * the answer is the same to the last bit.
 */
extern bool ps_model_ask_numbers(const ps_model *model, ps_question question, const ps_numbers *row,
								 const ps_request *request, double *answer);

/*
 * What each input of a row adds to the answer: contributions[ninputs], which
 * sum with *baseline to what the learner explains, or to the calibrated
 * log-odds.  PS_WRONG_MODEL names the methods that do explain.
 */
extern ps_status ps_model_explain(const ps_env *env, const ps_model *model, const ps_cell *cells,
								  double *baseline, double *contributions, ps_error *error);

/*
 * Quality of a model on a frame whose columns are its inputs, in order.
 * *loss lower is better.
 */
extern ps_status ps_model_evaluate(const ps_env *env, const ps_model *model, const ps_frame *frame,
								   ps_value **metrics, double *loss, ps_error *error);

/* True when the lower of two models' losses on the same rows tells which is better. */
extern bool ps_model_comparable(const ps_model *left, const ps_model *right);

/*
 * Freeze band cuts from scores of a classifier, which are sorted, into its
 * document: low below the base rate, high from twice the base rate on, but high
 * is never made rarer than a tenth of the scores nor low rarer than a fifth.
 */
extern ps_status ps_model_cut_bands(const ps_env *env, ps_value *document, double *scores, size_t count,
									ps_error *error);

/* The same from a model's scores on frame; one that does not answer intent_score gets no bands. */
extern ps_status ps_model_set_bands(const ps_env *env, ps_value *document, const ps_model *model,
									const ps_frame *frame, ps_error *error);

/* The label of a score: labels[i] where i is how many cuts are <= score. */
extern const char *ps_band_label(const double *cuts, size_t ncuts, const char *const *labels, double score);

#endif							/* PS_MODEL_H */
