/*-------------------------------------------------------------------------
 *
 * ps_choice.h
 *	  Which method learns: the one named or, for "auto", the best of those
 *	  that declare themselves for it (ps_learner.automatic); and which of its
 *	  models a method takes, where an option leaves that to be "auto".
 *
 * A host begins before the first row, when it knows the columns; takes rows
 * into a frame with the features of all candidates; lets the candidates be
 * compared; and settles on the winner.  The comparison is made within the rows
 * to learn from, so that rows the host holds out stay unseen.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_CHOICE_H
#define PS_CHOICE_H

#include "ps_model.h"

#define PS_AUTO "auto"

#define PS_CANDIDATES 4			/* methods, or models of one, that "auto" compares at most */
#define PS_CHOICE_REASON 600

typedef struct ps_choice
{
	ps_plan		all;			/* the first candidate's, with the features of all */
	const char *option;			/* of one method, in which all candidates differ; NULL: they are methods */
	bool		may_simplify;	/* "auto" found this method, whose model alone will do for histories without amounts */
	size_t		count;
	ps_plan		plans[PS_CANDIDATES];	/* simplest first */
	ps_plan		models[PS_CANDIDATES];	/* of a method that is given a model to take: that model as a method */
	ps_value   *notes[PS_CANDIDATES];	/* on the columns */
} ps_choice;

/* Which candidate, and why. */
typedef struct ps_verdict
{
	size_t		winner;
	char		reason[PS_CHOICE_REASON];	/* "" when there was one candidate */
	bool		simplify;		/* to the model alone */
	double		judging;		/* rows that judged, of models customers; 0 without a comparison */
	double		losses[PS_CANDIDATES];	/* on them: minus the log-likelihood where models of a method compete; or INFINITY */
} ps_verdict;

/*
 * Find the candidates for a method that exists, or "auto", with options as
 * given.  Candidates that do not take the options or find no columns drop out.
 */
extern ps_status ps_choice_begin(const ps_env *env, const char *method, const ps_value *given, const ps_column *columns,
								 size_t ncolumns, ps_choice *out, ps_value *notes, ps_error *error);

/*
 * Compare the candidates on a frame with the features of choice->all, whose
 * rows may get another order.  Nothing allocated from env is needed afterwards.
 */
extern ps_status ps_choice_compare(const ps_env *env, const ps_choice *choice, ps_frame *frame,
								   ps_verdict *verdict, ps_error *error);

/* Make choice->plans[verdict->winner] the plan to follow and *frame one with its features, and note what was chosen and on the columns. */
extern ps_status ps_choice_settle(const ps_env *env, ps_choice *choice, const ps_verdict *verdict,
								  ps_frame **frame, ps_value *notes, ps_error *error);

/* Add to a document learned from it the models that were compared: parameters.candidates. */
extern ps_status ps_choice_save(const ps_env *env, const ps_choice *choice, const ps_verdict *verdict,
								ps_value *document, ps_error *error);

#endif							/* PS_CHOICE_H */
