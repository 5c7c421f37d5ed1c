/*-------------------------------------------------------------------------
 *
 * ps_pieces.h
 *	  Whether the numbers of one column fall into pieces that lie apart.
 *
 * Numbers are cut into 1 to 12 pieces of least squares within (Fisher 1958,
 * exact by dynamic programming).  How many, is decided by the likelihood of
 * normal distributions of one common width, each number being of its piece
 * (Celeux and Govaert 1992), with the penalty of the BIC.  The likelihoods of
 * the same numbers on two scales, each with the slope of its scale, then say
 * on which one the pieces are more alike in width.
 *
 * A long tail cut into pieces is none with groups.  Pieces therefore count
 * only where there is a gap between them, as ps_cluster_quality.h looks for
 * it, but for a milder doubt of chance, since nothing but the scale hangs on it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_PIECES_H
#define PS_PIECES_H

#include <stddef.h>

#define PS_PIECES_NUMBERS 200

typedef struct ps_pieces
{
	size_t		count;			/* pieces with gaps between them and enough numbers */
	double		log_likelihood; /* less its penalty */
} ps_pieces;

/* Find the pieces of 2 to PS_PIECES_NUMBERS ascending numbers. */
extern ps_pieces ps_pieces_find(const double *x, size_t count);

#endif							/* PS_PIECES_H */
