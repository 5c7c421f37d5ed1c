/*-------------------------------------------------------------------------
 *
 * ps_encode.h
 *	  Raw columns to a design matrix, by rules fitted once and kept in the
 *	  model.
 *
 * number	the value; NULL becomes the mean.  Where at least "enough" rows
 *			have NULL, a second column is 1 for them.
 * boolean	the same with 0 and 1.
 * interval	the same in days.
 * moment	its age in days (ps_age.h), a number like others; as_of itself has no
 *			design column.  Month and weekday add 0/1 columns by the rules of
 *			texts (none for NULL) where ps_calendar_helps says so.
 * text		one 0/1 column per level with enough rows, at most
 *			PS_ENCODE_LEVELS, the most frequent first; one for all other
 *			values together and one for NULL, each where it has enough rows.
 *			Rarer NULLs count as other values.  A value of none of these, such
 *			as one never seen while fitting, is all zeroes.
 *
 * Enough is 10 rows or one in a thousand, whichever is more: on fewer rows a
 * 0/1 column says nothing that holds for new rows and often separates the
 * classes.  For linear methods the first column of each text is left out (the
 * reference level), since the columns of a text add up to the intercept.
 * Inputs that leave no column are left out with a note, and so are numbers and
 * texts that look like identifiers (ps_identifier.h) unless the option
 * "include" names them.
 *
 * For clusters, numbers but yes and no are prepared first (ps_preparation.h).
 * Where distances between rows are taken, two different values of a text, a
 * boolean or a number of two values count as much as two rows differ in a
 * number on average, whichever values these are and however rare: two squared
 * units.  (Scaled to standard deviation 1, a
 * level of one row in a hundred would count a hundred.)  Per column this is
 * the weight that Hennig and Liao (How to find an appropriate clustering for
 * mixed-type variables, Applied Statistics 62, 2013) advise.  A number and
 * NULL, which is at the mean, are another unit apart.
 *
 * Nothing here depends on the order of rows: sums are compensated, so that
 * means and scales are the same to the last bit but for one row set in many
 * millions.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_ENCODE_H
#define PS_ENCODE_H

#include "ps_age.h"
#include "ps_env.h"
#include "ps_frame.h"
#include "ps_kernels.h"
#include "ps_learner.h"
#include "ps_value.h"

#define PS_ENCODE_LEVELS 100
#define PS_ENCODE_COLUMNS 2000	/* widest design matrix */

struct ps_encode_input;

typedef struct ps_encoder
{
	size_t		width;			/* design columns */
	double	   *mean;			/* of each design column, in the data's units or as prepared */
	double	   *scale;			/* what it is divided by: its standard deviation unless measured says otherwise */
	double	   *range;			/* largest minus smallest value seen; NULL in a loaded encoder */
	size_t	   *origin;			/* the model's input that each design column comes from */
	bool		reference_dropped;
	bool		measured;		/* yes and no, and levels, have the scales of distances */
	ps_ages		ages;
	size_t		ninputs;		/* with the calendar parts of inputs, which come last */
	struct ps_encode_input *inputs;
	double	   *number_means;	/* of the inputs when all are plain numbers, without text, moment or part; else NULL */
	int32_t    *number_columns; /* and their design columns */
} ps_encoder;

/* What a design column stands for. */
typedef enum ps_encode_kind
{
	PS_ENCODE_VALUE,			/* the number itself, the age of a moment, or 1 for true */
	PS_ENCODE_LEVEL,			/* 1 where the text or calendar part is this level */
	PS_ENCODE_OTHER,			/* 1 where the text is none of the levels */
	PS_ENCODE_NULL				/* 1 where the value is NULL */
} ps_encode_kind;

/* Fit the rules to a frame without histories. options as completed, or NULL. */
extern ps_status ps_encode_fit(const ps_env *env, const ps_frame *frame, const ps_value *options, bool drop_reference,
							   ps_encoder **out, ps_value *notes, ps_error *error);

