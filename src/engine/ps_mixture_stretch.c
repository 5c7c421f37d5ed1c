/*-------------------------------------------------------------------------
 *
 * ps_mixture_stretch.c
 *	  Covariances of clusters that are round but for one direction.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "ps_mixture_stretch.h"

#define POWER_ROUNDS 40			/* of power iteration */

/* A cluster in units of the columns: b I + (a - b) u u'. */
typedef struct stretch
{
	double		rows;
	double		along;			/* a */
	double		across;			/* b */
	double	   *direction;		/* width: u */
} stretch;

/* An element of a covariance of which the lower triangle is kept. */
static double
element(const ps_mixture *of, size_t c, size_t i, size_t j)
{
	return of->covariance[c * of->stride + (i > j ? i * of->padded + j : j * of->padded + i)];
}

/*
 * Find direction and variances of a cluster by power iteration from the column
 * with the largest variance.  product: width, to work in.
 */
static ps_status
find_stretch(const ps_env *env, const ps_mixture *of, size_t c, double *product, stretch *out, ps_error *error)
{
	size_t		width = of->width;
	size_t		start = 0;
	double		most = 0;
	double		trace = 0;

	for (size_t j = 0; j < width; j++)
	{
		double		variance = element(of, c, j, j) / (of->unit[j] * of->unit[j]);

		trace += variance;
		if (variance > most)
		{
			most = variance;
			start = j;
		}
	}
	for (size_t j = 0; j < width; j++)
		product[j] = element(of, c, start, j) / of->unit[j];
	for (int round = 0; round < POWER_ROUNDS; round++)
	{
		double		length = 0;

		for (size_t j = 0; j < width; j++)
			length += product[j] * product[j];
		length = sqrt(length);
		for (size_t j = 0; j < width; j++)
		{
			out->direction[j] = product[j] / length;
			product[j] = 0;
		}
		for (size_t i = 0; i < width; i++)
			for (size_t j = 0; j <= i; j++)
			{
				double		value = element(of, c, i, j) / (of->unit[i] * of->unit[j]);

				product[i] += value * out->direction[j];
				if (j < i)
					product[j] += value * out->direction[i];
			}
	}
	PS_TRY(ps_poll(env, 0, error));
	out->along = 0;
	for (size_t j = 0; j < width; j++)
		out->along += out->direction[j] * product[j];
	out->across = (trace - out->along) / (double) (width - 1);
	return PS_OK;
}

/*
 * Move one unit: with y its inverse, the log likelihood of all rows is a
 * constant plus N log y - A y^2 / 2 - B y, which is largest where
 * A y^2 + B y = N.
 */
static void
move_unit(const stretch *clusters, size_t j, ps_mixture *of)
{
	double		rows = 0;
	double		square = 0;
	double		linear = 0;

	for (size_t c = 0; c < of->k; c++)
	{
		const stretch *cluster = &clusters[c];
		double		removed = (1 - cluster->across / cluster->along) * cluster->direction[j];
		double		weight = cluster->rows / cluster->across;

		rows += cluster->rows;
		square += weight * (1 - removed * cluster->direction[j]) * element(of, c, j, j);
		for (size_t i = 0; i < of->width; i++)
			if (i != j)
				linear -= weight * removed * cluster->direction[i] * element(of, c, i, j) / of->unit[i];
	}
	of->unit[j] = 2 * square / (sqrt(linear * linear + 4 * square * rows) - linear);
}

ps_status
ps_mixture_stretch(const ps_env *env, const double *rows, ps_mixture *of, ps_error *error)
{
	size_t		width = of->width;
	stretch    *clusters;
	double	   *directions;
	double	   *product;

	if (width < 2)
		return PS_OK;
	PS_TRY(ps_alloc(env, of->k, sizeof(*clusters), &clusters, error));
	PS_TRY(ps_alloc(env, of->k, width * sizeof(double), &directions, error));
	PS_TRY(ps_alloc(env, width, sizeof(double), &product, error));
	for (size_t c = 0; c < of->k; c++)
	{
		clusters[c] = (stretch) {.rows = rows[c],.direction = directions + c * width};
		PS_TRY(find_stretch(env, of, c, product, &clusters[c], error));
	}
	for (size_t j = 0; j < width; j++)
		move_unit(clusters, j, of);
	PS_TRY(ps_poll(env, 0, error));
	for (size_t c = 0; c < of->k; c++)
		for (size_t i = 0; i < width; i++)
			for (size_t j = 0; j <= i; j++)
				of->covariance[c * of->stride + i * of->padded + j] = of->unit[i] * of->unit[j] *
					((i == j ? clusters[c].across : 0) + (clusters[c].along - clusters[c].across) *
					 clusters[c].direction[i] * clusters[c].direction[j]);
	ps_release(env, clusters);
	ps_release(env, directions);
	ps_release(env, product);
	return PS_OK;
}
