/*-------------------------------------------------------------------------
 *
 * ps_bins.h
 *	  Raw columns to codes of one byte, by rules fitted once and kept in the
 *	  model.
 *
 * number	the number of edges below the value: a value belongs to the bin
 *			whose upper edge is the first that is not less.  At most
 *			PS_BINS_EDGES edges, one between any two values if these are few,
 *			otherwise at quantiles.
 *			Numbers that look like identifiers (ps_identifier.h) are left out
 *			unless the option "include" names them.
 * boolean	the same with 0 and 1.
 * interval	the same in days.
 * moment	the same of its age (ps_age.h); as_of itself is left out.  Month and
 *			weekday are further inputs where ps_calendar_helps says so, like
 *			texts whose levels are the part's values.
 * text		the number of the level, the most frequent first; what is none of
 *			the levels is the code after them.  A level has PS_BINS_LEVEL_ROWS
 *			rows or more, and there are at most PS_BINS_LEVELS.
 *
 * NULL is PS_BINS_NULL.  Fitting and scoring compare the same doubles with the
 * same edges.
 *
 * An input in which nothing varies is unused: it has no code.
 *
 * Kept as a list of one object per input:
 *		{"column": name, "edges": [ascending]}		number, boolean
 *		{"column": name, "levels": [...]}			text
 *		{"column": name, "part": "month"}			of a moment, after all others
 *		{"column": name}							unused
 * A number of which only NULL or not matters has no edges.  Beside the list
 * stands the reference of ps_age.h.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_BINS_H
#define PS_BINS_H

#include "ps_age.h"
#include "ps_calendar.h"
#include "ps_frame.h"
#include "ps_learner.h"
#include "ps_levels.h"

#define PS_BINS 256				/* codes there are */
#define PS_BINS_NULL 255
#define PS_BINS_EDGES 254
#define PS_BINS_LEVELS 254
#define PS_BINS_LEVEL_ROWS 10

typedef struct ps_bin_input
{
	const char *name;
	size_t		source;			/* the model's input and column of the frame */
	ps_type		type;			/* text for calendar parts */
	ps_calendar_part part;		/* or none */
	const ps_ages *ages;		/* of a moment as a number, otherwise NULL */
	bool		used;
	size_t		codes;			/* without PS_BINS_NULL: edges or levels, and one more */
	double	   *edges;			/* PS_BINS numbers, infinite past the last; NULL for texts */
	ps_levels	levels;
} ps_bin_input;

typedef struct ps_bins
{
	size_t		ninputs;		/* with the calendar parts of inputs, which come last */
	ps_bin_input *inputs;
	ps_ages		ages;
} ps_bins;

/*
 * Fit the rules to a frame; quantiles are those of the rows with the smallest
 * hashes. options as completed, or NULL.
 */
extern ps_status ps_bins_fit(const ps_env *env, const ps_frame *frame, const uint64_t *hashes,
							 const ps_value *options, ps_bins **out, ps_value *notes, ps_error *error);

/* Write the rules into an object as "columns" and "reference"; validate and read them back. */
extern ps_status ps_bins_save(const ps_env *env, const ps_bins *bins, ps_value *object, ps_error *error);
extern ps_status ps_bins_load(const ps_env *env, const ps_value *object, const ps_input *inputs, size_t ninputs,
							  ps_bins **out, ps_error *error);

/*
 * The code of a number that is not NaN: as many steps for any number, and no
 * choice to guess for the processor.
 */
static inline uint8_t
ps_bins_number(const ps_bin_input *input, double number)
{
	const double *edges = input->edges;
	uint32_t	code = 0;

#define STEP(half) code += (uint32_t) (edges[code + half - 1] < number) * half;
	STEP(128) STEP(64) STEP(32) STEP(16) STEP(8) STEP(4) STEP(2) STEP(1)
#undef STEP
	return (uint8_t) code;
}

/* Code a used input of a row of cells; a number that is NaN or infinite is PS_INVALID_DATA. */
extern ps_status ps_bins_cell(const ps_bin_input *input, const ps_cell *cells, uint8_t *code, ps_error *error);

/* The used columns of a frame as codes, row by row and column by column. */
typedef struct ps_bin_matrix
{
	size_t		rows;
	size_t		width;			/* columns */
	size_t		stride;			/* width rounded up to a multiple of 4 */
	size_t	   *inputs;			/* width: which input a column is */
	uint8_t    *by_row;			/* rows x stride, 0 past the width */
	uint8_t    *by_column;		/* width x rows */
} ps_bin_matrix;

extern ps_status ps_bins_matrix(const ps_env *env, const ps_bins *bins, const ps_frame *frame,
								ps_bin_matrix **out, ps_error *error);

/* Give back the codes; which input a column is stays known. */
extern void ps_bins_release_codes(const ps_env *env, ps_bin_matrix *matrix);

#endif							/* PS_BINS_H */