/* Options of methods that prepare numbers. */
#define PS_ENCODE_TRANSFORM \
	{"transform", PS_OPTION_TEXT, NAN, 0, 0, "auto none", "Whether the logarithm is taken of numbers with a long tail."}
#define PS_ENCODE_SCALE \
	{"scale", PS_OPTION_TEXT, NAN, 0, 0, "robust standard", "Whether numbers far outside count as if they were nearer, and columns that would hide groups count less."}

/*
 * The same with all levels and prepared numbers, by these options where the
 * method has them.  For distances, yes and no and levels get the scales above,
 * and numbers beyond their limits count as these also when encoded: no value of
 * a column is then more than ten units from another.  Otherwise the limits hold
 * only for means and scales.  It is an error when no column is left.
 */
extern ps_status ps_encode_fit_prepared(const ps_env *env, const ps_frame *frame, const ps_value *options,
										bool for_distances, ps_encoder **out, ps_value *notes, ps_error *error);

/* Let a design column, PS_ENCODE_VALUE, count as much as this weight, above 0, times what it did. */
extern void ps_encode_weigh(ps_encoder *encoder, size_t column, double weight);

/* Write the rules into an empty object, and validate and read them back. */
extern ps_status ps_encode_save(const ps_env *env, const ps_encoder *encoder, ps_value *object, ps_error *error);
extern ps_status ps_encode_load(const ps_env *env, const ps_value *object, const ps_input *inputs, size_t ninputs,
								ps_encoder **out, ps_error *error);

/* Describe a design column; *level is set for PS_ENCODE_LEVEL. */
extern ps_encode_kind ps_encode_term(const ps_encoder *encoder, size_t column, const char **name, const char **level);

/* The same as words for messages: age, "month" = 'Feb', ... */
extern void ps_encode_term_text(const ps_encoder *encoder, size_t column, char *out, size_t size);

/* The number of a design column, PS_ENCODE_VALUE, whose standardised value is given, in the data's units. */
extern double ps_encode_inverse(const ps_encoder *encoder, size_t column, double standardised);

/* The number of a row that a design column, PS_ENCODE_VALUE, stands for, in the data's units; NAN for NULL. */
extern double ps_encode_number(const ps_encoder *encoder, const ps_frame *frame, size_t column, size_t row);

/* An encoder made ready for the text dictionaries of one frame. */
typedef struct ps_encoding
{
	const ps_encoder *encoder;
	const ps_frame *frame;
	const ps_kernels *kernels;
	int32_t   **columns;		/* of each text and calendar part: the design column of each code, -1 for none */
} ps_encoding;

extern ps_status ps_encode_bind(const ps_env *env, const ps_encoder *encoder, const ps_frame *frame,
								ps_encoding **out, ps_error *error);

/*
 * Encode count rows of a chunk from start on, minus mean divided by scale:
 * design column j goes to out[j * stride ..].
 */
extern void ps_encode_tile(const ps_encoding *encoding, size_t chunk, size_t start, size_t count,
						   double *out, size_t stride);

/* Encode one row of cells the same way into out[width]. */
extern ps_status ps_encode_row(const ps_encoder *encoder, const ps_cell *cells, double *out, ps_error *error);

/* The same without the limits of numbers. */
extern ps_status ps_encode_row_unbounded(const ps_encoder *encoder, const ps_cell *cells, double *out, ps_error *error);

/*
 * The logarithm of what a density of encoded rows is multiplied by at a row to
 * be one in the data's units, without limits: that of the slopes of its
 * columns.
 */
extern double ps_encode_log_slope(const ps_encoder *encoder, const ps_cell *cells);

/*
 * Add up coefficients[width], which are in the data's units, times the design
 * columns of one row of cells, all but 0/1 columns of texts being taken as distances
 * from their means: for large numbers that vary little, the plain products
 * would cancel to nothing.
 */
extern ps_status ps_encode_dot(const ps_encoder *encoder, const ps_cell *cells, const double *coefficients,
							   double *out, ps_error *error);

#endif							/* PS_ENCODE_H */
