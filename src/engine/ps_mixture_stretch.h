/*-------------------------------------------------------------------------
 *
 * ps_mixture_stretch.h
 *	  Covariances of clusters that are round but for one direction.
 *
 * Of the form "stretched" is U (b I + (a - b) u u') U: each cluster has its own
 * variance b, and a in its own direction u; the units U of the columns, a
 * diagonal matrix, are those of all clusters.  Two numbers a column and cluster
 * are all that is to be estimated, where a full covariance has half as many as
 * columns by columns: groups of few rows in many columns can lie slanted without
 * costing more than they explain.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_MIXTURE_STRETCH_H
#define PS_MIXTURE_STRETCH_H

#include "ps_mixture.h"

/*
 * Replace the full covariances S of a mixture by stretched ones that make the
 * rows, rows[k] of each cluster, likelier than those before did.  For given
 * units the likelihood is largest with u and a the first eigenvector and value
 * of U^-1 S U^-1 and b the mean of the other values; for given a, b and u one
 * unit after the other is moved to where it is largest (conditional
 * maximisation, Meng and Rubin 1993).
 */
extern ps_status ps_mixture_stretch(const ps_env *env, const double *rows, ps_mixture *of, ps_error *error);

#endif							/* PS_MIXTURE_STRETCH_H */
