/*-------------------------------------------------------------------------
 *
 * ps_mixture_start.h
 *	  Where EM begins: the rows cut into small pieces, joined into clusters.
 *
 * Means are drawn as for k-means (k-means++), many more than there will be
 * clusters, and moved by a few rounds of k-means: the rows nearest to each are a
 * piece, too small to reach from one group into another.  Pieces are then
 * joined two by two, each time those whose common normal distribution loses
 * the least likelihood (Fraley 1998), so that one series of joins gives a start
 * for every number of clusters.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_MIXTURE_START_H
#define PS_MIXTURE_START_H

#include "ps_mixture_em.h"
#include "ps_random.h"

/* Small pieces of the rows, and what their rows sum to. */
typedef struct ps_mixture_pieces
{
	ps_mixture	mixture;		/* a cluster for each piece */
	ps_mixture_scratch scratch;	/* with their sums */
} ps_mixture_pieces;

/* A join: the second piece, and what was joined to it, becomes part of the first, which comes before it. */
typedef struct ps_mixture_join
{
	size_t		first;
	size_t		second;
} ps_mixture_join;

/* Cut the rows into count pieces; with matrix, products of columns are summed, too, if there are not too many. */
extern ps_status ps_mixture_cut(const ps_mixture_rows *rows, size_t count, bool matrix, ps_random *random,
								ps_mixture_pieces *out, ps_error *error);
extern void ps_mixture_pieces_release(const ps_env *env, ps_mixture_pieces *pieces);

/*
 * Join the pieces, from all to one, as clusters of a form would be; joins[] has
 * room for one less than pieces.  least[] is what the variance of each column is
 * raised by.
 */
extern ps_status ps_mixture_join_pieces(const ps_mixture_rows *rows, const ps_mixture_pieces *pieces,
										ps_covariance_form form, const double *least, ps_mixture_join *joins,
										ps_error *error);

/* Set a mixture to the clusters that the joins make; there are no more of them than pieces. */
extern ps_status ps_mixture_start(const ps_mixture_rows *rows, const ps_mixture_pieces *pieces,
								  const ps_mixture_join *joins, const double *least, ps_mixture *out, ps_error *error);

#endif							/* PS_MIXTURE_START_H */
