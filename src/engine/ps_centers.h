/*-------------------------------------------------------------------------
 *
 * ps_centers.h
 *	  Clusters that are told apart by the nearest of their centers: what is
 *	  saved of them, and how the methods that make them answer.
 *
 * A cluster may have more points than its center: a row then belongs to the
 * cluster that has the nearest point, so that clusters can have any shape.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_CENTERS_H
#define PS_CENTERS_H

#include "ps_encode.h"
#include "ps_learner.h"

/* Points of a model at most. */
#define PS_CENTERS_POINTS 2048

/* A model ready to score. */
typedef struct ps_centers
{
	ps_encoder *encoder;
	size_t		k;
	const double **centers;		/* k times width numbers, standardised */
	const double **points;		/* of each cluster; the center where nothing else is saved */
	size_t	   *first;			/* k + 1: the points of cluster c are number first[c] .. first[c + 1] - 1 */
	double	   *tiles;			/* all points in tiles of PS_NEWTON_ROWS, column by column; NULL if one a cluster */
	double	   *half_norms;		/* and half their squared lengths */
} ps_centers;

/*
 * Save k clusters as the member "clusters", numbered by size, the largest
 * first.  centers: k x width, standardised; sizes: rows of each.  order[k],
 * unless it is NULL, receives which of them is in each place of the list.
 */
extern ps_status ps_centers_save(const ps_env *env, const ps_encoder *encoder, const double *centers,
								 const size_t *sizes, size_t k, size_t *order, ps_value *parameters, ps_error *error);

/* Save the points of a cluster, an item of that list: npoints x width, standardised. */
extern ps_status ps_centers_save_points(const ps_env *env, const double *points, size_t npoints, size_t width,
										ps_value *cluster, ps_error *error);

/* What ps_learner.h says of load, answer, explain and evaluate; the state is a ps_centers. */
extern ps_status ps_centers_load(const ps_env *env, const ps_value *parameters, const ps_input *inputs,
								 size_t ninputs, void **state, ps_error *error);
extern ps_status ps_centers_answer(const ps_env *env, const void *state, ps_question question, const ps_cell *cells,
								   const ps_request *request, ps_answer *answer, ps_error *error);
extern ps_status ps_centers_explain(const ps_env *env, const void *state, const ps_cell *cells, double *baseline,
									double *contributions, ps_error *error);
extern ps_status ps_centers_evaluate(const ps_env *env, const void *state, const ps_frame *frame,
									 ps_value *metrics, double *loss, ps_error *error);

#endif							/* PS_CENTERS_H */
