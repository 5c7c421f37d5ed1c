/*-------------------------------------------------------------------------
 *
 * ps_learner.h
 *	  The learner table: what a method gives, and the calls that serve all.
 *
 * Adding a method is one file that defines a const ps_learner, and one row in
 * ps_learners.h.  Nothing in src/pg/ changes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_LEARNER_H
#define PS_LEARNER_H

#include "ps_env.h"
#include "ps_frame.h"
#include "ps_value.h"

/*
 * What a caller can ask a model about one row.
 *
 * A method that answers PS_ASK_CLUSTER lists its clusters in its parameters as
 * ps_cluster_numbers.h says, writes 1..k into them when it learns, and answers
 * with places in that list.  It need know nothing of the numbers that clusters
 * keep from version to version.
 */
typedef enum ps_question
{
	PS_ASK_SCORE,				/* the model's main number */
	PS_ASK_PROBABILITY,			/* intent_score: P(target) */
	PS_ASK_CHURN,				/* P(gone within the horizon) */
	PS_ASK_ALIVE,				/* P(alive at as_of, or at as_of + horizon) */
	PS_ASK_PURCHASES,			/* expected purchases within the horizon */
	PS_ASK_VALUE,				/* clv: discounted expected money within the horizon */
	PS_ASK_CLUSTER,				/* a cluster, in number */
	PS_ASK_EXACTLY,				/* P(exactly count purchases within the horizon) */
	PS_ASK_AT_LEAST,			/* P(count or more purchases within the horizon) */
	PS_ASK_NEXT,				/* days until a purchase has happened with the probability; null: never so likely */
	PS_ASK_ALIVE_BELOW,			/* days without purchase until P(alive) is below the probability; null: never */
	PS_ASK_CHURN_ABOVE,			/* days without purchase until P(gone ...) reaches the probability; null: never */
	PS_ASK_LIFETIME,			/* expected days to the end of a contract, within the horizon */
	PS_ASK_PURCHASES_BOUND,		/* what the expected purchases are below with the probability */
	PS_ASK_VALUE_BOUND,			/* what the discounted expected money is below with the probability */
	PS_ASK_CLUSTERS,			/* P(each cluster), in numbers */
	PS_ASK_CLUSTER_DISTANCE,	/* from the row to its cluster */
	PS_ASK_SECOND_CLUSTER,		/* the next best cluster, in number; null: there is only one */
	PS_ASK_UNLIKE,				/* 1: the row is unlike any cluster, 0: it is not; null: not known */
	PS_ASK_DISCOUNTED,			/* expected purchases within the horizon, discounted by their waits */
	PS_ASK_ALIVE_LOG_ODDS		/* log-odds of PS_ASK_ALIVE; null where that is certain */
} ps_question;

#define PS_QUESTIONS 21

/* The questions that are answered in days from the moment judged. */
#define PS_DAY_QUESTIONS (1u << PS_ASK_NEXT | 1u << PS_ASK_ALIVE_BELOW | 1u << PS_ASK_CHURN_ABOVE)

/* The SQL function that asks it: "score", "intent_score", "churn_probability", ... */
extern const char *ps_question_name(ps_question question);

typedef struct ps_request
{
	bool		has_horizon;	/* false: none given (infinite for PS_ASK_VALUE and PS_ASK_DISCOUNTED, now for PS_ASK_ALIVE) */
	double		horizon;		/* days, > 0 and finite */
	double		discount;		/* effective rate per year of 365.25 days, >= 0 */
	double		count;			/* of purchases: a whole number, >= 0 */
	double		probability;	/* to reach, between 0 and 1 */
} ps_request;

/* A row of numbers: those of the first input, and the others each stride bytes after the one before. */
typedef struct ps_numbers
{
	const double *first;		/* may be NaN or infinite */
	const bool *null;			/* is the first NULL? */
	size_t		stride;
} ps_numbers;

typedef struct ps_answer
{
	bool		null;			/* unknown: documented per method */
	double		number;
	size_t		count;			/* of numbers */
	const double *numbers;		/* allocated from env, where the question asks for several; finite */
} ps_answer;

