/*-------------------------------------------------------------------------
 *
 * ps_survival.h
 *	  What the methods on contracts share: how long each contract was
 *	  observed, whether it ended then, and answers from a survival curve.
 *
 * A row is one contract, or a part of its time.  The option "duration" names
 * the column with the time from its start to its end or, while it goes on, to
 * the moment judged; the target says whether it ended there.  "entry" names
 * the column with the time at which it came under observation (left
 * truncation, and the later parts of a contract whose columns change), and
 * "margin" that with the money it brings per time unit.  Durations are
 * numbers in the time unit, or intervals.
 *
 * A model's inputs are its covariates first, then the columns that the option
 * "strata" of some methods names, then those of these options.  The same row, asked about, is a contract that goes on: what is
 * answered holds given that it lasted for its duration.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_SURVIVAL_H
#define PS_SURVIVAL_H

#include "ps_learner.h"
#include "ps_linear_model.h"

/* The options, to be listed among a learner's own, in this order. */
#define PS_SURVIVAL_COLUMN(name, help) {name, PS_OPTION_COLUMN, NAN, 0, 0, NULL, help}
#define PS_SURVIVAL_DURATION PS_SURVIVAL_COLUMN("duration", \
	"Column with the time from the start of the contract to its end or, while it goes on, to the moment judged.")
#define PS_SURVIVAL_ENTRY PS_SURVIVAL_COLUMN("entry", \
	"Column with the time after the start from which on the contract was observed.")
#define PS_SURVIVAL_MARGIN PS_SURVIVAL_COLUMN("margin", "Column with the money a contract brings per time unit, for clv.")

#define PS_SURVIVAL_STRATA {"strata", PS_OPTION_COLUMNS, NAN, 0, 0, NULL, \
	"Columns whose combinations of values have a curve each."}

#define PS_SURVIVAL_ANSWERS \
	((1u << PS_ASK_CHURN) | (1u << PS_ASK_ALIVE) | (1u << PS_ASK_LIFETIME) | (1u << PS_ASK_VALUE))

enum
{
	PS_SURVIVAL_ROLE_DURATION,
	PS_SURVIVAL_ROLE_ENTRY,
	PS_SURVIVAL_ROLE_MARGIN,
	PS_SURVIVAL_ROLES
};

/* Where the inputs of a model have which role. */
typedef struct ps_survival_reader
{
	double		unit;			/* days in the time unit */
	size_t		nstrata;
	size_t		ncovariates;	/* inputs before those of the strata */
	int			inputs[PS_SURVIVAL_ROLES];	/* places among the inputs, -1 where not given */
	double		scales[PS_SURVIVAL_ROLES];	/* factor to the time unit: 1 for numbers */
	const char *names[PS_SURVIVAL_ROLES];
} ps_survival_reader;

/* A row with a known duration. */
typedef struct ps_survival_row
{
	double		entry;			/* 0 <= entry < duration, or both 0 */
	double		duration;
	double		weight;			/* > 0 */
	bool		ended;
	size_t		row;			/* of the frame */
} ps_survival_row;

/* ps_learner.choose for these methods: the columns that the options name, for some after all that may be covariates. */
extern ps_status ps_survival_choose(const ps_env *env, const ps_value *options, const ps_column *columns, size_t n,
									size_t *features, size_t *nfeatures, ps_value *notes, ps_error *error);
extern ps_status ps_survival_choose_covariates(const ps_env *env, const ps_value *options, const ps_column *columns,
											   size_t n, size_t *features, size_t *nfeatures, ps_value *notes,
											   ps_error *error);

/* Store what a reader of the model needs: the time unit and the columns of the options. */
extern ps_status ps_survival_save(const ps_env *env, const ps_value *options, ps_value *parameters, ps_error *error);

/* Prepare reading from untrusted parameters; what does not fit is PS_CORRUPT. */
extern ps_status ps_survival_open(ps_survival_reader *reader, const ps_value *parameters, const ps_input *inputs,
								  size_t ninputs, ps_error *error);

/* The same for a frame built to the plan of these functions and parameters just saved. */
extern ps_status ps_survival_open_frame(const ps_env *env, ps_survival_reader *reader, const ps_value *parameters,
										const ps_frame *frame, ps_error *error);

/*
 * Read and check all rows of weight above 0 into rows[*n], in the order of the
 * frame; those with an unknown duration or entry are left out with a note
 * (none with notes NULL).  A target that is not 0 or 1, a negative duration or
 * an entry that is not before the duration are PS_INVALID_DATA naming the row.
 */
extern ps_status ps_survival_read(const ps_env *env, const ps_survival_reader *reader, const ps_frame *frame,
								  ps_survival_row **rows, size_t *n, ps_value *notes, ps_error *error);

/* Get the frame of the covariates alone, with the target and the weights. */
extern ps_status ps_survival_covariates(const ps_env *env, const ps_survival_reader *reader, const ps_frame *frame,
										ps_frame **covariates, ps_error *error);

/* Refuse rows of which none has ended. */
extern ps_status ps_survival_need_ends(const ps_survival_row *rows, size_t n, ps_error *error);

/* Refuse times that are no whole periods, and ends before the first period has passed. */
extern ps_status ps_survival_need_periods(const ps_survival_reader *reader, const ps_survival_row *rows, size_t n,
										  const char *time_unit, ps_error *error);

/* Survival of one contract by the time since its start. */
typedef struct ps_survival_curve ps_survival_curve;

struct ps_survival_curve
{
	double		(*log_survival) (const ps_survival_curve *curve, double time);	/* log S(t); t >= 0 */
	double		(*next) (const ps_survival_curve *curve, double time);	/* of a step curve: its next fall after t,
																		 * INFINITY when there is none; NULL for a
																		 * smooth curve */
	double		end;			/* the curve is known up to here; INFINITY */
	const void *model;			/* the method's own */
	double		numbers[2];		/* the method's own, of the row */
	double		(*expectation) (const ps_survival_curve *curve, double t, double horizon, double delta);	/* as
																		 * ps_survival_expectation, which does without
																		 * where it is NULL */
};

/* What the state of a model of each method starts with. */
typedef struct ps_survival_model
{
	ps_linear_model predictor;	/* first, for ps_linear_model_explain; empty where the method has no covariates */
	ps_survival_reader reader;

	/* Get the curve of a row from the start of its contract on; *null where the model has none for it. */
	ps_status	(*find_curve) (const void *state, const ps_cell *cells, ps_survival_curve *curve, bool *null,
							   ps_error *error);

	/* Answer PS_ASK_SCORE. */
	ps_status	(*score) (const void *state, const ps_cell *cells, ps_answer *answer, ps_error *error);
} ps_survival_model;

/*
 * ps_learner.answer for a contract that goes on after its duration: null where
 * the duration (or the margin, for its value) is, where the curve does not
 * reach as far as the question, and where an expectation does not exist.
 */
extern ps_status ps_survival_ask(const ps_env *env, const void *state, ps_question question, const ps_cell *cells,
								 const ps_request *request, ps_answer *answer, ps_error *error);

/* The duration among cells in the time unit; *null when it is unknown. */
extern ps_status ps_survival_duration(const ps_survival_reader *reader, const ps_cell *cells, double *duration,
									  bool *null, ps_error *error);

/* Expected time to the end after t, discounted at the rate delta, within a horizon (or INFINITY): NAN where it does not exist. */
extern double ps_survival_expectation(const ps_survival_curve *curve, double t, double horizon, double delta);

#endif							/* PS_SURVIVAL_H */
