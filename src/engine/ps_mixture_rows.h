/*-------------------------------------------------------------------------
 *
 * ps_mixture_rows.h
 *	  The rows that a mixture is fitted to, and a sample of them.
 *
 * Rows are encoded, standardised and stored in tiles in the order of the hash
 * of their content, so that the order in which they came changes no sum: the
 * same rows give the same model to the last bit.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_MIXTURE_ROWS_H
#define PS_MIXTURE_ROWS_H

#include "ps_encode.h"
#include "ps_kernels.h"

/* Encoded rows in the order of their content's hash. */
typedef struct ps_mixture_rows
{
	const ps_env *env;
	const ps_kernels *kernels;
	size_t		count;
	size_t		width;			/* columns */
	size_t		padded;			/* width rounded up to a multiple of 4 */
	size_t		ntiles;
	double	   *tiles;			/* ntiles x padded x PS_NEWTON_ROWS, 0 past the last row and column */
	double	   *weights;		/* ntiles x PS_NEWTON_ROWS, 0 past the last row */
	double		total;			/* of the weights */
} ps_mixture_rows;

/* The values of one row, PS_NEWTON_ROWS apart. */
static inline double *
ps_mixture_row(const ps_mixture_rows *rows, size_t row)
{
	return rows->tiles + row / PS_NEWTON_ROWS * rows->padded * PS_NEWTON_ROWS + row % PS_NEWTON_ROWS;
}

/*
 * Encode a frame, put the rows in order, and take a sample: the rows whose hash
 * of content and number of occurrence is small, or where few are different one
 * of each with the weight of all its copies.  *distinct is how many are different, (*order)[i] the frame's row
 * i of that order.
 */
extern ps_status ps_mixture_rows_read(const ps_env *env, const ps_frame *frame, const ps_encoder *encoder,
									  ps_mixture_rows *rows, ps_mixture_rows *sample, size_t **order,
									  size_t *distinct, ps_error *error);

#endif							/* PS_MIXTURE_ROWS_H */