typedef enum ps_option_type
{
	PS_OPTION_NUMBER,
	PS_OPTION_INTEGER,
	PS_OPTION_BOOLEAN,
	PS_OPTION_TEXT,				/* one of choices, when given */
	PS_OPTION_COLUMN,			/* name of a column of the row */
	PS_OPTION_COLUMNS			/* list of names */
} ps_option_type;

typedef struct ps_option
{
	const char *name;
	ps_option_type type;
	double		fallback;		/* default of numbers, integers and booleans (NAN: none) */
	double		min,
				max;			/* inclusive; for numbers and integers */
	const char *choices;		/* space-separated words for PS_OPTION_TEXT, the first is the default; or NULL */
	const char *help;			/* one sentence */
} ps_option;

/* Which losses (ps_learner.evaluate) of its models say which is better. */
typedef enum ps_comparison
{
	PS_COMPARE_METHOD,			/* those of models of this method and one kind */
	PS_COMPARE_KIND,			/* those of all models of one kind whose methods say so */
	PS_COMPARE_NEVER
} ps_comparison;

/* When the method "auto" may choose a method (ps_choice.h). */
typedef enum ps_automatic
{
	PS_AUTOMATIC_NEVER,
	PS_AUTOMATIC_TARGET,		/* a target is given */
	PS_AUTOMATIC_HISTORY		/* none is, and the rows have a purchase history */
} ps_automatic;

/* A model's input: which column, and what it must be. */
typedef struct ps_input
{
	const char *name;			/* "" for a history found by its type */
	ps_type		type;
} ps_input;

typedef struct ps_learner
{
	const char *name;			/* the SQL method */
	const char *kind;			/* "classifier", "purchase", "spend", "cluster", … as users read it */
	bool		needs_target;
	unsigned	answers;		/* bit (1 << ps_question) for each it answers */
	ps_comparison comparison;
	ps_automatic automatic;
	const ps_option *options;	/* own options beside the common ones; ends with name NULL */

	/*
	 * For a method that is given one of several models of histories to take,
	 * which are methods, too: the option that says which, and those that
	 * ps_choice.h compares where it says "auto", the preferred one first, ending
	 * with NULL.  choose, fit and make refuse "auto".
	 */
	const char *model_option;
	const char *const *compared;

	/*
	 * For a method whose models are not all of one kind, otherwise NULL: the
	 * kind of a fit with complete options to targets of which all are 0 and 1
	 * or not, and that of a model, with what it answers (preset to kind and
	 * answers above, which are then those of some model).  The target of a
	 * "classifier" is checked to have both classes and nothing else.
	 */
	const char *(*fit_kind) (const ps_value *options, bool zero_one);
	void		(*model_kind) (const void *state, const char **kind, unsigned *answers);

	/*
	 * Choose the feature columns among columns[n] (which come without target,
	 * key, weight and excluded ones): fill features[] with their indices and
	 * *nfeatures (at most n). Notes say what is left out and why.
	 */
	ps_status	(*choose) (const ps_env *env, const ps_value *options, const ps_column *columns, size_t n,
						   size_t *features, size_t *nfeatures, ps_value *notes, ps_error *error);

	/* Learn: fill the empty object parameters. options are complete and checked. */
	ps_status	(*fit) (const ps_env *env, const ps_frame *frame, const ps_value *options,
						ps_value *parameters, ps_value *notes, ps_error *error);

	/*
	 * Parameters from known numbers (make_model); NULL when the method has no
	 * such form.  The model's inputs are then the columns that own options of
	 * type PS_OPTION_COLUMN name, as numbers in the order of the table of
	 * options, and where none is named one history found by its type.
	 */
	ps_status	(*make) (const ps_env *env, const ps_value *given, const ps_value *options,
						 ps_value *parameters, ps_error *error);

	/*
	 * Validate untrusted parameters completely and prepare scoring: *state is
	 * allocated from env and is read-only afterwards. inputs[ninputs] are the
	 * model's inputs, already validated.
	 */
	ps_status	(*load) (const ps_env *env, const ps_value *parameters, const ps_input *inputs, size_t ninputs,
						 void **state, ps_error *error);

	/* Answer a question this learner answers. cells[ninputs]. Never NaN: null or an error instead. env for poll and, rarely, scratch memory. */
	ps_status	(*answer) (const ps_env *env, const void *state, ps_question question, const ps_cell *cells,
						   const ps_request *request, ps_answer *answer, ps_error *error);

	/*
	 * The quick way to a number, for models that take_numbers: their inputs are
	 * all numbers.  Returns false where answer must be asked, since a number is
	 * NULL or not finite, or the answer would be neither known nor finite, or
	 * takes long; otherwise the answer is the same to the last bit.  Both NULL
	 * for methods that have none.
	 */
	bool		(*takes_numbers) (const void *state);
	bool		(*answer_numbers) (const void *state, ps_question question, const ps_numbers *row,
								   const ps_request *request, double *answer);

	/*
	 * Quality on rows the model has not seen: add named numbers to metrics
	 * and set *loss (lower is better; compared between versions on the same
	 * rows). frame has the model's inputs as its columns, in order.
	 */
	ps_status	(*evaluate) (const ps_env *env, const void *state, const ps_frame *frame,
							 ps_value *metrics, double *loss, ps_error *error);

	/*
	 * Say what each input of a row adds to the model's main number (of a
	 * probability: to its log-odds), relative to the rows of the training:
	 * add to contributions[ninputs], which are 0, and to *baseline, such that
	 * all together sum to that number.  The encoded columns of an input belong
	 * to it.  NULL when the method cannot explain.
	 */
	ps_status	(*explain) (const ps_env *env, const void *state, const ps_cell *cells,
							double *baseline, double *contributions, ps_error *error);
} ps_learner;

