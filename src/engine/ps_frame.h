/*-------------------------------------------------------------------------
 *
 * ps_frame.h
 *	  Typed columns of one training set in memory, and single rows.
 *
 * Every learner reads frames and nothing else.  A frame is filled row by row
 * and is then only read.  Columns are stored in chunks of PS_FRAME_CHUNK rows
 * so that a growing frame never copies what it holds.
 *
 * A row to score is an array of ps_cell in the order of the model's inputs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_FRAME_H
#define PS_FRAME_H

#include "ps_env.h"
#include "ps_value.h"

#define PS_FRAME_CHUNK 4096

typedef enum ps_type
{
	PS_TYPE_NUMBER,
	PS_TYPE_BOOLEAN,
	PS_TYPE_TEXT,
	PS_TYPE_HISTORY,			/* a purchase history judged at a moment */
	PS_TYPE_MOMENT,				/* date or time: days since 2000-01-01, with fractions */
	PS_TYPE_INTERVAL,			/* length of time, in days */
	PS_TYPE_OTHER,				/* a column type that no method reads (yet) */
	PS_TYPE_IDENTIFIER			/* one that only tells rows apart: no method ever reads it */
} ps_type;

/* "number", "boolean", "text", "history", "moment", "interval"; and back (PS_TYPE_OTHER when unknown). */
extern const char *ps_type_name(ps_type type);
extern ps_type ps_type_of_name(const char *name);

/*
 * Purchase history in the literature's sense, in days (or, for plain columns
 * named by the options, in the model's time unit): number of repeat
 * occasions; first to last occasion (0 without repeats); first occasion to
 * the moment judged; mean amount of the repeat occasions whose amount is
 * known (NAN when there is none).
 */
typedef struct ps_history
{
	double		frequency;
	double		recency;
	double		tenure;
	double		monetary;
} ps_history;

typedef struct ps_cell
{
	bool		null;
	double		number;			/* number, moment, interval; boolean as 0 or 1 */
	const char *text;			/* text, not terminated */
	size_t		length;
	ps_history	history;
} ps_cell;

typedef struct ps_column
{
	const char *name;
	ps_type		type;
} ps_column;

typedef struct ps_frame ps_frame;

/*
 * An empty frame with these feature columns (names are copied); env must
 * live as long as the frame.  has_target
 * and has_weight say whether ps_frame_append will be given them.
 */
extern ps_status ps_frame_create(const ps_env *env, const ps_column *columns, size_t ncolumns,
								 bool has_target, bool has_weight, ps_frame **out, ps_error *error);

/*
 * Append a row. cells[ncolumns] in column order. Text is copied (each
 * distinct text once per column). A number, moment or interval that is NaN or infinite is
 * PS_INVALID_DATA naming the column and the row. Target finite; weight finite
 * and not negative (PS_INVALID_DATA otherwise); both ignored unless announced.
 */
extern ps_status ps_frame_append(ps_frame *frame, const ps_cell *cells, double target, double weight, ps_error *error);

/* The same in place of a row that is there. After a failure that row is undefined. */
extern ps_status ps_frame_replace(ps_frame *frame, size_t row, const ps_cell *cells, double target, double weight,
								  ps_error *error);

/* Forget the texts that replaced rows left in the dictionaries; codes change. */
extern ps_status ps_frame_drop_unused_levels(ps_frame *frame, ps_error *error);

/*
 * A new frame with columns[ncolumns] of a frame, by index, and its rows where
 * marks[rows] is as wanted.  When marks is NULL it has all rows and shares
 * their memory: the frame must then live as long, and none of the two changes.
 */
extern ps_status ps_frame_select(const ps_env *env, const ps_frame *frame, const size_t *columns, size_t ncolumns,
								 const bool *marks, bool wanted, ps_frame **out, ps_error *error);

/*
 * Put the rows of a frame in another order, those with marks[rows] last, and
 * give both parts as frames that share its memory but for a chunk or two.
 */
extern ps_status ps_frame_divide(const ps_env *env, ps_frame *frame, const bool *marks, ps_frame **rest,
								 ps_frame **marked, ps_error *error);

/* Turn the targets round, which are 0 and 1, before any other frame shares them. */
extern ps_status ps_frame_turn_targets(ps_frame *frame, ps_error *error);

extern size_t ps_frame_rows(const ps_frame *frame);
extern size_t ps_frame_columns(const ps_frame *frame);
extern const ps_column *ps_frame_column(const ps_frame *frame, size_t column);
extern bool ps_frame_has_target(const ps_frame *frame);
extern bool ps_frame_has_weight(const ps_frame *frame);
extern size_t ps_frame_memory(const ps_frame *frame);	/* bytes taken from the allocator */

/*
 * Chunk access for the loops that matter. chunk c holds the rows
 * c * PS_FRAME_CHUNK .. ; *count receives how many.  Numbers and booleans:
 * doubles, NAN where NULL; so are moments and intervals. Text: codes into the dictionary, -1 where NULL.
 * Histories: tenure NAN where NULL.
 */
extern size_t ps_frame_chunks(const ps_frame *frame);
extern size_t ps_frame_chunk_rows(const ps_frame *frame, size_t chunk);
extern const double *ps_frame_numbers(const ps_frame *frame, size_t column, size_t chunk);
extern const int32_t *ps_frame_codes(const ps_frame *frame, size_t column, size_t chunk);
extern const ps_history *ps_frame_histories(const ps_frame *frame, size_t column, size_t chunk);
extern const double *ps_frame_targets(const ps_frame *frame, size_t chunk);	/* NULL unless has_target */
extern const double *ps_frame_weights(const ps_frame *frame, size_t chunk);	/* NULL unless has_weight: all 1 */

/* Dictionary of a text column, in order of first appearance; texts are zero-terminated. */
extern size_t ps_frame_levels(const ps_frame *frame, size_t column);
extern const char *ps_frame_level(const ps_frame *frame, size_t column, size_t code, size_t *length);

/* Row as cells, the way it would be scored; text points into the frame. */
extern void ps_frame_row(const ps_frame *frame, size_t row, ps_cell *cells);
extern double ps_frame_target(const ps_frame *frame, size_t row);
extern double ps_frame_weight(const ps_frame *frame, size_t row);

#endif							/* PS_FRAME_H */
