/*-------------------------------------------------------------------------
 *
 * ps_centers.h
 *	  Clusters that are told apart by the nearest of their centers: what is
 *	  saved of them, and how the methods that make them answer.
 *
 * A cluster may have more points than its center: a row then belongs to the
 * cluster that has the nearest point, so that clusters can have any shape.
 *
 * A row is unlike any cluster when it is farther from the center of its cluster
 * than the cut of that: the upper quartile of the distances of the rows it
 * was made of plus three times the range between the quartiles ("far out",
 * Tukey, Exploratory Data Analysis, 1977), or the same of all rows where that
 * is more, so that a small or dense cluster does not turn its neighbours away.
 * Limits of numbers do not hold for this distance.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_CENTERS_H
#define PS_CENTERS_H

#include "ps_cluster_rows.h"
#include "ps_encode.h"
#include "ps_learner.h"

/* Points of a model with more than one a cluster at most; whole tiles of PS_NEWTON_ROWS. */
#define PS_CENTERS_POINTS 2048

/* The questions that are answered. */
#define PS_CENTERS_ANSWERS (1u << PS_ASK_SCORE | 1u << PS_ASK_CLUSTER | 1u << PS_ASK_CLUSTER_DISTANCE | \
							1u << PS_ASK_SECOND_CLUSTER | 1u << PS_ASK_UNLIKE)

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
	double	   *cuts;			/* k distances beyond which a row is unlike the cluster; NAN where not known */
} ps_centers;

/*
 * Save k clusters as the member "clusters", numbered by the rows they have,
 * the largest first.  centers: k x width, standardised; rows: all of the frame
 * with the cluster of each as its label.  Rows whose squared distance
 * from it is more than farthest (INFINITY for none) count for nothing.
 * order[k], unless it is NULL, receives which cluster is in each place of the
 * list.
 */
extern ps_status ps_centers_save(const ps_env *env, const ps_frame *frame, const ps_encoder *encoder,
								 const ps_cluster_rows *rows, const double *centers, size_t k, double farthest,
								 size_t *order, ps_value *parameters, ps_error *error);

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