/* NULL when there is no such method. */
extern const ps_learner *ps_learner_find(const char *name);

/* Names of all methods, comma-separated, for messages. */
extern const char *ps_learner_names(void);

/* The same into buffer, of the methods that answer any of the questions whose bits are set. */
extern void ps_learner_list(unsigned answers, char *buffer, size_t size);

/* The same, of the methods that explain their answers. */
extern void ps_learner_list_explaining(char *buffer, size_t size);

/*
 * Check what the user gave (an object, or NULL) against the common options
 * (target, positive, key, exclude, include, weight, sample, seed, time_unit,
 * as_of, time_zone), those of classifiers (calibration) and clusters
 * (keep_labels) and the learner's own, and fill in defaults.  An unknown name
 * is an error that lists the known ones.
 */
extern ps_status ps_options_complete(const ps_env *env, const ps_learner *learner, const ps_value *given,
									 ps_value **out, ps_error *error);

/* True when the method has an option of that name; and all options in an object (or NULL). */
extern bool ps_option_known(const ps_learner *learner, const char *name);
extern bool ps_options_known(const ps_learner *learner, const ps_value *given);

/*
 * Which column serves for what. target and weight are indices or -1; features
 * are indices into columns, in the order of the frame to build.
 */
typedef struct ps_plan
{
	const ps_learner *learner;
	const ps_value *options;	/* complete */
	int			target;
	int			weight;
	size_t		nfeatures;
	size_t	   *features;
} ps_plan;

extern ps_status ps_plan_make(const ps_env *env, const ps_learner *learner, const ps_value *options,
							  const ps_column *columns, size_t ncolumns, ps_plan *out, ps_value *notes, ps_error *error);

/* Default for ps_learner.choose: every column but histories and types none can read, which are left out with a note. */
extern ps_status ps_choose_features(const ps_env *env, const ps_value *options, const ps_column *columns, size_t n,
									size_t *features, size_t *nfeatures, ps_value *notes, ps_error *error);

/* The column of the moment judged, from which a row's other moments are counted where it is a moment itself. */
#define PS_AS_OF "as_of"
extern bool ps_is_as_of(const char *name, ps_type type);

/* The option time_zone where it is not given. */
#define PS_UTC "UTC"

/* Days in the option time_unit: day 1, week 7, month 365.25/12, year 365.25. */
extern double ps_time_unit_days(const char *time_unit);

#endif							/* PS_LEARNER_H */
