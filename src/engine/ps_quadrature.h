/*-------------------------------------------------------------------------
 *
 * ps_quadrature.h
 *	  Integrals of smooth functions.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_QUADRATURE_H
#define PS_QUADRATURE_H

#define PS_GAUSS_NODES 16

/* Nodes on (0, 1) and weights that sum to 1. */
typedef struct ps_gauss_node
{
	double		at;
	double		weight;
} ps_gauss_node;

extern const ps_gauss_node ps_gauss[PS_GAUSS_NODES];

typedef double (*ps_integrand) (const void *data, double y);

/*
 * Integral of f >= 0, single-peaked, from "from" towards "to", which may be
 * smaller (the result is positive all the same) or infinite, in panels of at
 * most width.  Ends early where panels no longer add anything.
 */
extern double ps_integrate(ps_integrand f, const void *data, double from, double to, double width);

/* What is averaged; values[2] receives the results. */
typedef void (*ps_beta_integrand) (const void *data, double p, double *values);

/*
 * Averages means[2] over p ~ Beta(a, b) by the trapezoidal rule in log(p / (1 - p)).
 * The values must be constant where p * left or (1 - p) * right is tiny.
 */
extern void ps_average_beta(ps_beta_integrand value, const void *data, double a, double b, double left, double right,
							double *means);

#endif							/* PS_QUADRATURE_H */
