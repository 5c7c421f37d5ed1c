/*-------------------------------------------------------------------------
 *
 * ps_history.h
 *	  How purchase models find and check a customer's behaviour.
 *
 * Behaviour comes from one column of type history, found by its type, or
 * from number columns that the options name: frequency, recency, tenure,
 * monetary.  Nothing is guessed from a column's name: a CRM row's "recency"
 * may be days since the last purchase.  Histories are in days and are
 * converted to the model's time unit; number columns are already in it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_HISTORY_H
#define PS_HISTORY_H

#include "ps_learner.h"

/* What a method reads beside the frequency. */
#define PS_HISTORY_TIMES 1		/* recency and tenure */
#define PS_HISTORY_MONEY 2		/* monetary */
#define PS_HISTORY_OCCASIONS 4	/* recency and tenure count occasions to buy */

/* The options, to be listed among a learner's own. */
#define PS_HISTORY_OPTION(name, help) {name, PS_OPTION_COLUMN, NAN, 0, 0, NULL, help}
#define PS_HISTORY_FREQUENCY PS_HISTORY_OPTION("frequency", "Column with the number of repeat purchases.")
#define PS_HISTORY_RECENCY PS_HISTORY_OPTION("recency", \
	"Column with the time from the first to the last purchase, 0 without repeats.")
#define PS_HISTORY_TENURE PS_HISTORY_OPTION("tenure", \
	"Column with the time from the first purchase to the moment judged.")
#define PS_HISTORY_MONETARY PS_HISTORY_OPTION("monetary", "Column with the mean amount of the repeat purchases.")

typedef struct ps_history_reader
{
	unsigned	needs;
	double		unit;			/* days in the time unit of a history column; 0 for number columns */
	const char *names[4];		/* of the columns, in the order of ps_history's members; "" where not read */
	int			inputs[4];		/* their places among the inputs, -1 where not read */
} ps_history_reader;

/* ps_learner.choose for these methods. */
extern ps_status ps_history_choose(const ps_value *options, const ps_column *columns, size_t n, unsigned needs,
								   size_t *features, size_t *nfeatures, ps_error *error);

/* How many inputs hold the behaviour: one history, or a number for each member. */
extern size_t ps_history_width(unsigned needs, ps_type first);

/* Prepare reading; inputs that do not fit are PS_CORRUPT. */
extern ps_status ps_history_open(ps_history_reader *reader, unsigned needs, const char *time_unit,
								 const ps_input *inputs, size_t ninputs, ps_error *error);

/* The same for a frame built to ps_history_choose's plan; columns that follow are not read. */
extern ps_status ps_history_open_frame(ps_history_reader *reader, unsigned needs, const char *time_unit,
									   const ps_frame *frame, ps_error *error);

/*
 * Read and check one row; *null when the behaviour is unknown.  Monetary is
 * NAN when unknown or without repeat purchases; members that are not needed
 * mean nothing.
 */
extern ps_status ps_history_read(const ps_history_reader *reader, const ps_cell *cells,
								 ps_history *history, bool *null, ps_error *error);

/* Can rows be read as numbers: is the behaviour recency, tenure and frequency, in number columns? */
extern bool ps_history_takes_numbers(const ps_history_reader *reader);

/* Read and check a row of numbers; false where the behaviour is unknown or impossible, which ps_history_read tells. */
extern bool ps_history_read_numbers(const ps_history_reader *reader, const ps_numbers *row, ps_history *history);

/* Read and check row i of a chunk of a frame; errors name the row of the frame. */
extern ps_status ps_history_read_frame(const ps_history_reader *reader, const ps_frame *frame, size_t chunk,
									   size_t i, ps_history *history, bool *null, ps_error *error);

/* What ps_history_each does with a known history. */
typedef ps_status (*ps_history_visit) (void *sums, const ps_history *history, double weight, size_t row,
									   ps_error *error);

/* Visit every known history of a frame, in the order of its rows. */
extern ps_status ps_history_each(const ps_env *env, const ps_history_reader *reader, const ps_frame *frame,
								 ps_history_visit visit, void *sums, ps_error *error);

#endif							/* PS_HISTORY_H */
