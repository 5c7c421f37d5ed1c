/*-------------------------------------------------------------------------
 *
 * ps_gradients.h
 *	  Gradients and curvatures as integers, two in a word.
 *
 * The upper 32 bits of a word are a signed gradient, the lower 32 an unsigned
 * curvature, in units that let the sum over all rows fit.  Sums of such words
 * are therefore pairs of sums, and the same in any order.
 *
 * Rounding is dithered: a number x becomes floor(x + u), with u in [0, 1) from
 * the hash of the row and the tree.  Rounding to the nearest would push equal
 * rows all the same way, and a small gradient to zero in every tree.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_GRADIENTS_H
#define PS_GRADIENTS_H

#include "ps_loss.h"

typedef struct ps_gradients
{
	uint64_t   *words;			/* one per row of the frame */
	double		gradient_unit;	/* powers of two */
	double		curvature_unit;
} ps_gradients;

static inline double
ps_gradient_of(const ps_gradients *gradients, uint64_t word)
{
	return (double) (int32_t) (word >> 32) * gradients->gradient_unit;
}

static inline double
ps_curvature_of(const ps_gradients *gradients, uint64_t word)
{
	return (double) (uint32_t) word * gradients->curvature_unit;
}

/* Compute the words of all rows at f[rows], which include the start, for one tree. */
extern ps_status ps_gradients_compute(const ps_env *env, const ps_frame *frame, const ps_loss *loss,
									  const uint64_t *hashes, uint64_t tree, const float *f,
									  ps_gradients *gradients, ps_error *error);

#endif							/* PS_GRADIENTS_H */
