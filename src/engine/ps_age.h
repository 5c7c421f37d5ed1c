/*-------------------------------------------------------------------------
 *
 * ps_age.h
 *	  Moments as ages: how long ago they were.
 *
 * A moment is counted in days from it to the row's own moment in the column
 * "as_of", where that is an input and a moment; otherwise to the latest moment
 * that any of the inputs had while fitting, which is kept in the model as
 *		"reference": days since 2000-01-01
 * An age is NULL where either moment is.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_AGE_H
#define PS_AGE_H

#include "ps_frame.h"
#include "ps_learner.h"

typedef struct ps_ages
{
	bool		moments;		/* some input is one */
	int			as_of;			/* the input that others are counted from, or -1 */
	double		reference;		/* the moment they are counted from where there is none */
} ps_ages;

/* Find from where the moments of a frame are counted. */
extern ps_status ps_ages_fit(const ps_env *env, const ps_frame *frame, ps_ages *out, ps_error *error);

/* Write the reference into an object if there is one, and read it back. */
extern ps_status ps_ages_save(const ps_env *env, const ps_ages *ages, ps_value *object, ps_error *error);
extern ps_status ps_ages_load(const ps_value *object, const ps_input *inputs, size_t ninputs, ps_ages *out,
							  ps_error *error);

/* Is this an input of moments that are counted from another one? */
static inline bool
ps_is_age(const ps_ages *ages, ps_type type, size_t input)
{
	return type == PS_TYPE_MOMENT && (int64_t) input != ages->as_of;
}

/* Compute the ages of count rows of a chunk from start on, in days; NAN where unknown. */
extern void ps_ages_read(const ps_ages *ages, const ps_frame *frame, size_t column, size_t chunk, size_t start,
						 size_t count, double *out);

/* Compute the age in a row of cells; false when it is unknown. */
extern bool ps_ages_cell(const ps_ages *ages, const ps_cell *cells, size_t input, double *out);

#endif							/* PS_AGE_H */
