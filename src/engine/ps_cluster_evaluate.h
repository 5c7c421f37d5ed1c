/*-------------------------------------------------------------------------
 *
 * ps_cluster_evaluate.h
 *	  How good the clusters are that a model makes of the rows of a frame.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_CLUSTER_EVALUATE_H
#define PS_CLUSTER_EVALUATE_H

#include "ps_encode.h"

/* Encode a row into x[width] and find its cluster, from 0. */
typedef ps_status (*ps_cluster_place) (const void *state, const ps_cell *cells, double *x, size_t *cluster,
									   ps_error *error);

/* A model that encodes rows and answers PS_ASK_CLUSTER by a place from 1, as its learner does. */
typedef struct ps_clustering
{
	const ps_env *env;
	const ps_encoder *encoder;
	ps_status	(*answer) (const ps_env *env, const void *state, ps_question question, const ps_cell *cells,
						   const ps_request *request, ps_answer *answer, ps_error *error);
	const void *state;
} ps_clustering;

/* A ps_cluster_place, whose state is a ps_clustering. */
extern ps_status ps_clustering_place(const void *clustering, const ps_cell *cells, double *x, size_t *cluster,
									 ps_error *error);

/*
 * Add the silhouette and the indices of Calinski and Harabasz and of Davies
 * and Bouldin (ps_cluster_quality.h) to metrics, null where they are not
 * defined: of all rows where there are no more than 4,096, otherwise of a sample
 * of about so many that does not depend on their order.
 */
extern ps_status ps_cluster_measure(const ps_env *env, const ps_frame *frame, ps_cluster_place place, const void *state,
									size_t width, size_t k, ps_value *metrics, ps_error *error);

#endif							/* PS_CLUSTER_EVALUATE_H */
